"""How far two annotators agree on real abstracts: names, pairs, relations.

python benchmarks/agreement.py
Each read the texts alone and marked the names, too; an association counts either way round.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from textmine.config import data_root
from textmine.measure.corpora import json_lines
from textmine.measure.scores import f1

GOLD = data_root() / "corpora" / "gold"


def names(row: dict[str, Any]) -> set[Hashable]:
    return {tuple(mention) for mention in row["mentions"]}


def relations(row: dict[str, Any], *keys: str) -> set[Hashable]:
    out: set[Hashable] = set()
    for relation in row["relations"]:
        ends = [str(relation["subject"]), str(relation["object"])]
        if relation["predicate"] == "associated_with":
            ends.sort()
        out.add((*ends, *(relation[key] for key in keys)))
    return out


def main() -> None:
    first = {row["pmid"]: row for row in json_lines(GOLD / "real.jsonl.gz")}
    second = list(json_lines(GOLD / "real_twice.jsonl.gz"))
    for name, read in (
        ("names", names),
        ("pairs", relations),
        ("relations", lambda row: relations(row, "predicate", "direction")),
    ):
        score = f1((read(first[row["pmid"]]), read(row)) for row in second)
        span = f"{score.low:.3f}-{score.high:.3f}"
        print(f"{name:10} F1 {score.value:.3f} ({span}), {score.gold} in {len(second)} abstracts")


if __name__ == "__main__":
    main()
