from __future__ import annotations

import math

import pytest

from textmine.claims.scores import Scores, cell, default_scores, logit
from textmine.claims.stance import Judgement


def judged(stance: str, why: str, score: float = 0.7, *more: str) -> Judgement:
    return Judgement(stance, score, (), (why, *more))


@pytest.mark.parametrize(
    ("judgement", "plain", "name"),
    [
        (judged("supports", "subject: it is"), False, "taken, framed, symbolic"),
        (
            judged("supports", "subject: it is", 0.7, "learned: agrees"),
            False,
            "taken, framed, agree",
        ),
        (judged("supports", "disagree: symbolic supports"), True, "taken, plain, disagree"),
        (judged("contradicts", 'learned: "x" is taken'), True, "taken, plain, paired"),
        (judged("insufficient", "retrieval: nothing"), True, "insufficient, plain, retrieval"),
        (judged("insufficient", "object: elsewhere"), False, "insufficient, framed, near"),
    ],
    ids=["symbolic", "agree", "disagree", "paired", "plain-retrieval", "near"],
)
def test_an_answer_is_counted_by_its_way(judgement: Judgement, plain: bool, name: str) -> None:
    assert cell(judgement, plain) == name


def test_a_stance_is_worth_its_way_and_its_weight() -> None:
    scores = Scores({"taken, framed, symbolic": 2.0}, slope=0.5, middle=logit(0.7))
    middle = scores.of(judged("supports", "subject: it"), False).score
    assert middle == pytest.approx(1 / (1 + math.exp(-2)), abs=1e-3)
    assert scores.of(judged("supports", "subject: it", 0.9), False).score > middle
    assert scores.of(judged("supports", "subject: it", 0.5), False).score < middle


def test_what_was_never_counted_keeps_its_score() -> None:
    one = judged("supports", "disagree: symbolic supports", 0.44)
    assert Scores({}, 0.0, 0.0).of(one, True) == one


def test_the_shipped_counts_can_be_read() -> None:
    scores = default_scores()
    assert scores.slope >= 0
