"""The embedded store: one SQLite file with both cards.

Rows are keyed by content, so that pushing the same run again changes nothing. A newer run marks
the verdicts and findings that it replaces (`superseded_by`) and keeps them. Records are kept whole
as JSON beside the columns that are searched, so that what comes out is what went in.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from textmine.errors import ConfigError, SchemaTooNew, StoreError
from textmine.pubmed.events import Event
from textmine.records import (
    Annotated,
    Claim,
    Finding,
    Provenance,
    Verdict,
    annotated_from_json,
    as_json,
    from_json,
)
from textmine.stores.base import Bundle, Node, Pushed, edges_of, quote_of
from textmine.stores.events import CREATE_EVENTS, StoredEvent, open_events, record_events, take_up

__all__ = ["SQLiteStore", "open_sqlite"]


_CREATE = """
        CREATE TABLE run (
            id TEXT PRIMARY KEY, project TEXT NOT NULL, tool_version TEXT NOT NULL,
            model_hash TEXT NOT NULL, config_hash TEXT NOT NULL, source TEXT NOT NULL,
            at TEXT NOT NULL, position INTEGER NOT NULL
        );
        -- Card 1: claims and evidence
        CREATE TABLE claim (
            project TEXT NOT NULL, id TEXT NOT NULL, statement TEXT NOT NULL, data TEXT NOT NULL,
            position INTEGER NOT NULL, run_id TEXT NOT NULL REFERENCES run(id),
            PRIMARY KEY (project, id)
        );
        CREATE TABLE article (
            id TEXT NOT NULL, version INTEGER NOT NULL, reading TEXT NOT NULL, pmid TEXT,
            title TEXT NOT NULL, year INTEGER, journal TEXT, design TEXT NOT NULL,
            retracted INTEGER NOT NULL, data TEXT NOT NULL,
            run_id TEXT NOT NULL REFERENCES run(id), superseded_by TEXT,
            PRIMARY KEY (id, version, reading)
        );
        CREATE TABLE finding (
            id TEXT PRIMARY KEY, project TEXT NOT NULL, claim_id TEXT NOT NULL,
            article_id TEXT NOT NULL, article_version INTEGER NOT NULL, stance TEXT NOT NULL,
            score REAL NOT NULL, excluded TEXT, data TEXT NOT NULL,
            run_id TEXT NOT NULL REFERENCES run(id), superseded_by TEXT
        );
        CREATE INDEX finding_claim ON finding(project, claim_id, stance);
        CREATE INDEX finding_article ON finding(article_id);
        CREATE TABLE verdict (
            id TEXT PRIMARY KEY, project TEXT NOT NULL, claim_id TEXT NOT NULL,
            verdict TEXT NOT NULL, certainty TEXT NOT NULL, data TEXT NOT NULL,
            run_id TEXT NOT NULL REFERENCES run(id), superseded_by TEXT
        );
        CREATE TABLE decision (
            id TEXT PRIMARY KEY, finding TEXT NOT NULL, reviewer TEXT NOT NULL, hash TEXT NOT NULL,
            verdict TEXT NOT NULL, note TEXT NOT NULL, at TEXT NOT NULL
        );
        -- Card 2: entities and relations
        CREATE TABLE concept (
            curie TEXT PRIMARY KEY, name TEXT NOT NULL, label TEXT NOT NULL, linked INTEGER NOT NULL
        );
        CREATE TABLE edge (
            id TEXT PRIMARY KEY, subject TEXT NOT NULL REFERENCES concept(curie),
            predicate TEXT NOT NULL, object TEXT NOT NULL REFERENCES concept(curie),
            direction TEXT NOT NULL, negated INTEGER NOT NULL,
            mediator TEXT REFERENCES concept(curie)
        );
        CREATE INDEX edge_subject ON edge(subject);
        CREATE INDEX edge_object ON edge(object);
        CREATE TABLE edge_evidence (
            relation_id TEXT PRIMARY KEY, edge_id TEXT NOT NULL REFERENCES edge(id),
            article_id TEXT NOT NULL, article_version INTEGER NOT NULL, role TEXT NOT NULL,
            certainty TEXT NOT NULL, score REAL NOT NULL, quote TEXT NOT NULL,
            start INTEGER NOT NULL, end INTEGER NOT NULL, run_id TEXT NOT NULL REFERENCES run(id)
        );
        CREATE INDEX edge_evidence_edge ON edge_evidence(edge_id);
        CREATE INDEX edge_evidence_article ON edge_evidence(article_id);
