"""`textmine parse` from the outside."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path

import jsonschema
import pytest

import textmine
from textmine.cli import main
from textmine.config import data_root
from textmine.records import article_from_json, as_json

SCHEMA = Path(textmine.__file__).parent / "stores" / "contract" / "article.schema.json"

RECORD = (
    '<PubmedArticle><MedlineCitation><PMID Version="1">{0}</PMID><Article><ArticleTitle>T{0}'
    "</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
)


def test_lines_and_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = tmp_path / "good.xml"
    good.write_text(f"<PubmedArticleSet>{RECORD.format(1)}{RECORD.format(2)}</PubmedArticleSet>")
    out = tmp_path / "articles.jsonl.gz"
    assert main(["parse", str(good), "-o", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "read": 2, "written": 2, "quarantined": 0, "files": 1,
    }  # fmt: skip
    assert not (tmp_path / "articles.quarantine.jsonl").exists()


def test_broken_files_end_3_and_neighbours_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, good = tmp_path / "a.xml", tmp_path / "b.xml"
    bad.write_text(f"<PubmedArticleSet>{RECORD.format(1)}<PubmedArticle><Medl")
    good.write_text(f"<PubmedArticleSet>{RECORD.format(2)}</PubmedArticleSet>")
    out = tmp_path / "articles.jsonl"
    assert main(["parse", str(bad), str(good), "-o", str(out)]) == 3
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == ["1", "2"]
    reasons = (tmp_path / "articles.quarantine.jsonl").read_text()
    assert "truncated" in reasons
    assert "quarantined" in capsys.readouterr().err


def test_data_on_stdout(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    good = tmp_path / "good.xml"
    good.write_text(f"<PubmedArticleSet>{RECORD.format(1)}</PubmedArticleSet>")
    assert main(["parse", str(good)]) == 0
    captured = capfdbinary.readouterr()
    assert json.loads(captured.out)["id"] == "1"
    assert b"1 records parsed" in captured.err


def test_several_sources_folders_and_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "b.xml.gz").write_bytes(gzip.compress(RECORD.format(2).encode()))
    (folder / "a.nbib").write_text("PMID- 1\nTI  - T1\n")
    stream = io.TextIOWrapper(io.BytesIO(RECORD.format(3).encode()))
    monkeypatch.setattr(sys, "stdin", stream)
    out = tmp_path / "articles.jsonl"
    assert main(["parse", str(folder), "-", "-o", str(out), "--json"]) == 0
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == ["1", "2", "3"]
    assert json.loads(capsys.readouterr().out)["files"] == 3


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><p>502</html>", "HTML"),
        (b"<eFetchResult><ERROR>UID is bad</ERROR></eFetchResult>", "UID is bad"),
        (b"<PubmedArticleSet></PubmedArticleSet>", "no PubMed record"),
    ],
)
def test_files_without_records_end_3(tmp_path: Path, data: bytes, word: str) -> None:
    bad, good = tmp_path / "a.xml", tmp_path / "b.xml"
    bad.write_bytes(data)
    good.write_text(RECORD.format(2))
    out, aside = tmp_path / "articles.jsonl", tmp_path / "aside.jsonl"
    assert main(["parse", str(bad), str(good), "-o", str(out), "--quarantine", str(aside)]) == 3
    assert json.loads(out.read_text())["id"] == "2"
    (line,) = map(json.loads, aside.read_text().splitlines())
    assert word in line["reason"]
    assert line["source"] == str(bad)


def test_versions_and_deletions_are_lines_of_their_own(tmp_path: Path) -> None:
    source, out = tmp_path / "x.xml", tmp_path / "articles.jsonl"
    second = RECORD.format(1).replace('Version="1"', 'Version="2"')
    source.write_text(
        f"<PubmedArticleSet>{RECORD.format(1)}{second}<DeleteCitation><PMID>9</PMID>"
        "</DeleteCitation></PubmedArticleSet>"
    )
    assert main(["parse", str(source), "-o", str(out)]) == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(x["id"], x["version"], x["text"]) for x in lines] == [
        ("1", 1, "T1"),
        ("1", 2, "T1"),
        ("9", 1, ""),
    ]
    assert lines[2]["status"]["deleted"]


def test_nothing_is_written_when_a_source_is_missing(tmp_path: Path) -> None:
    good, out = tmp_path / "b.xml", tmp_path / "articles.jsonl"
    good.write_text(RECORD.format(2))
    assert main(["parse", str(good), str(tmp_path / "absent.xml"), "-o", str(out)]) == 2
    assert not out.exists()
    assert main(["parse", str(good), "-o", str(good)]) == 2
    assert good.read_text() == RECORD.format(2)
    assert main(["parse", str(good), "--json"]) == 2


def test_the_demonstration_keeps_the_contract(tmp_path: Path) -> None:
    check_lines(data_root() / "corpora" / "demo" / "records.xml.gz", tmp_path)


@pytest.mark.shared
def test_real_records_keep_the_contract(shared: Path, tmp_path: Path) -> None:
    check_lines(shared / "data" / "pubmed" / "ev_screening.xml.gz", tmp_path)
    for name in ("pubmed1.xml", "pubmed4.xml", "pubmed6.xml", "pubmed_result2.txt"):
        check_lines(shared / "data" / "pubmed" / "entrez" / name, tmp_path)


def check_lines(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "articles.jsonl"
    assert main(["parse", str(source), "-o", str(out)]) == 0
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    known = set(schema["properties"])
    lines = [json.loads(raw) for raw in out.read_bytes().split(b"\n") if raw]
    assert lines
    for line in lines:
        validator.validate(line)
        assert set(line) == known, "the contract names every key"
        text, passages = line["text"], line["passages"]
        parts = [text[p["start"] : p["end"]] for p in passages]
        kinds = [p["kind"] for p in passages]
        assert kinds == ["title"][: len(kinds)] + ["abstract"] * (len(kinds) - 1)
        assert "\n".join(parts) == text
        assert all(part == part.strip() and "\n" not in part for part in parts)
        assert json.loads(json.dumps(as_json(article_from_json(line)))) == line


def test_a_missing_file_ends_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", "no/such/file.xml"]) == 2
    assert "Check the path" in capsys.readouterr().err
