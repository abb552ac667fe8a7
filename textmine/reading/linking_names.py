"""The names that the linker knows, compiled once and kept in the user's cache folder.

They are those of the lexicon and, for linking alone, every name of the vocabularies behind its
broad lists (`models/lexicon/linking/*.tsv.gz`: CURIE, preferred name, further names; "=CURIE" says
that another vocabulary has the same concept). No text is searched for these, so that they may be
long, rare or ambiguous.

A name is found by its normal form (`normal.key`) and by its stem: the words cut to what their
inflections and derivations share, without small and generic words, in alphabetical order. Names of
two words or more are also found by their letters (`trigrams`).
"""

from __future__ import annotations

import os
import re
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import msgspec

from textmine.config import data_root, file_hash, read_toml
from textmine.errors import ConfigError
from textmine.lines import open_binary
from textmine.reading.lexicon import Lexicon
from textmine.reading.lexicon_files import cache_folder
from textmine.reading.normal import atoms, key

__all__ = ["LISTS", "Names", "Words", "compile_names", "normal", "stem"]

_VERSION = "5"  # of the compiled form
LISTS = {
    "cells": "CELL",
    "anatomy": "ANATOMY",
    "processes": "PROCESS",
    "chemicals": "CHEMICAL",
    "diseases": "DISEASE",
    "species": "ORGANISM",
    "genes": "GENE",
}
"""The lists for linking, and the label of their concepts."""
SMALL = frozenset(("of", "the", "in", "and", "a", "an", "to", "by", "with", "from", "for", "on"))
_ENDINGS = re.compile(
    r"(?:isations?|izations?|ations?|ating|ated|ates?|ically|ical|ially|ional|ions?|ings?|ments?|ies"
    r"|ied|ed|es|als?|ars?|ics?|ous|ary|ory|ives?|ity|oid|ium|eum|ial|eal|ean|ia|ea|ae|ii|is|us|um"
    r"|sis|tic|ans?|on|[aeiouys])$"
)
_LEAST = 4  # letters that a stem keeps


class Stored(msgspec.Struct):
    """The compiled form in the cache: long strings and packed numbers open ten times as fast as
    lists of lists."""

    curies: str = ""  # one a line, as all lists of words here
    labels: str = ""
    shown: str = ""
    curated: bytes = b""
    keys: str = ""
    stems: str = ""
    owners: tuple[bytes, bytes] = (b"", b"")  # where each key's owners end, and the owners
    places: tuple[bytes, bytes] = (b"", b"")  # the same of each stem's keys
    same: dict[str, list[str]] = {}  # CURIE -> the same concept elsewhere


class Names:
    """Concepts and their names. Concepts, keys and stems are numbers into the lists."""

    def __init__(self, stored: Stored) -> None:
        self.curies = stored.curies.split("\n")
        self.labels = [sys.intern(label) for label in stored.labels.split("\n")]
        self.shown = stored.shown.split("\n")
        self.curated = stored.curated
        self.keys = stored.keys.split("\n")
        self.same: Mapping[str, Sequence[str]] = stored.same
        self._place = dict(zip(self.keys, range(len(self.keys)), strict=True))
        stems = stored.stems.split("\n")
        self._stem = dict(zip(stems, range(len(stems)), strict=True))
        self._owners = tuple(array("i", part) for part in stored.owners)
        self._places = tuple(array("i", part) for part in stored.places)

    def concept(self, curie: str, label: str) -> int | None:
        """The number of a concept; None: it is not known under this label."""
        return next((at for at in self.concepts(curie) if self.labels[at] == label), None)

    def concepts(self, curie: str) -> tuple[int, ...]:
        """The numbers of a CURIE: one for each label that it has."""
        found = self._numbers.get(curie, ())
        return (found,) if isinstance(found, int) else found

    @cached_property
    def _numbers(self) -> dict[str, int | tuple[int, ...]]:
        numbers: dict[str, int | tuple[int, ...]] = {}
        for at, curie in enumerate(self.curies):
            known = numbers.setdefault(curie, at)
            if known != at:
                numbers[curie] = (*((known,) if isinstance(known, int) else known), at)
        return numbers

    def place(self, form: str) -> int | None:
        """The number of a name in normal form; None: no concept has it."""
        return self._place.get(form)

    def owners(self, place: int) -> Sequence[int]:
        """The concepts that have a name."""
        ends, flat = self._owners
        return flat[ends[place - 1] if place else 0 : ends[place]]

    def with_stem(self, label: str, stem: str) -> Sequence[int]:
        """The names with a stem that belong to concepts of a label."""
        at = self._stem.get(f"{label} {stem}")
        if at is None:
            return ()
        ends, flat = self._places
        return flat[ends[at - 1] if at else 0 : ends[at]]


@dataclass(frozen=True, slots=True)
class Words:
    """The data of `linking/words.toml`: generic words and words of the same meaning, by label."""

    generic: Mapping[str, frozenset[str]]
    same: Mapping[str, Mapping[str, tuple[str, ...]]]

    @classmethod
    def load(cls, path: Path | None = None) -> Words:
        """The shipped words, or those of another file."""
        return _words(path or data_root() / "models" / "lexicon" / "linking" / "words.toml")


@lru_cache(maxsize=4)
def _words(path: Path) -> Words:
    table = read_toml(path)
    same: dict[str, dict[str, tuple[str, ...]]] = {}
    try:
        for label, groups in table["same"].items():
            place = same.setdefault(label, {})
            for group in groups:
                first = normal(group[0])
                for word in group[1:]:
                    place[normal(word)] = (*place.get(normal(word), ()), first)
        generic = {
            label: frozenset(stem_word(normal(word)) for word in words)
            for label, words in table["generic"].items()
        }
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ConfigError(f"{path} needs the tables [generic] and [same]: {error}.") from None
    return Words(generic, same)


