"""What the entity model is told beside the words."""

from __future__ import annotations

import numpy
import spacy
from spacy.tokens import Doc
from thinc.api import Model

from textmine.reading.embed import OURS, SCHEMES, conditioned_embed, known_names, set_features


def doc(*words: str) -> Doc:
    return Doc(spacy.blank("en").vocab, words=list(words))


def test_the_lexicons_names_become_numbers_first_and_further_tokens_apart() -> None:
    text = doc("the", "liver", "fibrosis", "of", "mice")
    names = [(4, 18, "DISEASE"), (22, 26, "ORGANISM")]
    numbers = known_names(text, names).tolist()
    assert numbers[0] == numbers[3] == 0
    assert numbers[1] % 2 == 1
    assert numbers[2] == numbers[1] + 1
    assert numbers[4] % 2 == 1
    assert numbers[4] != numbers[1]


def test_a_name_inside_a_token_marks_the_token() -> None:
    assert known_names(doc("anti-TNF", "therapy"), [(5, 8, "GENE")]).tolist()[0] % 2 == 1


def test_a_label_that_is_not_ours_is_no_name() -> None:
    assert known_names(doc("x", "y"), [(0, 1, "COMPANY")]).tolist() == [0, 0]


def embedding() -> Model[list[Doc], list[numpy.ndarray]]:  # type: ignore[type-arg]
    model = conditioned_embed(8, ["NORM", "SHAPE"], [50, 50], include_static_vectors=False)
    model.initialize(X=[doc("a", "b")])
    return model  # type: ignore[return-value]


def test_the_same_words_differ_by_what_is_asked_for() -> None:
    model = embedding()
    plain = doc("aspirin", "helps")
    ours = set_features(doc("aspirin", "helps"), known_names(plain, []), OURS)
    theirs = set_features(doc("aspirin", "helps"), known_names(plain, []), SCHEMES[1])
    known = set_features(doc("aspirin", "helps"), known_names(plain, [(0, 7, "CHEMICAL")]), OURS)
    first, second, third, unprepared = model.predict([ours, theirs, known, plain])
    assert not numpy.allclose(first, second)
    assert not numpy.allclose(first[0], third[0])
    assert numpy.allclose(first[1], third[1])
    assert numpy.allclose(first, unprepared)  # who says nothing asks for ours


def test_it_learns() -> None:
    model = embedding()
    text = set_features(doc("a", "b"), numpy.zeros(2, dtype=numpy.uint64))
    out, backprop = model.begin_update([text])
    backprop([numpy.ones_like(out[0])])
    assert any(node.has_grad("E") for node in model.walk() if node.has_param("E"))
