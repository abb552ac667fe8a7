"""Short forms: definitions in the text, and words that decide between meanings."""

from __future__ import annotations

from pathlib import Path

import pytest
from spacy.language import Language

from textmine.errors import ConfigError
from textmine.reading.abbreviations import Ambiguities, find_definitions, uses
from textmine.reading.pipeline import build_pipeline
from textmine.reading.sentences import sentence_spans


@pytest.fixture(scope="module")
def nlp() -> Language:
    return build_pipeline()


def defined(text: str, nlp: Language) -> list[tuple[str, str]]:
    found = find_definitions(text, sentence_spans(text), nlp)
    return [(d.form, text[slice(*d.long)]) for d in found]


@pytest.mark.parametrize(
    ("text", "form", "long"),
    [
        ("hepatic stellate cells (HSCs)", "HSCs", "hepatic stellate cells"),
        ("the alpha-smooth muscle actin (α-SMA)", "α-SMA", "alpha-smooth muscle actin"),
        ("in carbon tetrachloride (CCl4)", "CCl4", "carbon tetrachloride"),
        ("MSC-derived exosomes (Exos)", "Exos", "exosomes"),
        ("human MSC exosomes (ex)", "ex", "exosomes"),
        ("HSCs (hepatic stellate cells) rest", "HSCs", "hepatic stellate cells"),
        ("acute liver failure (ALF; n = 5)", "ALF", "acute liver failure"),
        ("tumor necrosis factor-α (TNF-α)", "TNF-α", "tumor necrosis factor-α"),
        ("less ischemia/reperfusion injury (I/R)", "I/R", "ischemia/reperfusion injury"),
        (
            "the cell division cycle and apoptosis regulator 1 (CCAR1)",
            "CCAR1",
            "cell division cycle and apoptosis regulator 1",
        ),
        ("the Rac family small GTPase 1 (RAC1)", "RAC1", "Rac family small GTPase 1"),
        (
            "extracellular vesicles released by tumors (tEVs)",
            "tEVs",
            "extracellular vesicles released by tumors",
        ),
        ("regulatory T cells (Tregs)", "Tregs", "regulatory T cells"),
        (
            "some exosomes from bone marrow stromal cells (BMSC-exo)",
            "BMSC-exo",
            "exosomes from bone marrow stromal cells",
        ),
        ("gold nanoparticles (AuNPs)", "AuNPs", "gold nanoparticles"),
        ("mice given 6-hydroxydopamine (6-OHDA)", "6-OHDA", "6-hydroxydopamine"),
        ("postmyocardial infarction (MI) repair", "MI", "myocardial infarction"),
        (
            "liquid chromatography-tandem mass spectrometry (LC-MS/MS)",
            "LC-MS/MS",
            "liquid chromatography-tandem mass spectrometry",
        ),
        ("GA (geldanamycin, 1 mg/kg)", "GA", "geldanamycin"),
        ("phosphorylated tau (P-tau)181", "P-tau", "phosphorylated tau"),
        ("a low ejection fraction [EF]", "EF", "ejection fraction"),
        ("Porphyromonas gingivalis (P. gingivalis)", "P. gingivalis", "Porphyromonas gingivalis"),
        ("macrophages (Mϕ) there", "Mϕ", "macrophages"),
        (
            "the EXs of endothelial progenitor cells (EPC-EXs)",
            "EPC-EXs",
            "EXs of endothelial progenitor cells",
        ),
        (
            "small extracellular vesicles of control MSCs (MSC-sEV)",
            "MSC-sEV",
            "small extracellular vesicles of control MSCs",
        ),
    ],
)
def test_definitions(text: str, form: str, long: str, nlp: Language) -> None:
    assert defined(f"We saw {text}.", nlp) == [(form, long)]


@pytest.mark.parametrize(
    "text",
    [
        "mice (n = 8)", "a drop (P < 0.05)", "saline (control)", "given twice (i.p.)",
        "cells (Fig. 2)", "the liver (see above)", "some patients with mild symptoms (stage 1)",
        "acids with the same elements (class I)", "macrophages (ITGAM, LCP1), and others (MAL)",
    ],
)  # fmt: skip
def test_no_definitions(text: str, nlp: Language) -> None:
    assert defined(f"We saw {text}.", nlp) == []


def test_definitions_do_not_cross_sentences(nlp: Language) -> None:
    assert defined("They were hepatic stellate cells. And so (HSC) was it.", nlp) == []


def test_a_second_name_in_the_bracket(nlp: Language) -> None:
    text = "Hepatic stellate cells (HepSCs, also written HSCs) rest."
    assert defined(text, nlp) == [
        ("HepSCs", "Hepatic stellate cells"), ("HSCs", "Hepatic stellate cells"),
    ]  # fmt: skip


def test_a_long_form_does_not_reach_into_an_earlier_bracket(nlp: Language) -> None:
    assert defined("It was seen (in adult dull) stem cells and exosomes (ADSCE).", nlp) == []


def test_the_nearest_definition_before_a_use_holds(nlp: Language) -> None:
    text = (
        "HSCs rest. Hepatic stellate cells (HSCs) rest. HSCs rest. "
        "Hematopoietic stem cells (HSC) move. HSCs move."
    )
    definitions = find_definitions(text, sentence_spans(text), nlp)
    longs = [text[slice(*d.long)] for _, _, d in uses(text, definitions)]
    assert longs == ["Hepatic stellate cells"] * 3 + ["Hematopoietic stem cells"] * 2


@pytest.mark.parametrize(
    ("form", "text", "curie"),
    [
        ("HSC", "Activated HSC in fibrosis expressed α-SMA.", "CL:0000632"),
        ("HSC", "CD34+ HSC engraft after G-CSF.", "CL:0000037"),
        ("ALI", "Lung oedema and ARDS in ALI.", "MESH:D055371"),
        ("AD", "Amyloid and dementia in AD.", "DOID:10652"),
    ],
)
def test_words_decide(form: str, text: str, curie: str) -> None:
    meaning = Ambiguities.load().decide(form, text)
    assert meaning is not None
    assert meaning.concept is not None
    assert meaning.concept.curie == curie


@pytest.mark.parametrize(
    "text", ["HSC were seen.", "HSC after fibrosis and mobilisation with CD34 and collagen."]
)
def test_nothing_is_guessed(text: str) -> None:
    assert Ambiguities.load().decide("HSC", text) is None


def test_a_meaning_that_we_do_not_read() -> None:
    meaning = Ambiguities.load().decide("Ex", "After exercise on a treadmill, Ex rats slept.")
    assert meaning is not None
    assert meaning.concept is None


def test_a_broken_table_is_told(tmp_path: Path) -> None:
    file = tmp_path / "abbreviations.toml"
    file.write_text('[[form]]\nforms = ["X"]\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="meaning"):
        Ambiguities.load(file)
