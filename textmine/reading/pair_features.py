"""What a trained model looks at to tell whether one thing acts on another in a sentence.

Features are plain strings, later hashed (`linear`). They describe the ordered pair: the way between
the two in the tree, the trigger words on it and beside it with their classes, the words
between and around them, the labels, and how the pair stands among the other names. Names themselves
are never a feature: a model that knew them would repeat what it read elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from textmine.reading.tagging import tag
from textmine.reading.tree import Tree, Word, project
from textmine.reading.triggers import Token, Triggers, tokenize
from textmine.records import Mention, Sentence

__all__ = ["View", "pair_features", "view_of"]

MAX_TOKENS = 220
_LONG_PATH = 9
_SIGNS = {
    "increase": 1, "rise": 1, "decrease": -1, "fall": -1, "reverse": -1, "protect": -1,
    "lack": -1, "worsen": -1, "improve": 1,
}  # fmt: skip
_NEGATIONS = frozenset({"not", "no", "neither", "nor", "without", "never", "cannot", "unable"})
_CLAUSE = frozenset({"nsubj", "nsubjpass", "csubj", "dobj", "iobj"})


@dataclass(slots=True)
class View:
    """A sentence: the reader's tokens, their tree, and the token of each mention."""

    tokens: list[Token]
    tree: Tree
    at: dict[str, int]
    depth: list[int] = field(default_factory=list)

    def up(self, i: int) -> list[int]:
        """`i` and its ancestors."""
        out = [i]
        while self.tree.nodes[out[-1]].head >= 0 and len(out) < len(self.tokens):
            out.append(self.tree.nodes[out[-1]].head)
        return out


def view_of(
    text: str,
    sentence: Sentence,
    mentions: Sequence[Mention],
    words: Sequence[Word],
    triggers: Triggers,
) -> View | None:
    """The sentence as the features see it; None without at least two mentions in it."""
    inside = [m for m in mentions if sentence.start <= m.start and m.end <= sentence.end]
    if len(inside) < 2:
        return None
    tokens = tokenize(text, sentence.start, sentence.end, inside, triggers)[:MAX_TOKENS]
    tag(tokens)
    tree = project(tokens, words)
    at = {}
    for m in inside:
        place = next((k for k, t in enumerate(tokens) if t.start <= m.start < t.end), None)
        if place is not None:
            at[m.id] = place
    return View(tokens, tree, at)


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """A crude stem: what is left when an ending is taken off."""
    for ending in (
        "ations", "ation", "ities", "ions", "ing", "ies", "ion", "ity", "ed", "es", "or", "er",
        "al", "s", "e",
    ):  # fmt: skip
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def word_of(token: Token) -> str:
    """A token as a feature: a mention is its label, a number a mark."""
    if token.mention is not None:
        return token.mention.label
    if token.low[:1].isdigit():
        return "0"
    return stem(token.low)


def classes(token: Token) -> list[str]:
    """The classes of a token that is a trigger."""
    if token.mention is not None:
        return []
    return sorted({r.cls for r in token.readings})


def sign(token: Token) -> int:
    """1 or -1 if the token raises or lowers, 0 otherwise."""
    for r in token.readings:
        if r.sign or r.cls in _SIGNS:
            return r.sign or _SIGNS[r.cls]
    return 0


def path_of(view: View, a: int, b: int) -> tuple[list[int], list[int]]:
    """The way up from `a` to the lowest common ancestor (last), and from there down to `b`."""
    up_a, up_b = view.up(a), view.up(b)
    inside = {n: k for k, n in enumerate(up_b)}
    for k, n in enumerate(up_a):
        if n in inside:
            return up_a[: k + 1], up_b[: inside[n]][::-1]
    return up_a, up_b[::-1]


def pair_features(view: View, subject: str, obj: str, *extra: str) -> list[str]:
    """The features of the ordered pair; `extra`: further ones, e.g. what the rules say."""
    a, b = view.at[subject], view.at[obj]
    out = list(extra)
    out += _places(view, a, b)
    out += _words(view, a, b)
    if a != b:
        out += _path(view, a, b)
    labels = f"{_label(view, a)}>{_label(view, b)}"
    out += [f"L={labels}", *(f"L={labels}|{x}" for x in extra)]
    return out


