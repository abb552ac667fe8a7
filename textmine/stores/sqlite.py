"""The embedded store: one SQLite file with both cards, in write-ahead mode."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from textmine.errors import ConfigError, SchemaTooNew, StoreError
from textmine.stores.database import columns_of, in_groups
from textmine.stores.migrations import migrations, rebuild_cards
from textmine.stores.sql import SQLStore
from textmine.stores.tables import Row, Table
from textmine.stores.text import plain_text, words

__all__ = ["SQLiteDatabase", "SQLiteStore", "open_sqlite"]

# Seconds that a writer waits for another: a push of a large run takes some.
PATIENCE = 600
# SQLite takes 32,766 parameters; keys have up to three columns.
_GROUP = 500


def open_sqlite(rest: str, *, create: bool = True) -> SQLiteStore:
    """Opens what stands behind `sqlite:`: `///relative.db` or `////absolute.db`."""
    if not rest.startswith("///") or len(rest) == 3:
        raise ConfigError(
            f"sqlite:{rest} names no file. Write sqlite:///file.db (relative) or "
            "sqlite:////folder/file.db (absolute)."
        )
    return SQLiteStore(Path(rest[3:]), create=create)


class SQLiteStore(SQLStore):
    """Both cards in one file."""

    def __init__(self, path: Path, *, create: bool = True, name: str | None = None) -> None:
        self.path = path
        super().__init__(SQLiteDatabase(path, create=create, name=name))

    @property
    def _db(self) -> sqlite3.Connection:
        database = self._database
        assert isinstance(database, SQLiteDatabase)
        return database.connection

    def take(self, rows: Iterable[tuple[str, Row]]) -> None:
        """Takes in rows as they are, sound or not: `verify` tells."""
        self._db.execute("PRAGMA foreign_keys=OFF")
        try:
            self.load(rows, check=False)
        finally:
            self._db.execute("PRAGMA foreign_keys=ON")

    def state(self) -> int:
        """A number that changes whenever a row does."""
        return self._db.total_changes


class SQLiteDatabase:
    """SQLite behind the small interface of `Database`."""

    def __init__(self, path: Path, *, create: bool = True, name: str | None = None) -> None:
        self.path = path
        self.label = name or f"sqlite:///{path}"
        # Under another's name it is a scratch database: what is lost with it lies elsewhere.
        scratch = name is not None
        if not create and not path.is_file():
            raise ConfigError(
                f"There is no store {path}. Check the path, or fill it with `textmine run --store` "
                "or `textmine store push`."
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # One thread at a time uses it; which one may change (a pool of connections).
            self.connection = sqlite3.connect(
                path, isolation_level=None, timeout=PATIENCE, check_same_thread=False
            )
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from None
        if not create and not os.access(path, os.W_OK):
            self._open_to_read()
            return
        try:
            self.connection.execute(f"PRAGMA journal_mode={'MEMORY' if scratch else 'WAL'}")
            self.connection.execute(f"PRAGMA synchronous={'OFF' if scratch else 'NORMAL'}")
            # With the default of 2 MB a large push writes its index pages again and again.
            self.connection.execute("PRAGMA cache_size=-131072")
            self._migrate()
            self.connection.execute("PRAGMA foreign_keys=ON")
        except sqlite3.Error as error:
            self.connection.close()
            raise self._unusable(error) from None
        except BaseException:
            self.connection.close()
            raise

    def _done(self) -> set[str]:
        """The migrations that the store has had. SchemaTooNew for one that is not known here."""
        names = {name for (name,) in self.connection.execute("SELECT name FROM migration")}
        more = names - {name for name, _ in migrations("sqlite")}
        if more:
            raise SchemaTooNew(
                f"The store {self.path} was written by a newer textmine (it has "
                f"{', '.join(sorted(more))}). Nothing was changed. Install that version: pip "
                "install -U textmine."
            )
        return names

    def _open_to_read(self) -> None:
        """A file of somebody else: it is read as it is, and must be of this version."""
        self.connection.close()
        waiting = self.path.with_name(f"{self.path.name}-wal")
        # Without the right to write, SQLite cannot join the log of writers: with none there, the
        # file alone is the store.
        still = "" if waiting.is_file() and waiting.stat().st_size else "&immutable=1"
        try:
            place = f"{self.path.resolve().as_uri()}?mode=ro{still}"
            self.connection = sqlite3.connect(
                place, isolation_level=None, uri=True, check_same_thread=False
            )
            had = self._done()
        except sqlite3.Error as error:
            self.connection.close()
            raise self._unusable(error) from None
        except SchemaTooNew:
            self.connection.close()
            raise
        missing = [name for name, _ in migrations("sqlite") if name not in had]
        if missing:
            self.connection.close()
            raise StoreError(
                f"The store {self.path} is of an older textmine, and you may not write there: it "
                "cannot be migrated. Copy the file, or let its owner open it once."
            )

    def _unusable(self, error: Exception) -> StoreError:
        return StoreError(
            f"The store {self.path} cannot be opened: {error}. Is it a SQLite file, and may you "
            "write there?"
        )

    def _migrate(self) -> None:
        db, steps, done = self.connection, migrations("sqlite"), self._done
        known = {name for name, _ in steps}
        there = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'migration'").fetchone()
        if there and done() == known:
            return
        db.execute("PRAGMA foreign_keys=OFF")
        for name, script in steps:
            # One transaction per migration, so that a kill leaves it done or not begun. Another
            # process may be at it, too: what is done is asked inside.
            db.execute("BEGIN IMMEDIATE")
            try:
                db.execute("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY)")
                if name not in done():
                    for statement in _statements(script):
                        db.execute(statement)
                    if name == "0003_cards":
                        rebuild_cards(self)
                    if name == "0005_search":
                        self._index_all()
                    db.execute("INSERT INTO migration VALUES (?)", (name,))
                db.execute("COMMIT")
            except BaseException:
                db.execute("ROLLBACK")
                raise

    # --- transactions

    @contextlib.contextmanager
    def transaction(self, what: str, *, alone: bool = True) -> Iterator[None]:
        # SQLite has one writer at a time in any case.
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise StoreError(
                f"{what} in {self.label}: {error}. {_advice(error)}Nothing of it was stored."
            ) from None

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        if self.connection.in_transaction:
            yield
            return
        with self._reading():
            self.connection.execute("BEGIN")
            try:
                yield
            finally:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if self.connection.in_transaction:
                raise  # the transaction tells it
            raise StoreError(
                f"The store {self.path} cannot be read: {error}. If the file is damaged, put a "
                "good copy back or push its runs into a new store."
            ) from None

    # --- reading and writing

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with self._reading():
            return self.connection.execute(sql, parameters).fetchall()

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        with self._reading():
            cursor = self.connection.execute(sql, parameters)
            while rows := cursor.fetchmany(500):
                yield from rows

    def write(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        self.connection.execute(sql, parameters)

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        marks = ",".join("?" * len(table.columns))
        sql = f'INSERT INTO "{table.name}" ({columns_of(table)}) VALUES ({marks})'  # noqa: S608
        self.connection.executemany(sql, rows)
        if table.name == "quote":
            self._index([(row[0], row[5]) for row in rows])

    def known(self, table: Table, keys: Sequence[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
        names = ", ".join(f'"{name}"' for name in table.key)
        one = "(" + ",".join("?" * len(table.key)) + ")"
        found: set[tuple[Any, ...]] = set()
        for group in in_groups(keys, _GROUP):
            sql = (
                f'SELECT {names} FROM "{table.name}" '  # noqa: S608
                f"WHERE ({names}) IN (VALUES {','.join([one] * len(group))})"
            )
            found.update(self.connection.execute(sql, [v for key in group for v in key]))
        return found

    def update_many(
        self, table: Table, column: str, value: Any, keys: Sequence[tuple[Any, ...]]
    ) -> None:
        where = " AND ".join(f'"{name}" = ?' for name in table.key)
        sql = f'UPDATE "{table.name}" SET "{column}" = ? WHERE {where}'  # noqa: S608
        self.connection.executemany(sql, ((value, *key) for key in keys))

    # --- search

    def _index(self, quotes: Sequence[tuple[str, str]]) -> None:
        self.connection.executemany(
            "INSERT INTO quote_words (rowid, words) SELECT rowid, ? FROM quote WHERE id = ?",
            ((" ".join(words(plain_text(text))), key) for key, text in quotes),
        )

    def _index_all(self) -> None:
        self._index(self.connection.execute("SELECT id, text FROM quote").fetchall())

    def search(self, words: Sequence[str], limit: int) -> list[str]:
        query = " ".join(f'"{word}"' for word in words)
        rows = self.read(
            "SELECT q.id FROM quote q WHERE q.rowid IN "
            "(SELECT rowid FROM quote_words WHERE quote_words MATCH ?) "
            'ORDER BY q.article_id, q.article_version, q."start", q.id LIMIT ?',
            (query, limit),
        )
        return [key for (key,) in rows]

    def check(self) -> list[str]:
        wrong = [f"SQLite: {row[0]}" for row in self.read("PRAGMA integrity_check")]
        wrong = [line for line in wrong if line != "SQLite: ok"]
        for name, row, parent, _ in self.read("PRAGMA foreign_key_check"):
            wrong.append(f"{name} row {row} points to a missing row of {parent}")
        ((quotes,),) = self.read("SELECT count(*) FROM quote")
        ((indexed,),) = self.read("SELECT count(*) FROM quote_words")
        if quotes != indexed:
            wrong.append(f"search: {quotes} quotes, and {indexed} of them in the index")
        return wrong

    def close(self) -> None:
        self.connection.close()


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; `executescript` would commit the transaction."""
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part
            part = ""
    if part.strip():
        yield part


def _advice(error: sqlite3.Error) -> str:
    text = str(error)
    if "full" in text:
        return "Make room on the disk and give the command again. "
    if "locked" in text:
        return "Another process writes to it; try again when that has ended. "
    if "readonly" in text or "read-only" in text:
        return "You may not write there; ask its owner or give another store. "
    return ""
