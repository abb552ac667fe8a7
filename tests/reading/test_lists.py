"""What is said of one member of a list is said of all; cases against controls."""

from __future__ import annotations

import pytest

from textmine.reading.lists import lists_of
from textmine.reading.relations import read_relations
from textmine.reading.tagging import tag
from textmine.reading.triggers import Triggers, tokenize
from textmine.records import Article, Mention, Passage, Sentence

LETTERS = {"v": "VESICLE", "c": "CELL", "m": "MIRNA", "g": "GENE", "x": "CHEMICAL", "d": "DISEASE",
           "p": "PROCESS", "o": "ORGANISM", "t": "OUTCOME", "i": "INTERVENTION"}  # fmt: skip


def marked(text: str) -> tuple[str, list[Mention]]:
    """{key|surface} becomes a mention of the label of the key's first letter, named by the key."""
    mentions = []
    while "{" in text:
        a, b = text.index("{"), text.index("}")
        key, _, name = text[a + 1 : b].partition("|")
        mentions.append(Mention(key, a, a + len(name), name, LETTERS[key[0]]))
        text = text[:a] + name + text[b + 1 :]
    return text, mentions


def read(text: str) -> set[str]:
    plain, mentions = marked(text)
    article = Article("1", plain, passages=(Passage("abstract", 0, len(plain)),))
    sentence = Sentence(0, len(plain), "result")
    found = read_relations(article, [sentence], mentions)
    return {f"{r.subject} {r.predicate} {r.object} {r.direction}" for r in found}


def members(text: str) -> list[list[str]]:
    plain, mentions = marked(text)
    tokens = tokenize(plain, 0, len(plain), mentions, Triggers.load())
    tag(tokens)
    return [[m.id for e in run for m in e.all] for run in lists_of(tokens)]


@pytest.mark.parametrize(
    ("text", "lists"),
    [
        ("{v1|EVs} lowered {g1|TNF}, {g2|IL-6} and {g3|IL-8}.", [["g1", "g2", "g3"]]),
        ("{g1|cytokines} ({g2|TNF}, {g3|IL-6}) fell.", [["g1", "g2", "g3"]]),
        ("{g1|tumor necrosis factor} ({g2|TNF}) fell.", []),
        ("levels of {g1|TNF} (P < 0.05) and {g2|IL-6} fell", [["g1", "g2"]]),
        ("{g1|TNF} fell and reduced {g2|IL-6} was seen", []),
        ("Compared with {v1|A-EVs}, {v2|B-EVs} acted", []),
    ],
)
def test_lists_are_found(text: str, lists: list[list[str]]) -> None:
    assert members(text) == lists


def test_every_member_is_told_of() -> None:
    found = read("{v1|EVs} lowered {g1|TNF} (−61%, P < 0.001) and {g2|CCL2} (−40%, P = 0.004).")
    assert found == {"v1 regulates g1 decreases", "v1 regulates g2 decreases"}


def test_members_in_brackets_and_after_such_as() -> None:
    found = read("{v1|EVs} reduced {g1|cytokines} ({g2|TNF}, {g3|IL-6} and {g4|IL-8}).")
    assert {f"v1 regulates g{k} decreases" for k in (2, 3, 4)} <= found
    found = read("{v1|EVs} exhibited highly expressed {m1|miRNAs}, such as {m2|miR-155}.")
    assert "v1 carries m2 increases" in found


def test_the_subject_of_the_next_clause_is_no_member() -> None:
    found = read("{v1|EVs} reduced {g1|TNF}, and {g2|IL-10} increased after {x1|dexamethasone}.")
    assert "v1 regulates g2 decreases" not in found


def test_respectively_goes_member_by_member() -> None:
    found = read("{g1|A1} and {g2|B1} loss raised and lowered {d1|fibrosis}, respectively.")
    assert found == {"g1 regulates d1 decreases", "g2 regulates d1 increases"}


@pytest.mark.parametrize(
    "text",
    [
        "{g1|SPP1} was increased in the liver of {o1|patients} with {d1|NASH}.",
        "Increased {g1|SPP1} was observed in the plasma of {d1|NASH} {o1|patients}.",
        "In {d1|NASH} tissues, {g1|SPP1} was upregulated.",
        "{g1|SPP1} levels were higher in {d1|NASH} than in {o1|controls}.",
    ],
)
def test_cases_differ_from_controls(text: str) -> None:
    assert read(text) == {"g1 associated_with d1 increases"}


def test_treated_patients_are_no_cases() -> None:
    found = read(
        "{g1|ALT} fell in {o1|patients} with {d1|NASH} treated with {x1|obeticholic acid}."
    )
    assert found == {"x1 regulates g1 decreases"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{v1|EV}-mediated delivery of {m1|miR-21} promoted {p1|migration}.",
         {"v1 delivers m1 unspecified", "m1 regulates p1 increases"}),
        ("{v1|Exosomal} {m1|miR-21} was taken up by {c1|hepatocytes}.",
         {"v1 delivers m1 unspecified"}),
        ("{c1|Hepatocytes} transferred {m1|miR-21} to {c2|LX-2 cells} via {v1|exosomes}.",
         {"v1 delivers m1 unspecified", "v1 derived_from c1 unspecified"}),
        ("{m1|miR-21} was elevated in {v1|EVs}.", {"v1 carries m1 increases"}),
        ("{m1|miR-21}, which targeted and inhibited {g1|PTEN}, was seen.",
         {"m1 targets g1 decreases"}),
        ("{v1|EVs} reduced {g1|TNF}, which was prevented by {x1|GW4869}.",
         {"v1 regulates g1 decreases", "x1 regulates g1 increases"}),
        ("{v1|EVs} lowered {g1|TNF}, while {v2|M1-EVs} had the opposite effect.",
         {"v1 regulates g1 decreases", "v2 regulates g1 increases"}),
        ("{x1|Tranilast} showed a trend toward smaller {d1|keloids}.",
         {"x1 regulates d1 unchanged"}),
        ("{g1|HNF4A} knockdown caused {c1|hepatocytes} to dedifferentiate into {c2|progenitors}.",
         {"c1 converts_to c2 unspecified", "g1 regulates c2 decreases"}),
        ("A close correlation between {m1|miR-21} and {t1|survival} was seen.",
         {"m1 associated_with t1 unspecified"}),
        ("{v1|EVs} suppressed {g1|NF-κB}, a key driver of {p1|inflammation}.",
         {"v1 regulates g1 decreases", "g1 regulates p1 increases"}),
    ],
)  # fmt: skip
def test_what_is_told_in_other_words(text: str, wanted: set[str]) -> None:
    assert wanted <= read(text)
