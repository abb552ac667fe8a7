"""A treebank's words in our tokens, and the way back."""

from __future__ import annotations

import gzip
from pathlib import Path

import spacy
from spacy.language import Language

from textmine.measure.treebank import Word, read_conllu, split_doc, trained_doc
from textmine.reading.tokens import build_tokenizer

TREE = [
    Word("IL-2-induced", "il-2-induced", "JJ", 1, "amod"),
    Word("growth", "growth", "NN", 2, "nsubj"),
    Word("stopped", "stop", "VBD", 2, "root"),
]


def nlp() -> Language:
    blank = spacy.blank("en")
    blank.tokenizer = build_tokenizer(blank)
    return blank


def test_forms_are_unescaped_and_the_root_is_its_own_head(tmp_path: Path) -> None:
    rows = ("1\tp&lt;0.05\tp&lt;0.05\tNN\tNN\t_\t2\tnsubj\t_\t_\n"
            "2\tstops\tstop\tVBZ\tVBZ\t_\t0\troot\t_\t_\n\n")  # fmt: skip
    path = tmp_path / "tree.conllu.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(rows)
    (sentence,) = read_conllu(path)
    assert sentence == [
        Word("p<0.05", "p<0.05", "NN", 1, "nsubj"),
        Word("stops", "stop", "VBZ", 1, "root"),
    ]


def test_the_last_token_of_a_word_takes_its_place() -> None:
    doc, last = split_doc(nlp(), [word.form for word in TREE])
    assert [token.text for token in doc] == ["IL-2", "-", "induced", "growth", "stopped"]
    assert last == [2, 3, 4]
    trained = trained_doc(nlp(), TREE)
    assert [token.head.i for token in trained] == [2, 2, 3, 4, 4]
    assert [token.dep_ for token in trained] == ["compound", "punct", "amod", "nsubj", "ROOT"]
    assert [token.tag_ for token in trained] == ["NN", "HYPH", "JJ", "NN", "VBD"]
    # Back: a word's head is the word that holds the head of its last token.
    owner = [next(w for w, end in enumerate(last) if token.i <= end) for token in trained]
    heads = [owner[trained[end].head.i] for end in last]
    assert heads == [word.head for word in TREE]
