"""Rows per second into the stores, for a large run made by multiplying a small one.

    textmine run --out demo
    python benchmarks/stores.py --run demo --articles 10000
    python benchmarks/stores.py --run demo --articles 10000 --postgres     with a server of its own

Counted are findings and relations (evidence of edges); everything else of the run is written as
well. "records" starts from records in memory, "files" from the run's files, as `textmine store
push` does. PostgreSQL is held against plain COPY of the very same rows into the same tables,
indexes and keys, in one transaction, rows ready in memory. The server syncs to disk as it is
shipped. `cpu_s` is this process alone: on a shared machine it tells what the clock does not.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from textmine.engine.runs import read_bundle
from textmine.lines import LineWriter
from textmine.records import Annotated, Finding, Verdict, as_json, content_id
from textmine.stores.base import Bundle
from textmine.stores.tables import tables


def multiplied(small: Bundle, wanted: int) -> Bundle:
    """A run of `wanted` articles: the small one's again and again, under new ids."""
    articles = list(small.articles)
    by_article: dict[str, list[Finding]] = {}
    for finding in small.findings:
        by_article.setdefault(finding.article_id, []).append(finding)
    out: list[Annotated] = []
    findings: list[Finding] = []
    new_of: dict[str, list[str]] = {}
    for number in range(wanted):
        old = articles[number % len(articles)]
        mark = number // len(articles)
        key = str(10_000_000 + number)

        def new(name: str | None, mark: int = mark) -> Any:
            return name and content_id(name.partition("_")[0], name, mark)

        out.append(
            replace(
                old,
                article=replace(old.article, id=key, pmid=key),
                mentions=tuple(replace(m, id=new(m.id)) for m in old.mentions),
                relations=tuple(
                    replace(
                        r,
                        id=new(r.id),
                        **{k: new(getattr(r, k)) for k in
                           ("subject", "object", "mediator", "outcome", "context")},
                    )
                    for r in old.relations
                ),
            )
        )  # fmt: skip
        for f in by_article.get(old.article.id, ()):
            name = new(f.id)
            new_of.setdefault(f.id, []).append(name)
            findings.append(
                replace(f, id=name, article_id=key, relations=tuple(map(new, f.relations)))
            )
    articles_of = {f.id: f.article_id for f in findings}
    verdicts = tuple(_multiplied_verdict(v, new_of, articles_of) for v in small.verdicts)
    provenance = replace(small.provenance, run_id=f"run_{wanted}")
    return replace(
        small, provenance=provenance, articles=out, findings=findings, verdicts=verdicts,
        counts=None,
    )  # fmt: skip


def _multiplied_verdict(
    verdict: Verdict, new_of: dict[str, list[str]], articles_of: dict[str, str]
) -> Verdict:
    return replace(
        verdict,
        findings=tuple(n for f in verdict.findings for n in new_of.get(f, ())),
        grades=tuple(
            replace(g, finding_id=n, article_id=articles_of[n])
            for g in verdict.grades
            for n in new_of.get(g.finding_id, ())
        ),
        excluded=tuple(
            replace(e, finding=n, article_id=articles_of[n])
            for e in verdict.excluded
            for n in new_of.get(e.finding, ())
        ),
    )


def write_run(bundle: Bundle, small: Path, folder: Path) -> None:
    """The large run as files, as `textmine run` leaves them."""
    manifest = json.loads((small / "manifest.json").read_text(encoding="utf-8"))
    manifest["provenance"] = as_json(bundle.provenance)
    manifest["counts"]["read"] = len(list(bundle.articles))
    manifest["counts"]["findings"] = len(list(bundle.findings))
    for name, records in (
        ("annotated.jsonl.gz", bundle.articles),
        ("findings.jsonl.gz", bundle.findings),
        ("verdicts.jsonl", bundle.verdicts),
    ):
        with LineWriter(folder / name) as out:
            for record in records:
                out.write(as_json(record))
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def timed(what: str, store: Any, bundle: Bundle) -> tuple[float, int]:
    began, used = time.perf_counter(), time.process_time()
    added = store.push(bundle).added
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    rows = added["finding"] + added["edge_evidence"]
    show(what, seconds, rows, cpu_s=round(cpu, 2), articles=added["article"])
    return seconds, rows


