"""Turning a plain claim round."""

from __future__ import annotations

import pytest

from textmine.claims.opposite import Opposites, default_opposites, opposite
from textmine.errors import ConfigError


@pytest.mark.parametrize(
    ("statement", "turned", "kind"),
    [
        ("X increases Y.", "X decreases Y.", "direction"),
        ("Reduced X leads to higher Y.", "Reduced X leads to lower Y.", "direction"),
        ("X can reduce Y.", "X can enhance Y.", "direction"),
        ("Upregulated X was seen.", "Downregulated X was seen.", "direction"),
        ("X does not increase Y.", "X does increase Y.", "denial"),
        ("X is not required for Y.", "X is required for Y.", "denial"),
        ("X has no effect on Y.", "X has an effect on Y.", "denial"),
        ("X is a factor of Y.", "X is not a factor of Y.", "denial"),
    ],
)
def test_a_claim_is_turned(statement: str, turned: str, kind: str) -> None:
    found = default_opposites().turn(statement)
    assert found is not None
    assert (found.text, found.kind) == (turned, kind)


@pytest.mark.parametrize("statement", ["X raises Y.", "Higher X, more Y.", "X is safe."])
def test_turning_twice_gives_the_claim_back(statement: str) -> None:
    once = opposite(statement)
    assert once is not None and once != statement
    assert opposite(once) == statement


def test_a_claim_without_such_a_word_has_no_opposite() -> None:
    assert opposite("X regulates Y.") is None


def test_a_report_is_mirrored_only_if_one_word_tells_its_direction() -> None:
    tables = default_opposites()
    assert tables.mirror("Pain was lower with X.") == "Pain was higher with X."
    assert tables.mirror("Pain was lower and sleep was longer with X.") is None
    assert tables.mirror("Pain was not lower with X.") is None


def test_a_word_in_two_pairs_is_refused() -> None:
    with pytest.raises(ConfigError, match="'up' stands in two pairs"):
        Opposites({"words": "up down\nup left", "verbs": "", "denials": [], "deniable": ["is"]})


@pytest.mark.parametrize(
    ("statement", "parts"),
    [
        ("Early screening decreases mortality.", ("Early screening", "mortality", "decreases")),
        ("X can reduce Y.", ("X", "Y", "decreases")),
        ("Lack of X promotes Y in mice.", ("Lack of X", "Y in mice", "increases")),
        ("X does not increase Y.", None),
        ("X is higher in Y.", None),
        ("X increases Y and decreases Z.", None),
    ],
)
def test_a_claim_of_an_effect_is_taken_apart(
    statement: str, parts: tuple[str, str, str] | None
) -> None:
    found = default_opposites().effect(statement)
    assert (found and (found.doer, found.target, found.direction)) == parts
