"""The trained reader of own findings: which name acts on which, in a whole article at once.

Four linear models: `gate` (numbers alone) passes what is worth a closer look, `words` and `grid`
look at it, `company` looks at it again beside what was made of the others (fellows in a list, other
agents of the same thing, the same pair in another sentence), and `kinds` tells predicate and
direction. Weights: `models/relations/pairs.npz`, made by `models/scripts/pairs.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textmine.config import data_root
from textmine.errors import ConfigError, MissingModel
from textmine.reading.linear import Grid, Linear, hashed
from textmine.reading.pair_features import (
    View,
    classes,
    pair_features,
    path_of,
    sign,
    word_of,
)
from textmine.reading.pair_table import Outline, Table, table_of
from textmine.records import Relation, Sentence

__all__ = [
    "COMPANY",
    "FILE",
    "Kind",
    "PairModel",
    "Part",
    "company_of",
    "kind_of",
    "part_of",
    "words_for",
]

Kind = tuple[str, str, bool]
"""Predicate, direction, denied."""
Pair = tuple[str, str]
LEAST = -6.0
"""Log odds of what was not looked at."""
_NOBODY = -9.0
COMPANY = (
    "own", "reverse", "best fellow of object", "mean of those", "best fellow of subject",
    "mean of those", "best other agent", "best other object", "best chain", "elsewhere",
    "reverse elsewhere", "likely agents", "likely objects", "lead over other agents",
)  # fmt: skip
_LIKELY = -0.5


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence with its pairs; `told`: what the rules read in it, by subject and object."""

    sentence: Sentence
    view: View
    table: Table
    told: Mapping[tuple[str | None, str], Sequence[Relation]]
    known: dict[Pair, NDArray[np.int64]] = field(default_factory=dict)

    def numbers(self, pair: Pair) -> NDArray[np.int64]:
        """The hashed words of a pair, made once."""
        found = self.known.get(pair)
        if found is None:
            found = self.known[pair] = hashed(words_for(self, *pair))
        return found


def part_of(
    view: View, sentence: Sentence, relations: Iterable[Relation], outline: Outline
) -> Part:
    """The sentence as the model wants it."""
    told: dict[tuple[str | None, str], list[Relation]] = {}
    for r in relations:
        if r.sentence == (sentence.start, sentence.end):
            told.setdefault((r.subject, r.object), []).append(r)
    return Part(sentence, view, table_of(view, sentence, outline, told), told)


def said(part: Part, a: str, b: str) -> list[str]:
    """What the rules read of a pair, as features."""
    here, back = part.told.get((a, b)), part.told.get((b, a))
    out = [_said(r) for r in here] if here else ["R=none"]
    out += [f"RP={(r.pattern or 'verb').removeprefix('tree:')}" for r in here or ()]
    if back:
        out.append(f"R2={_said(back[0])}")
    return out


def words_for(part: Part, a: str, b: str) -> list[str]:
    """All features of a pair that are words: those of the ranker, what the rules read, and the
    words on the way together with the labels of the two ("improved" means one thing for a disease
    and another for a cell)."""
    view = part.view
    out = pair_features(view, a, b, *said(part, a, b))
    i, j = view.at[a], view.at[b]
    one, two = view.tokens[i].mention, view.tokens[j].mention
    labels = (one.label if one is not None else "", two.label if two is not None else "")
    up, down = path_of(view, i, j)
    nodes = view.tree.nodes
    inner = [k for k in [*up[1:], *down[:-1]] if k not in (i, j)]
    bare = "^".join(nodes[k].dep for k in up[:-1] if nodes[k].dep != "conj")
    bare += "|" + "v".join(nodes[k].dep for k in down if nodes[k].dep != "conj")
    out.append(f"X={labels[0]}>{labels[1]}|{bare}")
    product = 1
    for k in inner:
        token = view.tokens[k]
        word, side = word_of(token), "u" if k in up else "d"
        product *= sign(token) or 1
        out += [f"x={word}|{labels[1]}", f"y={labels[0]}|{word}", f"z={side}{word}|{bare}"]
        for c in classes(token):
            out += [f"xc={c}|{labels[1]}", f"xl={labels[0]}|{c}|{labels[1]}", f"xb={c}|{bare}"]
    out.append(f"xp={product}|{labels[1]}")
    # "silenced X", "X-deficient", "loss of Y": what was done to the ends turns the sign.
    on = {*up, *down}
    ends = [_beside(view, k, on) for k in (i, j)]
    whole = ends[0] * ends[1] * product
    top = word_of(view.tokens[up[-1]]) if up[-1] not in (i, j) else "="
    out += [
        f"xs={ends[0]}{product}{ends[1]}|{labels[1]}", f"xt={whole}|{labels[1]}",
        f"xu={ends[0]}{ends[1]}|{top}", f"xv={whole}|{bare}",
    ]  # fmt: skip
    low, high = min(i, j), max(i, j)
    side = "f" if i < j else "b"
    for token in view.tokens[low + 1 : high]:
        for c in classes(token):
            out.append(f"xw={side}{c}|{labels[1]}")
    return out


