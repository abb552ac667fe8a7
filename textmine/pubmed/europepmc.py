"""Europe PMC's search as a second source, behind the same interface as PubMed's.

`https://www.ebi.ac.uk/europepmc/webservices/rest/search` gives whole records page by page; a cursor
leads from one page to the next. The number of different records must in the end be the `hitCount`
of the last page; if it is not, the search is walked through once more, and then the difference is
reported. Sending, retry, time limits and the rate limit are those of the E-utilities client.
"""

from __future__ import annotations

import re
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textmine import __version__
from textmine.config import Identity, Project, Query
from textmine.errors import (
    ConfigError,
    MalformedRecord,
    SourceError,
    SourceUnavailable,
    TruncatedResponse,
)
from textmine.pubmed.archive import now
from textmine.pubmed.entrez import (
    ATTEMPTS,
    REQUEST_TIMEOUT,
    Credentials,
    EntrezClient,
    TransientError,
    words_of,
)
from textmine.pubmed.europepmc_archive import EuropePmcArchive
from textmine.pubmed.europepmc_json import decode, key_of
from textmine.pubmed.europepmc_query import differences, europepmc_query
from textmine.pubmed.fetch import FetchReport, query_id

__all__ = ["EUROPEPMC_URL", "EuropePmcClient", "Page", "fetch_europepmc", "fetch_europepmc_source"]

EUROPEPMC_URL = "https://www.ebi.ac.uk/europepmc/webservices/rest/"
# Records on a page: about 3 MB of JSON. Lists of ids alone may be longer.
PAGE = 200
IDS_PAGE = 1000
# Pages without anything new before a walk is given up.
LOST = 3
# Longer addresses go by POST.
LONGEST_URL = 1800

_BAD_QUERY = re.compile(r"invalid|syntax|parse|malformed|not supported", re.I)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search, with the cursor of the next one (None at the end)."""

    hit_count: int
    records: tuple[dict[str, Any], ...]
    next: str | None
    understood: str | None


class EuropePmcClient(EntrezClient):
    """Asks Europe PMC's REST service. Safe to use from several threads."""

    def page(self, query: str, cursor: str, size: int, result: str = "core") -> Page:
        """One page: `result` is "core" (whole records) or "idlist" (source and id)."""
        asked = {
            "query": query,
            "format": "json",
            "resultType": result,
            "cursorMark": cursor,
            "pageSize": str(size),
        }
        return self._ask("search", asked, lambda body: _read_page(body, cursor))

    def _request(self, tool: str, asked: Mapping[str, str]) -> urllib.request.Request:
        given = {**asked, "email": self.who.email} if self.who.email else dict(asked)
        text = urllib.parse.urlencode(given)
        headers = {"User-Agent": f"{self.who.tool} (textmine {__version__})"}
        if len(text) > LONGEST_URL:
            return urllib.request.Request(
                f"{self.base_url}{tool}POST", data=text.encode(), headers=headers
            )
        return urllib.request.Request(f"{self.base_url}{tool}?{text}", headers=headers)


def _read_page(body: bytes, cursor: str) -> Page:
    if not body.strip():
        raise TransientError("The answer is empty.", kind=TruncatedResponse)
    try:
        data = decode(body)
    except MalformedRecord as error:
        kind = TruncatedResponse if body.lstrip()[:1] == b"{" else SourceUnavailable
        raise TransientError(f"{error} {words_of(body)[:80]}", kind=kind) from None
    count = data.get("hitCount") if isinstance(data, dict) else None
    if not isinstance(count, int) or "resultList" not in data:
        said = words_of(body)
        if isinstance(data, dict):
            said = str(data.get("errMsg") or data.get("error") or said)
        if _BAD_QUERY.search(said):
            raise ConfigError(f"Europe PMC cannot read the query: {said}.")
        raise TransientError(f"The answer is no list of records: {said}.")
    records = (data["resultList"] or {}).get("result") or []
    if not records and cursor == "*" and count:
        raise TransientError(f"The search has {count} hits, but none came.")
    for record in records:
        try:
            key_of(record)
        except (MalformedRecord, AttributeError):
            raise TransientError("The answer holds something that is no record.") from None
    following = data.get("nextCursorMark")
    understood = (data.get("request") or {}).get("queryString")
    return Page(count, tuple(records), following if following != cursor else None, understood)


