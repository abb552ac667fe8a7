"""The worked example of docs/grading.md, figure by figure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from evidence_bodies import RETRACTED, finding, hedged, study

from textmine.evidence.verdict import verdicts

PAGE = Path(__file__).resolve().parents[2] / "docs" / "grading.md"


def test_worked_example() -> None:
    articles = {
        "A": study(
            "A", "animal_and_in_vitro", senior="Okafor", species=("mouse",), models=("m1",),
            causal_test=("loss of function",), comparators=("vehicle",), randomised=True, n=24,
            isolation=("i1",), characterisation=("c1", "c2"), dose=("1 mg",), p_values=("P<0.01",),
            vesicle_source=("s1",),
        ),
        "B": study(
            "B", "animal_in_vivo", senior="Brandt", species=("rat",), models=("m2",),
            comparators=("vehicle",), randomised=True, blinded=True, n=24, isolation=("i1",),
            p_values=("P=0.5",),
        ),
        "C": study(
            "C", "animal_in_vivo", senior="Okafor", species=("mouse",), models=("m1",), n=12,
            vesicle_source=("s1",),
        ),
        "D": replace(
            study("D", "in_vitro", senior="Diaz", species=("human",), vesicle_source=("s2",)),
            relations=(hedged("r1"),),
        ),
        "E": study("E", "randomised_trial", senior="Eberle", status=RETRACTED),
    }  # fmt: skip
    findings = [
        finding("A"), finding("B", "null_effect"), finding("C", role="conclusion"),
        finding("D", relations=("r1",)), finding("E", "contradicts"),
    ]  # fmt: skip
    (verdict,) = verdicts(findings, articles)
    points = {g.article_id: g.points for g in verdict.grades}
    assert points == {"A": 38, "B": 25.5, "C": 12.4, "D": 2.8}
    # By hand, apart from the code: best + 0.3 x second, falling weights, diversity.
    support = ((38 + 0.3 * 12.4) * 1 + 2.8 * 0.8) * (1 + 0.1 + 0.05)
    null = 25.5 * 0.7
    assert support == pytest.approx(50.554)
    assert verdict.balance == pytest.approx(support / (support + null), abs=1e-4)
    assert (verdict.verdict, verdict.certainty) == ("mixed", "low")
    # The verdict carries the whole sum: each side again from its voices alone.
    for one in verdict.sides:
        again = 0.0
        for voice in one.voices:
            first, *rest = voice.points
            value = one.factor * (first + one.second * sum(rest[:1]))
            assert voice.value == pytest.approx(value)
            again += value * voice.weight
        assert one.value == pytest.approx(again * one.bonus)
    assert [s.value for s in verdict.sides] == [pytest.approx(50.554), pytest.approx(17.85)]
    assert verdict.sides[0].voices[0].articles == ("A", "C")
    assert verdict.n_studies == {
        "supports": 3, "contradicts": 0, "null_effect": 1, "insufficient": 0,
    }  # fmt: skip
    assert [e.article_id for e in verdict.excluded] == ["E"]
    assert "retracted" in verdict.excluded[0].reason


def test_the_page_holds_these_figures() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for figure in ("**38**", "**25.5**", "**12.4**", "**2.8**", "41.72", "43.96", "50.554",
                   "17.85", "0.7391"):  # fmt: skip
        assert figure in page


def test_no_false_name_for_the_certainty() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.count("GRADE") == page.count("GRADE-inspired")
