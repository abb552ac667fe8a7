from __future__ import annotations

from typing import Any

import pytest

from textmine.measure.stance_gold import Asked, Gold, _lines, calibration_error
from textmine.records import Claim, Finding, Rationale


def finding(stance: str, score: float = 0.9, *spans: tuple[int, int]) -> Finding:
    rationale = tuple(Rationale(a, b, "") for a, b in spans)
    return Finding("f", "C", "1", stance, score, rationale, (), ("why",))


def asked(
    gold: str,
    found: str,
    other: str | None = None,
    score: float = 0.9,
    quoted: tuple[tuple[int, int], ...] = (),
    found_in: tuple[tuple[int, int], ...] = (),
) -> Asked:
    claim = Claim("C", "X helps.")
    line = Gold("1", claim, claim if other else None, gold, quoted, "direct", "statement")
    return Asked(line, finding(found, score, *found_in), finding(other) if other else None)


def value(lines: Any, what: str) -> float:
    (line,) = [line for line in lines if line.what == f"our gold: {what}"]
    return float(line.score.value)


def test_opposites_are_right_together_only() -> None:
    rows = [
        asked("supports", "supports", "contradicts"),
        asked("supports", "supports", "supports"),
        asked("null_effect", "null_effect", "null_effect"),
        asked("insufficient", "insufficient", "insufficient"),
    ]
    lines = list(_lines("s", "dev", rows))
    assert value(lines, "accuracy") == 1.0
    assert value(lines, "opposites both right") == 0.75
    assert value(lines, "opposites both right, a stance in the gold") == pytest.approx(2 / 3)
    assert value(lines, "opposites turn round") == 0.75


def test_sentences_count_where_a_stance_is_taken_and_may_differ_a_little() -> None:
    rows = [
        asked("supports", "supports", quoted=((0, 100),), found_in=((5, 100), (200, 300))),
        asked("insufficient", "insufficient", quoted=((0, 50),), found_in=((0, 50),)),
    ]
    lines = list(_lines("s", "dev", rows))
    assert value(lines, "sentences") == pytest.approx(2 / 3)


def test_the_calibration_error_is_the_gap_between_score_and_share() -> None:
    sure = [asked("supports", "supports", score=0.95)] * 3 + [
        asked("supports", "contradicts", score=0.95)
    ]
    assert calibration_error(sure).value == pytest.approx(0.2)
    assert calibration_error([]).cases == 0


def test_a_miss_names_the_claim_the_record_and_the_reason() -> None:
    (line,) = [
        x for x in _lines("s", "dev", [asked("supports", "insufficient")]) if "accuracy" in x.what
    ][:1]
    assert line.misses == ("C | 1: insufficient, gold supports (direct) | why",)
