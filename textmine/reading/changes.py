"""Clauses that say what changed what: active, passive, agentless, null."""
# ruff: noqa: SIM905

from __future__ import annotations

from dataclasses import dataclass

from textmine.reading.cargo import Statements
from textmine.reading.cases import illness
from textmine.reading.clauses import Clause
from textmine.reading.comparisons import Comparisons
from textmine.reading.drafts import DIRECTIONS, SIGNED
from textmine.reading.phrases import CELLISH, Atom, Event
from textmine.reading.triggers import Token, Triggers
from textmine.reading.verbs import VerbGroup

__all__ = ["Changes"]

INDEPENDENT = ("independently", "independent", "regardless")

# Infinitives say what these verbs cause: "were induced to differentiate".
CAUSATIVE = ("induce", "cause", "stimulate", "trigger", "drive", "activate", "promote")
CHANGE_NOUNS = frozenset(
    """change changes increase decrease reduction rise fall decline drop difference
    elevation""".split()
)
MEASURED = ("GENE", "OUTCOME", "PROCESS", "DISEASE", "PATHWAY")


@dataclass(slots=True)
class _Change:
    """One clause of change while it is being read."""

    clause: Clause
    verb: VerbGroup
    cls: str
    agents: list[Atom]
    themes: list[Atom]
    objects: list[Atom]
    subject: list[Atom]
    null: bool
    agentless: bool = False
    sign: int = 0


SHIFTING = ("shift", "skew", "reprogram")
HOLDING = ("show", "exhibit", "display", "possess", "have", "express")
CARGO = ("MIRNA", "GENE", "CHEMICAL")


