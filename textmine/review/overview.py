"""Claims, the evidence map and the way of the records, as the desk shows them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from textmine.review.impact import parts_of
from textmine.review.nouns import Account, ClaimLine, ClaimView, Effect, Flow, MapCell, Study
from textmine.review.sight import Sight, decisions_on, settled
from textmine.review.tables import marks, plain
from textmine.review.view import claim_of, verdict_of
from textmine.stores.database import Database, in_groups
from textmine.stores.text import column_text

__all__ = [
    "Lines",
    "claim_view",
    "evidence_map",
    "flow",
    "judged_by_claim",
    "lines_of",
    "studies_of",
    "with_judged",
    "with_people",
]

# More studies than this are no picture any more; the heaviest are shown.
MOST_STUDIES = 1000


class _Effect(msgspec.Struct):
    measure: str
    value: float
    low: float | None = None
    high: float | None = None


class _Card(msgspec.Struct):
    effects: list[_Effect] = []


Lines = dict[str, ClaimLine]


def lines_of(database: Database, corpus: str) -> Lines:
    """Every current claim by id, in their order; without what people said."""
    sizes: dict[str, int] = dict(
        database.read(
            "SELECT claim_id, count(*) FROM desk_item WHERE corpus = ? AND speaks = ? "
            "GROUP BY claim_id",
            (corpus, True),
        )
    )
    found: Lines = {}
    for key, statement, data, verdict in database.stream(
        "SELECT c.id, c.statement, c.data, v.data FROM claim c LEFT JOIN verdict v "
        "ON v.project = c.project AND v.claim_id = c.id AND v.superseded_by IS NULL "
        'WHERE c.project = ? AND c.superseded_by IS NULL ORDER BY c."position", c.id',
        (corpus,),
    ):
        parts = parts_of(verdict) if verdict is not None else None
        found[key] = ClaimLine(
            id=plain(key),
            statement=plain(statement),
            section=json.loads(data).get("section"),
            verdict=parts.verdict if parts else "insufficient",
            certainty=parts.certainty if parts else "very_low",
            balance=parts.balance if parts else None,
            n_studies=parts.n_studies if parts else {},
            findings=sizes.get(key, 0),
            judged=0,
        )
    return found


def judged_by_claim(database: Database, corpus: str) -> dict[str, int]:
    """claim -> how many of its findings somebody has judged."""
    # As a subquery, so that no planner begins with the whole of desk_item.
    return dict(
        database.read(
            "SELECT claim, count(*) FROM (SELECT (SELECT i.claim_id FROM desk_item i "
            "WHERE i.corpus = ? AND i.finding = s.finding) AS claim "
            "FROM (SELECT DISTINCT finding FROM desk_standing) s) t "
            "WHERE claim IS NOT NULL GROUP BY claim",
            (corpus,),
        )
    )


def with_people(line: ClaimLine, judged: int, effect: Effect | None) -> ClaimLine:
    """The line with what people said."""
    return replace(
        line,
        judged=judged,
        human=effect.after.verdict if effect else None,
        human_certainty=effect.after.certainty if effect else None,
    )


def studies_of(database: Database, corpus: str, claim: str) -> tuple[Study, ...]:
    """The studies behind a claim, the heaviest first; without what people said."""
    verdict = verdict_of(database, corpus, claim)
    grades: dict[str, tuple[float, str, str]] = {}
    if verdict is not None:
        grades = {g.finding_id: (g.points, g.level, g.cluster) for g in verdict.grades}
    rows = database.read(
        "SELECT finding, article_id, article_version, title, year, design, stance, score, "
        "excluded FROM desk_item WHERE corpus = ? AND claim_id = ? AND speaks = ?",
        (corpus, claim, True),
    )
    rows.sort(key=lambda r: (-grades.get(plain(r[0]), (0.0,))[0], r[0]))
    rows = rows[:MOST_STUDIES]
    cards = _cards(database, [r[1] for r in rows])
    return tuple(_study(row, grades, cards) for row in rows)


def claim_view(
    database: Database,
    corpus: str,
    who: Account,
    line: ClaimLine,
    effect: Effect | None,
    studies: Sequence[Study],
) -> ClaimView:
    """Everything of one claim."""
    key = column_text(line.id)
    words = _words(database, who, [column_text(s.finding) for s in studies])
    said = tuple(
        replace(s, judgement=words[name]) if (name := column_text(s.finding)) in words else s
        for s in studies
    )
    verdict = verdict_of(database, corpus, key)
    return ClaimView(line, claim_of(database, corpus, key), verdict, said, effect)


def _study(
    row: Sequence[Any],
    grades: Mapping[str, tuple[float, str, str]],
    cards: Mapping[tuple[str, int], _Card],
) -> Study:
    finding, article, version, title, year, design, stance, score, excluded = row
    points, level, group = grades.get(plain(finding), (0.0, "", ""))
    card = cards.get((article, version))
    return Study(
        plain(finding), plain(article), plain(title), year, design, stance, score, points, level,
        group, plain(excluded), None,
        tuple((e.measure, e.value, e.low, e.high) for e in card.effects) if card else (),
    )  # fmt: skip


def _words(database: Database, who: Account, names: Sequence[str]) -> dict[str, str]:
    """What is settled, as far as `who` may see it."""
    said = [
        name
        for group in in_groups(names, 400)
        for (name,) in database.read(
            f"SELECT DISTINCT finding FROM desk_standing WHERE finding IN ({marks(group)})",  # noqa: S608
            group,
        )
    ]
    if not said:
        return {}
    found = {name: word.verdict for name, word in settled(database, said).items()}
    me, sight = column_text(who.name), Sight(database, said)
    for word in decisions_on(database, [n for n in said if not sight.open(n)]):
        if word.stands and column_text(word.reviewer) == me:
            found[column_text(word.finding)] = word.verdict
    return found


def _cards(database: Database, articles: Sequence[str]) -> dict[tuple[str, int], _Card]:
    found = {}
    for group in in_groups(dict.fromkeys(articles), 400):
        for key, version, data in database.read(
            "SELECT c.article_id, c.article_version, c.data FROM study_card c JOIN article a "  # noqa: S608
            "ON a.id = c.article_id AND a.version = c.article_version AND a.reading = c.reading "
            f"AND a.superseded_by IS NULL WHERE c.article_id IN ({marks(group)})",
            group,
        ):
            try:
                found[key, version] = msgspec.json.decode(data, type=_Card)
            except msgspec.DecodeError:
                found[key, version] = msgspec.convert(json.loads(data), _Card)
    return found


def evidence_map(database: Database, corpus: str) -> list[MapCell]:
    """How many findings of each stance on each claim come from each design, of those that weigh."""
    return [
        MapCell(plain(claim), design, stance, n)
        for claim, design, stance, n in database.read(
            "SELECT claim_id, design, stance, count(*) FROM desk_item WHERE corpus = ? "
            "AND speaks = ? AND excluded IS NULL "
            "GROUP BY claim_id, design, stance ORDER BY claim_id, design, stance",
            (corpus, True),
        )
    ]


def flow(database: Database, corpus: str) -> Flow:
    """The way of the records through the newest run."""
    rows = database.read(
        'SELECT id, source, query FROM run WHERE project = ? ORDER BY "position" DESC LIMIT 1',
        (corpus,),
    )
    run_id, source, query = rows[0]
    joined = (
        "FROM run_article r JOIN article a ON a.id = r.article_id "
        "AND a.version = r.article_version AND a.reading = r.reading WHERE r.run_id = ?"
    )
    ((articles, withdrawn),) = database.read(
        f"SELECT count(*), count(*) FILTER (WHERE a.withdrawn) {joined}",
        (run_id,),
    )
    by_stance: dict[str, int] = dict(
        database.read(
            "SELECT stance, count(*) FROM desk_item WHERE corpus = ? GROUP BY stance", (corpus,)
        )
    )
    ((speaking,),) = database.read(
        "SELECT count(DISTINCT article_id) FROM desk_item WHERE corpus = ? AND speaks = ?",
        (corpus, True),
    )
    excluded: dict[str, int] = dict(
        database.read(
            "SELECT excluded, count(*) FROM desk_item WHERE corpus = ? AND speaks = ? "
            "AND excluded IS NOT NULL GROUP BY excluded ORDER BY 2 DESC, 1 LIMIT 50",
            (corpus, True),
        )
    )
    # An abstract is a passage of that kind: those without have a title alone.
    ((with_abstract,),) = database.read(
        f"SELECT count(*) {joined} AND substr(a.data, 1, 200000) LIKE ?",
        (run_id, '%"kind":"abstract"%'),
    )
    return Flow(
        source=plain(source),
        queries=tuple(json.loads(query)) if query else (),
        articles=articles,
        withdrawn=withdrawn,
        with_abstract=with_abstract,
        speaking=speaking,
        findings=sum(by_stance.values()),
        by_stance=by_stance,
        excluded={plain(reason): n for reason, n in excluded.items()},
        judged=0,
    )


def with_judged(found: Flow, judged: int) -> Flow:
    """The flow with how many findings people have judged."""
    return replace(found, judged=judged)
