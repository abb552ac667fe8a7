"""What goes with what: correlations, markers, cases and controls, interactions, appositions."""

from __future__ import annotations

from dataclasses import replace

from textmine.reading.algebra import Algebra
from textmine.reading.cases import is_people
from textmine.reading.clauses import Clause
from textmine.reading.drafts import DIRECTIONS, Draft
from textmine.reading.phrases import CELLISH, Atom
from textmine.reading.triggers import Token
from textmine.records import Mention

__all__ = ["Associations"]

VERSUS = ("than", "between", "versus", "vs", "compared")


class Associations(Algebra):
    """`associated_with`, and what an apposition says that one thing does to another."""

    def associate(self, clause: Clause) -> None:
        verb = clause.verb
        assert verb is not None
        if (
            not verb.passive
            and verb.lemma == "implicate"
            and (self.reading.tokens[clause.start] is verb.token)
        ):
            return  # "reduced the genes implicated in Y": which genes, no finding
        if verb.lemma == "interact" and clause.gerund:
            return
        words = {t.low for t in self.reading.tokens[clause.start : clause.end]}
        sign = 0
        if verb.lemma == "correlate":
            sign = -1 if words & {"inversely", "negatively", "inverse", "negative"} else 1
        elif words & {"inversely", "negatively"}:
            sign = -1
        elif words & {"positively"}:
            sign = 1
        before = {t.low for t in self.reading.tokens[: clause.start]}
        if before & {"low", "lower", "reduced", "decreased"} and not sign:
            sign = -1
        elif before & {"high", "higher", "elevated", "increased"} and not sign:
            sign = 1
        for atom in clause.subject:
            if atom.event is not None:
                self.used.add(id(atom.event))
                sign = sign if sign else atom.event.sign
        subjects = self.mentions(clause.subject) or [
            m
            for atom in clause.subject
            if atom.event is not None
            for m in self.mentions(atom.event.themes)
        ]
        for adjunct in clause.adjuncts:
            if adjunct.kind in ("with", "to") or (
                adjunct.kind == "in" and verb.lemma == "implicate"
            ):
                told = [(b, sign) for b in self.mentions(adjunct.atoms)]
                for atom in adjunct.atoms:
                    if atom.event is not None and not atom.event.agents:
                        # "was associated with lower A"
                        way = atom.event.sign * (sign or 1)
                        told += [(b, way) for b in self.mentions(atom.event.themes)]
                for a in subjects:
                    for b, way in told:
                        self.add(
                            a,
                            b,
                            "associated_with",
                            "unchanged" if verb.neg else DIRECTIONS[way],
                            verb.token,
                            pattern="association",
                            score=0.8,
                        )

    def case_control(self, clause: Clause, themes: list[Atom], sign: int) -> bool:
        """ "was elevated in patients with Y": an association, not an effect."""
        people = [
            a
            for adj in clause.adjuncts
            if adj.kind in ("in", "among")
            for a in adj.atoms
            if (m := a.context or a.mention) is not None and m.label == "ORGANISM" and not a.arm
        ]
        illness = [
            a
            for adj in clause.adjuncts
            if adj.kind == "with"
            for a in adj.atoms
            if a.mention is not None and a.mention.label == "DISEASE"
        ]
        if not people or not illness or clause.verb is None:
            return False
        tokens = self.reading.tokens[clause.start : clause.end + 6]
        given = next((k for k, t in enumerate(tokens) if t.is_class("verb", "treat")), -1)
        if given >= 0 and tokens[given].pos == "verb":
            # "in patients with D treated with X": X did it
            drug = next((t.mention for t in tokens[given + 1 : given + 5] if t.mention), None)
            for m in self.mentions(themes) if drug is not None else []:
                self.add(drug, m, "regulates", DIRECTIONS[sign], clause.verb.token)
            return True
        for t in self.mentions(themes):
            for d in self.mentions(illness):
                self.add(
                    t,
                    d,
                    "associated_with",
                    DIRECTIONS[sign],
                    clause.verb.token,
                    pattern="association",
                    score=0.8,
                )
        return True

    def in_illness(self, clause: Clause, themes: list[Atom], sign: int, null: bool) -> bool:
        """ "X was up-regulated in D tissues", where nobody did anything: goes with D."""
        if not (sign or null) or self.memory.agents or self.memory.previous:
            return False
        tokens = self.reading.tokens
        places = [a.token for a in (*clause.fronted, *clause.adjuncts) if a.kind in ("in", "among")]
        for place in places:
            k = next((k for k, t in enumerate(tokens) if t is place), len(tokens)) + 1
            while k < len(tokens) and tokens[k].mention is None and tokens[k].low[0].isalpha():
                if tokens[k].pos in ("verb", "be", "rel"):
                    break
                k += 1
            m = tokens[k].mention if k < len(tokens) else None
            if m is None or m.label != "DISEASE":
                continue
            assert clause.verb is not None
            for t in self.mentions(themes):
                if t.label in CELLISH:
                    continue
                direction = "unchanged" if null else DIRECTIONS[sign]
                self.add(
                    t, m, "associated_with", direction, clause.verb.token,
                    pattern="association", score=0.7,
                )  # fmt: skip
            return True
        return False

    def markers(self) -> None:
        """ "X is a biomarker of D", "X as a predictor of D": goes with D."""
        tokens = self.reading.tokens
        for k, t in enumerate(tokens):
            if not t.is_class("noun", "marker") or t.mention is not None:
                continue
            told = [
                s.mention
                for s in tokens[k + 1 : k + 9]
                if s.mention is not None and s.mention.label in ("DISEASE", "OUTCOME")
            ]
            if k and (m := tokens[k - 1].mention) is not None and m.label == "DISEASE":
                told = [m]
            holders = [c for c in self.reading.clauses if c.start <= k <= c.end + 12]
            for c in holders[-1:]:
                things = self.mentions(c.subject) or self.mentions(c.objects)
                hedged = c.hedged or (c.verb is not None and c.verb.hedged)
                words = {s.low for s in tokens[max(0, k - 6) : k]}
                hedged = hedged or bool(words & {"potential", "putative", "possible"})
                for thing in things:
                    if thing.label in ("GENE", "MIRNA", "CHEMICAL", "VESICLE"):
                        start = len(self.out)
                        for m in told[:1]:
                            self.add(
                                thing, m, "associated_with", "unspecified", t,
                                pattern="association", score=0.7,
                            )  # fmt: skip
                        for d in self.out[start:]:
                            d.certainty = "hedged" if hedged else d.certainty

    def predicts(self, clause: Clause) -> bool:
        """ "high levels of X predict shorter S": X goes with S."""
        verb = clause.verb
        assert verb is not None
        if verb.lemma != "predict" or verb.passive or clause.hedged:
            return False
        found = False
        for agent in clause.subject:
            sign = agent.event.sign if agent.event is not None else 1
            themes = agent.event.themes if agent.event is not None else [agent]
            for a in self.mentions(themes):
                for atom in clause.objects:
                    event = atom.event
                    way = event.sign * sign if event is not None else 0
                    for m in self.mentions(event.themes if event is not None else [atom]):
                        if m.label in ("OUTCOME", "DISEASE", "PROCESS"):
                            self.add(
                                a, m, "associated_with", DIRECTIONS[way], verb.token,
                                pattern="association", score=0.75,
                            )  # fmt: skip
                            found = True
                for event in [e for e in (agent.event,) if e is not None]:
                    self.used.add(id(event))
        return found

    def correlations(self) -> None:
        """ "a close correlation between A and B (and C)", "association of A with B"."""
        tokens = self.reading.tokens
        for k, t in enumerate(tokens):
            if not t.is_class("noun", "associate") or t.mention is not None or t.pos != "noun":
                continue
            pair = next((x for x in range(k + 1, min(k + 4, len(tokens)))
                         if tokens[x].low in ("between", "of")), -1)  # fmt: skip
            if pair < 0:
                continue
            middle = "and" if tokens[pair].low == "between" else "with"
            at = next((x for x in range(pair + 1, min(pair + 12, len(tokens)))
                       if tokens[x].low == middle), -1)  # fmt: skip
            left = [s for s in tokens[pair + 1 : at] if s.mention is not None] if at > 0 else []
            right = [s for s in tokens[at + 1 : at + 8] if s.mention is not None] if at > 0 else []
            if not left or not right:
                continue
            words = {s.low for s in tokens[max(0, k - 4) : k]}
            sign = -1 if words & {"inverse", "negative", "inversely", "negatively"} else 0
            sign = 1 if words & {"positive", "positively"} else sign
            while len(right) > 1 and right[1].start - right[0].end <= 1:
                right = right[1:]
            a, b = left[-1].mention, right[0].mention
            lost = next(
                (s.reading("perturbation") for s in tokens[pair:at] if s.pos == "noun"), None
            )
            if lost is not None and not sign:
                sign = lost.sign
            plain = ("GENE", "MIRNA", "CHEMICAL", "VESICLE", "PROCESS", "OUTCOME", "PATHWAY")
            if a is None or b is None or a.label not in plain or b.label in CELLISH:
                continue
            denied = bool(words & {"no", "not", "without"})
            start = len(self.out)
            self.add(
                a, b, "associated_with", "unchanged" if denied else DIRECTIONS[sign], t,
                pattern="association", score=0.75,
            )  # fmt: skip
            question = any(c.question for c in self.reading.clauses)
            for d in self.out[start:]:
                d.certainty = "hypothesis" if question else d.certainty

    def known_for(self) -> None:
        """ "A, a key driver of B", "A, a B inhibitor,", "the B inhibitor A": A acts on B."""
        tokens = self.reading.tokens
        for k, t in enumerate(tokens):
            a = t.mention
            if a is None:
                continue
            tool = t.extra.get("inhibits")
            front = k > 0 and tokens[k - 1].reading("perturbation") is not None
            if front and isinstance(tool, Atom) and tool.mention and tool.pert is not None:
                self._known(a, tool.mention, tool.pert.sign, t)
                continue
            j = k + 1
            while j < len(tokens) and tokens[j].is_class("noun", "transparent"):
                j += 1
            if j < len(tokens) and tokens[j].low == "(":
                j = next((x for x in range(j, len(tokens)) if tokens[x].low == ")"), j) + 1
            while j < len(tokens) and tokens[j].is_class("noun", "transparent"):
                j += 1
            if [s.low for s in tokens[j : j + 1]] != [","] or j + 1 >= len(tokens):
                continue
            if tokens[j + 1].low not in ("a", "an", "the"):
                continue
            self._apposed(a, j + 2)

    def _apposed(self, a: Mention, j: int) -> None:
        tokens = self.reading.tokens
        for x in range(j, min(j + 6, len(tokens))):
            t = tokens[x]
            if t.pos in ("verb", "be", "modal", "prep", "rel", "punct"):
                return
            noun = t.reading("noun") if t.mention is None else None
            if noun is not None and noun.cls.startswith("agentive_"):
                if x + 1 < len(tokens) and tokens[x + 1].low == "of":
                    b = next((s.mention for s in tokens[x + 2 : x + 5] if s.mention), None)
                    sign = {"agentive_decrease": -1, "agentive_increase": 1}.get(noun.cls, 0)
                    if b is not None:
                        self._known(a, b, sign, t)
                return
            pert = t.reading("perturbation") if t.mention is None else None
            before = tokens[x - 1].mention
            born = a.label != "CHEMICAL" or any(s.low == "endogenous" for s in tokens[j:x])
            if (
                born
                and pert is not None
                and before is not None
                and t.low.rstrip("s").endswith(("or", "er", "ist"))
            ):
                self._known(a, before, pert.sign, t)
                return

    def _known(self, a: Mention, b: Mention, sign: int, token: Token) -> None:
        if a.label in ("GENE", "MIRNA", "CHEMICAL", "PATHWAY", "PROCESS", "INTERVENTION"):
            self.add(a, b, "regulates", DIRECTIONS[sign], token, pattern="noun", score=0.75)

    def as_association(self, clause: Clause, start: int) -> None:
        """Cases against controls differ: an association with the illness, no effect of it.

        Rewrites the drafts from `start` on: "did not differ between patients with D and
        controls", "D patients had more of T than controls".
        """
        told = self.out[start:]
        if not told or clause.verb is None:
            return
        tokens = self.reading.tokens
        cases = [t.mention for k, t in enumerate(tokens) if self._case(k) and t.mention]
        if not cases:
            return
        first = clause.start
        while first and tokens[first - 1].low not in (";", ":", "."):
            first -= 1
        before = [t.mention for t in tokens[first : clause.start] if t.mention in cases]
        treated = any(t.is_class("verb", "treat") for t in tokens[first : clause.start])
        versus = bool(self.others(clause)) or any(
            t.low in VERSUS for t in tokens[clause.start : clause.end]
        )
        here = {t.mention.id for t in tokens if t.mention is not None}
        kept: list[Draft] = []
        for d in told:
            ill = d.subject if d.subject in cases else None
            fetched = d.subject is None or d.subject.id not in here
            if ill is None and fetched and versus and before:
                ill = before[-1]
            if ill is None or d.via is not None or d.object in cases:
                kept.append(d)
            elif d.predicate == "regulates" and not treated:
                changed = replace(d, subject=d.object, object=ill, predicate="associated_with")
                kept.append(replace(changed, pattern="association", score=0.8))
            elif d.predicate not in ("compared_with", "regulates"):
                kept.append(d)
        self.out[start:] = kept

    def _case(self, k: int) -> bool:
        """Is token `k` the illness of a group of people ("patients with D", "D patients")?"""
        tokens = self.reading.tokens
        m = tokens[k].mention
        if m is None or m.label != "DISEASE":
            return False
        if k + 1 < len(tokens) and is_people(tokens[k + 1]):
            return True
        return k > 1 and tokens[k - 1].low in ("with", "without") and is_people(tokens[k - 2])
