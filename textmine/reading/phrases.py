"""Noun phrases of the relation reader: what a stretch of words stands for.

A phrase is a list of `Atom`s (its coordinated members). An atom is a mention, a perturbed mention
("silencing of X"), an event ("inhibition of X by Y", "Y-induced X") or a pronoun.
"""

from __future__ import annotations

from textmine.reading.tails import CARGO, CELLISH, Atom, Event, Tails, sign_of
from textmine.reading.triggers import Reading, Token
from textmine.records import Mention

__all__ = ["CELLISH", "Atom", "Event", "PhraseReader"]

MODIFIERS = ("DISEASE", "CHEMICAL", "GENE", "INTERVENTION")
TOOLS = ("inhibition", "mimic", "knock_down", "knock_out", "overexpression", "agonist")
MEASURES = ("level", "levels", "expression", "concentration", "concentrations", "expressions",
            "amount", "amounts", "abundance", "activity", "activities", "content", "number",
            "numbers", "production", "secretion")  # fmt: skip
SORTS = ("phenotype", "phenotypes", "state", "states", "type", "subset", "subsets", "lineage",
         "fate", "population", "populations", "pool", "polarity", "dynamics")  # fmt: skip
LACKS = ("defect", "deficit", "impairment")
STIMULATED = ("stimulated", "challenged", "activated", "evoked")
CHANGED = ("increase", "decrease", "affect")
OPENERS = frozenset(
    ("by", "of", "after", "upon", "following", "with", "via", "through", ";", ".", ":", ",", "that")
)


def _is_host(token: Token) -> bool:
    return token.mention is not None and token.mention.label == "ORGANISM"


