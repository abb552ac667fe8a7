"""Definitions of short forms in real records, ours beside those of scispaCy's detector.

A definition counts as found when the short form and the long form have exactly the gold's spans.
scispaCy's AbbreviationDetector reports uses; of a short form's uses the one nearest to its long
form is taken as the definition, which is its best case.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from textmine.measure.ner import real_gold
from textmine.measure.scores import Line, f1
from textmine.reading.abbreviations import find_definitions
from textmine.reading.pipeline import LEXICON, build_pipeline
from textmine.reading.sentences import sentence_spans
from textmine.records import Article

__all__ = ["measure_abbreviations"]

Pairs = list[tuple[int, int, int, int]]


def measure_abbreviations(
    data: Path | None, splits: Sequence[str] = ("dev", "test"), model: str = LEXICON
) -> list[Line]:
    """F1 of definitions, ours and scispaCy's, on the halves asked for.

    Both work on scispaCy's own tokens, as the reader does whatever its model."""
    nlp = build_pipeline(model)
    theirs = _detector()
    lines = []
    for split in splits:
        cases = list(real_gold(data, split))
        if not cases:
            continue
        gold: list[Pairs] = [[tuple(row) for row in g["abbreviations"]] for _, g in cases]
        for what, found in (
            ("definitions, textmine", [_ours(article, nlp) for article, _ in cases]),
            ("definitions, scispaCy", [_theirs(article, theirs) for article, _ in cases]),
        ):
            pairs = list(zip(gold, found, strict=True))
            articles = [article for article, _ in cases]
            lines.append(Line("abbreviations", what, split, f1(pairs), _misses(articles, pairs)))
    return lines


def _ours(article: Article, nlp: Any) -> Pairs:
    sentences = sentence_spans(article.text, article.passages)
    return [(*d.short, *d.long) for d in find_definitions(article.text, sentences, nlp)]


def _detector() -> Any:
    import spacy
    from scispacy.abbreviation import AbbreviationDetector

    nlp = spacy.blank("en")
    return AbbreviationDetector(nlp), build_pipeline(LEXICON).tokenizer


def _theirs(article: Article, detector: tuple[Any, Any]) -> Pairs:
    component, tokenizer = detector
    nearest: dict[tuple[str, int, int], tuple[int, int, int]] = {}
    for short in component(tokenizer(article.text))._.abbreviations:
        long = short._.long_form
        gap = min(abs(short.start_char - long.end_char), abs(long.start_char - short.end_char))
        key = (short.text, long.start_char, long.end_char)
        nearest[key] = min(nearest.get(key, (10**9, 0, 0)), (gap, short.start_char, short.end_char))
    return [(s, e, key[1], key[2]) for key, (_, s, e) in nearest.items()]


def _misses(articles: Sequence[Article], pairs: Sequence[tuple[Pairs, Pairs]]) -> tuple[str, ...]:
    out = []
    for article, (gold, found) in zip(articles, pairs, strict=True):
        text = article.text
        for sign, rows in (("-", set(gold) - set(found)), ("+", set(found) - set(gold))):
            out += [
                f"{article.id} {sign} {text[a:b]!r} = {text[c:d]!r}" for a, b, c, d in sorted(rows)
            ]
    return tuple(out)
