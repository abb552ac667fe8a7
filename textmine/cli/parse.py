"""`textmine parse`: files of PubMed records -> article lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import typer

T = TypeVar("T")


def parse(
    sources: Annotated[
        list[str],
        typer.Argument(help="PubMed XML (.xml, .xml.gz), MEDLINE text, folders, archives, or -."),
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", help="Article lines; - for stdout.")
    ] = "-",
    quarantine: Annotated[
        Path | None,
        typer.Option("--quarantine", help="What could not be read.  [default: beside the output]"),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the counts as JSON (with -o FILE only).")
    ] = False,
) -> None:
    """Parse PubMed records into lines of JSON, one per record and version.

    What cannot be read goes to the quarantine with its reason, the rest is read, and the exit code
    is 3.

    Example: textmine parse pubmed.xml.gz export.nbib -o articles.jsonl.gz
    """
    from textmine.errors import ConfigError
    from textmine.lines import LineWriter, Quarantine, quarantine_path
    from textmine.pubmed.read import Broken, check_source, count_files, read_articles
    from textmine.records import as_json as line_of

    if as_json and output == "-":
        raise ConfigError("--json prints on stdout, where the articles go: give -o FILE as well.")
    for source in sources:
        check_source(source)
        if (
            output != "-"
            and Path(source).is_file()
            and Path(output).resolve() == Path(source).resolve()
        ):
            raise ConfigError(f"{output} is both read and written. Give another -o FILE.")
    place = quarantine or quarantine_path(output)
    with Quarantine(place) as aside, LineWriter(output) as out:
        for source in sources:
            for record in _counted(read_articles(source), source):
                if isinstance(record, Broken):
                    aside.add(source, record.where, record.reason, record.raw)
                else:
                    out.write(line_of(record))
    counts = {
        "read": out.count + aside.count,
        "written": out.count,
        "quarantined": aside.count,
        "files": sum(map(count_files, sources)),
    }
    if as_json:
        print(json.dumps(counts))
    where = f" (see {place})" if aside.count and place else ""
    print(
        f"{counts['written']} records parsed, {counts['quarantined']} quarantined{where}.",
        file=sys.stderr,
    )
    if aside.count:
        raise typer.Exit(3)


def _counted(items: Iterable[T], source: str) -> Iterator[T]:
    """Passes the items on; on a terminal stderr shows how many there are so far."""
    if not sys.stderr.isatty():
        yield from items
        return
    number = 0
    for number, item in enumerate(items, 1):
        if number % 500 == 0:
            print(f"\r{source}: {number} records", end="", file=sys.stderr, flush=True)
        yield item
    if number >= 500:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
