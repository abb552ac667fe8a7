"""Any source of records -> Articles: files, folders, archives, standard input.

What a file is shows in its content, not in its name. Nothing that cannot be read is dropped: it
comes out as `Broken` with the reason, in its place among the articles.
"""

from __future__ import annotations

import io
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from textmine.errors import ConfigError, MalformedRecord
from textmine.pubmed.archive import Archive, is_archive
from textmine.pubmed.medline_xml import parse_record
from textmine.pubmed.nbib import parse_medline, records_of_text
from textmine.pubmed.scan import Gap, Record, scan, utf8_stream
from textmine.records import Article

__all__ = ["Broken", "newest", "read_articles"]

_SUFFIXES = (".xml", ".nbib", ".medline", ".txt")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|body|head)\b", re.I)
_ERROR = re.compile(rb"<(?:ERROR|ErrorList|PhraseNotFound)>\s*([^<]*)", re.I)
_PMID = re.compile(rb"<PMID\b[^>]*>\s*(\d+)")
_ENTITY = re.compile(rb"<!ENTITY\s", re.I)
_START = 65_536
_RAW_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Broken:
    """What could not be read: where it stands, why, the raw text (cut at 20,000), the PMID."""

    where: str
    reason: str
    raw: str | None = None
    pmid: str | None = None


def read_articles(path: str | Path) -> Iterator[Article | Broken]:
    """Every record of a file, folder, archive or `-`, in order.

    Raises ConfigError when the path itself cannot be used; all else comes as Broken.
    """
    if str(path) == "-":
        yield from _read_stream(sys.stdin.buffer, "standard input")
        return
    place = Path(path)
    if place.is_dir():
        yield from _read_folder(place)
        return
    try:
        stream = open(place, "rb")  # noqa: SIM115 - closed below
    except FileNotFoundError:
        raise ConfigError(f"There is no file or folder {place}. Check the path.") from None
    except OSError as error:
        raise ConfigError(f"{place} cannot be read: {error.strerror}.") from None
    with stream:
        yield from _read_stream(stream, place.name)


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


def _read_folder(folder: Path) -> Iterator[Article | Broken]:
    if is_archive(folder):
        with Archive.open(folder) as archive:
            for document in archive.documents():
                yield from _read_stream(io.BytesIO(document), folder.name)
        return
    files = sorted(
        p
        for p in folder.rglob("*")
        if p.is_file() and p.name.removesuffix(".gz").endswith(_SUFFIXES)
    )
    if not files:
        raise ConfigError(
            f"The folder {folder} holds no records: no file ends in .xml, .xml.gz, .nbib or .txt."
        )
    for file in files:
        with open(file, "rb") as stream:
            yield from _read_stream(stream, str(file.relative_to(folder)))


def _read_stream(stream: IO[bytes], name: str) -> Iterator[Article | Broken]:
    """One file, whatever it holds."""
    source = _Source(stream)
    start = source.start.removeprefix(b"\xef\xbb\xbf").strip(b"\x00 \t\r\n")
    if not start:
        broken = source.broken
        reason = f"The file cannot be unpacked: {broken}." if broken else "The file is empty."
        yield Broken(name, reason)
    elif re.search(rb"(?:^|\n)PMID- ", start) and not start.startswith(b"<"):
        yield from _read_medline(source, name)
    else:
        yield from _read_xml(source, name)


