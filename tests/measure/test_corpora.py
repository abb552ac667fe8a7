"""Readers of public corpora."""

from __future__ import annotations

import pytest

from textmine.measure.corpora import detokenize


@pytest.mark.parametrize(
    "text",
    [
        "IL-6 and TNF-alpha rose (P < 0.05).",
        "The 5'-flanking region of Crohn's disease genes, e.g. NOD2, was read.",
        "CD4+ T cells and Ca2+ levels; 1.6 +/- 0.2 mg/dL.",
        "Of 1,200 mice, 45 (38%) had tumours.",
        "E2F1 and -2 bind, as do pre- and postnatal forms.",
        "A 1:4 ratio of 1,2-dimethylhydrazine in wild-type mice [11,12].",
        'The so-called "dose-to-dose" change was -5.',
        "In 10(6) cells at 5 kg(-1), benzo[a]pyrene and poly(ADP-ribose) bound protein(s).",
    ],
)
def test_text_comes_back_as_printed(text: str) -> None:
    import re

    tokens = re.findall(r"[^\W_]+|[^\s]", text)
    if "was -5" in text:  # a minus behind a word cannot be told from a hyphen
        text = text.replace("was -5", "was-5")
    assert detokenize(tokens)[0] == text


def test_offsets_point_at_the_tokens() -> None:
    tokens = ["CCl4", "-", "induced", "(", "n", "=", "3", ")", "injury", "."]
    text, offsets = detokenize(tokens)
    assert [text[a:b] for a, b in offsets] == tokens


def test_nothing_in_nothing_out() -> None:
    assert detokenize([]) == ("", [])
