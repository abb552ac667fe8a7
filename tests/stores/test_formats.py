"""Parquet, KGX and lines as other programs read them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import annotated, bundle
from tests.stores.conformance import ODD, RETRACTED, run_of, variants
from textmine.records import Concept
from textmine.stores.base import open_store
from textmine.stores.kgx import CATEGORIES, EDGE_COLUMNS, NODE_COLUMNS, PREDICATES, node_id
from textmine.stores.tables import tables

RUN = replace(
    run_of("run_1", variants(annotated("11"), {"direction": "unchanged"}), annotated("12", ODD)),
    query=("exosomes",),
    fetched_at="2026-01-01T00:00:00Z",
)


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed (textmine[parquet])")
    folder = tmp_path / "parquet"
    with open_store(f"parquet:{folder}") as store:
        store.push(RUN)
        store.push(bundle("run_2", ("12", "13"), "mixed"))
    return folder


def test_pandas_reads_parquet(parquet: Path) -> None:
    import pandas as pd

    for name, place in tables().items():
        frame = pd.read_parquet(parquet / name)
        assert set(place.names) <= set(frame.columns), name
    findings = pd.read_parquet(parquet / "finding")
    assert len(findings) == 3
    assert findings["superseded_by"].notna().sum() == 1
    assert set(findings["run_id"]) == {"run_1", "run_2"}
    assert set(findings["model_hash"]) == {"model"}
    assert set(findings["query"].dropna()) == {'["exosomes"]'}
    assert findings["score"].dtype.kind == "f"
    articles = pd.read_parquet(parquet / "article")
    assert articles["retracted"].dtype.kind == "b"


def test_duckdb_reads_parquet(parquet: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    db = duckdb.connect()
    for name, place in tables().items():
        found = db.read_parquet(f"{parquet}/{name}/**/*.parquet", hive_partitioning=True).columns
        assert set(place.names) <= set(found)
        db.read_parquet(f"{parquet}/{name}/**/*.parquet", hive_partitioning=True).create_view(name)
    rows = db.execute(
        "SELECT e.direction, count(*) FROM edge e JOIN edge_evidence v ON v.edge_id = e.id "
        "WHERE v.superseded_by IS NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    assert rows == [("decreases", 3), ("unchanged", 1)]
    assert len(db.read_parquet(f"{parquet}/finding/run_id=run_2/*.parquet")) == 2


def test_partitions_are_by_run(parquet: Path) -> None:
    assert sorted(p.name for p in (parquet / "finding").iterdir()) == [
        "run_id=run_1",
        "run_id=run_2",
    ]


def test_odd_run_names_are_partitions_too(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed (textmine[parquet])")
    with open_store(f"parquet:{tmp_path / 'p'}") as store:
        store.push(run_of("../run=1/ü \x00", annotated("11")))
    with open_store(f"parquet:{tmp_path / 'p'}") as store:
        assert store.provenance().run_id == "../run=1/ü \x00"
        assert store.verify() == []


def test_lines_of_a_store_are_plain_json(tmp_path: Path) -> None:
    import gzip

    with open_store(f"jsonl:{tmp_path / 'j'}") as store:
        store.push(RUN)
    with gzip.open(tmp_path / "j" / "finding.jsonl.gz", "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    assert [f["data"]["article_id"] for f in found] == [f["article_id"] for f in found]


# --- KGX


@pytest.fixture
def kgx(tmp_path: Path) -> Path:
    folder = tmp_path / "kgx"
    with open_store(f"kgx:{folder}") as store:
        store.push(RUN)
        store.record_events([RETRACTED], ["11"])
        assert store.verify() == []
    return folder


def tsv(file: Path) -> list[dict[str, str]]:
    head, *lines = file.read_text(encoding="utf-8").splitlines()
    return [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]


def test_kgx_columns(kgx: Path) -> None:
    nodes, edges = tsv(kgx / "nodes.tsv"), tsv(kgx / "edges.tsv")
    assert tuple(nodes[0]) == NODE_COLUMNS
    assert tuple(edges[0]) == EDGE_COLUMNS
    assert {n["category"] for n in nodes} == {"biolink:CellularComponent", "biolink:Gene"}
    ids = {n["id"] for n in nodes}
    assert all({e["subject"], e["object"]} <= ids for e in edges)
    assert all(" " not in key and "/" not in key for key in ids)


def test_kgx_edges_keep_their_evidence_apart(kgx: Path) -> None:
    edges = {e["textmine_direction"]: e for e in tsv(kgx / "edges.tsv")}
    effect, null = edges["decreases"], edges["unchanged"]
    assert effect["publications"] == "PMID:11|PMID:12"
    assert effect["textmine_withdrawn"] == "PMID:11"
    assert (effect["evidence_count"], effect["textmine_standing"]) == ("2", "1")
    assert (effect["negated"], null["negated"]) == ("false", "true")
    assert effect["object_direction_qualifier"] == "decreased"
    assert null["object_direction_qualifier"] == ""
    # The null edge rests on the retracted study alone: there is no conflict any more.
    assert (null["textmine_standing"], effect["textmine_conflicts_with"]) == ("0", "")
    assert effect["textmine_query"] == '["exosomes"]'
    lines = [json.loads(line) for line in (kgx / "edges.jsonl").read_text().splitlines()]
    assert sorted(len(line["evidence"]) for line in lines) == [1, 2]
    assert {e["relation_id"] for line in lines for e in line["evidence"]} == {
        "r_11", "r_11_0", "r_12",
    }  # fmt: skip


def test_kgx_shows_conflicts(tmp_path: Path) -> None:
    up = variants(annotated("12"), {"direction": "increases"})
    with open_store(f"kgx:{tmp_path / 'k'}") as store:
        store.push(run_of("run_1", annotated("11"), up))
    edges = {e["textmine_direction"]: e for e in tsv(tmp_path / "k" / "edges.tsv")}
    assert edges["increases"]["textmine_conflicts_with"] == edges["decreases"]["id"]
    assert edges["decreases"]["textmine_conflicts_with"] == edges["increases"]["id"]


def test_the_view_of_conflicts(tmp_path: Path) -> None:
    from textmine.stores.sqlite import SQLiteStore

    up = variants(annotated("12"), {"direction": "increases"}, {"direction": "unchanged"})
    with SQLiteStore(tmp_path / "t.db") as store:
        store.push(run_of("run_1", annotated("11"), up))
        found = store._db.execute(
            "SELECT direction, against_direction, standing, against_standing FROM edge_conflict"
        ).fetchall()
        ways = {frozenset(row[:2]) for row in found}
        assert len(found) == len(ways) == 3
        assert {n for row in found for n in row[2:]} == {1, 2}
        (line,) = store._db.execute(
            "SELECT DISTINCT model_hash, tool_version FROM edge_evidence_lineage"
        ).fetchall()
        assert line == ("model", "0")


def test_node_ids() -> None:
    assert node_id("CL:0000182") == "CL:0000182"
    assert node_id("CVCL_0042") == "cellosaurus:CVCL_0042"
    assert node_id("unlinked:GENE/a b|c") == "textmine:unlinked.GENE%2Fa%20b%7Cc"
    assert node_id("textmine:mir/miR-122-5p") == "textmine:mir%2FmiR-122-5p"


def test_every_label_and_predicate_has_its_word() -> None:
    from textmine.records import LABELS
    from textmine.records import PREDICATES as OURS

    assert set(CATEGORIES) == set(LABELS)
    assert set(PREDICATES) == set(OURS)


def test_patients_are_no_taxon(tmp_path: Path) -> None:
    first = annotated("11")
    object_ = replace(first.mentions[1], label="ORGANISM", concepts=())
    mouse = replace(
        first.mentions[0], label="ORGANISM", concepts=(Concept("NCBITaxon:10090", "mouse"),)
    )
    with open_store(f"kgx:{tmp_path / 'k'}") as store:
        store.push(run_of("run_1", replace(first, mentions=(mouse, object_))))
    assert {n["category"] for n in tsv(tmp_path / "k" / "nodes.tsv")} == {
        "biolink:OrganismTaxon",
        "biolink:PopulationOfIndividualOrganisms",
    }
