"""Vesicle names by grammar: one span each, the right class, origins told elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from textmine.errors import ConfigError
from textmine.reading.candidates import Candidate
from textmine.reading.vesicle_names import Found, Grammar, inherit

OURS = """
MSC-Exo MSC-Exos MSC-exos MSC-EXO MSC-EXOs MSC-exo MSC-ex MSC-Ex MSCs-Exo MSCs-exo MSCs-Exos
MSC-exosome MSC-exosomes|MSC exosomes|MSCs-exosome|MSC-derived exosomes|MSCs-derived exosomes
MSC-EV MSC-EVs MSCs-EVs MSC-sEV MSC-sEVs|MSC EVs|MSC-derived EVs|MSC-MV Exo^MSC ExoMSC
hucMSC-Ex hucMSC-Exo hucMSC-exosomes|hucMSC exosomes|hucMSCs-exosomes hucMSC-EVs huc-MSC-EVs
HucMSC-Exos hUCMSC-Exo hUCMSC-EXOs hUCMSC-Exos hUCMSC-EVs hUC-MSC-Exo hUC-MSC-EVs
hUC-MSCs-exosomes|HUC-MSCs-derived exosomal|UC-MSC exosomes|UC-MSC-Exos UCMSC-EXO UC-MSC-EVs
HUMSCs-Exo|Huc-MSC-derived exosomes|WJ-MSC-derived exosomes|WJMSC-Exo WJ-MSC-EVs
hUCB-MSC exosomes|UCB-MSC-EVs BMSC-Exos BMSC-Exo BMSCs-exo BMSCs-Exo BMSC-EXO BMSC-EV BMSC-EVs
BM-MSC-Exo BM-MSC-EVs BM-MSCs-Exos BMMSC-exos|HO-1/BMMSC exosomes|HM-exos HExos hBM-MSCs-Ex
hBMSC-Exos rBMSC-Exo mBM-MSC-EV ADSC-Exo ADSC-Exos ADSCs-Exo ADSCs-exo ADSC-EVs ADMSC-EVs
ADMSCs-EVs ADMSC-Exo AD-MSC-sEVs AT-MSC-EVs ASC-EVs hASC-EVs|hASC-derived EVs|AMSC-Exo AMSC-EXO
AMSC-Exos AMSC-EVs AMSCs-EVs hAMSC-Exos hAMSC-EVs|PD-MSC exosomes|hpMSC-derived exosomes
P-MSC-Exo|PT-MSCs exosome|CP-MSC-Exo T-MSC-sEV T-MSC-sEVs hTMSC-EVs MenSC-Ex MenSC-Exo
hiPSC-MSC-Exo hiPSC-MSCs-Exo iMSC-Exo|HuES9.E1 MSC exosomes|HLSC-EV DPSC-Exos UC‑MSC‑EVs
hUCMSC-Exos@pPB BMSCs-exo^miR-223(i) BMSCs-exomiR-223(+) AMSC-Exo^miR-17-KD
"""
LONG = [
    "mesenchymal stem cell-derived exosomes",
    "mesenchymal stromal cell-derived small extracellular vesicles",
    "mesenchymal stem cell (MSC)-derived exosomes",
    "human umbilical cord MSC-derived exosomes",
    "human umbilical cord mesenchymal stem cell-derived small extracellular vesicles",
    "Wharton's jelly MSC exosomes",
    "adipose-derived stem cell EVs",
    "Engineered MSC exosomes",
    "unmodified AMSC exosomes",
]
STATE_ONLY = (
    "122-Exo γ-sEV γ-sEVs IFN-γ-sEVs T-Exo Hypo-Exo H-Exo HSTP1-Exos Blank-Exos Lamp2b+Exos "
    "Exo-miR-29a Exo^miR-223(+) Exo-NC Exo-siGPX1 sEV-miR-486|LPS-pretreated exosomes"
)
OTHERS = """
hAEC-EVs UCB-Exo NK-Exo EVN EVF iPSC-EVs ESC-Exo LSEC-EV M2-Exo
hepatocyte exosomes|HSC-derived exosomes|serum EVs|AM exosomes|milk exosomes|plasma exosomes
hepatocyte-derived exosomes|M2 macrophage exosomes|ginger exosome-like nanovesicles
HEK293T-derived exosomes|liver sinusoidal endothelial cell-derived EVs|Qzx7-derived EVs
"""


def forms(block: str) -> list[str]:
    """Blanks part names without a blank; "|" stands beside those with one."""
    out: list[str] = []
    for line in block.strip().splitlines():
        for part in line.split("|"):
            words = part.split()
            whole = " " in part.strip() and not any(len(words) > 2 or "-" in w for w in words[1:])
            heads = ("exosom", "evs", "exosome-like")
            if whole or any(w.lower().startswith(heads) for w in words[1:]):
                out.append(part.strip())
            else:
                out.extend(words)
    return out


@pytest.fixture(scope="module")
def grammar() -> Grammar:
    return Grammar.load()


def one(grammar: Grammar, name: str) -> Found:
    text = f"Rats were given {name} twice."
    found = grammar.names(text)
    assert [f.text for f in found] == [name]
    return found[0]


@pytest.mark.parametrize("name", [*forms(OURS), *LONG])
def test_every_form_is_one_name_of_the_stem(grammar: Grammar, name: str) -> None:
    assert one(grammar, name).curie.partition("/")[0] == "textmine:msc_ev"


@pytest.mark.parametrize("name", forms(OTHERS))
def test_other_origins_are_never_the_stem(grammar: Grammar, name: str) -> None:
    assert one(grammar, name).curie == "textmine:other_ev"


@pytest.mark.parametrize("name", forms(STATE_ONLY))
def test_names_by_state_take_the_articles_origin(grammar: Grammar, name: str) -> None:
    assert one(grammar, name).curie == "textmine:generic_ev"
    told = inherit(grammar.names(f"BMSC-derived exosomes ({name}) were given."))
    assert [f.curie.partition("/")[0] for f in told] == ["textmine:msc_ev"] * 2
    mixed = inherit(grammar.names(f"BMSC-Exos, serum EVs and {name} were given."))
    assert mixed[-1].curie == "textmine:generic_ev"


@pytest.mark.parametrize(
    "name", ["exosomes", "EVs", "Exosomal", "extracellular vesicles", "vesicles", "sEVs"]
)
def test_bare_names_are_generic(grammar: Grammar, name: str) -> None:
    assert one(grammar, name).curie == "textmine:generic_ev"


@pytest.mark.parametrize(
    "text",
    [
        "MSC-CM was given", "the MSC secretome", "synaptic vesicles", "multivesicular bodies",
        "liposomes", "seminal vesicles", "Ex vivo exercise", "mechanical ventilation (MV)",
        "cells with empty vector (EV)", "vesicular stomatitis virus",
    ],
)  # fmt: skip
def test_no_vesicle(grammar: Grammar, text: str) -> None:
    assert grammar.names(text) == []


def test_an_origin_does_not_cross_a_full_stop(grammar: Grammar) -> None:
    found = grammar.names("It acts on Akt. Stem cell-derived exosomes help.")
    assert [(f.text, f.curie) for f in found] == [
        ("Stem cell-derived exosomes", "textmine:generic_ev")
    ]


def test_source_state_and_cargo(grammar: Grammar) -> None:
    assert one(grammar, "hUC-MSC-Exos").curie == "textmine:msc_ev/umbilical_cord"
    assert one(grammar, "Engineered MSC exosomes").state == "engineered"
    assert one(grammar, "unmodified AMSC exosomes").state == "native"
    assert one(grammar, "Exo-miR-29a").cargo == "miR-29a"
    primed = grammar.names("IFN-γ-primed MSC exosomes")
    assert [(f.text, f.state) for f in primed] == [("MSC exosomes", "primed")]


@pytest.mark.parametrize(
    ("text", "curie", "ambiguous"),
    [
        ("AMSC-Exo from lipoaspirate", "textmine:msc_ev/adipose", False),
        ("AMSC-Exo from the amnion", "textmine:msc_ev/amnion", False),
        ("AMSC-Exo were given", "textmine:msc_ev", True),
    ],
)
def test_two_sources(grammar: Grammar, text: str, curie: str, ambiguous: bool) -> None:
    found = grammar.names(text)[0]
    assert (found.curie, found.ambiguous) == (curie, ambiguous)


def test_a_bare_short_form_without_cue_is_ambiguous(grammar: Grammar) -> None:
    assert grammar.names("Rats got EV twice.")[0].ambiguous
    assert not grammar.names("Extracellular vesicles (EV) help.")[1].ambiguous


@pytest.mark.parametrize(
    ("text", "cell", "linked"),
    [
        ("exosomes from BMSCs", "BMSCs", True),
        ("exosomes were isolated from the culture medium of human BMSCs", "BMSCs", True),
        ("exosomes secreted by BMSCs", "BMSCs", True),
        ("BMSCs and their exosomes", "BMSCs", True),
        ("exosomes entered hepatocytes", "hepatocytes", False),
        ("exosomes protected hepatocytes from death", "hepatocytes", False),
    ],
)
def test_origin_beside_the_name(grammar: Grammar, text: str, cell: str, linked: bool) -> None:
    at, start = text.index("exosomes"), text.index(cell)
    assert grammar.origin_link(text, (at, at + 8), (start, start + len(cell))) is linked


def test_settle_gives_linked_origins(grammar: Grammar) -> None:
    text = "Exosomes from BMSCs and exosomes from hepatocytes."
    cells = [
        Candidate(text.index(c), text.index(c) + len(c), "CELL") for c in ("BMSCs", "hepatocytes")
    ]
    settled = grammar.settle(text, [*grammar.find(text), *cells])
    curies = [c.concepts[0].curie for c in settled if c.label == "VESICLE"]
    assert curies == ["textmine:msc_ev", "textmine:other_ev"]


def test_a_grammar_that_lacks_a_part_is_named(tmp_path: Path) -> None:
    (tmp_path / "g.toml").write_text("[stem]\ncurie = 'x:y'\n")
    with pytest.raises(ConfigError, match="lacks"):
        Grammar.load(tmp_path / "g.toml")
