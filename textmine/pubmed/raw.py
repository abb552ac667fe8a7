"""Cuts an EFetch answer, or any PubMed XML, into its raw records, byte for byte.

Expat walks the bytes; a record is the slice from its start tag to its end tag, untouched. No DTD is
read, no entity expanded, nothing fetched.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.parsers import expat

from textmine.errors import MalformedRecord

__all__ = ["RawAnswer", "RawRecord", "RecordSplitter", "raw_records", "split_answer"]

_PLAIN = {"utf-8", "utf8", "us-ascii", "ascii"}
_RECORDS = ("PubmedArticle", "PubmedBookArticle")
_PMID_PARENTS = ("MedlineCitation", "BookDocument")


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record as it came: `xml` is its element in UTF-8."""

    pmid: str
    version: int
    kind: str
    xml: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.xml).hexdigest()


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What a body holds: its root element, whole records, deleted PMIDs, error texts.

    `unreadable` counts records without a usable PMID.
    """

    root: str
    records: tuple[RawRecord, ...]
    deleted: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    unreadable: int = 0


class RecordSplitter:
    """Takes chunks of XML and gives the records that are complete so far.

    MalformedRecord is raised where the XML breaks; the records before the break have been given.
    """

    def __init__(self) -> None:
        self.root = ""
        self.deleted: list[str] = []
        self.errors: list[str] = []
        self.unreadable = 0
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.XmlDeclHandler = self._declaration
        parser.EntityDeclHandler = self._entity
        self._encoding = "utf-8"
        self._buffer = b""
        self._base = 0
        self._path: list[str] = []
        self._begin = 0
        self._pmid: tuple[str, str] | None = None
        self._version = "1"
        self._text: list[str] | None = None
        self._ready: list[RawRecord] = []

    def feed(self, chunk: bytes, final: bool = False) -> list[RawRecord]:
        """The records completed by this chunk."""
        self._buffer += chunk
        try:
            self._parser.Parse(chunk, final)
        except expat.ExpatError as error:
            raise MalformedRecord(
                f"The XML breaks at line {error.lineno}, column {error.offset}: "
                f"{expat.errors.messages.get(error.code, error)}."
            ) from None
        finally:
            # Nothing before the record under way is needed any more.
            keep = self._begin if len(self._path) >= 2 else self._parser.CurrentByteIndex
            if keep > self._base:
                self._buffer = self._buffer[keep - self._base :]
                self._base = keep
        return self.take()

    def take(self) -> list[RawRecord]:
        """The complete records not given yet."""
        ready, self._ready = self._ready, []
        return ready

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self._encoding = (encoding or "utf-8").lower()

    def _entity(self, name: str, *_: object) -> None:
        raise MalformedRecord(
            f"The XML declares an entity ({name}); PubMed's never does, so it is not read further."
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        path = self._path
        path.append(name)
        depth = len(path)
        if depth == 1:
            self.root = name
        elif depth == 2:
            self._begin = self._parser.CurrentByteIndex
            self._pmid = None
            if name == "ERROR":
                self._collect()
        elif name == "PMID" and (
            (depth == 4 and path[2] in _PMID_PARENTS and self._pmid is None)
            or (depth == 3 and path[1] == "DeleteCitation")
        ):
            self._version = attributes.get("Version", "1")
            self._collect()

    def _collect(self) -> None:
        self._text = []
        self._parser.CharacterDataHandler = self._text.append

    def _end(self, name: str) -> None:
        path = self._path
        depth = len(path)
        if self._text is not None and name in ("PMID", "ERROR"):
            text = "".join(self._text).strip()
            self._text = None
            self._parser.CharacterDataHandler = None
            if name == "ERROR":
                self.errors.append(text)
            elif path[1] == "DeleteCitation":
                self.deleted.append(text)
            else:
                self._pmid = (text, self._version)
        elif depth == 2 and name in _RECORDS:
            self._finish(name)
        path.pop()

    def _finish(self, name: str) -> None:
        begin = self._begin - self._base
        end = self._buffer.find(b">", self._parser.CurrentByteIndex - self._base) + 1
        xml = self._buffer[begin:end]
        if self._encoding not in _PLAIN:
            xml = xml.decode(self._encoding).encode()
        pmid, version = self._pmid or ("", "1")
        if not pmid.isdecimal():
            self.unreadable += 1
            return
        self._ready.append(
            RawRecord(
                pmid.lstrip("0") or "0", int(version) if version.isdecimal() else 1, name, xml
            )
        )


def split_answer(body: bytes) -> RawAnswer:
    """Cuts a whole body; MalformedRecord if it is no XML or breaks off."""
    splitter = RecordSplitter()
    records = splitter.feed(as_utf8(body), final=True)
    return RawAnswer(
        splitter.root,
        tuple(records),
        tuple(splitter.deleted),
        tuple(splitter.errors),
        splitter.unreadable,
    )


def raw_records(chunks: Iterable[bytes]) -> Iterator[RawRecord]:
    """The records of a long stream, one after the other, in constant memory."""
    splitter = RecordSplitter()
    for chunk in chunks:
        yield from splitter.feed(chunk)
    yield from splitter.feed(b"", final=True)


def as_utf8(body: bytes) -> bytes:
    """UTF-16 bodies turned into UTF-8, so that slices are slices; all others as they are."""
    if body[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return body
    text = body.decode("utf-16")
    return re.sub(r"^(<\?xml[^>]*?)\s+encoding=([\"'])[^\"']*\2", r"\1", text).encode()
