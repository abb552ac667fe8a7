"""Cue words: negation, null effect, hedge, hypothesis, comparison, concession, perturbation.

After ConText (Harkema et al. 2009): a cue has a kind and an extent; phrases that look like a cue
and are none ("not only") are taken out first. What a cue changes is decided by the clause reader.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from textmine.config import data_root, read_toml
from textmine.records import Cue

__all__ = ["CueLexicon", "find_cues"]


@dataclass(frozen=True)
class CueLexicon:
    """One pattern per kind of cue, and one for what is no cue of that kind."""

    patterns: Mapping[str, re.Pattern[str]]
    exceptions: Mapping[str, re.Pattern[str]]

    @classmethod
    def load(cls, *files: Path) -> CueLexicon:
        """Reads `cues.toml` of the shipped lexicon, then `files`, which add to it."""
        return _load(files)


@lru_cache(maxsize=8)
def _load(files: tuple[Path, ...]) -> CueLexicon:
    words: dict[str, list[str]] = {}
    exceptions: dict[str, list[str]] = {}
    for file in (data_root() / "models" / "lexicon" / "cues.toml", *files):
        for kind, table in read_toml(file).items():
            words.setdefault(kind, []).extend(table["words"])
            exceptions.setdefault(kind, []).extend(table.get("not", []))
    return CueLexicon(
        {kind: _pattern(phrases) for kind, phrases in words.items()},
        {kind: _pattern(phrases) for kind, phrases in exceptions.items() if phrases},
    )


def _pattern(phrases: list[str]) -> re.Pattern[str]:
    parts = []
    for phrase in sorted(phrases, key=len, reverse=True):
        words = [
            r"\w+" if w == "*" else re.escape(w).replace(r"\*", r"\w*") for w in phrase.split()
        ]
        parts.append(r"\s+".join(words))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)


def find_cues(
    text: str, start: int, end: int, *, lexicon: CueLexicon | None = None
) -> tuple[Cue, ...]:
    """All cues in `text[start:end]`, in the order of the text."""
    lexicon = lexicon or CueLexicon.load()
    found = []
    for kind, pattern in lexicon.patterns.items():
        barred: list[tuple[int, int]] = []
        if kind in lexicon.exceptions:
            barred = [m.span() for m in lexicon.exceptions[kind].finditer(text, start, end)]
        for match in pattern.finditer(text, start, end):
            a, b = match.span()
            if not any((x <= a and b <= y) or (a < y and x < b) for x, y in barred):
                found.append(Cue(a, b, kind))
    return tuple(sorted(found, key=lambda c: (c.start, c.end, c.kind)))
