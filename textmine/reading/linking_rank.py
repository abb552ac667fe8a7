"""What speaks for a concept, and how much: features of candidates and the weights that rank them.

A candidate's chance is a softmax over the mention's candidates and one more answer, "none of them":
with it the score is a probability, and "unlinked" an answer like any other. The weights, and how
often a form meant which concept, were learned from training documents (`models/lexicon/link.py`);
what a mention's own words say comes first, what other texts said second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from textmine.config import data_root, read_toml
from textmine.errors import ConfigError
from textmine.lines import open_binary

__all__ = ["NONE", "Memory", "Scored", "Weights", "chances"]

NONE = "none"
Features = dict[str, float]


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate: number of the concept, the name that led to it, what speaks for it."""

    concept: int
    name: str
    reason: str
    features: Features = field(default_factory=dict)


class Memory:
    """How often a form meant which concept in the training documents."""

    def __init__(self, counts: Mapping[tuple[str, str], Mapping[str, int]]) -> None:
        self.counts = counts
        self.concepts: dict[str, int] = {}
        for meant in counts.values():
            for curie, count in meant.items():
                self.concepts[curie] = self.concepts.get(curie, 0) + count

    def meant(self, label: str, form: str) -> Mapping[str, int]:
        """CURIE -> how often, of a form in normal form; empty if it was never met."""
        return self.counts.get((label, form), {})

    @classmethod
    def load(cls, path: Path | None = None) -> Memory:
        """The shipped one, or that of a file: label TAB form TAB CURIE TAB count."""
        place = path or data_root() / "models" / "lexicon" / "linking" / "learned.tsv.gz"
        return _memory(place) if place.is_file() else Memory({})


@lru_cache(maxsize=2)
def _memory(path: Path) -> Memory:
    counts: dict[tuple[str, str], dict[str, int]] = {}
    with open_binary(path) as stream:
        for number, line in enumerate(stream, 1):
            cells = line.decode("utf-8").rstrip("\n").split("\t")
            if len(cells) != 4 or not cells[3].isdigit():
                raise ConfigError(f"{path}, line {number}: expected label, form, CURIE and count.")
            counts.setdefault((cells[0], cells[1]), {})[cells[2]] = int(cells[3])
    return Memory(counts)


@dataclass(frozen=True, slots=True)
class Weights:
    """A number for each feature; features without one say nothing."""

    values: Mapping[str, float]

    @classmethod
    def load(cls, path: Path | None = None) -> Weights:
        """The shipped weights, or those of another file."""
        place = path or data_root() / "models" / "lexicon" / "linking" / "weights.toml"
        values = read_toml(place).get("weights", {})
        if not all(isinstance(value, int | float) for value in values.values()):
            raise ConfigError(f"{place}: every entry of [weights] must be a number.")
        return Weights(values)

    def score(self, features: Features) -> float:
        """The sum of what speaks for and against."""
        values = self.values
        return sum(values.get(name, 0.0) * value for name, value in features.items())


def chances(weights: Weights, candidates: Iterable[Scored], none: Features) -> list[float]:
    """The probability of each candidate; what is missing to 1 is that of "none of them"."""
    scores = [weights.score(none), *(weights.score(c.features) for c in candidates)]
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    total = sum(powers)
    return [power / total for power in powers[1:]]
