"""From an edge, a finding or a verdict back to the sentence, the record and the raw XML."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from textmine.errors import StoreError, TextmineError
from textmine.stores.text import column_text, plain_text

__all__ = ["raw_xml", "show", "trace"]

_RUN = ("id", "project", "tool_version", "model_hash", "config_hash", "source", "query",
        "fetched_at", "at")  # fmt: skip


class _Findable(Protocol):
    @property
    def url(self) -> str: ...
    def find(self, table: str, /, **equals: Any) -> list[dict[str, Any]]: ...


def trace(store: _Findable, key: str, *, archive: Path | None = None) -> dict[str, Any]:
    """What stands behind a verdict, finding, edge, relation or article, as nested plain values.

    `archive`: look for the raw records there instead of where the run found them. Raises StoreError
    for an id that the store does not know.
    """
    walker = _Walker(store, archive)
    name = column_text(key)
    for table, column, walk in (
        ("verdict", "id", walker.verdict),
        ("finding", "id", walker.finding),
        ("edge", "id", walker.edge),
        ("edge_evidence", "relation_id", walker.relation),
        ("article", "id", walker.article_row),
    ):
        rows = store.find(table, **{column: name})
        if rows:
            # Current rows before superseded ones.
            rows.sort(key=lambda row: row.get("superseded_by") is not None)
            return walk(rows[0])
    raise StoreError(
        f"The store {store.url} has no verdict, finding, edge, relation or article {key}. Ids "
        "stand in the lines of `textmine store export` and in the tables' first columns."
    )


class _Walker:
    def __init__(self, store: _Findable, archive: Path | None) -> None:
        self.find, self.archive = store.find, archive
        self._runs: dict[str, dict[str, Any]] = {}
        self._articles: dict[tuple[str, int, str], dict[str, Any]] = {}

    def run(self, key: str) -> dict[str, Any]:
        if key not in self._runs:
            (row,) = self.find("run", id=key)
            self._runs[key] = {name: _plain(row[name]) for name in _RUN}
        return self._runs[key]

    def verdict(self, row: dict[str, Any]) -> dict[str, Any]:
        line = json.loads(row["data"])
        claims = self.find("claim", project=row["project"], id=row["claim_id"])
        spoken: list[dict[str, Any]] = []
        silent = 0
        for key in [*line["findings"], *(e["finding"] for e in line["excluded"])]:
            for found in self.find("finding", project=row["project"], id=column_text(key)):
                if found["stance"] == "insufficient":
                    silent += 1
                else:
                    spoken.append(self.finding(found, short=True))
        return {
            "kind": "verdict",
            **_some(row, "id", "project", "claim_id", "verdict", "certainty", "balance"),
            "state": _state(row),
            "claim": plain_text(claims[0]["statement"]) if claims else None,
            "graded_anew_by": self._events(id=row["cause"]) if row["cause"] else [],
            "findings": spoken,
            "insufficient_findings": silent,
            "run": self.run(row["run_id"]),
        }

    def finding(self, row: dict[str, Any], *, short: bool = False) -> dict[str, Any]:
        line = json.loads(row["data"])
        article = self._article_of(row)
        quotes = [
            {**quote, "stands_there": _stands(quote, article.get("text", ""))}
            for quote in line["rationale"]
        ]
        out = {
            "kind": "finding",
            **_some(row, "id", "project", "claim_id", "stance", "score", "excluded"),
            "state": _state(row),
            "quotes": quotes,
            "relations": [
                found for key in line["relations"] for found in self._relations(row, key)
            ],
            "why": line["why"],
            "article": {k: v for k, v in article.items() if k != "text"},
            "decisions": self._decisions(row["id"]),
        }
        if not short:
            out["verdicts"] = sorted(
                {g["verdict_id"] for g in self.find("grade", finding_id=row["id"])}
            )
            out["run"] = self.run(row["run_id"])
        return out

    def edge(self, row: dict[str, Any]) -> dict[str, Any]:
        evidence = [self._evidence(e) for e in self.find("edge_evidence", edge_id=row["id"])]
        pair = {k: row[k] for k in ("subject", "predicate", "object")}
        others = [e for e in self.find("edge", **pair) if e["id"] != row["id"]]
        return {
            "kind": "edge",
            **self._joined(row),
            "evidence": evidence,
            "same_pair": [_some(e, "id", "direction", "negated", "mediator") for e in others],
        }

    def relation(self, row: dict[str, Any]) -> dict[str, Any]:
        (edge,) = self.find("edge", id=row["edge_id"])
        return {"kind": "relation", **self._evidence(row), "edge": self._joined(edge)}

    def article_row(self, row: dict[str, Any]) -> dict[str, Any]:
        found = self._article(row["id"], row["version"], row["reading"], row["run_id"])
        findings = self.find("finding", article_id=row["id"])
        return {
            "kind": "article",
            **{k: v for k, v in found.items() if k != "text"},
            "state": _state(row),
            "findings": [
                {**_some(f, "id", "claim_id", "stance"), "state": _state(f)}
                for f in findings
                if f["stance"] != "insufficient"
            ],
            "run": self.run(row["run_id"]),
        }

    # --- parts

    def _joined(self, row: dict[str, Any]) -> dict[str, Any]:
        def node(curie: str | None) -> str | None:
            if curie is None:
                return None
            (found,) = self.find("concept", curie=curie)
            return f"{plain_text(found['name'])} ({plain_text(curie)})"

        return {
            "id": row["id"],
            "subject": node(row["subject"]),
            **_some(row, "predicate", "direction", "negated"),
            "object": node(row["object"]),
            "mediator": node(row["mediator"]),
        }

    def _evidence(self, row: dict[str, Any]) -> dict[str, Any]:
        article = self._article(
            row["article_id"], row["article_version"], row["reading"], row["run_id"]
        )
        quote = {"start": row["start"], "end": row["end"], "text": plain_text(row["quote"])}
        findings = [
            f
            for f in self.find("finding", article_id=row["article_id"])
            if row["relation_id"] in json.loads(f["data"])["relations"]
        ]
        return {
            "relation": row["relation_id"],
            **_some(row, "role", "certainty", "score"),
            "state": _state(row),
            "quote": {**quote, "stands_there": _stands(quote, article.get("text", ""))},
            "article": {k: v for k, v in article.items() if k != "text"},
            "findings": [_some(f, "id", "claim_id", "stance") for f in findings],
            "decisions": [d for f in findings for d in self._decisions(f["id"])],
            "run": self.run(row["run_id"]),
        }

    def _relations(self, row: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
        rows = self.find("edge_evidence", relation_id=column_text(key))
        rows.sort(key=lambda r: r["superseded_by"] is not None)
        for found in rows[:1]:
            (edge,) = self.find("edge", id=found["edge_id"])
            yield {"relation": key, "edge": self._joined(edge)}

    def _article_of(self, row: dict[str, Any]) -> dict[str, Any]:
        """The article as the finding's run had read it."""
        place = {"article_id": row["article_id"], "article_version": row["article_version"]}
        read = self.find("run_article", run_id=row["run_id"], **place)
        if read:
            return self._article(
                row["article_id"], row["article_version"], read[0]["reading"], row["run_id"]
            )
        for known in self.find("article", id=row["article_id"], version=row["article_version"]):
            return self._article(known["id"], known["version"], known["reading"], known["run_id"])
        return {"id": plain_text(row["article_id"]), "missing": "it was not among the records"}

    def _article(self, key: str, number: int, reading: str, run_id: str) -> dict[str, Any]:
        place = (key, number, reading)
        if place in self._articles:
            return self._articles[place]
        (row,) = self.find("article", id=key, version=number, reading=reading)
        reads = self.find(
            "run_article", run_id=run_id, article_id=key, article_version=number, reading=reading
        ) or self.find("run_article", article_id=key, article_version=number, reading=reading)
        found = {
            **_some(row, "id", "version", "reading", "pmid", "title", "design", "withdrawn",
                    "changed"),
            "events": self._events(article_id=key),
            "raw": self._raw(row["pmid"], reads[0] if reads else None, run_id),
            "text": json.loads(row["data"])["text"],
        }  # fmt: skip
        self._articles[place] = found
        return found

    def _raw(self, pmid: str | None, read: dict[str, Any] | None, run_id: str) -> dict[str, Any]:
        if read is None or read["raw_archive"] is None or pmid is None:
            source = self.run(run_id)["source"]
            return {"found": False, "why": f"it was read from {source}, which is no archive"}
        place = self.archive or Path(plain_text(read["raw_archive"]))
        out = {"archive": str(place), "sha256": read["raw_sha256"], "at": read["raw_at"]}
        try:
            shard, xml = raw_xml(place, pmid, read["raw_sha256"])
        except (TextmineError, OSError) as error:
            return {"found": False, **out, "why": str(error)}
        return {"found": True, **out, "shard": shard, "bytes": len(xml)}

    def _events(self, **equals: Any) -> list[dict[str, Any]]:
        rows = sorted(self.find("event", **equals), key=lambda e: e["position"])
        return [_some(e, "id", "kind", "at", "by_id", "detail", "closes") for e in rows]

    def _decisions(self, finding: str) -> list[dict[str, Any]]:
        rows = self.find("decision", finding=finding)
        return [_some(d, "reviewer", "verdict", "note", "at") for d in rows]


