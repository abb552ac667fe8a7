"""Which abstracts come first for a claim: recall on SciFact's 5,183 abstracts.

Nothing was trained on SciFact, so that its training claims are as unseen as the given dev claims.
A case is an abstract with evidence for a claim; claims without any are left out, as there is
nothing to be found for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from textmine.claims.ranking import Index
from textmine.measure.corpora import data_file, json_lines
from textmine.measure.scores import Line, share
from textmine.records import Article

__all__ = ["measure_retrieval"]

_FILES = (("train claims", "claims_train"), ("dev claims", "claims_dev_overlapping"))
_DEPTHS = (10, 50)


def measure_retrieval(data: Path | None = None, splits: Sequence[str] = ("dev",)) -> list[Line]:
    """Recall among the first 10 and 50; needs the data folder."""
    if data is None or "dev" not in splits:
        return []
    lines: list[Line] = []
    articles = _articles(data_file(data, "claims", "scifact", "corpus.jsonl.gz"))
    with closing(Index(articles)) as index:
        for name, stem in _FILES:
            rows = list(json_lines(data_file(data, "claims", "scifact", f"{stem}.jsonl.gz")))
            lines += _lines(name, rows, index)
    return lines


def _articles(path: Path) -> Iterator[Article]:
    for row in json_lines(path):
        yield Article(str(row["doc_id"]), "\n".join((row["title"], " ".join(row["abstract"]))))


def _lines(name: str, rows: Sequence[Any], index: Index) -> Iterator[Line]:
    found = dict.fromkeys(_DEPTHS, 0)
    misses: list[str] = []
    cases = 0
    for row in rows:
        wanted = {str(identity) for identity in row["evidence"]}
        if not wanted:
            continue
        cases += len(wanted)
        order = [identity for identity, _ in index.best(row["claim"], max(_DEPTHS))]
        for depth in _DEPTHS:
            found[depth] += len(wanted & set(order[:depth]))
        misses += [f"{i} for claim {row['id']}" for i in sorted(wanted - set(order))]
    for depth in _DEPTHS:
        score = share(found[depth], cases)
        shown = tuple(misses) if depth == max(_DEPTHS) else ()
        yield Line("retrieval", f"SciFact {name}: recall@{depth}", "dev", score, shown)
