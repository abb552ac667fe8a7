"""`textmine refresh`: what became of the stored records."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer


def refresh(
    store: Annotated[str, typer.Option(help="The store whose records are looked up again.")],
    archive: Annotated[
        Path | None, typer.Option(help="Keep the records that come in this archive, too.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(help="Where the E-utilities are, if not at NCBI.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    request_timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds for one request, to its last byte.")
    ] = 120.0,
    deadline: Annotated[
        float | None, typer.Option(min=0.1, help="Seconds for the whole run.")
    ] = None,
) -> None:
    """Looks up every stored record at PubMed and tells what changed.

    Retractions, corrections, expressions of concern, new versions, published preprints,
    deletions, mergers: with the findings and verdicts that stand on the record. The store keeps
    the events beside its records, reports show them, and verdicts that stood on a withdrawn study
    are graded anew (`textmine store events` tells what changed).

    \b
    Example:
      textmine refresh --store sqlite:///textmine-run/textmine.db --archive pubmed
    """
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        place = archive or Path(scratch) / "archive"
        code = _refresh(store, place, base_url, as_json, request_timeout, deadline)
    raise typer.Exit(code)


def _refresh(
    url: str,
    archive: Path,
    base_url: str | None,
    as_json: bool,
    request_timeout: float,
    deadline: float | None,
) -> int:
    from textmine.config import Identity
    from textmine.pubmed import fetch as work
    from textmine.pubmed.entrez import BASE_URL
    from textmine.stores.base import open_store

    who = work.credentials(Identity())
    with open_store(url, create=False) as opened:
        old = {a.article.id: a.article for a in opened.articles()}
        findings = list(opened.findings())
        verdicts = opened.verdicts()
    pmids = [a.pmid for a in old.values() if a.pmid and a.pmid.isdecimal()]
    if len(pmids) < len(old):
        print(
            f"{len(old) - len(pmids)} records have no PMID and are not looked up.", file=sys.stderr
        )
    report = work.fetch(
        [], archive, who, base_url=base_url or BASE_URL, pmids=pmids, again=True,
        request_timeout=request_timeout, deadline=deadline,
        log=lambda text: print(text, file=sys.stderr),
    )  # fmt: skip
    events = _events(old, archive, report.missing, report.merged)
    left = {*report.pending, *report.failed}
    with open_store(url, create=False) as opened:
        fresh = opened.record_events(events, [p for p in pmids if p not in left])
    touched = {event.pmid for event in events}
    hit = [f for f in findings if f.article_id in touched]
    ids = {f.id for f in hit}
    changed = [
        v for v in verdicts if ids & {*v.findings, *(excluded.finding for excluded in v.excluded)}
    ]
    print(report.words(), file=sys.stderr)
    if report.error:
        print(f"Error: {report.error}", file=sys.stderr)
    if as_json:
        out = {
            "checked": report.stored + len(report.deleted),
            "complete": report.complete,
            "exit_code": report.exit_code,
            "events": [_as_dict(e) for e in events],
            "new": len(fresh),
            "findings": sorted(ids),
            "verdicts": sorted({v.claim_id for v in changed}),
            "missing": report.missing,
            "pending": report.pending + report.failed,
        }
        print(json.dumps(out, ensure_ascii=False, indent=1))
    else:
        _print(events, hit, changed)
        print(f"{len(fresh)} events are new to the store.", file=sys.stderr)
    return report.exit_code


def _events(
    old: dict[str, Any], archive: Path, missing: list[str], merged: dict[str, str]
) -> list[Any]:
    from textmine.pubmed.archive import now
    from textmine.pubmed.events import Event, events_between
    from textmine.pubmed.read import Broken, newest, read_articles

    today = now()[:10]
    came = (a for a in read_articles(archive) if not isinstance(a, Broken) and a.id in old)
    events = [
        e
        for new in newest(came)[0]
        if new.id not in merged
        for e in events_between(old[new.id], new, today)
    ]
    events += [Event(gone, "merged", today, by) for gone, by in merged.items() if gone in old]
    events += [Event(pmid, "missing", today) for pmid in missing if pmid in old]
    return sorted(events, key=lambda e: (int(e.pmid), e.kind))


def _as_dict(event: Any) -> dict[str, Any]:
    return {
        "pmid": event.pmid,
        "kind": event.kind,
        "at": event.at,
        "by": event.by,
        "detail": event.detail,
    }


def _print(events: list[Any], findings: list[Any], verdicts: list[Any]) -> None:
    if not events:
        print("Nothing changed.")
    for event in events:
        by = f" (by {event.by})" if event.by else ""
        more = f": {event.detail}" if event.detail else ""
        print(f"{event.at} PMID {event.pmid} {event.kind.replace('_', ' ')}{by}{more}")
        for finding in findings:
            if finding.article_id == event.pmid:
                print(f"  finding {finding.id}: {finding.stance} {finding.claim_id}")
    for verdict in verdicts:
        print(f"verdict on {verdict.claim_id} ({verdict.verdict}) stands on a changed record")
