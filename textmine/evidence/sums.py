"""Points of studies added up to the three sides of a claim, and the balance between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from textmine.evidence.rules import Sum, VerdictTable
from textmine.records import StudyCard

__all__ = ["DECIDING", "Side", "balance_of", "diversity", "side", "voices_of", "word_of"]

DECIDING = ("supports", "contradicts", "null_effect")


@dataclass(frozen=True, slots=True)
class Side:
    """One stance of a claim, added up. `value`: weighted points of its groups, times diversity.

    `voices`: (group, its value, number of its studies), the strongest first."""

    stance: str
    value: float
    voices: tuple[tuple[str, float, int], ...]
    bonus: float = 1.0
    bonus_text: str = ""


def voices_of(
    entries: Iterable[tuple[str, float]], second: float, factor: float = 1.0
) -> list[tuple[str, float, int]]:
    """A group speaks with its best study and a part of its second."""
    by_group: dict[str, list[float]] = defaultdict(list)
    for group, points in entries:
        by_group[group].append(points * factor)
    out = []
    for group, held in by_group.items():
        held.sort(reverse=True)
        out.append((group, held[0] + second * sum(held[1:2]), len(held)))
    return sorted(out, key=lambda v: (-v[1], v[0]))


def diversity(studies: Sequence[StudyCard], table: Sum) -> tuple[float, str]:
    """The factor for further models, species and sources, and its words."""
    kinds = {
        "models": (table.per_model, {m for s in studies for m in s.models}),
        "species": (table.per_species, {m for s in studies for m in s.species}),
        "vesicle sources": (table.per_source, {m for s in studies for m in s.vesicle_source}),
    }
    bonus = min(1 + sum(per * max(len(v) - 1, 0) for per, v in kinds.values()), table.bonus_cap)
    return bonus, ", ".join(f"{len(v)} {name}" for name, (_, v) in kinds.items() if v)


def side(
    stance: str, entries: Iterable[tuple[str, float]], studies: Sequence[StudyCard], table: Sum
) -> Side:
    """Groups in falling order with falling weights, times diversity."""
    factor = table.null_factor if stance == "null_effect" else 1.0
    voices = voices_of(entries, table.second_in_cluster, factor)
    last = len(table.weights) - 1
    total = sum(v[1] * table.weights[min(place, last)] for place, v in enumerate(voices))
    bonus, text = diversity(studies, table)
    return Side(stance, total * bonus, tuple(voices), bonus, text)


def balance_of(values: Mapping[str, float]) -> float | None:
    """Support as a share of everything; None if there is nothing."""
    total = sum(values.values())
    return values["supports"] / total if total else None


def word_of(
    balance: float | None, groups: int, values: Mapping[str, float], table: VerdictTable
) -> tuple[str, str]:
    """The contract's word for a balance of so many groups, and a finer one."""
    if balance is None:
        return "insufficient", "no usable finding"
    if groups < table.clusters_least:
        return "insufficient", f"fewer than {table.clusters_least} independent groups"
    if balance >= table.supported:
        if groups >= table.clusters_supported:
            return "supported", f"balance at least {table.supported:g}"
        least = table.clusters_supported
        return "insufficient", f"leaning supported, but fewer than {least} independent groups"
    if balance >= table.mixed:
        return "mixed", "mixed, leaning supported"
    if balance >= table.contested:
        return "mixed", "contested, leaning against"
    null = values["null_effect"] > values["contradicts"]
    return "contradicted", "mostly no effect found" if null else "mostly the opposite found"
