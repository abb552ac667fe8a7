"""Negation, null effects and hedges, bound to what they change.

On own gold a cue counts where it belongs: the pair that is denied, unchanged, hedged or only a
hypothesis, found as such. "found pairs" leaves out pairs that were not read at all. On BioNLP's
event corpora (development parts, gold events) every event is denied or not, doubted or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from textmine.config import data_root
from textmine.measure.goldtext import (
    Expected,
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
    read_case,
    unseen,
)
from textmine.measure.scores import Line, f1
from textmine.reading.pipeline import DEFAULT
from textmine.reading.scopes import bearing
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
_EVENT_KINDS = {"negation": ("negation",), "speculation": ("hedge", "hypothesis")}


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
    for kind, cues in _EVENT_KINDS.items():
        pairs = []
        misses = []
        for text in texts:
            gold, read = set(), set()
            for event in text.events:
                if event.negated if kind == "negation" else event.speculated:
                    gold.add(event.id)
                sentence = text.sentence_at(event.start)
                if sentence is None:
                    continue
                if bearing(text.article.text, sentence, event.start, event.end, cues):
                    read.add(event.id)
                if (event.id in gold) != (event.id in read):
                    mark = "-" if event.id in gold else "+"
                    word = text.article.text[event.start : event.end]
                    where = text.article.text[slice(*sentence)]
                    misses.append(f"{text.id} {mark} {event.kind} {word!r} | {where}")
            pairs.append((gold, read))
        yield Line("cues", f"{corpus}: event {kind}, rules", "dev", f1(pairs), tuple(misses))
