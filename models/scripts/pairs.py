"""Trains the reader of own findings (models/relations/pairs.npz).

python models/scripts/pairs.py --data DIR [--out models/relations] [--without real]

From this project's own gold: sentences and the demonstration (development halves), real abstracts
(`real_train.jsonl.gz`, and the development half of `real.jsonl.gz`; `--without real` leaves the
latter out, for measuring on it). Folds by document: whatever builds on another model sees only what
that says of documents it has not learned from. Probabilities and limits are fitted on `real_train`
alone, for the rules were not written on those. The same input gives the same weights.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from textmine.config import data_root
from textmine.measure.goldtext import OWN, GoldText, read_demo_gold, read_real, read_sentences
from textmine.measure.relations import gold_files, parser_of
from textmine.reading.learned import columns, parts_of
from textmine.reading.linear import BITS, Grid, Linear, hashed
from textmine.reading.pair_model import Kind, PairModel, Part, company_of, kind_of, words_for
from textmine.reading.pair_table import Outline
from textmine.reading.pipeline import DEFAULT
from textmine.reading.relations import read_relations
from textmine.reading.roles import assign_roles
from textmine.records import Relation

FOLDS = 5
WEIGHT = {"sentences": 0.7, "demo": 0.7}
C_PAIR, C_COMPANY, C_KIND, C_GATE = 0.05, 0.1, 0.6, 0.05
STEPS = np.arange(-5.6, 5.7, 0.4, dtype=np.float32)
"""Where log odds are cut."""
GATE = -4.0
"""Log odds, by counts alone, from which on a pair is worth a closer look."""
LOOK = -0.35
"""Log odds from which on a pair that the rules did not read may come out as likely as `--add`."""


@dataclass
class Document:
    """A gold text and what the rules read in it."""

    kind: str
    gold: GoldText
    rules: tuple[Relation, ...]
    parts: list[Part]
    outline: Outline

    @property
    def fold(self) -> int:
        return hashlib.sha256(self.gold.id.encode()).digest()[0] % FOLDS


def texts(data: Path, without: Sequence[str]) -> list[tuple[str, GoldText]]:
    folder = data_root() / "corpora" / "gold"
    out = [("sentences", t) for f in gold_files(folder, "dev") for t in read_sentences(f)]
    out += [("demo", t) for t in read_demo_gold(folder / "demo.jsonl.gz", "dev")]
    out += [("real", t) for t in read_real(folder / "real.jsonl.gz", data, "dev")]
    out += [("train", t) for t in read_real(folder / "real_train.jsonl.gz", data, "train")]
    # A record without relations was not read for them.
    return [(k, t) for k, t in out if k not in without and (t.relations or k != "train")]


def document(kind: str, gold: GoldText, parse: Any) -> Document:
    sentences = gold.sentences
    if kind in ("real", "train"):
        sentences = assign_roles(gold.article, [(s.start, s.end) for s in sentences])
    doc = parse(gold.article.text, sentences)
    rules = read_relations(gold.article, sentences, gold.mentions, doc=doc)
    parts, outline = parts_of(gold.article, sentences, gold.mentions, rules, doc)
    own = [p for p in parts if kind not in ("real", "train") or p.sentence.role in OWN]
    own = [p for p in own if gold.scored in (None, (p.sentence.start, p.sentence.end))]
    return Document(kind, gold, rules, own, outline)


class Rows:
    """Every ordered pair of every document, with its label."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        numbers, words, self.kinds, fold, weight = [], [], [], [], []
        self.place: list[tuple[Document, Part, int]] = []
        for d in documents:
            gold: dict[tuple[str | None, str], Kind] = {}
            for g in d.gold.relations:
                gold.setdefault((g.subject, g.object), (g.predicate, g.direction, g.negated))
            for part in d.parts:
                numbers.append(part.table.rows)
                for k, pair in enumerate(part.table.pairs):
                    words.append(hashed(words_for(part, *pair)).astype(np.int32))
                    kind = gold.get(pair)
                    self.kinds.append("|".join(map(str, kind)) if kind else "")
                    fold.append(d.fold)
                    weight.append(WEIGHT.get(d.kind, 1.0))
                    self.place.append((d, part, k))
        self.numbers = np.concatenate(numbers)
        ends = np.cumsum([0, *(len(w) for w in words)])
        self.words = csr_matrix(
            (np.ones(ends[-1], np.float32), np.concatenate(words), ends),
            shape=(len(words), 1 << BITS),
        )
        self.fold, self.weight = np.array(fold), np.array(weight)
        self.related = np.array([bool(k) for k in self.kinds])


