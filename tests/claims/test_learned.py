"""The learned stance: who and what by concepts, which way by a model, the rest by the same code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.claims.little import Said, Words, article, claim, opposite, tables
from textmine.claims.check import check
from textmine.claims.learned import LearnedModel, read_effects
from textmine.claims.stance import Judgement, question_of
from textmine.claims.values import Values
from textmine.claims.view import view_of
from textmine.errors import MissingExtra
from textmine.records import Annotated, Claim

ROWS = {
    "up": [0.9, 0.04, 0.03, 0.03],
    "down": [0.04, 0.9, 0.03, 0.03],
    "same": [0.05, 0.05, 0.85, 0.05],
    "torn": [0.4, 0.35, 0.2, 0.05],
    "mute": [0.05, 0.05, 0.05, 0.85],
}


class Fake:
    """Says of every sentence that holds a word what that word's row says."""

    def __init__(self, **says: str) -> None:
        self.says = says
        self.asked: list[tuple[str, str, str]] = []

    def direction(self, one: str, outcome: str, other: str, sentences: Sequence[str]) -> Any:
        self.asked.append((one, outcome, other))
        rows = []
        for sentence in sentences:
            name = next((n for word, n in self.says.items() if word in sentence), "mute")
            rows.append(ROWS[name])
        return np.array(rows)


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Values:
    return tables(tmp_path_factory.mktemp("values"))


def judge(one: Claim, about: Annotated, values: Values, model: Fake) -> Judgement:
    question = question_of(one, values)
    return LearnedModel(model)(question, view_of(about, values), values)  # type: ignore[arg-type]


RESULT = Said("Vesicles calmed apoptosis of hepatocytes.")


@pytest.mark.parametrize(
    ("reading", "stance"),
    [("down", "supports"), ("up", "contradicts"), ("same", "null_effect"),
     ("torn", "insufficient"), ("mute", "insufficient")],
)  # fmt: skip
def test_the_reading_is_held_against_the_claim(values: Values, reading: str, stance: str) -> None:
    found = judge(claim("decreases"), article(RESULT), values, Fake(calmed=reading))
    assert found.stance == stance


@pytest.mark.parametrize("reading", ["up", "down", "same", "torn", "mute"])
def test_the_opposite_claim_turns_the_stance(values: Values, reading: str) -> None:
    turn = {"supports": "contradicts", "contradicts": "supports"}
    one = judge(claim("decreases"), article(RESULT), values, Fake(calmed=reading))
    other = judge(opposite(claim("decreases")), article(RESULT), values, Fake(calmed=reading))
    assert other.stance == turn.get(one.stance, one.stance)


def test_the_model_is_asked_with_the_words_of_the_article(values: Values) -> None:
    model = Fake(calmed="down")
    judge(claim("decreases"), article(RESULT), values, model)
    assert model.asked == [("Vesicles", "apoptosis", "")]


def test_sentences_that_are_no_evidence_are_not_asked(values: Values) -> None:
    model = Fake(calmed="down")
    aim = Said("Vesicles calmed apoptosis of hepatocytes.", role="aim")
    assert judge(claim("decreases"), article(aim), values, model).stance == "insufficient"
    assert model.asked == []


def test_the_doer_may_stand_in_the_title(values: Values) -> None:
    model = Fake(fell="down")
    quiet = Said("Apoptosis of hepatocytes fell in the treated group.")
    found = judge(claim("decreases"), article(quiet, title="Vesicles."), values, model)
    assert found.stance == "supports"
    assert model.asked[0][0] == "Vesicles"


def test_another_doer_in_the_sentence_bars_that_of_the_title(values: Values) -> None:
    model = Fake(fell="down")
    other = Said("Apoptosis of hepatocytes fell with saline.")
    found = judge(claim("decreases"), article(other, title="Vesicles."), values, model)
    assert found.stance == "insufficient"


def test_a_surrogate_that_goes_the_other_way_is_turned(values: Values) -> None:
    said = Said("Vesicles raised Bcl-2 in hepatocytes.")
    found = judge(claim("decreases"), article(said), values, Fake(raised="up"))
    assert found.stance == "supports"


def test_a_hypothesis_is_no_finding(values: Values) -> None:
    said = Said("We hypothesized that vesicles calmed apoptosis of hepatocytes.")
    assert judge(claim("decreases"), article(said), values, Fake(calmed="down")).stance == (
        "insufficient"
    )


def test_claims_beyond_effects_are_left_alone(values: Values) -> None:
    model = Fake(calmed="down")
    for one in (
        claim("decreases", predicate="compared_with", comparator=["MSCs"]),
        claim("decreases", mediator=["miR-122"]),
    ):
        found = judge(one, article(RESULT), values, model)
        assert found.stance == "insufficient"
        assert found.why[0].startswith("learned: it reads effects only")
    assert model.asked == []


def test_the_sentences_that_decided_are_quoted(values: Values) -> None:
    about = article(RESULT)
    found = judge(claim("decreases"), about, values, Fake(calmed="down"))
    (span,) = found.spans
    assert about.article.text[slice(*span)] == RESULT.words
    assert found.evidence == ()
    assert found.why[0] == "learned: the direction was read with a chance of 0.90"


def test_each_wording_of_a_sentence_is_asked_once(values: Values) -> None:
    model = Fake(calmed="down")
    twice = Said("Vesicles calmed apoptosis of hepatocytes, and apoptosis stayed low.")
    view = view_of(article(twice), values)
    relations = read_effects(question_of(claim("decreases"), values), view, values, model)  # type: ignore[arg-type]
    assert len(relations) == len(model.asked) == 1


def test_without_its_runtime_it_says_what_to_install(
    values: Values, monkeypatch: pytest.MonkeyPatch
) -> None:
    from textmine.claims.encoder import default_encoder

    default_encoder.cache_clear()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtra, match="learned"):
        list(
            check(
                [claim("decreases")], [article(RESULT)], lexicon=Words(), values=values,
                stance_model="learned",
            )
        )  # fmt: skip
    default_encoder.cache_clear()
