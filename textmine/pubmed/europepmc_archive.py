"""What came from Europe PMC, kept as it came.

    ARCHIVE/
      manifest.json       queries, hits, what was found, runs
      pages.jsonl         one line per page: cursors, hits, the keys on it, where its records lie
      records.jsonl.gz    the records, one JSON object a line; a gzip member per page

A page's member is written behind the last vouched one and synced, then its line is; what a kill
leaves behind that is cut off by the next run. A record that comes again unchanged is not written
again; a changed one is, and the last one counts.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NoReturn, Self

from textmine import __version__
from textmine.errors import ConfigError, SchemaTooNew, StoreError
from textmine.pubmed.archive import is_archive
from textmine.pubmed.europepmc_json import key_of

__all__ = ["EuropePmcArchive", "is_europepmc_archive"]

FORMAT = "textmine-europepmc"
FORMAT_VERSION = 1


def is_europepmc_archive(path: str | Path) -> bool:
    """Whether a folder holds an archive of Europe PMC's records: its manifest says so."""
    try:
        with open(Path(path) / "manifest.json", "rb") as stream:
            return FORMAT.encode() in stream.read(200)
    except OSError:
        return False


class EuropePmcArchive:
    """`EuropePmcArchive(path)` reads; `write=True` makes the folder and locks it for one run.

    Errors: ConfigError for a folder that is none, SchemaTooNew, StoreError when it is locked,
    damaged or the disk is full.
    """

    def __init__(self, path: str | Path, *, write: bool = False) -> None:
        self.path = Path(path)
        self.pages: list[dict[str, Any]] = []
        self.hashes: dict[str, str] = {}
        self.queries: dict[str, dict[str, Any]] = {}
        self.runs: list[dict[str, Any]] = []
        self._lock: Any = None
        known = is_europepmc_archive(self.path)
        if not known and not write:
            raise ConfigError(f"{path} is no archive of Europe PMC's records.")
        if write:
            self._take_lock(known)
        try:
            if known:
                self._load()
            if write:
                self._mend()
                self.checkpoint()
        except OSError as error:
            self._release()
            self._full(error)
        except BaseException:
            self._release()
            raise

    def _take_lock(self, known: bool) -> None:
        import filelock

        own = {"pages.jsonl", "records.jsonl.gz", ".lock", "manifest.json.part"}
        if is_archive(self.path):
            raise ConfigError(
                f"{self.path} is an archive of PubMed's records. Give another folder for those of "
                "Europe PMC."
            )
        if self.path.exists() and not self.path.is_dir():
            raise ConfigError(f"{self.path} is a file; an archive is a folder.")
        if not known and self.path.is_dir():
            other = [p.name for p in self.path.iterdir() if p.name not in own]
            if other:
                raise ConfigError(
                    f"{self.path} holds other files ({other[0]}). Give a new or empty --archive."
                )
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = filelock.FileLock(str(self.path / ".lock"), timeout=0)
            self._lock.acquire()
        except filelock.Timeout:
            raise StoreError(
                f"The archive {self.path} is in use by another run. Wait until that has ended."
            ) from None
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror}.") from None

    def _load(self) -> None:
        place = self.path / "manifest.json"
        try:
            data = json.loads(place.read_bytes())
            version = data["format_version"]
            self.queries = {q["id"]: q for q in data["queries"]}
            self.runs = data["runs"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"{place} cannot be read ({error!r}). Nothing was changed. Put a good copy back."
            ) from None
        if version > FORMAT_VERSION:
            raise SchemaTooNew(
                f"The archive {self.path} was written by a newer textmine (format {version}). "
                "Nothing was changed. Install the newer textmine."
            )
        for raw in self._lines():
            try:
                line = json.loads(raw)
            except ValueError:
                raise StoreError(
                    f"{self.path / 'pages.jsonl'} is damaged. Nothing was changed. Put a good copy "
                    "back, or fetch into a new archive."
                ) from None
            self._note(line)

    def _lines(self) -> list[bytes]:
        """The whole lines: what stands behind the last newline was cut off."""
        file = self.path / "pages.jsonl"
        return file.read_bytes().split(b"\n")[:-1] if file.is_file() else []

    def _note(self, page: dict[str, Any]) -> None:
        self.pages.append(page)
        self.hashes.update(page["stored"])

    def _mend(self) -> None:
        """Cuts both files back to what is vouched for; a kill may have left more."""
        for name, end in (
            ("pages.jsonl", sum(len(raw) + 1 for raw in self._lines())),
            ("records.jsonl.gz", self._end),
        ):
            with open(self.path / name, "ab") as stream:
                if stream.tell() < end:
                    raise StoreError(
                        f"{self.path / name} is shorter than it was ({stream.tell()} of {end} "
                        "bytes). Put a good copy back, or fetch into a new archive."
                    )
                stream.truncate(end)

    @property
    def _end(self) -> int:
        return max((p["offset"] + p["length"] for p in self.pages), default=0)

    # --- writing ---

    def add(self, page: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Stores a page; says for each key "new", "changed" or "same"."""
        outcome: dict[str, str] = {}
        lines = []
        stored: dict[str, str] = {}
        for record in records:
            key = key_of(record)
            text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
            data = text.encode("utf-8", "surrogatepass")
            digest = hashlib.sha256(data).hexdigest()[:32]
            if key in stored:
                continue
            before = self.hashes.get(key)
            outcome[key] = "same" if before == digest else "changed" if before else "new"
            if before != digest:
                lines.append(data + b"\n")
                stored[key] = digest
        packed = gzip.compress(b"".join(lines), 6, mtime=0) if lines else b""
        line = {
            **page,
            "keys": list(outcome),
            "stored": stored,
            "offset": self._end,
            "length": len(packed),
            "sha256": hashlib.sha256(packed).hexdigest(),
        }
        try:
            if packed:
                with open(self.path / "records.jsonl.gz", "r+b") as stream:
                    stream.seek(self._end)
                    stream.write(packed)
                    stream.truncate()
                    _sync(stream)
            with open(self.path / "pages.jsonl", "ab") as stream:
                stream.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
                _sync(stream)
        except OSError as error:
            self._full(error)
        self._note(line)
        return outcome

    def set_query(self, query: Mapping[str, Any]) -> None:
        """Notes what a query came to; `query["id"]` names it."""
        self.queries[query["id"]] = dict(query)
        self.checkpoint()

    def checkpoint(self) -> None:
        """Writes the manifest, whole, by rename."""
        data = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "textmine": __version__,
            "records": len(self.hashes),
            "complete": not any(q.get("difference") for q in self.queries.values()),
            "queries": list(self.queries.values()),
            "runs": self.runs,
        }
        temporary = self.path / "manifest.json.part"
        try:
            with open(temporary, "wb") as stream:
                stream.write(json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n")
                _sync(stream)
            os.replace(temporary, self.path / "manifest.json")
        except OSError as error:
            self._full(error)

    def _full(self, error: OSError) -> NoReturn:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        what = "The disk is full" if full else f"Writing failed ({error.strerror or error})"
        raise StoreError(
            f"{what}: {self.path}. What was stored before is whole. Make room and run again."
        ) from None

    # --- reading ---

    def records(self) -> Iterator[tuple[str, bytes | StoreError]]:
        """(key, the record as it came last), a page in memory at a time; damage in its place."""
        last = {key: number for number, page in enumerate(self.pages) for key in page["stored"]}
        for number, page in enumerate(self.pages):
            wanted = [key for key in page["stored"] if last[key] == number]
            if not wanted:
                continue
            try:
                lines = self._member(page)
            except StoreError as error:
                for key in wanted:
                    yield key, error
                continue
            for key, line in zip(page["stored"], lines, strict=True):
                if last[key] == number:
                    yield key, line

    def _member(self, page: Mapping[str, Any]) -> list[bytes]:
        file = self.path / "records.jsonl.gz"
        with open(file, "rb") as stream:
            stream.seek(page["offset"])
            packed = stream.read(page["length"])
        if hashlib.sha256(packed).hexdigest() != page["sha256"]:
            raise StoreError(
                f"{file} is damaged at byte {page['offset']}. Fetch into a new archive, or put a "
                "good copy back."
            )
        return gzip.decompress(packed).split(b"\n")[:-1]

    def close(self) -> None:
        """Writes the manifest (when writing) and gives the lock back."""
        if self._lock is not None:
            try:
                self.checkpoint()
            finally:
                self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _sync(stream: IO[bytes]) -> None:
    stream.flush()
    os.fsync(stream.fileno())
