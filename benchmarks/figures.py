"""The tables of docs/figures.md: suites of `textmine measure` as Markdown.

python benchmarks/figures.py [--data DIR] SUITE[:SPLIT]...
"""

from __future__ import annotations

import argparse
from itertools import groupby
from pathlib import Path

from textmine.measure.scores import F1, Line
from textmine.registry import load


def row(line: Line) -> str:
    score = line.score
    precise = ("", "")
    if isinstance(score, F1):
        precise = (f"{score.precision:.3f}", f"{score.recall:.3f}")
    cases = score.gold if isinstance(score, F1) else score.cases
    interval = f"{score.low:.3f}–{score.high:.3f}"
    cells = [line.what, line.split, f"{score.value:.3f}", interval, *precise, f"{cases:,}"]
    if line.peer is not None:
        cells += [f"{line.peer:.3f}", f"{score.value - line.peer:+.3f}", line.source]
    else:
        cells += ["", "", ""]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("suites", nargs="+")
    arguments = parser.parse_args()
    for wanted in arguments.suites:
        suite, _, split = wanted.partition(":")
        lines = load("suites", suite)(arguments.data, (split,) if split else ("dev", "test"))
        order = list(dict.fromkeys(line.stage for line in lines))
        lines.sort(key=lambda line: order.index(line.stage))
        for stage, rows in groupby(lines, key=lambda line: line.stage):
            print(f"\n**{stage}** (`textmine measure {suite}`)\n")
            head = (
                "| what | half | value | 95% interval | P | R | cases | peer | difference | whose |"
            )
            print(head)
            print("|---|---|---|---|---|---|---|---|---|---|")
            for line in rows:
                print(row(line))


if __name__ == "__main__":
    main()
