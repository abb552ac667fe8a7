"""Negation, null effects and hedges, bound to what they change.

On own gold a cue counts where it belongs: the pair that is denied, unchanged, hedged or only a
hypothesis, found as such. "found pairs" leaves out pairs that were not read at all. On BioNLP's
event corpora (development parts, gold events) every event is denied or not, doubted or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from textmine.config import data_root
from textmine.measure.goldtext import (
    Expected,
    Modified,
    PairText,
    read_demo_gold,
    read_pairs,
    read_sentences,
)
from textmine.measure.relations import (
    Case,
    Parse,
    differences,
    gold_files,
    parser_of,
    ranker_for,
    read_case,
    unseen,
)
from textmine.measure.scores import Line, f1
from textmine.reading.pair_features import View, view_of
from textmine.reading.pipeline import DEFAULT
from textmine.reading.reach import bearing
from textmine.reading.tree import words_of
from textmine.reading.triggers import Triggers
from textmine.records import Relation

__all__ = ["measure_cues"]

Row = Expected | Relation
Pairs = list[tuple[set[tuple[str | None, str]], set[tuple[str | None, str]]]]

_WHAT: dict[str, Callable[[Row], bool]] = {
    "null effect": lambda r: r.direction in ("unchanged", "equal"),
    "negation": lambda r: r.negated,
    "hedge": lambda r: r.certainty == "hedged",
    "hypothesis": lambda r: r.certainty == "hypothesis",
}


def measure_cues(
    data: Path | None = None, splits: Sequence[str] = ("dev", "test"), model: str = DEFAULT
) -> list[Line]:
    """F1 of each kind of cue on own gold; with a data folder on events too."""
    gold = data_root() / "corpora" / "gold"
    parse = parser_of(model)
    lines: list[Line] = []
    for split in splits:
        own = [t for path in gold_files(gold, split) for t in read_sentences(path)]
        demo = read_demo_gold(gold / "demo.jsonl.gz", split)
        for name, texts in (("own", own), ("demo", demo)):
            lines += _own(name, split, [read_case(text, parse) for text in texts])
    if data is not None and "dev" in splits:
        for corpus in ("cg", "pc"):
            lines += _events(corpus, list(read_pairs(data, corpus)), parse)
    return [unseen(line) for line in lines]


def _own(name: str, split: str, cases: Sequence[Case]) -> Iterator[Line]:
    for kind, has in _WHAT.items():
        every: Pairs = []
        found: Pairs = []
        for case in cases:
            gold, read = _marked(case.gold.relations, has), _marked(case.found, has)
            both = {(g.subject, g.object) for g in case.gold.relations}
            both &= {(r.subject, r.object) for r in case.found}
            every.append((gold, read))
            found.append((gold & both, read & both))
        yield Line("cues", f"{name}: {kind}", split, f1(every), differences(cases, every))
        yield Line("cues", f"{name}: {kind}, found pairs", split, f1(found))


def _marked(rows: Iterable[Row], has: Callable[[Row], bool]) -> set[tuple[str | None, str]]:
    return {(r.subject, r.object) for r in rows if has(r)}


def _events(corpus: str, texts: Sequence[PairText], parse: Parse) -> Iterator[Line]:
    def by_rule(text: PairText, view: View | None, event: Modified) -> tuple[bool, bool]:
        sentence = text.sentence_at(event.start)
        assert sentence is not None
        place = (text.article.text, sentence, event.start, event.end)
        return bool(bearing(*place, ("negation",))), bool(bearing(*place, ("hedge", "hypothesis")))

    yield from _modified(corpus, "rules", texts, [], by_rule)
    ranker = ranker_for(parse)
    if ranker is None:
        return
    limits = ranker.thresholds["negation"], ranker.thresholds["speculation"]

    def learned(text: PairText, view: View | None, event: Modified) -> tuple[bool, bool]:
        if view is None:
            return by_rule(text, view, event)
        place = (event.start, event.end, text.article.text, event.kind)
        denied, doubted = ranker.modality(view, *place)
        return denied >= limits[0], doubted >= limits[1]

    docs = [parse(text.article.text, text.sentences) for text in texts]
    yield from _modified(corpus, "learned", texts, docs, learned)


Judge = Callable[[PairText, View | None, Modified], tuple[bool, bool]]


def _modified(
    corpus: str, who: str, texts: Sequence[PairText], docs: Sequence[Any], judge: Judge
) -> Iterator[Line]:
    """F1 of denied and of doubted events; with `docs` each event is shown in its tree."""
    triggers = Triggers.load()
    pairs: dict[str, Pairs] = {"negation": [], "speculation": []}
    misses: dict[str, list[str]] = {"negation": [], "speculation": []}
    for number, text in enumerate(texts):
        views: dict[tuple[int, int], View | None] = {}
        if docs:
            for s in text.sentences:
                words = words_of(docs[number], s.start, s.end) or []
                place = (s.start, s.end)
                views[place] = view_of(text.article.text, s, text.mentions, words, triggers)
        rows: dict[str, tuple[set[tuple[str | None, str]], set[tuple[str | None, str]]]] = {
            kind: (set(), set()) for kind in pairs
        }
        for event in text.events:
            sentence = text.sentence_at(event.start)
            if sentence is None:
                continue
            found = judge(text, views.get(sentence), event)
            gold = (event.negated, event.speculated)
            for kind, wanted, got in zip(pairs, gold, found, strict=True):
                if wanted:
                    rows[kind][0].add((None, event.id))
                if got:
                    rows[kind][1].add((None, event.id))
                if wanted != got:
                    word = text.article.text[event.start : event.end]
                    where = text.article.text[slice(*sentence)]
                    mark = "-" if wanted else "+"
                    misses[kind].append(f"{text.id} {mark} {event.kind} {word!r} | {where}")
        for kind, row in rows.items():
            pairs[kind].append(row)
    for kind, scored in pairs.items():
        yield Line("cues", f"{corpus} {who}: event {kind}", "dev", f1(scored), tuple(misses[kind]))