def normal(name: str) -> str:
    """The normal form of a name."""
    return key(atoms(name))


@lru_cache(maxsize=200_000)
def stem_word(word: str) -> str:
    """What the inflections and derivations of a folded word share.

    >>> stem_word("embryonic"), stem_word("expressed"), stem_word("retina"), stem_word("striatal")
    ('embry', 'expres', 'retin', 'striat')
    """
    if len(word) <= _LEAST or not word.isalpha():
        return word
    found = _ENDINGS.search(word)
    while found is not None and found.start() >= _LEAST:
        word = word[: found.start()]
        found = _ENDINGS.search(word) if len(word) > _LEAST + 2 else None
    return word


def stem(name: str, generic: frozenset[str] = frozenset()) -> str:
    """The stem of a name in normal form: its words' stems, sorted, without small and generic ones
    (a name of generic words alone keeps them)."""
    words = [stem_word(word) for word in name.split() if word not in SMALL]
    kept = [word for word in words if word not in generic]
    return " ".join(sorted(kept or words))


def compile_names(
    lexicon: Lexicon, folder: Path | None = None, *, cache: bool = True
) -> tuple[Names, str]:
    """The names of a lexicon and of the lists in `folder` (default: those that ship), and their
    fingerprint."""
    place = folder or data_root() / "models" / "lexicon" / "linking"
    lists = [path for name in LISTS if (path := place / f"{name}.tsv.gz").is_file()]
    words = Words.load()
    print_ = f"{lexicon.fingerprint}-{file_hash(*lists)[:12]}-{_VERSION}"
    cached = cache_folder() / f"names-{print_}.msgpack"
    keep = cache and bool(lexicon.fingerprint)
    if keep:
        try:
            return Names(msgspec.msgpack.decode(cached.read_bytes(), type=Stored)), print_
        except (OSError, msgspec.DecodeError):
            pass  # not there yet, or half written by an older version: made anew
    stored = _compile(lexicon, lists, words)
    if keep:
        kept_in_cache(cached, msgspec.msgpack.encode(stored))
    return Names(stored), print_


def kept_in_cache(path: Path, data: bytes) -> None:
    """Writes to the cache; a cache that cannot be written only costs time."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)


def _rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    with open_binary(path) as stream:
        for number, line in enumerate(stream, 1):
            cells = line.decode("utf-8").rstrip("\n").split("\t")
            if len(cells) < 2:
                raise ConfigError(f"{path}, line {number}: expected CURIE, name and synonyms.")
            yield cells[0], [cells[1], *(cells[2].split("|") if len(cells) > 2 else [])]


def _compile(lexicon: Lexicon, lists: Sequence[Path], words: Words) -> Stored:
    rows = [
        (LISTS[path.name.removesuffix(".tsv.gz")], curie, rest)
        for path in lists
        for curie, rest in _rows(path)
    ]
    told, same = _one_curie_each(lexicon, rows)
    concepts: dict[tuple[str, str], tuple[str, bool]] = {}
    named: dict[str, dict[tuple[str, str], None]] = {}

    def add(form: str, curie: str, label: str, shown: str, curated: bool) -> None:
        concept = (told.get(curie, curie), label)
        concepts.setdefault(concept, (shown, curated))
        named.setdefault(form, {})[concept] = None

    for form, curie, label, source in lexicon.strong_names():
        curated = source in ("curated", "user")
        add(form, curie, label, lexicon.concept(told.get(curie, curie)).name, curated)
    for label, curie, rest in rows:
        for other in rest:
            if not other.startswith("=") and (form := normal(other)):
                add(form, curie, label, rest[0], False)
    number = {concept: at for at, concept in enumerate(concepts)}
    stems: dict[str, list[int]] = {}
    nothing: frozenset[str] = frozenset()
    for place, (form, owned) in enumerate(named.items()):
        for label in dict.fromkeys(label for _, label in owned):
            one = f"{label} {stem(form, words.generic.get(label, nothing))}"
            stems.setdefault(one, []).append(place)
    return Stored(
        curies="\n".join(curie for curie, _ in concepts),
        labels="\n".join(label for _, label in concepts),
        shown="\n".join(shown.replace("\n", " ") for shown, _ in concepts.values()),
        curated=bytes(curated for _, curated in concepts.values()),
        keys="\n".join(named),
        stems="\n".join(stems),
        owners=_packed([number[concept] for concept in owned] for owned in named.values()),
        places=_packed(stems.values()),
        same=same,
    )


def _one_curie_each(
    lexicon: Lexicon, rows: Sequence[tuple[str, str, list[str]]]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Of CURIEs that are one concept the one that stands for all, the lexicon's if it has one; and
    for these all the others (a heading may be as wide as several concepts of another list)."""
    told: dict[str, str] = {}
    groups = []
    for _, curie, rest in rows:
        group = [curie, *(other[1:] for other in rest if other.startswith("="))]
        if len(group) > 1:
            groups.append(group)
            first = next((one for one in group if one in lexicon), curie)
            told |= {one: first for one in group if one != first and one not in told}
    told = {one: first for one, first in told.items() if first not in told}
    same: dict[str, list[str]] = {}
    for group in groups:
        for first in dict.fromkeys(told.get(one, one) for one in group):
            known = same.setdefault(first, [])
            known += [one for one in group if one != first and one not in known]
    return told, same


def _packed(lists: Iterable[Sequence[int]]) -> tuple[bytes, bytes]:
    ends, flat = array("i"), array("i")
    for row in lists:
        flat.extend(row)
        ends.append(len(flat))
    return ends.tobytes(), flat.tobytes()
