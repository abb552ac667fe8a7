"""The trained reader of pairs: features, weights on disk; with tiny weights by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc

from textmine.errors import ConfigError, MissingModel
from textmine.reading.event_features import NONE, ORDER, Events, composed, edge_features
from textmine.reading.linear import Linear, hashed
from textmine.reading.pair_features import View, pair_features, path_of, view_of
from textmine.reading.ranker import Ranker, said_of
from textmine.reading.tree import words_of
from textmine.reading.triggers import Triggers
from textmine.records import Mention, Relation, Sentence

TEXT = "EVs did not block TNF and IL-6 secretion."
WORDS = ["EVs", "did", "not", "block", "TNF", "and", "IL-6", "secretion", "."]
HEADS = [3, 3, 3, 3, 7, 4, 4, 3, 3]
DEPS = ["nsubj", "aux", "neg", "ROOT", "compound", "cc", "conj", "dobj", "punct"]
SENTENCE = Sentence(0, len(TEXT), "result")


def _mention(text: str, label: str) -> Mention:
    at = TEXT.index(text)
    return Mention(text, at, at + len(text), text, label)


MENTIONS = (_mention("EVs", "VESICLE"), _mention("TNF", "GENE"), _mention("IL-6", "GENE"))


def _doc() -> Doc:
    spaces = [True] * 7 + [False, False]
    return Doc(
        spacy.blank("en").vocab, WORDS, spaces, heads=HEADS, deps=DEPS, tags=["NN"] * len(WORDS)
    )


@pytest.fixture
def view() -> View:
    words = words_of(_doc(), 0, len(TEXT))
    assert words is not None
    made = view_of(TEXT, SENTENCE, MENTIONS, words, Triggers.load())
    assert made is not None
    return made


def _linear(classes: Sequence[str], weights: dict[str, Sequence[float]], bias: float) -> Linear:
    order = sorted(weights, key=lambda f: int(hashed([f])[0]))
    rows = [weights[f] for f in order] or [[0.0] * len(classes)]
    index = [int(hashed([f])[0]) for f in order] or [0]
    return Linear(
        tuple(classes),
        np.array(index, np.int64),
        np.array(rows, np.float32),
        np.full(len(classes), bias, np.float32),
    )


@pytest.fixture
def ranker() -> Ranker:
    """Believes that a subject in front acts on what follows, and lowers it."""
    one = _linear(("yes",), {}, -4.0)
    return Ranker(
        words=_linear((NONE, *ORDER), {"l=block": [-9, 0, 9, 0, 0, 0, 0, 0, 0]}, -3.0),
        edges=_linear((NONE, "C", "T"), {}, -1.0),
        pairs=_linear(("yes",), {"afirst=nsubj": [8.0]}, -4.0),
        signs=_linear(("+", "-", "0", "u", "other"), {"prod=-1": [0, 9, 0, 0, 0]}, -5.0),
        negation=_linear(("yes",), {"qw=not|f0": [9.0]}, -4.0),
        speculation=one,
        thresholds={"cg": 0.6},
    )


def test_path_goes_over_the_common_head(view: View) -> None:
    up, down = path_of(view, view.at["EVs"], view.at["TNF"])
    assert [view.tokens[i].low for i in [*up, *down]] == ["evs", "block", "secretion", "tnf"]


def test_features_tell_direction_and_never_names(view: View) -> None:
    there = pair_features(view, "EVs", "TNF")
    back = pair_features(view, "TNF", "EVs")
    assert "prod=-1" in there
    assert "neg" in there
    assert "ord=fwd" in there
    assert "ord=bwd" in back
    assert not any("tnf" in f.lower() or "evs" in f.lower() for f in there)
    assert "listed" in pair_features(view, "TNF", "IL-6")


def test_no_view_of_a_single_mention() -> None:
    words = words_of(_doc(), 0, len(TEXT)) or []
    assert view_of(TEXT, SENTENCE, MENTIONS[:1], words, Triggers.load()) is None


def test_model_scores_and_ignores_the_unknown() -> None:
    model = _linear(("yes", "no"), {"a": [2.0, -2.0], "b": [1.0, 0.0]}, 0.0)
    assert model.scores(["a", "zzz"])[0] == pytest.approx(1 / (1 + np.exp(-2.0)))
    assert model.scores(["a", "a", "b"])[0] == pytest.approx(1 / (1 + np.exp(-3.0)))
    assert model.shares(["zzz"]).tolist() == [0.5, 0.5]


def test_weights_come_back_from_disk(ranker: Ranker, view: View, tmp_path: Path) -> None:
    ranker.save(tmp_path)
    again = Ranker.load(tmp_path)
    assert again.thresholds["cg"] == pytest.approx(0.6)
    for a, b in zip(ranker.read(view, {}), again.read(view, {}), strict=True):
        assert (a.subject, a.object, a.sign) == (b.subject, b.object, b.sign)
        assert a.probability == pytest.approx(b.probability, abs=1e-3)


def test_missing_and_broken_weights_are_told(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match=r"models/scripts/relations\.py"):
        Ranker.load(tmp_path)
    other = tmp_path / "x"
    other.mkdir()
    np.savez(other / "weights.npz", nothing=np.zeros(1))
    with pytest.raises(ConfigError, match="another version"):
        Ranker.load(other)


def test_event_words_and_their_parts_reach_the_pair(ranker: Ranker, view: View) -> None:
    events = ranker.events(view)
    block = next(i for i, t in enumerate(view.tokens) if t.low == "block")
    assert events.kind(block) == "N"
    assert view.at["TNF"] in events.edges[block]
    a, b = view.at["EVs"], view.at["TNF"]
    events.edges[block][a] = (0.0, 0.9)
    events.edges[block][b] = (0.9, 0.0)
    features = composed(view, events, a, b, "own")
    assert "ek=N" in features
    assert "e1=8" in features
    assert any(f.startswith("k=N") for f in edge_features(view, events, block, a, "own"))


def test_an_event_in_an_event_counts(view: View) -> None:
    labels = (NONE, *ORDER)
    score = np.zeros(len(labels), np.float32)
    score[labels.index("P")] = 1
    a, b = view.at["EVs"], view.at["TNF"]
    events = Events(labels, {3: score, 7: score}, {3: {a: (0.0, 0.9), 7: (0.9, 0.0)},
                                                   7: {b: (0.9, 0.0)}})  # fmt: skip
    assert "ek=PP" in composed(view, events, a, b, "own")


def _relation(subject: str | None, obj: str) -> Relation:
    return Relation("r", subject, obj, "regulates", "unchanged", False, "asserted", "result", None,
                    (), (0, len(TEXT)), 0.9)  # fmt: skip


def test_what_rules_say_becomes_a_feature() -> None:
    assert said_of([_relation("a", "b"), _relation(None, "b")]) == {("a", "b"): ["R=regulates|u"]}


def test_modality_looks_at_the_cue(ranker: Ranker, view: View) -> None:
    at = TEXT.index("block")
    denied, doubted = ranker.modality(view, at, at + 5, TEXT, "Negative_regulation")
    assert denied > 0.5 > doubted


def test_shipped_weights_are_small_and_know_the_sign(view: View) -> None:
    from textmine.config import data_root

    assert (data_root() / "models" / "relations" / "weights.npz").stat().st_size < 3_000_000
    shipped = Ranker.load()
    assert {"cg", "pc", "negation", "speculation"} <= set(shipped.thresholds)
    found = {(s.subject, s.object): s for s in shipped.read(view, {("EVs", "TNF"): ["R=none"]})}
    assert found["EVs", "TNF"].probability > found["TNF", "EVs"].probability
    assert found["EVs", "TNF"].probability > found["TNF", "IL-6"].probability
