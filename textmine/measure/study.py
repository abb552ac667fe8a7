"""Study cards of real abstracts against labels made by reading (`corpora/gold/cards.jsonl`).

The labels name PMIDs only; the records come from the folder given as data, from the PubMed XML in
`pubmed/ev_screening.xml.gz`. Suite `design`: text alone, and with publication types. Suite
`study`: every other field. "Not stated" is an answer like any other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from textmine.config import data_root, read_toml
from textmine.errors import ConfigError
from textmine.measure.scores import F1, Line, Mean, Share, f1, macro_f1, mean_f1, share
from textmine.pubmed.read import Broken, read_articles
from textmine.reading.pipeline import Reader
from textmine.records import Annotated, StudyCard

__all__ = ["measure_designs", "measure_study"]

GOLD = "corpora/gold/cards.jsonl"
TERMS = "corpora/gold/card_terms.toml"
RECORDS = "pubmed/ev_screening.xml.gz"
SILENT = "not stated"
_PEER = 0.82
_PEER_SOURCE = "fine-tuned BioLinkBERT, 14 classes of its own"
Scored = tuple[str, F1 | Share | Mean, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Case:
    """A record's labels, and the cards read from its text alone and from the whole record."""

    gold: Mapping[str, Any]
    text: StudyCard
    whole: StudyCard


def measure_designs(data: Path | None, splits: Sequence[str] = ("dev", "test")) -> list[Line]:
    """Designs: accuracy, macro-F1 over the designs present, and F1 of each."""
    lines = []
    for split, cases in _cases(data, splits):
        gold = [case.gold["design"] for case in cases]
        for way, found in (
            ("text alone", [c.text.design for c in cases]),
            ("with publication types", [c.whole.design for c in cases]),
        ):
            right = sum(g == f for g, f in zip(gold, found, strict=True))
            wrong = tuple(
                f"{c.gold['pmid']}: {f}, gold {g}"
                for c, g, f in zip(cases, gold, found, strict=True)
                if g != f
            )
            lines.append(Line("design", f"accuracy, {way}", split, share(right, len(cases)), wrong))
            macro = mean_f1(gold, found)
            lines.append(Line("design", f"macro-F1, {way}", split, macro, (), _PEER, _PEER_SOURCE))
            lines += [
                Line("design", f"{name}, {way}", split, score, ())
                for name, score in macro_f1(gold, found).items()
                if score.gold
            ]
    return lines


def measure_study(data: Path | None, splits: Sequence[str] = ("dev", "test")) -> list[Line]:
    """The other fields of the card, read from the text alone."""
    terms = _Terms.load()
    return [
        Line("study card", what, split, score, misses)
        for split, cases in _cases(data, splits)
        for what, score, misses in (*_sets(cases, terms), *_values(cases))
    ]


def _sets(cases: Sequence[Case], terms: _Terms) -> Iterator[Scored]:
    for field in ("species", "models", "vesicle_source", "isolation", "characterisation"):
        pairs = []
        for case in cases:
            wanted = terms.named(field, case.gold[field])
            found = terms.named(field, _found(case.text, field))
            pairs.append((wanted or [SILENT], found or [SILENT]))
        misses = tuple(
            f"{case.gold['pmid']}: {', '.join(found)}; gold {', '.join(wanted)}"
            for case, (wanted, found) in zip(cases, pairs, strict=True)
            if set(wanted) != set(found)
        )
        yield field, f1(pairs), misses


def _found(card: StudyCard, field: str) -> Sequence[str]:
    """What the labels mean by the field: species of living subjects and of people's samples, and
    sources with their kind of cell."""
    if field == "species":
        return [s for s in card.species if s not in card.cell_species]
    if field == "vesicle_source" and not card.vesicle_source:
        return card.vesicle_cell
    values: Sequence[str] = getattr(card, field)
    return values


def _values(cases: Sequence[Case]) -> Iterator[Scored]:
    for field, found in (
        ("n", lambda c: c.n),
        ("n_per_group", lambda c: c.n_per_group),
        ("sample size (n and n per group)", lambda c: (c.n, c.n_per_group)),
        ("dose stated", lambda c: bool(c.dose)),
        ("randomised", lambda c: c.randomised),
        ("blinded", lambda c: c.blinded),
        ("causal test", lambda c: bool(c.causal_test)),
        ("people studied", lambda c: "human" in c.subjects),
        ("registration", lambda c: next(iter(c.registration), None)),
    ):  # fmt: skip
        wanted = [_label(case.gold, field) for case in cases]
        got = [found(case.text) for case in cases]
        misses = tuple(
            f"{case.gold['pmid']}: {g}, gold {w}"
            for case, w, g in zip(cases, wanted, got, strict=True)
            if w != g
        )
        yield field, share(len(cases) - len(misses), len(cases)), misses


def _label(gold: Mapping[str, Any], field: str) -> Any:
    if field.startswith("sample size"):
        return (gold["n"], gold["n_per_group"])
    keys = {"dose stated": "dose", "causal test": "causal_test", "people studied": "human_evidence"}
    return gold[keys.get(field, field)]


# --- the gold


@dataclass(frozen=True, slots=True)
class _Terms:
    """Other spellings of one thing, for either side: the labels are in a reader's own words."""

    same: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls) -> _Terms:
        tables = read_toml(data_root() / TERMS)
        return cls({field: {k.casefold(): v for k, v in t.items()} for field, t in tables.items()})

    def named(self, field: str, values: Iterable[str]) -> list[str]:
        same = self.same.get(field, {})
        folded = [value.casefold() for value in values]
        return sorted({same.get(value, value).casefold() for value in folded} - {""})


def _cases(data: Path | None, splits: Sequence[str]) -> Iterator[tuple[str, list[Case]]]:
    file = (data or Path("missing")) / RECORDS
    if not file.is_file():
        raise ConfigError(
            f"The suites of study cards need real records: {file} is not there. Give the folder "
            f"that holds {RECORDS} as --data."
        )
    text = (data_root() / GOLD).read_text(encoding="utf-8")
    gold = {line["pmid"]: line for line in map(json.loads, text.splitlines())}
    wanted = {pmid: line for pmid, line in gold.items() if line["split"] in splits}
    reader = Reader()
    found: dict[str, Case] = {}
    for article in read_articles(file):
        if isinstance(article, Broken) or article.id not in wanted:
            continue
        bare = replace(article, publication_types=(), mesh=())
        read = [reader.read(bare), reader.read(article)]
        cards = [one.study for one in read if isinstance(one, Annotated)]
        found[article.id] = Case(wanted[article.id], *cards)
    missing = sorted(set(wanted) - set(found))
    if missing:
        raise ConfigError(
            f"{len(missing)} labelled records are not in {file}, e.g. {missing[0]}: the labels "
            "belong to another collection. Give the folder they were made on."
        )
    for split in splits:
        yield split, [found[p] for p in sorted(found) if found[p].gold["split"] == split]