def fetch_europepmc_source(
    project: Project,
    *,
    archive: Path,
    base_url: str | None = None,
    limit: int | None = None,
    identity: Identity | None = None,
    **more: Any,
) -> FetchReport:
    """Fetches all queries of a project from Europe PMC; `read_articles` reads the archive."""
    if not project.query:
        raise ConfigError(f"The project {project.name} has no [[query]]. Add one to project.toml.")
    return fetch_europepmc(
        project.query, archive, identity or Identity(), base_url=base_url, limit=limit, **more
    )


def fetch_europepmc(
    queries: Iterable[Query | str],
    archive_dir: str | Path,
    identity: Identity | Credentials,
    *,
    base_url: str | None = None,
    limit: int | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    log: Callable[[str], None] = lambda _: None,
    request_timeout: float = REQUEST_TIMEOUT,
    deadline: float | None = None,
    page: int = PAGE,
    attempts: int = ATTEMPTS,
) -> FetchReport:
    """Fetches what the queries find and accounts for it; the same report as PubMed's.

    A query that was found whole before is only looked through for new ids. Source failures are in
    the report, not raised; ConfigError and StoreError are raised. No email is needed.
    """
    if limit is not None and limit < 1:
        raise ConfigError("--limit must be at least 1.")
    asked = _named(queries)
    if isinstance(identity, Identity):
        # Europe PMC has no keys: NCBI's stays here.
        identity = Credentials(identity.email or "", identity.tool or "textmine")
    client = EuropePmcClient(
        identity,
        base_url=base_url or EUROPEPMC_URL,
        request_timeout=request_timeout,
        deadline=deadline,
        attempts=attempts,
        log=log,
    )
    began = time.monotonic()
    report = FetchReport(Path(archive_dir))
    with EuropePmcArchive(archive_dir, write=True) as archive:
        run = _Run(client, archive, report, progress, page)
        try:
            for query, term in asked:
                left = None if limit is None else limit - len(run.wanted)
                if left is not None and left <= 0:
                    break
                run.query(query, term, left)
                if report.error:
                    break
        finally:
            run.finish(began)
    return report


def _named(queries: Iterable[Query | str]) -> list[tuple[Query, str]]:
    """Queries with ids, and what Europe PMC is asked for; checked before anything is asked."""
    out = []
    for query in queries:
        if isinstance(query, str):
            query = Query(id=query_id(query), term=query)
        if not query.term.strip():
            raise ConfigError("The query is empty. Give the words to search for.")
        if query.term.count('"') % 2:
            raise ConfigError(
                f"The query has an odd number of double quotes: {query.term!r}. Close the quote."
            )
        out.append((query, europepmc_query(query.term)))
    return out


