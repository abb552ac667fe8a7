"""`textmine parse` from the outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from textmine.cli import main

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


def test_a_missing_file_ends_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", "no/such/file.xml"]) == 2
    assert "Check the path" in capsys.readouterr().err
