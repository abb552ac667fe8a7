"""`textmine report`: the page, from a store; or what changed between two runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def report(
    store: Annotated[
        str | None, typer.Option("--store", help="The store, e.g. sqlite:///textmine.db.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The folder for the page.")
    ] = None,
    diff: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            "--diff",
            metavar="RUN1 RUN2",
            help="Two folders of runs: which verdicts moved, and which papers moved them.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --diff: one JSON line per claim.")
    ] = False,
) -> None:
    """Write the report on the newest run in a store as one HTML page, or compare two runs.

    \b
    Example:
      textmine report --store sqlite:///textmine-run/textmine.db -o report
      textmine report --diff textmine-run-may textmine-run-june
    """
    from textmine.errors import ConfigError

    if diff is not None:
        _compare(diff, as_json)
        if store is None:
            return
    if store is None or out is None:
        raise ConfigError(
            "There is nothing to report on: give --store URL and -o FOLDER for the page, or "
            "--diff RUN1 RUN2 for what changed."
        )
    from textmine.report import write_report
    from textmine.stores.base import open_store

    page = out / "report.html"
    with open_store(store, create=False) as opened:
        write_report(opened, page)
    print(f"Report: {page}", file=sys.stderr)


def _compare(runs: tuple[Path, Path], as_json: bool) -> None:
    import msgspec

    from textmine.report.diff import diff, diff_lines, read_verdicts

    moved = diff(*map(read_verdicts, runs))
    if as_json:
        for one in moved:
            print(json.dumps(msgspec.to_builtins(one), ensure_ascii=False))
    else:
        for line in diff_lines(moved):
            print(line)
