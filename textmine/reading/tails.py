"""What follows the head of a phrase and belongs to it: of, by, on, from, participles, brackets."""

from __future__ import annotations

from dataclasses import dataclass, field

from textmine.reading.tagging import HAVE
from textmine.reading.triggers import Reading, Token
from textmine.records import Mention

__all__ = ["CARGO", "CELLISH", "Atom", "Event", "Tails", "sign_of"]

CELLISH = ("CELL", "ANATOMY", "ORGANISM")
CARGO = ("MIRNA", "GENE", "CHEMICAL")
SOURCES = ("CELL", "ORGANISM")
AGENTS = ("VESICLE", "INTERVENTION", "CHEMICAL", "CELL", "MIRNA", "GENE")

# Changes that something has caused, as against acts of somebody (inhibition, suppression).
CHANGES = frozenset(
    (
        "loss",
        "losses",
        "rise",
        "rises",
        "fall",
        "drop",
        "decline",
        "increase",
        "increases",
        "decrease",
        "decreases",
        "elevation",
        "gain",
        "reduction",
        "reductions",
        "surge",
        "change",
        "changes",
        "upregulation",
        "downregulation",
        "up-regulation",
        "down-regulation",
    )
)


@dataclass(slots=True)
class Event:
    """A change spoken of as a thing; `sign` 0: some effect, direction not said."""

    token: Token
    sign: int
    cls: str
    agents: list[Atom] = field(default_factory=list)
    themes: list[Atom] = field(default_factory=list)
    via: list[Atom] = field(default_factory=list)
    neg: bool = False
    agents_by: Token | None = None


@dataclass(slots=True)
class Atom:
    token: Token
    mention: Mention | None = None
    event: Event | None = None
    pert: Reading | None = None
    context: Mention | None = None
    arm: bool = False
    neg: bool = False
    pron: str | None = None
    pert_agents: list[Atom] = field(default_factory=list)


