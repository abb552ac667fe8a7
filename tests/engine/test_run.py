"""The whole path on the demonstration: counts that add up, lines in their format, nothing twice."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import textmine
from textmine.cli import main

CONTRACT = Path(textmine.__file__).parent / "stores" / "contract"
FILES = {
    "article": "articles.jsonl.gz",
    "annotated": "annotated.jsonl.gz",
    "finding": "findings.jsonl.gz",
    "verdict": "verdicts.jsonl",
}


def lines(path: Path) -> list[dict[str, Any]]:
    data = path.read_bytes()
    text = gzip.decompress(data) if path.suffix == ".gz" else data
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "demo"
    assert main(["run", "--out", str(folder)]) == 0
    return folder


def test_leaves_what_the_documentation_names(out: Path) -> None:
    for name in (*FILES.values(), "excluded.jsonl", "manifest.json", "report.html", "textmine.db"):
        assert (out / name).stat().st_size, name


def test_counts_add_up(out: Path) -> None:
    counts = json.loads((out / "manifest.json").read_text())["counts"]
    assert counts["fetched"] == counts["parsed"] + counts["quarantined"] == 124
    assert counts["parsed"] == counts["read"] + counts["excluded"]
    assert counts["findings"] == counts["read"] * 12
    assert sum(counts["stances"].values()) == counts["findings"]
    assert len(lines(out / "articles.jsonl.gz")) == counts["parsed"]
    assert len(lines(out / "annotated.jsonl.gz")) == counts["read"]
    assert len(lines(out / "excluded.jsonl")) == counts["excluded"]


@pytest.mark.parametrize("kind", FILES)
def test_every_line_keeps_the_contract(out: Path, kind: str) -> None:
    schema = json.loads((CONTRACT / f"{kind}.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    for line in lines(out / FILES[kind]):
        validator.validate(line)


def test_every_quote_stands_in_its_text(out: Path) -> None:
    texts = {}
    for line in lines(out / "annotated.jsonl.gz"):
        text = texts[line["id"]] = line["text"]
        ids = {m["id"] for m in line["mentions"]}
        assert len(ids) == len(line["mentions"])
        end = 0
        for mention in line["mentions"]:
            assert text[mention["start"] : mention["end"]] == mention["text"]
            assert mention["start"] >= end, "mentions are flat"
            end = mention["end"]
        for relation in line["relations"]:
            named = {relation[k] for k in ("subject", "object", "mediator", "outcome", "context")}
            assert named - {None} <= ids
        for quote in line["study"]["quotes"]:
            assert text[quote["start"] : quote["end"]] == quote["text"]
    for finding in lines(out / "findings.jsonl.gz"):
        for quote in finding["rationale"]:
            text = texts[finding["article_id"]]
            assert text[quote["start"] : quote["end"]] == quote["text"]


def test_retracted_papers_are_named_and_weigh_nothing(out: Path) -> None:
    manifest = json.loads((out / "manifest.json").read_text())
    retracted = set(manifest["retracted"])
    assert retracted
    for verdict in lines(out / "verdicts.jsonl"):
        graded = {g["article_id"] for g in verdict["grades"] if g["points"] > 0}
        assert not graded & retracted
        included = sum(verdict["n_studies"].values())
        assert included == len(verdict["findings"])
    html = (out / "report.html").read_text()
    assert all(pmid in html for pmid in retracted)


def test_a_second_run_changes_nothing(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def state() -> dict[str, str]:
        names = [*FILES.values(), "textmine.db"]
        return {n: hashlib.sha256((out / n).read_bytes()).hexdigest() for n in names}

    before = state()
    capsys.readouterr()
    assert main(["run", "--out", str(out), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    manifest = json.loads((out / "manifest.json").read_text())
    assert printed == manifest["counts"]
    assert manifest["stored"]["added"] == {}
    assert state() == before


def test_broken_records_end_3_and_the_rest_is_there(tmp_path: Path) -> None:
    source = tmp_path / "half.xml"
    source.write_text(
        '<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">1</PMID><Article>'
        "<ArticleTitle>Exosomes lower ALT in mice.</ArticleTitle></Article></MedlineCitation>"
        "</PubmedArticle><PubmedArticle><Medl"
    )
    out = tmp_path / "out"
    assert main(["run", "--source", str(source), "--out", str(out)]) == 3
    assert (out / "report.html").exists()
    assert "breaks off" in (out / "quarantine.jsonl").read_text()
    counts = json.loads((out / "manifest.json").read_text())["counts"]
    assert counts["fetched"] == counts["parsed"] + counts["quarantined"]
    assert counts["parsed"] == 1


def test_limit_and_wrong_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--limit", "5", "--out", str(tmp_path / "five"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fetched"] == 5
    assert main(["run", "--engine", "abacus", "--out", str(tmp_path / "x")]) == 2
    assert "local" in capsys.readouterr().err
    assert main(["run", "no-such-project", "--out", str(tmp_path / "x")]) == 2
    assert main(["run", "--source", "absent.xml", "--out", str(tmp_path / "x")]) == 2
    assert "absent.xml" in capsys.readouterr().err


def test_every_stage_on_its_own_gives_the_same(out: Path, tmp_path: Path) -> None:
    demo = Path(textmine.__file__).parent.parent / "corpora" / "demo"
    if not demo.is_dir():
        pytest.skip("the demonstration lies elsewhere in an installed wheel")
    articles, annotated = tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz"
    findings, verdicts = tmp_path / "f.jsonl", tmp_path / "v.jsonl"
    claims = str(demo / "claims.toml")
    assert main(["parse", str(demo / "records.xml.gz"), "-o", str(articles)]) == 0
    assert main(["annotate", str(articles), "-o", str(annotated), "--workers", "2"]) == 0
    assert main(["check", str(annotated), "--claims", claims, "-o", str(findings)]) == 0
    command = ["grade", str(findings), "--articles", str(annotated), "--claims", claims]
    assert main([*command, "-o", str(verdicts)]) == 0
    whole = {line["id"]: line for line in lines(out / "annotated.jsonl.gz")}
    alone = {line["id"]: line for line in lines(annotated)}
    assert all(alone[key] == line for key, line in whole.items())

    def judged(path: Path) -> list[dict[str, Any]]:
        # Without `run` the deleted record is checked too, and says nothing.
        kept = [
            {k: v[k] for k in ("claim_id", "verdict", "certainty", "balance")} for v in lines(path)
        ]
        counts = [
            {s: n for s, n in v["n_studies"].items() if s != "insufficient"} for v in lines(path)
        ]
        return [{**k, **c} for k, c in zip(kept, counts, strict=True)]

    assert judged(verdicts) == judged(out / "verdicts.jsonl")


@pytest.mark.parametrize("workers", [1, 2])
def test_an_article_that_breaks_the_reader_costs_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    from textmine.reading import pipeline

    whole = pipeline.find_mentions

    def stumbles(article: Any, *args: Any, **kwargs: Any) -> Any:
        if article.id == "90000102":
            raise IndexError("a rule stumbled")
        return whole(article, *args, **kwargs)

    monkeypatch.setattr(pipeline, "find_mentions", stumbles)
    out = tmp_path / "out"
    command = ["run", "--limit", "20", "--workers", str(workers), "--out", str(out)]
    assert main(command) == 3
    counts = json.loads((out / "manifest.json").read_text())["counts"]
    assert counts["unreadable"] == 1
    assert counts["parsed"] == counts["read"] + counts["excluded"] + counts["unreadable"]
    assert "a rule stumbled" in (out / "quarantine.jsonl").read_text()
