"""Learns how the linker ranks (`linking/weights.toml`) and what forms meant (`learned.tsv.gz`).

    python models/lexicon/link.py --data DIR      # DIR as in docs/models.md: CRAFT and BioRED

Only training documents are read: two thirds of CRAFT's full texts (documents are held out by a hash
of their id) and BioRED's training part. What a form meant in a document itself never counts when
the weights are learned from it. Licences and attribution: models/README.md.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy
from scipy.optimize import minimize

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from textmine.measure.corpora import ConceptText, read_biored, read_concepts  # noqa: E402
from textmine.measure.linking import asked_of, long_forms  # noqa: E402
from textmine.reading.lexicon import Lexicon  # noqa: E402
from textmine.reading.linking import Linker, _long_form  # noqa: E402
from textmine.reading.linking_names import normal  # noqa: E402
from textmine.reading.linking_rank import Features, Memory, Weights  # noqa: E402
from textmine.reading.pipeline import build_pipeline  # noqa: E402

Counts = dict[tuple[str, str], Counter[str]]
HIDDEN = 10  # of every tenth form the concept is hidden, so that "none" is learned too
LEAST = 2  # times that a form must have been met to be kept
PENALTY = 1e-4


class LeftOut(Memory):
    """The counts of all documents but one."""

    def __init__(self, every: Memory, out: Mapping[tuple[str, str], Mapping[str, int]]) -> None:
        self._every = every
        self._out = out
        gone: Counter[str] = Counter()
        for meant in out.values():
            gone.update(meant)
        self.concepts = {c: n - gone[c] for c, n in every.concepts.items() if n > gone[c]}

    def meant(self, label: str, form: str) -> Mapping[str, int]:
        own = self._out.get((label, form), {})
        return {
            curie: count - own.get(curie, 0)
            for curie, count in self._every.meant(label, form).items()
            if count > own.get(curie, 0)
        }


def counted(linker: Linker, document: ConceptText) -> Counts:
    """How often each form meant which of our concepts in a document."""
    counts: Counts = defaultdict(Counter)
    for (text, label), gold in asked_of(document):
        form = normal(text)
        curie = linker.ours(gold.curie, label)
        if form and curie:
            counts[label, form][curie] += 1
    return counts


def cases(
    linker: Linker, documents: list[ConceptText], every: Memory
) -> Iterator[tuple[list[Features], int, int]]:
    """(features of each answer, "none" first; which answer is right; how often it was asked)."""
    nlp = build_pipeline()
    for document in documents:
        linker.memory = LeftOut(every, counted(linker, document))
        linker._seen.clear()
        known = long_forms(document.text, nlp)
        asked: Counter[tuple[str, str, str]] = Counter(
            (text, label, gold.curie) for (text, label), gold in asked_of(document)
        )
        for number, ((text, label, curie), count) in enumerate(sorted(asked.items())):
            found, none = linker.candidates(text, label, _long_form(text, known))
            if not found or linker.ours(curie, label) is None:
                continue  # of a concept that the lists lack it cannot be told what is right
            right = [linker.same(linker.names.curies[c.concept], curie) for c in found]
            if number % HIDDEN == 0 and any(right):
                found = [c for c, is_right in zip(found, right, strict=True) if not is_right]
                right = [False] * len(found)
            answer = right.index(True) + 1 if any(right) else 0
            yield [none, *(c.features for c in found)], answer, count


def learned(rows: list[tuple[list[Features], int, int]]) -> dict[str, float]:
    """Weights by which the right answers are likeliest."""
    names = sorted({name for features, _, _ in rows for one in features for name in one})
    column = {name: at for at, name in enumerate(names)}
    size = sum(len(features) for features, _, _ in rows)
    matrix = numpy.zeros((size, len(names)), dtype=numpy.float32)
    begins, right, weight = [], [], []
    at = 0
    for features, answer, count in rows:
        begins.append(at)
        right.append(at + answer)
        weight.append(count**0.5)
        for one in features:
            for name, value in one.items():
                matrix[at, column[name]] = value
            at += 1
    group = numpy.repeat(numpy.arange(len(rows)), [len(features) for features, _, _ in rows])
    share = numpy.array(weight) / sum(weight)

    def loss(values: numpy.ndarray) -> tuple[float, numpy.ndarray]:
        scores = matrix @ values
        scores = scores - numpy.maximum.reduceat(scores, begins)[group]
        powers = numpy.exp(scores)
        chances = powers / numpy.add.reduceat(powers, begins)[group]
        error = chances * share[group]
        error[right] -= share
        cost = -(share * numpy.log(numpy.maximum(chances[right], 1e-12))).sum()
        return cost + PENALTY * (values**2).sum(), matrix.T @ error + 2 * PENALTY * values

    start = numpy.zeros(len(names))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500})
    print(f"{len(rows)} cases, {size} answers, {len(names)} weights, loss {found.fun:.4f}")
    return dict(zip(names, (float(value) for value in found.x), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description="Learn the linker's weights.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=HERE / "linking")
    given = parser.parse_args()
    begun = time.perf_counter()
    linker = Linker(Lexicon.load(), weights=Weights({}), memory=Memory({}))
    documents = [*read_concepts(given.data, "train"), *read_biored(given.data, "train")]
    total: Counts = defaultdict(Counter)
    for document in documents:
        for key, meant in counted(linker, document).items():
            total[key].update(meant)
    weights = learned(list(cases(linker, documents, Memory(total))))
    given.out.mkdir(exist_ok=True)
    lines = [
        f"{label}\t{form}\t{curie}\t{count}"
        for (label, form), meant in sorted(total.items())
        for curie, count in sorted(meant.items())
        if sum(meant.values()) >= LEAST
    ]
    with (
        open(given.out / "learned.tsv.gz", "wb") as raw,
        gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed,
    ):
        packed.write(("\n".join(lines) + "\n").encode())
    text = "# Learned by models/lexicon/link.py; what the names mean stands in linking_rank.py.\n"
    text += "[weights]\n" + "".join(f'"{n}" = {v:.4f}\n' for n, v in sorted(weights.items()))
    (given.out / "weights.toml").write_text(text, encoding="utf-8")
    print(f"{len(lines)} forms with their meanings, {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
