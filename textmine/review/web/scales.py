"""Scales of plots: from values to places on the page, and round numbers to write beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Linear", "clip", "ticks", "wrapped"]


@dataclass(frozen=True, slots=True)
class Linear:
    """Maps `low`..`high` to `left`..`right`. A range without width lies in the middle."""

    low: float
    high: float
    left: float
    right: float

    def __call__(self, value: float) -> float:
        if self.high == self.low:
            return round((self.left + self.right) / 2, 1)
        share = (value - self.low) / (self.high - self.low)
        return round(self.left + share * (self.right - self.left), 1)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from `low` to `high`, about so many."""
    width = high - low
    if not 1e-9 * max(abs(low), abs(high), 1e-3) < width < math.inf:
        return [low]
    rough = width / max(about, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough)
    first = math.ceil(low / step)
    last = math.floor(high / step)
    return [round(n * step, 10) for n in range(first, last + 1)]


def clip(text: str, length: int) -> str:
    """At most `length` characters, cut at a word where one ends near, with an ellipsis."""
    words = " ".join(text.split())
    if len(words) <= length:
        return words
    head = words[: length - 1]
    at_word = head.rpartition(" ")[0]
    return (at_word if len(at_word) > length * 0.6 else head).rstrip(" ,;:") + "…"


def wrapped(text: str, width: int, lines: int) -> list[str]:
    """The text in at most `lines` lines of about `width` characters, the last one cut."""
    out: list[str] = []
    rest = " ".join(text.split())
    while rest and len(out) < lines:
        if len(rest) <= width:
            out.append(rest)
            return out
        if len(out) == lines - 1:
            out.append(clip(rest, width))
            return out
        head = rest[: width + 1].rpartition(" ")[0] or rest[:width]
        out.append(head)
        rest = rest[len(head) :].lstrip()
    return out
