"""A process of its own that pushes: python push_many.py URL NAME FIRST COUNT [WORD].

With `serve` it takes such lines from standard input and forks a child for each, telling its number
and how it ended: so a hundred pushes start Python once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.builders import annotated
from tests.stores.conformance import run_of
from textmine.stores.base import open_store


def push(url: str, name: str, first: str, count: str, word: str = "supported") -> None:
    articles = [annotated(str(n)) for n in range(int(first), int(first) + int(count))]
    with open_store(url) as store:
        store.push(run_of(name, *articles, word=word))


def serve() -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                push(*line.split())
            except BaseException as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        push(*sys.argv[1:])
