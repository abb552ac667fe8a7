"""Several processes at once, and processes that are killed."""

from __future__ import annotations

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
# How often a push is killed: `TEXTMINE_KILLS=100 pytest -m slow tests/stores/test_processes.py`.
KILLS = int(os.environ.get("TEXTMINE_KILLS", "100"))


def start(
    url: str, name: str, first: int, count: int, word: str = "supported"
) -> subprocess.Popen[str]:
    command = [sys.executable, str(PUSH), url, name, str(first), str(count), word]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> None:
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors


@pytest.mark.parametrize("backend", BACKENDS)
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


def kills(url: str, times: int, articles: int, seed: int) -> tuple[int, int]:
    """Kills pushes at random moments; (killed while pushing, runs that are whole)."""
    chance = random.Random(seed)
    killed = 0
    for number in range(times):
        process = start(url, f"run_{number}", 10 + number, articles)
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n", process.stderr and process.stderr.read()
        time.sleep(chance.random() * 0.25)
        process.send_signal(signal.SIGKILL)
        out, _ = process.communicate()
        killed += "done" not in out
        with open_store(url) as store:
            assert store.verify() == [], f"after kill {number}"
            for run in store.find("run"):
                assert len(store.find("run_article", run_id=run["id"])) == articles
    with open_store(url) as store:
        whole = len(store.find("run"))
    # What was killed can be done again.
    finish(start(url, "run_last", 10, articles))
    with open_store(url) as store:
        assert store.verify() == []
    return killed, whole


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_killed_push_leaves_a_sound_store(backend: str, new_url: Callable[[str], str]) -> None:
    kills(new_url(backend), 2, 150, seed=1)


@pytest.mark.slow
@pytest.mark.skipif("TEXTMINE_SLOW" not in os.environ, reason="set TEXTMINE_SLOW=1: takes minutes")
@pytest.mark.parametrize("backend", BACKENDS)
def test_kill_100_times(backend: str, new_url: Callable[[str], str]) -> None:
    killed, whole = kills(new_url(backend), KILLS, 150, seed=2)
    print(f"{backend}: {killed} of {KILLS} pushes were killed on the way, {whole} runs were whole")
    assert killed + whole == KILLS
