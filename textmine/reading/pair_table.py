"""Numbers that tell how two names of a sentence stand to each other: one row per ordered pair.

Beside the words (`pair_features`) a trained reader looks at counts: how far apart, what lies
between, where in the tree, who else is there, which of it the rules read, and how often the
article names the two. `COLUMNS` says what stands where. Names are counted, never known.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from textmine.reading.pair_features import View, path_of, sign
from textmine.records import LABELS, PREDICATES, ROLES, Mention, Relation, Sentence

__all__ = ["COLUMNS", "Outline", "Table", "lists_in", "table_of"]

Pair = tuple[str, str]
Told = Mapping[tuple[str | None, str], Sequence[Relation]]

_DEPS = (
    "nsubj", "nsubjpass", "dobj", "nmod", "conj", "amod", "compound", "acl", "acl:relcl", "advcl",
    "xcomp", "ccomp", "appos", "dep", "hyph", "root", "ROOT", "case", "advmod", "nummod",
    "parataxis", "cc",
)  # fmt: skip
_CASES = (
    "", "of", "by", "in", "with", "to", "on", "from", "for", "via", "through", "after", "between",
    "than", "as", "against", "into", "compared", "during", "under", "at",
)  # fmt: skip
_DEP = {d: float(i) for i, d in enumerate(_DEPS)}
_CASE = {c: float(i) for i, c in enumerate(_CASES)}
_LABEL = {label: float(i) for i, label in enumerate(LABELS)}
_ROLE = {r: float(i) for i, r in enumerate(ROLES)}
_PREDICATE = {p: float(i) for i, p in enumerate(PREDICATES)}
_CLAUSAL = frozenset({"acl:relcl", "acl", "advcl", "ccomp", "parataxis", "csubj"})
_JOINTS = frozenset({
    ",", "and", "or", "/", "&", "(", ")", "as", "well", "plus", "both", "the", "also", "such",
    "including", "but", "not", ";", "+",
})  # fmt: skip
_MOLECULES = frozenset({"GENE", "MIRNA", "CHEMICAL", "PATHWAY"})
_STATES = frozenset({"PROCESS", "DISEASE", "OUTCOME", "ANATOMY"})
# Words counted between the two names.
_COUNTED = (
    frozenset({","}), frozenset({";", ":"}), frozenset({"and", "but", "while", "whereas"}),
    frozenset({"which", "that", "who", "whose"}),
    frozenset({"not", "no", "neither", "nor", "without"}),
)  # fmt: skip
_NEAR, _FAR = 8, 9.0

_ONE = (
    "label", "dep", "case", "depth", "head dep", "head sign", "head trigger", "head verb",
    "sign before", "steps to it", "sign behind", "steps to that", "glued", "glued on", "rank",
    "list length", "in brackets", "times named", "in the title", "first named", "acts by rules",
    "suffers by rules", "acts in article", "suffers in article", "place",
)  # fmt: skip
_TWO = (
    "in front", "gap", "names between", "names", "steps up", "steps down", "steps but lists",
    "list steps", "clause steps", "top is subject", "top is object", "top verb", "top trigger",
    "top sign", "top children", "first step", "last step", "signs on path", "product",
    "triggers on path", "verbs on path", "commas", "semicolons", "joints", "relatives", "denials",
    "verbs between", "triggers between", "signs between", "brackets between", "one list",
    "beside", "role", "same name", "rule score", "rule predicate", "reverse rule score",
    "fellows told", "fellows not told", "subject fellows told", "subject fellows not told",
    "other agents", "other objects", "no agent", "told elsewhere", "reverse told elsewhere",
    "glued pair", "opens bracket", "at the start", "rank apart",
)  # fmt: skip
COLUMNS = (*_TWO, *(f"subject {c}" for c in _ONE), *(f"object {c}" for c in _ONE))


def plain(name: str) -> str:
    """A name as it is compared with others: small letters, no marks, no plural."""
    return re.sub(r"[\W_]+", " ", name.lower()).strip().rstrip("s")


class Outline:
    """What is known of the whole article: how often each name stands there, what the rules read."""

    def __init__(
        self,
        sentences: Sequence[Sentence],
        mentions: Sequence[Mention],
        relations: Iterable[Relation],
    ) -> None:
        self.names = {m.id: plain(m.text) for m in mentions}
        self.count = Counter(self.names.values())
        first = sentences[0].end if sentences else 0
        self.titled = {self.names[m.id] for m in mentions if m.start < first}
        self.first: dict[str, int] = {}
        for number, m in enumerate(mentions):
            self.first.setdefault(self.names[m.id], number)
        self.told: dict[Pair, set[tuple[int, int]]] = defaultdict(set)
        self.acts: Counter[str] = Counter()
        self.suffers: Counter[str] = Counter()
        for r in relations:
            obj = self.names[r.object]
            self.suffers[obj] += 1
            if r.subject is not None:
                self.acts[self.names[r.subject]] += 1
                self.told[self.names[r.subject], obj].add(r.sentence)


@dataclass(frozen=True, slots=True)
class Table:
    """`rows[k]` describes `pairs[k]`; `lists`: the number of the list each mention stands in."""

    pairs: tuple[Pair, ...]
    rows: NDArray[np.float32]
    lists: Mapping[str, tuple[int, str]]


def lists_in(view: View) -> dict[str, tuple[int, str]]:
    """Mention -> its list (names with only commas, "and" and the like between them) and kind."""
    out: dict[str, tuple[int, str]] = {}
    number, last = -1, -99
    for name, k in sorted(view.at.items(), key=lambda item: item[1]):
        between = view.tokens[last + 1 : k] if last >= 0 else []
        joined = (
            0 < len(between) <= 5
            and all(t.low in _JOINTS for t in between)
            and not view.tokens[k].glued
        )
        number += not joined
        mention = view.tokens[k].mention
        label = mention.label if mention is not None else ""
        kind = "molecule" if label in _MOLECULES else "state" if label in _STATES else label
        out[name] = (number, kind)
        last = k
    return out


class _Counts:
    """Running counts over the tokens of a sentence."""

    def __init__(self, view: View) -> None:
        tokens, nodes = view.tokens, view.tree.nodes
        free = [t.mention is None for t in tokens]
        self.sign = [sign(t) if f else 0 for t, f in zip(tokens, free, strict=True)]
        self.trigger = [bool(t.readings) and f for t, f in zip(tokens, free, strict=True)]
        self.verb = [n.tag.startswith("VB") and f for n, f in zip(nodes, free, strict=True)]
        flags: list[list[int]] = [[t.low in words for t in tokens] for words in _COUNTED]
        flags += [self.verb, self.trigger, [s != 0 for s in self.sign]]  # type: ignore[list-item]
        flags.append([(t.low == "(") - (t.low == ")") for t in tokens])
        flags.append([not f for f in free])
        self.sums = [list(accumulate(flag, initial=0)) for flag in flags]

    def near(self, k: int, step: int) -> tuple[int, float]:
        """The sign of the nearest signed word on one side, and how far it is."""
        for far in range(1, _NEAR):
            at = k + step * far
            if 0 <= at < len(self.sign) and self.sign[at]:
                return self.sign[at], far
        return 0, _FAR


def table_of(view: View, sentence: Sentence, outline: Outline, told: Told) -> Table:
    """All ordered pairs of a sentence. `told`: what the rules read in it, by subject and object."""
    counts = _Counts(view)
    order = sorted(view.at, key=lambda m: view.at[m])
    lists = lists_in(view)
    fellows: dict[tuple[int, str], list[str]] = defaultdict(list)
    for name, where in lists.items():
        fellows[where].append(name)
    acts, suffers = Counter(a for a, _ in told), Counter(b for _, b in told)
    ranks = {name: n for n, name in enumerate(order)}
    ones = {
        name: _one(view, counts, outline, name, ranks[name] / max(1, len(order) - 1),
                   len(fellows[lists[name]]), acts[name], suffers[name])
        for name in order
    }  # fmt: skip
    pairs, rows = [], []
    place = (sentence.start, sentence.end)
    for a in order:
        for b in order:
            if view.at[a] == view.at[b]:
                continue
            row = _way(view, counts, view.at[a], view.at[b], len(order))
            row += [lists[a] == lists[b], lists[a][0] == lists[b][0], _ROLE[sentence.role]]
            row += _rules(outline, told, a, b, place, fellows[lists[a]], fellows[lists[b]])
            row += _rest(view, view.at[a], view.at[b])
            row.append(abs(ranks[a] - ranks[b]))
            pairs.append((a, b))
            rows.append(row + ones[a] + ones[b])
    matrix = np.array(rows, np.float32).reshape(len(rows), len(COLUMNS))
    return Table(tuple(pairs), matrix, lists)


def _one(
    view: View,
    counts: _Counts,
    outline: Outline,
    name: str,
    rank: float,
    fellows: int,
    acts: int,
    suffers: int,
) -> list[float]:
    """What there is to say of one mention."""
    k = view.at[name]
    tokens, nodes = view.tokens, view.tree.nodes
    node, head = nodes[k], nodes[k].head
    mention = tokens[k].mention
    text = outline.names[name]
    return [
        _LABEL[mention.label] if mention is not None else -1, _DEP.get(node.dep, -1),
        _CASE.get(view.tree.case(k), -1), len(view.up(k)),
        _DEP.get(nodes[head].dep, -1) if head >= 0 else -1,
        counts.sign[head] if head >= 0 else 0, counts.trigger[head] if head >= 0 else 0,
        counts.verb[head] if head >= 0 else 0, *counts.near(k, -1), *counts.near(k, 1),
        tokens[k].glued, k + 1 < len(tokens) and tokens[k + 1].glued, rank, fellows,
        counts.sums[8][k] > 0, outline.count[text], text in outline.titled, outline.first[text],
        acts, suffers, outline.acts[text], outline.suffers[text], k / len(tokens),
    ]  # fmt: skip


def _way(view: View, counts: _Counts, a: int, b: int, names: int) -> list[float]:
    """The way between the two, in the line and in the tree."""
    nodes = view.tree.nodes
    low, high = min(a, b), max(a, b)
    up, down = path_of(view, a, b)
    top = up[-1]
    steps = [*up[:-1], *down]
    deps = [nodes[i].dep for i in steps]
    inner = [i for i in [*up[1:], *down[:-1]] if i not in (a, b)]
    signs = [counts.sign[i] for i in inner if counts.sign[i]]
    product = 0
    for k, factor in enumerate(signs):
        product = factor if k == 0 else product * factor
    joined = deps.count("conj")
    between = [s[high] - s[low] for s in counts.sums[:8]]
    return [
        a < b, high - low, counts.sums[9][high] - counts.sums[9][low + 1], names, len(up) - 1,
        len(down), len(steps) - joined, joined, sum(d in _CLAUSAL for d in deps), top == a,
        top == b, counts.verb[top], counts.trigger[top], counts.sign[top],
        len(nodes[top].children), _DEP.get(nodes[up[-2]].dep, -1) if len(up) > 1 else -2,
        _DEP.get(nodes[down[0]].dep, -1) if down else -2, len(signs), product,
        sum(counts.trigger[i] for i in inner), sum(counts.verb[i] for i in inner), *between,
        counts.sums[8][high] - counts.sums[8][low + 1],
    ]  # fmt: skip


def _rules(
    outline: Outline,
    told: Told,
    a: str,
    b: str,
    place: tuple[int, int],
    like_a: Sequence[str],
    like_b: Sequence[str],
) -> list[float]:
    """What the rules read of the pair, of its reverse, and of the others in its lists."""
    here, back = told.get((a, b), ()), told.get((b, a), ())
    name_a, name_b = outline.names[a], outline.names[b]
    same_a = sum((x, b) in told for x in like_a if x != a)
    same_b = sum((a, x) in told for x in like_b if x != b)
    return [
        name_a == name_b,
        max((r.score for r in here), default=0.0),
        _PREDICATE[here[0].predicate] if here else -1,
        max((r.score for r in back), default=0.0),
        same_b, len(like_b) - 1 - same_b, same_a, len(like_a) - 1 - same_a,
        sum(y == b and x not in (None, a) for x, y in told),
        sum(x == a and y != b for x, y in told),
        (None, b) in told,
        _elsewhere(outline.told.get((name_a, name_b), set()), place),
        _elsewhere(outline.told.get((name_b, name_a), set()), place),
    ]  # fmt: skip


def _elsewhere(places: set[tuple[int, int]], place: tuple[int, int]) -> int:
    return len(places) - (place in places)


def _rest(view: View, a: int, b: int) -> list[float]:
    low, high = min(a, b), max(a, b)
    glued = view.tokens[high].glued and high - low == 1
    return [glued, view.tokens[high - 1].low == "(", low == 0]
