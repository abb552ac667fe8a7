"""PubMed's yearly baseline and daily update files into an archive.

`pubmedYYnNNNN.xml.gz` files are applied in the order of their names: a record in a later file
replaces the one before, DeleteCitation deletes. A file is checked against its `.md5` first; a file
that is damaged stops the loading, because those after it build on it. Applied files are noted in
the manifest and not read again.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from textmine.errors import ConfigError, MalformedRecord, TruncatedResponse
from textmine.pubmed.archive import Archive
from textmine.pubmed.raw import RawRecord, RecordSplitter

__all__ = ["LoadReport", "baseline_files", "load_files"]

_NAME = re.compile(r"^pubmed\d\dn\d{4,}\.xml(\.gz)?$")
_CHUNK = 1 << 20
_BATCH = 1000


@dataclass
class LoadReport:
    """What loading did; `unchecked` are files without an md5 beside them."""

    files: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    records: int = 0
    new: int = 0
    changed: int = 0
    deleted: int = 0


def baseline_files(paths: Sequence[Path]) -> list[Path]:
    """The baseline and update files among files and folders, in the order they apply."""
    found: dict[str, Path] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if _NAME.match(p.name))
        elif path.is_file():
            if not _NAME.match(path.name):
                raise ConfigError(
                    f"{path} is not named as PubMed names its files (pubmed26n0001.xml.gz), so its "
                    "place in the order is not known. `textmine parse` reads any other file."
                )
            inside = [path]
        else:
            raise ConfigError(f"There is no file or folder {path}. Check the path.")
        found.update((p.name.removesuffix(".gz"), p) for p in inside)
    if not found:
        raise ConfigError(f"There is no pubmedYYnNNNN.xml.gz in {paths[0]}.")
    return [found[name] for name in sorted(found, key=_order)]


def _order(name: str) -> tuple[int, int]:
    year, number = re.findall(r"\d+", name)[:2]
    return int(year), int(number)


def load_files(
    paths: Sequence[Path],
    archive: Archive,
    *,
    keep: Callable[[RawRecord], bool] = lambda _: True,
    log: Callable[[str], None] = lambda _: None,
) -> LoadReport:
    """Applies files to an open archive; `keep` picks the records that are wanted.

    TruncatedResponse when a file is damaged: nothing of it is applied if its md5 tells so.
    """
    report = LoadReport()
    for path in baseline_files(paths):
        digest = _md5(path)
        name = path.name.removesuffix(".gz")
        if archive.files.get(name) == digest:
            report.skipped.append(name)
            continue
        told = path.with_name(path.name + ".md5")
        if told.is_file():
            expected = re.search(r"\b[0-9a-f]{32}\b", told.read_text().lower())
            if not expected or expected[0] != digest:
                raise TruncatedResponse(
                    f"{path} does not match {told.name}; it was probably cut off on the way. "
                    "Download it again. The files before it are applied; run again to go on."
                )
        else:
            report.unchecked.append(name)
            log(f"{path.name}: there is no {told.name} to check it against.")
        _apply(path, archive, report, keep)
        archive.set_file(name, digest)
        report.files.append(name)
    return report


def _apply(
    path: Path, archive: Archive, report: LoadReport, keep: Callable[[RawRecord], bool]
) -> None:
    splitter = RecordSplitter()
    batch: list[RawRecord] = []

    def store() -> None:
        outcome = archive.add(batch)
        report.records += len(batch)
        report.new += sum(kind == "new" for kind in outcome.values())
        report.changed += sum(kind in ("changed", "version") for kind in outcome.values())
        batch.clear()

    try:
        for chunk in _chunks(path):
            batch += [r for r in splitter.feed(chunk) if keep(r)]
            if len(batch) >= _BATCH:
                store()
        batch += [r for r in splitter.feed(b"", final=True) if keep(r)]
    except (MalformedRecord, EOFError, zlib.error) as error:
        raise TruncatedResponse(
            f"{path} is damaged after {report.records + len(batch)} records ({error}). Download "
            "it again, and run again to go on."
        ) from None
    if batch:
        store()
    # In NLM's files the deletions stand last and are about records of the files before.
    gone = [p for p in splitter.deleted if p in archive.entries]
    archive.set_states(dict.fromkeys(gone, ("deleted", f"DeleteCitation in {path.name}")))
    report.deleted += len(gone)


def _chunks(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as stream:
        if path.suffix != ".gz":
            yield from iter(lambda: stream.read(_CHUNK), b"")
            return
        unpacker = zlib.decompressobj(wbits=31)
        while raw := stream.read(_CHUNK):
            while raw:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(wbits=31)
                yield unpacker.decompress(raw)
                raw = unpacker.unused_data
        if not unpacker.eof:
            raise EOFError("its gzip stream breaks off")


def _md5(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with open(path, "rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
