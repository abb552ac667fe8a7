"""Raw records as they came, and the manifest that vouches for them.

    ARCHIVE/
      manifest.json          queries, slices, counts, and per PMID its state, version and place
      journal.jsonl          what was stored since the manifest was written
      shards/00001.xml.gz    whole PubMed XML documents, made of gzip members: `zcat` reads them

A batch is one gzip member, written behind the last vouched one and followed by a short closing
member; then one line goes to the journal. Both are synced to disk. What a kill leaves behind the
last journal line is cut off by the next run. The manifest is replaced whole, by rename.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import hashlib
import json
import os
import time
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

from textmine import __version__
from textmine.errors import ConfigError, SchemaTooNew, StoreError
from textmine.pubmed.raw import RawRecord

__all__ = ["STATES", "Archive", "Entry", "Revision", "changed_parts", "is_archive"]

FORMAT = "textmine-archive"
FORMAT_VERSION = 1
STATES = ("stored", "missing", "deleted", "failed", "pending")
SHARD_BYTES = 64_000_000
_HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    b'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n'
)
_TAIL = b"</PubmedArticleSet>\n"


@dataclass(frozen=True, slots=True)
class Revision:
    """One content that a version of a record has had, and where it lies."""

    version: int
    sha256: str
    at: str
    member: int
    start: int
    end: int
    changed: tuple[str, ...] = ()


@dataclass(slots=True)
class Entry:
    """What is known of one PMID."""

    state: str = "pending"
    reason: str | None = None
    revisions: list[Revision] = field(default_factory=list)
    checked: str | None = None  # when its record last came

    @property
    def version(self) -> int | None:
        return max((r.version for r in self.revisions), default=None)

    def current(self) -> list[Revision]:
        """The last revision of each version, oldest version first."""
        latest = {r.version: r for r in self.revisions}
        return [latest[v] for v in sorted(latest)]


@dataclass(frozen=True, slots=True)
class Member:
    """One gzip member of a shard: a batch of records."""

    shard: str
    offset: int
    length: int
    sha256: str


def is_archive(path: str | Path) -> bool:
    """Whether a folder holds an archive: its manifest says so."""
    manifest = Path(path) / "manifest.json"
    try:
        with open(manifest, "rb") as stream:
            return FORMAT.encode() in stream.read(200)
    except OSError:
        return False


class Archive:
    """An archive folder. `Archive.open(path)` reads; `write=True` locks it for one run.

    Errors: ConfigError for a folder that is none, SchemaTooNew for one of a newer textmine,
    StoreError when it is locked, damaged or the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: dict[str, Entry] = {}
        self.members: list[Member] = []
        self.queries: dict[str, dict[str, Any]] = {}
        self.runs: list[dict[str, Any]] = []
        self.files: dict[str, str] = {}  # baseline and update files applied, with their md5
        self.created = now()
        self._generation = 0
        self._writing = False
        self._lock: Any = None
        self._journal: Any = None
        self._written_at = 0.0
        self._write_cost = 0.0
        self._cache: OrderedDict[int, bytes] = OrderedDict()

    # --- opening ---

    @classmethod
    def open(cls, path: str | Path, *, write: bool = False) -> Archive:
        """Opens an archive; with `write` it is made when the folder is new or empty."""
        archive = cls(Path(path))
        if not write:
            if not is_archive(path):
                raise ConfigError(f"{path} is no archive of textmine: it has no manifest.json.")
            archive._load()
            return archive
        archive._begin()
        return archive

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Writes the manifest (when writing) and gives the lock back."""
        if not self._writing:
            return
        try:
            self.checkpoint()
        finally:
            self._writing = False
            self._journal.close()
            self._lock.release()

    def _begin(self) -> None:
        import filelock

        if self.path.exists() and not self.path.is_dir():
            raise ConfigError(
                f"{self.path} is a file; an archive is a folder. Give another --archive."
            )
        known = is_archive(self.path)
        if not known and self.path.is_dir():
            own = {"shards", ".lock", "journal.jsonl"}
            other = [
                p.name for p in self.path.iterdir() if p.name not in own and p.suffix != ".part"
            ]
            if "manifest.json" in other:
                raise StoreError(
                    f"{self.path / 'manifest.json'} is not a manifest of textmine, or is damaged. "
                    "Nothing was changed. Put the right one back, or give another --archive."
                )
            if other:
                raise ConfigError(
                    f"{self.path} holds other files ({other[0]}). Give a new or empty --archive."
                )
        if known:
            self._read_manifest()  # refuses a newer one before anything is written
        try:
            (self.path / "shards").mkdir(parents=True, exist_ok=True)
            self._lock = filelock.FileLock(str(self.path / ".lock"), timeout=0)
            self._lock.acquire()
        except filelock.Timeout:
            raise StoreError(
                f"The archive {self.path} is in use by another run. Wait until that has ended, or "
                "give another --archive."
            ) from None
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror}.") from None
        try:
            if known:
                self._load()
            self._mend()
            self._writing = True
            self._journal = open(self.path / "journal.jsonl", "ab")  # noqa: SIM115
            if not known:
                self.checkpoint()
        except BaseException as error:
            if self._journal is not None:
                self._journal.close()
            self._lock.release()
            if isinstance(error, OSError):
                self._full(error)
            raise

    def _read_manifest(self) -> dict[str, Any]:
        place = self.path / "manifest.json"
        try:
            data = json.loads(place.read_bytes())
        except (OSError, ValueError) as error:
            raise StoreError(
                f"{place} cannot be read ({error}). Nothing was changed. Put a good copy back."
            ) from None
        version = data.get("format_version") if isinstance(data, dict) else None
        if not isinstance(version, int):
            raise StoreError(f"{place} has no format_version. Nothing was changed.")
        if version > FORMAT_VERSION:
            raise SchemaTooNew(
                f"The archive {self.path} was written by a newer textmine (format {version}, this "
                f"one reads {FORMAT_VERSION}). Nothing was changed. Install the newer textmine."
            )
        result: dict[str, Any] = data
        return result

    def _load(self) -> None:
        data = self._read_manifest()
        try:
            self.created = data["created"]
            self.queries = {q["id"]: q for q in data.get("queries", [])}
            self.runs = data.get("runs", [])
            self.files = data.get("files", {})
            self._generation = data.get("generation", 0)
            self.members = [Member(**m) for m in data.get("members", [])]
            self.entries = {pmid: _entry(e) for pmid, e in data.get("pmids", {}).items()}
        except (KeyError, TypeError, AttributeError) as error:
            raise StoreError(
                f"{self.path / 'manifest.json'} is damaged ({error!r}). Nothing was changed. Put a "
                "good copy back."
            ) from None
        self._replay()

    def _replay(self) -> None:
        """Takes in the journal's whole lines, when they belong to this manifest."""
        try:
            lines = (self.path / "journal.jsonl").read_bytes().split(b"\n")
        except OSError:
            return
        for raw in lines[:-1]:  # what stands behind the last newline was cut off
            try:
                line = json.loads(raw)
            except ValueError:
                break
            if line.get("generation") == self._generation:
                self._take(line)

    def _take(self, line: Mapping[str, Any]) -> None:
        if "member" in line:
            self.members.append(Member(**line["member"]))
        for pmid, entry in line.get("pmids", {}).items():
            self.entries[pmid] = _entry(entry)
        for query in line.get("queries", []):
            self.queries[query["id"]] = query
        self.files.update(line.get("files", {}))

    def _mend(self) -> None:
        """Cuts shards back to what is vouched for; a kill may have left more."""
        ends: dict[str, int] = {}
        for member in self.members:
            ends[member.shard] = max(ends.get(member.shard, 0), member.offset + member.length)
        for name, end in ends.items():
            file = self.path / name
            size = file.stat().st_size if file.exists() else -1
            if size < end:
                raise StoreError(
                    f"{file} is shorter than the manifest says ({size} of {end} bytes). Put a good "
                    "copy back, or fetch into a new archive."
                )
        tail = _packed(_TAIL)
        for file in (self.path / "shards").iterdir():
            vouched = ends.get(f"shards/{file.name}")
            if vouched is None:
                file.unlink()
            elif file.stat().st_size != vouched + len(tail):
                with open(file, "r+b") as stream:
                    stream.truncate(vouched)
                    stream.seek(vouched)
                    stream.write(tail)
                    _sync(stream)

    # --- writing ---

    def add(self, records: Sequence[RawRecord]) -> dict[str, str]:
        """Stores records as one batch; says for each PMID "new", "changed", "version" or "same"."""
        at = now()
        outcome: dict[str, str] = {}
        parts: list[bytes] = []
        position = 0
        touched: dict[str, Entry] = {}
        for record in records:
            old = touched.get(record.pmid) or self.entries.get(record.pmid) or Entry()
            entry = Entry("stored", None, list(old.revisions), at)
            touched[record.pmid] = entry
            before = {r.version: r for r in entry.revisions}.get(record.version)
            digest = record.sha256
            if before is not None and before.sha256 == digest:
                outcome.setdefault(record.pmid, "same")
                continue
            changed: tuple[str, ...] = ()
            kind = "version" if entry.revisions else "new"
            if before is not None:
                kind = "changed"
                if before.member < len(self.members):
                    changed = changed_parts(self.read(before), record.xml)
            outcome[record.pmid] = kind
            end = position + len(record.xml)
            entry.revisions.append(
                Revision(record.version, digest, at, len(self.members), position, end, changed)
            )
            parts.append(record.xml + b"\n")
            position = end + 1
        line: dict[str, Any] = {"pmids": {p: _entry_json(e) for p, e in touched.items()}}
        if parts:
            member = self._append(b"".join(parts))
            line["member"] = _member_json(member)
        self._commit(line)
        return outcome

    def set_states(self, states: Mapping[str, tuple[str, str | None]]) -> None:
        """Notes states with reasons. What is stored stays stored unless it was deleted."""
        changed = {}
        for pmid, (state, reason) in states.items():
            old = self.entries.get(pmid)
            if old and old.revisions and state not in ("deleted", "stored"):
                continue
            if old is None or (old.state, old.reason) != (state, reason):
                revisions = list(old.revisions) if old else []
                changed[pmid] = Entry(state, reason, revisions, old.checked if old else None)
        if changed:
            self._commit({"pmids": {p: _entry_json(e) for p, e in changed.items()}})

    def set_query(self, query: Mapping[str, Any]) -> None:
        """Notes what a query found; `query["id"]` names it."""
        self._commit({"queries": [dict(query)]})

    def set_file(self, name: str, md5: str) -> None:
        """Notes that a baseline or update file is applied."""
        self._commit({"files": {name: md5}})

    def _append(self, data: bytes) -> Member:
        shard, offset = self._place()
        packed = _packed(data)
        try:
            with open(self.path / shard, "r+b" if offset else "w+b") as stream:
                if not offset:
                    head = _packed(_HEAD)
                    stream.write(head)
                    offset = len(head)
                stream.seek(offset)
                stream.write(packed + _packed(_TAIL))
                stream.truncate()
                _sync(stream)
            _sync_folder(self.path / "shards")
        except OSError as error:
            with contextlib.suppress(OSError, StoreError):
                self._mend()
            self._full(error)
        return Member(shard, offset, len(packed), hashlib.sha256(packed).hexdigest())

    def _place(self) -> tuple[str, int]:
        """The shard that takes the next batch, and where; offset 0 stands for a new file."""
        if not self.members:
            return "shards/00001.xml.gz", 0
        last = self.members[-1]
        end = last.offset + last.length
        if end < SHARD_BYTES:
            return last.shard, end
        number = int(Path(last.shard).name.split(".")[0]) + 1
        return f"shards/{number:05}.xml.gz", 0

    def _commit(self, line: dict[str, Any]) -> None:
        text = json.dumps({"generation": self._generation, **line}, ensure_ascii=False)
        end = self._journal.seek(0, os.SEEK_END)
        try:
            self._journal.write(text.encode() + b"\n")
            _sync(self._journal)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._journal.fileno(), end)
            self._full(error)
        self._take(line)
        # The manifest is written anew while that takes a small part of the time.
        if time.monotonic() - self._written_at > 20 * self._write_cost:
            self.checkpoint()

    def checkpoint(self) -> None:
        """Writes the manifest and begins a new journal."""
        began = time.monotonic()
        data = {**self.manifest(), "generation": self._generation + 1}
        place = self.path / "manifest.json"
        temporary = self.path / "manifest.json.part"
        try:
            with open(temporary, "wb") as stream:
                stream.write(_manifest_bytes(data))
                _sync(stream)
            os.replace(temporary, place)
            _sync_folder(self.path)
            self._generation += 1
            # Lines of the generation before are in the manifest; a kill here leaves them, unread.
            self._journal.truncate(0)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            self._full(error)
        self._written_at = time.monotonic()
        self._write_cost = self._written_at - began

    def _full(self, error: OSError) -> NoReturn:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        what = "The disk is full" if full else f"Writing failed ({error.strerror or error})"
        raise StoreError(
            f"{what}: {self.path}. What was stored before is whole. Make room and run again; only "
            "what is missing will be asked for."
        ) from None

    # --- reading ---

    def manifest(self) -> dict[str, Any]:
        """The manifest as it would be written now."""
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "textmine": __version__,
            "created": self.created,
            "updated": now(),
            "generation": self._generation,
            "complete": self.complete,
            "counts": self.counts(),
            "queries": list(self.queries.values()),
            "runs": self.runs,
            "files": self.files,
            "members": [_member_json(m) for m in self.members],
            "pmids": {p: _entry_json(self.entries[p]) for p in sorted(self.entries, key=int)},
        }

    def counts(self) -> dict[str, int]:
        """requested = stored + missing + deleted + failed + pending."""
        found = Counter(e.state for e in self.entries.values())
        return {"requested": len(self.entries), **{s: found.get(s, 0) for s in STATES}}

    @property
    def complete(self) -> bool:
        """Every PMID is stored or known to be deleted, and every query found all its hits."""
        states = {e.state for e in self.entries.values()}
        gaps = any(q.get("difference") or not q.get("planned", True) for q in self.queries.values())
        return states <= {"stored", "deleted"} and not gaps

    def read(self, revision: Revision) -> bytes:
        """The record's element, as it came."""
        return self._unpacked(revision.member)[revision.start : revision.end]

    def record(self, pmid: str) -> bytes:
        """The newest version of a PMID. ConfigError when it is not stored."""
        entry = self.entries.get(pmid)
        if entry is None or not entry.revisions:
            raise ConfigError(f"PMID {pmid} is not stored in {self.path}.")
        return self.read(entry.current()[-1])

    def documents(self, batch: int = 200) -> Iterator[bytes]:
        """Whole PubmedArticleSet documents, records in order of PMID and version.

        Only what the manifest vouches for, each version in its last revision; deleted PMIDs come
        last, as DeleteCitation.
        """
        parts: list[bytes] = []
        for pmid in sorted(self.entries, key=int):
            entry = self.entries[pmid]
            if entry.state == "deleted":
                continue
            parts.extend(self.read(revision) for revision in entry.current())
            if len(parts) >= batch:
                yield _HEAD + b"\n".join(parts) + b"\n" + _TAIL
                parts = []
        gone = sorted((p for p, e in self.entries.items() if e.state == "deleted"), key=int)
        if gone:
            inner = "".join(f'<PMID Version="1">{p}</PMID>' for p in gone)
            parts.append(f"<DeleteCitation>{inner}</DeleteCitation>".encode())
        if parts:
            yield _HEAD + b"\n".join(parts) + b"\n" + _TAIL

    def verify(self) -> list[str]:
        """Reads everything again and checks every checksum; the faults found, in words."""
        faults = []
        for pmid, entry in self.entries.items():
            for revision in entry.revisions:
                try:
                    digest = hashlib.sha256(self.read(revision)).hexdigest()
                except StoreError as error:
                    faults.append(f"PMID {pmid}: {error}")
                    continue
                if digest != revision.sha256:
                    faults.append(f"PMID {pmid}: the stored record does not match its checksum.")
        return faults

    def digest(self) -> str:
        """A hash of states, versions and records, not of when or in what order they came."""
        content = [
            (pmid, e.state, [(r.version, r.sha256) for r in e.current()])
            for pmid, e in sorted(self.entries.items())
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def _unpacked(self, number: int) -> bytes:
        if number in self._cache:
            self._cache.move_to_end(number)
            return self._cache[number]
        member = self.members[number]
        try:
            with open(self.path / member.shard, "rb") as stream:
                stream.seek(member.offset)
                packed = stream.read(member.length)
            if hashlib.sha256(packed).hexdigest() != member.sha256:
                raise ValueError("checksum differs")
            data = gzip.decompress(packed)
        except (OSError, EOFError, ValueError) as error:
            raise StoreError(
                f"{self.path / member.shard} is damaged at byte {member.offset} ({error}). Put a "
                "good copy back, or fetch into a new archive."
            ) from None
        self._cache[number] = data
        if len(self._cache) > 16:
            self._cache.popitem(last=False)
        return data


def merge(sources: Iterable[Archive], target: Archive) -> None:
    """Brings the records and states of archives together; the order of sources does not matter."""
    entries: dict[str, tuple[set[tuple[int, str, str]], set[str]]] = {}
    places: dict[tuple[str, int, str], tuple[Archive, Revision]] = {}
    sources = [*sources]
    for source in sources:
        for pmid, entry in source.entries.items():
            contents, states = entries.setdefault(pmid, (set(), set()))
            states.add(entry.state)
            for r in entry.revisions:
                contents.add((r.version, r.at, r.sha256))
                places[pmid, r.version, r.sha256] = (source, r)
    batch: list[RawRecord] = []
    for pmid in sorted(entries, key=int):
        for version, _, digest in sorted(entries[pmid][0]):
            source, revision = places[pmid, version, digest]
            xml = source.read(revision)
            kind = xml[1 : xml.index(b">")].split()[0].decode()
            batch.append(RawRecord(pmid, version, kind, xml))
        if len(batch) >= 200:
            target.add(batch)
            batch = []
    if batch:
        target.add(batch)
    order = ("deleted", "stored", "missing", "failed", "pending")
    states_of = {p: min(s, key=order.index) for p, (_, s) in entries.items()}
    target.set_states({p: (s, None) for p, s in states_of.items()})
    for source in sources:
        for query in source.queries.values():
            target.set_query(query)


def changed_parts(old: bytes, new: bytes) -> tuple[str, ...]:
    """The paths of the elements that differ between two contents of a record, at most 50."""
    from xml.etree import ElementTree

    def flat(xml: bytes) -> Counter[tuple[str, str]]:
        found: Counter[tuple[str, str]] = Counter()

        def walk(element: ElementTree.Element, path: str) -> None:
            attributes = " ".join(f"{k}={v}" for k, v in sorted(element.attrib.items()))
            found[path, f"{attributes}|{(element.text or '').strip()}"] += 1
            for child in element:
                walk(child, f"{path}/{child.tag}")
                if (child.tail or "").strip():
                    found[path, (child.tail or "").strip()] += 1

        root = ElementTree.fromstring(xml)
        walk(root, root.tag)
        return found

    try:
        before, after = flat(old), flat(new)
    except ElementTree.ParseError:
        return ("unreadable",)
    different = (before - after) + (after - before)
    return tuple(sorted({path for path, _ in different})[:50])


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _packed(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


def _sync(stream: Any) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _sync_folder(path: Path) -> None:
    if os.name == "posix":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _member_json(member: Member) -> dict[str, Any]:
    return {
        "shard": member.shard,
        "offset": member.offset,
        "length": member.length,
        "sha256": member.sha256,
    }


def _entry(data: Mapping[str, Any]) -> Entry:
    revisions = [
        Revision(
            version=r["version"],
            sha256=r["sha256"],
            at=r["at"],
            member=r["place"][0],
            start=r["place"][1],
            end=r["place"][2],
            changed=tuple(r.get("changed", ())),
        )
        for r in data.get("revisions", [])
    ]
    return Entry(data["state"], data.get("reason"), revisions, data.get("checked"))


def _entry_json(entry: Entry) -> dict[str, Any]:
    out: dict[str, Any] = {"state": entry.state, "version": entry.version}
    if entry.reason:
        out["reason"] = entry.reason
    if entry.checked:
        out["checked"] = entry.checked
    if entry.revisions:
        out["revisions"] = [
            {
                "version": r.version,
                "sha256": r.sha256,
                "at": r.at,
                "place": [r.member, r.start, r.end],
                **({"changed": list(r.changed)} if r.changed else {}),
            }
            for r in entry.revisions
        ]
    return out


def _manifest_bytes(data: Mapping[str, Any]) -> bytes:
    """JSON with one PMID, member and query a line, so that standard tools can look at it."""
    lines = []
    for key, value in data.items():
        if isinstance(value, dict) and key == "pmids":
            rows = [f"{json.dumps(k)}: {_dump(v)}" for k, v in value.items()]
            text = "{\n" + ",\n".join(rows) + "\n}" if rows else "{}"
        elif isinstance(value, list):
            text = "[\n" + ",\n".join(map(_dump, value)) + "\n]" if value else "[]"
        else:
            text = _dump(value)
        lines.append(f"{json.dumps(key)}: {text}")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