def _label(view: View, i: int) -> str:
    mention = view.tokens[i].mention
    return mention.label if mention is not None else "-"


def _places(view: View, a: int, b: int) -> Iterator[str]:
    low, high = min(a, b), max(a, b)
    order = "fwd" if a < b else "bwd" if b < a else "same"
    gap = high - low
    bucket = next((n for n in (1, 2, 3, 5, 8, 12, 20, 40) if gap <= n), 99)
    names = sum(t.mention is not None for t in view.tokens[low + 1 : high])
    yield f"ord={order}"
    yield f"gap={order}{bucket}"
    yield f"names={order}{min(names, 6)}"
    yield f"all={min(len(view.at), 12) // 2}"
    if view.tokens[a].low == view.tokens[b].low:
        yield "twins"
    if view.tokens[high].glued and gap == 1:
        yield "glued"
    between = [t.low for t in view.tokens[low + 1 : high]]
    if between and all(
        w in (",", "and", "or", "/", "(", ")", "but", "not", "as", "well", "plus") or
        view.tokens[low + 1 + k].mention is not None
        for k, w in enumerate(between)
    ):  # fmt: skip
        yield "listed"
    if "(" in between and ")" not in between:
        yield f"bracket={order}"


def _words(view: View, a: int, b: int) -> Iterator[str]:
    low, high = min(a, b), max(a, b)
    order = "f" if a < b else "b"
    tokens = view.tokens
    between = [word_of(t) for t in tokens[low + 1 : high]]
    if len(between) <= 12:
        for n in (1, 2, 3):
            for k in range(len(between) - n + 1):
                yield f"{order}w{n}={' '.join(between[k : k + n])}"
        if len(between) <= 5:
            yield f"{order}all={' '.join(between)}"
    else:
        for w in set(between):
            yield f"{order}far={w}"
    signs = [sign(t) for t in tokens[low + 1 : high]]
    kinds = [c for t in tokens[low + 1 : high] for c in classes(t)]
    for c in set(kinds):
        yield f"{order}c={c}"
    plus, minus = signs.count(1), signs.count(-1)
    yield f"{order}s={min(plus, 2)}{min(minus, 2)}"
    for name, place in (("a", a), ("b", b)):
        for step in (-3, -2, -1, 1, 2, 3):
            k = place + step
            near = word_of(tokens[k]) if 0 <= k < len(tokens) else "^"
            yield f"{order}{name}{step}={near}"
            if 0 <= k < len(tokens):
                for c in classes(tokens[k]):
                    yield f"{order}{name}{step}c={c}"
        left = " ".join(word_of(t) for t in tokens[max(0, place - 2) : place])
        right = " ".join(word_of(t) for t in tokens[place + 1 : place + 3])
        yield f"{order}{name}L={left}"
        yield f"{order}{name}R={right}"


