"""Fifty reviewers at once, as browsers: logged in, reading, judging, double-clicking.

python benchmarks/desk_http.py --findings 100000 --postgres               with a server of its own
python benchmarks/desk_http.py --store URL --people 50 --seconds 60 --think 2

Each person logs in, opens the queue, and then reads a finding, thinks, judges it and is led on to
the next. Every form is sent twice at once, as a double click does. At the end each word that the
desk took must stand in the store once: none lost, none doubled. Prints a line of JSON per page:
median, 95th percentile and longest, in milliseconds, until the whole page had come.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import httpx
import uvicorn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from desk import make

from textmine.review.desk import Desk
from textmine.review.nouns import Queue
from textmine.review.web.app import create_app
from textmine.stores.base import open_store

PASSWORD = "a password for fifty"
ORDERS = ("impact", "uncertainty", "article")


class Spent(NamedTuple):
    """Seconds on the clock, and of the processor by the server."""

    seconds: float
    cpu: float


class Person:
    """One browser."""

    def __init__(self, place: str, name: str, seed: int, times: dict[str, list[float]]) -> None:
        # Shorter than the server keeps a connection, so that none is used while it is closed.
        limits = httpx.Limits(keepalive_expiry=2)
        self.web = httpx.AsyncClient(base_url=place, timeout=120, limits=limits)
        self.name = name
        self.chance = random.Random(seed)
        self.times = times
        self.taken: list[tuple[str, str]] = []
        self.wrong: Counter[str] = Counter()

    async def ask(self, page: str, path: str, **fields: str) -> httpx.Response:
        begun = time.perf_counter()
        try:
            sent = self.web.post(path, data=fields) if fields else self.web.get(path)
            answer = await sent
        except httpx.HTTPError as error:
            self.wrong[f"{page}: {type(error).__name__}"] += 1
            return httpx.Response(599)
        self.times.setdefault(page, []).append(time.perf_counter() - begun)
        if answer.status_code >= 400:
            self.wrong[f"{page}: {answer.status_code}"] += 1
        return answer

    async def log_in(self) -> None:
        page = (await self.web.get("/login")).text
        fields = {"csrf": _value(page, "csrf"), "name": self.name, "password": PASSWORD}
        answer = await self.web.post("/login", data=fields)
        assert answer.status_code == 303, answer.text

    async def review(self, until: float, think: float, claims: list[str]) -> None:
        await asyncio.sleep(self.chance.random() * think)
        order, claim = self.chance.choice(ORDERS), self.chance.choice(claims)
        listed = await self.ask("queue", f"/queue?order={order}&claim={claim}")
        rows = re.findall(r'class="row" href="([^"]+)"', listed.text)
        if not rows:
            self.wrong["queue: empty"] += 1
            return
        where = self.chance.choice(rows).replace("&amp;", "&")
        while time.monotonic() < until:
            if self.chance.random() < 0.05:
                await self.ask("overview", "/")
                await self.ask("claim", f"/claim?id={claim}")
            shown = await self.ask("finding", where)
            if shown.status_code != 200:
                continue
            page = shown.text
            await asyncio.sleep(self.chance.expovariate(1 / think) if think else 0)
            fields = {name: _value(page, name) for name in ("csrf", "key", "hash")}
            fields["verdict"] = self.chance.choice(("correct", "correct", "correct", "unsure"))
            form = re.search(r'action="(/finding/[^"]+/decide[^"]*)"', page)
            assert form
            path = form[1].replace("&amp;", "&")
            one, two = await asyncio.gather(
                self.ask("decide", path, **fields), self.ask("decide", path, **fields)
            )
            if one.status_code == 303 or two.status_code == 303:
                self.taken.append((fields["hash"], fields["verdict"]))
            where = next((a.headers["location"] for a in (one, two) if a.status_code == 303), where)
            if not where.startswith("/finding/"):
                return


def _value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no {name} on the page: {page[:500]}"
    return found[1]


def prepare(url: str, people: int) -> tuple[list[str], list[str]]:
    """Accounts, and the ids of the claims."""
    desk = Desk(url, say=lambda line: print(line, file=sys.stderr))
    known = set()
    if desk.accounts_exist():
        admin = desk.login("chief", PASSWORD, "here").account
        known = {a.name for a in desk.accounts(admin)}
    else:
        desk.add_account(None, "chief", PASSWORD, "admin")
    names = [f"person {number}" for number in range(people)]
    for name in names:
        if name not in known:
            desk.add_account(None, name, PASSWORD, "reviewer")
    chief = desk.login("chief", PASSWORD, "here").account
    claims = [c.id for c in desk.claims(chief) if c.findings]
    total = desk.queue(chief, Queue(state="all", silent=True), 0, 1).total
    print(json.dumps({"findings": total, "claims": len(claims), "people": people}), flush=True)
    desk.close()
    return names, claims


async def rested(pid: int, most: float = 180) -> None:
    """Until the server has nothing left to do beside the pages."""
    end = time.monotonic() + most
    while time.monotonic() < end:
        before = cpu_seconds(pid)
        await asyncio.sleep(3)
        if cpu_seconds(pid) - before < 0.1:
            return


async def crowd(
    place: str, names: list[str], claims: list[str], seconds: float, think: float, pid: int
) -> tuple[list[Person], dict[str, list[float]], Spent]:
    times: dict[str, list[float]] = {}
    people = [Person(place, name, number, times) for number, name in enumerate(names)]
    for person in people:
        await person.log_in()
    await people[0].ask("overview", "/")  # what is worked out once is worked out
    await rested(pid)
    times.clear()
    begun, used = time.monotonic(), cpu_seconds(pid)
    await asyncio.gather(*(p.review(begun + seconds, think, claims) for p in people))
    spent = Spent(time.monotonic() - begun, cpu_seconds(pid) - used)
    for person in people:
        await person.web.aclose()
    return people, times, spent


def cpu_seconds(pid: int) -> float:
    """The processor's time of a process so far: on a shared machine it tells what the clock does
    not."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def check(url: str, people: list[Person], before: int) -> dict[str, int]:
    """Every word that was taken stands once."""
    with open_store(url) as store:
        stored = Counter(
            (d.reviewer, d.finding, d.verdict) for d in store.decisions() if d.verdict != "undone"
        )
    taken = Counter((p.name, f, v) for p in people for f, v in p.taken)
    return {
        "taken": sum(taken.values()),
        "stored": sum(stored.values()) - before,
        "lost": sum((taken - stored).values()),
        "doubled": sum(
            n - taken[key] for key, n in stored.items() if taken[key] and n > taken[key]
        ),
    }


