"""Does a score of 0.8 mean right in 80%? For findings whose truth is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scipy.stats import binomtest

__all__ = ["Bin", "Calibration", "calibration"]


@dataclass(frozen=True, slots=True)
class Bin:
    """Findings with scores in [low, high): mean score, share right with Wilson's 95% interval."""

    low: float
    high: float
    cases: int
    score: float
    right: float
    right_low: float
    right_high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """`error`: expected calibration error, the mean gap between score and share right, weighted by
    cases (Naeini et al. 2015). `brier`: mean squared error of the scores (Brier 1950)."""

    cases: int
    bins: tuple[Bin, ...]
    error: float
    brier: float


def calibration(pairs: Iterable[tuple[float, bool]], *, bins: int = 10) -> Calibration:
    """Of (score, was it right) pairs. Raises ValueError for a score outside 0 to 1, or none."""
    rows = sorted((float(score), bool(right)) for score, right in pairs)
    if not rows:
        raise ValueError("No finding has a known truth: there is nothing to compare.")
    if rows[0][0] < 0 or rows[-1][0] > 1:
        raise ValueError(f"A score is a probability, 0 to 1; found {rows[0][0]}, {rows[-1][0]}.")
    made = []
    for number in range(bins):
        low, high = number / bins, (number + 1) / bins
        last = number == bins - 1
        held = [r for r in rows if low <= r[0] and (r[0] < high or last)]
        if not held:
            continue
        right = sum(r[1] for r in held)
        interval = binomtest(right, len(held)).proportion_ci(method="wilson")
        made.append(
            Bin(
                low, high, len(held), sum(r[0] for r in held) / len(held), right / len(held),
                float(interval.low), float(interval.high),
            )
        )  # fmt: skip
    error = sum(b.cases * abs(b.score - b.right) for b in made) / len(rows)
    brier = sum((score - right) ** 2 for score, right in rows) / len(rows)
    return Calibration(len(rows), tuple(made), error, brier)
