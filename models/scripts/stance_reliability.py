"""The tables of reliability in the card of the stance model.

python models/scripts/stance_reliability.py DATA FOLDER
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from textmine.claims.encoder import DIRECTIONS, Encoder
from textmine.measure.claim_corpora import part_of, read_inference, read_scifact
from textmine.measure.reliability import calibration_error, reliability
from textmine.measure.stance_public import LABELS, three


def table(name: str, chances: Sequence[float], right: Sequence[bool]) -> None:
    error = calibration_error(chances, right)
    print(f"\n{name}: calibration error {error.value:.3f} ({error.low:.3f} to {error.high:.3f})\n")
    print("| chance | cases | mean chance | right | |\n|---|---|---|---|---|")
    for b in reliability(chances, right):
        bar = "█" * round(20 * b.right)
        print(f"| {b.low:.1f}–{b.high:.1f} | {b.cases} | {b.chance:.2f} | {b.right:.2f} | {bar} |")


def main(data: Path, folder: Path) -> None:
    encoder = Encoder(folder)
    items = [f for f in read_inference(data, "validation") if f.valid]
    chances, right = [], []
    for f in items:
        row = encoder.direction(f.intervention, f.outcome, f.comparator, [f.evidence])[0][:3]
        row = row / row.sum()
        chances.append(float(row.max()))
        right.append(DIRECTIONS[int(row.argmax())] == f.direction)
    table("Evidence Inference, validation, sentence given", chances, right)
    pairs = [
        p
        for part in ("train", "dev")
        for p in read_scifact(data, part)
        if part_of(p.document) == "test"
    ]
    rows = np.array([three(encoder.stance_in_abstract(p.statement, p.sentences)) for p in pairs])
    found = [LABELS[n] for n in rows.argmax(axis=1)]
    table(
        "SciFact, unseen abstracts",
        [float(v) for v in rows.max(axis=1)],
        [p.stance == f for p, f in zip(pairs, found, strict=True)],
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
