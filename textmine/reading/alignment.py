"""Which words a short form stands for: where its long form begins.

Whether the letters can be found at all is tested as in Schwartz and Hearst (2003), by scispaCy's
function. That test takes the shortest match, which is too short where a letter also stands inside a
later word: "I/R" in "ischemia/reperfusion injury" is found in "injury" alone. So the beginning is
chosen anew: letters that begin words count most, then letters in a row; words passed over count
against it. A match that is mostly passed words is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from scispacy.abbreviation import find_abbreviation
from spacy.language import Language

__all__ = ["align", "closes_brackets", "rotated"]

_SMALL = frozenset(
    ("a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with")
)
_WORD = re.compile(r"[^\W_]+")
_INITIAL, _NEXT, _PASSED, _TRAILING = 3.0, 1.0, -2.0, -1.5
_LEAST = 0.5  # score per letter below which a match is mostly passed words
_PARTS = (
    re.compile(r"[^\W_]+[-‐‑](?=[A-Za-z]{2})"),
    re.compile(r"[a-z]{1,3}(?=[A-Z]{2})|[A-Z](?=[a-z]{3})"),
)
_PLURAL = re.compile(r"(?<=[A-Z])s(?=[-‐‑])")


def align(
    long: str, short: str, nlp: Language, symbols: Mapping[str, str] | None = None
) -> int | None:
    """Where in the words before it the long form of `short` begins; None: they are none.

    Both are folded: Greek letters written out, digits as such. A digit can stand for a syllable
    ("tetra"): where the form fails, its letters alone are tried; so is "MS" for "MS/MS", and for a
    symbol (`symbols`: "Au" is "gold") the first letter of its word."""
    form = _PLURAL.sub("", short.strip().replace(" ", "-").strip("-/.'+"))
    for tried in _spellings(form, long, symbols or {}):
        if _possible(long, tried, nlp):
            begin = _begin(long, tried)
            if begin is not None:
                return begin
    begins = (_begin(long, turned, strict=True) for turned in rotated(form))
    return next((begin for begin in begins if begin is not None), None)


def _spellings(form: str, long: str, symbols: Mapping[str, str]) -> list[str]:
    letters = re.sub(r"\d", "", form).strip("-/.'+")
    once = re.sub(r"([A-Z]{2,})/\1", r"\1", form)
    more = [letters] if sum(c.isalpha() for c in letters) >= 3 else []
    spelled = [
        form.replace(symbol, word[0])
        for symbol, word in symbols.items()
        if symbol in form and word in long.lower()
    ]
    return list(dict.fromkeys((form, *more, once, *spelled)))


def rotated(form: str) -> list[str]:
    """The form with its last part told first: "tEVs" is "EVs of tumors"; none if it has no parts.

    >>> rotated("tEVs"), rotated("CDC-EVs"), rotated("Treg"), rotated("MSC")
    (['EVst'], ['EVsCDC'], ['regT'], [])
    """
    found = (pattern.match(form) for pattern in _PARTS)
    return [
        form[part.end() :].strip("-‐‑") + form[: part.end()].strip("-‐‑")
        for part in found
        if part is not None
    ]


def _possible(long: str, form: str, nlp: Language) -> bool:
    doc = nlp.make_doc(f"{long} ( {form} )")
    long_span = doc.char_span(0, len(long.rstrip()))
    short_span = doc.char_span(len(long) + 3, len(long) + 3 + len(form))
    if long_span is None or short_span is None:
        return False
    return find_abbreviation(long_span, short_span)[1] is not None


def _begin(long: str, form: str, *, strict: bool = False) -> int | None:
    """The beginning of the best match of the form's letters with the words; `strict`: every capital
    and the first letter must begin a word or follow one that does."""
    letters = [c for c in form if c.isalnum()]
    words = [(m.start(), m.group().lower()) for m in _WORD.finditer(long)]
    if not letters or not words:
        return None
    mixed = letters[0].isupper()
    costs = [0.0 if word in _SMALL else _PASSED for _, word in words]

    @cache
    def best(letter: int, word: int, at: int) -> float:
        """The best score of the letters from `letter` on, the one before matched at `at`."""
        if letter == len(letters):
            return sum(_TRAILING for cost in costs[word + 1 :] if cost)
        wanted = letters[letter].lower()
        free = not strict or not letters[letter].isupper()
        text = words[word][1]
        options = [
            best(letter + 1, word, place) + (_NEXT if place == at + 1 else 0.0)
            for place in range(at + 1, len(text))
            if (free or place == at + 1) and text[place] == wanted
        ]
        passed = 0.0
        for later in range(word + 1, len(words)):
            following = words[later][1]
            if following[0] == wanted:
                # a small letter after a capital seldom begins a word ("Exos", "AuNP")
                full = following not in _SMALL and (not mixed or not letters[letter].islower())
                options.append(best(letter + 1, later, 0) + (_INITIAL if full else _NEXT) + passed)
            if free:
                options += [
                    best(letter + 1, later, place) + passed
                    for place in range(1, len(following))
                    if following[place] == wanted
                ]
            passed += costs[later]
        return max(options, default=float("-inf"))

    scores = [
        (_INITIAL + best(1, at, 0), at)
        for at, (_, word) in enumerate(words)
        if word[0] == letters[0].lower() and word not in _SMALL
    ]
    if not scores:
        return None
    score, at = max(scores)  # of equal ones the later, shorter
    return words[at][0] if score >= _LEAST * len(letters) else None


def closes_brackets(text: str) -> bool:
    """Whether every closing bracket has one that opens before it."""
    depth = 0
    for char in text:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(char, 0)
        if depth < 0:
            return False
    return True
