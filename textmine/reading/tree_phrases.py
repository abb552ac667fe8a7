"""Noun phrases of a dependency tree: what a node and what hangs on it stand for.

The words up to the head are read by the shallow phrase reader, which knows "X-induced Y", "Y
expression" and "an X inhibitor"; what stands behind the head is found by the tree: of, by, on,
participles, the further members of a list.
"""

from __future__ import annotations

from textmine.reading.patterns import Patterns
from textmine.reading.phrases import PhraseReader
from textmine.reading.tails import CARGO, CELLISH, Atom, Event, sign_of
from textmine.reading.tree import GLUED, Tree
from textmine.reading.triggers import Reading as WordReading
from textmine.reading.triggers import Token
from textmine.records import Mention

__all__ = ["TreePhrases"]

BEFORE = frozenset(
    ("det", "amod", "compound", "nummod", "neg", "nmod:poss", "nmod:npmod", "dep", "advmod",
     "det:predet", "conj", "cc", "punct", "cc:preconj", GLUED)
)  # fmt: skip
EVENTS = ("increase", "decrease", "reverse", "improve", "worsen", "affect", "benefit", "protect",
          "deliver", "convert")  # fmt: skip
GIVEN = ("VESICLE", "INTERVENTION", "CHEMICAL")
OWNERS = ("VESICLE", "CELL", "DISEASE", "ANATOMY", "ORGANISM")
PLACE = ("CELL", "ANATOMY", "ORGANISM")


