"""`textmine store`: runs and stores into stores, checks, searches, the way back, the log."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Push runs into stores, check, search, trace, follow and export them.",
    no_args_is_help=True,
)

To = Annotated[
    str,
    typer.Option(
        "--to",
        help="The store: sqlite:///FILE, postgresql://USER@HOST/DB, parquet:DIR, jsonl:DIR, "
        "kgx:DIR.",
    ),
]
From = Annotated[
    str, typer.Option("--store", "--from", help="The store, e.g. sqlite:///textmine.db.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print machine-readable output.")]


@app.command()
def push(
    run: Annotated[
        str, typer.Argument(help="The folder that `textmine run --out` left, or a whole store.")
    ],
    to: To,
    as_json: AsJson = False,
) -> None:
    """Push a finished run into a store. Pushing it twice changes nothing.

    A newer run supersedes what it replaces and keeps it. Given the URL of a store, everything in it
    is copied, history included.

    Example: textmine store push textmine-run --to sqlite:///group.db
    """
    from textmine.engine.runs import read_bundle
    from textmine.stores.base import open_store
    from textmine.stores.copy import copy

    if ":" in run and not Path(run).exists():
        with open_store(run, create=False) as source, open_store(to) as store:
            added = copy(source, store)
    else:
        bundle = read_bundle(Path(run))
        with open_store(to) as store:
            added = store.push(bundle).added
    if as_json:
        print(json.dumps(added))
    else:
        words = ", ".join(f"{n} {table}" for table, n in added.items() if n)
        print(f"Added: {words}" if words else "Nothing new: this is stored already.")


@app.command()
def verify(
    to: Annotated[
        str, typer.Option("--to", "--store", "--from", help="The store, e.g. sqlite:///group.db.")
    ],
    as_json: AsJson = False,
) -> None:
    """Prove a store: every row against the contract, its hash, its quotes and its neighbours.

    Exit 2 if anything is wrong, with a line for each fault.

    Example: textmine store verify --to sqlite:///group.db
    """
    from textmine.stores.base import open_store

    with open_store(to, create=False) as store:
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
    source: Annotated[str, typer.Option("--from", "--store", help="The store to read.")],
    to: Annotated[
        str,
        typer.Option(
            "--to",
            help="A new store (parquet:DIR, jsonl:DIR, kgx:DIR, sqlite:///FILE, postgresql://…), "
            "or lines:DIR, bioc:DIR, pubannotation:DIR, brat:DIR, webannotation:DIR.",
        ),
    ],
) -> None:
    """Write everything of a store in another form.

    Into another kind of store nothing is lost: history, marks and logs come along. `lines` are the
    line formats of the other commands; bioc, pubannotation, brat and webannotation hold the
    annotated texts for other tools.

    Example: textmine store export --from sqlite:///group.db --to parquet:export
    """
    from textmine import registry
    from textmine.errors import ConfigError, UnknownPart
    from textmine.stores.base import open_store
    from textmine.stores.copy import copy

    scheme, colon, folder = to.partition(":")
    stores, exporters = registry.names("stores"), registry.names("exporters")
    if scheme not in (*stores, *exporters):
        raise UnknownPart("form of export", scheme, [*stores, *exporters])
    if not colon or not folder:
        raise ConfigError(f"{to!r} names no place. Write for instance {scheme}:FOLDER.")
    with open_store(source, create=False) as store:
        if scheme in stores:
            with open_store(to) as target:
                counts = copy(store, target)
        else:
            counts = registry.load("exporters", scheme)(store, Path(folder))
    print(json.dumps(counts), file=sys.stderr)


@app.command()
def trace(
    key: Annotated[
        str, typer.Argument(help="The id of a verdict, finding, edge, relation or article.")
    ],
    store: From,
    archive: Annotated[
        Path | None, typer.Option(help="Where the raw records are, if not where the run had them.")
    ] = None,
    xml: Annotated[
        bool, typer.Option("--xml", help="Print only the record's XML as it came.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Walk back: from a verdict, finding or edge to sentence, record, raw XML and reviews.

    Example: textmine store trace edge_or_finding_id --store sqlite:///textmine-run/textmine.db
    """
    from textmine.errors import StoreError
    from textmine.stores.base import open_store
    from textmine.stores.trace import raw_xml, show
    from textmine.stores.trace import trace as walk

    with open_store(store, create=False) as opened:
        found = walk(opened, key, archive=archive)
    if xml:
        article = found if found["kind"] == "article" else found.get("article", {})
        raw = article.get("raw", {})
        if not raw.get("found"):
            raise StoreError(
                f"{key} leads to no single raw record: "
                f"{raw.get('why', 'give a finding, a relation or an article')}."
            )
        _, text = raw_xml(Path(raw["archive"]), article["pmid"], raw["sha256"])
        sys.stdout.buffer.write(text + b"\n")
    elif as_json:
        print(json.dumps(found))
    else:
        for line in show(found):
            print(line.encode("utf-8", "backslashreplace").decode())


@app.command()
def events(
    store: From,
    since: Annotated[
        str, typer.Option("--since", help="The last position that was seen, or a date.")
    ] = "0",
    as_json: AsJson = False,
) -> None:
    """Print the log of changes: what events and newer runs did to findings, verdicts and edges.

    The log is only added to. Keep the last position and ask for what came behind it. With --json a
    line is an object with `before` and `after`.

    Example: textmine store events --store sqlite:///group.db --since 1200 --json
    """
    from textmine.stores.base import open_store
    from textmine.stores.changes import changes_since, in_words

    with open_store(store, create=False) as opened:
        for change in changes_since(opened, since):
            print(json.dumps(change) if as_json else in_words(change))


@app.command()
def search(
    words: Annotated[str, typer.Argument(help="Words that a quote must all hold.")],
    store: From,
    limit: Annotated[int, typer.Option(min=1, help="At most so many quotes.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Find quotes: the sentences that findings and relations stand on.

    Example: textmine store search "miR-122 fibrosis" --store sqlite:///textmine-run/textmine.db
    """
    from textmine.stores.base import open_store
    from textmine.stores.text import plain_text

    with open_store(store, create=False) as opened:
        found = opened.search(words, limit=limit)
    for quote in found:
        quote["text"] = plain_text(quote["text"])
        if as_json:
            print(json.dumps(quote))
        else:
            text = f"{quote['article_id']} {quote['start']}-{quote['end']}: {quote['text']}"
            print(text.encode("utf-8", "backslashreplace").decode())
    if not found and not as_json:
        print("No quote holds all of these words.", file=sys.stderr)
