"""The folder that a run leaves, and how to read it back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from textmine.errors import ConfigError, MalformedRecord
from textmine.lines import read_lines
from textmine.pubmed.archive import Archive, is_archive
from textmine.records import (
    Claim,
    Finding,
    Provenance,
    Verdict,
    annotated_from_json,
    from_json,
)
from textmine.stores.base import Bundle, Raw

__all__ = ["MANIFEST", "read_bundle", "read_manifest", "records_of"]

MANIFEST = "manifest.json"
T = TypeVar("T")


def records_of(path: Path, make: Callable[[Mapping[str, Any]], T]) -> Iterator[T]:
    """The records of a file that textmine wrote itself: a broken line is an error here."""
    for _, line in read_lines(path):
        if isinstance(line, MalformedRecord):
            raise line
        yield make(line)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a finished run."""
    file = folder / MANIFEST
    if not file.is_file():
        raise ConfigError(
            f"{folder} holds no finished run: there is no {MANIFEST}. Finish it with "
            f"`textmine run ... --out {folder}`."
        )
    data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return data


def read_bundle(folder: Path) -> Bundle:
    """A finished run as a bundle for a store; its files are read as they are asked for."""
    manifest = read_manifest(folder)
    raw = _raw_of(manifest["sources"])
    return Bundle(
        provenance=from_json(Provenance, manifest["provenance"]),
        project=manifest["project"],
        claims=tuple(from_json(Claim, claim) for claim in manifest["claims"]),
        articles=records_of(folder / "annotated.jsonl.gz", annotated_from_json),
        findings=records_of(folder / "findings.jsonl.gz", lambda d: from_json(Finding, d)),
        verdicts=tuple(records_of(folder / "verdicts.jsonl", lambda d: from_json(Verdict, d))),
        query=tuple(q["term"] for q in manifest["settings"]["query"]) or None,
        fetched_at=max((r.at for r in raw.values()), default=None),
        raw=raw,
        rules=manifest.get("rules"),
        counts={
            "claim": len(manifest["claims"]),
            "article": manifest["counts"]["read"],
            "finding": manifest["counts"]["findings"],
        },
    )


def _raw_of(sources: Sequence[str]) -> dict[tuple[str, int], Raw]:
    """Where every record lies as it came, for those that were read from an archive of PubMed."""
    found: dict[tuple[str, int], Raw] = {}
    for source in sources:
        if is_archive(source):
            place = str(Path(source).resolve())
            for pmid, entry in Archive.open(source).entries.items():
                for revision in entry.current():
                    raw = Raw(place, revision.sha256, revision.at)
                    found[pmid, revision.version] = raw
    return found
