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
    join, values = "", []
    if project is not None:
        join = (
            "JOIN desk_assignment a ON a.finding = i.finding AND a.project = ? AND a.reviewer = ? "
        )
        values = [scope, me]
        sizes = dict(
            database.read(
                f"SELECT i.claim_id, count(*) FROM desk_item i {join}"  # noqa: S608
                "WHERE i.corpus = ? GROUP BY i.claim_id",
                [*values, corpus],
            )
        )
    mine = database.read(
        "SELECT i.claim_id, s.verdict, count(*) FROM desk_standing s "  # noqa: S608
        f"JOIN desk_item i ON i.corpus = ? AND i.finding = s.finding {join}"
        "WHERE s.reviewer = ? AND s.scope = ? AND s.kind = 'decision' "
        f"{'' if project else 'AND i.speaks '}GROUP BY i.claim_id, s.verdict",
        [corpus, *values, me, scope],
    )
    ((anyone,),) = database.read(
        "SELECT count(DISTINCT s.finding) FROM desk_standing s "  # noqa: S608
        f"JOIN desk_item i ON i.corpus = ? AND i.finding = s.finding {join}"
        f"{'WHERE s.scope = ?' if project else 'WHERE i.speaks'}",
        [corpus, *values, *([scope] if project else [])],
    )
    words: dict[str, int] = {}
    done: dict[str, int] = {}
    for claim, verdict, n in mine:
        words[verdict] = words.get(verdict, 0) + n
        done[claim] = done.get(claim, 0) + n
    return Progress(
        total=sum(sizes.values()),
        judged=sum(words.values()),
        by_anyone=anyone,
        words=words,
        stale=len(stale_pairs(database, corpus, me)),
        by_claim={plain(claim): (done.get(claim, 0), n) for claim, n in sizes.items()},
    )


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