def _beside(view: View, k: int, on: Collection[int]) -> int:
    """The sign of the words right beside a name that are not on the way."""
    nodes, tokens = view.tree.nodes, view.tokens
    near = {*nodes[k].children, k - 1, k + 1} - set(on)
    out = 1
    for c in near:
        if 0 <= c < len(tokens) and tokens[c].mention is None:
            out *= sign(tokens[c]) or 1
    return out


def _said(r: Relation) -> str:
    return f"R={r.predicate}|{r.direction}{'n' if r.negated else ''}"


def kind_of(r: Relation) -> Kind:
    """What a relation says, its ends left out."""
    return r.predicate, r.direction, r.negated


def company_of(
    parts: Sequence[Part], odds: Sequence[NDArray[np.float32]], outline: Outline
) -> list[NDArray[np.float32]]:
    """The columns COMPANY for every pair of every part, from what was made of each alone."""
    named: dict[Pair, list[tuple[int, float]]] = defaultdict(list)
    for n, (part, values) in enumerate(zip(parts, odds, strict=True)):
        for (a, b), value in zip(part.table.pairs, values, strict=True):
            _keep(named[outline.names[a], outline.names[b]], n, float(value))
    return [
        _company(n, part, values, outline, named)
        for n, (part, values) in enumerate(zip(parts, odds, strict=True))
    ]


def _keep(best: list[tuple[int, float]], n: int, value: float) -> None:
    """Keeps the best of the two best sentences, so that each can ask for another one."""
    best.append((n, value))
    best.sort(key=lambda entry: -entry[1])
    second = next((e for e in best[1:] if e[0] != best[0][0]), None)
    best[:] = [best[0], second] if second is not None else best[:1]


def _company(
    number: int,
    part: Part,
    values: NDArray[np.float32],
    outline: Outline,
    named: Mapping[Pair, Sequence[tuple[int, float]]],
) -> NDArray[np.float32]:
    lists, names = part.table.lists, outline.names
    at = {pair: float(v) for pair, v in zip(part.table.pairs, values, strict=True)}
    to: dict[str, list[tuple[float, str]]] = defaultdict(list)
    by: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for (a, b), v in at.items():
        to[b].append((v, a))
        by[a].append((v, b))
    rows = []
    for (a, b), own in at.items():
        objects = [v for v, x in by[a] if x != b and lists[x] == lists[b]]
        subjects = [v for v, x in to[b] if x != a and lists[x] == lists[a]]
        agents = [v for v, x in to[b] if x != a and lists[x] != lists[a]]
        others = [v for v, x in by[a] if x != b and lists[x] != lists[b]]
        chain = max((min(v, at.get((x, b), _NOBODY)) for v, x in by[a] if x != b),
                    default=_NOBODY)  # fmt: skip
        there = [v for n, v in named.get((names[a], names[b]), ()) if n != number]
        back = [v for n, v in named.get((names[b], names[a]), ()) if n != number]
        lead = max(agents, default=-4.0)
        rows.append([
            own, at.get((b, a), _NOBODY), max(objects, default=_NOBODY),
            sum(objects) / len(objects) if objects else _NOBODY,
            max(subjects, default=_NOBODY),
            sum(subjects) / len(subjects) if subjects else _NOBODY,
            max(agents, default=_NOBODY), max(others, default=_NOBODY), chain,
            max(there, default=_NOBODY), max(back, default=_NOBODY),
            sum(v > _LIKELY for v in agents), sum(v > _LIKELY for v in others), own - lead,
        ])  # fmt: skip
    return np.array(rows, np.float32).reshape(len(rows), len(COMPANY))


