"""What stands before a verb: adjuncts in front, asides, relative clauses, gerunds as subjects."""

from __future__ import annotations

from textmine.reading.clause_parts import STOP, Adjunct, Clause, one_kind
from textmine.reading.clause_tails import ClauseTails
from textmine.reading.phrases import CELLISH, Atom
from textmine.reading.triggers import Reading as WordReading
from textmine.reading.verbs import VerbGroup

__all__ = ["ClauseFronts"]


class ClauseFronts(ClauseTails):
    """Reads what is said of the subject before its verb comes."""

    def predicate(self, i: int, subject: list[Atom], *, relative: bool = False) -> int:
        """Reads the verb group at `i` and its clause; the clause reader knows how."""
        raise NotImplementedError

    def _apposition(self, atoms: list[Atom], j: int) -> int:
        """ "SB203580, a p38 inhibitor," and "These vesicles, AMSC-Exo,"."""
        if not atoms:
            return j
        if self.pos(j + 1) == "verb" and self.reduced(j + 1) and atoms[-1].mention is not None:
            heads = [Atom(atoms[-1].token, atoms[-1].mention)]
            end = self._participle(heads, j + 1)
            return end + (self.low(end) == ",") if end > j + 1 else j
        if self.low(j + 1) in ("particularly", "especially", "notably"):
            for k in range(j + 2, min(self.n, j + 12)):
                if self.low(k) == ",":
                    return k + 1 if self.finite(k + 1) else j
            return j
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
        if self.low(k) == "in" and self.low(k + 1) == "turn":
            k += 2 + (self.low(k + 2) == ",")
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
            owner = atoms if one_kind(atoms) else atoms[-1:]
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
        those = self.low(j) in ("those", "that") and self.low(j + 1) in ("in", "of", "with")
        if kind == "compared" and those:
            j += 2
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
                aimed = r.lemma == "target"
                if r.cls in ("decrease", "increase", "reverse") or pert is not None or aimed:
                    inner, end = self.phrase(i + 1)
                    if inner:
                        return self._gerund_subject(i, inner, end)
            hung = self.pos(i) == "ing" and self.pos(i - 1) in ("noun", "word")
            if (
                hung
                and self.low(i - 1).isalpha()
                and r is not None
                and r.cls in ("target", "carry")
            ):
                return i + 1  # "agents targeting X": said of the agents
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
        negated = negated or (kind == "in" and i > 0 and self.low(i - 1) == "not")
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
        names = {"decrease": ("inhibition", -1), "increase": ("overexpression", 1),
                 "target": ("inhibition", -1)}  # fmt: skip
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
        if self.finite(end):
            return self.predicate(end, inner)
        return self._gerund_title(i, inner, end)

    def _gerund_title(self, i: int, inner: list[Atom], end: int) -> int:
        """A title: "Enhancing A through X": X does."""
        r = self.t[i].reading("verb")
        if i or r is None or any(self.finite(k) for k in range(end, self.n)):
            return end
        for k in range(end, min(self.n, end + 9)):
            if (
                self.low(k) in ("through", "via", "by", "using", "with")
                and self.pos(k + 1) != "ing"
            ):
                agents, stop = self.phrase(k + 1)
                if agents and agents[0].mention is not None:
                    for a in inner:
                        a.pert = None
                    clause = Clause(agents, VerbGroup(self.t[i], r.cls, r.lemma), inner, start=i)
                    clause.end = stop
                    self.clauses.append(clause)
                    return stop
                return end
        return end

    def _nearest(self, clause: Clause, j: int) -> list[Atom]:
        """What "which" at `j` speaks of: the objects right before it, or the nearest mention."""
        for k in range(j - 1, max(-1, j - 6, clause.start - 1), -1):
            m = self.t[k].mention
            if m is None:
                continue
            if any(a.mention is m for a in clause.objects[-1:]):
                return clause.objects
            for adj in clause.adjuncts:
                hung = [a for a in adj.atoms if a.mention is m]
                if hung:
                    return adj.atoms if one_kind(adj.atoms) else hung[:1]
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
