"""Fits the weights by which plain claims and relations are paired (textmine.claims.pairing).

    python models/scripts/stance_pairing.py --data ../shared/data

Reads the development half of corpora/gold/stance.jsonl (plain statements on real records), asks the
encoder of models/stance, and writes models/stance/pairing.json: logistic regression, ridge 1.
Right is a relation in a sentence that the gold quotes and whose stance is the gold's; the same
stance elsewhere is left out, everything else is wrong. Cross-validated by article; about two
minutes on one core.
"""

from __future__ import annotations

import argparse
import json
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from textmine.claims.encoder import default_encoder
from textmine.claims.pairing import FEATURES, pairs
from textmine.claims.stance import question_of
from textmine.claims.values import default_values
from textmine.claims.view import view_of
from textmine.config import data_root
from textmine.measure.stance_gold import Gold, annotated, read_gold
from textmine.reading.pipeline import Reader

Floats = NDArray[np.float64]
FOLDS = 5
RIDGE = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    folder = Path(parser.parse_args().data)
    reader = Reader()
    values = default_values(reader.lexicon)
    gold = [g for g in read_gold("dev", reader) if g.kind == "statement"]
    articles = annotated(gold, reader, folder)
    encoder = default_encoder()
    rows: list[Floats] = []
    right: list[bool] = []
    fold: list[int] = []
    for g in gold:
        view = view_of(articles[g.article], values)
        for pair in pairs(question_of(g.claim, values), view, values, encoder):
            same, quoted = pair.stance == g.stance, _quoted(g, pair.relation.sentence)
            if same and not quoted:
                continue
            rows.append(pair.features)
            right.append(same and quoted)
            fold.append(zlib.crc32(g.article.encode()) % FOLDS)
    x, y, part = np.stack(rows), np.array(right, dtype=float), np.array(fold)
    chance = np.zeros(len(y))
    for k in range(FOLDS):
        chance[part == k] = _sigmoid(x[part == k] @ fit(x[part != k], y[part != k]))
    loss = -np.mean(y * np.log(chance) + (1 - y) * np.log(1 - chance))
    weights = fit(x, y)
    table = {
        "weights": {n: round(float(w), 4) for n, w in zip(FEATURES, weights, strict=True)},
        "pairs": len(y),
        "right": int(y.sum()),
        "cross_validated_log_loss": round(float(loss), 4),
    }
    path = data_root() / "models" / "stance" / "pairing.json"
    path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(table, indent=1))


def _quoted(gold: Gold, sentence: tuple[int, int]) -> bool:
    return any(start < sentence[1] and sentence[0] < end for start, end in gold.rationale)


def fit(x: Floats, y: Floats) -> Floats:
    """Newton's method; the last column is the constant and is not held down."""
    ridge = np.diag([*[RIDGE] * (x.shape[1] - 1), 1e-6])
    weights = np.zeros(x.shape[1])
    for _ in range(100):
        chance = _sigmoid(x @ weights)
        slope = x.T @ (chance - y) + ridge @ weights
        curve = (x * (chance * (1 - chance))[:, None]).T @ x + ridge
        step = np.linalg.solve(curve, slope)
        weights = weights - step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def _sigmoid(values: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-values))


if __name__ == "__main__":
    main()
