"""Fits what turns the stance model's answers into chances, on the tenth kept for that.

    python models/scripts/stance_calibrate.py DATA FOLDER

Abstracts of that tenth neither train nor test the model. Writes FOLDER/calibration.json and prints
what the fit changed. A temperature and a few offsets are all: there is too little for more.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from textmine.claims.encoder import (
    DIRECTIONS,
    STANCES,
    Abstract,
    Calibration,
    Encoder,
    frame_query,
    softmax,
    weighed,
)
from textmine.measure.claim_corpora import Finding, part_of, read_inference, read_scifact

Rows = np.ndarray


def temperature(logits: Rows, allowed: Rows) -> float:
    """The one that makes what is right (any of the allowed classes) likeliest."""

    def cost(values: Sequence[float]) -> float:
        found = softmax(logits / np.exp(np.clip(values[0], -2.0, 2.0)))
        return float(-np.log(np.maximum((found * allowed).sum(axis=1), 1e-9)).mean())

    best = minimize(cost, [0.0], method="Nelder-Mead")
    heat = float(np.exp(np.clip(best.x[0], -2.0, 2.0)))
    print(f"  temperature {heat:.2f}: loss {cost([0.0]):.3f} -> {best.fun:.3f}")
    return round(heat, 4)


def arms(encoder: Encoder, items: Sequence[Finding], heat: float, known: Rows) -> float:
    """The weight of the question with its arms swapped that makes what is right likeliest."""
    asked = [(frame_query(i.intervention, i.outcome, i.comparator), i.evidence) for i in items]
    other = [(frame_query(i.comparator, i.outcome, i.intervention), i.evidence) for i in items]
    one = softmax(encoder.logits(asked)[:, 1:5] / heat)
    turned = softmax(encoder.logits(other)[:, 1:5] / heat)[:, [1, 0, 2, 3]]
    costs = {}
    for weight in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5):
        mixed = (1 - weight) * one + weight * turned
        right = (mixed * known).sum(axis=1)
        costs[weight] = float(-np.log(np.maximum(right, 1e-9)).mean())
        hits = (mixed.argmax(axis=1) == known.argmax(axis=1)).mean()
        print(f"  swapped arms at {weight}: loss {costs[weight]:.3f}, right {hits:.3f}")
    return min(costs, key=lambda weight: costs[weight])


def line(scores: Rows, right: Rows) -> tuple[float, float]:
    """Slope and offset (Platt 1999)."""

    def cost(values: Sequence[float]) -> float:
        x = values[0] * scores + values[1]
        return float((np.logaddexp(0, x) - right * x).mean())

    best = minimize(cost, [1.0, 0.0], method="Nelder-Mead")
    print(f"  slope {best.x[0]:.2f}, offset {best.x[1]:.2f}: {cost([1, 0]):.3f} -> {best.fun:.3f}")
    return round(float(best.x[0]), 4), round(float(best.x[1]), 4)


def together(
    abstracts: Sequence[Abstract], allowed: Rows, free: Sequence[int]
) -> tuple[float, ...]:
    """Temperature and offsets of the sum over an abstract; `free`: which of them may move. Where
    the gold never leaves the last class, only the shares of the others are looked at."""
    classes = 4 if allowed[:, 3].any() else 3

    def values_of(point: Sequence[float]) -> tuple[float, ...]:
        values = [0.0, 0.0, 0.0]
        for place, value in zip(free, point, strict=True):
            values[place] = value
        return float(np.exp(values[0])), values[1], values[2]

    def cost(point: Sequence[float]) -> float:
        found = np.array([weighed(a.rows, a.relevance, values_of(point)) for a in abstracts])
        found = found[:, :classes] / found[:, :classes].sum(axis=1, keepdims=True)
        penalty = 0.01 * float(np.square(point).sum())
        return (
            float(-np.log(np.maximum((found * allowed[:, :classes]).sum(axis=1), 1e-9)).mean())
            + penalty
        )

    start = [0.0] * len(free)
    best = minimize(cost, start, method="Nelder-Mead", options={"maxiter": 400})
    values = tuple(round(v, 4) for v in values_of(best.x))
    print(f"  {values}: loss {cost(start):.3f} -> {best.fun:.3f} ({len(abstracts)} abstracts)")
    return values


def mask(names: Sequence[str], allowed: Sequence[str]) -> list[float]:
    return [float(name in allowed) for name in names]


def stances(stance: str) -> list[float]:
    """SciFact's CONTRADICT holds what found no effect too."""
    return mask(STANCES, ("contradicts", "null_effect") if stance == "contradicts" else (stance,))


def main(data: Path, folder: Path) -> None:
    (folder / "calibration.json").unlink(missing_ok=True)
    encoder = Encoder(folder)
    save: Callable[[Calibration], object] = lambda c: (folder / "calibration.json").write_text(  # noqa: E731
        json.dumps(asdict(c), indent=1) + "\n", "utf-8"
    )
    found = [
        f for f in read_inference(data, "train") if f.valid and part_of(f.document) == "calibration"
    ]
    pairs = [p for p in read_scifact(data, "train") if part_of(p.document) == "calibration"]

    asked, known, evidence = [], [], []
    for item in found:
        query = frame_query(item.intervention, item.outcome, item.comparator)
        asked.append((query, item.evidence))
        known.append(mask(DIRECTIONS, (item.direction,)))
        if item.shown:
            evidence += [(query, s, n in item.shown) for n, s in enumerate(item.sentences)]
    direction = temperature(encoder.logits(asked)[:, 1:5], np.array(known))
    swapped = arms(encoder, found, direction, np.array(known))
    frame = line(
        encoder.logits([(q, s) for q, s, _ in evidence])[:, 0],
        np.array([r for _, _, r in evidence], dtype=float),
    )
    asked, known, evidence = [], [], []
    for pair in pairs:
        marked = {n for group in pair.rationales for n in group}
        for n, sentence in enumerate(pair.sentences):
            evidence.append((pair.statement, sentence, n in marked))
            if n in marked:
                asked.append((pair.statement, sentence))
                known.append(stances(pair.stance))
    stance = temperature(encoder.logits(asked)[:, 5:9], np.array(known))
    claim = line(
        encoder.logits([(q, s) for q, s, _ in evidence])[:, 0],
        np.array([r for _, _, r in evidence], dtype=float),
    )
    costs = {}
    for weight in (0.0, 0.25, 0.5, 0.75):
        encoder.calibration = Calibration(direction, stance, effect=weight)
        rows = np.concatenate([encoder.stances(a, [b]) for a, b in asked])
        right = (rows * np.array(known)).sum(axis=1)
        costs[weight] = float(-np.log(np.maximum(right, 1e-9)).mean())
        print(f"  direction head of plain claims at {weight}: loss {costs[weight]:.3f}")
    effect = min(costs, key=lambda weight: costs[weight])
    first = Calibration(direction, stance, frame, claim, swapped=swapped, effect=effect)
    save(first)

    encoder = Encoder(folder)
    by_prompt = {f.prompt: f for f in found if f.sentences}
    abstracts = [
        encoder.direction_in_abstract(f.intervention, f.outcome, f.comparator, f.sentences)
        for f in by_prompt.values()
    ]
    directions = together(
        abstracts, np.array([mask(DIRECTIONS, (f.direction,)) for f in by_prompt.values()]), (0, 1)
    )
    whole = [encoder.stance_in_abstract(p.statement, p.sentences) for p in pairs]
    sums = together(whole, np.array([stances(p.stance) for p in pairs]), (0, 2))
    save(replace(first, abstract_direction=directions, abstract_stance=sums))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
