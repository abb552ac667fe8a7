"""The whole path on one machine.

    sources -> articles -> annotated -> findings -> verdicts -> store

Every stage counts what went in and what came out: fetched = parsed + quarantined, and
parsed = read + excluded. Reading is what costs; it is done in parts that are kept under `.parts`,
named by the hash of what was read and of the reader, so that a killed run goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeVar

from textmine import __version__
from textmine.claims.article import load_claims
from textmine.claims.check import check
from textmine.config import Project, file_hash
from textmine.engine.runs import MANIFEST, read_bundle, records_of
from textmine.evidence.rules import Rules
from textmine.evidence.verdict import verdicts
from textmine.lines import LineWriter, Quarantine
from textmine.pubmed.read import Broken, newest, read_articles
from textmine.reading.pipeline import Reader, Unread
from textmine.records import (
    Annotated,
    Article,
    Finding,
    Provenance,
    annotated_from_json,
    article_from_json,
    as_json,
    content_id,
)
from textmine.stores.base import open_store, shown_url

__all__ = ["Options", "Progress", "Summary", "run"]

T = TypeVar("T")
PART_SIZE = 64
PACKAGES = ("biopython", "lxml", "numpy", "scispacy", "spacy")


class Progress(Protocol):
    """Told of every stage: its name, and the number of items when that is known."""

    def __call__(self, stage: str, items: Iterable[T], total: int | None) -> Iterable[T]: ...


@dataclass(frozen=True, slots=True)
class Options:
    """`sources` are paths: files, folders or archives that were fetched before."""

    project: Project
    sources: tuple[Path, ...]
    out: Path
    store: str
    model: str | None = None
    workers: int = 1
    limit: int | None = None
    fetched: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run came to; `manifest` is what stands in manifest.json."""

    manifest: dict[str, Any]

    @property
    def counts(self) -> dict[str, Any]:
        counts: dict[str, Any] = self.manifest["counts"]
        return counts

    @property
    def complete(self) -> bool:
        return not self.counts["quarantined"] and not self.counts["unreadable"]


