"""The suite `stance`: public claims and findings (with --data), and gold of our own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textmine.measure import stance_gold
from textmine.measure.scores import Line

__all__ = ["measure_stance"]


def measure_stance(data: Path | None = None, splits: Sequence[str] = ("dev", "test")) -> list[Line]:
    """Every line of the suite. The public corpora are read by the learned model alone: they are
    about all of medicine, which the symbolic reading has no words for."""
    lines: list[Line] = []
    if data is not None:
        from textmine.claims.encoder import default_encoder
        from textmine.measure import stance_public

        lines += stance_public.lines(data, splits, default_encoder())
    return [*lines, *stance_gold.lines(splits, data)]