"""

# Migrations by name, in order. A store remembers which of them it has had.
MIGRATIONS: tuple[tuple[str, str], ...] = (
    ("0001_create", _CREATE),
    ("0002_event", CREATE_EVENTS),
)


def open_sqlite(rest: str) -> SQLiteStore:
    """Opens what stands behind `sqlite:`: `///relative.db` or `////absolute.db`."""
    if not rest.startswith("///") or len(rest) == 3:
        raise ConfigError(
            f"sqlite:{rest} names no file. Write sqlite:///file.db (relative) or "
            "sqlite:////folder/file.db (absolute)."
        )
    return SQLiteStore(Path(rest[3:]))


class SQLiteStore:
    """Both cards in one file, in write-ahead mode."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, timeout=60)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA foreign_keys=ON")
            self._migrate()
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"The store {path} cannot be opened: {error}. Is it a SQLite file, and may you "
                "write there?"
            ) from None

    def _migrate(self) -> None:
        self._db.execute("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY)")
        done = {name for (name,) in self._db.execute("SELECT name FROM migration")}
        unknown = done - {name for name, _ in MIGRATIONS}
        if unknown:
            raise SchemaTooNew(
                f"The store {self.path} was written by a newer textmine (it has "
                f"{', '.join(sorted(unknown))}). Install that version: pip install -U textmine."
            )
        for name, script in MIGRATIONS:
            if name not in done:
                # One transaction per migration, so that a kill leaves it done or not begun.
                self._db.executescript(
                    f"BEGIN IMMEDIATE; {script}; INSERT INTO migration VALUES ('{name}'); COMMIT;"  # noqa: S608
                )

    # --- writing

    def push(self, bundle: Bundle) -> Pushed:
        """Adds a run: all of it, or nothing when anything goes wrong.

        A run is named by its content: one that is there already changes nothing.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                known = self._db.execute(
                    "SELECT 1 FROM run WHERE id=?", (bundle.provenance.run_id,)
                ).fetchone()
                added = {} if known else self._insert(bundle)
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(
                f"The run could not be stored in {self.path}: {error}. Nothing of it was stored."
            ) from None
        return Pushed(added)

    def record_events(self, events: Iterable[Event], checked: Collection[str]) -> list[StoredEvent]:
        """Adds what became of articles, all of it or nothing; gives what was not known before.

        `checked` are the articles that were looked up: what no longer holds of them ends.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                added = record_events(self._db, events, checked)
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(
                f"The events could not be stored in {self.path}: {error}. None was stored."
            ) from None
        return added

    def events(self, article_id: str | None = None, *, history: bool = False) -> list[StoredEvent]:
        """What has happened to articles since they were read; `history`: all there ever was."""
        return open_events(self._db, article_id, history=history)

    def _insert(self, bundle: Bundle) -> dict[str, int]:
        run = bundle.provenance
        added = dict.fromkeys(
            ("run", "claim", "article", "finding", "verdict", "concept", "edge", "edge_evidence"), 0
        )

        def add(table: str, columns: str, values: tuple[object, ...]) -> bool:
            marks = ",".join("?" * len(values))
            sql = f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
            new = self._db.execute(sql, tuple(map(_storable, values))).rowcount == 1
            added[table] += new
            return new

        def add_node(node: Node) -> None:
            add(
                "concept",
                "curie,name,label,linked",
                (node.curie, node.name, node.label, node.linked),
            )

        (position,) = self._db.execute("SELECT count(*) FROM run").fetchone()
        add(
            "run",
            "id,project,tool_version,model_hash,config_hash,source,at,position",
            (run.run_id, bundle.project, run.tool_version, run.model_hash, run.config_hash,
             run.source, run.at, position),
        )  # fmt: skip
        for number, claim in enumerate(bundle.claims):
            data = _dump(claim)
            old = self._db.execute(
                "SELECT data FROM claim WHERE project=? AND id=?", (bundle.project, claim.id)
            ).fetchone()
            if old and old[0] != data:
                self._db.execute(
                    "UPDATE claim SET statement=?, data=?, run_id=? WHERE project=? AND id=?",
                    (claim.statement, data, run.run_id, bundle.project, claim.id),
                )
                added["claim"] += 1
            add(
                "claim",
                "project,id,statement,data,position,run_id",
                (bundle.project, claim.id, claim.statement, data, number, run.run_id),
            )
        for annotated in bundle.articles:
            self._insert_article(annotated, run.run_id, add, add_node)
        current: list[str] = []
        for finding in bundle.findings:
            current.append(finding.id)
            add(
                "finding",
                "id,project,claim_id,article_id,article_version,stance,score,excluded,data,run_id",
                (finding.id, bundle.project, finding.claim_id, finding.article_id,
                 finding.article_version, finding.stance, finding.score, finding.excluded,
                 _dump(finding), run.run_id),
            )  # fmt: skip
        self._supersede("finding", bundle.project, current, run.run_id)
        for verdict in bundle.verdicts:
            add(
                "verdict",
                "id,project,claim_id,verdict,certainty,data,run_id",
                (verdict.id, bundle.project, verdict.claim_id, verdict.verdict,
                 verdict.certainty, _dump(verdict), run.run_id),
            )  # fmt: skip
        self._supersede("verdict", bundle.project, [v.id for v in bundle.verdicts], run.run_id)
        return added

    def _insert_article(
        self,
        annotated: Annotated,
        run_id: str,
        add: Callable[[str, str, tuple[object, ...]], bool],
        add_node: Callable[[Node], None],
    ) -> None:
        article = annotated.article
        data = _dump(annotated)
        reading = _digest(data)
        new = add(
            "article",
            "id,version,reading,pmid,title,year,journal,design,retracted,data,run_id",
            (article.id, article.version, reading, article.pmid, article.title, article.year,
             article.journal, annotated.study.design, article.status.retracted, data, run_id),
        )  # fmt: skip
        this = (article.id, article.version, reading)
        self._db.execute(
            "UPDATE article SET superseded_by=NULL WHERE id=? AND version=? AND reading=?", this
        )
        self._db.execute(
            "UPDATE article SET superseded_by=? WHERE id=? AND superseded_by IS NULL "
            "AND NOT (version=? AND reading=?)",
            (run_id, *this),
        )
        if not new:
            return
        take_up(self._db, article, reading, run_id)
        for edge, relation in edges_of(annotated):
            for node in (edge.subject, edge.object, edge.mediator):
                if node is not None:
                    add_node(node)
            add(
                "edge",
                "id,subject,predicate,object,direction,negated,mediator",
                (edge.id, edge.subject.curie, edge.predicate, edge.object.curie, edge.direction,
                 edge.negated, edge.mediator.curie if edge.mediator else None),
            )  # fmt: skip
            add(
                "edge_evidence",
                "relation_id,edge_id,article_id,article_version,role,certainty,score,quote,start,end,run_id",
                (relation.id, edge.id, article.id, article.version, relation.role,
                 relation.certainty, relation.score, quote_of(article, relation),
                 *relation.sentence, run_id),
            )  # fmt: skip

    def _supersede(self, table: str, project: str, current: list[str], run_id: str) -> None:
        """Marks what an older run said and this one does not; revives what is said again."""
        self._db.execute("CREATE TEMP TABLE IF NOT EXISTS now (id TEXT PRIMARY KEY)")
        self._db.execute("DELETE FROM now")
        self._db.executemany("INSERT OR IGNORE INTO now VALUES (?)", ((i,) for i in current))
        self._db.execute(
            f"UPDATE {table} SET superseded_by=? WHERE project=? AND superseded_by IS NULL "  # noqa: S608
            "AND id NOT IN (SELECT id FROM now)",
            (run_id, project),
        )
        self._db.execute(
            f"UPDATE {table} SET superseded_by=NULL WHERE superseded_by IS NOT NULL "  # noqa: S608
            "AND id IN (SELECT id FROM now)"
        )

    # --- reading

    def _latest(self) -> tuple[str, ...]:
        row = self._db.execute(
            "SELECT id, project, tool_version, model_hash, config_hash, source, at FROM run "
            "ORDER BY position DESC LIMIT 1"
        ).fetchone()
        if row is None:
            raise StoreError(
                f"The store {self.path} is empty. Fill it with `textmine run --store` or "
                "`textmine store push`."
            )
        found: tuple[str, ...] = row
        return found

    def project(self) -> str:
        return self._latest()[1]

    def provenance(self) -> Provenance:
        run_id, _, tool, model, config, source, at = self._latest()
        return Provenance(run_id, tool, model, config, source, at)

    def claims(self) -> list[Claim]:
        rows = self._db.execute(
            "SELECT data FROM claim WHERE project=? ORDER BY position", (self.project(),)
        )
        return [from_json(Claim, json.loads(data)) for (data,) in rows]

    def verdicts(self) -> list[Verdict]:
        rows = self._db.execute(
            "SELECT v.data FROM verdict v JOIN claim c ON c.project=v.project AND c.id=v.claim_id "
            "WHERE v.project=? AND v.superseded_by IS NULL ORDER BY c.position",
            (self.project(),),
        )
        return [from_json(Verdict, json.loads(data)) for (data,) in rows]

    def findings(self, claim_id: str | None = None) -> Iterator[Finding]:
        rows = self._db.execute(
            "SELECT data FROM finding WHERE project=? AND superseded_by IS NULL "
            "AND (? IS NULL OR claim_id=?) ORDER BY claim_id, article_id",
            (self.project(), claim_id, claim_id),
        )
        for (data,) in rows:
            yield from_json(Finding, json.loads(data))

    def article(self, article_id: str, version: int | None = None) -> Annotated:
        row = self._db.execute(
            "SELECT data FROM article WHERE id=? AND superseded_by IS NULL "
            "AND (? IS NULL OR version=?) ORDER BY version DESC LIMIT 1",
            (article_id, version, version),
        ).fetchone()
        if row is None:
            raise StoreError(f"The store {self.path} has no article {article_id}.")
        return annotated_from_json(json.loads(row[0]))

    def articles(self) -> Iterator[Annotated]:
        rows = self._db.execute(
            "SELECT data FROM article WHERE superseded_by IS NULL ORDER BY id, version"
        )
        for (data,) in rows:
            yield annotated_from_json(json.loads(data))

    def verify(self) -> list[str]:
        """What is wrong with the store, in words; empty when all is well."""
        wrong = [f"SQLite: {row[0]}" for row in self._db.execute("PRAGMA integrity_check")]
        wrong = [line for line in wrong if line != "SQLite: ok"]
        for row in self._db.execute("PRAGMA foreign_key_check"):
            wrong.append(f"{row[0]} row {row[1]} points to a missing row of {row[2]}")
        texts: dict[tuple[str, int], str] = {}
        for annotated in self.articles():
            article = annotated.article
            texts[article.id, article.version] = article.text
            wrong.extend(
                f"article {article.id}: mention {m.id} says {m.text!r} at {m.start}-{m.end}"
                for m in annotated.mentions
                if article.text[m.start : m.end] != m.text
            )
        for finding in self.findings():
            text = texts.get((finding.article_id, finding.article_version))
            if text is None and finding.article_version == 0:
                continue  # It says itself that the article was not to be had.
            if text is None:
                wrong.append(
                    f"finding {finding.id} is about a missing article {finding.article_id}"
                )
                continue
            wrong.extend(
                f"finding {finding.id}: the quote at {r.start}-{r.end} is not in the article"
                for r in finding.rationale
                if text[r.start : r.end] != r.text
            )
        return wrong

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _dump(record: Any) -> str:
    text = json.dumps(as_json(record), ensure_ascii=False, separators=(",", ":"))
    # SQLite stores UTF-8: a lone surrogate travels as its JSON escape.
    try:
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(as_json(record), separators=(",", ":"))
    return text


def _storable(value: object) -> object:
    """A column's value; a lone surrogate shows as ? there, the record itself keeps it (`_dump`)."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _digest(data: str) -> str:
    return hashlib.sha256(data.encode()).hexdigest()[:16]
