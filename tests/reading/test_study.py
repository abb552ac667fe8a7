# ruff: noqa: E501 (a table of texts)
from __future__ import annotations

import pytest

from textmine.reading.sample_size import number_of
from textmine.reading.study import REPORTABLE, study_card
from textmine.records import (
    DataBank,
    Sentence,
    StudyCard,
    article_from_json,
)


def card(text: str, *types: str, mesh: tuple[str, ...] = (), **more: object) -> StudyCard:
    line = {"id": "1", "text": text, "publication_types": list(types), "mesh": list(mesh), **more}
    article = article_from_json(line)
    made = study_card(article, (), (), ())
    for quote in made.quotes:
        assert article.text[quote.start : quote.end] == quote.text
    return made


MICE = "Vesicles lessen scarring.\nTwenty-four mice were randomised to vehicle or vesicles."


@pytest.mark.parametrize(
    ("design", "text", "types", "mesh"),
    [
        ("animal_in_vivo", MICE, (), ()),
        ("animal_and_in_vitro", MICE + " In vitro, migration fell.", (), ("Mice", "Humans")),
        ("in_vitro", "Vesicles calm cells.\nHuman LX-2 cells were treated. Migration fell.", ("Journal Article",), ("Humans",)),
        ("other", "Retraction: Vesicles lessen scarring.\nThis article has been retracted.", (), ()),
        ("other", MICE, ("Comment",), ()),
        ("other", MICE, ("Retraction Notice",), ()),
        ("review", "Vesicles in disease.\nIn this review we discuss vesicles in mice.", (), ()),
        ("review", "Vesicles in disease.\nVesicles were studied in mice.", ("Review",), ()),
        ("systematic_review", "Vesicles: a systematic review of animal studies.\nThirty studies of mice were included.", ("Review",), ()),
        ("meta_analysis_animal", "Vesicles in rodents: a meta-analysis of preclinical studies.\nWe pooled studies of mice and rats.", ("Meta-Analysis",), ()),
        ("meta_analysis_human", "Vesicles: a meta-analysis of randomised trials.\nTrials with 412 patients were pooled.", (), ()),
        ("protocol", "Vesicles in cirrhosis: study protocol for a randomised trial.\nForty patients will be randomised.", (), ()),
        ("protocol", "Vesicles in cirrhosis.\nForty patients will be enrolled and randomised.", ("Randomized Controlled Trial",), ()),
        ("randomised_trial", "Vesicles in cirrhosis.\nForty patients were randomly assigned to vesicles or placebo.", (), ()),
        ("controlled_trial", "Vesicles in cirrhosis.\nTwenty patients received vesicles; a control group received standard care.", (), ()),
        ("single_arm_trial", "Vesicles in cirrhosis: a phase 1 trial.\nNine patients received vesicles.", (), ()),
        ("observational", "Serum exosomes in cirrhosis.\nSerum exosomes of 42 patients with cirrhosis and 20 healthy controls were compared.", (), ("Humans",)),
        ("case_report", "Vesicles for a fistula: a case report.\nA 54-year-old man was treated.", (), ()),
        ("ex_vivo", "Vesicles for donor organs.\nDiscarded human livers were perfused ex vivo with vesicles.", (), ()),
        ("in_silico", "Targets of a microRNA.\nWe used network pharmacology and molecular docking.", (), ()),
    ],
)  # fmt: skip
def test_design(design: str, text: str, types: tuple[str, ...], mesh: tuple[str, ...]) -> None:
    made = card(text, *types, mesh=mesh)
    assert made.design == design
    assert made.design_reasons


def test_randomised_mice_are_no_trial() -> None:
    assert card(MICE).design == "animal_in_vivo"
    assert card(MICE).randomised is True


def test_species_of_the_model_not_of_the_donor() -> None:
    made = card(
        "Vesicles lessen scarring.\n"
        "Exosomes of human umbilical cord mesenchymal stem cells were injected into C57BL/6 mice."
    )
    assert made.species == ("mouse",)
    assert made.vesicle_donor == ("human",)
    assert made.vesicle_source == ("umbilical cord",)
    assert made.strains == ("C57BL/6",)


def test_systematic_review_of_animals_keeps_its_species() -> None:
    made = card("A systematic review of vesicles.\nStudies of mice and rats were included.")
    assert (made.design, made.species) == ("systematic_review", ("mouse", "rat"))


