"""A dependency treebank in textmine's own tokens, and back.

A treebank keeps "IL-2-induced" as one word; textmine's tokenizer makes three tokens of it. The last
token takes the word's place in the tree, its label and its tag; the tokens before hang on it
(`compound`, marks `punct`). The way back needs no gold: a word's head, label and tag are those of
its last token, so figures are those of the treebank's own words.
"""

from __future__ import annotations

import gzip
import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

__all__ = ["Word", "read_conllu", "split_doc", "trained_doc"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a treebank; `head` is an index into its sentence (its own: the root)."""

    form: str
    lemma: str
    tag: str
    head: int
    label: str


def read_conllu(path: Path) -> Iterator[list[Word]]:
    """The sentences of a CoNLL-U file (.gz too). Forms may be escaped as in XML."""
    sentence: list[Word] = []
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open() as file:
        for line in file:
            fields = line.rstrip("\n").split("\t")
            if len(fields) < 8:
                if sentence:
                    yield sentence
                sentence = []
            elif fields[0].isdigit():
                at, head = int(fields[0]) - 1, int(fields[6]) - 1
                form, lemma = (html.unescape(field) for field in fields[1:3])
                sentence.append(Word(form, lemma, fields[4], at if head < 0 else head, fields[7]))
    if sentence:
        yield sentence


def split_doc(nlp: Language, forms: Sequence[str]) -> tuple[Doc, list[int]]:
    """A Doc of our tokens, and for every form the index of its last token."""
    words: list[str] = []
    last: list[int] = []
    for form in forms:
        words += [token.text for token in nlp.tokenizer(form) if not token.is_space] or [form]
        last.append(len(words) - 1)
    return Doc(nlp.vocab, words=words), last


def trained_doc(nlp: Language, sentence: Sequence[Word]) -> Doc:
    """The sentence in our tokens with tags, lemmas, heads and labels, to train on."""
    doc, last = split_doc(nlp, [word.form for word in sentence])
    words = [token.text for token in doc]
    tags: list[str] = []
    heads: list[int] = []
    labels: list[str] = []
    lemmas: list[str] = []
    for word, end in zip(sentence, last, strict=True):
        for at in range(len(tags), end):
            mark = not any(c.isalnum() for c in words[at])
            tags.append("HYPH" if mark else _part_tag(words[at]))
            heads.append(end)
            labels.append("punct" if mark else "compound")
            lemmas.append(words[at].lower())
        tags.append(word.tag)
        heads.append(last[word.head])
        labels.append("ROOT" if word.label == "root" else word.label)
        lemmas.append(word.lemma if words[end] == word.form else words[end].lower())
    return Doc(
        nlp.vocab,
        words=words,
        tags=tags,
        heads=heads,
        deps=labels,
        lemmas=lemmas,
        sent_starts=[at == 0 for at in range(len(words))],
    )


def _part_tag(part: str) -> str:
    return "CD" if part.replace(".", "").isdigit() else "NN"
