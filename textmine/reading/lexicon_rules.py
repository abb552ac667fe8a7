"""Entries and matches of a lexicon, and the rules of `lexicon.toml` that work on them.

`[[shape]]` finds names by what they look like, `[[compose]]` and `[[before]]` make a name longer by
what stands around it, `[[beside]]` knows words that are names only next to a name, `[[keep]]` drops
names that stand in the wrong place, `[[context]]` decides an ambiguous form by words near it,
`[[derived]]` gives concepts that are not listed their parents.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Self

from textmine.errors import ConfigError

_NEAR = 90  # characters on both sides of a form in which its context cue is looked for

_JOINS = frozenset("/-\u2010\u2011\u2012\u2013\u2212")
_BY_FORM = "by its form"

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
    list_of: frozenset[str]  # labels of names that a slash may join before the name
    named: re.Pattern[str] | None  # the rule holds for names that say this


@dataclass(frozen=True, slots=True)
class _Shape:
    label: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Beside:
    after: frozenset[str]
    form: re.Pattern[str]
    label: str
    curie: str
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Keep:
    label: str
    form: re.Pattern[str]
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    without: frozenset[str]
    beside: frozenset[str]
    never_after: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class _Before:
    label: str
    head: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Yield:
    label: str
    to: str
    form: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Join:
    label: str
    first: re.Pattern[str]
    between: re.Pattern[str]


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
    shape: tuple[_Shape, ...] = ()
    beside: tuple[_Beside, ...] = ()
    keep: tuple[_Keep, ...] = ()
    yields: tuple[_Yield, ...] = ()
    joined: tuple[_Join, ...] = ()

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
                tuple(
                    _Shape(rule["label"], re.compile(rule["pattern"]))
                    for rule in settings.get("shape", ())
                ),
                tuple(_beside(rule) for rule in settings.get("beside", ())),
                tuple(_keep(rule) for rule in settings.get("keep", ())),
                tuple(
                    _Yield(rule["label"], rule["to"], re.compile(rule["form"]))
                    for rule in settings.get("yield", ())
                ),
                tuple(
                    _Join(
                        rule["label"],
                        re.compile(rule["first"]),
                        re.compile(rule.get("between", " ")),
                    )
                    for rule in settings.get("join", ())
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

    def yielded(
        self, matches: list[Match], again: Callable[[int, int], Sequence[Match]]
    ) -> list[Match]:
        """Names that give their first words to a name before them (`[[yield]]`): of "cancer [cell
        proliferation]" the cells are the cancer's."""
        out: list[Match] = []
        for match in matches:
            giver = any(
                match.label == rule.label and rule.form.match(match.text) for rule in self.yields
            )
            taker = next(
                (
                    m
                    for m in (matches if giver else ())
                    if m.start < match.start < m.end < match.end
                    and any(m.label == rule.to for rule in self.yields)
                ),
                None,
            )
            if taker is None:
                out.append(match)
            else:
                out += again(taker.end, match.end)
        return out

    def composed(
        self,
        text: str,
        matches: Sequence[Match],
        blocked: Sequence[tuple[int, int]],
        again: Callable[[int, int], Sequence[Match]] | None = None,
        span: tuple[int, int] | None = None,
    ) -> list[Match]:
        """The names after all rules, in order. `again` reads what is left of a name of which a
        longer one took the first words ("[H23 cell] proliferation"); `span` bounds the shapes."""
        todo = list(reversed(self._shaped(text, matches, blocked, span)))
        out: list[Match] = []
        while todo:
            match = todo.pop()
            if out and match.start < out[-1].end:
                # swallowed by the name before, which grew; what is left of it may be a name
                if match.end > out[-1].end and again is not None:
                    todo.extend(reversed(again(out[-1].end, match.end)))
                continue
            match = self._longer(text, out, match, blocked)
            match = self._headed(text, out, match, blocked)
            match = self._join(text, out, match)
            out.append(match)
            todo.extend(self._next_to(text, match, todo, blocked))
        return [m for at, m in enumerate(out) if self._stays(text, out, at)] if self.keep else out

    def _longer(
        self, text: str, out: list[Match], match: Match, blocked: Sequence[tuple[int, int]]
    ) -> Match:
        """The name with what stands after it (`[[compose]]`)."""
        for rule in self.compose:
            if rule.list_of and match.label == rule.label and " " in match.text:
                return _with_list(text, out, match, rule.list_of)
            if match.label not in rule.after:
                continue
            if rule.named is not None and not _named(rule.named, match):
                continue
            tail = rule.tail.match(text, match.end)
            if tail is None or touches(match.end, tail.end(), blocked):
                continue
            match = _grown(text, match, tail.end(), rule)
            if rule.list_of:
                match = _with_list(text, out, match, rule.list_of)
            break
        return match

    def _headed(
        self, text: str, out: list[Match], match: Match, blocked: Sequence[tuple[int, int]]
    ) -> Match:
        """The name with what stands before it (`[[before]]`)."""
        for before in self.before:
            if match.label == before.label:
                match = _with_head(text, out, match, before.head, blocked)
        return match

    def _join(self, text: str, out: list[Match], match: Match) -> Match:
        """Two names of one thing become one (`[[join]]`): "[U87] [glioblastoma cells]"."""
        if not out or out[-1].label != match.label or match.start - out[-1].end > 5:
            return match
        first = out[-1]
        if not any(
            rule.label == match.label
            and rule.between.fullmatch(text, first.end, match.start)
            and rule.first.fullmatch(first.text)
            for rule in self.joined
        ):
            return match
        out.pop()
        return replace(
            match,
            start=first.start,
            text=text[first.start : match.end],
            entries=first.entries or match.entries,
        )

    def _shaped(
        self,
        text: str,
        matches: Sequence[Match],
        blocked: Sequence[tuple[int, int]],
        span: tuple[int, int] | None,
    ) -> list[Match]:
        """The matches, and names known by their shape alone that no match reaches beyond."""
        start, end = span or (0, len(text))
        out = list(matches)
        for rule in self.shape:
            for found in rule.pattern.finditer(text, start, end):
                first, last = found.span()
                over = [m for m in out if m.start < last and first < m.end]
                if touches(first, last, blocked) or any(
                    m.start < first or (m.start == first and m.end >= last) for m in over
                ):
                    continue
                same = [m for m in over if m.start == first and m.label == rule.label]
                entries = same[-1].entries if same else ()
                out = [m for m in out if m not in over or m.end > last]
                out.append(
                    Match(first, last, found.group(), rule.label, entries, 30, _BY_FORM, 0.8)
                )
        heads = {
            m.text.split()[0]
            for m in out
            if m.label == "CELL" and m.reason == _BY_FORM and "+" not in m.text
        }
        heads = {head for head in heads if re.search(r"[-\da-z]", head)}
        for head in heads:
            out = _alone(text, out, head, blocked, (start, end))
        return sorted(out, key=lambda m: (m.start, -m.end))

    def _next_to(
        self, text: str, match: Match, todo: list[Match], blocked: Sequence[tuple[int, int]]
    ) -> list[Match]:
        """A word that is a name only because it follows one: "cardiac cell [survival]"."""
        if text[match.end : match.end + 1] not in (" ", "-") or not self.beside:
            return []
        start = match.end + 1
        for rule in self.beside:
            found = rule.form.match(text, start) if match.label in rule.after else None
            if found is None or touches(start, found.end(), blocked):
                continue
            rival = todo[-1] if todo else None
            if rival is not None and rival.start < found.end():
                if rival.start < start or rival.end > found.end():
                    continue
                todo.pop()
            word = found.group().lower()
            entry = Entry(f"{rule.curie}{word}", word, rule.label, rule.parents, "beside a name")
            return [
                Match(start, found.end(), found.group(), rule.label, (entry,), 1, "beside a name",
                      0.9)
            ]  # fmt: skip
        return []

    def _stays(self, text: str, out: Sequence[Match], at: int) -> bool:
        """Whether the `[[keep]]` rules leave the name where it stands."""
        match = out[at]
        for rule in self.keep:
            if match.label != rule.label or not rule.form.fullmatch(match.text):
                continue
            near = _neighbours(text, out, at)
            if near & rule.beside:
                return True
            if near & rule.without or (
                rule.never_after is not None and rule.never_after.match(text, match.end)
            ):
                return False
            if rule.before is None and rule.after is None:
                return not rule.beside
            return (
                rule.before is not None
                and rule.before.search(text[max(0, match.start - 40) : match.start]) is not None
            ) or (rule.after is not None and rule.after.match(text, match.end) is not None)
        return True