@pytest.mark.parametrize(
    ("text", "n", "per_group"),
    [
        ("Rats were treated (n = 8 per group).", None, 8),
        ("Mice were treated (n=10/group).", None, 10),
        ("Three groups of ten mice were formed.", 30, 10),
        ("We enrolled 42 patients.", 42, None),
        ("Twenty-four C57BL/6 mice were treated.", 24, None),
        ("A total of 1,204 participants were followed.", 1204, None),
        ("Sixty rats were divided into four groups.", 60, None),
        ("Twelve macaques and twenty rabbits were dosed.", 32, None),
        ("Eighty adults were randomly assigned (1:1) to vesicles or placebo.", 80, None),
        ("Mice were treated for 8 weeks.", None, None),
    ],
)
def test_sample_size(text: str, n: int | None, per_group: int | None) -> None:
    made = card("A study of vesicles.\n" + text)
    assert (made.n, made.n_per_group) == (n, per_group)


def test_numbers_in_words() -> None:
    assert [number_of(t) for t in ("twenty-four", "1,204", "two hundred", "many")] == [
        24, 1204, 200, None,
    ]  # fmt: skip


def test_silence_is_not_no() -> None:
    made = card(MICE)
    assert made.blinded is None
    assert "blinded" in made.not_reported
    assert "randomised" not in made.not_reported
    assert set(made.not_reported) <= set(REPORTABLE)


def test_said_no_is_no() -> None:
    made = card("A trial.\nNine patients received vesicles in an open-label trial.")
    assert made.blinded is False
    assert "blinded" not in made.not_reported


def test_details() -> None:
    made = card(
        "Vesicles lessen scarring.\n"
        "Exosomes were isolated by ultracentrifugation and shown by electron microscopy and "
        "nanoparticle tracking; CD63 and TSG101 were present. Mice given CCl4 received 100 µg via "
        "the tail vein, and readers were blinded. Scarring fell (SMD −1.84, 95% CI −2.41 to −1.27; "
        "P < 0.001). Silencing of the cargo by siRNA abolished this. NCT99000123."
    )
    assert made.isolation == ("ultracentrifugation",)
    assert made.characterisation == ("TEM", "NTA")
    assert made.markers == ("CD63", "TSG101")
    assert made.models == ("CCl4",)
    assert made.dose == ("100 µg",)
    assert made.route == ("intravenous",)
    assert made.blinded is True
    assert made.effect_sizes[0].startswith("SMD −1.84")
    assert made.p_values == ("P < 0.001",)
    assert "loss of function" in made.causal_test
    assert made.registration == ("NCT99000123",)


def test_registration_from_databanks() -> None:
    line = {"id": "1", "text": MICE, "databanks": [{"name": "ClinicalTrials.gov", "accessions": ["NCT99000123"]}, {"name": "GENBANK", "accessions": ["AB1"]}]}  # fmt: skip
    article = article_from_json(line)
    assert article.databanks[0] == DataBank("ClinicalTrials.gov", ("NCT99000123",))
    assert study_card(article, (), (), ()).registration == ("NCT99000123",)


@pytest.mark.parametrize("text", ["", "Only a title\n", "No newline at all", "\n\n"])
def test_hardly_any_text(text: str) -> None:
    made = card(text)
    assert made.design in ("other", "review")
    assert made.n is None


@pytest.mark.parametrize(
    ("words", "source"),
    [
        ("Exosomes derived from breast cancer cells were added.", ("breast cancer cell",)),
        ("Microglia-derived small EVs were added.", ("microglia",)),
        ("Plasma exosomes were measured.", ("plasma",)),
        ("Astrocytes release more extracellular vesicles.", ("astrocyte",)),
        ("Exosomes were isolated from serum and from urine-derived EVs.", ("serum", "urine")),
        ("BMSC-derived exosomes were added.", ("bone marrow",)),
        ("Melanoma exosomes and other tumour-derived exosomes were added.", ("melanoma cell",)),
        ("A plasma membrane protein of the exosomes was found.", ()),
        ("Light was shed on exosomes.", ()),
    ],
)
def test_origin_of_vesicles(words: str, source: tuple[str, ...]) -> None:
    made = card("Vesicles in a dish.\nCells were cultured. " + words)
    assert made.vesicle_source == source
    assert {q.value for q in made.quotes if q.field == "vesicle_source"} == set(source)


def test_kind_of_cell_without_a_tissue() -> None:
    made = card("Vesicles lessen scarring.\nMSC exosomes were injected into mice.")
    assert (made.vesicle_source, made.vesicle_cell) == ((), ("MSC",))