class TreePhrases:
    """Phrases by node. `events` and `side` collect what was said inside them.

    `loose` takes a thing for what happens to it where no word of the lexicon says what that is
    ("chemotaxis of cells" for the cells): for corpora that label no processes.
    """

    def __init__(self, tree: Tree, patterns: Patterns, *, loose: bool = False) -> None:
        self.tree = tree
        self.loose = loose
        self.t = [node.token for node in tree.nodes]
        self.patterns = patterns
        self.events: list[Event] = []
        self.side: list[tuple[str, Mention, Mention, bool, Token]] = []
        self.known: dict[int, list[Atom]] = {}
        self.open: set[int] = set()

    def low(self, i: int) -> str:
        return self.t[i].low

    def dep(self, i: int) -> str:
        return self.tree.nodes[i].dep

    def tag(self, i: int) -> str:
        return self.tree.nodes[i].tag

    def phrases(self, nodes: list[int]) -> list[Atom]:
        return [atom for i in nodes for atom in self.phrase(i)]

    def phrase(self, i: int) -> list[Atom]:
        """The atoms of the phrase whose head is `i`, list members included."""
        if i in self.known:
            return self.known[i]
        if i in self.open:
            return []
        self.open.add(i)
        atoms = self._head(i)
        for c in self.tree.kids(i, "conj"):
            if c < i or self._is_verb(c):
                continue
            more = self.phrase(c)
            if self.tree.kids(c, "neg") or self._but_not(i, c):
                for atom in more:
                    atom.neg = True
            atoms = [*atoms, *(a for a in more if a not in atoms)]
        self.open.discard(i)
        self.known[i] = atoms
        return atoms

    def _but_not(self, i: int, c: int) -> bool:
        between = [self.low(k) for k in range(i + 1, c)]
        return "but" in between[-3:] and "not" in between[-3:]

    def _is_verb(self, i: int) -> bool:
        return self.tag(i).startswith("VB") and self.t[i].pos in ("verb", "ing", "be")

    # --- the words up to the head

    def _head(self, i: int) -> list[Atom]:
        if self.tag(i) == "VBG" and self.tree.kids(i, "dobj"):
            return self._gerund(i)
        token = self.t[i]
        left = self._left(i)
        reader = PhraseReader(self.t[left : i + 1])
        atoms, _ = reader.phrase(0)
        self.events += reader.events
        self.side += reader.side
        noun = token.reading("noun")
        if noun is not None and noun.cls in EVENTS and not self._reached(atoms, token):
            # What stood before the change was read as something of its own
            reader = PhraseReader([token])
            atoms, _ = reader.phrase(0)
            self.events += reader.events
        pert = token.reading("perturbation")
        if token.mention is None and pert is not None and not any(a.pert for a in atoms):
            themes = self._themes(i, ("of", "against", "for", "to"))
            noun = token.reading("noun")
            if themes and (noun is None or noun.cls not in EVENTS):
                token.extra["pert"] = True
                return [self._perturbed(a, pert) for a in themes]
        head = next((a for a in atoms if a.token is token or a.event is not None), None)
        if head is not None and head.event is not None:
            self._event_tail(i, head.event)
            if pert is not None and head.pert is None and not head.event.agents:
                head.pert = None
        elif not atoms or (token.mention is None and head is None):
            atoms = atoms or self._through(i)
        unknown = token.mention is None and not token.readings and token.pos == "word"
        if unknown and not self.loose:
            # "exosomal X", "body trafficking": the head is what is meant, and it is not known
            atoms = [a for a in atoms if a.mention is None or a.mention.label not in OWNERS]
        if pert is not None and len(atoms) > 1 and any(a.pert is pert for a in atoms):
            # "X and Y inhibitors"
            label = next((a.mention.label for a in atoms if a.pert is pert and a.mention), None)
            for a in atoms:
                if a.pert is None and a.mention is not None and a.mention.label == label:
                    a.pert = pert
        for atom in atoms:
            if atom.mention is not None and atom.token is token:
                self._mention_tail(i, atom)
        return self._participles(i, atoms)

    def _left(self, i: int) -> int:
        """Where the words before the head begin."""
        left = i
        for c in sorted(self.tree.kids(i), reverse=True):
            if c > i:
                continue
            below = self.tree.subtree(c)
            if self.dep(c) not in BEFORE or max(below) >= left:
                continue
            if self.dep(c) == "punct" and self.low(c) in (",", ";", ":"):
                continue
            if max(below) != left - 1 and any(
                self.low(k) in (",", ";", ":") for k in range(max(below) + 1, left)
            ):
                continue
            if self._is_verb(c) and self.dep(c) in ("dep", "conj"):
                continue
            left = min(left, *below)
        return left

    def _gerund(self, i: int) -> list[Atom]:
        """ "inhibiting X" as a thing: X perturbed."""
        verb = self.t[i].reading("verb")
        pert = self.t[i].reading("perturbation")
        if verb is None or (pert is None and verb.cls not in ("increase", "decrease")):
            return []
        if pert is None:
            name = "overexpression" if verb.cls == "increase" else "inhibition"
            pert = WordReading("perturbation", name, self.low(i), (), sign_of(verb.cls))
        self.t[i].extra["pert"] = True
        return [self._perturbed(a, pert) for a in self.phrases(self.tree.kids(i, "dobj"))]

    @staticmethod
    def _perturbed(atom: Atom, pert: WordReading) -> Atom:
        if atom.mention is None or atom.pert is not None:
            return atom
        return Atom(atom.token, atom.mention, None, pert, atom.context, neg=atom.neg)

    def _themes(self, i: int, cases: tuple[str, ...]) -> list[Atom]:
        for case in cases:
            found = [
                c
                for c in self.tree.kids(i, "nmod", "acl", "dep")
                if c > i and self.tree.case(c) == case
            ]
            atoms = self.phrases(found)
            if atoms:
                return atoms
        return []

    def _through(self, i: int) -> list[Atom]:
        """ "levels of X": a head that only measures; unknown heads name nothing."""
        noun = self.t[i].reading("noun")
        if self.loose and (noun is None or noun.cls in ("harm", "convert")):
            return self._themes(i, ("of", "for", "in", "with"))
        if noun is None or noun.cls not in ("transparent", "treatment"):
            return []
        if noun.cls != "treatment":
            return self._themes(i, ("of", "for"))
        what = self._themes(i, ("of",))
        place = next((a.mention for a in what if a.mention and a.mention.label in CELLISH), None)
        given = self._themes(i, ("with", "to")) if place is not None or not what else what
        for atom in given:
            atom.arm, atom.context = atom.event is None, atom.context or place
        return given

    @staticmethod
    def _reached(atoms: list[Atom], token: Token) -> bool:
        """Has the shallow phrase come to its head?"""
        return any(
            a.token is token
            or (a.event is not None and (a.event.token is token))
            or (a.pert is not None and a.pert.lemma == token.low)
            or "pert" in token.extra
            for a in atoms
        )

    # --- what stands behind the head

    def _event_tail(self, i: int, event: Event) -> None:
        pattern = self.patterns.nouns.get(event.cls)
        if pattern is None or event.token is not self.t[i]:
            return
        if not event.themes or event.cls in ("protect",):
            themes = self._fitting(event, pattern.themes, i)
            if themes and not any(a in event.agents for a in themes):
                event.themes = themes
        if not event.agents:
            agents = self._agents(i, pattern.agents)
            if agents and not any(a in event.themes for a in agents):
                event.agents = agents
        for case in ("via", "through"):
            event.via += [a for a in self._themes(i, (case,)) if a.mention is not None]

    def _fitting(self, event: Event, cases: tuple[str, ...], i: int) -> list[Atom]:
        for case in cases:
            atoms = self._themes(i, (case,))
            if case == "in":
                if event.cls in ("increase", "decrease") and not event.token.low.endswith(
                    ("ase", "ases", "rise", "drop", "fall", "decline", "change", "reduction",
                     "elevation", "improvement")
                ):  # fmt: skip
                    continue
                atoms = [
                    a for a in atoms
                    if not a.arm and not (a.mention is not None and a.mention.label in PLACE)
                ]  # fmt: skip
            if atoms:
                return atoms
        return []

    def _agents(self, i: int, cases: tuple[str, ...]) -> list[Atom]:
        for case in cases:
            if case == "poss":
                atoms = [
                    a for c in self.tree.kids(i, "nmod:poss") if self.t[c].mention is not None
                    for a in self.phrase(c)
                ]  # fmt: skip
            else:
                atoms = self._themes(i, (case,))
            if case in ("with", "after", "following", "upon", "from"):
                atoms = [
                    a for a in atoms
                    if a.arm or (a.mention is not None and a.mention.label in GIVEN)
                ]  # fmt: skip
            if atoms:
                return atoms
        return []

    def _mention_tail(self, i: int, atom: Atom) -> None:
        assert atom.mention is not None
        for c in self.tree.kids(i, "nmod"):
            if c < i:
                continue
            case = self.tree.case(c)
            if case not in ("of", "in", "from", "with"):
                continue
            for inner in self.phrase(c)[:1]:
                m = inner.mention
                if m is None:
                    continue
                if atom.mention.label == "VESICLE":
                    if case in ("of", "from") and m.label == "CELL" and not inner.arm:
                        self.side.append(("derived_from", atom.mention, m, False, self.t[c - 1]))
                elif case == "from" and atom.mention.label == "MIRNA" and m.label == "VESICLE":
                    self.side.append(("carries", m, atom.mention, False, self.t[c - 1]))
                elif (
                    m.label in CELLISH
                    and atom.mention.label not in ("CELL", "ORGANISM")
                    and case in ("of", "in")
                ):
                    atom.context = atom.context or m

    def _participles(self, i: int, atoms: list[Atom]) -> list[Atom]:
        """ "X caused by Y", "mice treated with Y"."""
        if not atoms:
            return atoms
        for c in self.tree.kids(i, "acl"):
            if c < i:
                continue
            verb = self.t[c].reading("verb")
            if verb is None or self.tag(c) not in ("VBN", "VBD", "VBG"):
                continue
            last = atoms[-1]
            by = self._themes(c, ("by",))
            if verb.cls in ("increase", "decrease") and by and self.tag(c) != "VBG":
                if last.event is not None:
                    last.event.agents = last.event.agents or by
                elif last.mention is not None and last.pert is None and not last.arm:
                    event = Event(self.t[c], sign_of(verb.cls), verb.cls, by, [last])
                    self.events.append(event)
                    atoms = [*atoms[:-1], Atom(self.t[c], event=event, neg=last.neg)]
            elif verb.cls == "treat" and last.mention is not None and last.mention.label in CELLISH:
                given = self._themes(c, ("with", "to", "by", "in")) or (
                    self.phrases(self.tree.kids(c, "dobj"))
                )
                given = [g for g in given if g.mention is not None and g.event is None]
                if given and not last.arm:
                    arms = [
                        Atom(g.token, g.mention, None, g.pert, last.mention, True) for g in given
                    ]
                    atoms = [*atoms[:-1], *arms]
            elif verb.cls == "carry" and self.tag(c) == "VBG":
                self._carried(c, last.mention)
        return atoms

    def _carried(self, c: int, owner: Mention | None) -> None:
        """ "vesicles carrying X"."""
        if owner is None or owner.label != "VESICLE":
            return
        for a in self.phrases(self.tree.kids(c, "dobj")):
            if a.mention is not None and a.mention.label in CARGO:
                self.side.append(("carries", owner, a.mention, False, self.t[c]))
