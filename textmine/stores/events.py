"""What became of stored records since they were read: an append-only table of dated events.

An event is open until a later look no longer finds it, or until a newer reading of the article says
it itself; that, too, is a row (`closes`). Looking again without a change adds nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from textmine.pubmed.events import Event
from textmine.records import Article, content_id

__all__ = ["CREATE_EVENTS", "StoredEvent", "open_events", "record_events", "take_up"]

CREATE_EVENTS = """
        CREATE TABLE event (
            id TEXT PRIMARY KEY, article_id TEXT NOT NULL, reading TEXT NOT NULL,
            kind TEXT NOT NULL, at TEXT NOT NULL, by_id TEXT, detail TEXT,
            closes TEXT REFERENCES event(id), run_id TEXT NOT NULL REFERENCES run(id),
            position INTEGER NOT NULL
        );
        CREATE INDEX event_article ON event(article_id);
        CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
        CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
        -- What open events make of the article, in words; '' when nothing happened
        ALTER TABLE article ADD COLUMN changed TEXT NOT NULL DEFAULT ''
"""
_OPEN = (
    "SELECT e.id, e.article_id, e.kind, e.at, e.by_id, e.detail, e.closes, e.run_id FROM event e "
    "WHERE e.closes IS NULL AND e.id NOT IN (SELECT closes FROM event WHERE closes IS NOT NULL) "
    "AND (? IS NULL OR e.article_id = ?) ORDER BY e.position"
)
_ALL = (
    "SELECT id, article_id, kind, at, by_id, detail, closes, run_id FROM event "
    "WHERE (? IS NULL OR article_id = ?) ORDER BY position"
)
# What can be taken back; anything else that is no longer seen is in the record that was read.
_REINSTATED = (
    "retracted", "corrected", "expression_of_concern", "deleted", "merged", "missing",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the store keeps it; `run` read the article, `closes` is the event that ended."""

    id: str
    article_id: str
    kind: str
    at: str
    by: str | None
    detail: str | None
    closes: str | None
    run: str

    @property
    def words(self) -> str:
        """ "retracted (2026-11-23, by PMID 777)"."""
        by = f", by PMID {self.by}" if self.by else ""
        return f"{self.kind.replace('_', ' ')} ({self.at}{by})"


def open_events(
    db: sqlite3.Connection, article_id: str | None = None, *, history: bool = False
) -> list[StoredEvent]:
    """What holds now; with `history` every event there ever was."""
    rows = db.execute(_ALL if history else _OPEN, (article_id, article_id))
    return [StoredEvent(*row) for row in rows]


def record_events(
    db: sqlite3.Connection, events: Iterable[Event], checked: Collection[str]
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
        current = db.execute(
            "SELECT reading, run_id FROM article WHERE id=? AND superseded_by IS NULL",
            (article_id,),
        ).fetchone()
        if current is None:
            continue
        reading, run_id = current
        before = {(e.kind, e.by, e.detail): e for e in open_events(db, article_id)}
        now = {(e.kind, e.by, e.detail): e for e in seen.get(article_id, ())}
        for key, event in now.items():
            if key not in before:
                added.append(_add(db, article_id, reading, run_id, event, None))
        for key, old in before.items():
            if key not in now:
                words = f"no longer {old.kind.replace('_', ' ')}"
                kind = "reinstated" if old.kind in _REINSTATED else "taken_up"
                ended = Event(article_id, kind, day or _today(), old.by, words)
                added.append(_add(db, article_id, reading, run_id, ended, old.id))
        _mark(db, article_id)
    return added


def take_up(db: sqlite3.Connection, article: Article, reading: str, run_id: str) -> None:
    """Ends the events that a newer reading of an article says itself; in a transaction."""
    status = article.status
    said = {link.pmid for link in status.links if link.pmid}
    for event in open_events(db, article.id):
        if (event.by in said) if event.by else getattr(status, event.kind, False):
            words = f"the record that was read says {event.kind.replace('_', ' ')} itself"
            ended = Event(article.id, "taken_up", _today(), event.by, words)
            _add(db, article.id, reading, run_id, ended, event.id)
    _mark(db, article.id)


def _mark(db: sqlite3.Connection, article_id: str) -> None:
    words = "; ".join(e.words for e in open_events(db, article_id))
    db.execute(
        "UPDATE article SET changed=? WHERE id=? AND superseded_by IS NULL AND changed<>?",
        (words, article_id, words),
    )


def _today() -> str:
    from textmine.pubmed.archive import now

    return now()[:10]


def _add(
    db: sqlite3.Connection,
    article_id: str,
    reading: str,
    run_id: str,
    event: Event,
    closes: str | None,
) -> StoredEvent:
    (position,) = db.execute("SELECT count(*) FROM event").fetchone()
    (same,) = db.execute(
        "SELECT count(*) FROM event WHERE article_id=? AND reading=? AND kind=? AND by_id IS ? "
        "AND detail IS ?",
        (article_id, reading, event.kind, event.by, event.detail),
    ).fetchone()
    key = content_id("ev", article_id, reading, event.kind, event.by, event.detail, same)
    stored = StoredEvent(
        key, article_id, event.kind, event.at, event.by, event.detail, closes, run_id
    )
    db.execute(
        "INSERT INTO event (id,article_id,reading,kind,at,by_id,detail,closes,run_id,position) "
        "VALUES (?,?,?,?,?,?,?,?,?,?)",
        (key, article_id, reading, event.kind, event.at, event.by, event.detail, closes, run_id,
         position),
    )  # fmt: skip
    return stored
