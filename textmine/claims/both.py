"""The symbolic and the learned reading together: which stance, how sure, and where they disagree.

The relations decide where they speak. Where they say nothing the learned reading may: of the
claim's own concepts (`learned`), or, for a claim whose words no list knows, of the relations that
the encoder takes for the same thing (`pairing`). Nothing that is no evidence becomes evidence that
way: aims, background, whole cells, reviews keep their reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from textmine.claims.learned import LearnedModel
from textmine.claims.pairing import Pair, chances, pairs, read_off
from textmine.claims.retrieve import near
from textmine.claims.stance import Judgement, Question, symbolic
from textmine.claims.values import Values
from textmine.claims.view import View

if TYPE_CHECKING:
    from textmine.claims.encoder import Encoder

__all__ = ["BothModel", "both"]

TAKEN = ("supports", "contradicts", "null_effect")
# Reasons that hold whatever a model thinks: the heads of an exclusion and of a `why` line.
FINAL = (
    "review", "notice", "protocol", "deleted", "no_abstract", "whole_cells", "conditioned_medium",
    "foreign_vesicle",
)  # fmt: skip
FINAL_WHY = ("context: ", "retrieval: ", "unclear: ", "conflict: ")
# The chance that a paired stance needs to be taken: the same both ways, so that the opposite is
# heard as well. On the development half contradictions are right in 0.85 then.
HEARD = 0.6
UNCLEAR = 0.45  # a contradiction between the two is marked
SHARE = 0.6  # of all that speaks, for the stance
ALONE = 0.6  # what a learned reading that stands alone is worth
DISAGREE = 0.7
AGREE = 1.05


@dataclass(frozen=True, slots=True)
class _Sum:
    stance: str
    chance: float
    share: float
    best: Pair
    spans: tuple[tuple[int, int], ...]


class BothModel:
    """A stance model on a given encoder; `both` is the one on the shipped encoder."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._learned = LearnedModel(encoder)

    def __call__(self, question: Question, view: View, values: Values) -> Judgement:
        own = symbolic(question, view, values)
        if question.claim.frame is None or _final(own):
            return own
        if own.stance in TAKEN:
            return self._checked(own, question, view, values)
        if not read_off(question):
            return own  # its author chose the concepts: what they do not meet is something else
        if question.unreadable is None:
            other = self._learned(question, view, values)
            if other.stance in TAKEN:
                return _alone(other, own)
        if near(question, view, values):
            return self._paired(own, question, view, values)
        return own

    def _checked(self, own: Judgement, question: Question, view: View, values: Values) -> Judgement:
        """A symbolic stance, with what the learned reading makes of the same."""
        other = self._learned(question, view, values)
        if other.stance not in TAKEN:
            return own
        if other.stance == own.stance:
            return replace(
                own,
                score=round(min(0.99, own.score * AGREE), 3),
                why=(*own.why, "learned: agrees"),
            )
        told = f"disagree: symbolic {own.stance}, learned {other.stance}; look"
        return replace(own, score=round(own.score * DISAGREE, 3), why=(told, *own.why))

    def _paired(self, own: Judgement, question: Question, view: View, values: Values) -> Judgement:
        found = pairs(question, view, values, self._encoder)
        total = _summed(found, chances(found))
        if total is None or total.chance < UNCLEAR or total.share < SHARE:
            return own
        told = (
            f'learned: "{total.best.told}" is taken for what the claim speaks of '
            f"(chance {total.chance:.2f})",
            "relations: none has the claim's own subject and object",
        )
        if total.chance < HEARD:
            if total.stance != "contradicts":
                return own
            unclear = "unclear: reads like a contradiction, but not clearly enough; look"
            return replace(own, score=0.5, spans=total.spans, why=(unclear, *told))
        score = round(ALONE * total.chance * total.share, 3)
        return Judgement(total.stance, score, (), told, view.excluded, None, total.spans)


def _final(own: Judgement) -> bool:
    """Whether the article, or what was studied in it, rules any stance out."""
    head = (own.excluded or "").partition(":")[0]
    return head in FINAL or own.indirect is not None or own.why[0].startswith(FINAL_WHY)


def _alone(other: Judgement, own: Judgement) -> Judgement:
    """A stance that only the learned reading takes."""
    score = round(ALONE * other.score, 3)
    return replace(other, score=score, why=(*other.why, f"symbolic: {own.why[0]}"))


def _summed(found: Sequence[Pair], chance: NDArray[np.float64]) -> _Sum | None:
    """The stance for which most speaks: within a stance sentences add up as independent chances,
    each counted once at its best."""
    best: dict[str, dict[tuple[int, int], tuple[float, Pair]]] = {}
    for pair, value in zip(found, chance, strict=True):
        rows = best.setdefault(pair.stance, {})
        span = pair.relation.sentence
        if span not in rows or rows[span][0] < value:
            rows[span] = (float(value), pair)
    if not best:
        return None
    sums = {}
    for stance, rows in best.items():
        rest = 1.0
        for value, _ in rows.values():
            rest *= 1.0 - value
        sums[stance] = 1.0 - rest
    stance = min(sums, key=lambda s: (-sums[s], s))
    mine = sorted(best[stance].values(), key=lambda row: -row[0])
    spans = tuple(sorted(p.relation.sentence for v, p in mine if v >= 0.5 * mine[0][0]))
    return _Sum(stance, sums[stance], sums[stance] / sum(sums.values()), mine[0][1], spans)


def both(question: Question, view: View, values: Values) -> Judgement:
    """The shipped models together. MissingExtra says what to install if the runtime is missing."""
    from textmine.claims.encoder import default_encoder

    return _model(default_encoder())(question, view, values)


_MODELS: dict[int, BothModel] = {}


def _model(encoder: Encoder) -> BothModel:
    return _MODELS.setdefault(id(encoder), BothModel(encoder))
