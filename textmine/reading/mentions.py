"""All that is named in a text, as flat mentions with their meanings.

Who wins where proposals overlap: the longest; of equals the vesicle grammar, then miRNA names, then
the lexicon (a user's before the curated before the broad lists), then a statistical model, which
may lengthen the name of a vesicle or miRNA but not make something else of it. A short
form that the text defines means what its long form means, whatever a list says of it. Where it
defines none, its words decide between the meanings of an ambiguous form, or the mention stays
without a concept.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from spacy.language import Language

from textmine.reading.abbreviations import (
    Ambiguities,
    Definition,
    Meaning,
    find_definitions,
    uses,
)
from textmine.reading.candidates import Candidate
from textmine.reading.lexicon import Lexicon, Match
from textmine.reading.mirna import find_mirnas
from textmine.reading.vesicle_names import Grammar
from textmine.records import Article, Concept, Mention, content_id

__all__ = ["find_mentions", "flat"]

# Characters on both sides of a use in which words may tell which of two definitions is meant.
_NEAR = 60
# What stands between a phrase's head and a noun that is not its head.
_PHRASE = re.compile(
    r"[,;:]|\b(?:of|in|from|with|for|by|to|on|at|and|or|that|which|using|via|against|induced)\b"
)
_ORDER = {"vesicle": 0, "mirna": 1, "abbreviation": 2, "lexicon": 3, "model": 4}
_NUMBER = re.compile(r"(?:[A-Za-z]{1,6}|[α-ω])?[- ]?\d{1,2}[A-Za-z]?|[α-ω]|[A-Za-z]{1,2}")
# Of these the last word of a long name can be something else ("sphingomyelin [phosphodiesterase]").
_WHOLE = frozenset({"GENE", "CHEMICAL", "PATHWAY", "PROCESS"})


def find_mentions(
    article: Article,
    sentences: Sequence[tuple[int, int]],
    *,
    lexicon: Lexicon,
    grammar: Grammar,
    nlp: Language,
    ambiguities: Ambiguities | None = None,
    more: Iterable[Candidate] = (),
    lengthens: Collection[str] = (),
) -> tuple[Mention, ...]:
    """The mentions of an article in order. `more`: proposals of a statistical model, which may
    lengthen names but not bring new ones of the labels in `lengthens`."""
    text = article.text
    table = ambiguities or Ambiguities.load()
    definitions = find_definitions(text, sentences, nlp)
    vesicles = grammar.names(text)
    first = flat([*(v.candidate() for v in vesicles), *find_mirnas(text)])
    blocked = [(c.start, c.end) for c in first]
    matches = lexicon.match(text, blocked=blocked)
    evidence = _spelled_out(matches, definitions)
    if evidence:
        # What is spelled out somewhere decides what its ambiguous short names mean elsewhere.
        matches = lexicon.match(text, blocked=blocked, evidence=evidence)
    told = {
        form: table.decide(form, text)
        for form in dict.fromkeys(m.text for m in matches if len(m.entries) != 1)
        if form in table
    }
    proposed = [c for match in matches if (c := _decided(match, told)) is not None]
    vesicles = grammar.grown(text, vesicles, proposed, is_a=lexicon.is_a)
    first = [*(v.candidate() for v in vesicles), *(c for c in first if c.source != "vesicle")]
    candidates = flat(
        [*first, *proposed, *_long_forms(text, definitions, first, proposed, lexicon)]
    )
    candidates = flat([*candidates, *_agreeing(more, first, candidates, lengthens)])
    candidates = _with_short_forms(text, candidates, definitions, table, sentences)
    candidates = grammar.settle(text, candidates, sentences, vesicles, is_a=lexicon.is_a)
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


def _agreeing(
    more: Iterable[Candidate],
    names: Sequence[Candidate],
    known: Sequence[Candidate],
    lengthens: Collection[str],
) -> list[Candidate]:
    """Of a model's proposals those that make nothing else of what a grammar has read, and, of the
    labels in `lengthens`, touch something that is known."""
    return [
        c
        for c in more
        if not any(n.start < c.end and c.start < n.end and n.label != c.label for n in names)
        and (c.label not in lengthens or any(n.start < c.end and c.start < n.end for n in known))
    ]


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


def _decided(match: Match, told: Mapping[str, Meaning | None]) -> Candidate | None:
    """A name of the lexicon; an ambiguous form takes the meaning that the article's words tell."""
    candidate = _candidate(match)
    meaning = told.get(match.text)
    if candidate.concepts or meaning is None:
        return candidate
    if meaning.concept is None or meaning.label is None:
        return None
    return replace(candidate, label=meaning.label, concepts=(meaning.concept,))


