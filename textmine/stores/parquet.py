"""Parquet: a folder per table, partitioned by run, for pandas, DuckDB and Spark.

    DIR/finding/run_id=run_1f…/part-0.parquet

Beside the contract's columns every row of a partition carries the lineage of its run; these columns
are constant there and take no room.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from textmine.errors import ConfigError, MissingExtra
from textmine.stores.files import FileStore, Source
from textmine.stores.tables import Row, Table, tables

__all__ = ["LINEAGE", "Parquet", "open_parquet"]

LINEAGE = ("tool_version", "model_hash", "config_hash", "source", "query", "fetched_at")
_ROWS = 5000
_PART = "part-0.parquet"


def open_parquet(rest: str, *, create: bool = True) -> FileStore:
    """Opens the folder behind `parquet:`. Raises MissingExtra without pyarrow."""
    if not rest or rest.startswith("//"):
        raise ConfigError(f"parquet:{rest} names no folder. Write parquet:FOLDER.")
    return FileStore(Path(rest), Parquet(), create=create)


class Parquet:
    """Every row of every table, typed as in the contract."""

    name = "parquet"

    def __init__(self) -> None:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise MissingExtra("pyarrow", "parquet") from None
        self._arrow: Any = pyarrow
        self._parquet: Any = pyarrow.parquet

    def _schema(self, place: Table, *, lineage: bool) -> Any:
        arrow = self._arrow
        kinds = {
            "text": arrow.string(),
            "integer": arrow.int64(),
            "real": arrow.float64(),
            "boolean": arrow.bool_(),
        }
        fields = [
            arrow.field(c.name, kinds[c.kind], nullable=c.nullable)
            for c in place.columns
            if not (lineage and c.name == "run_id")
        ]
        if lineage:
            fields += [arrow.field(name, arrow.string()) for name in LINEAGE]
        meta = {"textmine": place.description}
        return arrow.schema(fields, metadata=meta)

    def write(self, store: Source, folder: Path) -> dict[str, int]:
        runs = {run["id"]: run for run in store.find("run")}
        counts = {}
        for name, place in tables().items():
            parted = "run_id" in place.names
            writers: dict[str, _Part] = {}
            count = 0
            try:
                for row in store.rows(name):
                    run = row[place.place("run_id")] if parted else ""
                    if run not in writers:
                        path = folder / name / (f"run_id={quote(run, safe='')}" if parted else "")
                        lineage = [runs[run][key] for key in LINEAGE] if parted else []
                        schema = self._schema(place, lineage=parted)
                        writers[run] = _Part(self._arrow, self._parquet, path, schema, lineage)
                    writers[run].add(
                        [v for n, v in zip(place.names, row, strict=True) if n != "run_id"]
                        if parted
                        else row
                    )
                    count += 1
                if not writers:
                    schema = self._schema(place, lineage=False)
                    writers[""] = _Part(self._arrow, self._parquet, folder / name, schema, [])
            finally:
                for part in writers.values():
                    part.close()
            counts[name] = count
        return counts

    def read(self, folder: Path) -> Iterator[tuple[str, Row]]:
        for name, place in tables().items():
            for file in sorted((folder / name).rglob("*.parquet")):
                parent = file.parent.name
                run = unquote(parent.removeprefix("run_id=")) if "=" in parent else None
                columns = [n for n in place.names if n != "run_id" or run is None]
                # Not as a data set: its path would give run_id a second time.
                with self._parquet.ParquetFile(file) as source:
                    for batch in source.iter_batches(_ROWS, columns=columns):
                        values = batch.to_pydict()
                        if run is not None and "run_id" in place.names:
                            values["run_id"] = [run] * batch.num_rows
                        for column in place.columns:
                            # An older minor version of the contract did not have it.
                            if column.nullable and column.name not in values:
                                values[column.name] = [None] * batch.num_rows
                        for row in zip(*(values[n] for n in place.names), strict=True):
                            yield name, row

    def check(self, folder: Path, store: Source) -> list[str]:
        return []


class _Part:
    """One file that is being written."""

    def __init__(self, arrow: Any, parquet: Any, folder: Path, schema: Any, tail: list[Any]):
        folder.mkdir(parents=True, exist_ok=True)
        self._arrow, self._schema, self._tail = arrow, schema, tail
        self._rows: list[Any] = []
        self._writer = parquet.ParquetWriter(folder / _PART, schema, compression="zstd")

    def add(self, row: Any) -> None:
        self._rows.append(row)
        if len(self._rows) >= _ROWS:
            self._flush()

    def _flush(self) -> None:
        columns = list(zip(*((*row, *self._tail) for row in self._rows), strict=True))
        arrays = [
            self._arrow.array(list(values), type=field.type)
            for values, field in zip(columns, self._schema, strict=True)
        ]
        if arrays:
            self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        self._rows = []

    def close(self) -> None:
        try:
            if self._rows:
                self._flush()
        finally:
            self._writer.close()
