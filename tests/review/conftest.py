"""A desk on every database that this machine has."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.review.stock import fill
from tests.stores.conftest import postgres_server, postgres_url
from tests.stores.postgres_server import Server
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


@pytest.fixture(scope="session")
def filled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite store with a run in it, to be copied."""
    path = tmp_path_factory.mktemp("filled") / "filled.db"
    Desk(fill(f"sqlite:///{path}")).close()
    return path


@pytest.fixture(scope="session")
def filled_database(postgres_server: Server) -> str:
    """The same on the server: a database as a template."""
    _command(postgres_server, "CREATE DATABASE filled")
    Desk(fill(_of_name(postgres_server, "filled"))).close()
    return "filled"


def _command(server: Server, sql: str) -> None:
    import psycopg

    with psycopg.connect(server.url, autocommit=True) as database:
        database.execute(sql.encode())


def _of_name(server: Server, name: str) -> str:
    return f"{server.url.rpartition('/')[0]}/{name}"


@pytest.fixture
def url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store with a run in it."""
    name = f"d{next(_NUMBERS)}"
    if backend == "sqlite":
        path = tmp_path / f"{name}.db"
        shutil.copyfile(request.getfixturevalue("filled_file"), path)
        return f"sqlite:///{path}"
    template = request.getfixturevalue("filled_database")
    server: Server = request.getfixturevalue("postgres_server")
    _command(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    return _of_name(server, name)


@pytest.fixture
def desk(url: str) -> Iterator[Desk]:
    made = Desk(url, pool=4)
    yield made
    made.close()
