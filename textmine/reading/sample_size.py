"""How many were studied: totals and group sizes, in figures or in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from textmine.reading.study_words import Scope, StudyWords
from textmine.records import Quote

__all__ = ["SampleSize", "number_of", "sample_size"]

_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = {w: n for n, w in enumerate(_SMALL)} | {w: 10 * (n + 2) for n, w in enumerate(_TENS)}
_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+|(?:{_WORD})(?:[- ](?:{_WORD}))?(?:[- ]hundred)?)"

# "(1:1)", "1:1:1": so many arms of one size.
_RATIO = re.compile(r"(?<![\d:])1(?::1){1,4}(?![\d:])")
# Larger numbers in abstracts of animal or patient studies are cells, particles or reads.
_MOST = 200_000


@dataclass(frozen=True, slots=True)
class SampleSize:
    """`n`: all subjects; `per_group`: the size of one group; `groups`: how many there are."""

    n: int | None = None
    per_group: int | None = None
    groups: int | None = None
    quotes: tuple[Quote, ...] = ()
    note: str | None = None


def number_of(text: str) -> int | None:
    """ "twenty-four" -> 24, "1,204" -> 1204; None if these are no words for a number."""
    text = text.strip().casefold()
    if text.replace(",", "").isdigit():
        return int(text.replace(",", ""))
    total = 0
    for part in re.split(r"[- ]+", text):
        if part == "hundred":
            total = max(total, 1) * 100
        elif part in _WORDS:
            total += _WORDS[part]
        else:
            return None
    return total


@dataclass(frozen=True, slots=True)
class _Patterns:
    per_group: tuple[re.Pattern[str], ...]
    groups: tuple[re.Pattern[str], ...]
    totals: tuple[re.Pattern[str], ...]
    pairs: re.Pattern[str]
    unlabelled: re.Pattern[str]


@lru_cache(maxsize=8)
def _patterns(units: str, groups: str, studies: str) -> _Patterns:
    number, each = rf"(?P<n>{NUMBER})", r"(?:per|/|in each|for each|to each|in every)"
    unit = rf"(?:{units})"
    described = r"(?:(?!\d[\d,.]*\s)[\w/().,-]+\s+){0,6}?"

    def compiled(*texts: str) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(t, re.IGNORECASE) for t in texts)

    per = rf"(?:the\s)?(?:experimental |treatment )?(?:{groups})"
    not_each = r"(?!\s?(?:per|each|in each|in every|/)\b)"
    # "3 weeks", "10 mg" and the like are no counts of subjects even if subjects come later.
    no_count = (
        r"(?!(?:to|of|weeks?|days?|months?|years?|h|min|mg|µg|ml|per|and|or|%|percent|times|fold"
        rf"|{groups}|{studies})\b)"
    )
    counted = rf"{number}\s{no_count}{described}{unit}\b"
    second = counted.replace("(?P<n>", "(?P<m>")
    kinds = "experimental |equal |parallel |treatment |random |main |different "
    sums = "a total of|total of|altogether|in total,?|overall,?|comprising|including|involving"
    return _Patterns(
        per_group=compiled(
            rf"\bn\s?=\s?{number}\s?(?:{unit}\s?)?(?:each\b|apiece\b|{each}\s?{per}\b)",
            rf"(?<![\w.]){number}\s(?:{unit}|of them)\s?{each}\s?{per}\b",
            rf"(?<![\w.]){number}\s{each}\s{per}\b",
            rf"\b(?:{groups})\s(?:of|with|containing)\s{number}(?:\s{unit}|\beach|[\s,.;)])",
            rf"(?<![\w.]){number}\s(?:{unit}\s)?each\b",
        ),
        groups=compiled(rf"(?<![\w.])(?P<n>{NUMBER})\s(?:{kinds})?(?:{groups})\b"),
        totals=compiled(
            rf"\b(?:{sums})\s{number}\s{described}{unit}\b{not_each}",
            rf"\bN\s?=\s?{number}\s{unit}\b{not_each}",
            rf"(?<![\w.,/-])(?<!roup of )(?<!roups of )(?<!arms of ){counted}{not_each}",
            rf"\b{unit}\s?\((?:total )?[nN]\s?=\s?{number}\)",
        ),
        pairs=compiled(rf"(?<![\w.,/-]){counted}\s(?:and|plus)\s{second}{not_each}")[0],
        unlabelled=compiled(rf"\(?\b[nN]\s?=\s?{number}\b{not_each}")[0],
    )


def sample_size(scope: Scope, words: StudyWords) -> SampleSize:
    """Totals and group sizes. A total is multiplied out only when the groups were counted.

    Where several totals are given, the first in a method sentence counts, else the largest.
    """
    patterns = _patterns(words.units, words.groups, words.studies)
    quotes: dict[str, Quote] = {}
    per_group = _first(scope, patterns.per_group, "n_per_group", quotes)
    groups = _first(scope, patterns.groups, "arms", {})
    if groups is not None and not 2 <= groups <= 20:
        groups = None
    total = _total(scope, patterns, quotes)
    if total is not None and per_group is not None and total < per_group:
        total = None
        quotes.pop("n", None)
    counted = groups is not None
    groups = groups or _listed_arms(scope, words)
    note = None
    if total is None and per_group is not None and groups is not None and counted:
        total, note = per_group * groups, f"n = {groups} groups of {per_group}"
        quotes["n"] = _renamed(quotes["n_per_group"], "n")
    elif per_group is None and total is not None and groups and total % groups == 0:
        # That the groups are equal is likely, but it is not stated.
        note = f"{total} in {groups} groups: {total // groups} each if they are equal"
    if total is None and per_group is None:
        match = scope.find(patterns.unlabelled)
        if match and (value := _value(match)) is not None:
            # "n = 8" without more is the size of a group, as abstracts use it.
            per_group = value
            quotes["n_per_group"] = Quote("n_per_group", match.start(), match.end(), match[0])
            note = "n without a word for what was counted, read as the size of a group"
    return SampleSize(total, per_group, groups, tuple(quotes.values()), note)


def _renamed(quote: Quote, field: str) -> Quote:
    return Quote(field, quote.start, quote.end, quote.text)


def _value(match: re.Match[str]) -> int | None:
    value = number_of(match["n"])
    return value if value is not None and 1 < value <= _MOST else None


def _first(
    scope: Scope, patterns: tuple[re.Pattern[str], ...], field: str, quotes: dict[str, Quote]
) -> int | None:
    for roles in (("method",), None):
        for pattern in patterns:
            for match in scope.find_all(pattern, roles):
                value = _value(match)
                if value is not None:
                    quotes[field] = Quote(field, match.start(), match.end(), match[0])
                    return value
    return None


def _total(scope: Scope, patterns: _Patterns, quotes: dict[str, Quote]) -> int | None:
    for match in scope.find_all(patterns.pairs):
        one, two = number_of(match["n"]), number_of(match["m"])
        if one and two and one + two <= _MOST:
            quotes["n"] = Quote("n", match.start(), match.end(), match[0])
            return one + two
    for roles in (("method",), None):
        found: list[tuple[int, int, re.Match[str]]] = []
        for rank, pattern in enumerate(patterns.totals):
            for match in scope.find_all(pattern, roles):
                value = _value(match)
                if value is not None and not _is_year(match):
                    found.append((rank if rank < 2 else 2, -value, match))
            if found and rank == 1:
                break
        if found:
            best = min(found, key=lambda item: (item[0], item[1], item[2].start()))
            match = best[2]
            quotes["n"] = Quote("n", match.start(), match.end(), match[0])
            return -best[1]
    return None


def _is_year(match: re.Match[str]) -> bool:
    return match["n"].isdigit() and 1900 <= int(match["n"]) <= 2100 and len(match["n"]) == 4


def _listed_arms(scope: Scope, words: StudyWords) -> int | None:
    """ "randomised to vehicle, X or X plus Y": the members of the list, if it is one."""
    if ratio := scope.find(_RATIO):
        return ratio[0].count("1")
    match = scope.find(words.arms_list)
    if match is None:
        return None
    end = next((s.end for s in scope.sentences if s.start <= match.start() < s.end), match.end())
    rest = re.sub(r"\([^)]*\)", "", scope.text[match.end() : end])
    rest = re.split(r"[;:]|\.(?:\s|$)|\s(?:after|before|through|by|at|via|on)\s", rest)[0]
    joined = re.sub(r",?\s+(?:or|and)\s+", ",", rest)
    parts = [p for p in joined.split(",") if p.strip()]
    return len(parts) if 2 <= len(parts) <= 8 else None
