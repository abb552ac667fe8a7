"""What goes wrong around a store: told in words, without a password, and nothing half done."""

from __future__ import annotations

import builtins
import os
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.builders import annotated, bundle
from tests.stores.conformance import RETRACTED, run_of
from tests.stores.postgres_server import Server, binaries
from textmine.cli import main
from textmine.errors import ConfigError, MissingExtra, SchemaTooNew, StoreError, UnknownPart
from textmine.records import Annotated
from textmine.stores.base import open_store, shown_url
from textmine.stores.copy import fingerprint
from textmine.stores.sqlite import SQLiteStore

# --- URLs


def test_wrong_urls() -> None:
    with pytest.raises(ConfigError, match="no store URL"):
        open_store("textmine.db")
    with pytest.raises(UnknownPart, match="sqlite"):
        open_store("oracle://x")
    for url in ("sqlite://x", "parquet:", "jsonl://x", "kgx:", "postgresql:x"):
        with pytest.raises(ConfigError, match="Write"):
            open_store(url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:s3cret@host/db",
        "postgresql://ann:s3c@ret/x@host:5433/db?sslmode=require",
        "postgresql://host/db?user=ann&password=s3cret",
        "postgresql://host/db?sslPassword=s3cret",
    ],
)
def test_a_shown_url_has_no_password(url: str) -> None:
    assert "s3c" not in shown_url(url)
    assert "host" in shown_url(url)