def test_subjects_and_species_of_cells() -> None:
    made = card("Vesicles calm cells.\nHuman LX-2 cells were treated.", mesh=("Humans",))
    assert made.subjects == ("cells",)
    assert made.cell_species == ("human",)
    assert card(MICE + " In vitro, LX-2 cells were calmed.").subjects == ("animal", "cells")
    both = card("A trial.\nForty patients were randomised to vesicles or placebo.")
    assert both.subjects == ("human",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Scarring fell (SMD −1.84, 95% CI −2.41 to −1.27; P < 0.001).", ("SMD", -1.84, -2.41, -1.27, "P < 0.001")),
        ("Survival was longer (hazard ratio =2.81, 95% CI: 2.02-3.93).", ("HR", 2.81, 2.02, 3.93, None)),
        ("Scores rose (WMD: 9.07, 95% CI: 6.76 to 11.38, p=0.02).", ("MD", 9.07, 6.76, 11.38, "p=0.02")),
        ("The odds ratio was 1·8 (95% CI 1·1–2·9).", ("OR", 1.8, 1.1, 2.9, None)),
        ("An SMD of 0.5 (95% CI 0.9 to 1.2) was found.", ("SMD", 0.5, None, None, None)),
    ],
)  # fmt: skip
def test_effects(text: str, expected: tuple[object, ...]) -> None:
    (made,) = card("Vesicles lessen scarring.\nMice were treated. " + text).effects
    assert (made.measure, made.value, made.low, made.high, made.p) == expected


def test_or_is_a_word_too() -> None:
    assert card("Vesicles in mice.\nMice were given 5 or 10 doses. It was 30 or 40.").effects == ()


def test_funding_and_interests_of_the_record() -> None:
    made = card(MICE, grants=[{"id": "G-1", "agency": "Fund"}], coi="None declared.")
    assert made.funding == ("Fund, G-1",)
    assert made.competing_interests == "None declared."


def test_a_review_that_does_not_say_so() -> None:
    made = card(
        "The biology, function, and applications of exosomes in cancer.\n"
        "Exosomes are nanovesicles released upon fusion of multivesicular bodies with the cell "
        "surface. They can transport nucleic acids and proteins for intercellular communication. In "
        "cancers, exosomes may participate in growth and metastasis of tumors. They are also "
        "involved in drug resistance, and can be used as biomarkers for early detection."
    )
    assert made.design == "review"
    assert "written like a review" in made.design_reasons[0]
    assert made.vesicle_source == ()


def test_a_searched_review_is_systematic() -> None:
    made = card(
        "Vesicles and mitochondria in the heart.\n"
        "This review maps the evidence. PubMed and Scopus were systematically searched. A total of "
        "48 studies were included."
    )
    assert made.design == "systematic_review"


@pytest.mark.parametrize(
    ("title", "design"),
    [
        ("Plasma vesicle proteins as biomarkers of sarcopenia in older people", "observational"),
        ("Vesicles from plasma promote migration of cells", "in_vitro"),
    ],
)
def test_cells_beside_samples_of_people_go_by_the_title(title: str, design: str) -> None:
    made = card(
        f"{title}.\nPlasma of 40 patients with sarcopenia and 20 healthy controls was compared. "
        "Cultured myotubes were exposed to the vesicles."
    )
    assert made.design == design
    assert "human" in made.species


def test_seen_in_animals_alone_without_their_name() -> None:
    made = card(
        "Cord vesicles in infarction.\nVesicles improve cardiac function after myocardial "
        "infarction and macrophages were activated."
    )
    assert made.design == "animal_and_in_vitro"
    assert made.species == ()
    assert "species" in made.not_reported


def test_doings_in_what_was_taken_for_background_count() -> None:
    text = (
        "Vesicles.\nThe 150 male mice underwent middle cerebral artery occlusion. Mice are small."
    )
    article = article_from_json({"id": "1", "text": text})
    sentences = [
        Sentence(0, 9, "title"), Sentence(10, 72, "background"), Sentence(73, 89, "background"),
    ]  # fmt: skip
    made = study_card(article, sentences, (), ())
    assert (made.species, made.n, made.models) == (("mouse",), 150, ("stroke",))


def test_a_cancer_named_in_the_title_alone() -> None:
    made = card(
        "Tumour-derived exosomes and ovarian carcinoma.\nTumour-derived exosomes were injected into "
        "mice and grew."
    )
    assert made.vesicle_source == ("ovarian cancer cell",)
    assert made.models == ("tumour",)


def test_a_model_of_animals_is_none_of_patients() -> None:
    made = card(
        "Vesicles after stroke.\nForty patients with myocardial infarction were randomised."
    )
    assert made.models == ()


def test_a_group_size_is_not_guessed() -> None:
    made = card("Vesicles in rats.\nSixty rats were divided into four groups.")
    assert made.n_per_group is None
    assert any("15 each if they are equal" in r for r in made.design_reasons)
