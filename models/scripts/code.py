"""What the trainings need beside spaCy; given to `spacy train` as --code.

Matrix products through numpy's BLAS: thinc's own (BLIS) reaches a third of OpenBLAS' speed on
present processors, so that a training on a CPU takes half the time. Results differ in the last bits
only. And a reader that keeps the features of a Doc (spaCy's own drops them).
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from thinc.backends.numpy_ops import NumpyOps


def gemm(
    _: NumpyOps, x: Any, y: Any, out: Any = None, trans1: bool = False, trans2: bool = False
) -> Any:
    return numpy.matmul(x.T if trans1 else x, y.T if trans2 else y, out=out)


NumpyOps.gemm = gemm


@spacy.registry.readers("textmine.Featured.v1")
def featured(
    path: Path, silver: Path | None = None, own: Path | None = None
) -> Callable[[Language], Iterable[Example]]:
    """Docs of one to three DocBins with their user data on both sides of each Example."""

    def read(nlp: Language) -> Iterator[Example]:
        for source in filter(None, (path, silver, own)):
            for gold in DocBin(store_user_data=True).from_disk(source).get_docs(nlp.vocab):
                words = [token.text for token in gold]
                blanks = [bool(token.whitespace_) for token in gold]
                doc = Doc(nlp.vocab, words=words, spaces=blanks, user_data=dict(gold.user_data))
                yield Example(doc, gold)

    return read
