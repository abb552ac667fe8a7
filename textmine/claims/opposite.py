"""The opposite of a claim in plain words: one word is turned, or a denial taken away or put in.

A model that reads a claim together with its opposite cannot answer both in the same way: what
supports one must speak against the other. The words are data (`models/stance/opposites.toml`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from textmine.config import data_root, read_toml
from textmine.errors import ConfigError

__all__ = ["Effect", "Opposite", "Opposites", "default_opposites", "opposite"]

_WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")
_LAST_WORD = re.compile(r"\S+$")
_AFTER_AUXILIARY = re.compile(r"\b(?:to|can|could|may|might|will|does|do|did|not)\s$")


@dataclass(frozen=True, slots=True)
class Opposite:
    """`kind`: "direction" (a word was turned: finding no effect answers neither claim) or "denial"
    (a denial came or went: finding no effect answers both)."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What acts on what, and which way, as a plain claim says it."""

    doer: str
    target: str
    direction: str


def _forms(verb: str) -> tuple[str, str, str, str]:
    """Base, third person, past, participle of a regular verb."""
    stem = verb.removesuffix("e")
    third = f"{verb}es" if verb.endswith(("s", "sh", "ch", "x")) else f"{verb}s"
    return verb, third, f"{stem}ed", f"{stem}ing"


class Opposites:
    """The tables of `opposites.toml`, ready to use. ConfigError if a word stands in two pairs."""

    def __init__(self, table: dict[str, Any]) -> None:
        self._pairs: dict[str, tuple[str, int]] = {}
        self._up: set[str] = set()
        for line in str(table["words"]).strip().splitlines():
            one, other = line.split()
            self._put(one, other, 1)
        for line in str(table["verbs"]).strip().splitlines():
            one, other = line.split()
            for number, (a, b) in enumerate(zip(_forms(one), _forms(other), strict=True)):
                # "lower" is the opposite of "higher" before it is that of "raise"
                if number or not {a, b} & self._pairs.keys():
                    self._put(a, b, 0 if number == 1 else 2)
        self._denials = [
            (re.compile(rf"\b{re.escape(denied)}\b(?!\s+of\b)", re.IGNORECASE), denied, plain)
            for denied, plain in table["denials"]
        ]
        self._deniable = re.compile(rf"\b({'|'.join(table['deniable'])})\b(?!\s+not\b)")

    def _put(self, one: str, other: str, rank: int) -> None:
        self._up.add(one)
        for a, b in ((one, other), (other, one)):
            if a in self._pairs:
                raise ConfigError(f"opposites.toml: the word {a!r} stands in two pairs. Keep one.")
            self._pairs[a] = (b, rank)

    def _found(self, text: str) -> Iterator[tuple[int, int, re.Match[str], str]]:
        """(rank, place) of every word that can be turned, and what it turns into."""
        for match in _WORD.finditer(text):
            found = self._pairs.get(match[0].lower())
            if found is None:
                continue
            word, rank = found
            if rank == 2 and _AFTER_AUXILIARY.search(text[: match.start()]):
                rank = 0
            yield rank, match.start(), match, word

    def turn(self, statement: str) -> Opposite | None:
        """The claim with a denial taken away; else its verb turned, or its comparison, or any other
        word that has an opposite; else a denial put in. None if nothing of this can be done."""
        for pattern, _, plain in self._denials:
            if match := pattern.search(statement):
                return Opposite(_swap(statement, match, plain), "denial")
        words = sorted(self._found(statement), key=lambda found: found[:2])
        if words:
            return Opposite(_swap(statement, words[0][2], words[0][3]), "direction")
        if match := self._deniable.search(statement):
            return Opposite(f"{statement[: match.end()]} not{statement[match.end() :]}", "denial")
        return None

    def effect(self, statement: str) -> Effect | None:
        """A claim of the form "ONE increases OTHER", taken apart; None if its verb is none of the
        tables', or it denies something. The first word of a pair is the one that goes up."""
        if any(pattern.search(statement) for pattern, _, _ in self._denials):
            return None
        verbs = [found for found in self._found(statement) if found[0] == 0]
        if len(verbs) != 1:
            return None
        match = verbs[0][2]
        one, other = statement[: match.start()].strip(), statement[match.end() :].strip(" .")
        if not one or not other or _AFTER_AUXILIARY.search(f"{one} "):
            one = _LAST_WORD.sub("", one).strip()
        if not one or not other:
            return None
        up = match[0].lower() in self._up
        return Effect(one, other, "increases" if up else "decreases")

    def mirror(self, sentence: str) -> str | None:
        """A sentence of a report with its one word of direction turned; None if it has none or
        several, since then the rest would not go with it."""
        if any(pattern.search(sentence) for pattern, _, _ in self._denials):
            return None
        words = list(self._found(sentence))
        return _swap(sentence, words[0][2], words[0][3]) if len(words) == 1 else None


def _swap(text: str, match: re.Match[str], word: str) -> str:
    if match[0][0].isupper():
        word = word[0].upper() + word[1:]
    return text[: match.start()] + word + text[match.end() :]


@cache
def default_opposites(path: Path | None = None) -> Opposites:
    """The shipped tables, or those of a file of the same form."""
    return Opposites(read_toml(path or data_root() / "models" / "stance" / "opposites.toml"))


def opposite(statement: str) -> str | None:
    """The opposite claim, or None if there is no word to turn."""
    turned = default_opposites().turn(statement)
    return turned.text if turned else None
