"""Reporting profiles (EV-METRIC, MISEV, SYRCLE, ARRIVE wording): shown, never part of a score.

An item is stated, with its words, or not stated in the abstract. Nothing here says that a study did
badly: an abstract has no room for most of these items.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from textmine.evidence.rules import Item, Rules
from textmine.records import Annotated, Quote

__all__ = ["ProfileView", "Stated", "profiles"]


@dataclass(frozen=True, slots=True)
class Stated:
    """One item; `said`: what the abstract says of it, None if nothing."""

    name: str
    said: str | None = None
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class ProfileView:
    name: str
    source: str
    items: tuple[Stated, ...]

    @property
    def stated(self) -> int:
        return sum(item.said is not None for item in self.items)


def profiles(annotated: Annotated, rules: Rules) -> tuple[ProfileView, ...]:
    """The profiles that apply to the study's design."""
    return tuple(
        ProfileView(profile.name, profile.source, tuple(_item(annotated, i) for i in profile.items))
        for profile in rules.profiles
        if annotated.study.design in profile.designs
    )


def _item(annotated: Annotated, item: Item) -> Stated:
    if item.pattern is not None:
        match = re.search(item.pattern, annotated.article.text, re.IGNORECASE)
        if match:
            words = Quote(item.name, match.start(), match.end(), match[0])
            return Stated(item.name, match[0], words)
        return Stated(item.name)
    value = getattr(annotated.study, item.field or "", None)
    if value is None or value == ():
        return Stated(item.name)
    if isinstance(value, bool):
        said = "yes" if value else "no"
    elif isinstance(value, tuple):
        kept = [v for v in value if not item.values or v in item.values]
        if len(kept) < item.least:
            return Stated(item.name)
        said = ", ".join(map(str, kept))
    else:
        said = str(value)
    quote = next((q for q in annotated.study.quotes if q.field == item.field), None)
    return Stated(item.name, said, quote)
