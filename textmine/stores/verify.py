"""Proves a store: every row against the contract, its hash, its quotes and its neighbours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from textmine.errors import TextmineError
from textmine.records import Annotated, annotated_from_json, content_id
from textmine.stores.edges import edge_id, edges_of
from textmine.stores.rows import decision_id
from textmine.stores.schemas import check_line
from textmine.stores.tables import Row, Table, check_row, tables
from textmine.stores.text import column_text, digest, plain_text

__all__ = ["verify"]

# A damaged store can have very many faults of one kind; what is shown of each ends here.
MOST = 50


class _Readable(Protocol):
    def rows(self, name: str, /) -> Iterator[Row]: ...
    def check(self) -> list[str]: ...


def verify(store: _Readable) -> list[str]:
    """What is wrong, in words; empty when all is well."""
    return store.check() + _Verifier(store).run()


class _Verifier:
    """Reads every table once, in order, and remembers what later ones refer to."""

    def __init__(self, store: _Readable) -> None:
        self.store = store
        self.wrong: list[str] = []
        self.keys: dict[str, set[Any]] = {}
        self.texts: dict[tuple[str, int], list[str]] = {}
        self.relations: dict[tuple[str, int], set[str]] = {}
        self.evidence: set[tuple[str, str, str]] = set()
        self.read: dict[str, int] = {}
        self.current: dict[tuple[str, str], int] = {}
        self.counts: dict[str, Mapping[str, int]] = {}
        self.newest: dict[str, tuple[int, str]] = {}
        self.positions: dict[str, int] = {}
        self.decided: set[str] = set()
        self.added: set[str] = set()
        self.orphans: dict[str, str] = {}
        self.replaced: dict[str, str] = {}

    def run(self) -> list[str]:
        for name, place in tables().items():
            if name in ("run", "concept", "edge", "event", "article", "finding", "verdict"):
                self.keys[name] = set()
            check = getattr(self, f"_{name}", None)
            faults = silent = 0
            for row in self.store.rows(name):
                before = len(self.wrong)
                self._row(place, row)
                if check is not None:
                    try:
                        check(place.as_dict(row))
                    except (
                        KeyError,
                        TypeError,
                        ValueError,
                        AttributeError,
                        TextmineError,
                    ) as error:
                        key = "/".join(map(str, place.key_of(row)))
                        self._say(name, key, f"it cannot be read: {error}")
                faults += len(self.wrong) > before
                if faults > MOST and len(self.wrong) > before:
                    # What follows is read all the same: later rows refer to it.
                    silent += 1
                    del self.wrong[before:]
            if silent:
                self.wrong.append(f"{name}: {silent} more rows are wrong")
        self._count()
        self._evidence()
        self._decided()
        return self.wrong

    def _say(self, name: str, key: object, fault: str) -> None:
        self.wrong.append(f"{name} {key}: {fault}")

    def _row(self, place: Table, row: Row) -> None:
        key = place.key_of(row)
        if place.name in self.keys:
            self.keys[place.name].add(key[-1] if place.name != "article" else key[0])
        try:
            check_row(place.name, row)
        except TextmineError as error:
            self.wrong.append(str(error).replace(" Nothing of this run was stored.", ""))
        for column, value in zip(place.columns, row, strict=True):
            if column.references and value is not None:
                parent = column.references.partition(".")[0]
                if parent in self.keys and value not in self.keys[parent]:
                    self._say(
                        place.name, "/".join(map(str, key)),
                        f"{column.name} {value} is no row of {parent}",
                    )  # fmt: skip

    def _line(self, name: str, row: Mapping[str, Any], kind: str) -> Any:
        """The row's `data`, held to its schema; None when it is no JSON."""
        who = row.get("id", row.get("article_id"))
        try:
            line = json.loads(row["data"])
        except ValueError as error:
            self._say(name, who, f"its data is no JSON: {error}")
            return None
        try:
            check_line(kind, str(who), line)
        except TextmineError as error:
            self.wrong.append(str(error).replace(" Nothing of this run was stored.", ""))
        for key in ("id", "claim_id", "article_id", "stance", "verdict", "certainty", "score"):
            if key in row and key in line and row[key] != _plain(line[key]):
                self._say(
                    name, row["id"], f"the column {key} says {row[key]!r}, data {line[key]!r}"
                )
        return line

    # --- what is checked of each table

    def _run(self, row: Mapping[str, Any]) -> None:
        self.counts[row["id"]] = json.loads(row["counts"])
        place = (row["position"], row["id"])
        self.newest[row["project"]] = max(place, self.newest.get(row["project"], place))

    def _run_article(self, row: Mapping[str, Any]) -> None:
        self.read[row["run_id"]] = self.read.get(row["run_id"], 0) + 1

    def _claim(self, row: Mapping[str, Any]) -> None:
        if digest(row["data"]) != row["content"]:
            self._say("claim", row["id"], "its content is not what its hash says")
        if self._line("claim", row, "claim") and row["superseded_by"] is None:
            self._is_current(row["project"], "claim")

    def _article(self, row: Mapping[str, Any]) -> None:
        name = row["id"]
        if digest(row["data"]) != row["reading"]:
            self._say("article", name, "its reading is not what its hash says: it was changed")
        line = self._line("article", row, "annotated")
        if line is None:
            return
        annotated = annotated_from_json(line)
        place = (name, row["version"])
        self.texts.setdefault(place, []).append(annotated.article.text)
        known = self.relations.setdefault(place, set())
        known |= {r.id for r in annotated.relations}
        self.evidence |= {
            (column_text(relation.id), row["reading"], edge.id)
            for edge, relation in self._edges(annotated)
        }
        self.wrong.extend(_misplaced(annotated))

    def _edges(self, annotated: Annotated) -> Iterator[tuple[Any, Any]]:
        try:
            yield from edges_of(annotated)
        except KeyError as error:
            self._say(
                "article", annotated.article.id, f"a relation names {error}, no mention of it"
            )

    def _study_card(self, row: Mapping[str, Any]) -> None:
        self._line("study_card", row, "study_card")

    def _finding(self, row: Mapping[str, Any]) -> None:
        line = self._line("finding", row, "finding")
        if line is None:
            return
        if row["superseded_by"] is None:
            self._is_current(row["project"], "finding")
        place = (row["article_id"], row["article_version"])
        texts = self.texts.get(place)
        if texts is None:
            # Version 0 says itself that the article was not to be had.
            if row["article_version"]:
                self._say("finding", row["id"], f"it is about a missing article {place[0]}")
            return
        for quote in line["rationale"]:
            if all(text[quote["start"] : quote["end"]] != quote["text"] for text in texts):
                where = f"{quote['start']}-{quote['end']}"
                self._say("finding", row["id"], f"the quote at {where} is not in the article")
        for relation in line["relations"]:
            if relation not in self.relations[place]:
                self._say("finding", row["id"], f"its relation {relation} is not in the article")

    def _quote(self, row: Mapping[str, Any]) -> None:
        texts = self.texts.get((row["article_id"], row["article_version"]), [])
        text = plain_text(row["text"])
        if all(t[row["start"] : row["end"]] != text for t in texts):
            self._say("quote", row["id"], f"it is not in article {row['article_id']}")
        place = (plain_text(row["article_id"]), row["article_version"], row["start"], row["end"])
        if content_id("q", *place, text) != row["id"]:
            self._say("quote", row["id"], "its id is not the hash of its words and place")

    def _verdict(self, row: Mapping[str, Any]) -> None:
        line = self._line("verdict", row, "verdict")
        if line is None:
            return
        if row["superseded_by"] is None:
            self._is_current(row["project"], "verdict")
        elif row["superseded_by"] not in self.keys["run"] | self.keys["event"]:
            self._say("verdict", row["id"], f"superseded_by {row['superseded_by']} is not known")
        named = [*line["findings"], *(e["finding"] for e in line["excluded"])]
        for finding in [f for f in named if column_text(f) not in self.keys["finding"]][:5]:
            self._say("verdict", row["id"], f"its finding {finding} is missing")

    def _grade(self, row: Mapping[str, Any]) -> None:
        if row["finding_id"] not in self.keys["finding"]:
            self._say("grade", row["finding_id"], "its finding is missing")

    def _decision(self, row: Mapping[str, Any]) -> None:
        corrected: Any = None if row["corrected"] is None else json.loads(row["corrected"])
        # What people added was never among the machine's findings, nor what they say of it then.
        if row["kind"] == "added_finding":
            self.added.add(row["finding"])
            if column_text(corrected["article_id"]) not in self.keys["article"]:
                self._say("decision", row["id"], f"no article {corrected['article_id']} is there")
        elif row["finding"] not in self.keys["finding"]:
            self.orphans[row["id"]] = row["finding"]
        words = {k: plain_text(v) if isinstance(v, str) else v for k, v in row.items()}
        if decision_id({**words, "corrected": corrected}) != row["id"]:
            self._say("decision", row["id"], "its id is not the hash of its words: it was changed")
        self.decided.add(row["id"])
        if row["supersedes"] is not None:
            self.replaced[row["id"]] = row["supersedes"]

    def _event(self, row: Mapping[str, Any]) -> None:
        if row["article_id"] not in self.keys["article"]:
            self._say("event", row["id"], f"its article {row['article_id']} is missing")

    def _edge(self, row: Mapping[str, Any]) -> None:
        names = ("subject", "predicate", "object", "direction", "negated", "mediator")
        parts: list[Any] = [row[name] for name in names]
        plain: list[Any] = [plain_text(p) if isinstance(p, str) else p for p in parts]
        if edge_id(*plain) != row["id"]:
            self._say("edge", row["id"], "its id is not the hash of what it joins: it was changed")

    def _edge_evidence(self, row: Mapping[str, Any]) -> None:
        key = (row["relation_id"], row["reading"], row["edge_id"])
        if key not in self.evidence:
            self._say("edge_evidence", row["relation_id"], "no reading of an article says it")
        self.evidence.discard(key)
        texts = self.texts.get((row["article_id"], row["article_version"]), [])
        quote = plain_text(row["quote"])
        if all(t[row["start"] : row["end"]] != quote for t in texts):
            self._say("edge_evidence", row["relation_id"], "its quote is not in the article")

    def _change(self, row: Mapping[str, Any]) -> None:
        last = self.positions.get("change", 0)
        if row["position"] != last + 1:
            self._say("change", row["position"], f"the log has a gap behind {last}")
        self.positions["change"] = row["position"]

    # --- sums

    def _is_current(self, project: str, name: str) -> None:
        self.current[project, name] = self.current.get((project, name), 0) + 1

    def _count(self) -> None:
        """Rows against the counts of the runs: those of the newest are what is current."""
        for run_id, counts in self.counts.items():
            if "article" in counts and self.read.get(run_id, 0) != counts["article"]:
                self._say(
                    "run", run_id,
                    f"of {counts['article']} articles {self.read.get(run_id, 0)} are there",
                )  # fmt: skip
        for project, (_, run_id) in self.newest.items():
            for name in ("claim", "finding", "verdict"):
                wanted = self.counts[run_id].get(name)
                there = self.current.get((project, name), 0)
                if wanted is not None and wanted != there:
                    self._say(
                        "run", run_id, f"it has {wanted} rows of {name}, and {there} are current"
                    )

    def _decided(self) -> None:
        """Decisions stand in the order of their ids: what they refer to may come behind them."""
        for key, finding in self.orphans.items():
            if finding not in self.added:
                self._say("decision", key, f"its finding {finding} is missing")
        for key, other in self.replaced.items():
            if other not in self.decided:
                self._say("decision", key, f"the decision {other} that it replaces is missing")

    def _evidence(self) -> None:
        lost = sorted(self.evidence)
        for relation, _, edge in lost[:MOST]:
            self._say("edge", edge, f"its evidence {relation} is missing")
        if len(lost) > MOST:
            self.wrong.append(f"edge_evidence: {len(lost) - MOST} more pieces are missing")


def _plain(value: Any) -> Any:
    return column_text(value) if isinstance(value, str) else value


def _misplaced(annotated: Annotated) -> Iterator[str]:
    article, text = annotated.article, annotated.article.text
    for m in annotated.mentions:
        if text[m.start : m.end] != m.text:
            yield f"article {article.id}: mention {m.id} says {m.text!r}, not at {m.start}-{m.end}"
    for q in annotated.study.quotes:
        if text[q.start : q.end] != q.text:
            yield f"article {article.id}: the study card's quote {q.text[:60]!r} is not in its text"
    for s in annotated.sentences:
        if not 0 <= s.start <= s.end <= len(text):
            yield f"article {article.id}: the sentence {s.start}-{s.end} lies outside its text"
