"""A desk on every database that this machine has."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.review.stock import fill
from tests.stores.conftest import postgres_server, postgres_url
from textmine.review.desk import Desk

__all__ = ["postgres_server", "postgres_url"]

BACKENDS = ("sqlite", "postgresql")
_NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 is slow on purpose; the tests need no such strength."""
    from argon2 import PasswordHasher

    monkeypatch.setattr(
        "textmine.review.accounts._hasher",
        lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
    )


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def store_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes the URL of a new, empty store."""

    def make() -> str:
        if backend == "postgresql":
            url: str = request.getfixturevalue("postgres_url")()
            return url
        return f"sqlite:///{tmp_path / f'store{next(_NUMBERS)}'}.db"

    return make


@pytest.fixture
def url(store_url: Callable[[], str]) -> str:
    """A store with a run in it."""
    return fill(store_url())


@pytest.fixture
def desk(url: str) -> Iterator[Desk]:
    made = Desk(url, pool=4)
    yield made
    made.close()
