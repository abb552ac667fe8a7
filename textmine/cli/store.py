"""`textmine store`: push a run into a store, check a store, take everything out of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Push runs into stores, check them, export them.", no_args_is_help=True)

To = Annotated[str, typer.Option("--to", help="The store, e.g. sqlite:///textmine.db.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print machine-readable output.")]


@app.command()
def push(
    run: Annotated[Path, typer.Argument(help="The folder that `textmine run --out` left.")],
    to: To,
    as_json: AsJson = False,
) -> None:
    """Push a finished run into a store. Pushing it twice changes nothing.

    Example: textmine store push textmine-run --to sqlite:///group.db
    """
    from textmine.engine.runs import read_bundle
    from textmine.stores.base import open_store

    with open_store(to) as store:
        pushed = store.push(read_bundle(run))
    if as_json:
        print(json.dumps(pushed.added))
    else:
        words = ", ".join(f"{n} {table}" for table, n in pushed.added.items() if n)
        print(f"Added: {words}" if pushed.total else "Nothing new: this run is stored already.")


@app.command()
def verify(to: To, as_json: AsJson = False) -> None:
    """Check a store: missing rows, and every quote against its text. Exit 2 if anything is wrong.

    Example: textmine store verify --to sqlite:///group.db
    """
    from textmine.stores.base import open_store

    with open_store(to) as store:
        wrong = store.verify()
    if as_json:
        print(json.dumps({"wrong": wrong}))
    else:
        for line in wrong:
            print(line)
        print("The store is sound." if not wrong else f"{len(wrong)} things are wrong.")
    if wrong:
        raise typer.Exit(2)


@app.command()
def export(
    source: Annotated[str, typer.Option("--from", help="The store to read.")],
    to: Annotated[str, typer.Option("--to", help="Where to: jsonl:FOLDER.")],
) -> None:
    """Write everything of a store as JSON lines, in the line formats of every other command.

    Example: textmine store export --from sqlite:///group.db --to jsonl:export
    """
    from textmine import registry
    from textmine.stores.base import open_store

    scheme, _, folder = to.partition(":")
    write = registry.load("exporters", scheme)
    with open_store(source) as store:
        counts = write(store, Path(folder))
    print(json.dumps(counts), file=sys.stderr)
