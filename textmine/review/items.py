"""The queue's own table, made from what is current in the store, and brought up when that changes.

With the decisions that came by other ways (a copied store, `Store.decide`) it is all that the desk
derives; it can be thrown away at any time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from textmine.review.impact import VerdictParts, disagrees, impacts, parts_of
from textmine.review.pool import Pool
from textmine.review.tables import ITEM, mark, set_mark
from textmine.stores.database import Database, in_groups
from textmine.stores.text import column_text

__all__ = ["absorb", "note_added", "stand", "state_of", "sync", "take_back"]

# Raised when the table is made in another way.
_VERSION = 2


class _Line(msgspec.Struct):
    why: list[str] = []


def state_of(database: Database, corpus: str) -> str:
    """Changes whenever something that the queue shows does: a push, an event."""
    runs = database.read(
        'SELECT id FROM run WHERE project = ? ORDER BY "position" DESC LIMIT 1', (corpus,)
    )
    ((last,),) = database.read('SELECT coalesce(max("position"), 0) FROM "change"')
    return f"{_VERSION}:{runs[0][0] if runs else ''}:{last}"


def sync(pool: Pool, corpus: str, say: Callable[[str], None]) -> str:
    """Makes the table anew where the store has changed; gives the state that it shows."""
    name = f"items:{corpus}"
    with pool.lend() as database:
        state = state_of(database, corpus)
        if mark(database, name) == state:
            return state
        ((many,),) = database.read(
            "SELECT count(*) FROM finding WHERE project = ? AND superseded_by IS NULL", (corpus,)
        )
        if many > 5000:
            say(f"Sorting {many:,} findings by what they weigh; this is done once for each run.")
        with database.snapshot():
            state = state_of(database, corpus)
            rows = _rows(database, corpus)
    with pool.write("The queue could not be made", alone=True) as database:
        if mark(database, name) == state:
            return state
        database.write("DELETE FROM desk_item WHERE corpus = ?", (corpus,))
        for group in in_groups(rows, 5000):
            database.add(ITEM, group)
        _follow(database, corpus)
        set_mark(database, name, state)
    with pool.lend() as database:
        # Without this a server plans for the table as it was.
        database.write("ANALYZE desk_item")
    return state


def _rows(database: Database, corpus: str) -> list[tuple[Any, ...]]:
    weight: dict[str, float] = {}
    out: dict[str, str] = {}
    for (data,) in database.stream(
        "SELECT data FROM verdict WHERE project = ? AND superseded_by IS NULL ORDER BY id",
        (corpus,),
    ):
        verdict: VerdictParts = parts_of(data)
        weight.update((column_text(k), v) for k, v in impacts(verdict).items())
        out.update((column_text(e.finding), column_text(e.reason)) for e in verdict.excluded)
    articles = {
        (key, version): (title, year, design)
        for key, version, title, year, design in database.stream(
            "SELECT id, version, title, year, design FROM article WHERE superseded_by IS NULL "
            "ORDER BY id, version"
        )
    }
    decode = msgspec.json.Decoder(_Line).decode
    rows = []
    for key, claim, article, version, stance, score, excluded, data in database.stream(
        "SELECT id, claim_id, article_id, article_version, stance, score, excluded, data "
        "FROM finding WHERE project = ? AND superseded_by IS NULL ORDER BY id",
        (corpus,),
    ):
        try:
            why = decode(data).why
        except msgspec.DecodeError:
            why = json.loads(data)["why"]
        title, year, design = articles.get((article, version), ("", None, "other"))
        rows.append(
            (corpus, key, claim, article, version, stance, stance != "insufficient", score,
             weight.get(key, 0.0), 1 - abs(2 * score - 1), disagrees(why),
             out.get(key, excluded), title, year, design)
        )  # fmt: skip
    return rows


def _follow(database: Database, corpus: str) -> None:
    """What was given out to be judged and reads otherwise now is to be judged again."""
    database.write(
        "INSERT INTO desk_assignment (project, finding, reviewer, position) "
        "SELECT a.project, i.finding, a.reviewer, min(a.position) FROM desk_assignment a "
        "JOIN finding o ON o.id = a.finding AND o.project = ? AND o.superseded_by IS NOT NULL "
        "JOIN desk_item i ON i.corpus = o.project AND i.claim_id = o.claim_id "
        "AND i.article_id = o.article_id AND i.finding <> o.id "
        "GROUP BY a.project, i.finding, a.reviewer ON CONFLICT DO NOTHING",
        (corpus,),
    )


def absorb(pool: Pool) -> int:
    """Takes up decisions that came by other ways than this desk; gives how many."""
    find = (
        "SELECT d.id FROM decision d LEFT JOIN desk_submission s ON s.decision = d.id "
        "WHERE s.decision IS NULL LIMIT 1"
    )
    with pool.lend() as database:
        if not database.read(find):
            return 0
    with pool.write("Decisions could not be taken up", alone=True) as database:
        rows = database.read(
            'SELECT d.id, d.finding, d.reviewer, d.verdict, d."at", d.project, d.kind, '
            "d.supersedes, d.corrected FROM decision d LEFT JOIN desk_submission s "
            'ON s.decision = d.id WHERE s.decision IS NULL ORDER BY d."at", d.id'
        )
        for key, finding, reviewer, verdict, at, project, kind, supersedes, corrected in rows:
            database.write(
                'INSERT INTO desk_submission (reviewer, "key", decision) VALUES (?, ?, ?) '
                "ON CONFLICT DO NOTHING",
                (reviewer, f"stored:{key}", key),
            )
            if kind == "undo":
                if supersedes is not None:
                    take_back(database, supersedes)
                continue
            stand(database, project, finding, reviewer, kind, key, verdict, at)
            if kind == "added_finding" and corrected:
                note_added(database, key, json.loads(corrected))
    return len(rows)


def stand(
    database: Database, project: str | None, finding: str, reviewer: str, kind: str | None,
    decision: str, verdict: str, at: str,
) -> None:  # fmt: skip
    """A word takes its place as the one that stands, unless a later one is there."""
    database.write(
        'INSERT INTO desk_standing (scope, finding, reviewer, kind, decision, verdict, "at") '
        "VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (finding, reviewer, scope, kind) DO UPDATE SET decision = excluded.decision, "
        'verdict = excluded.verdict, "at" = excluded."at" '
        'WHERE desk_standing."at" <= excluded."at"',
        (project or "", finding, reviewer, kind or "decision", decision, verdict, at),
    )


def note_added(database: Database, decision: str, corrected: Mapping[str, Any]) -> None:
    """So that an added finding is found by its article."""
    database.write(
        "INSERT INTO desk_added (decision, claim_id, article_id) VALUES (?, ?, ?)",
        (decision, *(column_text(str(corrected[k])) for k in ("claim_id", "article_id"))),
    )


def take_back(database: Database, decision: str) -> None:
    """The word before it stands again, or none."""
    rows = database.read(
        'SELECT d.finding, d.reviewer, d.project, d.kind, p.id, p.verdict, p."at" FROM decision d '
        "LEFT JOIN decision p ON p.id = d.supersedes WHERE d.id = ?",
        (decision,),
    )
    for finding, reviewer, project, kind, before, verdict, at in rows:
        place = (finding, reviewer, project or "", kind or "decision", decision)
        where = "WHERE finding = ? AND reviewer = ? AND scope = ? AND kind = ? AND decision = ?"
        if before is None:
            database.write(f"DELETE FROM desk_standing {where}", place)  # noqa: S608
        else:
            database.write(
                f'UPDATE desk_standing SET decision = ?, verdict = ?, "at" = ? {where}',  # noqa: S608
                (before, verdict, at, *place),
            )
