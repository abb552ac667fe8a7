"""A store in a SQL database: the same code for SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from types import TracebackType
from typing import Any, Self

from textmine.errors import ContractViolation, StaleDecision, StoreError
from textmine.pubmed.events import Event
from textmine.records import (
    Annotated,
    Claim,
    Decision,
    Finding,
    Provenance,
    Verdict,
    annotated_from_json,
    from_json,
)
from textmine.stores import push as pushing
from textmine.stores.database import Database, columns_of, in_groups
from textmine.stores.events import open_events, record_events
from textmine.stores.model import Bundle, Pushed, StoredEvent
from textmine.stores.rows import decision_row
from textmine.stores.tables import Row, check_row, table, tables
from textmine.stores.text import column_text, plain_text, words
from textmine.stores.verify import verify

__all__ = ["SQLStore"]

_BATCH = 2000


class SQLStore:
    """Both cards in one database. Rows are keyed by content; see `Store` for the methods."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def url(self) -> str:
        return self._database.label

    @property
    def database(self) -> Database:
        """The database itself, for parts of textmine that keep tables of their own in it."""
        return self._database

    # --- writing

    def push(self, bundle: Bundle) -> Pushed:
        """Adds a run: all of it, or nothing when anything goes wrong.

        A run is named by its content: one that is there already changes nothing.
        """
        with self._database.transaction("The run could not be stored"):
            return pushing.push(self._database, bundle)

    def record_events(self, events: Iterable[Event], checked: Collection[str]) -> list[StoredEvent]:
        """Adds what became of articles, all of it or nothing; gives what was not known before.

        `checked` are the articles that were looked up: what no longer holds of them ends. Verdicts
        on withdrawn (or reinstated) studies are graded anew; the log of changes says what became of
        every finding, verdict and edge.
        """
        with self._database.transaction("The events could not be stored"):
            return record_events(self._database, events, checked)

    def decide(self, decision: Decision) -> bool:
        """Keeps a reviewer's word; False when just this word is kept already.

        StoreError for an unknown finding, StaleDecision for one that is no longer current.
        """
        row = decision_row(decision)
        with self._database.transaction("The decision could not be stored"):
            found = self._database.read(
                "SELECT superseded_by FROM finding WHERE id = ?", (column_text(decision.finding),)
            )
            added = decision.kind == "added_finding"
            if not found and not added:
                raise StoreError(f"The store {self.url} has no finding {decision.finding}.")
            superseded = not added and all(by for (by,) in found)
            if superseded or decision.hash != decision.finding:
                raise StaleDecision(
                    f"Finding {decision.finding} is no longer what was judged: a newer run reads "
                    "the record otherwise. Judge the finding that took its place."
                )
            place = table("decision")
            if self._database.known(place, [place.key_of(row)]):
                return False
            self._database.add(place, [row])
            return True

    def load(self, rows: Iterable[tuple[str, Row]], *, check: bool = True) -> dict[str, int]:
        """Takes in every row of another store, into an empty one: a copy without loss.

        Each row is held to the contract, unless `check` is False.
        """
        added = dict.fromkeys(tables(), 0)
        with self._database.transaction("The rows could not be stored"):
            if self._database.read("SELECT 1 FROM run LIMIT 1"):
                raise StoreError(
                    f"The store {self.url} is not empty: a whole store can only be copied into a "
                    "new one. Give another, or push the runs one by one."
                )
            for name, group in _by_table(rows):
                for row in group if check else ():
                    check_row(name, row)
                pushing.add(self._database, name, group)
                added[name] += len(group)
        return added

    # --- reading records

    def _latest(self) -> Row:
        rows = self._database.read(
            "SELECT id, project, tool_version, model_hash, config_hash, source, at FROM run "
            "ORDER BY position DESC LIMIT 1"
        )
        if not rows:
            raise StoreError(
                f"The store {self.url} is empty. Fill it with `textmine run --store` or "
                "`textmine store push`."
            )
        return rows[0]

    def _project(self) -> str:
        name: str = self._latest()[1]
        return name

    def project(self) -> str:
        return plain_text(self._project())

    def provenance(self) -> Provenance:
        run_id, _, tool, model, config, source, at = self._latest()
        return Provenance(plain_text(run_id), tool, model, config, plain_text(source), at)

    def claims(self) -> list[Claim]:
        rows = self._database.read(
            "SELECT data FROM claim WHERE project = ? AND superseded_by IS NULL "
            "ORDER BY position, id",
            (self._project(),),
        )
        return [from_json(Claim, json.loads(data)) for (data,) in rows]

    def verdicts(self) -> list[Verdict]:
        rows = self._database.read(
            "SELECT v.data FROM verdict v JOIN claim c ON c.project = v.project "
            "AND c.id = v.claim_id AND c.superseded_by IS NULL "
            "WHERE v.project = ? AND v.superseded_by IS NULL ORDER BY c.position, v.id",
            (self._project(),),
        )
        return [from_json(Verdict, json.loads(data)) for (data,) in rows]

    def findings(self, claim_id: str | None = None) -> Iterator[Finding]:
        one = "" if claim_id is None else "AND claim_id = ? "
        rows = self._database.stream(
            "SELECT data FROM finding WHERE project = ? AND superseded_by IS NULL "  # noqa: S608
            f"{one}ORDER BY claim_id, article_id",
            (self._project(), *(() if claim_id is None else (column_text(claim_id),))),
        )
        for (data,) in rows:
            yield from_json(Finding, json.loads(data))

    def article(self, article_id: str, version: int | None = None) -> Annotated:
        one = "" if version is None else "AND version = ? "
        rows = self._database.read(
            "SELECT data FROM article WHERE id = ? AND superseded_by IS NULL "  # noqa: S608
            f"{one}ORDER BY version DESC LIMIT 1",
            (column_text(article_id), *(() if version is None else (version,))),
        )
        if not rows:
            raise StoreError(f"The store {self.url} has no article {article_id}.")
        return annotated_from_json(json.loads(rows[0][0]))

    def articles(self) -> Iterator[Annotated]:
        rows = self._database.stream(
            "SELECT data FROM article WHERE superseded_by IS NULL ORDER BY id, version"
        )
        for (data,) in rows:
            yield annotated_from_json(json.loads(data))

    def events(self, article_id: str | None = None, *, history: bool = False) -> list[StoredEvent]:
        """What has happened to articles since they were read; `history`: all there ever was."""
        return open_events(self._database, article_id, history=history)

    def decisions(self, finding_id: str | None = None) -> list[Decision]:
        """Reviewers' words in the order of their dates."""
        where = {} if finding_id is None else {"finding": column_text(finding_id)}
        rows = sorted(self.find("decision", **where), key=lambda r: (r["at"], r["id"]))
        return [_decision(row) for row in rows]

    # --- reading rows

    def rows(self, name: str, /, *, after: int = 0) -> Iterator[Row]:
        """Every row of a table, in the order of its key; events in the order of their coming.

        So a row stands behind every row that it refers to. `after`: of the log, only what stands
        behind that position.
        """
        place = table(name)
        order = ", ".join(f'"{key}"' for key in (("position",) if name == "event" else place.key))
        where = "WHERE position > ? " if after else ""
        sql = f'SELECT {columns_of(place)} FROM "{name}" {where}ORDER BY {order}'  # noqa: S608
        yield from map(_typed(name), self._database.stream(sql, (after,) if after else ()))

    def dump(self) -> Iterator[tuple[str, Row]]:
        """Every row of every table, in one state of the store."""
        with self._database.snapshot():
            for name in tables():
                for row in self.rows(name):
                    yield name, row

    def find(self, name: str, /, **equals: Any) -> list[dict[str, Any]]:
        """The rows of a table with these values, as dictionaries, in the order of its key."""
        place = table(name)
        tests = [
            f'"{place.columns[place.place(key)].name}" ' + ("IS NULL" if value is None else "= ?")
            for key, value in equals.items()
        ]
        where = f"WHERE {' AND '.join(tests)} " if tests else ""
        order = ", ".join(f'"{key}"' for key in place.key)
        sql = f'SELECT {columns_of(place)} FROM "{name}" {where}ORDER BY {order}'  # noqa: S608
        values = [value for value in equals.values() if value is not None]
        return [place.as_dict(row) for row in map(_typed(name), self._database.read(sql, values))]

    def search(self, text: str, *, limit: int = 20) -> list[dict[str, Any]]:
        """Quotes that hold all the words of `text`, by article and place."""
        wanted = list(dict.fromkeys(words(text)))
        if not wanted:
            raise StoreError(f"There is no word to look for in {text!r}.")
        found = self._database.search(wanted, limit)
        rows = [row for key in found for row in self.find("quote", id=key)]
        return sorted(rows, key=lambda r: (r["article_id"], r["article_version"], r["start"]))

    def check(self) -> list[str]:
        """What the database itself finds wrong."""
        return self._database.check()

    def verify(self) -> list[str]:
        """What is wrong with the store, in words; empty when all is well."""
        with self._database.snapshot():
            return verify(self)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _decision(row: dict[str, Any]) -> Decision:
    line: dict[str, Any] = {
        k: plain_text(v) if isinstance(v, str) else v for k, v in row.items() if k != "id"
    }
    corrected = row["corrected"]
    line["corrected"] = None if corrected is None else json.loads(corrected)
    return Decision(**line)


def _typed(name: str) -> Any:
    """Turns 0 and 1 into booleans where the contract has them."""
    places = [i for i, column in enumerate(table(name).columns) if column.kind == "boolean"]
    if not places:
        return tuple

    def convert(row: Row) -> Row:
        out = list(row)
        for place in places:
            out[place] = bool(out[place])
        return tuple(out)

    return convert


def _by_table(rows: Iterable[tuple[str, Row]]) -> Iterator[tuple[str, list[Row]]]:
    """Rows in groups of one table; tables must come in their order."""
    order = {name: number for number, name in enumerate(tables())}
    at = -1
    for group in in_groups(rows, _BATCH):
        start = 0
        while start < len(group):
            name = group[start][0]
            if name not in order:
                raise ContractViolation(f"There is no table {name} in the contract.")
            if order[name] < at:
                raise ContractViolation(f"Rows of {name} came behind those that refer to them.")
            at = order[name]
            end = start
            while end < len(group) and group[end][0] == name:
                end += 1
            yield name, [row for _, row in group[start:end]]
            start = end
