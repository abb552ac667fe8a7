"""`textmine measure`: how well it does, on gold data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from textmine.measure.scores import Line


def measure(
    suite: Annotated[str, typer.Argument(help="What is measured: demo, or another suite.")],
    data: Annotated[
        Path | None,
        typer.Option("--data", help="The folder of the gold.  [default: what is shipped]"),
    ] = None,
    split: Annotated[str, typer.Option("--split", help="dev, test or both.")] = "both",
    misses: Annotated[
        str | None, typer.Option("--misses", help="Print every miss of this stage, e.g. mentions.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print machine-readable output.")] = False,
) -> None:
    """Score a suite against gold data: value, 95% interval and number of cases.

    A suite that stands on public corpora wants the folder that holds them as --data.

    Example: textmine measure demo --split test
    """
    from textmine.errors import ConfigError
    from textmine.registry import load

    if split not in ("dev", "test", "both"):
        raise ConfigError(f"There is no split {split!r}. There are: dev, test, both.")
    lines = load("suites", suite)(data, ("dev", "test") if split == "both" else (split,))
    if misses:
        for line in lines:
            if line.stage == misses:
                for miss in line.misses:
                    print(f"{line.what} [{line.split}] {miss}")
    elif as_json:
        for line in lines:
            print(json.dumps(_plain(line), ensure_ascii=False))
    else:
        _table(lines)


def _plain(line: Line) -> dict[str, object]:
    from textmine.measure.scores import F1

    score = line.score
    out: dict[str, object] = {
        "stage": line.stage,
        "what": line.what,
        "split": line.split,
        "measure": "f1" if isinstance(score, F1) else "share",
        "value": round(score.value, 4),
        "low": round(score.low, 4),
        "high": round(score.high, 4),
        "cases": score.gold if isinstance(score, F1) else score.cases,
    }
    if isinstance(score, F1):
        out |= {"precision": round(score.precision, 4), "recall": round(score.recall, 4)}
    if line.peer is not None:
        out |= {"peer": line.peer, "peer_source": line.source}
    return out


def _table(lines: list[Line]) -> None:
    from textmine.measure.scores import F1

    head = f"{'stage':<14}{'what':<52}{'half':<6}{'value':>6}  95% interval     P     R  cases"
    print(head + ("   peer" if any(line.peer is not None for line in lines) else ""))
    for line in lines:
        score = line.score
        interval = f"{score.low:.3f}-{score.high:.3f}"
        if isinstance(score, F1):
            more = f"{score.precision:>6.2f}{score.recall:>6.2f}{score.gold:>7}"
        else:
            more = f"{'':>12}{score.cases:>7}"
        if line.peer is not None:
            more += f"{line.peer:>7.3f} {line.source}"
        print(
            f"{line.stage:<14}{line.what:<52}{line.split:<6}{score.value:>6.3f}{interval:>14}{more}"
        )
