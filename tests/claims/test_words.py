from __future__ import annotations

import pytest

from textmine.claims.words import default_words


@pytest.mark.parametrize(
    ("statement", "subject", "direction", "thing"),
    [
        ("Vesicle A curbs the growth of tumours.", "Vesicle A", "decreases", "growth of tumours"),
        ("RTN3 is repressed in macrophages by miR-4488", "miR-4488", "decreases", "RTN3"),
        ("Fewer cells die under drug X.", "drug X", "decreases", "cells die"),
        ("miR-1 shuts down AKT signalling", "miR-1", "decreases", "AKT signalling"),
        ("Serum X is raised in disease Y", "disease Y", "increases", "Serum X"),
        ("In mice, drug A raises ALT", "drug A", "increases", "ALT"),
        ("Wnt signalling is shut off by X", "X", "decreases", "Wnt signalling"),
        ("LAMP2A hastens the decay of protein B", "LAMP2A", "increases", "decay of protein B"),
    ],
    ids=[
        "active",
        "passive",
        "fewer",
        "phrasal",
        "raised-in",
        "front",
        "phrasal-passive",
        "article-a",
    ],
)
def test_a_claim_is_taken_apart(statement: str, subject: str, direction: str, thing: str) -> None:
    said = default_words().read(statement)
    assert said is not None
    assert said.subject is not None
    assert said.object is not None
    assert (said.subject.text, said.direction, said.object.text) == (subject, direction, thing)
    for span in (said.subject, said.object):
        assert statement[span.start : span.end] == span.text


def test_what_a_thing_is_kept_from_and_through_what() -> None:
    words = default_words()
    kept = words.read("Exosomes keep stellate cells from being activated.")
    assert kept is not None
    assert kept.kept_from is not None
    assert kept.kept_from.text == "being activated"
    assert words.process(kept.kept_from.text) == "activation"
    way = words.read("Exosomes direct the fate of cells by way of Wnt signalling.")
    assert way is not None
    assert way.mediator is not None
    assert way.mediator.text == "Wnt signalling"


def test_a_comparison_has_its_other_arm() -> None:
    said = default_words().read("Exosomes heal wounds better than whole cells")
    assert said is not None
    assert said.comparator is not None
    assert (said.predicate, said.direction, said.comparator.text) == (
        "compared_with",
        "superior",
        "whole cells",
    )


def test_denials_removals_and_turning_nouns_are_seen() -> None:
    words = default_words()
    for statement, what in (
        ("Exosomes do not worsen fibrosis", "denied"),
        ("It is not true that exosomes reduce fibrosis", "denied"),
        ("Blockade of HSP90 reduces injury", "removed"),
        ("Exosomes speed the loss of neurons", "turned"),
    ):
        said = words.read(statement)
        assert said is not None
        assert getattr(said, what), statement
    plain = words.read("Exosomes reduce fibrosis")
    assert plain is not None
    assert not (plain.denied or plain.removed or plain.turned)
    twice = words.read("It is not true that exosomes do not reduce fibrosis")
    assert twice is not None
    assert not twice.denied


def test_a_sentence_that_says_no_change_is_not_read() -> None:
    assert default_words().read("Exosomes are small.") is None


def test_kinds_and_quantifiers() -> None:
    words = default_words()
    assert words.kind("Exosomes heal better than cells") == "comparative"
    assert words.kind("Large amounts of exosomes can be produced at low cost") == "manufacturing"
    assert words.kind("miR-1 lowers AKT") == "mechanistic"
    assert words.quantifier("Only exosomes help") == "universal"
    assert words.quantifier("Some exosomes help") == "some"
    assert words.quantifier("Exosomes help") is None
