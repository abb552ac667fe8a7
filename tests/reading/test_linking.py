"""The linker: what it links, and above all what it leaves unlinked."""

from __future__ import annotations

from pathlib import Path

import pytest

from textmine.reading.lexicon import Lexicon
from textmine.reading.linking import Linker, knowledge_base, same_words

LINES = """\
X:lf\tDISEASE\tliver fibrosis\t\thepatic fibrosis|fibrotic liver
X:rf\tDISEASE\trenal fibrosis\t\tkidney fibrosis
X:li\tDISEASE\thepatic insufficiency\t\tliver failure
X:il1\tGENE\tinterleukin-1\t\tIL-1
X:c3\tGENE\tcollagen III\t\tcollagen type III
X:hsc\tCELL\thepatic stellate cell\t\tstellate cell|?:HSC
X:reg\tPROCESS\tliver regeneration\t\tregeneration of hepatic tissue
"""


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    file = tmp_path_factory.mktemp("linking") / "small.tsv"
    file.write_text(LINES, encoding="utf-8")
    return Lexicon.load(file, shipped=False)


@pytest.fixture(scope="module")
def linker(lexicon: Lexicon) -> Linker:
    pytest.importorskip("scispacy")
    return Linker(lexicon, cache=False)


def test_the_knowledge_base_holds_no_weak_names(lexicon: Lexicon) -> None:
    base = knowledge_base(lexicon)
    assert base.alias_to_cuis["hepatic fibrosis"] == {"X:lf"}
    assert "hsc" not in base.alias_to_cuis
    assert base.cui_to_entity["X:hsc"].types == ["CELL"]


@pytest.mark.parametrize(
    ("text", "label", "curie"),
    [
        ("fibrosis of the liver", "DISEASE", "X:lf"),
        ("Livers, fibrotic", "DISEASE", "X:lf"),
        ("regenerations of the liver", "PROCESS", "X:reg"),
    ],
)
def test_order_and_inflection_do_not_matter(
    linker: Linker, text: str, label: str, curie: str
) -> None:
    ((concept,),) = linker.link([(text, label)])
    assert concept.curie == curie
    assert 0.7 <= concept.score <= 0.99
    assert concept.reason is not None and concept.reason.startswith("nearest name: ")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("renal insufficiency", "DISEASE"),
        ("interleukin-16", "GENE"),
        ("collagen II", "GENE"),
        ("liver fibrosis", "PROCESS"),
        ("lung fibrosis", "DISEASE"),
        ("αα", "GENE"),
        ("", "CELL"),
    ],
)
def test_what_is_another_thing_stays_unlinked(linker: Linker, text: str, label: str) -> None:
    assert linker.link([(text, label)]) == [()]


def test_answers_come_in_the_order_of_the_questions(linker: Linker) -> None:
    asked = [
        ("x", "GENE"),
        ("fibrosis of the kidney", "DISEASE"),
        ("fibrosis of the liver", "DISEASE"),
    ]
    assert [[c.curie for c in found] for found in linker.link(asked)] == [[], ["X:rf"], ["X:lf"]]
    assert linker.link([]) == []


def test_words_have_counterparts() -> None:
    assert same_words("fibrosis of the liver", "liver fibrosis")
    assert not same_words("unconditioned medium", "conditioned medium")
    assert not same_words("pdgfra", "pdgfrb")


def test_the_index_is_cached_and_a_broken_one_replaced(
    lexicon: Lexicon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    asked = [("fibrosis of the liver", "DISEASE")]
    first = Linker(lexicon).link(asked)
    (kept,) = (p for p in tmp_path.rglob("linker-*.nmslib"))
    assert Linker(lexicon).link(asked) == first
    kept.write_bytes(b"")
    assert Linker(lexicon).link(asked) == first


def test_nothing_is_built_before_it_is_asked(lexicon: Lexicon) -> None:
    assert Linker(lexicon)._generator is None


def test_the_spacy_component(linker: Linker) -> None:
    import spacy
    from spacy.tokens import Span

    doc = spacy.blank("en")("hepatic fibrosis was seen")
    doc.ents = [Span(doc, 0, 2, label="DISEASE")]
    linker.entity_linker()(doc)
    assert doc.ents[0]._.kb_ents[0][0] == "X:lf"
