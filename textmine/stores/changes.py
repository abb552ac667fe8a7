"""The log of changes: what an event or a newer run did to findings, verdicts and edges."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

import msgspec

from textmine.errors import ConfigError
from textmine.stores.database import Database, in_groups
from textmine.stores.tables import Row, table
from textmine.stores.text import column_text, to_json

__all__ = ["Log", "changes_since", "in_words", "verdict_words"]

_EDGES = (
    "SELECT v.edge_id, count(*) FILTER (WHERE v.superseded_by IS NULL AND NOT a.withdrawn) "
    "FROM edge_evidence v JOIN article a ON a.id = v.article_id AND a.version = v.article_version "
    "AND a.reading = v.reading WHERE v.run_id <> ? {} GROUP BY v.edge_id"
)
_TOUCHED = "AND v.edge_id IN (SELECT edge_id FROM edge_evidence WHERE article_id IN ({}))"
# For more articles than this all edges are counted at once.
_FEW = 500
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Log:
    """Changes of one cause, in order; written at once, with positions that have no gaps."""

    def __init__(self, database: Database, cause: str, at: str) -> None:
        self.database, self.cause, self.at = database, cause, at
        self._rows: list[Row] = []

    def add(
        self,
        subject: str,
        kind: str,
        key: str,
        *,
        project: str | None = None,
        claim_id: str | None = None,
        article_id: str | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        cause: str | None = None,
        at: str | None = None,
    ) -> None:
        """Notes one change; `before` and `after` are what can be said of it in few words."""
        self._rows.append(
            (at or self.at, kind, subject, key, project, claim_id, article_id,
             cause or self.cause, None if before is None else to_json(before),
             None if after is None else to_json(after))
        )  # fmt: skip

    def verdict(
        self, kind: str, project: str, claim: str, before: str | None, after: str | None,
        *, cause: str | None = None, at: str | None = None,
    ) -> None:  # fmt: skip
        """Notes that one verdict took the place of another; both as their `data`."""
        old = None if before is None else verdict_words(before)
        new = None if after is None else verdict_words(after)
        name = (new or old or {})["id"]
        self.add(
            "verdict", kind if new else "superseded", column_text(name), project=project,
            claim_id=claim, before=old, after=new, cause=cause, at=at,
        )  # fmt: skip

    def standing(self, articles: Iterable[str], *, without: str = "") -> dict[str, int]:
        """How much evidence stands behind every edge that these articles bear on.

        `without`: leave out the evidence that this run brought.
        """
        ids = sorted(set(articles))
        if len(ids) > _FEW:
            return dict(self.database.read(_EDGES.format(""), (without,)))
        found: dict[str, int] = {}
        for group in in_groups(ids, _FEW):
            some = _TOUCHED.format(",".join("?" * len(group)))
            found |= dict(self.database.read(_EDGES.format(some), (without, *group)))
        return found

    def edges(
        self,
        kind: str,
        before: Mapping[str, int],
        after: Mapping[str, int],
        *,
        article_id: str | None = None,
        cause: str | None = None,
        at: str | None = None,
    ) -> None:
        """Notes every edge whose standing evidence is not what it was."""
        for key in sorted(before):
            if before[key] != after.get(key, 0):
                self.add(
                    "edge", kind, key, article_id=article_id, before={"standing": before[key]},
                    after={"standing": after.get(key, 0)}, cause=cause, at=at,
                )  # fmt: skip

    def write(self) -> None:
        """Writes what was noted."""
        ((last,),) = self.database.read('SELECT coalesce(max(position), 0) FROM "change"')
        rows = [(last + number, *row) for number, row in enumerate(self._rows, 1)]
        for group in in_groups(rows, 2000):
            self.database.add(table("change"), group)
        self._rows = []


def verdict_words(data: str) -> dict[str, Any]:
    """What of a verdict is worth comparing."""
    # A verdict on thousands of studies is megabytes long: the rest of it is passed over.
    try:
        found: dict[str, Any] = msgspec.to_builtins(msgspec.json.decode(data, type=_Words))
    except msgspec.DecodeError:
        # It quotes half a surrogate pair, which only the slower reader takes.
        line = json.loads(data)
        found = {key: line[key] for key in _Words.__struct_fields__}
    return found


class _Words(msgspec.Struct):
    id: str
    verdict: str
    certainty: str
    balance: float | None
    n_studies: dict[str, int]


class _Findable(Protocol):
    def rows(self, table: str, /, *, after: int = 0) -> Iterator[Row]: ...


def changes_since(store: _Findable, since: str = "0") -> Iterator[dict[str, Any]]:
    """The log behind a position, or from a day on (ISO); `before` and `after` as plain values.

    ConfigError for what is neither.
    """
    if not since.isdecimal() and not _DATE.match(since):
        raise ConfigError(f"{since!r} is no position and no date (2026-01-31). Give one of them.")
    place = table("change")
    after = int(since) if since.isdecimal() else 0
    for row in store.rows("change", after=after):
        line = place.as_dict(row)
        if not since.isdecimal() and line["at"] < since:
            continue
        for key in ("before", "after"):
            line[key] = None if line[key] is None else json.loads(line[key])
        yield line


def in_words(change: Mapping[str, Any]) -> str:
    """One line for people."""
    about = " ".join(
        str(part)
        for part in (change["claim_id"], change["article_id"])
        if part and part != change["id"]
    )
    before, after = (_few(change[key]) for key in ("before", "after"))
    what = f"{before} -> {after}" if before != after else after
    return (
        f"{change['position']} {change['at'][:10]} {change['subject']} {change['kind']} "
        f"{change['id']}{f' ({about})' if about else ''}: {what} [{change['cause']}]"
    )


def _few(value: Mapping[str, Any] | None) -> str:
    if value is None:
        return "-"
    return ", ".join(f"{k} {v}" for k, v in value.items() if k not in ("id", "n_studies"))
