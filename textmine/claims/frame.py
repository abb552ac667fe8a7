"""A claim in plain words -> its frame.

First by the same reader as the studies: the claim's main relation. A claim is one relation for
sure, so that where the reader finds none its words are asked (`textmine.claims.words`); a frame
that was guessed so says it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from textmine.claims.guess import guessed
from textmine.claims.words import Said, default_words
from textmine.records import Annotated, Article, Claim, Frame, Mention, Passage, Relation

__all__ = ["GUESSED", "Read", "frame_of", "framed", "read_claim"]

GUESSED = "frame: guessed"
# Told first what a claim is mainly about: an effect or a comparison before cargo and origin.
_PREFERENCE = (
    "compared_with", "regulates", "targets", "mediates", "converts_to", "delivers", "carries",
    "associated_with",
)  # fmt: skip
# A thing happens in these; an animal or a group of people is no place of it.
_PLACES = ("CELL", "ANATOMY", "DISEASE")
_LOADS = ("carries", "delivers")
_NO_RELATION = "No relation between the things that the statement names could be read."


class Read(Protocol):
    """What a reader must offer (`textmine.reading.pipeline.Reader.read`)."""

    def __call__(self, article: Article) -> Annotated: ...


def framed(claims: Sequence[Claim], read: Read) -> tuple[Claim, ...]:
    """The claims, those without a frame with the one that their statement gives.

    A frame that had to be guessed says so in the claim's `why` ("frame: guessed ..."). A statement
    that cannot be read keeps what could be, is not checkable, and says why.
    """
    out = []
    for claim in claims:
        if claim.frame is not None:
            out.append(claim)
            continue
        frame, gap, note = read_claim(claim.statement, read)
        if gap is None:
            out.append(replace(claim, frame=frame, why=_told(note, claim.why)))
        else:
            why = claim.why or _told(gap, note)
            out.append(replace(claim, frame=frame, checkable="no", why=why))
    return tuple(out)


def read_claim(statement: str, read: Read) -> tuple[Frame, str | None, str | None]:
    """The frame of a claim, what it lacks to be checked (None: nothing), and what one should know
    of it: that it was guessed, that no single study can show it."""
    words = default_words()
    start = words.denies(statement)
    body = statement[start:]  # "It is not true that X ...": X ... is read, and denied
    annotated = _annotated(body, read)
    said = words.read(body)
    told = None
    frame, gap = _related(annotated, loose=True)
    taken_away = said is not None and said.removed and not _perturbed(annotated)
    if said is not None and (gap or taken_away or _rather(said, frame)):
        guess = guessed(said, body, annotated.mentions, words, words.kind(body))
        lack = _gap(guess)
        if gap or lack is None:
            frame, gap = guess, lack
            told = None if gap else f"{GUESSED} by the claim's words; read it through"
    elif said is not None and said.denied and frame.direction == "unchanged":
        # "does not worsen": getting better fits that too
        frame = _denied(frame, said, annotated)
    if frame.kind == "mechanistic":
        frame = replace(frame, kind=words.kind(body))
    if start:
        frame = replace(frame, denied=not frame.denied)
    if words.quantifier(body) == "universal":
        limit = "quantifier: no single study shows that something is so always, or alone"
        told = _told(told, limit)
    return frame, gap, told


def _perturbed(annotated: Annotated) -> bool:
    """Whether the reader saw that something is taken away ("deleting X")."""
    return any(r.perturbation for r in annotated.relations)


def _rather(said: Said, frame: Frame) -> bool:
    """Whether the words say more than the relation: that two are compared, or that what is carried
    does something, or "keeps X from Y"."""
    if said.quality is not None or said.kept_from is not None:
        return True
    if said.predicate == "compared_with":
        return frame.predicate != "compared_with"
    return frame.predicate in _LOADS and said.predicate not in (*_LOADS, "associated_with")


def _denied(frame: Frame, said: Said, annotated: Annotated) -> Frame:
    text = annotated.article.text
    guess = guessed(said, text, annotated.mentions, default_words(), frame.kind)
    if guess.direction not in ("increases", "decreases"):
        return frame
    return replace(frame, direction=guess.direction, denied=True)


def _told(*parts: str | None) -> str | None:
    return "; ".join(part for part in parts if part) or None


def frame_of(statement: str, read: Read) -> tuple[Frame, str | None]:
    """The frame of a sentence by its relations and the lexicon alone, and what it lacks to be
    checked (None: nothing)."""
    return _related(_annotated(statement, read), loose=False)


def _annotated(statement: str, read: Read) -> Annotated:
    # As a conclusion, not as a title: a claim asserts something.
    passage = Passage("abstract", 0, len(statement))
    return read(Article(id="claim", text=statement, passages=(passage,)))


def _related(annotated: Annotated, *, loose: bool) -> tuple[Frame, str | None]:
    """`loose`: a mention that the lexicon does not know is kept by its words."""
    mentions = {m.id: m for m in annotated.mentions}
    words, text = default_words(), annotated.article.text

    def name(mention: Mention) -> str | None:
        return words.name(mention, text, annotated.mentions) if loose else _concept(mention)

    usable = [
        r
        for r in annotated.relations
        if r.predicate in _PREFERENCE and r.subject in mentions and r.object in mentions
    ]
    if not usable:
        return _partial(annotated.mentions)
    main = min(usable, key=lambda r: (_PREFERENCE.index(r.predicate), r.sentence, _at(r, mentions)))
    alike = [
        r
        for r in usable
        if r.predicate == main.predicate
        and r.direction == main.direction
        and r.negated == main.negated
        and (r.subject == main.subject or r.object == main.object)
    ]
    said_by = _distinct(mentions[r.subject] for r in alike if r.subject)
    used = {i for r in alike for i in (r.subject, r.object, r.mediator, r.context, r.outcome) if i}
    place = [
        m for m in annotated.mentions if m.id not in used and m.label in ("ANATOMY", "DISEASE")
    ]
    named = [mentions[r.mediator] for r in alike if r.mediator in mentions]
    carried, carriers = _cargo(annotated, mentions, said_by)
    if carried and carriers:
        # "exosomal X does Y": the vesicle acts, through X
        named, said_by = [*named, *carried], carriers
    if main.predicate == "compared_with":
        things = [mentions[r.outcome] for r in alike if r.outcome in mentions] or place
        frame = Frame(
            subject=_words(said_by, name),
            predicate=main.predicate,
            direction=main.direction,
            object=_words(things, _concept) or ("benefit",),
            comparator=_words(_distinct(mentions[r.object] for r in alike), name),
            context=_words(place, _concept),
            kind="comparative",
        )
        return frame, _gap(frame)
    objects = _distinct(mentions[r.object] for r in alike)
    texts = _words(objects, name)
    where = mentions.get(main.context or "")
    if where is not None and where.label in _PLACES and (seen_in := _concept(where)):
        texts = tuple(f"{t} in {seen_in}" for t in texts)
    denied_effect = main.negated and main.predicate in ("regulates", "targets")
    frame = Frame(
        subject=_words(said_by, name),
        predicate=main.predicate,
        direction="unchanged" if denied_effect else main.direction,
        object=texts,
        mediator=_words(_distinct(named), name),
        context=_words(place, _concept),
        denied=main.negated and not denied_effect,
    )
    return frame, _gap(frame)


def _cargo(
    annotated: Annotated, mentions: dict[str, Mention], said_by: Sequence[Mention]
) -> tuple[list[Mention], list[Mention]]:
    """Those of the doers that are carried, and what carries them."""
    doers = {m.id for m in said_by}
    load = [
        r
        for r in annotated.relations
        if r.predicate in ("carries", "delivers") and r.object in doers and r.subject in mentions
    ]
    return [mentions[r.object] for r in load], [mentions[r.subject] for r in load if r.subject]


def _at(relation: Relation, mentions: dict[str, Mention]) -> int:
    return mentions[relation.object].start


def _partial(mentions: Sequence[Mention]) -> tuple[Frame, str]:
    """What is mentioned, without anything that would say who does what."""
    doers = ("VESICLE", "MIRNA", "INTERVENTION", "CHEMICAL")
    subject = [m for m in mentions if m.label in doers]
    frame = Frame(
        subject=_words(_distinct(subject), _concept),
        object=_words(_distinct(m for m in mentions if m not in subject), _concept),
    )
    if not mentions:
        return frame, "The statement names nothing that the lexicon knows."
    return frame, _NO_RELATION


def _gap(frame: Frame) -> str | None:
    for part in ("subject", "object"):
        if not getattr(frame, part):
            return f"The lexicon does not know the {part} of the statement."
    if frame.predicate == "compared_with" and not frame.comparator:
        return "The lexicon does not know what the statement compares with."
    return None


def _distinct(mentions: Iterable[Mention]) -> list[Mention]:
    return list(dict.fromkeys(mentions))


def _concept(mention: Mention) -> str | None:
    """The concept of a mention; an ambiguous or unknown one has none."""
    return mention.concepts[0].curie if mention.concepts else None


def _words(mentions: Sequence[Mention], name: Callable[[Mention], str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(w for m in mentions if (w := name(m))))
