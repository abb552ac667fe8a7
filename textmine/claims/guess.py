"""The frame of a claim in which the reader of studies found no relation, guessed by its words.

`textmine.claims.words` says which stretch of the claim acts and which changes; here the mentions in
them become the frame's concepts. What the lexicon does not know stays as words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from textmine.claims.words import Said, Span, Words
from textmine.records import COMPARISONS, Frame, Mention

__all__ = ["guessed"]

# What may act, the likeliest first.
_DOERS = (
    "VESICLE", "MIRNA", "INTERVENTION", "CHEMICAL", "GENE", "CELL", "PATHWAY", "PROCESS",
    "DISEASE", "OUTCOME", "ANATOMY",
)  # fmt: skip
_CARGO = ("MIRNA", "GENE", "CHEMICAL")
_CHANGED = ("PROCESS", "GENE", "MIRNA", "CHEMICAL", "DISEASE", "PATHWAY", "OUTCOME", "VESICLE")
_FLIP = {"increases": "decreases", "decreases": "increases"}
_LONGEST = 8  # words of a stretch that are kept where nothing in it is known


def guessed(
    said: Said, statement: str, mentions: Sequence[Mention], words: Words, kind: str
) -> Frame:
    """The frame; a part of which nothing can be told is left empty."""

    def word_of(mention: Mention) -> str:
        return words.name(mention, statement, mentions)

    subject, mediator = _doer(said, mentions, words, word_of)
    objects, harmful = _things(said, mentions, words, word_of)
    aside = [s.text for s in (said.quality, said.kept_from) if s is not None]
    if aside and not any(_inside(s, mentions) for s in (said.quality, said.kept_from)):
        # "spares X from breakdown": there is more of X
        said = replace(said, turned=said.turned != any(map(words.turns, aside)))
    if said.predicate == "compared_with" and not _changes(said, mentions):
        objects = ("benefit",)
    via = _inside(said.mediator, mentions)
    if via or said.mediator is not None:
        mediator = (*mediator, *(tuple(map(word_of, via)) or _plain(said.mediator)))
    predicate, direction = said.predicate, _direction(said, objects, harmful)
    comparator = tuple(map(word_of, _inside(said.comparator, mentions)[:1])) or _plain(
        said.comparator
    )
    swapped = (
        said.object is not None
        and said.subject is not None
        and (predicate == "associated_with" and said.object.start < said.subject.start)
    )
    if swapped:
        carriers = [m for m in _inside(said.subject, mentions) if m.label == "VESICLE"]
        cargo = any(m.label in _CARGO for m in _inside(said.object, mentions))
        if carriers and cargo:  # "X is enriched in the vesicles"
            predicate, subject = "carries", (word_of(carriers[0]),)
        elif carriers:
            predicate, subject = "regulates", (word_of(carriers[0]),)
        else:  # "X is raised in the disease"
            subject, objects = objects, subject
        mediator = ()
    elif comparator and predicate == "regulates":
        predicate = "carries"  # "richer in X than"
    if predicate == "compared_with" and direction not in COMPARISONS:
        direction = "differs"
    return Frame(
        subject=subject,
        predicate=predicate,
        direction=direction,
        object=objects or (("benefit",) if predicate == "compared_with" else ()),
        mediator=mediator,
        comparator=comparator,
        kind=kind,
        denied=said.denied,
    )


def _changes(said: Said, mentions: Iterable[Mention]) -> bool:
    """Whether the claim names something that can change, not only a cell that fares better."""
    spans = (said.quality, said.kept_from, said.object)
    return any(m.label in _CHANGED for span in spans for m in _inside(span, mentions))


def _inside(span: Span | None, mentions: Iterable[Mention]) -> list[Mention]:
    if span is None:
        return []
    return [m for m in mentions if span.start <= m.start and m.end <= span.end]


def _plain(span: Span | None) -> tuple[str, ...]:
    """The stretch's own words, if they are few enough to name a thing."""
    if span is None or len(span.text.split()) > _LONGEST:
        return ()
    return (span.text,)


