"""Public corpora as plain records: texts with gold spans, and texts with gold concepts.

They are read from a folder that the user names and are never part of the project. Where a corpus
has a development part that is what is measured; where it has none, documents are held out by a hash
of their id (`held_out`), the same ones everywhere.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textmine.errors import ConfigError
from textmine.measure.detokenize import detokenize

__all__ = [
    "NER",
    "ConceptText",
    "Gold",
    "Spanned",
    "data_file",
    "detokenize",
    "held_out",
    "json_lines",
    "read_biored",
    "read_concepts",
    "read_events",
    "read_iob",
    "read_ner",
]

NER = (
    "bc5cdr", "bionlp13cg", "jnlpba", "craft", "anatem",
    "ncbi-disease", "bc2gm", "bionlp13pc", "linnaeus",
)  # fmt: skip
"""The corpora of names, those with a published peer first."""
_JNLPBA_PART = 10
_CRAFT_PART = 3
_BIORED = {
    "DiseaseOrPhenotypicFeature": "MESH:",
    "ChemicalEntity": "MESH:",
    "GeneOrGeneProduct": "ncbigene:",
    "OrganismTaxon": "NCBITaxon:",
    "CellLine": "CVCL:",
}


@dataclass(frozen=True, slots=True)
class Spanned:
    """A sentence or document with its gold: (start, end, label as the corpus calls it)."""

    id: str
    text: str
    spans: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True)
class Gold:
    """One gold concept: its pieces in the text, the vocabulary and the CURIE."""

    pieces: tuple[tuple[int, int], ...]
    kind: str
    curie: str

    @property
    def contiguous(self) -> bool:
        return len(self.pieces) == 1


@dataclass(frozen=True, slots=True)
class ConceptText:
    """A document with the concepts named in it."""

    id: str
    text: str
    concepts: tuple[Gold, ...] = field(default=())


def held_out(document: str, of: int) -> bool:
    """Whether a document is among the one in `of` that no model may learn from: SHA-256 of its id.

    >>> sum(held_out(str(n), 10) for n in range(1000)) in range(80, 120)
    True
    """
    return int.from_bytes(hashlib.sha256(document.encode()).digest()[:8], "big") % of == 0


def data_file(data: Path | None, *parts: str) -> Path:
    """A file of the data folder. ConfigError says what is missing and where it was looked for."""
    if data is None:
        raise ConfigError(
            "This suite stands on public corpora. Name the folder that holds them with --data DIR."
        )
    path = data.joinpath(*parts)
    if not path.is_file():
        raise ConfigError(
            f"The data folder {data} has no {'/'.join(parts)}. See docs/models.md for its layout."
        )
    return path


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a gzip'd file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            if line.strip():
                yield json.loads(line)


def read_ner(data: Path | None, corpus: str, part: str = "devel") -> Iterator[Spanned]:
    """A part (`train` or `devel`) of one of the corpora in NER.

    JNLPBA has no development part here: a tenth of its abstracts is held out as `devel`."""
    if corpus != "jnlpba":
        yield from read_iob(data_file(data, "ner", corpus, f"{part}.iob.gz"))
        return
    for record in json_lines(data_file(data, "ner", corpus, "train.jsonl.gz")):
        if held_out(record["id"], _JNLPBA_PART) == (part == "devel"):
            yield _spanned(record["id"], record["text"], record["entities"])


def read_iob(path: Path) -> Iterator[Spanned]:
    """The sentences of a file of "token TAB tag" lines, as plain text."""
    rows: list[tuple[str, str]] = []
    number = 0
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in (*stream, "\n"):
            token, _, tag = line.rstrip("\n").partition("\t")
            if token:
                rows.append((token, tag or "O"))
            elif rows:
                yield _sentence(f"{path.parent.name}-{number}", rows)
                rows, number = [], number + 1


def _sentence(name: str, rows: list[tuple[str, str]]) -> Spanned:
    text, offsets = detokenize([token for token, _ in rows])
    spans: list[tuple[int, int, str]] = []
    open_ = False
    for (start, end), (_, tag) in zip(offsets, rows, strict=True):
        kind, _, label = tag.partition("-")
        if kind == "I" and spans and spans[-1][2] == label and open_:
            spans[-1] = (spans[-1][0], end, label)
        elif kind in ("B", "I"):
            spans.append((start, end, label))
        open_ = kind in ("B", "I")
    return Spanned(name, text, tuple(spans))


def _spanned(name: str, text: str, rows: list[Mapping[str, Any]]) -> Spanned:
    return Spanned(name, text, tuple((row["start"], row["end"], row["label"]) for row in rows))


def read_events(data: Path | None, corpus: str, part: str = "devel") -> Iterator[Spanned]:
    """The texts of a BioNLP 2013 event corpus (cg, pc, ge) with their entities."""
    for record in json_lines(data_file(data, "events", corpus, f"{part}.jsonl.gz")):
        yield _spanned(record["id"], record["text"], list(record["entities"].values()))


def read_concepts(data: Path | None, part: str = "devel") -> Iterator[ConceptText]:
    """CRAFT's full texts with concepts; a third of the documents is held out as `devel`."""
    path = data_file(data, "ner", "craft_concepts", "train.jsonl.gz")
    for record in json_lines(path):
        if held_out(record["id"], _CRAFT_PART) == (part == "devel"):
            yield ConceptText(
                record["id"],
                record["text"],
                tuple(
                    Gold(tuple((s, e) for s, e in row["spans"]), kind, row["id"])
                    for kind, rows in record["concepts"].items()
                    for row in rows
                ),
            )


def read_biored(data: Path | None, part: str = "dev") -> Iterator[ConceptText]:
    """BioRED's abstracts with the identifiers of diseases, chemicals, genes, species, cell lines.

    A mention with several identifiers, or with one of another vocabulary (OMIM), is left out."""
    for record in json_lines(data_file(data, "relations", "biored", f"{part}.jsonl.gz")):
        yield ConceptText(
            record["id"],
            record["text"],
            tuple(
                Gold(
                    ((row["start"], row["end"]),),
                    row["label"],
                    prefix + row["ids"].strip().removeprefix("CVCL_"),
                )
                for row in record["entities"]
                if (prefix := _BIORED.get(row["label"]))
                and row["ids"].strip().removeprefix("CVCL_").isalnum()
            ),
        )