class _Run:
    def __init__(
        self,
        client: EuropePmcClient,
        archive: EuropePmcArchive,
        report: FetchReport,
        progress: Callable[[int, int], None],
        size: int,
    ) -> None:
        self.client = client
        self.archive = archive
        self.report = report
        self.progress = progress
        self.size = size
        self.started = now()
        self.wanted: dict[str, None] = {}

    def query(self, query: Query, term: str, limit: int | None) -> None:
        """Walks through one search until all its hits are there."""
        before = self.archive.queries.get(query.id)
        known = before if before and before.get("sent") == term else None
        walk = (before or {}).get("walk", 0) if known else (before or {}).get("walk", -1) + 1
        entry: dict[str, Any] = {
            "id": query.id,
            "term": query.term,
            "sent": term,
            "walk": walk,
            "planned": False,
            "count": 0,
            "found": 0,
            "difference": 0,
            "warnings": differences(query.term),
            "at": self.started,
        }
        found: dict[str, None] = {}
        try:
            if known and known.get("planned") and not known.get("difference") and not limit:
                ids = self._ids(term, entry)
                if ids is not None and all(key in self.archive.hashes for key in ids):
                    found = ids
            if not found:
                if known and known.get("planned"):
                    entry["walk"] += 1  # all pages anew
                found = self._walk(term, entry, limit)
                if entry["difference"]:
                    entry["walk"] += 1
                    found |= self._walk(term, entry, limit)
                    self._compare(entry, found, limit)
            entry["planned"] = True
        except SourceError as error:
            self.report.error = str(error)
            entry["error"] = str(error)
            found = self._pages(entry)[0]
            entry["found"] = len(found)
        for warning in entry["warnings"]:
            self.report.warnings.append(f"query {query.id}: {warning}")
        if entry["planned"] and not found:
            self.report.warnings.append(f"query {query.id}: no record matches {query.term!r}.")
        self.wanted.update(found)
        self.report.queries.append(entry)
        self.archive.set_query(entry)

    def _ids(self, term: str, entry: dict[str, Any]) -> dict[str, None] | None:
        """The keys of all hits, without the records; None when they are not as many as the hits."""
        found: dict[str, None] = {}
        cursor: str | None = "*"
        seen: set[str] = set()
        while cursor is not None and cursor not in seen:
            seen.add(cursor)
            page = self.client.page(term, cursor, IDS_PAGE, "idlist")
            found.update(dict.fromkeys(map(key_of, page.records)))
            entry["count"], entry["found"] = page.hit_count, len(found)
            cursor = page.next if page.records and len(found) < page.hit_count else None
        return found if len(found) == entry["count"] else None

    def _pages(self, entry: Mapping[str, Any]) -> tuple[dict[str, None], str | None]:
        """The keys that earlier pages of this walk brought, and the cursor to go on with."""
        found: dict[str, None] = {}
        cursor: str | None = "*"
        for line in self.archive.pages:
            if (line["query"], line["walk"]) == (entry["id"], entry["walk"]):
                found.update(dict.fromkeys(line["keys"]))
                cursor = line["next"]
        return found, cursor

    def _walk(self, term: str, entry: dict[str, Any], limit: int | None) -> dict[str, None]:
        found, cursor = self._pages(entry)
        seen: set[str] = set()
        idle = 0
        while cursor is not None and cursor not in seen and idle < LOST:
            seen.add(cursor)
            page = self.client.page(term, cursor, self.size)
            records = page.records
            if limit is not None:
                room = limit - len(found)
                fresh = [r for r in records if key_of(r) not in found][:room]
                records = tuple(fresh)
            before = len(found)
            line = {
                "query": entry["id"], "walk": entry["walk"], "at": now(), "cursor": cursor,
                "next": page.next, "hit_count": page.hit_count,
            }  # fmt: skip
            outcome = self.archive.add(line, records)
            self.report.new += sum(kind == "new" for kind in outcome.values())
            self.report.changed += sum(kind == "changed" for kind in outcome.values())
            found.update(dict.fromkeys(outcome))
            entry["count"] = page.hit_count
            if page.understood:
                entry["translation"] = page.understood
            self.progress(len(self.wanted) + len(found), len(self.wanted) + page.hit_count)
            idle = 0 if len(found) > before else idle + 1
            if not page.records or self._compare(entry, found, limit) == 0:
                break
            cursor = page.next
        self._compare(entry, found, limit)
        return found

    def _compare(self, entry: dict[str, Any], found: Mapping[str, None], limit: int | None) -> int:
        expected = entry["count"] if limit is None else min(limit, entry["count"])
        entry["found"] = len(found)
        entry["difference"] = expected - len(found)
        return int(entry["difference"])

    def finish(self, began: float) -> None:
        report = self.report
        report.pmids = tuple(self.wanted)
        report.requested = report.stored = len(self.wanted)
        report.requests = self.client.requests
        report.retries = self.client.retries
        report.seconds = time.monotonic() - began
        summary = report.as_dict()
        kept = ("complete", "counts", "requests", "retries", "seconds", "error")
        self.archive.runs.append(
            {
                "at": self.started,
                "textmine": __version__,
                "source": self.client.host,
                **{k: summary[k] for k in kept},
            }
        )
