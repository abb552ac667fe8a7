"""From a result back to the raw record, and the commands that walk, search and follow."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import annotated, bundle, finding
from tests.stores.conformance import ODD, RETRACTED, run_of
from textmine.cli import main
from textmine.engine.runs import _raw_of
from textmine.pubmed.archive import Archive
from textmine.pubmed.raw import RawRecord
from textmine.records import Decision
from textmine.stores.base import open_store
from textmine.stores.kgx import CATEGORIES, PREDICATES
from textmine.stores.trace import trace

XML = (
    b'<PubmedArticle><MedlineCitation><PMID Version="1">11</PMID></MedlineCitation></PubmedArticle>'
)
DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    place = tmp_path / "archive"
    with Archive.open(place, write=True) as opened:
        opened.add([RawRecord("11", 1, "PubmedArticle", XML)])
    return place


@pytest.fixture
def url(tmp_path: Path, archive: Path) -> str:
    """A store with a run from an archive, an event and a decision."""
    name = f"sqlite:///{tmp_path / 't.db'}"
    run = run_of("run_1", annotated("11"), annotated("12", ODD))
    with open_store(name) as store:
        store.push(replace(run, raw=_raw_of([str(archive)]), query=("exosomes AND liver",)))
        key = finding(annotated("11")).id
        store.decide(Decision("ann", key, key, "confirmed", "", "2026-02-03T10:00:00Z"))
        store.record_events([RETRACTED], ["11"])
    return name


def test_a_run_knows_where_its_records_lie(archive: Path, tmp_path: Path) -> None:
    found = _raw_of([str(archive), str(tmp_path / "plain.xml")])
    assert list(found) == [("11", 1)]
    assert found["11", 1].archive == str(archive.resolve())


def test_every_kind_of_id_leads_to_the_raw_record(url: str, archive: Path) -> None:
    with open_store(url) as store:
        (edge,) = store.find("edge")
        verdict = store.verdicts()[0].id
        for key in (finding(annotated("11")).id, edge["id"], "r_11", verdict, "11"):
            text = json.dumps(trace(store, key))
            assert f'"bytes": {len(XML)}' in text, key
            assert "exosomes AND liver" in text.replace('\\\\\\"', ""), key
            assert "Vesicles lowered collagen." in text or key == "11"
            assert '"kind": "retracted"' in text
        told = trace(store, finding(annotated("11")).id)
        assert told["article"]["raw"]["shard"] == "shards/00001.xml.gz"
        assert told["decisions"][0]["reviewer"] == "ann"
        assert told["quotes"][0]["stands_there"] is True
        assert trace(store, verdict)["graded_anew_by"][0]["kind"] == "retracted"
        # The other record came from no archive; its quote is told with all its characters.
        other = trace(store, "r_12")
        assert other["article"]["raw"]["found"] is False
        assert other["quote"]["text"] == ODD.split("\n")[1]
        archive.rename(archive.with_name("moved"))
        gone = trace(store, "r_11")["article"]["raw"]
        assert gone["found"] is False
        assert gone["sha256"]
        there = trace(store, "r_11", archive=archive.with_name("moved"))["article"]["raw"]
        assert there["found"] is True


def test_the_command_prints_the_way_and_the_xml(
    url: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    key = finding(annotated("11")).id
    assert main(["store", "trace", key, "--store", url]) == 0
    assert b"Vesicles lowered collagen." in capfdbinary.readouterr().out
    assert main(["store", "trace", key, "--store", url, "--json"]) == 0
    assert json.loads(capfdbinary.readouterr().out)["kind"] == "finding"
    assert main(["store", "trace", "r_11", "--store", url, "--xml"]) == 0
    assert capfdbinary.readouterr().out == XML + b"\n"
    assert main(["store", "trace", "r_12", "--store", url, "--xml"]) == 2
    assert b"no single raw record" in capfdbinary.readouterr().err
    assert main(["store", "trace", "r_12", "--store", url]) == 0
    assert main(["store", "trace", "r_99", "--store", url]) == 2
    assert b"has no verdict" in capfdbinary.readouterr().err


def test_the_log_on_the_command_line(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["store", "events", "--store", url, "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["position"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[-1]["kind"] == "regraded"
    assert main(["store", "events", "--store", url, "--since", "2"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == len(lines) - 2
    assert "article retracted 11" in shown[0]
    assert "verdict supported" in shown[-1]
    assert main(["store", "events", "--store", url, "--since", str(len(lines))]) == 0
    assert capsys.readouterr().out == ""
    assert main(["store", "events", "--store", url, "--since", "soon"]) == 2


def test_search_on_the_command_line(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["store", "search", "collagen", "--store", url]) == 0
    assert "11 9-35: Vesicles lowered collagen." in capsys.readouterr().out
    assert main(["store", "search", "collagen", "--store", url, "--json", "--limit", "1"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "Vesicles lowered collagen."
    assert main(["store", "search", "nothing such", "--store", url]) == 0
    assert "No quote" in capsys.readouterr().err


def test_a_store_is_pushed_into_another(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = f"jsonl:{tmp_path / 'lines'}"
    assert main(["store", "push", url, "--to", target]) == 0
    assert "2 article" in capsys.readouterr().out
    assert main(["store", "push", url, "--to", target]) == 0
    assert "Nothing new" in capsys.readouterr().out
    assert main(["store", "export", "--from", target, "--to", f"kgx:{tmp_path / 'kgx'}"]) == 0
    assert main(["store", "verify", "--to", f"kgx:{tmp_path / 'kgx'}"]) == 0
    assert main(["store", "push", str(tmp_path / "absent"), "--to", target]) == 2


def test_counts_of_a_manifest_are_held_against_what_came(tmp_path: Path) -> None:
    from textmine.errors import ContractViolation

    cut = replace(bundle(), counts={"article": 2, "finding": 5})
    with (
        open_store(f"sqlite:///{tmp_path / 't.db'}") as store,
        pytest.raises(ContractViolation, match="cut off"),
    ):
        store.push(cut)


def test_the_page_has_the_mapping_to_biolink() -> None:
    page = (DOCS / "stores.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\w+) \| `(biolink:\w+)`", page, flags=re.M))
    assert rows == {**CATEGORIES, **PREDICATES}
