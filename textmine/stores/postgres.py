"""The store on a server: PostgreSQL through psycopg 3, in bulk by COPY.

One writer at a time, by an advisory lock that ends with its transaction; readers never wait.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from textmine.errors import ConfigError, MissingExtra, SchemaTooNew, StoreError
from textmine.stores.database import columns_of, in_groups
from textmine.stores.migrations import migrations
from textmine.stores.model import shown_url
from textmine.stores.sql import SQLStore
from textmine.stores.tables import Row, Table
from textmine.stores.text import plain_text, words

if TYPE_CHECKING:
    import psycopg

__all__ = ["PostgresDatabase", "PostgresStore", "open_postgres"]

_LOCK = "SELECT pg_advisory_xact_lock(1954115684, hashtext(current_schema()))"
_TYPES = {"text": "text", "integer": "integer", "real": "double precision", "boolean": "boolean"}
_GROUP = 5000
# Tables with a column of words beside those of the contract.
INDEXED = ("quote",)


def open_postgres(rest: str, *, create: bool = True) -> PostgresStore:
    """Opens `postgresql://user@host:port/database`; libpq's other parameters behind a `?`.

    Leave the password to PGPASSWORD or ~/.pgpass. Raises MissingExtra without psycopg.
    """
    return PostgresStore(f"postgresql:{rest}", create=create)


class PostgresStore(SQLStore):
    """Both cards in one database (and schema: the first one of its search path)."""

    def __init__(self, url: str, *, create: bool = True) -> None:
        super().__init__(PostgresDatabase(url, create=create))


class PostgresDatabase:
    """PostgreSQL behind the small interface of `Database`."""

    def __init__(self, url: str, *, create: bool = True) -> None:
        try:
            import psycopg
        except ImportError:
            raise MissingExtra("psycopg", "postgres") from None
        self._psycopg = psycopg
        self._secret = _password(url)
        self.label = shown_url(url)
        self._names = itertools.count()
        # Rows go to the server in a thread, while the next ones are made.
        self._sender = ThreadPoolExecutor(1, thread_name_prefix="textmine-copy")
        self._sent: Future[None] | None = None
        self._depth = 0
        if not url.startswith("postgresql://"):
            raise ConfigError(
                f"{self.label} is no store URL. Write postgresql://user@host:port/database."
            )
        try:
            self.connection: psycopg.Connection[Row] = psycopg.connect(
                url, autocommit=True, application_name="textmine", **_patience(url)
            )
        except psycopg.ProgrammingError:
            # libpq repeats the part of the URL that it cannot read, which may be the password.
            raise ConfigError(
                f"{self.label} cannot be read as a URL. Write postgresql://user@host:port/database "
                "and put special characters of a password as %40 and so on, or into PGPASSWORD."
            ) from None
        except psycopg.Error as error:
            raise StoreError(
                f"The store {self.label} cannot be opened: {self._words(error)}. {_advice(error)}"
            ) from None
        try:
            self._migrate(create)
        except psycopg.Error as error:
            self.connection.close()
            raise StoreError(
                f"The store {self.label} cannot be opened: {self._words(error)}. {_advice(error)}"
            ) from None
        except BaseException:
            self.connection.close()
            raise

    def _words(self, error: Exception) -> str:
        """The first line of the server's message, without the password."""
        text = str(error).strip().split("\n")[0].rstrip(".") or type(error).__name__
        return text.replace(self._secret, "…") if self._secret else text

    def _migrate(self, create: bool) -> None:
        db, steps = self.connection, migrations("postgres")
        known = {name for name, _ in steps}

        def there() -> bool:
            row = db.execute("SELECT to_regclass('migration') IS NOT NULL").fetchone()
            return bool(row and row[0])

        def done() -> set[str]:
            names = {name for (name,) in db.execute("SELECT name FROM migration")}
            if names - known:
                raise SchemaTooNew(
                    f"The store {self.label} was written by a newer textmine (it has "
                    f"{', '.join(sorted(names - known))}). Nothing was changed. Install that "
                    "version: pip install -U textmine."
                )
            return names

        if there():
            if done() == known:
                return
        elif not create:
            raise ConfigError(
                f"There is no store in {self.label}: the database has no tables of textmine. "
                "Check the URL, or fill it with `textmine store push`."
            )
        for name, script in steps:
            # Another process may be at it, too: what is done is asked under the lock.
            with db.transaction():
                db.execute(_LOCK)
                db.execute("CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY)")
                if name not in done():
                    db.execute(script.encode())
                    if name == "0003_search":
                        self._index_all()
                    db.execute("INSERT INTO migration VALUES (%s)", (name,))

    # --- transactions

    @contextlib.contextmanager
    def transaction(self, what: str, *, alone: bool = True) -> Iterator[None]:
        try:
            with self.connection.transaction():
                if alone:
                    self.connection.execute(_LOCK)
                self._depth += 1
                try:
                    yield
                    self._settle()
                finally:
                    self._depth -= 1
                    self._drop()
        except self._psycopg.Error as error:
            raise StoreError(
                f"{what} in {self.label}: {self._words(error)}. {_advice(error)} "
                "Nothing of it was stored."
            ) from None

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        if self._depth:
            yield
            return
        with self._reading(), self.connection.transaction():
            self.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except self._psycopg.Error as error:
            if self._depth:
                raise  # the transaction tells it
            self._unreadable(error)

    def _unreadable(self, error: psycopg.Error) -> NoReturn:
        raise StoreError(
            f"The store {self.label} cannot be read: {self._words(error)}. {_advice(error)}"
        ) from None

    # --- reading and writing

    def _settle(self) -> None:
        """Waits until what was sent is there; raises what the server said of it."""
        sent, self._sent = self._sent, None
        if sent is not None:
            sent.result()

    def _drop(self) -> None:
        """Waits for what is under way when the transaction fails anyway."""
        if self._sent is not None:
            wait([self._sent])
            self._sent = None

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        self._settle()
        with self._reading():
            return self.connection.execute(_marked(sql), parameters).fetchall()

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        name = f"textmine_{next(self._names)}"
        self._settle()
        with (
            self._reading(),
            self.connection.cursor(name, withhold=not self._depth) as cursor,
        ):
            cursor.itersize = 500
            cursor.execute(_marked(sql), parameters)
            while rows := cursor.fetchmany(500):
                yield from rows

    def write(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        self._settle()
        self.connection.execute(_marked(sql), parameters)

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        self._settle()
        if self._depth:
            self._sent = self._sender.submit(self._copy, table, rows)
        else:
            self._copy(table, rows)

    def _copy(self, table: Table, rows: Sequence[Row]) -> None:
        columns = columns_of(table)
        if table.name in INDEXED:
            columns += ", words"
            rows = [(*row, words(plain_text(row[5]))) for row in rows]
        sql = f'COPY "{table.name}" ({columns}) FROM STDIN'
        with self.connection.cursor() as cursor, cursor.copy(sql.encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def known(self, table: Table, keys: Sequence[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
        names = ", ".join(f't."{name}"' for name in table.key)
        sql = (
            f'SELECT {names} FROM "{table.name}" t '  # noqa: S608
            f"JOIN {_unnested(table)} ON {_joined(table)}"
        )
        self._settle()
        found: set[tuple[Any, ...]] = set()
        for group in in_groups(keys, _GROUP):
            found.update(self.connection.execute(sql.encode(), _lists(group)))
        return found

    def update_many(
        self, table: Table, column: str, value: Any, keys: Sequence[tuple[Any, ...]]
    ) -> None:
        sql = (
            f'UPDATE "{table.name}" t SET "{column}" = %s '  # noqa: S608
            f"FROM {_unnested(table)} WHERE {_joined(table)}"
        )
        self._settle()
        for group in in_groups(keys, _GROUP):
            self.connection.execute(sql.encode(), (value, *_lists(group)))

    # --- search

    def _index_all(self) -> None:
        rows = self.connection.execute("SELECT id, text FROM quote").fetchall()
        with self.connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE quote SET words = %s WHERE id = %s",
                [(words(plain_text(text)), key) for key, text in rows],
            )

    def search(self, words: Sequence[str], limit: int) -> list[str]:
        rows = self.read(
            "SELECT id FROM quote WHERE words @> ?::text[] "
            'ORDER BY article_id, article_version, "start", id LIMIT ?',
            (list(words), limit),
        )
        return [key for (key,) in rows]

    def check(self) -> list[str]:
        ((lost,),) = self.read("SELECT count(*) FROM quote WHERE words IS NULL")
        wrong = [f"search: {lost} quotes are not in the index"] if lost else []
        wrong += [
            f"PostgreSQL: the constraint {name} of {table} is not valid"
            for name, table in self.read(
                "SELECT conname, conrelid::regclass::text FROM pg_constraint "
                "WHERE NOT convalidated ORDER BY 1"
            )
        ]
        return wrong

    def close(self) -> None:
        self._sender.shutdown()
        self.connection.close()


@lru_cache(maxsize=500)
def _marked(sql: str) -> bytes:
    """`?` as psycopg writes parameters."""
    return sql.replace("?", "%s").encode()


def _unnested(table: Table) -> str:
    kinds = {column.name: _TYPES[column.kind] for column in table.columns}
    lists = ", ".join(f"%s::{kinds[name]}[]" for name in table.key)
    names = ", ".join(f"k{number}" for number in range(len(table.key)))
    return f"unnest({lists}) AS k({names})"


def _joined(table: Table) -> str:
    return " AND ".join(f't."{name}" = k.k{number}' for number, name in enumerate(table.key))


def _lists(keys: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(values) for values in zip(*keys, strict=True)]


def _password(url: str) -> str:
    """What must not be shown, as it stands in the URL."""
    authority = url.partition("://")[2].rpartition("@")[0]
    found = re.search(r"(?i)[?&]password=([^&]*)", url)
    return authority.partition(":")[2] or (found[1] if found else "")


def _patience(url: str) -> dict[str, Any]:
    """Seconds until a server that does not answer counts as gone."""
    return {} if "connect_timeout" in url else {"connect_timeout": 10}


_ADVICE = (
    (r"password|authentication|no pg_hba", "Check the user and the password."),
    (r"database .* does not exist", "Create it with `createdb`, or check its name."),
    (r"refused|could not translate|timeout|No such file", "Is the server running there?"),
    (r"permission|must be owner|read-only", "Ask the owner for the rights to create and write."),
    (r"No space|disk full", "Make room on the server's disk and give the command again."),
    (r"closed|terminat|shut|lost|EOF", "The server went away; give the same command again."),
)


def _advice(error: Exception) -> str:
    text = str(error)
    return next((words for pattern, words in _ADVICE if re.search(pattern, text)), "Try again.")
