"""`textmine run`: the whole path."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from textmine.config import Project

T = TypeVar("T")


def run(
    project: Annotated[
        str | None,
        typer.Argument(
            help="A project folder; without one the bundled demonstration.", show_default=False
        ),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--source", help="entrez, europepmc, or a file or folder of records. Repeatable."
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="The folder for the results.")] = Path(
        "textmine-run"
    ),
    store: Annotated[
        str | None,
        typer.Option("--store", help="Where to store it.  [default: sqlite, OUT/textmine.db]"),
    ] = None,
    engine: Annotated[str, typer.Option("--engine", help="What runs the stages.")] = "local",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Stop after this many records.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="The reading pipeline.  [default: the project's]")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that read.")] = 1,
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="Another server for the source, for tests.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the counts as JSON on standard output.")
    ] = False,
) -> None:
    """Fetch, read, check, grade, store and report: the whole path.

    Interrupted runs go on where they stopped when the same command is given again.

    Example: textmine run corpora/msc-exosome-liver --source entrez --out liver
    """
    from textmine import registry
    from textmine.config import load_project
    from textmine.engine.local import Options
    from textmine.report import write_report
    from textmine.stores.base import open_store

    settings = load_project(project or "demo")
    runner = registry.load("engines", engine)
    sources, fetched = _sources(settings, source, out, base_url, limit)
    url = store or f"sqlite:///{out / 'textmine.db'}"
    options = Options(
        project=settings,
        sources=sources,
        out=out,
        store=url,
        model=model,
        workers=workers,
        limit=limit,
        fetched=fetched,
    )
    summary = runner(options, _show)
    report = out / "report.html"
    with open_store(url) as opened:
        write_report(opened, report, summary.manifest)
    counts = summary.counts
    if as_json:
        print(json.dumps(counts))
    print(
        f"{counts['fetched']} records: {counts['parsed']} parsed + {counts['quarantined']} "
        f"quarantined; {counts['read']} read + {counts['excluded']} excluded. "
        f"{counts['findings']} claim-article pairs checked.",
        file=sys.stderr,
    )
    if summary.manifest["retracted"]:
        print(
            f"Retracted, weight zero: {', '.join(summary.manifest['retracted'])}", file=sys.stderr
        )
    print(f"Report: {report}", file=sys.stderr)
    if not summary.complete:
        print(f"What could not be read: {out / 'quarantine.jsonl'}", file=sys.stderr)
        raise typer.Exit(3)


def _sources(
    project: Project,
    given: list[str] | None,
    out: Path,
    base_url: str | None,
    limit: int | None,
) -> tuple[tuple[Path, ...], dict[str, Any] | None]:
    """The paths to read. What a named source finds is fetched into OUT first, or the rest of it."""
    from textmine import registry
    from textmine.errors import ConfigError, IncompleteRetrieval

    known = registry.names("sources")
    wanted = list(dict.fromkeys(given or project.sources))
    asked = [name for name in wanted if name in known]
    if base_url and len(asked) > 1:
        raise ConfigError(f"--base-url is for one source, and there are {' and '.join(asked)}.")
    paths: list[Path] = []
    for name in wanted:
        # A project's own sources lie beside its project.toml, those of the command line here.
        path = Path(name) if given else project.folder / name
        if name not in known and not path.exists():
            raise ConfigError(
                f"There is no source {path}: it is no file or folder. Give one, or the name of a "
                f"source to ask: {', '.join(known)}."
            )
        paths.append(out / ("archive" if name == "entrez" else name) if name in known else path)
    reports: dict[str, Any] = {}
    for name, archive in zip(wanted, paths, strict=True):
        if name not in asked:
            continue
        fetch_source = registry.load("sources", name)
        report = fetch_source(project, archive=archive, base_url=base_url, limit=limit)
        for warning in report.warnings:
            print(warning, file=sys.stderr)
        print(report.words(), file=sys.stderr)
        if report.exit_code == 4:
            # What came is kept; a verdict on part of the literature would pass for one on all.
            raise IncompleteRetrieval(
                f"{name} did not give everything ({report.error or 'see the manifest'}). What "
                f"came is kept in {archive}; give the same command again later to go on."
            )
        reports[name] = report.as_dict()
    # One source's report stands alone, as ever.
    fetched = next(iter(reports.values())) if len(reports) == 1 else reports or None
    return tuple(paths), fetched


def _show(stage: str, items: Iterable[T], total: int | None) -> Iterator[T]:
    """A progress bar per stage on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, description=stage, total=total, console=Console(stderr=True))
