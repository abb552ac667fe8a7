"""The bytes of a file, unpacked and in an encoding that ASCII is part of, chunk by chunk.

Where the packing breaks off the bytes before the break are still given; `fault` says what happened.
"""

from __future__ import annotations

import codecs
import itertools
import zlib
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from zlib import _Decompress as Unpacker

__all__ = ["ByteSource"]

CHUNK = 1 << 20
_HEAD = 1 << 16
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class ByteSource:
    """Chunks of a stream: `.gz` is unpacked (any number of members), UTF-16 and -32 recoded.

    `head` holds the first bytes, which `read` gives again; `fault` says why the stream ended too
    early, once `read` has come to its end; `recoded` says that the bytes are UTF-8 whatever a
    declaration in them says.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.fault: str | None = None
        self.recoded = False
        self._chunks = self._recode(self._unpack(self._raw(stream)))
        self._waiting: list[bytes] = []
        size = 0
        while size < _HEAD and (chunk := self._next()):
            self._waiting.append(chunk)
            size += len(chunk)
        self.head = b"".join(self._waiting)
        self._waiting = [self.head] if self.head else []

    def read(self) -> bytes:
        """The next chunk, or no bytes at the end."""
        return self._waiting.pop() if self._waiting else self._next()

    def _next(self) -> bytes:
        return next(self._chunks, b"")

    def _raw(self, stream: IO[bytes]) -> Iterator[bytes]:
        try:
            while chunk := stream.read(CHUNK):
                yield chunk
        except OSError as error:
            self.fault = f"it cannot be read further: {error.strerror or error}"

    def _unpack(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        first = b""
        for chunk in chunks:
            first += chunk
            if len(first) >= 2:
                break
        if first[:2] != b"\x1f\x8b":
            if first:
                yield first
            yield from chunks
            return
        member = zlib.decompressobj(31)
        data = first
        while True:
            if not data:
                data = next(chunks, b"")
                if not data:
                    break
            if member.eof:
                # Members may follow each other; tapes and some copiers pad the end with zeros.
                data = data.lstrip(b"\0")
                if not data:
                    continue
                member = zlib.decompressobj(31)
            before = member.copy()
            try:
                out = member.decompress(data, CHUNK)
            except zlib.error as error:
                yield from _salvage(before, data)
                self.fault = f"its gzip stream is damaged or cut off ({error})"
                return
            data = member.unused_data if member.eof else member.unconsumed_tail
            if out:
                yield out
        while not member.eof and (out := member.decompress(b"", CHUNK)):
            yield out
        if not member.eof and self.fault is None:
            self.fault = "its gzip stream is cut off"

    def _recode(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        first = b""
        for chunk in chunks:
            first += chunk
            if len(first) >= 4:
                break
        encoding, mark = _encoding(first)
        first = first[mark:]
        if encoding is None:
            # A byte order mark of UTF-8 counts for more than a declaration.
            self.recoded = mark > 0
            if first:
                yield first
            yield from chunks
            return
        self.recoded = True
        # What is no character becomes one that no XML may hold, so that its record is found broken.
        decoder = codecs.getincrementaldecoder(encoding)("textmine.noncharacter")
        for chunk in itertools.chain((first,), chunks):
            if out := decoder.decode(chunk).encode():
                yield out
        if out := decoder.decode(b"", True).encode():
            yield out


def _salvage(member: Unpacker, data: bytes) -> Iterator[bytes]:
    """What can be unpacked before the break, to the last byte."""
    for size in (256, 1):
        for at in range(0, len(data), size):
            before = member.copy()
            try:
                out = member.decompress(data[at : at + size])
            except zlib.error:
                member, data = before, data[at : at + size]
                break
            if out:
                yield out
        else:
            return


def _encoding(first: bytes) -> tuple[str | None, int]:
    """(the codec of a file in wide characters, else None; the length of its byte order mark)."""
    if first.startswith(codecs.BOM_UTF8):
        return None, 3
    if first[:4] in _UTF32:
        return ("utf-32-le" if first[:4] == _UTF32[0] else "utf-32-be"), 4
    if first[:2] in _UTF16:
        return ("utf-16-le" if first[:2] == _UTF16[0] else "utf-16-be"), 2
    if first[:4] in (b"<\0?\0", b"<\0!\0", b"<\0P\0"):
        return "utf-16-le", 0
    if first[:4] in (b"\0<\0?", b"\0<\0!", b"\0<\0P"):
        return "utf-16-be", 0
    return None, 0


def _noncharacter(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return "\ufffe", error.end
    raise error


codecs.register_error("textmine.noncharacter", _noncharacter)
