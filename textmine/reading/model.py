"""The trained pipeline: entities over the whole text, trees for the sentences that need one.

Called on a Doc like any spaCy pipeline it does everything everywhere. The reader is thriftier: it
asks for the entities of a batch of texts at once, and for the trees of those sentences only in
which a relation can stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy
from spacy.attrs import DEP, HEAD, ORTH, TAG  # type: ignore[import-not-found]
from spacy.language import Language
from spacy.tokens import Doc, Span
from thinc.api import Model, NumpyOps
from thinc.types import Ragged

from textmine.reading.embed import OURS, known_names, set_features
from textmine.reading.lexicon import Lexicon

__all__ = ["ENTITIES", "SYNTAX", "TrainedModel", "accelerate"]

ENTITIES = ("tok2vec", "ner")
SYNTAX = ("syntax_tok2vec", "tagger", "parser")
_TREE = (TAG, DEP, HEAD)
_MOST_WORDS = 100_000  # whose vectors are kept, for each of the two word layers
Request = tuple[Doc, Sequence[tuple[int, int]]]


class _FastOps(NumpyOps):  # type: ignore[misc]
    """thinc's operations with numpy's matrix product: OpenBLAS is two to three times as fast on
    present processors as the BLIS that thinc brings."""

    def gemm(
        self, x: Any, y: Any, out: Any = None, trans1: bool = False, trans2: bool = False
    ) -> Any:
        return numpy.matmul(x.T if trans1 else x, y.T if trans2 else y, out=out)


class _KnownVectors:
    """The projected vectors of words, kept: hashing the n-grams of every word anew costs more than
    the convolutions do. Stands in for the forward pass of a StaticVectors layer in reading."""

    def __init__(self) -> None:
        self.rows: dict[int, int] = {}
        self.table: Any = None

    def __call__(self, model: Any, docs: list[Doc], is_train: bool) -> tuple[Ragged, Any]:
        keys = numpy.concatenate([doc.to_array(ORTH) for doc in docs])
        if len(self.rows) > _MOST_WORDS:
            self.rows, self.table = {}, None
        new = [key for key in dict.fromkeys(keys.tolist()) if key not in self.rows]
        if new:
            found = docs[0].vocab.vectors.get_batch(new)
            made = model.ops.gemm(found, model.get_param("W"), trans2=True)
            self.table = made if self.table is None else numpy.vstack((self.table, made))
            self.rows.update(zip(new, range(len(self.rows), len(self.table)), strict=True))
        data = self.table[[self.rows[key] for key in keys.tolist()]]
        lengths: Any = numpy.array([len(doc) for doc in docs], dtype="i")
        return Ragged(data, lengths), _no_training


def _no_training(_: Any) -> Any:
    raise RuntimeError("A pipeline that was made faster for reading cannot be trained further.")


def accelerate(nlp: Language) -> Language:
    """Makes a pipeline on the CPU faster: a better matrix product, vectors of words kept.

    What it says is the same. It can no longer be trained."""
    fast = _FastOps()
    for _, component in nlp.components:
        model = getattr(component, "model", None)
        for node in model.walk() if isinstance(model, Model) else ():
            if type(node.ops) is NumpyOps:
                node.ops = fast
                if node.name == "static_vectors":
                    node._func = _KnownVectors()
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
        docs = [self._prepared(text, scheme) for text in texts]
        self._apply(ENTITIES, [doc for doc in docs if len(doc)])
        return docs

    def _prepared(self, text: str, scheme: str) -> Doc:
        doc = self.nlp.make_doc(text)
        names = [(m.start, m.end, m.label) for m in self.lexicon.match(text)]
        return set_features(doc, known_names(doc, names), scheme)

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
