"""Words as the relation reader sees them: trigger lexicon, tokens with mentions as single tokens.

The words come from `triggers.toml` (format: docs/relations.md); nothing here knows any of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from textmine.config import data_root, read_toml
from textmine.errors import ConfigError
from textmine.records import Mention

__all__ = ["Reading", "Token", "Triggers", "tokenize"]

# base | s (third person) | past | part (participle) | ing
FORMS = ("base", "s", "past", "part", "ing")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a word. `pos`: verb, noun, adjective, participle, perturbation."""

    pos: str
    cls: str
    lemma: str
    forms: tuple[str, ...] = ()
    sign: int = 0


@dataclass(slots=True)
class Token:
    """A word, a mark or a whole mention. `glued`: a hyphen stands before it."""

    start: int
    end: int
    text: str
    low: str
    mention: Mention | None = None
    glued: bool = False
    suspended: bool = False
    pos: str = "word"
    readings: tuple[Reading, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    def reading(self, pos: str) -> Reading | None:
        return next((r for r in self.readings if r.pos == pos), None)

    def is_class(self, pos: str, *classes: str) -> bool:
        return any(r.pos == pos and r.cls in classes for r in self.readings)


def _regular(lemma: str) -> tuple[str, str, str, str]:
    stem = lemma
    if lemma.endswith("e"):
        return lemma + "s", lemma + "d", lemma + "d", lemma[:-1] + "ing"
    if lemma.endswith("y") and lemma[-2] not in "aeiou":
        return lemma[:-1] + "ies", lemma[:-1] + "ied", lemma[:-1] + "ied", lemma + "ing"
    third = lemma + ("es" if re.search(r"(s|sh|ch|x|z)$", lemma) else "s")
    return third, stem + "ed", stem + "ed", stem + "ing"


def _spellings(lemma: str) -> list[str]:
    out = [lemma]
    if lemma.endswith(("ise", "yse")) and len(lemma) > 5 and lemma not in ("raise", "exercise"):
        out.append(lemma[:-2] + "ze")
    return out


def _verb_forms(lemma: str, irregular: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    if lemma in irregular:
        return list(zip(FORMS, (lemma, *irregular[lemma]), strict=True))
    out: list[tuple[str, str]] = []
    for spelling in _spellings(lemma):
        forms = _regular(spelling)
        out += zip(FORMS, (spelling, *forms), strict=True)
        # control -> controlled, abet -> abetted
        if re.search(r"[^aeiou][aeiou][lptm]$", spelling):
            double = spelling + spelling[-1]
            out += [("past", double + "ed"), ("part", double + "ed"), ("ing", double + "ing")]
    return out


@dataclass(frozen=True)
class Triggers:
    """The readings of every known word."""

    words: Mapping[str, tuple[Reading, ...]]
    both_ways: frozenset[str] = frozenset()

    def ambitransitive(self, lemma: str) -> bool:
        """May the subject of this verb be what changes ("X decreased")?"""
        return lemma in self.both_ways

    @classmethod
    def load(cls, *files: Path) -> Triggers:
        """Reads `triggers.toml` of the shipped lexicon, then `files`, which add to it."""
        return _load(files or ()) if files else _default()

    def of(self, word: str) -> tuple[Reading, ...]:
        return self.words.get(word, ())


@lru_cache(maxsize=1)
def _default() -> Triggers:
    return _load(())


def _load(files: Sequence[Path]) -> Triggers:
    words: dict[str, dict[tuple[str, str, str], set[str]]] = {}
    signs: dict[tuple[str, str, str], int] = {}
    both: set[str] = set()

    def add(word: str, pos: str, kind: str, lemma: str, form: str = "", sign: int = 0) -> None:
        key = (pos, kind, lemma)
        words.setdefault(word.replace("_", " ").lower(), {}).setdefault(key, set()).add(form)
        signs[key] = sign

    for file in (data_root() / "models" / "lexicon" / "triggers.toml", *files):
        data = read_toml(file)
        unknown = set(data) - {
            "verbs",
            "irregular",
            "ambitransitive",
            "nouns",
            "adjectives",
            "participles",
            "perturbations",
        }
        if unknown:
            raise ConfigError(
                f"{file} has tables that mean nothing here: {', '.join(sorted(unknown))}. "
                "There are verbs, nouns, adjectives, participles, perturbations and irregular."
            )
        irregular = data.get("irregular", {})
        both |= set(data.get("ambitransitive", {}).get("words", "").split())
        for kind, table in data.get("verbs", {}).items():
            for lemma in table["words"].split():
                for form, word in _verb_forms(lemma, irregular):
                    add(word, "verb", kind, lemma, form)
        for kind, table in data.get("nouns", {}).items():
            for word in table["words"].split():
                add(word, "noun", kind, word)
                add(_regular(word)[0], "noun", kind, word)
        for pos, name in (("adjective", "adjectives"), ("participle", "participles")):
            for kind, table in data.get(name, {}).items():
                for word in table["words"].split():
                    add(word, pos, kind, word)
        for kind, table in data.get("perturbations", {}).items():
            for word in table["words"].split():
                add(word, "perturbation", kind, word, "", int(table["sign"]))
    made = {
        word: tuple(
            Reading(pos, kind, lemma, tuple(sorted(forms)), signs[pos, kind, lemma])
            for (pos, kind, lemma), forms in keys.items()
        )
        for word, keys in words.items()
    }
    return Triggers(made, frozenset(both))


_WORD = re.compile(
    r"[^\W\d_]+(?:['’][^\W\d_]+)?(?:-[^\W\d_]+)*(?P<hang>[-‐‑](?=\s))?|\d+(?:[.,·]\d+)*|[^\w\s]|_"
)
_HYPHENS = "-‐‑–"


def tokenize(
    text: str, start: int, end: int, mentions: Sequence[Mention], triggers: Triggers
) -> list[Token]:
    """The tokens of `text[start:end]`; each mention is one token, overlaps lose to the first."""
    tokens: list[Token] = []
    place = start
    inside = sorted(
        (m for m in mentions if start <= m.start and m.end <= end), key=lambda m: m.start
    )
    for mention in inside:
        if mention.start < place:
            continue
        _words(text, place, mention.start, triggers, tokens)
        token = Token(mention.start, mention.end, mention.text, mention.text.lower(), mention)
        token.pos = "mention"
        if re.search(r"(?i)\banti[-‐‑ ]?$", text[max(start, mention.start - 6) : mention.start]):
            token.extra["anti"] = True
        if mention.start > start and text[mention.start - 1] in _HYPHENS:
            token.extra["hyphen"] = True
        tokens.append(token)
        place = mention.end
    _words(text, place, end, triggers, tokens)
    return tokens


def _words(text: str, start: int, end: int, triggers: Triggers, out: list[Token]) -> None:
    glue = False
    for match in _WORD.finditer(text, start, end):
        word = match.group()
        if word in _HYPHENS and match.start() > 0 and match.end() < len(text):
            left, right = text[match.start() - 1], text[match.end()]
            glue = not left.isspace() and not right.isspace()
            if glue:
                continue
        hang = bool(match.group("hang"))
        low = word.lower().rstrip(_HYPHENS) if hang else word.lower()
        pieces = _split(word, triggers) if "-" in word and not hang else [word]
        at = match.start()
        for number, piece in enumerate(pieces):
            piece_low = low if hang else piece.lower()
            token = Token(at, at + len(piece), piece, piece_low)
            token.glued = (glue and number == 0) or number > 0
            token.suspended = hang
            token.readings = triggers.of(piece_low)
            out.append(token)
            at += len(piece) + 1
        glue = False


def _split(word: str, triggers: Triggers) -> list[str]:
    """One word if the lexicon knows it; else its last part may be a trigger."""
    low = word.lower()
    if triggers.of(low):
        return [word]
    head, _, tail = word.rpartition("-")
    if any(r.pos == "participle" for r in triggers.of(tail.lower())):
        return [head, tail]
    return [word]
