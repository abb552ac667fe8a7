"""The page: complete, escaped, self-contained."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from tests.builders import annotated, bundle, finding, verdict
from textmine.records import Cue, Excluded, Rationale
from textmine.report import write_report
from textmine.report.view import claim_views, pieces
from textmine.stores.sqlite import SQLiteStore


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
