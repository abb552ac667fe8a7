"""The reader: whole articles in, readings out, in order, whatever the text."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
from spacy.language import Language

from textmine.errors import MissingModel
from textmine.reading import pipeline
from textmine.reading.pipeline import Reader, Unread, build_pipeline
from textmine.records import Annotated, Article, Status, annotated_from_json, as_json
from textmine.records import article_from_json as article


@lru_cache(maxsize=1)
def reader() -> Reader:
    return Reader()


TEXT = "MSC-Exo in liver fibrosis\nMSC-Exo reduced α-SMA in LX-2 cells. ALT was unchanged."


def test_a_reading_has_every_part_and_survives_json() -> None:
    read = reader().read(article({"id": "1", "text": TEXT}))
    assert read.sentences[0].role == "title"
    assert len(read.sentences) == 3
    assert {"VESICLE", "DISEASE", "GENE", "CELL"} <= {m.label for m in read.mentions}
    assert read.relations
    assert annotated_from_json(as_json(read)) == read


def test_a_deleted_record_says_nothing() -> None:
    deleted = Article("1", TEXT, status=Status(deleted=True))
    assert reader().read(deleted) == Annotated(deleted)


def test_an_article_without_abstract_is_read_by_its_title() -> None:
    read = reader().read(article({"id": "1", "text": "MSC-Exo in liver fibrosis\n"}))
    assert [m.text for m in read.mentions] == ["MSC-Exo", "liver fibrosis"]


HOSTILE = {
    "nothing": "",
    "blanks": " \n \n\u2028",
    "nul": "A\x00 MSC-Exo\x00 reduced ALT.",
    "surrogate": "A \ud800 MSC-Exo \udfff reduced ALT.",
    "emoji": "🧬 MSC-Exo 👍🏽 reduced ALT.",
    "right to left": "\u202eمرحبا MSC-Exo\u202c ALT.",
    "brackets": "((((((MSC-Exo)))) [[ ALT",
    "one word": "A" * 50_000,
    "stops": "." * 20_000,
    "dashes": "a-" * 20_000,
    "short forms": "HSC " * 5_000,
    "blank lines": "\n" * 20_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts(name: str) -> None:
    text = HOSTILE[name]
    read = reader().read(article({"id": "1", "text": text}))
    assert all(text[m.start : m.end] == m.text for m in read.mentions)
    wanted = "MSC-Exo" in text
    assert any(m.text == "MSC-Exo" for m in read.mentions) is wanted


@pytest.mark.slow
def test_a_very_long_text_is_read_in_time() -> None:
    text = "MSC-Exo reduced ALT in mice (P < .05). " * 7_500
    assert len(reader().read(article({"id": "1", "text": text})).sentences) == 7_500


def test_workers_keep_the_order_and_change_nothing() -> None:
    articles = [
        article({"id": str(n), "text": f"MSC-Exo reduced ALT {n} times."}) for n in range(40)
    ]
    one = list(reader().read_many(articles))
    two = list(reader().read_many(articles, workers=2))
    assert two == one
    assert [r.article.id for r in two] == [a.id for a in articles]


def test_what_breaks_the_reader_costs_no_other_article(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pipeline.assign_roles

    def breaks(record: Article, spans: object) -> object:
        if record.id == "2":
            raise ValueError("no role")
        return whole(record, spans)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "assign_roles", breaks)
    results = list(reader().read_many([article({"id": i, "text": TEXT}) for i in "123"]))
    assert [isinstance(r, Unread) for r in results] == [False, True, False]
    assert isinstance(results[1], Unread)
    assert "no role" in results[1].reason


def test_the_fingerprint_tells_readers_apart(tmp_path: Path) -> None:
    (tmp_path / "mine.tsv").write_text("my:1\tGENE\tzorblax\n", encoding="utf-8")
    mine = Reader(lexicon=[tmp_path])
    assert mine.fingerprint != reader().fingerprint
    found = mine.read(article({"id": "1", "text": "The zorblax level rose."})).mentions
    assert [(m.text, m.label) for m in found] == [("zorblax", "GENE")]


def test_a_missing_model_tells_how_to_install_it() -> None:
    with pytest.raises(MissingModel, match=r"pip install .*en_core_sci_sm"):
        build_pipeline("en_core_sci_sm")
    with pytest.raises(MissingModel, match="spacy download en_nosuch"):
        build_pipeline("en_nosuch")


def test_a_model_of_ones_own(tmp_path: Path) -> None:
    import spacy

    nlp: Language = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(  # type: ignore[attr-defined]
        [{"label": "CANCER", "pattern": "zorbloma"}, {"label": "CANCER", "pattern": "MSC-Exo"},
         {"label": "MONEY", "pattern": "dollars"}]
    )  # fmt: skip
    nlp.to_disk(tmp_path / "model")
    own = Reader(str(tmp_path / "model"))
    read = own.read(article({"id": "1", "text": "MSC-Exo shrank zorbloma \ud800 for dollars."}))
    assert [(m.text, m.label) for m in read.mentions] == [
        ("MSC-Exo", "VESICLE"), ("zorbloma", "DISEASE"),
    ]  # fmt: skip


def test_components_declare_what_they_need() -> None:
    meta = build_pipeline().get_pipe_meta("textmine_sentences")
    assert meta.assigns == ["token.is_sent_start"]