def edges_of(numbers: Any) -> tuple[Any, ...]:
    """Where each column is cut: between its values, or at quantiles if there are many."""
    out = []
    for column in numbers.T:
        values = np.unique(column)
        cut = values[:-1] + 1e-3 if len(values) <= 14 else np.unique(
            np.quantile(column, np.linspace(0.05, 0.95, 12)))  # fmt: skip
        out.append(cut.astype(np.float32))
    return tuple(out)


def one_hot(edges: Sequence[Any], numbers: Any) -> csr_matrix:
    grid = Grid(tuple(edges), np.zeros((len(edges), Grid.WIDTH, 1)), np.zeros(1))
    at = grid.steps(numbers) + np.arange(len(edges)) * Grid.WIDTH
    ends = np.arange(0, at.size + 1, at.shape[1])
    return csr_matrix(
        (np.ones(at.size, np.float32), at.ravel(), ends),
        shape=(len(numbers), len(edges) * Grid.WIDTH),
    )


@dataclass
class Fit:
    """Weights of one or more classes over sparse columns."""

    coef: Any
    bias: Any

    def totals(self, x: Any) -> Any:
        return x @ self.coef.T + self.bias


def fit(x: Any, ys: Sequence[Any], weight: Any, c: float) -> Fit:
    models = [LogisticRegression(C=c, solver="liblinear").fit(x, y, sample_weight=weight)
              for y in ys]  # fmt: skip
    return Fit(np.concatenate([m.coef_ for m in models]),
               np.concatenate([m.intercept_ for m in models]))  # fmt: skip


def unseen(x: Any, ys: Sequence[Any], rows: Rows, c: float, among: Any = None) -> Any:
    """For every row what a model says that has not learned from its document."""
    among = np.ones(len(rows.fold), bool) if among is None else among
    out = np.zeros((x.shape[0], len(ys)), np.float32)
    for k in range(FOLDS):
        learn, rest = among & (rows.fold != k), rows.fold == k
        out[rest] = fit(x[learn], [y[learn] for y in ys], rows.weight[learn], c).totals(x[rest])
    return out


def linear(classes: Sequence[str], columns_: Any, coef: Any, least: float) -> Linear:
    kept = np.abs(coef).max(axis=0) > least
    return Linear(tuple(classes), columns_[kept], coef[:, kept].T.astype(np.float32),
                  np.zeros(len(coef), np.float32))  # fmt: skip


def grid(edges: Sequence[Any], coef: Any, bias: Any) -> Grid:
    weights = coef.reshape(len(coef), len(edges), Grid.WIDTH).transpose(1, 2, 0)
    return Grid(tuple(edges), weights.astype(np.float32), bias.astype(np.float32))


def by_document(rows: Rows, values: Any) -> list[tuple[Document, list[Any]]]:
    """The values of all rows, cut by document and part."""
    out, at = [], 0
    for d in rows.documents:
        mine = []
        for part in d.parts:
            mine.append(values[at : at + len(part.table.pairs)])
            at += len(part.table.pairs)
        out.append((d, mine))
    return out


def rating(rows: Rows, odds: Any, shares: Any, classes: Sequence[str], add: float) -> Any:
    """Rows of `columns` for all that was read or may be added; whether right; whether by rules."""
    table, right, ours = [], [], []
    for i, (d, part, k) in enumerate(rows.place):
        if d.kind != "train":
            continue
        pair = part.table.pairs[k]
        gold = {(g.predicate, g.direction, g.negated) for g in d.gold.relations
                if (g.subject, g.object) == pair}  # fmt: skip
        here = part.told.get(pair, ())
        for r in here:
            name = "|".join(map(str, kind_of(r)))
            share = float(shares[i][classes.index(name)]) if name in classes else 0.01
            table.append(columns(float(odds[i]), share, r))
            right.append(kind_of(r) in gold)
            ours.append(True)
        if not here and odds[i] > add and (pair[1], pair[0]) not in part.told:
            best = int(shares[i].argmax())
            p, way, n = classes[best].split("|")
            table.append(columns(float(odds[i]), float(shares[i][best]), None))
            right.append((p, way, n == "True") in gold)
            ours.append(False)
    return np.array(table), np.array(right), np.array(ours)


