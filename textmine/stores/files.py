"""Stores made of files: a folder per store, a format per kind of file.

What is done to such a store is done in a scratch database and written out whole: into a folder
beside it, which then takes its place. So every backend keeps one and the same contract, at the
price that a push costs as much as the store is large. A kill leaves the old state or the new one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from textmine.errors import ConfigError, SchemaTooNew, StoreError, TextmineError
from textmine.pubmed.events import Event
from textmine.records import Annotated, Claim, Decision, Finding, Provenance, Verdict
from textmine.stores.model import Bundle, Pushed, StoredEvent
from textmine.stores.schemas import version
from textmine.stores.sqlite import SQLiteStore
from textmine.stores.tables import Row

__all__ = ["MANIFEST", "FileStore", "Format", "Source"]

MANIFEST = "textmine-store.json"
T = TypeVar("T")


class Source(Protocol):
    """What a format writes from: the rows of a store."""

    def rows(self, table: str, /) -> Iterator[Row]: ...
    def find(self, table: str, /, **equals: Any) -> list[dict[str, Any]]: ...


class Format(Protocol):
    """A kind of files that hold every row."""

    @property
    def name(self) -> str: ...
    def write(self, store: Source, folder: Path) -> dict[str, int]:
        """Writes everything into an empty folder; the number of rows by table."""
        ...

    def read(self, folder: Path) -> Iterator[tuple[str, Row]]:
        """Every row, tables in the order of the contract."""
        ...

    def check(self, folder: Path, store: Source) -> list[str]:
        """What is wrong with the files beyond their rows."""
        ...


@dataclass(frozen=True, slots=True)
class _State:
    """A loaded generation of the folder."""

    mark: str
    store: SQLiteStore


class FileStore:
    """A store in a folder. The methods are those of `Store`."""

    def __init__(self, folder: Path, form: Format, *, create: bool = True) -> None:
        self.folder, self.form = folder, form
        self._scratch = tempfile.TemporaryDirectory(prefix="textmine-")
        self._loaded: _State | None = None
        self._number = 0
        try:
            if folder.exists() and not folder.is_dir():
                raise ConfigError(f"{folder} is a file; {form.name}: stores are folders.")
            if not create and not self._manifest_path().is_file():
                raise ConfigError(
                    f"There is no store in {folder}. Check the path, or fill it with `textmine "
                    "store push`."
                )
            if self._there() is None and folder.is_dir() and any(folder.iterdir()):
                raise ConfigError(
                    f"{folder} holds other files. Give a new or empty folder for the store."
                )
        except BaseException:
            self._scratch.cleanup()
            raise

    @property
    def url(self) -> str:
        return f"{self.form.name}:{self.folder}"

    # --- the folder

    def _manifest_path(self) -> Path:
        file = self.folder / MANIFEST
        old = self._beside("old")
        for _ in range(50):
            if file.is_file() or not old.is_dir():
                break
            # Another process is just putting a new state in its place, or was killed at it.
            time.sleep(0.02)
        else:
            old.rename(self.folder)
        return file

    def _beside(self, kind: str) -> Path:
        return self.folder.with_name(f".{self.folder.name}.{kind}")

    def _there(self) -> dict[str, Any] | None:
        try:
            data = json.loads(self._manifest_path().read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise StoreError(f"{self.folder / MANIFEST} cannot be read: {error}.") from None
        if data.get("format") != f"textmine-{self.form.name}":
            raise ConfigError(
                f"{self.folder} holds a store of another kind ({data.get('format')}), not "
                f"{self.form.name}. Name it by its own scheme."
            )
        major = str(data.get("contract", "")).partition(".")[0]
        if major.isdigit() and int(major) > int(version().partition(".")[0]):
            raise SchemaTooNew(
                f"The store {self.url} was written by a newer textmine (contract "
                f"{data['contract']}). Nothing was changed. Install that version: pip install -U "
                "textmine."
            )
        found: dict[str, Any] = data
        return found

    def _open(self) -> SQLiteStore:
        """The rows in a scratch database: those of the folder as it is now."""
        there = self._there()
        mark = "" if there is None else there["mark"]
        if self._loaded is not None:
            if self._loaded.mark == mark:
                return self._loaded.store
            self._loaded.store.close()
        self._number += 1
        scratch = SQLiteStore(Path(self._scratch.name) / f"{self._number}.db", name=self.url)
        try:
            if there is not None:
                scratch.take(self.form.read(self.folder))
        except (OSError, ValueError, KeyError) as error:
            scratch.close()
            raise StoreError(
                f"The store {self.url} cannot be read: {error}. If files are missing or damaged, "
                "put a good copy back."
            ) from None
        except BaseException:
            scratch.close()
            raise
        self._loaded = _State(mark, scratch)
        return scratch

    def _change(self, work: Callable[[SQLiteStore], T]) -> T:
        """Does the work on the rows and writes them out; one process at a time."""
        import filelock

        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(str(self._beside("lock"))):
                store = self._open()
                before = store.state()
                try:
                    result = work(store)
                    changed = self._loaded is not None and store.state() != before
                    if changed or self._there() is None:
                        self._replace(store)
                except BaseException:
                    # The scratch is ahead of the folder: it is loaded again when it is needed.
                    store.close()
                    self._loaded = None
                    raise
                return result
        except OSError as error:
            raise StoreError(
                f"The store {self.url} cannot be written: {error.strerror or error}. Is there room "
                "on the disk, and may you write there? Nothing of it was stored."
            ) from None

    def _replace(self, store: SQLiteStore) -> None:
        new, old = self._beside("new"), self._beside("old")
        for left in (new, old) if self.folder.exists() else (new,):
            shutil.rmtree(left, ignore_errors=True)
        new.mkdir(parents=True)
        try:
            counts = self.form.write(store, new)
            files = {
                str(p.relative_to(new).as_posix()): hashlib.sha256(p.read_bytes()).hexdigest()
                for p in sorted(new.rglob("*"))
                if p.is_file()
            }
            mark = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
            manifest = {
                "format": f"textmine-{self.form.name}",
                "contract": version(),
                "mark": mark,
                "rows": counts,
                "files": files,
            }
            text = json.dumps(manifest, indent=1) + "\n"
            (new / MANIFEST).write_text(text, encoding="utf-8")
            _sync(new)
            if self.folder.exists():
                self.folder.rename(old)
            new.rename(self.folder)
            shutil.rmtree(old, ignore_errors=True)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        self._loaded = _State(mark, store)

    # --- writing

    def push(self, bundle: Bundle) -> Pushed:
        return self._change(lambda store: store.push(bundle))

    def record_events(self, events: Iterable[Event], checked: Collection[str]) -> list[StoredEvent]:
        return self._change(lambda store: store.record_events(events, checked))

    def decide(self, decision: Decision) -> bool:
        return self._change(lambda store: store.decide(decision))

    def load(self, rows: Iterable[tuple[str, Row]]) -> dict[str, int]:
        return self._change(lambda store: store.load(rows))

    def renew(self, rows: Iterable[tuple[str, Row]]) -> dict[str, int]:
        """Puts these rows in the place of all there are."""

        def anew(store: SQLiteStore) -> dict[str, int]:
            self._number += 1
            path = Path(self._scratch.name) / f"{self._number}.db"
            with SQLiteStore(path, name=self.url) as fresh:
                added = fresh.load(rows)
                self._replace(fresh)
            # What was written is loaded again when it is needed.
            self._loaded = None
            store.close()
            return added

        return self._change(anew)

    # --- reading

    def provenance(self) -> Provenance:
        return self._open().provenance()

    def project(self) -> str:
        return self._open().project()

    def claims(self) -> list[Claim]:
        return self._open().claims()

    def verdicts(self) -> list[Verdict]:
        return self._open().verdicts()

    def findings(self, claim_id: str | None = None) -> Iterator[Finding]:
        return self._open().findings(claim_id)

    def article(self, article_id: str, version: int | None = None) -> Annotated:
        return self._open().article(article_id, version)

    def articles(self) -> Iterator[Annotated]:
        return self._open().articles()

    def events(self, article_id: str | None = None, *, history: bool = False) -> list[StoredEvent]:
        return self._open().events(article_id, history=history)

    def decisions(self, finding_id: str | None = None) -> list[Decision]:
        return self._open().decisions(finding_id)

    def rows(self, table: str, /, *, after: int = 0) -> Iterator[Row]:
        return self._open().rows(table, after=after)

    def dump(self) -> Iterator[tuple[str, Row]]:
        return self._open().dump()

    def find(self, table: str, /, **equals: Any) -> list[dict[str, Any]]:
        return self._open().find(table, **equals)

    def search(self, text: str, *, limit: int = 20) -> list[dict[str, Any]]:
        return self._open().search(text, limit=limit)

    def check(self) -> list[str]:
        """Files against the manifest: their hashes, their rows."""
        there = self._there()
        if there is None:
            return []
        wrong = []
        for name, wanted in there["files"].items():
            file = self.folder / name
            if not file.is_file():
                wrong.append(f"{name} is missing")
            elif hashlib.sha256(file.read_bytes()).hexdigest() != wanted:
                wrong.append(f"{name} is not what the manifest says: it was changed")
        return wrong

    def verify(self) -> list[str]:
        wrong = self.check()
        try:
            store = self._open()
        except SchemaTooNew:
            raise
        except TextmineError as error:
            return [*wrong, str(error)]
        for name, count in (self._there() or {"rows": {}})["rows"].items():
            held = sum(1 for _ in store.rows(name))
            if held != count:
                wrong.append(f"{name}: {held} rows, and the manifest counts {count}")
        return [*wrong, *self.form.check(self.folder, store), *store.verify()]

    def close(self) -> None:
        if self._loaded is not None:
            self._loaded.store.close()
            self._loaded = None
        self._scratch.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _sync(folder: Path) -> None:
    """Everything in the folder onto the disk."""
    for path in [*folder.rglob("*"), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
