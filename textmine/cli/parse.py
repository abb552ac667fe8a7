"""`textmine parse`: files of PubMed records -> article lines."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer


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
    from textmine.pubmed.read import Broken, read_articles
    from textmine.records import as_json as line_of

    if as_json and output == "-":
        raise ConfigError("--json prints on stdout, where the articles go: give -o FILE as well.")
    place = quarantine or quarantine_path(output)
    with LineWriter(output) as out, Quarantine(place) as aside:
        for source in sources:
            for record in read_articles(source):
                if isinstance(record, Broken):
                    aside.add(source, record.where, record.reason, record.raw)
                else:
                    out.write(line_of(record))
        counts = {
            "sources": len(sources),
            "read": out.count + aside.count,
            "written": out.count,
            "quarantined": aside.count,
        }
    if as_json:
        print(json.dumps(counts))
    print(
        f"{counts['written']} records parsed, {counts['quarantined']} quarantined.", file=sys.stderr
    )
    if aside.count:
        raise typer.Exit(3)
