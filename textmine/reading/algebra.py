"""From clauses to relations: agents, themes, signs, mediators and comparisons.

Signs multiply: a perturbation (silencing -1, overexpression +1), the verb and the event that is its
object each give one factor. "A miR-223 inhibitor abolished the protection by X against Y" has a
perturbed subject and an event as object: that is X on Y through miR-223.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from textmine.config import data_root, read_toml
from textmine.reading.clauses import Adjunct, Clause, Reading
from textmine.reading.phrases import CELLISH, Atom, Event
from textmine.reading.triggers import Token, Triggers
from textmine.records import Mention

__all__ = ["Draft", "Memory", "benefit", "interpret"]

GIVEN = ("after", "upon", "following", "with", "under", "on", "during", "when", "once", "to")
ACTIVE = ("VESICLE", "INTERVENTION", "CHEMICAL", "MIRNA", "GENE", "CELL", "PATHWAY")
SIGNED = {"increase": 1, "rise": 1, "more": 1, "decrease": -1, "fall": -1, "less": -1, "protect": -1}
CHANGE = frozenset(
    "increase decrease rise fall reverse improve worsen protect affect more less leave".split()
)
DIRECTIONS = {1: "increases", -1: "decreases", 0: "unspecified"}
PERTURBED_NAME = ("antagomir", "anti-mir", "antimir", "amo-")


@dataclass(slots=True)
class Draft:
    """A relation before it has offsets and an id."""

    subject: Mention | None
    object: Mention
    predicate: str
    direction: str
    token: Token
    negated: bool = False
    certainty: str = "asserted"
    via: Mention | None = None
    outcome: Mention | None = None
    context: Mention | None = None
    perturbation: str | None = None
    pattern: str = "verb"
    score: float = 0.9
    purpose: bool = False
    side: bool = False


@dataclass(slots=True)
class Memory:
    """What earlier words offer to pronouns and agentless sentences."""

    agents: list[Mention] = field(default_factory=list)
    previous: list[Mention] = field(default_factory=list)
    themes: list[Mention] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    changed: dict[str, int] = field(default_factory=dict)
    topic: Mention | None = None


@lru_cache(maxsize=1)
def _benefit() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    data = read_toml(data_root() / "models" / "lexicon" / "benefit.toml")
    return tuple(data["good"]), tuple(data["bad"]), tuple(data["neutral"])


def benefit(mention: Mention) -> int:
    """1 if more of it is good, -1 if less of it is good, 0 if that depends or is not known."""
    good, bad, neutral = _benefit()
    low = mention.text.lower()
    if any(w in low for w in neutral):
        return 0
    if mention.label == "DISEASE":
        return -1

    def has(words: Sequence[str]) -> bool:
        return any(low == w or low.startswith(w) or len(w) > 4 and w in low or f" {w}" in low for w in words)

    if has(good):
        return 1
    return -1 if has(bad) else 0


def interpret(reading: Reading, memory: Memory) -> list[Draft]:
    """The relations of one sentence."""
    work = _Interpreter(reading, memory)
    work.run()
    return work.out


class _Interpreter:
    def __init__(self, reading: Reading, memory: Memory) -> None:
        self.reading = reading
        self.memory = memory
        self.out: list[Draft] = []
        self.used: set[int] = set()
        self.clause: Clause | None = None

    def run(self) -> None:
        clauses = self.reading.clauses
        _share_agents(clauses)
        _share_objects(clauses)
        for event in self.reading.events:
            for theme in event.themes:
                if event.sign and theme.mention is not None and any(
                    a.mention is not None and a.mention.label != "VESICLE" for a in event.agents
                ):
                    self.memory.changed[theme.mention.text.lower()] = event.sign
        self.targets_of()
        for clause in sorted(clauses, key=lambda c: c.start):
            self.clause = clause
            start = len(self.out)
            self.read(clause)
            for draft in self.out[start:]:
                self.finish(draft, clause)
        self.clause = None
        self.numbers()
        for event in self.reading.events:
            self.event(event)
        for predicate, a, b, negated, token in self.reading.side:
            if predicate == "derived_from" and a.label != "VESICLE":
                continue
            self.out.append(Draft(a, b, predicate, "unspecified", token, negated, side=True,
                                  pattern="phrase"))  # fmt: skip

    # --- helpers

    def add(self, subject: Mention | None, obj: Mention, predicate: str, direction: str, token: Token,
            **more: object) -> None:  # fmt: skip
        if subject is not None and (subject.id == obj.id or subject.start == obj.start):
            return
        draft = Draft(subject, obj, predicate, direction, token, **more)  # type: ignore[arg-type]
        self.out.append(draft)
        if predicate == "regulates" and draft.direction in ("increases", "decreases") and not draft.via:
            self.memory.changed[obj.text.lower()] = 1 if direction == "increases" else -1

    def finish(self, draft: Draft, clause: Clause) -> None:
        verb = clause.verb
        if clause.question:
            draft.certainty = "hypothesis"
        elif clause.hedged or verb is not None and verb.hedged:
            draft.certainty = "hedged"
        if clause.purpose and clause.parent is not None:
            draft.purpose = True
        if draft.context is None:
            draft.context = self.context(clause)

    def context(self, clause: Clause) -> Mention | None:
        for adjunct in [*clause.adjuncts, *clause.fronted]:
            if adjunct.kind in ("in", "of", "within"):
                for atom in adjunct.atoms:
                    m = atom.mention
                    if m is not None and m.label in CELLISH and not atom.arm:
                        return m
                    if atom.arm and atom.context is not None:
                        return atom.context
        for atom in clause.subject:
            if atom.arm and atom.context is not None:
                return atom.context
        return None

    def mentions(self, atoms: Sequence[Atom]) -> list[Mention]:
        """The mentions that atoms stand for, pronouns resolved."""
        out: list[Mention] = []
        for atom in atoms:
            if atom.mention is not None:
                out.append(atom.mention)
            elif atom.pron is not None:
                out += self.antecedent(atom.pron)
        return out

    def antecedent(self, pronoun: str) -> list[Mention]:
        if pronoun == "their":
            here = [t.mention for t in self.reading.tokens if t.mention is not None and t.mention.label == "VESICLE"]
            return here[:1] or self.antecedent("they")
        if pronoun == "it" and not self.memory.agents and self.memory.topic is not None:
            return [self.memory.topic]
        if pronoun in ("they", "it", "these", "this", "them", "those", "both"):
            pool = self.memory.agents or self.memory.previous
            return pool[-1:] if pool else []
        if pronoun == "latter":
            pool = [t.mention for t in self.reading.tokens if t.mention is not None
                    and self.clause is not None and t.start < self.reading.tokens[self.clause.start].start]  # fmt: skip  # noqa: E501
            return pool[-1:] or self.memory.previous[-1:]
        if pronoun == "former":
            pool = [t.mention for t in self.reading.tokens if t.mention is not None]
            return pool[:1]
        return []

    def agents_of(self, clause: Clause) -> list[Atom]:
        """Who did it where the subject is what was changed: by X, after X, in X-treated mice."""
        kinds: list[Adjunct] = []
        by = [x for a in clause.adjuncts if a.kind in ("by", "when_pert") for x in a.atoms]
        if by:
            return by
        kinds = [*clause.adjuncts, *clause.fronted]
        if clause.parent is not None:
            kinds += clause.parent.fronted
        for adjunct in kinds:
            if adjunct.kind in ("in", "among", "within", "from", "of", "for", "between", "at"):
                arms = [a for a in adjunct.atoms if a.arm or a.mention is not None
                        and a.mention.label == "INTERVENTION"]  # fmt: skip
                if arms:
                    return arms
            elif adjunct.kind in GIVEN:
                given = [
                    a for a in adjunct.atoms
                    if a.mention is not None and (a.arm or a.mention.label in ("VESICLE", "INTERVENTION",
                        "CHEMICAL", "MIRNA") or (adjunct.kind != "to" and a.mention.label in ("CELL", "GENE",
                        "DISEASE") and adjunct.kind in ("after", "upon", "following", "with")))
                ]  # fmt: skip
                if given:
                    return given
        for atom in clause.subject:
            if atom.arm and atom.mention is not None:
                return [atom]
        return []

    def others(self, clause: Clause) -> list[Atom]:
        """The other arm of a comparison."""
        for adjunct in [*clause.adjuncts, *clause.fronted]:
            if adjunct.kind in ("than", "compared", "versus", "vs", "against") and adjunct.atoms:
                if adjunct.kind == "against" and (clause.verb is None or clause.verb.cls == "protect" or any(a.event is not None for a in adjunct.atoms)):
                    continue
                if adjunct.kind == "against" and any(
                    a.mention is not None and a.mention.label in ("DISEASE", "PROCESS")
                    for a in adjunct.atoms
                ):
                    continue
                return adjunct.atoms
        return []

    # --- clauses

    def read(self, clause: Clause) -> None:
        verb = clause.verb
        if verb is None:
            self.verbless(clause)
            return
        cls = verb.cls
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
        elif cls == "carry" and any(a.arm for a in clause.subject) and any(a.event for a in clause.objects):
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
        elif cls == "compare":
            for a in self.mentions(clause.subject):
                for b in self.mentions(clause.objects):
                    outcome = self.outcome(clause)
                    self.add(a, b, "compared_with", "differs", verb.token, outcome=outcome,
                             pattern="comparison")  # fmt: skip
        elif cls == "be":
            self.copula(clause)
        elif cls == "follow" or cls == "other" and verb.lemma == "come":
            self.followed(clause)
        elif cls in ("other", "light") and verb.lemma in ("perform", "work", "act") and not verb.passive:
            self.performed(clause)
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

    def outcome(self, clause: Clause) -> Mention | None:
        for adjunct in clause.adjuncts:
            if adjunct.kind in ("in", "on", "against", "for", "at"):
                for a in adjunct.atoms:
                    if a.mention is not None and a.mention.label not in CELLISH:
                        return a.mention
        return None

    def vias(self, clause: Clause) -> list[Atom]:
        out = []
        for adjunct in clause.adjuncts:
            if adjunct.kind in ("via", "through"):
                out += [_real(a) for a in adjunct.atoms]
        return [a for a in out if a is not None]

    def negative(self, clause: Clause) -> bool:
        assert clause.verb is not None
        return clause.verb.neg or clause.verb.null

    def change(self, clause: Clause) -> None:
        verb = clause.verb
        assert verb is not None
        cls, token = verb.cls, verb.token
        if verb.lemma in ("induce", "cause", "stimulate", "trigger", "drive", "activate", "promote") and any(
            a.kind == "to_ing" for a in clause.adjuncts
        ):
            # "were induced to differentiate": the infinitive says what happens
            return
        null = self.negative(clause)
        objects = list(clause.objects)
        subject = list(clause.subject)
        if cls == "result":
            for adjunct in clause.adjuncts:
                if adjunct.kind == ("in" if verb.lemma == "result" else "to") and not objects:
                    objects = list(adjunct.atoms)
                elif adjunct.kind == "from":
                    objects = []
            if clause.gerund and not objects:
                objects = list(clause.objects)
            if any(a.kind == "from" for a in clause.adjuncts):
                self.from_cause(clause)
                return
        self.anaphor(clause, objects)
        subject = list(clause.subject)
        state = next((a.token for a in clause.adjuncts if a.kind == "state"), None)
        agentless = False
        if verb.passive or cls in ("rise", "fall", "more", "less") and not (
            verb.adjective and objects
        ):
            themes, agents = subject, self.agents_of(clause)
            agentless = not agents
        elif objects:
            themes, agents = objects, subject
        elif cls in ("protect",) or cls in ("light",):
            themes, agents = [], subject
        elif clause.gerund and not objects or cls == "leave":
            return
        elif cls not in ("rise", "fall", "reverse", "more", "less") and not Triggers.load().ambitransitive(verb.lemma):
            return
        elif cls == "affect" and verb.lemma in ("respond",):
            themes = subject
            agents = [a for adj in clause.adjuncts if adj.kind == "to" for a in adj.atoms]
        else:
            themes, agents = subject, self.agents_of(clause)
            agentless = not agents
        if cls == "reverse" and (objects or subject) and any(a.kind in ("from", "against") for a in clause.adjuncts) and all(
            a.mention is not None and a.mention.label in CELLISH for a in (subject if verb.passive else objects)
        ):
            cls = "protect"
        if cls == "protect":
            against = [a for adj in clause.adjuncts if adj.kind in ("against", "from") for a in adj.atoms]
            kept = objects if not verb.passive else subject
            if verb.lemma in ("spare", "save") and not against:
                if not clause.split:
                    return
                for s in self.mentions(agents) or [None]:  # type: ignore[list-item]
                    for m in self.mentions(kept):
                        self.add(s, m, "regulates", "unchanged", token)
                return
            if against:
                for atom in against:
                    if kept and kept[0].mention is not None and kept[0].mention.label in CELLISH:
                        atom.context = atom.context or kept[0].mention
                poisons = [a for a in against if a.mention is not None and a.mention.label == "CHEMICAL"]
                if poisons and kept and kept[0].mention is not None and kept[0].mention.label == "CELL":
                    for p in self.mentions(poisons):
                        self.add(p, kept[0].mention, "regulates", "decreases", token, pattern="verb")
                    against, cls = kept, "increase"
                themes = against
                if verb.passive:
                    agents = self.agents_of(clause)
            else:
                themes = kept
                cls = "increase"
                if kept and all(a.mention is not None and a.mention.label == "ORGANISM" for a in kept):
                    return
        if cls == "light":
            if verb.lemma in ("produce", "elicit", "yield") and any(a.mention is not None for a in objects):
                for atom in objects:
                    for agent in subject:
                        if atom.event is None and atom.mention is not None and atom.mention.label in (
                            "PROCESS", "DISEASE", "OUTCOME"):  # fmt: skip
                            self.apply(clause, agent, 1, "increase", atom, null or atom.neg, token)
            themes = [a for a in themes or objects if a.event is not None]
            for atom in themes:
                if atom.event is not None and not atom.event.themes and not atom.event.agents and subject and all(
                    a.mention is not None and a.mention.label in ("GENE", "OUTCOME", "PROCESS", "DISEASE", "PATHWAY")
                    for a in subject
                ) and atom.event.token.low in ("change", "changes", "increase", "decrease", "reduction", "rise",
                                               "fall", "decline", "drop", "difference", "elevation"):  # fmt: skip
                    for agent in self.agents_of(clause) or self.missing(clause):
                        for theme in subject:
                            self.apply(clause, agent, atom.event.sign, atom.event.cls, theme,
                                       null or atom.event.neg, token)  # fmt: skip
                    return
                if atom.event is not None and not atom.event.themes:
                    self.adopt(atom, clause)
                    if not atom.event.themes and atom.event.cls == "affect" and atom.event.neg:
                        atom.event.themes += [
                            Atom(d.token, d.object, context=d.context) for d in self.out
                            if d.predicate == "regulates" and d.token is self.out[-1].token
                        ]
            if not themes:
                if self.carried(clause):
                    return
                for adjunct in clause.adjuncts:
                    if adjunct.kind in ("on", "against", "in") and objects:
                        themes = []
                return
            for atom in themes:
                self.adopt(atom, clause)
            if subject and all(
                a.mention is not None and a.mention.label in CELLISH and not a.arm for a in subject
            ) and not any(a.mention is not None and a.mention.label == "CELL" and verb.lemma in ("exert",
                          "produce") for a in subject):  # fmt: skip
                found = self.agents_of(clause)
                for atom in themes:
                    for theme in atom.event.themes if atom.event else []:
                        theme.context = theme.context or subject[0].mention
                agents = found
                agentless = not found
        for atom in themes:
            if atom.event is not None:
                self.adopt(atom, clause)
        sign = SIGNED.get(cls, 0)
        if cls in ("light", "result"):
            sign = 1
        if state is not None and state.is_class("adjective", "unchanged", "ineffective"):
            null = True
        if cls == "leave" and not null:
            return
        if self.insignificant(clause):
            null = True
        respectively = any(a.kind == "respectively" for a in clause.adjuncts)
        again = verb.again and not objects and not agentless
        if again:
            null, sign = False, -sign
        if cls == "affect" and verb.lemma == "differ":
            if null:
                self.unchanged(clause, equal=False)
            return
        if agentless and self.case_control(clause, themes, sign):
            return
        if agentless:
            agents = self.missing(clause)
        if null and self.through_absence(clause, agents, themes, sign, token):
            return
        for adjunct in clause.fronted:
            if adjunct.kind == "unlike":
                for atom in adjunct.atoms:
                    atom.neg = True
                    for theme in themes:
                        self.apply(clause, atom, sign, cls, theme, True, token)
        words = [t.low for t in self.reading.tokens[clause.start : clause.end + 1]]
        if len(agents) == 2 and set(words) & {"similar", "comparable", "same", "equal"} and set(words) & {
            "degree", "extent", "similarly", "level", "magnitude"}:  # fmt: skip
            first, second = agents
            for theme in themes:
                if theme.mention is not None and first.mention is not None and second.mention is not None:
                    self.add(first.mention, second.mention, "compared_with", "equal", token,
                             outcome=theme.mention, pattern="comparison")  # fmt: skip
        vias = self.vias(clause)
        for adjunct in clause.adjuncts:
            if adjunct.kind in ("of",) and adjunct.token.start and self._before(adjunct.token) in (
                "independently", "independent", "regardless"):  # fmt: skip
                for a in adjunct.atoms:
                    vias.append(Atom(a.token, a.mention, neg=True))
        pairs = self.pairs(agents, themes, respectively)
        for agent, theme in pairs:
            self.apply(clause, agent, sign, cls, theme, null, token)
        self.means(clause, agents, themes, sign, cls, vias, null, token)
        self.comparison(clause, agents, themes, sign if cls not in ("light", "result") else None, null, token)
        for adjunct in clause.adjuncts:
            if adjunct.kind == "without":
                for atom in adjunct.atoms:
                    if atom.event is not None and not atom.event.agents:
                        for agent in agents:
                            self.on_event(clause, agent, 1, "light", atom.event, True, adjunct.token)
            if adjunct.kind in ("equal", "as_well"):
                self.as_well(agents, themes, adjunct, token)
        for adjunct in clause.adjuncts:
            if adjunct.kind == "evidence":
                for atom in adjunct.atoms:
                    for agent in agents:
                        self.apply(clause, agent, 1, "light", atom, False, adjunct.token)
        if null is False or True:
            for adjunct in clause.fronted:
                if adjunct.kind in ("despite", "without", "besides"):
                    for atom in adjunct.atoms:
                        if atom.event is not None and not atom.event.agents and agents:
                            if adjunct.kind == "without":
                                atom.event.neg = True
                            if atom.event.cls == "affect" and atom.event.agents:
                                continue
                            for agent in agents:
                                self.apply(clause, agent, 1, "light", atom, atom.event.neg, adjunct.token)

    def _before(self, token: Token) -> str:
        k = self.reading.tokens.index(token)
        return self.reading.tokens[k - 1].low if k else ""

    def adopt(self, atom: Atom, clause: Clause) -> None:
        """An event takes its theme from the clause ("exerted an effect ... on X")."""
        event = atom.event
        assert event is not None
        if not event.themes:
            for adjunct in clause.adjuncts:
                if adjunct.kind in ("on", "of", "against", "in", "upon") and adjunct.atoms:
                    found = [a for a in adjunct.atoms if a.mention is not None and not a.arm and (
                        adjunct.kind != "in" or a.mention.label not in (*CELLISH, "VESICLE", "INTERVENTION"))]  # fmt: skip
                    if found:
                        event.themes += found
                        return

    def carried(self, clause: Clause) -> bool:
        verb = clause.verb
        assert verb is not None
        if verb.lemma not in ("have", "express", "contain"):
            return False
        return False

    def insignificant(self, clause: Clause) -> bool:
        """A trend, or P ≥ 0.05 in the brackets of the clause."""
        tokens = self.reading.tokens
        a = clause.start
        b = min(len(tokens), max(clause.end, a) + 8)
        words = [t.low for t in tokens[a:b]]
        for k, w in enumerate(words):
            if w == "p" and k + 2 < len(words) and words[k + 1] in ("=", ">", "≥"):
                value = words[k + 2].replace("·", ".")
                try:
                    if float(value) >= 0.05:
                        return True
                except ValueError:
                    continue
        text = " ".join(t.low for t in tokens)
        return "not significant" in text or "non significant" in text or "reach significance" in text

    def pairs(self, agents: list[Atom], themes: list[Atom], respectively: bool) -> list[tuple[Atom, Atom]]:
        if respectively and len(agents) == len(themes):
            return list(zip(agents, themes, strict=True))
        return [(a, t) for t in themes for a in agents]

    def missing(self, clause: Clause) -> list[Atom]:
        """The agent of an agentless clause: of this sentence, of the one before, or nobody."""
        pool = self.memory.agents or self.memory.previous
        token = clause.verb.token if clause.verb is not None else self.reading.tokens[0]
        if self.memory.agents:
            return [Atom(token, pool[-1], pron="missing")]
        if clause.subject and any(
            t.low in ("arms", "groups") for t in self.reading.tokens[clause.start : clause.end + 1]
        ) and not any(t.mention is not None for t in self.reading.tokens[clause.start : clause.end]):
            return [Atom(token, pron="nobody")]
        later = [
            a for c in self.reading.clauses if c is not clause for a in self.agents_of(c)
            if a.mention is not None and a.mention.label in ("VESICLE", "INTERVENTION", "CHEMICAL")
        ]  # fmt: skip
        if later and self.clause is not None:
            return later[:1]
        if pool:
            return [Atom(token, pool[-1], pron="missing")]
        return [Atom(token, pron="nobody")]

    def apply(self, clause: Clause, agent: Atom, sign: int, cls: str, theme: Atom, null: bool,
              token: Token) -> None:# fmt: skip
        """One agent, one theme: the sign algebra."""
        if theme.event is not None:
            self.on_event(clause, agent, sign, cls, theme.event, null or theme.neg, token)
            return
        targets = [(theme.mention, theme)] if theme.mention is not None else []
        if not targets and theme.pron is not None:
            if theme.pron in ("it", "them", "both", "this", "that", "they", "those"):
                if theme.pron == "this" or theme.pron == "that":
                    self.on_this(clause, agent, sign, cls, null, token)
                    return
                pool = list({m.id: m for m in self.memory.themes}.values()) or [d.object for d in self.memory.drafts[-1:]]
                wanted = 2 if theme.pron in ("both", "them") else 1
                targets = [(m, theme) for m in pool[-wanted:]]
        if not targets:
            return
        agents: list[tuple[Mention | None, Atom]]
        if agent.event is not None:
            if agent.event.agents:
                agents = [(m, a) for a in agent.event.agents for m in self.mentions([a])]
            elif agent.event.themes and agent.event.cls in ("increase", "decrease"):
                name = "overexpression" if agent.event.sign > 0 else "inhibition"
                self.used.add(id(agent.event))
                for a in agent.event.themes:
                    if a.mention is None or a.mention.label in ("DISEASE", "OUTCOME"):
                        continue
                    for m, t in targets:
                        if m is not None:
                            s = self.literal(sign, cls, m) * agent.event.sign
                            self.add(a.mention, m, "regulates", "unchanged" if null else DIRECTIONS[s],
                                     token, perturbation=name, context=t.context, pattern="perturbation")  # fmt: skip
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
            if m is None:
                continue
            for a, atom in agents:
                if a is not None and a.label in ("ORGANISM", "ANATOMY", "OUTCOME") and not atom.arm:
                    continue
                s = self.literal(sign, cls, m)
                pert = None
                if atom.pert is not None and a is not None:
                    s *= atom.pert.sign
                    pert = atom.pert.cls
                direction = "unchanged" if null or theme.neg or atom.neg else DIRECTIONS[s]
                if "lacking" in atom.token.extra and direction != "unchanged":
                    pass
                score = 0.9 if atom.pron is None else 0.65
                self.add(a, m, "regulates", direction, token, perturbation=pert, score=score,
                         context=t.context, pattern="perturbation" if pert else
                         "null" if direction == "unchanged" else "verb" if atom.pron is None else "agentless")  # fmt: skip  # noqa: E501
                if a is not None:
                    self.note(a, m)
                if "inhibits" in (atom.token.extra or {}):
                    pass

    def note(self, agent: Mention, theme: Mention) -> None:
        if agent.label in ACTIVE:
            self.memory.agents.append(agent)
        self.memory.themes.append(theme)

    def literal(self, sign: int, cls: str, m: Mention) -> int:
        """The literal change for verbs whose sign depends on what was changed."""
        if sign:
            return sign
        if cls in ("improve", "worsen", "better", "worse"):
            good = -1 if m.label == "DISEASE" else benefit(m) or 1
            return good if cls in ("improve", "better") else -good
        if cls == "reverse":
            before = self.memory.changed.get(m.text.lower())
            if before:
                return -before
            if m.label == "DISEASE":
                return -1
            verb = self.clause.verb if self.clause is not None else None
            if verb is not None and verb.lemma in ("restore", "rescue", "recover", "regain",
                                                   "re-establish", "reestablish", "return"):  # fmt: skip
                return 1
            return -1 if benefit(m) < 0 else 0
        return 0

    def on_this(self, clause: Clause, agent: Atom, sign: int, cls: str, null: bool, token: Token) -> None:
        """ "and this was prevented by X": the change told last."""
        last = [d for d in self.out if d.predicate == "regulates"] or self.memory.drafts
        mine = agent.mention.start if agent.mention is not None else -1
        last = [d for d in last if d.direction in ("increases", "decreases") and (
            d.subject is None or d.subject.start != mine)] or [
            d for d in self.memory.drafts if d.direction in ("increases", "decreases")]  # fmt: skip
        if not last:
            return
        base = last[-1]
        event = Event(token, {"increases": 1, "decreases": -1}.get(base.direction, 0), "increase")
        event.themes = [Atom(token, base.object, context=base.context)]
        if base.subject is not None:
            event.agents = [Atom(token, base.subject)]
        self.used.add(id(event))
        self.on_event(clause, agent, sign, cls, event, null, token, told=True)

    def on_event(self, clause: Clause, agent: Atom, sign: int, cls: str, event: Event, null: bool,
                 token: Token, *, told: bool = False) -> None:# fmt: skip
        """A verb whose object is itself a change."""
        if not event.themes and event.cls in ("affect", "increase", "decrease", "protect", "improve") and not (
            event.agents and event.themes
        ):
            base = [d for d in self.out if d.predicate == "regulates"] or self.memory.drafts
            if base and cls not in ("light", "result"):
                self.on_this(clause, agent, sign, cls, null, token)
            return
        if event.cls == "convert":
            into = [a for adj in clause.adjuncts if adj.kind in ("into", "to", "towards") for a in adj.atoms]
            for source in event.themes:
                for target in into:
                    if source.mention is not None and target.mention is not None:
                        self.used.add(id(event))
                        self.add(source.mention, target.mention, "converts_to", "unspecified", token,
                                 pattern="conversion")  # fmt: skip
                        for a in self.mentions([agent]):
                            self.add(a, target.mention, "regulates",
                                     "unchanged" if null else DIRECTIONS[sign], token, pattern="conversion")  # fmt: skip
            return
        undo = sign < 0 or cls == "reverse"
        factor = -1 if undo else 1 if sign > 0 else 0
        if cls in ("improve", "worsen"):
            factor = 1 if cls == "improve" else -1
        light = cls in ("light", "result")
        pert = agent.pert
        name = agent.mention.text.lower() if agent.mention is not None else ""
        if pert is None and name.startswith(PERTURBED_NAME):
            pert = _named_perturbation(agent.token)
        mediator = agent.mention if pert is not None else None
        inhibits = agent.token.extra.get("inhibits")
        if isinstance(inhibits, Atom) and event.agents and agent.mention is not None:
            self.through(event, inhibits.mention, "inhibition", null, token)
            self.used.add(id(event))
        if mediator is not None and event.agents and not light and pert is not None:
            self.used.add(id(event))
            self.through(event, mediator, pert.cls, null, token)
            if not null and event.sign and agent.mention is not None and (
                pert.sign > 0 or factor > 0
            ):
                for theme in event.themes:
                    if theme.mention is not None:
                        self.add(mediator, theme.mention, "regulates",
                                 DIRECTIONS[pert.sign * factor * event.sign], token, perturbation=pert.cls,
                                 context=theme.context, pattern="perturbation")  # fmt: skip
            return
        if agent.event is not None and agent.event.agents:
            for inner in agent.event.agents:
                self.on_event(clause, inner, sign, cls, event, null, token)
            return
        if light and event.agents and agent.mention is not None and event.agents[0].mention is not None:
            return
        subject: list[Mention | None] = list(self.mentions([agent]))
        if agent.event is not None and agent.event.themes and agent.event.cls in ("increase", "decrease"):
            for inner in agent.event.themes:
                if inner.mention is not None and event.agents:
                    self.used.add(id(event))
                    self.through(event, inner.mention,
                                 "inhibition" if agent.event.sign < 0 else "overexpression", null, token)  # fmt: skip
            return
        if not subject and agent.pron == "nobody":
            subject = [None]
        times = (factor or 1) if cls != "affect" else 0
        if event.cls == "affect" and not event.sign and event.agents and not light:
            return
        if light and not event.agents:
            self.used.add(id(event))
        if cls != "light" and not light and not event.agents and not told:
            self.used.add(id(event))
        for theme in event.themes:
            m = theme.mention
            if m is None:
                if theme.event is not None and light:
                    self.on_event(clause, agent, 1, "light", theme.event, null, token)
                continue
            for s in subject:
                if s is not None and s.label in ("ORGANISM", "ANATOMY") and not agent.arm:
                    continue
                value = self.event_sign(event, m) * times
                if agent.pert is not None:
                    value *= agent.pert.sign
                null_here = null or event.neg or theme.neg or agent.neg
                self.add(s, m, "regulates", "unchanged" if null_here else DIRECTIONS[value], token,
                         context=theme.context, pattern="event",
                         perturbation=agent.pert.cls if agent.pert is not None else None,
                         score=0.85 if agent.pron is None else 0.6)  # fmt: skip
                if s is not None:
                    self.note(s, m)
                for via in event.via:
                    if via.mention is not None:
                        self.out[-1:] and setattr(self.out[-1], "via", via.mention)

    def through(self, event: Event, mediator: Mention | None, kind: str, negated: bool, token: Token) -> None:
        """X on Y through a mediator, shown by perturbing the mediator."""
        for agent in self.mentions(event.agents):
            for theme in event.themes:
                if theme.mention is not None and mediator is not None:
                    self.add(agent, theme.mention, "regulates",
                             DIRECTIONS[self.event_sign(event, theme.mention)], token, negated=negated, via=mediator, perturbation=kind, context=theme.context,
                             pattern="mediator", score=0.85)  # fmt: skip

    def as_well(self, agents: list[Atom], themes: list[Atom], adjunct: Adjunct, token: Token) -> None:
        """ "reduced X as effectively as Y did": both did, and equally."""
        mine = [d for d in self.out if d.token is token and d.predicate == "regulates" and d.via is None]
        for other in self.mentions(adjunct.atoms):
            for d in mine:
                if d.subject is not None:
                    self.add(other, d.object, "regulates", d.direction, token, context=d.context)
                    self.add(d.subject, other, "compared_with", "equal", token, outcome=d.object,
                             pattern="comparison")  # fmt: skip

    def phrasal(self, clause: Clause) -> None:
        """ "went up", "brought X down", "brought it back to baseline"."""
        verb = clause.verb
        assert verb is not None
        words = [t.low for t in self.reading.tokens[clause.start : min(clause.end + 2, len(self.reading.tokens))]]
        up, down = "up" in words, "down" in words
        if not (up or down or "back" in words):
            return
        if verb.lemma == "go":
            verb.cls = "rise" if up else "fall"
        else:
            verb.cls = "increase" if up else "decrease" if down else "reverse"
        self.change(clause)

    def match(self, clause: Clause) -> None:
        verb = clause.verb
        assert verb is not None
        outcome = self.outcome(clause)
        word = "equal" if verb.cls == "match" or verb.neg else "superior"
        for a in self.mentions(clause.subject):
            for b in self.mentions(clause.objects):
                if a.label in ("VESICLE", "CELL", "INTERVENTION", "CHEMICAL"):
                    self.add(a, b, "compared_with", word, verb.token, outcome=outcome, pattern="comparison")

    def compared(self, clause: Clause) -> None:
        verb = clause.verb
        assert verb is not None
        others = [a for adj in clause.adjuncts if adj.kind in ("with", "to") for a in adj.atoms]
        subject = clause.subject
        if not others and len(subject) == 2:
            subject, others = subject[:1], subject[1:]
        for a in self.mentions(subject):
            for b in self.mentions(others):
                if a.label in ("VESICLE", "CELL", "INTERVENTION", "CHEMICAL"):
                    self.add(a, b, "compared_with", "differs", verb.token, outcome=self.outcome(clause),
                             pattern="aim")  # fmt: skip

    def responsible(self, clause: Clause) -> None:
        verb = clause.verb
        assert verb is not None
        for adjunct in clause.adjuncts:
            if adjunct.kind == "for":
                for atom in adjunct.atoms:
                    for agent in clause.subject:
                        if atom.event is not None:
                            self.on_event(clause, agent, 1, "light", atom.event, verb.neg, verb.token)

    def numbers(self) -> None:
        """ "Survival was 65% with A, 20% with B and 15% with C": the numbers say it."""
        tokens = self.reading.tokens
        theme: Mention | None = None
        pairs: list[tuple[float, Atom, Token]] = []
        value: float | None = None
        verb: Token | None = None
        sign = 1.0
        for k, t in enumerate(tokens):
            if theme is None:
                if t.mention is not None and t.mention.label in ("OUTCOME", "GENE", "CHEMICAL", "DISEASE", "PROCESS"):
                    theme = t.mention
                continue
            if verb is None:
                if t.low in ("was", "were", "reached", "averaged", "is", "amounted", "changed"):
                    verb = t
                elif t.pos in ("verb", "be", "modal"):
                    theme = None
                    return
                elif t.mention is not None and t.mention.label not in ("OUTCOME", "ANATOMY", "CELL", "ORGANISM", "GENE"):
                    return
                continue
            if t.low in ("−", "-") and not (k and tokens[k - 1].low[0].isdigit()):
                sign = -1.0
                continue
            if t.low in ("p", "ci", "difference", "hr", "rr", "or", ";"):
                break
            if t.low[0].isdigit():
                if k and tokens[k - 1].low == "±":
                    continue
                text = t.low.replace("·", ".")
                if text.count(",") and len(text.split(",")[-1]) == 3:
                    text = text.replace(",", "")
                try:
                    value = sign * float(text.replace(",", "."))
                except ValueError:
                    value = None
                sign = 1.0
                continue
            if value is not None and t.low in ("with", "in", "after", "for", "on", "given", "under"):
                inner = next((x for x in tokens[k + 1 : k + 5] if x.mention is not None), None)
                if inner is not None and inner.mention is not None and inner.mention.label in (
                    "VESICLE", "INTERVENTION", "CHEMICAL", "CELL", "ORGANISM"):  # fmt: skip
                    pairs.append((value, Atom(inner, inner.mention), t))
                    value = None
        if theme is None or len(pairs) < 2 or verb is None:
            return
        null = self.insignificant_text()
        first, agent, token = pairs[0]
        if agent.mention is None or agent.mention.label not in ("VESICLE", "INTERVENTION", "CHEMICAL", "CELL"):
            return
        last = pairs[-1][0]
        sign_of = (first > last) - (first < last)
        direction = "unchanged" if null or not sign_of else DIRECTIONS[sign_of]
        self.out = [d for d in self.out if d.object.start != theme.start]
        self.add(agent.mention, theme, "regulates", direction, token, pattern="numbers", score=0.8)
        for number, other, where in pairs[1:]:
            if other.mention is None:
                continue
            change = (first > number) - (first < number)
            good = change * (-1 if theme.label == "DISEASE" else benefit(theme))
            word = "equal" if null else "superior" if good > 0 else "inferior" if good < 0 else "differs"
            self.add(agent.mention, other.mention, "compared_with", word, where, outcome=theme,
                     pattern="numbers", score=0.75)  # fmt: skip

    def insignificant_text(self) -> bool:
        words = [t.low for t in self.reading.tokens]
        for k, w in enumerate(words):
            if w == "p" and k + 2 < len(words) and words[k + 1] in ("=", ">", "≥"):
                try:
                    if float(words[k + 2].replace("·", ".")) >= 0.05:
                        return True
                except ValueError:
                    continue
        return False

    def anaphor(self, clause: Clause, objects: list[Atom]) -> None:
        """ "these vesicles", "the treatment" as subject: what was spoken of before."""
        if clause.subject or not objects or clause.gerund or clause.verb is None:
            return
        k = self.reading.tokens.index(clause.verb.token) - 1
        while k >= 0 and self.reading.tokens[k].pos in ("adverb", "modal", "be", "neg"):
            k -= 1
        if k >= 1 and self.reading.tokens[k].is_class("noun", "anaphor", "treatment") and any(
            t.low in ("this", "these", "the", "such", "same") for t in self.reading.tokens[max(0, k - 3) : k]
        ):
            clause.subject = [Atom(clause.verb.token, pron="they")]

    def case_control(self, clause: Clause, themes: list[Atom], sign: int) -> bool:
        """ "was elevated in patients with Y": an association, not an effect."""
        people = [a for adj in clause.adjuncts if adj.kind in ("in", "among") for a in adj.atoms
                  if (m := a.context or a.mention) is not None and m.label == "ORGANISM" and not a.arm]  # fmt: skip
        illness = [a for adj in clause.adjuncts if adj.kind == "with" for a in adj.atoms
                   if a.mention is not None and a.mention.label == "DISEASE"]  # fmt: skip
        if not people or not illness or clause.verb is None:
            return False
        for t in self.mentions(themes):
            for d in self.mentions(illness):
                self.add(t, d, "associated_with", DIRECTIONS[sign], clause.verb.token, pattern="association",
                         score=0.8)  # fmt: skip
        return True

    def through_absence(self, clause: Clause, agents: list[Atom], themes: list[Atom], sign: int,
                        token: Token) -> bool:  # fmt: skip
        """ "In X knock-out mice, A no longer reduced B": A acts through X."""
        lost = [a for adj in [*clause.fronted, *clause.adjuncts] if adj.kind in ("in", "when_pert") for a in adj.atoms
                if a.pert is not None and a.pert.sign < 0 and a.mention is not None]  # fmt: skip
        if not lost or not sign or clause.verb is None or not (clause.verb.again or clause.verb.neg):
            return False
        for agent in self.mentions(agents):
            for theme in themes:
                if theme.mention is not None:
                    for m in lost:
                        self.add(agent, theme.mention, "regulates", DIRECTIONS[sign], token, via=m.mention,
                                 perturbation=m.pert.cls if m.pert else None, context=m.context,
                                 pattern="mediator", score=0.8)  # fmt: skip
        return True

    def event_sign(self, event: Event, theme: Mention) -> int:
        """The literal sign of an event on this theme."""
        if event.cls in ("improve", "worsen", "reverse") and not event.sign:
            return self.literal(0, event.cls, theme)
        if event.cls == "benefit" and not event.sign:
            if theme.label in ("GENE", "CHEMICAL", "MIRNA", "PATHWAY", "ORGANISM") or theme.label == "PROCESS" and not benefit(theme):
                return 0
            return self.literal(0, "improve", theme)
        if event.cls == "protect" and theme.label in CELLISH:
            return 1
        return event.sign

    def followed(self, clause: Clause) -> None:
        """ "X was followed by a drop in Y", "came with", "No fever followed X"."""
        verb = clause.verb
        assert verb is not None
        if verb.passive or verb.lemma == "come":
            wanted = "by" if verb.passive else "with"
            agents = clause.subject
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

    def performed(self, clause: Clause) -> None:
        """ "performed worse than", "worked as well as"."""
        verb = clause.verb
        assert verb is not None
        for t in self.reading.tokens[clause.start : clause.end]:
            if t.is_class("adjective", "better", "worse"):
                verb.cls = t.readings[0].cls if t.readings[0].cls in ("better", "worse") else "better"
                if t.is_class("adjective", "worse"):
                    verb.cls = "worse"
                self.efficacy(clause)
                return
        equal = [a for adj in clause.adjuncts if adj.kind in ("as_well", "equal") for a in adj.atoms]
        outcome = self.outcome(clause)
        for a in self.mentions(clause.subject):
            for b in self.mentions(equal):
                self.add(a, b, "compared_with", "equal", verb.token, outcome=outcome, pattern="comparison")

    def targets_of(self) -> None:
        """ "X as a direct target of miR-Y", wherever it stands."""
        tokens = self.reading.tokens
        for k, t in enumerate(tokens):
            if not t.is_class("noun", "target") or t.mention is not None or k + 1 >= len(tokens):
                continue
            if tokens[k + 1].low not in ("of", "for"):
                continue
            owners = [s.mention for s in tokens[k + 2 : k + 5] if s.mention is not None][:1]
            before = [s.mention for s in tokens[:k] if s.mention is not None and s.mention.label == "GENE"]
            words = {s.low for s in tokens}
            neg = "not" in words
            hedged = bool(words & {"predicts", "predicted", "putative", "potential", "possible", "likely",
                                   "predict"})  # fmt: skip
            for m in owners:
                for g in before[-1:]:
                    if m.label == "MIRNA":
                        self.out.append(Draft(m, g, "targets", "unspecified" if neg else "decreases", t,
                                              negated=neg, certainty="hedged" if hedged else "asserted",
                                              pattern="target"))  # fmt: skip

    def means(self, clause: Clause, agents: list[Atom], themes: list[Atom], sign: int, cls: str,
              vias: list[Atom], null: bool, token: Token) -> None:  # fmt: skip
        """ "via M": the mediator is told in the relation itself, once per mediator."""
        if not vias:
            return
        mine = [d for d in self.out if d.token is token and d.predicate == "regulates" and d.via is None]
        first = True
        for atom in vias:
            if atom.mention is None:
                continue
            for d in list(mine):
                if d.object.start == atom.mention.start:
                    continue
                if atom.neg:
                    copy = Draft(d.subject, d.object, d.predicate, d.direction, token, True,
                                 via=atom.mention, context=d.context, pattern="mediator")  # fmt: skip
                    self.out.append(copy)
                elif first:
                    d.via = atom.mention
                else:
                    self.out.append(Draft(d.subject, d.object, d.predicate, d.direction, token,
                                          via=atom.mention, context=d.context, pattern="mediator"))  # fmt: skip
            first = first and atom.neg

    def comparison(self, clause: Clause, agents: list[Atom], themes: list[Atom], sign: int | None,
                   null: bool, token: Token) -> None:  # fmt: skip
        others = self.others(clause)
        if not others:
            return
        mine = [d for d in self.out if d.token is token and d.predicate == "regulates"
                and d.subject is not None and d.via is None]  # fmt: skip
        stronger = any(
            t.is_class("adjective", "more", "better") or t.low == "more"
            for t in self.reading.tokens[clause.start : clause.end]
        )
        for d in mine:
            for atom in others:
                o = atom.context if atom.mention is None else atom.mention
                if o is None or d.subject is None or o.start == d.subject.start:
                    continue
                change = {"increases": 1, "decreases": -1}.get(d.direction, 0)
                value = change * (-1 if d.object.label == "DISEASE" else benefit(d.object))
                word = "superior" if value > 0 else "inferior" if value < 0 else "differs"
                if d.direction == "unchanged":
                    word = "equal"
                self.add(d.subject, o, "compared_with", word, token, outcome=d.object,
                         pattern="comparison", score=0.8)  # fmt: skip
        _ = stronger
        words = [t.low for t in self.reading.tokens[clause.start : min(clause.end + 2, len(self.reading.tokens))]]
        if "than" in words and set(words[words.index("than") :]) & {"did", "do", "does"} and not null:
            for atom in others:
                for d in mine:
                    if atom.mention is not None:
                        self.add(atom.mention, d.object, "regulates", d.direction, token, context=d.context)

    # --- other predicates

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
                    elif cause.pert is not None and cause.mention is not None and agent.mention is not None:
                        self.add(agent.mention, cause.mention, "regulates", DIRECTIONS[cause.pert.sign],
                                 clause.verb.token, pattern="event")  # fmt: skip

    def remain(self, clause: Clause) -> None:
        state = [a.token for a in clause.adjuncts if a.kind in ("state", "adj")]
        tokens = self.reading.tokens[clause.start : clause.end + 1]
        states = [t for t in [*state, *tokens] if t.is_class("adjective", "unchanged", "equal", "rich", "more",
                                                             "less")]  # fmt: skip
        if clause.verb is not None and clause.verb.lemma == "persist" or states:
            self.unchanged(clause, equal=False)

    def unchanged(self, clause: Clause, *, equal: bool) -> None:
        verb = clause.verb
        assert verb is not None
        agents = self.agents_of(clause)
        themes = [t for t in clause.subject]
        others: list[Atom] = []
        for adjunct in [*clause.adjuncts, *clause.fronted]:
            if adjunct.kind in ("between", "in", "with", "among") and len(adjunct.atoms) >= 2:
                agents, others = adjunct.atoms[:1], adjunct.atoms[1:2]
        if equal and verb.neg:
            return
        if not agents:
            agents = self.missing(clause)
        if equal and len(clause.subject) == 1 and clause.subject[0].event is not None:
            event = clause.subject[0].event
            others2 = [m for adj in clause.adjuncts if adj.kind in ("to", "with") for m in self.mentions(adj.atoms)]
            for a in self.mentions(event.agents):
                for b in others2:
                    for t in self.mentions(event.themes)[:1]:
                        self.add(a, b, "compared_with", "equal", verb.token, outcome=t, pattern="comparison")
            return
        if clause.subject and equal and all(
            a.mention is not None and a.mention.label in ("VESICLE", "CELL", "INTERVENTION") for a in clause.subject
        ):
            for adjunct in clause.adjuncts:
                if adjunct.kind in ("to", "with"):
                    outcome = self.outcome(clause)
                    for a in self.mentions(clause.subject):
                        for b in self.mentions(adjunct.atoms):
                            self.add(a, b, "compared_with", "equal", verb.token, outcome=outcome,
                                     pattern="comparison")  # fmt: skip
            return
        for agent in agents:
            for theme in themes:
                self.apply(clause, agent, 0, "affect", theme, True, verb.token)
        for atom in others:
            for d in [d for d in self.out if d.token is verb.token]:
                m = atom.mention
                if m is not None and d.subject is not None:
                    self.add(d.subject, m, "compared_with", "equal", verb.token, outcome=d.object,
                             pattern="comparison")  # fmt: skip

    def efficacy(self, clause: Clause) -> None:
        """ "X was superior to Y in reducing Z", "no less effective than"."""
        verb = clause.verb
        assert verb is not None
        tokens = self.reading.tokens[clause.start : clause.end]
        words = [t.low for t in tokens]
        others = self.others(clause)
        for adjunct in clause.adjuncts:
            if adjunct.kind in ("to", "as", "equal") and adjunct.atoms:
                others = others or adjunct.atoms
        word = "superior" if verb.cls == "better" or "more" in words else "inferior"
        if "less" in words:
            word = "equal" if "no" in words or "not" in words else "inferior"
        elif "as" in words and verb.cls == "effective":
            word = "equal"
        elif verb.neg:
            word = "equal"
        if verb.cls in ("effective", "ineffective") and not others:
            return
        outcome = self.outcome(clause)
        child = next((c for c in self.reading.clauses if c.parent is clause and c.gerund), None)
        pairs = []
        for adjunct in clause.adjuncts:
            if adjunct.kind == "in" and not adjunct.atoms:
                k = self.reading.tokens.index(adjunct.token)
                pairs = self._in_doing(k + 1)
        if child is not None and outcome is None:
            for a in child.objects:
                if a.mention is not None:
                    outcome = a.mention
        if pairs:
            outcome = pairs[0][0]
        if pairs and word == "equal" and verb.cls == "better":
            pairs = []
        elif clause.fronted and outcome is None:
            pass
        for a in self.mentions(clause.subject):
            for b in self.mentions(others):
                self.add(a, b, "compared_with", word, verb.token, outcome=outcome, pattern="comparison")
            for m, sign in pairs:
                self.add(a, m, "regulates", DIRECTIONS[sign], verb.token, pattern="comparison")
                for b in self.mentions(others):
                    self.add(b, m, "regulates", DIRECTIONS[sign], verb.token, pattern="comparison")
            if not pairs and outcome is not None and outcome.label == "DISEASE" and any(
                adj.kind == "against" for adj in clause.adjuncts
            ):
                for m2 in (a, *self.mentions(others)):
                    self.add(m2, outcome, "regulates", "decreases", verb.token, pattern="comparison")

    def _in_doing(self, k: int) -> list[tuple[Mention, int]]:
        """ "in reducing Z": what both arms did."""
        tokens = self.reading.tokens
        if k >= len(tokens):
            return []
        r = tokens[k].reading("verb")
        if r is None or r.cls not in ("increase", "decrease", "improve"):
            return []
        for t in tokens[k + 1 : k + 6]:
            if t.mention is not None:
                return [(t.mention, self.literal(SIGNED.get(r.cls, 0), r.cls, t.mention))]
        return []

    def target(self, clause: Clause) -> None:
        verb = clause.verb
        assert verb is not None
        if verb.passive:
            subjects, objects = self.agents_of(clause), clause.subject
        else:
            subjects, objects = clause.subject, clause.objects
            for adjunct in clause.adjuncts:
                if adjunct.kind in ("to", "of") and not objects:
                    objects = adjunct.atoms
        respectively = any(a.kind == "respectively" for a in clause.adjuncts)
        pairs = self.pairs(subjects, objects, respectively)
        for a, b in pairs:
            for s in self.mentions([a]):
                for o in self.mentions([b]):
                    if s.label not in ("MIRNA", "GENE") or o.label not in ("GENE", "PATHWAY", "MIRNA"):
                        if s.label in ("VESICLE", "CHEMICAL", "GENE") and verb.lemma == "target" and o.label in ("GENE", "PATHWAY"):  # fmt: skip  # noqa: E501
                            lowered = s.label == "VESICLE" and not verb.neg
                            self.add(s, o, "regulates", "decreases" if lowered else "unspecified", verb.token)
                        continue
                    if s.label == "GENE" and verb.lemma != "target":
                        continue
                    self.add(s, o, "targets", "unspecified" if verb.neg else "decreases", verb.token,
                             negated=verb.neg, pattern="target")  # fmt: skip
                    self.memory.themes.append(o)
                    self.memory.agents.append(s)
                    if clause.gerund and clause.parent is not None and not verb.neg:
                        self._by_targeting(clause.parent, s, o)

    def _by_targeting(self, parent: Clause, s: Mention, o: Mention) -> None:
        token = parent.verb.token if parent.verb is not None else None
        for d in self.out:
            if d.token is token and d.predicate == "regulates" and d.via is None and d.subject is not None and (
                d.subject.start == s.start
            ):
                d.via = o

    def cargo(self, clause: Clause) -> None:
        verb = clause.verb
        assert verb is not None
        predicate = "delivers" if verb.cls == "deliver" else "carries"
        if verb.passive:
            owners = [a for adj in clause.adjuncts if adj.kind in ("by", "in", "into", "from") for a in adj.atoms]
            cargo = clause.subject
        else:
            owners, cargo = clause.subject, clause.objects
        negated = verb.neg or verb.cls == "lack"
        enriched = verb.lemma in ("enrich",)
        for owner in self.mentions(owners):
            if owner.label not in ("VESICLE", "INTERVENTION"):
                continue
            for atom in cargo:
                found = self.mentions([atom]) if atom.pron is None else [
                    m for m in self.memory.themes[-1:]
                ]  # fmt: skip
                if atom.event is not None:
                    for theme in self.mentions(atom.event.themes) if atom.event.sign > 0 else []:
                        self.used.add(id(atom.event))
                        if theme.label not in CELLISH:
                            others = self.mentions(self.others(clause))
                            self.add(owner, theme, predicate, "increases" if others else "unspecified",
                                     verb.token, pattern="cargo")  # fmt: skip
                            for o in others:
                                self.add(owner, o, "compared_with", "differs", verb.token, outcome=theme,
                                         pattern="comparison")  # fmt: skip
                    continue
                for m in found:
                    if m.label in CELLISH or m.label == "VESICLE":
                        continue
                    self.add(owner, m, predicate, "unspecified", verb.token,
                             negated=negated or atom.neg, pattern="cargo")  # fmt: skip
                    self.memory.themes.append(m)
                    into = [a for adj in clause.adjuncts if adj.kind == "into" for a in adj.atoms]
                    if predicate == "carries" and into and not negated:
                        self.add(owner, m, "delivers", "unspecified", verb.token, pattern="cargo")
                    if clause.gerund and clause.parent is not None and predicate == "delivers":
                        self._by_targeting(clause.parent, owner, m)
        _ = enriched

    def contents(self, clause: Clause) -> None:
        """ "rich in X", "free of X", "X was enriched in Y"."""
        verb = clause.verb
        assert verb is not None
        told = [d for d in self.out if d.predicate == "carries" and d.subject is not None]
        if verb.cls == "rich" and told and not any(a.kind in ("in", "with") for a in clause.adjuncts):
            for m in self.mentions(clause.subject):
                if m.label in ("MIRNA", "GENE"):
                    self.add(told[-1].subject, m, "carries", "unspecified", verb.token, negated=verb.neg,
                             pattern="cargo")  # fmt: skip
            return
        for adjunct in clause.adjuncts:
            if adjunct.kind not in ("in", "of", "with", "from"):
                continue
            for atom in adjunct.atoms:
                for s in self.mentions(clause.subject):
                    m = atom.mention
                    if m is None:
                        continue
                    if m.label == "VESICLE" and s.label in ("MIRNA", "GENE", "CHEMICAL"):
                        others = self.others(clause) or [
                            a for adj in clause.adjuncts if adj.token.low in ("relative", "to")
                            for a in adj.atoms
                        ]  # fmt: skip
                        denied = verb.cls == "free" or verb.neg
                        self.add(m, s, "carries", "increases" if others and not denied else "unspecified",
                                 verb.token, negated=denied, pattern="cargo")  # fmt: skip
                        for o in self.mentions(others):
                            self.add(m, o, "compared_with", "differs", verb.token, outcome=s,
                                     pattern="comparison")  # fmt: skip
                    elif s.label in ("VESICLE", "INTERVENTION") and m.label in ("MIRNA", "GENE", "CHEMICAL"):
                        self.add(s, m, "carries", "unspecified", verb.token,
                                 negated=verb.cls == "free" or verb.neg, pattern="cargo")  # fmt: skip

    def derive(self, clause: Clause) -> None:
        verb = clause.verb
        assert verb is not None
        sources = [a for adj in clause.adjuncts if adj.kind in ("from", "by", "of") for a in adj.atoms]
        made = clause.subject
        if not verb.passive:
            sources, made = clause.subject, clause.objects
        for v in self.mentions(made):
            for c in self.mentions(sources):
                if v.label == "VESICLE" and c.label in ("CELL", "ANATOMY"):
                    self.add(v, c, "derived_from", "unspecified", verb.token, negated=verb.neg,
                             pattern="origin")  # fmt: skip

    def convert(self, clause: Clause) -> None:
        verb = clause.verb
        assert verb is not None
        into = [a for adj in clause.adjuncts if adj.kind in ("into", "to", "towards", "toward") for a in adj.atoms]
        source = clause.objects if clause.objects and not verb.passive else clause.subject
        able = any(t.low == "can" for t in self.reading.tokens[clause.start : clause.end])
        for a in self.mentions(source):
            for b in self.mentions(into):
                if b.label == "CELL" and a.label == "CELL":
                    self.add(a, b, "converts_to", "unspecified", verb.token, negated=verb.neg,
                             pattern="conversion")  # fmt: skip
                    if able and self.out:
                        verb.hedged = True

    def associate(self, clause: Clause) -> None:
        verb = clause.verb
        assert verb is not None
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
        for s in clause.subject:
            if s.event is not None:
                self.used.add(id(s.event))
                sign = s.event.sign if not sign else sign
        subjects = self.mentions(clause.subject) or [
            m for s in clause.subject if s.event is not None for m in self.mentions(s.event.themes)
        ]
        for adjunct in clause.adjuncts:
            if adjunct.kind in ("with", "to"):
                for a in subjects:
                    for b in self.mentions(adjunct.atoms):
                        self.add(a, b, "associated_with", "unspecified" if verb.neg else DIRECTIONS[sign],
                                 verb.token, negated=verb.neg, pattern="association", score=0.8)  # fmt: skip

    def mediator(self, clause: Clause) -> None:
        """ "X mediates the effect of ...", "the effect required X", "was dependent on X"."""
        verb = clause.verb
        assert verb is not None
        on = [a for adj in clause.adjuncts if adj.kind in ("on", "upon", "of", "for") for a in adj.atoms]
        if verb.cls == "mediate" and not verb.passive:
            events, mediators = clause.objects, clause.subject
        elif verb.cls == "mediate":
            events, mediators = clause.subject, self.agents_of(clause)
        elif verb.cls == "require" and verb.passive:
            events = [a for adj in clause.adjuncts if adj.kind in ("in", "for") for a in adj.atoms]
            mediators = clause.subject
        elif verb.cls == "require":
            events, mediators = clause.subject, clause.objects
        else:
            events, mediators = clause.subject, on
        negated = verb.neg or verb.cls == "independent"
        for atom in events:
            event = atom.event
            if event is None:
                continue
            self.adopt(atom, clause)
            self.used.add(id(event))
            agents: Sequence[Mention | None] = self.mentions(event.agents)
            if not agents:
                agents = [a for adj in clause.fronted for a in self.mentions(adj.atoms) if a.label == "VESICLE"]
            if not agents:
                agents = (self.memory.agents or self.memory.previous)[-1:] or [None]
            for theme in event.themes:
                for m in mediators:
                    for s in agents:
                        if theme.mention is not None and m.mention is not None:
                            owner = None if s is not None and s.start == m.mention.start else s
                            self.add(owner, theme.mention, "regulates", DIRECTIONS[event.sign], verb.token,
                                     negated=negated, via=m.mention, context=theme.context,
                                     perturbation=m.pert.cls if m.pert is not None else None,
                                     pattern="mediator")  # fmt: skip

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
        if verb.neg and not clause.objects and not clause.adjuncts and self.out and verb.token.mention is None:
            # "whereas Y did not"
            last = [d for d in self.out if d.predicate == "regulates"]
            for d in [d for d in last if d.token is last[-1].token]:
                for a in self.mentions(clause.subject):
                    if a.label == (d.subject.label if d.subject is not None else a.label):
                        self.add(a, d.object, "regulates", "unchanged", verb.token, context=d.context,
                                 pattern="null")  # fmt: skip
            return
        for adjunct in clause.adjuncts:
            if adjunct.kind == "without":
                for atom in adjunct.atoms:
                    if atom.event is not None:
                        for agent in clause.subject:
                            self.on_event(clause, agent, 1, "light", atom.event, True, verb.token)
        for atom in clause.objects:
            if atom.event is not None and atom.event.cls == "affect" and (verb.neg or atom.event.neg):
                self.difference(clause, atom.event)
            elif atom.event is not None and atom.event.neg and atom.event.themes:
                for agent in self.agents_of(clause) or self.missing(clause):
                    self.on_event(clause, agent, 1, "light", atom.event, True, verb.token)

    def difference(self, clause: Clause, event: Event) -> None:
        """ "There was no significant difference in T between A and B"."""
        self.used.add(id(event))
        arms = [a for adj in clause.adjuncts if adj.kind in ("between", "among") for a in adj.atoms]
        token = event.token
        themes = event.themes or [
            a for adj in clause.adjuncts if adj.kind == "in" for a in adj.atoms if not a.arm
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
                        self.add(d.subject, other.mention, "compared_with", "equal", token,
                                 outcome=d.object, pattern="comparison")  # fmt: skip

    def seen(self, clause: Clause) -> None:
        """ "An increase in X was seen with Y": the event takes its agent from the clause."""
        verb = clause.verb
        assert verb is not None
        if self.found_in(clause) or self.not_seen(clause):
            return
        if not verb.passive:
            return
        tokens = self.reading.tokens[: clause.start]
        arms = [a for adj in clause.adjuncts if adj.kind in ("with", "in", "between") for a in adj.atoms]
        if any(t.is_class("adjective", "equal") for t in tokens) and len(arms) == 2 and clause.subject:
            a, b = arms[0].mention, arms[1].mention
            t = clause.subject[0].mention
            if a is not None and b is not None and t is not None:
                self.add(a, b, "compared_with", "equal", verb.token, outcome=t, pattern="comparison")
            return
        for atom in [*clause.subject, *clause.objects]:
            event = atom.event
            if event is None or event.agents:
                continue
            self.adopt(atom, clause)
            if event.cls in ("increase", "decrease", "affect", "improve", "worsen") and event.themes:
                agents = self.agents_of(clause)
                if event.cls == "affect" and not event.neg and not verb.neg:
                    continue
                for agent in agents or self.missing(clause):
                    self.on_event(clause, agent, 1, "light", event, verb.neg, verb.token)

    def found_in(self, clause: Clause) -> bool:
        """ "X was detected in the vesicles", "arrays detected X in the vesicles"."""
        verb = clause.verb
        assert verb is not None
        if verb.lemma not in ("detect", "find", "identify", "observe", "measure", "reveal", "confirm", "recover"):
            return False
        owners = [m for adj in clause.adjuncts if adj.kind in ("in", "within", "inside") for m in self.mentions(adj.atoms)
                  if m.label == "VESICLE"]  # fmt: skip
        cargo = [m for m in self.mentions(clause.subject if verb.passive else clause.objects)
                 if m.label in ("MIRNA", "GENE", "CHEMICAL")]  # fmt: skip
        for o in owners:
            for m in cargo:
                self.add(o, m, "carries", "unspecified", verb.token, negated=verb.neg, pattern="cargo")
        return bool(owners and cargo)

    def not_seen(self, clause: Clause) -> bool:
        """ "No fever occurred", "X was no longer seen once Y was there"."""
        verb = clause.verb
        assert verb is not None
        if verb.lemma not in ("occur", "observe", "see", "detect", "find", "note", "attribute", "report", "emerge",
                              "arise", "record"):  # fmt: skip
            return False
        done = False
        for atom in clause.subject:
            negated = atom.neg or verb.neg
            m = atom.mention
            if not negated or (m is None and not (atom.event is not None and verb.again)):
                continue
            if m is not None and m.label not in ("PROCESS", "DISEASE", "OUTCOME"):
                continue
            agents = [a for adj in clause.adjuncts if adj.kind == "to" for a in adj.atoms] or self.agents_of(clause)
            for agent in agents or self.missing(clause):
                if verb.again:
                    self.apply(clause, agent, -1, "decrease", atom, False, verb.token)
                else:
                    self.apply(clause, agent, 1, "increase", atom, True, verb.token)
                done = True
        return done

    # --- events that no clause has used

    def event(self, event: Event) -> None:
        if id(event) in self.used or not event.agents or not event.themes:
            return
        if event.cls in ("affect", "benefit") and not event.sign and not event.neg and (
            event.cls == "affect" or not any(self.event_sign(event, t) for t in self.mentions(event.themes))
        ) and not any(
            c.question for c in self.reading.clauses
        ) and not self.reading.tokens[0].low.startswith("effect"):
            return
        question = any(c.question for c in self.reading.clauses)
        for agent in event.agents:
            for a in self.mentions([agent]):
                for theme in event.themes:
                    m = theme.mention
                    if m is None or a.label in ("ORGANISM", "ANATOMY", "OUTCOME") and not agent.arm:
                        continue
                    value = self.event_sign(event, m)
                    predicate = "delivers" if event.cls == "deliver" else "regulates"
                    if event.cls == "convert":
                        continue
                    draft = Draft(a, m, predicate, DIRECTIONS[value] if predicate == "regulates"
                                  else "unspecified", event.token, context=theme.context,
                                  perturbation=agent.pert.cls if agent.pert else None,
                                  pattern="noun", score=0.8)  # fmt: skip
                    if event.neg or theme.neg:
                        draft.direction = "unchanged"
                    if agent.pert is not None and value:
                        draft.direction = DIRECTIONS[value * agent.pert.sign]
                    if question:
                        draft.certainty = "hypothesis"
                    for via in event.via:
                        draft.via = via.mention
                    self.out.append(draft)


def _real(atom: Atom) -> Atom | None:
    if atom.mention is not None:
        return atom
    if atom.event is not None and atom.event.themes and atom.event.themes[0].mention is not None:
        theme = atom.event.themes[0]
        return Atom(theme.token, theme.mention)
    return None


def _named_perturbation(token: Token):  # type: ignore[no-untyped-def]
    from textmine.reading.triggers import Reading as WordReading

    return WordReading("perturbation", "inhibition", token.low, (), -1)


def _share_objects(clauses: Sequence[Clause]) -> None:
    """One object for two verbs ("attenuated, and its inhibition aggravated, X"; "up- and Z down-regulated X")."""
    ordered = sorted(clauses, key=lambda c: c.start)
    for first, second in zip(ordered, ordered[1:], strict=False):
        a, b = first.verb, second.verb
        if a is None or b is None or first.objects or a.passive or a.adjective or not second.objects:
            continue
        if b.passive or first.adjuncts or a.cls not in ("increase", "decrease", "improve", "worsen", "affect", "reverse"):
            continue
        if second.start - first.end > 8:
            continue
        if a.neg and not b.neg and second.subject is first.subject:
            first.verb = None
        elif a.token.suspended or not Triggers.load().ambitransitive(a.lemma):
            first.objects = second.objects


def _share_agents(clauses: Sequence[Clause]) -> None:
    """"X was raised in A yet lowered in B by Y": the agent said last holds for both."""
    for first, second in zip(clauses, clauses[1:], strict=False):
        if first.verb is None or second.verb is None or first.subject is not second.subject:
            continue
        by = [a for a in second.adjuncts if a.kind == "by" and a.atoms]
        if first.verb.passive and second.verb.passive and by and not any(
            a.kind == "by" for a in first.adjuncts
        ):
            first.adjuncts.extend(by)
