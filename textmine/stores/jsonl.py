"""Everything of a store as JSON lines: one file per kind of record."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from textmine.lines import LineWriter
from textmine.records import as_json
from textmine.stores.base import Store

__all__ = ["export_jsonl"]


def export_jsonl(store: Store, folder: Path) -> dict[str, int]:
    """Writes claims, annotated, findings and verdicts into `folder`; returns their counts."""
    kinds: tuple[tuple[str, Iterable[object]], ...] = (
        ("claims.jsonl", store.claims()),
        ("annotated.jsonl.gz", store.articles()),
        ("findings.jsonl.gz", store.findings()),
        ("verdicts.jsonl", store.verdicts()),
    )
    events = store.events(history=True)
    if events:
        kinds = (*kinds, ("events.jsonl", events))
    counts = {}
    for name, records in kinds:
        with LineWriter(folder / name) as out:
            for record in records:
                out.write(as_json(record))
            counts[name] = out.count
    return counts
