"""A judgement's score: how often answers that came about in this way were right.

The models' own weights order the answers; what they are worth was counted on the development half
of the gold (`models/stance/scores.json`, made by models/scripts/stance_scores.py). A stance that
was taken is worth what its way and its weight say; an `insufficient` is worth what its reason says.
Claims that were read off their own sentence are counted apart: in words that no list knows much is
missed, so that "nothing found" says less.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from textmine.claims.stance import Judgement
from textmine.config import data_root
from textmine.errors import ConfigError

__all__ = ["Scores", "cell", "default_scores", "logit"]

TAKEN = ("supports", "contradicts", "null_effect")
_FILE = ("models", "stance", "scores.json")
# The reason of an answer: the beginning of its first line, and what it is filed under.
_REASONS = (
    ("disagree: ", "disagree"),
    ('learned: "', "paired"),
    ("learned: the direction", "learned"),
    ("unclear: ", "unclear"),
    ("conflict: ", "unclear"),
    ("retrieval: ", "retrieval"),
    ("frame: ", "frame"),
    ("relations: ", "relations"),
    ("role: ", "role"),
    ("context: ", "context"),
    ("subject: ", "near"),
    ("object: ", "near"),
    ("mediator: ", "near"),
    ("indirect: ", "indirect"),
)


def cell(judgement: Judgement, plain: bool) -> str:
    """What an answer is counted with: taken or not, by which way, for which kind of claim."""
    first = judgement.why[0] if judgement.why else ""
    way = next((name for start, name in _REASONS if first.startswith(start)), "other")
    if judgement.stance in TAKEN and way not in ("disagree", "paired", "learned"):
        way = "agree" if "learned: agrees" in judgement.why else "symbolic"
    taken = "taken" if judgement.stance in TAKEN else "insufficient"
    return f"{taken}, {'plain' if plain else 'framed'}, {way}"


def logit(weight: float) -> float:
    safe = min(0.99, max(0.01, weight))
    return math.log(safe / (1 - safe))


@dataclass(frozen=True)
class Scores:
    """`cells`: the logit of each way's worth; `slope`: what a taken stance's own weight adds."""

    cells: Mapping[str, float]
    slope: float
    middle: float

    def of(self, judgement: Judgement, plain: bool) -> Judgement:
        """The judgement with its calibrated score; unchanged if its way was never counted."""
        name = cell(judgement, plain)
        base = self.cells.get(name)
        if base is None:
            return judgement
        if judgement.stance in TAKEN:
            base += self.slope * (logit(judgement.score) - self.middle)
        return replace(judgement, score=round(1.0 / (1.0 + math.exp(-base)), 3))


@cache
def default_scores() -> Scores:
    """The shipped counts; ConfigError if the file does not fit."""
    path = data_root().joinpath(*_FILE)
    try:
        table = json.loads(path.read_text("utf-8"))
        cells = {name: float(row["logit"]) for name, row in table["cells"].items()}
        return Scores(cells, float(table["slope"]), float(table["middle"]))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{path} cannot be used: {error!r}. Make it anew with models/scripts/stance_scores.py."
        ) from None
