"""What the page shows, as plain values: no HTML here and no computing in the template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from textmine.evidence.profiles import ProfileView, profiles
from textmine.evidence.rules import Rules
from textmine.records import (
    Annotated,
    Claim,
    Cue,
    Finding,
    Grade,
    Mention,
    Quote,
    Rationale,
    Relation,
    Verdict,
)
from textmine.stores.base import Store

__all__ = ["CardRow", "ClaimView", "Piece", "StudyView", "claim_views", "pieces"]

PUBMED = "https://pubmed.ncbi.nlm.nih.gov/"
STANCE_ORDER = {"supports": 0, "contradicts": 1, "null_effect": 2, "insufficient": 3}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a quote; `kind` is "" or what is marked there, `label` says it in words."""

    text: str
    kind: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class RelationView:
    subject: str
    predicate: str
    direction: str
    object: str
    mediator: str | None
    notes: str


@dataclass(frozen=True, slots=True)
class CardRow:
    """One field of the study card, and the words it was read from."""

    name: str
    value: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class StudyView:
    """One finding with its article, as a row of the page."""

    finding: Finding
    article_id: str
    link: str | None
    title: str
    source: str
    design: str
    status: str
    quotes: tuple[tuple[str, tuple[Piece, ...]], ...]
    relations: tuple[RelationView, ...]
    grade: Grade | None
    card: tuple[CardRow, ...]
    not_reported: tuple[str, ...]
    profiles: tuple[ProfileView, ...] = ()
    funding: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimView:
    claim: Claim
    verdict: Verdict
    studies: tuple[StudyView, ...]
    excluded: tuple[tuple[StudyView, str], ...]
    silent: int


def claim_views(store: Store, *, link: bool = True) -> list[ClaimView]:
    """Every claim with its verdict and the studies that say something, strongest first.

    Studies that bear on a claim but say nothing clear are counted in `silent`. `link`: whether the
    records are in PubMed, which invented ones are not.
    """
    verdicts = {v.claim_id: v for v in store.verdicts()}
    since: dict[str, list[str]] = {}
    for event in store.events():
        since.setdefault(event.article_id, []).append(f"since: {event.words}")
    articles: dict[str, Annotated] = {}
    views = []
    for claim in store.claims():
        verdict = verdicts[claim.id]
        grades = {g.finding_id: g for g in verdict.grades}
        reasons = {e.finding: e.reason for e in verdict.excluded}
        shown: list[StudyView] = []
        excluded: list[tuple[StudyView, str]] = []
        silent = 0
        for finding in store.findings(claim.id):
            reason = reasons.get(finding.id) or finding.excluded
            if finding.stance == "insufficient" and not (reason and finding.rationale):
                silent += 1
                continue
            if finding.article_id not in articles:
                articles[finding.article_id] = store.article(finding.article_id)
            article = articles[finding.article_id]
            view = _study(
                finding,
                article,
                grades.get(finding.id),
                since=since.get(finding.article_id, ()),
                link=link,
            )
            if reason:
                excluded.append((view, reason))
            else:
                shown.append(view)
        shown.sort(key=_strongest_first)
        excluded.sort(key=lambda pair: (pair[1].partition(":")[0], pair[0].article_id))
        views.append(ClaimView(claim, verdict, tuple(shown), tuple(excluded), silent))
    return views


def _strongest_first(view: StudyView) -> tuple[int, float, str]:
    points = view.grade.points if view.grade else 0.0
    return STANCE_ORDER[view.finding.stance], -points, view.article_id


def _study(
    finding: Finding,
    annotated: Annotated,
    grade: Grade | None,
    *,
    since: Iterable[str],
    link: bool,
) -> StudyView:
    article = annotated.article
    mentions = {m.id: m for m in annotated.mentions}
    used = [r for r in annotated.relations if r.id in set(finding.relations)]
    status = article.status
    words = [
        word
        for word, holds in (
            ("retracted", status.retracted),
            ("expression of concern", status.expression_of_concern),
            ("corrected", status.corrected),
        )
        if holds
    ]
    return StudyView(
        finding=finding,
        article_id=article.id,
        link=f"{PUBMED}{article.pmid}/" if link and article.pmid else None,
        title=article.title or "(no title)",
        source=", ".join(str(part) for part in (article.journal, article.year) if part),
        design=annotated.study.design.replace("_", " "),
        status=", ".join((*words, *since)),
        quotes=tuple(_quote(r, annotated, used) for r in finding.rationale),
        relations=tuple(_relation(r, mentions) for r in used),
        grade=grade,
        card=tuple(_card(annotated)),
        not_reported=tuple(f.replace("_", " ") for f in annotated.study.not_reported),
        profiles=profiles(annotated, Rules.default()),
        funding=tuple(_funding(annotated)),
    )


