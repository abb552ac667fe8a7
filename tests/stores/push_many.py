"""A process of its own that pushes: python push_many.py URL NAME FIRST COUNT [WORD]."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.builders import annotated
from tests.stores.conformance import run_of
from textmine.stores.base import open_store


def main(url: str, name: str, first: str, count: str, word: str = "supported") -> None:
    articles = [annotated(str(n)) for n in range(int(first), int(first) + int(count))]
    with open_store(url) as store:
        print("begins", flush=True)
        store.push(run_of(name, *articles, word=word))
        print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