@dataclass(frozen=True)
class PairModel:
    """The models and the numbers that go with them (`limits`)."""

    gate: Grid
    words: Linear
    grid: Grid
    company: Grid
    kinds: Linear
    kind_grid: Grid
    limits: Mapping[str, float]

    @classmethod
    def load(cls, folder: Path | None = None) -> PairModel:
        """The shipped weights, or those of another folder. Raises MissingModel without them."""
        return _load(folder or data_root() / "models" / "relations")

    @property
    def classes(self) -> tuple[Kind, ...]:
        """The kinds of relation that can be told apart."""
        split = (c.split("|") for c in self.kinds.classes)
        return tuple((p, d, n == "True") for p, d, n in split)

    def steps(self, parts: Sequence[Part]) -> list[NDArray[np.int64]]:
        """The steps of all counts of each part; gate, grid and kinds are cut at the same edges."""
        if not parts:
            return []
        every = self.gate.steps(np.concatenate([part.table.rows for part in parts]))
        return np.split(every, np.cumsum([len(part.table.rows) for part in parts])[:-1])

    def alone(self, part: Part, steps: NDArray[np.int64]) -> NDArray[np.float32]:
        """The log odds of each pair by itself."""
        out = np.full(len(steps), LEAST, np.float32)
        if not len(steps):
            return out
        passed = self.gate.totals_at(steps)[:, 0] > self.limits["gate"]
        for k, pair in enumerate(part.table.pairs):
            if passed[k] or pair in part.told:
                passed[k] = True
                out[k] = self.words.totals_of(part.numbers(pair))[0]
        out[passed] += self.grid.totals_at(steps[passed])[:, 0]
        return np.maximum(out, LEAST)

    def together(
        self, parts: Sequence[Part], steps: Sequence[NDArray[np.int64]], outline: Outline
    ) -> list[NDArray[np.float32]]:
        """The log odds of each pair of an article, beside the others."""
        own = [self.alone(part, at) for part, at in zip(parts, steps, strict=True)]
        if not own:
            return []
        rows = np.concatenate(company_of(parts, own, outline))
        every = self.company.totals(rows)[:, 0] + np.float32(self.limits["own"]) * np.concatenate(
            own
        )
        return np.split(every, np.cumsum([len(values) for values in own])[:-1])

    def told_as(self, part: Part, k: int, steps: NDArray[np.int64]) -> NDArray[np.float32]:
        """The probability of each of `classes` for pair `k`, if it is a relation at all."""
        pair = part.table.pairs[k]
        totals = self.kinds.totals_of(part.numbers(pair))
        totals = totals + self.kind_grid.totals_at(steps[k : k + 1])[0]
        chances = 1 / (1 + np.exp(-totals))
        out: NDArray[np.float32] = chances / max(float(chances.sum()), 1e-9)
        return out

    def save(self, folder: Path) -> Path:
        arrays: dict[str, Any] = {}
        for name in _LINEAR + _GRIDS:
            arrays |= getattr(self, name).arrays(name)
        arrays["limits.names"] = np.array(list(self.limits))
        arrays["limits.values"] = np.array(list(self.limits.values()), np.float32)
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(folder / FILE, **arrays)
        return folder / FILE


_LINEAR = ("words", "kinds")
_GRIDS = ("gate", "grid", "company", "kind_grid")
FILE = "pairs.npz"


@lru_cache(maxsize=2)
def _load(folder: Path) -> PairModel:
    try:
        with np.load(folder / FILE, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        names = [str(n) for n in arrays["limits.names"]]
        values = [float(v) for v in arrays["limits.values"]]
        parts: dict[str, Any] = {name: Linear.of(arrays, name) for name in _LINEAR}
        parts |= {name: Grid.of(arrays, name) for name in _GRIDS}
    except FileNotFoundError:
        raise MissingModel(
            f"There are no weights at {folder / FILE}. Make them with "
            "python models/scripts/pairs.py, or read without them."
        ) from None
    except (KeyError, ValueError, OSError) as error:
        raise ConfigError(
            f"{folder / FILE} does not hold the weights of the reader of own findings ({error}). "
            "It was made by another version or is cut short: make it again with "
            "models/scripts/pairs.py."
        ) from None
    return PairModel(**parts, limits=dict(zip(names, values, strict=True)))
