"""The trained reader of own findings, with tiny weights by hand: what it rates, drops and adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc

from textmine.config import data_root
from textmine.errors import ConfigError, MissingModel
from textmine.reading.learned import parts_of, refine
from textmine.reading.linear import Grid, Linear, hashed
from textmine.reading.pair_features import View, view_of
from textmine.reading.pair_model import COMPANY, PairModel, company_of, part_of, words_for
from textmine.reading.pair_table import COLUMNS, Outline, lists_in, table_of
from textmine.reading.relations import read_relations
from textmine.reading.tree import words_of
from textmine.reading.triggers import Triggers
from textmine.records import Article, Mention, Passage, Relation, Sentence

TEXT = "EVs block TNF and IL-6 secretion."
WORDS = ["EVs", "block", "TNF", "and", "IL-6", "secretion", "."]
HEADS = [1, 1, 5, 2, 2, 1, 1]
DEPS = ["nsubj", "ROOT", "compound", "cc", "conj", "dobj", "punct"]
ARTICLE = Article("1", TEXT, passages=(Passage("abstract", 0, len(TEXT)),))
SENTENCE = Sentence(0, len(TEXT), "result")
LIMITS = {
    "gate": 0.0, "look": -2.0, "add": 0.5, "drop": 0.3, "own": 1.0, "afar": 0.1, "afar.score": 0.5,
    "rate": 0.0, "rate.0": 1.0, "rate.1": 1.0, "rate.2": -1.0, "rate.3": 1.0, "rate.4": 1.0,
}  # fmt: skip


def _mention(text: str, label: str, whole: str = TEXT) -> Mention:
    at = whole.index(text)
    return Mention(text, at, at + len(text), text, label)


MENTIONS = (_mention("EVs", "VESICLE"), _mention("TNF", "GENE"), _mention("IL-6", "GENE"))


def _doc(words: Sequence[str] = WORDS, heads: Sequence[int] = HEADS,
         deps: Sequence[str] = DEPS) -> Doc:  # fmt: skip
    spaces = [True] * (len(words) - 2) + [False, False]
    return Doc(
        spacy.blank("en").vocab, list(words), spaces, heads=list(heads), deps=list(deps),
        tags=["VBP" if d == "ROOT" else "NN" for d in deps],
    )  # fmt: skip


@pytest.fixture
def view() -> View:
    words = words_of(_doc(), 0, len(TEXT))
    assert words is not None
    made = view_of(TEXT, SENTENCE, MENTIONS, words, Triggers.load())
    assert made is not None
    return made


def _linear(classes: Sequence[str], weights: Mapping[str, Sequence[float]], bias: float) -> Linear:
    order = sorted(weights, key=lambda f: int(hashed([f])[0]))
    return Linear(
        tuple(classes),
        np.array([int(hashed([f])[0]) for f in order] or [0], np.int64),
        np.array([weights[f] for f in order] or [[0.0] * len(classes)], np.float32),
        np.full(len(classes), bias, np.float32),
    )


def _grid(columns: int, classes: int = 1, bias: float = 0.0) -> Grid:
    edges = tuple(np.array([0.5], np.float32) for _ in range(columns))
    weights = np.zeros((columns, Grid.WIDTH, classes), np.float32)
    return Grid(edges, weights, np.full(classes, bias, np.float32))


@pytest.fixture
def model() -> PairModel:
    """Believes that a subject in front acts on what follows, and lowers it."""
    kinds = ("regulates|decreases|False", "regulates|increases|False", "regulates|unchanged|False")
    return PairModel(
        gate=_grid(len(COLUMNS), bias=1.0),
        words=_linear(("yes",), {"afirst=nsubj": [9.0]}, -4.0),
        grid=_grid(len(COLUMNS)),
        company=_grid(len(COMPANY)),
        kinds=_linear(kinds, {"prod=-1": [9, 0, 0]}, -5.0),
        kind_grid=_grid(len(COLUMNS), 3),
        limits=LIMITS,
    )


def _relation(
    subject: str | None, obj: str, way: str = "decreases", score: float = 0.9
) -> Relation:
    return Relation(
        f"rel_{subject}_{obj}", subject, obj, "regulates", way, False, "asserted", "result", None,
        (), (SENTENCE.start, SENTENCE.end), score,
    )  # fmt: skip


def _refined(model: PairModel, relations: Sequence[Relation], role: str = "result") -> Any:
    return refine(model, ARTICLE, [replace(SENTENCE, role=role)], MENTIONS, relations, _doc())


def test_what_the_rules_missed_is_added_with_its_words(model: PairModel) -> None:
    found = _refined(model, [_relation("EVs", "TNF")])
    assert [(r.subject, r.object, r.direction, r.pattern) for r in found] == [
        ("EVs", "TNF", "decreases", None),
        ("EVs", "IL-6", "decreases", "learned"),
    ]
    added = found[1]
    assert next(TEXT[c.start : c.end] for c in added.cues if c.kind == "trigger") == "block"
    assert 0.5 <= added.score <= 1
    assert _refined(model, [_relation("EVs", "TNF")]) == found


def test_members_of_one_list_do_not_act_on_each_other(model: PairModel) -> None:
    eager = replace(model, words=_linear(("yes",), {}, 9.0))
    found = {(r.subject, r.object) for r in _refined(eager, [])}
    assert ("TNF", "IL-6") not in found
    assert ("IL-6", "TNF") not in found
    assert not {("EVs", "TNF"), ("TNF", "EVs")} <= found


def test_aims_and_methods_get_nothing(model: PairModel) -> None:
    assert _refined(model, [], role="aim") == ()
    assert _refined(model, [], role="method") == ()
    assert len(_refined(model, [], role="background")) == 2


def test_a_table_of_names_is_left_alone(model: PairModel) -> None:
    many = [replace(MENTIONS[0], id=f"m{k}") for k in range(50)]
    parts, _ = parts_of(ARTICLE, [SENTENCE], [*MENTIONS, *many], [], _doc())
    assert parts == []
    parts, _ = parts_of(ARTICLE, [SENTENCE], MENTIONS, [], _doc())
    assert len(parts) == 1


def test_what_is_no_article_is_left_to_the_rules(model: PairModel) -> None:
    told = (_relation("TNF", "EVs", score=0.5),)
    assert refine(model, ARTICLE, [SENTENCE] * 1_001, MENTIONS, told, _doc()) == told


def test_an_unlikely_relation_goes_a_likely_one_is_rated(model: PairModel) -> None:
    found = _refined(model, [_relation("TNF", "EVs", score=0.5), _relation("EVs", "TNF")])
    pairs = {(r.subject, r.object): r.score for r in found if r.pattern is None}
    assert set(pairs) == {("EVs", "TNF")}
    assert pairs["EVs", "TNF"] > 0.9


def test_a_relation_without_agent_gives_way_to_one_with_it(model: PairModel) -> None:
    found = _refined(model, [_relation(None, "TNF"), _relation(None, "TNF", "increases")])
    told = {(r.subject, r.object, r.direction) for r in found}
    assert (None, "TNF", "decreases") not in told
    assert (None, "TNF", "increases") in told
    assert ("EVs", "TNF", "decreases") in told


def test_a_denial_that_the_model_did_not_see_stops_it(model: PairModel) -> None:
    text = "EVs did not block TNF."
    words, heads = ["EVs", "did", "not", "block", "TNF", "."], [3, 3, 3, 3, 3, 3]
    doc = _doc(words, heads, ["nsubj", "aux", "neg", "ROOT", "dobj", "punct"])
    sentence = Sentence(0, len(text), "result")
    article = Article("2", text, passages=(Passage("abstract", 0, len(text)),))
    mentions = (_mention("EVs", "VESICLE", text), _mention("TNF", "GENE", text))
    assert refine(model, article, [sentence], mentions, [], doc) == ()


def test_a_hedge_makes_it_hedged(model: PairModel) -> None:
    text = "EVs may block TNF."
    doc = _doc(["EVs", "may", "block", "TNF", "."], [2, 2, 2, 2, 2],
               ["nsubj", "aux", "ROOT", "dobj", "punct"])  # fmt: skip
    sentence = Sentence(0, len(text), "result")
    article = Article("3", text, passages=(Passage("abstract", 0, len(text)),))
    mentions = (_mention("EVs", "VESICLE", text), _mention("TNF", "GENE", text))
    (found,) = refine(model, article, [sentence], mentions, [], doc)
    assert found.certainty == "hedged"
    assert ("may", "hedge") in [(text[c.start : c.end], c.kind) for c in found.cues]


def test_without_a_tree_the_rules_stand_alone(model: PairModel) -> None:
    alone = read_relations(ARTICLE, [SENTENCE], MENTIONS)
    assert read_relations(ARTICLE, [SENTENCE], MENTIONS, learned=model) == alone


def test_the_gate_spares_the_closer_look(model: PairModel, view: View) -> None:
    outline = Outline([SENTENCE], MENTIONS, [])
    part = part_of(view, SENTENCE, [_relation("TNF", "EVs")], outline)
    shut = replace(model, gate=_grid(len(COLUMNS), bias=-1.0))
    odds = dict(zip(part.table.pairs, shut.alone(part, shut.steps([part])[0]), strict=True))
    assert odds["EVs", "TNF"] == -6.0
    assert odds["TNF", "EVs"] > -6.0


def test_table_counts_and_never_names(view: View) -> None:
    outline = Outline([SENTENCE], MENTIONS, [_relation("EVs", "TNF")])
    part = part_of(view, SENTENCE, [_relation("EVs", "TNF")], outline)
    at = {name: n for n, name in enumerate(COLUMNS)}
    row = dict(zip(part.table.pairs, part.table.rows, strict=True))
    assert part.table.rows.shape == (6, len(COLUMNS))
    there = row["EVs", "IL-6"]
    assert there[at["in front"]] == 1
    assert there[at["fellows told"]] == 1
    assert row["TNF", "IL-6"][at["one list"]] == 1
    assert row["EVs", "TNF"][at["rule score"]] == np.float32(0.9)
    assert row["TNF", "EVs"][at["reverse rule score"]] == np.float32(0.9)
    assert lists_in(view)["TNF"] == lists_in(view)["IL-6"]
    assert not any("tnf" in f.lower() for f in words_for(part, "EVs", "TNF"))
    other = table_of(view, SENTENCE, outline, {})
    assert other.pairs == part.table.pairs


def test_company_sees_fellows_and_rivals(view: View) -> None:
    outline = Outline([SENTENCE], MENTIONS, [])
    part = part_of(view, SENTENCE, [], outline)
    odds = np.array([1.0 if a == "EVs" else -3.0 for a, _ in part.table.pairs], np.float32)
    (rows,) = company_of([part], [odds], outline)
    row = dict(zip(part.table.pairs, rows, strict=True))
    assert row["EVs", "TNF"][2] == 1.0
    assert row["IL-6", "TNF"][6] == 1.0


def test_weights_come_back_from_disk(model: PairModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    again = PairModel.load(tmp_path)
    assert again.classes == model.classes
    assert [r.object for r in _refined(again, [])] == [r.object for r in _refined(model, [])]


def test_missing_and_broken_weights_are_told(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match=r"models/scripts/pairs\.py"):
        PairModel.load(tmp_path)
    np.savez(tmp_path / "pairs.npz", nothing=np.zeros(1))
    with pytest.raises(ConfigError, match="another version"):
        PairModel.load(tmp_path)


def test_shipped_weights_are_small_and_fit_the_code() -> None:
    folder = data_root() / "models" / "relations"
    assert sum(p.stat().st_size for p in folder.glob("*.npz")) <= 4_000_000
    shipped = PairModel.load()
    assert len(shipped.grid.edges) == len(COLUMNS)
    assert len(shipped.company.edges) == len(COMPANY)
    assert set(LIMITS) <= set(shipped.limits)
    found = _refined(shipped, [_relation("EVs", "TNF")])
    assert found[0].subject == "EVs"
    assert 0.3 < found[0].score < 1
