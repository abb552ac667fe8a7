"""Any source of records -> Articles: files, folders, archives, standard input.

What a file is shows in its content, not in its name. Nothing that cannot be read is dropped: it
comes out as `Broken` with the reason, in its place among the articles.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textmine.errors import ConfigError, MalformedRecord, StoreError
from textmine.pubmed.archive import Archive, is_archive
from textmine.pubmed.europepmc_archive import EuropePmcArchive, is_europepmc_archive
from textmine.pubmed.europepmc_json import decode, europepmc_article, is_europepmc, records_in
from textmine.pubmed.medline_xml import read_record
from textmine.pubmed.nbib import is_medline, parse_medline, text_records
from textmine.pubmed.scan import Damage, scan
from textmine.pubmed.source import ByteSource
from textmine.records import Article, Status

__all__ = ["Broken", "check_source", "count_files", "newest", "read_articles"]

_SUFFIXES = (".xml", ".nbib", ".medline", ".txt")
_PMID = re.compile(rb"<(?:[\w.-]+:)?PMID\b[^>]*>\s*(\d+)")
_TEXT_PMID = re.compile(r"^PMID *- ?(\d+)", re.M)
_RAW_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Broken:
    """What could not be read: its place, why, the raw text (up to 1 MB), the PMID if known."""

    where: str
    reason: str
    raw: str | None = None
    pmid: str | None = None


def check_source(path: str | Path) -> None:
    """Raises ConfigError when a path cannot be read at all, before any work is done."""
    if str(path) == "-":
        return
    place = Path(path)
    if place.is_dir():
        if not _is_any_archive(place) and not _files(place):
            raise ConfigError(
                f"The folder {place} holds no records: it is no archive, and no file in it ends in "
                f"{', '.join(_SUFFIXES)} or one of these with .gz. Check the path."
            )
        return
    try:
        with open(place, "rb"):
            pass
    except FileNotFoundError:
        raise ConfigError(f"There is no file or folder {place}. Check the path.") from None
    except OSError as error:
        raise ConfigError(f"{place} cannot be read: {error.strerror}.") from None


def read_articles(path: str | Path) -> Iterator[Article | Broken]:
    """Every record of a file, folder, archive or `-`, in order; one at a time is in memory.

    Raises ConfigError when the path itself cannot be used; all else comes as Broken.
    """
    check_source(path)
    place = Path(path)
    if str(path) == "-":
        yield from _read(ByteSource(sys.stdin.buffer), "standard input")
    elif is_archive(place):
        yield from _read_archive(place)
    elif is_europepmc_archive(place):
        yield from _read_europepmc_archive(place)
    elif place.is_dir():
        for file in _files(place):
            yield from _read_file(file, str(file.relative_to(place)))
    else:
        yield from _read_file(place, place.name)


def count_files(path: str | Path) -> int:
    """How many files a source consists of; an archive counts as one."""
    place = Path(path)
    return len(_files(place)) if place.is_dir() and not _is_any_archive(place) else 1


def newest(articles: Iterable[Article]) -> tuple[list[Article], list[Article]]:
    """(the newest version of each id in order of first appearance, all the others).

    A deletion is newer than any version. Of two equal versions the later one in the file counts.
    """
    current: dict[str, Article] = {}
    older = []
    for article in articles:
        known = current.get(article.id)
        if known is None:
            current[article.id] = article
        elif (article.status.deleted, article.version) >= (known.status.deleted, known.version):
            older.append(known)
            current[article.id] = article
        else:
            older.append(article)
    return list(current.values()), older


def _is_any_archive(folder: Path) -> bool:
    return is_archive(folder) or is_europepmc_archive(folder)


def _files(folder: Path) -> list[Path]:
    return sorted(
        p
        for p in folder.rglob("*")
        if p.is_file()
        and not p.name.startswith(".")
        and (_ends(p, _SUFFIXES) or (_ends(p, (".json", ".jsonl")) and _is_answer(p)))
    )


def _ends(file: Path, suffixes: tuple[str, ...]) -> bool:
    return file.name.lower().removesuffix(".gz").endswith(suffixes)


def _is_answer(file: Path) -> bool:
    """Whether a JSON file of a folder is a saved answer of Europe PMC; there are many others."""
    try:
        with open(file, "rb") as stream:
            return is_europepmc(ByteSource(stream).head)
    except OSError:
        return False


def _read_file(file: Path, name: str) -> Iterator[Article | Broken]:
    try:
        stream = open(file, "rb")  # noqa: SIM115 - closed below
    except OSError as error:
        # Its neighbours are read all the same.
        yield Broken(name, f"The file cannot be read: {error.strerror}.")
        return
    with stream:
        yield from _read(ByteSource(stream), name)


def _read(source: ByteSource, name: str) -> Iterator[Article | Broken]:
    """One file, whatever it holds."""
    if not source.head.strip(b"\0 \t\r\n"):
        if source.fault:
            yield Broken(name, f"The file cannot be unpacked: {source.fault}. Copy it again.")
            return
        if len(source.head) < 1 << 16:
            yield Broken(name, "The file is empty.")
            return
    if is_europepmc(source.head):
        yield from _read_europepmc(source, name)
    elif is_medline(source.head):
        yield from _read_medline(source, name)
    else:
        yield from _read_xml(source, name)


def _read_archive(folder: Path) -> Iterator[Article | Broken]:
    """What the manifest vouches for: every version in its last revision, and deletions."""
    with Archive.open(folder) as archive:
        for pmid in sorted(archive.entries, key=int):
            entry = archive.entries[pmid]
            where = f"{folder.name}, PMID {pmid}"
            if entry.state == "deleted":
                version = entry.version or 1
                status = Status(deleted=True)
                yield Article(id=pmid, text="", pmid=pmid, version=version, status=status)
                continue
            for revision in entry.current():
                try:
                    data = archive.read(revision)
                except StoreError as error:
                    yield Broken(where, str(error), None, pmid)
                    continue
                try:
                    found = read_record(data)
                except MalformedRecord as error:
                    yield Broken(where, str(error), _raw(data), pmid)
                    continue
                yield from found


def _read_xml(source: ByteSource, name: str) -> Iterator[Article | Broken]:
    for found in scan(source, read_record):
        if isinstance(found, Damage):
            yield _broken(_place(found, name), found.reason, found.data, found.is_record)
        else:
            yield from found


def _place(damage: Damage, name: str) -> str:
    if damage.is_record:
        return f"{name}, record {damage.number} at byte {damage.offset}"
    return f"{name}, after record {damage.number}" if damage.number else name


def _broken(where: str, reason: str, data: bytes, is_record: bool = True) -> Broken:
    found = _PMID.search(data) if is_record else None
    pmid = found[1].decode() if found else None
    return Broken(where + (f", PMID {pmid}" if pmid else ""), reason, _raw(data), pmid)


def _raw(data: bytes) -> str | None:
    return data[:_RAW_LIMIT].decode("utf-8", "backslashreplace") or None


def _read_medline(source: ByteSource, name: str) -> Iterator[Article | Broken]:
    number = 0
    for record in text_records(source):
        number = record.number
        try:
            if record.fault:
                raise MalformedRecord(record.fault)
            yield parse_medline(record.text)
        except MalformedRecord as error:
            found = _TEXT_PMID.search(record.text)
            pmid = found[1] if found else None
            where = f"{name}, record {number} at line {record.line}"
            yield Broken(
                where + (f", PMID {pmid}" if pmid else ""),
                str(error),
                record.text[:_RAW_LIMIT],
                pmid,
            )
    if source.fault:
        reason = f"The file is truncated: {source.fault}. Copy it again."
        yield Broken(f"{name}, after record {number}", reason)


def _read_europepmc_archive(folder: Path) -> Iterator[Article | Broken]:
    for key, found in EuropePmcArchive(folder).records():
        where = f"{folder.name}, {key}"
        if isinstance(found, StoreError):
            yield Broken(where, str(found))
        else:
            yield _from_europepmc(found, where)


def _read_europepmc(source: ByteSource, name: str) -> Iterator[Article | Broken]:
    """Saved answers of Europe PMC: one JSON document, or a record or an answer per line."""
    data = b"".join(iter(source.read, b""))
    parts = [data]
    try:
        decode(data)
    except MalformedRecord:
        lines = data.splitlines()
        try:
            decode(lines[0])
            parts = lines
        except MalformedRecord:
            parts = [data]
    number = 0
    for part in filter(bytes.strip, parts):
        try:
            found = records_in(decode(part))
        except MalformedRecord as error:
            yield Broken(f"{name}, after record {number}", str(error), _raw(part))
            continue
        for record in found:
            number += 1
            yield _from_europepmc(record, f"{name}, record {number}")
    if source.fault:
        reason = f"The file is truncated: {source.fault}. Copy it again."
        yield Broken(f"{name}, after record {number}", reason)


def _from_europepmc(found: Any, where: str) -> Article | Broken:
    try:
        record = decode(found) if isinstance(found, bytes) else found
        return europepmc_article(record)
    except MalformedRecord as error:
        raw = found if isinstance(found, bytes) else json.dumps(found).encode()
        pmid = found.get("pmid") if isinstance(found, dict) else None
        return Broken(where, str(error), _raw(raw), str(pmid) if pmid else None)
