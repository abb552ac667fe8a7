"""Cue words and what only looks like one."""

from __future__ import annotations

import pytest

from textmine.reading.cues import find_cues


def kinds(text: str) -> set[tuple[str, str]]:
    return {(text[c.start : c.end].lower(), c.kind) for c in find_cues(text, 0, len(text))}


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("X did not fall", ("not", "negation")),
        ("no significant difference", ("no significant difference", "null")),
        ("X may fall", ("may", "hedge")),
        ("We asked whether", ("whether", "hypothesis")),
        ("more than Y", ("than", "comparison")),
        ("X fell, whereas Y rose", ("whereas", "concession")),
        ("siRNA against X", ("sirna", "perturbation")),
    ],
)
def test_cues(text: str, cue: tuple[str, str]) -> None:
    assert cue in kinds(text)


@pytest.mark.parametrize("text", ["not only X but Y", "no less effective"])
def test_not_only_is_no_negation(text: str) -> None:
    assert not {k for k in kinds(text) if k[1] == "negation"}


def test_offsets_are_inside_the_span() -> None:
    text = "X did not fall. Y may rise."
    found = find_cues(text, 16, len(text))
    assert [text[c.start : c.end] for c in found] == ["may"]
