"""The desk's own tables that are filled in bulk, and small helpers for SQL."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from textmine.stores.database import Database
from textmine.stores.tables import Column, Table
from textmine.stores.text import column_text, plain_text

__all__ = [
    "ASSIGNMENT",
    "ITEM",
    "SAMPLED",
    "audit",
    "mark",
    "marks",
    "now",
    "plain",
    "set_mark",
    "texts",
]


def _table(name: str, key: tuple[str, ...], **columns: str) -> Table:
    made = tuple(
        Column(n, kind.removesuffix("?"), kind.endswith("?"), None, None, "")
        for n, kind in columns.items()
    )
    places = {column.name: number for number, column in enumerate(made)}
    return Table(name, 0, key, made, "", tuple(places), places, tuple(places[k] for k in key))


ITEM = _table(
    "desk_item", ("corpus", "finding"),
    corpus="text", finding="text", claim_id="text", article_id="text", article_version="integer",
    stance="text", speaks="boolean", score="real", impact="real", uncertainty="real",
    disagree="boolean", excluded="text?", title="text", year="integer?", design="text",
)  # fmt: skip
SAMPLED = _table(
    "desk_sampled", ("sample", "position"), sample="text", position="integer", finding="text"
)
ASSIGNMENT = _table(
    "desk_assignment", ("project", "finding", "reviewer"),
    project="text", finding="text", reviewer="text", position="integer",
)  # fmt: skip


def now() -> str:
    """The time as it stands in decisions and logs: UTC, to the microsecond."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")


def marks(items: Sequence[Any]) -> str:
    """`?` for each: "?, ?, ?"."""
    return ", ".join("?" * len(items))


def plain(value: Any) -> Any:
    """Text as it was before a column held it."""
    return plain_text(value) if isinstance(value, str) else value


def audit(database: Database, who: str, what: str, detail: str = "") -> None:
    """Notes in the log who did what; inside of a transaction."""
    database.write(
        'INSERT INTO audit_log ("at", who, what, detail) VALUES (?, ?, ?, ?)',
        (now(), column_text(who), what, column_text(detail)),
    )


def mark(database: Database, name: str) -> str | None:
    """What was noted under this name."""
    rows = database.read("SELECT value FROM desk_mark WHERE name = ?", (name,))
    return rows[0][0] if rows else None


def set_mark(database: Database, name: str, value: str) -> None:
    """Notes it; inside of a transaction."""
    database.write(
        "INSERT INTO desk_mark (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def texts(values: Iterable[str]) -> list[str]:
    """Values as columns hold them."""
    return [column_text(value) for value in values]
