"""Abstracts per second of the whole path (`textmine run`) and of reading alone.

    python benchmarks/whole_path.py --project corpora/msc-exosome-liver --source records.xml.gz

Each round runs the command in a process of its own on one thread, start-up and all, into a new
folder. Shown are the median over the rounds and the lowest and highest.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def whole_path(project: str, source: str, folder: Path) -> tuple[int, float]:
    """(articles read, seconds) of one run of the command."""
    command = [sys.executable, "-m", "textmine", "run", project, "--source", source]
    began = time.perf_counter()
    done = subprocess.run(
        [*command, "--out", str(folder), "--json"], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)["read"], time.perf_counter() - began


def reading(source: str) -> tuple[int, float]:
    """(articles read, seconds) of the reader alone, without start-up."""
    from textmine.pubmed.read import Broken, read_articles
    from textmine.reading.pipeline import Reader

    reader = Reader()
    articles = [a for a in read_articles(source) if not isinstance(a, Broken)]
    for article in articles[:5]:
        reader.read(article)
    began = time.perf_counter()
    for article in articles:
        reader.read(article)
    return len(articles), time.perf_counter() - began


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--project", required=True)
    arguments.add_argument("--source", required=True)
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = [
            whole_path(options.project, options.source, Path(folder) / str(n))
            for n in range(options.rounds)
        ]
    reads = [reading(options.source) for _ in range(options.rounds)]
    for name, results in (("whole path", runs), ("reading alone", reads)):
        rates = [count / seconds for count, seconds in results]
        print(
            json.dumps(
                {
                    "what": name,
                    "articles": results[0][0],
                    "rounds": options.rounds,
                    "per_s": round(statistics.median(rates), 1),
                    "lowest": round(min(rates), 1),
                    "highest": round(max(rates), 1),
                }
            )
        )


if __name__ == "__main__":
    main()
