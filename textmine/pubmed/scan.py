"""Cuts a stream of PubMed XML into its records, in constant memory.

Records are cut out by their tags and parsed one by one. That is what lets a broken record cost
itself alone: everything before and after it is still read. The parser never sees a document type,
so that no entity is ever expanded and nothing is fetched; a record that uses one is broken.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from textmine.errors import MalformedRecord
from textmine.pubmed.source import ByteSource

__all__ = ["Damage", "scan"]

T = TypeVar("T")

# No record comes near: the largest of PubMed have some 5 MB.
MAX_RECORD = 64 << 20
_KEPT = 20_000  # bytes kept of what stands between records and cannot be read
_DEEP = 1000
_SETS = ("PubmedArticleSet", "PubmedBookArticleSet", "MedlineCitationSet")
_KINDS = ("PubmedArticle", "PubmedBookArticle", "DeleteCitation", "DeleteDocument")
_NAME = re.compile(rb"(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)(?=[\s/>])")
_TAG = re.compile(rb"""(?:[^<>"']|"[^"]*"|'[^']*')+>""")
_END = re.compile(rb"</[^<>]*>")
_DECLARATION = re.compile(rb"<\?xml\s")
_ENCODING = re.compile(rb"""\bencoding\s*=\s*["']([A-Za-z][\w.-]*)["']""")
_DOCTYPE_STOPS = re.compile(rb"""["'\[\]>]|<!--|<\?""")
_HTML = re.compile(rb"<!doctype\s+html|<html\b", re.I)
# Where reading can go on after a broken record.
_RESYNC = re.compile(
    rb"</?(?:[A-Za-z_][\w.-]*:)?(?:PubmedArticle|PubmedBookArticle|DeleteCitation|DeleteDocument)"
    rb"(?:Set)?(?=[\s/>])|<\?xml\s"
)
_PLAIN_BEGIN, _PLAIN_END = b"<PubmedArticle>", b"</PubmedArticle>"
_PLAIN = re.compile(rb"[ \t\r\n]*" + _PLAIN_BEGIN)
_HIDING = re.compile(rb"<!--|<!\[CDATA\[")


@dataclass(frozen=True, slots=True)
class Damage:
    """What cannot be read: a record, or what stands after record `number`."""

    reason: str
    data: bytes
    number: int
    offset: int
    is_record: bool = False


def scan(source: ByteSource, read: Callable[[bytes, str], T]) -> Iterator[T | Damage]:
    """What `read` makes of every record, and everything that can be no part of one, in order.

    `read` is given the bytes of a record and the name of their encoding; MalformedRecord that it
    raises comes out as Damage.
    """
    return _Scanner(source, read).run()


class _Scanner(Generic[T]):
    """A buffer over the stream; places and sizes are counted from `_at`, where reading stands."""

    def __init__(self, source: ByteSource, read: Callable[[bytes, str], T]) -> None:
        self._source = source
        self._read = read
        self._buffer = b""
        self._at = 0
        self._base = 0  # how many bytes of the stream stand before the buffer
        self._ended = False
        self._records = 0
        self._silent = True  # nothing was found yet, neither record nor damage
        self._open: list[str] = []  # the elements around the records
        self._root: str | None = None
        self._html = False
        self._encoding = "utf-8"
        self._trouble: list[str] = []
        self._trouble_data = bytearray()
        self._trouble_offset = 0

    # --- the buffer

    def _fill(self) -> bool:
        """Reads on and lets go what was passed. False at the end of the stream."""
        chunk = b"" if self._ended else self._source.read()
        if not chunk:
            self._ended = True
            return False
        self._base += self._at
        self._buffer = self._buffer[self._at :] + chunk
        self._at = 0
        return True

    @property
    def _size(self) -> int:
        return len(self._buffer) - self._at

    def _grow(self) -> bool:
        """Reads on unless there is far too much already."""
        return self._size <= MAX_RECORD and self._fill()

    def _need(self, size: int) -> None:
        while self._size < size and self._fill():
            pass

    def _find(self, what: bytes, start: int = 0) -> int:
        """Where `what` stands, or -1 when it does not come."""
        while (found := self._buffer.find(what, self._at + start)) < 0:
            start = max(start, self._size - len(what) + 1)
            if not self._grow():
                return -1
        return found - self._at

    def _slice(self, size: int, start: int = 0) -> bytes:
        return self._buffer[self._at + start : self._at + size]

    def _skip(self, size: int) -> None:
        if self._trouble and len(self._trouble_data) < _KEPT:
            self._trouble_data += self._slice(min(size, _KEPT - len(self._trouble_data)))
        self._at += size

    # --- outside of records

    def run(self) -> Iterator[T | Damage]:
        """Goes through the stream once."""
        while True:
            yield from self._plain_records()
            start = self._buffer.find(b"<", self._at)
            size = self._size if start < 0 else start - self._at
            self._text(self._slice(size))
            self._skip(size)
            if start >= 0:
                self._need(256)
                name = self._tag()
                if name is not None:
                    yield from self._flush()
                    yield from self._record(name)
            elif not self._fill():
                break
        self._end_document()
        yield from self._flush()
        if self._source.fault:
            yield self._whole(f"The file is truncated: {self._source.fault}. Copy it again.")
        elif self._silent:
            found = "no element at all" if self._root is None else f"its root is <{self._root}>"
            if self._root in _SETS:
                found = f"<{self._root}> is empty"
            yield self._whole(f"There is no PubMed record in this file: {found}.")

    def _plain_records(self) -> Iterator[T]:
        """The records that follow each other with nothing but blanks between them.

        What reaches from a start tag to the next end tag and is well-formed is a record, whatever
        it holds. Everything else is left for a closer look.
        """
        read, encoding = self._read, self._encoding
        while not self._trouble and not self._html:
            begin = _PLAIN.match(self._buffer, self._at)
            end = -1 if begin is None else self._buffer.find(_PLAIN_END, begin.end())
            if begin is None or end < 0:
                return
            start, end = begin.end() - len(_PLAIN_BEGIN), end + len(_PLAIN_END)
            try:
                found = read(self._buffer[start:end], encoding)
            except MalformedRecord:
                return
            self._at = end
            self._records += 1
            self._silent = False
            yield found

    def _whole(self, reason: str) -> Damage:
        return Damage(reason, b"", self._records, self._base + self._at)

    def _note(self, what: str) -> None:
        """Notes that something here, which is passed next, cannot be read."""
        if self._html and self._trouble:
            return
        if not self._trouble:
            self._trouble_offset = self._base + self._at
        if what not in self._trouble:
            self._trouble.append(what)

    def _flush(self) -> Iterator[Damage]:
        if self._trouble:
            self._silent = False
            reason = "; ".join(self._trouble)
            data = bytes(self._trouble_data)
            self._trouble = []
            self._trouble_data.clear()
            yield Damage(
                f"{reason[0].upper()}{reason[1:]}.", data, self._records, self._trouble_offset
            )

    def _tag(self) -> bytes | None:
        """Passes what begins here, but gives back the name when it is a record's element."""
        here = self._slice(256)
        if here.startswith(b"<!--"):
            self._pass(b"-->", 4, "a comment without an end")
        elif here.startswith(b"<![CDATA["):
            end = self._find(b"]]>", 9)
            self._text(self._slice(max(end, 9), 9))
            self._pass(b"]]>", 9, "character data without an end")
        elif here[:9].upper() == b"<!DOCTYPE":
            self._doctype(here)
        elif here.startswith(b"<?"):
            self._instruction(here)
        elif here.startswith(b"</"):
            self._close(here)
        else:
            return self._start(here)
        return None

    def _pass(self, closing: bytes, start: int, otherwise: str) -> None:
        end = self._find(closing, start)
        if end < 0:
            # Reading goes on behind the opening, so that records that follow are not lost.
            self._note(otherwise)
        self._skip(start if end < 0 else end + len(closing))

    def _instruction(self, here: bytes) -> None:
        if _DECLARATION.match(here):
            # A new document begins; batches are often written one behind the other.
            self._end_document()
            declared = _ENCODING.search(here.partition(b"?>")[0])
            self._encoding = "utf-8"
            if declared and not self._source.recoded:
                self._declare(declared[1].decode())
        self._pass(b"?>", 2, "a processing instruction without an end")

    def _declare(self, encoding: str) -> None:
        try:
            name = codecs.lookup(encoding).name
        except LookupError:
            self._note(f"the file declares an encoding that is not known: {encoding}")
            return
        # These bytes are read as ASCII here: a file that says UTF-16 has been recoded before.
        wide = name.startswith(("utf-16", "utf-32", "utf-8", "ascii"))
        self._encoding = "utf-8" if wide else name

    def _doctype(self, here: bytes) -> None:
        """Passes a document type, unread; its internal subset may hold quotes and brackets."""
        if _HTML.match(here):
            self._html_page()
        at, inside = 9, False
        while True:
            found = _DOCTYPE_STOPS.search(self._buffer, self._at + at)
            if found is None:
                at = max(at, self._size - 3)
                if self._grow():
                    continue
                break
            what, at = found[0], found.end() - self._at
            if what == b">" and not inside:
                self._skip(at)
                return
            if what in b"[]":
                inside = what == b"["
            elif what != b">" and (inside or what in (b'"', b"'")):
                closing = {b"<!--": b"-->", b"<?": b"?>"}.get(what, what)
                end = self._find(closing, at)
                if end < 0:
                    break
                at = end + len(closing)
        self._note("a document type without an end")
        self._skip(9)

    def _html_page(self) -> None:
        self._note("this is an HTML page, not PubMed XML: probably an error page of the server")
        self._html = True

    def _start(self, here: bytes) -> bytes | None:
        found = _NAME.match(here, 1)
        if found is None:
            self._note("text that is no XML")
            self._skip(1)
            return None
        name = found[1].decode()
        if name in _SETS and self._open:
            self._end_document()
        if name in _KINDS:
            self._html = False
            return found[0]
        if name == "MedlineCitation":
            if not self._open or self._open[-1] == "MedlineCitationSet":
                return found[0]
            self._note("parts of a record stand here without its beginning or end")
        if _HTML.match(here):
            self._html_page()
        while (tag := _TAG.match(self._buffer, self._at + 1)) is None:
            if self._size > 10 * _KEPT or not self._fill():
                self._note(f"the tag <{name}> has no end")
                self._skip(len(found[0]) + 1)
                return None
        self._root = self._root or name
        is_open = not tag[0].endswith(b"/>")
        if is_open and len(self._open) < _DEEP:
            self._open.append(name)
        self._skip(len(tag[0]) + 1)
        if name.upper() == "ERROR" and is_open:
            self._server_error()
        return None

    def _server_error(self) -> None:
        end = self._find(b"<")
        said = self._slice(end if end >= 0 else self._size)
        words = " ".join(said[:_KEPT].decode("utf-8", "replace").split())
        if words:
            self._note(f"the server answered with an error instead of records: {words}")

    def _close(self, here: bytes) -> None:
        found = _NAME.match(here, 2)
        name = found[1].decode() if found else ""
        if name in self._open:
            while self._open.pop() != name:
                pass
        else:
            self._note(f"a record's end, </{name}>, stands here without its beginning")
        end = _END.match(here)
        self._skip(end.end() if end else 2)

    def _text(self, text: bytes) -> None:
        """Text outside of records. Elements that are not ours may hold any."""
        if not text or text.isspace() or (self._open and self._open[-1] not in _SETS):
            return
        if text.replace(b"\xef\xbb\xbf", b"").strip():
            known = self._records or self._open
            self._note("text stands between the records" if known else "this is no XML")

    def _end_document(self) -> None:
        """At the end of a document everything that was opened must be closed."""
        if self._open and not self._html and not (self._ended and self._source.fault):
            self._note(
                f"the file is truncated: it ends here without </{self._open[0]}>, so that records "
                "may be missing; fetch or copy it again"
            )
        self._open = []
        self._html = False

    # --- a record

    def _record(self, name: bytes) -> Iterator[T | Damage]:
        self._records += 1
        self._silent = False
        size, fault = self._extent(name)
        if fault:
            yield self._damage(fault, size)
            return
        if self._buffer.find(b"<!", self._at, self._at + size) >= 0:
            careful = self._careful_extent(name, size)
            if careful != size:
                try:
                    yield self._taken(careful)
                    return
                except MalformedRecord:
                    pass  # then it is rather the comment that is broken
        try:
            yield self._taken(size)
        except MalformedRecord as error:
            yield self._damage(str(error), size)

    def _taken(self, size: int) -> T:
        found = self._read(self._slice(size), self._encoding)
        self._skip(size)
        return found

    def _damage(self, reason: str, size: int) -> Damage:
        damage = Damage(reason, self._slice(size), self._records, self._base + self._at, True)
        self._skip(size)
        return damage

    def _extent(self, name: bytes) -> tuple[int, str | None]:
        """The size of the record that begins here, and why it is not whole."""
        self._need(1024)
        tag = _TAG.match(self._buffer, self._at + 1)
        if tag is not None and tag[0].endswith(b"/>"):
            return len(tag[0]) + 1, None
        closing = b"</" + name
        start = 1
        while (end := self._find(closing, start)) >= 0:
            after = end + len(closing)
            bracket = self._find(b">", after)
            between = self._slice(bracket, after) if bracket >= 0 else b"?"
            if not between or between.isspace():
                if self._begins_another(end):
                    break
                return bracket + 1, None
            if between.startswith(b"Set") or self._begins_another(end):
                break
            start = after
        size = self._resync()
        if size > MAX_RECORD:
            return size, f"The record has no end within {MAX_RECORD >> 20} MB."
        if self._ended and size == self._size:
            return size, "The record breaks off before its end: the file is truncated here."
        return size, "The record breaks off before its end: another begins, or the set ends."

    def _begins_another(self, end: int) -> bool:
        """Whether a record begins before `end`, outside of comments and CDATA."""
        low, high = self._at + 1, self._at + end
        find = self._buffer.find
        if (
            find(b"<PubmedArticle", low, high) < 0
            and find(b"<PubmedBookArticle", low, high) < 0
            and find(b"<Delete", low, high) < 0
            and find(b"<?xml", low, high) < 0
            and find(b":PubmedArticle", low, high) < 0
        ):
            return False
        while (found := _RESYNC.search(self._buffer, low, high)) is not None:
            hidden = _HIDING.search(self._buffer, low, found.start())
            if hidden is None:
                return True
            end = find(b"-->" if hidden[0] == b"<!--" else b"]]>", hidden.end(), high)
            if end < 0:
                return True
            low = end + 3
        return False

    def _resync(self) -> int:
        """How far it is from here to what may be read next."""
        start = 1
        while True:
            found = _RESYNC.search(self._buffer, self._at + start)
            if found is not None:
                return found.start() - self._at
            start = max(1, self._size - 128)
            if not self._grow():
                return self._size

    def _careful_extent(self, name: bytes, size: int) -> int:
        """The size of a record whose comments or CDATA may hold what looks like its end tag."""
        stops = re.compile(rb"<!--|<!\[CDATA\[|</" + re.escape(name) + rb"\s*>")
        at = 1
        while True:
            found = stops.search(self._buffer, self._at + at)
            if found is None:
                if not self._grow():
                    return size
                continue
            if found[0].startswith(b"</"):
                return found.end() - self._at
            end = self._find(b"-->" if found[0] == b"<!--" else b"]]>", found.end() - self._at)
            if end < 0:
                return size
            at = end + 3
