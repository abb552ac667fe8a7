"""A linear model over hashed string features: plain arrays, one weight per feature and class.

A feature is hashed (CRC-32, 20 bits); classes are scored one against the rest by a logistic
function. Features that were rare in training have no weight and say nothing.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Linear", "hashed"]

BITS = 20


def hashed(features: Sequence[str]) -> NDArray[np.int64]:
    """The features as sorted numbers below 2**BITS, each once."""
    mask = (1 << BITS) - 1
    numbers = np.fromiter((zlib.crc32(f.encode()) & mask for f in features), np.int64)
    return np.unique(numbers)


@dataclass(frozen=True)
class Linear:
    """`weights[k, c]` belongs to feature `index[k]` (sorted) and class `classes[c]`."""

    classes: tuple[str, ...]
    index: NDArray[np.int64]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def scores(self, features: Sequence[str]) -> NDArray[np.float32]:
        """The probability of each class, each for itself: they need not sum up to 1."""
        numbers = hashed(features)
        at = np.searchsorted(self.index, numbers)
        at = np.minimum(at, len(self.index) - 1)
        known = at[self.index[at] == numbers]
        total = self.weights[known].sum(axis=0) + self.bias
        out: NDArray[np.float32] = 1 / (1 + np.exp(-total))
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
