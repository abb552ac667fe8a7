"""Whether chances are what they say: the expected calibration error, and the table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textmine.measure.scores import Mean

__all__ = ["BINS", "Bin", "calibration_error", "reliability"]

BINS = 10
_ROUNDS = 500


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose chance lies from `low` to `high`: how many, their mean chance, the share that
    is right."""

    low: float
    high: float
    cases: int
    chance: float
    right: float


def reliability(chances: Sequence[float], right: Sequence[bool], bins: int = BINS) -> list[Bin]:
    """The bins that hold answers.

    >>> [(b.cases, b.right) for b in reliability([0.95, 0.92, 0.15], [True, False, False])]
    [(1, 0.0), (2, 0.5)]
    """
    values, hits = np.array(chances, dtype=float), np.array(right, dtype=float)
    place = _places(values, bins)
    out = []
    for number in range(bins):
        here = place == number
        if here.any():
            mean, share = float(values[here].mean()), float(hits[here].mean())
            out.append(Bin(number / bins, (number + 1) / bins, int(here.sum()), mean, share))
    return out


def calibration_error(chances: Sequence[float], right: Sequence[bool], bins: int = BINS) -> Mean:
    """How far the share that is right lies from the mean chance, over bins of equal width weighed
    by their cases (Naeini et al. 2015), with a percentile bootstrap over the cases.

    >>> round(calibration_error([0.8] * 5, [True] * 4 + [False]).value, 6)
    0.0
    """
    values, hits = np.array(chances, dtype=float), np.array(right, dtype=float)
    if not len(values):
        return Mean(0.0, 0, 0.0, 0.0)
    random = np.random.default_rng(0)
    draws = []
    for _ in range(_ROUNDS):
        rows = random.integers(0, len(values), size=len(values))
        draws.append(_error(values[rows], hits[rows], bins))
    low, high = (float(v) for v in np.percentile(draws, [2.5, 97.5]))
    return Mean(_error(values, hits, bins), len(values), low, high)


def _places(values: NDArray[np.float64], bins: int) -> NDArray[np.int64]:
    return np.minimum((values * bins).astype(np.int64), bins - 1)


def _error(values: NDArray[np.float64], hits: NDArray[np.float64], bins: int) -> float:
    place = _places(values, bins)
    counts = np.bincount(place, minlength=bins)
    gaps = np.bincount(place, weights=values - hits, minlength=bins)
    return float(np.abs(gaps).sum() / max(int(counts.sum()), 1))
