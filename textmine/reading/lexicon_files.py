"""The files of a lexicon -> one compiled table, kept in the user's cache folder.

Two kinds of file, both tab-separated with `#` comments:

- curated (`*.tsv` in a lexicon folder or its `core/`): CURIE, label, name, parents, synonyms,
  links; the last three hold several values between `|` and may be left out.
- broad (`broad/*.tsv.gz`): CURIE, name, synonyms; label and rank of a list stand in `lexicon.toml`.

A synonym may begin with flags before a colon: `i` any case, `c` exactly this case, `g` this case,
all capitals or one capital (gene symbols of man and mouse), `p` the plural alone, `s` the
singular alone, `?` counts only in a text that also names the concept in another way, `*` the
same, but the mention stays, unlinked, where that is not so. A synonym `-` says that the name
itself is no name to look for ("disease"). Without a case flag: names with an ordinary word (four
small letters) in any case, symbols as written.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import platformdirs

from textmine.config import read_toml
from textmine.errors import ConfigError
from textmine.lines import open_binary
from textmine.reading.normal import atoms, forms, key
from textmine.records import LABELS

__all__ = ["Sense", "Table", "cache_folder", "compile_table", "fingerprint", "lexicon_files"]

_VERSION = "5"  # of the compiled form; a change of normal.py or of Table needs a new one
_FLAGS = re.compile(r"^([icgps]?[?*]?):(?=\S)")
_ORDINARY = re.compile(r"[a-z]{4}")
_SYMBOL_LABELS = ("GENE", "CELL", "PATHWAY", "MIRNA")


class Sense(msgspec.Struct, frozen=True, array_like=True):
    """One reading of a key: which entry, and what the surface must look like."""

    entry: int
    rule: str  # i, c, g, p, s
    form: str  # the letters as written, for c and g
    blank: bool  # the name itself holds a blank
    rank: int
    weak: str = ""  # "", "?" or "*"


class Table(msgspec.Struct):
    """Everything that matching needs, in the form in which it is cached."""

    curies: list[str] = []
    names: list[str] = []
    labels: list[str] = []
    ranks: list[int] = []
    sources: list[str] = []
    parents: dict[str, list[str]] = {}
    links: dict[str, list[tuple[str, str]]] = {}
    index: dict[str, list[Sense]] = {}
    longest: dict[str, int] = {}
    settings: dict[str, Any] = {}


@dataclass
class _Row:
    curie: str
    label: str
    name: str
    parents: Sequence[str] = ()
    synonyms: Sequence[str] = ()
    links: Sequence[tuple[str, str]] = ()


@dataclass
class _Builder:
    table: Table = field(default_factory=Table)
    number: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, row: _Row, rank: int, source: str, stop: frozenset[str]) -> None:
        table = self.table
        at = self.number.get((row.curie, row.label))
        if at is None:
            at = self.number[row.curie, row.label] = len(table.curies)
            table.curies.append(row.curie)
            table.names.append(row.name)
            table.labels.append(row.label)
            table.ranks.append(rank)
            table.sources.append(source)
        _extend(table.parents, row.curie, row.parents)
        _extend(table.links, row.curie, row.links)
        for synonym in row.synonyms if "-" in row.synonyms else (row.name, *row.synonyms):
            if synonym == "-":
                continue
            self._index(at, synonym, row.label, rank, stop)

    def _index(self, entry: int, synonym: str, label: str, rank: int, stop: frozenset[str]) -> None:
        flags = _FLAGS.match(synonym)
        given, surface = (flags.group(1), synonym[flags.end() :]) if flags else ("", synonym)
        weak = given[-1] if given and given[-1] in "?*" else ""
        rule = given.rstrip("?*") or case_rule(surface, label)
        for number, (name, form) in enumerate(forms(surface, latin=rule not in "ips").items()):
            if not name or (name in stop and not flags):
                continue
            senses = self.table.index.setdefault(name, [])
            sense = Sense(entry, rule, form, " " in surface and number == 0, rank, weak)
            if any(s.entry == entry and s.form == form and s.weak <= weak for s in senses):
                continue
            senses.append(sense)
            first, _, rest = name.partition(" ")
            size = 1 + (rest.count(" ") + 1 if rest else 0)
            if size > self.table.longest.get(first, 0):
                self.table.longest[first] = size


def case_rule(surface: str, label: str) -> str:
    """The case rule of a name that carries no flag (see the module's docstring).

    >>> case_rule("liver fibrosis", "DISEASE"), case_rule("CCl4", "CHEMICAL")
    ('i', 'c')
    """
    if _ORDINARY.search(surface) and not re.search(r"[a-z]{2}[A-Z]", surface):
        word = re.fullmatch(r"[A-Z][a-z]{3,5}\d*[a-z]?", surface)
        if word is None or label not in _SYMBOL_LABELS:
            return "i"
    return "g" if label in _SYMBOL_LABELS else "c"


def _extend(place: dict[str, list[Any]], curie: str, values: Iterable[Any]) -> None:
    for value in values:
        known = place.setdefault(curie, [])
        if value not in known:
            known.append(value)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    with open_binary(path) as stream:
        try:
            for number, raw in enumerate(stream, 1):
                line = raw.decode("utf-8").rstrip("\r\n")
                if line.strip() and not line.startswith("#"):
                    yield number, [cell.strip() for cell in line.split("\t")]
        except (UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
            raise ConfigError(f"{path} cannot be read as UTF-8 text: {error}.") from None


def _split(cells: list[str], at: int) -> list[str]:
    if len(cells) <= at:
        return []
    return [part.strip() for part in cells[at].split("|") if part.strip()]


def read_curated(path: Path) -> Iterator[_Row]:
    """The entries of a curated file; ConfigError names the line that is wrong."""
    for number, cells in _lines(path):
        if len(cells) < 3 or not cells[0] or not cells[2] or len(cells) > 6:
            raise ConfigError(
                f"{path}, line {number} has {len(cells)} columns. A line needs CURIE, label and "
                "name, and may have parents, synonyms and links, with tabs between them."
            )
        if cells[1] not in LABELS:
            raise ConfigError(
                f"{path}, line {number}: {cells[1]!r} is no label. There are: {', '.join(LABELS)}."
            )
        links = []
        for link in _split(cells, 5):
            kind, equals, target = link.partition("=")
            if not equals:
                raise ConfigError(f"{path}, line {number}: link {link!r} should be kind=CURIE.")
            links.append((kind.strip(), target.strip()))
        yield _Row(cells[0], cells[1], cells[2], _split(cells, 3), _split(cells, 4), links)


def lexicon_files(folders: Sequence[Path]) -> list[Path]:
    """The files of the folders that belong to a lexicon, in the order in which they are read."""
    out: list[Path] = []
    for folder in folders:
        if folder.is_file():
            out.append(folder)
            continue
        if not folder.is_dir():
            raise ConfigError(f"There is no lexicon folder {folder}. Check the path.")
        out += [p for p in (folder / "lexicon.toml",) if p.is_file()]
        for part, pattern in ((folder, "*.tsv"), (folder / "core", "*.tsv")):
            out += sorted(part.glob(pattern))
        out += sorted((folder / "broad").glob("*.tsv.gz"))
    return out


def fingerprint(files: Iterable[Path]) -> str:
    """SHA-256 over the names and contents of the files (16 hex digits)."""
    digest = hashlib.sha256(_VERSION.encode())
    for path in files:
        digest.update(path.name.encode() + b"\0")
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Where compiled lexica and linker indexes are kept; safe to delete at any time.

    The environment variable TEXTMINE_CACHE names another folder than the user's cache."""
    named = os.environ.get("TEXTMINE_CACHE")
    return Path(named) if named else Path(platformdirs.user_cache_dir("textmine"))


def compile_table(shipped: Path | None, folders: Sequence[Path]) -> tuple[Table, str]:
    """The table of all files and its fingerprint; read from the cache where it is there."""
    own = [] if shipped is None else lexicon_files([shipped])
    users = lexicon_files(folders)
    print_ = fingerprint([*own, *users])
    cached = cache_folder() / f"lexicon-{print_}.msgpack"
    try:
        return msgspec.msgpack.decode(cached.read_bytes(), type=Table), print_
    except (OSError, msgspec.DecodeError):
        pass  # not there yet, or half written by an older version: made anew
    table = _compile(own, users)
    _keep(cached, msgspec.msgpack.encode(table))
    return table, print_


def _compile(own: Sequence[Path], users: Sequence[Path]) -> Table:
    builder = _Builder()
    settings: dict[str, Any] = {}
    for path in (*own, *users):
        if path.name == "lexicon.toml":
            _merge(settings, read_toml(path))
    stop = frozenset(
        key(atoms(word)) for words in settings.get("stop", {}).values() for word in words
    )
    lists: Mapping[str, Any] = settings.get("broad", {})
    # curated files first: their senses shut out those of the broad lists
    for rank, files in ((0, users), (1, own)):
        for path in files:
            if path.suffix == ".tsv":
                for row in read_curated(path):
                    builder.add(row, rank, "curated" if rank else "user", frozenset())
    for path in (*users, *own):
        if path.name.endswith(".tsv.gz"):
            _add_broad(builder, path, lists, stop)
    builder.table.settings = settings
    return builder.table


def _add_broad(
    builder: _Builder, path: Path, lists: Mapping[str, Any], stop: frozenset[str]
) -> None:
    source = path.name.removesuffix(".tsv.gz")
    about = lists.get(source)
    if about is None:
        raise ConfigError(
            f"{path}: lexicon.toml has no table [broad.{source}] with the list's label and rank."
        )
    for number, cells in _lines(path):
        if len(cells) < 2:
            raise ConfigError(f"{path}, line {number}: expected CURIE, name and synonyms.")
        row = _Row(cells[0], about["label"], cells[1], (), _split(cells, 2))
        if cells[0] in builder.table.parents or any(
            (cells[0], label) in builder.number for label in LABELS
        ):
            # a curated entry keeps its own label and name and gains the list's synonyms
            label = next((x for x in LABELS if (cells[0], x) in builder.number), about["label"])
            row = _Row(cells[0], label, cells[1], (), row.synonyms)
        builder.add(row, int(about["rank"]), source, stop)


def _merge(into: dict[str, Any], other: Mapping[str, Any]) -> None:
    for name, value in other.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        elif isinstance(value, list) and isinstance(into.get(name), list):
            into[name] = [*into[name], *value]
        else:
            into[name] = value


def _keep(path: Path, data: bytes) -> None:
    """Writes to the cache; a cache that cannot be written only costs time."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
