"""What both formats share: the canonical text of a record, and its dates and identifiers.

The canonical text is made here, once: the title, one newline, then the abstract's passages, one
newline between them. A record without a title keeps the title's line, empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from textmine.errors import MalformedRecord
from textmine.records import Passage

__all__ = [
    "Section",
    "canonical_text",
    "clean",
    "iso_date",
    "joined",
    "orcid_of",
    "pmid_of",
    "title_of",
    "version_of",
    "year_of",
]

# The text of a section of an abstract, its label, and NLM's category of the label.
Section = tuple[str, str | None, str | None]

_NOT_AVAILABLE = re.compile(r"\[not available\]\.?", re.I)
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20|21)\d\d(?!\d)")
_MONTHS = {
    name: f"{number:02d}"
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
} | {
    name: f"{number:02d}"
    for number, name in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september",
         "october", "november", "december"), 1
    )
}  # fmt: skip


def clean(text: str) -> str:
    """A line break becomes one blank, outer white space goes; every other character stays."""
    if "\n" in text or "\r" in text:
        text = text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")
    return text.strip()


def canonical_text(title: str, sections: Iterable[Section]) -> tuple[str, tuple[Passage, ...]]:
    """The text of a record and its passages; a section is (text, label, category).

    An empty section gives no passage. Raises MalformedRecord when there is no text at all.
    """
    abstract, passages = joined(sections, len(title) + 1)
    if title:
        passages = (Passage("title", 0, len(title)), *passages)
    if not passages:
        raise MalformedRecord("The record has neither a title nor an abstract.")
    return f"{title}\n{abstract}" if abstract else title, passages


def joined(sections: Iterable[Section], at: int = 0) -> tuple[str, tuple[Passage, ...]]:
    """Sections joined by newlines, and their passages; `at` is where the first one begins."""
    parts: list[str] = []
    passages: list[Passage] = []
    for text, label, category in sections:
        if text:
            parts.append(text)
            passages.append(Passage("abstract", at, at + len(text), label, category))
            at += len(text) + 1
    return "\n".join(parts), tuple(passages)


def title_of(title: str, vernacular: str | None) -> str:
    """The title to be read: "[Not Available]." gives way to the title in the article's language."""
    if vernacular and (not title or _NOT_AVAILABLE.fullmatch(title)):
        return vernacular
    return title


def pmid_of(text: str) -> str:
    """A PMID; MalformedRecord when it is none."""
    if text.isascii() and text.isdigit() and int(text[:20]) > 0 and len(text) < 20:
        return text.lstrip("0")
    found = f"found {text[:40]!r}" if text else "there is none"
    raise MalformedRecord(f"The record has no usable PMID ({found}).")


def version_of(text: str | None, pmid: str) -> int:
    """The version of a record, 1 if nothing is said; MalformedRecord when it is no number."""
    if text is None:
        return 1
    number = text.strip()
    if number.isascii() and number.isdigit() and len(number) < 10 and int(number) > 0:
        return int(number)
    raise MalformedRecord(f"PMID {pmid}: the version {text[:40]!r} is no number above 0.")


def year_of(*texts: str | None) -> int | None:
    """The first year in the first of the texts that has one ("1998 Dec-1999 Jan" -> 1998)."""
    for text in texts:
        if text and (found := _YEAR.search(text)):
            return int(found[0])
    return None


def iso_date(year: str | None, month: str | None = None, day: str | None = None) -> str | None:
    """2020-03-04, 2020-03 or 2020; the words as they stand where they are no plain date."""
    if not year:
        return None
    if not month:
        return f"{year} {day}" if day else year
    number = month.zfill(2) if month.isdigit() else _MONTHS.get(month.lower())
    if number is None or not 1 <= int(number) <= 12 or (day and not day.isdigit()):
        return " ".join(part for part in (year, month, day) if part)
    return f"{year}-{number}-{day.zfill(2)}" if day else f"{year}-{number}"


def orcid_of(value: str | None) -> str | None:
    """0000-0002-1825-0097 however it is written (as an address, without hyphens).

    What is no ORCID iD is given back as it is.
    """
    if not value:
        return None
    digits = re.sub(r"[^0-9Xx]", "", value.rstrip("/").rpartition("/")[2]).upper()
    if not re.fullmatch(r"\d{15}[\dX]", digits):
        return value
    return "-".join(digits[at : at + 4] for at in range(0, 16, 4))
