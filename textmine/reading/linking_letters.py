"""Names that share letters: TF-IDF over letter trigrams, with every neighbour found.

scispaCy's CandidateGenerator (Neumann et al. 2019, doi:10.18653/v1/W19-5034) asks a vectorizer and
an index of nearest neighbours. Both are given here: the index is exact, an inverted file in numpy,
where scispaCy's own is an approximate graph that takes minutes to build over so many names and
refuses a present-day scipy. A query takes about a millisecond; nothing random is in it.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy
from numpy.typing import NDArray

from textmine.reading.linking_names import kept_in_cache

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["Letters", "trigrams"]

_LEAST = 2  # names that a trigram must have
_FLOOR = 0.3  # similarity below which a name is no neighbour


def trigrams(name: str) -> Counter[str]:
    """The letter trigrams of a name in normal form, word by word.

    >>> sorted(trigrams("il 6"))
    [' 6 ', ' il', 'il ']
    """
    found: Counter[str] = Counter()
    for word in name.split():
        padded = f" {word} "
        found.update(padded[at : at + 3] for at in range(len(padded) - 2))
    return found


class Letters:
    """A vectorizer (`transform`) and an index (`knnQueryBatch`) in one, over names by number."""

    def __init__(
        self,
        vocabulary: Sequence[str],
        weights: NDArray[numpy.float32],
        ends: NDArray[numpy.int64],
        rows: NDArray[numpy.int32],
        values: NDArray[numpy.float32],
        size: int,
    ) -> None:
        self._column = {gram: at for at, gram in enumerate(vocabulary)}
        self._weights = weights
        self._ends = ends
        self._rows = rows
        self._values = values
        self.size = size

    @classmethod
    def build(cls, names: Sequence[str]) -> Letters:
        """The index of the names; a name's number is its place."""
        spread = Counter(gram for name in names for gram in trigrams(name))
        vocabulary = sorted(gram for gram, count in spread.items() if count >= _LEAST)
        column = {gram: at for at, gram in enumerate(vocabulary)}
        counts = numpy.array([spread[gram] for gram in vocabulary], dtype=numpy.float64)
        weights = (numpy.log((1 + len(names)) / (1 + counts)) + 1).astype(numpy.float32)
        columns, rows, values = array("i"), array("i"), array("f")
        for row, found in enumerate(map(trigrams, names)):
            cells = [(column[g], n * weights[column[g]]) for g, n in found.items() if g in column]
            length = sum(value * value for _, value in cells) ** 0.5
            for at, value in cells:
                columns.append(at)
                rows.append(row)
                values.append(value / length)
        places = numpy.array(columns, dtype=numpy.int32)
        order = numpy.argsort(places, kind="stable")
        ends = numpy.cumsum(numpy.bincount(places, minlength=len(vocabulary)))
        return cls(
            vocabulary,
            weights,
            ends.astype(numpy.int64),
            numpy.array(rows, dtype=numpy.int32)[order],
            numpy.array(values, dtype=numpy.float32)[order],
            len(names),
        )

    @classmethod
    def cached(cls, path: Path | None, names: Sequence[str]) -> Letters:
        """The index from the cache, or made and kept there."""
        stored = _arrays(path) if path is not None else None
        if stored is not None and int(stored["size"]) == len(names):
            return cls(
                stored["vocabulary"].tobytes().decode().split("\n"),
                stored["weights"], stored["ends"], stored["rows"], stored["values"], len(names),
            )  # fmt: skip
        made = cls.build(names)
        if path is not None:
            made._keep(path)
        return made

    def _keep(self, path: Path) -> None:
        import io

        stream = io.BytesIO()
        words = "\n".join(self._column).encode()
        numpy.savez(
            stream,
            vocabulary=numpy.frombuffer(words, dtype=numpy.uint8),
            weights=self._weights,
            ends=self._ends,
            rows=self._rows,
            values=self._values,
            size=numpy.array(self.size),
        )
        kept_in_cache(path, stream.getvalue())

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """The texts as rows of weighted trigrams, of length 1 (or 0 where none is known)."""
        from scipy.sparse import csr_matrix

        columns: list[int] = []
        values: list[float] = []
        ends = [0]
        for text in texts:
            cells = [
                (self._column[g], n * float(self._weights[self._column[g]]))
                for g, n in trigrams(text).items()
                if g in self._column
            ]
            length = sum(value * value for _, value in cells) ** 0.5
            columns += [at for at, _ in cells]
            values += [value / length for _, value in cells]
            ends.append(len(columns))
        shape = (len(texts), len(self._column))
        return csr_matrix((values, columns, ends), shape=shape, dtype=numpy.float32)

    def knnQueryBatch(  # noqa: N802 (the name that scispaCy calls)
        self, vectors: csr_matrix, k: int = 10, num_threads: int = 1
    ) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        """(numbers of the nearest names, cosine distances) of every row: at most k."""
        out = []
        for row in range(vectors.shape[0]):
            span = slice(vectors.indptr[row], vectors.indptr[row + 1])
            out.append(self._nearest(vectors.indices[span], vectors.data[span], k))
        return out

    def _nearest(
        self, columns: NDArray[Any], values: NDArray[Any], k: int
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        scores = numpy.zeros(self.size, dtype=numpy.float32)
        for column, value in zip(columns, values, strict=True):
            begin = int(self._ends[column - 1]) if column else 0
            place = slice(begin, int(self._ends[column]))
            # a name holds a trigram once, so that no row is met twice here
            scores[self._rows[place]] += value * self._values[place]
        best = numpy.flatnonzero(scores > _FLOOR)
        if not len(best):  # scispaCy's generator breaks on an empty list of neighbours
            best = scores.argmax(keepdims=True)
        best = best[numpy.lexsort((best, -scores[best]))][:k]
        return best, 1.0 - scores[best]


def _arrays(path: Path) -> dict[str, Any] | None:
    """The arrays of a cached file; None where it is not there or cut off."""
    import zipfile

    try:
        with path.open("rb") as stream, numpy.load(stream) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return None
