"""Clauses of a dependency tree, in the form that the interpreter of clauses reads.

Every verb of the lexicon is one clause: its subject is found by the patterns of `patterns.toml`,
its objects and adjuncts hang on it. The same interpreter and the same algebra as for the shallow
clauses then say what it means.
"""

from __future__ import annotations

from collections.abc import Collection

from textmine.reading.clauses import Adjunct, Clause, Reading
from textmine.reading.patterns import Patterns
from textmine.reading.phrases import Atom
from textmine.reading.tagging import HEDGED_MODAL
from textmine.reading.tree import Tree
from textmine.reading.tree_phrases import TreePhrases
from textmine.reading.triggers import Token
from textmine.reading.verbs import VerbGroup, signed_by

__all__ = ["read_tree"]

# "X acts to lower Y" tells what X does, "X was used to lower Y" what it was meant to do.
DOING = frozenset("act serve work help continue begin start go come lead".split())  # noqa: SIM905
# Where these lead to a noun that names nothing, the next pattern is tried.
PASSING = ("participle", "gerund", "gerund of a noun")
UNSURE = ("suggest", "speculat", "propos", "predict", "believ", "think", "thought", "assum",
          "hypothesi", "postulat")  # fmt: skip
GUESS = frozenset(
    "potentially possibly likely presumably probably perhaps apparently putatively".split()  # noqa: SIM905
)


def read_tree(tree: Tree, patterns: Patterns, *, loose: bool = False) -> Reading:
    """The clauses, events and side relations of a parsed sentence."""
    reader = _TreeClauses(tree, patterns, loose=loose)
    reader.run()
    return Reading([n.token for n in tree.nodes], reader.clauses, reader.events, reader.side)


