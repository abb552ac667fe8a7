"""The whole retrieval: queries to PMIDs, PMIDs to records, every one of them accounted for.

requested = stored + missing + deleted + failed + pending, in the archive's manifest and in the
report. Records are fetched by PMID, so that nothing hangs on the server's history.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from textmine import __version__
from textmine.config import Identity, Project, Query
from textmine.errors import ConfigError, RateLimited, SourceError
from textmine.pubmed.archive import Archive, now
from textmine.pubmed.entrez import BASE_URL, REQUEST_TIMEOUT, Credentials, EntrezClient, redact
from textmine.pubmed.query import EVERYTHING, LAST_DAY, Plan, Slice, check_query, make_plan
from textmine.pubmed.raw import RawAnswer, RawRecord

__all__ = [
    "BATCH",
    "DryRun",
    "FetchReport",
    "credentials",
    "dry_run",
    "fetch",
    "fetch_source",
    "pmids_from_text",
    "query_id",
]

# PMIDs in one EFetch request: about 2 MB of XML.
BATCH = 200
# How often a record is asked for before it is called missing.
ROUNDS = 4
# So often another record must come for a PMID before the two are taken for merged.
MERGED_ANSWERS = 3
# Attempts at a part of a batch that failed as a whole.
RESCUE_ATTEMPTS = 3
LICENCE = (
    "Abstracts may be protected by copyright of their authors or publishers; see "
    "https://www.ncbi.nlm.nih.gov/home/about/policies/."
)

Progress = Callable[[int, int], None]
Log = Callable[[str], None]


def _silent(_: str) -> None:
    pass


@dataclass
class FetchReport:
    """What one run did. The lists name PMIDs; `error` is why it stopped early, if it did."""

    archive: Path
    queries: list[dict[str, Any]] = field(default_factory=list)
    requested: int = 0
    stored: int = 0
    new: int = 0
    changed: int = 0
    missing: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    merged: dict[str, str] = field(default_factory=dict)  # PMID -> the one it is now part of
    not_asked_for: int = 0
    unresolved: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    requests: int = 0
    retries: int = 0
    seconds: float = 0.0
    error: str | None = None
    pmids: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 complete; 3 some records are not to be had; 4 the source failed, try later."""
        gap = any(q.get("difference") or not q.get("planned", True) for q in self.queries)
        if self.error or self.failed or self.pending or gap:
            return 4
        return 3 if self.missing or self.unresolved else 0

    @property
    def complete(self) -> bool:
        return self.exit_code == 0

    def as_dict(self) -> dict[str, Any]:
        """For `--json` and the manifest's list of runs."""
        return {
            "archive": str(self.archive),
            "complete": self.complete,
            "exit_code": self.exit_code,
            "counts": {
                "requested": self.requested,
                "stored": self.stored,
                "missing": len(self.missing),
                "deleted": len(self.deleted),
                "failed": len(self.failed),
                "pending": len(self.pending),
                "new": self.new,
                "changed": self.changed,
                "not_asked_for": self.not_asked_for,
            },
            "missing": self.missing,
            "deleted": self.deleted,
            "merged": self.merged,
            "failed": self.failed,
            "pending": self.pending,
            "unresolved": self.unresolved,
            "queries": self.queries,
            "warnings": self.warnings,
            "requests": self.requests,
            "retries": self.retries,
            "seconds": round(self.seconds, 2),
            "error": self.error,
        }

    def words(self) -> str:
        """A summary that names what is not there."""
        lines = [
            f"{self.requested} records requested: {self.stored} stored ({self.new} new, "
            f"{self.changed} changed), {len(self.missing)} missing, {len(self.deleted)} deleted, "
            f"{len(self.failed)} failed, {len(self.pending)} not fetched yet."
        ]
        reasons = (
            ("missing", self.missing, "the server has no record of"),
            ("failed", self.failed, "the server failed on"),
            ("pending", self.pending, "not fetched yet:"),
            ("unresolved", self.unresolved, "PubMed has not exactly one record for the DOI"),
        )
        for name, pmids, words in reasons:
            if pmids:
                shown = ", ".join(pmids[:20])
                more = f" and {len(pmids) - 20} more (see manifest.json)" if len(pmids) > 20 else ""
                lines.append(f"{name}: {words} {shown}{more}")
        if self.merged:
            pairs = ", ".join(f"{old} into {new}" for old, new in list(self.merged.items())[:20])
            lines.append(f"merged (counted as deleted): {pairs}")
        lines += [
            f"query {q['id']}: {q['count']} hits, but {q['found']} different records found; "
            f"the difference of {q['difference']} is not explained."
            for q in self.queries
            if q.get("difference")
        ]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a fetch would do. `seconds` is the least time the rate limit permits."""

    plans: tuple[tuple[str, Plan], ...]
    count: int
    requests: int
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        return {
            "dry_run": True,
            "count": self.count,
            "requests": self.requests,
            "seconds": round(self.seconds, 1),
            "queries": [{"id": i, **p.summary()} for i, p in self.plans],
        }


def credentials(identity: Identity, project: Project | None = None) -> Credentials:
    """Who asks, from the environment or the project; ConfigError when there is no email."""
    mail = (identity.email or (project.entrez.email if project else None) or "").strip()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", mail):
        found = f"{mail!r} is no email address" if mail else "there is no email address"
        raise ConfigError(
            f"NCBI asks every program for the email of its user, and {found}. Set NCBI_EMAIL, or "
            "email under [entrez] in project.toml. Nothing was requested."
        )
    tool = identity.tool or (project.entrez.tool if project else None) or "textmine"
    key = identity.api_key.get_secret_value().strip() if identity.api_key else None
    return Credentials(mail, tool, key or None)


def pmids_from_text(text: str) -> tuple[str, ...]:
    """PMIDs between blanks, commas or lines; `#` begins a comment. ConfigError names others."""
    words = re.split(r"[\s,;]+", re.sub(r"#.*", "", text))
    found = [re.sub(r"^(?i:pmid:?)", "", w) for w in words if w]
    bad = [w for w in found if w and not (w.isascii() and w.isdecimal())]
    if bad:
        raise ConfigError(f"{bad[0]!r} is no PMID: PMIDs are numbers. Check the list.")
    return tuple(dict.fromkeys(w.lstrip("0") for w in found if w.strip("0")))


def fetch_source(
    project: Project,
    *,
    archive: Path,
    base_url: str | None = None,
    since: str | None = None,
    limit: int | None = None,
    identity: Identity | None = None,
    **more: Any,
) -> FetchReport:
    """Fetches all queries of a project into an archive, which `read_articles` then reads."""
    if not project.query:
        raise ConfigError(f"The project {project.name} has no [[query]]. Add one to project.toml.")
    return fetch(
        project.query,
        archive,
        credentials(identity or Identity(), project),
        base_url=base_url or project.entrez.base_url,
        since=since,
        limit=limit,
        **more,
    )


def query_id(term: str) -> str:
    """The id of a query that was given without one: it hangs on its words alone."""
    import hashlib

    return f"q-{hashlib.sha256(term.encode()).hexdigest()[:8]}"


def as_queries(
    queries: Iterable[Query | str],
    more_fields: Callable[[], Collection[str]] = frozenset[str],
    warn: Log = _silent,
) -> list[Query]:
    """Queries with ids, checked before anything is searched."""
    out = []
    for q in queries:
        if isinstance(q, str):
            q = Query(id=query_id(q), term=q)
        for warning in check_query(q.term, more_fields):
            warn(f"query {q.id}: {warning}")
        out.append(q)
    return out


def dry_run(
    queries: Iterable[Query | str],
    who: Credentials | Identity,
    *,
    base_url: str = BASE_URL,
    limit: int | None = None,
    request_timeout: float = REQUEST_TIMEOUT,
    deadline: float | None = None,
    log: Log = _silent,
) -> DryRun:
    """Searches, fetches nothing: counts, slices, and what fetching would cost."""
    who = credentials(who) if isinstance(who, Identity) else who
    client = EntrezClient(
        who, base_url=base_url, request_timeout=request_timeout, deadline=deadline, log=log
    )
    checked = as_queries(queries, client.fields, log)
    plans = []
    ids: dict[str, None] = {}
    for query in checked:
        plan = _plan(client, query, EVERYTHING, limit, days=False)
        plans.append((query.id, plan))
        ids.update(dict.fromkeys(plan.ids))
    count = len(ids) if len(plans) > 1 or limit is None else plans[0][1].count
    wanted = len(ids) if limit is None else min(limit, len(ids))
    requests = client.requests + -(-wanted // BATCH)
    return DryRun(tuple(plans), count, requests, requests / client.limiter.rate)


def _plan(
    client: EntrezClient, query: Query, base: Slice, limit: int | None, *, days: bool = True
) -> Plan:
    def search(part: Slice) -> Any:
        answer = client.search(query.term, part)
        if answer.unknown_fields:
            names = ", ".join(answer.unknown_fields)
            raise ConfigError(
                f"PubMed does not know the field {names} of the query {query.term!r} and would "
                "search all fields. Correct the tag."
            )
        return answer

    entry_day = client.entry_day if days else None
    return make_plan(query.term, search, base=base, limit=limit, entry_day=entry_day)


def fetch(
    queries: Iterable[Query | str],
    archive_dir: str | Path,
    identity: Identity | Credentials,
    *,
    base_url: str = BASE_URL,
    limit: int | None = None,
    since: str | None = None,
    pmids: Sequence[str] = (),
    dois: Sequence[str] = (),
    again: bool = False,
    progress: Progress = lambda _done, _total: None,
    log: Log = _silent,
    request_timeout: float = REQUEST_TIMEOUT,
    deadline: float | None = None,
    batch: int = BATCH,
    client: EntrezClient | None = None,
) -> FetchReport:
    """Fetches what the queries find (and `pmids`) into the archive and accounts for each record.

    `since` is a day (YYYY-MM-DD), or "last" for everything entered or changed since the last
    complete run of a query; `limit` takes the first N; `dois` are looked up by a search each;
    `again` fetches the given PMIDs even when they are stored, for what changed. Source failures
    are in the report, not raised; ConfigError and StoreError are raised.
    """
    if limit is not None and limit < 1:
        raise ConfigError("--limit must be at least 1.")
    who = credentials(identity) if isinstance(identity, Identity) else identity
    client = client or EntrezClient(
        who, base_url=base_url, request_timeout=request_timeout, deadline=deadline, log=log
    )
    began = time.monotonic()
    report = FetchReport(Path(archive_dir))
    checked = as_queries(queries, client.fields, report.warnings.append)
    with Archive.open(archive_dir, write=True) as archive:
        run = _Run(client, archive, report, progress, log, batch)
        try:
            run.plan(checked, [*pmids, *run.resolve(dois)], since, limit)
            if again:
                run.refetch |= set(pmids)
            run.fetch(limited=limit is not None)
        except BaseException:
            client.stop()
            raise
        finally:
            run.finish(began)
    return report


@dataclass(slots=True)
class _Batch:
    pmids: list[str]
    round: int = 1
    attempts: int | None = None
    instead: tuple[str, ...] = ()  # PMIDs that came, alone, when this one was asked for


class _Run:
    def __init__(
        self,
        client: EntrezClient,
        archive: Archive,
        report: FetchReport,
        progress: Progress,
        log: Log,
        size: int,
    ) -> None:
        self.client = client
        self.archive = archive
        self.report = report
        self.progress = progress
        self.log = log
        self.size = size
        self.started = now()
        self.wanted: dict[str, None] = {}
        self.refetch: set[str] = set()
        self.found: dict[str, tuple[str, ...]] = {}
        self.limited = False
        # while fetching
        self.queue: deque[_Batch] = deque()
        self.held: list[_Batch] = []
        self.again: dict[int, list[str]] = {}
        self.streak: dict[str, str] = {}  # single PMIDs that failed since the last success
        self.failed: dict[str, str] = {}
        self.missing: set[str] = set()
        self.outage: str | None = None
        self.done = 0

    # --- planning ---

    def resolve(self, dois: Sequence[str]) -> list[str]:
        """The PMIDs of DOIs; a DOI without exactly one is named in the report."""
        found: list[str] = []
        for doi in dict.fromkeys(dois):
            try:
                answer = self.client.search(f'"{doi}"[AID]', retmax=2)
            except SourceError as error:
                self.report.error = str(error)
                self.outage = str(error)
                self.report.unresolved.append(doi)
                continue
            if answer.count == 1:
                found += answer.ids
            else:
                self.report.unresolved.append(doi)
        return found

    def plan(
        self, queries: Sequence[Query], pmids: Sequence[str], since: str | None, limit: int | None
    ) -> None:
        self.limited = limit is not None
        self._want(pmids, limit)
        failures = 0
        for query in queries:
            left = None if limit is None else limit - len(self.wanted)
            if left is not None and left <= 0:
                break
            try:
                entry = self._plan_query(query, since, left)
                failures = 0
            except SourceError as error:
                before = self.archive.queries.get(query.id, {"id": query.id, "term": query.term})
                entry = {**before, "planned": False, "error": str(error)}
                self.report.error = str(error)
                failures += 1
                self.log(f"query {query.id}: {error}")
            self.archive.set_query(entry)
            self.report.queries.append(entry)
            if entry.get("planned") is False and (failures > 1 or not _answered(self.report)):
                self.outage = self.report.error
                break

    def _plan_query(self, query: Query, since: str | None, limit: int | None) -> dict[str, Any]:
        before = self.archive.queries.get(query.id)
        if before and before.get("term") != query.term:
            before = None
        day = _since_day(since, before)
        entry: dict[str, Any]
        if day is None:
            plan = _plan(self.client, query, EVERYTHING, limit)
            entry = {"id": query.id, **plan.summary()}
            ids: tuple[str, ...] = plan.ids
        else:
            entered = _plan(self.client, query, Slice(edat=(day, LAST_DAY)), limit)
            # What was looked at since the watermark need not be fetched for older changes.
            changed_from = max(day, _since_day("last", before) or day)
            changed = _plan(self.client, query, Slice(mdat=(changed_from, LAST_DAY)), limit)
            sweep = (before or {}).get("sweep") or self.started
            known = self.archive.entries
            self.refetch |= {
                p for p in changed.ids if p in known and (known[p].checked or "") < sweep
            }
            ids = tuple(dict.fromkeys(entered.ids + changed.ids))[:limit]
            entry = {
                "id": query.id,
                **entered.summary(),
                "since": day.isoformat(),
                "changed": changed.summary(),
                "found": len(ids),
                "difference": entered.difference + changed.difference,
                "sweep": sweep,
            }
        entry["planned"] = True
        entry["at"] = self.started
        if before and before.get("watermark"):
            entry["watermark"] = before["watermark"]
        for warning in entry["warnings"]:
            self.report.warnings.append(f"query {query.id}: {warning}")
        if not ids:
            self.report.warnings.append(f"query {query.id}: no record matches {query.term!r}.")
        self.found[query.id] = ids
        self._want(ids, limit)
        return entry

    def _want(self, pmids: Sequence[str], limit: int | None) -> None:
        fresh = [p for p in dict.fromkeys(pmids) if p not in self.wanted][:limit]
        self.wanted.update(dict.fromkeys(fresh))
        known = self.archive.entries
        self.archive.set_states({p: ("pending", None) for p in fresh if p not in known})

    # --- fetching ---

    def fetch(self, *, limited: bool) -> None:
        if not limited:
            # What earlier runs did not get is asked for again, whatever this run searches.
            open_states = ("pending", "missing", "failed")
            left = [p for p, e in self.archive.entries.items() if e.state in open_states]
            self.wanted.update(dict.fromkeys(left))
        todo = [p for p in self.wanted if self._needed(p)]
        todo.sort(key=int)
        self.done = len(self.wanted) - len(todo)
        self.progress(self.done, len(self.wanted))
        if self.outage or not todo:
            return
        self._polite(len(todo))
        self.queue.extend(_Batch(todo[i : i + self.size]) for i in range(0, len(todo), self.size))
        workers = max(2, min(6, self.client.limiter.rate))
        with ThreadPoolExecutor(workers, thread_name_prefix="fetch") as pool:
            try:
                self._work(pool, workers)
            except BaseException:
                self.client.stop()
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _needed(self, pmid: str) -> bool:
        entry = self.archive.entries.get(pmid)
        if entry is None or entry.state in ("pending", "missing", "failed"):
            return True
        return entry.state == "stored" and pmid in self.refetch

    def _work(self, pool: ThreadPoolExecutor, workers: int) -> None:
        running: dict[Future[RawAnswer], _Batch] = {}
        while True:
            while len(running) < workers and (batch := self._next(bool(running))):
                future = pool.submit(self.client.fetch, batch.pmids, batch.attempts)
                running[future] = batch
            if not running:
                break
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                batch = running.pop(future)
                try:
                    answer = future.result()
                except SourceError as error:
                    self._failure(batch, error)
                else:
                    self._accept(batch, answer)
        if self.outage is None:
            self.failed.update(self.streak)
        states: dict[str, tuple[str, str | None]] = dict.fromkeys(
            sorted(self.missing, key=int), ("missing", _MISSING)
        )
        states |= {p: ("failed", r) for p, r in self.failed.items()}
        self.archive.set_states(states)
        if self.outage:
            self.report.error = self.outage

    def _next(self, busy: bool) -> _Batch | None:
        if self.outage:
            return None
        if self.held:
            # A batch failed and nothing has come since: only single records are tried.
            if self.queue and len(self.queue[0].pmids) == 1:
                return self.queue.popleft()
            if not busy:
                self.outage = "The server fails on every request for records."
            return None
        if self.queue:
            return self.queue.popleft()
        if not busy and self.again:
            round_ = min(self.again)
            pmids = sorted(self.again.pop(round_), key=int)
            size = self.size if round_ < ROUNDS or len(pmids) > 50 else 1
            parts = [pmids[i : i + size] for i in range(0, len(pmids), size)]
            self.queue.extend(_Batch(part, round_) for part in parts)
            return self.queue.popleft()
        return None

    def _accept(self, batch: _Batch, answer: RawAnswer) -> None:
        asked = set(batch.pmids)
        good: dict[tuple[str, int], RawRecord] = {}
        for record in answer.records:
            if record.pmid not in asked and not self._is_merger(batch, answer):
                self.report.not_asked_for += 1
                self.log(f"dropped: PMID {record.pmid} came without being asked for.")
            elif record.pmid in asked:
                good.setdefault((record.pmid, record.version), record)
        outcome = self.archive.add([good[k] for k in sorted(good, key=lambda k: (int(k[0]), k[1]))])
        self.report.new += sum(kind == "new" for kind in outcome.values())
        self.report.changed += sum(kind in ("changed", "version") for kind in outcome.values())
        gone = asked & set(answer.deleted)
        self.archive.set_states(dict.fromkeys(gone, ("deleted", "DeleteCitation")))
        left = asked - {pmid for pmid, _ in good} - gone
        if self._is_merger(batch, answer):
            left -= self._merger(batch, answer.records[0])
        if left and batch.round < ROUNDS:
            self.again.setdefault(batch.round + 1, []).extend(left)
        else:
            self.missing |= left
        self._release()
        self.done += len(asked) - len(left)
        self.progress(self.done, len(self.wanted))

    def _is_merger(self, batch: _Batch, answer: RawAnswer) -> bool:
        """One PMID was asked for, alone, for the last time, and one other record came."""
        return (
            batch.round == ROUNDS
            and len(batch.pmids) == 1
            and len({record.pmid for record in answer.records}) == 1
            and answer.records[0].pmid != batch.pmids[0]
        )

    def _merger(self, batch: _Batch, record: RawRecord) -> set[str]:
        """PubMed answers for a merged PMID with the record it is part of; asked thrice to be sure.

        Gives the PMIDs that are settled, or will be by asking again.
        """
        pmid = batch.pmids[0]
        came = (*batch.instead, record.pmid)
        if len(set(came)) > 1:
            return set()
        if len(came) < MERGED_ANSWERS:
            self.queue.append(_Batch([pmid], batch.round, instead=came))
            return {pmid}
        self.report.new += self.archive.add([record])[record.pmid] == "new"
        self.wanted.setdefault(record.pmid)
        self.archive.set_states({pmid: ("deleted", f"merged into {record.pmid}")})
        self.log(f"PMID {pmid} is now part of PMID {record.pmid}.")
        return {pmid}

    def _failure(self, batch: _Batch, error: SourceError) -> None:
        """One record can break a whole batch; an outage breaks all. Single records tell which."""
        answered = getattr(error, "answered", False) and not isinstance(error, RateLimited)
        if not answered or self.client.stopped.is_set():
            self.outage = self.outage or str(error)
            return
        if len(batch.pmids) == 1:
            self.streak[batch.pmids[0]] = str(error)
            if len(self.streak) >= 3 and not self._still_works():
                self.outage = str(error)
            return
        self.log(f"A request for {len(batch.pmids)} records failed; looking for the cause.")
        size = len(batch.pmids)
        probes = sorted({0, size // 2, size - 1})
        single = [batch.pmids[i] for i in probes]
        rest = [p for i, p in enumerate(batch.pmids) if i not in probes]
        self.queue.extendleft(_Batch([p], batch.round, RESCUE_ATTEMPTS) for p in single)
        middle = len(rest) // 2
        for part in (rest[:middle], rest[middle:]):
            if part:
                self.held.append(_Batch(part, batch.round, RESCUE_ATTEMPTS))

    def _release(self) -> None:
        """The server works: what had to wait goes on, what failed alone was its own fault."""
        self.queue.extendleft(reversed(self.held))
        self.held.clear()
        self.failed.update(self.streak)
        self.streak.clear()

    def _still_works(self) -> bool:
        """Asks for a record that came before, to tell bad records from a bad server."""
        known = next((p for p in self.wanted if not self._needed(p)), None)
        if known is None:
            return False
        try:
            answer = self.client.fetch([known], RESCUE_ATTEMPTS)
        except SourceError:
            return False
        if not any(record.pmid == known for record in answer.records):
            return False
        self._release()
        return True

    def _polite(self, records: int) -> None:
        """NCBI asks for jobs of more than 100 requests to run at night or at the weekend."""
        requests = records // self.size
        hour = datetime.now(UTC) - timedelta(hours=5)
        if requests > 100 and hour.weekday() < 5 and 5 <= hour.hour < 21:
            self.log(
                f"This takes about {requests} requests. NCBI asks for large jobs to run on "
                "weekends or between 21:00 and 5:00 US Eastern time."
            )

    # --- the end ---

    def finish(self, began: float) -> None:
        entries = self.archive.entries
        report = self.report
        by_state: dict[str, list[str]] = {}
        for pmid in sorted(self.wanted, key=int):
            by_state.setdefault(entries[pmid].state, []).append(pmid)
        report.pmids = tuple(self.wanted)
        report.requested = len(self.wanted)
        report.stored = len(by_state.get("stored", ()))
        report.missing = by_state.get("missing", [])
        report.deleted = by_state.get("deleted", [])
        report.failed = by_state.get("failed", [])
        for pmid in report.deleted:
            said = re.fullmatch(r"merged into (\d+)", entries[pmid].reason or "")
            if said:
                report.merged[pmid] = said[1]
        report.pending = by_state.get("pending", [])
        report.requests = self.client.requests
        report.retries = self.client.retries
        report.seconds = time.monotonic() - began
        if report.error:
            report.error = redact(report.error, self.client.who.api_key)
        self._move_watermarks()
        summary = report.as_dict()
        kept = ("complete", "counts", "requests", "retries", "seconds", "error")
        self.archive.runs.append(
            {
                "at": self.started,
                "textmine": __version__,
                "biopython": _biopython(),
                "source": self.client.host,
                "tool": self.client.who.tool,
                **{k: summary[k] for k in kept},
            }
        )

    def _move_watermarks(self) -> None:
        """A query's watermark moves only when all that it found is stored."""
        if self.limited or self.outage:
            return
        entries = self.archive.entries
        today = date.fromisoformat(self.started[:10])
        for entry in self.report.queries:
            found = self.found.get(entry["id"])
            if found is None or entry.get("difference"):
                continue
            settled = all(entries[p].state in ("stored", "deleted") for p in found)
            fresh = all((entries[p].checked or "") >= self.started for p in self.refetch)
            if settled and (fresh or not self.refetch):
                entry["watermark"] = (today - timedelta(1)).isoformat()
                entry.pop("sweep", None)
                self.archive.set_query(entry)


_MISSING = f"asked for {ROUNDS} times; whole answers came without it"


def _answered(report: FetchReport) -> bool:
    return "cannot be reached" not in (report.error or "")


def _since_day(since: str | None, before: dict[str, Any] | None) -> date | None:
    if since is None:
        return None
    if since == "last":
        mark = (before or {}).get("watermark")
        return date.fromisoformat(mark) if mark else None
    try:
        return date.fromisoformat(since.replace("/", "-"))
    except ValueError:
        raise ConfigError(
            f"--since {since!r} is no day. Write it as 2024-01-31, or `last`."
        ) from None


def _biopython() -> str:
    import Bio

    return str(Bio.__version__)
