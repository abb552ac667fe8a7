"""Plots as plain shapes: where things stand. Templates draw them, and tell them as tables."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textmine.records import DESIGNS, Pooled
from textmine.review.nouns import ClaimLine, MapCell, Study
from textmine.review.web.scales import Linear, clip, ticks, wrapped

__all__ = ["Dot", "Forest", "Map", "Row", "Tick", "Timeline", "evidence_map", "forest", "pooled",
           "timeline"]  # fmt: skip

SPEAKING = ("supports", "null_effect", "contradicts")
MOST_ROWS = 60


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A sign of one stance. `r` is half its width, `words` what it says, `to` where it leads."""

    x: float
    y: float
    r: float
    stance: str
    words: str
    n: int = 1
    to: str | None = None


# --- evidence map -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MapRow:
    y: float
    claim_id: str
    lines: tuple[str, ...]
    statement: str
    counts: tuple[tuple[str, int, int, int], ...]
    """For each design: its name, then how many support, find no effect, contradict."""


@dataclass(frozen=True, slots=True)
class Map:
    """Claims x designs."""

    width: float
    height: float
    left: float
    top: float
    columns: tuple[Tick, ...]
    rows: tuple[MapRow, ...]
    dots: tuple[Dot, ...]
    cell: float
    silent: int = 0
    """Claims to which no study speaks; they have no row."""


def evidence_map(claims: Sequence[ClaimLine], cells: Iterable[MapCell]) -> Map:
    """One row per claim that has a study, one column per design, three signs in a cell."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for cell in cells:
        if cell.stance in SPEAKING:
            counted[cell.claim_id, cell.design, cell.stance] += cell.n
    known = {claim.id for claim in claims}
    seen = {design for claim, design, _ in counted if claim in known}
    designs = [d for d in DESIGNS if d in seen] + sorted(seen - set(DESIGNS))
    left, top, high = 250.0, 112.0, 46.0
    wide = max(84.0, min(120.0, 640.0 / max(1, len(designs))))
    most = max((n for (claim, _, _), n in counted.items() if claim in known), default=1)
    rows, dots = [], []
    spoken = {claim for claim, _, _ in counted}
    told = [claim for claim in claims if claim.id in spoken]
    for number, claim in enumerate(told):
        y = top + high * (number + 0.5)
        counts = []
        for column, design in enumerate(designs):
            n = [counted[claim.id, design, stance] for stance in SPEAKING]
            counts.append((design, n[0], n[1], n[2]))
            spread = wide / 3
            for place, (stance, count) in enumerate(zip(SPEAKING, n, strict=True)):
                if count:
                    x = left + column * wide + (place + 0.5) * spread
                    r = 5.5 + 8.0 * math.sqrt(count / most)
                    said = f"{claim.id}, {_words(design)}: {count} {_words(stance)}"
                    dots.append(Dot(round(x, 1), y, round(r, 1), stance, said, count))
        label = wrapped(f"{claim.id} {claim.statement}", 33, 2)
        rows.append(MapRow(y, claim.id, tuple(label), claim.statement, tuple(counts)))
    columns = [Tick(left + (n + 0.5) * wide, _words(d)) for n, d in enumerate(designs)]
    width = left + wide * max(1, len(designs)) + 70
    height = top + high * len(rows) + 8
    silent = len(claims) - len(told)
    return Map(width, height, left, top, tuple(columns), tuple(rows), tuple(dots), wide, silent)


# --- forest-like ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a forest-like plot. `low` and `high` are the ends of its bar."""

    y: float
    name: str
    more: str
    dot: Dot
    low: float
    high: float
    figures: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Forest:
    """`zero` is the line of no effect, or of no weight. `left_out` lines were too many to draw."""

    width: float
    height: float
    top: float
    zero: float | None
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]
    left_words: str
    right_words: str
    left_out: int = 0
    summary: Row | None = None
    title: str = ""
    warning: str = ""


_PLOT = (300.0, 640.0)


def forest(studies: Sequence[Study]) -> Forest:
    """The studies of a claim: to the right what speaks for it, to the left what does not, as far
    out as the study is strong. No pooled effect: the distance is the points of the grade."""
    speaking = [s for s in studies if s.stance in SPEAKING and not s.excluded]
    order = {stance: n for n, stance in enumerate(SPEAKING)}
    speaking.sort(key=lambda s: (order[s.stance], -s.points, s.article_id))
    drawn = speaking[:MOST_ROWS]
    reach = max([1.0, *(s.points for s in drawn)])
    scale = Linear(-reach, reach, *_PLOT)
    top, high = 40.0, 24.0
    rows = []
    for number, study in enumerate(drawn):
        y = top + high * (number + 0.5)
        end = scale(study.points if study.stance == "supports" else -study.points)
        said = f"{study.article_id}: {_words(study.stance)}, {study.points:.1f} points"
        dot = Dot(end, y, 5.5, study.stance, said, to=f"/finding/{study.finding}")
        year = f"{study.year}, " if study.year else ""
        rows.append(
            Row(
                y,
                study.article_id,
                f"{year}{_words(study.design)}",
                dot,
                min(end, scale(0)),
                max(end, scale(0)),
                clip("; ".join(_effect(e) for e in study.effects), 44),
                study.judgement == "wrong",
            )
        )
    return Forest(
        width=960,
        height=top + high * len(rows) + 34,
        top=top,
        zero=scale(0),
        ticks=tuple(Tick(scale(t), f"{abs(t):g}") for t in ticks(-reach, reach, 8)),
        rows=tuple(rows),
        left_words="no effect or against",
        right_words="supports",
        left_out=len(speaking) - len(drawn),
    )