def test_a_missing_extra_names_its_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] in ("psycopg", "pyarrow"):
            raise ImportError(name)
        return whole(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    for name in [n for n in sys.modules if n.partition(".")[0] in ("psycopg", "pyarrow")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(MissingExtra, match=r"pip install 'textmine\[postgres\]'"):
        open_store("postgresql://host/db")
    with pytest.raises(MissingExtra, match=r"pip install 'textmine\[parquet\]'"):
        open_store(f"parquet:{tmp_path / 'x'}")


# --- files


def test_no_command_makes_a_store_by_reading(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "absent.db"
    url = f"sqlite:///{path}"
    for command in (
        ["report", "--store", url, "-o", str(tmp_path)],
        ["store", "verify", "--to", url],
        ["store", "export", "--from", url, "--to", f"jsonl:{tmp_path / 'x'}"],
        ["store", "events", "--store", url],
        ["store", "trace", "x", "--store", url],
        ["store", "search", "x", "--store", url],
    ):
        assert main(command) == 2
        assert "There is no store" in capsys.readouterr().err
        assert not path.exists()


def test_something_else_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "not.db").write_bytes(b"this is no database at all" * 10)
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path}/not.db")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "mine.txt").write_text("keep")
    with pytest.raises(ConfigError, match="other files"):
        open_store(f"jsonl:{folder}")
    with pytest.raises(ConfigError, match="is a file"):
        open_store(f"jsonl:{folder}/mine.txt")
    with open_store(f"jsonl:{tmp_path / 'lines'}") as store:
        store.push(bundle())
    with pytest.raises(ConfigError, match="another kind"):
        open_store(f"kgx:{tmp_path / 'lines'}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_no_permission(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(StoreError, match="may you write there"):
        open_store(f"sqlite:///{folder}/t.db")
    with open_store(f"jsonl:{folder}/store") as store, pytest.raises(StoreError, match="may you"):
        store.push(bundle())


def test_a_file_that_may_only_be_read(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with SQLiteStore(path) as store:
        store.push(bundle())
    with SQLiteStore(path) as store:
        store._db.execute("PRAGMA query_only=ON")
        with pytest.raises(StoreError, match="may not write there"):
            store.push(bundle("run_2"))


def test_somebody_elses_file_is_read_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.db"
    with SQLiteStore(path) as store:
        store.push(bundle())
    before = path.read_bytes()
    monkeypatch.setattr("textmine.stores.sqlite.os.access", lambda *_: False)
    with SQLiteStore(path, create=False) as store:
        assert store.verify() == []
        assert len(list(store.articles())) == 2
        with pytest.raises(StoreError, match="may not write there"):
            store.push(bundle("run_2"))
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["t.db"]
    db = sqlite3.connect(path)
    db.execute("DELETE FROM migration WHERE name = '0005_search'")
    db.commit()
    with pytest.raises(StoreError, match="cannot be migrated"):
        SQLiteStore(path, create=False)
    db.execute("INSERT INTO migration VALUES ('9999_future')")
    db.commit()
    db.close()
    with pytest.raises(SchemaTooNew, match="9999"):
        SQLiteStore(path, create=False)


def test_a_full_disk(tmp_path: Path) -> None:
    with SQLiteStore(tmp_path / "t.db") as store:
        store.push(bundle("run_1"))
        before = fingerprint(store)
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count={pages + 2}")
        many = [annotated(str(n)) for n in range(100, 400)]
        with pytest.raises(StoreError, match=r"full.*Make room.*Nothing of it was stored"):
            store.push(run_of("run_2", *many))
        assert fingerprint(store) == before
        assert store.verify() == []
        store._db.execute("PRAGMA max_page_count=100000")
        assert store.push(run_of("run_2", *many)).added["article"] == 300


def test_a_full_disk_under_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(f"jsonl:{tmp_path / 'store'}") as store:
        store.push(bundle("run_1"))
        before = fingerprint(store)

        def full(self: object, line: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr("textmine.lines.LineWriter.write", full)
            with pytest.raises(StoreError, match=r"No space left.*Nothing of it was stored"):
                store.push(bundle("run_2", ("12", "13"), "mixed"))
        assert fingerprint(store) == before
        store.push(bundle("run_2", ("12", "13"), "mixed"))
        assert store.verify() == []
    assert sorted(p.name for p in tmp_path.iterdir()) == [".store.lock", "store"]


def test_a_kill_between_two_renames_is_mended(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    with open_store(f"jsonl:{folder}") as store:
        store.push(bundle("run_1"))
        before = fingerprint(store)
    folder.rename(tmp_path / ".store.old")
    (tmp_path / ".store.new").mkdir()
    with open_store(f"jsonl:{folder}", create=False) as store:
        assert fingerprint(store) == before
        store.push(bundle("run_2", ("12",), "mixed"))
        assert store.verify() == []
    assert not (tmp_path / ".store.new").exists()


def test_a_damaged_database_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with SQLiteStore(path) as store:
        store.push(run_of("run_1", *(annotated(str(n)) for n in range(10, 200))))
        store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    for page in range(20, len(data) // 4096, 3):
        data[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    path.write_bytes(data)
    with SQLiteStore(path) as store:
        try:
            wrong = store.verify()
        except StoreError as error:
            wrong = [str(error)]
    assert wrong
    assert "malformed" in " ".join(wrong) or "SQLite" in " ".join(wrong)


# --- a server


def test_wrong_passwords_and_places(
    postgres_server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    good, word = postgres_server.url, postgres_server.password
    secret = "wr%40ng-s3cret"
    user, host = "textmine:", f"127.0.0.1:{postgres_server.port}"
    cases = {
        f"postgresql://{user}{secret}@{host}/postgres": "Check the user and the password",
        f"postgresql://{host}/postgres?user=textmine&password={secret}": "Check the user",
        good.replace("/postgres", "/absent"): "createdb",
        good.replace(f":{postgres_server.port}", ":1"): "Is the server running",
        f"postgresql://{user}{secret}%zz@{host}/postgres": "special characters",
        f"postgresql://{user}s3cret@{host}:x:y/postgres": "",
    }
    for url, words in cases.items():
        assert main(["store", "verify", "--to", url]) == 2
        told = capsys.readouterr()
        for hidden in ("s3cret", "wr%40ng", "wr@ng", word):
            assert hidden not in told.out + told.err, url
        assert words in told.err


def test_no_rights_on_the_server(postgres_server: Server) -> None:
    import psycopg

    with psycopg.connect(postgres_server.url, autocommit=True) as db:
        db.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
        db.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    url = f"postgresql://guest:guest@127.0.0.1:{postgres_server.port}/postgres"
    with pytest.raises(StoreError, match=r"permission denied.*Ask the owner"):
        open_store(url)


def test_a_reader_on_the_server_may_read(
    postgres_server: Server, postgres_url: Callable[[], str]
) -> None:
    import psycopg

    url = postgres_url()
    with open_store(url) as store:
        store.push(bundle())
    name = url.rpartition("%3D")[2]
    with psycopg.connect(postgres_server.url, autocommit=True) as db:
        db.execute("CREATE ROLE reader LOGIN PASSWORD 'reader'")
        db.execute(f"GRANT USAGE ON SCHEMA {name} TO reader".encode())
        db.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO reader".encode())
    host = f"127.0.0.1:{postgres_server.port}/postgres?options=-csearch_path%3D{name}"
    with open_store(f"postgresql://reader:reader@{host}", create=False) as store:
        assert store.verify() == []
        with pytest.raises(StoreError, match="permission denied"):
            store.push(bundle("run_2"))


def test_the_server_goes_in_mid_transaction() -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed (textmine[postgres])")
    place = binaries()
    if place is None:
        pytest.skip("no PostgreSQL server here (apt-get install postgresql)")
    with Server(place) as server:
        with open_store(server.url) as store:
            store.push(bundle("run_1"))
            before = fingerprint(store)

            def stops() -> Iterator[Annotated]:
                yield from (annotated(str(n)) for n in range(100, 600))
                server.stop()
                yield from (annotated(str(n)) for n in range(600, 1200))

            with pytest.raises(StoreError, match=r"went away.*Nothing of it was stored"):
                store.push(replace(bundle("run_2"), articles=stops()))
        server.start()
        with open_store(server.url) as store:
            assert fingerprint(store) == before
            assert store.verify() == []
            store.record_events([RETRACTED], ["11"])


def test_one_connection_is_cut(postgres_url: Callable[[], str], postgres_server: Server) -> None:
    import psycopg

    url = postgres_url()
    with open_store(url) as store:

        def cut() -> Iterator[Annotated]:
            yield annotated("11")
            with psycopg.connect(postgres_server.url, autocommit=True) as db:
                db.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'textmine'"
                )
            yield annotated("12")

        with pytest.raises(StoreError, match="Nothing of it was stored"):
            store.push(replace(bundle(), articles=cut()))
    with open_store(url) as store:
        assert store.find("run") == []
        store.push(bundle())
        assert store.verify() == []
