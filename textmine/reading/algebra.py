"""The algebra of signs: one agent, one verb, one theme.

Signs multiply: a perturbation (silencing -1, overexpression +1), the verb and the event that is its
object each give one factor. "A miR-223 inhibitor abolished the protection by X against Y" has a
perturbed subject and an event as object: that is X on Y through miR-223.
"""

from __future__ import annotations

from dataclasses import replace

from textmine.reading.clauses import Clause
from textmine.reading.drafts import (
    DIRECTIONS,
    PERTURBED_NAME,
    Draft,
    Workbench,
)
from textmine.reading.phrases import Atom, Event
from textmine.reading.triggers import Reading as WordReading
from textmine.reading.triggers import Token
from textmine.records import Mention

__all__ = ["Algebra"]

MADE = ("agonist", "inhibition", "overexpression")
HEALING = ("protect", "reverse", "improve")
POINTERS = ("it", "them", "both", "this", "that", "they", "those")
UNDOING = frozenset(
    (
        "abolish",
        "abrogate",
        "cancel",
        "reverse",
        "nullify",
        "annul",
        "blunt",
        "counteract",
        "block",
        "prevent",
        "attenuate",
        "weaken",
        "eliminate",
        "diminish",
        "negate",
        "offset",
    )
)


class Algebra(Workbench):
    """Applies verbs to themes: mentions, events, and "this"."""

    def apply(
        self,
        clause: Clause,
        agent: Atom,
        sign: int,
        cls: str,
        theme: Atom,
        null: bool,
        token: Token,
    ) -> None:
        """One agent, one theme: the sign algebra."""
        if theme.event is not None:
            self.on_event(clause, agent, sign, cls, theme.event, null or theme.neg, token)
            return
        targets = [(theme.mention, theme)] if theme.mention is not None else []
        if theme.arm and theme.context is not None and theme.context.label == "CELL":
            targets = [(theme.context, theme)]  # "calmed X-treated cells": the cells
        if not targets and theme.pron in POINTERS:
            undone = clause.verb is not None and clause.verb.lemma in UNDOING
            meddled = agent.pert is not None or "inhibits" in agent.token.extra
            if theme.pron in ("this", "that") or (undone and meddled and theme.pron == "it"):
                self.on_this(clause, agent, sign, cls, null, token)
                return
            pool = list({m.id: m for m in self.memory.themes}.values()) or [
                d.object for d in self.memory.drafts[-1:] if d.direction != "unchanged"
            ]
            wanted = 2 if theme.pron in ("both", "them") else 1
            targets = [(m, theme) for m in pool[-wanted:]]
        if not targets:
            return
        agents: list[tuple[Mention | None, Atom]]
        if agent.event is not None:
            made = [
                a for a in agent.event.themes
                if agent.event.token.pos == "verb" and a.mention is not None
                and a.mention.label in ("VESICLE", "MIRNA", "GENE", "CHEMICAL", "CELL")
            ]  # fmt: skip
            if made:
                # "X induced by Y lowered A": X did
                agents = [(a.mention, a) for a in made]
            elif agent.event.cls == "deliver" and agent.event.themes:
                # "delivery of X by V raised A": X did
                agents = [(m, a) for a in agent.event.themes for m in self.mentions([a])]
            elif agent.event.agents:
                agents = [(m, a) for a in agent.event.agents for m in self.mentions([a])]
            elif agent.event.themes and agent.event.cls in ("increase", "decrease", "reverse"):
                way = agent.event.sign or 1
                name = "overexpression" if way > 0 else "inhibition"
                self.used.add(id(agent.event))
                for a in agent.event.themes:
                    if a.mention is None or a.mention.label in ("DISEASE", "OUTCOME"):
                        continue
                    for m, t in targets:
                        if m is not None:
                            s = self.literal(sign, cls, m) * way
                            s *= t.pert.sign if t.pert is not None else 1
                            self.add(
                                a.mention,
                                m,
                                "regulates",
                                "unchanged" if null else DIRECTIONS[s],
                                token,
                                perturbation=name,
                                context=t.context,
                                pattern="perturbation",
                            )
                return
            else:
                agents = [(m, agent) for m in self.antecedent("they")]
        elif agent.mention is not None:
            agents = [(agent.mention, agent)]
        elif agent.pron == "nobody":
            agents = [(None, agent)]
        else:
            agents = [(m, agent) for m in self.mentions([agent])]
        for m, t in targets:
            if m is None or self._dying(m):
                continue
            for who, atom in agents:
                if self.own_right(atom):
                    continue
                if (
                    who is not None
                    and who.label in ("ORGANISM", "ANATOMY", "OUTCOME")
                    and not atom.arm
                    and atom.pert is None
                ):
                    continue
                s = self.literal(sign, cls, m)
                doer = t.token.extra.get("by")
                if cls == "reverse" and isinstance(doer, Atom) and doer.mention is not None:
                    # "reversed the protection of V": V had brought it about
                    s = -1
                    if doer.mention is not who:
                        self.add(doer.mention, m, "regulates", "increases", token, pattern="event")
                if theme.pert is not None:
                    # "abrogated X loss", "led to X inhibition": a change of X as what is changed
                    s = theme.pert.sign * (s or (-1 if cls == "reverse" else 0))
                pert = None
                by = atom.pert or _named_perturbation(who)
                if by is not None and who is not None:
                    s *= by.sign
                    pert = by.cls
                direction = "unchanged" if null or theme.neg or atom.neg else DIRECTIONS[s]
                score = 0.9 if atom.pron is None else 0.65
                self.add(
                    who,
                    m,
                    "regulates",
                    direction,
                    token,
                    perturbation=pert,
                    score=score,
                    context=t.context,
                    pattern="perturbation"
                    if pert
                    else "null"
                    if direction == "unchanged"
                    else "verb"
                    if atom.pron is None
                    else "agentless",
                )
                if who is not None:
                    self.note(who, m)
                else:
                    self.memory.themes.append(m)

    def _dying(self, m: Mention) -> bool:
        """ "apoptotic cells": what changes is how many of them die."""
        tokens = self.reading.tokens
        k = next((k for k, t in enumerate(tokens) if t.mention is m), 0)
        return m.label == "CELL" and k > 0 and tokens[k - 1].is_class("adjective", "dying")

    def own_right(self, atom: Atom) -> bool:
        """Is an antibody against the mention the agent? It acts by itself, with its own sign.

        Where it is no mention there is nobody to say it of: its target is not the subject.
        As a mediator ("was abolished by an antibody against X") it stays a perturbation of X.
        """
        if atom.pert is None or atom.pert.cls != "neutralisation" or atom.mention is None:
            return False
        tokens = self.reading.tokens
        k = next((k for k, t in enumerate(tokens) if t.mention is atom.mention), 0)
        return any(t.is_class("noun", "own_right") for t in tokens[max(0, k - 3) : k + 3])

    def on_this(
        self, clause: Clause, agent: Atom, sign: int, cls: str, null: bool, token: Token
    ) -> None:
        """ "and this was prevented by X": the change told last."""
        last = [d for d in self.out if d.predicate == "regulates"] or self.memory.drafts
        mine = agent.mention.start if agent.mention is not None else -1
        last = [
            d
            for d in last
            if d.direction in ("increases", "decreases")
            and (d.subject is None or d.subject.start != mine)
        ] or [d for d in self.memory.drafts if d.direction in ("increases", "decreases")]
        if not last:
            return
        own = {m.text.lower() for m in self.mentions([a for a in clause.subject if a.mention])}
        if not last or any(d.object.text.lower() in own for d in last):
            return
        base = last[-1]
        event = Event(token, {"increases": 1, "decreases": -1}.get(base.direction, 0), "increase")
        event.themes = [Atom(token, base.object, context=base.context)]
        if base.subject is not None:
            event.agents = [Atom(token, base.subject)]
        self.used.add(id(event))
        self.on_event(clause, agent, sign, cls, event, null, token, told=True)

    def on_event(
        self,
        clause: Clause,
        agent: Atom,
        sign: int,
        cls: str,
        event: Event,
        null: bool,
        token: Token,
        *,
        told: bool = False,
    ) -> None:
        """A verb whose object is itself a change."""
        if (
            not event.themes
            and event.cls in ("affect", "increase", "decrease", "protect", "improve")
            and not (event.agents and event.themes)
        ):
            base = [d for d in self.out if d.predicate == "regulates"] or self.memory.drafts
            if base and cls not in ("light", "result"):
                self.on_this(clause, agent, sign, cls, null, token)
            return
        if event.cls == "convert":
            into = [
                a
                for adj in clause.adjuncts
                if adj.kind in ("into", "to", "towards")
                for a in adj.atoms
            ]
            for source in event.themes:
                for target in into:
                    if source.mention is not None and target.mention is not None:
                        self.used.add(id(event))
                        self.add(
                            source.mention,
                            target.mention,
                            "converts_to",
                            "unspecified",
                            token,
                            pattern="conversion",
                        )
                        for a in self.mentions([agent]):
                            self.add(
                                a,
                                target.mention,
                                "regulates",
                                "unchanged" if null or agent.neg else DIRECTIONS[sign],
                                token,
                                pattern="conversion",
                            )
            return
        undo = sign < 0 or cls == "reverse"
        again = clause.verb is not None and clause.verb.lemma in ("restore", "recover", "regain")
        if cls == "reverse" and again and event.sign > 0 and not event.agents:
            undo, sign = False, 1  # "restored the activation of X"
        factor = -1 if undo else 1 if sign > 0 else 0
        if cls in ("improve", "worsen"):
            factor = 1 if cls == "improve" else -1
        light = cls in ("light", "result")
        pert = agent.pert or _named_perturbation(agent.mention, own=True)
        mediator = agent.mention if pert is not None else None
        fetched = False
        if pert is not None and not event.agents and not light and undo:
            event.agents = [
                Atom(token, m)
                for m in (self.memory.agents or self.memory.previous)[-1:]
                if m.label == "VESICLE"
            ]
            fetched = bool(event.agents)
        inhibits = agent.token.extra.get("inhibits")
        if isinstance(inhibits, Atom) and event.agents and agent.mention is not None:
            self.through(event, inhibits.mention, "inhibition", null, token)
            self.used.add(id(event))
        unsigned = event.cls == "affect" and not event.sign
        if mediator is not None and event.agents and unsigned and factor > 0 and not null:
            before = len(self.out)
            self._helped(agent, event, token)
            if len(self.out) > before:
                return
        if mediator is not None and event.agents and not light and pert is not None:
            self.used.add(id(event))
            self.through(event, mediator, pert.cls, null, token)
            if (
                not null
                and event.sign
                and agent.mention is not None
                and (
                    told or fetched or cls == "protect" or pert.sign > 0 or factor > 0 or agent.arm
                )
            ):
                for theme in event.themes:
                    if theme.mention is not None:
                        self.add(
                            mediator,
                            theme.mention,
                            "regulates",
                            DIRECTIONS[pert.sign * factor * event.sign],
                            token,
                            perturbation=pert.cls,
                            context=theme.context,
                            pattern="perturbation",
                        )
            return
        if agent.event is not None and agent.event.agents:
            delivers = agent.event.cls == "deliver" and agent.event.themes
            for inner in agent.event.themes if delivers else agent.event.agents:
                self.on_event(clause, inner, sign, cls, event, null, token)
            return
        if (
            light
            and event.agents
            and agent.mention is not None
            and event.agents[0].mention is not None
        ):
            return
        if self.own_right(agent):
            return
        subject: list[Mention | None] = list(self.mentions([agent]))
        if (
            agent.event is not None
            and agent.event.themes
            and agent.event.cls in ("increase", "decrease")
        ):
            for inner in agent.event.themes:
                if inner.mention is not None and event.agents:
                    self.used.add(id(event))
                    self.through(
                        event,
                        inner.mention,
                        "inhibition" if agent.event.sign < 0 else "overexpression",
                        null,
                        token,
                    )
            return
        if not subject and agent.pron == "nobody":
            subject = [None]
        times = (factor or 1) if cls != "affect" else 0
        if event.cls == "affect" and not event.sign and event.agents and not light:
            if factor > 0 and not null:
                self._helped(agent, event, token)
            return
        if light and not event.agents:
            self.used.add(id(event))
        if cls != "light" and not light and not event.agents and not told:
            self.used.add(id(event))
        for theme in event.themes:
            m = theme.mention
            if m is None and theme.pron == "it" and self.memory.themes:
                m = self.memory.themes[-1]
            if (
                m is None
                and theme.event is not None
                and event.cls in HEALING
                and (theme.event.token.pos in ("adj", "hyph", "verb"))
            ):
                inner_themes = [a for a in theme.event.themes if a.mention is not None]
                for s in subject if light else []:
                    for goal in inner_themes:
                        assert goal.mention is not None
                        by = agent.pert or _named_perturbation(s)
                        value = -theme.event.sign * times
                        value *= by.sign if by is not None else 1
                        self.add(
                            s, goal.mention, "regulates",
                            "unchanged" if null else DIRECTIONS[value],
                            token, context=goal.context, pattern="event", score=0.8,
                            perturbation=by.cls if by is not None else None,
                        )  # fmt: skip
                continue
            if m is None:
                if theme.event is not None and light:
                    self.on_event(clause, agent, 1, "light", theme.event, null, token)
                continue
            if (
                event.cls == "affect"
                and m.label == "VESICLE"
                and event.token.low.startswith("role")
            ):
                continue
            if event.cls == "deliver":
                for s in subject:
                    if (
                        s is not None
                        and s.label in ("VESICLE", "INTERVENTION")
                        and not event.agents
                    ):
                        self.add(
                            s, m, "delivers", "unspecified", token,
                            negated=null or event.neg, pattern="cargo",
                        )  # fmt: skip
                continue
            for s in subject:
                if s is not None and s.label in ("ORGANISM", "ANATOMY") and not agent.arm:
                    continue
                value = self.event_sign(event, m) * times
                harm = event.token.is_class("noun", "harm")
                if cls in ("improve", "worsen") and (event.agents or harm):
                    value = self.improved(cls, m)
                by = agent.pert or _named_perturbation(s)
                if by is not None:
                    value *= by.sign
                null_here = null or event.neg or theme.neg or agent.neg
                self.add(
                    s,
                    m,
                    "regulates",
                    "unchanged" if null_here else DIRECTIONS[value],
                    token,
                    context=theme.context,
                    pattern="event",
                    perturbation=by.cls if by is not None else None,
                    score=0.85 if agent.pron is None else 0.6,
                )
                if s is not None:
                    self.note(s, m)
                else:
                    self.memory.themes.append(m)
                for via in event.via:
                    if via.mention is not None:
                        self.out[-1].via = via.mention

    def _helped(self, agent: Atom, event: Event, token: Token) -> None:
        """ "M enhances the effect of V on D": both lower an illness; else no sign is told."""
        ill = [a for a in event.themes if a.mention is not None and a.mention.label == "DISEASE"]
        doers = [
            a for a in event.agents if a.mention and a.mention.label in ("VESICLE", "CHEMICAL")
        ]
        for theme in ill if doers else []:
            assert theme.mention is not None
            for who in (*doers, agent):
                sign = -1 * (who.pert.sign if who.pert is not None else 1)
                for m in self.mentions([who]):
                    self.add(
                        m, theme.mention, "regulates", DIRECTIONS[sign], token, pattern="event",
                        perturbation=who.pert.cls if who.pert is not None else None, score=0.7,
                    )  # fmt: skip

    def through(
        self, event: Event, mediator: Mention | None, kind: str, negated: bool, token: Token
    ) -> None:
        """X on Y through a mediator, shown by perturbing the mediator."""
        doers = [(m, a.pert) for a in event.agents for m in self.mentions([a])]
        for agent, by in doers:
            for theme in event.themes:
                if theme.mention is not None and mediator is not None:
                    value = self.event_sign(event, theme.mention) * (by.sign if by else 1)
                    self.add(
                        agent,
                        theme.mention,
                        "regulates",
                        DIRECTIONS[value],
                        token,
                        negated=negated,
                        via=mediator,
                        perturbation=kind,
                        context=theme.context,
                        pattern="mediator",
                        score=0.85,
                    )

    def means(self, vias: list[Atom], token: Token) -> None:
        """ "via M": the mediator stands in the relation itself, once per mediator."""
        mine = [
            d for d in self.out if d.token is token and d.predicate == "regulates" and d.via is None
        ]
        first = True
        for atom in vias:
            if atom.mention is None:
                continue
            told = atom.pert is not None and not atom.neg and atom.pert.cls in MADE
            for who in (
                {d.subject.id: d.subject for d in mine if d.subject}.values() if told else ()
            ):
                if atom.pert is not None and any(d.direction != "unchanged" for d in mine):
                    self.add(
                        who, atom.mention, "regulates", DIRECTIONS[atom.pert.sign], token,
                        pattern="event", score=0.8,
                    )  # fmt: skip
            for d in mine:
                if d.object.start == atom.mention.start:
                    continue
                if d.object.text.lower() == atom.mention.text.lower():
                    continue
                if first and not atom.neg:
                    d.via = atom.mention
                else:
                    other = replace(d, via=atom.mention, negated=atom.neg, pattern="mediator")
                    self.out.append(other)
            first = first and atom.neg

    def event(self, event: Event) -> None:
        if id(event) in self.used or not event.themes:
            return
        if not event.agents and event.sign:
            # "X-dependent decay of Y": there is nobody else whose doing it is
            event.agents, event.via = event.via, []
        if not event.agents:
            return
        if (
            event.cls in ("affect", "benefit")
            and not event.sign
            and not event.neg
            and (
                event.cls == "affect"
                or not any(self.event_sign(event, t) for t in self.mentions(event.themes))
            )
            and not any(c.question for c in self.reading.clauses)
            and not self.reading.tokens[0].low.startswith("effect")
        ):
            return
        question = any(c.question for c in self.reading.clauses)
        for agent in event.agents:
            for a in self.mentions([agent]) if not self.own_right(agent) else []:
                for theme in event.themes:
                    m = theme.mention
                    if m is None or (
                        a.label in ("ORGANISM", "ANATOMY", "OUTCOME") and not agent.arm
                    ):
                        continue
                    value = self.event_sign(event, m)
                    predicate = "delivers" if event.cls == "deliver" else "regulates"
                    if event.cls == "convert":
                        continue
                    draft = Draft(
                        a,
                        m,
                        predicate,
                        DIRECTIONS[value] if predicate == "regulates" else "unspecified",
                        event.token,
                        context=theme.context,
                        perturbation=agent.pert.cls if agent.pert else None,
                        pattern="noun",
                        score=0.8,
                    )
                    if event.neg or theme.neg:
                        draft.direction = "unchanged"
                    if agent.pert is not None and value:
                        draft.direction = DIRECTIONS[value * agent.pert.sign]
                    if question:
                        draft.certainty = "hypothesis"
                    for via in event.via:
                        draft.via = via.mention
                    self.out.append(draft)


def _named_perturbation(who: Mention | None, *, own: bool = False) -> WordReading | None:
    """The perturbation that is part of a name: "antagomir-21" stands for miR-21, turned.

    A compound that is a chemical of its own keeps its sign, unless `own` asks for it as well.
    """
    if who is None or not who.text.lower().startswith(PERTURBED_NAME):
        return None
    if who.label != "MIRNA" and not own:
        return None
    return WordReading("perturbation", "inhibition", who.text.lower(), (), -1)
