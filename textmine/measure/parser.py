"""Tagger, parser and sentence ends against the GENIA treebank's development part.

Tags and trees are read from the treebank's own words: the pipeline gets them cut into its tokens,
and a word's tag, head and label are those of its last token (`treebank`). UAS and LAS leave out
punctuation, as spaCy's scorer and with it scispaCy's published figures do; "with punctuation"
counts every word. Sentence ends are those of the reader, by rule, on sentences put together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from textmine.errors import ConfigError
from textmine.measure.corpora import data_file, detokenize
from textmine.measure.scores import Line, f1, share
from textmine.measure.treebank import Word, read_conllu, split_doc
from textmine.reading.model import SYNTAX, TrainedModel, accelerate
from textmine.reading.pipeline import build_pipeline
from textmine.reading.sentences import sentence_spans
from textmine.records import Passage

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

__all__ = ["measure_parser", "measure_sentences"]

_FACTORIES = frozenset({"tok2vec", "transformer", "tagger", "parser", "curated_transformer"})
_SOURCE = "scispaCy 0.5.4 en_core_sci_sm (test)"
_PEER = {"tag": 0.9818, "UAS": 0.8918, "LAS": 0.8715}
_TOGETHER = 10  # sentences that are put together to a text
_MARKS = {
    "-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}",
    "``": '"', "''": '"',
}  # fmt: skip


def measure_parser(
    data: Path | None, splits: Sequence[str] = ("dev",), model: str = "default"
) -> list[Line]:
    """Tag accuracy, UAS, LAS and sentence ends of the pipeline `model` (all: split `dev`)."""
    path = data_file(data, "treebank", "genia", "dev.conllu.gz")
    if "dev" not in splits:
        return []
    sentences = list(read_conllu(path))
    nlp = build_pipeline(model)
    return [*_trees(nlp, sentences, model), measure_sentences(sentences)]


def _trees(nlp: Language, sentences: Sequence[list[Word]], model: str) -> list[Line]:
    names = [n for n in nlp.pipe_names if nlp.get_pipe_meta(n).factory in _FACTORIES]
    if TrainedModel.fits(nlp):
        names = list(SYNTAX)
        accelerate(nlp)
    if not {"tagger", "parser"} & {nlp.get_pipe_meta(n).factory for n in names}:
        raise ConfigError(
            f"The pipeline {model!r} has no tagger and no parser to measure; it has: "
            f"{', '.join(nlp.pipe_names) or 'nothing'}. Name another one."
        )
    tags: list[bool] = []
    heads: list[tuple[bool, bool, bool]] = []  # head right, head and label right, punctuation
    wrong: list[str] = []
    with nlp.select_pipes(enable=names):
        split = [split_doc(nlp, [word.form for word in words]) for words in sentences]
        docs = nlp.pipe((doc for doc, _ in split), batch_size=64)
        for words, (_, last), doc in zip(sentences, split, docs, strict=True):
            for word, tag, head, label in zip(words, *_read(doc, last), strict=True):
                tags.append(word.tag == tag)
                gold = "root" if word.label == "root" else word.label.casefold()
                same = word.head == head
                heads.append((same, same and gold == label, gold == "punct"))
                if word.tag != tag:
                    wrong.append(f"{word.form!r}: {tag}, gold {word.tag}")
    lexical = [row for row in heads if not row[2]]
    return [
        Line("parser", "tag", "dev", share(sum(tags), len(tags)), tuple(wrong), _PEER["tag"],
             _SOURCE),
        *(
            Line("parser", f"{name}{suffix}", "dev", share(sum(r[at] for r in rows), len(rows)),
                 (), None if suffix else _PEER[name], "" if suffix else _SOURCE)
            for suffix, rows in (("", lexical), (", with punctuation", heads))
            for name, at in (("UAS", 0), ("LAS", 1))
        ),
    ]  # fmt: skip


def _read(doc: Doc, last: Sequence[int]) -> tuple[list[str], list[int], list[str]]:
    """Tag, head (an index into the words) and label of every word, from its last token."""
    owner = {}
    start = 0
    for word, end in enumerate(last):
        owner.update(dict.fromkeys(range(start, end + 1), word))
        start = end + 1
    tokens = [doc[at] for at in last]
    heads = []
    for word, token in enumerate(tokens):
        head = token.head
        # A last token that hangs on another part of its own word has that part's head.
        while owner[head.i] == word and head.head.i != head.i and head.i != token.i:
            head = head.head
        heads.append(owner[head.i])
    labels = ["root" if t.head.i == t.i else t.dep_.casefold() for t in tokens]
    return [token.tag_ for token in tokens], heads, labels


def measure_sentences(sentences: Sequence[Sequence[Word]]) -> Line:
    """F1 of sentence spans in texts of ten sentences each."""
    pairs = []
    wrong = []
    for chunk in _chunks(sentences):
        text, gold = _as_text(chunk)
        found = sentence_spans(text, (Passage("abstract", 0, len(text)),))
        pairs.append((gold, list(found)))
        missed = sorted(set(gold) - set(found))
        wrong += [f"- {text[max(0, s - 20) : e][:120]!r}" for s, e in missed]
    return Line("parser", "sentence ends, by rule", "dev", f1(pairs), tuple(wrong))


def _chunks(sentences: Sequence[Sequence[Word]]) -> Iterator[list[Sequence[Word]]]:
    stream = iter(sentences)
    while chunk := list(islice(stream, _TOGETHER)):
        yield chunk


def _as_text(chunk: Sequence[Sequence[Word]]) -> tuple[str, list[tuple[int, int]]]:
    text = ""
    spans = []
    for words in chunk:
        sentence, _ = detokenize([_MARKS.get(word.form, word.form) for word in words])
        start = len(text) + bool(text)
        text = f"{text} {sentence}" if text else sentence
        spans.append((start, len(text)))
    return text, spans
