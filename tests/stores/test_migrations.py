"""Stores of every earlier version become stores of this one, with all that they held."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import annotated, bundle
from tests.stores.conformance import ODD, run_of
from textmine.errors import SchemaTooNew
from textmine.stores.base import open_store
from textmine.stores.copy import fingerprint
from textmine.stores.migrations import migrations
from textmine.stores.sql import SQLStore
from textmine.stores.sqlite import SQLiteStore

OLD = Path(__file__).parent / "old"


@pytest.fixture(params=["0001", "0002"])
def old_store(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A store as an earlier version wrote it: two runs, a superseded reading, an event."""
    path = tmp_path / f"{request.param}.db"
    db = sqlite3.connect(path)
    db.executescript((OLD / f"{request.param}.sql").read_text(encoding="utf-8"))
    db.close()
    return path


def test_an_old_store_is_sound_and_complete(old_store: Path) -> None:
    has_event = old_store.stem == "0002"
    with SQLiteStore(old_store, create=False) as store:
        assert store.verify() == []
        assert [v.verdict for v in store.verdicts()] == ["mixed"]
        assert [f.article_id for f in store.findings()] == ["12", "13"]
        assert len(store.find("finding")) == 3
        assert sorted(a.article.id for a in store.articles()) == ["11", "12", "13"]
        # Evidence of the superseded reading of 12 is there, too, and marked.
        evidence = store.find("edge_evidence")
        assert len(evidence) == 4
        assert [e["article_id"] for e in evidence if e["superseded_by"]] == ["12"]
        assert len(store.find("study_card")) == 4
        assert len(store.find("grade")) == 4
        assert [q["article_id"] for q in store.search("collagen")] == ["11", "12", "13"]
        assert [e.kind for e in store.events()] == (["retracted"] if has_event else [])
        withdrawn = [a for a in store.find("article", id="12") if a["withdrawn"]]
        assert bool(withdrawn) is has_event


def test_lines_without_newer_keys_are_brought_up(old_store: Path) -> None:
    """Two readings that differ in such a key alone become one; the current one stays."""
    db = sqlite3.connect(old_store)
    (data,) = db.execute("SELECT data FROM article WHERE id = '13'").fetchone()
    older = data.replace('"language":null,', "")
    assert older != data
    db.execute(
        "INSERT INTO article (id, version, reading, pmid, title, design, retracted, data, run_id, "
        "superseded_by) SELECT id, version, 'older', pmid, title, design, retracted, ?, 'run_1', "
        "'run_2' FROM article WHERE id = '13'",
        (older,),
    )
    db.execute("UPDATE finding SET data = replace(data, ',\"indirect\":null', '')")
    db.commit()
    db.close()
    with SQLiteStore(old_store, create=False) as store:
        assert store.verify() == []
        (row,) = store.find("article", id="13")
        assert row["superseded_by"] is None
        assert '"language":null' in row["data"]


def test_an_old_store_goes_on(old_store: Path) -> None:
    with SQLiteStore(old_store) as store:
        store.push(bundle("run_3", ("11", "12", "13"), "insufficient"))
        assert store.verify() == []
        assert store.push(bundle("run_3", ("11", "12", "13"), "insufficient")).total == 0


def test_migrating_is_done_once(old_store: Path) -> None:
    SQLiteStore(old_store).close()
    before = old_store.read_bytes()
    SQLiteStore(old_store).close()
    assert old_store.read_bytes() == before


@pytest.mark.parametrize("steps", range(len(migrations("sqlite")) + 1))
def test_sqlite_from_every_step(
    steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill between migrations leaves a store that the next opening takes further."""
    path = tmp_path / "t.db"
    whole = migrations("sqlite")
    with monkeypatch.context() as patched:
        patched.setattr("textmine.stores.sqlite.migrations", lambda _: whole[:steps])
        SQLiteStore(path).close()
    with SQLiteStore(path) as store, SQLiteStore(tmp_path / "new.db") as new:
        for one in (store, new):
            one.push(bundle())
        assert fingerprint(store) == fingerprint(new)
        assert store.verify() == []


@pytest.mark.parametrize("steps", range(1, len(migrations("postgres")) + 1))
def test_postgresql_from_every_step(
    steps: int, postgres_url: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, whole = postgres_url(), migrations("postgres")
    # Rows that were there before quotes had an index are in it afterwards.
    with monkeypatch.context() as patched:
        patched.setattr("textmine.stores.postgres.migrations", lambda _: whole[:steps])
        with open_store(url) as store:
            assert isinstance(store, SQLStore)
            if "0003_search" not in dict(whole[:steps]):
                patched.setattr("textmine.stores.postgres.INDEXED", ())
            store.push(run_of("run_1", annotated("11", ODD)))
    with open_store(url) as store:
        assert store.verify() == []
        assert [q["article_id"] for q in store.search("collagen")] == ["11"]


def test_a_newer_store_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    SQLiteStore(path).close()
    db = sqlite3.connect(path)
    db.execute("INSERT INTO migration VALUES ('9999_future')")
    db.commit()
    db.close()
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(SchemaTooNew, match="9999_future"):
            SQLiteStore(path)
    assert path.read_bytes() == before


def test_a_newer_store_on_a_server_is_refused(postgres_url: Callable[[], str]) -> None:
    import psycopg

    url = postgres_url()
    open_store(url).close()
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("INSERT INTO migration VALUES ('9999_future')")
    with pytest.raises(SchemaTooNew, match="9999_future"):
        open_store(url)


@pytest.mark.parametrize("form", ["jsonl", "parquet", "kgx"])
def test_newer_files_are_refused(form: str, tmp_path: Path) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is not installed (textmine[parquet])")
    url = f"{form}:{tmp_path / 'store'}"
    with open_store(url) as store:
        store.push(bundle())
    manifest = tmp_path / "store" / "textmine-store.json"
    manifest.write_text(manifest.read_text().replace('"contract": "1.', '"contract": "2.'))
    with pytest.raises(SchemaTooNew, match="newer textmine"):
        open_store(url)