@lru_cache(maxsize=256)
def _says(cue: re.Pattern[str], text: str) -> bool:
    """Whether the whole text holds a cue; remembered, for a form can stand in it many times."""
    return cue.search(text) is not None


def _alone(
    text: str,
    matches: list[Match],
    head: str,
    blocked: Sequence[tuple[int, int]],
    span: tuple[int, int],
) -> list[Match]:
    """The matches, and the uses of a name that the text gives to cells: "QX99 cells ... [QX99]".
    What a curated list says of the name holds."""
    out = list(matches)
    for found in re.finditer(rf"(?<![\w+-]){re.escape(head)}(?![\w+]|-[a-z])", text):
        start, end = found.span()
        over = [m for m in out if m.start < end and start < m.end]
        if start < span[0] or end > span[1] or touches(start, end, blocked):
            continue
        if any((m.start, m.end) != (start, end) or m.rank <= 1 or m.label == "DISEASE"
               for m in over):  # fmt: skip
            continue
        out = [m for m in out if m not in over]
        out.append(Match(start, end, head, "CELL", (), 30, _BY_FORM, 0.7))
    return out


def _named(pattern: re.Pattern[str], match: Match) -> bool:
    return bool(pattern.search(match.text)) or any(pattern.search(e.name) for e in match.entries)


_OF = re.compile(r" of (?:the |an? |both |these )?(?:[a-z]+ )?")


def _neighbours(text: str, out: Sequence[Match], at: int) -> set[str]:
    """The labels of the names directly before a name, and after it behind "of"."""
    match = out[at]
    near: set[str] = set()
    if at and text[out[at - 1].end : match.start] in (" ", "-"):
        near.add(out[at - 1].label)
    if at + 1 < len(out) and _OF.fullmatch(text, match.end, out[at + 1].start):
        near.add(out[at + 1].label)
    return near


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
    while out and out[-1].label in labels and text[out[-1].end : match.start] in _JOINS:
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
        if out[-1].start < start:
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
            frozenset(rule.get("list", ())),
            re.compile(rule["named"]) if "named" in rule else None,
        )
        for rule in rules
    )


def _beside(rule: Mapping[str, Any]) -> _Beside:
    return _Beside(
        frozenset(rule["after"]),
        re.compile(rule["form"]),
        rule["label"],
        rule["curie"],
        tuple(rule.get("parents", ())),
    )


def _keep(rule: Mapping[str, Any]) -> _Keep:
    return _Keep(
        rule["label"],
        re.compile(rule["form"]),
        re.compile(rule["before"]) if "before" in rule else None,
        re.compile(rule["after"]) if "after" in rule else None,
        frozenset(rule.get("without", ())),
        frozenset(rule.get("beside", ())),
        re.compile(rule["never_after"]) if "never_after" in rule else None,
    )
