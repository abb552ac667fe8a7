"""The labels of structured abstracts, as far as MEDLINE text needs them.

In MEDLINE text a label stands before its section in capitals ("METHODS: We ..."), and nothing but
the words tell it from a gene or a group that stands before a colon. NLM maps labels to categories
(Structured Abstracts in MEDLINE, https://structuredabstracts.nlm.nih.gov/); the common ones are in
labels.tsv, and labels joined of them ("DESIGN AND SETTING", "PURPOSE/AIM") are recognised.
"""

from __future__ import annotations

import re
from importlib.resources import files

from textmine.pubmed.canonical import Section

__all__ = ["category_of", "split_sections"]


def _cells(line: str) -> list[str]:
    return line.split("\t")


# label TAB category [TAB sure]
_LINES = files("textmine.pubmed").joinpath("labels.tsv").read_text(encoding="utf-8").splitlines()
_CATEGORIES = {label: category for label, category, *_ in map(_cells, _LINES)}
# These begin a section even where the sentence before lacks its full stop.
_SURE = frozenset(label for label, _, *mark in map(_cells, _LINES) if mark)
_ORDER = ("BACKGROUND", "OBJECTIVE", "METHODS", "RESULTS")
_JOINT = re.compile(r"\s*(?:,\s*AND\b|,|/|&|;|\bAND\b|\bOR\b)\s*")
_CAPITALS = re.compile(r"(?:^|(?<=\s))([A-Z][A-Z0-9 ,;/&()'’–-]*[A-Z)]):(?=\s|$)")
_SENTENCE_END = re.compile(r"[.!?;:][)\]\"'”’]*$")


def category_of(label: str) -> str | None:
    """NLM's category of a label, None for what is no label of a structured abstract."""
    label = " ".join(label.split())
    if label in _CATEGORIES:
        return _CATEGORIES[label]
    found = [_CATEGORIES.get(part) for part in _JOINT.split(label) if part]
    known = [category for category in found if category]
    if len(known) < 2 or len(known) < len(found):
        return None
    # "METHODS AND RESULTS" holds results, "BACKGROUND & AIMS" aims.
    return max((c for c in known if c in _ORDER), key=_ORDER.index, default=known[0])


def split_sections(abstract: str) -> list[Section]:
    """(text, label, category) of every section; an abstract without labels is one section.

    An abstract is structured when it begins with a label or has two of them at sentence starts.
    """
    found = list(_labels(abstract))
    begins = bool(found) and found[0][0] == 0
    sure = [f for f in found if f[3]]
    if not begins and len(sure) < 2:
        return [(abstract, None, None)]
    kept = [f for f in found if f[3] or (begins and f[2] in _SURE)]
    sections: list[Section] = []
    if kept[0][0] > 0:
        sections.append((abstract[: kept[0][0]].strip(), None, None))
    ends = [start for start, *_ in kept[1:]] + [len(abstract)]
    for (_, begin, label, _), end in zip(kept, ends, strict=True):
        sections.append((abstract[begin:end].strip(), label, category_of(label)))
    return sections


def _labels(text: str) -> list[tuple[int, int, str, bool]]:
    """(start, where its section begins, label, whether it begins a sentence) of every label."""
    found = []
    for match in _CAPITALS.finditer(text):
        # In "... by ELISA. RESULTS: " capitals run on: the label is the longest known end of them.
        capitals, start = match[1], match.start(1)
        while category_of(capitals) is None:
            first, blank, rest = capitals.partition(" ")
            if not blank:
                break
            start += len(first) + 1
            capitals = rest
        else:
            before = text[:start].rstrip()
            begins = not before or _SENTENCE_END.search(before) is not None
            if begins or (capitals in _SURE and start == match.start(1)):
                found.append((start, match.end(), capitals, begins))
    return found
