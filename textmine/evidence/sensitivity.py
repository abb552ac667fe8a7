"""How firmly a verdict stands: what one study, one group or other weights would change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from textmine.evidence.rules import Rules
from textmine.evidence.sums import DECIDING, balance_of, voices_of, word_of
from textmine.records import Grade, Sensitivity, Without

__all__ = ["Entry", "Short", "sensitivity"]

_PARTS = ("design", "causal test", "comparator", "rigour", "vesicle identity", "quantified")


@dataclass(frozen=True, slots=True)
class Short:
    """A verdict in short."""

    verdict: str
    certainty: str
    balance: float | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One graded study; `counts`: whether it adds to its side."""

    stance: str
    grade: Grade
    counts: bool


def sensitivity(
    now: Short,
    entries: Sequence[Entry],
    bonuses: Mapping[str, float],
    judge: Callable[[frozenset[str]], Short],
    checkable: bool,
    rules: Rules,
) -> Sensitivity | None:
    """None where nothing was graded. `judge` gives the verdict with articles withdrawn."""
    if not entries:
        return None
    table = rules.sensitivity
    ids = list(dict.fromkeys(e.grade.article_id for e in entries))[: table.most]
    single = {key: judge(frozenset({key})) for key in ids}
    balances = [s.balance for s in single.values() if s.balance is not None]
    members: dict[str, set[str]] = {}
    for entry in entries:
        members.setdefault(entry.grade.cluster, set()).add(entry.grade.article_id)
    # A group of one article has been tried already.
    groups = [frozenset(m) for _, m in sorted(members.items())][: table.most]
    grouped = {g: single.get(min(g)) if len(g) == 1 else None for g in groups}
    changed_groups = [
        _without(g, found)
        for g, known in grouped.items()
        if _differs(now, found := known or judge(g))
    ]
    words, drawn = _draws(entries, bonuses, checkable, rules)
    return Sensitivity(
        tried=len(single),
        studies=tuple(_without(frozenset({k}), s) for k, s in single.items() if _differs(now, s)),
        lowest=min(balances, default=None),
        highest=max(balances, default=None),
        groups_tried=len(groups),
        groups=tuple(changed_groups),
        draws=table.draws,
        seed=table.seed,
        weights=words,
        drawn=drawn,
        retractions=tuple(sorted(k for k, s in single.items() if s.verdict != now.verdict)),
    )


def _differs(one: Short, other: Short) -> bool:
    return (one.verdict, one.certainty) != (other.verdict, other.certainty)


def _without(left: frozenset[str], found: Short) -> Without:
    return Without(tuple(sorted(left)), found.verdict, found.certainty, found.balance)


def _draws(
    entries: Sequence[Entry], bonuses: Mapping[str, float], checkable: bool, rules: Rules
) -> tuple[dict[str, float], tuple[float, ...]]:
    """Verdicts and balances when every weight is multiplied by exp(normal(0, spread)).

    Shaken are the points of each part, the force of the factors, the weight of null findings, of
    a group's second study and of the bonus for diversity, and how fast the weights of groups fall.
    """
    table, sums = rules.sensitivity, rules.sum
    used = [e for e in entries if e.counts and e.grade.points > 0]
    if not used or not table.draws:
        return {}, ()
    random = np.random.default_rng(table.seed)
    shaken = np.exp(random.normal(0, table.spread, size=(table.draws, len(_PARTS) + 5)))
    parts = np.array([_parts(e.grade) for e in used])
    whole = np.minimum(parts.sum(axis=1), 100.0)
    factors = np.array([e.grade.points for e in used]) / np.maximum(whole, 1e-9)
    factors = np.clip(factors, 1e-6, 1.0)
    points = np.minimum(parts @ shaken[:, : len(_PARTS)].T, 100.0)
    groups = len({e.grade.cluster for e in used})
    words: dict[str, int] = {}
    balances = []
    for draw in range(table.draws):
        force, null, second, bonus, fall = shaken[draw, len(_PARTS) :]
        scores = points[:, draw] * factors**force
        weights = [w**fall for w in sums.weights]
        values = {}
        for stance in DECIDING:
            held = [
                (e.grade.cluster, float(p))
                for e, p in zip(used, scores, strict=True)
                if e.stance == stance
            ]
            factor = min(sums.null_factor * null, 1.0) if stance == "null_effect" else 1.0
            voices = voices_of(held, min(sums.second_in_cluster * second, 1.0), factor)
            total = sum(v[1] * weights[min(n, len(weights) - 1)] for n, v in enumerate(voices))
            extra = min((bonuses[stance] - 1) * bonus, sums.bonus_cap - 1)
            values[stance] = float(total * (1 + extra))
        balance = balance_of(values)
        word = word_of(balance, groups, values, rules.verdict)[0] if checkable else "insufficient"
        words[word] = words.get(word, 0) + 1
        balances.append(balance if balance is not None else 0.0)
    low, middle, high = (float(v) for v in np.percentile(balances, [2.5, 50, 97.5]))
    shares = {w: round(n / table.draws, 4) for w, n in sorted(words.items())}
    return shares, (round(low, 4), round(middle, 4), round(high, 4))


def _parts(grade: Grade) -> list[float]:
    """Points of each part; those that a grade of another making does not name count as design."""
    held = dict.fromkeys(_PARTS, 0.0)
    for reason in grade.reasons:
        if reason.rule in held:
            held[reason.rule] += reason.points or 0.0
    return list(held.values()) if any(held.values()) else [grade.points, *[0.0] * 5]
