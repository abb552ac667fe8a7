"""The embedded store: nothing lost, nothing doubled, all or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import annotated, bundle, finding
from textmine.errors import ConfigError, SchemaTooNew, StoreError, UnknownPart
from textmine.records import Finding, StudyCard
from textmine.stores.base import edges_of, open_store
from textmine.stores.jsonl import export_lines
from textmine.stores.sqlite import SQLiteStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteStore]:
    with SQLiteStore(tmp_path / "t.db") as opened:
        yield opened


def dump(store: SQLiteStore) -> list[str]:
    return list(store._db.iterdump())


def test_what_goes_in_comes_out(store: SQLiteStore) -> None:
    pushed = bundle()
    counts = store.push(pushed).added
    assert counts["article"] == 2
    assert counts["edge"] == 1, "both articles are evidence for one edge"
    assert counts["edge_evidence"] == 2
    assert store.claims() == list(pushed.claims)
    assert store.verdicts() == list(pushed.verdicts)
    assert list(store.findings()) == list(pushed.findings)
    assert list(store.articles()) == list(pushed.articles)
    assert store.article("12").article.id == "12"
    assert store.provenance() == pushed.provenance
    assert store.verify() == []


def test_pushing_again_changes_nothing(store: SQLiteStore) -> None:
    store.push(bundle())
    before = dump(store)
    assert store.push(bundle()).total == 0
    assert dump(store) == before


def test_a_newer_run_supersedes_and_keeps(store: SQLiteStore) -> None:
    store.push(bundle("run_1", ("11", "12")))
    store.push(bundle("run_2", ("12", "13"), "mixed"))
    assert [f.article_id for f in store.findings()] == ["12", "13"]
    assert [v.verdict for v in store.verdicts()] == ["mixed"]
    old = store._db.execute(
        "SELECT article_id, superseded_by FROM finding WHERE superseded_by IS NOT NULL"
    ).fetchall()
    assert old == [("11", "run_2")]
    # What is said again is current again.
    store.push(bundle("run_3", ("11", "12")))
    assert [f.article_id for f in store.findings()] == ["11", "12"]


def test_a_changed_reading_replaces_the_old_one(store: SQLiteStore) -> None:
    store.push(bundle("run_1", ("11",)))
    second = bundle("run_2", ("11",))
    changed = replace(annotated("11"), study=StudyCard(design="animal_in_vivo"))
    store.push(replace(second, articles=[changed]))
    assert store.article("11") == changed
    assert len(list(store.articles())) == 1


def test_all_or_nothing(store: SQLiteStore) -> None:
    def breaks() -> Iterator[Finding]:
        yield finding(annotated("11"))
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        store.push(replace(bundle(), findings=breaks()))
    assert store._db.execute("SELECT count(*) FROM article").fetchone() == (0,)
    assert store._db.execute("SELECT count(*) FROM run").fetchone() == (0,)


def test_lone_surrogates_and_nul_survive(store: SQLiteStore) -> None:
    text = "Odd \ud800 title\x00.\nVesicles lowered collagen."
    odd = annotated("11", text)
    store.push(replace(bundle(pmids=("11",)), articles=[odd], findings=[finding(odd)]))
    assert store.article("11") == odd


def test_verify_finds_a_quote_that_is_not_there(store: SQLiteStore) -> None:
    store.push(bundle(pmids=("11",)))
    store._db.execute("UPDATE article SET data = replace(data, 'lowered', 'raised ')")
    assert any("quote" in line for line in store.verify())


def test_edges_need_a_subject() -> None:
    whole = annotated("11")
    assert len(list(edges_of(whole))) == 1
    agentless = replace(whole, relations=(replace(whole.relations[0], subject=None),))
    assert list(edges_of(agentless)) == []


def test_direction_and_negation_make_edges_of_their_own() -> None:
    whole = annotated("11")
    base = whole.relations[0]
    variants = (base, replace(base, direction="unchanged"), replace(base, negated=True))
    ids = {edge.id for edge, _ in edges_of(replace(whole, relations=variants))}
    assert len(ids) == 3


def test_export(store: SQLiteStore, tmp_path: Path) -> None:
    store.push(bundle())
    counts = export_lines(store, tmp_path / "out")
    assert counts == {
        "claims.jsonl": 1,
        "annotated.jsonl.gz": 2,
        "findings.jsonl.gz": 2,
        "verdicts.jsonl": 1,
    }


def test_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no store URL"):
        open_store("textmine.db")
    with pytest.raises(UnknownPart, match="sqlite"):
        open_store("oracle://x")
    with pytest.raises(ConfigError, match="names no file"):
        open_store("sqlite://x")
    (tmp_path / "not.db").write_bytes(b"this is no database at all" * 10)
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path}/not.db")
    with SQLiteStore(tmp_path / "empty.db") as empty, pytest.raises(StoreError, match="empty"):
        empty.provenance()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    SQLiteStore(tmp_path / "new.db").close()
    db = sqlite3.connect(tmp_path / "new.db")
    db.execute("INSERT INTO migration VALUES ('9999_future')")
    db.commit()
    db.close()
    with pytest.raises(SchemaTooNew, match="9999_future"):
        SQLiteStore(tmp_path / "new.db")
