"""Verdicts graded anew by the store, when a study was withdrawn after its run."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace

from textmine.evidence.rules import Rules
from textmine.evidence.verdict import verdicts
from textmine.records import Annotated, Claim, Finding, Verdict, annotated_from_json, from_json
from textmine.stores.database import Database
from textmine.stores.rows import grade_rows, verdict_row
from textmine.stores.tables import table
from textmine.stores.text import column_text

__all__ = ["regrade", "rules_of"]


def regrade(
    database: Database,
    project: str,
    claims: Collection[str],
    withdrawn: Mapping[str, str],
    cause: str,
) -> dict[str, str]:
    """Grades the claims of a project with the withdrawn articles left out.

    `withdrawn` maps articles to the event that took their weight; without any that bears on a claim
    the verdict of its run holds again. Gives the former `data` of every verdict that changed.
    """
    place = table("verdict")
    old = {
        claim: (key, data)
        for claim, key, data in database.read(
            "SELECT claim_id, id, data FROM verdict WHERE project = ? AND superseded_by IS NULL",
            (project,),
        )
        if claim in claims
    }
    changed: dict[str, str] = {}
    touched = _touched(database, project, withdrawn)
    back = {claim: _of_run(database, project, claim) for claim in old if claim not in touched}
    now: dict[str, str] = {claim: key for claim, key in back.items() if key is not None}
    todo = sorted(claim for claim in old if claim not in now)
    for verdict in _graded(database, project, todo, withdrawn) if todo else ():
        claim = column_text(verdict.claim_id)
        run_id = _newest_run(database, project)
        row = verdict_row(verdict, project, run_id, cause)
        if not database.known(place, [place.key_of(row)]):
            database.add(place, [row])
            rows = grade_rows(verdict, project)
            if rows:
                database.add(table("grade"), rows)
        now[claim] = row[place.place("id")]
    for claim, key in sorted(now.items()):
        if key != old[claim][0]:
            changed[claim] = old[claim][1]
            database.update_many(place, "superseded_by", cause, [(project, old[claim][0])])
            database.update_many(place, "superseded_by", None, [(project, key)])
    return changed


def _touched(database: Database, project: str, withdrawn: Mapping[str, str]) -> set[str]:
    """The claims with a current finding on a withdrawn article."""
    found: set[str] = set()
    for article in sorted(withdrawn):
        found |= {
            claim
            for (claim,) in database.read(
                "SELECT claim_id FROM finding WHERE project = ? AND article_id = ? "
                "AND superseded_by IS NULL",
                (project, article),
            )
        }
    return found


def _newest_run(database: Database, project: str) -> str:
    ((name,),) = database.read(
        "SELECT id FROM run WHERE project = ? ORDER BY position DESC LIMIT 1", (project,)
    )
    key: str = name
    return key


def _of_run(database: Database, project: str, claim: str) -> str | None:
    """The verdict that the project's newest run brought, or found in place, on a claim."""
    rows = database.read(
        "SELECT v.id FROM verdict v JOIN run r ON r.id = v.run_id "
        "WHERE v.project = ? AND v.claim_id = ? AND v.cause IS NULL "
        "AND (v.superseded_by IS NULL OR NOT EXISTS "
        "(SELECT 1 FROM run x WHERE x.id = v.superseded_by)) "
        "ORDER BY r.position DESC, v.id LIMIT 1",
        (project, claim),
    )
    return rows[0][0] if rows else None


def rules_of(database: Database, project: str) -> Rules:
    """The grading rules of the project's newest run."""
    run_id = _newest_run(database, project)
    ((kept,),) = database.read("SELECT rules FROM run WHERE id = ?", (run_id,))
    return Rules.default() if kept is None else Rules(**json.loads(kept))


def _graded(
    database: Database, project: str, claims: list[str], withdrawn: Mapping[str, str]
) -> tuple[Verdict, ...]:
    run_id, rules = _newest_run(database, project), rules_of(database, project)
    articles: dict[str, Annotated] = {}
    # The whole project: who repeats whom and who belongs together shows only among all.
    for (data,) in database.stream(
        "SELECT a.data FROM article a JOIN run_article r ON r.article_id = a.id "
        "AND r.article_version = a.version AND r.reading = a.reading WHERE r.run_id = ?",
        (run_id,),
    ):
        annotated = annotated_from_json(json.loads(data))
        article = annotated.article
        if column_text(article.id) in withdrawn:
            status = replace(article.status, retracted=True)
            annotated = replace(annotated, article=replace(article, status=status))
        articles[article.id] = annotated
    findings: list[Finding] = []
    said: list[Claim] = []
    for claim in claims:
        findings += [
            from_json(Finding, json.loads(data))
            for (data,) in database.read(
                "SELECT data FROM finding WHERE project = ? AND claim_id = ? "
                "AND superseded_by IS NULL ORDER BY id",
                (project, claim),
            )
        ]
        said += [
            from_json(Claim, json.loads(data))
            for (data,) in database.read(
                "SELECT data FROM claim WHERE project = ? AND id = ? AND superseded_by IS NULL",
                (project, claim),
            )
        ]
    return verdicts(findings, articles, claims=said, rules=rules)
