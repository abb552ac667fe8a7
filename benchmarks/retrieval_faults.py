"""Fetches again and again from a server that misbehaves, kills the fetching process at random, and
counts what was lost without a word.

    python benchmarks/retrieval_faults.py --runs 200

Each run: 400 records of which three are never given out; a quarter of the requests meet a fault;
up to four kills (SIGKILL) at random moments; then fetching until all is there or named. A silent
loss is a record that is neither stored byte for byte nor named, or an exit code 0 with a gap.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.eutils.records import Record, synthetic
from tests.eutils.scenarios import CONTENT, TRANSIENT, flaky
from tests.eutils.server import EutilsServer
from textmine.pubmed.archive import Archive, is_archive
from textmine.pubmed.entrez import Credentials
from textmine.pubmed.fetch import fetch

LOST = frozenset({1007, 1200, 1399})
WHO = Credentials("someone@example.org", api_key="k")


def records() -> list[Record]:
    return [synthetic(1000 + i, date(2020, 1, 1 + i % 28)) for i in range(400)]


def serve(seed: int, share: float, pipe: Connection) -> None:
    slow = ("http_503_retry_after", "http_429_retry_after", "http_429_json", "trickle", "hang")
    # The slow ones come too, but not so often that the clock decides how many runs there are.
    faults = tuple(f for f in TRANSIENT if f not in slow) * 4 + CONTENT * 4 + slow[3:]
    scenario = flaky(seed, share, faults)
    scenario.lost = LOST
    with EutilsServer(records(), scenario, key_limit=10_000) as server:
        pipe.send(server.url)
        while not pipe.poll(0.5):
            pass
        pipe.send((len(server.log), Counter(r.fault or "none" for r in server.log)))


def child(folder: Path, url: str) -> int:
    """Fetches in a forked process; returns its id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
        report = fetch(["exosomes"], folder, WHO, base_url=url, batch=20, request_timeout=1.0)
        code = report.exit_code
    finally:
        os._exit(code)


def check(folder: Path, truth: dict[str, bytes]) -> int:
    """How many stored records are not what the server has."""
    archive = Archive.open(folder)
    faults = len(archive.verify())
    for pmid, entry in archive.entries.items():
        if entry.state == "stored" and archive.record(pmid) != truth[pmid]:
            faults += 1
    return faults


def one(folder: Path, url: str, rng: random.Random, truth: dict[str, bytes]) -> dict[str, int]:
    out = {"kills": 0, "runs": 0, "wrong": 0, "silent": 0, "bad_exit": 0}
    for _ in range(rng.randint(0, 4)):
        pid = child(folder, url)
        time.sleep(rng.uniform(0.005, 0.3))
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        out["kills"] += os.WIFSIGNALED(status)
        out["runs"] += 1
        if is_archive(folder):
            out["wrong"] += check(folder, truth)
    for _ in range(20):
        _, status = os.waitpid(child(folder, url), 0)
        out["runs"] += 1
        code = os.waitstatus_to_exitcode(status)
        archive = Archive.open(folder)
        missing = {p for p, e in archive.entries.items() if e.state != "stored"}
        whole = set(archive.entries) == set(truth) and not missing
        out["bad_exit"] += (code == 0) != whole or code not in (0, 3, 4)
        if code == 3:
            break
    out["wrong"] += check(folder, truth)
    named = {int(p) for p, e in archive.entries.items() if e.state == "missing"}
    stored = {int(p) for p, e in archive.entries.items() if e.state == "stored"}
    out["silent"] = len({int(p) for p in truth} - stored - named)
    out["unfinished"] = int(named != LOST)
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.25, help="share of requests with a fault")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("fork").Process(
        target=serve, args=(options.seed, options.share, there), daemon=True
    )
    server.start()
    url = here.recv()
    import Bio.Entrez  # noqa: F401 - loaded once, before the forks
    import tenacity

    real = tenacity.wait_random_exponential
    tenacity.wait_random_exponential = lambda **_: real(multiplier=0.02, max=0.2)
    truth = {str(r.pmid): r.xml for r in records()}
    total: Counter[str] = Counter()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        for number in range(options.runs):
            result = one(Path(folder) / str(number), url, rng, truth)
            total.update(result)
            if any(result[k] for k in ("wrong", "silent", "bad_exit", "unfinished")):
                print(f"run {number}: {result}", file=sys.stderr)
    here.send("end")
    requests, faults = here.recv()
    summary = {
        "scenarios": options.runs,
        **total,
        "requests": requests,
        "faults": sum(v for k, v in faults.items() if k != "none"),
        "kinds_of_fault": len(faults) - 1,
        "seconds": round(time.monotonic() - began),
    }
    print(json.dumps(summary))
    return int(any(total[k] for k in ("wrong", "silent", "bad_exit", "unfinished")))


if __name__ == "__main__":
    sys.exit(main())