def train(rows: Rows, look: float) -> PairModel:
    y = rows.related
    edges = edges_of(rows.numbers)
    hot = one_hot(edges, rows.numbers)
    gate = fit(hot, [y], rows.weight, C_GATE)
    passes = unseen(hot, [y], rows, C_GATE)[:, 0]
    share, kept = np.mean(passes > GATE), np.mean(passes[y] > GATE)
    print(f"the gate passes {share:.2f} of all pairs, {kept:.3f} of the true ones", flush=True)

    seen = np.asarray((rows.words != 0).sum(axis=0)).ravel()
    used = np.flatnonzero(seen >= 3)
    both = hstack([rows.words[:, used], hot]).tocsr()
    pair = fit(both, [y], rows.weight, C_PAIR)
    alone = np.maximum(unseen(both, [y], rows, C_PAIR)[:, 0], -6.0)

    named = by_document(rows, alone)
    company_rows = np.concatenate(
        [c for d, values in named for c in company_of(d.parts, values, d.outline)]
    )
    cuts = (STEPS,) * company_rows.shape[1]
    beside = one_hot(cuts, company_rows)
    # A pair's own log odds go in as they are too: their steps alone would be coarse.
    beside = hstack([beside, csr_matrix(alone[:, None])]).tocsr()
    company = fit(beside, [y], rows.weight, C_COMPANY)
    odds = unseen(beside, [y], rows, C_COMPANY)[:, 0]

    counted = Counter(k for k in rows.kinds if k)
    classes = sorted(k for k, n in counted.items() if n >= 8)
    kinds = np.array(rows.kinds)
    known = y & np.isin(kinds, classes)
    ys = [kinds == c for c in classes]
    kind = fit(both[known], [v[known] for v in ys], rows.weight[known], C_KIND)
    chances = 1 / (1 + np.exp(-unseen(both, ys, rows, C_KIND, known)))
    shares = chances / chances.sum(axis=1, keepdims=True)

    table, right, ours = rating(rows, odds, shares, classes, look)
    rate = LogisticRegression(C=10).fit(table, right)
    limits = {"gate": GATE, "look": LOOK, "rate": float(rate.intercept_[0])}
    limits |= {f"rate.{k}": float(w) for k, w in enumerate(rate.coef_[0])}
    report(rate.predict_proba(table)[:, 1], right, ours)
    limits |= afar(rows.documents) | {"own": float(company.coef[0, -1])}
    width = len(used)
    return PairModel(
        grid(edges, gate.coef, gate.bias),
        linear(("yes",), used, pair.coef[:, :width], 0.004),
        grid(edges, pair.coef[:, width:], pair.bias),
        grid(cuts, company.coef[:, :-1], company.bias),
        linear(classes, used, kind.coef[:, :width], 0.05),
        grid(edges, kind.coef[:, width:], kind.bias),
        limits,
    )


def afar(documents: Sequence[Document]) -> dict[str, float]:
    """What the score of a relation with its agent elsewhere, or without one, is worth."""
    scores, right = [], []
    for d in documents:
        inside = {pair for part in d.parts for pair in part.table.pairs}
        gold = {g.key for g in d.gold.relations}
        for r in d.rules:
            if d.kind == "train" and r.role in OWN and (r.subject, r.object) not in inside:
                scores.append(r.score)
                right.append((r.subject, r.object, *kind_of(r)) in gold)
    slope = np.polyfit(scores, np.array(right, float), 1)[0] if len(scores) > 9 else 0.0
    print(f"agents elsewhere: {len(scores)}, right {np.mean(right):.2f}")
    slope = min(max(float(slope), 0.0), 1.0)
    return {"afar": float(np.mean(right) - slope * np.mean(scores)), "afar.score": slope}


def report(chance: Any, right: Any, ours: Any) -> None:
    for name, of in (("rules", ours), ("added", ~ours)):
        for low, high in (
            (0, 0.2),
            (0.2, 0.35),
            (0.35, 0.5),
            (0.5, 0.65),
            (0.65, 0.8),
            (0.8, 1.01),
        ):
            m = of & (chance >= low) & (chance < high)
            if m.any():
                print(f"  {name} {low:.2f}-{high:.2f}: {m.sum()} mean {chance[m].mean():.2f} "
                      f"right {right[m].mean():.2f}")  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--parser", default=DEFAULT, help="a pipeline with tagger and parser")
    arguments.add_argument("--out", type=Path, default=data_root() / "models" / "relations")
    arguments.add_argument("--without", nargs="*", default=[], choices=["real", "demo"])
    arguments.add_argument("--add", type=float, default=0.4)
    arguments.add_argument("--drop", type=float, default=0.25)
    args = arguments.parse_args()
    parse = parser_of(args.parser)
    documents = [document(kind, gold, parse) for kind, gold in texts(args.data, args.without)]
    rows = Rows(documents)
    print(f"{len(documents)} texts, {len(rows.kinds)} pairs, {rows.related.sum()} related")
    model = train(rows, look=-2.0)
    limits = {**model.limits, "add": args.add, "drop": args.drop}
    path = PairModel(model.gate, model.words, model.grid, model.company, model.kinds,
                     model.kind_grid, limits).save(args.out)  # fmt: skip
    print(json.dumps({"bytes": path.stat().st_size, **limits}))


if __name__ == "__main__":
    main()
