"""Trains the reader of pairs: event words, their parts, pairs with signs, denial and doubt.

python models/scripts/relations.py --data DIR --parser PIPELINE [--out models/relations]

From BioNLP-ST 2013 CG and PC (training parts) and the development half of this project's own gold.
Every model is trained on what the one before says of documents that it has not seen (three folds by
document). Thresholds are chosen on such readings too. Nothing of a development part or a test half
is used. About ten minutes on one core; the same input gives the same weights.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from textmine.config import data_root
from textmine.measure.corpora import data_file, json_lines
from textmine.measure.goldtext import OWN as OWN_ROLES
from textmine.measure.goldtext import read_demo_gold, read_pairs, read_real, read_sentences
from textmine.measure.relations import gold_files, parser_of
from textmine.reading.event_features import (
    NONE,
    ORDER,
    Events,
    edge_features,
    head_token,
    kind_of,
    modality_features,
    readable,
    word_features,
)
from textmine.reading.linear import BITS, Linear, hashed
from textmine.reading.pair_features import View, view_of
from textmine.reading.ranker import OWN, Ranker, event_pairs, features_of, pair_list, said_of
from textmine.reading.relations import read_relations
from textmine.reading.roles import assign_roles
from textmine.reading.tree import words_of
from textmine.reading.triggers import Triggers

FOLDS = 3
SIGN = {1: "+", -1: "-", 0: "0"}
WAY = {"increases": "+", "decreases": "-", "unspecified": "0", "unchanged": "u"}


@dataclass
class Item:
    """A sentence to learn from."""

    document: str
    corpus: str
    text: str
    view: View
    said: dict[tuple[str, str], list[str]]
    kinds: dict[str, str] | None
    pairs: dict[tuple[str, str], str]
    words: dict[int, str] = field(default_factory=dict)
    edges: dict[tuple[int, int], str] = field(default_factory=dict)
    events: list[tuple[int, str, bool, bool]] = field(default_factory=list)
    found: Events | None = None

    @property
    def fold(self) -> int:
        return hashlib.sha256(self.document.encode()).digest()[0] % FOLDS


def event_items(data: Path, corpus: str, parse: Any) -> list[Item]:
    raw = {r["id"]: r for r in json_lines(data_file(data, "events", corpus, "train.jsonl.gz"))}
    triggers = Triggers.load()
    out = []
    for text in read_pairs(data, corpus, "train"):
        row = raw[text.id]
        doc = parse(text.article.text, text.sentences)
        rules = read_relations(text.article, text.sentences, text.mentions, doc=doc)
        signs: dict[tuple[str, str], set[int]] = defaultdict(set)
        for p in text.pairs:
            signs[p.cause, p.theme].add(p.sign)
        gold = {k: SIGN[max(v, key=lambda s: (s != 0, s))] for k, v in signs.items()}
        for s in text.sentences:
            words = words_of(doc, s.start, s.end)
            view = view_of(text.article.text, s, text.mentions, words or [], triggers)
            if view is None:
                continue
            item = Item(text.id, corpus, text.article.text, view, said_of(rules),
                        dict(text.kinds), gold)  # fmt: skip
            _label(item, row, s.start, s.end)
            for e in text.events:
                if s.start <= e.start < s.end:
                    place = head_token(view, e.start, e.end)
                    if place is not None:
                        item.events.append((place, e.kind, e.negated, e.speculated))
            out.append(item)
    return out


def _label(item: Item, row: dict[str, Any], start: int, end: int) -> None:
    """Gold event words and edges of a sentence."""
    place = {
        k: head_token(item.view, t["start"], t["end"])
        for k, t in row["triggers"].items()
        if start <= t["start"] < end
    }
    events = row["events"]
    for e in events.values():
        at = place.get(e["trigger"])
        if at is None:
            continue
        kind = kind_of(e["label"])
        if at not in item.words or ORDER.index(kind) < ORDER.index(item.words[at]):
            item.words[at] = kind
        for role, arg in e["args"]:
            x = place.get(events[arg]["trigger"]) if arg in events else item.view.at.get(arg)
            if x is None:
                continue
            if role == "Cause":
                item.edges.setdefault((at, x), "C")
            elif role.startswith(("Theme", "Product", "Participant", "Instrument")):
                item.edges.setdefault((at, x), "T")


def own_items(data: Path, parse: Any) -> list[Item]:
    """The development half of own gold. In real records only own findings are labelled."""
    folder = data_root() / "corpora" / "gold"
    texts = [(t, False) for f in gold_files(folder, "dev") for t in read_sentences(f)]
    texts += [(t, False) for t in read_demo_gold(folder / "demo.jsonl.gz", "dev")]
    if (folder / "real.jsonl.gz").is_file():
        texts += [(t, True) for t in read_real(folder / "real.jsonl.gz", data, "dev")]
    triggers = Triggers.load()
    out = []
    for text, real in texts:
        sentences = text.sentences
        if real:
            sentences = assign_roles(text.article, [(s.start, s.end) for s in sentences])
        doc = parse(text.article.text, sentences)
        rules = read_relations(text.article, sentences, text.mentions, doc=doc)
        pairs: dict[tuple[str, str], str] = {}
        for r in text.relations:
            if r.subject is not None:
                acts = r.predicate in ("regulates", "targets") and not r.negated
                pairs.setdefault((r.subject, r.object), WAY[r.direction] if acts else "other")
        for s in sentences:
            scored = text.scored in (None, (s.start, s.end))
            if not scored or (real and s.role not in OWN_ROLES):
                continue
            words = words_of(doc, s.start, s.end)
            view = view_of(text.article.text, s, text.mentions, words or [], triggers)
            if view is not None:
                item = Item(text.id, OWN, text.article.text, view, said_of(rules), None, pairs)
                out.append(item)
    return out


# --- learning


class Data:
    """Rows of hashed features with a label and a fold each."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self.labels: list[str] = []
        self.folds: list[int] = []
        self.where: list[Any] = []

    def add(self, features: Sequence[str], label: str, fold: int, where: Any = None) -> None:
        self.rows.append(hashed(features).astype(np.int32))
        self.labels.append(label)
        self.folds.append(fold)
        self.where.append(where)

    def matrix(self) -> csr_matrix:
        ends = np.cumsum([0, *(len(r) for r in self.rows)])
        index = np.concatenate(self.rows)
        return csr_matrix(
            (np.ones(len(index), np.float32), index, ends), shape=(len(self.rows), 1 << BITS)
        )