def _long_forms(
    text: str,
    definitions: Sequence[Definition],
    first: Sequence[Candidate],
    proposed: Sequence[Candidate],
    lexicon: Lexicon,
) -> list[Candidate]:
    """Long forms that no list knows as a whole: what a gene's symbol stands for is a gene, and a
    last word can tell the kind ("Simpson-Golabi-Behmel [syndrome] (SGBS)")."""
    by_span = {(c.start, c.end): c for c in proposed}
    out: list[Candidate] = []
    for definition in definitions:
        start, end = definition.long
        long = text[start:end]
        if (start, end) in by_span or any(c.start < end and start < c.end for c in first):
            continue
        short = by_span.get(definition.short)
        if short is not None and short.label == "GENE":
            out.append(Candidate(start, end, "GENE", short.concepts))
            continue
        labels = (label for label, ending in lexicon.spelled.items() if ending.search(long))
        label = next(labels, None)
        if label is not None and (label == "GENE" or not any(c.end == end for c in proposed)):
            out.append(Candidate(start, end, label))
    return out


def _with_short_forms(
    text: str,
    candidates: Sequence[Candidate],
    definitions: Sequence[Definition],
    table: Ambiguities,
    sentences: Sequence[tuple[int, int]],
) -> list[Candidate]:
    """Every use of a defined short form as a mention that means what the long form means."""
    by_end = {c.end: c for c in candidates}
    meant = {d: _long(text, by_end, d) for d in definitions}
    added: list[Candidate] = []
    dropped: list[tuple[int, int]] = []
    starts = [c.start for c in candidates]
    for start, end, nearest in uses(text, definitions):
        at = bisect_right(starts, start) - 1
        inside = candidates[at] if at >= 0 and end <= candidates[at].end else None
        if inside is not None and inside.end - inside.start > end - start:
            continue  # "HSC-T6" is a name of its own, not a use of HSC
        after = candidates[at + 1] if at + 1 < len(candidates) else None
        if after is not None and after.start < end < after.end and after.source == "vesicle":
            continue  # "L-[HCC-EVs]"
        at = bisect_right(sentences, start, key=lambda s: s[0]) - 1
        sentence = sentences[at] if at >= 0 else (start, end)
        definition = _of_two(text, (start, end), nearest, meant, table, sentence)
        long = meant[definition]
        if long is not None and inside is not None and _keeps(inside, long, definition, table):
            continue
        if long is not None:
            concepts = tuple(
                replace(c, reason=f"short for {long_text(text, long)}") for c in long.concepts
            )
            added.append(Candidate(start, end, long.label, concepts, "abbreviation"))
        elif text[start:end] in table and definition.long[1] not in by_end:
            # Spelled out as something that no list knows: then it is none of what the lists say.
            dropped.append((start, end))
    spans = [*((c.start, c.end) for c in added), *dropped]
    taken = bytearray(len(text))
    for start, end in spans:
        taken[start:end] = b"\x01" * (end - start)
    kept = [c for c in candidates if not any(taken[c.start : c.end])]
    return flat([*kept, *added])


def _keeps(inside: Candidate, long: Candidate, definition: Definition, table: Ambiguities) -> bool:
    """Whether a short form keeps what was read at its place, though the text spells it out."""
    if inside.source == "vesicle":
        # The grammar reads the name itself, and knows more than the long form tells.
        return long.label in {inside.label, "CELL", "ORGANISM"}
    partial = long.start > definition.long[0] + 1
    known = bool(inside.concepts) and definition.form not in table
    return known and partial and long.label in _WHOLE


def _long(text: str, by_end: Mapping[int, Candidate], definition: Definition) -> Candidate | None:
    """The mention that the long form is: as a whole, or its head ("pulmonary [endothelial cell]"),
    but not the end of a phrase ("serum vesicles of these [mice]")."""
    long = by_end.get(definition.long[1])
    if long is None or long.start < definition.long[0] - 1:
        return None
    if _PHRASE.search(text, definition.long[0], long.start):
        return None
    partial = long.start > definition.long[0] + 1
    # "integrin subunit [alpha-1]": a mere number of a longer name.
    return None if partial and _NUMBER.fullmatch(text, long.start, long.end) else long


def _of_two(
    text: str,
    use: tuple[int, int],
    nearest: Definition,
    meant: Mapping[Definition, Candidate | None],
    table: Ambiguities,
    sentence: tuple[int, int],
) -> Definition:
    """The definition that holds for a use: the nearest, unless the text defines the form twice and
    the words beside the use tell which of the two is meant."""
    form = nearest.form.removesuffix("s")
    rivals = {
        long.concepts[0].curie: definition
        for definition, long in meant.items()
        if definition.form.removesuffix("s") == form and long is not None and long.concepts
    }
    if len(rivals) < 2 or use == nearest.short:
        return nearest
    around = (max(sentence[0], use[0] - _NEAR), min(sentence[1], use[1] + _NEAR))
    meaning = table.decide(text[use[0] : use[1]], text, near=around, only=tuple(rivals))
    if meaning is None or meaning.concept is None:
        return nearest
    return rivals[meaning.concept.curie]


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
