"""What a clause of the relation reader is, and what its readers share while they read one."""

from __future__ import annotations

from dataclasses import dataclass, field

from textmine.reading.phrases import Atom, Event
from textmine.reading.triggers import Token
from textmine.reading.verbs import VerbGroup, VerbReader
from textmine.records import Mention

__all__ = ["DOING", "STOP", "Adjunct", "Clause", "ClauseState", "Reading", "one_kind"]


@dataclass(slots=True)
class Adjunct:
    """A prepositional phrase: `kind` is the preposition, or by_ing, than, to_do, not_by ..."""

    kind: str
    atoms: list[Atom]
    token: Token


@dataclass(slots=True)
class Clause:
    subject: list[Atom]
    verb: VerbGroup | None
    objects: list[Atom] = field(default_factory=list)
    adjuncts: list[Adjunct] = field(default_factory=list)
    fronted: list[Adjunct] = field(default_factory=list)
    purpose: bool = False
    relative: bool = False
    gerund: bool = False
    hedged: bool = False
    question: bool = False
    split: bool = False
    transitive: bool = False
    parent: Clause | None = None
    start: int = 0
    end: int = 0

    def verb_is(self, *classes: str) -> bool:
        return self.verb is not None and self.verb.cls in classes


@dataclass(slots=True)
class Reading:
    """What was read in one sentence."""

    tokens: list[Token]
    clauses: list[Clause]
    events: list[Event]
    side: list[tuple[str, Mention, Mention, bool, Token]]


STOP = frozenset(";:.!?")
# "X acts to lower Y" tells what X does, "X was used to lower Y" what it was meant to do.
DOING = frozenset(("act", "serve", "work", "help", "continue", "begin", "start"))


def one_kind(atoms: list[Atom]) -> bool:
    """Is this a plain list of things of one kind ("A and B, which ...")?"""
    labels = {a.mention.label if a.mention is not None else "" for a in atoms}
    plain = all(not (a.neg or a.arm or a.pert) for a in atoms)
    return len(atoms) > 1 and len(labels) == 1 and "" not in labels and plain


class ClauseState(VerbReader):
    """Where the walk over the tokens is: clauses so far, subject, what stands in front."""

    def __init__(self, tokens: list[Token]) -> None:
        super().__init__(tokens)
        self.clauses: list[Clause] = []
        self.fronted: list[Adjunct] = []
        self.subject: list[Atom] = []
        self.hedged = False
        self.question = False
        self.split = False
        self.waiting: list[Clause] = []

    def _finite_after(self, j: int) -> bool:
        events, side = len(self.events), len(self.side)
        _, end = self.phrase(j + 1)
        del self.events[events:], self.side[side:]
        return self.finite(end)

    def _clause(self, subject: list[Atom], verb: VerbGroup | None, i: int) -> Clause:
        clause = Clause(
            subject,
            verb,
            fronted=list(self.fronted),
            hedged=self.hedged,
            question=self.question,
            split=self.split,
            start=i,
        )
        self.clauses.append(clause)
        return clause