def _fit(x: Any, y: Any, weight: Any, classes: Sequence[str], c: float) -> tuple[Any, Any]:
    coef, bias = [], []
    for name in classes:
        if len(set(y == name)) < 2:  # a class that does not occur here is never found
            coef.append(np.zeros(x.shape[1]))
            bias.append(-9.0)
            continue
        model = LogisticRegression(C=c, solver="liblinear", random_state=0, tol=0.01)
        model.fit(x, y == name, sample_weight=weight)
        coef.append(model.coef_[0])
        bias.append(model.intercept_[0])
    return np.array(coef).T, np.array(bias)


def learn(
    data: Data, c: float, least: int, classes: Sequence[str], weight: Any = None, folds: bool = True
) -> tuple[Linear, Any]:
    """The model of all rows, and for each row what a model says that has not seen its document."""
    x = data.matrix()
    seen = np.bincount(x.indices, minlength=1 << BITS)
    columns = np.flatnonzero(seen >= least)
    x = x[:, columns]
    y, fold = np.array(data.labels), np.array(data.folds)
    w = np.ones(len(y)) if weight is None else weight

    jobs = [fold != k for k in range(FOLDS)] if folds else []
    jobs.append(np.ones(len(y), bool))
    parallel = Parallel(n_jobs=len(jobs), backend="multiprocessing")
    fits = parallel(delayed(_fit)(x[j], y[j], w[j], classes, c) for j in jobs)
    out = np.zeros((len(y), len(classes)), np.float32)
    for k, (coef, bias) in enumerate(fits[:-1]):
        out[fold == k] = 1 / (1 + np.exp(-(x[fold == k] @ coef + bias)))
    if len(classes) > 1:
        out /= np.maximum(out.sum(axis=1, keepdims=True), 1e-9)
    coef, bias = fits[-1]
    kept = np.abs(coef).max(axis=1) > 0.008
    linear = Linear(tuple(classes), columns[kept], coef[kept].astype(np.float32),
                    bias.astype(np.float32))  # fmt: skip
    print(f"  {len(y)} rows, {len(columns)} features, {kept.sum()} kept", flush=True)
    return linear, out


def learn_words(items: Sequence[Item]) -> Linear:
    data = Data()
    for item in items:
        for i in range(len(item.view.tokens)):
            if readable(item.view, i):
                label = item.words.get(i, NONE)
                data.add(word_features(item.view, i, item.corpus), label, item.fold, (item, i))
    classes = tuple(sorted({NONE, *ORDER}))
    model, out = learn(data, 1.0, 2, classes)
    for item in items:
        item.found = Events(classes, {}, {})
    for (item, i), scores in zip(data.where, out, strict=True):
        item.found.words[i] = scores
    return model


