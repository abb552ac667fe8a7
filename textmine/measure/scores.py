"""Precision, recall, F1 and accuracy with intervals.

Intervals are 95%. That of an F1 is a percentile bootstrap over records (Efron & Tibshirani 1993),
since cases of one record depend on each other; that of a share is Wilson's (Wilson 1927).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

__all__ = ["F1", "Line", "Mean", "Share", "f1", "macro_f1", "mean_f1", "share"]

_ROUNDS = 1000


@dataclass(frozen=True, slots=True)
class F1:
    """Right, wrong and missed cases, and what follows. `gold`: how many the gold has."""

    right: int
    wrong: int
    missed: int
    low: float
    high: float

    @property
    def gold(self) -> int:
        return self.right + self.missed

    @property
    def precision(self) -> float:
        return _ratio(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return _ratio(self.right, self.gold)

    @property
    def value(self) -> float:
        return _ratio(2 * self.right, 2 * self.right + self.wrong + self.missed)


@dataclass(frozen=True, slots=True)
class Share:
    """`right` of `cases`."""

    right: int
    cases: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return _ratio(self.right, self.cases)


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over classes or the like, from so many cases."""

    value: float
    cases: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: what is scored, on which data, and the score.

    `peer` is a published figure for the same corpus (its `source` says whose), as a share of 1."""

    stage: str
    what: str
    split: str
    score: F1 | Share | Mean
    misses: tuple[str, ...] = ()
    peer: float | None = None
    source: str = ""


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def f1(pairs: Iterable[tuple[Iterable[Hashable], Iterable[Hashable]]]) -> F1:
    """The score over records; each gives (its gold cases, its found cases)."""
    rows = []
    for gold, found in pairs:
        wanted, got = set(gold), set(found)
        rows.append((len(wanted & got), len(got - wanted), len(wanted - got)))
    counts = np.array(rows or [(0, 0, 0)], dtype=np.int64)
    right, wrong, missed = (int(n) for n in counts.sum(axis=0))
    low = high = 0.0
    if right + wrong + missed:
        random = np.random.default_rng(0)
        draws = random.integers(0, len(counts), size=(_ROUNDS, len(counts)))
        sums = counts[draws].sum(axis=1)
        weight = 2 * sums[:, 0] + sums[:, 1] + sums[:, 2]
        values = 2 * sums[:, 0] / np.maximum(weight, 1)
        low, high = (float(v) for v in np.percentile(values, [2.5, 97.5]))
    return F1(right, wrong, missed, low, high)


def share(right: int, cases: int) -> Share:
    """A share with Wilson's interval."""
    if not cases:
        return Share(0, 0, 0.0, 0.0)
    interval = binomtest(right, cases).proportion_ci(method="wilson")
    return Share(right, cases, float(interval.low), float(interval.high))


def mean_f1(gold: Sequence[str], found: Sequence[str]) -> Mean:
    """Macro-F1 over the classes that the gold has, with a percentile bootstrap over the cases."""
    random = np.random.default_rng(0)
    names = sorted(set(gold) | set(found))
    place = {name: number for number, name in enumerate(names)}
    wanted, got = (np.array([place[x] for x in row], dtype=np.int64) for row in (gold, found))

    def value(rows: NDArray[np.int64]) -> float:
        table = np.zeros((len(names), len(names)))
        np.add.at(table, (wanted[rows], got[rows]), 1)
        present = table.sum(axis=1) > 0
        both = table.sum(axis=1) + table.sum(axis=0)
        return float(np.mean((2 * np.diag(table) / np.maximum(both, 1))[present]))

    cases = len(wanted)
    if not cases:
        return Mean(0.0, 0, 0.0, 0.0)
    draws = [value(random.integers(0, cases, size=cases)) for _ in range(_ROUNDS)]
    low, high = (float(v) for v in np.percentile(draws, [2.5, 97.5]))
    return Mean(value(np.arange(cases)), cases, low, high)


def macro_f1(gold: Sequence[str], found: Sequence[str]) -> Mapping[str, F1]:
    """F1 of each class that occurs in the gold or was found, by class."""
    classes = sorted(set(gold) | set(found))
    pairs = list(zip(gold, found, strict=True))
    return {
        name: f1(([name] if g == name else [], [name] if f == name else []) for g, f in pairs)
        for name in classes
    }