def raw_xml(archive: Path, pmid: str, sha256: str) -> tuple[str, bytes]:
    """(shard, the record's XML as it came). StoreError when the archive has no such content."""
    from textmine.pubmed.archive import Archive

    opened = Archive.open(archive)
    entry = opened.entries.get(pmid)
    for revision in entry.revisions if entry else ():
        if revision.sha256 == sha256:
            return opened.members[revision.member].shard, opened.read(revision)
    raise StoreError(f"{archive} has no record {pmid} with the hash {sha256[:12]}….")


def _stands(quote: dict[str, Any], text: str) -> bool:
    found: bool = text[quote["start"] : quote["end"]] == quote["text"]
    return found


def _plain(value: Any) -> Any:
    return plain_text(value) if isinstance(value, str) else value


def _some(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: _plain(row[name]) for name in names}


def _state(row: dict[str, Any]) -> str:
    by = row.get("superseded_by")
    return "current" if by is None else f"superseded by {by}"


def show(value: Any, indent: int = 0) -> Iterator[str]:
    """The trace as lines for people: empty things are left out."""
    pad = "  " * indent
    if isinstance(value, dict):
        for key, part in value.items():
            if part in (None, "", [], {}):
                continue
            name = key.replace("_", " ")
            if isinstance(part, dict | list):
                yield f"{pad}{name}:"
                yield from show(part, indent + 1)
            else:
                yield f"{pad}{name}: {part}"
    elif isinstance(value, list):
        for part in value:
            lines = list(show(part, indent + 1))
            if lines:
                yield f"{pad}- {lines[0].lstrip()}"
                yield from lines[1:]
    else:
        yield f"{pad}{value}"
