"""What the interpreters of clauses share: drafts, memory, antecedents, agents, literal signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from textmine.config import data_root, read_toml
from textmine.reading.clauses import Adjunct, Clause, Reading
from textmine.reading.phrases import CELLISH, Atom, Event
from textmine.reading.triggers import Token, Triggers
from textmine.records import Mention

__all__ = ["Draft", "Memory", "Workbench", "benefit", "host"]

GIVEN = ("after", "upon", "following", "with", "under", "on", "during", "when", "once")
GIVABLE = ("VESICLE", "INTERVENTION", "CHEMICAL", "CELL")
ACTIVE = ("VESICLE", "INTERVENTION", "CHEMICAL", "MIRNA", "GENE", "CELL", "PATHWAY")
SIGNED = {
    "increase": 1,
    "rise": 1,
    "more": 1,
    "decrease": -1,
    "fall": -1,
    "less": -1,
    "protect": -1,
}
CHANGE = frozenset(
    [
        "increase",
        "decrease",
        "rise",
        "fall",
        "reverse",
        "improve",
        "worsen",
        "protect",
        "affect",
        "more",
        "less",
        "leave",
    ]
)
DIRECTIONS = {1: "increases", -1: "decreases", 0: "unspecified"}
ADJECTIVES = ("ial", "ytic", "onal", "ocytal", "blastic")
PLACE_ADJECTIVES = ("lar", "iac", "tic", "nal", "ral", "eal", "cal", "pulmonary")
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

    def copy(self) -> Memory:
        """The same memory, to be changed without changing this one."""
        return Memory(
            list(self.agents), list(self.previous), list(self.themes), list(self.drafts),
            dict(self.changed), self.topic,
        )  # fmt: skip


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
        return any(
            low == w or low.startswith(w) or (len(w) > 4 and w in low) or f" {w}" in low
            for w in words
        )

    if has(good):
        return 1
    return -1 if has(bad) else 0


def _same(a: Mention, b: Mention) -> bool:
    return a.text.lower() == b.text.lower()


def host(mention: Mention) -> bool:
    """Animals and people in whom something is seen, as against bacteria and viruses."""
    if mention.label != "ORGANISM":
        return False
    word = (mention.text.lower().split() or [""])[-1]
    return any(
        r.pos == "noun" and r.cls in ("transparent", "people", "treatment")
        for r in Triggers.load().of(word)
    )


def _reference(mention: Mention) -> bool:
    """ "the control group": what a change is held against, not what makes it."""
    words = mention.text.lower().split()
    first = Triggers.load().of(words[0]) if words else ()
    named = any(r.pos == "noun" and r.cls == "reference" for r in first)
    return mention.label == "INTERVENTION" and named and words[-1] in ("group", "groups")


def _adjective(mention: Mention) -> bool:
    """ "neuronal", "astrocytic": names no cell by itself."""
    low = mention.text.lower()
    if mention.label == "ANATOMY":
        return " " not in low and low.endswith(PLACE_ADJECTIVES)
    return mention.label == "CELL" and low.endswith(ADJECTIVES)


def _lone(mention: Mention, tokens: Sequence[Token]) -> bool:
    """ "exosomal" before a name says where that name is; it does nothing itself."""
    if mention.label != "VESICLE" or not mention.text.lower().endswith("omal"):
        return False
    k = next((k for k, t in enumerate(tokens) if t.mention is mention), len(tokens))
    return k + 1 < len(tokens) and tokens[k + 1].mention is not None


class Workbench:
    """The reading of one sentence, the relations found so far, and ways to find who is meant."""

    def __init__(self, reading: Reading, memory: Memory) -> None:
        self.reading = reading
        self.memory = memory
        self.out: list[Draft] = []
        self.used: set[int] = set()
        self.clause: Clause | None = None

    def add(
        self,
        subject: Mention | None,
        obj: Mention,
        predicate: str,
        direction: str,
        token: Token,
        **more: object,
    ) -> None:
        if subject is not None and (subject.id == obj.id or subject.start == obj.start):
            return
        if predicate == "regulates" and subject is not None and _same(subject, obj):
            return  # the check of a tool ("the mimic raised miR-X"), no finding
        if predicate == "regulates" and host(obj):
            return  # what happens to mice happens in them
        if predicate == "regulates" and subject is not None and _reference(subject):
            return
        if _adjective(obj) or (subject is not None and _adjective(subject)):
            return  # "neuronal", "endothelial": of what is not said
        if subject is not None and predicate == "regulates" and _lone(subject, self.reading.tokens):
            return
        draft = Draft(subject, obj, predicate, direction, token, **more)  # type: ignore[arg-type]
        self.out.append(draft)
        if (
            predicate == "regulates"
            and draft.direction in ("increases", "decreases")
            and not draft.via
        ):
            self.memory.changed[obj.text.lower()] = 1 if direction == "increases" else -1

    def finish(self, draft: Draft, clause: Clause) -> None:
        verb = clause.verb
        if clause.question:
            draft.certainty = "hypothesis"
        elif clause.hedged or (verb is not None and verb.hedged):
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
            here = [
                t.mention
                for t in self.reading.tokens
                if t.mention is not None and t.mention.label == "VESICLE"
            ]
            return here[:1] or self.antecedent("they")
        moved = [d.object for d in self.out if d.predicate == "delivers"]
        if pronoun == "it" and not self.memory.agents and moved:
            return moved[-1:]  # "V brought X there, where it ..."
        if pronoun == "it" and not self.memory.agents and self.memory.topic is not None:
            return [self.memory.topic]
        if pronoun in ("they", "it", "these", "this", "them", "those", "both"):
            pool = self.memory.agents or self.memory.previous or self._named_first()
            return pool[-1:] if pool else []
        if pronoun == "latter":
            pool = [
                t.mention
                for t in self.reading.tokens
                if t.mention is not None
                and self.clause is not None
                and t.start < self.reading.tokens[self.clause.start].start
            ]
            return pool[-1:] or self.memory.previous[-1:]
        if pronoun == "former":
            pool = [t.mention for t in self.reading.tokens if t.mention is not None]
            return pool[:1]
        return []

    def _named_first(self) -> list[Mention]:
        """ "As for X, they ...", or the only thing that the sentence before told of."""
        tokens = self.reading.tokens
        if [t.low for t in tokens[:2]] == ["as", "for"]:
            return [t.mention for t in tokens[2:6] if t.mention is not None][:1]
        return [self.memory.topic] if self.memory.topic is not None else []

    def agents_of(self, clause: Clause) -> list[Atom]:
        """Who did it where the subject is what was changed: by X, after X, in X-treated mice."""
        kinds: list[Adjunct] = []
        by = [x for a in clause.adjuncts if a.kind in ("by", "when_pert") for x in a.atoms]
        by = by or [x for a in clause.fronted if a.kind == "when_pert" for x in a.atoms]
        if by:
            return by
        kinds = [*clause.adjuncts, *clause.fronted]
        if clause.parent is not None:
            kinds += clause.parent.fronted
        for adjunct in kinds:
            if adjunct.kind in ("in", "among", "within", "from", "of", "for", "between", "at"):
                arms = [
                    a
                    for a in adjunct.atoms
                    if a.arm or (a.mention is not None and a.mention.label == "INTERVENTION")
                ]
                if arms:
                    return arms
            elif adjunct.kind in GIVEN:
                sent = [
                    t for a in adjunct.atoms if a.event is not None and a.event.cls == "deliver"
                    for t in a.event.themes if t.mention and t.mention.label in GIVABLE
                ]  # fmt: skip
                if sent:
                    return sent
                given = [
                    a
                    for a in adjunct.atoms
                    if a.mention is not None
                    and (
                        a.arm
                        or a.mention.label in ("VESICLE", "INTERVENTION", "CHEMICAL", "MIRNA")
                        or (
                            adjunct.kind != "to"
                            and a.mention.label in ("CELL", "GENE", "DISEASE")
                            and adjunct.kind in ("after", "upon", "following", "with")
                        )
                    )
                ]
                if given:
                    return given
        for atom in clause.subject:
            if atom.arm and atom.mention is not None:
                return [atom]
        return self._group_before(clause)

    def _group_before(self, clause: Clause) -> list[Atom]:
        """ "X levels in the blood of the V group rose": a group named between subject and verb."""
        tokens = self.reading.tokens
        k = clause.start - 1
        while k > 0 and tokens[k].pos not in ("verb", "be", "modal") and tokens[k].low not in ",;":
            m = tokens[k].mention
            if m is not None and m.label == "INTERVENTION" and m.text.lower().endswith("group"):
                named = tokens[k - 1].low in ("of", "in") or tokens[k - 2].low in ("of", "in")
                return [Atom(tokens[k], m, arm=True)] if named else []
            k -= 1
        return []

    def others(self, clause: Clause) -> list[Atom]:
        """The other arm of a comparison."""
        for adjunct in [*clause.adjuncts, *clause.fronted]:
            if adjunct.kind in ("than", "compared", "versus", "vs", "against") and adjunct.atoms:
                if adjunct.kind == "against" and (
                    clause.verb is None
                    or clause.verb.cls == "protect"
                    or any(a.event is not None for a in adjunct.atoms)
                ):
                    continue
                if adjunct.kind == "against" and any(
                    a.mention is not None and a.mention.label in ("DISEASE", "PROCESS")
                    for a in adjunct.atoms
                ):
                    continue
                return adjunct.atoms
        return []

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

    def insignificant(self, clause: Clause) -> bool:
        """A trend, or P ≥ 0.05 in the brackets of the clause."""
        tokens = self.reading.tokens
        a = clause.start
        b = min(len(tokens), max(clause.end, a) + 8)
        words = [t.low for t in tokens[a:b]]
        for k, w in enumerate(words):
            told = w == "p" and k + 2 < len(words) and words[k + 1] in ("=", ">", "≥")
            between = {"difference", "differences"} & set(words[:k])
            if told and not between and _value(words, k + 2) >= 0.05:
                return True
        text = " ".join(t.low for t in tokens)
        return (
            "not significant" in text or "non significant" in text or "reach significance" in text
        )

    def insignificant_text(self) -> bool:
        words = [t.low for t in self.reading.tokens]
        for k, w in enumerate(words):
            told = w == "p" and k + 2 < len(words) and words[k + 1] in ("=", ">", "≥")
            if told and _value(words, k + 2) >= 0.05:
                return True
        return False

    def pairs(
        self, agents: list[Atom], themes: list[Atom], respectively: bool
    ) -> list[tuple[Atom, Atom]]:
        if respectively and len(agents) == len(themes):
            return list(zip(agents, themes, strict=True))
        if respectively and len(agents) > 1 and len(themes) > 1:
            return []  # a member of one list was not seen: who did what cannot be told
        return [(a, t) for t in themes for a in agents]

    def missing(self, clause: Clause) -> list[Atom]:
        """The agent of an agentless clause: of this sentence, of the one before, or nobody."""
        pool = self.memory.agents or self.memory.previous
        token = clause.verb.token if clause.verb is not None else self.reading.tokens[0]
        if self.memory.agents:
            return [Atom(token, pool[-1], pron="missing")]
        later = [
            a
            for c in self.reading.clauses
            if c is not clause
            for a in self.agents_of(c)
            if a.mention is not None and a.mention.label in ("VESICLE", "INTERVENTION", "CHEMICAL")
        ]
        if later and self.clause is not None:
            return later[:1]
        if pool and pool[-1].label in GIVABLE and not pool[-1].text.lower().endswith("omal"):
            return [Atom(token, pool[-1], pron="missing")]
        return [Atom(token, pron="nobody")]

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
            if verb is not None and verb.lemma in (
                "restore",
                "rescue",
                "recover",
                "regain",
                "re-establish",
                "reestablish",
                "return",
            ):
                return 1
            return -1 if benefit(m) < 0 else 0
        return 0

    def improved(self, cls: str, theme: Mention) -> int:
        """The literal sign of improving or worsening a thing, however it came about."""
        return self.literal(0, cls, theme)

    def event_sign(self, event: Event, theme: Mention) -> int:
        """The literal sign of an event on this theme."""
        if event.cls in ("improve", "worsen", "reverse") and not event.sign:
            value = self.literal(0, event.cls, theme)
            back = event.token.low.startswith(("recover", "restor")) and theme.label != "DISEASE"
            return value or (1 if back else 0)
        if event.cls == "benefit" and not event.sign:
            if theme.label in ("GENE", "CHEMICAL", "MIRNA", "PATHWAY", "ORGANISM") or (
                theme.label == "PROCESS" and not benefit(theme)
            ):
                return 0
            return self.literal(0, "improve", theme)
        if event.cls == "protect" and theme.label in CELLISH:
            return 1
        return event.sign

    def adopt(self, atom: Atom, clause: Clause) -> None:
        """An event takes its theme from the clause ("exerted an effect ... on X")."""
        event = atom.event
        assert event is not None
        if not event.themes:
            for adjunct in clause.adjuncts:
                if adjunct.kind in ("on", "of", "against", "in", "upon") and adjunct.atoms:
                    found = [
                        a
                        for a in adjunct.atoms
                        if a.mention is not None
                        and not a.arm
                        and (
                            adjunct.kind != "in"
                            or a.mention.label not in (*CELLISH, "VESICLE", "INTERVENTION")
                        )
                    ]
                    if found:
                        event.themes += found
                        return

    def anaphor(self, clause: Clause, objects: list[Atom]) -> None:
        """ "these vesicles", "the treatment" as subject: what was spoken of before."""
        if clause.subject or not objects or clause.gerund or clause.verb is None:
            return
        k = self.reading.tokens.index(clause.verb.token) - 1
        while k >= 0 and self.reading.tokens[k].pos in ("adverb", "modal", "be", "neg"):
            k -= 1
        if (
            k >= 1
            and self.reading.tokens[k].is_class("noun", "anaphor", "treatment")
            and any(
                t.low in ("this", "these", "the", "such", "same")
                for t in self.reading.tokens[max(0, k - 3) : k]
            )
        ):
            shared = clause.subject
            clause.subject = [Atom(clause.verb.token, pron="they")]
            for other in self.reading.clauses:
                if other.subject is shared:
                    other.subject = clause.subject


def _value(words: Sequence[str], k: int) -> float:
    """The number at `k`, also one written ".71"; -1 if there is none."""
    text = words[k].replace("·", ".")
    if text == "." and k + 1 < len(words):
        text = f"0.{words[k + 1]}"
    try:
        return float(text)
    except ValueError:
        return -1.0


def _real(atom: Atom) -> Atom | None:
    if atom.mention is not None:
        return atom
    if atom.event is not None and atom.event.themes and atom.event.themes[0].mention is not None:
        theme = atom.event.themes[0]
        return Atom(theme.token, theme.mention)
    return None