def pooled(estimate: Pooled) -> Forest:
    """Effect sizes from abstracts with their intervals, and the pooled one below."""
    ratio = estimate.ratio
    values = [v for s in estimate.studies for v in (s.low, s.high)]
    values += [estimate.low, estimate.high, 1.0 if ratio else 0.0]

    def place(value: float) -> float:
        return math.log(max(value, 1e-9)) if ratio else value

    low, high_end = min(map(place, values)), max(map(place, values))
    margin = (high_end - low) * 0.05 or 1.0
    scale = Linear(low - margin, high_end + margin, *_PLOT)
    top, high = 40.0, 24.0
    rows = []
    for number, one in enumerate(estimate.studies):
        y = top + high * (number + 0.5)
        figures = f"{one.value:g} ({one.low:g} to {one.high:g})"
        half = round(3.0 + 6.0 * math.sqrt(one.weight), 1)
        dot = Dot(scale(place(one.value)), y, half, "supports", f"{one.article_id}: {figures}")
        ends = scale(place(one.low)), scale(place(one.high))
        rows.append(Row(y, one.article_id, f"weight {one.weight:.0%}", dot, *ends, figures))
    y = top + high * (len(rows) + 0.5)
    figures = f"{estimate.value:g} ({estimate.low:g} to {estimate.high:g})"
    middle = Dot(scale(place(estimate.value)), y, 6.0, "pooled", f"pooled: {figures}")
    ends = scale(place(estimate.low)), scale(place(estimate.high))
    summary = Row(y, "pooled", f"I² {estimate.i2:.0%}", middle, *ends, figures)
    marks = ticks(low, high_end, 6)
    return Forest(
        width=960,
        height=top + high * (len(rows) + 1) + 34,
        top=top,
        zero=scale(place(1.0 if ratio else 0.0)),
        ticks=tuple(Tick(scale(t), f"{math.exp(t) if ratio else t:.3g}") for t in marks),
        rows=tuple(rows),
        left_words="",
        right_words="",
        summary=summary,
        title=f"{estimate.measure}, {estimate.outcome}",
        warning=estimate.warning,
    )


# --- timeline ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Timeline:
    """`years` holds (year, supports, no effect, against); `undated` studies have no year."""

    width: float
    height: float
    base: float
    ticks: tuple[Tick, ...]
    dots: tuple[Dot, ...]
    years: tuple[tuple[int, int, int, int], ...]
    undated: int


def timeline(studies: Sequence[Study]) -> Timeline:
    """A column of signs per year: what supports above the line, what does not below it."""
    speaking = [s for s in studies if s.stance in SPEAKING and not s.excluded]
    dated = [s for s in speaking if s.year is not None]
    by_year: dict[int, list[Study]] = {}
    for study in sorted(dated, key=lambda s: (-s.points, s.article_id)):
        assert study.year is not None
        by_year.setdefault(study.year, []).append(study)
    counts = {year: Counter(s.stance for s in found) for year, found in sorted(by_year.items())}
    up = max((c["supports"] for c in counts.values()), default=0)
    down = max((c["null_effect"] + c["contradicts"] for c in counts.values()), default=0)
    step = min(15.0, 190.0 / max(1, up, down))
    base = 20.0 + step * up + 12
    first, last = min(counts, default=0), max(counts, default=0)
    span = max(1, last - first + 1)
    scale = Linear(first - 0.5, first + span - 0.5, 50, 930)
    dots = []
    for year, found in by_year.items():
        above = below = 0
        for study in found:
            if study.stance == "supports":
                above += 1
                y = base - 6 - step * (above - 0.5)
            else:
                below += 1
                y = base + 24 + step * (below - 0.5)
            said = f"{year}: {study.article_id} {_words(study.stance)}, {study.points:.1f} points"
            dots.append(
                Dot(scale(year), round(y, 1), min(5.5, step * 0.42), study.stance, said,
                    to=f"/finding/{study.finding}")
            )  # fmt: skip
    every = max(1, math.ceil(span / 20))
    years = tuple(
        (year, c["supports"], c["null_effect"], c["contradicts"]) for year, c in counts.items()
    )
    marks = [Tick(scale(y), str(y)) for y in range(first, last + 1, every)] if counts else []
    height = base + 28 + step * down + 14
    return Timeline(
        960, round(height, 1), base, tuple(marks), tuple(dots), years, len(speaking) - len(dated)
    )


def _words(name: str) -> str:
    return "no effect" if name == "null_effect" else name.replace("_", " ")


def _effect(effect: tuple[str, float, float | None, float | None]) -> str:
    measure, value, low, high = effect
    interval = f" ({low:g} to {high:g})" if low is not None and high is not None else ""
    return f"{measure} {value:g}{interval}"
