"""How far reviewers agree, beyond what chance would give.

Krippendorff's alpha takes any number of reviewers who judged overlapping, not identical sets of
findings; Cohen's kappa takes two, on what both judged. Intervals are percentiles of 1,000
resamples of the findings with a fixed seed.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textmine.errors import MissingExtra
from textmine.review.nouns import JUDGEMENTS, PARTS, Agreement, Estimate, Figure, StoredDecision
from textmine.review.sums import wilson

__all__ = ["DRAWS", "Unit", "agreement", "figure"]

DRAWS, SEED = 1000, 20260101


@dataclass(frozen=True, slots=True)
class Unit:
    """A finding and what each reviewer said of it."""

    claim: str
    words: Mapping[str, StoredDecision]
    stances: Mapping[str, str]
    """reviewer -> the finding's stance by their word."""


def agreement(project: str | None, units: Sequence[Unit], draws: int = DRAWS) -> Agreement:
    """Overall, by claim, and by what of a finding is wrong. Unsure is a word of its own overall,
    and a missing one where parts are compared."""
    people = sorted({name for unit in units for name in unit.words})
    claims = sorted({unit.claim for unit in units})

    def told(value: Callable[[Unit, str], str | None], among: Sequence[Unit]) -> list[Any]:
        return [[value(u, name) if name in u.words else None for name in people] for u in among]

    def word(unit: Unit, name: str) -> str | None:
        return unit.words[name].verdict

    def stance(unit: Unit, name: str) -> str | None:
        return None if unit.words[name].verdict == "unsure" else unit.stances[name]

    by_claim = [
        figure(claim, told(word, [u for u in units if u.claim == claim]), people, draws)
        for claim in claims
    ]
    fields = [figure("stance", told(stance, units), people, draws)]
    fields += [figure(part, told(_part(part), units), people, draws) for part in PARTS]
    return Agreement(
        project,
        tuple(people),
        figure("all", told(word, units), people, draws),
        tuple(by_claim),
        tuple(fields),
    )


def _part(part: str) -> Callable[[Unit, str], str | None]:
    def value(unit: Unit, name: str) -> str | None:
        said = unit.words[name]
        if said.verdict == "unsure" or (said.verdict == "wrong" and said.part is None):
            return None
        return "wrong" if said.part == part else "right"

    return value


def figure(
    name: str, rows: Sequence[Sequence[str | None]], people: Sequence[str], draws: int = DRAWS
) -> Figure:
    """Agreement on one thing; a row per finding, a column per reviewer, None where missing."""
    both = [row for row in rows if sum(v is not None for v in row) > 1]
    alike = sum(len({v for v in row if v is not None}) == 1 for row in both)
    value, low, high = wilson(alike, len(both))
    pairs = {
        f"{people[a]} / {people[b]}": _cohen(both, a, b, draws)
        for a, b in itertools.combinations(range(len(people)), 2)
        if any(row[a] is not None and row[b] is not None for row in both)
    }
    return Figure(
        name=name,
        units=sum(any(v is not None for v in row) for row in rows),
        overlap=len(both),
        same=Estimate(value, low, high, len(both)),
        cohen=next(iter(pairs.values())) if len(people) == 2 and pairs else None,
        krippendorff=_krippendorff(both, draws),
        pairs=pairs,
    )


def _krippendorff(rows: Sequence[Sequence[str | None]], draws: int) -> Estimate:
    try:
        import krippendorff
    except ImportError:
        raise MissingExtra("krippendorff", "review") from None
    import numpy as np

    words = sorted({v for row in rows for v in row if v is not None})
    if len(words) < 2:
        # All say one thing: chance would agree as well.
        return Estimate(None, None, None, len(rows))
    counts = np.array([[sum(v == w for v in row) for w in words] for row in rows])

    def alpha(some: Any) -> float:
        if (some.sum(axis=0) > 0).sum() < 2:
            return float("nan")
        value: float = krippendorff.alpha(value_counts=some, level_of_measurement="nominal")
        return value

    return _resampled(counts, alpha, draws)


def _cohen(rows: Sequence[Sequence[str | None]], a: int, b: int, draws: int) -> Estimate:
    import numpy as np

    try:
        from statsmodels.stats.inter_rater import cohens_kappa
    except ImportError:
        raise MissingExtra("statsmodels", "review") from None
    both = [(row[a], row[b]) for row in rows if row[a] is not None and row[b] is not None]
    words = {w: n for n, w in enumerate(_ordered({v for pair in both for v in pair}))}
    size = len(words)
    if size < 2:
        return Estimate(None, None, None, len(both))
    cells = np.array([words[x] * size + words[y] for x, y in both])

    def kappa(some: Any) -> float:
        table = np.bincount(some, minlength=size * size).reshape(size, size)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            value: float = cohens_kappa(table, return_results=False)
        return value

    return _resampled(cells, kappa, draws)


def _ordered(values: Iterable[Any]) -> list[Any]:
    known = {word: n for n, word in enumerate(JUDGEMENTS)}
    return sorted(values, key=lambda v: (known.get(v, len(known)), v))


def _resampled(units: Any, measure: Callable[[Any], float], draws: int) -> Estimate:
    """The figure and the 2.5th and 97.5th percentile over resampled units."""
    import numpy as np

    value = measure(units)
    if not np.isfinite(value):
        return Estimate(None, None, None, len(units))
    chance = np.random.default_rng(SEED)
    places = chance.integers(0, len(units), size=(draws, len(units)))
    drawn = np.array([measure(units[place]) for place in places])
    drawn = drawn[np.isfinite(drawn)]
    # From a few units most resamples hold one word alone and tell nothing.
    if len(units) < 2 or len(drawn) < draws / 2:
        return Estimate(float(value), None, None, len(units))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(float(value), float(low), float(high), len(units))
