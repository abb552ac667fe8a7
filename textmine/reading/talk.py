"""How likely a text talks about the work of others (a review) instead of reporting its own.

A logistic regression over single words and pairs, kept as plain numbers in
`models/designs/reviews.json.gz`; `models/scripts/reviews.py` is its recipe.
"""

from __future__ import annotations

import gzip
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from textmine.config import data_root
from textmine.errors import ConfigError

__all__ = ["TalkModel", "features"]

_TOKEN = re.compile(r"[^\W\d_]+|\d+")


def features(text: str, title: str) -> set[str]:
    """Words and pairs of neighbours, numbers as 0; those of the title once more, marked."""
    return {*_grams(text), *(f"t:{gram}" for gram in _grams(title))}


def _grams(text: str) -> Iterator[str]:
    tokens = ["0" if t.isdecimal() else t for t in _TOKEN.findall(text.casefold())]
    yield from tokens
    yield from map(" ".join, pairwise(tokens))


@dataclass(frozen=True, slots=True)
class TalkModel:
    """The weights; features of a text count 1 over the square root of how many it has."""

    bias: float
    weights: dict[str, float]

    @classmethod
    def load(cls, path: Path) -> TalkModel:
        """Reads the weights; ConfigError if the file is missing or broken."""
        try:
            data = json.loads(gzip.decompress(path.read_bytes()))
            return cls(float(data["bias"]), dict(data["weights"]))
        except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
            raise ConfigError(
                f"{path} cannot be read as weights: {error!r}. It ships with textmine; "
                "install it again, or make it with models/scripts/reviews.py."
            ) from error

    @classmethod
    def default(cls) -> TalkModel:
        """The shipped weights, read once."""
        return _default()

    def probability(self, text: str, title: str) -> float:
        """That the text talks about the work of others, 0 to 1."""
        found = features(text, title)
        if not found:
            return 0.5
        total = sum(self.weights.get(name, 0.0) for name in found) / math.sqrt(len(found))
        return 1 / (1 + math.exp(-(self.bias + total)))


@cache
def _default() -> TalkModel:
    return TalkModel.load(data_root() / "models" / "designs" / "reviews.json.gz")