def run(options: Options, progress: Progress) -> Summary:
    """Runs every stage and leaves the folder of design section 8, without the report."""
    project, out = options.project, options.out
    # Settings are read first: a mistake in them must not show after an hour of reading.
    claims = load_claims(project.claims_path)
    named = project.grade.rules
    rules = Rules.load(project.folder / named) if named else Rules.default()
    folders = [project.folder / folder for folder in project.reading.lexicon]
    reader = Reader(options.model or project.reading.model, lexicon=folders)
    out.mkdir(parents=True, exist_ok=True)
    (out / MANIFEST).unlink(missing_ok=True)

    counts: dict[str, Any] = {}
    with Quarantine(out / "quarantine.jsonl") as quarantine:
        counts |= _parse(options, quarantine, progress)
        counts |= _read(options, reader, quarantine, progress)
    # It stands there empty as well: nothing in it says that nothing was lost.
    (out / "quarantine.jsonl").touch()
    annotated = list(records_of(out / "annotated.jsonl.gz", annotated_from_json))
    findings = _write(
        out / "findings.jsonl.gz",
        progress("check", check(claims, annotated, reader=reader), len(claims) * len(annotated)),
    )
    by_id = {a.article.id: a for a in annotated}
    results = verdicts(findings, by_id, claims=claims, rules=rules)
    _write(out / "verdicts.jsonl", progress("grade", results, len(results)))

    counts |= _count(findings, annotated)
    config_hash = hashlib.sha256(
        json.dumps(
            {
                "project": project.model_dump(mode="json"),
                "claims": file_hash(project.claims_path),
                "rules": rules.fingerprint,
            },
            sort_keys=True,
        ).encode()
    ).hexdigest()
    outputs = {
        name: file_hash(out / name)
        for name in (
            "articles.jsonl.gz",
            "annotated.jsonl.gz",
            "findings.jsonl.gz",
            "verdicts.jsonl",
        )
    }
    provenance = Provenance(
        run_id=content_id("run", __version__, reader.fingerprint, config_hash, *outputs.values()),
        tool_version=__version__,
        model_hash=reader.fingerprint,
        config_hash=config_hash,
        source=", ".join(str(s) for s in options.sources),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    manifest = {
        "textmine": __version__,
        "project": project.name,
        "title": project.title,
        "synthetic": project.synthetic,
        "provenance": as_json(provenance),
        "versions": {name: version(name) for name in PACKAGES},
        "settings": project.model_dump(mode="json"),
        "sources": [str(s) for s in options.sources],
        "fetched": options.fetched,
        "counts": counts,
        "outputs": outputs,
        "retracted": sorted(a.article.id for a in annotated if a.article.status.retracted),
        "claims": [as_json(claim) for claim in claims],
        "rules": rules.model_dump(mode="json"),
    }
    _write_json(out / MANIFEST, manifest)
    with open_store(options.store) as store:
        pushed = store.push(read_bundle(out))
    manifest["stored"] = {"url": shown_url(options.store), "added": pushed.added}
    _write_json(out / MANIFEST, manifest)
    shutil.rmtree(out / ".parts", ignore_errors=True)
    return Summary(manifest)


def _parse(options: Options, quarantine: Quarantine, progress: Progress) -> dict[str, Any]:
    """Sources -> articles.jsonl.gz with every version, excluded.jsonl with what is not read."""
    broken = 0
    articles: list[Article] = []

    def found() -> Iterator[tuple[str, Article | Broken]]:
        for source in options.sources:
            for record in read_articles(source):
                yield str(source), record

    for source, record in progress("parse", islice(found(), options.limit), options.limit):
        if isinstance(record, Broken):
            broken += 1
            quarantine.add(source, record.where, record.reason, record.raw)
        else:
            articles.append(record)
    # An archive and a file hold the same records in different orders: the results do not differ.
    # Among equal versions the order of the source stays, for the later one counts.
    articles.sort(key=_place)
    _write(options.out / "articles.jsonl.gz", articles)
    current, older = newest(articles)
    reasons = [(a, "superseded: a newer or an identical version is read instead") for a in older]
    reasons += [(a, "deleted: PubMed has withdrawn it") for a in current if a.status.deleted]
    excluded = [{"id": a.id, "version": a.version, "reason": reason} for a, reason in reasons]
    _write(options.out / "excluded.jsonl", excluded)
    return {
        "fetched": len(articles) + broken,
        "parsed": len(articles),
        "quarantined": broken,
        "excluded": len(excluded),
    }


def _read(
    options: Options, reader: Reader, quarantine: Quarantine, progress: Progress
) -> dict[str, Any]:
    """articles.jsonl.gz -> annotated.jsonl.gz, in parts that a later run can use again."""
    out = options.out
    articles, _ = newest(records_of(out / "articles.jsonl.gz", article_from_json))
    todo = [a for a in articles if not a.status.deleted]
    parts = out / ".parts"
    unreadable = written = 0

    def read() -> Iterator[Annotated | Unread]:
        for group in _groups(todo, PART_SIZE):
            lines = [json.dumps(as_json(a), ensure_ascii=True) for a in group]
            file = parts / f"{content_id('part', reader.fingerprint, *lines)}.jsonl.gz"
            if file.is_file():
                yield from records_of(file, annotated_from_json)
                continue
            results = list(reader.read_many(group, workers=options.workers))
            if all(isinstance(result, Annotated) for result in results):
                _write(file, results)
            yield from results

    with LineWriter(out / "annotated.jsonl.gz") as output:
        for result in progress("read", read(), len(todo)):
            if isinstance(result, Unread):
                unreadable += 1
                quarantine.add("articles.jsonl.gz", result.article.id, result.reason)
            else:
                output.write(as_json(result))
                written += 1
    return {"read": written, "unreadable": unreadable}


def _count(findings: Sequence[Finding], annotated: Sequence[Annotated]) -> dict[str, Any]:
    stances: dict[str, int] = {}
    for finding in findings:
        stances[finding.stance] = stances.get(finding.stance, 0) + 1
    return {
        "checked": len(annotated),
        "mentions": sum(len(a.mentions) for a in annotated),
        "relations": sum(len(a.relations) for a in annotated),
        "findings": len(findings),
        "stances": dict(sorted(stances.items())),
        "excluded_findings": sum(1 for f in findings if f.excluded and f.stance != "insufficient"),
    }


def _place(article: Article) -> tuple[int, str, int]:
    """Where an article stands: by PMID as a number, then other ids, then by version."""
    number = article.id.isascii() and article.id.isdecimal()
    return (
        (int(article.id), "", article.version) if number else (10**20, article.id, article.version)
    )


def _groups(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _write(path: Path, records: Iterable[T]) -> list[T]:
    kept = []
    with LineWriter(path) as out:
        for record in records:
            out.write(record if isinstance(record, dict) else as_json(record))
            kept.append(record)
    return kept


def _write_json(path: Path, data: dict[str, Any]) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    part.replace(path)
