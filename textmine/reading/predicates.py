"""Other predicates that tell of change: remain, follow, mediate, be, see, go, bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textmine.reading.changes import Changes
from textmine.reading.clauses import Clause
from textmine.reading.drafts import DIRECTIONS
from textmine.reading.phrases import Atom, Event
from textmine.records import Mention

__all__ = ["Predicates"]


DOERS = ("VESICLE", "INTERVENTION", "PROCESS", "CELL")
ACTING = ("GENE", "MIRNA", "CHEMICAL", "PATHWAY", "VESICLE", "ANATOMY")


class Predicates(Changes):
    """Verbs that need a reading of their own."""

    def remain(self, clause: Clause) -> None:
        state = [a.token for a in clause.adjuncts if a.kind in ("state", "adj")]
        tokens = self.reading.tokens[clause.start : clause.end + 1]
        states = [
            t
            for t in [*state, *tokens]
            if t.is_class("adjective", "unchanged", "equal", "rich", "more", "less")
        ]
        if (clause.verb is not None and clause.verb.lemma == "persist") or states:
            self.unchanged(clause, equal=False)

    def trend(self, clause: Clause) -> bool:
        """ "a trend towards less T", "T showed an upward trend": no change that can be told."""
        tokens = self.reading.tokens
        verb = clause.verb
        assert verb is not None
        words = tokens[clause.start : clause.end + 2]
        if not any(t.low in ("trend", "trends") and t.mention is None for t in words):
            return False
        toward = [
            a for adj in clause.adjuncts if adj.kind in ("toward", "towards", "to")
            for a in adj.atoms
        ]  # fmt: skip
        themes = [t for a in toward if a.event for t in a.event.themes]
        themes += [a for a in toward if a.event is None]
        subjects = [a for a in clause.subject if a.mention is not None]
        measured = [
            a for a in subjects if a.mention and a.mention.label in ("GENE", "OUTCOME", "PROCESS")
        ]  # fmt: skip
        agents = [a for a in subjects if a not in measured]
        themes = themes[:1] or measured
        agents = agents or self.agents_of(clause) or self.missing(clause)
        for agent in agents:
            for theme in themes:
                self.apply(clause, agent, 0, "affect", theme, True, verb.token)
        for a in toward:
            if a.event is not None:
                self.used.add(id(a.event))
        return bool(themes)

    def opposite(self, clause: Clause) -> bool:
        """ "V lowered D in A, yet in B it had the opposite effect", "W did the opposite"."""
        tokens = self.reading.tokens[clause.start : clause.end + 3]
        if not any(t.low == "opposite" for t in tokens):
            return False
        told = [d for d in self.out if d.predicate == "regulates"] or [
            d for d in self.memory.drafts if d.predicate == "regulates"
        ]
        last = [d for d in told if d.token is told[-1].token] if told else []
        turned = {"increases": "decreases", "decreases": "increases"}
        assert clause.verb is not None
        for agent in self.mentions(clause.subject):
            for d in last:
                if d.direction in turned and d.via is None:
                    self.add(
                        agent, d.object, "regulates", turned[d.direction], clause.verb.token,
                        context=self.context(clause), pattern="verb", score=0.7,
                    )  # fmt: skip
        return True

    def followed(self, clause: Clause) -> None:
        """ "X was followed by a drop in Y", "came with", "No fever followed X"."""
        verb = clause.verb
        assert verb is not None
        if verb.passive or verb.lemma == "come":
            wanted = "by" if verb.passive else "with"
            agents = [
                Atom(a.token, pron="they")
                if a.event is not None and not a.event.agents and not a.event.themes
                else a
                for a in clause.subject
            ]
            themes = [a for adj in clause.adjuncts if adj.kind == wanted for a in adj.atoms]
        else:
            agents, themes = clause.objects, clause.subject
            themes = [a for a in themes if a.neg or a.event is not None]
        for theme in themes:
            for agent in agents:
                if theme.event is not None:
                    if theme.event.agents:
                        continue
                    self.on_event(clause, agent, 1, "light", theme.event, verb.neg, verb.token)
                elif theme.neg:
                    self.apply(clause, agent, 1, "increase", theme, True, verb.token)

    def phrasal(self, clause: Clause) -> None:
        """ "went up", "brought X down", "brought it back to baseline"."""
        verb = clause.verb
        assert verb is not None
        words = [
            t.low
            for t in self.reading.tokens[
                clause.start : min(clause.end + 2, len(self.reading.tokens))
            ]
        ]
        up, down = "up" in words, "down" in words
        if words[1:2] == ["about"] or "about" in words[:4]:
            verb.cls = "increase"
            self.change(clause)
            return
        if not (up or down or "back" in words):
            return
        if verb.lemma == "go":
            verb.cls = "rise" if up else "fall"
        else:
            verb.cls = "increase" if up else "decrease" if down else "reverse"
        self.change(clause)

    def responsible(self, clause: Clause) -> None:
        verb = clause.verb
        assert verb is not None
        for adjunct in clause.adjuncts:
            if adjunct.kind == "for":
                for atom in adjunct.atoms:
                    for agent in clause.subject:
                        if atom.event is not None:
                            self.on_event(
                                clause, agent, 1, "light", atom.event, verb.neg, verb.token
                            )

    def needed(self, clause: Clause) -> None:
        """ "X is required for Y", "X is essential for the inhibition of Y"."""
        verb = clause.verb
        assert verb is not None
        themes = [a for adj in clause.adjuncts if adj.kind in ("for", "to") for a in adj.atoms]
        agents = [a for a in clause.subject if a.mention is not None and not a.arm]
        for agent in agents if not verb.neg else []:
            for theme in themes:
                event = theme.event
                if theme.mention is not None:
                    self.apply(clause, agent, 1, "increase", theme, False, verb.token)
                elif event is not None and event.sign and not event.agents:
                    self.on_event(clause, agent, 1, "light", event, False, verb.token)

    def mediator(self, clause: Clause) -> None:
        """ "X mediates the effect of ...", "the effect required X", "was dependent on X"."""
        verb = clause.verb
        assert verb is not None
        on = [
            a
            for adj in clause.adjuncts
            if adj.kind in ("on", "upon", "of", "for")
            for a in adj.atoms
        ]
        if verb.cls == "mediate" and not verb.passive:
            events, mediators = clause.objects, clause.subject
        elif verb.cls == "mediate":
            events, mediators = clause.subject, self.vias(clause) or self.agents_of(clause)
        elif verb.cls == "require" and verb.passive:
            events = [a for adj in clause.adjuncts if adj.kind in ("in", "for") for a in adj.atoms]
            mediators = clause.subject
        elif verb.cls == "require":
            events, mediators = clause.subject, clause.objects
        else:
            events, mediators = clause.subject, on
        negated = verb.neg or verb.cls == "independent"
        partly = verb.passive and verb.lemma in ("involve", "engage") and self._involved(clause)
        for atom in events if not partly else []:
            event = atom.event
            if event is None:
                if verb.cls == "mediate" and not verb.passive:
                    self._mediates(clause, atom, mediators)
                continue
            self.adopt(atom, clause)
            self.used.add(id(event))
            if not event.themes and event.agents and verb.passive and verb.cls == "mediate":
                # "the effect of V was not mediated by M": on what is not said
                for way in self.mentions(mediators):
                    for doer in self.mentions(event.agents):
                        self.add(
                            way,
                            doer,
                            "mediates",
                            "unspecified",
                            verb.token,
                            negated=negated,
                            pattern="mediator",
                        )
                continue
            agents: Sequence[Mention | None] = self.mentions(event.agents)
            itself = [m for m in self.mentions(mediators) if m.label in DOERS]
            if not agents and itself and verb.cls == "mediate" and not verb.passive:
                for agent in mediators:
                    self.on_event(clause, agent, 1, "light", event, verb.neg, verb.token)
                continue
            if not agents:
                agents = [
                    a
                    for adj in clause.fronted
                    for a in self.mentions(adj.atoms)
                    if a.label == "VESICLE"
                ]
            if not agents:
                agents = (self.memory.agents or self.memory.previous)[-1:] or [None]
            for theme in event.themes:
                for m in mediators:
                    for s in agents:
                        if theme.mention is not None and m.mention is not None:
                            owner = None if s is not None and s.start == m.mention.start else s
                            self.add(
                                owner,
                                theme.mention,
                                "regulates",
                                DIRECTIONS[event.sign],
                                verb.token,
                                negated=negated,
                                via=m.mention,
                                context=theme.context,
                                perturbation=m.pert.cls if m.pert is not None else None,
                                pattern="mediator",
                            )

    def _mediates(self, clause: Clause, atom: Atom, mediators: Sequence[Atom]) -> None:
        """ "V mediate the repair of Y": V bring it about; a molecule is said to mediate it."""
        verb = clause.verb
        assert verb is not None
        for m in self.mentions([atom]):
            if m.label not in ("PROCESS", "DISEASE", "OUTCOME"):
                continue
            for agent in mediators:
                for a in self.mentions([agent]):
                    if a.label in DOERS:
                        self.apply(clause, agent, 1, "increase", atom, verb.neg, verb.token)
                    elif a.label in ACTING:
                        self.add(
                            a, m, "mediates", "unspecified", verb.token,
                            negated=verb.neg, pattern="mediator",
                        )  # fmt: skip
        self.means(self.vias(clause), verb.token)

    def _involved(self, clause: Clause) -> bool:
        """ "transfer of M is involved in the fall of D", "M is involved in V-induced D", "in D"."""
        verb = clause.verb
        assert verb is not None
        about = next((adj.atoms for adj in clause.adjuncts if adj.kind == "in"), [])
        moved = [
            theme
            for a in clause.subject
            if a.event is not None and a.event.cls == "deliver"
            for theme in a.event.themes
        ]
        found = False
        for atom in about:
            event = atom.event
            if event is not None and event.themes and not event.agents:
                for agent in moved:
                    self.on_event(clause, agent, 1, "light", event, verb.neg, verb.token)
                    found = True
                continue
            if event is not None and event.token.pos != "hyph":
                continue
            things = event.themes if event is not None else [atom]
            word = "mediates" if event is not None else "associated_with"
            for m in self.mentions(things):
                for a in self.mentions(moved or clause.subject):
                    if a.label not in ACTING or (event is None and verb.lemma != "involve"):
                        continue
                    if m.label in ("PROCESS", "DISEASE", "OUTCOME", "PATHWAY"):
                        self.add(
                            a, m, word, "unspecified", verb.token, negated=verb.neg,
                            pattern="association" if word != "mediates" else "mediator",
                            score=0.8,
                        )  # fmt: skip
                        found = True
        return found

    def copula(self, clause: Clause) -> None:
        """ "X is a direct target of Y", "X is a regulator of Y", "there was no difference"."""
        verb = clause.verb
        assert verb is not None
        tokens = self.reading.tokens
        span = tokens[clause.start : min(len(tokens), clause.end + 12)]
        for k, t in enumerate(span):
            noun = t.reading("noun")
            if noun is None or t.mention is not None:
                continue
            if noun.cls.startswith("agentive_") and k + 1 < len(span) and span[k + 1].low == "of":
                objects = [s.mention for s in span[k + 2 : k + 5] if s.mention is not None]
                sign = {"agentive_decrease": -1, "agentive_increase": 1}.get(noun.cls, 0)
                hedged = any(s.low in ("putative", "potential", "possible", "likely") for s in span)
                for a in self.mentions(clause.subject):
                    for o in objects[:1]:
                        self.add(a, o, "regulates", DIRECTIONS[sign], t, pattern="noun")
                if hedged:
                    verb.hedged = True
                return
        if self._as_before(clause) or self._promises(clause):
            return
        if (
            verb.neg
            and not clause.objects
            and not clause.adjuncts
            and self.out
            and verb.token.mention is None
        ):
            # "whereas Y did not"
            last = [d for d in self.out if d.predicate == "regulates"]
            for d in [d for d in last if d.token is last[-1].token]:
                for a in self.mentions(clause.subject):
                    if a.label == (d.subject.label if d.subject is not None else a.label):
                        self.add(
                            a,
                            d.object,
                            "regulates",
                            "unchanged",
                            verb.token,
                            context=d.context,
                            pattern="null",
                        )
            return
        for adjunct in clause.adjuncts:
            if adjunct.kind == "without":
                for atom in adjunct.atoms:
                    if atom.event is not None:
                        for agent in clause.subject:
                            self.on_event(clause, agent, 1, "light", atom.event, True, verb.token)
        for atom in clause.objects:
            if (
                atom.event is not None
                and atom.event.cls == "affect"
                and (verb.neg or atom.event.neg)
            ):
                self.difference(clause, atom.event)
            elif atom.event is not None and atom.event.neg and atom.event.themes:
                for agent in self.agents_of(clause) or self.missing(clause):
                    self.on_event(clause, agent, 1, "light", atom.event, True, verb.token)

    def _promises(self, clause: Clause) -> bool:
        """ "X could be a tool for the prevention of D": a promise with an effect, hedged."""
        verb = clause.verb
        assert verb is not None
        words = self.reading.tokens[clause.start : clause.end]
        if verb.neg or not any(t.is_class("noun", "promise") for t in words):
            return False
        start = len(self.out)
        subject = clause.subject
        if not subject and any(t.is_class("noun", "anaphor") for t in self.reading.tokens[:6]):
            subject = [Atom(verb.token, pron="they")]
        for adjunct in clause.adjuncts:
            for atom in adjunct.atoms if adjunct.kind == "for" else []:
                event = atom.event
                if event is not None and event.sign and not event.agents:
                    for agent in subject:
                        self.on_event(clause, agent, 1, "light", event, False, verb.token)
        if len(self.out) > start:
            verb.hedged = True
        return len(self.out) > start

    def _as_before(self, clause: Clause) -> bool:
        """ "X did not lower A, whereas Y did": what Y did is said in the clause before."""
        verb = clause.verb
        assert verb is not None
        words = [t.low for t in self.reading.tokens[clause.start : clause.end]]
        if verb.neg or clause.objects or clause.adjuncts or not {"did", "does", "do"} & set(words):
            return False
        told = [c for c in self.reading.clauses if c.start < clause.start and c.verb is not None]
        last = max(told, key=lambda c: c.start, default=None)
        if last is None or last.verb is None or not last.verb.neg or last.verb.passive:
            return False
        if last.verb.cls == "be":
            return False  # "did not, did": nothing was said
        again = replace(last, subject=clause.subject, verb=replace(last.verb, neg=False))
        again.start, again.end = clause.start, clause.end
        self.read(again)
        return True

    def read(self, clause: Clause) -> None:
        """Sends a clause to what can read it; the interpreter knows how."""
        raise NotImplementedError

    def insignificant_change(self, clause: Clause) -> bool:
        """ "The difference in T between A and B did not reach significance": no change."""
        verb = clause.verb
        assert verb is not None
        words = [t.low for t in self.reading.tokens[clause.start : clause.end + 3]]
        if not verb.neg or verb.cls not in ("be", "other", "light"):
            return False
        if not any(w in ("significance", "significant") for w in words):
            return False
        done = False
        for atom in clause.subject:
            event = atom.event
            if event is None or not (event.themes or event.cls == "affect"):
                continue
            between = any(a.kind == "between" for a in (*clause.adjuncts, *clause.fronted))
            if event.cls == "affect" and not (between or event.agents):
                continue
            done = True
            if event.cls == "affect" and not event.agents:
                self.difference(clause, event)
                continue
            event.neg = True
            if not event.agents:
                self.used.add(id(event))
                for agent in self.agents_of(clause) or self.missing(clause):
                    self.on_event(clause, agent, 1, "light", event, True, verb.token)
        return done

    def difference(self, clause: Clause, event: Event) -> None:
        """ "There was no significant difference in T between A and B"."""
        self.used.add(id(event))
        told = [*clause.adjuncts, *clause.fronted]
        arms = [a for adj in told if adj.kind in ("between", "among") for a in adj.atoms]
        token = event.token
        themes = event.themes or [
            a for adj in told if adj.kind == "in" for a in adj.atoms if not a.arm
        ]
        if not themes:
            return
        agents = arms[:1] or self.agents_of(clause) or self.missing(clause)
        for theme in themes:
            for agent in agents:
                self.apply(clause, agent, 0, "affect", theme, True, token)
            for other in arms[1:2]:
                for d in [d for d in self.out if d.token is token and d.predicate == "regulates"]:
                    if other.mention is not None and d.subject is not None:
                        self.add(
                            d.subject,
                            other.mention,
                            "compared_with",
                            "equal",
                            token,
                            outcome=d.object,
                            pattern="comparison",
                        )

    def seen(self, clause: Clause) -> None:
        """ "An increase in X was seen with Y": the event takes its agent from the clause."""
        verb = clause.verb
        assert verb is not None
        if (
            self.predicts(clause)
            or self.taken_up(clause)
            or self.found_in(clause)
            or self.not_seen(clause)
        ):
            return
        told = not clause.subject and verb.lemma in ("observe", "see", "note", "detect", "find")
        arose = verb.lemma in ("emerge", "occur", "arise") and bool(self.agents_of(clause))
        if not verb.passive and not told and not arose:
            return
        tokens = self.reading.tokens[: clause.start]
        arms = [
            a for adj in clause.adjuncts if adj.kind in ("with", "in", "between") for a in adj.atoms
        ]
        if (
            any(t.is_class("adjective", "equal") for t in tokens)
            and len(arms) == 2
            and clause.subject
        ):
            a, b = arms[0].mention, arms[1].mention
            t = clause.subject[0].mention
            if a is not None and b is not None and t is not None:
                self.add(
                    a, b, "compared_with", "equal", verb.token, outcome=t, pattern="comparison"
                )
            return
        for atom in [*clause.subject, *clause.objects]:
            event = atom.event
            if event is None or event.agents:
                continue
            self.adopt(atom, clause)
            if (
                event.cls in ("increase", "decrease", "affect", "improve", "worsen")
                and event.themes
            ):
                agents = self.agents_of(clause)
                if event.cls == "affect" and not event.neg and not verb.neg:
                    continue
                null = event.neg or verb.neg
                if not agents and self.in_illness(clause, event.themes, event.sign, null):
                    self.used.add(id(event))
                    continue
                if not agents and told and not self.memory.agents:
                    continue  # "we found a loss of T": nobody is known to have made it
                for agent in agents or self.missing(clause):
                    self.on_event(clause, agent, 1, "light", event, verb.neg, verb.token)

    def not_seen(self, clause: Clause) -> bool:
        """ "No fever occurred", "X was no longer seen once Y was there"."""
        verb = clause.verb
        assert verb is not None
        if verb.lemma not in (
            "occur",
            "observe",
            "see",
            "detect",
            "find",
            "note",
            "attribute",
            "report",
            "emerge",
            "arise",
            "record",
        ):
            return False
        done = False
        for atom in clause.subject:
            negated = atom.neg or verb.neg
            m = atom.mention
            if not negated or (m is None and not (atom.event is not None and verb.again)):
                continue
            if m is not None and m.label not in ("PROCESS", "DISEASE", "OUTCOME"):
                continue
            agents = [
                a for adj in clause.adjuncts if adj.kind == "to" for a in adj.atoms
            ] or self.agents_of(clause)
            for agent in agents or self.missing(clause):
                if verb.again:
                    self.apply(clause, agent, -1, "decrease", atom, False, verb.token)
                else:
                    self.apply(clause, agent, 1, "increase", atom, True, verb.token)
                done = True
        return done
