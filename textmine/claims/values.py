"""The value tables: which change of what is good, and which reading stands for which.

The tables are data (`models/lexicon/values.toml`, described there); this module reads them into
concepts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textmine.claims.terms import Concepts, Expression, Vocabulary, content_words
from textmine.config import data_root, read_toml
from textmine.errors import ConfigError

__all__ = ["Indirect", "Readout", "Values", "default_values"]


@dataclass(frozen=True, slots=True)
class Readout:
    """What a change of one thing says of another: `sign` +1 the same way, -1 the other way."""

    of: Expression
    by: Expression
    sign: int
    weight: float


@dataclass(frozen=True, slots=True)
class Indirect:
    """Something that was studied in place of what a claim is about."""

    instead_of: frozenset[str]
    concepts: frozenset[str]
    words: re.Pattern[str] | None
    head: str
    reason: str


@dataclass(frozen=True, slots=True)
class Short:
    """A bare word that means more in an article about a place."""

    word: str
    means: str
    place: frozenset[str]


@dataclass(frozen=True, slots=True)
class Worded:
    """Wordings under which a concept goes the other way (`sign` -1) or says less (`weight`)."""

    what: str
    words: re.Pattern[str]
    sign: int
    weight: float


@dataclass(frozen=True)
class Values:
    """The tables, resolved. `unread`: words of the tables that the lexicon does not know."""

    vocabulary: Vocabulary
    readouts: tuple[Readout, ...] = ()
    generic: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    indirect: tuple[Indirect, ...] = ()
    variants: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    good: Mapping[str, int] = field(default_factory=dict)
    good_in: tuple[tuple[frozenset[str], frozenset[str], int], ...] = ()
    good_labels: Mapping[str, int] = field(default_factory=dict)
    shorts: tuple[Short, ...] = ()
    worded: tuple[Worded, ...] = ()
    weak: frozenset[str] = frozenset()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    vague: frozenset[str] = frozenset()
    of_kind: tuple[tuple[str, frozenset[str]], ...] = ()
    unread: tuple[str, ...] = ()

    def words(self, text: str) -> frozenset[str]:
        """The words of a text, each by the first of those that mean the same."""
        return self.same(content_words(text))

    def same(self, words: frozenset[str]) -> frozenset[str]:
        return frozenset(self.synonyms.get(word, word) for word in words)

    def alike(self, text: str, words: frozenset[str]) -> float:
        """How much the words of a mention and those of a claim are the same, 0 to 1 (Dice 1945);
        words that are in the names of many things count little, and are not enough."""
        own, words = self.words(text), self.same(words)
        common = own & words
        if common <= self.weak:
            return 0.0
        return 2 * self._mass(common) / (self._mass(own) + self._mass(words))

    def within(self, text: str, words: frozenset[str], *, either: bool) -> bool:
        """Whether all that is particular in the words stands in the text (`either`: or the other
        way round)."""
        own, theirs = self.words(text) - self.weak, self.same(words) - self.weak
        return bool(own and theirs) and (theirs <= own or (either and own <= theirs))

    def _mass(self, words: frozenset[str]) -> float:
        return sum(0.25 if word in self.weak else 1.0 for word in words)

    def value(
        self,
        keys: frozenset[str],
        label: str,
        place: frozenset[str] | None,
        own: Sequence[str] = (),
    ) -> int:
        """+1 when more of it is good, -1 when less is, 0 when that is not known.

        `keys`: the concept with all it is a kind of; `place`: the same of the cell it was seen in.
        What is listed itself (`own`) comes before what it is a kind of.
        """
        listed = {self.good[k] for k in own if k in self.good}
        if len(listed) == 1:
            return listed.pop()
        depends = False
        for concepts, where, sign in self.good_in:
            if concepts & keys:
                depends = True
                if place and where & place:
                    return sign
        if depends:
            return 0
        signs = {self.good[k] for k in keys if k in self.good}
        if signs:
            return signs.pop() if len(signs) == 1 else 0
        return self.good_labels.get(label, 0)


def default_values(lexicon: Concepts) -> Values:
    """The shipped tables, over a lexicon."""
    return load_values(data_root() / "models" / "lexicon" / "values.toml", lexicon)


def load_values(path: Path, lexicon: Concepts) -> Values:
    """Reads the tables; ConfigError names the table that cannot be used."""
    data = read_toml(path)
    try:
        return _build(data, lexicon)
    except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
        raise ConfigError(f"{path} is no table of values: {error!r}. See its head.") from error


def _synonyms(lines: str) -> dict[str, str]:
    """Each word of a line, in the form of `content_words` -> the first of them."""
    out: dict[str, str] = {}
    for line in lines.strip().splitlines():
        row = [word for text in line.split() for word in content_words(text)]
        out.update((word, row[0]) for word in row)
    return out


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{w})" for w in words), re.IGNORECASE)


def _build(data: Mapping[str, Any], lexicon: Concepts) -> Values:
    variants = {name: _pattern(words) for name, words in data.get("variant", {}).items()}
    groups = {g["name"]: tuple(g["members"]) for g in data.get("group", ())}
    vocabulary = Vocabulary(lexicon, groups, variants)
    unread: list[str] = []

    def find(words: str) -> frozenset[str]:
        found = vocabulary.find(words)
        if not found:
            unread.append(words)
        return found

    def read(words: str) -> Expression:
        expression = vocabulary.read(words)
        unread.extend(expression.unread)
        return expression

    def concepts(names: Sequence[str]) -> frozenset[str]:
        return frozenset(c for words in names for c in find(words))

    for group in groups.values():
        for member in group:
            if member not in groups:
                find(member)
    readouts = [
        Readout(read(of), read(by), sign, float(table.get("weight", 0.7)))
        for table in data.get("readout", ())
        for of in table["of"]
        for key, sign in (("same", 1), ("opposite", -1))
        for by in table.get(key, ())
    ]
    indirect = [
        Indirect(
            concepts(table["instead_of"]),
            concepts(table.get("found", ())),
            _pattern(table["words"]) if table.get("words") else None,
            table["head"],
            table["reason"],
        )
        for table in data.get("indirect", ())
    ]
    value = data.get("value", {})
    good = dict.fromkeys(concepts(value.get("less_is_good", ())), -1)
    good |= dict.fromkeys(concepts(value.get("more_is_good", ())), 1)
    good_in = [
        (concepts(table["what"]), concepts(table[key]), sign)
        for table in data.get("depends", ())
        for key, sign in (("more_is_good_in", 1), ("less_is_good_in", -1))
        if table.get(key)
    ]
    return Values(
        vocabulary=vocabulary,
        readouts=tuple(r for r in readouts if not (r.of.unread or r.by.unread)),
        generic=dict(data.get("generic", {})),
        origins={c: o["gives"] for o in data.get("origin", ()) for c in find(o["from"])},
        indirect=tuple(indirect),
        variants=variants,
        good=good,
        good_in=tuple(good_in),
        good_labels=dict(value.get("labels", {})),
        shorts=tuple(
            Short(word, means, concepts((table["where"],)))
            for table in data.get("short", ())
            for word in find(table["word"])
            for means in find(table["means"])
        ),
        worded=tuple(
            Worded(what, _pattern(t["words"]), int(t.get("sign", 1)), float(t.get("weight", 1.0)))
            for t in data.get("worded", ())
            for what in find(t["what"])
        ),
        vague=concepts(data.get("words", {}).get("vague", ())),
        of_kind=tuple(
            (label, frozenset(words.split()))
            for label, words in data.get("words", {}).get("kind", {}).items()
        ),
        synonyms=_synonyms(data.get("words", {}).get("same", "")),
        weak=frozenset(data.get("words", {}).get("weak", "").split()),
        unread=tuple(dict.fromkeys(unread)),
    )
