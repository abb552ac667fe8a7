"""The rules of lexicon.toml that work on names: shapes, joining, neighbours."""

from __future__ import annotations

import pytest

from textmine.reading.lexicon import Lexicon


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load()


def _named(lexicon: Lexicon, text: str) -> list[tuple[str, str]]:
    return [(m.text, m.label) for m in lexicon.match(text)]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("CRC cells grew", [("CRC cells", "CELL")]),
        ("two glioblastoma cell lines", [("glioblastoma cell lines", "CELL")]),
        ("the NSC34 cells died", [("NSC34 cells", "CELL")]),
        ("in QX99 lung cancer cells", [("QX99 lung cancer cells", "CELL")]),
        ("U87 glioblastoma cells", [("U87 glioblastoma cells", "CELL")]),
        ("treated with PBS cells were fed", [("PBS", "INTERVENTION")]),
        (
            "gastric cancer cell proliferation",
            [("gastric cancer cell", "CELL"), ("proliferation", "PROCESS")],
        ),
        (
            "cancer cell proliferation",
            [("cancer cell", "CELL"), ("proliferation", "PROCESS")],
        ),
        ("H23 cell proliferation", [("H23 cell", "CELL"), ("proliferation", "PROCESS")]),
        ("cell proliferation rose", [("cell proliferation", "PROCESS")]),
        ("a variety of cells", []),
        ("better than the cells themselves", [("cells", "CELL")]),
        ("activation of NF-κB", [("NF-κB", "GENE")]),
        ("activation of microglia", [("activation", "PROCESS"), ("microglia", "CELL")]),
        ("neuron survival", [("neuron", "CELL"), ("survival", "PROCESS")]),
        ("melanoma progression", [("melanoma", "DISEASE"), ("progression", "PROCESS")]),
        ("they show progression", []),
        ("Rats were fed", [("Rats", "ORGANISM")]),
        ("hsa_circ_0008803 rose", [("hsa_circ_0008803", "GENE")]),
        ("the ATF2-CHAC1 axis", [("ATF2", "GENE"), ("CHAC1", "GENE")]),
        ("SIRT1 in melanoma cells", [("SIRT1", "GENE"), ("melanoma cells", "CELL")]),
        ("migration assays", []),
        (
            "IGF2BP2 activates endothelial cells",
            [("IGF2BP2", "GENE"), ("endothelial cells", "CELL")],
        ),
    ],
)
def test_neighbours_and_shapes(lexicon: Lexicon, text: str, named: list[tuple[str, str]]) -> None:
    assert _named(lexicon, text) == named


def test_cells_of_a_tumour_are_cancer_cells(lexicon: Lexicon) -> None:
    (found,) = lexicon.match("melanoma cells")
    assert lexicon.is_a(found.entries[0].curie, "CL:0001064")


def test_offsets_belong_to_the_text(lexicon: Lexicon) -> None:
    text = "We saw H23 cell proliferation and U87 glioblastoma cells."
    for match in lexicon.match(text):
        assert text[match.start : match.end] == match.text
