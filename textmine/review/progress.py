"""How far people are, and what each of them said of each finding."""

from __future__ import annotations

import json
from collections.abc import Mapping

from textmine.records import Finding, from_json
from textmine.review.agreement import Unit
from textmine.review.effect import heard
from textmine.review.nouns import Account, Progress, StoredDecision
from textmine.review.queue import stale_pairs
from textmine.review.sight import Sight, read_decisions
from textmine.review.tables import marks, plain
from textmine.stores.database import Database, in_groups
from textmine.stores.text import column_text, digest, to_json

__all__ = ["progress", "units_of"]


def progress(
    database: Database, corpus: str, who: Account, project: str | None, sizes: Mapping[str, int]
) -> Progress:
    """How far `who` is: with everything that says something, or with what a project gave out.

    `sizes`: claim -> findings that say something.
    """
    me, scope = column_text(who.name), column_text(project or "")
    if project is not None:
        sizes = dict(
            database.read(
                "SELECT i.claim_id, count(*) FROM desk_assignment a JOIN desk_item i "
                "ON i.corpus = ? AND i.finding = a.finding "
                "WHERE a.project = ? AND a.reviewer = ? GROUP BY i.claim_id",
                (corpus, scope, me),
            )
        )
    mine = _judged(database, corpus, project is None, "s.reviewer = ? AND s.scope = ?", [me, scope])
    given, values = "1 = 1", []
    if project is not None:
        given = (
            "s.scope = ? AND EXISTS (SELECT 1 FROM desk_assignment a WHERE a.project = s.scope "
            "AND a.finding = s.finding AND a.reviewer = ?)"
        )
        values = [scope, me]
    names = {name for name, _, _ in _judged(database, corpus, project is None, given, values)}
    words: dict[str, int] = {}
    done: dict[str, int] = {}
    for _, claim, verdict in mine:
        words[verdict] = words.get(verdict, 0) + 1
        done[claim] = done.get(claim, 0) + 1
    return Progress(
        total=sum(sizes.values()),
        judged=sum(words.values()),
        by_anyone=len(names),
        words=words,
        stale=len(stale_pairs(database, corpus, me)),
        by_claim={plain(claim): (done.get(claim, 0), n) for claim, n in sizes.items()},
    )


def _judged(
    database: Database, corpus: str, speaking: bool, where: str, values: list[str]
) -> list[tuple[str, str, str]]:
    """(finding, claim, word) of the words that stand on current findings."""
    says = " AND i.speaks" if speaking else ""
    # As a subquery, so that no planner begins with the whole of desk_item.
    return [
        (name, claim, verdict)
        for name, claim, verdict in database.read(
            "SELECT s.finding, (SELECT i.claim_id FROM desk_item i WHERE i.corpus = ? "  # noqa: S608
            f"AND i.finding = s.finding{says}), s.verdict FROM desk_standing s "
            f"WHERE s.kind = 'decision' AND {where}",
            [corpus, *values],
        )
        if claim is not None
    ]


def units_of(database: Database, corpus: str, project: str | None) -> tuple[list[Unit], str]:
    """What reviewers said of each finding that nothing keeps back, and a mark of all that.

    Of one project, or everything that was said outside of projects and in them; then of each
    reviewer the newest word counts. Adjudications are no review.
    """
    where, values = "", []
    if project is not None:
        where, values = "AND d.project = ?", [column_text(project)]
    words = read_decisions(
        database,
        "EXISTS (SELECT 1 FROM desk_standing s "  # noqa: S608
        f"WHERE s.decision = d.id AND s.kind = 'decision') {where}",
        values,
    )
    names = list(dict.fromkeys(column_text(w.finding) for w in words))
    sight = Sight(database, names)
    held: dict[str, dict[str, StoredDecision]] = {}
    for word in words:
        key = column_text(word.finding)
        if sight.open(key):
            held.setdefault(key, {})[word.reviewer] = word
    read: dict[str, Finding] = {}
    for group in in_groups(held, 400):
        for (data,) in database.read(
            f"SELECT data FROM finding WHERE project = ? AND id IN ({marks(group)})",  # noqa: S608
            [corpus, *group],
        ):
            finding = from_json(Finding, json.loads(data))
            read[column_text(finding.id)] = finding
    units = [
        Unit(read[key].claim_id, said, {name: heard(read[key], w) for name, w in said.items()})
        for key, said in held.items()
        if key in read
    ]
    mark = digest(to_json(sorted(w.id for said in held.values() for w in said.values())))
    return units, mark
