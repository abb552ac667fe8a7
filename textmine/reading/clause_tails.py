"""What follows a verb: its objects, prepositional phrases, infinitives, clauses with -ing."""

from __future__ import annotations

from textmine.reading.clause_parts import DOING, STOP, Adjunct, Clause, ClauseState
from textmine.reading.phrases import Atom
from textmine.reading.tagging import SPLIT
from textmine.reading.triggers import Reading as WordReading
from textmine.reading.verbs import VerbGroup

__all__ = ["ClauseTails"]

MEANS = ("by", "via", "through")
MARKS = frozenset(("%", "fold", "-", "–", "±", "×", "folds", "times"))


class ClauseTails(ClauseState):
    """Reads on from a verb group to the end of its clause."""

    def _objects(self, clause: Clause, j: int) -> tuple[list[Atom], int]:
        verb = clause.verb
        assert verb is not None
        if verb.passive and verb.cls != "treat":
            return [], j
        if verb.adjective and verb.cls not in ("more", "less"):
            return [], j
        if verb.cls in ("fall", "rise") and self.pos(j) == "mention" and clause.subject:
            # "X declined A": what fell stands behind it
            verb.cls = "decrease" if verb.cls == "fall" else "increase"
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
                if (
                    not atoms
                    and self.low(j + 2) in ("those", "that")
                    and (self.low(j + 3) in ("in", "of", "with", "after", "from"))
                ):
                    atoms, end = self.phrase(j + 4)
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
            again = low in ("and", "or") and self.low(j + 1) in ("by", "after")
            if (
                again
                and any(a.kind == self.low(j + 1) for a in clause.adjuncts)
                and (self.pos(j + 2) != "ing")
            ):
                j += 1  # "by A or by B"
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
            if self.low(shown) in ("accompanied", "paralleled", "coupled") and (
                self.low(shown + 1) in ("by", "with")
            ):
                atoms, end = self.phrase(shown + 2)
                clause.adjuncts.append(Adjunct("accompanied", atoms, self.t[shown]))
                j = max(end, shown + 2)
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
            part = clause.verb is not None and clause.verb.lemma in ("play", "participate")
            if low in ("by", "via", "through", "without") or (low == "in" and part):
                named = j + 1 + (self.pos(j + 1) == "adverb")
                if self.pos(named) == "ing":
                    j = self._nonfinite(named, clause, low)
                    continue
            if (
                low == "to"
                and self.pos(j + 1) == "verb"
                and self.t[j + 1].reading("verb") is not None
                and ("base" in self._verb_forms(j + 1))
            ):
                return self._nonfinite(j + 1, clause, "to")
            if p == "ing" and clause.objects and self._cannot_act(j - 1):
                return self._nonfinite(j, clause, ",")
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
            if low in ("by", "to", "from") and self.pos(j + 1) == "number":
                clause.adjuncts.append(Adjunct(low, [], self.t[j]))
                j = self._past_numbers(j + 1)
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
                those = self.low(j + 1) in ("those", "that") and low in ("than", "with", "to")
                if those and not atoms and self.low(j + 2) in ("in", "of", "with", "after", "from"):
                    atoms, end = self.phrase(j + 3)  # "lower than those in the Y group"
                if low == "in" and clause.objects:
                    atoms = self._places(clause, atoms)
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

    @staticmethod
    def _places(clause: Clause, atoms: list[Atom]) -> list[Atom]:
        """ "lowered A in cells and B in mice": B is no place but changes too."""
        first = atoms[0].mention if atoms else None
        if first is None or first.label not in ("CELL", "ANATOMY", "ORGANISM"):
            return atoms
        changed = ("GENE", "OUTCOME", "PROCESS", "PATHWAY", "MIRNA")
        rest = [a for a in atoms[1:] if a.mention is not None and a.mention.label in changed]
        clause.objects += [a for a in rest if not a.arm and a.event is None]
        return [a for a in atoms if a not in rest]

    def _past_numbers(self, j: int) -> int:
        """Behind "47%, 39% and 28%" at `j`."""
        while (
            self.pos(j) == "number"
            or self.low(j) in MARKS
            or (self.low(j) in (",", "and", "to") and self.pos(j + 1) == "number")
        ):
            j += 1
        return j

    def _cannot_act(self, k: int) -> bool:
        """Is the word before a participle an illness or an outcome ("lowered D attenuating B")?"""
        m = self.t[k].mention
        return m is not None and m.label in ("DISEASE", "OUTCOME", "PROCESS")

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

    def _nonfinite(self, j: int, parent: Clause | None, kind: str) -> int:
        t = self.t[j] if j < self.n else None
        r = t.reading("verb") if t is not None else None
        if t is None or r is None:
            return j + 1
        verb = VerbGroup(t, r.cls, r.lemma, neg=kind == "without")
        subject = parent.subject if parent is not None else self.subject
        if parent is not None and parent.verb is None:
            inert = ("PROCESS", "DISEASE", "OUTCOME")
            subject = [a for a in subject if not (a.mention and a.mention.label in inert)]
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
        more = k + (self.low(k) == ",") + (self.low(k + (self.low(k) == ",")) == "and")
        if more > k and self.pos(more) == "ing" and (self.low(k) == "and" or kind in MEANS):
            return self._nonfinite(more, parent, kind)
        return k

    def _promised(self, parent: Clause, j: int) -> bool:
        """ "may be a promising approach to reduce D": a promise with an effect is hedged."""
        verb = parent.verb
        if verb is None or verb.passive or verb.cls == "treat" or not parent.subject:
            return False
        return any(t.is_class("noun", "promise") for t in self.t[parent.start : j])
