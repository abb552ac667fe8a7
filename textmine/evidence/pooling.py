"""Random-effects estimates from the effect sizes that abstracts give.

Only what several independent studies report in one measure for one outcome, each with its 95%
interval, is pooled: inverse variances, between-study variance by Paule and Mandel (1982), interval
by Hartung and Knapp (2001), through statsmodels. Abstracts select what they report, so every
estimate carries a warning, and no certainty rises by it.
"""

from __future__ import annotations

import math
import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from textmine.errors import MissingExtra
from textmine.records import Annotated, Effect, Pooled, PooledStudy

__all__ = ["LEAST", "WARNING", "pool"]

# Fewer studies than this are not pooled.
LEAST = 2
WARNING = (
    "from figures in abstracts only: abstracts tell the outcomes that came out well, and one "
    "figure of several"
)
_RATIOS = frozenset({"OR", "RR", "HR", "IRR"})
_POOLABLE = _RATIOS | {"SMD", "MD"}
_Z = 1.959963984540054  # of a two-sided 95% interval


@dataclass(frozen=True, slots=True)
class _Row:
    article_id: str
    group: str
    effect: Effect
    value: float
    variance: float


def pool(articles: Mapping[str, Annotated], groups: Mapping[str, str]) -> tuple[Pooled, ...]:
    """Estimates over these articles; `groups` maps article ids to their group.

    Of one group only the figure with the narrowest interval counts. Raises MissingExtra without
    statsmodels, and only if there is something to pool.
    """
    bodies: dict[tuple[str, str], dict[str, _Row]] = defaultdict(dict)
    names: dict[tuple[str, str], str] = {}
    for key in sorted(articles):
        for effect in articles[key].study.effects:
            row = _row(key, groups.get(key, key), effect)
            if row is None:
                continue
            what = effect.concept or (effect.outcome or "").casefold()
            mark = (effect.measure, what)
            names.setdefault(mark, effect.outcome or what)
            held = bodies[mark].get(row.group)
            if held is None or row.variance < held.variance:
                bodies[mark][row.group] = row
    return tuple(
        _pooled(mark[0], names[mark], sorted(rows.values(), key=lambda r: r.article_id))
        for mark, rows in sorted(bodies.items())
        if len(rows) >= LEAST
    )


def _row(key: str, group: str, effect: Effect) -> _Row | None:
    """On the scale on which the measure is pooled; None if the figures do not allow it."""
    if effect.measure not in _POOLABLE or effect.low is None or effect.high is None:
        return None
    if not (effect.outcome or effect.concept):
        return None
    value, low, high = effect.value, effect.low, effect.high
    if effect.measure in _RATIOS:
        if min(value, low, high) <= 0:
            return None
        value, low, high = math.log(value), math.log(low), math.log(high)
    error = (high - low) / (2 * _Z)
    return _Row(key, group, effect, value, error**2) if error > 0 else None


def _pooled(measure: str, outcome: str, rows: Sequence[_Row]) -> Pooled:
    try:
        from statsmodels.stats.meta_analysis import combine_effects
    except ImportError:
        raise MissingExtra("statsmodels", "pooling") from None
    with warnings.catch_warnings():
        # It wants sample sizes for the intervals of the single studies, which are not used here.
        warnings.simplefilter("ignore")
        found = combine_effects(
            np.array([r.value for r in rows]),
            np.array([r.variance for r in rows]),
            method_re="iterated",
            use_t=True,
        )
        frame = found.summary_frame()
    line = frame.loc["random effect wls"]
    ratio = measure in _RATIOS

    def back(value: float) -> float:
        return round(math.exp(value) if ratio else float(value), 4)

    weights = frame["w_re"].to_numpy()[: len(rows)]
    return Pooled(
        measure=measure,
        outcome=outcome,
        ratio=ratio,
        value=back(line["eff"]),
        low=back(line["ci_low"]),
        high=back(line["ci_upp"]),
        i2=round(max(float(found.i2), 0.0), 4),
        tau2=round(float(found.tau2), 6),
        q=round(float(found.q), 4),
        q_p=round(float(chi2.sf(found.q, len(rows) - 1)), 6),
        studies=tuple(
            PooledStudy(
                r.article_id, r.effect.value, r.effect.low or 0.0, r.effect.high or 0.0,
                round(float(w), 4),
            )
            for r, w in zip(rows, weights, strict=True)
        ),
        warning=WARNING,
    )  # fmt: skip
