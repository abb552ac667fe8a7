"""A run into a SQL store. The caller holds the transaction.

One writer at a time: what is there already is looked up, and only what is new is written, in bulk.
Marks and the log of changes come last, for they need the whole run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from textmine.stores.changes import Log
from textmine.stores.database import Database, in_groups
from textmine.stores.events import take_up, withdrawn_since
from textmine.stores.model import Bundle, Pushed
from textmine.stores.regrade import regrade
from textmine.stores.rows import RunRows, decision_row, merge
from textmine.stores.tables import Row, table
from textmine.stores.text import column_text, to_json

__all__ = ["add", "push"]

ARTICLES = 200
FINDINGS = 2000


def add(database: Database, name: str, rows: Sequence[Row]) -> None:
    """Adds rows that are not there yet."""
    if rows:
        database.add(table(name), rows)


def push(database: Database, bundle: Bundle) -> Pushed:
    """Writes all of the run; nothing when it is there already."""
    made = RunRows(bundle)
    if database.read("SELECT 1 FROM run WHERE id = ?", (made.run_id,)):
        return Pushed({})
    writer = _Writer(database, made)
    ((position,),) = database.read("SELECT count(*) FROM run")
    writer.add("run", [made.run(position)])
    writer.claims()
    writer.articles()
    writer.findings()
    writer.verdicts()
    writer.withdrawn()
    decisions = [decision_row(d) for d in bundle.decisions]
    writer.new("decision", decisions)
    made.check_counts()
    database.write("UPDATE run SET counts = ? WHERE id = ?", (to_json(made.counts), made.run_id))
    writer.log.add("run", "pushed", made.run_id, project=made.project, after=made.counts)
    writer.log.write()
    return Pushed(writer.added)


class _Writer:
    """One push: what was added, and the changes to log."""

    def __init__(self, database: Database, made: RunRows) -> None:
        self.database, self.made = database, made
        names = ("run", "claim", "article", "finding", "verdict", "concept", "edge",
                 "edge_evidence", "quote", "decision")  # fmt: skip
        self.added = dict.fromkeys(names, 0)
        self.log = Log(database, made.run_id, made.bundle.provenance.at)
        self._seen: dict[str, set[tuple[Any, ...]]] = {
            "concept": set(),
            "edge": set(),
            "quote": set(),
        }
        # Into an empty store everything is new: nothing needs to be looked up.
        self._empty = not database.read("SELECT 1 FROM run LIMIT 1")

    def add(self, name: str, rows: Sequence[Row]) -> None:
        add(self.database, name, rows)
        if name in self.added:
            self.added[name] += len(rows)

    def new(self, name: str, rows: Iterable[Row]) -> list[Row]:
        """Adds those that are not there; gives the others."""
        place = table(name)
        seen = self._seen.get(name)
        by_key: dict[tuple[Any, ...], Row] = {}
        for row in rows:
            key = place.key_of(row)
            if seen is None or key not in seen:
                by_key[key] = row
        if seen is not None:
            seen.update(by_key)
        known = set() if self._empty else self.database.known(place, list(by_key))
        self.add(name, [row for key, row in by_key.items() if key not in known])
        return [row for key, row in by_key.items() if key in known]

    # --- Card 1

    def claims(self) -> None:
        bundle, made = self.made.bundle, self.made
        rows = [made.claim(claim, number) for number, claim in enumerate(bundle.claims)]
        place = table("claim")
        again = self.new("claim", rows)
        for row in again:
            self.database.write(
                "UPDATE claim SET position = ?, superseded_by = NULL "
                "WHERE project = ? AND id = ? AND content = ?",
                (row[place.place("position")], *place.key_of(row)),
            )
        said = {place.key_of(row) for row in rows}
        gone = [
            key
            for key in self.database.read(
                "SELECT project, id, content FROM claim WHERE project = ? "
                "AND superseded_by IS NULL",
                (made.project,),
            )
            if tuple(key) not in said
        ]
        self.database.update_many(place, "superseded_by", made.run_id, gone)

    def articles(self) -> None:
        made, run_id = self.made, self.made.run_id
        place = table("article")
        for group in in_groups(made.bundle.articles, ARTICLES):
            batches = {a.article.id: made.article(a) for a in group}
            batch = merge(batches.values())
            self.add("run_article", batch["run_article"])
            again = {place.key_of(row) for row in self.new("article", batch["article"])}
            if again:
                batch = merge(
                    b for b in batches.values() if place.key_of(b["article"][0]) not in again
                )
            for name in ("study_card", "edge_evidence"):
                if name == "edge_evidence":
                    for first in ("concept", "edge", "quote"):
                        self.new(first, batch.get(first, ()))
                self.add(name, batch.get(name, ()))
            if not self._empty:
                for annotated in group:
                    row = batches[annotated.article.id]["article"][0]
                    key = place.key_of(row)
                    if key not in again:
                        take_up(
                            self.database, annotated.article, row[place.place("reading")], self.log
                        )
        if not self._empty:
            self._supersede_articles(run_id)

    def _supersede_articles(self, run_id: str) -> None:
        """Marks other readings of the run's articles, and their evidence; revives its own."""
        mine = (
            "FROM run_article r WHERE r.run_id = ? AND r.article_id = x.id "
            "AND r.article_version = x.version AND r.reading = x.reading"
        )
        gone = self.database.read(
            "SELECT x.id, x.version, x.reading FROM article x WHERE x.superseded_by IS NULL "  # noqa: S608
            "AND EXISTS (SELECT 1 FROM run_article r WHERE r.run_id = ? AND r.article_id = x.id) "
            f"AND NOT EXISTS (SELECT 1 {mine}) ORDER BY x.id, x.version, x.reading",
            (run_id, run_id),
        )
        back = self.database.read(
            f"SELECT x.id, x.version, x.reading FROM article x WHERE x.superseded_by IS NOT NULL "  # noqa: S608
            f"AND EXISTS (SELECT 1 {mine}) ORDER BY x.id, x.version, x.reading",
            (run_id,),
        )
        touched = [*gone, *back]
        if not touched:
            return
        names = {key[0] for key in touched}
        before = self.log.standing(names, without=run_id)
        evidence = table("edge_evidence")
        for keys, mark, kind in ((gone, run_id, "superseded"), (back, None, "revived")):
            if not keys:
                continue
            self.database.update_many(table("article"), "superseded_by", mark, keys)
            # A reading is the hash of an article's line, its id and version included.
            rows = [
                key
                for group in in_groups(keys, 500)
                for key in self.database.read(
                    "SELECT relation_id, reading FROM edge_evidence WHERE reading IN "  # noqa: S608
                    f"({','.join('?' * len(group))})",
                    [reading for _, _, reading in group],
                )
            ]
            self.database.update_many(evidence, "superseded_by", mark, rows)
            for key, version, reading in keys:
                what = {"version": version, "reading": reading}
                gone_now = kind == "superseded"
                self.log.add(
                    "article", kind, key, article_id=key,
                    before=what if gone_now else None, after=None if gone_now else what,
                )  # fmt: skip
        self.log.edges("superseded", before, self.log.standing(names))

    def findings(self) -> None:
        made, place = self.made, table("finding")
        again: dict[tuple[Any, ...], Row] = {}
        for group in in_groups(made.bundle.findings, FINDINGS):
            pairs = [made.finding(finding) for finding in group]
            self.new("quote", (quote for _, quotes in pairs for quote in quotes))
            known = {place.key_of(row): row for row in self.new("finding", (r for r, _ in pairs))}
            again.update(known)
            self._revise(list(known.values()))
        if not self._empty:
            self._supersede("finding", again)

    def _revise(self, rows: list[Row]) -> None:
        """Findings that the store knows under their id, but with another score or other words.

        An id hashes what a finding stands on; how it is put may change with the version of the
        program. The row follows the newer run, the log keeps the whole of the older one.
        """
        place = table("finding")
        names = [n for n in place.names if n not in place.key and n != "superseded_by"]
        sets = ", ".join(f'"{name}" = ?' for name in names)
        for group in in_groups(rows, 500):
            keys = [row[place.place("id")] for row in group]
            marks = ",".join("?" * len(keys))
            held: dict[str, str] = dict(
                self.database.read(
                    f"SELECT id, data FROM finding WHERE project = ? AND id IN ({marks})",  # noqa: S608
                    (self.made.project, *keys),
                )
            )
            for row in group:
                line = place.as_dict(row)
                old = held[line["id"]]
                if old != line["data"]:
                    self.database.write(
                        f"UPDATE finding SET {sets} WHERE project = ? AND id = ?",  # noqa: S608
                        (*(line[name] for name in names), line["project"], line["id"]),
                    )
                    self.log.add(
                        "finding", "revised", line["id"], project=line["project"],
                        claim_id=line["claim_id"], article_id=line["article_id"],
                        before=json.loads(old), after=json.loads(line["data"]),
                    )  # fmt: skip

    def verdicts(self) -> None:
        made, place = self.made, table("verdict")
        pairs = [made.verdict(verdict) for verdict in made.bundle.verdicts]
        grades = {place.key_of(row): rows for row, rows in pairs}
        old = {} if self._empty else current_verdicts(self.database, made.project)
        again = {place.key_of(row): row for row in self.new("verdict", (row for row, _ in pairs))}
        new = [g for key, rows in grades.items() if key not in again for g in rows]
        self.new("grade", new)
        if not self._empty:
            self._supersede("verdict", again, log=False)
            # What an event had replaced is now behind the run as well.
            behind = self.database.read(
                "SELECT project, id FROM verdict WHERE project = ? "
                "AND superseded_by IN (SELECT id FROM event)",
                (made.project,),
            )
            self.database.update_many(
                place, "superseded_by", made.run_id, [k for k in behind if tuple(k) not in again]
            )
        now = {row[place.place("claim_id")]: row[place.place("data")] for row, _ in pairs}
        for claim in sorted(old.keys() | now.keys()):
            before, after = old.get(claim), now.get(claim)
            if before != after:
                kind = "new" if before is None else "superseded"
                self.log.verdict(kind, made.project, claim, before, after)

    def withdrawn(self) -> None:
        """A run that was read before a study was withdrawn does not bring its weight back."""
        if self._empty:
            return
        made = self.made
        mine = {
            key
            for (key,) in self.database.read(
                "SELECT r.article_id FROM run_article r JOIN article a ON a.id = r.article_id "
                "AND a.version = r.article_version AND a.reading = r.reading "
                "WHERE r.run_id = ? AND a.withdrawn",
                (made.run_id,),
            )
        }
        gone = withdrawn_since(self.database, mine)
        claims = {claim.id for claim in made.bundle.claims}
        for claim, old in sorted(
            regrade(
                self.database, made.project, {column_text(c) for c in claims}, gone,
                next(iter(gone.values())),
            ).items()
            if gone else ()
        ):  # fmt: skip
            new = current_verdicts(self.database, made.project)[claim]
            self.log.verdict("regraded", made.project, claim, old, new)

    def _supersede(self, name: str, again: dict[tuple[Any, ...], Row], *, log: bool = True) -> None:
        """Marks what an older run said and this one does not; revives what is said again."""
        made, place = self.made, table(name)
        more = ", claim_id, article_id, stance, score" if log else ""
        old = self.database.read(
            f"SELECT project, id, superseded_by{more} FROM {name} "  # noqa: S608
            "WHERE project = ? AND (run_id <> ? OR superseded_by IS NOT NULL) ORDER BY id",
            (made.project, made.run_id),
        )
        gone: list[tuple[str, str]] = []
        back: list[tuple[str, str]] = []
        for project, key, superseded_by, *rest in old:
            said = (project, key) in again
            if said == (superseded_by is None):
                continue
            (back if said else gone).append((project, key))
            if log:
                claim, article, stance, score = rest
                what = {"stance": stance, "score": score}
                self.log.add(
                    "finding", "revived" if said else "superseded", key, project=project,
                    claim_id=claim, article_id=article,
                    before=None if said else what, after=what if said else None,
                )  # fmt: skip
        self.database.update_many(place, "superseded_by", made.run_id, gone)
        self.database.update_many(place, "superseded_by", None, back)


def current_verdicts(database: Database, project: str) -> dict[str, str]:
    """The current verdict of every claim, as its data."""
    return dict(
        database.read(
            "SELECT claim_id, data FROM verdict WHERE project = ? AND superseded_by IS NULL",
            (project,),
        )
    )
