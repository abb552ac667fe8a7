"""The learned reader on public claims and findings: SciFact, Evidence Inference, PubMedQA.

Split `test` is SciFact's held-out tenth (claims and abstracts that the model never saw); `dev` is
the rest: SciFact's given development claims (never trained on, but their abstracts stand in the
training part with other claims), the validation part of Evidence Inference, and PubMedQA.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from textmine.claims.encoder import DIRECTIONS, STANCES, Abstract, Encoder
from textmine.claims.opposite import default_opposites
from textmine.measure.claim_corpora import (
    Finding,
    Pair,
    Question,
    part_of,
    read_inference,
    read_pubmedqa,
    read_scifact,
)
from textmine.measure.lexical import InferenceBaseline, ScifactBaseline
from textmine.measure.reliability import calibration_error
from textmine.measure.scores import F1, Line, Mean, Share, f1, macro_f1, mean_f1, share

__all__ = ["lines"]

Floats = NDArray[np.float64]
STAGE = "stance"
TURNED = {"supports": "contradicts", "contradicts": "supports"}
PROBE = "lexical regression, a probe on the same data"
QA = "BioBERT, reasoning-required (Jin 2019)"
FIRST = 5
SHOWN = 0.5  # a sentence with this chance to be evidence is given as a rationale
_MISSES = 60


def lines(data: Path | None, splits: Sequence[str], encoder: Encoder) -> Iterator[Line]:
    """All lines of the public corpora; the plain peer's stand beside those of the model."""
    train = list(read_scifact(data, "train"))
    given = list(read_scifact(data, "dev"))
    kept_back = {p.claim for p in train if part_of(p.document) != "train"}
    plain = ScifactBaseline([p for p in train if p.claim not in kept_back])
    if "test" in splits:
        unseen = [p for p in (*train, *given) if part_of(p.document) == "test"]
        yield from _scifact("SciFact, unseen abstracts", "test", unseen, encoder, plain)
    if "dev" in splits:
        yield from _scifact("SciFact, given dev claims", "dev", given, encoder, plain)
        yield from _inference(data, encoder)
        yield from _pubmedqa(list(read_pubmedqa(data)), encoder)


def _line(
    what: str,
    split: str,
    score: F1 | Share | Mean,
    misses: Sequence[str] = (),
    peer: float | None = None,
    source: str = "",
) -> Line:
    return Line(STAGE, what, split, score, tuple(misses)[:_MISSES], peer, source)


def _accuracy(gold: Sequence[str], found: Sequence[str]) -> Share:
    return share(sum(g == f for g, f in zip(gold, found, strict=True)), len(gold))


# --- SciFact


@dataclass(frozen=True, slots=True)
class _Read:
    """A pair, what the model says of the whole abstract, and of its opposite claim."""

    pair: Pair
    found: Abstract
    opposite: Abstract | None

    @property
    def chances(self) -> Floats:
        return three(self.found)

    @property
    def stance(self) -> str:
        return LABELS[int(self.chances.argmax())]


LABELS = ("supports", "contradicts", "insufficient")


def three(found: Abstract) -> Floats:
    """SciFact calls it CONTRADICT too where no effect was found."""
    a, b, c, d = found.probabilities
    return np.array([a, b + c, d])


def _four(found: Abstract) -> str:
    return STANCES[int(found.probabilities.argmax())]


def _read(pair: Pair, encoder: Encoder) -> _Read:
    turned = default_opposites().turn(pair.statement)
    usable = turned is not None and turned.kind == "direction"
    return _Read(
        pair,
        encoder.stance_in_abstract(pair.statement, pair.sentences, FIRST),
        encoder.stance_in_abstract(turned.text, pair.sentences, FIRST)
        if turned is not None and usable
        else None,
    )


