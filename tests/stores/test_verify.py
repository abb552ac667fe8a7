"""`verify` finds what was done to a store behind its back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import annotated, bundle, finding
from tests.stores.conformance import RETRACTED
from textmine.cli import main
from textmine.records import Decision
from textmine.stores.base import open_store
from textmine.stores.sqlite import SQLiteStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteStore]:
    with SQLiteStore(tmp_path / "t.db") as opened:
        opened.push(bundle())
        opened.record_events([RETRACTED], ["11"])
        key = finding(annotated("12")).id
        opened.decide(Decision("ann", key, key, "confirmed", "", "2026-02-03T10:00:00Z"))
        assert opened.verify() == []
        opened._db.execute("PRAGMA foreign_keys=OFF")
        for name in ("event", "change", "decision"):
            for kind in ("changed", "removed"):
                opened._db.execute(f"DROP TRIGGER {name}_is_never_{kind}")
        yield opened


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE article SET data = replace(data, 'lowered', 'raised ')", "it was changed"),
        ("UPDATE article SET data = 'no json' WHERE id = '11'", "hash"),
        ("UPDATE article SET design = 'guess' WHERE id = '11'", "design"),
        ("DELETE FROM article WHERE id = '11'", "missing article 11"),
        ("DELETE FROM article WHERE id = '11'", "no reading of an article says it"),
        ("UPDATE finding SET stance = 'contradicts'", "the column stance says"),
        ("UPDATE finding SET score = 3", "score"),
        ("UPDATE finding SET data = replace(data, 'lowered', 'raised ')", "quote at"),
        ("DELETE FROM finding WHERE article_id = '12'", "finding"),
        ("DELETE FROM finding WHERE article_id = '12'", "and 1 are current"),
        ("DELETE FROM verdict", "0 are current"),
        ("UPDATE verdict SET verdict = 'mixed'", "the column verdict says"),
        ("UPDATE verdict SET superseded_by = 'run_x' WHERE cause IS NULL", "run_x is not known"),
        ("DELETE FROM edge_evidence WHERE article_id = '12'", "evidence r_12 is missing"),
        ('UPDATE edge_evidence SET "end" = "end" - 1', "its quote is not in the article"),
        ("UPDATE edge SET direction = 'increases'", "not the hash of what it joins"),
        ("DELETE FROM edge", "is no row of edge"),
        ("DELETE FROM concept", "is no row of concept"),
        ("UPDATE quote SET text = 'Something else.'", "it is not in article"),
        ("DELETE FROM quote", "in the index"),
        ("DELETE FROM run", "is no row of run"),
        ("DELETE FROM run_article WHERE article_id = '11'", "of 2 articles 1 are there"),
        ("UPDATE claim SET data = replace(data, 'lower', 'raise')", "not what its hash says"),
        ("DELETE FROM claim", "it has 1 rows of claim"),
        ("UPDATE decision SET verdict = 'rejected'", "hash of its words"),
        ("UPDATE decision SET finding = 'finding_x'", "its finding finding_x is missing"),
        ('DELETE FROM "change" WHERE position = 3', "a gap behind 2"),
        ("UPDATE event SET article_id = '99'", "its article 99 is missing"),
        ("UPDATE study_card SET data = '{}'", "study_card"),
        ("UPDATE grade SET points = 900", "points"),
    ],
)
def test_damage_is_named(store: SQLiteStore, damage: str, words: str) -> None:
    store._db.execute(damage)
    assert any(words in line for line in store.verify()), store.verify()


def test_very_many_faults_are_cut_short(store: SQLiteStore) -> None:
    store._db.execute("UPDATE run SET counts = '{}'")
    rows = [(f"q{n}", "11", 1, 0, 1, "no", "run_1") for n in range(500)]
    store._db.executemany("INSERT INTO quote VALUES (?,?,?,?,?,?,?)", rows)
    assert sum("quote" in line for line in store.verify()) < 150


def test_the_command_ends_2_with_a_list(
    store: SQLiteStore, capsys: pytest.CaptureFixture[str]
) -> None:
    url = store.url
    assert main(["store", "verify", "--to", url]) == 0
    assert "sound" in capsys.readouterr().out
    store._db.execute("UPDATE quote SET text = 'Something else.'")
    assert main(["store", "verify", "--to", url, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["wrong"]
    assert main(["store", "verify", "--to", url]) == 2
    assert "things are wrong" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["jsonl", "parquet", "kgx"])
def test_changed_files_are_found(form: str, tmp_path: Path) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is not installed (textmine[parquet])")
    folder = tmp_path / "store"
    with open_store(f"{form}:{folder}") as store:
        store.push(bundle())
    file = next(p for p in sorted(folder.rglob("*")) if p.is_file() and "finding" in str(p))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)
    with open_store(f"{form}:{folder}", create=False) as store:
        assert any("it was changed" in line for line in store.verify())
    file.unlink()
    with open_store(f"{form}:{folder}", create=False) as store:
        assert any("is missing" in line for line in store.verify())


def test_changed_kgx_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "graph"
    with open_store(f"kgx:{folder}") as store:
        store.push(bundle())
        assert store.verify() == []
    edges = folder / "edges.tsv"
    edges.write_text(edges.read_text().replace("biolink:affects", "biolink:likes"))
    nodes = folder / "nodes.tsv"
    nodes.write_text("\n".join(nodes.read_text().split("\n")[:2]) + "\n")
    with open_store(f"kgx:{folder}") as store:
        told = "\n".join(store.verify())
    assert "has the predicate biolink:likes" in told
    assert "which is no node" in told
