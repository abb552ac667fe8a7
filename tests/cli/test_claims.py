"""`textmine claims draft` and `show` from the outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from textmine.claims.article import load_claims
from textmine.cli import main
from textmine.records import Annotated, Article, as_json

ARTICLE = """Exosomes of mesenchymal stem cells

Mechanisms

MSC-derived exosomes reduce liver fibrosis in mice. Much remains to be learnt.
MSC exosomes suppress apoptosis of hepatocytes.

References

MSC exosomes lower ALT. Journal 2001.
"""


def test_a_draft_loads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "article.txt").write_text(ARTICLE)
    out = tmp_path / "claims.toml"
    assert main(["claims", "draft", str(tmp_path / "article.txt"), "-o", str(out)]) == 0
    error = capsys.readouterr().err
    assert "Much remains to be learnt." in error
    claims = load_claims(out)
    assert [c.section for c in claims] == ["Mechanisms", "Mechanisms"]
    assert claims[0].frame is not None and claims[0].frame.direction == "decreases"
    assert claims[1].frame is not None and claims[1].frame.object == ("GO:0006915 in CL:0000182",)
    # A draft that was edited is not overwritten.
    assert main(["claims", "draft", str(tmp_path / "article.txt"), "-o", str(out)]) == 2


def test_an_article_without_claims_ends_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "article.txt").write_text("Nothing is said here.\n")
    assert main(["claims", "draft", str(tmp_path / "article.txt")]) == 2
    assert "no sentence that reads as a claim" in capsys.readouterr().err


def test_show_names_concepts_and_gaps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "claims.toml").write_text(
        '[[claim]]\nid = "C1"\nstatement = "x"\n[claim.frame]\nsubject = ["MSC exosomes"]\n'
        'direction = "decreases"\nobject = ["apoptosis in hepatocytes", "the unheard of"]\n'
    )
    assert main(["claims", "show", str(tmp_path / "claims.toml")]) == 0
    text = capsys.readouterr().out
    assert "apoptosis in hepatocyte" in text and "UNKNOWN: the unheard of" in text
    assert main(["claims", "show", str(tmp_path / "claims.toml"), "--json"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert line["object"][1]["unknown"] == ["the unheard of"]


def test_articles_are_ranked_for_a_claim(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claims = tmp_path / "claims.jsonl"
    frame = {
        "subject": ["MSC exosomes"],
        "predicate": "regulates",
        "direction": "decreases",
        "object": ["liver fibrosis"],
    }
    line = {"id": "C1", "statement": "MSC exosomes lower liver fibrosis.", "frame": frame}
    claims.write_text(json.dumps(line) + "\n")
    articles = tmp_path / "annotated.jsonl"
    texts = {
        "1": "MSC exosomes and liver fibrosis were studied.",
        "2": "It rained on the liver clinic.",
        "3": "Nothing else.",
    }
    rows = (as_json(Annotated(Article(key, text))) for key, text in texts.items())
    articles.write_text("".join(json.dumps(row) + "\n" for row in rows))
    arguments = ["claims", "rank", str(claims), str(articles), "--top", "2", "--json"]
    assert main(arguments) == 0
    found = [json.loads(x) for x in capsys.readouterr().out.splitlines()]
    assert [(row["article_id"], row["rank"]) for row in found] == [("1", 1), ("2", 2)]
    assert found[0]["score"] > found[1]["score"]
