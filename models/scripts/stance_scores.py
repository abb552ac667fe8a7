"""Counts what the answers of textmine.claims.scores are worth.

    python models/scripts/stance_scores.py --data ../shared/data

Asks the models `symbolic` and `both` on the development half of corpora/gold/stance.jsonl and, for
claims that have frames, on that of the demonstration, and writes models/stance/scores.json: for
each way of coming to an answer the share that is right, drawn towards the share of all such answers
by a weight of three cases, as a logit; and one slope for the weight of stances that were taken
(logistic regression). Prints the calibration error in five folds by article. Needs the learned
extra; some minutes.
"""

from __future__ import annotations

import argparse
import json
import math
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from textmine.claims.article import load_claims
from textmine.claims.both import both
from textmine.claims.check import sieved
from textmine.claims.pairing import read_off
from textmine.claims.scores import TAKEN, Scores, cell, logit
from textmine.claims.stance import Judgement, StanceModel, question_of, symbolic
from textmine.claims.values import Values, default_values
from textmine.claims.view import View, view_of
from textmine.config import data_root, load_project
from textmine.measure.corpora import json_lines
from textmine.measure.stance_gold import annotated, read_gold
from textmine.pubmed.read import Broken, newest, read_articles
from textmine.reading.pipeline import Reader
from textmine.records import Claim

DRAWN = 3.0
FOLDS = 5


class Row(NamedTuple):
    article: str
    plain: bool
    judgement: Judgement
    right: bool
    weight: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    folder = Path(parser.parse_args().data)
    reader = Reader()
    values = default_values(reader.lexicon)
    rows = [*_own(reader, values, folder), *_demo(reader, values)]
    scores = fitted(rows)
    errors = []
    for fold in range(FOLDS):
        part = fitted([r for r in rows if _fold(r) != fold])
        errors += [(part.of(r.judgement, r.plain).score, r.right) for r in rows if _fold(r) == fold]
    table = {
        "cells": {
            name: {"logit": round(value, 3), "cases": sum(_cell(r) == name for r in rows)}
            for name, value in sorted(scores.cells.items())
        },
        "slope": round(scores.slope, 3),
        "middle": round(scores.middle, 3),
        "calibration_error_in_folds": round(_error(errors), 4),
        "cases": len(rows),
    }
    path = data_root() / "models" / "stance" / "scores.json"
    path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(table, indent=1))


def _own(reader: Reader, values: Values, folder: Path) -> Iterator[Row]:
    gold = read_gold("dev", reader)
    articles = annotated(gold, reader, folder)
    for g in gold:
        view = view_of(articles[g.article], values)
        yield from _rows(g.claim, view, values, g.stance, g.article)


def _demo(reader: Reader, values: Values) -> Iterator[Row]:
    corpora = data_root() / "corpora"
    project = load_project(corpora / "demo")
    gold = {row["id"]: row for row in json_lines(corpora / "gold" / "demo.jsonl.gz")}
    found = [a for s in project.sources for a in read_articles(corpora / "demo" / s)]
    articles, _ = newest(a for a in found if not isinstance(a, Broken))
    claims = load_claims(project.claims_path)
    for article in articles:
        row = gold.get(article.id)
        if row is None or row["split"] != "dev":
            continue
        view = view_of(reader.read(article), values)
        for claim in claims:
            wanted = row["stance"].get(claim.id, "insufficient")
            yield from _rows(claim, view, values, wanted, article.id)


def _rows(claim: Claim, view: View, values: Values, wanted: str, article: str) -> Iterator[Row]:
    question = question_of(claim, values)
    if question.frame.chain:
        return
    plain = read_off(question)
    models: Sequence[StanceModel] = (symbolic, both)
    for model in models:
        judgement = sieved(question, view, values, model)
        yield Row(article, plain, judgement, judgement.stance == wanted, 1 / len(models))


def _cell(row: Row) -> str:
    return cell(row.judgement, row.plain)


def _fold(row: Row) -> int:
    return zlib.crc32(row.article.encode()) % FOLDS


def fitted(rows: Sequence[Row]) -> Scores:
    """Shares by cell, and the slope of a taken stance's weight within its cell."""
    by_cell: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_cell[_cell(row)].append(row)
    whole: dict[str, list[Row]] = defaultdict(list)
    for name, some in by_cell.items():
        whole[name.rsplit(", ", 1)[0]] += some
    cells = {}
    for name, some in by_cell.items():
        kin = whole[name.rsplit(", ", 1)[0]]
        prior = sum(r.right for r in kin) / len(kin)
        share = (sum(r.right for r in some) + DRAWN * prior) / (len(some) + DRAWN)
        cells[name] = logit(min(0.995, share)) if share < 0.99 else math.log(share / (1 - share))
    taken = [r for r in rows if r.judgement.stance in TAKEN]
    middle = sum(logit(r.judgement.score) for r in taken) / max(1, len(taken))
    slope = 0.0
    for _ in range(50):  # Newton's method in one dimension, held towards nothing
        first, second = -slope, -1.0
        for r in taken:
            x = logit(r.judgement.score) - middle
            chance = 1.0 / (1.0 + math.exp(-(cells[_cell(r)] + slope * x)))
            first += x * (r.right - chance)
            second -= x * x * chance * (1 - chance)
        slope -= first / second
    return Scores(cells, max(0.0, slope), middle)


def _error(pairs: Sequence[tuple[float, bool]]) -> float:
    total = 0.0
    for number in range(10):
        here = [(s, r) for s, r in pairs if min(9, int(s * 10)) == number]
        total += abs(sum(s for s, _ in here) - sum(r for _, r in here))
    return total / len(pairs)


if __name__ == "__main__":
    main()
