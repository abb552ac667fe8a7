"""The trained pipeline that ships."""

from __future__ import annotations

from functools import lru_cache

import pytest

from textmine.reading.lexicon import Lexicon
from textmine.reading.model import TrainedModel
from textmine.reading.pipeline import DEFAULT, Reader, build_pipeline
from textmine.records import Article, Passage

TEXT = (
    "BMSC-derived exosomes reduced CCl4-induced liver fibrosis. They were given by vein. "
    "Loss of ZBTB16 raised the activity of NADPH oxidase in HepG2 cells."
)


@lru_cache(maxsize=1)
def model() -> TrainedModel:
    return TrainedModel(build_pipeline(DEFAULT), Lexicon.load())


def test_it_names_things_in_our_labels() -> None:
    (doc,) = model().entities([TEXT])
    found = {(e.text, e.label_) for e in doc.ents}
    assert ("liver fibrosis", "DISEASE") in found
    assert ("ZBTB16", "GENE") in found


def test_it_answers_in_the_labels_that_are_asked_for() -> None:
    (doc,) = model().entities(["Cisplatin caused renal failure."], "bc5cdr")
    assert {(e.text, e.label_) for e in doc.ents} == {
        ("Cisplatin", "CHEMICAL"),
        ("renal failure", "DISEASE"),
    }
    (doc,) = model().entities(["Cisplatin caused renal failure."], "ncbi-disease")
    assert {e.label_ for e in doc.ents} <= {"DISEASE"}


def test_only_the_sentences_asked_for_get_trees() -> None:
    (doc,) = model().entities([TEXT])
    first = TEXT.index(" They")
    model().parse([(doc, [(0, first)])])
    parsed = [t for t in doc if t.idx < first]
    assert next(t for t in parsed if t.text == "reduced").dep_ == "ROOT"
    assert next(t for t in parsed if t.text == "exosomes").head.text == "reduced"
    assert next(t for t in parsed if t.text == "fibrosis").dep_ == "dobj"
    assert not any(t.dep_ for t in doc if t.idx > first)


def test_one_by_one_or_in_a_batch_the_reading_is_the_same() -> None:
    reader = Reader()
    articles = [
        Article(str(n), text, passages=(Passage("abstract", 0, len(text)),))
        for n, text in enumerate((TEXT, "", "Exosomes carry miR-122.", TEXT[::-1]))
    ]
    together = reader.read_batch(articles)
    assert together == [reader.read(article) for article in articles]


@pytest.mark.parametrize("text", ["", " ", "\n", "\u2028", "x", "-/-", "((((", "α" * 500])
def test_odd_texts_break_nothing(text: str) -> None:
    (doc,) = model().entities([text])
    model().parse([(doc, [(0, len(text))])])
    assert doc.text == text


def test_spacy_alone_loads_it_and_does_everything() -> None:
    nlp = build_pipeline(DEFAULT)
    doc = nlp("Mice were treated. Exosomes lowered ALT.")
    assert len(list(doc.sents)) == 2
    assert [t.lemma_ for t in doc][:3] == ["mouse", "be", "treat"]
