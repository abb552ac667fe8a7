"""What became of stored records since they were read: an append-only table of dated events.

An event is open until a later look no longer finds it, or until a newer reading of the article says
it itself; that, too, is a row (`closes`). Looking again without a change adds nothing.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from textmine.pubmed.events import Event
from textmine.records import Article, content_id
from textmine.stores.changes import Log
from textmine.stores.database import Database
from textmine.stores.model import StoredEvent
from textmine.stores.regrade import regrade
from textmine.stores.tables import table
from textmine.stores.text import column_text, plain_text

__all__ = ["WITHDRAWING", "open_events", "record_events", "take_up", "withdrawn_since"]

# An article with one of these weighs nothing while the event is open.
WITHDRAWING = ("retracted", "deleted")

_COLUMNS = "e.id, e.article_id, e.kind, e.at, e.by_id, e.detail, e.closes, e.run_id"
_HOLDS = "e.closes IS NULL AND NOT EXISTS (SELECT 1 FROM event x WHERE x.closes = e.id)"
# What can be taken back; anything else that is no longer seen is in the record that was read.
_REINSTATED = (
    "retracted", "corrected", "expression_of_concern", "deleted", "merged", "missing",
)  # fmt: skip


def open_events(
    database: Database, article_id: str | None = None, *, history: bool = False
) -> list[StoredEvent]:
    """What holds now; with `history` every event there ever was."""
    tests = [] if history else [_HOLDS]
    if article_id is not None:
        tests.append("e.article_id = ?")
    where = f"WHERE {' AND '.join(tests)} " if tests else ""
    rows = database.read(
        f"SELECT {_COLUMNS} FROM event e {where}ORDER BY e.position",  # noqa: S608
        () if article_id is None else (column_text(article_id),),
    )
    out = []
    for row in rows:
        values: list[Any] = [None if value is None else plain_text(value) for value in row]
        out.append(StoredEvent(*values))
    return out


def record_events(
    database: Database, events: Iterable[Event], checked: Collection[str]
) -> list[StoredEvent]:
    """Adds what is new, ends what no longer holds of the `checked` articles; in a transaction.

    Gives the rows that were added.
    """
    seen: dict[str, list[Event]] = {}
    for event in events:
        seen.setdefault(event.pmid, []).append(event)
    day = max((event.at for found in seen.values() for event in found), default=None)
    added: list[StoredEvent] = []
    for article_id in sorted({*checked, *seen}):
        current = database.read(
            "SELECT reading, run_id FROM article WHERE id = ? AND superseded_by IS NULL",
            (column_text(article_id),),
        )
        if not current:
            continue
        reading, run_id = current[0]
        log = Log(database, "", "")
        edges = log.standing([column_text(article_id)])
        before = {(e.kind, e.by, e.detail): e for e in open_events(database, article_id)}
        now = {(e.kind, e.by, e.detail): e for e in seen.get(article_id, ())}
        fresh = [
            _add(database, article_id, reading, run_id, event, None)
            for key, event in now.items()
            if key not in before
        ]
        for key, old in before.items():
            if key not in now:
                words = f"no longer {old.kind.replace('_', ' ')}"
                kind = "reinstated" if old.kind in _REINSTATED else "taken_up"
                ended = Event(article_id, kind, day or _today(), old.by, words)
                fresh.append(_add(database, article_id, reading, run_id, ended, old.id))
        if fresh:
            _mark(database, article_id)
            _reach(database, log, article_id, fresh, edges)
            log.write()
            added += fresh
    return added


def take_up(database: Database, article: Article, reading: str, log: Log) -> None:
    """Ends the events that a newer reading of an article says itself; in a transaction."""
    status = article.status
    said = {link.pmid for link in status.links if link.pmid}
    run_id = log.cause
    for event in open_events(database, article.id):
        if (event.by in said) if event.by else getattr(status, event.kind, False):
            words = f"the record that was read says {event.kind.replace('_', ' ')} itself"
            ended = Event(article.id, "taken_up", log.at[:10] or _today(), event.by, words)
            stored = _add(database, article.id, reading, run_id, ended, event.id)
            log.add(
                "article", "taken_up", column_text(article.id),
                article_id=column_text(article.id), cause=stored.id,
                before={"event": event.words}, after={"said by": "the record"},
            )  # fmt: skip
    _mark(database, article.id)


def withdrawn_since(database: Database, articles: Iterable[str] | None = None) -> dict[str, str]:
    """Articles (as columns have them) with an open event that takes their weight -> that event."""
    wanted = None if articles is None else set(articles)
    return {
        column_text(e.article_id): e.id
        for e in open_events(database)
        if e.kind in WITHDRAWING and (wanted is None or column_text(e.article_id) in wanted)
    }


def _reach(
    database: Database,
    log: Log,
    article_id: str,
    fresh: list[StoredEvent],
    edges: dict[str, int],
) -> None:
    """Notes what the new events of an article did to everything that stands on it."""
    key = column_text(article_id)
    event = next((e for e in fresh if e.kind in WITHDRAWING), fresh[0])
    closed = {e.closes for e in fresh if e.closes}
    ends = [e for e in open_events(database, article_id, history=True) if e.id in closed]
    weighs = any(e.kind in WITHDRAWING for e in [*fresh, *ends])
    out = key in withdrawn_since(database, [key])
    for one in fresh:
        log.add(
            "article", one.kind, key, article_id=key, cause=one.id, at=one.at,
            before={"holds": next(e.words for e in ends if e.id == one.closes)}
            if one.closes else None,
            after={"holds": one.words},
        )  # fmt: skip
    rows = database.read(
        "SELECT project, id, claim_id, stance, excluded FROM finding WHERE article_id = ? "
        "AND superseded_by IS NULL ORDER BY project, claim_id, id",
        (key,),
    )
    for project, finding, claim, stance, excluded in rows:
        what = {"stance": stance, "excluded": excluded}
        then = {**what, "excluded": event.words} if out else what
        log.add(
            "finding", event.kind, finding, project=project, claim_id=claim, article_id=key,
            before=what if out or not weighs else {**what, "excluded": ends[0].words},
            after=then, cause=event.id, at=event.at,
        )  # fmt: skip
    after = log.standing([key])
    log.edges(event.kind, edges, after, article_id=key, cause=event.id, at=event.at)
    if not weighs:
        # It bears on them all the same: each is named once, with what stands behind it.
        for edge, standing in sorted(edges.items()):
            here = {"standing": standing}
            log.add("edge", event.kind, edge, article_id=key, before=here, after=here,
                    cause=event.id, at=event.at)  # fmt: skip
    by_project: dict[str, set[str]] = {}
    for project, _, claim, _, _ in rows:
        by_project.setdefault(project, set()).add(claim)
    gone = withdrawn_since(database)
    for project, claims in sorted(by_project.items()):
        changed = regrade(database, project, claims, gone, event.id) if weighs else {}
        current: dict[str, str] = dict(
            database.read(
                "SELECT claim_id, data FROM verdict WHERE project = ? AND superseded_by IS NULL",
                (project,),
            )
        )
        for claim in sorted(claims & current.keys()):
            old = changed.get(claim, current[claim])
            kind = "regraded" if claim in changed else event.kind
            log.verdict(kind, project, claim, old, current[claim], cause=event.id, at=event.at)


def _mark(database: Database, article_id: str) -> None:
    """Writes what open events make of an article beside its readings."""
    held = open_events(database, article_id)
    words = column_text("; ".join(e.words for e in held))
    out = any(e.kind in WITHDRAWING for e in held)
    rows = database.read(
        "SELECT version, reading, changed, withdrawn, data FROM article WHERE id = ?",
        (column_text(article_id),),
    )
    for version, reading, changed, withdrawn, data in rows:
        status = json.loads(data)["status"]
        now = out or status["retracted"] or status["deleted"]
        if (changed, bool(withdrawn)) != (words, now):
            database.write(
                "UPDATE article SET changed = ?, withdrawn = ? "
                "WHERE id = ? AND version = ? AND reading = ?",
                (words, now, column_text(article_id), version, reading),
            )


def _today() -> str:
    from textmine.pubmed.archive import now

    return now()[:10]


def _add(
    database: Database,
    article_id: str,
    reading: str,
    run_id: str,
    event: Event,
    closes: str | None,
) -> StoredEvent:
    ((position,),) = database.read("SELECT count(*) FROM event")
    same = [
        e
        for e in open_events(database, article_id, history=True)
        if (e.kind, e.by, e.detail) == (event.kind, event.by, event.detail)
    ]
    here = table("event")
    key = content_id("ev", article_id, reading, event.kind, event.by, event.detail, len(same))
    database.add(
        here,
        [
            (key, column_text(article_id), reading, event.kind, event.at,
             None if event.by is None else column_text(event.by),
             None if event.detail is None else column_text(event.detail), closes, run_id, position)
        ],
    )  # fmt: skip
    return StoredEvent(
        key, article_id, event.kind, event.at, event.by, event.detail, closes, plain_text(run_id)
    )
