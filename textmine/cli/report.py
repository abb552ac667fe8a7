"""`textmine report`: the page, from a store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def report(
    store: Annotated[str, typer.Option("--store", help="The store, e.g. sqlite:///textmine.db.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The folder for the page.")],
) -> None:
    """Write the report on the newest run in a store as one HTML page.

    Example: textmine report --store sqlite:///textmine-run/textmine.db -o report
    """
    from textmine.report import write_report
    from textmine.stores.base import open_store

    page = out / "report.html"
    with open_store(store, create=False) as opened:
        write_report(opened, page)
    print(f"Report: {page}", file=sys.stderr)
