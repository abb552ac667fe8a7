"""Short forms defined in the text itself: "long form (SF)".

The test whether a short form stands for the words before it is that of scispaCy, after Schwartz and
Hearst (2003). Mended around it: a definition stays within its sentence, the nearest definition
before a use counts (a text may define HSC twice), Greek letters and digits fold, and short forms
may be of small letters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scispacy.abbreviation import find_abbreviation
from spacy.language import Language

__all__ = ["Definition", "find_definitions", "uses"]

_BRACKET = re.compile(r"\(([^()]{1,30}?)\)")
_SHORT = re.compile(r"[\w\u0370-\u03ff][\w\u0370-\u03ff+./'-]{0,14}(?: [A-Z0-9]\w{0,5})?")
_STATISTIC = re.compile(r"^(?:n|p|r|vs|i\.?v|i\.?p|s\.?c|e\.?g|i\.?e|fig|table)\b", re.I)
_FOLDS = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "κ": "kappa", "ω": "omega",
    "₂": "2", "₃": "3", "₄": "4", "–": "-", "‑": "-", "−": "-",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Definition:
    """`short` and `long` are (start, end) in the text."""

    short: tuple[int, int]
    long: tuple[int, int]
    form: str


def find_definitions(
    text: str, sentences: Sequence[tuple[int, int]], nlp: Language
) -> tuple[Definition, ...]:
    """Every definition, in order. `nlp` gives the tokens."""
    found = []
    for start, end in sentences:
        for bracket in _BRACKET.finditer(text, start, end):
            inside = re.split(r"[;,]| or ", bracket.group(1))[0]
            short = inside.strip()
            if not _is_short(short):
                continue
            at = bracket.start(1) + inside.index(short)
            long = _long_form(text, start, bracket.start(), short, nlp)
            if long is not None:
                found.append(Definition((at, at + len(short)), long, short))
    return tuple(found)


def uses(text: str, definitions: Sequence[Definition]) -> list[tuple[int, int, Definition]]:
    """Every use of a short form, with the definition that holds there (the nearest before it).

    A use before the first definition takes the first one: titles use what abstracts define.
    A plural s, given or missing, makes no difference.
    """
    result = []
    for form in dict.fromkeys(d.form for d in definitions):
        known = [d for d in definitions if d.form == form]
        stem = form.removesuffix("s") if len(form) > 2 else form
        pattern = re.compile(rf"(?<![\w-]){re.escape(stem)}s?(?![\w])")
        for match in pattern.finditer(text):
            before = [d for d in known if d.short[0] <= match.start()]
            result.append((match.start(), match.end(), before[-1] if before else known[0]))
    return sorted(result, key=lambda use: use[:2])


def _is_short(form: str) -> bool:
    letters = sum(c.isalpha() for c in form)
    return (
        1 < len(form) <= 15
        and letters > 0
        and _SHORT.fullmatch(form) is not None
        and not _STATISTIC.match(form)
        and not (form.islower() and letters > 5)
    )


def _long_form(
    text: str, sentence: int, bracket: int, short: str, nlp: Language
) -> tuple[int, int] | None:
    """Where the words stand that the short form stands for, ending right before the bracket."""
    before = text[sentence:bracket].rstrip()
    words = list(re.finditer(r"\S+", before))
    most = min(len(short) + 5, len(short) * 2)
    window = words[-most:]
    if not window:
        return None
    offset = window[0].start()
    folded, places = _fold(before[offset:])
    form, _ = _fold(short.removesuffix("s") if len(short) > 2 else short)
    doc = nlp.make_doc(f"{folded} ( {form} )")
    long_span = doc.char_span(0, len(folded))
    short_span = doc.char_span(len(folded) + 3, len(folded) + 3 + len(form))
    if long_span is None or short_span is None:
        return None
    _, match = find_abbreviation(long_span, short_span)
    if match is None:
        return None
    start = sentence + offset + places[match.start_char]
    # A long form does not begin in the middle of a word, and is longer than its short form.
    while start > sentence and not text[start - 1].isspace() and text[start - 1] not in "([/":
        start -= 1
    end = sentence + len(before)
    return (start, end) if end - start > len(short) else None


def _fold(text: str) -> tuple[str, list[int]]:
    """The text with Greek letters written out, and for every character where it came from."""
    out: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for part in _FOLDS.get(char, char):
            out.append(part)
            places.append(place)
    places.append(len(text))
    return "".join(out), places
