"""Small records built by hand, for tests of what comes after reading."""

from __future__ import annotations

from textmine.records import (
    Annotated,
    Article,
    Claim,
    Concept,
    Finding,
    Grade,
    Mention,
    Passage,
    Provenance,
    Rationale,
    Reason,
    Relation,
    Sentence,
    StudyCard,
    Verdict,
    content_id,
)
from textmine.stores.base import Bundle

CLAIM = Claim(id="K1", statement="Vesicles lower collagen.")


def annotated(pmid: str = "11", text: str = "A title.\nVesicles lowered collagen.") -> Annotated:
    """A title and one sentence with a relation between its first and its last word."""
    start = text.index("\n") + 1
    end = len(text)
    subject = Mention(
        f"m_{pmid}a", start, start + 8, text[start : start + 8], "VESICLE",
        (Concept("textmine:ev", "vesicle"),),
    )  # fmt: skip
    object_ = Mention(f"m_{pmid}b", end - 9, end - 1, text[end - 9 : end - 1], "GENE")
    relation = Relation(
        id=f"r_{pmid}", subject=subject.id, object=object_.id, predicate="regulates",
        direction="decreases", negated=False, certainty="asserted", role="result", mediator=None,
        cues=(), sentence=(start, end), score=0.9,
    )  # fmt: skip
    return Annotated(
        Article(
            id=pmid,
            text=text,
            pmid=pmid,
            passages=(Passage("title", 0, start - 1), Passage("abstract", start, end)),
        ),
        (Sentence(0, start - 1, "title"), Sentence(start, end, "result")),
        (subject, object_),
        (relation,),
        StudyCard(design="in_vitro"),
    )


def finding(of: Annotated, stance: str = "supports", claim: str = "K1") -> Finding:
    start, end = of.relations[0].sentence
    article = of.article
    return Finding(
        id=content_id("finding", claim, article.id, article.version, stance),
        claim_id=claim,
        article_id=article.id,
        stance=stance,
        score=0.8,
        rationale=(Rationale(start, end, article.text[start:end]),),
        relations=(of.relations[0].id,),
        why=("object: says so",),
        article_version=article.version,
    )


def verdict(findings: list[Finding], word: str = "supported") -> Verdict:
    grades = tuple(
        Grade(f.id, f.article_id, 10.0, "5", "c1", (Reason("design", "cells", points=4.0),))
        for f in findings
    )
    return Verdict(
        id=content_id("v", word, *(f.id for f in findings)),
        claim_id="K1",
        verdict=word,
        certainty="low",
        n_studies={"supports": len(findings)},
        findings=tuple(f.id for f in findings),
        reasons=("counted",),
        grades=grades,
    )


def bundle(
    run: str = "run_1", pmids: tuple[str, ...] = ("11", "12"), word: str = "supported"
) -> Bundle:
    articles = [annotated(pmid) for pmid in pmids]
    findings = [finding(a) for a in articles]
    return Bundle(
        provenance=Provenance(run, "0", "model", "config", "test", "2026-01-01T00:00:00+00:00"),
        project="p",
        claims=(CLAIM,),
        articles=articles,
        findings=findings,
        verdicts=(verdict(findings, word),),
    )
