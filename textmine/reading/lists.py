"""What is said of one member of a list is said of all: "lowered A, B (C and D) and E".

The readers of phrases follow a list through the grammar and lose it where a bracket, an unknown
word or a wrong tree stands in between. Here a list is what it looks like: names with nothing but
commas, conjunctions, brackets and the words before a name between them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from textmine.reading.drafts import Draft
from textmine.reading.triggers import Token
from textmine.records import Mention

__all__ = ["Element", "lists_of", "settled", "spread"]

MOLECULES = frozenset(("GENE", "CHEMICAL", "MIRNA", "PATHWAY"))
STATES = frozenset(("PROCESS", "DISEASE", "OUTCOME"))
TOLD = MOLECULES | STATES
PLACES = ("ANATOMY", "ORGANISM")
SPREADING = ("regulates", "targets", "carries", "delivers", "associated_with", "mediates")
JOINTS = frozenset(("and", "or", "/", "&", "plus", "+"))
EXAMPLES = (("such", "as"), ("including",), ("namely",), ("particularly",), ("especially",))
# Words before a name that are not part of the change ("and subsequent A", "and the B").
BEFORE = 4


@dataclass(frozen=True, slots=True)
class Element:
    """A member of a list: its own name, if it has one, and what its bracket or "such as" names.

    `first`, `last`: its tokens."""

    head: Mention | None
    inner: tuple[Mention, ...]
    first: int
    last: int

    @property
    def all(self) -> tuple[Mention, ...]:
        return ((self.head,) if self.head is not None else ()) + self.inner


def spread(drafts: Sequence[Draft], tokens: Sequence[Token]) -> list[Draft]:
    """`drafts` and what they say of the other members of the lists their ends stand in."""
    out = list(drafts)
    words = {t.low for t in tokens}
    if "respectively" in words:
        return settled(_undivided(out))
    at = {t.mention.start: k for k, t in enumerate(tokens) if t.mention is not None}
    where: dict[int, list[Element]] = {}
    for elements in lists_of(tokens):
        for element in elements:
            for m in element.all:
                where[m.start] = elements
    for d in list(drafts):
        if d.predicate not in SPREADING or (d.via is not None and d.negated):
            continue
        for m in _fellows(d, d.object, where, at, tokens):
            _add(out, replace(d, object=m))
    for d in list(out):
        if d.subject is None or d.predicate not in SPREADING or d.perturbation is not None:
            continue
        if d.direction == "unchanged" or {"latter", "former"} & words:
            continue
        for m in _fellows(d, d.subject, where, at, tokens):
            if m.label == d.subject.label:
                _add(out, replace(d, subject=m))
    heads = {
        e.head.start: {m.start for m in e.inner}
        for run in where.values() for e in run if e.head is not None and e.inner
    }  # fmt: skip
    pairs = {(d.subject.start, d.object.start) for d in out if d.subject is not None}
    ones = {
        e.head.start
        for run in where.values() for e in run
        if e.head is not None and len(e.inner) == 1 and e.inner[0].start - e.head.end == 1
        and not e.head.text.endswith("s")
    }  # fmt: skip

    def category(d: Draft) -> bool:
        """ "the cytokines A and B raised C": its members act; "raised the receptor D": D is it."""
        if d.object.start in ones and d.subject is not None:
            return any((d.subject.start, m) in pairs for m in heads[d.object.start])
        named = d.subject is not None and d.subject.label in MOLECULES
        inner = heads.get(d.subject.start, set()) if named and d.subject is not None else set()
        return any((m, d.object.start) in pairs for m in inner)

    return settled([d for d in out if not category(d)])


def _undivided(drafts: Sequence[Draft]) -> list[Draft]:
    """Without pairs of which the sentence says both: "raised and lowered D, respectively"."""
    ways: dict[tuple[int, int], set[str]] = {}
    for d in drafts:
        if d.subject is not None and d.predicate == "regulates":
            ways.setdefault((d.subject.start, d.object.start), set()).add(d.direction)

    def both(d: Draft) -> bool:
        pair = (d.subject.start if d.subject is not None else -1, d.object.start)
        return {"increases", "decreases"} <= ways.get(pair, set())

    return [d for d in drafts if not both(d)]


def settled(drafts: Sequence[Draft]) -> list[Draft]:
    """Without what is said better of the same pair: a change with a sign says more than one
    without, and "targeted and inhibited" is one thing."""
    told: dict[tuple[int, int], list[Draft]] = {}
    for d in drafts:
        if d.subject is not None and d.via is None and not d.negated:
            told.setdefault((d.subject.start, d.object.start), []).append(d)

    def kept(d: Draft) -> bool:
        if d.via is not None and (_same(d.via, d.object) or d.via is d.subject):
            return False  # through itself
        if d.subject is None or d.negated or d.predicate not in ("regulates", "associated_with"):
            return True
        others = told.get((d.subject.start, d.object.start), [])
        if d.direction == "unspecified":
            return not any(
                o.predicate == "regulates" and o.direction in ("increases", "decreases")
                for o in others
            )
        if d.direction == "decreases":
            return not any(o.predicate == "targets" for o in others)
        return True

    return [d for d in drafts if kept(d)]


def _add(out: list[Draft], d: Draft) -> None:
    """Adds a draft unless something is known of its pair or its object does something itself."""
    subject = d.subject.start if d.subject is not None else None
    if subject == d.object.start or _same(d.subject, d.object):
        return
    clear = d.predicate in ("carries", "delivers")
    for b in out:
        other = b.subject.start if b.subject is not None else None
        if b.object.start == d.object.start and (other == subject or d.subject is None):
            vague = b.predicate == d.predicate and b.direction == "unspecified"
            if vague and d.direction in ("increases", "decreases"):
                continue  # `settled` keeps what says more
            return
        if other == d.object.start and b.object.start == subject:
            return
        if (
            not clear
            and other == d.object.start
            and b.token.start > d.object.start
            and b.predicate == "regulates"
        ):
            return
    out.append(d)


def _same(a: Mention | None, b: Mention) -> bool:
    return a is not None and a.text.lower() == b.text.lower()


def _fellows(
    d: Draft,
    m: Mention,
    where: dict[int, list[Element]],
    at: dict[int, int],
    tokens: Sequence[Token],
) -> Iterator[Mention]:
    """The other members of the list that `m`, an end of `d`, stands in."""
    elements = where.get(m.start, [])
    own = next((k for k, e in enumerate(elements) if m in e.all), None)
    if own is None or m.label in PLACES:
        return
    ends = {x.start for x in (d.subject, d.object) if x is not None}
    if len(ends & {x.start for e in elements for x in e.all}) > 1:
        return  # both ends in one list: one of them is no list
    for k, element in enumerate(elements):
        if k != own and _next_clause(elements, k, d.token, tokens):
            continue
        for other in element.all:
            fits = other.label == m.label or {other.label, m.label} <= TOLD
            if (
                other is m
                or not fits
                or (k != own and other.label != m.label and k < own and m is d.subject)
            ):
                continue
            category = other is element.head and bool(element.inner) and k != own
            if category and (other.label == "MIRNA" or d.predicate == "targets"):
                continue  # it is told by its members
            yield other


def _next_clause(
    elements: Sequence[Element], k: int, trigger: Token, tokens: Sequence[Token]
) -> bool:
    """Is the last member, told after the trigger, the subject of the clause that follows?"""
    last = elements[-1]
    if trigger.pos in ("adj", "noun"):
        return False
    if k != len(elements) - 1 or trigger.start > tokens[last.first].start:
        return False
    j = last.last + 1
    while j < len(tokens) and tokens[j].pos in ("adverb", "noun"):
        j += 1
    return j < len(tokens) and tokens[j].pos in ("verb", "be", "modal")


def lists_of(tokens: Sequence[Token]) -> list[list[Element]]:
    """The lists of a sentence, of at least two names each."""
    out: list[list[Element]] = []
    k = 0
    while k < len(tokens):
        element = _element(tokens, k)
        if element is None:
            k += 1
            continue
        run = [element]
        while True:
            follower = _follower(tokens, run[-1])
            if follower is None:
                break
            run.append(follower)
        k = run[-1].last + 1
        run = _one_list(tokens, run)
        if sum(len(e.all) for e in run) > 1:
            out.append(run)
    return out


def _one_list(tokens: Sequence[Token], run: list[Element]) -> list[Element]:
    """Without a first name that a comma parts from a list ("Compared with X, A and B ..."); no list
    at all where no conjunction joins its members."""
    if len(run) < 2:
        return run
    between = [tokens[a.last + 1].low for a, _ in itertools.pairwise(run)]
    before = tokens[run[0].first - 1] if run[0].first else None
    if (
        between[0] == ","
        and before is not None
        and run[0].first <= 6
        and (before.pos == "prep" and before.low not in ("of", "between"))
    ):
        return _one_list(tokens, run[1:])
    labels = [{m.label for m in e.all} for e in run[:2]]
    if between[0] == "," and not labels[0] & labels[1] and not labels[0] | labels[1] <= TOLD:
        return _one_list(tokens, run[1:])
    words = {t.low for t in tokens[run[0].first : run[-1].last + 1]}
    if not words & (JOINTS | {"well", "with"}) and not any(e.inner for e in run):
        return run[:1]
    return run


def _element(tokens: Sequence[Token], k: int) -> Element | None:
    """The member that begins at `k`: a name that stands for itself, with what hangs on it."""
    t = tokens[k]
    if t.mention is None:
        return _unnamed(tokens, k)
    after = tokens[k + 1] if k + 1 < len(tokens) else None
    if after is not None and (after.pos == "hyph" or after.glued):
        return None
    if after is not None and after.mention is not None:
        same = after.mention.label == t.mention.label and t.mention.label in MOLECULES
        if not same or "hyphen" in after.extra:
            return None  # it modifies the next name
        member = _element(tokens, k + 1)
        run = [member] if member is not None else []
        while run and (following := _follower(tokens, run[-1])) is not None:
            run.append(following)
        named = [e for e in run if e.head is not None and e.head.label == t.mention.label]
        if not run or len(named) != len(run):
            return None
        return Element(t.mention, tuple(m for e in run for m in e.all), k, run[-1].last)
    last = k
    while (
        last + 1 < len(tokens)
        and tokens[last + 1].is_class("noun", "transparent")
        and (tokens[last + 1].pos == "noun")
    ):
        last += 1
    inner, last = _inner(tokens, last, t.mention)
    return Element(t.mention, tuple(inner), k, last)


def _unnamed(tokens: Sequence[Token], k: int) -> Element | None:
    """ "neuroprotective markers (A, B)": a member that is no name itself."""
    t = tokens[k]
    if not (t.pos == "noun" and t.is_class("noun", "transparent", "marker")):
        return None
    inner, last = _inner(tokens, k, None)
    return Element(None, tuple(inner), k, last) if inner else None


def _inner(tokens: Sequence[Token], last: int, head: Mention | None) -> tuple[list[Mention], int]:
    """The names in the bracket behind `last`, or behind "such as"; and where that ends."""
    n = len(tokens)
    j = last + 1
    if j < n and tokens[j].low == "(":
        depth, close = 1, j + 1
        names: list[Mention] = []
        while close < n and depth:
            t = tokens[close]
            depth += {"(": 1, ")": -1}.get(t.low, 0)
            if t.mention is not None and depth == 1:
                after = tokens[close + 1] if close + 1 < n else None
                said = after is not None and after.is_class("noun", "increase", "decrease")
                if after is None or not (said or after.glued or after.pos == "hyph"):
                    names.append(t.mention)
            if t.pos in ("verb", "be", "ing") and t.low not in ("is", "including"):
                names = []
                break
            close += 1
        if depth:
            return [], last
        if head is not None and len(names) == 1 and _same_thing(names[0].text, head.text):
            names = []
        labels = {m.label for m in names}
        if head is not None and head.label not in TOLD and labels != {head.label}:
            names = []
        if not labels <= MOLECULES and len(labels) > 1:
            names = []
        return names, close - 1
    comma = j < n and tokens[j].low == ","
    for words in EXAMPLES:
        a = j + comma
        if head is None or tuple(t.low for t in tokens[a : a + len(words)]) != words:
            continue
        names, end = [], last
        at = _skip(tokens, a + len(words))
        while at is not None and at < n and tokens[at].mention is not None:
            m = tokens[at].mention
            assert m is not None
            if at + 1 < n and (tokens[at + 1].glued or tokens[at + 1].mention is not None):
                break
            names.append(m)
            end = at
            _, end = _bracketed(tokens, end)
            joint = _joint(tokens, end + 1)
            at = _skip(tokens, joint) if joint is not None else None
        if names and {m.label for m in names} <= (
            MOLECULES if head.label in MOLECULES else {head.label}
        ):
            return names, end
    return [], last


def _bracketed(tokens: Sequence[Token], last: int) -> tuple[bool, int]:
    """Behind a bracket that follows `last`."""
    j = last + 1
    if j >= len(tokens) or tokens[j].low != "(":
        return False, last
    depth, close = 1, j + 1
    while close < len(tokens) and depth:
        depth += {"(": 1, ")": -1}.get(tokens[close].low, 0)
        close += 1
    return (True, close - 1) if not depth else (False, last)


def _same_thing(a: str, b: str) -> bool:
    return _abbreviates(a, b) or _abbreviates(b, a)


def _abbreviates(short: str, long: str) -> bool:
    """Do the letters of `short` occur in `long` in this order, the first at a word's begin?"""
    letters = [c for c in short.lower() if c.isalnum()]
    text = long.lower()
    if not letters or len(letters) >= len(text):
        return False
    at = 0
    for c in letters:
        at = text.find(c, at) + 1
        if not at:
            return letters[0] == text[:1] and len(letters) <= 6
    return True


