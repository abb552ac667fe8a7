"""Short forms: what the text itself says they mean, and what its words say where it does not.

The test whether a short form stands for the words before it is that of scispaCy's
AbbreviationDetector, after Schwartz and Hearst (2003). Mended around it: a definition stays within
its sentence, every definition counts and the nearest before a use holds (HSC may be defined twice),
Greek letters and digits fold, short forms may be of small letters, "(HepSCs, also written HSCs)"
defines both, and "HSCs (hepatic stellate cells)" is read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from spacy.language import Language

from textmine.config import data_root, read_toml
from textmine.errors import ConfigError
from textmine.reading.alignment import align, closes_brackets
from textmine.records import Concept

__all__ = ["Ambiguities", "Definition", "Meaning", "find_definitions", "uses"]

_BRACKET = re.compile(r"\(([^()]{1,90}?)\)|\[([^()\[\]]{1,90}?)\]")
_SHORT = re.compile(r"[\w\u0370-\u03ff][\w\u0370-\u03ff+./'‐‑‒–-]{0,14}(?: [A-Z0-9]\w{0,5})?")
_STATISTIC = re.compile(
    r"(?:n|p|r|vs|i\.?v|i\.?p|s\.?c|e\.?g|i\.?e|fig|table)(?![\w-])"
    r"|(?:stage|class|type|group|grade|phase|part|step|day|week|level|panel|form|figs?) ",
    re.I,
)
# Where a long form may begin inside a word: "post|myocardial infarction (MI)".
_PREFIXED = re.compile(r"(?<![\w-])(?:post|anti|pre|peri)(?=[a-z]{5}|$)")
_LISTED = re.compile(r"[;:]|,\s+(?:and|or)\b|\([^()]*,[^()]*\)")
_ALSO = re.compile(
    r"(?:(?:or|and|also|hereafter|here|hereinafter|abbreviated|referred|known|termed|called|written|"
    r"designated|named|denoted|abbr\.?|to|as|simply)\s+)+(?=\S)"
)
_SPELLED = re.compile(r"(?<![\w-])([A-Za-z\u0370-\u03ff][\w\u0370-\u03ff-]{1,9})$")
_GENUS = re.compile(r"([A-Z])\. ([a-z]{3,})")
_LONG_WORD = 8  # letters of a single word that a short form before the bracket may stand for
_FOLDS = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "κ": "kappa", "ω": "omega",
    "₂": "2", "₃": "3", "₄": "4", "φ": "ph", "ϕ": "ph", "–": "-", "‒": "-", "‑": "-",
    "‐": "-", "−": "-",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Definition:
    """`short` and `long` are (start, end) in the text, `form` the short form as written."""

    short: tuple[int, int]
    long: tuple[int, int]
    form: str


def find_definitions(
    text: str, sentences: Sequence[tuple[int, int]], nlp: Language
) -> tuple[Definition, ...]:
    """Every definition, in order. `nlp` gives the tokens."""
    found: list[Definition] = []
    for start, end in sentences:
        for bracket in _BRACKET.finditer(text, start, end):
            forms = list(_forms(bracket))
            for form_start, form in forms:
                long = _long_form(text, start, bracket.start(), form, nlp) or _species(
                    text, start, bracket.start(), form
                )
                if (
                    long is None
                    and form_start > forms[0][0]
                    and found
                    and found[-1].short[0] == forms[0][0]
                ):
                    # The first form of the bracket is spelled out; the second names the same.
                    long = found[-1].long
                if long is not None:
                    found.append(Definition((form_start, form_start + len(form)), long, form))
            spelled = _spelled_out(text, start, bracket, nlp)
            if spelled is not None:
                found.append(spelled)
    return tuple(found)


def uses(text: str, definitions: Sequence[Definition]) -> list[tuple[int, int, Definition]]:
    """Every use of a short form, with the definition that holds there (the nearest before it).

    A use before the first definition takes the first one: titles use what abstracts define.
    A plural s, given or missing, makes no difference.
    """
    result = []
    for form, known in _by_form(definitions).items():
        stem = _singular(form)
        pattern = re.compile(rf"(?<![\w-]){re.escape(stem)}s?(?![\w])")
        for match in pattern.finditer(text):
            before = [d for d in known if d.short[0] <= match.start()]
            result.append((match.start(), match.end(), before[-1] if before else known[0]))
    return sorted(result, key=lambda use: use[:2])


def _by_form(definitions: Iterable[Definition]) -> dict[str, list[Definition]]:
    """Definitions of one form together: "HSC" and "HSCs" are the same."""
    forms: dict[str, list[Definition]] = {}
    for definition in definitions:
        forms.setdefault(_singular(definition.form), []).append(definition)
    return forms


def _singular(form: str) -> str:
    return form.removesuffix("s") if len(form) > 2 and not form.endswith("ss") else form


def _forms(bracket: re.Match[str]) -> Iterator[tuple[int, str]]:
    """The short forms in a bracket, with their places."""
    at = bracket.start() + 1
    for number, part in enumerate(
        re.split(r"([;,]|\sor\s)", (bracket.group(1) or bracket.group(2)))
    ):
        if number % 2 == 0:
            lead = len(part) - len(part.lstrip())
            also = _ALSO.match(part.strip())
            short = part.strip()[also.end() :] if also else part.strip()
            if also or number:
                short = short.split(" ")[0]
            if _is_short(short) and (number == 0 or also):
                yield at + lead + (also.end() if also else 0), short
        at += len(part)


def _is_short(form: str) -> bool:
    letters = sum(c.isalpha() for c in form)
    return (
        1 < len(form) <= 20
        and letters > 0
        and (
            _GENUS.fullmatch(form) is not None
            or (_SHORT.fullmatch(form) is not None and not _STATISTIC.match(form))
        )
        and not (form.islower() and letters > 5)
    )


def _long_form(
    text: str, sentence: int, bracket: int, short: str, nlp: Language
) -> tuple[int, int] | None:
    """Where the words stand that the short form stands for, ending right before the bracket."""
    before = text[sentence:bracket].rstrip()
    words = list(re.finditer(r"\S+", before[-300:]))
    most = min(len(short) + 5, len(short) * 2)
    window = words[-most:]
    if not window:
        return None
    offset = max(0, len(before) - 300) + window[0].start()
    folded, places = _fold(before[offset:])
    form = _fold(_singular(short))[0]
    found = align(folded, form, nlp, symbols())
    if found is None and (prefix := _PREFIXED.search(folded)) is not None:
        # "postmyocardial infarction (MI)": the prefix is left out
        at = align(folded[prefix.end() :], form, nlp)
        found = None if at is None else prefix.end() + at
    if found is None:
        return None
    start, end = sentence + offset + places[found], sentence + len(before)
    # A long form does not begin in the middle of a word, and is longer than its short form.
    prefixed = _PREFIXED.fullmatch(text[sentence:start].rpartition(" ")[2])
    while (
        prefixed is None
        and start > sentence
        and not text[start - 1].isspace()
        and text[start - 1] not in "([/"
    ):
        start -= 1
    # It neither reaches back into an earlier bracket nor over the members of a list.
    if not closes_brackets(text[start:end]) or _LISTED.search(text, start, end):
        return None
    return (start, end) if end - start > len(short) else None


def _species(text: str, sentence: int, bracket: int, form: str) -> tuple[int, int] | None:
    """ "Porphyromonas gingivalis (P. gingivalis)"."""
    short = _GENUS.fullmatch(form)
    if short is None:
        return None
    name = re.compile(rf"\b{short.group(1)}[a-z]+ {short.group(2)}\s*$")
    found = name.search(text[sentence:bracket])
    return (sentence + found.start(), len(text[:bracket].rstrip())) if found else None


def _spelled_out(
    text: str, sentence: int, bracket: re.Match[str], nlp: Language
) -> Definition | None:
    """ "HSCs (hepatic stellate cells)": the short form stands before the bracket."""
    inside = re.split(r"[,;]", (bracket.group(1) or bracket.group(2)))[0].rstrip()
    word = " " not in inside.strip()
    if not re.fullmatch(r"[^\d;:=<>]+", inside) or (word and len(inside.strip()) < _LONG_WORD):
        return None
    before = _SPELLED.search(text[sentence : bracket.start()].rstrip())
    if before is None or sum(c.isupper() for c in before.group(1)) < 2:
        return None
    form = before.group(1)
    folded, places = _fold(inside)
    found = align(folded, _fold(_singular(form))[0], nlp)
    if found is None or places[found] > len(inside) - len(inside.lstrip()):
        return None  # the words in the bracket must be the long form from the first on
    start = sentence + before.start(1)
    long = ((bracket.start() + 1) + places[found], (bracket.start() + 1) + len(inside))
    return Definition((start, start + len(form)), long, form)


@lru_cache(maxsize=1)
def symbols() -> Mapping[str, str]:
    """Symbols that stand for words with other letters ("Au": gold), from abbreviations.toml."""
    table = read_toml(data_root() / "models" / "lexicon" / "abbreviations.toml")
    return {str(symbol): str(word) for symbol, word in table.get("symbols", {}).items()}


def _fold(text: str) -> tuple[str, list[int]]:
    """The text with Greek letters written out, and for every character where it came from."""
    out: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        if not char.isprintable() or "\ud800" <= char <= "\udfff":
            char = " "
        for part in _FOLDS.get(char, char):
            out.append(part)
            places.append(place)
    places.append(len(text))
    return "".join(out), places


# --- what the text does not spell out -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Meaning:
    """One meaning of a short form; without a concept it is nothing that we read."""

    label: str | None
    concept: Concept | None
    words: tuple[re.Pattern[str], ...]

    def hits(self, text: str, start: int = 0, end: int | None = None) -> int:
        """How many different words of this meaning the text holds."""
        stop = len(text) if end is None else end
        return sum(1 for word in self.words if word.search(text, start, stop))


@dataclass(frozen=True, slots=True)
class Ambiguities:
    """Short forms of several meanings, and the words that decide between them."""

    forms: Mapping[str, tuple[Meaning, ...]]

    @classmethod
    def load(cls, path: Path | None = None) -> Ambiguities:
        """The shipped table or that in `path`. ConfigError: an entry is broken."""
        return _load(path or data_root() / "models" / "lexicon" / "abbreviations.toml")

    def __contains__(self, form: str) -> bool:
        return form in self.forms

    def decide(
        self,
        form: str,
        text: str,
        *,
        near: tuple[int, int] | None = None,
        only: Sequence[str] = (),
    ) -> Meaning | None:
        """The meaning of `form` that the words of the text (or of `near`, a stretch of it) tell.

        None: they tell none, or two alike. `only`: CURIEs that come into question.
        """
        start, end = near or (0, len(text))
        counts = [
            (meaning.hits(text, start, end), meaning)
            for meaning in self.forms.get(form, ())
            if not only or (meaning.concept is not None and meaning.concept.curie in only)
        ]
        counts.sort(key=lambda pair: -pair[0])
        if not counts or counts[0][0] == 0:
            return None
        second = counts[1][0] if len(counts) > 1 else 0
        best, meaning = counts[0]
        return meaning if second == 0 or (best >= 3 and best >= 3 * second) else None


@lru_cache(maxsize=4)
def _load(path: Path) -> Ambiguities:
    forms: dict[str, tuple[Meaning, ...]] = {}
    try:
        for entry in read_toml(path)["form"]:
            meanings = tuple(_meaning(m) for m in entry["meaning"])
            for form in entry["forms"]:
                forms[form] = meanings
    except (KeyError, TypeError) as error:
        raise ConfigError(f"{path}: an entry lacks {error}. See the shipped file.") from None
    except re.error as error:
        raise ConfigError(f"{path}: {error.pattern!r} is no regular expression: {error}") from None
    return Ambiguities(forms)


def _meaning(entry: Mapping[str, Any]) -> Meaning:
    words = tuple(re.compile(word, re.IGNORECASE) for word in entry["words"])
    if "curie" not in entry:
        return Meaning(None, None, words)
    concept = Concept(entry["curie"], entry["name"], 0.8, "words of the article")
    return Meaning(entry["label"], concept, words)