class _TreeClauses(TreePhrases):
    def __init__(self, tree: Tree, patterns: Patterns, *, loose: bool = False) -> None:
        super().__init__(tree, patterns, loose=loose)
        self.clauses: list[Clause] = []
        self.by_node: dict[int, Clause] = {}
        self.found_by: dict[int, str] = {}

    def run(self) -> None:
        for node in self.tree.nodes:
            if self._predicate(node.index):
                self._clause(node.index)
            else:
                self._nominal(node.index)
        for node in self.tree.nodes:
            # Changes spoken of where no verb is known: titles, lists, asides.
            noun = node.token.reading("noun")
            named = noun is not None and node.tag.startswith("NN")
            if named or node.token.mention is not None:
                self.phrase(node.index)

    # --- which nodes are predicates

    def _predicate(self, i: int) -> bool:
        token = self.t[i]
        if token.mention is not None or token.pos == "hyph":
            return False
        if self.tree.kids(i, "cop"):
            return token.reading("adjective") is not None
        if not self.tag(i).startswith("VB") or token.reading("verb") is None:
            return False
        return self.dep(i) not in ("amod", "compound", "aux", "auxpass", "cop", "case", "mark")

    def form(self, i: int) -> str:
        """finite, infinitive, gerund or participle."""
        if self.tree.kids(i, "cop", "aux", "auxpass", "nsubj", "nsubjpass"):
            to = any(self.low(c) == "to" for c in self.tree.kids(i, "mark", "aux"))
            return "infinitive" if to else "finite"
        tag = self.tag(i)
        if tag == "VBG":
            return "gerund"
        if tag == "VBN":
            return "participle" if self.dep(i) != "conj" else "finite"
        to = any(self.low(c) == "to" for c in self.tree.kids(i, "mark", "aux"))
        return "infinitive" if to or (tag == "VB" and self.dep(i) == "xcomp") else "finite"

    # --- subjects

    def subject(self, i: int, depth: int = 0, skip: Collection[str] = ()) -> tuple[list[int], str]:
        """The nodes that are the subject of verb `i`, and the pattern that found them."""
        if depth > 6:
            return [], ""
        form = self.form(i)
        for pattern in self.patterns.subjects:
            if (pattern.form and form not in pattern.form) or pattern.id in skip:
                continue
            for steps in pattern.paths:
                nodes = self._walk(i, steps, depth, pattern.heads)
                if nodes:
                    return nodes, pattern.id
        return [], ""

    def _walk(self, i: int, steps: tuple[str, ...], depth: int, heads: frozenset[str]) -> list[int]:
        at = [i]
        for number, step in enumerate(steps):
            if step == "subject":
                return [n for x in at for n in self.subject(x, depth + 1)[0]]
            if step.startswith("<"):
                at = [self.tree.nodes[x].head for x in at if self.dep(x) == step[1:]]
                if number == 0 and heads and not all(self.low(x) in heads for x in at):
                    return []
            else:
                dep, _, case = step.partition(":")
                wanted = {step} if case in ("poss", "npmod", "relcl") else {dep}
                at = [
                    c for x in at for c in self.tree.kids(x, *wanted)
                    if not case or step in wanted or self.tree.case(c) == case
                ]  # fmt: skip
            if not at:
                return []
        return [x for x in at if not (self.tag(x).startswith("W") or self.low(x) == "that")]

    def _subject_atoms(self, i: int) -> list[Atom]:
        """The subject of verb `i`. A noun that names nothing passes the question on: the
        "mechanisms of X in preventing Y" are X's."""
        skip: set[str] = set()
        while True:
            nodes, pattern = self.subject(i, skip=skip)
            self.found_by[i] = pattern
            atoms = self.phrase(nodes[0]) if len(nodes) == 1 else self.phrases(nodes)
            if atoms or pattern not in PASSING:
                return atoms
            skip.add(pattern)

    # --- clauses

    def _clause(self, i: int) -> Clause | None:
        verb = self._group(i)
        instead = any(self.low(c) in ("than", "instead") for c in self.tree.kids(i, "mark", "case"))
        instead = instead or [self.low(k) for k in (i - 2, i - 1) if k >= 0] == ["instead", "of"]
        if verb is None or instead:
            return None
        own = [k for k in self.tree.subtree(i) if not self._below_other(k, i)]
        clause = Clause(self._subject_atoms(i), verb, start=min(own), end=max(own) + 1)
        clause.question, clause.hedged = self._mood(i)
        clause.split = any(
            self.low(c) in ("while", "whereas", "although", "though", "but")
            for c in self.tree.kids(i, "mark", "cc")
        )
        form = self.form(i)
        below = self.dep(i) in ("advcl", "acl", "xcomp")
        clause.gerund = form in ("gerund", "infinitive") and below
        clause.relative = self.dep(i) == "acl:relcl"
        above = self.tree.nodes[i].head
        governor = self.t[above].reading("verb") if above >= 0 else None
        clause.parent = self.by_node.get(above)
        if form == "infinitive" and below:
            doing = governor is not None and governor.lemma in DOING
            if governor is None:
                clause.purpose = self.dep(i) == "advcl" and not self.low(above).startswith(
                    "function"
                )
            else:
                clause.purpose = governor.cls in ("treat", "other", "ask") and not doing
            clause.purpose = clause.purpose and self.found_by.get(i) not in (
                "ability of X to", "has the ability to",
            )  # fmt: skip
        if not verb.passive or verb.cls == "treat":
            clause.objects = self.phrases(self.tree.kids(i, "dobj"))
            clause.transitive = bool(self.tree.kids(i, "dobj", "ccomp"))
        self._hang(i, clause)
        self.by_node[i] = clause
        self.clauses.append(clause)
        return clause

    def _nominal(self, i: int) -> None:
        """ "X is an inhibitor of Y", "X acts as a Y inhibitor", "X, a Y inhibitor, ..."."""
        cls = _agentive(self.t[i])
        if not cls or not self.tag(i).startswith("NN"):
            return
        head = self.tree.nodes[i].head
        mood = i
        if self.tree.kids(i, "cop"):
            holder = self._subject_atoms(i)
        elif self.dep(i) == "nmod" and self.tree.case(i) == "as" and head >= 0:
            held = self.tree.kids(head, "dobj")  # "we identified X as an inhibitor of Y"
            holder, mood = self.phrases(held) or self._subject_atoms(head), head
        elif self.loose and self.dep(i) == "appos" and self.t[head].mention is not None:
            # What a tool is known for is no finding of its user's
            holder = [Atom(self.t[head], self.t[head].mention)]
        else:
            return
        left = self._left(i)
        themes = self._themes(i, ("of", "for", "to"))
        if not themes and i and self.t[i - 1].mention is not None and left <= i - 1:
            themes = [Atom(self.t[i - 1], self.t[i - 1].mention)]
        if not holder or not themes or any(a in themes for a in holder):
            return
        neg = bool(self.tree.kids(i, "neg")) or bool(self.tree.kids(mood, "neg"))
        verb = VerbGroup(self.t[i], cls, self.low(i), neg=neg, hedged=self._modal(mood))
        words = [self.low(k) for k in range(left, i)]
        verb.hedged = verb.hedged or any(w in GUESS | {"potential", "putative"} for w in words)
        clause = Clause(holder, verb, themes, start=i, end=i + 1, transitive=True)
        clause.question, clause.hedged = self._mood(mood)
        self.clauses.append(clause)

    def _below_other(self, k: int, i: int) -> bool:
        """Is `k` part of another clause below `i`?"""
        at = k
        while at not in (i, -1):
            if self._predicate(at) and self.dep(at) not in ("acl",):
                return True
            at = self.tree.nodes[at].head
        return False

    def _group(self, i: int) -> VerbGroup | None:
        token = self.t[i]
        neg = bool(self.tree.kids(i, "neg")) or self._denied(i)
        hedged = self._modal(i)
        again = any(
            self.low(c) in ("longer", "more") and self.low(c - 1) == "no"
            for c in self.tree.kids(i, "advmod", "neg") if c
        )  # fmt: skip
        neg = neg or again
        cop = self.tree.kids(i, "cop")
        if cop:
            adjective = token.reading("adjective")
            if adjective is None:
                return None
            return VerbGroup(token, adjective.cls, adjective.lemma, False, neg, False, hedged, True)
        reading = token.reading("verb")
        if reading is None:
            return None
        null = False
        if reading.cls in ("fail", "seem") and self.tree.kids(i, "xcomp"):
            return None
        at = i
        while self.dep(at) == "xcomp":
            at = self.tree.nodes[at].head
            above = self.t[at].reading("verb")
            adjective = self.t[at].reading("adjective")
            if above is not None and above.cls in ("fail", "seem"):
                neg = neg or above.cls == "fail"
                null = null or above.lemma == "tend"
                hedged = hedged or (above.cls == "seem" and above.lemma != "tend")
            elif adjective is not None and adjective.cls in ("unable", "able"):
                neg = neg or adjective.cls == "unable"
            elif above is None or above.cls not in ("report", "ask", "light", "other"):
                break
            neg = neg or bool(self.tree.kids(at, "neg"))
            hedged = hedged or self._modal(at)
        passive = bool(self.tree.kids(i, "auxpass", "nsubjpass"))
        if not passive and self.tag(i) == "VBN" and not self.tree.kids(i, "aux", "dobj", "nsubj"):
            passive = self.dep(i) in ("acl", "advcl") or (
                self.dep(i) == "conj" and self._passive(self.tree.nodes[i].head)
            )
        if reading.cls in ("rise", "fall"):
            passive = False
        adverbs = [self.low(c) for c in self.tree.kids(i, "advmod")]
        cls = signed_by(reading.cls, adverbs)
        return VerbGroup(token, cls, reading.lemma, passive, neg, null, hedged, again=again)

    def _passive(self, i: int) -> bool:
        if self.tree.kids(i, "auxpass", "nsubjpass"):
            return True
        return self.dep(i) == "conj" and self._passive(self.tree.nodes[i].head)

    def _denied(self, i: int) -> bool:
        """ "did not reduce A or increase B", "neither ... nor", "without reducing A"."""
        if any(self.low(c) == "without" for c in self.tree.kids(i, "mark", "case")):
            return True
        if any(self.low(c) in ("neither", "nor") for c in self.tree.kids(i, "cc:preconj", "cc")):
            return True
        if self.dep(i) != "conj" or self.tree.kids(i, "nsubj", "nsubjpass", "aux", "auxpass"):
            return False
        head = self.tree.nodes[i].head
        joint = {self.low(c) for c in self.tree.kids(head, "cc") if c < i}
        denied = bool(self.tree.kids(head, "neg")) or self._denied(head)
        return denied and bool(joint & {"or", "nor"})

    def _modal(self, i: int) -> bool:
        own = self.tree.kids(i, "aux")
        words = {self.low(c) for c in [*own, *self.tree.kids(i, "advmod")]}
        if words & GUESS:
            return True
        if words & HEDGED_MODAL:
            return not ("could" in words and self.tree.kids(i, "neg"))
        if self.dep(i) == "conj" and not own and not self.tree.kids(i, "nsubj", "nsubjpass"):
            return self._modal(self.tree.nodes[i].head)
        return False

    def _mood(self, i: int) -> tuple[bool, bool]:
        """Is the clause a question, is it told as a guess? What stands above it decides."""
        question = hedged = False
        at = i
        while at >= 0:
            marks = {self.low(c) for c in self.tree.kids(at, "mark", "advmod") if c < at}
            question = question or bool(marks & {"whether", "if"})
            dep, above = self.dep(at), self.tree.nodes[at].head
            if above >= 0 and dep in ("ccomp", "xcomp", "advcl", "acl", "dobj", "nmod"):
                verb = self.t[above].reading("verb")
                if dep in ("ccomp", "acl"):
                    unsure = self.low(above).startswith(UNSURE)
                    hedged = hedged or unsure or (verb is not None and self._modal(above))
                    question = question or self.low(above).startswith("hypothesi")
                told = dep == "ccomp" and "that" in marks
                asked = dep in ("ccomp", "xcomp") and not told
                if asked and verb is not None and verb.cls == "ask":
                    question = True
            at = above
        return question, hedged

    def _hang(self, i: int, clause: Clause) -> None:
        """Prepositional phrases, states, comparisons."""
        for c in sorted(self.tree.kids(i)):
            dep, case = self.dep(c), self.tree.case(c)
            if dep in ("nmod", "advcl", "advmod", "dep") and case and not self._predicate(c):
                kind = {"because": "after", "due": "after", "vs": "versus"}.get(case, case)
                if kind == "to" and self.low(c - 1) != "to" and self.tag(c).startswith("VB"):
                    continue
                if case == "in" and self.low(c) == "response":
                    kind, atoms = "after", self._themes(c, ("to",))
                else:
                    atoms = self.phrase(c)
                adjunct = Adjunct(kind, atoms, self.t[c])
                (clause.fronted if c < i else clause.adjuncts).append(adjunct)
            elif dep == "advcl" and case in ("by", "via", "through") and self._predicate(c):
                clause.adjuncts.append(Adjunct(f"{case}_ing", [], self.t[c]))
            elif (dep == "advcl" and case == "to") or (dep == "xcomp" and self._predicate(c)):
                clause.adjuncts.append(Adjunct("to_ing", [], self.t[c]))
            elif dep == "xcomp" and self.tag(c).startswith("JJ"):
                clause.adjuncts.append(Adjunct("state", [], self.t[c]))
            elif dep == "advmod" and self.low(c) == "respectively":
                clause.adjuncts.append(Adjunct("respectively", [], self.t[c]))
        for c in [x for x in self.tree.kids(i, "dobj", "nsubj") if x >= 0]:
            # "reduced A in Y-treated mice": the place may hang on the object instead
            for k in self.tree.kids(c, "nmod"):
                case = self.tree.case(k)
                harm = case in ("against", "from") and clause.verb_is("protect", "reverse")
                if k < c or not (harm or case in ("in", "with", "after", "than", "compared")):
                    continue
                atoms = self.phrase(k)
                if harm or any(a.arm for a in atoms) or case in ("than", "compared"):
                    clause.adjuncts.append(Adjunct(case, atoms, self.t[k]))


def _agentive(token: Token) -> str:
    """The class of verb that a noun like "inhibitor", "inducer" or "regulator" stands for."""
    if token.mention is not None:
        return ""
    noun, pert = token.reading("noun"), token.reading("perturbation")
    if noun is not None and noun.cls.startswith("agentive_"):
        return noun.cls.removeprefix("agentive_")
    if pert is not None and noun is None and token.low.rstrip("s").endswith(("or", "er", "ist")):
        return "decrease" if pert.sign < 0 else "increase"
    return ""
