"""What a SQL store needs of its database; SQLite and PostgreSQL each have one.

SQL is written once, for both: `?` for parameters, double quotes around names that are words of SQL,
and no percent signs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from textmine.stores.tables import Row, Table

__all__ = ["Database", "columns_of", "in_groups"]


class Database(Protocol):
    """`label` is how messages name the store: never with a password."""

    @property
    def label(self) -> str: ...

    def transaction(self, what: str, *, alone: bool = True) -> AbstractContextManager[None]:
        """One writer at a time, all or nothing. `what` was tried, for the message of a failure.

        `alone=False`: others may write at once, where the database can; for short writes that meet
        nobody else's rows.
        """
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """Everything that is read inside belongs to one state of the store."""
        ...

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]: ...
    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]: ...
    def write(self, sql: str, parameters: Sequence[Any] = ()) -> None: ...

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        """Adds many rows that are not there yet, in the order of the table's columns."""
        ...

    def known(self, table: Table, keys: Sequence[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
        """Those of the keys that the table has."""
        ...

    def update_many(
        self, table: Table, column: str, value: Any, keys: Sequence[tuple[Any, ...]]
    ) -> None:
        """Sets one column in the rows with these keys."""
        ...

    def search(self, words: Sequence[str], limit: int) -> list[str]:
        """The ids of quotes that hold all the words."""
        ...

    def check(self) -> list[str]:
        """What the database itself finds wrong."""
        ...

    def close(self) -> None: ...


def columns_of(table: Table) -> str:
    """The columns as a list in SQL."""
    return ", ".join(f'"{name}"' for name in table.names)


def in_groups(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """The items in lists of at most `size`."""
    group: list[Any] = []
    for item in items:
        group.append(item)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group