class PhraseReader(Tails):
    """Reads noun phrases from left to right."""

    def phrase(self, i: int, *, subject: bool = False) -> tuple[list[Atom], int]:
        """A coordinated noun phrase from `i`; returns its atoms and where it ends."""
        self.depth += 1
        keep = self.in_subject
        self.in_subject = subject or self.in_subject
        try:
            if self.depth > 8:
                return [], i
            return self._phrase(i, subject)
        finally:
            self.depth -= 1
            self.in_subject = keep

    def _phrase(self, i: int, subject: bool) -> tuple[list[Atom], int]:
        atoms, j = self.single(i)
        if j == i:
            return [], i
        while j < self.n:
            k, negated = self._joint(j)
            if k == j:
                break
            nested = self.in_subject and not subject
            if nested and self.low(j) in (",", "but"):
                plain = self.pos(k) == "mention" and self.low(k + 1) in (",", "and", "or")
                if self.low(j) == "but" or not plain or k != j + 1 or not self._list_goes_on(k + 1):
                    break
            if not self.in_subject and self._clause_ahead(k) and not negated:
                break
            if nested and self.pos(k) in ("verb", "be", "modal", "prep", "rel", "ing"):
                break
            also = self.low(j + 1) == "as" and self.low(k - 1) == "as"
            if subject and self.low(j) == "," and not (negated or also or self._list_goes_on(k)):
                break
            more, end = self.single(k)
            if end == k or (not more and not subject):
                break
            if negated:
                for atom in more:
                    atom.neg = True
            if not self._share(atoms, more, j, k):
                atoms += more
            j = end
        if self.low(i) == "neither":
            for atom in atoms:
                atom.neg = True
        self._share_perturbation(atoms)
        return atoms, j

    def _share_perturbation(self, atoms: list[Atom]) -> None:
        """ "X and Y inhibitors": the noun behind the last is that of all."""
        last = atoms[-1] if len(atoms) > 1 else None
        if last is None or last.pert is None or last.mention is None or last.arm:
            return
        k = next((x for x in range(self.n) if self.t[x] is last.token), self.n)
        if not (k + 1 < self.n and self.t[k + 1].reading("perturbation") is last.pert):
            return
        for atom in atoms[:-1]:
            m = atom.mention
            if m is not None and m.label == last.mention.label and atom.pert is None:
                atom.pert = last.pert

    def _share(self, atoms: list[Atom], more: list[Atom], j: int, k: int) -> bool:
        """ "TGF-stimulated proliferation and collagen": the second has the same cause; "reduced X
        and Y": both are."""
        event = atoms[-1].event if atoms else None
        if event is None or not event.themes or self.low(j) != "and":
            return False
        if event.token.pos not in ("hyph", "adj"):
            return False
        second = more[0].event if len(more) == 1 else None
        if (
            second is not None
            and not second.agents
            and event.agents_by is not None
            and (second.token.pos == "noun")
        ):
            second.agents = list(event.agents)  # "X-induced rise of A and fall of B"
        if k != j + 1 or len(more) != 1 or more[0].mention is None or more[0].pert or more[0].neg:
            return False
        if more[0].mention.label in ("VESICLE", "CELL", "ORGANISM", "INTERVENTION") or more[0].arm:
            return False
        event.themes += more
        return True

    def _joint(self, j: int) -> tuple[int, bool]:
        """Behind a joint of a list at `j` (comma, and, as well as, but not); else `j`."""
        low = self.low
        k = j
        if low(k) == ",":
            k += 1
        if low(k) in ("and", "or", "nor", "/", "&", "plus", "+"):
            k += 1
            if low(k) == "/" and low(k + 1) == "or":
                k += 2
            if low(k) == "not":
                return k + 1, True
            return k, False
        if low(k) == "but" and low(k + 1) == "not":
            k += 2
            if low(k) in ("by", "that", "in", "with"):
                return j, False
            return k, True
        if low(k) == "but" and low(k + 1) == "also":
            return (k + 2, False) if self.pos(k + 2) != "verb" else (j, False)
        if low(k) == "rather" and low(k + 1) == "than":
            return (k + 2, True) if self.pos(k + 2) in ("mention", "det", "word") else (j, False)
        if low(k) == "as" and low(k + 1) == "well" and low(k + 2) == "as":
            for x in range(k + 3, min(self.n, k + 8)):
                if low(x) in ("did", "do", "does"):
                    return j, False
            return k + 3, False
        if low(k) == "together" and low(k + 1) == "with":
            return k + 2, False
        if k > j and self.pos(k) in ("mention", "det", "adj", "word", "noun"):
            return k, False
        return j, False

    def _list_goes_on(self, k: int) -> bool:
        """After a comma in a subject: does a list follow, or something else?"""
        for x in range(k, min(self.n, k + 40)):
            p, w = self.pos(x), self.low(x)
            if w in ("and", "or", "as"):
                return True
            if p in ("verb", "be", "modal", "rel", "prep") and w not in ("of",):
                return False
        return False

    def _clause_ahead(self, k: int) -> bool:
        """Does a new clause with its own verb start at `k`, after a joint?"""
        if self.pos(k) in ("verb", "be", "modal", "prep", "rel", "ing") or self.finite(k):
            return True
        if self.pos(k) == "adverb" and self.pos(k + 1) in ("ing", "verb"):
            return True
        seen = False
        for x in range(k, min(self.n, k + 30)):
            p, w = self.pos(x), self.low(x)
            if p in ("be", "modal") or (p == "verb" and self.finite(x) and seen):
                return True
            if (w == "," and self.pos(x + 1) == "rel") or (w == "but" and self.low(x + 1) == "not"):
                if w == ",":
                    return True
                continue
            if p == "ing" and self.t[x].is_class("verb", "lack", "carry"):
                continue
            if p == "neg" and seen:
                continue
            if (p == "verb" and self.reduced(x)) or (w == "by" and self.pos(x - 1) == "verb"):
                continue
            if p in ("verb", "rel", "ing") or w in (";", ",", "(", "by", "but", ":"):
                return False
            if p == "prep" and w not in ("of", "in", "from", "with"):
                return False
            seen = seen or p in ("mention", "noun", "word", "pron")
        return False

    def single(self, i: int) -> tuple[list[Atom], int]:
        """One member of a list: usually one atom, two for "X/Y axis", none if nothing is named."""
        j = i
        pending: list[tuple[str, Token, Atom]] = []
        change: tuple[Token, int, str] | None = None
        hint = 0
        neg = False
        head: Atom | None = None
        heads: list[Atom] = []
        context: Mention | None = None
        lacking: Token | None = None
        owned = False
        slashed: list[Atom] = []
        while j < self.n:
            t = self.t[j]
            p = t.pos
            if p == "mention":
                assert t.mention is not None
                k = j + 1
                if t.extra.get("anti") and not (
                    self.pos(k) == "noun" and self.t[k].reading("perturbation")
                ):
                    j += 1
                    continue
                if self.pos(k) == "adverb":
                    k += 1
                k = self._glued_further(k)
                if self.pos(k) == "hyph":
                    r = self.t[k].reading("participle")
                    kind = r.cls if r is not None else "other"
                    atom = Atom(t, t.mention)
                    pending.append((kind, self.t[k], atom))
                    pending += [(kind, self.t[k], h) for h in slashed]
                    slashed = []
                    if self.pos(k + 1) in ("verb", "be", "prep", "") and not heads:
                        # "miR-dependent" as a predicate: leave the word to the clause
                        pending.pop()
                        heads.append(atom)
                        j += 1
                        break
                    j = k + 1
                    continue
                beyond = self._null_genotype(k)
                if beyond > k:
                    lost = Reading("perturbation", "knock_out", "-/-", (), -1)
                    heads.append(Atom(t, t.mention, None, lost, self.t[beyond].mention, arm=True))
                    j = beyond + 1
                    break
                if (
                    t.mention.label == "DISEASE"
                    and self.low(k) in ("model", "mouse", "rat")
                    and k + 1 < self.n
                    and _is_host(self.t[k + 1])
                ):
                    j = k + 1  # "D model [mice]"
                    continue
                following = self.t[k].mention if k < self.n else None
                if following is not None:
                    a, b = t.mention.label, following.label
                    if b in ("VESICLE", "INTERVENTION") and a in CELLISH:
                        heads.append(Atom(t, t.mention))
                        j = k
                        break
                    if b in ("PROCESS", "OUTCOME") and a in MODIFIERS:
                        j = k
                        continue
                    if a in CELLISH:
                        context = t.mention
                        j = k
                        continue
                    if a == "VESICLE" and b in CARGO:
                        # "exosomal X" names X by its place; that it is there is not told here
                        j = k
                        continue
                    if b == "CELL" or (
                        a in ("CHEMICAL", "GENE", "DISEASE") and b in ("DISEASE", "ORGANISM")
                    ):
                        j = k
                        continue
                if self.low(k) == "/" and self.pos(k + 1) == "word" and self.pos(k + 2) == "hyph":
                    # "hypoxia/reoxygenation-induced" with half of it a mention
                    r = self.t[k + 2].reading("participle")
                    pending.append((r.cls if r else "other", self.t[k + 2], Atom(t, t.mention)))
                    j = k + 3
                    continue
                if self._hanging(k):
                    slashed.append(Atom(t, t.mention))
                    j = k + 2
                    continue
                if (
                    self.low(k) == "or"
                    and self.pos(k + 1) == "mention"
                    and (self.pos(k + 2) == "hyph")
                ):
                    slashed.append(Atom(t, t.mention))
                    j = k + 1
                    continue
                if self.low(k) == "/" and self.pos(k + 1) == "mention":
                    slashed.append(Atom(t, t.mention))
                    j = k + 1
                    continue
                heads += slashed
                slashed = []
                j += 1
                n = self.t[j] if j < self.n else None
                if n is not None and n.pos == "noun":
                    pert = n.reading("perturbation")
                    noun = n.reading("noun")
                    told = noun is not None and noun.cls in ("increase", "decrease")
                    told = told and (
                        t.mention.label in ("PROCESS", "DISEASE", "OUTCOME")
                        or self.low(j + 1) == "by"
                        or any(kind in CHANGED for kind, _, _ in pending)
                    )
                    if pert is not None and not told:
                        atom = Atom(t, t.mention, pert=pert)
                        n.extra["pert"] = True
                        heads.append(atom)
                        j += 1
                        follower = self.t[j].mention if j < self.n else None
                        if follower is not None and follower.label in CELLISH:
                            atom.arm, atom.context = True, follower
                            j += 1
                        elif follower is not None and follower.label == "CHEMICAL":
                            heads[-1] = Atom(self.t[j], follower)
                            self.t[j].extra["inhibits"] = atom
                            j += 1
                        break
                    if noun is not None and noun.cls == "treatment":
                        heads.append(Atom(t, t.mention, arm=True))
                        j += 1
                        while self.pos(j) in ("noun", "word") and self.t[j].is_class(
                            "noun", "treatment", "transparent"
                        ):
                            j += 1
                        break
                    if (
                        noun is not None
                        and noun.cls
                        in (
                            "increase",
                            "decrease",
                            "affect",
                            "reverse",
                            "deliver",
                            "improve",
                            "worsen",
                        )
                    ) or (noun is not None and noun.cls == "convert" and t.mention.label == "CELL"):
                        atom = Atom(t, t.mention)
                        event = self.event(n, sign_of(noun.cls), noun.cls)
                        doer = noun.cls == "affect" or (
                            noun.cls == "deliver" and t.mention.label == "VESICLE"
                        )
                        target = event.agents if doer else event.themes
                        target.append(atom)
                        head = Atom(n, event=event)
                        heads.append(head)
                        j += 1
                        break
                    if (
                        noun is not None
                        and noun.cls == "transparent"
                        and (
                            t.mention.label in (*CELLISH, "VESICLE")
                            and (of := self._level_of(j)) > j
                        )
                    ):
                        # "plasma levels of X": X, in plasma
                        inner, end = self.phrase(of)
                        if inner and all(a.mention is not None for a in inner):
                            for atom in inner:
                                placed = t.mention.label in CELLISH
                                atom.context = atom.context or (t.mention if placed else None)
                            heads += inner
                            j = end
                            break
                    if noun is not None and noun.cls == "transparent":
                        heads.append(Atom(t, t.mention))
                        j += 1
                        while self.pos(j) == "noun" and self.t[j].is_class("noun", "transparent"):
                            j += 1
                        nn = self.t[j].reading("noun") if self.pos(j) == "noun" else None
                        if nn is not None and nn.cls in ("increase", "decrease"):
                            atom = heads.pop()
                            event = self.event(self.t[j], sign_of(nn.cls), nn.cls)
                            event.themes.append(atom)
                            heads.append(Atom(self.t[j], event=event))
                            j += 1
                        break
                if self._only_modifies(t.mention, j):
                    continue
                heads.append(Atom(t, t.mention))
                while self.pos(j) == "word" and self.t[j].suspended:
                    j += 1 + (self.low(j + 1) == "and")
                    while self.pos(j) == "noun":
                        j += 1
                behind = self._bracket(j)[0] if self.low(j) == "(" else j
                harmed = self.pos(behind) in ("noun", "word") and (
                    self.t[behind].is_class("noun", "harm")
                )
                if (
                    harmed
                    and t.mention.label in ("PROCESS", "OUTCOME")
                    and (self.low(behind).rstrip("s") in LACKS)
                ):
                    # "the migration defect": less of it
                    event = self.event(self.t[behind], -1, "decrease")
                    event.themes.append(heads.pop())
                    heads.append(Atom(self.t[behind], event=event))
                    j = behind + 1
                    break
                if harmed:
                    j = behind
                    heads.pop()
                    j += 1
                    break
                extra = 0
                while (
                    extra < 3
                    and self.pos(j) == "word"
                    and self.t[j].low.isalpha()
                    and len(self.low(j)) > 3
                    and not self.low(j).endswith("ly")
                    and not (self.low(j).endswith("ed") and self.pos(j + 1) not in ("word", "noun"))
                    and self.low(j) not in ("respectively", "relative")
                ):
                    extra += 1
                    j += 1
                sort = any(self.low(x) in SORTS for x in range(j - extra, j))
                if extra and t.mention.label == "CELL" and not sort and self.pos(j) != "mention":
                    heads.pop()  # "cancer cell behaviours": what of the cells is not known
                    break
                behind_it = self.t[j].mention if extra == 1 and j < self.n else None
                if (
                    behind_it is not None
                    and t.mention.label in MODIFIERS
                    and (behind_it.label in ("PROCESS", "OUTCOME"))
                ):
                    heads.pop()  # "X plaque [phagocytosis]": X only says of what
                    continue
                break
            if t.low in ("its", "their") and j + 1 < self.n and self.low(j + 2) != "of":
                tool = self.t[j + 1].reading("perturbation")
                if (
                    tool is not None
                    and self.t[j + 1].mention is None
                    and tool.cls in TOOLS
                    and (self.finite(j + 2))
                ):
                    heads.append(Atom(t, pron="it", pert=tool))
                    j += 2
                    break
            if p == "det" or (p == "neg" and t.low != "not") or p in ("number", "adverb"):
                neg = neg or t.low in ("no", "neither", "nor", "hardly", "barely", "scarcely")
                owned = owned or t.low in ("their", "its")
                j += 1
                continue
            if t.low in ("those", "that") and self.low(j + 1) in (
                "on",
                "with",
                "given",
                "receiving",
                "treated",
                "from",
                "of",
                "without",
                "fed",
                "in",
            ):
                inner, end = self.single(j + 2 + (self.low(j + 2) in ("with", "by")))
                if inner and inner[0].mention is not None:
                    inner[0].arm = self.low(j + 1) != "of"
                    heads += inner
                    j = end
                    break
            if p == "pron":
                if (
                    self.pos(j + 1) in ("word", "noun", "adj", "mention")
                    and t.low not in ("it", "they", "them")
                    and self.low(j + 1) not in ("down", "up", "back")
                ):
                    j += 1
                    continue
                heads.append(Atom(t, pron=t.low))
                j += 1
                break
            if p == "adj":
                r = t.reading("adjective")
                if r is not None and r.cls == "more":
                    change = (t, 1, "increase")
                elif r is not None and r.cls == "less":
                    change = (t, -1, "decrease")
                elif r is not None and r.cls == "sign_decrease":
                    hint = -1
                elif r is not None and r.cls == "sign_benefit":
                    hint = 2
                elif r is not None and r.cls == "sign_increase":
                    hint = 1
                elif (v := t.reading("verb")) is not None and v.cls in (
                    "increase", "decrease", "improve", "worsen",
                ):  # fmt: skip
                    change = (t, sign_of(v.cls), v.cls)
                j += 1
                continue
            if p == "hyph":
                j += 1
                continue
            if (
                p == "conj"
                and change is not None
                and self.pos(j - 1) == "adj"
                and self.pos(j + 1) == "adj"
            ):
                j += 1
                continue
            if p == "noun":
                head, j = self._noun(j, hint)
                if head is not None:
                    heads.append(head)
                    break
                continue
            if (
                p == "ing"
                and t.reading("perturbation")
                and self.pos(j + 1) in ("mention", "det")
                and (j == 0 or self.low(j - 1) in OPENERS)
            ):
                pert = t.reading("perturbation")
                k = j + 1
                while self.pos(k) in ("det", "adj", "word"):
                    k += 1
                if self.pos(k) != "mention":
                    break
                heads.append(Atom(self.t[k], self.t[k].mention, pert=pert))
                t.extra["pert"] = True
                j = k + 1
                break
            if p == "word" and t.low not in ("respectively",):
                j += 1
                continue
            break
        if not heads and pending and lacking is None:
            kind, where, who = pending.pop()
            if kind in ("treated", "lacking", "modified"):
                heads = [self._arm(who, kind, where)]
        if not heads:
            named = any(self.pos(x) in ("noun", "word") for x in range(i, j))
            if not named and j > i and not neg:
                j = i if not pending else j
        heads, j = self._tail(heads, i, j)
        heads = self._pend(heads, pending, hint)
        if change is not None and heads:
            heads = [self._changed(a, change) for a in heads]
        for atom in heads:
            atom.context = atom.context or context
            atom.neg = atom.neg or neg
            if neg and atom.event is not None:
                atom.event.neg = True
            if owned and atom.event is not None and not atom.event.agents:
                atom.event.agents.append(Atom(atom.token, pron="their"))
        return heads, j

    def _hanging(self, k: int) -> bool:
        """ "X- and Y-induced": does the hyphen at `k` wait for the participle behind Y?"""
        if self.low(k) not in ("-", "‐", "‑", "–") or self.low(k + 1) not in ("and", "or"):
            return False
        return self.pos(k + 2) == "mention" and self.pos(k + 3) == "hyph"

    def _level_of(self, j: int) -> int:
        """Behind "levels of" at `j`; else `j`."""
        k = j
        while self.pos(k) == "noun" and self.t[k].is_class("noun", "transparent"):
            k += 1
        measured = self.low(k - 1) in MEASURES
        return k + 1 if measured and self.low(k) == "of" else j

    def _glued_further(self, k: int) -> int:
        """ "X signaling-mediated", "X (Y)-induced": where the participle stands; else `k`."""
        if self.pos(k) == "noun" and self.pos(k + 1) == "hyph" and self.t[k + 1].glued:
            return k + 1 if self.t[k].is_class("noun", "transparent") else k
        if self.low(k) == "(":
            end = self._bracket(k)[0]
            if end - k <= 6 and self.pos(end) == "hyph" and self.t[end].glued:
                return end
        return k

    def _only_modifies(self, mention: Mention, j: int) -> bool:
        """ "exosomal X" with an X that is no mention: X is meant, whatever it is."""
        if mention.label != "VESICLE" or not mention.text.lower().endswith("omal"):
            return False
        return self.pos(j) == "word" and self.t[j].low[:1].isalpha() and not self.t[j].readings

    def _null_genotype(self, k: int) -> int:
        """ "X-/- mice": where the animals stand behind the signs at `k`; else `k`."""
        x = k
        while self.low(x) in ("-", "−", "–", "/", "(", ")") and x < k + 5:
            x += 1
        signs = "".join(self.low(y) for y in range(k, x))
        m = self.t[x].mention if x < self.n else None
        lost = "/" in signs and any(sign in signs for sign in "-−–")
        return x if lost and m is not None and m.label == "ORGANISM" else k

    def _changed(self, atom: Atom, change: tuple[Token, int, str]) -> Atom:
        if atom.mention is None or atom.pert is not None:
            return atom
        event = self.event(*change)
        event.themes.append(atom)
        return Atom(change[0], event=event)

    def _arm(self, atom: Atom, kind: str, token: Token) -> Atom:
        if kind == "lacking":
            atom.pert = Reading("perturbation", "knock_out", token.low, (), -1)
            token.extra["pert"] = True
        atom.arm = True
        return atom

    def _pend(
        self, heads: list[Atom], pending: list[tuple[str, Token, Atom]], hint: int
    ) -> list[Atom]:
        """Applies "X-induced", "X-treated", "X-deficient" to the heads behind them."""
        for cls, token, atom in reversed(pending):
            out = []
            for head in heads:
                m = head.mention
                if (
                    token.is_class("verb", "deliver", "carry", "derive")
                    and m is not None
                    and (
                        atom.mention is not None
                        and atom.mention.label == "VESICLE"
                        and m.label in CARGO
                    )
                ):
                    moved = token.is_class("verb", "deliver")
                    if moved or token.is_class("verb", "carry"):
                        told = "delivers" if moved else "carries"
                        self.side.append((told, atom.mention, m, False, token))
                if cls in CHANGED and not head.arm:
                    if m is not None and head.pert is not None and token.low == "mediated":
                        # "X-mediated silencing of Y": X did it
                        kind = "decrease" if head.pert.sign < 0 else "increase"
                        event = self.event(token, head.pert.sign, kind)
                        event.agents.append(atom)
                        event.themes.append(Atom(head.token, m, context=head.context))
                        out.append(Atom(token, event=event))
                    elif head.event is not None:
                        if token.low in ("dependent", "associated", "related"):
                            head.event.via.append(atom)
                        elif not head.event.agents or head.event.agents_by is token:
                            head.event.agents.append(atom)
                            head.event.agents_by = token
                        out.append(head)
                    elif m is not None and (
                        m.label in ("ORGANISM", "ANATOMY", "VESICLE") or m.label == "CELL"
                    ):
                        stimulated = m.label == "CELL" and token.low in STIMULATED
                        given = Atom(atom.token, atom.mention, arm=True, context=m)
                        out.append(given if stimulated else head)
                    elif m is not None and cls != "affect" and head.pert is None:
                        event = self.event(token, sign_of(cls), cls)
                        event.agents.append(atom)
                        event.agents_by = token
                        event.themes.append(head)
                        out.append(Atom(token, event=event))
                    else:
                        out.append(head)
                elif cls == "treated" and m is not None and m.label in CELLISH:
                    out.append(Atom(atom.token, atom.mention, arm=True, context=m))
                elif cls == "lacking" and m is not None and m.label in CELLISH:
                    arm = self._arm(atom, "lacking", token)
                    arm.context = m
                    out.append(arm)
                else:
                    if (
                        cls == "modified"
                        and m is not None
                        and m.label == "VESICLE"
                        and token.low
                        in ("loaded", "enriched", "containing", "carrying", "rich", "expressing")
                        and atom.mention is not None
                        and atom.mention.label in CARGO
                    ):
                        self.side.append(("carries", m, atom.mention, False, token))
                    out.append(head)
            heads = out
        return heads

    def _noun(self, j: int, hint: int) -> tuple[Atom | None, int]:
        """A noun of the lexicon as head; None when it only measures or names no change."""
        t = self.t[j]
        noun, pert = t.reading("noun"), t.reading("perturbation")
        k = j + 1
        if pert is not None and self.low(k) == "(":
            aside, named = self._bracket(k)
            k = aside if not named and aside - k <= 4 and self.low(aside) == "of" else k
        if pert is not None and noun is None:
            # "silencing of X", "an antibody against X", "inhibition of X (by Y)"
            if self.low(k) in ("of", "against", "for", "to", "on", "with") or pert.lemma == "anti-":
                themes, end = self.phrase(k + 1)
                if themes and themes[0].mention is not None and themes[0].event is None:
                    t.extra["pert"] = True
                    for a in themes:
                        if a.mention is None or a.event is not None:
                            break  # what follows in the list is a change of its own
                        a.pert = a.pert or pert
                    return self._many(t, themes), end
            return None, k
        if noun is None:
            return None, k
        if noun.cls in (
            "increase",
            "decrease",
            "reverse",
            "affect",
            "benefit",
            "improve",
            "worsen",
            "protect",
            "deliver",
            "convert",
        ):
            sign, kind = sign_of(noun.cls), noun.cls
            if kind == "affect" and hint == 2:
                kind = "benefit"
            elif kind == "affect" and hint:
                sign = hint
            event = self.event(t, sign, kind)
            return Atom(t, event=event, pert=pert if noun.cls != "affect" else None), k
        if noun.cls == "treatment" and self.low(k) in ("of", "with", "to", "by"):
            inner, end = self.phrase(k + 1)
            if (
                inner
                and self.low(end) == "with"
                and inner[0].mention is not None
                and (inner[0].mention.label in CELLISH)
            ):
                given, stop = self.phrase(end + 1)
                if given:
                    for a in given:
                        a.arm, a.context = True, inner[0].mention
                    return self._many(t, given), stop
            for a in inner:
                a.arm = a.event is None
            return self._many(t, inner), end
        return None, k

    def _many(self, t: Token, atoms: list[Atom]) -> Atom | None:
        if not atoms:
            return None
        first = atoms[0]
        if len(atoms) > 1:
            t.extra["more"] = atoms[1:]
        first.token.extra.setdefault("rest", atoms[1:])
        return first
