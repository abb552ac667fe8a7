"""Who may see whose word: in a blind project nobody before all have spoken.

A finding is *closed* in a blind project until every reviewer it was given to has judged it there.
Words that were said in that project on a closed finding are seen by those who said them alone; and
who still has to judge a closed finding sees no other's word on it at all, wherever it was said.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from textmine.review.nouns import StoredDecision
from textmine.review.tables import marks, plain
from textmine.stores.database import Database, in_groups
from textmine.stores.text import column_text

__all__ = ["Sight", "decisions_on", "read_decisions", "settled"]

_GROUP = 400
_WAITING = (
    "SELECT a.finding, a.project, a.reviewer FROM desk_assignment a "
    "JOIN desk_project p ON p.id = a.project "
    "WHERE {blind} AND {where} NOT EXISTS (SELECT 1 FROM desk_standing s "
    "WHERE s.finding = a.finding AND s.reviewer = a.reviewer AND s.scope = a.project "
    "AND s.kind = 'decision')"
)
_COLUMNS = (
    'd.id, d.reviewer, d.finding, d.hash, d.verdict, d.note, d."at", d.project, d.part, '
    "d.corrected, d.kind, d.supersedes"
)


class Sight:
    """What may be seen of these findings; None: of all."""

    def __init__(self, database: Database, findings: Iterable[str] | None = None) -> None:
        self.closed: dict[str, set[str]] = {}
        self._waiting: set[tuple[str, str]] = set()
        blind = "p.blind"
        if findings is None:
            self._take(database.read(_WAITING.format(blind=blind, where="")))
            return
        for group in in_groups(dict.fromkeys(findings), _GROUP):
            where = f"a.finding IN ({marks(group)}) AND"
            self._take(database.read(_WAITING.format(blind=blind, where=where), group))

    def _take(self, rows: Iterable[Sequence[Any]]) -> None:
        for finding, project, reviewer in rows:
            self.closed.setdefault(finding, set()).add(project)
            self._waiting.add((finding, reviewer))

    def sees(self, who: str, finding: str, reviewer: str, project: str | None) -> bool:
        """Names and ids as columns hold them."""
        if who == reviewer:
            return True
        return project not in self.closed.get(finding, ()) and (finding, who) not in self._waiting

    def waits(self, who: str, finding: str) -> bool:
        """Whether `who` still has to judge it blind."""
        return (finding, who) in self._waiting

    def open(self, finding: str) -> bool:
        """Whether no blind project keeps words on it back from anybody."""
        return finding not in self.closed


def read_decisions(
    database: Database, where: str, parameters: Sequence[Any]
) -> list[StoredDecision]:
    """Decisions in the order of their coming; `where` is SQL of this package, never of a user.

    Of each is told whether it stands, and whether its reading has changed since.
    """
    rows = database.read(
        f"SELECT {_COLUMNS}, EXISTS (SELECT 1 FROM desk_standing s WHERE s.decision = d.id), "  # noqa: S608
        "EXISTS (SELECT 1 FROM finding f WHERE f.id = d.finding AND f.superseded_by IS NULL) "
        f'FROM decision d WHERE {where} ORDER BY d."at", d.id',
        parameters,
    )
    return [_decision(row) for row in rows]


def _decision(row: Sequence[Any]) -> StoredDecision:
    key, reviewer, finding, read, verdict, note, at, project, part, corrected, kind = row[:11]
    supersedes, stands, current = row[11:]
    kind = kind or "decision"
    return StoredDecision(
        id=key, reviewer=plain(reviewer), finding=plain(finding), hash=plain(read),
        verdict=plain(verdict), note=plain(note), at=at, project=plain(project), part=plain(part),
        corrected=json.loads(corrected) if corrected else {}, kind=kind, supersedes=supersedes,
        stands=bool(stands),
        # What people added stands in no run: its words are looked up in the text instead.
        stale=not current and kind != "added_finding",
    )  # fmt: skip


def decisions_on(database: Database, findings: Sequence[str]) -> list[StoredDecision]:
    """Every word on these findings (ids as columns hold them)."""
    out: list[StoredDecision] = []
    for group in in_groups(findings, _GROUP):
        out += read_decisions(database, f"d.finding IN ({marks(group)})", group)
    return out


def settled(database: Database, findings: Iterable[str] | None = None) -> dict[str, StoredDecision]:
    """finding -> the word that people settled on, where they did and nothing is kept back.

    An adjudicator's word, the newest; else what all who judged it say (then the newest of theirs).
    An added finding stands by itself. Findings that a blind project has not finished are left out.
    """
    if findings is None:
        names = [name for (name,) in database.read("SELECT DISTINCT finding FROM desk_standing")]
    else:
        names = list(dict.fromkeys(findings))
    sight = Sight(database, names)
    held: dict[str, list[StoredDecision]] = {}
    for one in decisions_on(database, [n for n in names if sight.open(n)]):
        if one.stands:
            held.setdefault(column_text(one.finding), []).append(one)
    found: dict[str, StoredDecision] = {}
    for finding, words in held.items():
        last = [w for w in words if w.kind in ("adjudication", "added_finding")]
        if last:
            found[finding] = last[-1]
        elif len({w.verdict for w in words}) == 1:
            found[finding] = words[-1]
    return found
