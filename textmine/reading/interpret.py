"""From the clauses of a sentence to its relations."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from textmine.reading.clauses import Clause, Reading
from textmine.reading.drafts import (
    CHANGE,
    Draft,
    Memory,
    host,
)
from textmine.reading.phrases import Atom
from textmine.reading.predicates import Predicates
from textmine.reading.triggers import Triggers

__all__ = ["interpret"]


SHARING = ("increase", "decrease", "improve", "worsen", "affect", "reverse", "target")


def interpret(reading: Reading, memory: Memory) -> list[Draft]:
    """The relations of one sentence."""
    work = _Interpreter(reading, memory)
    work.run()
    return work.out


class _Interpreter(Predicates):
    """Sends every clause to what can read it."""

    def run(self) -> None:
        clauses = self.reading.clauses
        _respective(self.reading)
        _fill_subjects(self.reading)
        _share_agents(clauses)
        _share_objects(clauses)
        for event in self.reading.events:
            for theme in event.themes:
                if (
                    event.sign
                    and theme.mention is not None
                    and any(
                        a.mention is not None and a.mention.label != "VESICLE" for a in event.agents
                    )
                ):
                    self.memory.changed[theme.mention.text.lower()] = event.sign
        self.targets_of()
        for clause in sorted(clauses, key=lambda c: c.start):
            self.clause = clause
            start = len(self.out)
            self.read(clause)
            self.as_association(clause, start)
            for draft in self.out[start:]:
                self.finish(draft, clause)
        self.clause = None
        self.markers()
        self.correlations()
        self.known_for()
        self.numbers()
        for event in self.reading.events:
            self.event(event)
        for predicate, a, b, negated, token in self.reading.side:
            if predicate == "derived_from" and (a.label != "VESICLE" or host(b)):
                continue
            more = predicate == "carries" and any(
                d.object is b and d.direction == "increases" and d.token.start > token.start
                and token.low == "in"
                for d in self.out
            )  # fmt: skip
            way = "increases" if more else "unspecified"
            self.out.append(
                Draft(a, b, predicate, way, token, negated, side=True, pattern="phrase")
            )

    def read(self, clause: Clause) -> None:
        verb = clause.verb
        if verb is None:
            self.verbless(clause)
            return
        cls = verb.cls
        if self.insignificant_change(clause):
            return
        if verb.lemma in ("have", "exert", "show", "do", "play") and self.opposite(clause):
            return
        if cls in ("light", "be", "report") and self.trend(clause):
            return
        if cls in CHANGE or cls in ("light", "result"):
            self.change(clause)
        elif cls == "remain":
            self.remain(clause)
        elif cls in ("unchanged", "equal") and verb.adjective:
            self.unchanged(clause, equal=cls == "equal")
        elif cls in ("better", "worse", "effective", "ineffective"):
            self.efficacy(clause)
        elif cls == "target":
            self.target(clause)
        elif (
            cls == "carry"
            and any(a.arm for a in clause.subject)
            and any(a.event for a in clause.objects)
        ):
            verb.cls = "light"
            self.change(clause)
        elif cls == "phrasal":
            self.phrasal(clause)
        elif cls in ("carry", "deliver", "lack"):
            self.cargo(clause)
        elif cls in ("rich", "free"):
            self.contents(clause)
        elif cls == "derive":
            self.derive(clause)
        elif cls == "convert":
            self.convert(clause)
        elif cls == "associate":
            self.associate(clause)
        elif cls in ("mediate", "require", "dependent", "independent"):
            self.mediator(clause)
            if cls == "require" and verb.passive:
                self.needed(clause)
        elif cls == "compare":
            for a in self.mentions(clause.subject):
                for b in self.mentions(clause.objects):
                    outcome = self.outcome(clause)
                    self.add(
                        a,
                        b,
                        "compared_with",
                        "differs",
                        verb.token,
                        outcome=outcome,
                        pattern="comparison",
                    )
        elif cls == "needed" and verb.adjective:
            self.needed(clause)
        elif cls == "be":
            self.copula(clause)
        elif cls == "follow" or (cls == "other" and verb.lemma == "come"):
            self.followed(clause)
        elif (
            cls in ("other", "light")
            and verb.lemma in ("perform", "work", "act")
            and not verb.passive
        ):
            self.performed(clause)
        elif verb.lemma in ("allow", "enable", "permit") and any(a.event for a in clause.objects):
            for agent in clause.subject:
                for atom in clause.objects:
                    if atom.event is not None and not atom.event.agents:
                        self.on_event(clause, agent, 1, "light", atom.event, verb.neg, verb.token)
        elif cls in ("match", "outperform"):
            self.match(clause)
        elif cls == "ask" and verb.lemma == "compare" and verb.passive:
            self.compared(clause)
        elif cls == "responsible":
            self.responsible(clause)
        elif cls in ("report", "other", "ask"):
            self.seen(clause)

    def verbless(self, clause: Clause) -> None:
        vias = self.vias(clause)
        for atom in clause.subject:
            if atom.event is not None:
                atom.event.via += [Atom(a.token, a.mention) for a in vias if a.mention is not None]
                for adjunct in clause.adjuncts:
                    if adjunct.kind == "by" and not atom.event.agents:
                        atom.event.agents += adjunct.atoms


def _respective(reading: Reading) -> None:
    """ "A and B were down- and up-regulated, respectively": the first verb is of A."""
    if not any(t.low == "respectively" for t in reading.tokens):
        return
    ordered = sorted((c for c in reading.clauses if c.verb is not None), key=lambda c: c.start)
    for first, second in itertools.pairwise(ordered):
        subject = first.subject
        if len(subject) != 2 or second.subject is not subject:
            continue
        if first.objects or second.start - first.end > 2 or len(second.objects) > 1:
            continue
        first.subject, second.subject = [subject[0]], [subject[1]]
        first.objects = list(second.objects)
        if second.verb is not None and second.verb.passive and first.verb is not None:
            first.verb.passive = True
            first.adjuncts = [*first.adjuncts, *(a for a in second.adjuncts if a.kind == "by")]


def _fill_subjects(reading: Reading) -> None:
    """ "X was carried there by V, leading to A": V did; "X lowered A (n = 3), raised B": X did."""
    ordered = sorted((c for c in reading.clauses if c.verb is not None), key=lambda c: c.start)
    for k, clause in enumerate(ordered):
        verb, parent = clause.verb, clause.parent
        if verb is None or clause.subject or verb.passive or verb.cls not in (*CHANGE, "result"):
            continue
        if clause.gerund and parent is not None and parent.verb is not None:
            if parent.verb.passive:
                by = [a for adj in parent.adjuncts if adj.kind == "by" for a in adj.atoms]
                clause.subject = [a for a in by if a.mention is not None]
            continue
        before = reading.tokens[max(0, clause.start - 2) : clause.start]
        joined = bool(before) and before[-1].low in (",", "and") and clause.objects
        last = next((c for c in reversed(ordered[:k]) if not c.relative and not c.gerund), None)
        if joined and last is not None and last.subject and last.verb is not None:
            clause.subject = last.subject if not last.verb.passive else clause.subject


def _share_objects(clauses: Sequence[Clause]) -> None:
    """One object for two verbs ("X up- and Z down-regulated Y", "do not cause but prevent Y")."""
    ordered = sorted(clauses, key=lambda c: c.start)
    for first, second in itertools.pairwise(ordered):
        a, b = first.verb, second.verb
        if (
            a is None
            or b is None
            or first.objects
            or a.passive
            or a.adjective
            or not second.objects
        ):
            continue
        if b.passive or first.adjuncts or a.cls not in SHARING:
            continue
        if second.start - first.end > 8:
            continue
        if a.neg and not b.neg and second.subject is first.subject:
            first.verb = None
        elif (
            a.token.suspended or not Triggers.load().ambitransitive(a.lemma) or _act(first.subject)
        ):
            first.objects = second.objects


def _act(atoms: Sequence[Atom]) -> bool:
    """Can these only be agents ("X overexpression increased, whereas ...")?"""
    return bool(atoms) and all(
        a.pert is not None or (a.mention is not None and a.mention.label == "VESICLE")
        for a in atoms
    )


def _share_agents(clauses: Sequence[Clause]) -> None:
    """ "X was raised in A yet lowered in B by Y": the agent said last holds for both."""
    for first, second in itertools.pairwise(clauses):
        if first.verb is None or second.verb is None or first.subject is not second.subject:
            continue
        by = [a for a in second.adjuncts if a.kind == "by" and a.atoms]
        if (
            first.verb.passive
            and second.verb.passive
            and by
            and not any(a.kind == "by" for a in first.adjuncts)
        ):
            first.adjuncts.extend(by)
