"""How well the lexicon alone finds mentions: exact spans against gold, and its speed.

    python benchmarks/lexicon.py               # development half of the demonstration's gold
    python benchmarks/lexicon.py --show GENE   # and the errors of one label
    python benchmarks/lexicon.py --shared ../shared    # also public corpora (development sets)

Vesicles and microRNA are read by other parts; their gold spans are given as blocked.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from textmine.reading.lexicon import Lexicon

ROOT = Path(__file__).resolve().parent.parent
OTHERS = ("VESICLE", "MIRNA")
# public corpus -> its types in our labels, and the labels that are then judged
PUBLIC = {
    "bc5cdr": {"Chemical": "CHEMICAL", "Disease": "DISEASE"},
    "ncbi-disease": {"Disease": "DISEASE"},
    "anatem": {"Anatomy": "ANATOMY"},
    "bionlp13cg": {
        "Gene_or_gene_product": "GENE", "Cell": "CELL", "Simple_chemical": "CHEMICAL",
        "Cancer": "DISEASE", "Organism": "ORGANISM", "Organ": "ANATOMY", "Tissue": "ANATOMY",
        "Organism_substance": "ANATOMY", "Multi-tissue_structure": "ANATOMY",
        "Cellular_component": "ANATOMY",
    },
    "craft": {"GGP": "GENE", "CL": "CELL", "CHEBI": "CHEMICAL", "TAXON": "ORGANISM"},
    "bc2gm": {"GENE": "GENE"},
    "linnaeus": {"Species": "ORGANISM"},
}  # fmt: skip
Spans = set[tuple[int, int, str]]


def demo() -> Iterator[tuple[str, Spans]]:
    with gzip.open(ROOT / "corpora" / "gold" / "demo.jsonl.gz", "rt", encoding="utf-8") as stream:
        for line in stream:
            record = json.loads(line)
            if record["split"] == "dev":
                yield (
                    record["text"],
                    {(m["start"], m["end"], m["label"]) for m in record["mentions"]},
                )


def public(path: Path, types: dict[str, str]) -> Iterator[tuple[str, Spans]]:
    """The sentences of an IOB file, their tokens joined by blanks."""
    text, spans, open_ = "", set(), None
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in [*stream, "\n"]:
            cells = line.rstrip("\n").split("\t")
            if not cells[0]:
                if open_ is not None:
                    spans.add(open_)
                if text:
                    yield text, {(s, e, types[k]) for s, e, k in spans if k in types}
                text, spans, open_ = "", set(), None
                continue
            start = len(text) + bool(text)
            text = f"{text} {cells[0]}" if text else cells[0]
            tag = cells[-1]
            if tag.startswith("I-") and open_ is not None:
                open_ = (open_[0], len(text), open_[2])
            else:
                if open_ is not None:
                    spans.add(open_)
                open_ = None if tag == "O" else (start, len(text), tag[2:])


def judge(
    lexicon: Lexicon, texts: list[tuple[str, Spans]], labels: set[str], show: str | None
) -> None:
    right: Counter[str] = Counter()
    found: Counter[str] = Counter()
    gold: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for text, spans in texts:
        blocked = [(s, e) for s, e, label in spans if label in OTHERS]
        here = {(m.start, m.end, m.label) for m in lexicon.match(text, blocked=blocked)}
        here = {x for x in here if x[2] in labels}
        there = {x for x in spans if x[2] in labels}
        right.update(x[2] for x in here & there)
        found.update(x[2] for x in here)
        gold.update(x[2] for x in there)
        wrong.update(f"{text[s:e]}" for s, e, x in here - there if x == show)
        missed.update(f"{text[s:e]}" for s, e, x in there - here if x == show)
    for label in [*sorted(labels), None]:
        n = right.total() if label is None else right[label]
        f = found.total() if label is None else found[label]
        g = gold.total() if label is None else gold[label]
        p, r = n / f if f else 0.0, n / g if g else 0.0
        score = 2 * p * r / (p + r) if p + r else 0.0
        print(f"  {label or 'all':13s} P {p:.3f}  R {r:.3f}  F1 {score:.3f}  gold {g}")
    if show:
        print("  wrong:", wrong.most_common(80))
        print("  missed:", missed.most_common(80))


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the lexicon.")
    parser.add_argument("--shared", type=Path, default=os.environ.get("TEXTMINE_SHARED"))
    parser.add_argument("--show", help="list the errors of this label")
    given = parser.parse_args()
    begun = time.perf_counter()
    lexicon = Lexicon.load()
    print(f"loaded {len(lexicon)} concepts in {time.perf_counter() - begun:.2f} s")
    texts = list(demo())
    begun = time.perf_counter()
    for text, _ in texts:
        lexicon.match(text)
    print(f"{len(texts) / (time.perf_counter() - begun):.0f} abstracts/s")
    labels = {label for _, spans in texts for _, _, label in spans} - set(OTHERS)
    print("demonstration, development half")
    judge(lexicon, texts, labels, given.show)
    if given.shared:
        for name, types in PUBLIC.items():
            path = Path(given.shared) / "data" / "ner" / name / "devel.iob.gz"
            print(name)
            judge(lexicon, list(public(path, types)), set(types.values()), None)


if __name__ == "__main__":
    main()