def learn_edges(items: Sequence[Item]) -> Linear:
    data = Data()
    for item in items:
        assert item.found is not None
        for t, x in event_pairs(item.view, item.found):
            features = edge_features(item.view, item.found, t, x, item.corpus)
            data.add(features, item.edges.get((t, x), NONE), item.fold, (item, t, x))
    model, out = learn(data, 0.3, 2, (NONE, "C", "T"))
    for (item, t, x), scores in zip(data.where, out, strict=True):
        item.found.edges.setdefault(t, {})[x] = (float(scores[2]), float(scores[1]))
    return model


def learn_pairs(items: Sequence[Item]) -> tuple[Linear, Linear, dict[str, float]]:
    pairs, signs = Data(), Data()
    for item in items:
        assert item.found is not None
        for a, b in pair_list(item.view):
            features = features_of(
                item.view, item.found, a, b, item.said, item.kinds, item.corpus
            )  # fmt: skip
            way = item.pairs.get((a, b))
            pairs.add(features, "yes" if way else "no", item.fold, (item, a, b))
            if way:
                signs.add(features, way, item.fold, (item, a, b))
    model, chance = learn(pairs, 0.1, 4, ("yes",))
    classes = ("+", "-", "0", "u", "other")
    sign_model, ways = learn(signs, 0.3, 3, classes)
    likely = {(id(i), a, b): row for (i, a, b), row in zip(signs.where, ways, strict=True)}
    limits = {}
    for corpus in ("cg", "pc"):
        limits[corpus] = _best(
            [
                (float(p[0]), bool(way), way is not None
                 and classes[int(likely[id(i), a, b].argmax())] == way)
                for (i, a, b), p in zip(pairs.where, chance, strict=True)
                if i.corpus == corpus
                for way in [i.pairs.get((a, b))]
            ]
        )  # fmt: skip
    return model, sign_model, limits


def _best(rows: Sequence[tuple[float, bool, bool]]) -> float:
    """The threshold with the best F1; rows: (probability, is a pair, and its sign is right)."""
    gold = sum(r[1] for r in rows)
    best = (0.0, 0.5)
    for limit in np.arange(0.1, 0.8, 0.02):
        kept = [r for r in rows if r[0] >= limit]
        best = max(best, (2 * sum(r[2] for r in kept) / max(1, len(kept) + gold), float(limit)))
    print(f"  threshold {best[1]:.2f}, F1 over folds {best[0]:.3f}")
    return round(best[1], 2)


def learn_modality(items: Sequence[Item], which: int) -> tuple[Linear, float]:
    data = Data()
    for item in items:
        for event in item.events:
            features = modality_features(item.view, event[0], item.text, event[1])
            data.add(features, "yes" if event[2 + which] else "no", item.fold)
    model, out = learn(data, 0.5, 2, ("yes",))
    rows = [(float(p[0]), y == "yes", y == "yes") for p, y in zip(out, data.labels, strict=True)]
    return model, _best(rows)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument(
        "--parser", required=True, help="a spaCy pipeline with tagger and parser"
    )
    arguments.add_argument("--out", type=Path, default=data_root() / "models" / "relations")
    args = arguments.parse_args()
    parse = parser_of(args.parser)
    events = [i for corpus in ("cg", "pc") for i in event_items(args.data, corpus, parse)]
    own = own_items(args.data, parse)
    print(f"{len(events)} sentences with events, {len(own)} of own gold; event words", flush=True)
    words = learn_words(events)
    print("parts of events", flush=True)
    edges = learn_edges(events)
    negation, no = learn_modality(events, 0)
    speculation, maybe = learn_modality(events, 1)
    empty = Linear(("yes",), np.zeros(1, np.int64), np.zeros((1, 1), np.float32),
                   np.zeros(1, np.float32))  # fmt: skip
    ranker = Ranker(words, edges, empty, empty, negation, speculation, {})
    for item in own:
        item.found = ranker.events(item.view)
    print("pairs", flush=True)
    pairs, signs, limits = learn_pairs([*events, *own])
    limits |= {"negation": no, "speculation": maybe}
    replace(ranker, pairs=pairs, signs=signs, thresholds=limits).save(args.out)
    size = (args.out / "weights.npz").stat().st_size
    print(json.dumps({"bytes": size, **limits}))


if __name__ == "__main__":
    main()
