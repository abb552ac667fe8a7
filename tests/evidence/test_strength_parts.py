"""Profiles, pooled estimates and calibration."""

from __future__ import annotations

import importlib.util
import math
import sys

import pytest
from evidence_bodies import study

from textmine.errors import MissingExtra
from textmine.evidence.calibration import calibration
from textmine.evidence.pooling import pool
from textmine.evidence.profiles import profiles
from textmine.evidence.rules import Rules
from textmine.records import Effect

NEEDS = pytest.mark.skipif(
    importlib.util.find_spec("statsmodels") is None, reason="needs textmine[pooling]"
)


def effect(value: float, low: float, high: float, measure: str = "SMD") -> Effect:
    return Effect(measure, value, 0, 1, low=low, high=high, outcome="Fibrosis area")


def test_profiles_stand_beside_and_say_not_stated() -> None:
    of = study("1", markers=("CD9", "CD63", "ALIX"), isolation=("density gradient",), blinded=False)
    found = {p.name: p for p in profiles(of, Rules.default())}
    metric = next(p for name, p in found.items() if name.startswith("EV-METRIC"))
    stated = {i.name: i.said for i in metric.items}
    assert stated["at least three vesicle proteins"] == "CD9, CD63, ALIX"
    assert stated["electron microscopy"] is None
    assert metric.stated == 2
    syrcle = next(p for name, p in found.items() if name.startswith("SYRCLE"))
    assert {i.name: i.said for i in syrcle.items}["blinding"] == "no"
    assert profiles(study("1", "review"), Rules.default()) == ()


@NEEDS
def test_pooled_by_hand() -> None:
    """Equal variances: the random-effects mean is the plain mean, and Hartung-Knapp's error is the
    standard error of that mean."""
    values = (-1.0, -1.5, -2.0)
    articles = {
        str(i): study(str(i), effects=(effect(v, v - 0.98, v + 0.98),))
        for i, v in enumerate(values)
    }
    (made,) = pool(articles, {k: k for k in articles})
    assert (made.measure, made.outcome, made.ratio) == ("SMD", "Fibrosis area", False)
    assert made.value == pytest.approx(-1.5)
    variance = (0.98 / 1.959964) ** 2
    q = sum((v + 1.5) ** 2 for v in values) / variance
    assert made.q == pytest.approx(q, abs=1e-3)
    # Hartung-Knapp: sqrt(sum of squares / (k - 1) / k) times the t quantile of k - 1 degrees.
    error = math.sqrt(0.5 / 2 / 3)
    tau2 = max(0.25 - variance, 0.0)
    scale = math.sqrt(0.25 / (variance + tau2))
    shown = (made.high - made.low) / 2
    assert shown == pytest.approx(4.302653 * error * min(1.0, scale), rel=0.01)
    assert [s.article_id for s in made.studies] == ["0", "1", "2"]
    assert "abstracts only" in made.warning


@NEEDS
def test_ratios_are_pooled_as_logs_and_one_group_counts_once() -> None:
    articles = {
        "1": study("1", effects=(effect(2.0, 1.0, 4.0, "OR"),)),
        "2": study("2", effects=(effect(8.0, 4.0, 16.0, "OR"),)),
        "3": study("3", effects=(effect(8.0, 1.0, 64.0, "OR"),)),
    }
    (made,) = pool(articles, {"1": "1", "2": "2", "3": "2"})
    assert made.ratio
    assert made.value == pytest.approx(4.0)
    assert len(made.studies) == 2


def test_nothing_is_pooled_without_intervals_outcomes_or_company() -> None:
    alone = {"1": study("1", effects=(effect(1, 0.5, 1.5),))}
    assert pool(alone, {}) == ()
    bare = Effect("SMD", 1.0, 0, 1, outcome="x")
    nameless = Effect("SMD", 1.0, 0, 1, low=0.5, high=1.5)
    articles = {str(i): study(str(i), effects=(bare, nameless)) for i in range(3)}
    assert pool(articles, {}) == ()


def test_missing_statsmodels_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "statsmodels.stats.meta_analysis", None)
    articles = {str(i): study(str(i), effects=(effect(1, 0.5, 1.5),)) for i in range(2)}
    with pytest.raises(MissingExtra, match=r"textmine\[pooling\]"):
        pool(articles, {})


def test_calibration_by_hand() -> None:
    made = calibration([(0.8, True)] * 8 + [(0.8, False)] * 2 + [(0.3, True)] * 2)
    assert made.cases == 12
    assert [(b.cases, b.right) for b in made.bins] == [(2, 1.0), (10, 0.8)]
    assert made.error == pytest.approx(2 / 12 * 0.7)
    assert made.brier == pytest.approx((8 * 0.04 + 2 * 0.64 + 2 * 0.49) / 12)
    assert made.bins[1].right_low < 0.8 < made.bins[1].right_high


def test_calibration_wants_probabilities() -> None:
    with pytest.raises(ValueError, match="probability"):
        calibration([(1.2, True)])
    with pytest.raises(ValueError, match="nothing"):
        calibration([])