class Tails:
    """Base of the phrase reader: the tokens, and phrases behind a head.

    `side` collects relations said inside a phrase ("exosomes from X"), `events` every event.
    """

    def __init__(self, tokens: list[Token]) -> None:
        self.t = tokens
        self.n = len(tokens)
        self.side: list[tuple[str, Mention, Mention, bool, Token]] = []
        self.events: list[Event] = []
        self.depth = 0
        self.in_subject = False
        self.in_event = False

    def low(self, i: int) -> str:
        return self.t[i].low if 0 <= i < self.n else ""

    def pos(self, i: int) -> str:
        return self.t[i].pos if 0 <= i < self.n else ""

    def finite(self, i: int) -> bool:
        """Does a finite verb group start here?"""
        if self.low(i) == "no" and self.low(i + 1) in ("longer", "more"):
            i += 2
        while self.pos(i) in ("adverb", "neg"):
            i += 1
        if self.pos(i) in ("be", "modal"):
            return True
        return self.pos(i) in ("verb", "suspended") and not self.reduced(i)

    def reduced(self, i: int) -> bool:
        """A participle that describes the noun before it ("X caused by Y", "mice given Y")."""
        t = self.t[i]
        verb = t.reading("verb")
        if verb is None or t.pos != "verb" or "part" not in verb.forms:
            return False
        if self.pos(i - 1) in ("be", "adverb", "neg", "modal") and self.low(i - 1) != "newly":
            k = i - 1
            while k >= 0 and self.pos(k) in ("adverb", "neg"):
                k -= 1
            if self.pos(k) in ("be", "modal") or self.low(k) in HAVE:
                return False
        if self.low(i - 1) in HAVE:
            return False
        nxt = self.low(i + 1)
        if (verb.cls in ("treat", "derive") and "past" in verb.forms) or verb.lemma == "give":
            return self.pos(i - 1) != "conj" and (
                nxt in ("with", "to", "from", "by", "in", "on")
                or verb.lemma in ("give",)
                or (verb.cls == "treat" and self.later_finite(i))
            )
        if nxt == "by" and self.pos(i + 2) not in ("number",) and self.pos(i - 1) != "conj":
            return True
        return verb.cls in ("associate",) and nxt in ("with", "to") and self.later_finite(i)

    def later_finite(self, i: int) -> bool:
        for k in range(i + 1, min(self.n, i + 14)):
            if self.low(k) in (";", ",", "while", "whereas", "but"):
                return False
            if self.pos(k) in ("be", "modal"):
                return True
            if self.pos(k) == "verb" and self.pos(k - 1) in ("mention", "noun", "word", "adverb"):
                return True
        return False

    def phrase(self, i: int, *, subject: bool = False) -> tuple[list[Atom], int]:
        """A coordinated noun phrase from `i`; PhraseReader knows how."""
        raise NotImplementedError

    def event(self, token: Token, sign: int, cls: str) -> Event:
        event = Event(token, sign, cls)
        self.events.append(event)
        return event

    def _tail(self, heads: list[Atom], i: int, j: int) -> tuple[list[Atom], int]:
        """What follows a head and belongs to it: of, by, on, from, participles, brackets."""
        more = [a for h in heads for a in h.token.extra.pop("rest", [])]
        heads = heads + more
        while j < self.n:
            head = heads[-1] if heads else None
            event = head.event if head is not None else None
            low, p = self.low(j), self.pos(j)
            if low == "(":
                j, inner = self._bracket(j)
                if not heads and inner:
                    heads = inner
                continue
            if low == "of":
                whole = (
                    head is not None
                    and head.mention is not None
                    and (head.mention.label in ("PROCESS", "OUTCOME", "DISEASE"))
                )
                themes, end = self._themes(event, j + 1, of_process=whole)
                if not themes and end == j + 1:
                    return heads, j
                beside = [
                    a for a in themes[1:] if event is not None and a.event is not None
                    and a.event.token.pos == "noun" and a.event.themes
                ]  # fmt: skip
                if beside:
                    # "the fall of A and rise of B": two changes
                    themes = [a for a in themes if a not in beside]
                    heads = [*beside, *heads]
                if not heads:
                    heads = themes if self._measures(j) else []
                elif event is not None and themes:
                    if event.cls in ("affect", "benefit") and not event.agents:
                        event.agents += themes
                    elif not event.themes:
                        event.themes += themes
                elif head is not None and head.mention is not None and themes:
                    self._of(head, themes, j)
                    heads += self._siblings(themes)
                j = end
                continue
            if (
                low in ("after", "following", "upon")
                and event is not None
                and event.themes
                and (not event.agents and event.sign)
            ):
                agents, end = self.phrase(j + 1)
                if (
                    agents
                    and agents[0].mention is not None
                    and agents[0].mention.label in ("CHEMICAL", "DISEASE", "GENE", "INTERVENTION")
                ):
                    event.agents += agents
                    j = end
                    continue
                return heads, j
            if (
                low in ("on", "against", "from", "towards", "toward", "in", "to")
                and event is not None
                and (low != "to" or event.cls in ("deliver", "affect"))
            ):
                if low == "from" and event.cls not in ("protect",):
                    return heads, j
                themes, end = self._themes(event if low == "in" else None, j + 1)
                if not themes:
                    return heads, j
                if (
                    low == "in"
                    and event.cls in ("increase", "decrease")
                    and (event.token.low not in CHANGES)
                ):
                    return heads, j
                if low == "in":
                    if (
                        event.themes
                        or (event.cls == "affect" and event.agents and not event.neg)
                        or all(a.arm for a in themes)
                        or all(a.mention is not None and a.mention.label in CELLISH for a in themes)
                    ):
                        return heads, j
                    event.themes += themes
                elif event.cls == "protect" and event.themes and low in ("against", "from"):
                    if themes[0].context is None and event.themes[0].mention is not None:
                        themes[0].context = event.themes[0].mention
                    event.themes = themes
                elif event.cls == "deliver":
                    pass
                elif event.themes:
                    return heads, j
                else:
                    event.themes += themes
                j = end
                continue
            if (
                low == "by"
                and event is not None
                and not event.agents
                and self.pos(j + 1) not in ("ing", "number")
            ):
                agents, end = self.phrase(j + 1)
                if not agents:
                    return heads, j
                event.agents += agents
                j = end
                continue
            if p == "verb" and self.in_event and event is None and self._caused(j):
                return heads, j
            if p == "verb" and heads and self.reduced(j):
                end = self._participle(heads, j)
                if end == j:
                    return heads, j
                j = end
                continue
            if p == "ing" and heads and self.low(j - 1) != "," and head is not None:
                end = self._participle(heads, j)
                if end == j:
                    return heads, j
                j = end
                continue
            if low == "from" and head is not None and head.mention is not None:
                source, end = self.phrase(j + 1)
                if (
                    head.mention.label == "VESICLE"
                    and source
                    and source[0].mention is not None
                    and (source[0].mention.label == "CELL")
                ):
                    self.side.append(
                        ("derived_from", head.mention, source[0].mention, False, self.t[j])
                    )
                    j = end
                    continue
                if (
                    head.mention.label == "MIRNA"
                    and source
                    and source[0].mention is not None
                    and (source[0].mention.label == "VESICLE")
                ):
                    self.side.append(("carries", source[0].mention, head.mention, False, self.t[j]))
                    j = end
                    continue
                return heads, j
            if low == "on" and head is None and j + 1 < self.n and j:
                given = self.t[j + 1].mention
                host = self.t[j - 1].is_class("noun", "transparent", "people")
                if given is None or not host or given.label not in ("CHEMICAL", "INTERVENTION"):
                    return heads, j
                heads = [Atom(self.t[j + 1], given, arm=True)]
                j += 2
                continue
            if low == "on" and head is not None and head.mention is not None:
                # "mice on X": given X
                given = self.t[j + 1].mention if j + 1 < self.n else None
                if head.mention.label != "ORGANISM" or head.arm or given is None:
                    return heads, j
                if given.label not in ("CHEMICAL", "INTERVENTION"):
                    return heads, j
                heads[-1] = Atom(self.t[j + 1], given, context=head.mention, arm=True)
                j += 2
                continue
            if low == "to" and event is not None and event.cls == "convert":
                return heads, j
            if low == "rich" or low == "enriched":
                if (
                    self.low(j + 1) in ("in", "with")
                    and head is not None
                    and head.mention is not None
                ):
                    cargo, end = self.phrase(j + 2)
                    self._cargo(head.mention, cargo, False, self.t[j])
                    j = end
                    continue
                return heads, j
            return heads, j
        return heads, j

    def _themes(
        self, event: Event | None, i: int, *, of_process: bool = False
    ) -> tuple[list[Atom], int]:
        """The themes of an event. In "the loss of X caused by Y" Y caused the loss, not X; in
        "inhibition of X caused by Y" it caused X."""
        keep = self.in_event
        self.in_event = of_process or (event is not None and event.token.low in CHANGES)
        try:
            return self.phrase(i)
        finally:
            self.in_event = keep

    def _measures(self, j: int) -> bool:
        """Does the head before "of" at `j` only measure ("levels of X")?"""
        t = self.t[j - 1]
        if t.is_class("noun", "harm"):
            return False
        return t.pos != "word" or not t.low.isalpha() or bool(t.readings)

    def _caused(self, j: int) -> bool:
        made = self.t[j].is_class("verb", "increase", "affect", "light")
        return self.low(j + 1) == "by" and made

    def _cargo(self, owner: Mention, cargo: list[Atom], negated: bool, token: Token) -> None:
        for a in cargo:
            if a.mention is not None and owner.label in ("VESICLE", "INTERVENTION"):
                self.side.append(("carries", owner, a.mention, negated, token))

    @staticmethod
    def _siblings(themes: list[Atom]) -> list[Atom]:
        """In "proliferation of X and regeneration" the last is a second head, not a second X."""
        first = themes[0].mention
        if first is None or first.label not in CELLISH:
            return []
        return [a for a in themes[1:] if a.mention is None or a.mention.label not in CELLISH]

    def _of(self, head: Atom, themes: list[Atom], j: int) -> None:
        assert head.mention is not None
        m = themes[0].mention
        if m is None:
            return
        if head.mention.label == "PROCESS" and m.label in ("VESICLE", "INTERVENTION"):
            head.token.extra["by"] = themes[0]
        if head.mention.label == "VESICLE" and m.label == "CELL":
            self.side.append(("derived_from", head.mention, m, False, self.t[j]))
        elif m.label in CELLISH and head.mention.label not in ("CELL", "ORGANISM"):
            head.context = m

    def _bracket(self, j: int) -> tuple[int, list[Atom]]:
        inner: list[Atom] = []
        k, depth = j + 1, 1
        while k < self.n and depth:
            if self.low(k) == "(":
                depth += 1
            elif self.low(k) == ")":
                depth -= 1
            elif self.pos(k) == "mention":
                inner.append(Atom(self.t[k], self.t[k].mention))
            k += 1
        return (k, inner) if depth == 0 else (j + 1, [])

    def _source(self, k: int) -> tuple[Mention, int] | None:
        """ "derived from hypoxia-challenged A cells": the cell that stands in the words at `k`."""
        for x in range(k, min(self.n, k + 7)):
            m = self.t[x].mention
            if m is not None and m.label == "CELL":
                after = self.t[x + 1].mention if x + 1 < self.n else None
                return None if after is not None else (m, x + 1)
            if m is None and self.pos(x) not in ("det", "adj", "word", "hyph", "verb", "number"):
                return None
        return None

    def _inside(self, head: Atom) -> Mention | None:
        """The vesicle that an adjective before a cargo names ("exosomal X released by Y")."""
        if head.mention is None or head.mention.label not in CARGO:
            return None
        k = next((k for k, t in enumerate(self.t) if t is head.token), 0)
        before = self.t[k - 1].mention if k else None
        return before if before is not None and before.label == "VESICLE" else None

    def _participle(self, heads: list[Atom], j: int) -> int:
        """ "X caused by Y", "mice given X", "vesicles lacking X"; `j` if it is none."""
        t = self.t[j]
        verb = t.reading("verb")
        head = heads[-1]
        if verb is None:
            return j
        if t.pos == "ing" and verb.lemma in ("overexpress", "express"):
            # "vesicles overexpressing X": made so, no act of theirs
            return self.phrase(j + 1)[1] if self.phrase(j + 1)[0] else j
        if t.pos == "ing" and verb.cls not in ("carry", "lack", "treat", "follow", "other"):
            return j
        k = j + 1
        if verb.cls in ("derive",) and head.mention is not None:
            if self.low(k) not in ("from", "by"):
                return j
            source, end = self.phrase(k + 1)
            beyond = self._source(k + 1)
            if beyond is not None and (not source or source[0].mention is not beyond[0]):
                source, end = [Atom(self.t[beyond[1] - 1], beyond[0])], beyond[1]
            if not source or source[0].mention is None:
                return j
            inside = self._inside(head)
            if inside is not None and source[0].mention.label == "CELL":
                self.side.append(("derived_from", inside, source[0].mention, False, t))
            elif source[0].mention.label in SOURCES:
                self.side.append(("derived_from", head.mention, source[0].mention, False, t))
            return end
        if verb.cls in ("carry", "lack") and head.mention is not None:
            if t.pos == "verb":
                if self.low(k) == "by":
                    owner, end = self.phrase(k + 1)
                    for a in owner:
                        if a.mention is not None:
                            self._cargo(a.mention, [head], False, t)
                    return end
                return j
            cargo, end = self.phrase(k)
            if not cargo:
                return j
            if head.mention.label == "VESICLE":
                self._cargo(head.mention, cargo, verb.cls == "lack", t)
            elif (
                verb.cls == "lack"
                and head.mention.label == "ORGANISM"
                and cargo[0].mention is not None
                and not head.arm
            ):
                # "mice lacking X" are X knock-outs
                lost = Reading("perturbation", "knock_out", "lack", (), -1)
                heads[-1] = Atom(
                    cargo[0].token, cargo[0].mention, None, lost, head.mention, arm=True
                )
            elif verb.cls == "lack" and cargo[0].mention is not None and not head.arm:
                head.token.extra["lacking"] = cargo[0]
            return end
        laden = verb.lemma == "load" and head.mention is not None and self.low(k) == "with"
        if laden and head.mention is not None and head.mention.label == "VESICLE":
            cargo, end = self.phrase(k + 1)
            self._cargo(head.mention, cargo, False, t)
            return max(end, k + 1)
        if verb.cls == "treat":
            if t.pos == "ing" and verb.lemma not in ("receive",):
                return j
            if self.low(k) in ("with", "to", "by", "in"):
                k += 1
            given, end = self.phrase(k)
            if not given:
                return end if end > k else j
            if (head.mention is not None and head.mention.label in CELLISH) or head.mention is None:
                place = head.mention
                if given[0].pert is None or given[0].mention is not None:
                    heads[-1] = Atom(
                        given[0].token, given[0].mention, given[0].event, given[0].pert, place, True
                    )
                    heads += [
                        Atom(a.token, a.mention, a.event, a.pert, place, True) for a in given[1:]
                    ]
            return end
        if self.low(k) == "by":
            agents, end = self.phrase(k + 1)
            if not agents:
                return j
            if verb.cls == "deliver":
                for a in agents:
                    if a.mention is not None and head.mention is not None:
                        self.side.append(("delivers", a.mention, head.mention, False, t))
                return end
            if head.event is not None:
                if not head.event.agents:
                    head.event.agents += agents
            elif (
                head.mention is not None
                and head.mention.label == "CELL"
                and (verb.lemma in ("induce", "stimulate", "challenge", "activate"))
            ):
                first = agents[0]
                if first.mention is not None and not head.arm:
                    heads[-1] = Atom(
                        first.token, first.mention, None, first.pert, head.mention, arm=True
                    )
            elif head.mention is not None and verb.cls in ("increase", "decrease"):
                event = self.event(t, sign_of(verb.cls), verb.cls)
                event.agents += agents
                event.themes.append(head)
                heads[-1] = Atom(t, event=event)
            return end
        return j


def sign_of(cls: str) -> int:
    return {"increase": 1, "decrease": -1, "protect": -1, "rise": 1, "fall": -1}.get(cls, 0)
