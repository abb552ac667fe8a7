"""Word features of the entity model: spaCy's, the lexicon's opinion, and which labels are wanted.

Corpora annotate different things: what is no entity in one (a gene in a corpus of diseases) is one
in another, and a model trained on their mere union learns to miss. So the model is told, word by
word, whose label set is asked for, as an embedded feature (one model for many annotation schemes,
as in multilingual translation with a language token: Johnson et al. 2017,
doi:10.1162/tacl_a_00065). Asked for `textmine`, it names everything in textmine's labels.

The second feature is the label under which the lexicon knows the name at this place: the model
weighs it with the context instead of obeying it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import numpy
from numpy.typing import NDArray
from spacy.ml.featureextractor import FeatureExtractor
from spacy.ml.staticvectors import StaticVectors
from spacy.tokens import Doc
from thinc.api import HashEmbed, Maxout, Model, chain, concatenate, list2ragged, ragged2list
from thinc.api import with_array as over_array
from thinc.types import Floats2d, Ints2d, Ragged

from textmine.reading.lexicon import Lexicon

__all__ = [
    "FEATURES",
    "OURS",
    "SCHEMES",
    "SHARED",
    "conditioned_embed",
    "featured",
    "known_names",
    "set_features",
]

OURS = "textmine"
SCHEMES = (
    OURS, "bc5cdr", "ncbi-disease", "bionlp13cg", "bionlp13pc", "anatem", "craft", "jnlpba",
    "bc2gm", "linnaeus",
)  # fmt: skip
"""Label sets that can be asked for; the order is part of the trained model."""
SHARED = {
    "Chemical": "CHEMICAL", "Simple_chemical": "CHEMICAL", "CHEBI": "CHEMICAL",
    "Disease": "DISEASE", "Gene_or_gene_product": "GENE", "GGP": "GENE", "Cell": "CELL",
    "CL": "CELL", "Organism": "ORGANISM", "Taxon": "ORGANISM", "Species": "ORGANISM",
    "GO": "PROCESS", "Anatomy": "ANATOMY",
}  # fmt: skip
"""Labels of corpora that the model knows under one name; within a corpus none are merged."""
Array = NDArray[numpy.uint64]
FEATURES = "textmine.features"
"""Where a Doc's user data holds them: (tokens, 2), the lexicon's label and the scheme."""
_LABELS = (
    "VESICLE", "CELL", "MIRNA", "GENE", "CHEMICAL", "DISEASE", "ANATOMY", "PROCESS", "PATHWAY",
    "ORGANISM", "OUTCOME", "INTERVENTION",
)  # fmt: skip


def known_names(doc: Doc, names: Iterable[tuple[int, int, str]]) -> Array:
    """For every token the lexicon's label, as a number: 0 none, odd first token, even further.

    `names`: (start, end, label) with character offsets, without overlaps, in order."""
    out = numpy.zeros(len(doc), dtype=numpy.uint64)
    at = 0
    for start, end, label in names:
        number = 2 * _LABELS.index(label) + 1 if label in _LABELS else 0
        first = True
        while at < len(doc) and doc[at].idx < end:
            token = doc[at]
            if token.idx + len(token) > start:
                out[at] = number if first or not number else number + 1
                first = False
            at += 1
    return out


def set_features(doc: Doc, known: Array, scheme: str = OURS) -> Doc:
    """Gives a Doc what the model looks at beside its words."""
    columns = numpy.empty((len(doc), 2), dtype=numpy.uint64)
    columns[:, 0] = known
    columns[:, 1] = SCHEMES.index(scheme)
    doc.user_data[FEATURES] = columns
    return doc


def featured(doc: Doc, lexicon: Lexicon, scheme: str = OURS) -> Doc:
    """The Doc with the features of its text: what the lexicon knows, whose labels are wanted."""
    names = [(match.start, match.end, match.label) for match in lexicon.match(doc.text)]
    return set_features(doc, known_names(doc, names), scheme)


def conditioned_embed(
    width: int, attrs: Sequence[str], rows: Sequence[int], include_static_vectors: bool
) -> Model[list[Doc], list[Floats2d]]:
    """As spaCy's MultiHashEmbed (`width`, `attrs`, `rows` mean the same), with the two features.

    For spaCy's registry of architectures (entry point `textmine.ConditionedEmbed.v1`)."""
    sizes = [*rows, 4 * len(_LABELS), 4 * len(SCHEMES)]
    tables: list[Model[Any, Any]] = [
        HashEmbed(width, size, column=at, seed=8 + at, dropout=0.0) for at, size in enumerate(sizes)
    ]
    words: Model[list[Doc], Ragged] = chain(
        _columns(FeatureExtractor(list(attrs))),
        cast(Model[list[Ints2d], Ragged], list2ragged()),
        over_array(concatenate(*tables)),
    )
    pieces = len(tables) + include_static_vectors
    mixed: Model[Ragged, Ragged] = over_array(
        Maxout(width, width * pieces, nP=3, dropout=0.0, normalize=True)
    )
    seen = (
        concatenate(words, StaticVectors(width, dropout=0.0)) if include_static_vectors else words
    )
    return chain(seen, mixed, ragged2list())


def _columns(words: Model[list[Doc], list[Ints2d]]) -> Model[list[Doc], list[Ints2d]]:
    return Model("textmine_features", _forward, layers=[words])


def _forward(
    model: Model[list[Doc], list[Ints2d]], docs: list[Doc], is_train: bool
) -> tuple[list[Ints2d], Callable[[Any], list[Any]]]:
    found, _ = model.layers[0](docs, is_train)
    out = []
    for doc, columns in zip(docs, found, strict=True):
        more = doc.user_data.get(FEATURES)
        if more is None:  # a Doc that nobody prepared: no name is known, our labels are wanted
            more = numpy.zeros((len(columns), 2), dtype=numpy.uint64)
        out.append(model.ops.xp.hstack((columns, more)))
    return out, lambda _: []
