"""The suites over names, trees and definitions, on data made by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc

from textmine.errors import ConfigError
from textmine.measure import parser
from textmine.measure.corpora import (
    Gold,
    held_out,
    read_biored,
    read_concepts,
    read_iob,
    read_ner,
)
from textmine.measure.ner import corpus_labels, marked, measure_ner, our_labels, own_labels
from textmine.measure.treebank import Word
from textmine.reading.pipeline import Reader


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()))
    return path


IOB = "TNF\tB-GENE\n-\tI-GENE\nalpha\tI-GENE\n(\tO\nIL\tB-GENE\n6\tB-GENE\n)\tO\n\nNone\tO\n\n"


def test_iob_gives_text_and_spans(tmp_path: Path) -> None:
    first, second = read_iob(_write(tmp_path / "x" / "devel.iob.gz", IOB))
    assert first.text == "TNF-alpha (IL 6)"
    assert [(first.text[s:e], label) for s, e, label in first.spans] == [
        ("TNF-alpha", "GENE"), ("IL", "GENE"), ("6", "GENE"),
    ]  # fmt: skip
    assert second.spans == ()


def test_last_sentence_needs_no_blank_line(tmp_path: Path) -> None:
    path = _write(tmp_path / "x" / "devel.iob.gz", "a\tB-X\nb\tI-X")
    assert [text.spans for text in read_iob(path)] == [((0, 3, "X"),)]


def test_jnlpba_is_cut_by_document(tmp_path: Path) -> None:
    rows = [
        {"id": str(n), "text": "p53 here", "entities": [{"start": 0, "end": 3, "label": "protein"}]}
        for n in range(60)
    ]
    _write(tmp_path / "ner/jnlpba/train.jsonl.gz", "\n".join(map(json.dumps, rows)))
    train = {text.id for text in read_ner(tmp_path, "jnlpba", "train")}
    held = {text.id for text in read_ner(tmp_path, "jnlpba")}
    assert train.isdisjoint(held)
    assert train | held == {str(n) for n in range(60)}
    assert held == {str(n) for n in range(60) if held_out(str(n), 10)}


def test_concepts_keep_their_pieces(tmp_path: Path) -> None:
    row = {
        "id": "3", "text": "red and white cells",
        "concepts": {"CL": [{"spans": [[0, 3], [14, 19]], "id": "CL:1"}]},
    }  # fmt: skip
    _write(tmp_path / "ner/craft_concepts/train.jsonl.gz", json.dumps(row))
    part = "devel" if held_out("3", 3) else "train"
    (document,) = read_concepts(tmp_path, part)
    assert document.concepts == (Gold(((0, 3), (14, 19)), "CL", "CL:1"),)
    assert not document.concepts[0].contiguous


def test_biored_leaves_out_what_has_several_ids(tmp_path: Path) -> None:
    def entity(ids: str, label: str) -> dict[str, object]:
        return {"start": 0, "end": 3, "text": "abc", "label": label, "ids": ids}

    row = {"id": "1", "text": "abc", "entities": [
        entity("D003924", "DiseaseOrPhenotypicFeature"), entity("D1,D2", "ChemicalEntity"),
        entity("9606", "OrganismTaxon"), entity(" CVCL_0045", "CellLine"),
        entity("rs1", "SequenceVariant"),
    ]}  # fmt: skip
    _write(tmp_path / "relations/biored/dev.jsonl.gz", json.dumps(row))
    (document,) = read_biored(tmp_path)
    found = [gold.curie for gold in document.concepts]
    assert found == ["MESH:D003924", "NCBITaxon:9606", "CVCL:0045"]


def test_missing_data_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--data"):
        list(read_ner(None, "bc5cdr"))
    with pytest.raises(ConfigError, match=r"ner/bc5cdr/devel\.iob\.gz"):
        list(read_ner(tmp_path, "bc5cdr"))


def test_labels_of_a_corpus_can_be_added(tmp_path: Path) -> None:
    own = tmp_path / "labels.toml"
    own.write_text('[corpora.mine]\nGene = "GENE"\n[corpora.bc5cdr]\nDisease = ["DISEASE"]\n')
    assert corpus_labels("mine", own) == {"Gene": ("GENE",)}
    assert corpus_labels("bc5cdr", own)["Chemical"] == ("CHEMICAL",)
    own.write_text('[corpora.mine]\nGene = "PROTEIN"\n')
    with pytest.raises(ConfigError, match="PROTEIN"):
        corpus_labels("mine", own)
    with pytest.raises(ConfigError, match=r"corpora\.mine"):
        corpus_labels("mine")


def test_only_labels_of_the_corpus_count(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "bc5cdr" / "devel.iob.gz",
        "Metformin\tB-Chemical\nraised\tO\nalbumin\tO\nin\tO\ndiabetes\tB-Disease\n.\tO\n\n",
    )
    lines = our_labels(Reader(), "bc5cdr", list(read_iob(path)))
    scores = {line.what: line.score for line in lines}
    assert set(scores) == {"bc5cdr, all labels", "bc5cdr, CHEMICAL", "bc5cdr, DISEASE"}
    every = scores["bc5cdr, all labels"]
    assert (every.value, every.gold) == (1.0, 2)  # type: ignore[union-attr]


def test_own_labels_are_those_of_the_model(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "GENE", "pattern": "TNF-alpha"}])  # type: ignore[attr-defined]
    path = _write(tmp_path / "bc2gm" / "devel.iob.gz", IOB)
    line = own_labels(nlp, "bc2gm", list(read_iob(path)))
    assert (line.score.right, line.score.missed) == (1, 2)  # type: ignore[union-attr]
    assert line.peer is None


def test_own_sentences_need_no_data() -> None:
    lines = measure_ner(None, ("dev",))
    assert {line.stage for line in lines} == {"sentences"}
    assert lines[0].what == "all labels"
    assert lines[0].score.gold > 500  # type: ignore[union-attr]


def test_marks_become_spans() -> None:
    for article, spans in marked("dev"):
        assert "|" not in article.text
        assert all(article.text[s:e].strip() == article.text[s:e] for s, e, _ in spans)


# --- trees


def _words(*rows: tuple[str, str, int, str]) -> list[Word]:
    return [Word(form, form, tag, head, label) for form, tag, head, label in rows]


def test_a_word_in_several_tokens_is_read_from_its_last() -> None:
    nlp = spacy.blank("en")
    doc = Doc(
        nlp.vocab,
        words=["IL-2", "-", "induced", "growth"],
        tags=["NN", "HYPH", "JJ", "NN"],
        heads=[2, 2, 3, 3],
        deps=["compound", "punct", "amod", "ROOT"],
    )
    assert parser._read(doc, [2, 3]) == (["JJ", "NN"], [1, 1], ["amod", "root"])


def test_a_head_inside_the_word_leads_out_of_it() -> None:
    nlp = spacy.blank("en")
    doc = Doc(
        nlp.vocab,
        words=["IL-2", "induced", "growth"],
        tags=["NN", "JJ", "NN"],
        heads=[2, 0, 2],
        deps=["amod", "amod", "ROOT"],
    )
    assert parser._read(doc, [1, 2])[1] == [1, 1]


def test_a_pipeline_without_parser_is_told() -> None:
    sentences = [_words(("Growth", "NN", 0, "root"))]
    with pytest.raises(ConfigError, match="no tagger"):
        parser._trees(spacy.blank("en"), sentences, "blank")


def test_sentence_ends_of_a_treebank() -> None:
    row = _words(("Mice", "NNS", 1, "nsubj"), ("died", "VBD", 1, "root"), (".", ".", 1, "punct"))
    line = parser.measure_sentences([row] * 12)
    assert line.score.value == 1.0
    assert line.score.gold == 12  # type: ignore[union-attr]
