"""All that is named in a text, as flat mentions with their meanings.

Who wins where proposals overlap: the longest; of equals the vesicle grammar, then miRNA names, then
the lexicon (a user's before the curated before the broad lists), then a statistical model. A short
form that the text defines means what its long form means, whatever a list says of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from spacy.language import Language

from textmine.reading.abbreviations import Definition, find_definitions, uses
from textmine.reading.candidates import Candidate
from textmine.reading.lexicon import Lexicon, Match
from textmine.reading.mirna import find_mirnas
from textmine.reading.vesicle_names import Grammar
from textmine.records import Article, Concept, Mention, content_id

__all__ = ["find_mentions", "flat"]

_ORDER = {"vesicle": 0, "mirna": 1, "abbreviation": 2, "lexicon": 3, "model": 4}


def find_mentions(
    article: Article,
    sentences: Sequence[tuple[int, int]],
    *,
    lexicon: Lexicon,
    grammar: Grammar,
    nlp: Language,
    more: Iterable[Candidate] = (),
) -> tuple[Mention, ...]:
    """The mentions of an article in order. `more`: proposals of a statistical model."""
    text = article.text
    definitions = find_definitions(text, sentences, nlp)
    vesicles = grammar.names(text)
    first = flat([*(v.candidate() for v in vesicles), *find_mirnas(text)])
    blocked = [(c.start, c.end) for c in first]
    matches = lexicon.match(text, blocked=blocked)
    evidence = _spelled_out(matches, definitions)
    if evidence:
        # What is spelled out somewhere decides what its ambiguous short names mean elsewhere.
        matches = lexicon.match(text, blocked=blocked, evidence=evidence)
    candidates = flat([*first, *map(_candidate, matches), *more])
    candidates = _with_short_forms(text, candidates, definitions)
    candidates = grammar.settle(text, candidates, sentences, vesicles)
    return tuple(_mention(article, c) for c in candidates)


def flat(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The winners among overlapping candidates, in order of the text."""
    ranked = sorted(
        candidates, key=lambda c: (c.start - c.end, _ORDER.get(c.source, 9), c.start, c.label)
    )
    taken: list[Candidate] = []
    free = bytearray(max((c.end for c in ranked), default=0))
    for candidate in ranked:
        if candidate.start < candidate.end and not any(free[candidate.start : candidate.end]):
            free[candidate.start : candidate.end] = b"\x01" * (candidate.end - candidate.start)
            taken.append(candidate)
    return sorted(taken, key=lambda c: c.start)


def _candidate(match: Match) -> Candidate:
    concepts = tuple(Concept(e.curie, e.name, match.score, match.reason) for e in match.entries)
    # Several meanings that nothing decides between are no meaning.
    return Candidate(
        match.start, match.end, match.label, concepts if len(concepts) == 1 else (), "lexicon"
    )


def _spelled_out(matches: Sequence[Match], definitions: Sequence[Definition]) -> set[str]:
    return {
        match.entries[0].curie
        for match in matches
        for definition in definitions
        if len(match.entries) == 1
        and definition.long[0] <= match.start
        and match.end == definition.long[1]
    }


def _with_short_forms(
    text: str, candidates: Sequence[Candidate], definitions: Sequence[Definition]
) -> list[Candidate]:
    """Every use of a defined short form as a mention that means what the long form means."""
    by_end = {c.end: c for c in candidates}
    added: list[Candidate] = []
    for start, end, definition in uses(text, definitions):
        long = by_end.get(definition.long[1])
        if long is None or not _covers(long, definition.long):
            continue
        inside = next((c for c in candidates if c.start <= start and end <= c.end), None)
        if inside is not None and inside.end - inside.start > end - start:
            continue  # "HSC-T6" is a name of its own, not a use of HSC
        concepts = tuple(
            replace(c, reason=f"short for {long_text(text, long)}") for c in long.concepts
        )
        added.append(Candidate(start, end, long.label, concepts, "abbreviation"))
    spans = [(c.start, c.end) for c in added]
    kept = [c for c in candidates if not any(s < c.end and c.start < e for s, e in spans)]
    return flat([*kept, *added])


def _covers(mention: Candidate, long: tuple[int, int]) -> bool:
    """Whether a mention that ends where the long form ends is what the long form names.

    It may begin before: in "BMSC-derived exosomes (Exos)" Exos are the exosomes of BMSCs.
    """
    return mention.start <= long[0] or mention.end - mention.start >= 0.6 * (long[1] - long[0])


def long_text(text: str, candidate: Candidate) -> str:
    return text[candidate.start : candidate.end]


def _mention(article: Article, candidate: Candidate) -> Mention:
    curies = [concept.curie for concept in candidate.concepts]
    return Mention(
        id=content_id(
            "m",
            article.id,
            article.version,
            candidate.start,
            candidate.end,
            candidate.label,
            *curies,
        ),
        start=candidate.start,
        end=candidate.end,
        text=article.text[candidate.start : candidate.end],
        label=candidate.label,
        concepts=candidate.concepts,
    )
