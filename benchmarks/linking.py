"""Where the linker's threshold comes from: names that its index has not seen.

    python benchmarks/linking.py

A fifth of the curated names (of concepts with three or more) is left out of the index and looked
up: right, wrong or unlinked. Names of the broad lists, whose concepts the index does not hold,
must stay unlinked; what is linked there is a false link.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict

from scispacy.linking_utils import Entity, KnowledgeBase

from textmine.reading.lexicon import Lexicon
from textmine.reading.linking import Linker, _generator


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the linker.")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    lexicon = Lexicon.load()
    names: dict[tuple[str, str], list[str]] = defaultdict(list)
    foreign: list[tuple[str, str]] = []
    curated = {c for _, c, _, source in lexicon.strong_names() if source == "curated"}
    for name, curie, label, source in lexicon.strong_names():
        if source == "curated":
            names[curie, label].append(name)
        elif curie not in curated and label in ("DISEASE", "CELL", "CHEMICAL", "GENE", "PROCESS"):
            foreign.append((name, label))
    entities, asked = [], []
    for (curie, label), found in names.items():
        known = sorted(found)
        if len(known) >= 3:
            out = chance.sample(known, max(1, len(known) // 5))
            asked += [(name, label, curie) for name in out]
            known = [name for name in known if name not in out]
        entities.append(Entity(curie, known[0], known, [label]))
    linker = Linker(lexicon, threshold=0.0, cache=False)
    begun = time.perf_counter()
    linker._generator = _generator(KnowledgeBase(entities), None)
    print(f"index over {sum(len(e.aliases) for e in entities)} names: "
          f"{time.perf_counter() - begun:.2f} s")  # fmt: skip
    begun = time.perf_counter()
    own = linker.link([(name, label) for name, label, _ in asked])
    print(f"{len(asked) / (time.perf_counter() - begun):.0f} mentions/s")
    other = linker.link(chance.sample(foreign, 4000))
    print("threshold  linked  right of linked  false links of foreign names")
    for step in range(50, 100, 5):
        least = step / 100
        linked = [(c[0].curie, x[2]) for c, x in zip(own, asked, strict=True)
                  if c and c[0].score >= least]  # fmt: skip
        right = sum(a == b for a, b in linked)
        false = sum(1 for c in other if c and c[0].score >= least)
        share, truth = len(linked) / len(asked), right / max(1, len(linked))
        print(f"  {least:.2f}     {share:6.3f}  {truth:6.3f}           {false / len(other):6.4f}")


if __name__ == "__main__":
    main()