def _doer(
    said: Said, mentions: Sequence[Mention], words: Words, word_of: Callable[[Mention], str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What acts, and through what: "miR-1 handed over in vesicles" is vesicles, through miR-1."""
    there = _inside(said.subject, mentions)
    if said.removed and said.subject is not None:
        after = said.subject.start + words.after_removal(said.subject.text)
        there = [m for m in there if m.start >= after] or there
    doers = [m for m in there if m.label in _DOERS]
    vesicles = [m for m in doers if m.label == "VESICLE"]
    if vesicles and doers[0].label != "INTERVENTION":
        cargo = [m for m in doers if m.label in _CARGO and not said.removed]
        if (cargo and cargo[0].start < vesicles[0].start) or _adjective(vesicles[0], cargo):
            return (word_of(vesicles[0]),), tuple(dict.fromkeys(map(word_of, cargo)))
        return (word_of(vesicles[0]),), ()
    if doers:
        # "X and Y": either; "X of Y", "X in Y": X
        return tuple(dict.fromkeys(word_of(m) for m in doers if m.label == doers[0].label)), ()
    return _plain(said.subject), ()


def _adjective(vesicle: Mention, cargo: Sequence[Mention]) -> bool:
    """ "Exosomal miR-1": the cargo stands right behind."""
    return any(0 < m.start - vesicle.end <= 2 for m in cargo)


def _things(
    said: Said, mentions: Sequence[Mention], words: Words, word_of: Callable[[Mention], str]
) -> tuple[tuple[str, ...], bool]:
    """What changes, with the cell it changes in; and whether it is something bad."""
    spans = [s for s in (said.quality, said.kept_from, said.object) if s is not None]
    there = [m for s in spans for m in _inside(s, mentions)]
    cells = [m for m in there if m.label == "CELL" and m.concepts]
    core = [m for m in there if m.label in _CHANGED]
    place = f" in {word_of(cells[0])}" if cells else ""
    head = " ".join(said.object.text.split()[:2]) if said.object is not None else ""
    headed = words.process(head) if core and core[0].label == "DISEASE" else None
    if headed is not None:  # "the spread of tumours"
        return (headed,), False
    if core:
        first = core[0]
        alike = [first, *(m for m in core[1:] if m.label == first.label and _joined(said, m, core))]
        placed = place if first.label in ("PROCESS", "GENE") else ""
        named = (f"{word_of(m)}{placed if m.concepts else ''}" for m in alike)
        return tuple(dict.fromkeys(named)), first.label == "DISEASE"
    process = next((p for s in spans if (p := words.process(s.text))), None)
    if process is not None:
        return (process + place,), False
    if cells and said.direction in ("protects", "improves", "worsens"):
        return (f"benefit{place}",), False
    if cells:
        return (word_of(cells[0]),), False
    plain = (_plain(s) for s in reversed(spans))
    return next((words_of for words_of in plain if words_of), ()), False


def _joined(said: Said, mention: Mention, core: Sequence[Mention]) -> bool:
    """Whether a mention is named in one breath with the first ("X and Y")."""
    if said.object is None:
        return False
    start = core[0].end - said.object.start
    between = said.object.text[max(0, start) : max(0, mention.start - said.object.start)]
    return len(between) < 40 and any(sign in between for sign in (",", " and ", " or "))


def _direction(said: Said, objects: Sequence[str], harmful: bool) -> str:
    direction = said.direction
    if direction in ("protects", "improves"):
        direction = "decreases" if harmful else "increases"
    elif direction == "worsens":
        direction = "increases" if harmful else "decreases"
    if said.turned:
        direction = _FLIP.get(direction, direction)
    if said.removed and said.predicate == "regulates":
        direction = _FLIP.get(direction, direction)
    return direction
