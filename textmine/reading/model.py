"""The trained pipeline: entities over the whole text, trees for the sentences that need one.

Called on a Doc like any spaCy pipeline it does everything everywhere. The reader is thriftier: it
asks for the entities of a batch of texts at once, and for the trees of those sentences only in
which a relation can stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy
from spacy.attrs import DEP, HEAD, TAG  # type: ignore[import-not-found]
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import Model, NumpyOps

from textmine.reading.embed import OURS, known_names, set_features
from textmine.reading.lexicon import Lexicon

__all__ = ["ENTITIES", "SYNTAX", "TrainedModel", "accelerate"]

ENTITIES = ("tok2vec", "ner")
SYNTAX = ("syntax_tok2vec", "tagger", "parser")
_TREE = (TAG, DEP, HEAD)
Request = tuple[Doc, Sequence[tuple[int, int]]]


class _FastOps(NumpyOps):  # type: ignore[misc]
    """thinc's operations with numpy's matrix product: OpenBLAS is two to three times as fast on
    present processors as the BLIS that thinc brings."""

    def gemm(
        self, x: Any, y: Any, out: Any = None, trans1: bool = False, trans2: bool = False
    ) -> Any:
        return numpy.matmul(x.T if trans1 else x, y.T if trans2 else y, out=out)


def accelerate(nlp: Language) -> Language:
    """Gives every layer that runs on the CPU the faster matrix product. Results are the same."""
    fast = _FastOps()
    for _, component in nlp.components:
        model = getattr(component, "model", None)
        if isinstance(model, Model):
            for node in model.walk():
                if type(node.ops) is NumpyOps:
                    node.ops = fast
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
        pieces = [[span.as_doc() for span in found] for found in spans]
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