def serve(url: str) -> None:
    """The server's process: prints where it is, and answers until it is ended."""
    desk = Desk(url, pool=12)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(256)
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        config = uvicorn.Config(create_app(desk), log_level="error", access_log=False)
        uvicorn.Server(config).run(sockets=[listener])
    desk.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--store")
    parser.add_argument("--postgres", action="store_true", help="a server of its own, on memory")
    parser.add_argument("--findings", type=int, default=0)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=2, help="mean seconds before a judgement")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.store)
        return
    with ExitStack() as stack:
        url = given.store
        if given.postgres:
            from tests.stores.postgres_server import Server, binaries

            found = binaries()
            if found is None:
                raise SystemExit("There is no PostgreSQL server here.")
            url = stack.enter_context(Server(found)).url
        if given.findings:
            make(url, given.findings)
        names, claims = prepare(url, given.people)
        with open_store(url) as store:
            before = len(store.decisions())
        process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", __file__, "--serve", "--store", url],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            place = process.stdout.readline().strip()
            people, times, spent = asyncio.run(
                crowd(place, names, claims, given.seconds, given.think, process.pid)
            )
        finally:
            if process.poll() is not None:
                print(f"The server ended by itself: {process.returncode}", file=sys.stderr)
            process.terminate()
            process.wait()
        every: list[float] = []
        for page, found_times in [*sorted(times.items()), ("all", every)]:
            every.extend(found_times if page != "all" else ())
            cut = statistics.quantiles(found_times, n=20) if len(found_times) > 1 else found_times
            figures = {
                "page": page,
                "n": len(found_times),
                "median_ms": round(statistics.median(found_times) * 1000, 1),
                "p95_ms": round(cut[-1] * 1000, 1),
                "longest_ms": round(max(found_times) * 1000, 1),
            }
            print(json.dumps(figures))
        wrong: Counter[str] = sum((p.wrong for p in people), Counter())
        rest = {
            "requests_per_second": round(len(every) / spent.seconds, 1),
            "server_cpu_ms_per_request": round(spent.cpu / len(every) * 1000, 1),
            "load": round(os.getloadavg()[0], 1),
            "wrong": wrong,
        }
        print(json.dumps(rest))
        print(json.dumps(check(url, people, before)))


if __name__ == "__main__":
    main()
