"""Cuts a stream of PubMed XML into its records, in constant memory.

Records are cut out by their tags and parsed one by one. That is what lets a broken record cost
itself alone: everything before and after it is still read. No document type is ever loaded, so that
entities are never expanded and nothing is fetched; a record that uses one is broken.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Gap", "Readable", "Record", "scan", "utf8_stream"]

_CHUNK = 1 << 20
_KINDS = rb"PubmedArticle|PubmedBookArticle|DeleteCitation|DeleteDocument"
_TAG = re.compile(rb"<!--|<!\[CDATA\[|<(/?)(" + _KINDS + rb")(?=[\s>/])")
_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# What may stand between records without meaning anything.
_HARMLESS = re.compile(
    rb"<\?.*?\?>|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>|<!--.*?-->|</?PubmedArticleSet[^>]*>|\xef\xbb\xbf",
    re.DOTALL,
)
_SET = re.compile(rb"<(/?)PubmedArticleSet\b[^>]*?(/?)>")


@dataclass(frozen=True, slots=True)
class Record:
    """The bytes of one record, in UTF-8; `whole` is False when its end is missing."""

    kind: str
    data: bytes
    number: int
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Gap:
    """What stood between two records (at most a chunk of it) once the harmless is taken out."""

    data: bytes
    number: int
    opened: int = 0
    closed: int = 0
    stray_end: bool = False


class Readable(Protocol):
    """Anything that gives bytes, and none at its end."""

    def read(self, size: int, /) -> bytes: ...


def utf8_stream(stream: Readable) -> tuple[bytes, Readable]:
    """The first bytes and a stream that goes on after them, both UTF-8 whatever the file is in.

    Raises LookupError for an encoding nobody knows, UnicodeDecodeError later on for wrong bytes.
    """
    head = stream.read(_CHUNK)
    if head.startswith(codecs.BOM_UTF8):
        return head[3:], stream
    encoding = None
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        declared = _DECLARED.match(head.lstrip()[:200])
        if declared:
            name = codecs.lookup(declared.group(1).decode("ascii")).name
            encoding = None if name in ("utf-8", "ascii") else name
    if encoding is None:
        return head, stream
    decoder = codecs.getincrementaldecoder(encoding)()
    return decoder.decode(head).encode(), _Recoded(stream, decoder)


class _Recoded:
    """Reads another encoding as UTF-8."""

    def __init__(self, stream: Readable, decoder: codecs.IncrementalDecoder) -> None:
        self._stream = stream
        self._decoder = decoder

    def read(self, size: int, /) -> bytes:
        raw = self._stream.read(size)
        return self._decoder.decode(raw, final=not raw).encode()


def scan(head: bytes, stream: Readable) -> Iterator[Record | Gap]:
    """Yields every record in order, and every gap between records that holds anything."""
    buffer = bytearray(head)
    number = 0
    begin = -1  # where the open record begins in the buffer, or -1 between records
    kind = b""
    at = gap = 0
    ended = False
    while True:
        match = _TAG.search(buffer, at)
        if match is None or (match.end() > len(buffer) - 32 and not ended):
            # A tag may be cut by the end of the buffer: keep its last bytes and read on.
            if ended:
                break
            at = max(at, len(buffer) - 32) if match is None else match.start()
            keep = begin if begin >= 0 else min(gap, at)
            if begin < 0 and at - gap > _CHUNK:
                keep = gap = at  # a gap longer than a chunk is known well enough by its start
            if keep > _CHUNK:
                del buffer[:keep]
                at, gap = at - keep, gap - keep
                begin = begin - keep if begin >= 0 else -1
            more = stream.read(_CHUNK)
            ended = not more
            buffer += more
            continue
        if match.group(2) is None:
            closing = b"-->" if match.group().startswith(b"<!--") else b"]]>"
            end = buffer.find(closing, match.end())
            if end < 0 and not ended:
                more = stream.read(_CHUNK)
                ended = not more
                buffer += more
                continue
            at = len(buffer) if end < 0 else end + 3
            continue
        is_end, name = bool(match.group(1)), match.group(2)
        if begin < 0 and not is_end:
            found = _gap(bytes(buffer[gap : match.start()]), number)
            if found:
                yield found
            begin, kind, at = match.start(), name, match.end()
        elif begin < 0:
            yield Gap(bytes(buffer[gap : match.end()][-2000:]), number, stray_end=True)
            at = gap = buffer.index(b">", match.end()) + 1
        elif not is_end:
            # The next record begins before this one ended.
            number += 1
            yield Record(kind.decode(), bytes(buffer[begin : match.start()]), number, whole=False)
            begin, kind, at = match.start(), name, match.end()
        elif name != kind:
            at = match.end()
        else:
            close = buffer.find(b">", match.end())
            if close < 0:
                at = match.end()
                continue
            number += 1
            yield Record(kind.decode(), bytes(buffer[begin : close + 1]), number)
            at = gap = close + 1
            begin = -1
    if begin >= 0:
        yield Record(kind.decode(), bytes(buffer[begin:]), number + 1, whole=False)
    else:
        found = _gap(bytes(buffer[gap:]), number)
        if found:
            yield found


def _gap(data: bytes, number: int) -> Gap | None:
    opened = closed = 0
    for match in _SET.finditer(data):
        opened += not match.group(1)
        closed += bool(match.group(1) or match.group(2))
    rest = _HARMLESS.sub(b"", data).strip()
    if not rest and not opened and not closed:
        return None
    return Gap(rest, number, opened, closed)
