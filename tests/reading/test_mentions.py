"""Mentions as a whole: flat, exact, and with the meaning that the article gives them."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from textmine.reading.candidates import Candidate
from textmine.reading.mentions import find_mentions, flat
from textmine.reading.pipeline import Reader
from textmine.reading.sentences import sentence_spans
from textmine.records import Mention, article_from_json


@lru_cache(maxsize=1)
def reader() -> Reader:
    return Reader()


def mentions(text: str) -> tuple[Mention, ...]:
    article = article_from_json({"id": "1", "text": text})
    spans = sentence_spans(text, article.passages)
    r = reader()
    return find_mentions(article, spans, lexicon=r.lexicon, grammar=r.grammar, nlp=r.nlp)


def meaning(text: str, name: str) -> list[str | None]:
    """The first concept of every mention of that name."""
    return [m.concepts[0].curie if m.concepts else None for m in mentions(text) if m.text == name]


STELLATE, BLOOD = "CL:0000632", "CL:0000037"
MSC, OTHER, GENERIC = "textmine:msc_ev", "textmine:other_ev", "textmine:generic_ev"


def test_the_longest_wins_and_ties_go_by_source() -> None:
    short = Candidate(0, 3, "GENE", source="lexicon")
    long = Candidate(0, 8, "VESICLE", source="vesicle")
    equal = Candidate(0, 8, "GENE", source="lexicon")
    beside = Candidate(9, 12, "CELL", source="lexicon")
    assert flat([short, equal, beside, long]) == [long, beside]


def test_labels_of_a_sentence() -> None:
    text = "BMSC-Exos carrying miR-29a/b reduced α-SMA in LX-2 cells of mice with liver fibrosis."
    assert [(m.text, m.label) for m in mentions(text)] == [
        ("BMSC-Exos", "VESICLE"), ("miR-29a", "MIRNA"), ("b", "MIRNA"), ("α-SMA", "GENE"),
        ("LX-2 cells", "CELL"), ("mice", "ORGANISM"), ("liver fibrosis", "DISEASE"),
    ]  # fmt: skip


def test_a_short_form_means_what_the_text_defines() -> None:
    text = "Hepatic stellate cells (HSCs) rest. HSCs wake."
    assert meaning(text, "HSCs") == [STELLATE, STELLATE]
    text = "Hematopoietic stem cells (HSCs) rest. HSCs wake in fibrosis with α-SMA."
    assert meaning(text, "HSCs") == [BLOOD, BLOOD]


def test_a_title_uses_what_the_abstract_defines() -> None:
    text = "HSCs at rest\nHematopoietic stem cells (HSCs) rest."
    assert meaning(text, "HSCs") == [BLOOD, BLOOD]


def test_a_form_defined_twice_goes_by_the_nearest_definition_or_the_words_beside_it() -> None:
    text = (
        "Hematopoietic stem cells (HSCs) engraft. HSCs move. "
        "Hepatic stellate cells (HSCs) make scars. HSCs rest. CD34+ HSCs of the marrow move."
    )
    assert meaning(text, "HSCs") == [BLOOD, BLOOD, STELLATE, STELLATE, BLOOD]


def test_words_of_the_article_decide_what_nothing_defines() -> None:
    assert meaning("In liver fibrosis HSCs made collagen.", "HSCs") == [STELLATE]
    assert meaning("CD34+ HSCs engraft after G-CSF.", "HSCs") == [BLOOD]


def test_what_nothing_decides_stays_a_mention_without_a_concept() -> None:
    (found,) = mentions("HSCs were counted.")
    assert (found.text, found.label, found.concepts) == ("HSCs", "CELL", ())


def test_a_short_form_of_something_else_is_no_mention() -> None:
    text = "Mild vortices (MV) began. MV ended."
    assert not [m for m in mentions(text) if m.text == "MV"]


def test_a_short_form_is_not_the_last_noun_of_its_phrase() -> None:
    text = "We took serum of all sick mice (SASM). SASM was kept."
    assert not [m for m in mentions(text) if m.text == "SASM"]


@pytest.mark.parametrize(
    ("text", "name", "curie"),
    [
        ("Exosomes from BMSCs act.", "Exosomes", MSC),
        ("Exosomes from IFN-γ-primed MSCs act.", "Exosomes", MSC),
        ("Exosomes from menstrual blood-derived stem cells act.", "Exosomes", MSC),
        ("Exosomes released by CCl4-injured hepatocytes act.", "Exosomes", OTHER),
        ("Exosomes act.", "Exosomes", GENERIC),
        ("MSCs and their exosomes act.", "exosomes", MSC),
    ],
)
def test_the_origin_of_vesicles_in_the_words_beside(text: str, name: str, curie: str) -> None:
    assert meaning(text, name) == [curie]


def test_a_name_in_brackets_means_what_stands_before_it() -> None:
    text = "Exosomes of palmitate-loaded AML12 cells (PA-Exo) were added. PA-Exo raised α-SMA."
    assert meaning(text, "PA-Exo") == [OTHER, OTHER]


def test_a_bare_vesicle_has_the_only_origin_of_the_article_beside_it() -> None:
    text = "BMSC-Exos were given. The exosomes reduced ALT."
    (bare,) = [m for m in mentions(text) if m.text == "exosomes"]
    assert [c.curie for c in bare.concepts] == [GENERIC, MSC]
    assert bare.concepts[1].score < bare.concepts[0].score
    assert bare.concepts[1].reason == "same abstract"


def test_with_several_origins_a_bare_vesicle_stays_generic() -> None:
    text = "BMSC-Exos and serum exosomes were given. The exosomes reduced ALT."
    (bare,) = [m for m in mentions(text) if m.text == "exosomes"]
    assert [c.curie for c in bare.concepts] == [GENERIC]


def with_model(
    text: str, *proposals: tuple[str, str], lengthens: Collection[str] = ()
) -> list[tuple[str, str]]:
    article = article_from_json({"id": "1", "text": text})
    r = reader()
    more = [
        Candidate(text.index(name), text.index(name) + len(name), label, source="model")
        for name, label in proposals
    ]
    found = find_mentions(
        article,
        [(0, len(text))],
        lexicon=r.lexicon,
        grammar=r.grammar,
        nlp=r.nlp,
        more=more,
        lengthens=lengthens,
    )
    return [(m.text, m.label) for m in found]


def test_a_model_fills_gaps_and_makes_nothing_else_of_a_vesicle() -> None:
    found = with_model("MSC-Exo reduced zorblax.", ("MSC-Exo reduced", "GENE"), ("zorblax", "GENE"))
    assert found == [("MSC-Exo", "VESICLE"), ("zorblax", "GENE")]


def test_a_models_longer_name_wins_and_its_shorter_one_does_not() -> None:
    text = "Zorblaxed MSC-Exo reduced liver fibrosis in ALT mice."
    found = with_model(text, ("Zorblaxed MSC-Exo", "VESICLE"), ("fibrosis", "PROCESS"))
    assert ("Zorblaxed MSC-Exo", "VESICLE") in found
    assert ("liver fibrosis", "DISEASE") in found


def test_a_model_that_is_weak_in_a_label_only_lengthens_known_names() -> None:
    text = "MSC-Exo reduced zorblax and serum albumin in flarn."
    proposals = (("zorblax", "GENE"), ("serum albumin", "GENE"), ("flarn", "DISEASE"))
    found = with_model(text, *proposals, lengthens=["GENE"])
    assert found == [("MSC-Exo", "VESICLE"), ("serum albumin", "GENE"), ("flarn", "DISEASE")]


def test_ids_depend_on_content_alone() -> None:
    first = mentions("MSC-Exo reduced ALT.")
    assert first == mentions("MSC-Exo reduced ALT.")
    assert len({m.id for m in first}) == len(first)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.sampled_from(
            ["MSC-Exo", "exosomes from", "BMSCs", "(HSCs)", "hepatic stellate cells", "miR-29a/b",
             "\x00", "\ud800", "😀", "مرحبا", "\n", ").", "reduced", "α-SMA", "EVs", "of", "CCl4-"]
        )
    )
)  # fmt: skip
def test_offsets_hold_and_nothing_overlaps(words: list[str]) -> None:
    text = " ".join(words)
    end = 0
    for mention in mentions(text):
        assert end <= mention.start < mention.end
        assert text[mention.start : mention.end] == mention.text
        end = mention.end


def test_component_finds_mentions_in_a_pipeline() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("textmine_sentences")
    nlp.add_pipe("textmine_mentions")
    doc = nlp("MSC-Exo carried miR-29a/b. It helped.")
    assert [m.text for m in doc._.mentions] == ["MSC-Exo", "miR-29a", "b"]
    assert [span.label_ for span in doc.spans["textmine"]] == ["VESICLE", "MIRNA", "MIRNA"]
    assert not nlp.analyze_pipes()["problems"]["textmine_mentions"]


@pytest.mark.parametrize(
    ("text", "curie"),
    [
        ("HSCs expressed α-SMA and collagen I.", "CL:0000632"),
        ("HSCs were mobilised with G-CSF.", "CL:0000037"),
        ("FAS rose with lipogenic SREBP.", "hgnc.symbol:FASN"),
        ("FAS met FasL.", "hgnc.symbol:FAS"),
        ("AMSCs came from amniotic membranes.", "CL:0002537"),
        ("FAS rose.", None),
    ],
)
def test_one_table_decides_ambiguous_forms(text: str, curie: str | None) -> None:
    assert meaning(text, text.split()[0]) == [curie]


@pytest.mark.parametrize(
    ("text", "name", "curie"),
    [
        ("The U87 exosomes were round.", "U87 exosomes", OTHER),
        ("They gave Schwann cell exosomes.", "Schwann cell exosomes", OTHER),
        ("We tested neuron- and astrocyte-derived exosomes.",
         "neuron- and astrocyte-derived exosomes", OTHER),
        ("The labeled EVs glowed.", "EVs", GENERIC),
        ("Corneal EVs heal.", "Corneal EVs", OTHER),
        ("In tissue, circulating EVs rise.", "circulating EVs", GENERIC),
        ("In Leydig cells exosomes were rare.", "exosomes", GENERIC),
    ],
)  # fmt: skip
def test_a_vesicle_has_the_origin_before_it(text: str, name: str, curie: str) -> None:
    assert meaning(text, name) == [curie]


def test_a_long_form_is_what_its_symbol_or_its_last_word_says() -> None:
    text = (
        "Rac family small GTPase 1 (RAC1) and Quuxly-Foobar syndrome (QFS) were studied. QFS rose."
    )
    found = [(m.text, m.label) for m in mentions(text)]
    assert ("Rac family small GTPase 1", "GENE") in found
    assert found.count(("QFS", "DISEASE")) == 2


def test_a_form_spelled_out_inside_a_longer_name_stays() -> None:
    text = "Tumor cell-derived extracellular vesicles (EVs) act. Enterovirus was absent. EVs grow."
    assert [m.text for m in mentions(text) if m.label == "VESICLE"].count("EVs") == 2
