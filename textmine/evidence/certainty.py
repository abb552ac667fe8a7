"""How certain a verdict is: where it starts, what raises it, what holds it down."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from textmine.evidence.rules import Rules
from textmine.evidence.sums import Side
from textmine.records import VERDICT_CERTAINTIES, Annotated, Claim, Effect, Grade, Step, StudyCard

__all__ = ["certainty_of"]

_BEHIND = {
    "supported": ("supports",),
    "contradicted": ("contradicts", "null_effect"),
    "mixed": ("supports", "contradicts", "null_effect"),
}
_CELLS = frozenset({"in_vitro", "in_silico", "ex_vivo"})
_RATIOS = frozenset({"OR", "RR", "HR", "IRR"})


def certainty_of(
    word: str,
    claim: Claim | None,
    graded: Sequence[tuple[str, Grade]],
    sides: Mapping[str, Side],
    articles: Mapping[str, Annotated],
    rules: Rules,
) -> tuple[Step, ...]:
    """The steps; the level of the last is the certainty. `graded`: (stance, grade) of each study.

    Levels are GRADE-inspired: designs set the start, a few things raise it, caps hold it down.
    """
    if word == "insufficient":
        text = "an insufficient body of evidence has none to speak of"
        return (Step("start", text, "very_low"),)
    behind = [g for stance, g in graded if stance in _BEHIND[word] and g.points > 0]
    cards = [articles[g.article_id].study for g in behind]
    designs: dict[str, set[str]] = defaultdict(set)
    for grade, card in zip(behind, cards, strict=True):
        designs[card.design].add(grade.cluster)
    steps = [_start(designs, rules)]
    steps += _ups(designs, behind, articles, steps[0].level, rules)
    level = steps[-1].level
    for limit, text in _caps(word, claim, designs, sides, articles, behind, rules):  # fmt: skip
        if _rank(limit) > _rank(level):
            level = limit
        steps.append(Step("cap", f"{text}: at most {limit.replace('_', ' ')}", level))
    return tuple(steps)


def _rank(level: str) -> int:
    return VERDICT_CERTAINTIES.index(level)


def _start(designs: Mapping[str, set[str]], rules: Rules) -> Step:
    table = rules.certainty
    groups = {c for d in table.high for c in designs.get(d, ())}
    if len(groups) >= table.high_clusters or "meta_analysis_human" in designs:
        level, why = "high", "randomised trials"
    elif any(d in designs for d in table.moderate):
        level, why = "moderate", "controlled data of people"
    elif any(d in designs for d in table.low):
        level, why = "low", "animals or uncontrolled observation"
    else:
        level, why = "very_low", "cells only"
    return Step("start", f"the best designs are {why}", level)


def _ups(
    designs: Mapping[str, set[str]],
    behind: Sequence[Grade],
    articles: Mapping[str, Annotated],
    level: str,
    rules: Rules,
) -> list[Step]:
    """Dose-response and large effects raise data of people without random allocation."""
    table = rules.certainty
    if not set(designs) & set(table.up_designs) or _rank(level) <= _rank(table.up_cap):
        return []
    out = []
    people = [g for g in behind if articles[g.article_id].study.design in table.up_designs]
    for text, holds in (
        ("a dose-response in data of people",
         [g for g in people if articles[g.article_id].study.dose_response]),
        ("a large effect in data of people",
         [g for g in people if _large(articles[g.article_id].study.effects, rules)]),
    ):  # fmt: skip
        if holds and _rank(level) > _rank(table.up_cap):
            level = VERDICT_CERTAINTIES[_rank(level) - 1]
            names = ", ".join(sorted(g.article_id for g in holds)[:3])
            out.append(Step("up", f"{text} ({names})", level))
    return out


def _large(effects: Sequence[Effect], rules: Rules) -> bool:
    """A ratio or standardised difference whose whole interval lies beyond the rule's size."""
    table = rules.certainty
    for effect in effects:
        if effect.low is None or effect.high is None:
            continue
        if effect.measure in _RATIOS and effect.low > 0:
            if effect.low >= table.large_ratio or effect.high <= 1 / table.large_ratio:
                return True
        elif effect.measure == "SMD":
            least = min(abs(effect.low), abs(effect.high))
            if effect.low * effect.high > 0 and least >= table.large_smd:
                return True
    return False


def _of_people(card: StudyCard) -> bool:
    """People were studied; samples of patients beside animals or cells are no study of people."""
    bench = card.design in _CELLS or card.design.startswith("animal")
    return "human" in card.species and not bench


def _caps(
    word: str,
    claim: Claim | None,
    designs: Mapping[str, set[str]],
    sides: Mapping[str, Side],
    articles: Mapping[str, Annotated],
    behind: Sequence[Grade],
    rules: Rules,
) -> list[tuple[str, str]]:
    table = rules.certainty
    out: list[tuple[str, str]] = []
    voices = {s: len(one.voices) for s, one in sides.items()}
    share = voices["supports"] / max(sum(voices.values()), 1)
    if share >= rules.verdict.bias_share and not voices["null_effect"]:
        text = f"possible publication bias ({share:.0%} of groups positive, no null)"
        out.append((table.bias_cap, text))
    if word == "mixed":
        out.append((table.mixed_cap, "inconsistent results"))
    people = set(table.moderate) | set(table.high)
    if "meta_analysis_animal" in designs and not people & set(designs):
        out.append((table.pooled_animal_cap, "pooled animal studies"))
    of_people = claim is not None and re.search(table.human_claim, claim.statement, re.IGNORECASE)
    if of_people and not any(_of_people(articles[g.article_id].study) for g in behind):
        out.append((table.human_claim_cap, "a claim about people without a study of people"))
    if table.abstract_cap != "high" and all(
        p.kind in ("title", "abstract")
        for g in behind
        for p in articles[g.article_id].article.passages
    ):
        out.append((table.abstract_cap, "read from abstracts only"))
    return out