def show(what: str, seconds: float, rows: int, **more: Any) -> None:
    line = {"what": what, "seconds": round(seconds, 2), "rows": rows}
    print(json.dumps({**line, "rows_per_s": round(rows / seconds), **more}), flush=True)


def schemas(url: str) -> Iterator[str]:
    """URLs of new schemas on a server."""
    import psycopg

    for number in range(100):
        with psycopg.connect(url, autocommit=True) as db:
            db.execute(f"CREATE SCHEMA bench{number}".encode())
        yield f"{url}?options=-csearch_path%3Dbench{number}"


def server_cpu(store: Any) -> float:
    """Seconds of processor time that the connection's server process has used (Linux)."""
    ((pid,),) = store._database.read("SELECT pg_backend_pid()")
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def postgres(url: str, bundle: Bundle, folder: Path, rounds: int) -> None:
    """Push and plain COPY in turn, each into a new schema; the shares of every round."""
    from textmine.stores.postgres import PostgresStore

    new, shares = schemas(url), []
    for _ in range(rounds):
        with PostgresStore(next(new)) as store:
            before = server_cpu(store)
            seconds, rows = timed("postgresql, records", store, bundle)
            print(json.dumps({"server_cpu_s": round(server_cpu(store) - before, 2)}), flush=True)
            held = {name: list(store.rows(name)) for name in tables()}
        with PostgresStore(next(new)) as store:
            database, before = store._database, server_cpu(store)
            began, used = time.perf_counter(), time.process_time()
            with database.transaction("The rows could not be copied"):
                for name, place in tables().items():
                    database.add(place, held[name])
            plain, cpu = time.perf_counter() - began, time.process_time() - used
            told = {
                "cpu_s": round(cpu, 2),
                "server_cpu_s": round(server_cpu(store) - before, 2),
                "all_rows": sum(map(len, held.values())),
            }
            show("postgresql, plain COPY of the same rows", plain, rows, **told)
        shares.append(plain / seconds)
    with PostgresStore(next(new)) as store:
        timed("postgresql, files", store, read_bundle(folder))
    told = {"median": round(statistics.median(shares), 2), "all": [round(s, 2) for s in shares]}
    print(json.dumps({"push_at_the_speed_of_copy": told}))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--run", type=Path, required=True, help="what `textmine run` left")
    arguments.add_argument("--articles", type=int, default=10_000)
    arguments.add_argument("--rounds", type=int, default=3, help="of push and COPY in turn")
    arguments.add_argument("--postgres", action="store_true", help="start a server and use it")
    arguments.add_argument("--url", help="use this PostgreSQL server instead")
    options = arguments.parse_args()
    bundle = multiplied(read_bundle(options.run), options.articles)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "run"
        folder.mkdir()
        write_run(bundle, options.run, folder)
        from textmine.stores.sqlite import SQLiteStore

        for number, (what, source) in enumerate(
            (("records", bundle), ("files", read_bundle(folder)))
        ):
            with SQLiteStore(Path(place) / f"{number}.db") as store:
                timed(f"sqlite, {what}", store, source)
        if options.url:
            postgres(options.url, bundle, folder, options.rounds)
        elif options.postgres:
            from tests.stores.postgres_server import Server, binaries

            found = binaries()
            if found is None:
                sys.exit("There is no PostgreSQL server here (apt-get install postgresql).")
            with Server(found, durable=True) as server:
                postgres(server.url, bundle, folder, options.rounds)


if __name__ == "__main__":
    main()
