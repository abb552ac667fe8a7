"""The words a pattern needs are a promise: no match without one of them."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from textmine.config import data_root
from textmine.reading.needed import fold, needed
from textmine.reading.study_words import Scope, default_words
from textmine.records import Sentence


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"\bexosomes?\b", {"exosome"}),
        (r"\brandomi[sz]ed\b", {"randomi"}),
        (r"(?:mice|rats) were", {" were"}),
        (r"\b(?:mice|rats)\b", {"mice", "rats"}),
        (r"\b(?:mice|\d+)\b", None),
        (r"(?:abc)?", None),
        (r"(?:abc)+x", {"abc"}),
        (r"a[bc]", None),
    ],
)
def test_words(pattern: str, words: set[str] | None) -> None:
    found = needed(re.compile(pattern, re.IGNORECASE)).words
    assert (None if found is None else set(found)) == words


def test_folding_keeps_offsets() -> None:
    text = "İstanbul Straße ΑΣ ſ K µ"
    assert len(fold(text)) == len(text)
    assert fold("ſK") == "sk"


def test_nothing_is_lost() -> None:
    """On real wording: the same matches as a walk through every sentence."""
    words = default_words()
    patterns = [p for values in words.values.values() for _, p in values]
    patterns += [p for pair in words.flags.values() for p in pair]
    patterns += [*words.captures.values(), *words.design.values(), words.arms]
    patterns += [p for s in words.species for p in (s.subjects, s.cells)]
    gold = data_root() / "corpora" / "gold" / "demo.jsonl.gz"
    lines = [json.loads(t) for t in gzip.decompress(gold.read_bytes()).decode().splitlines()]
    matched = 0
    for line in lines[:40]:
        sentences = [Sentence(s["start"], s["end"], s["role"]) for s in line["sentences"]]
        scope = Scope(line["text"], tuple(sentences), "")
        for pattern in patterns:
            slow = [
                m.span()
                for s in sentences
                if s.role != "background"
                for m in pattern.finditer(line["text"], s.start, s.end)
            ]
            assert [m.span() for m in scope.find_all(pattern)] == slow
            matched += len(slow)
    assert matched > 500
