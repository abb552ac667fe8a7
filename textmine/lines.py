"""Lines of JSON: `.gz` by name, `-` for the standard streams, files replaced atomically."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

from textmine.errors import ConfigError, MalformedRecord

__all__ = ["LineWriter", "Quarantine", "open_binary", "quarantine_path", "read_lines"]


def open_binary(path: str | Path) -> IO[bytes]:
    """Opens a file for reading, unpacked if its name ends in `.gz`; `-` is standard input."""
    if str(path) == "-":
        return sys.stdin.buffer
    try:
        if str(path).endswith(".gz"):
            return io.BufferedReader(gzip.open(path, "rb"))
        return open(path, "rb")
    except FileNotFoundError:
        raise ConfigError(f"There is no file {path}. Check the path.") from None
    except (IsADirectoryError, PermissionError) as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None


def read_lines(path: str | Path) -> Iterator[tuple[int, dict[str, Any] | MalformedRecord]]:
    """Yields (line number, object) for each non-empty line; a broken line comes as its error.

    A file that is cut off in the middle of its gzip stream ends with an error as its last item.
    """
    number = 0
    with open_binary(path) as stream:
        try:
            for number, raw in enumerate(stream, 1):
                if raw.strip():
                    yield number, _parse(raw, f"{path}, line {number}")
        except (EOFError, gzip.BadGzipFile, OSError) as error:
            yield (
                number + 1,
                MalformedRecord(
                    f"{path} breaks off after line {number}: {error}. It was probably cut off in "
                    "copying; write or copy it again."
                ),
            )


def _parse(raw: bytes, where: str) -> dict[str, Any] | MalformedRecord:
    try:
        data = json.loads(raw)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        return MalformedRecord(f"{where} is no JSON: {error}")
    if not isinstance(data, dict):
        return MalformedRecord(f"{where} holds a {type(data).__name__}, not an object.")
    return data


# Readers such as Python's str.splitlines end a line at these characters, which abstracts do hold.
_BREAKS = tuple((c, f"\\u{ord(c):04x}") for c in "\x85\u2028\u2029")


def _one_line(text: str) -> str:
    """The JSON with every character that anyone takes for a line break as an escape."""
    for character, escape in _BREAKS:
        if character in text:
            text = text.replace(character, escape)
    return text


class LineWriter:
    """Writes JSON lines to a temporary file that takes its name only when all went well.

    Output is deterministic: the same lines give the same bytes, `.gz` included.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        self.count = 0
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        if self.path == "-":
            self._out: IO[bytes] = sys.stdout.buffer
            return self
        target = Path(self.path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
            raw = self._stack.enter_context(open(self._temporary, "wb"))
        except OSError as error:
            raise ConfigError(f"{target} cannot be written: {error.strerror}.") from None
        self._out = raw
        if self.path.endswith(".gz"):
            packed = gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=6, mtime=0)
            self._stack.callback(packed.close)
            self._out = cast(IO[bytes], packed)
        return self

    def write(self, line: Mapping[str, Any]) -> None:
        text = _one_line(json.dumps(line, ensure_ascii=False, separators=(",", ":")))
        try:
            raw = text.encode("utf-8")
        except UnicodeEncodeError:
            # Half a surrogate pair came in as an escape: it goes out as one, the file stays UTF-8.
            raw = json.dumps(line, separators=(",", ":")).encode("ascii")
        self._out.write(raw + b"\n")
        self.count += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.path == "-":
            self._out.flush()
            return
        self._stack.close()
        if kind is None:
            os.replace(self._temporary, self.path)
        else:
            self._temporary.unlink(missing_ok=True)


def quarantine_path(output: str | Path) -> Path | None:
    """Where the records that could not be read go: `x.jsonl[.gz]` -> `x.quarantine.jsonl`."""
    if str(output) == "-":
        return None
    path = Path(output)
    name = path.name.removesuffix(".gz").removesuffix(".jsonl")
    return path.with_name(f"{name}.quarantine.jsonl")


class Quarantine:
    """Keeps what could not be read, with the reason; the file appears with the first record."""

    def __init__(self, path: str | Path | None) -> None:
        self.path = None if path is None else Path(path)
        self.count = 0
        self._stream: IO[str] | None = None
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def add(self, source: str, where: str, reason: str, record: str | None = None) -> None:
        """`where` names the place (a PMID, a line), `record` is the raw text where it is known."""
        self.count += 1
        print(f"quarantined: {source}: {where}: {reason}", file=sys.stderr)
        if self.path is None:
            return
        if self._stream is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = open(  # noqa: SIM115 - closed by close()
                self.path, "w", encoding="utf-8", errors="backslashreplace"
            )
        line = {"source": source, "where": where, "reason": reason, "record": record}
        self._stream.write(_one_line(json.dumps(line, ensure_ascii=False)) + "\n")
        self._stream.flush()

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
