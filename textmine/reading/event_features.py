"""Features of event words, of what takes part in their event, and of their negation.

Three small models build on each other, as Björne and Salakoski (BioNLP 2011) have it: which words
stand for an event, which names and events take part in it and as what, and only then which name
acts on which. The last sees what the first two found (`composed`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textmine.reading.cues import find_cues
from textmine.reading.pair_features import View, classes, path_of, word_of

__all__ = [
    "KINDS",
    "NONE",
    "Events",
    "composed",
    "edge_features",
    "head_token",
    "modality_features",
    "word_features",
]

KINDS = {
    "Positive_regulation": "P", "Negative_regulation": "N", "Regulation": "R",
    "Planned_process": "X", "Activation": "A", "Inactivation": "I",
}  # fmt: skip
"""Kinds of event that have a cause; _CAUSED may have one, the others ("O") have none."""
_CAUSED = frozenset({
    "Phosphorylation", "Dephosphorylation", "Ubiquitination", "Acetylation", "Methylation",
    "Deubiquitination", "Transcription", "Degradation", "Conversion", "Transport", "Binding",
    "Dissociation",
})  # fmt: skip
NONE = "-"
ORDER = "PNRAIXMO"
_ACTING = "PNRXAIM"
_SIGN = {"P": 1, "A": 1, "N": -1, "I": -1}
_STEPS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8)
_PASSIVE = ("auxpass", "nsubjpass")


def kind_of(label: str) -> str:
    """The class of an event as the corpora label it."""
    return KINDS.get(label) or ("M" if label in _CAUSED else "O")


@dataclass(slots=True)
class Events:
    """What was found in a sentence: token -> probability of each class; (word, argument) -> that it
    is theme, that it is cause. `labels` are the classes in their order."""

    labels: tuple[str, ...]
    words: dict[int, NDArray[np.float32]]
    edges: dict[int, dict[int, tuple[float, float]]]

    def kind(self, i: int) -> str:
        """The likeliest class; an event word is preferred to none where that is unsure."""
        scores = self.words.get(i)
        if scores is None:
            return NONE
        best = int(scores.argmax())
        none = self.labels.index(NONE)
        if best == none and scores[none] < 0.7:
            rest = scores.copy()
            rest[none] = 0
            best = int(rest.argmax())
            if rest[best] < 0.15:
                return NONE
        return self.labels[best]

    def acting(self, i: int) -> float:
        """The probability that a word stands for an event that may have a cause."""
        scores = self.words.get(i)
        if scores is None:
            return 0.0
        return float(1 - scores[self.labels.index(NONE)] - scores[self.labels.index("O")])

    def some(self, i: int) -> float:
        scores = self.words.get(i)
        return 0.0 if scores is None else float(1 - scores[self.labels.index(NONE)])


def head_token(view: View, start: int, end: int) -> int | None:
    """The token that heads `start:end`: the last whose head lies outside."""
    inside = [i for i, t in enumerate(view.tokens) if t.start < end and start < t.end]
    if not inside:
        return None
    outward = [i for i in inside if view.tree.nodes[i].head not in inside]
    return (outward or inside)[-1]


def readable(view: View, i: int) -> bool:
    """Whether a token may stand for an event."""
    token = view.tokens[i]
    return token.low.isalpha() or token.mention is not None or len(token.low) > 3


def word_features(view: View, i: int, corpus: str) -> list[str]:
    """The features of a token that may stand for an event."""
    tokens, nodes = view.tokens, view.tree.nodes
    token, node = tokens[i], nodes[i]
    word = word_of(token)
    out = [
        f"w={word}", f"l={token.low}" if token.mention is None else "l=M",
        f"s={token.low[-4:]}", f"t={node.tag}", f"d={node.dep}", f"C={corpus}",
        f"wC={word}{corpus}", f"wt={word}{node.tag}",
    ]  # fmt: skip
    out += [f"c={c}" for c in classes(token)]
    for step in (-3, -2, -1, 1, 2, 3):
        near = word_of(tokens[i + step]) if 0 <= i + step < len(tokens) else "^"
        out.append(f"{step}={near}")
        if abs(step) == 1:
            out.append(f"w{step}={word} {near}")
    if node.head >= 0:
        out.append(f"h={node.dep}:{word_of(tokens[node.head])}")
        out += [f"hc={node.dep}:{c}" for c in classes(tokens[node.head])]
    for child in node.children:
        out += [f"k={nodes[child].dep}:{word_of(tokens[child])}", f"kd={nodes[child].dep}"]
        case = view.tree.case(child)
        if case:
            out += [f"kc={case}", f"wkc={word}:{case}"]
        if tokens[child].mention is not None:
            out.append(f"wk={word}:{nodes[child].dep}:M")
    return out


def edge_features(view: View, events: Events, t: int, x: int, corpus: str) -> list[str]:
    """The features of event word `t` and what may take part in it: `x`, a name or a word."""
    tokens, nodes = view.tokens, view.tree.nodes
    up, down = path_of(view, t, x)
    ups, downs = [nodes[i].dep for i in up[:-1]], [nodes[i].dep for i in down]
    bare = f"{_bare(ups, '^')}|{_bare(downs, 'v')}"
    word, kind = word_of(tokens[t]), events.kind(t)
    mention = tokens[x].mention
    label = mention.label if mention is not None else events.kind(x)
    case = view.tree.case(x)
    cases = ".".join(c for c in (view.tree.case(i) for i in down) if c)
    inner = [i for i in [*up[1:], *down[:-1]] if i not in (t, x)]
    words = " ".join(word_of(tokens[i]) for i in inner)
    on_path = ".".join(events.kind(i) for i in inner if i in events.words)
    passive = any(nodes[c].dep in _PASSIVE for c in nodes[t].children)
    low, high = min(t, x), max(t, x)
    side = "f" if t < x else "b"
    gap = high - low
    between = [word_of(z) for z in tokens[low + 1 : high]]
    others = sum(z.mention is not None for z in tokens[low + 1 : high])
    kinds = sum(events.kind(i) != NONE for i in range(low + 1, high))
    twin = any(z.low == tokens[x].low and z is not tokens[x] for z in tokens)
    tag = nodes[t].tag
    out = [
        f"C={corpus}", f"k={kind}", f"w={word}", f"l={label}", f"kl={kind}|{label}", f"b={bare}",
        f"kb={kind}|{bare}", f"wb={word}|{bare}", f"bc={bare}|{cases}",
        f"kbc={kind}|{bare}|{cases}", f"wbc={word}|{bare}|{cases}", f"bl={bare}|{label}",
        f"kbl={kind}|{bare}|{label}", f"case={case}|{kind}", f"casew={case}|{word}", f"tag={tag}",
        f"tb={tag}|{bare}", f"pas={passive}|{bare}|{tag}", f"iw={words}", f"biw={bare}|{words}",
        f"len={len(ups) + len(downs)}", f"o={side}{min(gap, 10)}", f"ok={side}{kind}{min(gap, 6)}",
        f"glue={tokens[high].glued and gap == 1}|{side}", f"ent={others}{side}",
        f"trg={kinds}{side}", f"itr={on_path}", f"bitr={bare}|{kind}|{on_path}|{cases}",
        f"tdep={nodes[t].dep}|{bare}", f"twin={twin}",
    ]  # fmt: skip
    if len(between) <= 4:
        line = " ".join(between)
        out += [f"btw={side}|{line}", f"kbtw={side}|{kind}|{line}", f"wbtw={side}|{word}|{line}"]
    out += [f"bw={side}{z}" for z in sorted(set(between[:15]))]
    for step in (-1, 1):
        if 0 <= x + step < len(tokens):
            out.append(f"x{step}={word_of(tokens[x + step])}|{side}")
        if 0 <= t + step < len(tokens):
            out.append(f"t{step}={word_of(tokens[t + step])}|{side}")
    out += [
        f"kk={nodes[c].dep}:{'M' if tokens[c].mention is not None else ''}"
        for c in nodes[t].children
    ]
    if kind in _ACTING:
        out += [f"b={bare}|{cases}#R", f"case={case}#R", f"bare={bare}#R"]
    return out


def _bare(deps: Sequence[str], mark: str) -> str:
    return mark.join(d for d in deps if d != "conj")


def _step(value: float) -> int:
    return sum(value > s for s in _STEPS)


def composed(view: View, events: Events, a: int, b: int, corpus: str) -> list[str]:
    """What event words and their edges say of the pair of tokens `a` -> `b`."""
    if a == b:
        return []
    out = list(_on_path(view, events, a, b))
    out += [f"{f}{corpus}" for f in out[:3]]
    return out + list(_joined(events, a, b))


def _on_path(view: View, events: Events, a: int, b: int) -> Iterator[str]:
    nodes = view.tree.nodes
    up, down = path_of(view, a, b)
    top = up[-1]
    inner = [i for i in [*up[1:], *down[:-1]] if i not in (a, b)]
    ups = [nodes[i].dep for i in up[:-1] if nodes[i].dep != "conj"]
    downs = [nodes[i].dep for i in down if nodes[i].dep != "conj"]
    kinds = {i: events.kind(i) for i in inner}
    sequence = "".join(
        f"{'t' if i == top else 'u' if i in up else 'd'}{kinds[i]}"
        for i in inner
        if kinds[i] != NONE
    )
    cases = ".".join(c for c in (view.tree.case(i) for i in [*up[:-1], *down]) if c)
    yield f"tq={sequence}"
    yield f"tqd={sequence}|{'^'.join(ups)}|{'v'.join(downs)}"
    yield f"tqc={sequence}|{cases}"
    acting = [k for k in kinds.values() if k in _ACTING]
    product = 1
    for k in acting:
        product *= _SIGN.get(k, 1)
    yield f"tpr={product if acting else 0}|{len(acting)}"
    yield f"tt={kinds.get(top, NONE)}|{ups[-1] if ups else '='}|{downs[0] if downs else '='}"
    yield f"tb={int(max((events.acting(i) for i in inner), default=0.0) * 5)}"
    for name, place in (("a", a), ("b", b)):
        i, deps, kind = nodes[place].head, [nodes[place].dep], NONE
        while i >= 0 and len(deps) < 5:
            kind = events.kind(i)
            if kind != NONE:
                break
            deps.append(nodes[i].dep)
            i = nodes[i].head
        yield f"g{name}={kind}|{_bare(deps, '^')}"
        yield f"g{name}k={kind}|{view.tree.case(place)}"
    low, high = min(a, b), max(a, b)
    between = {events.kind(i) for i in range(low + 1, high)} - {NONE}
    yield f"bt={'f' if a < b else 'b'}{''.join(sorted(between))}"


def _joined(events: Events, a: int, b: int) -> Iterator[str]:
    """The best event with `a` as cause and `b` as theme, or as theme of an event that is theme."""
    single = double = theme = cause = 0.0
    one = two = NONE
    for t, row in events.edges.items():
        acts = row.get(a, (0.0, 0.0))[1]
        suffers = row.get(b, (0.0, 0.0))[0]
        theme, cause = max(theme, suffers), max(cause, acts)
        if acts < 0.05:
            continue
        if acts * suffers > single:
            single, one = acts * suffers, events.kind(t)
        for second, (inner, _) in row.items():
            under = events.edges.get(second, {}).get(b)
            if under is not None and acts * inner * under[0] > double:
                double = acts * inner * under[0]
                two = events.kind(t) + events.kind(second)
    both = 1 - (1 - single) * (1 - double)
    yield f"e1={_step(single)}"
    yield f"e2={_step(double)}"
    yield f"e0={_step(both)}"
    yield f"eth={_step(theme)}"
    yield f"ecs={_step(cause)}"
    best, kind = (single, one) if single > double else (double, two)
    if best:
        yield f"ek={kind}"
        yield f"ekb={kind}|{_step(best)}"


def modality_features(view: View, t: int, text: str, kind: str) -> list[str]:
    """The features that tell whether the event at token `t` is denied or doubted.

    `kind`: the event's label. Every cue of the sentence is described by its words and by its way to
    the event in the tree."""
    tokens, nodes = view.tokens, view.tree.nodes
    word = word_of(tokens[t])
    out = [f"w={word}", f"l={tokens[t].low}", f"k={kind}", f"d={nodes[t].dep}"]
    near = [word_of(z) for z in tokens[max(0, t - 4) : t]]
    out += [f"before={z}" for z in near] + [f"b1={' '.join(near[-1:])}|{word}"]
    out += [f"after={word_of(z)}" for z in tokens[t + 1 : t + 4]]
    above = view.up(t)[1:5]
    for steps, i in enumerate([t, *above]):
        out.append(f"up{steps}={word_of(tokens[i])}")
        for c in nodes[i].children:
            if c not in above and c != t:
                out.append(f"kid{min(steps, 2)}={nodes[c].dep}:{word_of(tokens[c])}")
    for i, z in enumerate(tokens):
        if z.low in ("not", "no", "whether", "may", "might", "could", "without", "neither", "nor"):
            out.append(f"word={z.low}|{'f' if i < t else 'b'}{min(abs(i - t) // 3, 5)}")
    for cue in find_cues(text, tokens[0].start, tokens[-1].end):
        place = head_token(view, cue.start, cue.end)
        if place is None:
            continue
        up, down = path_of(view, place, t)
        ups = _bare([nodes[i].dep for i in up[:-1]], "^")
        downs = _bare([nodes[i].dep for i in down], "v")
        words = text[cue.start : cue.end].lower()
        side = "f" if place < t else "b"
        far = min(abs(place - t) // 3, 5)
        out += [
            f"q={cue.kind}", f"qd={cue.kind}|{side}{far}", f"qw={words}|{side}{far}",
            f"qp={cue.kind}|{ups}|{downs}", f"qpw={words}|{ups}|{downs}",
            f"ql={cue.kind}|{min(len(up) + len(down) - 1, 8)}{side}",
            f"qlw={words}|{min(len(up) + len(down) - 1, 8)}{side}",
            f"qt={words}|{word}",
        ]  # fmt: skip
    return out
