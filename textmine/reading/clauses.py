"""Clauses of the relation reader: subject, verb group, object and what hangs on them.

`read_clauses` walks once from left to right over the tokens. It is tolerant: what it does not
understand it steps over, so that any text yields a (possibly empty) list of clauses.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from textmine.reading.phrases import CELLISH, Atom, Event
from textmine.reading.tagging import SPLIT, tag
from textmine.reading.triggers import Reading as WordReading
from textmine.reading.triggers import Token
from textmine.reading.verbs import VerbGroup, VerbReader, forms_of
from textmine.records import Mention

__all__ = ["Adjunct", "Clause", "VerbGroup", "read_clauses"]


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


def read_clauses(tokens: list[Token]) -> Reading:
    """The clauses of one sentence."""
    tag(tokens)
    reader = _ClauseReader(tokens)
    reader.run()
    return Reading(tokens, reader.clauses, reader.events, reader.side)


def _one_kind(atoms: list[Atom]) -> bool:
    """Is this a plain list of things of one kind ("A and B, which ...")?"""
    labels = {a.mention.label if a.mention is not None else "" for a in atoms}
    plain = all(not (a.neg or a.arm or a.pert) for a in atoms)
    return len(atoms) > 1 and len(labels) == 1 and "" not in labels and plain


class _ClauseReader(VerbReader):
    def __init__(self, tokens: list[Token]) -> None:
        super().__init__(tokens)
        self.clauses: list[Clause] = []
        self.fronted: list[Adjunct] = []
        self.subject: list[Atom] = []
        self.hedged = False
        self.question = False
        self.split = False
        self.waiting: list[Clause] = []

    # --- the walk

    def run(self) -> None:
        i = 0
        while i < self.n:
            j = self.step(i)
            i = j if j > i else i + 1
        self._unproven()

    def _unproven(self) -> None:
        """ "There was no evidence that X did", "nor did X": the clause behind is denied."""
        for k in range(self.n):
            if not self.t[k].is_class("noun", "evidence"):
                continue
            if "no" not in (self.low(k - 1), self.low(k - 2)):
                continue
            ends = ("that", "of", "for", *STOP)
            that = next((x for x in range(k + 1, self.n) if self.low(x) in ends), -1)
            if that >= 0 and self.low(that) == "that":
                self._deny_after(that)
        for k in range(self.n):
            if self.low(k) == "nor" and self.pos(k + 1) in ("modal", "be"):
                self._deny_after(k + 1)

    def _deny_after(self, k: int) -> None:
        """Negates the verb of the first clause behind token `k`."""
        later = [c for c in self.clauses if c.start > k and c.verb is not None]
        for first in sorted(later, key=lambda c: c.start)[:1]:
            if first.verb is not None:
                first.verb.neg = True

    def step(self, i: int) -> int:
        p, low = self.pos(i), self.low(i)
        if low in STOP:
            self.subject, self.fronted = [], []
            return i + 1
        if low == "(":
            return self._bracket(i)[0]
        if low in SPLIT or low in ("whether", "if"):
            self.split = low in SPLIT
            self.question = self.question or low in ("whether", "if")
            self.subject = []
            return i + 1
        if low == "but":
            self.split = True
            return i + 1
        if (
            low in ("unlike",)
            or low == "despite"
            or p == "prep"
            or (low == "compared" and self.low(i + 1) in ("with", "to"))
        ):
            return self._front(i)
        if low == "to" or p == "ing":
            return self._front(i)
        if self.finite(i):
            return self.predicate(i, self.subject)
        if p == "adj" and self.t[i].is_class("adjective", "unable"):
            return i + 1
        if p == "conj" and self.finite(i + 1) and self.subject:
            return self.predicate(i + 1, self.subject)
        if p in ("mention", "det", "pron", "noun", "adj", "number", "word", "neg", "ing", "adverb"):
            atoms, j = self.phrase(i, subject=True)
            if self.low(j) == "," and self.t[j - 1].mention is not None:
                j = self._apposition(atoms, j)
            if self.pos(j) == "rel" or (self.low(j) == "," and self.pos(j + 1) == "rel"):
                j = self._relative(atoms, j)
            if (self.pos(j) == "prep" and self.low(j) not in ("with",) and atoms) or (
                self.low(j) == "with" and atoms and self._finite_after(j)
            ):
                j = self._subject_tail(atoms, j)
            while self.low(j) == ",":
                j += 1
                if self.pos(j) == "adverb" and self.low(j + 1) == ",":
                    j += 1
                if self.low(j) in ("unlike", "but"):
                    j = self._front(j + (self.low(j) == "but"), into=atoms)
            if self.finite(j):
                if j > i:
                    self.subject = atoms
                return self.predicate(j, atoms)
            if self.pos(j) == "hyph":
                return j + 1
            if atoms and self.pos(j) == "word" and self.finite(j + 1):
                self.subject = atoms
                return self.predicate(j + 1, atoms)
            if atoms and self.low(j) in ("", ".", "via", "through", "by", "in", ":", "without"):
                # A title without a verb
                clause = self._clause(atoms, None, i)
                j = self._adjuncts(clause, j)
                clause.end = j
            return max(j, i + 1)
        return i + 1

    def _finite_after(self, j: int) -> bool:
        events, side = len(self.events), len(self.side)
        _, end = self.phrase(j + 1)
        del self.events[events:], self.side[side:]
        return self.finite(end)

    def _apposition(self, atoms: list[Atom], j: int) -> int:
        """ "SB203580, a p38 inhibitor," and "These vesicles, AMSC-Exo,"."""
        if not atoms:
            return j
        if self.pos(j + 1) == "verb" and self.reduced(j + 1) and atoms[-1].mention is not None:
            heads = [Atom(atoms[-1].token, atoms[-1].mention)]
            end = self._participle(heads, j + 1)
            return end + (self.low(end) == ",") if end > j + 1 else j
        if self.low(j + 1) in ("a", "an", "the"):
            inner, end = self.phrase(j + 1)
            if inner and self.low(end) == "," and len(inner) == 1:
                if inner[0].pert is not None:
                    atoms[-1].token.extra["inhibits"] = inner[0]
                return end + 1
            return self._aside(j)
        return j

    def _aside(self, j: int) -> int:
        """ "X, a transcript of 410 bases, lowered Y": behind the aside; else `j`."""
        for k in range(j + 2, min(self.n, j + 12)):
            if self.low(k) == ",":
                return k + 1 if self.finite(k + 1) else j
            if self.pos(k) in ("verb", "be", "modal", "rel", "mention") or self.low(k) in STOP:
                return j
        return j

    def _subject_tail(self, atoms: list[Atom], j: int) -> int:
        """Prepositional phrases between subject and verb: place, treatment, comparison."""
        while self.pos(j) == "prep" and self.low(j) not in ("than", "that"):
            kind = self.low(j)
            inner, end = self.phrase(j + 1, subject=kind == "between")
            if end == j + 1:
                return j
            if (
                kind == "by"
                and atoms
                and atoms[-1].mention is not None
                and not atoms[-1].arm
                and inner
                and (atoms[-1].mention.label in ("PROCESS", "OUTCOME"))
            ):
                event = self.event(self.t[j], 1, "increase")
                event.agents += inner
                event.themes.append(atoms[-1])
                atoms[-1] = Atom(self.t[j], event=event)
                j = end
                continue
            if (
                kind == "in"
                and atoms
                and inner
                and inner[0].mention is not None
                and not inner[0].arm
                and (
                    inner[0].mention.label == "VESICLE"
                    and atoms[-1].mention is not None
                    and atoms[-1].mention.label in ("MIRNA", "GENE")
                )
            ):
                self.side.append(("carries", inner[0].mention, atoms[-1].mention, False, self.t[j]))
            if atoms and kind in (
                "in",
                "of",
                "between",
                "after",
                "upon",
                "following",
                "with",
                "from",
                "via",
                "through",
                "to",
                "under",
                "during",
                "within",
                "for",
                "by",
            ):
                self.fronted.append(Adjunct(kind, inner, self.t[j]))
            j = end
            if self.low(j) == "(":
                j = self._bracket(j)[0]
            if self.low(j) == "and" and self.pos(j + 1) == "prep":
                j += 1
        return j

    def _relative(self, atoms: list[Atom], j: int) -> int:
        comma = self.low(j) == ","
        k = j + 1 + comma
        if self.low(k - 1) == "that" and not self.finite(k):
            # "the fall that X had caused"
            inner, end = self.phrase(k, subject=True)
            if inner and self.finite(end):
                verb, stop = self.group(end)
                if verb is not None:
                    self.clauses.append(
                        Clause(inner, verb, list(atoms[-1:]), relative=True, start=k, end=stop)
                    )
                    return stop
            return j
        if self.finite(k):
            keep = self.subject, self.fronted
            self.fronted = []
            owner = atoms if _one_kind(atoms) else atoms[-1:]
            last = self.clauses[-1] if self.clauses else None
            m = owner[0].mention if owner else None
            verb, _ = self.group(k)
            if (
                comma
                and last is not None
                and last.objects is atoms
                and m is not None
                and verb is not None
                and (
                    m.label in ("DISEASE", "PROCESS", "OUTCOME")
                    and verb.cls in ("increase", "decrease", "improve")
                    and last.verb is not None
                    and last.verb.cls in ("increase", "decrease", "improve", "reverse")
                    and not verb.passive
                )
            ):
                owner = last.subject
            before = len(self.clauses)
            end = self.predicate(k, owner, relative=True)
            self._given_to(owner, self.clauses[before : before + 1])
            self.subject, self.fronted = keep
            while comma and self.low(end) == ",":
                end += 1
            return end
        inner, end = self.phrase(k, subject=True)
        if inner and self.finite(end):
            verb, stop = self.group(end)
            if verb is not None:
                self.clauses.append(
                    Clause(
                        inner,
                        verb,
                        list(atoms[-1:]),
                        relative=True,
                        start=k,
                        end=stop,
                        hedged=self.hedged,
                    )
                )
                return stop
        return j

    def _front(self, i: int, into: list[Atom] | None = None) -> int:
        """An adjunct before its clause ("In LX-2 cells, ...")."""
        kind = self.low(i)
        j = i + 1
        if kind in ("compared", "comparing"):
            kind, j = "compared", i + 2
        beside = self._beside(i)
        if beside > i:
            kind, j = "compared", beside
        if kind in ("compare",):
            return j
        if kind == "to" or self.pos(i) == "ing":
            start = i + (kind == "to")
            r = self.t[start].reading("verb") if start < self.n else None
            if r is not None and kind == "to" and r.cls == "ask":
                self.question = True
                return start + 1
            if r is not None and self.pos(i) == "ing" and not self.subject:
                pert = self.t[i].reading("perturbation")
                if r.cls in ("decrease", "increase", "reverse") or pert is not None:
                    inner, end = self.phrase(i + 1)
                    if inner:
                        return self._gerund_subject(i, inner, end)
            if r is not None and self.subject:
                return self._nonfinite(start, self.clauses[-1] if self.clauses else None, kind)
            return start + 1 if kind == "to" else i + 1
        negated = False
        if kind == "without" and self.pos(j) == "ing":
            j += 1
        if kind in ("by", "via", "through") and self.pos(j) == "ing":
            before = len(self.clauses)
            end = self._nonfinite(j, None, kind)
            self.waiting += self.clauses[before:]
            return end + (self.low(end) == ",")
        if kind in ("once", "when"):
            holder = Clause([], None)
            end = self._when(holder, i)
            if holder.adjuncts:
                self.fronted += holder.adjuncts
                while (
                    end < self.n
                    and self.low(end) != ","
                    and self.pos(end) in ("prep", "det", "word", "mention", "noun", "adj")
                ):
                    end += 1
                self.subject = []
                return end + (self.low(end) == ",")
        if kind in ("once", "when", "where", "if", "because", "since"):
            self.subject = []
            return j
        if self.pos(j) == "number" and self.pos(j + 1) == "word" and self.pos(j + 2) == "mention":
            return j + 2
        atoms, end = self.phrase(j)
        if end == j:
            return j
        owner = atoms[-1] if atoms else None
        if (
            kind in ("in", "at", "on", "during", "over", "within", "throughout", "for")
            and owner is not None
            and owner.mention is not None
            and not owner.arm
            and owner.mention.label in ("VESICLE", "INTERVENTION", "CHEMICAL")
            and self.finite(end)
        ):
            # "In this model X lowered Y": X is no part of the place
            k = next(x for x in range(end - 1, -1, -1) if self.t[x].mention is owner.mention)
            if k > j:
                return k
        if kind in ("despite", "without"):
            negated = kind == "without"
        for a in atoms:
            a.neg = a.neg or negated
        self.fronted.append(Adjunct(kind, atoms, self.t[i]))
        if self.low(end) == ",":
            end += 1
        return end

    def _gerund_subject(self, i: int, inner: list[Atom], end: int) -> int:
        """ "Inhibiting ERK with U0126 cancelled ...": a perturbation as subject."""

        r = self.t[i].reading("verb")
        assert r is not None
        names = {"decrease": ("inhibition", -1), "increase": ("overexpression", 1)}
        kind, sign = names.get(r.cls, ("overexpression", 1))
        known = self.t[i].reading("perturbation")
        if known is not None:
            kind, sign = known.cls, known.sign
        for a in inner:
            if a.mention is not None:
                a.pert = WordReading("perturbation", kind, self.t[i].low, (), sign)
        self.t[i].extra["pert"] = True
        if self.low(end) == "with":
            tool, end = self.phrase(end + 1)
            event = self.event(self.t[i], sign, r.cls)
            event.agents += tool
            event.themes += [Atom(a.token, a.mention) for a in inner]
        self.subject = inner
        return self.predicate(end, inner) if self.finite(end) else end

    # --- verb groups

    # --- predicates

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

    def predicate(self, i: int, subject: list[Atom], *, relative: bool = False) -> int:
        verb, j = self.group(i)
        if verb is None:
            return i + 1
        if verb.cls in ("report", "ask") and not verb.passive:
            reported = self.low(j) in ("that", "whether", "if", "how", "to")
            if reported or verb.cls == "ask":
                r_hedge = self.t[j - 1].low.startswith(
                    (
                        "suggest",
                        "indicat",
                        "speculat",
                        "propos",
                        "predict",
                        "believ",
                        "think",
                        "assum",
                    )
                )
                self.hedged = self.hedged or verb.hedged or (r_hedge and verb.lemma != "indicate")
                self.question = (
                    self.question
                    or (verb.cls == "ask" and self.low(j) != "that")
                    or verb.lemma == "hypothesise"
                    or (self.low(j) == "whether")
                )
                self.subject = []
                if verb.lemma == "compare" and verb.cls == "ask":
                    return self._compare(j)
                return j + 1 if self.low(j) in ("that", "whether", "if", "how", "to") else j
        last = self.clauses[-1] if self.clauses else None
        if (
            last is not None
            and last.verb is not None
            and last.verb.hedged
            and last.subject is subject
            and subject
            and ("base" in forms_of(verb) and not verb.passive and self.pos(i) != "be")
        ):
            # "could reduce A, decrease B and restore C": one modal for all
            verb.hedged = True
        clause = self._clause(subject, verb, i)
        clause.relative = relative
        for child in self.waiting if not relative else []:
            child.subject, child.parent = subject, clause
        if not relative:
            self.waiting = []
        if not relative:
            self.fronted = []
        if self.low(j) == "neither" or self.low(j) == "no":
            verb.neg = True
        objects, j = self._objects(clause, j)
        clause.objects = objects
        j = self._adjuncts(clause, j)
        clause.end = j
        if (self.low(j) == "," and self.pos(j + 1) == "rel") or (
            self.pos(j) == "rel" and self.low(j) != "whose"
        ):
            near = self._nearest(clause, j)
            if near:
                j = self._relative(near, j)
        if not relative:
            self.subject = subject
        return self._continued(clause, j, relative)

    def _nearest(self, clause: Clause, j: int) -> list[Atom]:
        """What "which" at `j` speaks of: the objects right before it, or the nearest mention."""
        for k in range(j - 1, max(-1, j - 6), -1):
            m = self.t[k].mention
            if m is None:
                continue
            if any(a.mention is m for a in clause.objects[-1:]):
                return clause.objects
            for adj in clause.adjuncts:
                hung = [a for a in adj.atoms if a.mention is m]
                if hung:
                    return adj.atoms if _one_kind(adj.atoms) else hung[:1]
            return [Atom(self.t[k], m)]
        return []

    @staticmethod
    def _given_to(owner: list[Atom], relative: list[Clause]) -> None:
        """ "rats that received X" are an arm of X, as "X-treated rats" are."""
        clause = relative[0] if relative else None
        if clause is None or clause.verb is None or clause.verb.cls != "treat" or clause.verb.neg:
            return
        given = list(clause.objects) if not clause.verb.passive else []
        given += [a for adj in clause.adjuncts if adj.kind in ("with", "to") for a in adj.atoms]
        if not clause.verb.passive and clause.verb.lemma != "receive":
            return
        place = owner[0].mention if owner else None
        if place is None or place.label not in CELLISH or owner[0].arm or not given:
            return
        if given[0].mention is None:
            return
        clause.subject = [Atom(owner[0].token, place)]
        owner[0].token, owner[0].mention = given[0].token, given[0].mention
        owner[0].pert, owner[0].context, owner[0].arm = given[0].pert, place, True

    def _compare(self, j: int) -> int:
        left, k = self.phrase(j)
        if self.low(k) in ("with", "to", "and") and left:
            right, end = self.phrase(k + 1)
            clause = self._clause(left, VerbGroup(self.t[j - 1], "compare", "compare"), j)
            clause.objects = right
            return self._adjuncts(clause, end)
        return max(k, j)

    def _objects(self, clause: Clause, j: int) -> tuple[list[Atom], int]:
        verb = clause.verb
        assert verb is not None
        if verb.passive and verb.cls != "treat":
            return [], j
        if verb.adjective and verb.cls not in ("more", "less"):
            return [], j
        if verb.cls in ("result", "fall", "rise", "seem"):
            return [], j
        if self.low(j) in ("no", "neither"):
            verb.neg = True
        if self.pos(j) == "prep" or verb.adjective:
            return [], j
        if verb.cls == "remain":
            while self.pos(j) in ("det", "adverb") or (
                j < self.n and self.t[j].is_class("adjective", "unchanged", "equal", "more", "less")
            ):
                clause.adjuncts.append(Adjunct("state", [], self.t[j]))
                j += 1
            return [], j
        if self.low(j) == "rather" and self.low(j + 1) == "than" and self.pos(j + 2) == "verb":
            j += 3
        objects, k = self.phrase(j)
        if (
            self.low(k) == ","
            and self.low(k + 1) == "but"
            and self.low(k + 2) == "not"
            and self.pos(k + 3) in ("that", "prep")
        ):
            pass
        if not objects and self.pos(k) == "adj":
            k += 1
        if (
            not objects
            and self.pos(k) == "verb"
            and self.t[k].is_class("verb", "ask", "other")
            and (self.low(k + 1) in ("(", ":"))
        ):
            k += 1
        if (
            not objects
            and self.low(k) in ("(", ":")
            and verb.cls in ("increase", "decrease", "affect", "improve")
        ):
            objects, end = self._bracket(k)[1], self._bracket(k)[0]
            if objects:
                k = end
        return objects, max(k, j)

    def _adjuncts(self, clause: Clause, j: int) -> int:
        while j < self.n:
            low, p = self.low(j), self.pos(j)
            if low == "(":
                k, inner = self._bracket(j)
                if not inner:
                    clause.adjuncts.append(Adjunct("bracket", [], self.t[j]))
                j = k
                continue
            if p == "adverb" and low != "respectively":
                j += 1
                continue
            if (
                p == "adj"
                and self.t[j].is_class(
                    "adjective", "unchanged", "ineffective", "more", "less", "equal"
                )
                and (clause.objects or (clause.verb is not None and clause.verb.cls == "leave"))
            ):
                clause.adjuncts.append(Adjunct("state", [], self.t[j]))
                j += 1
                continue
            if p == "adj" and clause.verb is not None and clause.verb.cls in ("remain", "be"):
                clause.adjuncts.append(Adjunct("state", [], self.t[j]))
                j += 1
                continue
            if low in ("compared", "relative") and self.low(j + 1) in ("with", "to"):
                atoms, end = self.phrase(j + 2)
                clause.adjuncts.append(Adjunct("compared", atoms, self.t[j]))
                j = max(end, j + 2)
                continue
            if low == "," and self.low(j + 1) in (
                "compared",
                "respectively",
                "with",
                "via",
                "through",
                "by",
                "in",
                "suggesting",
            ):
                if self.low(j + 1) == "with" and self._finite_after(j + 1):
                    return j
                if self.low(j + 1) == "in" and self._finite_after(j + 1):
                    return j
                j += 1
                continue
            if (
                low in ("and", ",")
                and clause.objects
                and clause.verb is not None
                and not clause.verb.passive
                and (
                    clause.adjuncts
                    and clause.verb.cls in ("increase", "decrease", "affect", "improve", "reverse")
                )
            ):
                k = j + 1 + (low == "," and self.low(j + 1) == "and")
                if (
                    self.pos(k) in ("mention", "noun", "det")
                    and not self._clause_ahead(k)
                    and (self.low(k - 1) == "and")
                ):
                    more, end = self.phrase(k)
                    if (
                        more
                        and all(
                            a.mention is not None
                            and a.mention.label not in ("VESICLE", "ORGANISM", "INTERVENTION")
                            and not a.arm
                            for a in more
                        )
                        and not self.finite(end)
                    ):
                        clause.objects += more
                        j = end
                        continue
            if low == "respectively":
                clause.adjuncts.append(Adjunct("respectively", [], self.t[j]))
                j += 1
                continue
            if (
                low == "but"
                and self.low(j + 1) == "not"
                and self.low(j + 2) in ("by", "via", "through", "in", "with")
            ):
                atoms, end = self.phrase(j + 3)
                for a in atoms:
                    a.neg = True
                clause.adjuncts.append(Adjunct(self.low(j + 2), atoms, self.t[j + 2]))
                j = max(end, j + 3)
                continue
            if (
                low == ","
                and self.low(j + 1) == "but"
                and self.low(j + 2) == "not"
                and self.low(j + 3) in ("by", "via", "through", "in", "with")
            ):
                j += 1
                continue
            aside = j + (low == ",") + (self.low(j + (low == ",")) in ("though", "and"))
            if self.low(aside) == "not" and self.low(aside + 1) in ("in", "by") and clause.objects:
                atoms, end = self.phrase(aside + 2)
                for a in atoms:
                    a.neg = True
                clause.adjuncts.append(Adjunct(self.low(aside + 1), atoms, self.t[aside + 1]))
                j = max(end, aside + 2)
                continue
            shown = j + (low == ",")
            if self.low(shown) == "as" and self.low(shown + 1) in (
                "evidenced",
                "shown",
                "indicated",
                "demonstrated",
                "reflected",
                "seen",
                "judged",
            ):
                atoms, end = self.phrase(shown + 3)
                clause.adjuncts.append(Adjunct("evidence", atoms, self.t[shown + 1]))
                j = max(end, shown + 3)
                continue
            beside = self._beside(j)
            if beside > j:
                atoms, end = self.phrase(beside)
                clause.adjuncts.append(Adjunct("compared", atoms, self.t[j]))
                j = max(end, beside)
                continue
            owed = self._owed(j)
            if owed > j:
                atoms, end = self.phrase(owed)
                clause.adjuncts.append(Adjunct("after", atoms, self.t[j]))
                j = max(end, owed)
                continue
            if low == "independently" and self.low(j + 1) == "of":
                j += 1
                continue
            if low in ("by", "via", "through", "without") and self.pos(j + 1) == "ing":
                j = self._gerund(clause, j)
                continue
            if (
                low == "to"
                and self.pos(j + 1) == "verb"
                and self.t[j + 1].reading("verb") is not None
                and ("base" in self._verb_forms(j + 1))
            ):
                return self._nonfinite(j + 1, clause, "to")
            if p == "ing":
                return (
                    self._nonfinite(j, clause, ",")
                    if self.t[j].low in ("leading", "resulting") or (self.low(j - 1) == ",")
                    else j + 1
                )
            if low in ("as",):
                atoms, end = self.phrase(j + 1)
                kind = "as"
                if self.low(j + 1) == "well" and self.low(j + 2) == "as":
                    atoms, end = self.phrase(j + 3)
                    kind = "as_well"
                elif self.low(j + 2) == "as" or self.low(j + 3) == "as":
                    at = j + 2 if self.low(j + 2) == "as" else j + 3
                    atoms, end = self.phrase(at + 1)
                    kind = "equal"
                clause.adjuncts.append(Adjunct(kind, atoms, self.t[j]))
                j = max(end, j + 1)
                continue
            if p == "prep" and low not in ("when", "where", "if", "because", "since", "once"):
                atoms, end = self.phrase(j + 1)
                given = self._after_given(end) if low in ("after", "upon", "following") else None
                if given is not None:
                    clause.adjuncts.append(Adjunct(low, given[0], self.t[j]))
                    j = given[1]
                    continue
                if self.finite(end) and self.low(j - 1) == ",":
                    return j
                if low == "than" and self.low(j + 1) in ("in", "with", "after"):
                    atoms, end = self.phrase(j + 2)
                clause.adjuncts.append(Adjunct(low, atoms, self.t[j]))
                if end == j + 1 and self.low(end) in ("those", "the", "did", "that"):
                    end += 1
                j = max(end, j + 1)
                continue
            if low in ("once", "when"):
                return self._when(clause, j)
            if p == "word" and low not in STOP and self.t[j].low.isalpha():
                j += 1
                continue
            if p == "number" or low in ("%", "±", "-", "–", "×", "/", "<", "=", ">", "≤", "≥"):
                j += 1
                continue
            if p == "adj" and low not in SPLIT:
                clause.adjuncts.append(Adjunct("adj", [], self.t[j]))
                j += 1
                continue
            return j
        return j

    def _after_given(self, k: int) -> tuple[list[Atom], int] | None:
        """ "after cells were treated with X": X, given; None if the clause at `k` is none such."""
        verb, j = self.group(k) if self.finite(k) else (None, k)
        if verb is None or verb.cls != "treat" or not verb.passive or verb.neg:
            return None
        if self.low(j) not in ("with", "to"):
            return None
        given, end = self.phrase(j + 1)
        for atom in given:
            atom.arm = atom.event is None
        return (given, end) if given else None

    def _beside(self, j: int) -> int:
        """Behind "in comparison with", "in contrast to" at `j`; else `j`."""
        first, second, third = (self.low(k) for k in range(j, j + 3))
        told = first in ("in", "by") and second in ("comparison", "contrast")
        return j + 3 if told and third in ("with", "to") else j

    def _owed(self, j: int) -> int:
        """Behind "due to", "because of", "in response to" at `j`; else `j`."""
        first, second, third = (self.low(k) for k in range(j, j + 3))
        if (first, second) in (("due", "to"), ("because", "of"), ("owing", "to")):
            return j + 2
        return j + 3 if (first, second, third) == ("in", "response", "to") else j

    def _when(self, clause: Clause, j: int) -> int:
        """ "once X had been added", "when X was silenced"."""
        subject, k = self.phrase(j + 1, subject=True)
        if not subject or not self.finite(k):
            return j + 1
        verb, end = self.group(k)
        if verb is not None:
            pert = verb.token.reading("perturbation")
            name = verb.token.low
            if verb.cls == "knock":
                out = self.low(end) == "out" or verb.lemma == "delete"
                name = "knock_out" if out else "knock_down"
                pert = WordReading("perturbation", name, verb.token.low, (), -1)
                end += self.low(end) in ("out", "down")
            if pert is not None or verb.cls in ("decrease", "increase"):
                sign = -1 if pert is None and verb.cls == "decrease" else 1
                r = pert or WordReading(
                    "perturbation", "inhibition" if sign < 0 else "overexpression", name, (), sign
                )
                for a in subject:
                    a.pert = r
                verb.token.extra["pert"] = True
                clause.adjuncts.append(Adjunct("when_pert", subject, verb.token))
                return end
            if (verb.cls in ("treat", "other") and verb.passive) or verb.lemma in ("be", "use"):
                for a in subject:
                    a.arm = True
                clause.adjuncts.append(Adjunct("after", subject, self.t[j]))
                return end
        return j + 1

    def _gerund(self, clause: Clause, j: int) -> int:
        """ "by inhibiting X", "without affecting Y": a clause with the same subject."""
        kind = self.low(j)
        return self._nonfinite(j + 1, clause, kind)

    def _nonfinite(self, j: int, parent: Clause | None, kind: str) -> int:
        t = self.t[j] if j < self.n else None
        r = t.reading("verb") if t is not None else None
        if t is None or r is None:
            return j + 1
        verb = VerbGroup(t, r.cls, r.lemma, neg=kind == "without")
        subject = parent.subject if parent is not None else self.subject
        if parent is not None and parent.verb is not None and parent.verb.cls == "treat":
            subject = [
                *parent.objects,
                *(a for adj in parent.adjuncts if adj.kind == "with" for a in adj.atoms),
            ]
        child = Clause(
            subject,
            verb,
            gerund=True,
            parent=parent,
            hedged=self.hedged,
            question=self.question,
            start=j,
        )
        child.purpose = kind == "to" and (
            parent is None
            or parent.verb is None
            or parent.verb.cls in ("treat", "other", "light", "be", "ask")
        )
        if child.purpose and parent is not None and parent.verb is not None:
            child.purpose = parent.verb.lemma not in DOING
        if child.purpose and parent is not None and self._promised(parent, j):
            child.purpose, child.hedged = False, True
        if parent is not None and parent.verb is not None:
            child.hedged = child.hedged or parent.hedged or parent.verb.hedged
            child.fronted = parent.fronted
        self.clauses.append(child)
        if parent is not None:
            parent.adjuncts.append(Adjunct(f"{kind}_ing", [], t))
        t.extra["clause"] = child
        if r.cls == "treat":
            child.verb = None
            return j + 1
        k = j + 1
        if r.cls == "result" and self.low(k) in ("to", "in"):
            k += 1
        child.objects, k = self.phrase(k)
        k = self._adjuncts(child, max(k, j + 1))
        child.end = k
        if self.low(k) == "and" and self.pos(k + 1) == "ing":
            return self._nonfinite(k + 1, parent, kind)
        return k

    def _promised(self, parent: Clause, j: int) -> bool:
        """ "may be a promising approach to reduce D": a promise with an effect is hedged."""
        verb = parent.verb
        if verb is None or verb.passive or verb.cls == "treat" or not parent.subject:
            return False
        return any(t.is_class("noun", "promise") for t in self.t[parent.start : j])

    def _continued(self, clause: Clause, j: int, relative: bool) -> int:
        """ ", and V2 ...": the same subject goes on."""
        k = j
        if self.low(k) == ",":
            k += 1
        joined = denied = False
        while self.low(k) in (
            "and",
            "but",
            "or",
            "yet",
            "also",
            "thereby",
            "thus",
            "then",
            "nor",
        ) or (joined and self.pos(k) == "adverb"):
            joined = True
            denied = denied or self.low(k) == "nor"
            if self.low(k) in ("but", "yet"):
                self.split = True
            k += 1
        if joined and (self.finite(k) or self.pos(k) == "verb") and self.pos(k) != "rel":
            if clause.verb is not None and clause.verb.hedged:
                keep = self.hedged
                self.hedged = True
                end = self.predicate(k, clause.subject, relative=relative)
                self.hedged = keep
                return end
            before = len(self.clauses)
            end = self.predicate(k, clause.subject, relative=relative)
            self._inherit(clause, self.clauses[before:])
            for later in self.clauses[before : before + 1] if denied else []:
                if later.verb is not None:
                    later.verb.neg = True
            return end
        return j

    @staticmethod
    def _inherit(first: Clause, later: list[Clause]) -> None:
        """A passive that goes on without "be": "X was reduced in A yet raised in B by Y"."""
        if not later or first.verb is None:
            return
        second = later[0]
        if second.verb is None:
            return
        if (
            first.verb.passive
            and second.start
            and not second.objects
            and "part" in forms_of(second.verb)
        ):
            second.verb.passive = True
