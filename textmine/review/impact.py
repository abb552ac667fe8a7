"""How much a verdict would change if one of its studies were read wrongly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = ["VerdictParts", "disagrees", "impacts", "parts_of"]


class _Grade(msgspec.Struct):
    finding_id: str
    article_id: str
    points: float
    stance: str = ""


class _Excluded(msgspec.Struct):
    finding: str
    reason: str


class _Without(msgspec.Struct):
    articles: list[str]
    verdict: str
    certainty: str
    balance: float | None


class _Sensitivity(msgspec.Struct):
    studies: list[_Without]


class _Voice(msgspec.Struct):
    group: str
    articles: list[str]
    points: list[float]
    value: float
    weight: float


class _Side(msgspec.Struct):
    stance: str
    factor: float
    second: float
    voices: list[_Voice]
    bonus: float


class VerdictParts(msgspec.Struct):
    """What of a verdict the queue and the overview need; a verdict may be megabytes long."""

    id: str
    verdict: str
    certainty: str
    balance: float | None
    n_studies: dict[str, int]
    grades: list[_Grade] = []
    excluded: list[_Excluded] = []
    sensitivity: _Sensitivity | None = None
    sides: list[_Side] = []


def parts_of(data: str) -> VerdictParts:
    """Reads a verdict's line."""
    try:
        return msgspec.json.decode(data, type=VerdictParts)
    except msgspec.DecodeError:
        # It quotes half a surrogate pair, which only the slower reader takes.
        return msgspec.convert(json.loads(data), VerdictParts)


def impacts(verdict: VerdictParts) -> dict[str, float]:
    """finding -> impact, of the findings that were graded.

    2 is added when the verdict's word would be another without the study, 1 when its certainty
    would, and the change of the balance (0 to 0.99) always, so that equals are told apart.
    """
    heavy: dict[str, float] = {}
    for one in verdict.sensitivity.studies if verdict.sensitivity else ():
        step = 2.0 * (one.verdict != verdict.verdict) + (one.certainty != verdict.certainty)
        for article in one.articles:
            heavy[article] = max(heavy.get(article, 0.0), step)
    found: dict[str, float] = {}
    sums = {side.stance: _Sum(side) for side in verdict.sides}
    total = {stance: one.value() for stance, one in sums.items()}
    balance = _balance(total)
    for grade in verdict.grades:
        change = 0.0
        if grade.stance in sums:
            value = sums[grade.stance].value(without=grade.article_id)
            after = _balance({**total, grade.stance: value})
            # The last study of a claim: without it nothing at all is known.
            change = 0.99 if after is None or balance is None else abs(after - balance)
        found[grade.finding_id] = heavy.get(grade.article_id, 0.0) + min(change, 0.99)
    return found


class _Sum:
    """A side that can be added up again without one of its studies."""

    def __init__(self, side: _Side) -> None:
        self.side = side
        self.weights = [voice.weight for voice in side.voices]
        self.group = {a: n for n, v in enumerate(side.voices) for a in v.articles}

    def value(self, without: str | None = None) -> float:
        spoken = [voice.value for voice in self.side.voices]
        number = self.group.get(without) if without is not None else None
        if number is not None:
            voice = self.side.voices[number]
            left = [p for a, p in zip(voice.articles, voice.points, strict=False) if a != without]
            left.sort(reverse=True)
            rest = (left[0] + self.side.second * sum(left[1:2])) if left else 0.0
            spoken[number] = rest * self.side.factor
            spoken.sort(reverse=True)
        total = sum(v * w for v, w in zip(spoken, self.weights, strict=True))
        return total * self.side.bonus


def _balance(values: Mapping[str, float]) -> float | None:
    total = sum(values.values())
    return values.get("supports", 0.0) / total if total > 0 else None


def disagrees(why: list[Any]) -> bool:
    """Whether one of the reasons says that two ways of reading did not agree."""
    return any(str(line).startswith("disagree:") for line in why)
