"""Effect sizes with their intervals, P values and outcomes, as the abstract gives them."""

from __future__ import annotations

from collections.abc import Sequence

from textmine.reading.study_words import Scope, StudyWords
from textmine.records import Effect, Mention, Relation

__all__ = ["effects_of", "number"]

# What can be measured, by the labels of mentions; an organism or a vesicle is no outcome.
_OUTCOMES = frozenset({"OUTCOME", "DISEASE", "PROCESS", "GENE", "CHEMICAL", "PATHWAY", "MIRNA"})
_MINUS = str.maketrans({"−": "-", "–": "-", "·": "."})
# A P value belongs to the effect if it follows within so many characters.
_NEAR = 60


def number(text: str) -> float:
    """ "−1·84" -> -1.84. Raises ValueError for what is no number."""
    return float(text.replace("\u2009", "").translate(_MINUS))


def effects_of(
    scope: Scope, words: StudyWords, mentions: Sequence[Mention], relations: Sequence[Relation]
) -> tuple[Effect, ...]:
    """Every effect size in a result, a conclusion or the title, in the order of the text.

    The outcome is what a relation of the same sentence changes or measures and stands nearest
    before the figure; else the nearest mention before it that can be measured.
    """
    found = []
    objects = {key for r in relations for key in (r.object, r.outcome) if key}
    for match in scope.find_all(words.effects, ("result", "conclusion", "title")):
        try:
            value = number(match["value"])
            low = number(match["low"]) if match["low"] else None
            high = number(match["high"]) if match["high"] else None
        except ValueError:
            continue
        if low is not None and high is not None and not low <= value <= high:
            # Signs lost in print or figures of another effect: what is sure is the value.
            low = high = None
        measure = next(name for name in words.effect_measures if match[name])
        sentence = scope.sentence_at(match.start())
        start, end = (sentence.start, sentence.end) if sentence else (0, len(scope.text))
        p = words.captures["p_values"].search(
            scope.text, match.end(), min(end, match.end() + _NEAR)
        )
        named = _outcome(mentions, objects, start, match.start())
        found.append(
            Effect(
                measure, value, match.start(), match.end(), low, high, p[0] if p else None,
                named.text if named else None,
                named.concepts[0].curie if named and named.concepts else None,
            )
        )  # fmt: skip
    return tuple(found)


def _outcome(
    mentions: Sequence[Mention], objects: set[str], start: int, before: int
) -> Mention | None:
    near = [m for m in mentions if start <= m.start and m.end <= before and m.label in _OUTCOMES]
    changed = [m for m in near if m.id in objects]
    return max(changed or near, key=lambda m: m.start, default=None)