def _path(view: View, a: int, b: int) -> Iterator[str]:
    nodes, tokens = view.tree.nodes, view.tokens
    up, down = path_of(view, a, b)
    top = up[-1]
    ups = [nodes[i].dep for i in up[:-1]]
    downs = [nodes[i].dep for i in down]
    short_up = [d for d in ups if d != "conj"]
    short_down = [d for d in downs if d != "conj"]
    length = len(ups) + len(downs)
    yield f"plen={min(length, 12)}"
    inner = [*up[1:], *down[:-1]] if a != top else down[:-1]
    inner = [i for i in inner if i not in (a, b)]
    deps = f"{'^'.join(ups)}|{'v'.join(downs)}"
    bare = f"{'^'.join(short_up)}|{'v'.join(short_down)}"
    if length <= _LONG_PATH:
        yield f"deps={deps}"
        yield f"bare={bare}"
        lemmas = " ".join(word_of(tokens[i]) for i in inner)
        yield f"pw={lemmas}"
        yield f"pwd={bare} {lemmas}"
        yield f"pc={bare} {'.'.join(c for i in inner for c in classes(tokens[i])[:1])}"
        kinds = ".".join(c for i in inner for c in classes(tokens[i])[:1])
        yield f"pk={kinds}"
    yield f"top={word_of(tokens[top])}"
    yield f"topdeps={ups[-1] if ups else '='}|{downs[0] if downs else '='}"
    yield f"topw={ups[-1] if ups else '='}|{downs[0] if downs else '='}|{word_of(tokens[top])}"
    for c in classes(tokens[top]):
        yield f"topc={c}"
        yield f"topcd={c}|{ups[-1] if ups else '='}|{downs[0] if downs else '='}"
        yield f"topb={c}|{bare}"
    yield f"afirst={ups[0] if ups else '='}"
    yield f"blast={downs[-1] if downs else '='}"
    yield f"ab={ups[0] if ups else '='}|{downs[-1] if downs else '='}"
    steps = [(f"^{nodes[i].dep}", i) for i in up[:-1]] + [(f"v{nodes[i].dep}", i) for i in down]
    names = [step for step, _ in steps]
    for k in range(len(names) - 1):
        yield f"p2={names[k]}{names[k + 1]}"
    for i in inner:
        side = "t" if i == top else "u" if i in up else "d"
        word = word_of(tokens[i])
        yield f"pi={side}:{word}"
        yield f"pi2={side}{nodes[i].dep}:{word}"
        for c in classes(tokens[i]):
            yield f"pic={side}:{c}"
    product = 1
    signed = [sign(tokens[i]) for i in inner if sign(tokens[i])]
    for factor in signed:
        product *= factor
    yield f"prod={product if signed else 0}"
    yield f"prodn={product if signed else 0}|{len(signed)}"
    yield f"signs={signed[:4]}"
    yield from _beside(view, a, b, up, down, inner)


def _beside(
    view: View, a: int, b: int, up: Sequence[int], down: Sequence[int], inner: Sequence[int]
) -> Iterator[str]:
    """What hangs on the path: prepositions, negations, auxiliaries, triggers beside it."""
    nodes, tokens = view.tree.nodes, view.tokens
    on = {*up, *down}
    top = up[-1]
    for name, i in (("a", a), ("b", b)):
        case = view.tree.case(i)
        yield f"case{name}={case}"
        yield f"case{name}{nodes[i].dep}={case}"
        for c in nodes[i].children:
            if c not in on and tokens[c].mention is None:
                yield f"kid{name}={nodes[c].dep}:{word_of(tokens[c])}"
                for k in classes(tokens[c]):
                    yield f"kid{name}c={k}"
        head = nodes[i].head
        if head >= 0:
            yield f"head{name}={nodes[i].dep}:{word_of(tokens[head])}"
            for k in classes(tokens[head]):
                yield f"head{name}c={nodes[i].dep}:{k}"
    cases = [view.tree.case(i) for i in [*up[:-1], *down]]
    yield f"cases={'.'.join(c for c in cases if c)}"
    yield f"casetop={'.'.join(c for c in cases if c)}|{word_of(tokens[top])}"
    for k in classes(tokens[top])[:2]:
        yield f"casetopc={'.'.join(c for c in cases if c)}|{k}"
    for i in (*inner, a) if top == a else inner:
        for c in nodes[i].children:
            if c in on:
                continue
            word = tokens[c].low
            if word in _NEGATIONS or nodes[c].dep == "neg":
                yield "neg"
            if nodes[c].dep in ("auxpass", "nsubjpass", "aux", "cop"):
                yield f"aux={nodes[c].dep}:{word if nodes[c].dep != 'nsubjpass' else ''}"
            if i == top:
                yield f"topkid={nodes[c].dep}"
                yield f"topkidw={nodes[c].dep}:{word_of(tokens[c])}"
            if nodes[c].dep in _CLAUSE and tokens[c].mention is not None:
                yield f"other={nodes[c].dep}{'t' if i == top else ''}"
