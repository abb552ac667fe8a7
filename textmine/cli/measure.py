"""`textmine measure`: how well it does, on gold data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def measure(
    suite: Annotated[str, typer.Argument(help="What is measured: demo.")],
    data: Annotated[
        Path | None,
        typer.Option("--data", help="A folder with demo/ and gold/.  [default: the shipped]"),
    ] = None,
    split: Annotated[str, typer.Option("--split", help="dev, test or both.")] = "both",
    misses: Annotated[
        str | None, typer.Option("--misses", help="Print every miss of this stage, e.g. mentions.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print machine-readable output.")] = False,
) -> None:
    """Score every stage against gold data: value, 95% interval and number of cases.

    Example: textmine measure demo --split test
    """
    from textmine.errors import ConfigError, UnknownPart
    from textmine.measure.demo import measure_demo
    from textmine.measure.scores import F1

    if suite != "demo":
        raise UnknownPart("suite", suite, ["demo"])
    if split not in ("dev", "test", "both"):
        raise ConfigError(f"There is no split {split!r}. There are: dev, test, both.")
    lines = measure_demo(data, ("dev", "test") if split == "both" else (split,))
    if misses:
        for line in lines:
            if line.stage == misses:
                for miss in line.misses:
                    print(f"{line.what} [{line.split}] {miss}")
        return
    if as_json:
        for line in lines:
            score = line.score
            out = {
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
            print(json.dumps(out))
        return
    print(f"{'stage':<12}{'what':<52}{'half':<6}{'value':>6}  95% interval     P     R  cases")
    for line in lines:
        score = line.score
        interval = f"{score.low:.2f} to {score.high:.2f}"
        if isinstance(score, F1):
            more = f"{score.precision:>6.2f}{score.recall:>6.2f}{score.gold:>7}"
        else:
            more = f"{'':>12}{score.cases:>7}"
        print(
            f"{line.stage:<12}{line.what:<52}{line.split:<6}{score.value:>6.3f}{interval:>14}{more}"
        )
