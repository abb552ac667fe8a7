"""Connections to the store, lent to one thread at a time."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from textmine.errors import ConfigError, StoreError
from textmine.stores.base import open_store
from textmine.stores.database import Database
from textmine.stores.sql import SQLStore
from textmine.stores.sqlite import SQLiteStore

__all__ = ["Pool"]

# Seconds that a page may wait for another writer, or for a connection.
PATIENCE = 30


class Pool:
    """At most `size` connections; a broken one is dropped and made anew."""

    def __init__(self, url: str, size: int) -> None:
        self._url = url
        self._size = size
        self._room = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[SQLStore] = []
        self._held = threading.local()
        self._closed = False
        first = self._open()
        self.label = first.url
        self.sqlite = isinstance(first, SQLiteStore)
        # SQLite's own waiting is a lottery: writers of this process queue up here instead.
        self._writing = threading.RLock() if self.sqlite else contextlib.nullcontext()
        self._idle.append(first)

    @property
    def url(self) -> str:
        """The URL as it was given, with a password: for a process of ours, never to be shown."""
        return self._url

    def _open(self) -> SQLStore:
        store = open_store(self._url, create=False)
        if not isinstance(store, SQLStore):
            store.close()
            raise ConfigError(
                f"{store.url} is a folder of files, and reviewers need a database. Copy it into "
                f"one: textmine store push {store.url} --to sqlite:///review.db"
            )
        if isinstance(store, SQLiteStore):
            # A decision outlives a power cut; a page does not wait as long as a push does.
            for setting in ("synchronous=FULL", f"busy_timeout={PATIENCE * 1000}",
                            "cache_size=-16384"):  # fmt: skip
                with contextlib.suppress(Exception):
                    store.database.write(f"PRAGMA {setting}")
        else:
            # Compiling a plan takes longer than any question of a page does.
            store.database.write("SET jit = off")
        return store

    @contextlib.contextmanager
    def lend(self) -> Iterator[Database]:
        """A connection for this thread; inside of another `lend` the same one."""
        held: Any = getattr(self._held, "store", None)
        if held is not None:
            yield held.database
            return
        if not self._room.acquire(timeout=PATIENCE):
            raise StoreError("The desk is busy: all connections to the store are in use. Try again")
        try:
            with self._lock:
                store = self._idle.pop() if self._idle else None
            store = store or self._open()
            self._held.store = store
            try:
                yield store.database
            except StoreError as error:
                if type(error) is StoreError:
                    self._forget(store)
                    store = None
                raise
            finally:
                self._held.store = None
                if store is not None:
                    self._give_back(store)
        finally:
            self._room.release()

    @contextlib.contextmanager
    def write(self, what: str, *, alone: bool = False) -> Iterator[Database]:
        """A connection in a transaction: all of it or nothing."""
        with self._writing, self.lend() as database, database.transaction(what, alone=alone):
            yield database

    def _give_back(self, store: SQLStore) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(store)
                return
        store.close()

    def _forget(self, store: SQLStore) -> None:
        """The server may have gone away: none of the idle connections is trusted any more."""
        with self._lock:
            old, self._idle = [store, *self._idle], []
        for one in old:
            with contextlib.suppress(Exception):
                one.close()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            old, self._idle = self._idle, []
        for store in old:
            store.close()
