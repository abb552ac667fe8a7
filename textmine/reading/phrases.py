"""Noun phrases of the relation reader: what a stretch of words stands for.

A phrase is a list of `Atom`s (its coordinated members). An atom is a mention, a perturbed mention
("silencing of X"), an event ("inhibition of X by Y", "Y-induced X") or a pronoun.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from textmine.reading.triggers import Reading, Token
from textmine.records import Mention

__all__ = ["Atom", "Event", "PhraseReader", "tag"]

BE = frozenset("is are was were be been being am".split())
HAVE = frozenset("has have had having".split())
MODAL = frozenset("may might could can would should will must do does did cannot".split())
HEDGED_MODAL = frozenset("may might could".split())
PREP = frozenset(
    """of in on by via through with without to from into after before upon following during under at
    against for between among than versus vs as towards toward within throughout across once per onto
    despite using because due since until regarding concerning including over besides like unlike
    when if where owing thanks""".split()
)
CONJ = frozenset("and or but nor while whereas although though yet & whilst albeit so plus".split())
SPLIT = frozenset("while whereas although though whilst albeit".split())
DET = frozenset(
    """the a an this these those that such its their his her our some any all both each most many
    several other another either various certain same no more-or-less two three four""".split()
)
NEG = frozenset("not neither nor never n't hardly barely scarcely".split())
PRON = frozenset("it they this these latter former both them itself that those he she".split())
REL = frozenset("which that who whose".split())
CELLISH = ("CELL", "ANATOMY", "ORGANISM")
CARGO = ("MIRNA", "GENE", "CHEMICAL")
AGENTS = ("VESICLE", "INTERVENTION", "CHEMICAL", "CELL", "MIRNA", "GENE")


@dataclass(slots=True)
class Event:
    """A change spoken of as a thing; `sign` 0: some effect, direction not said."""

    token: Token
    sign: int
    cls: str
    agents: list[Atom] = field(default_factory=list)
    themes: list[Atom] = field(default_factory=list)
    via: list[Atom] = field(default_factory=list)
    neg: bool = False


@dataclass(slots=True)
class Atom:
    token: Token
    mention: Mention | None = None
    event: Event | None = None
    pert: Reading | None = None
    context: Mention | None = None
    arm: bool = False
    neg: bool = False
    pron: str | None = None
    pert_agents: list[Atom] = field(default_factory=list)


def tag(tokens: list[Token]) -> None:
    """Chooses a part of speech for every token, from its readings and its neighbours."""
    for i, t in enumerate(tokens):
        if t.mention is not None:
            continue
        prev = tokens[i - 1] if i else None
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        t.pos = _pos(t, prev, after, tokens, i)


def _pos(t: Token, prev: Token | None, after: Token | None, tokens: list[Token], i: int) -> str:
    low = t.low
    if low in ("'", "′", "’"):
        return "word"
    if not low[0].isalnum():
        return "punct"
    if low[0].isdigit():
        return "number"
    if t.glued and (t.reading("participle") or low.endswith("ed") and prev is not None and prev.mention is not None):
        return "hyph"
    if low in BE:
        return "be"
    if low in ("whether", "if"):
        return "conj"
    if low in ("this", "these", "those", "both") and after is not None and after.mention is None and (
        after.low in BE | MODAL or after.reading("verb") and not after.reading("noun")
        and "ing" not in after.reading("verb").forms  # type: ignore[union-attr]
    ):
        return "pron"
    if low in MODAL:
        return "modal"
    if low in NEG:
        return "neg"
    if low == "following" and prev is not None and prev.pos in ("det", "adj"):
        return "adj"
    if low in CONJ:
        return "conj"
    if low == "that" or low in REL:
        return "rel"
    if low in PREP:
        return "prep"
    if low in DET:
        return "det"
    if low in PRON:
        return "pron"
    verb, noun = t.reading("verb"), t.reading("noun")
    adjective, pert = t.reading("adjective"), t.reading("perturbation")
    nounish_before = _nounish(tokens, i)
    heads = after is not None and (
        after.mention is not None or after.pos == "word" and after.low.isalpha() and after.low
        not in BE | MODAL | PREP | CONJ | NEG | REL and not after.reading("verb")
    )  # fmt: skip
    if t.suspended and verb is None:
        return "suspended" if low in ("up", "down") else "word"
    if verb is not None:
        forms = verb.forms
        past = "past" in forms or "part" in forms
        if "ing" in forms:
            if prev is not None and prev.low in ("by", "via", "through", "without", "for") and heads:
                return "ing"
            if (pert or noun) and (after is None or after.low == "of" or nounish_before):
                return "noun"
            if noun and noun.cls == "treatment" and prev is not None and prev.mention is not None:
                return "noun"
            if prev is not None and prev.mention is not None and pert and not heads:
                return "noun"
            return "ing"
        if low in HAVE:
            return "verb"
        if past and "base" not in forms:
            if prev is None or nounish_before:
                if heads or (after is not None and (after.pos == "word" and after.low.isalpha()
                             and after.low not in PREP | BE | CONJ)):  # fmt: skip
                    return "adj"
                if prev is not None and prev.pos == "det":
                    return "adj"
            if prev is not None and prev.pos in ("verb", "ing", "adverb") and heads:
                k = i - 1
                while k > 0 and tokens[k].pos == "adverb":
                    k -= 1
                if tokens[k].pos in ("verb", "ing") and tokens[k].low not in HAVE or (
                    tokens[k].low in HAVE and adjective is not None
                ):
                    return "adj"
            if prev is not None and prev.low in ("and", "or", ",") and adjective and heads:
                # "enhanced X and reduced Y": like the first member
                for k in range(i - 2, max(-1, i - 12), -1):
                    if tokens[k].pos == "adj" and tokens[k].reading("verb"):
                        return "adj"
                    if tokens[k].pos in ("verb", "ing", "be"):
                        break
            return "verb"
        if noun is not None or pert is not None:
            if nounish_before:
                return "noun"
            if ("s" in forms or noun is not None and noun.cls == "plain") and (prev is None or prev.pos in ("word", "noun")) and not any(
                x.mention is not None for x in tokens[:i]
            ) and not (prev is not None and prev.low in ("we", "who", "i")):
                return "noun"
            if "s" not in forms and prev is not None and prev.mention is not None:
                if after is None or after.low in BE or after.low in ("in", "of", "caused", "by"):
                    return "noun"
                if after.reading("verb") and after.mention is None:
                    return "noun"
            if after is not None and after.low in ("of",) and (prev is None or prev.pos != "modal"):
                return "noun"
            if prev is None and after is not None and after.low in ("in", "on"):
                return "noun"
        if adjective is not None and (
            nounish_before or prev is None or prev.pos in ("be", "verb", "adverb", "conj", "ing")
        ) and not (prev is not None and prev.pos == "conj" and heads and noun is None
                   and low == "lower" and _verb_before(tokens, i)):  # fmt: skip
            return "adj"
        return "verb"
    if pert is not None and noun is None and adjective is None:
        return "noun"
    if noun is not None and (adjective is None or prev is None or prev.pos != "be"):
        return "noun"
    if adjective is not None:
        return "adj"
    if pert is not None:
        return "noun"
    if low.endswith("ly") and len(low) > 4 or low in ("also", "then", "thereby", "thus", "only", "still", "even", "nevertheless", "nonetheless", "however", "indeed", "often", "always", "further", "subsequently", "likewise", "again", "much", "far", "once", "moreover", "too", "instead", "partly", "almost", "rather", "largely", "twice"):  # fmt: skip  # noqa: E501
        return "adverb"
    return "word"


def _nounish(tokens: list[Token], i: int) -> bool:
    """Does a determiner, an adjective or a preposition before `i` ask for a noun?"""
    k = i - 1
    if k >= 0 and tokens[k].pos in ("hyph", "number") or k >= 0 and tokens[k].glued and (
        tokens[k].pos != "mention"
    ):
        return True
    while k >= 0 and (tokens[k].pos in ("adj", "ing") or tokens[k].pos == "word" and tokens[k].low.isalpha()):
        if tokens[k].pos == "adj":
            return True
        k -= 1
    return k >= 0 and (
        tokens[k].pos == "det" or tokens[k].pos == "prep" and tokens[k].low != "to"
        or tokens[k].low in ("hardly", "no", "nor", "neither")
    )


def _verb_before(tokens: list[Token], i: int) -> bool:
    """Is the nearest verb before `i` a bare infinitive or plural form ("reduce X and lower Y")?"""
    for k in range(i - 2, -1, -1):
        if tokens[k].pos == "verb":
            r = tokens[k].reading("verb")
            return r is not None and "base" in r.forms
    return False


class PhraseReader:
    """Reads noun phrases from left to right; `side` collects relations said inside a phrase."""

    def __init__(self, tokens: list[Token]) -> None:
        self.t = tokens
        self.n = len(tokens)
        self.side: list[tuple[str, Mention, Mention, bool, Token]] = []
        self.events: list[Event] = []
        self.depth = 0
        self.in_subject = False

    def low(self, i: int) -> str:
        return self.t[i].low if 0 <= i < self.n else ""

    def pos(self, i: int) -> str:
        return self.t[i].pos if 0 <= i < self.n else ""

    def finite(self, i: int) -> bool:
        """Does a finite verb group start here?"""
        if self.low(i) == "no" and self.low(i + 1) in ("longer", "more"):
            i += 2
        while self.pos(i) in ("adverb", "neg"):
            i += 1
        if self.pos(i) in ("be", "modal"):
            return True
        return self.pos(i) in ("verb", "suspended") and not self.reduced(i)

    def reduced(self, i: int) -> bool:
        """A participle that describes the noun before it ("X caused by Y", "mice given Y")."""
        t = self.t[i]
        verb = t.reading("verb")
        if verb is None or t.pos != "verb" or "part" not in verb.forms:
            return False
        if self.pos(i - 1) in ("be", "adverb", "neg", "modal") and self.low(i - 1) != "newly":
            k = i - 1
            while k >= 0 and self.pos(k) in ("adverb", "neg"):
                k -= 1
            if self.pos(k) in ("be", "modal") or self.low(k) in HAVE:
                return False
        if self.low(i - 1) in HAVE:
            return False
        nxt = self.low(i + 1)
        if verb.cls in ("treat", "derive") and "past" in verb.forms or verb.lemma == "give":
            return self.pos(i - 1) != "conj" and (
                nxt in ("with", "to", "from", "by", "in", "on") or verb.lemma in ("give",)
                or verb.cls == "treat" and self.later_finite(i)
            )  # fmt: skip
        if nxt == "by" and self.pos(i + 2) not in ("number",) and self.pos(i - 1) != "conj":
            return True
        return verb.cls in ("associate",) and nxt in ("with", "to") and self.later_finite(i)

    def later_finite(self, i: int) -> bool:
        for k in range(i + 1, min(self.n, i + 14)):
            if self.low(k) in (";", ",", "while", "whereas", "but"):
                return False
            if self.pos(k) in ("be", "modal"):
                return True
            if self.pos(k) == "verb" and self.pos(k - 1) in ("mention", "noun", "word", "adverb"):
                return True
        return False

    # --- phrases

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
                break
            if not self.in_subject and self._clause_ahead(k) and not negated:
                break
            if nested and self.pos(k) in ("verb", "be", "modal", "prep", "rel", "ing"):
                break
            if subject and self.low(j) == "," and not self._list_goes_on(k):
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
        return atoms, j

    def _share(self, atoms: list[Atom], more: list[Atom], j: int, k: int) -> bool:
        """ "TGF-stimulated proliferation and collagen": the second has the same cause."""
        event = atoms[-1].event if atoms else None
        if event is None or event.token.pos != "hyph" or not event.themes or self.low(j) != "and":
            return False
        if k != j + 1 or len(more) != 1 or more[0].mention is None or more[0].pert or more[0].neg:
            return False
        if more[0].mention.label in ("VESICLE", "CELL", "ORGANISM", "INTERVENTION") or more[0].arm:
            return False
        event.themes += more
        return True

    def _joint(self, j: int) -> tuple[int, bool]:
        """Behind a joint of a list at `j` (comma, and, as well as, but not); `j` if there is none."""
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
        seen = False
        for x in range(k, min(self.n, k + 30)):
            p, w = self.pos(x), self.low(x)
            if p in ("be", "modal") or (p == "verb" and self.finite(x) and seen):
                return True
            if w == "," and self.pos(x + 1) == "rel" or w == "but" and self.low(x + 1) == "not":
                if w == ",":
                    return True
                continue
            if p == "ing" and self.t[x].is_class("verb", "lack", "carry"):
                continue
            if p == "neg" and seen:
                continue
            if p in ("verb", "rel", "ing") or w in (";", ",", "(", "by", "but", ":"):
                return False
            if p == "prep" and w not in ("of", "in", "from", "with"):
                return False
            seen = seen or p in ("mention", "noun", "word", "pron")
        return False

    def single(self, i: int) -> tuple[list[Atom], int]:
        """One member of a list. Usually one atom; "X/Y axis" gives two; none if nothing is named."""
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
                if t.extra.get("anti") and not (self.pos(k) == "noun" and self.t[k].reading("perturbation")):
                    j += 1
                    continue
                if self.pos(k) == "adverb":
                    k += 1
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
                if self.pos(k) == "mention" and self.t[k].mention is not None:
                    following = self.t[k].mention
                    a, b = t.mention.label, following.label
                    if b in ("VESICLE", "INTERVENTION") and a in CELLISH:
                        heads.append(Atom(t, t.mention))
                        j = k
                        break
                    if b in ("PROCESS", "OUTCOME") and a in ("DISEASE", "CHEMICAL"):
                        j = k
                        continue
                    if a in CELLISH:
                        context = t.mention
                        j = k
                        continue
                    if a == "VESICLE" and b in CARGO:
                        self.side.append(("carries", t.mention, following, False, self.t[k]))
                        j = k
                        continue
                    if b == "CELL" or (a in ("CHEMICAL", "GENE") and b in ("DISEASE", "ORGANISM")):
                        j = k
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
                    if pert is not None and not (noun and noun.cls in ("increase", "decrease")
                                                 and t.mention.label in ("PROCESS", "DISEASE", "OUTCOME")):  # fmt: skip  # noqa: E501
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
                    if noun is not None and noun.cls in ("increase", "decrease", "affect", "reverse",
                                                         "deliver", "improve", "worsen"):  # fmt: skip
                        atom = Atom(t, t.mention)
                        event = self.event(n, _sign(noun.cls), noun.cls)
                        target = event.agents if noun.cls == "affect" else event.themes
                        target.append(atom)
                        head = Atom(n, event=event)
                        heads.append(head)
                        j += 1
                        break
                    if noun is not None and noun.cls == "transparent":
                        heads.append(Atom(t, t.mention))
                        j += 1
                        while self.pos(j) == "noun" and self.t[j].is_class("noun", "transparent"):
                            j += 1
                        nn = self.t[j].reading("noun") if self.pos(j) == "noun" else None
                        if nn is not None and nn.cls in ("increase", "decrease"):
                            atom = heads.pop()
                            event = self.event(self.t[j], _sign(nn.cls), nn.cls)
                            event.themes.append(atom)
                            heads.append(Atom(self.t[j], event=event))
                            j += 1
                        break
                heads.append(Atom(t, t.mention))
                while self.pos(j) == "word" and self.t[j].suspended:
                    j += 1 + (self.low(j + 1) == "and")
                    while self.pos(j) == "noun":
                        j += 1
                if self.pos(j) in ("noun", "word") and self.t[j].is_class("noun", "harm"):
                    heads.pop()
                    j += 1
                    break
                extra = 0
                while (
                    extra < 3 and self.pos(j) == "word" and self.t[j].low.isalpha() and len(self.low(j)) > 3
                    and not self.low(j).endswith(("ed", "ly")) and self.low(j) not in ("respectively",)
                ):  # fmt: skip
                    extra += 1
                    j += 1
                break
            if p == "det" or (p == "neg" and t.low != "not") or p in ("number", "adverb"):
                neg = neg or t.low in ("no", "neither", "nor", "hardly", "barely", "scarcely")
                owned = owned or t.low in ("their", "its")
                j += 1
                continue
            if t.low in ("those", "that") and self.low(j + 1) in (
                "on", "with", "given", "receiving", "treated", "from", "of", "without", "fed", "in",
            ):  # fmt: skip
                inner, end = self.single(j + 2 + (self.low(j + 2) in ("with", "by")))
                if inner and inner[0].mention is not None:
                    inner[0].arm = self.low(j + 1) != "of"
                    heads += inner
                    j = end
                    break
            if p == "pron":
                if self.pos(j + 1) in ("word", "noun", "adj", "mention") and t.low not in ("it", "they", "them"):  # fmt: skip  # noqa: E501
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
                elif (v := t.reading("verb")) is not None and v.cls in ("increase", "decrease"):
                    change = (t, _sign(v.cls), v.cls)
                j += 1
                continue
            if p == "hyph":
                j += 1
                continue
            if p == "conj" and change is not None and self.pos(j - 1) == "adj" and self.pos(j + 1) == "adj":
                j += 1
                continue
            if p == "noun":
                head, j = self._noun(j, hint)
                if head is not None:
                    heads.append(head)
                    break
                continue
            if p == "ing" and t.reading("perturbation") and self.pos(j + 1) in ("mention", "det"):
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

    def _changed(self, atom: Atom, change: tuple[Token, int, str]) -> Atom:
        if atom.mention is None or atom.pert is not None:
            return atom
        event = self.event(*change)
        event.themes.append(atom)
        return Atom(change[0], event=event)

    def event(self, token: Token, sign: int, cls: str) -> Event:
        event = Event(token, sign, cls)
        self.events.append(event)
        return event

    def _arm(self, atom: Atom, kind: str, token: Token) -> Atom:
        if kind == "lacking":
            atom.pert = Reading("perturbation", "knock_out", token.low, (), -1)
            token.extra["pert"] = True
        atom.arm = True
        return atom

    def _pend(self, heads: list[Atom], pending: list[tuple[str, Token, Atom]], hint: int) -> list[Atom]:
        """Applies "X-induced", "X-treated", "X-deficient" to the heads behind them."""
        for cls, token, atom in reversed(pending):
            out = []
            for head in heads:
                m = head.mention
                if token.is_class("verb", "deliver", "carry", "derive") and m is not None and (
                    atom.mention is not None and atom.mention.label == "VESICLE" and m.label in CARGO
                ):
                    self.side.append(("carries", atom.mention, m, False, token))
                if cls in ("increase", "decrease", "affect") and not head.arm:
                    if head.event is not None:
                        if token.low in ("dependent", "associated", "related"):
                            head.event.via.append(atom)
                        elif not head.event.agents:
                            head.event.agents.append(atom)
                        out.append(head)
                    elif m is not None and cls != "affect" and head.pert is None:
                        event = self.event(token, _sign(cls), cls)
                        event.agents.append(atom)
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
                    if cls == "modified" and m is not None and m.label == "VESICLE" and token.low in (
                        "loaded", "enriched", "containing", "carrying", "rich", "expressing"
                    ) and atom.mention is not None and atom.mention.label in CARGO:
                        self.side.append(("carries", m, atom.mention, False, token))
                    out.append(head)
            heads = out
        return heads

    def _noun(self, j: int, hint: int) -> tuple[Atom | None, int]:
        """A noun of the lexicon as head; None when it only measures or names no change."""
        t = self.t[j]
        noun, pert = t.reading("noun"), t.reading("perturbation")
        k = j + 1
        if pert is not None and (noun is None or noun.cls in ("increase", "decrease", "reverse")):
            # "silencing of X", "an antibody against X", "inhibition of X (by Y)"
            if self.low(k) in ("of", "against", "for", "to", "on", "with") or pert.lemma == "anti-":
                themes, end = self.phrase(k + 1)
                if themes and all(a.mention is not None and a.event is None for a in themes):
                    if noun is None:
                        t.extra["pert"] = True
                        for a in themes:
                            a.pert = a.pert or pert
                        return self._many(t, themes), end
            if noun is None:
                return None, k
        if noun is None:
            return None, k
        if noun.cls in ("increase", "decrease", "reverse", "affect", "benefit", "improve", "worsen", "protect",
                        "deliver", "convert"):  # fmt: skip
            sign, kind = _sign(noun.cls), noun.cls
            if kind == "affect" and hint == 2:
                kind = "benefit"
            elif kind == "affect" and hint:
                sign = hint
            event = self.event(t, sign, kind)
            return Atom(t, event=event, pert=pert if noun.cls != "affect" else None), k
        if noun.cls == "treatment" and self.low(k) in ("of", "with"):
            inner, end = self.phrase(k + 1)
            if inner and self.low(end) == "with" and inner[0].mention is not None and (
                inner[0].mention.label in CELLISH
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

    def _tail(self, heads: list[Atom], i: int, j: int) -> tuple[list[Atom], int]:
        """What follows a head and belongs to it: of, by, on, from, participles, brackets."""
        more = [a for h in heads for a in h.token.extra.pop("rest", [])]
        heads = heads + more
        while j < self.n:
            head = heads[-1] if heads else None
            event = head.event if head is not None else None
            low, p = self.low(j), self.pos(j)
            if low == "(" :
                j, inner = self._bracket(j)
                if not heads and inner:
                    heads = inner
                continue
            if low == "of":
                themes, end = self.phrase(j + 1)
                if not themes and end == j + 1:
                    return heads, j
                if not heads:
                    heads = themes if self._measures(j) else []
                elif event is not None and themes:
                    if event.cls in ("affect", "benefit") and not event.agents:
                        event.agents += themes
                    elif not event.themes:
                        event.themes += themes
                elif head is not None and head.mention is not None and themes:
                    self._of(head, themes, j)
                j = end
                continue
            if low in ("after", "following", "upon") and event is not None and event.themes and (
                not event.agents and event.sign
            ):
                agents, end = self.phrase(j + 1)
                if agents and agents[0].mention is not None and agents[0].mention.label in (
                    "CHEMICAL", "DISEASE", "GENE", "INTERVENTION"
                ):
                    event.agents += agents
                    j = end
                    continue
                return heads, j
            if low in ("on", "against", "from", "towards", "toward", "in", "to") and event is not None and (
                low != "to" or event.cls in ("deliver", "affect")
            ):
                if low == "from" and event.cls not in ("protect",):
                    return heads, j
                themes, end = self.phrase(j + 1)
                if not themes:
                    return heads, j
                if low == "in":
                    if event.themes or event.cls == "affect" and event.agents and not event.neg or all(
                        a.arm for a in themes
                    ) or all(a.mention is not None and a.mention.label in CELLISH for a in themes):
                        return heads, j
                    event.themes += themes
                elif event.cls == "protect" and event.themes and low in ("against", "from"):
                    if themes[0].context is None and event.themes[0].mention is not None:
                        themes[0].context = event.themes[0].mention
                    event.themes = themes
                elif event.cls == "deliver":
                    pass
                elif event.themes:
                    return heads, j
                else:
                    event.themes += themes
                j = end
                continue
            if low == "by" and event is not None and not event.agents and self.pos(j + 1) not in ("ing", "number"):  # fmt: skip  # noqa: E501
                agents, end = self.phrase(j + 1)
                if not agents:
                    return heads, j
                event.agents += agents
                j = end
                continue
            if p == "verb" and heads and self.reduced(j):
                end = self._participle(heads, j)
                if end == j:
                    return heads, j
                j = end
                continue
            if p == "ing" and heads and self.low(j - 1) != "," and head is not None:
                end = self._participle(heads, j)
                if end == j:
                    return heads, j
                j = end
                continue
            if low == "from" and head is not None and head.mention is not None:
                source, end = self.phrase(j + 1)
                if head.mention.label == "VESICLE" and source and source[0].mention is not None and (
                    source[0].mention.label in ("CELL", "ANATOMY") and not source[0].arm
                    or source[0].mention.label == "CELL"
                ):
                    self.side.append(("derived_from", head.mention, source[0].mention, False, self.t[j]))
                    j = end
                    continue
                if head.mention.label == "MIRNA" and source and source[0].mention is not None and (
                    source[0].mention.label == "VESICLE"
                ):
                    self.side.append(("carries", source[0].mention, head.mention, False, self.t[j]))
                    j = end
                    continue
                return heads, j
            if low == "to" and event is not None and event.cls == "convert":
                return heads, j
            if low == "rich" or low == "enriched":
                if self.low(j + 1) in ("in", "with") and head is not None and head.mention is not None:
                    cargo, end = self.phrase(j + 2)
                    self._cargo(head.mention, cargo, False, self.t[j])
                    j = end
                    continue
                return heads, j
            return heads, j
        return heads, j

    def _measures(self, j: int) -> bool:
        """Is the head before "of" at `j` a way to measure ("levels of X"), not a thing of its own?"""
        t = self.t[j - 1]
        if t.is_class("noun", "harm"):
            return False
        return t.pos != "word" or not t.low.isalpha() or bool(t.readings)

    def _cargo(self, owner: Mention, cargo: list[Atom], negated: bool, token: Token) -> None:
        for a in cargo:
            if a.mention is not None and owner.label in ("VESICLE", "INTERVENTION"):
                self.side.append(("carries", owner, a.mention, negated, token))

    def _of(self, head: Atom, themes: list[Atom], j: int) -> None:
        assert head.mention is not None
        m = themes[0].mention
        if m is None:
            return
        if head.mention.label == "VESICLE" and m.label == "CELL":
            self.side.append(("derived_from", head.mention, m, False, self.t[j]))
        elif m.label in CELLISH and head.mention.label not in ("CELL", "ORGANISM"):
            head.context = m

    def _bracket(self, j: int) -> tuple[int, list[Atom]]:
        inner: list[Atom] = []
        k, depth = j + 1, 1
        while k < self.n and depth:
            if self.low(k) == "(":
                depth += 1
            elif self.low(k) == ")":
                depth -= 1
            elif self.pos(k) == "mention":
                inner.append(Atom(self.t[k], self.t[k].mention))
            k += 1
        return (k, inner) if depth == 0 else (j + 1, [])

    def _participle(self, heads: list[Atom], j: int) -> int:
        """ "X caused by Y", "mice given X", "vesicles lacking X"; `j` if it does not belong here."""
        t = self.t[j]
        verb = t.reading("verb")
        head = heads[-1]
        if verb is None:
            return j
        if t.pos == "ing" and verb.cls not in ("carry", "lack", "treat", "follow", "other"):
            return j
        k = j + 1
        if verb.cls in ("derive",) and head.mention is not None:
            if self.low(k) not in ("from", "by"):
                return j
            source, end = self.phrase(k + 1)
            if not source or source[0].mention is None:
                return j
            if source[0].mention.label in ("CELL", "ANATOMY", "ORGANISM"):
                self.side.append(("derived_from", head.mention, source[0].mention, False, t))
            return end
        if verb.cls in ("carry", "lack") and head.mention is not None:
            if t.pos == "verb":
                if self.low(k) == "by":
                    owner, end = self.phrase(k + 1)
                    for a in owner:
                        if a.mention is not None:
                            self._cargo(a.mention, [head], False, t)
                    return end
                return j
            cargo, end = self.phrase(k)
            if not cargo:
                return j
            if head.mention.label == "VESICLE":
                self._cargo(head.mention, cargo, verb.cls == "lack", t)
            elif verb.cls == "lack" and cargo[0].mention is not None and not head.arm:
                head.token.extra["lacking"] = cargo[0]
            return end
        if verb.cls == "treat":
            if t.pos == "ing" and verb.lemma not in ("receive",):
                return j
            if self.low(k) in ("with", "to", "by", "in"):
                k += 1
            given, end = self.phrase(k)
            if not given:
                return end if end > k else j
            if head.mention is not None and head.mention.label in CELLISH or head.mention is None:
                owner = head.mention
                if given[0].pert is None or given[0].mention is not None:
                    heads[-1] = Atom(given[0].token, given[0].mention, given[0].event,
                                     given[0].pert, owner, True)  # fmt: skip
                    heads += [Atom(a.token, a.mention, a.event, a.pert, owner, True) for a in given[1:]]
            return end
        if self.low(k) == "by":
            agents, end = self.phrase(k + 1)
            if not agents:
                return j
            if verb.cls == "deliver":
                for a in agents:
                    if a.mention is not None and head.mention is not None:
                        self.side.append(("delivers", a.mention, head.mention, False, t))
                return end
            if head.event is not None:
                if not head.event.agents:
                    head.event.agents += agents
            elif head.mention is not None and verb.cls in ("increase", "decrease"):
                event = self.event(t, _sign(verb.cls), verb.cls)
                event.agents += agents
                event.themes.append(head)
                heads[-1] = Atom(t, event=event)
            return end
        return j


def _sign(cls: str) -> int:
    return {"increase": 1, "decrease": -1, "protect": -1, "rise": 1, "fall": -1}.get(cls, 0)
