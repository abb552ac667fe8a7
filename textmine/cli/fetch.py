"""`textmine fetch`: PubMed records into an archive."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer


def fetch(
    project: Annotated[
        str | None, typer.Argument(help="A project folder; its queries are fetched.")
    ] = None,
    query: Annotated[
        list[str] | None, typer.Option("--query", "-q", help="A PubMed search; may be repeated.")
    ] = None,
    pmids: Annotated[
        str | None, typer.Option(help="A file with PMIDs (`-` for standard input), fetched too.")
    ] = None,
    dois: Annotated[
        str | None, typer.Option(help="A file with DOIs, one a line (`-` for standard input).")
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option(help="PubMed baseline and update files, or their folder, read from disk."),
    ] = None,
    archive: Annotated[
        Path | None, typer.Option(help="The folder that keeps the records and the manifest.")
    ] = None,
    source: Annotated[
        str, typer.Option("--source", help="Who is asked: entrez (PubMed) or europepmc.")
    ] = "entrez",
    base_url: Annotated[
        str | None, typer.Option(help="Another server with the source's service.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Only what was entered or changed since this day, or `last` run."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Take the first N records.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Search only: counts, slices, requests, time.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    request_timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds for one request, to its last byte.")
    ] = 120.0,
    deadline: Annotated[
        float | None, typer.Option(min=0.1, help="Seconds for the whole run.")
    ] = None,
) -> None:
    """Fetches PubMed records into an archive that shows what came and what did not.

    PubMed needs NCBI_EMAIL; takes NCBI_API_KEY and NCBI_TOOL. Running it again asks only
    for what is missing. Exit code 0: all there; 3: some records are not to be had; 4: the server
    failed, try later.

    \b
    Example:
      textmine fetch --query "exosomes AND liver fibrosis" --archive pubmed
    """
    from textmine.errors import TextmineError

    try:
        code = _fetch(
            project, query or [], pmids, dois, files or [], archive, source, base_url, since,
            limit, dry_run, as_json, request_timeout, deadline,
        )  # fmt: skip
    except TextmineError as error:
        if as_json:
            failure = {"complete": False, "exit_code": error.exit_code, "error": str(error)}
            print(json.dumps(failure))
        raise
    raise typer.Exit(code)


def _fetch(
    project: str | None,
    queries: list[str],
    pmids: str | None,
    dois: str | None,
    files: list[Path],
    archive: Path | None,
    source: str,
    base_url: str | None,
    since: str | None,
    limit: int | None,
    dry: bool,
    as_json: bool,
    request_timeout: float,
    deadline: float | None,
) -> int:
    from textmine.config import Identity, load_project
    from textmine.errors import ConfigError
    from textmine.pubmed import fetch as work
    from textmine.pubmed.entrez import BASE_URL

    loaded = load_project(project) if project else None
    wanted: list[Any] = [*(loaded.query if loaded else ()), *queries]
    listed = work.pmids_from_text(_text(pmids)) if pmids else ()
    named = [doi for doi in map(str.strip, _text(dois or "").splitlines()) if doi]
    if not wanted and not listed and not named and not files:
        raise ConfigError(
            "There is nothing to fetch. Give a project, --query, --pmids, --dois or --files."
        )
    if archive is None and (files or not dry):
        raise ConfigError("Give --archive DIR, the folder that keeps the records.")
    if files:
        code = _load(files, archive, as_json and not (wanted or listed or named))
        if not (wanted or listed or named):
            return code
    if source != "entrez":
        if pmids or dois or files or since or dry:
            raise ConfigError(
                "--pmids, --dois, --files, --since and --dry-run are for PubMed alone; with "
                f"--source {source} give a project or --query."
            )
        assert archive is not None
        return _other(source, wanted, archive, base_url, limit, as_json, request_timeout, deadline)
    who = work.credentials(Identity(), loaded)
    address = base_url or (loaded.entrez.base_url if loaded else BASE_URL)

    def log(text: str) -> None:
        print(text, file=sys.stderr)

    if dry:
        found = work.dry_run(
            wanted, who, base_url=address, limit=limit, request_timeout=request_timeout,
            deadline=deadline, log=log,
        )  # fmt: skip
        _print_dry(found, as_json)
        return 0
    assert archive is not None
    with _Bar() as bar:
        report = work.fetch(
            wanted, archive, who, base_url=address, limit=limit, since=since, pmids=listed,
            dois=named, progress=bar, log=log, request_timeout=request_timeout, deadline=deadline,
        )  # fmt: skip
    return _tell(report, as_json)


def _other(
    source: str,
    wanted: list[Any],
    archive: Path,
    base_url: str | None,
    limit: int | None,
    as_json: bool,
    request_timeout: float,
    deadline: float | None,
) -> int:
    """Sources other than PubMed, through the interface that all of them share."""
    from textmine import registry
    from textmine.config import Project, Query
    from textmine.pubmed.fetch import query_id

    fetch_source = registry.load("sources", source)
    queries = tuple(Query(id=query_id(q), term=q) if isinstance(q, str) else q for q in wanted)
    project = Project(name="fetch", title="fetch", query=queries)
    with _Bar() as bar:
        report = fetch_source(
            project, archive=archive, base_url=base_url, limit=limit, progress=bar,
            log=lambda text: print(text, file=sys.stderr), request_timeout=request_timeout,
            deadline=deadline,
        )  # fmt: skip
    return _tell(report, as_json)


def _tell(report: Any, as_json: bool) -> int:
    from textmine.pubmed.fetch import LICENCE

    def log(text: str) -> None:
        print(text, file=sys.stderr)

    for warning in report.warnings:
        log(warning)
    log(report.words())
    if report.error:
        log(f"Error: {report.error}")
    if report.new:
        log(LICENCE)
    if as_json:
        print(json.dumps(report.as_dict(), ensure_ascii=False, indent=1))
    code: int = report.exit_code
    return code


def _load(files: list[Path], archive: Path | None, as_json: bool) -> int:
    """Baseline and update files: no network, so no email either."""
    from dataclasses import asdict

    from textmine.pubmed.archive import Archive
    from textmine.pubmed.baseline import load_files

    assert archive is not None
    with Archive.open(archive, write=True) as opened:
        report = load_files(files, opened, log=lambda text: print(text, file=sys.stderr))
    print(
        f"{len(report.files)} files applied, {len(report.skipped)} were already: {report.records} "
        f"records, {report.new} new, {report.changed} changed, {report.deleted} deleted.",
        file=sys.stderr,
    )
    if as_json:
        print(json.dumps({"complete": True, "exit_code": 0, **asdict(report)}))
    return 0


def _text(path: str) -> str:
    from textmine.lines import open_binary

    if not path:
        return ""
    with open_binary(path) as stream:
        return stream.read().decode("utf-8-sig", "replace")


def _print_dry(found: Any, as_json: bool) -> None:
    if as_json:
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=1))
        return
    for name, plan in found.plans:
        print(f"{name}: {plan.count} hits for {plan.term}")
        print(f"  PubMed reads it as: {plan.translation or 'not said'}")
        for warning in plan.warnings:
            print(f"  {warning}")
        if len(plan.slices) > 1:
            for part in plan.slices:
                print(f"  {part.count:>7}  {part.slice}")
        if plan.difference:
            print(f"  {plan.difference} hits could not be reached.")
    print(
        f"{found.count} records; about {found.requests} requests, at least {found.seconds:.0f} s."
    )


class _Bar:
    """A progress bar on a terminal, silence elsewhere."""

    def __enter__(self) -> _Bar:
        self._bar: Any = None
        return self

    def __call__(self, done: int, total: int) -> None:
        if not sys.stderr.isatty():
            return
        if self._bar is None:
            from rich.console import Console
            from rich.progress import Progress

            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("fetch", total=total)
        self._bar.update(self._task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
