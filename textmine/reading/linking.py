"""Mentions that no name matches exactly -> the nearest concept, or none.

scispaCy's CandidateGenerator (TF-IDF over letter trigrams, nearest neighbours in an HNSW graph:
Neumann et al. 2019, doi:10.18653/v1/W19-5034; Malkov & Yashunin 2018,
doi:10.1109/TPAMI.2018.2889473) over a KnowledgeBase of our own, made from the curated lexicon.
scispaCy's ready-made linkers are never touched: they would download some gigabytes, and its own
index builder refuses a present-day scipy.

Three guards stand between a neighbour and a link, because a wrong link is worse than none: the
label must be the mention's; every word must have its counterpart in the other name, equal or
inflected, in whatever order (trigrams alone hold "renal insufficiency" for "hepatic
insufficiency" and "IL-16" for "IL-1"); and the similarity must reach a threshold. All three were
measured on names the index had not seen (`benchmarks/linking.py`). No link is an answer: `()`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textmine.reading.lexicon import Lexicon
from textmine.reading.lexicon_files import cache_folder
from textmine.reading.normal import atoms, key
from textmine.records import Concept

if TYPE_CHECKING:
    from scispacy.candidate_generation import CandidateGenerator
    from scispacy.linking import EntityLinker
    from scispacy.linking_utils import KnowledgeBase

__all__ = ["THRESHOLD", "Linker", "knowledge_base"]

THRESHOLD = 0.70
"""Cosine similarity from which a neighbour is a link (measured: models/README.md)."""
_SMALL = frozenset(("of", "the", "in", "and", "a", "an", "to", "by", "with", "from", "for", "on"))
_SAME = 0.75  # share of the longer word that two inflections of one word have in common
_INDEX = {"M": 32, "efConstruction": 200, "indexThreadQty": 1, "post": 0}
# a single thread and a fixed order of names make the graph the same every time


def knowledge_base(lexicon: Lexicon, sources: Iterable[str] = ("curated", "user")) -> KnowledgeBase:
    """scispaCy's view of the lexicon: entities with their names in normal form, `types` = (label,).

    Weak names (those that need evidence) are left out."""
    from scispacy.linking_utils import Entity, KnowledgeBase

    wanted = frozenset(sources)
    names: dict[tuple[str, str], list[str]] = {}
    for name, curie, label, source in lexicon.strong_names():
        if source in wanted:
            names.setdefault((curie, label), []).append(name)
    entities: dict[str, Any] = {}
    for (curie, label), aliases in names.items():
        known = entities.get(curie)
        if known is None:
            shown = lexicon.concept(curie).name
            entities[curie] = Entity(curie, key(atoms(shown)) or shown, sorted(aliases), [label])
        else:
            entities[curie] = known._replace(
                aliases=sorted({*known.aliases, *aliases}), types=[*known.types, label]
            )
    return KnowledgeBase(list(entities.values()))


class Linker:
    """Links the text of a mention to a concept of the same label. Nothing is built before the first
    call; the graph is kept in the user's cache folder, keyed by the lexicon's fingerprint.

    A linker is not shared between processes: each builds or loads its own."""

    def __init__(
        self,
        lexicon: Lexicon,
        *,
        threshold: float = THRESHOLD,
        k: int = 20,
        sources: Iterable[str] = ("curated", "user"),
        cache: bool = True,
    ) -> None:
        self.lexicon = lexicon
        self.threshold = threshold
        self.k = k
        self.sources = tuple(sorted(sources))
        self._cache = cache and bool(lexicon.fingerprint)
        self._generator: CandidateGenerator | None = None

    @property
    def generator(self) -> CandidateGenerator:
        """scispaCy's candidate generator over the lexicon."""
        if self._generator is None:
            base = knowledge_base(self.lexicon, self.sources)
            place = None
            if self._cache:
                stem = f"linker-{self.lexicon.fingerprint}-{'-'.join(self.sources)}.nmslib"
                place = cache_folder() / stem
            self._generator = _generator(base, place)
        return self._generator

    def link(self, mentions: Sequence[tuple[str, str]]) -> list[tuple[Concept, ...]]:
        """(text, label) of mentions -> their concept, best first; () where none is near enough."""
        texts = [key(atoms(text)) for text, _ in mentions]
        asked = sorted({text for text in texts if text})
        found = dict(zip(asked, self.generator(asked, self.k), strict=True)) if asked else {}
        return [
            self._chosen(text, label, found.get(text, ()))
            for text, (_, label) in zip(texts, mentions, strict=True)
        ]

    def _chosen(self, text: str, label: str, candidates: Sequence[Any]) -> tuple[Concept, ...]:
        base = self.generator.kb
        ranked: list[tuple[float, str, str]] = []
        for candidate in candidates:
            if label not in base.cui_to_entity[candidate.concept_id].types:
                continue
            fitting = [
                (float(similarity), alias)
                for alias, similarity in zip(candidate.aliases, candidate.similarities, strict=True)
                if same_words(text, alias)
            ]
            if fitting:
                score, alias = max(fitting)
                ranked.append((score, candidate.concept_id, alias))
        ranked.sort(key=lambda item: (-item[0], item[1]))
        if not ranked or ranked[0][0] < self.threshold:
            return ()
        best = ranked[0]
        if len(ranked) > 1 and ranked[1][0] >= best[0] - 1e-6:
            return ()  # two concepts are equally near: which one is meant cannot be told
        return (
            Concept(
                best[1],
                self.lexicon.concept(best[1]).name,
                round(min(best[0], 0.99), 4),
                f"nearest name: {best[2]}",
            ),
        )

    def entity_linker(self, **options: Any) -> EntityLinker:
        """scispaCy's own pipeline component over the same index, for use in a spaCy pipeline."""
        from scispacy.linking import EntityLinker

        settings = {
            "threshold": self.threshold,
            "k": self.k,
            "filter_for_definitions": False,
            "resolve_abbreviations": False,
        }
        return EntityLinker(candidate_generator=self.generator, **{**settings, **options})


