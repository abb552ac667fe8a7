"""`textmine refresh` over a store: what changed, and what stands on it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.eutils.records import Record, synthetic
from tests.eutils.server import EutilsServer
from textmine.cli import main
from textmine.pubmed.ratelimit import RateLimiter
from textmine.pubmed.read import read_articles
from textmine.records import Annotated, Article, Claim, Finding, Provenance, Rationale, Verdict
from textmine.stores.base import Bundle, open_store


def retracted(r: Record) -> Record:
    link = (
        b'<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><RefSource>J. 2024'
        b'</RefSource><PMID Version="1">777</PMID></CommentsCorrections></CommentsCorrectionsList>'
    )
    return replace(r, xml=r.xml.replace(b"</MedlineCitation>", link + b"</MedlineCitation>"))


def test_a_retraction_is_found_with_what_stands_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(RateLimiter, "acquire", lambda *_a, **_k: None)
    monkeypatch.setenv("NCBI_EMAIL", "someone@example.org")
    records = [synthetic(i, date(2020, 1, 1)) for i in (1, 2, 3)]
    for r in records:
        (tmp_path / f"{r.pmid}.xml").write_bytes(
            b"<PubmedArticleSet>" + r.xml + b"</PubmedArticleSet>"
        )
    articles = [a for a in read_articles(tmp_path) if isinstance(a, Article)]
    title = Rationale(0, 5, next(a.text for a in articles if a.id == "2")[:5])
    key = "finding_00000000000000f1"
    finding = Finding(key, "c1", "2", "supports", 0.9, (title,), (), ("object: it",))
    verdict = Verdict("c1", "supported", "low", {"supports": 1}, (key,), (), "v1")
    bundle = Bundle(
        provenance=Provenance("r1", "0", "m", "c", "test", "2024-01-01T00:00:00Z"),
        project="p",
        claims=(Claim("c1", "A claim."),),
        articles=tuple(Annotated(a) for a in articles),
        findings=(finding,),
        verdicts=(verdict,),
    )
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with open_store(url) as store:
        store.push(bundle)
    changed = [retracted(r) if r.pmid == 2 else r for r in records[:2]]
    with EutilsServer(changed) as server:
        command = ["refresh", "--store", url, "--base-url", server.url]
        assert main([*command, "--json"]) == 3  # PMID 3 has gone missing
        out = json.loads(capsys.readouterr().out)
        assert [(e["pmid"], e["kind"], e["by"]) for e in out["events"]] == [
            ("2", "retracted", "777"),
            ("3", "missing", None),
        ]
        assert (out["findings"], out["verdicts"], out["new"]) == ([key], ["c1"], 2)
        assert main(command) == 3
        shown = capsys.readouterr()
        assert "PMID 2 retracted (by 777)" in shown.out
        assert "0 events are new to the store" in shown.err
    with open_store(url) as store:
        assert [(e.article_id, e.kind) for e in store.events()] == [
            ("2", "retracted"),
            ("3", "missing"),
        ]
    # 3 is now part of 1; nothing is known of anything while the server is down.
    with EutilsServer(changed) as server:
        server.merged = {3: 1}
        assert main(["refresh", "--store", url, "--base-url", server.url]) == 0
        assert "PMID 3 merged (by 1)" in capsys.readouterr().out
        dead = server.url
    monkeypatch.setattr("textmine.pubmed.entrez.ATTEMPTS_UNREACHED", 1)
    assert main(["refresh", "--store", url, "--base-url", dead]) == 4
    with open_store(url) as store:
        assert [(e.article_id, e.kind) for e in store.events()] == [
            ("2", "retracted"),
            ("3", "merged"),
        ]
