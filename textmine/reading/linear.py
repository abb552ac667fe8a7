"""Linear models of plain arrays: over hashed string features, and over columns of numbers.

A feature is hashed (CRC-32, 20 bits); classes are scored one against the rest by a logistic
function. Features that were rare in training have no weight and say nothing.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Grid", "Linear", "hashed"]

BITS = 20


def hashed(features: Sequence[str]) -> NDArray[np.int64]:
    """The features as sorted numbers below 2**BITS, each once."""
    mask = (1 << BITS) - 1
    numbers = np.fromiter(
        (zlib.crc32(f.encode("utf-8", "surrogatepass")) & mask for f in features), np.int64
    )
    return np.unique(numbers)


@dataclass(frozen=True)
class Linear:
    """`weights[k, c]` belongs to feature `index[k]` (sorted) and class `classes[c]`."""

    classes: tuple[str, ...]
    index: NDArray[np.int64]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def totals(self, features: Sequence[str]) -> NDArray[np.float32]:
        """The sum of weights of each class (log odds)."""
        return self.totals_of(hashed(features))

    def totals_of(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """The same for features that are `hashed` already."""
        at = np.searchsorted(self.index, numbers)
        at = np.minimum(at, len(self.index) - 1)
        known = at[self.index[at] == numbers]
        out: NDArray[np.float32] = self.weights[known].sum(axis=0) + self.bias
        return out

    def scores(self, features: Sequence[str]) -> NDArray[np.float32]:
        """The probability of each class, each for itself: they need not sum up to 1."""
        out: NDArray[np.float32] = 1 / (1 + np.exp(-self.totals(features)))
        return out

    def shares(self, features: Sequence[str]) -> NDArray[np.float32]:
        """The probability of each class where exactly one of them holds."""
        scores = self.scores(features)
        out: NDArray[np.float32] = scores / max(float(scores.sum()), 1e-9)
        return out

    def arrays(self, name: str) -> dict[str, NDArray[np.generic]]:
        """The model as arrays to be stored, under names that begin with `name`."""
        return {
            f"{name}.classes": np.array(self.classes),
            f"{name}.index": self.index.astype(np.uint32),
            f"{name}.weights": self.weights.astype(np.float16),
            f"{name}.bias": self.bias.astype(np.float32),
        }

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.generic]], name: str) -> Linear:
        """The model called `name` among stored arrays."""
        return cls(
            tuple(str(c) for c in arrays[f"{name}.classes"]),
            np.asarray(arrays[f"{name}.index"], np.int64),
            np.asarray(arrays[f"{name}.weights"], np.float32),
            np.asarray(arrays[f"{name}.bias"], np.float32),
        )


@dataclass(frozen=True)
class Grid:
    """A linear model over numbers: every column is cut into at most WIDTH steps at `edges`.

    `weights[column, step, class]` are added up."""

    edges: tuple[NDArray[np.float32], ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    WIDTH: ClassVar[int] = 32

    def steps(self, rows: NDArray[np.float32]) -> NDArray[np.int64]:
        """The step of each value."""
        columns = [np.searchsorted(e, rows[:, j]) for j, e in enumerate(self.edges)]
        return np.stack(columns, axis=1) if columns else np.zeros((len(rows), 0), np.int64)

    def totals(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """The sum of weights of each class (log odds), one line for each row."""
        return self.totals_at(self.steps(rows))

    def totals_at(self, steps: NDArray[np.int64]) -> NDArray[np.float32]:
        """The same where the steps are known."""
        found = self.weights[np.arange(len(self.edges)), steps]
        out: NDArray[np.float32] = found.sum(axis=1) + self.bias
        return out

    def arrays(self, name: str) -> dict[str, NDArray[np.generic]]:
        """The model as arrays to be stored, under names that begin with `name`."""
        return {
            f"{name}.cuts": np.concatenate(self.edges).astype(np.float32),
            f"{name}.ends": np.cumsum([len(e) for e in self.edges]).astype(np.int32),
            f"{name}.weights": self.weights.astype(np.float16),
            f"{name}.bias": self.bias.astype(np.float32),
        }

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.generic]], name: str) -> Grid:
        """The model called `name` among stored arrays."""
        cuts = np.asarray(arrays[f"{name}.cuts"], np.float32)
        ends = np.asarray(arrays[f"{name}.ends"], np.int64)
        return cls(
            tuple(np.split(cuts, ends[:-1])),
            np.asarray(arrays[f"{name}.weights"], np.float32),
            np.asarray(arrays[f"{name}.bias"], np.float32),
        )
