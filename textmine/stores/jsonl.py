"""JSON lines: a file per table with every row, or the records in the formats of the commands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from textmine.errors import ConfigError, MalformedRecord
from textmine.lines import LineWriter, read_lines
from textmine.records import as_json
from textmine.stores.base import Store
from textmine.stores.files import FileStore, Source
from textmine.stores.tables import Row, Table, tables
from textmine.stores.text import to_json

__all__ = ["JsonLines", "export_lines", "open_jsonl"]


def open_jsonl(rest: str, *, create: bool = True) -> FileStore:
    """Opens the folder behind `jsonl:`."""
    if not rest or rest.startswith("//"):
        raise ConfigError(f"jsonl:{rest} names no folder. Write jsonl:FOLDER.")
    return FileStore(Path(rest), JsonLines(), create=create)


class JsonLines:
    """`TABLE.jsonl.gz`: a row a line, keys as in the contract; columns of JSON are not quoted."""

    name = "jsonl"

    def write(self, store: Source, folder: Path) -> dict[str, int]:
        counts = {}
        for name, place in tables().items():
            with LineWriter(folder / f"{name}.jsonl.gz") as out:
                for row in store.rows(name):
                    out.write(_line(place, row))
                counts[name] = out.count
        return counts

    def read(self, folder: Path) -> Iterator[tuple[str, Row]]:
        for name, place in tables().items():
            for number, line in read_lines(folder / f"{name}.jsonl.gz"):
                if isinstance(line, MalformedRecord):
                    raise line
                try:
                    yield name, _row(place, line)
                except KeyError as error:
                    raise MalformedRecord(
                        f"{folder / name}.jsonl.gz, line {number} has no {error}."
                    ) from None

    def check(self, folder: Path, store: Source) -> list[str]:
        return []


def _line(place: Table, row: Row) -> dict[str, Any]:
    line: dict[str, Any] = {}
    for column, value in zip(place.columns, row, strict=True):
        if column.json and value is not None:
            parsed = json.loads(value)
            # Text that would not come back as it is stays text.
            line[column.name] = parsed if to_json(parsed) == value else value
        else:
            line[column.name] = value
    return line


def _row(place: Table, line: Mapping[str, Any]) -> Row:
    values = []
    for column in place.columns:
        # An older minor version of the contract did not have all that may be null.
        value = line.get(column.name) if column.nullable else line[column.name]
        values.append(to_json(value) if column.json and isinstance(value, dict | list) else value)
    return tuple(values)


def export_lines(store: Store, folder: Path) -> dict[str, int]:
    """Writes what is current in the line formats of the commands; returns the counts."""
    kinds: tuple[tuple[str, Iterable[object]], ...] = (
        ("claims.jsonl", store.claims()),
        ("annotated.jsonl.gz", store.articles()),
        ("findings.jsonl.gz", store.findings()),
        ("verdicts.jsonl", store.verdicts()),
    )
    events, decisions = store.events(history=True), store.decisions()
    if events:
        kinds = (*kinds, ("events.jsonl", events))
    if decisions:
        kinds = (*kinds, ("decisions.jsonl", decisions))
    counts = {}
    for name, records in kinds:
        with LineWriter(folder / name) as out:
            for record in records:
                out.write(as_json(record))
            counts[name] = out.count
    return counts