def same_words(one: str, other: str) -> bool:
    """Whether two names in normal form are the same words, order, inflection and small words aside.

    >>> same_words("fibrosis of the liver", "liver fibrosis"), same_words("il 16", "il 1")
    (True, False)
    """
    left = sorted(word for word in one.split() if word not in _SMALL)
    right = sorted(word for word in other.split() if word not in _SMALL)
    if len(left) != len(right) or not any(len(word) > 4 for word in left):
        return False
    return all(_inflected(a, b) for a, b in zip(left, right, strict=True))


def _inflected(one: str, other: str) -> bool:
    if one == other:
        return True
    longer = max(len(one), len(other))
    if min(len(one), len(other)) <= 6:  # "PDGFRA" is no inflection of "PDGFRB"
        return False
    shared = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), longer)
    return min(shared, len(one), len(other)) >= _SAME * longer


def _generator(base: KnowledgeBase, place: Path | None) -> CandidateGenerator:
    import nmslib
    import numpy
    from scispacy.candidate_generation import CandidateGenerator
    from sklearn.feature_extraction.text import TfidfVectorizer

    names = sorted(base.alias_to_cuis)
    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 3), min_df=2, dtype=numpy.float32
    )
    vectors = vectorizer.fit_transform(names)
    filled = numpy.asarray(vectors.sum(axis=1) != 0).reshape(-1)
    names = [name for name, full in zip(names, filled, strict=True) if full]
    index = nmslib.init(
        method="hnsw", space="cosinesimil_sparse", data_type=nmslib.DataType.SPARSE_VECTOR
    )
    index.addDataPointBatch(vectors[filled])
    if place is None or not _loaded(index, place):
        index.createIndex(_INDEX, print_progress=False)
        if place is not None:
            _saved(index, place)
    index.setQueryTimeParams({"efSearch": 200})
    return CandidateGenerator(index, vectorizer, names, base)


def _loaded(index: Any, place: Path) -> bool:
    if not place.is_file():
        return False
    try:
        index.loadIndex(str(place))
    except (RuntimeError, ValueError, OSError):
        return False  # cut off or from another version: made anew
    return True


def _saved(index: Any, place: Path) -> None:
    temporary = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        index.saveIndex(str(temporary))
        os.replace(temporary, place)
    except (OSError, RuntimeError):
        temporary.unlink(missing_ok=True)  # a cache that cannot be written only costs time