def _joint(tokens: Sequence[Token], j: int) -> int | None:
    """Behind what joins two members at `j`; None if nothing does."""
    n = len(tokens)
    k = j
    if k < n and tokens[k].low in (",", ";") and tokens[k].low == ",":
        k += 1
    if k < n and tokens[k].low in JOINTS:
        k += 1
        if k + 1 < n and tokens[k].low == "/" and tokens[k + 1].low == "or":
            k += 2
    elif [t.low for t in tokens[k : k + 3]] == ["as", "well", "as"]:
        k += 3
    elif [t.low for t in tokens[k : k + 2]] in (["along", "with"], ["together", "with"]):
        k += 2
    return k if j < k < n else None


def _skip(tokens: Sequence[Token], k: int) -> int | None:
    """Past the words that may stand before a name in a list; None if there are others."""
    n = len(tokens)
    for _ in range(BEFORE + 1):
        if k >= n:
            return None
        t = tokens[k]
        if t.mention is not None:
            after = tokens[k + 1] if k + 1 < n else None
            if after is not None and after.mention is not None and after.start - t.end <= 1:
                k += 1
                continue
            return k
        if t.pos == "det" or t.low in ("its", "their", "associated", "related"):
            k += 1
            continue
        if t.is_class("noun", "transparent") and k + 1 < n and tokens[k + 1].low == "of":
            k += 2
            continue
        changes = t.is_class("adjective", "more", "less") or t.reading("verb") is not None
        plain = t.pos in ("adj", "word") and t.low[0].isalpha() and not t.glued
        if not plain or changes or t.readings:
            return None
        k += 1
    return None


def _follower(tokens: Sequence[Token], element: Element) -> Element | None:
    joint = _joint(tokens, element.last + 1)
    if joint is None:
        return None
    k = _skip(tokens, joint)
    if k is not None:
        return _element(tokens, k)
    for x in range(joint, min(joint + BEFORE, len(tokens))):
        if tokens[x].mention is not None or tokens[x].reading("verb") or tokens[x].pos == "prep":
            return None
        found = _unnamed(tokens, x)
        if found is not None:
            return found
    return None
