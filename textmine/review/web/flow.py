"""The way of the records through a run, as boxes: PRISMA-style, not a PRISMA statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textmine.review.nouns import Flow

__all__ = ["Box", "Picture", "boxes"]


@dataclass(frozen=True, slots=True)
class Box:
    """A box with its lines; the first is the heading."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[tuple[float, float, float, float], ...]
    rows: tuple[tuple[str, int], ...]
    """The same as a table."""


_LINE = 19.0
_WIDE, _ASIDE = 360.0, 420.0
_GAP = 34.0


def boxes(flow: Flow) -> Picture:
    """Records read, with an abstract, speaking, findings; what falls out on each way, aside."""
    spoken = {k: n for k, n in flow.by_stance.items() if k != "insufficient"}
    steps: list[tuple[list[str], list[str]]] = [
        (
            [f"{flow.articles} records read", f"{len(flow.queries)} queries"]
            if flow.queries
            else [f"{flow.articles} records read"],
            _some({"have no abstract": flow.articles - flow.with_abstract,
                   "were withdrawn (weight zero)": flow.withdrawn}),
        ),
        (
            [f"{flow.with_abstract} with an abstract"],
            _some({"say nothing clear on any claim": flow.articles - flow.speaking}),
        ),
        (
            [f"{flow.speaking} speak to a claim"],
            _some(dict(sorted(flow.excluded.items(), key=lambda pair: -pair[1])[:6]), "findings"),
        ),
        (
            [f"{sum(spoken.values())} findings", *(f"{n} {_words(k)}" for k, n in spoken.items())],
            [],
        ),
        ([f"{flow.judged} judged by people"], []),
    ]  # fmt: skip
    placed: list[Box] = []
    arrows: list[tuple[float, float, float, float]] = []
    y = 4.0
    before: float | None = None
    for main, aside in steps:
        tall = 14 + _LINE * max(1, len(main))
        tall_aside = 14 + _LINE * len(aside) if aside else 0.0
        middle = 4 + _WIDE / 2
        if before is not None:
            arrows.append((middle, before, middle, y))
        placed.append(Box(4, y, _WIDE, tall, tuple(main)))
        if aside:
            placed.append(Box(4 + _WIDE + 70, y, _ASIDE, tall_aside, tuple(aside), aside=True))
            arrows.append((4 + _WIDE, y + tall / 2, 4 + _WIDE + 70, y + tall / 2))
        before = y + tall
        y += max(tall, tall_aside) + _GAP
    rows = [
        ("records read", flow.articles),
        ("with an abstract", flow.with_abstract),
        ("withdrawn", flow.withdrawn),
        ("records that speak to a claim", flow.speaking),
        *((f"findings: {_words(k)}", n) for k, n in flow.by_stance.items()),
        *((f"findings that weigh nothing: {k}", n) for k, n in flow.excluded.items()),
        ("findings judged by people", flow.judged),
    ]
    return Picture(
        4 + _WIDE + 70 + _ASIDE + 4, y - _GAP + 6, tuple(placed), tuple(arrows), tuple(rows)
    )


def _some(counts: Mapping[str, int], what: str = "") -> list[str]:
    return [f"{n} {what + ': ' if what else ''}{k}" for k, n in counts.items() if n]


def _words(name: str) -> str:
    return "no effect" if name == "null_effect" else name.replace("_", " ")