class _Source:
    """A stream, unpacked if it is gzip (any number of members), that ends where the packing breaks.

    `start` holds its first bytes, which `read` gives again; `broken` says why it ended too early.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.broken: str | None = None
        self._stream = stream
        raw = stream.read(_START)
        # zlib gives every byte before a break; GzipFile would lose the last block.
        self._packed = raw.startswith(b"\x1f\x8b")
        self._member = zlib.decompressobj(wbits=31)
        self._ended = True
        self.start = self._unpack(raw) if self._packed else raw
        while len(self.start) < _START and (more := self._next(_START)):
            self.start += more
        self._waiting = self.start

    def read(self, size: int) -> bytes:
        if self._waiting:
            waiting, self._waiting = self._waiting, b""
            return waiting
        return self._next(size)

    def _next(self, size: int) -> bytes:
        if not self._packed:
            return self._stream.read(size)
        while not self.broken:
            raw = self._stream.read(size)
            if not raw:
                if not self._ended:
                    self.broken = "it ends in the middle"
                return b""
            data = self._unpack(raw)
            if data:
                return data
        return b""

    def _unpack(self, raw: bytes) -> bytes:
        """What the packed bytes hold; a new member may begin anywhere among them."""
        parts = []
        try:
            while raw:
                if self._ended:
                    raw = raw.lstrip(b"\x00")
                    if not raw:
                        break
                    self._member = zlib.decompressobj(wbits=31)
                    self._ended = False
                parts.append(self._member.decompress(raw))
                self._ended = self._member.eof
                raw = self._member.unused_data
        except zlib.error as error:
            self.broken = str(error)
        return b"".join(parts)


# --- XML


def _read_xml(source: _Source, name: str) -> Iterator[Article | Broken]:
    records = depth = sets = 0
    trouble = False
    start = source.start
    has_entities = bool(_ENTITY.search(start))
    try:
        head, stream = utf8_stream(source)
        for item in scan(head, stream):
            if isinstance(item, Gap):
                depth += item.opened - item.closed
                sets += item.opened
                reason = _gap_reason(item)
                if reason:
                    trouble = True
                    yield Broken(f"{name}, after record {item.number}", reason, _raw(item.data))
                continue
            records += 1
            yield from _read_record(item, name, has_entities)
            trouble = trouble or not item.whole
    except LookupError as error:
        yield Broken(name, f"The file declares an encoding that is not known: {error}.")
        return
    except UnicodeDecodeError as error:
        yield Broken(
            name, f"After record {records} the file is not in the encoding it declares: {error}."
        )
        return
    packing = source.broken
    if packing:
        yield Broken(
            name,
            f"The file is truncated: its gzip stream breaks off after record {records} "
            f"({packing}). Fetch or copy it again.",
        )
    elif depth > 0:
        yield Broken(
            name,
            f"The file is truncated: it ends after record {records} without </PubmedArticleSet>. "
            "Fetch or copy it again.",
        )
    elif not records and not trouble and not sets:
        yield Broken(name, _no_records(start), _raw(start))


def _no_records(start: bytes) -> str:
    if _HTML.search(start):
        return "This is an HTML page, not PubMed XML: probably an error page of the server."
    return "There is no PubMed record in this file."


def _gap_reason(gap: Gap) -> str | None:
    """Why what stands between two records matters, or None for elements that may be passed."""
    if gap.stray_end:
        return "A record's end stands here without its beginning."
    error = _ERROR.search(gap.data)
    if error:
        said = error.group(1).decode("utf-8", "replace").strip()
        return f"The server answered with an error instead of records: {said}"
    if _HTML.search(gap.data):
        return "This is an HTML page, not PubMed XML: probably an error page of the server."
    if b"<PMID" in gap.data or b"<MedlineCitation" in gap.data:
        return "Parts of a record stand here without its beginning and end."
    if gap.data and not gap.data.lstrip().startswith(b"<"):
        return "This is no XML."
    return None


def _read_record(record: Record, name: str, has_entities: bool) -> Iterator[Article | Broken]:
    found = _PMID.search(record.data)
    pmid = found.group(1).decode() if found else None
    where = f"{name}, record {record.number}" + (f", PMID {pmid}" if pmid else "")
    if not record.whole:
        reason = "The record breaks off before its end: the file is truncated or damaged here."
        yield Broken(where, reason, _raw(record.data), pmid)
        return
    try:
        yield from list(parse_record(record.data))
    except MalformedRecord as error:
        reason = str(error)
        if has_entities and "ntity" in reason:
            reason += " The file declares entities of its own; they are never expanded."
        yield Broken(where, reason, _raw(record.data), pmid)


def _raw(data: bytes) -> str:
    return data[:_RAW_LIMIT].decode("utf-8", "backslashreplace")


# --- MEDLINE text


def _read_medline(source: _Source, name: str) -> Iterator[Article | Broken]:
    data = b"".join(iter(lambda: source.read(_START), b""))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Older exports are in Windows' Western encoding, in which every byte has a meaning.
        text = data.decode("cp1252", "replace")
    for number, record in enumerate(records_of_text(text), 1):
        try:
            if not record.startswith("PMID- "):
                raise MalformedRecord("Text stands before the first record.")
            yield parse_medline(record)
        except MalformedRecord as error:
            yield Broken(f"{name}, record {number}", str(error), record[:_RAW_LIMIT])
    packing = source.broken
    if packing:
        yield Broken(name, f"The file is truncated: its gzip stream breaks off ({packing}).")
