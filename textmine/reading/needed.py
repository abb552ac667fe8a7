"""Which words a text must hold for a regular expression to match in it.

Searching a text with a hundred patterns costs a hundred walks through it. Most patterns cannot
match most texts, because a word that every match must contain is not there; looking for a plain
word is some fifty times cheaper. `needed` reads these words off the parsed pattern: a set of
strings of which every match contains at least one, or None if no such set can be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["GRAM", "Needed", "fold", "grams", "needed"]

# So many letters of a word are looked up in the text's own before the word itself is.
GRAM = 3

# Below this a word is too common to save anything.
_SHORTEST = 2
# Letters outside ASCII that match an ASCII letter when case is ignored; one for one, so that
# offsets stay.
_EQUAL = str.maketrans({"İ": "i", "ı": "i", "ſ": "s", "K": "k"})


def fold(text: str) -> str:
    """Lower case, character by character: offsets into the result are offsets into the text."""
    low = text.translate(_EQUAL).lower()
    if len(low) == len(text):
        return low
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text.translate(_EQUAL))


def grams(folded: str) -> frozenset[str]:
    """All runs of `GRAM` characters of a folded text."""
    return frozenset(map("".join, zip(folded, folded[1:], folded[2:], strict=False)))


@dataclass(frozen=True, slots=True, eq=False)
class Needed:
    """The words of a pattern, folded; `by_gram` has them under their first letters, `short` those
    that have too few. `words` is None if the pattern can match without any."""

    pattern: re.Pattern[str]
    words: tuple[str, ...] | None
    grams: frozenset[str]
    by_gram: Mapping[str, tuple[str, ...]]
    short: tuple[str, ...]

    def found_in(self, held: frozenset[str]) -> list[str]:
        """The words whose first letters are among the grams of a text."""
        found = [word for gram in self.grams & held for word in self.by_gram[gram]]
        return [*self.short, *found]


# By identity, for the hash of a pattern is made of all its code each time. The pattern is kept, so
# that its identity is not given to another.
_KNOWN: dict[int, Needed] = {}


def needed(pattern: re.Pattern[str]) -> Needed:
    """The words that the pattern needs; `words` is None if it can match without any."""
    known = _KNOWN.get(id(pattern))
    if known is None:
        # The standard library's own parser: the only reader of regular expressions that surely
        # agrees with the matcher. It has no public name.
        from re import _parser  # type: ignore[attr-defined]

        words = _of_sequence(_parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))
        by_gram: dict[str, tuple[str, ...]] = {}
        for word in sorted(words or ()):
            if len(word) >= GRAM:
                by_gram[word[:GRAM]] = (*by_gram.get(word[:GRAM], ()), word)
        known = Needed(
            pattern,
            None if words is None else tuple(sorted(words)),
            frozenset(by_gram),
            by_gram,
            tuple(word for word in sorted(words or ()) if len(word) < GRAM),
        )
        _KNOWN[id(pattern)] = known
    return known


def _of_sequence(parts: Iterable[tuple[Any, Any]]) -> frozenset[str] | None:
    """Every part must match: the best set that one of them gives."""
    found = [one for one in _sets(parts) if min(map(len, one)) >= _SHORTEST]
    return max(found, key=lambda one: (min(map(len, one)), -len(one)), default=None)


def _sets(parts: Iterable[tuple[Any, Any]]) -> Iterator[frozenset[str]]:
    run = ""
    for kind, value in parts:
        name = str(kind)
        if name == "LITERAL" and value < 128:
            run += chr(value).lower()
            continue
        if run:
            yield frozenset({run})
        run = ""
        inner: frozenset[str] | None = None
        if name == "SUBPATTERN":
            inner = _of_sequence(value[3])
        elif name == "BRANCH":
            branches = [_of_sequence(branch) for branch in value[1]]
            if None not in branches:
                inner = frozenset(w for branch in branches if branch for w in branch)
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") and value[0] > 0:
            inner = _of_sequence(value[2])
        elif name == "ATOMIC_GROUP":
            inner = _of_sequence(value)
        if inner:
            yield inner
    if run:
        yield frozenset({run})
