"""What the linker costs, and whether its scores can be believed.

    python benchmarks/linking.py                    # data folder: TEXTMINE_SHARED or ../shared

- processor time to build the names (once) and to open them, peak memory, mentions a second;
- calibration: of the links with a score around 0.7 about 70% should be right (held-out documents of
  CRAFT; the accuracy itself: `textmine measure linking`);
- false links: of names whose concept is taken out of the knowledge base none should be linked.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("TEXTMINE_SHARED", ROOT.parent / "shared"))
BINS = 10


def opened(shared: Path) -> None:
    """In a process of its own: seconds to open, memory, speed."""
    from textmine.measure.corpora import read_concepts
    from textmine.measure.linking import asked_of
    from textmine.reading.lexicon import Lexicon
    from textmine.reading.linking import Linker

    begun = time.process_time()
    lexicon = Lexicon.load()
    linker = Linker(lexicon)
    linker.link([("hepatic", "ANATOMY")])
    names = time.process_time() - begun
    assert linker.generator is not None
    letters = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    documents = [asked_of(document) for document in read_concepts(shared / "data")]
    begun = time.process_time()
    count = 0
    for rows in documents:
        linker.link([asked for asked, _ in rows])
        count += len(rows)
    spent = time.process_time() - begun
    print(
        json.dumps(
            {
                "names": len(linker.names.keys),
                "concepts": len(linker.names.curies),
                "open": names,
                "open_letters": letters,
                "speed": count / spent,
                "peak": peak,
            }
        )
    )


def calibration(shared: Path) -> None:
    from textmine.measure.corpora import read_concepts
    from textmine.measure.linking import cases
    from textmine.reading.lexicon import Lexicon
    from textmine.reading.linking import Linker

    linker = Linker(Lexicon.load(), threshold=0.0)
    kinds = ("CL", "UBERON", "GO_BP", "CHEBI")
    rows = [
        (case.found.score, case.right)
        for case in cases(linker, read_concepts(shared / "data"), kinds)
        if case.found is not None and linker.ours(case.gold.curie, _label(case.gold.kind))
    ]
    error = 0.0
    print("score       links  mean score  right")
    for number in range(BINS):
        low, high = number / BINS, (number + 1) / BINS
        kept = [row for row in rows if low <= row[0] < high]
        if kept:
            score = sum(row[0] for row in kept) / len(kept)
            right = sum(row[1] for row in kept) / len(kept)
            error += abs(score - right) * len(kept) / len(rows)
            print(f"{low:.1f}-{high:.1f}  {len(kept):>8}  {score:>10.3f}  {right:>5.3f}")
    print(f"expected calibration error {error:.3f}")


def _label(kind: str) -> str:
    from textmine.measure.linking import KINDS

    return KINDS[kind]


def false_links(seed: int, count: int = 3000) -> None:
    """Names whose concept is hidden: what is still linked is a false link."""
    from textmine.reading.lexicon import Lexicon
    from textmine.reading.linking import Linker
    from textmine.reading.linking_rank import chances

    linker = Linker(Lexicon.load())
    names = linker.names
    chance = random.Random(seed)
    for label in ("CELL", "ANATOMY", "PROCESS", "CHEMICAL", "DISEASE", "GENE"):
        concepts = [at for at, one in enumerate(names.labels) if one == label]
        linked = 0
        asked = chance.sample(concepts, min(count // 6, len(concepts)))
        for at in asked:
            found, none = linker.candidates(names.shown[at], label)
            left = [one for one in found if one.concept != at]
            linked += max(chances(linker.weights, left, none), default=0.0) >= linker.threshold
        print(f"{label:<10} {linked} of {len(asked)} linked although their concept was hidden")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the linker.")
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--open", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.open:
        opened(given.shared)
        return
    if not (given.shared / "data").is_dir():
        parser.error(f"{given.shared / 'data'} is not there; name the data folder with --shared")
    import tempfile

    with tempfile.TemporaryDirectory() as cache:
        for what in ("built", "opened"):
            out = subprocess.run(
                [sys.executable, __file__, "--open", "--shared", str(given.shared)],
                env={**os.environ, "XDG_CACHE_HOME": cache, "OMP_NUM_THREADS": "1"},
                capture_output=True,
                text=True,
                check=True,
            )
            row = json.loads(out.stdout.splitlines()[-1])
            print(
                f"{what}: {row['names']} names of {row['concepts']} concepts; lexicon and names "
                f"{row['open']:.2f} s, with the index of letters {row['open_letters']:.2f} s; peak "
                f"{row['peak']:.0f} MB; {row['speed']:.0f} mentions/s"
            )
    calibration(given.shared)
    false_links(given.seed)


if __name__ == "__main__":
    main()