class Changes(Comparisons, Statements):
    """Clauses whose verb is a change: who, what, which sign."""

    def change(self, clause: Clause) -> None:
        """Reads one clause of change, step by step; a step that returns False has dealt with it."""
        verb = clause.verb
        assert verb is not None
        made = verb.passive and verb.lemma in CAUSATIVE and not self.agents_of(clause)
        if made and any(a.kind == "to_ing" for a in clause.adjuncts):
            return  # "cells were induced to differentiate"
        cells = [
            a for a in clause.objects if a.mention and a.mention.label in (*CELLISH, "VESICLE")
        ]
        if verb.lemma in CAUSATIVE and cells:
            if any(a.kind == "to_ing" for a in clause.adjuncts):
                return
            doing = [
                a for adj in clause.adjuncts if adj.kind == "to" for a in adj.atoms
                if a.mention is not None and a.mention.label == "PROCESS"
            ]  # fmt: skip
            if doing:
                # "stimulated cells to [proliferate]"
                clause.objects = [Atom(a.token, a.mention, context=cells[0].mention) for a in doing]
        objects = list(clause.objects)
        if verb.cls == "result":
            if any(a.kind == "from" for a in clause.adjuncts):
                self.from_cause(clause)
                return
            wanted = "in" if verb.lemma == "result" else "to"
            placed = next((adj.atoms for adj in clause.adjuncts if adj.kind == wanted), [])
            objects = objects or list(placed)
        self.anaphor(clause, objects)
        null = verb.neg or verb.null
        change = _Change(clause, verb, verb.cls, [], [], objects, list(clause.subject), null)
        if verb.lemma == "overexpress" and not verb.passive and self._shows_cargo(change):
            return
        if verb.lemma in SHIFTING and not null:
            self._shifted(clause)
        if not self._sides(change):
            return
        if change.cls == "reverse" and self._from_harm(change):
            change.cls = "protect"
        if change.cls == "protect" and not self._protect(change):
            return
        if change.cls == "light" and not self._light(change):
            return
        if self._signed(change):
            self._emit(change)

    def _sides(self, c: _Change) -> bool:
        """Which side of the verb acts and which is changed."""
        verb, cls = c.verb, c.cls
        inward = cls in ("rise", "fall", "more", "less") and not (verb.adjective and c.objects)
        if verb.passive or inward:
            c.themes, c.agents = c.subject, self.agents_of(c.clause)
            c.agentless = not c.agents
        elif c.objects:
            c.themes, c.agents = c.objects, c.subject
        elif cls in ("protect", "light"):
            c.agents = c.subject
        elif c.clause.gerund or cls == "leave":
            return False
        elif verb.lemma == "respond":
            c.themes = c.subject
            c.agents = [a for adj in c.clause.adjuncts if adj.kind == "to" for a in adj.atoms]
        elif Triggers.load().ambitransitive(verb.lemma) and not self._unread_object(c):
            c.themes, c.agents = c.subject, self.agents_of(c.clause)
            c.agentless = not c.agents
        else:
            return False
        return True

    def _unread_object(self, c: _Change) -> bool:
        """Does a noun stand behind the verb that names nothing we know ("raised our hopes")?"""
        if c.clause.transitive:
            return True
        tokens = self.reading.tokens
        k = next((k for k, t in enumerate(tokens) if t is c.verb.token), len(tokens)) + 1
        if k < len(tokens) and tokens[k].pos == "adverb":
            k += 1
        if k >= len(tokens) or tokens[k].low in ("both", "all", "each", "no", "less", "more"):
            return False
        return tokens[k].pos == "det" or tokens[k].low in ("our", "its", "their")

    @staticmethod
    def _from_harm(c: _Change) -> bool:
        """ "rescued mice from sepsis": what is said to change stands after "from"."""
        kept = c.subject if c.verb.passive else c.objects
        return (
            bool(kept)
            and any(a.kind in ("from", "against") for a in c.clause.adjuncts)
            and all(a.mention is not None and a.mention.label in CELLISH for a in kept)
        )

    def _protect(self, c: _Change) -> bool:
        """ "protected A against B": B goes down. "protected A" alone: A fares better."""
        token = c.verb.token
        against = [
            a for adj in c.clause.adjuncts if adj.kind in ("against", "from") for a in adj.atoms
        ]
        kept = c.subject if c.verb.passive else c.objects
        first = kept[0].mention if kept else None
        if not against:
            if c.verb.lemma in ("spare", "save"):
                if c.clause.split:
                    for agent in c.agents:
                        for theme in kept:
                            self.apply(c.clause, agent, 0, "affect", theme, True, token)
                return False
            c.themes, c.cls = kept, "increase"
            return not all(a.mention is not None and a.mention.label == "ORGANISM" for a in kept)
        if first is not None and first.label in CELLISH:
            for atom in against:
                atom.context = atom.context or first
        poisons = [m for m in self.mentions(against) if m.label == "CHEMICAL"]
        if poisons and first is not None and first.label == "CELL":
            for p in poisons:
                self.add(p, first, "regulates", "decreases", token, pattern="verb")
            against, c.cls = kept, "increase"
        c.themes = against
        return True

    def _light(self, c: _Change) -> bool:
        """ "showed a reduction of X", "exerted an effect on X": the noun says what happens."""
        clause, verb = c.clause, c.verb
        if verb.lemma in ("produce", "elicit", "yield", "confer"):
            for atom in c.objects:
                m = atom.mention
                if m is not None and m.label in ("PROCESS", "DISEASE", "OUTCOME"):
                    for agent in c.subject:
                        null = c.null or atom.neg
                        self.apply(clause, agent, 1, "increase", atom, null, verb.token)
        if verb.lemma in HOLDING and self._shows_cargo(c):
            return False
        c.themes = [a for a in c.themes or c.objects if a.event is not None]
        for atom in c.themes:
            assert atom.event is not None
            if self._own_change(c, atom.event):
                return False
            self.adopt(atom, clause)
            if not atom.event.themes and atom.event.cls == "affect" and atom.event.neg and self.out:
                # "X lowered Y, while Z had no effect": on Y
                atom.event.themes += [
                    Atom(d.token, d.object, context=d.context)
                    for d in self.out
                    if d.predicate == "regulates" and d.token is self.out[-1].token
                ]
        if not c.themes:
            return False
        made = verb.lemma in ("exert", "produce")
        places = all(
            a.mention is not None and a.mention.label in CELLISH and not a.arm for a in c.subject
        )
        cells = any(a.mention is not None and a.mention.label == "CELL" for a in c.subject)
        if c.subject and places and not (made and cells):
            # "X-treated cells showed less Y": the cells are the place, not the agent
            for atom in c.themes:
                for theme in atom.event.themes if atom.event else []:
                    theme.context = theme.context or c.subject[0].mention
            c.agents = self.agents_of(clause)
            c.agentless = not c.agents
            if c.agentless and self._untreated(c.subject):
                # "the knock-in mice showed more Y": nobody made it so
                c.agents, c.agentless = [Atom(verb.token, pron="nobody")], False
        return True

    def _untreated(self, subject: list[Atom]) -> bool:
        """Animals named anew, not "these mice" of whom it was told what they were given."""
        tokens = self.reading.tokens
        for a in subject:
            if a.mention is None or a.mention.label != "ORGANISM":
                return False
            k = next((k for k, t in enumerate(tokens) if t.mention is a.mention), 0)
            before = {t.low for t in tokens[max(0, k - 2) : k]}
            if before & {"these", "those", "such", "treated"} or k + 1 >= len(tokens):
                return False
            if any(t.is_class("verb", "treat") for t in tokens[k + 1 : k + 3]):
                return False
        return bool(subject)

    def _shifted(self, clause: Clause) -> None:
        """ "shifted macrophage polarization from A to B": less of A, more of B."""
        assert clause.verb is not None
        for adjunct in clause.adjuncts:
            way = {"from": -1, "to": 1, "toward": 1, "towards": 1, "into": 1}.get(adjunct.kind)
            for m in self.mentions(adjunct.atoms) if way else []:
                if m.label == "CELL":
                    for agent in self.mentions(clause.subject):
                        self.add(
                            agent, m, "regulates", DIRECTIONS[way or 0], clause.verb.token,
                            pattern="conversion", score=0.8,
                        )  # fmt: skip

    def _made_or_moved(self, c: _Change) -> bool:
        """ "X was overexpressed in cells": an experiment; "vesicles accumulated in Y": a place."""
        if c.verb.lemma == "accumulate":
            return all(a.mention is not None and a.mention.label == "VESICLE" for a in c.themes)
        if c.verb.lemma == "generate" and c.verb.passive:
            return True
        places = [a for adj in c.clause.adjuncts if adj.kind == "in" for a in adj.atoms]
        cells = any(a.mention is not None and a.mention.label == "CELL" for a in places)
        return c.verb.lemma == "overexpress" and c.verb.passive and cells

    def _more_cargo(self, c: _Change) -> bool:
        """ "X was elevated in the vesicles": they carry more of it."""
        if illness(self.reading.tokens)[0] is not None:
            return False
        owners = [
            m
            for adj in c.clause.adjuncts
            if adj.kind in ("in", "within", "inside")
            for a in adj.atoms
            if not a.arm
            for m in self.mentions([a])
            if m.label == "VESICLE"
        ]
        things = [m for m in self.mentions(c.themes) if m.label in CARGO]
        for owner in owners:
            for m in things:
                self.add(owner, m, "carries", "increases", c.verb.token, pattern="cargo")
        return bool(owners and things)

    def _shows_cargo(self, c: _Change) -> bool:
        """ "the vesicles showed the presence of X", "exhibited high X": they carry X."""
        subjects = [a for a in c.subject if not a.arm]
        owners = [m for m in self.mentions(subjects) if m.label == "VESICLE"]
        tokens = self.reading.tokens[c.clause.start : c.clause.end]
        rich = c.verb.lemma == "overexpress" or any(
            t.low in ("highly", "high", "highest") or t.is_class("adjective", "more")
            for t in tokens
        )
        things = [(m, rich) for m in self.mentions(c.objects)]
        for atom in c.objects:
            if atom.event is not None and atom.event.sign > 0 and not atom.event.agents:
                things += [(m, True) for m in self.mentions(atom.event.themes)]
        things = [(m, more) for m, more in things if m.label in CARGO]
        for owner in owners if not c.null else []:
            for m, more in things:
                way = "increases" if more else "unspecified"
                self.add(owner, m, "carries", way, c.verb.token, pattern="cargo")
        for atom in c.objects if owners and things else []:
            if atom.event is not None:
                self.used.add(id(atom.event))
        return bool(owners and things)

    def _own_change(self, c: _Change, event: Event) -> bool:
        """ "necrosis showed no change": the subject itself changes."""
        if event.themes or event.agents or event.token.low not in CHANGE_NOUNS or not c.subject:
            return False
        given = bool(self.agents_of(c.clause))
        measured = (*MEASURED, "CHEMICAL", "MIRNA") if given else MEASURED
        if any(a.mention is None or a.mention.label not in measured for a in c.subject):
            return False
        null = c.null or event.neg
        for agent in self.agents_of(c.clause) or self.missing(c.clause):
            for theme in c.subject:
                self.apply(c.clause, agent, event.sign, event.cls, theme, null, c.verb.token)
        return True

    def _signed(self, c: _Change) -> bool:
        """Sign, null effect, and the agent of an agentless clause."""
        clause = c.clause
        for atom in c.themes:
            if atom.event is not None:
                self.adopt(atom, clause)
        c.sign = 1 if c.cls in ("light", "result") else SIGNED.get(c.cls, 0)
        state = next((a.token for a in clause.adjuncts if a.kind == "state"), None)
        if state is not None and state.is_class("adjective", "unchanged", "ineffective"):
            c.null = True
        if c.cls == "leave" and not c.null:
            words = {t.low for t in self.reading.tokens[clause.start : clause.end + 2]}
            c.null = bool(words & {"baseline", "alone", "intact", "before"})
        if c.cls == "leave" and not c.null:
            return False
        c.null = c.null or self.insignificant(clause)
        if c.verb.lemma == "differ" and any(a.neg for a in c.themes):
            c.null = True
        if c.verb.again and not c.objects and not c.agentless:
            # "was no longer activated once X was there": it went down
            c.null, c.sign = False, -c.sign
        if c.cls == "affect" and c.verb.lemma == "differ":
            if c.null:
                self.unchanged(clause, equal=False)
            return False
        ill = all(a.mention is not None and a.mention.label == "DISEASE" for a in c.agents)
        told = c.themes is c.subject or c.agentless
        if ill and told and self.case_control(clause, c.themes, c.sign):
            return False
        if c.agentless and self.in_illness(clause, c.themes, c.sign, c.null):
            return False
        if c.agentless and c.sign > 0 and not c.null and self._more_cargo(c):
            return False
        if c.agentless and self._made_or_moved(c):
            return False
        if c.agentless:
            c.agents = self.missing(clause)
        token = c.verb.token
        return not (c.null and self.through_absence(clause, c.agents, c.themes, c.sign, token))

    def _emit(self, c: _Change) -> None:
        clause, token = c.clause, c.verb.token
        for adjunct in clause.fronted:
            if adjunct.kind == "unlike":
                for atom in adjunct.atoms:
                    atom.neg = True
                    for theme in c.themes:
                        self.apply(clause, atom, c.sign, c.cls, theme, True, token)
        self.same_degree(clause, c.agents, c.themes, token)
        vias = self.vias(clause)
        for adjunct in clause.adjuncts:
            if adjunct.kind == "of" and self._before(adjunct.token) in INDEPENDENT:
                vias += [Atom(a.token, a.mention, neg=True) for a in adjunct.atoms]
        respectively = any(a.kind == "respectively" for a in clause.adjuncts)
        for agent, theme in self.pairs(c.agents, c.themes, respectively):
            self.apply(clause, agent, c.sign, c.cls, theme, c.null, token)
        self._elsewhere(c)
        self.means(vias, token)
        self.comparison(clause, c.null, token)
        self._with_it(c)

    def _elsewhere(self, c: _Change) -> None:
        """ "in A, but not in B": nothing changed in B."""
        for adjunct in [*c.clause.adjuncts, *c.clause.fronted]:
            places = [a.mention for a in adjunct.atoms if a.neg and a.mention is not None]
            places = [m for m in places if m.label in CELLISH]
            if adjunct.kind != "in" or not places or c.null:
                continue
            for agent in c.agents:
                for theme in c.themes:
                    if theme.mention is not None and not theme.neg:
                        there = Atom(theme.token, theme.mention, context=places[0])
                        self.apply(c.clause, agent, c.sign, c.cls, there, True, c.verb.token)

    def _with_it(self, c: _Change) -> None:
        """What adjuncts add: without an effect on, as evidenced by, despite a fall in."""
        clause, token = c.clause, c.verb.token
        for adjunct in clause.adjuncts:
            if adjunct.kind in ("equal", "as_well"):
                self.as_well(adjunct, token)
            told = adjunct.kind in ("via", "through") or (
                adjunct.kind == "by" and not c.verb.passive and bool(c.objects)
            )
            for atom in adjunct.atoms:
                for agent in c.agents:
                    better = atom.event is not None and atom.event.token.pos == "adj"
                    told = (
                        told or adjunct.kind == "accompanied" or (adjunct.kind == "for" and better)
                    )
                    if told and atom.event and not atom.event.agents and not c.null:
                        self.on_event(clause, agent, 1, "light", atom.event, False, adjunct.token)
                    elif adjunct.kind == "evidence":
                        self.apply(clause, agent, 1, "light", atom, False, adjunct.token)
                    elif adjunct.kind == "without" and atom.event and not atom.event.agents:
                        self.on_event(clause, agent, 1, "light", atom.event, True, adjunct.token)
        for adjunct in clause.fronted:
            if adjunct.kind not in ("despite", "without", "besides"):
                continue
            for atom in adjunct.atoms:
                if atom.event is None or atom.event.agents:
                    continue
                atom.event.neg = atom.event.neg or adjunct.kind == "without"
                for agent in c.agents:
                    null = atom.event.neg
                    self.apply(clause, agent, 1, "light", atom, null, adjunct.token)

    def _before(self, token: Token) -> str:
        k = self.reading.tokens.index(token)
        return self.reading.tokens[k - 1].low if k else ""

    def unchanged(self, clause: Clause, *, equal: bool) -> None:
        verb = clause.verb
        assert verb is not None
        agents = self.agents_of(clause)
        themes = list(clause.subject)
        others: list[Atom] = []
        for adjunct in [*clause.adjuncts, *clause.fronted]:
            if adjunct.kind in ("between", "in", "with", "among") and len(adjunct.atoms) >= 2:
                agents, others = adjunct.atoms[:1], adjunct.atoms[1:2]
        if equal and verb.neg:
            return
        if verb.lemma == "differ":
            others += [
                a for adj in clause.adjuncts if adj.kind in ("from", "to") for a in adj.atoms
                if a.arm
                or (a.mention is not None and a.mention.label in ("INTERVENTION", "VESICLE"))
            ]  # fmt: skip
            agents = [a for a in agents if a not in others] or [
                a for adj in clause.fronted if adj.kind == "by" for a in adj.atoms
            ]
        if not agents:
            agents = self.missing(clause)
        if equal and len(clause.subject) == 1 and clause.subject[0].event is not None:
            event = clause.subject[0].event
            others2 = [
                m
                for adj in clause.adjuncts
                if adj.kind in ("to", "with")
                for m in self.mentions(adj.atoms)
            ]
            for a in self.mentions(event.agents):
                for b in others2:
                    for t in self.mentions(event.themes)[:1]:
                        self.add(
                            a,
                            b,
                            "compared_with",
                            "equal",
                            verb.token,
                            outcome=t,
                            pattern="comparison",
                        )
            return
        if (
            clause.subject
            and equal
            and all(
                a.mention is not None and a.mention.label in ("VESICLE", "CELL", "INTERVENTION")
                for a in clause.subject
            )
        ):
            for adjunct in clause.adjuncts:
                if adjunct.kind in ("to", "with"):
                    outcome = self.outcome(clause)
                    for a in self.mentions(clause.subject):
                        for b in self.mentions(adjunct.atoms):
                            self.add(
                                a,
                                b,
                                "compared_with",
                                "equal",
                                verb.token,
                                outcome=outcome,
                                pattern="comparison",
                            )
            return
        for agent in agents:
            for theme in themes:
                self.apply(clause, agent, 0, "affect", theme, True, verb.token)
        for atom in others:
            for d in [d for d in self.out if d.token is verb.token]:
                m = atom.mention
                if m is not None and d.subject is not None:
                    self.add(
                        d.subject,
                        m,
                        "compared_with",
                        "equal",
                        verb.token,
                        outcome=d.object,
                        pattern="comparison",
                    )

    def through_absence(
        self, clause: Clause, agents: list[Atom], themes: list[Atom], sign: int, token: Token
    ) -> bool:
        """ "In X knock-out mice, A no longer reduced B": A acts through X."""
        lost = [
            a
            for adj in [*clause.fronted, *clause.adjuncts]
            if adj.kind in ("in", "when_pert")
            for a in adj.atoms
            if a.pert is not None and a.pert.sign < 0 and a.mention is not None
        ]
        if (
            not lost
            or not sign
            or clause.verb is None
            or not (clause.verb.again or clause.verb.neg)
        ):
            return False
        for agent in self.mentions(agents):
            for theme in themes:
                if theme.mention is not None:
                    for m in lost:
                        self.add(
                            agent,
                            theme.mention,
                            "regulates",
                            DIRECTIONS[sign],
                            token,
                            via=m.mention,
                            perturbation=m.pert.cls if m.pert else None,
                            context=m.context,
                            pattern="mediator",
                            score=0.8,
                        )
        return True

    def from_cause(self, clause: Clause) -> None:
        """ "The effect of X results from inhibition of Y"."""
        assert clause.verb is not None
        causes = [a for adj in clause.adjuncts if adj.kind == "from" for a in adj.atoms]
        for atom in clause.subject:
            for agent in atom.event.agents if atom.event is not None else []:
                for cause in causes:
                    event = cause.event
                    if event is not None and not event.agents:
                        self.on_event(clause, agent, 1, "light", event, False, clause.verb.token)
                    elif (
                        cause.pert is not None
                        and cause.mention is not None
                        and agent.mention is not None
                    ):
                        self.add(
                            agent.mention,
                            cause.mention,
                            "regulates",
                            DIRECTIONS[cause.pert.sign],
                            clause.verb.token,
                            pattern="event",
                        )
