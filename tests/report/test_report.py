"""The page: complete, escaped, self-contained."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

from tests.builders import CLAIM, annotated, bundle, finding, verdict
from textmine.evidence.verdict import verdicts
from textmine.records import Cue, Excluded, Quote, Rationale, content_id
from textmine.report import write_report
from textmine.report.view import claim_views, pieces
from textmine.stores.sqlite import SQLiteStore

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "evidence"))
from evidence_bodies import finding as evidence
from evidence_bodies import study


def page(tmp_path: Path, **changes: object) -> str:
    with SQLiteStore(tmp_path / "t.db") as store:
        store.push(replace(bundle(), **changes))  # type: ignore[arg-type]
        write_report(store, tmp_path / "report.html")
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def test_shows_verdict_quote_grade_and_link(tmp_path: Path) -> None:
    html = page(tmp_path)
    assert "Vesicles lower collagen." in html
    assert "supported" in html
    assert 'href="https://pubmed.ncbi.nlm.nih.gov/11/"' in html
    assert "decreases" in html
    assert "10.0 points" in html
    assert "says so" in html


def test_every_number_opens_down_to_quote_and_rule(tmp_path: Path) -> None:
    of = [study(str(i), senior=f"Senior{i}x", n=24) for i in range(3)]
    quoted = Quote("n", 18, 31, of[0].article.text[18:31])
    of[0] = replace(of[0], study=replace(of[0].study, quotes=(quoted,)))
    found = [
        replace(evidence(key, claim="K1", why=("object: x",)), id=content_id("finding", key))
        for key in ("0", "1", "2")
    ]
    (judged,) = verdicts(found, {a.article.id: a for a in of}, claims=(CLAIM,))
    html = page(tmp_path, articles=of, findings=found, verdicts=(judged,))
    assert html.count("<details") == html.count("</details>") > 10
    for text in (
        "How the balance was counted, group by group", "How the certainty came about",
        "How firmly it stands", "[rule: design]", "[rule: rigour]", "[rule: sum]",
        "Results came.</q><small class=\"soft\"> 18–31", "SYRCLE wording",
        "without <a href=\"#c1-0\">",
    ):  # fmt: skip
        assert text in html
    # Every link inside the page leads somewhere.
    names = set(re.findall(r'\bid="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= names


def test_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    html = page(tmp_path)
    assert not re.findall(r"<(?:script|link|img|iframe)\b", html)
    assert "url(" not in html


def test_hostile_text_is_escaped(tmp_path: Path) -> None:
    attack = annotated("11", '<script>alert(1)</script> & "t".\nVesicles lowered collagen.')
    articles = [attack, annotated("12")]
    html = page(tmp_path, articles=articles, findings=[finding(a) for a in articles])
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_excluded_findings_stand_apart_with_their_reason(tmp_path: Path) -> None:
    kept, gone = finding(annotated("11")), finding(annotated("12"))
    judged = replace(
        verdict([kept]), excluded=(Excluded(gone.id, "12", gone.stance, "retracted: notice 99"),)
    )
    with SQLiteStore(tmp_path / "t.db") as store:
        store.push(replace(bundle(), verdicts=(judged,)))
        (view,) = claim_views(store)
    assert [s.article_id for s in view.studies] == ["11"]
    assert [(s.article_id, reason) for s, reason in view.excluded] == [
        ("12", "retracted: notice 99")
    ]


def test_pieces_put_the_quote_together_again() -> None:
    of = annotated("11")
    start, end = of.relations[0].sentence
    quote = Rationale(start, end, of.article.text[start:end])
    cues = [Cue(start + 9, start + 16, "trigger"), Cue(start, start + 4, "overlaps a mention")]
    parts = pieces(quote, of.mentions, cues)
    assert "".join(p.text for p in parts) == quote.text
    assert [(p.text, p.kind, p.label) for p in parts if p.kind] == [
        ("Vesicles", "mention", "vesicle"),
        ("lowered", "cue", "trigger"),
        ("collagen", "mention", "gene"),
    ]
