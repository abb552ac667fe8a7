"""Backends for the tests of the stores: every one that this machine has."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stores.postgres_server import Server, binaries

_NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def no_waiting_for_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests write need not outlive a power cut."""
    monkeypatch.setattr("textmine.stores.files._sync", lambda folder: None)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A server with a database; a visible skip where there is none."""
    pytest.importorskip("psycopg", reason="psycopg is not installed (textmine[postgres])")
    place = binaries()
    if place is None:
        pytest.skip("no PostgreSQL server here (apt-get install postgresql)")
    with Server(place) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: Server) -> Callable[[], str]:
    """Makes URLs of new, empty schemas on the server."""
    import psycopg

    def make() -> str:
        name = f"t{next(_NUMBERS)}"
        with psycopg.connect(postgres_server.url, autocommit=True) as db:
            db.execute(f"CREATE SCHEMA {name}".encode())
        return f"{postgres_server.url}?options=-csearch_path%3D{name}"

    return make


@pytest.fixture
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Makes the URL of a new store of a backend."""

    def make(backend: str) -> str:
        if backend == "postgresql":
            url: str = request.getfixturevalue("postgres_url")()
            return url
        place = tmp_path / f"store{next(_NUMBERS)}"
        return f"sqlite:///{place}.db" if backend == "sqlite" else f"{backend}:{place}"

    return make
