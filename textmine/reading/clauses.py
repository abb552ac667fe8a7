"""Clauses of the relation reader: subject, verb group, object and what hangs on them.

`read_clauses` walks once from left to right over the tokens. It is tolerant: what it does not
understand it steps over, so that any text yields a (possibly empty) list of clauses.
"""

from __future__ import annotations

from textmine.reading.clause_fronts import ClauseFronts
from textmine.reading.clause_parts import STOP, Adjunct, Clause, Reading
from textmine.reading.phrases import Atom
from textmine.reading.tagging import SPLIT, tag
from textmine.reading.triggers import Token
from textmine.reading.verbs import VerbGroup, forms_of

__all__ = ["Adjunct", "Clause", "Reading", "VerbGroup", "read_clauses"]


def read_clauses(tokens: list[Token]) -> Reading:
    """The clauses of one sentence."""
    tag(tokens)
    reader = _ClauseReader(tokens)
    reader.run()
    return Reading(tokens, reader.clauses, reader.events, reader.side)


ASIDES = (("by", "contrast"), ("in", "contrast"), ("in", "turn"), ("on", "the", "other", "hand"),
          ("as", "expected"), ("in", "part"))  # fmt: skip


class _ClauseReader(ClauseFronts):
    """Walks once from left to right."""

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
            k = i + 1 + (self.pos(i + 1) == "adverb")
            if not (low == "while" and self.pos(k) == "verb" and self._goes_on()):
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
        unnamed = p == "rel" and i and self.pos(i - 1) == "noun" and self.pos(i + 1) == "be"
        if unnamed and self.finite(i + 1):
            # "genes that are dysregulated": said of the genes, whichever they are
            keep = self.subject, self.fronted
            self.fronted = []
            end = self.predicate(i + 1, [], relative=True)
            self.subject, self.fronted = keep
            return end
        if p == "rel" and i and self.low(i - 1) == "," and self.finite(i + 1) and self.clauses:
            return self._late_relative(i)
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
            part = atoms[-1].event if atoms else None
            doing = self.low(j) == "in" and self.pos(j + 1) == "ing"
            if doing and part is not None and part.cls == "affect" and part.agents:
                # "the role of X in reducing Y by blocking Z": X's
                clause = self._clause(part.agents, None, i)
                j = clause.end = self._nonfinite(j + 1, clause, "in")
                return max(j, i + 1)
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
                aside = next((n for n in ASIDES if self._words(j, n)), ())
                if aside and self.low(j + len(aside)) == ",":
                    j += len(aside) + 1
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

    def _words(self, j: int, words: tuple[str, ...]) -> bool:
        return tuple(self.low(x) for x in range(j, j + len(words))) == words

    def _undone(self, k: int) -> bool:
        """Does a passive at `k` say that something was undone ("was prevented by")?"""
        while self.pos(k) in ("be", "adverb", "modal"):
            k += 1
        return k < self.n and self.t[k].is_class("verb", "decrease", "reverse")

    def _late_relative(self, i: int) -> int:
        """ ", which was prevented by Y" some words after what it speaks of."""
        last = self.clauses[-1]
        near = self._nearest(last, i)
        told = last.verb_is("increase", "decrease", "improve") and bool(last.objects)
        cells = bool(near) and near[0].mention is not None and near[0].mention.label == "CELL"
        if told and cells and self.pos(i + 1) == "be":
            near = list(last.objects)
        if told and self.pos(i + 1) == "be" and (not near or self._undone(i + 1)):
            near = [Atom(self.t[i], pron="this")]
        if not near:
            return i + 1
        keep = self.subject, self.fronted
        self.fronted = []
        end = self.predicate(i + 1, near, relative=True)
        self.subject, self.fronted = keep
        return end

    def _goes_on(self) -> bool:
        """Has the clause before an active verb ("X lowered A while raised B")?"""
        last = self.clauses[-1].verb if self.clauses else None
        if last is None or last.passive or last.adjective or not self.clauses[-1].objects:
            return False
        self.subject = self.clauses[-1].subject
        return True

    def predicate(self, i: int, subject: list[Atom], *, relative: bool = False) -> int:
        verb, j = self.group(i)
        if verb is None:
            if self.low(i) in ("did", "does", "do") and self.pos(i + 1) in ("punct", ""):
                # "..., whereas X did": what X did stands in the clause before
                self._clause(subject, VerbGroup(self.t[i], "be", "do"), i).end = i + 1
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
            told = self.low(j) == "," and self.pos(j + 2) == "be" and bool(clause.objects)
            if told and self._undone(j + 2) and clause.verb_is("decrease"):
                near = []
            if not near and told and clause.verb_is("increase", "decrease", "improve"):
                near = [Atom(self.t[j + 1], pron="this")]  # "..., which was prevented by Y"
            if near:
                j = self._relative(near, j)
        if not relative:
            self.subject = subject
        return self._continued(clause, j, relative)

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
        as_well = [self.low(x) for x in range(k, k + 3)] == ["as", "well", "as"]
        if not joined and as_well and self.pos(k + 3) == "verb" and not self.reduced(k + 3):
            joined, k = True, k + 3
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
