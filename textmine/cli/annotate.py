"""`textmine annotate`: article lines -> what each article says."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textmine.lines import Quarantine
    from textmine.reading.pipeline import Reader
    from textmine.records import Article


def annotate(
    articles: Annotated[
        str, typer.Argument(help='Article lines, or lines of {"id", "text"}; - for stdin.')
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", help="Annotated lines; - for stdout.")
    ] = "-",
    model: Annotated[
        str, typer.Option("--model", help="An installed spaCy or scispaCy pipeline to add.")
    ] = "default",
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that read.")] = 1,
    lexicon: Annotated[
        list[Path] | None, typer.Option("--lexicon", help="A folder of your own terms. Repeatable.")
    ] = None,
    quarantine: Annotated[
        Path | None,
        typer.Option("--quarantine", help="What could not be read.  [default: beside the output]"),
    ] = None,
    as_counts: Annotated[
        bool, typer.Option("--json", help="Print the counts as JSON on stdout (needs -o FILE).")
    ] = False,
    explain: Annotated[
        str | None,
        typer.Option("--explain", metavar="ID", help="Print how this one article was read."),
    ] = None,
) -> None:
    """Read who did what to what in each article: sentences, mentions, relations, study card.

    Example: textmine annotate articles.jsonl.gz -o annotated.jsonl.gz --workers 2
    """
    import json

    from textmine.errors import ConfigError
    from textmine.lines import LineWriter, Quarantine, open_binary, quarantine_path
    from textmine.reading.pipeline import Reader, Unread
    from textmine.records import as_json

    if as_counts and output == "-":
        raise ConfigError("--json prints on stdout, where the lines go. Name a file with -o.")
    if articles != "-":
        open_binary(articles).close()  # A wrong path shows before the models are loaded.
    reader = Reader(model, lexicon=lexicon or [])
    if explain is not None:
        _explain(articles, explain, reader)
        return
    place = quarantine or quarantine_path(output)
    with LineWriter(output) as out, Quarantine(place) as aside:
        for result in reader.read_many(_articles(articles, aside), workers=workers):
            if isinstance(result, Unread):
                raw = json.dumps(as_json(result.article), ensure_ascii=False)
                aside.add(articles, result.article.id, result.reason, raw)
            else:
                out.write(as_json(result))
    print(f"{out.count} articles read, {aside.count} quarantined.", file=sys.stderr)
    if as_counts:
        counts = {"read": out.count, "quarantined": aside.count, "fingerprint": reader.fingerprint}
        typer.echo(json.dumps(counts))
    if aside.count:
        raise typer.Exit(3)


def _explain(articles: str, wanted: str, reader: Reader) -> None:
    """Prints the reading of one article, word by word."""
    from textmine.errors import ConfigError
    from textmine.lines import Quarantine
    from textmine.reading.explain import explain, parse_sentences

    with Quarantine(None) as aside:
        found = next((a for a in _articles(articles, aside) if a.id == wanted), None)
    if found is None:
        raise ConfigError(f"{articles} holds no article {wanted!r}. --explain takes the id of one.")
    read = reader.read(found)
    doc = parse_sentences(reader.nlp, found.text, read.sentences)
    for line in explain(read, doc):
        typer.echo(line)


def _articles(path: str, aside: Quarantine) -> Iterator[Article]:
    import json

    from textmine.errors import MalformedRecord
    from textmine.lines import read_lines
    from textmine.records import article_from_json

    for number, line in read_lines(path):
        where = f"line {number}"
        if isinstance(line, MalformedRecord):
            aside.add(path, where, str(line))
            continue
        try:
            yield article_from_json(line)
        except MalformedRecord as error:
            aside.add(path, where, str(error), json.dumps(line, ensure_ascii=False))
