"""A small run with real verdicts, for tests of the desk."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.builders import annotated
from textmine.evidence.verdict import verdicts
from textmine.records import (
    Annotated,
    Author,
    Claim,
    Finding,
    Provenance,
    Rationale,
    StudyCard,
    content_id,
)
from textmine.review.desk import Desk
from textmine.review.nouns import Account, Submission
from textmine.stores.base import Bundle, open_store

CLAIMS = (
    Claim(id="K1", statement="Vesicles lower collagen."),
    Claim(id="K2", statement="Vesicles are harmless."),
)
DESIGNS = ("in_vitro", "animal_in_vivo", "randomised_trial", "animal_and_in_vitro")
_STANCES = ("supports", "supports", "contradicts", "null_effect", "supports", "insufficient")
_KEYS = itertools.count()
PASSWORD = "a long pass phrase"


def article(number: int, text: str | None = None) -> Annotated:
    made = annotated(str(number), text or f"Title {number}.\nVesicles lowered collagen.")
    article = replace(
        made.article,
        year=2000 + number % 25,
        authors=(Author(last=f"Writer{number}", fore=f"Given{number}"),),
    )
    study = StudyCard(design=DESIGNS[number % 4], species=("mouse",), n=10 + number)
    return replace(made, article=article, study=study)


def finding_of(of: Annotated, stance: str, claim: str, why: tuple[str, ...] = ()) -> Finding:
    start, end = of.relations[0].sentence
    article = of.article
    number = int(article.id)
    return Finding(
        id=content_id("finding", claim, article.id, article.version, stance, article.text),
        claim_id=claim,
        article_id=article.id,
        stance=stance,
        score=round(0.5 + (number % 10) / 20, 3),
        rationale=(Rationale(start, end, article.text[start:end]),),
        relations=(of.relations[0].id,),
        why=("object: says so", *why),
        article_version=article.version,
    )


def run_bundle(
    run: str = "run_1",
    size: int = 24,
    changed: Mapping[int, str] | None = None,
    texts: Mapping[int, str] | None = None,
) -> Bundle:
    """`size` articles on two claims. `changed`: article -> another stance on K1."""
    numbers = range(11, 11 + size)
    articles = [article(n, (texts or {}).get(n)) for n in numbers]
    findings = []
    for number, one in zip(numbers, articles, strict=True):
        stance = (changed or {}).get(number, _STANCES[number % 6])
        why = ("disagree: the learned reading says null_effect",) if number % 8 == 0 else ()
        findings.append(finding_of(one, stance, "K1", why))
        other = "insufficient" if number % 3 else "supports"
        findings.append(finding_of(one, other, "K2"))
    made = verdicts(findings, {a.article.id: a for a in articles}, claims=CLAIMS)
    return Bundle(
        provenance=Provenance(run, "0", "model", "config", "test", "2026-01-01T00:00:00+00:00"),
        project="p",
        claims=CLAIMS,
        articles=articles,
        findings=findings,
        verdicts=made,
    )


def fill(url: str, bundle: Bundle | None = None) -> str:
    with open_store(url) as store:
        store.push(bundle or run_bundle())
    return url


def key() -> str:
    """The key of a new form."""
    return f"form-{next(_KEYS):08d}"


def people(desk: Desk, **roles: str) -> dict[str, Account]:
    """Accounts of these names and roles."""
    return {name: desk.add_account(None, name, PASSWORD, role) for name, role in roles.items()}


def say(
    desk: Desk,
    who: Account,
    finding: str,
    verdict: str = "correct",
    *,
    project: str | None = None,
    part: str | None = None,
    corrected: Mapping[str, object] | None = None,
    note: str = "",
    form: str | None = None,
    act: Callable[..., object] | None = None,
) -> object:
    """One decision."""
    said = Submission(
        finding, finding, verdict, form or key(), part, corrected or {}, note, project
    )
    return (act or desk.decide)(who, said)
