"""A claim in plain words -> its frame, read by the same reader as the studies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from textmine.records import Annotated, Article, Claim, Frame, Mention, Passage, Relation

__all__ = ["Read", "frame_of", "framed"]

# Told first what a claim is mainly about: an effect or a comparison before cargo and origin.
_PREFERENCE = (
    "compared_with", "regulates", "targets", "mediates", "converts_to", "delivers", "carries",
    "associated_with",
)  # fmt: skip


class Read(Protocol):
    """What a reader must offer (`textmine.reading.pipeline.Reader.read`)."""

    def __call__(self, article: Article) -> Annotated: ...


def framed(claims: Sequence[Claim], read: Read) -> tuple[Claim, ...]:
    """The claims, those without a frame with the one that their statement gives.

    A statement that cannot be read keeps what could be, is not checkable, and says why.
    """
    out = []
    for claim in claims:
        if claim.frame is not None:
            out.append(claim)
            continue
        frame, gap = frame_of(claim.statement, read)
        if gap is None:
            out.append(replace(claim, frame=frame))
        else:
            out.append(replace(claim, frame=frame, checkable="no", why=claim.why or gap))
    return tuple(out)


def frame_of(statement: str, read: Read) -> tuple[Frame, str | None]:
    """The frame of a sentence, and what it lacks to be checked (None: nothing)."""
    # As a conclusion, not as a title: a claim asserts something.
    passage = Passage("abstract", 0, len(statement))
    annotated = read(Article(id="claim", text=statement, passages=(passage,)))
    mentions = {m.id: m for m in annotated.mentions}
    usable = [
        r
        for r in annotated.relations
        if r.predicate in _PREFERENCE and r.subject in mentions and r.object in mentions
    ]
    if not usable:
        return _partial(annotated.mentions)
    main = min(usable, key=lambda r: (_PREFERENCE.index(r.predicate), r.sentence, _at(r, mentions)))
    direction = main.direction
    if main.negated and main.predicate in ("regulates", "targets"):
        direction = "unchanged"
    alike = [
        r
        for r in usable
        if r.predicate == main.predicate
        and r.direction == main.direction
        and r.negated == main.negated
        and (r.subject == main.subject or r.object == main.object)
    ]
    said_by = _distinct(mentions[r.subject] for r in alike if r.subject)
    cell = mentions.get(main.context or "")
    used = {i for r in alike for i in (r.subject, r.object, r.mediator, r.context, r.outcome) if i}
    place = [
        m for m in annotated.mentions if m.id not in used and m.label in ("ANATOMY", "DISEASE")
    ]
    named = [mentions[r.mediator] for r in alike if r.mediator in mentions]
    carried = [
        mentions[r.object]
        for r in annotated.relations
        if r.predicate in ("carries", "delivers") and r.object in {m.id for m in said_by}
    ]
    carriers = [
        mentions[r.subject]
        for r in annotated.relations
        if r.predicate in ("carries", "delivers")
        and r.subject
        and r.object in {m.id for m in carried}
    ]
    if carried and carriers:
        # "exosomal X does Y": the vesicle acts, through X
        named, said_by = [*named, *carried], carriers
    if main.predicate == "compared_with":
        things = [mentions[r.outcome] for r in alike if r.outcome in mentions] or place
        rivals = _distinct(mentions[r.object] for r in alike)
        frame = Frame(
            subject=_words(said_by),
            predicate=main.predicate,
            direction=main.direction,
            object=_words(things) or ("benefit",),
            comparator=_words(rivals),
            context=_words(place),
            kind="comparative",
        )
    else:
        objects = _distinct(mentions[r.object] for r in alike)
        texts = _words(objects)
        if cell is not None and (where := _word(cell)):
            texts = tuple(f"{t} in {where}" for t in texts)
        frame = Frame(
            subject=_words(said_by),
            predicate=main.predicate,
            direction=direction,
            object=texts,
            mediator=_words(_distinct(named)),
            context=_words(place),
        )
    return frame, _gap(frame)


def _at(relation: Relation, mentions: dict[str, Mention]) -> int:
    return mentions[relation.object].start


def _partial(mentions: Sequence[Mention]) -> tuple[Frame, str]:
    """What is mentioned, without anything that would say who does what."""
    doers = ("VESICLE", "MIRNA", "INTERVENTION", "CHEMICAL")
    subject = [m for m in mentions if m.label in doers]
    frame = Frame(
        subject=_words(_distinct(subject)),
        object=_words(_distinct(m for m in mentions if m not in subject)),
    )
    if not mentions:
        return frame, "The statement names nothing that the lexicon knows."
    return frame, "No relation between the things that the statement names could be read."


def _gap(frame: Frame) -> str | None:
    for part in ("subject", "object"):
        if not getattr(frame, part):
            return f"The lexicon does not know the {part} of the statement."
    if frame.predicate == "compared_with" and not frame.comparator:
        return "The lexicon does not know what the statement compares with."
    if frame.predicate == "regulates" and frame.direction == "unspecified":
        return None
    return None


def _distinct(mentions: object) -> list[Mention]:
    return list(dict.fromkeys(mentions))  # type: ignore[call-overload]


def _word(mention: Mention) -> str | None:
    """The concept of a mention; an ambiguous or unknown one has none."""
    return mention.concepts[0].curie if mention.concepts else None


def _words(mentions: Sequence[Mention]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(w for m in mentions if (w := _word(m))))
