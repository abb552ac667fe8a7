"""Small hand-built bodies of evidence."""

from __future__ import annotations

from typing import Any

from textmine.records import (
    Annotated,
    Article,
    Author,
    Finding,
    Passage,
    PublicationType,
    Rationale,
    Relation,
    Sentence,
    Status,
    StudyCard,
)

TEXT = "A title\nWe asked. Results came. They suggest it may work."
_ROLES = (("title", 0, 7), ("aim", 8, 17), ("result", 18, 31), ("conclusion", 32, 56))


def study(
    key: str,
    design: str = "animal_in_vivo",
    *,
    senior: str | None = None,
    text: str = TEXT,
    **more: Any,
) -> Annotated:
    """`more`: fields of the study card or of the article."""
    card = {k: more.pop(k) for k in list(more) if k in StudyCard.__dataclass_fields__}
    if senior:
        more["authors"] = (Author("First" + key, "Ada"), Author(senior, "Eleonora"))
    if "types" in more:
        more["publication_types"] = tuple(PublicationType(t) for t in more.pop("types"))
    article = Article(
        id=key,
        pmid=key,
        text=text,
        passages=(Passage("title", 0, 7), Passage("abstract", 8, len(text))),
        **more,
    )
    sentences = tuple(Sentence(start, end, role) for role, start, end in _ROLES)
    return Annotated(article, sentences, study=StudyCard(design=design, **card))


def finding(
    key: str, stance: str = "supports", *, role: str = "result", claim: str = "C1", **more: Any
) -> Finding:
    rationale = tuple(Rationale(s, e, TEXT[s:e]) for r, s, e in _ROLES if r == role)
    values: dict[str, Any] = {"relations": (), "why": (), **more}
    return Finding(f"f_{claim}_{key}_{stance}", claim, key, stance, 0.9, rationale, **values)


def hedged(key: str) -> Relation:
    return Relation(
        id=key, subject="a", object="b", predicate="regulates", direction="decreases",
        negated=False, certainty="hedged", role="result", mediator=None, cues=(),
        sentence=(18, 31), score=0.9,
    )  # fmt: skip


RETRACTED = Status(retracted=True)