def _quote(
    quote: Rationale, annotated: Annotated, relations: Sequence[Relation]
) -> tuple[str, tuple[Piece, ...]]:
    role = next(
        (s.role for s in annotated.sentences if s.start <= quote.start < s.end), "not known"
    )
    cues = [cue for relation in relations for cue in relation.cues]
    return role, pieces(quote, annotated.mentions, cues)


def pieces(
    quote: Rationale | Quote, mentions: Sequence[Mention], cues: Sequence[Cue]
) -> tuple[Piece, ...]:
    """The quote cut at its mentions and cues. Where two overlap the mention is marked."""
    marks: list[tuple[int, int, str, str]] = [
        (m.start, m.end, "mention", m.label.lower())
        for m in mentions
        if quote.start <= m.start and m.end <= quote.end
    ]
    taken = [(start, end) for start, end, _, _ in marks]
    for cue in {(c.start, c.end, c.kind) for c in cues}:
        start, end, kind = cue
        inside = quote.start <= start and end <= quote.end
        if inside and all(end <= s or e <= start for s, e in taken):
            marks.append((start, end, "cue", kind))
            taken.append((start, end))
    result = []
    at = quote.start
    for start, end, kind, label in sorted(marks):
        if start > at:
            result.append(Piece(quote.text[at - quote.start : start - quote.start]))
        result.append(Piece(quote.text[start - quote.start : end - quote.start], kind, label))
        at = end
    if at < quote.end:
        result.append(Piece(quote.text[at - quote.start :]))
    return tuple(result)


def _relation(relation: Relation, mentions: Mapping[str, Mention]) -> RelationView:
    def name(key: str | None) -> str | None:
        if key is None:
            return None
        mention = mentions[key]
        concept = mention.concepts[0].name if mention.concepts else None
        same = concept is None or concept.casefold() == mention.text.casefold()
        return mention.text if same else f"{mention.text} ({concept})"

    notes = [relation.role, relation.certainty]
    if relation.negated:
        notes.append("denied")
    if relation.perturbation:
        notes.append(relation.perturbation.replace("_", " "))
    if relation.ambiguous:
        notes.append(f"ambiguous: {relation.ambiguous}")
    context = name(relation.context)
    if context:
        notes.append(f"in {context}")
    return RelationView(
        subject=name(relation.subject) or "agent not stated",
        predicate=relation.predicate.replace("_", " "),
        direction=relation.direction,
        object=name(relation.object) or "",
        mediator=name(relation.mediator),
        notes=", ".join(notes),
    )


_FIELDS = (
    "subjects", "species", "cell_species", "strains", "models", "n", "n_per_group", "arms",
    "comparators", "vesicle_source", "vesicle_cell", "vesicle_donor", "vesicle_state", "isolation",
    "characterisation", "markers", "dose", "route", "timing", "outcomes", "causal_test",
    "randomised", "blinded", "power_calculation", "dose_response", "registration", "effect_sizes",
    "p_values",
)  # fmt: skip


def _card(annotated: Annotated) -> list[CardRow]:
    study = annotated.study
    found: dict[str, list[Quote]] = {}
    for quote in study.quotes:
        found.setdefault(quote.field, []).append(quote)
    design = study.design.replace("_", " ")
    why = f" ({'; '.join(study.design_reasons)})" if study.design_reasons else ""
    rows = [CardRow("design", design + why, tuple(found.get("design", ())))]
    for field in _FIELDS:
        value = getattr(study, field)
        if value is None or value == ():
            continue
        if isinstance(value, bool):
            shown = "yes" if value else "no"
        elif isinstance(value, tuple):
            shown = ", ".join(value)
        else:
            shown = str(value)
        rows.append(CardRow(field.replace("_", " "), shown, tuple(found.get(field, ()))))
    return rows


def _funding(annotated: Annotated) -> list[tuple[str, str]]:
    """What the record, not the abstract, says of money and interests."""
    study = annotated.study
    rows = [("funding", "; ".join(study.funding))] if study.funding else []
    if study.competing_interests:
        rows.append(("competing interests", study.competing_interests))
    return rows
