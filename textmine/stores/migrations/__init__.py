"""Migrations by name, in order: one SQL file each, and what SQL alone cannot do."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from textmine.records import (
    Claim,
    Finding,
    Verdict,
    annotated_from_json,
    as_json,
    from_json,
)
from textmine.stores.database import Database, in_groups
from textmine.stores.rows import card_2, grade_rows, merge, study_row
from textmine.stores.tables import table
from textmine.stores.text import digest, to_json

__all__ = ["migrations", "rebuild_cards"]


@cache
def migrations(backend: str) -> tuple[tuple[str, str], ...]:
    """(name, script) in order; a store remembers which of them it has had."""
    folder = Path(__file__).resolve().parent / backend
    files = sorted(folder.glob("*.sql"))
    return tuple((file.stem, file.read_text(encoding="utf-8")) for file in files)


def rebuild_cards(database: Database) -> None:
    """For 0003_cards: fills the new tables from the rows that were there before.

    Card 2 is made anew from the articles. Which older run had read which article is known only of
    the run that brought it; such runs have no counts.
    """
    rows = database.read(
        "SELECT id, version, reading, data, run_id, superseded_by FROM article "
        "ORDER BY id, version, reading"
    )
    rows = _brought_up(database, rows)
    have: dict[str, set[object]] = {"concept": set(), "edge": set(), "quote": set()}
    for group in in_groups(rows, 200):
        batches = []
        for key, version, reading, data, run_id, superseded_by in group:
            annotated = annotated_from_json(json.loads(data))
            batch = card_2(annotated, reading, run_id)
            batch["edge_evidence"] = [(*r[:-1], superseded_by) for r in batch["edge_evidence"]]
            batch["study_card"] = [study_row(annotated, reading, run_id)]
            batch["run_article"] = [(run_id, key, version, reading, None, None, None)]
            batches.append(batch)
        whole = merge(batches)
        for name in ("run_article", "study_card", "concept", "edge", "edge_evidence"):
            _add(database, name, whole.get(name, []), have)
        # Quotes have their words indexed later, by 0005_search.
        quotes = [r for r in whole.get("quote", []) if r[0] not in have["quote"]]
        for row in {r[0]: r for r in quotes}.values():
            have["quote"].add(row[0])
            database.write("INSERT INTO quote VALUES (?,?,?,?,?,?,?)", row)
    database.write("UPDATE article SET withdrawn = retracted")
    database.write(
        "UPDATE article SET withdrawn = 1 WHERE EXISTS (SELECT 1 FROM event e "
        "WHERE e.article_id = article.id AND e.kind IN ('retracted', 'deleted') "
        "AND e.closes IS NULL AND NOT EXISTS (SELECT 1 FROM event x WHERE x.closes = e.id))"
    )
    for project, key, statement, data, position, run_id in database.read(
        "SELECT project, id, statement, data, position, run_id FROM claim_before"
    ):
        data = to_json(as_json(from_json(Claim, json.loads(data))))
        row = (project, key, digest(data), statement, position, data, run_id, None)
        database.add(table("claim"), [row])
    database.write(
        "INSERT INTO finding (project, id, claim_id, article_id, article_version, stance, score, "
        "excluded, data, run_id, superseded_by) SELECT project, id, claim_id, article_id, "
        "article_version, stance, score, excluded, data, run_id, superseded_by FROM finding_before"
    )
    for project, key, data in database.read("SELECT project, id, data FROM finding"):
        line = to_json(as_json(from_json(Finding, json.loads(data))))
        if line != data:
            database.write(
                "UPDATE finding SET data = ? WHERE project = ? AND id = ?", (line, project, key)
            )
    for project, key, claim, data, run_id, superseded_by in database.read(
        "SELECT project, id, claim_id, data, run_id, superseded_by FROM verdict_before"
    ):
        verdict = from_json(Verdict, json.loads(data))
        data = to_json(as_json(verdict))
        database.add(
            table("verdict"),
            [(project, key, claim, verdict.verdict, verdict.certainty, verdict.balance, data,
              run_id, None, superseded_by)],
        )  # fmt: skip
        database.add(table("grade"), grade_rows(verdict, project))
    database.write(
        "INSERT INTO decision SELECT id, finding, reviewer, hash, verdict, note, at "
        "FROM decision_before"
    )
    for name in ("claim", "finding", "verdict", "decision"):
        database.write(f"DROP TABLE {name}_before")


def _brought_up(database: Database, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Articles as lines of the contract: keys that have come since get their defaults.

    Readings that differed in such keys alone become one; the current one stays.
    """
    kept: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for key, version, reading, data, run_id, superseded_by in rows:
        line = to_json(as_json(annotated_from_json(json.loads(data))))
        place, row = (key, version, digest(line)), (line, reading, run_id, superseded_by)
        if place not in kept or superseded_by is None:
            kept[place] = row
    held = {(key, version, row[1]) for (key, version, _), row in kept.items()}
    for row in rows:
        if row[:3] not in held:
            database.write(
                "DELETE FROM article WHERE id = ? AND version = ? AND reading = ?", row[:3]
            )
    out = []
    for (key, version, reading), (line, old, run_id, superseded_by) in kept.items():
        if old != reading:
            database.write(
                "UPDATE article SET data = ?, reading = ? "
                "WHERE id = ? AND version = ? AND reading = ?",
                (line, reading, key, version, old),
            )
        out.append((key, version, reading, line, run_id, superseded_by))
    return out


def _add(
    database: Database, name: str, rows: list[tuple[object, ...]], have: dict[str, set[object]]
) -> None:
    seen = have.get(name)
    if seen is not None:
        fresh = {row[0]: row for row in rows if row[0] not in seen}
        seen.update(fresh)
        rows = list(fresh.values())
    database.add(table(name), rows)
