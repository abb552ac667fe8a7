"""The suite `review`: a run against what reviewers settled (`textmine desk export gold`).

The folder holds `gold.jsonl` and the findings of a run, `findings.jsonl.gz`: the run that was
reviewed, or a later one on the same records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from textmine.errors import ConfigError, MalformedRecord
from textmine.lines import read_lines
from textmine.measure.scores import Line, f1, share
from textmine.records import STANCES, Finding, from_json

__all__ = ["measure_review"]

GOLD, FINDINGS = "gold.jsonl", "findings.jsonl.gz"

_Pair = tuple[str, str]


def measure_review(folder: Path | None, splits: Sequence[str] = ("dev", "test")) -> list[Line]:
    """Stances and rationales on the pairs of claim and article that people settled.

    ConfigError when the folder is not named, lacks a file, or the two have no pair in common.
    """
    if folder is None:
        raise ConfigError(
            f"Name the folder of a run with --data, and put what reviewers settled into it: "
            f"textmine desk export gold -o FOLDER/{GOLD} --store URL"
        )
    gold = {(str(row["claim"]), str(row["article"])): row for row in _rows(folder / GOLD)}
    found = {
        (finding.claim_id, finding.article_id): finding
        for finding in (from_json(Finding, row) for row in _rows(folder / FINDINGS))
    }
    both = sorted(gold.keys() & found.keys())
    if not both:
        raise ConfigError(
            f"None of the {len(gold)} pairs in {folder / GOLD} is among the {len(found)} findings "
            "there. Was the gold exported from a store of this project?"
        )
    lines: list[Line] = []
    for split in splits:
        pairs = [pair for pair in both if gold[pair]["split"] == split]
        if pairs:
            lines += _scored(split, pairs, gold, found)
    return lines


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    if not path.is_file():
        raise ConfigError(f"There is no {path}.")
    for number, row in read_lines(str(path)):
        if isinstance(row, MalformedRecord):
            raise ConfigError(f"{path}, line {number}: {row}") from None
        yield row


def _scored(
    split: str,
    pairs: Sequence[_Pair],
    gold: Mapping[_Pair, Mapping[str, Any]],
    found: Mapping[_Pair, Finding],
) -> Iterator[Line]:
    wrong = tuple(
        f"{claim} {article}: {found[claim, article].stance}, "
        f"people say {gold[claim, article]['stance']}"
        for claim, article in pairs
        if found[claim, article].stance != gold[claim, article]["stance"]
    )
    yield Line("stance", "all pairs", split, share(len(pairs) - len(wrong), len(pairs)), wrong)
    for stance in STANCES:
        told = [
            (
                [pair] if gold[pair]["stance"] == stance else [],
                [pair] if found[pair].stance == stance else [],
            )
            for pair in pairs
        ]
        if any(one or other for one, other in told):
            yield Line("stance", stance, split, f1(told))
    spans = [
        (
            [tuple(place) for place in gold[pair]["rationale"]],
            [(quote.start, quote.end) for quote in found[pair].rationale],
        )
        for pair in pairs
        if gold[pair]["stance"] != "insufficient"
    ]
    if spans:
        yield Line("rationale", "sentences", split, f1(spans))