def _scifact(
    name: str, split: str, pairs: Sequence[Pair], encoder: Encoder, plain: ScifactBaseline
) -> Iterator[Line]:
    reads = [_read(pair, encoder) for pair in pairs]
    gold = [p.stance for p in pairs]
    found = [r.stance for r in reads]
    wrong = [
        f"{r.stance}, gold {r.pair.stance}: {r.pair.statement} | {r.pair.document}"
        for r in reads
        if r.stance != r.pair.stance
    ]
    probe = split == "test"
    yield _line(
        f"{name}: accuracy", split, _accuracy(gold, found), wrong,
        0.59 if probe else None, PROBE if probe else "",
    )  # fmt: skip
    yield _line(
        f"{name}: macro-F1", split, mean_f1(gold, found),
        peer=0.57 if probe else None, source=PROBE if probe else "",
    )  # fmt: skip
    for stance, score in macro_f1(gold, found).items():
        yield _line(f"{name}: {stance}", split, score)
    told = f1(
        ([r.pair.stance] if r.pair.stance != "insufficient" else [],
         [r.stance] if r.stance != "insufficient" else [])
        for r in reads
    )  # fmt: skip
    yield _line(f"{name}: label F1, abstract given", split, told)
    best = [float(r.chances.max()) for r in reads]
    right = [r.stance == r.pair.stance for r in reads]
    yield _line(f"{name}: calibration error", split, calibration_error(best, right))
    marked = [(r, {n for group in r.pair.rationales for n in group}) for r in reads]
    marked = [(r, sentences) for r, sentences in marked if sentences]
    hits = sum(bool(sentences & set(r.found.best)) for r, sentences in marked)
    yield _line(f"{name}: right sentence in first five", split, share(hits, len(marked)))
    yield _line(
        f"{name}: rationale F1", split,
        f1((sentences, _given(r)) for r, sentences in marked),
    )  # fmt: skip
    turning = [r for r in reads if r.opposite is not None]
    turned = sum(_four(r.opposite) == TURNED.get(_four(r.found), _four(r.found))
                 for r in turning if r.opposite is not None)  # fmt: skip
    yield _line(f"{name}: opposite claim turns round", split, share(turned, len(turning)))
    guess = plain.predict(pairs)
    yield _line(f"{name}: n-grams, accuracy", split, _accuracy(gold, guess))
    yield _line(f"{name}: n-grams, macro-F1", split, mean_f1(gold, guess))


def _given(read: _Read) -> set[int]:
    chances = zip(read.found.best, read.found.relevance, strict=True)
    return {n for n, chance in chances if chance >= SHOWN}


# --- Evidence Inference


def _inference(data: Path | None, encoder: Encoder) -> Iterator[Line]:
    train = [f for f in read_inference(data, "train") if f.valid]
    items = [f for f in read_inference(data, "validation") if f.valid]
    plain = InferenceBaseline([f for f in train if part_of(f.document) != "calibration"])
    name = "Evidence Inference, sentence given"
    rows = np.array(
        [encoder.direction(f.intervention, f.outcome, f.comparator, [f.evidence])[0] for f in items]
    )[:, :3]
    rows = rows / rows.sum(axis=1, keepdims=True)
    gold = [f.direction for f in items]
    found = [DIRECTIONS[n] for n in rows.argmax(axis=1)]
    wrong = [
        f"{w}, gold {f.direction}: {f.intervention} | {f.outcome} | {f.comparator}: {f.evidence}"
        for f, w in zip(items, found, strict=True)
        if w != f.direction
    ]
    yield _line(f"{name}: accuracy", "dev", _accuracy(gold, found), wrong, 0.80,
                "MiniLM, a probe on the same data")  # fmt: skip
    yield _line(f"{name}: macro-F1", "dev", mean_f1(gold, found))
    for way, score in macro_f1(gold, found).items():
        yield _line(f"{name}: {way}", "dev", score)
    right = [g == f for g, f in zip(gold, found, strict=True)]
    chances = [float(v) for v in rows.max(axis=1)]
    yield _line(f"{name}: calibration error", "dev", calibration_error(chances, right))
    # "It increases" and "it decreases" are held against the one direction that was read, so both
    # are right just when the direction is; counted where the gold has a direction to turn.
    ways = [r for r, g in zip(right, gold, strict=True) if g != "unchanged"]
    yield _line(f"{name}: opposite claims both right", "dev", share(sum(ways), len(ways)),
                peer=0.74, source="MiniLM, a probe on the same data")  # fmt: skip
    guess = plain.of_evidence(items)
    yield _line(f"{name}: n-grams, accuracy", "dev", _accuracy(gold, guess), peer=0.74,
                source="n-grams, a probe on the same data")  # fmt: skip
    yield _line(f"{name}: n-grams, macro-F1", "dev", mean_f1(gold, guess))
    yield from _from_abstract(items, encoder, plain)


