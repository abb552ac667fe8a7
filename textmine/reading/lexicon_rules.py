"""Entries and matches of a lexicon, and the rules of `lexicon.toml` that work on them.

`[[compose]]` and `[[before]]` make a name longer by what stands around it, `[[context]]` decides an
ambiguous form by words near it, `[[derived]]` gives concepts that are not listed their parents.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Self

from textmine.errors import ConfigError

_NEAR = 90  # characters on both sides of a form in which its context cue is looked for

__all__ = ["Entry", "Match", "Rules", "Term", "merged", "touches"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One concept. `parents` are what it is (is_a); `source` says which list it comes from."""

    curie: str
    name: str
    label: str
    parents: tuple[str, ...] = ()
    source: str = "curated"


@dataclass(frozen=True, slots=True)
class Term:
    """One name of one concept."""

    name: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Match:
    """A name found. `entries` are what it means (none: unresolved, several: ambiguous),
    `candidates` all that it could mean. `rank`: 0 user's, 1 curated, more: broad lists.
    `reason` says how it was found, `score` how sure that is (0 to 1)."""

    start: int
    end: int
    text: str
    label: str
    entries: tuple[Entry, ...]
    rank: int
    reason: str
    score: float
    candidates: tuple[Entry, ...] = ()

    @property
    def curies(self) -> tuple[str, ...]:
        return tuple(entry.curie for entry in self.entries)


@dataclass(frozen=True, slots=True)
class _Context:
    cue: re.Pattern[str]
    curie: str
    whole: bool  # the cue may stand anywhere in the text


@dataclass(frozen=True, slots=True)
class _Compose:
    after: frozenset[str]
    tail: re.Pattern[str]
    label: str
    curie: str | None
    parent: str | None
    name: str
    list_of: bool


@dataclass(frozen=True, slots=True)
class _Before:
    label: str
    head: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Derived:
    pattern: re.Pattern[str]
    parent: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a lexicon, compiled."""

    context: Mapping[str, Sequence[_Context]]
    compose: tuple[_Compose, ...]
    before: tuple[_Before, ...]
    derived: tuple[_Derived, ...]

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """Reads the tables of lexicon.toml; ConfigError names what a rule lacks."""
        try:
            return cls(
                _contexts(settings.get("context", ())),
                _composes(settings.get("compose", ())),
                tuple(
                    _Before(rule["label"], re.compile(rule["head"]))
                    for rule in settings.get("before", ())
                ),
                tuple(
                    _Derived(re.compile(rule["pattern"]), rule["parent"])
                    for rule in settings.get("derived", ())
                ),
            )
        except KeyError as error:
            raise ConfigError(
                f"A rule in lexicon.toml lacks {error}. See models/README.md."
            ) from None
        except re.error as error:
            raise ConfigError(
                f"A pattern in lexicon.toml is no regular expression: {error} in {error.pattern!r}."
            ) from None

    def decided(self, text: str, start: int, end: int) -> str | None:
        """The CURIE that the words around an ambiguous form speak for; None: nothing, or a tie."""
        near = text[max(0, start - _NEAR) : end + _NEAR]
        found: set[str] = set()
        for rule in self.context.get(text[start:end], ()):
            if _says(rule.cue, text) if rule.whole else rule.cue.search(near):
                if not rule.whole:
                    return rule.curie
                found.add(rule.curie)
        return found.pop() if len(found) == 1 else None

    def composed(
        self, text: str, matches: list[Match], blocked: Sequence[tuple[int, int]]
    ) -> list[Match]:
        """Applies the `[[compose]]` rules: what stands after a name makes it longer."""
        out: list[Match] = []
        for match in matches:
            if out and match.start < out[-1].end:
                continue  # swallowed by the name before, which grew
            for rule in self.compose:
                if match.label not in rule.after:
                    continue
                tail = rule.tail.match(text, match.end)
                if tail is None or touches(match.end, tail.end(), blocked):
                    continue
                match = _grown(text, match, tail.end(), rule)
                if rule.list_of:
                    match = _with_list(text, out, match, rule.after)
                break
            for before in self.before:
                if match.label == before.label:
                    match = _with_head(text, out, match, before.head, blocked)
            out.append(match)
        return out


@lru_cache(maxsize=256)
def _says(cue: re.Pattern[str], text: str) -> bool:
    """Whether the whole text holds a cue; remembered, for a form can stand in it many times."""
    return cue.search(text) is not None


def _grown(text: str, match: Match, end: int, rule: _Compose) -> Match:
    entries = match.entries
    if rule.parent is not None and match.label != rule.label:
        entries = tuple(
            Entry(f"{rule.curie}{e.name}".replace(" ", "_"), f"{e.name} {rule.name}", rule.label,
                  (rule.parent,), "composed")
            for e in entries
        )  # fmt: skip
    return replace(match, end=end, text=text[match.start : end], label=rule.label, entries=entries)


def _with_list(text: str, out: list[Match], match: Match, labels: frozenset[str]) -> Match:
    """ "TLR4/MyD88 signaling": the names before the slash belong to the name that grew."""
    while out and out[-1].label in labels and text[out[-1].end : match.start] in ("/", "-", "–"):
        first = out.pop()
        match = replace(match, start=first.start, text=text[first.start : match.end])
        if first.label != match.label:
            match = replace(match, score=min(match.score, 0.9))
    return match


def _with_head(
    text: str,
    out: list[Match],
    match: Match,
    head: re.Pattern[str],
    blocked: Sequence[tuple[int, int]],
) -> Match:
    """ "primary mouse hepatocytes": the words before the name belong to it; they are no names."""
    found = head.search(text[max(0, match.start - 60) : match.start])
    if found is None or not found.group():
        return match
    start = match.start - len(found.group())
    if touches(start, match.start, blocked):
        return match
    while out and out[-1].end > start:
        if out[-1].start < start or out[-1].label != "ORGANISM":
            return match
        out.pop()
    return replace(match, start=start, text=text[start : match.end])


def touches(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a stretch overlaps any of the spans, which must be in order (see `merged`)."""
    place = bisect_left(spans, (end, -1))
    return place > 0 and spans[place - 1][1] > start


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, those that overlap made one."""
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def _contexts(rules: Iterable[Mapping[str, Any]]) -> dict[str, list[_Context]]:
    out: dict[str, list[_Context]] = {}
    for rule in rules:
        for form in rule["forms"]:
            out.setdefault(form, []).append(
                _Context(
                    re.compile(rule["cue"], re.IGNORECASE),
                    rule["curie"],
                    rule.get("scope", "near") == "text",
                )
            )
    return out


def _composes(rules: Iterable[Mapping[str, Any]]) -> tuple[_Compose, ...]:
    return tuple(
        _Compose(
            frozenset(rule["after"]),
            re.compile(rule["tail"]),
            rule["label"],
            rule.get("curie"),
            rule.get("parent"),
            rule.get("name", ""),
            bool(rule.get("list", False)),
        )
        for rule in rules
    )
