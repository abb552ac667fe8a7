"""The trained pipeline: entities over the whole text, trees for the sentences that need one.

Called on a Doc like any spaCy pipeline it does everything everywhere. The reader is thriftier: it
asks for the entities of a batch of texts at once, and for the trees of those sentences only in
which a relation can stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy
from spacy.attrs import DEP, HEAD, NORM, ORTH, TAG  # type: ignore[import-not-found]
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab
from thinc.api import Model, NumpyOps

from textmine.reading.embed import FEATURES, OURS, featured
from textmine.reading.lexicon import Lexicon

__all__ = ["ENTITIES", "SYNTAX", "TrainedModel", "accelerate"]

ENTITIES = ("tok2vec", "ner")
SYNTAX = ("syntax_tok2vec", "tagger", "parser")
_TREE = (TAG, DEP, HEAD)
_MOST_WORDS = 100_000  # that are kept for each of the two word layers
Request = tuple[Doc, Sequence[tuple[int, int]]]


class _FastOps(NumpyOps):  # type: ignore[misc]
    """thinc's operations with numpy's matrix product: OpenBLAS is two to three times as fast on
    present processors as the BLIS that thinc brings."""

    def gemm(
        self, x: Any, y: Any, out: Any = None, trans1: bool = False, trans2: bool = False
    ) -> Any:
        return numpy.matmul(x.T if trans1 else x, y.T if trans2 else y, out=out)


class _KnownWords:
    """The embeddings of words, kept: a word's embedding depends on nothing but the word and its
    features, and making it costs as much as the convolutions over it do. Stands in for the forward
    pass of the embedding layer of a tok2vec, in reading only."""

    def __init__(self, embed: Any) -> None:
        self.forward = embed._func
        self.rows: dict[tuple[int, ...], int] = {}
        self.table: Any = None

    def __call__(self, model: Any, docs: list[Doc], is_train: bool) -> tuple[list[Any], Any]:
        keys = [_keys(doc) for doc in docs]
        if len(self.rows) > _MOST_WORDS:
            self.rows, self.table = {}, None
        new = [key for key in dict.fromkeys(chain.from_iterable(keys)) if key not in self.rows]
        for size in {len(key) for key in new}:
            self._make(model, docs[0].vocab, [key for key in new if len(key) == size])
        return [self.table[[self.rows[key] for key in found]] for found in keys], _no_training

    def _make(self, model: Any, vocab: Vocab, new: list[tuple[int, ...]]) -> None:
        words = Doc(vocab, words=[vocab.strings[key[0]] for key in new])
        for token, key in zip(words, new, strict=True):
            token.norm_ = vocab.strings[key[1]]
        if len(new[0]) > 2:
            words.user_data[FEATURES] = numpy.array([key[2:] for key in new], dtype=numpy.uint64)
        (made,), _ = self.forward(model, [words], False)
        self.table = made if self.table is None else numpy.vstack((self.table, made))
        self.rows.update(zip(new, range(len(self.rows), len(self.table)), strict=True))


def _keys(doc: Doc) -> list[tuple[int, ...]]:
    """What the embedding of each token depends on: the word, its norm, its features."""
    columns = doc.to_array([ORTH, NORM])
    features = doc.user_data.get(FEATURES)
    if features is not None:
        columns = numpy.hstack((columns, features))
    return list(map(tuple, columns.tolist()))


def _no_training(_: Any) -> Any:
    raise RuntimeError("A pipeline that was made faster for reading cannot be trained further.")


def accelerate(nlp: Language) -> Language:
    """Makes a pipeline on the CPU faster: a better matrix product, embeddings kept.

    What it says is the same. It can no longer be trained."""
    fast = _FastOps()
    for _, component in nlp.components:
        model = getattr(component, "model", None)
        for node in model.walk() if isinstance(model, Model) else ():
            if type(node.ops) is NumpyOps:
                node.ops = fast
        if getattr(component, "name", "").endswith("tok2vec") and isinstance(model, Model):
            embed = model.layers[0]
            if not isinstance(embed._func, _KnownWords):
                embed._func = _KnownWords(embed)
    return nlp


class TrainedModel:
    """A pipeline with the components named in ENTITIES and SYNTAX."""

    def __init__(self, nlp: Language, lexicon: Lexicon) -> None:
        self.nlp = accelerate(nlp)
        self.lexicon = lexicon

    @staticmethod
    def fits(nlp: Language) -> bool:
        """Whether a pipeline has these components."""
        return {*ENTITIES, *SYNTAX, "textmine_features"} <= set(nlp.pipe_names)

    def entities(self, texts: Iterable[str], scheme: str = OURS) -> list[Doc]:
        """A Doc for each text, with its entities as the label set `scheme` calls them."""
        docs = [featured(self.nlp.make_doc(text), self.lexicon, scheme) for text in texts]
        self._apply(ENTITIES, [doc for doc in docs if len(doc)])
        return docs

    def parse(self, requests: Sequence[Request]) -> None:
        """Gives the Docs tags and trees in the sentences at these character offsets."""
        spans = [
            [
                span
                for start, end in sentences
                if (span := doc.char_span(start, end, alignment_mode="expand")) is not None
            ]
            for doc, sentences in requests
        ]
        pieces = [[_piece(span) for span in found] for found in spans]
        self._apply(SYNTAX, [piece for found in pieces for piece in found])
        for (doc, _), found, parsed in zip(requests, spans, pieces, strict=True):
            values: Any = numpy.zeros((len(doc), len(_TREE)), dtype=numpy.uint64)
            for span, piece in zip(found, parsed, strict=True):
                values[span.start : span.end] = piece.to_array(list(_TREE))
            doc.from_array(list(_TREE), values)

    def _apply(self, names: Sequence[str], docs: list[Doc]) -> None:
        if not docs:
            return
        for name in names:
            pipe: Any = self.nlp.get_pipe(name)
            pipe.set_annotations(docs, pipe.predict(docs))


def _piece(span: Span) -> Doc:
    """The words of a span as a Doc of their own."""
    words = [token.text for token in span]
    blanks = [bool(token.whitespace_) for token in span]
    return Doc(span.doc.vocab, words=words, spaces=blanks)
