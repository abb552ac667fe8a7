"""Which articles can bear on a claim: both of its sides must be mentioned, in whatever words.

A concept counts with all its kinds, with the general words that may stand for it, with what is
studied in its place, and with what reads it out. What this turns away no relation could have spoken
for, so the symbolic reading loses nothing by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textmine.claims.stance import Question
from textmine.claims.terms import Expression
from textmine.claims.values import Values
from textmine.claims.view import View

__all__ = ["Filter", "filter_of", "near"]

NEAR = 0.4  # of what is particular in a claim's sentence must stand in the article


@dataclass(frozen=True, slots=True)
class Filter:
    """The concepts of which an article must hold one on each side; None: anything goes."""

    sides: Mapping[str, frozenset[str] | None]

    def lacks(self, keys: frozenset[str]) -> str | None:
        """The first side that the article does not mention, or None if it may bear on the claim."""
        for side, wanted in self.sides.items():
            if wanted is not None and wanted.isdisjoint(keys):
                return side
        return None


def near(question: Question, view: View, values: Values) -> bool:
    """Whether an article may be on a plain claim by the words they share."""
    particular = values.words(question.claim.statement) - values.weak
    return len(particular & view.words) >= NEAR * len(particular)


def filter_of(question: Question, values: Values) -> Filter:
    sides: dict[str, frozenset[str] | None] = {
        "subject": _doers((*question.subject, *question.mediator), values),
        "object": _things(question.object, values),
    }
    if question.mediator:
        sides["mediator"] = _things(question.mediator, values)
    if question.comparator:
        sides["comparator"] = _doers(question.comparator, values)
    return Filter(sides)


def _doers(wanted: Iterable[Expression], values: Values) -> frozenset[str] | None:
    wanted = tuple(wanted)
    concepts = {c for e in wanted for c in e.concepts}
    if not concepts or any(not e.concepts for e in wanted):
        return None
    above = {k for c in concepts for k in values.vocabulary.closure(c)}
    out = set(concepts)
    out.update(general for general, kind in values.generic.items() if kind in above)
    for table in values.indirect:
        if table.instead_of & concepts:
            if table.words is not None:
                return None  # known by wording alone
            out |= table.concepts
    return frozenset(out)


def _things(wanted: tuple[Expression, ...], values: Values) -> frozenset[str] | None:
    if not wanted or any(e.benefit or not e.concepts for e in wanted):
        return None
    concepts = {c for e in wanted for c in e.concepts}
    out = set(concepts)
    for readout in values.readouts:
        if readout.of.concepts & concepts:
            out |= readout.by.concepts
    # A mediator may be said to act on the cell itself ("X mediates the calming of the cells").
    out.update(c for e in wanted for c in e.place)
    return frozenset(out)