def _from_abstract(
    items: Sequence[Finding], encoder: Encoder, plain: InferenceBaseline
) -> Iterator[Line]:
    by_prompt: dict[str, list[Finding]] = {}
    for item in items:
        if item.sentences:
            by_prompt.setdefault(item.prompt, []).append(item)
    asked = [group[0] for group in by_prompt.values()]
    shown = [{n for item in group for n in item.shown} for group in by_prompt.values()]
    reads = [
        encoder.direction_in_abstract(f.intervention, f.outcome, f.comparator, f.sentences, FIRST)
        for f in asked
    ]
    gold = [f.direction for f in asked]
    found = [DIRECTIONS[int(r.probabilities[:3].argmax())] for r in reads]
    guess = plain.of_abstract(asked)
    every = range(len(asked))
    there = [n for n in every if shown[n]]
    for name, part in (
        ("Evidence Inference, from the abstract", every),
        ("... where the abstract holds the evidence", there),
    ):
        wanted, got = [gold[n] for n in part], [found[n] for n in part]
        yield _line(f"{name}: accuracy", "dev", _accuracy(wanted, got))
        yield _line(f"{name}: macro-F1", "dev", mean_f1(wanted, got))
        plainly = [guess[n] for n in part]
        yield _line(f"{name}: n-grams, macro-F1", "dev", mean_f1(wanted, plainly))
    hits = sum(bool(shown[n] & set(reads[n].best)) for n in there)
    yield _line("Evidence Inference: right sentence in first five", "dev", share(hits, len(there)))


# --- PubMedQA


def _pubmedqa(questions: Sequence[Question], encoder: Encoder) -> Iterator[Line]:
    """Yes, no or maybe from the model's stance to the question, by a regression that is fitted on
    the other nine tenths; the long answers are not looked at."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    features = np.array([_features(q, encoder) for q in questions])
    gold = [q.answer for q in questions]
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    model = LogisticRegression(max_iter=1000)
    chances = cross_val_predict(model, features, gold, cv=folds, method="predict_proba")
    names = sorted(set(gold))
    found = [names[n] for n in chances.argmax(axis=1)]
    most = max(names, key=gold.count)
    yield _line("PubMedQA, cross-validated: accuracy", "dev", _accuracy(gold, found),
                peer=0.681, source=QA)  # fmt: skip
    yield _line("PubMedQA, cross-validated: macro-F1", "dev", mean_f1(gold, found),
                peer=0.527, source=QA)  # fmt: skip
    right = [g == f for g, f in zip(gold, found, strict=True)]
    error = calibration_error([float(v) for v in chances.max(axis=1)], right)
    yield _line("PubMedQA, cross-validated: calibration error", "dev", error)
    yield _line(f'PubMedQA, always "{most}": accuracy', "dev", _accuracy(gold, [most] * len(gold)))


def _features(question: Question, encoder: Encoder) -> list[float]:
    asked = question.question
    read = encoder.stance_in_abstract(asked, question.sentences, FIRST, turned=False)
    last = encoder.stances(asked, question.sentences[-2:], turned=False).max(axis=0)
    logs = np.log(np.maximum(read.probabilities, 1e-4))
    return [*logs.tolist(), *last.tolist()]
