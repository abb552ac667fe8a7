"""Several processes at once, and processes that are killed."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from textmine.stores.base import open_store
from textmine.stores.copy import fingerprint

PUSH = Path(__file__).parent / "push_many.py"
BACKENDS = ("sqlite", "postgresql", "jsonl")
SLOW = pytest.mark.skipif("TEXTMINE_SLOW" not in os.environ, reason="set TEXTMINE_SLOW=1: minutes")
SOME = ("sqlite", "postgresql", pytest.param("jsonl", marks=[pytest.mark.slow, SLOW]))
# How often a push is killed: `TEXTMINE_SLOW=1 pytest -s -m slow tests/stores/test_processes.py`.
KILLS = int(os.environ.get("TEXTMINE_KILLS", "100"))


def start(
    url: str, name: str, first: int, count: int, word: str = "supported"
) -> subprocess.Popen[str]:
    command = [sys.executable, str(PUSH), url, name, str(first), str(count), word]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> None:
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors


@pytest.mark.parametrize("backend", SOME)
def test_two_pushes_at_once_end_as_if_one_after_the_other(
    backend: str, new_url: Callable[[str], str]
) -> None:
    url = new_url(backend)
    both = [start(url, "run_1", 10, 60), start(url, "run_2", 40, 60, "mixed")]
    for process in both:
        finish(process)
    with open_store(url) as store:
        assert store.verify() == []
        found = fingerprint(store)
        order = [r["id"] for r in sorted(store.find("run"), key=lambda r: r["position"])]
    assert sorted(order) == ["run_1", "run_2"]
    again = new_url(backend)
    words = {"run_1": (10, "supported"), "run_2": (40, "mixed")}
    for name in order:
        first, word = words[name]
        finish(start(again, name, first, 60, word))
    with open_store(again) as store:
        assert fingerprint(store) == found


def test_the_same_push_twice_at_once(new_url: Callable[[str], str]) -> None:
    url = new_url("sqlite")
    for process in [start(url, "run_1", 10, 60) for _ in range(2)]:
        finish(process)
    with open_store(url) as store:
        assert len(store.find("run")) == 1
        assert store.verify() == []


class Pusher:
    """Starts pushes in children of one process."""

    def __init__(self) -> None:
        command = [sys.executable, str(PUSH), "serve"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        assert self._line() == "ready"

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def push(self, *words: object, kill_after: float | None = None) -> int:
        """The push's exit code; -9 when it was killed before it had ended."""
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        child = int(self._line())
        if kill_after is not None:
            time.sleep(kill_after)
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        return int(self._line())

    def close(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


def kills(url: str, times: int, articles: int, seed: int) -> tuple[int, int]:
    """Kills pushes at random moments; (killed on the way, whole runs in the store)."""
    chance = random.Random(seed)
    pusher = Pusher()
    killed = 0
    try:
        began = time.perf_counter()
        assert pusher.push(url, "run_first", 10, articles) == 0
        lasts = time.perf_counter() - began
        for number in range(times):
            moment = chance.random() * lasts * 1.1
            code = pusher.push(url, f"run_{number}", 10 + number, articles, kill_after=moment)
            killed += code == -signal.SIGKILL
            with open_store(url) as store:
                assert store.verify() == [], f"after kill {number}"
                for run in store.find("run"):
                    assert len(store.find("run_article", run_id=run["id"])) == articles
        # What was killed can be done again.
        assert pusher.push(url, "run_last", 5, articles, "mixed") == 0
    finally:
        pusher.close()
    with open_store(url) as store:
        assert store.verify() == []
        whole = len(store.find("run"))
    return killed, whole


@pytest.mark.parametrize("backend", SOME)
def test_a_killed_push_leaves_a_sound_store(backend: str, new_url: Callable[[str], str]) -> None:
    kills(new_url(backend), 2, 60, seed=1)


@pytest.mark.slow
@SLOW
@pytest.mark.parametrize("backend", BACKENDS)
def test_kill_100_times(backend: str, new_url: Callable[[str], str]) -> None:
    killed, whole = kills(new_url(backend), KILLS, 100, seed=2)
    print(f"{backend}: {killed} of {KILLS} pushes were killed on the way, {whole} runs are whole")
    # A push may be killed just behind its commit, or come to its end before the kill.
    assert KILLS - killed <= whole - 2 <= KILLS
    assert killed > KILLS / 4
