"""What the single readers propose before they are merged: a span with a label and its meanings."""

from __future__ import annotations

from dataclasses import dataclass

from textmine.records import Concept

__all__ = ["Candidate"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposed mention. `source` names the reader that proposed it and decides ties."""

    start: int
    end: int
    label: str
    concepts: tuple[Concept, ...] = ()
    source: str = "lexicon"
