"""The symbolic and the learned reading together, with an encoder that says what it is told to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.claims.little import Said, article, claim, tables
from textmine.claims.both import BothModel
from textmine.claims.encoder import Encoder
from textmine.claims.pairing import FEATURES, chances, pairs, read_off, weights
from textmine.claims.stance import Judgement, question_of
from textmine.claims.values import Values
from textmine.claims.view import view_of
from textmine.records import Annotated, Claim, Frame

Floats = NDArray[np.float64]


class Told:
    """An encoder that finds everything relevant, or nothing, and reads one direction."""

    def __init__(self, relevance: float = 0.99, direction: str = "decreases") -> None:
        self._relevance = relevance
        self._row = [
            float(d == direction) for d in ("increases", "decreases", "unchanged", "unsaid")
        ]

    def relevance(self, query: str, sentences: Sequence[str]) -> Floats:
        return np.full(len(sentences), self._relevance)

    def direction(self, one: str, other: str, third: str, sentences: Sequence[str]) -> Floats:
        return np.array([self._row] * len(sentences))


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Values:
    return tables(tmp_path_factory.mktemp("values"))


def ask(one: Claim, annotated: Annotated, values: Values, encoder: Told) -> Judgement:
    model = BothModel(cast(Encoder, encoder))
    return model(question_of(one, values), view_of(annotated, values), values)


DEATH = Said(
    "Vesicles lowered apoptosis of hepatocytes.", "Vesicles", "apoptosis", context="hepatocytes"
)
PLAIN = Claim(
    "P",
    "Umbilical factor Q lessens scarring of the kidney.",
    frame=Frame(("Umbilical factor Q",), "regulates", "decreases", ("scarring of the kidney",)),
)


def test_agreement_raises_the_score_and_disagreement_lowers_it(values: Values) -> None:
    one = claim("decreases")
    alike = ask(one, article(DEATH), values, Told(direction="decreases"))
    apart = ask(one, article(DEATH), values, Told(direction="increases"))
    assert alike.stance == apart.stance == "supports"
    assert alike.score > apart.score
    assert apart.why[0] == "disagree: symbolic supports, learned contradicts; look"
    assert "learned: agrees" in alike.why


def test_whole_cells_stay_no_evidence(values: Values) -> None:
    cells = Said(
        "MSCs lowered apoptosis of hepatocytes.", "MSCs", "apoptosis", context="hepatocytes"
    )
    found = ask(claim("decreases"), article(cells), values, Told())
    assert found.stance == "insufficient"
    assert found.indirect is not None
    assert found.indirect.startswith("whole_cells")


def test_a_plain_claim_in_unknown_words_is_paired_with_a_relation(values: Values) -> None:
    said = Said(
        "Vesicles lowered fibrosis; factor Q scarring kidney umbilical.", "Vesicles", "fibrosis"
    )
    question = question_of(PLAIN, values)
    assert read_off(question)
    view = view_of(article(said), values)
    (pair,) = pairs(question, view, values, cast(Encoder, Told()))
    assert pair.stance == "supports"
    assert pair.told == "Vesicles decreased fibrosis."
    assert pair.features.shape == (len(FEATURES),)
    turned = Claim(
        "P",
        PLAIN.statement,
        frame=Frame(("Umbilical factor Q",), "regulates", "increases", ("scarring of the kidney",)),
    )
    (other,) = pairs(question_of(turned, values), view, values, cast(Encoder, Told()))
    assert other.stance == "contradicts"
    assert (other.features == pair.features).all()


def test_no_pair_comes_from_what_stands_in_for_the_subject(values: Values) -> None:
    one = Claim(
        "P",
        "Vesicles lessen scarring.",
        frame=Frame(("vesicles",), "regulates", "decreases", ("scarring",)),
    )
    cells = Said("MSCs lowered fibrosis.", "MSCs", "fibrosis")
    assert (
        pairs(
            question_of(one, values), view_of(article(cells), values), values, cast(Encoder, Told())
        )
        == ()
    )


def test_the_shipped_weights_fit_and_make_chances() -> None:
    assert weights().shape == (len(FEATURES),)
    assert chances(()).shape == (0,)
    named = dict(zip(FEATURES, weights(), strict=True))
    assert named["object"] > 0
    assert named["both"] > 0
