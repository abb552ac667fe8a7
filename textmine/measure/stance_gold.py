"""Stances against our own gold: claims and plain statements, held against records by reading.

`corpora/gold/stance.jsonl` names a claim of the shipped claims file, or holds a statement of its
own with its opposite; a record; and what a reader found: the stance, the sentences, the reason.
Records of the demonstration are shipped; real ones come from the data folder (the gold holds
offsets only), and are left out without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from textmine.claims.article import load_claims
from textmine.claims.check import check_stream
from textmine.claims.frame import framed
from textmine.claims.opposite import opposite
from textmine.claims.stance import OPPOSITE
from textmine.claims.values import Values, default_values
from textmine.config import data_root, load_project
from textmine.errors import ConfigError, MalformedRecord, TextmineError
from textmine.lines import read_lines
from textmine.measure.corpora import data_file
from textmine.measure.goldtext import REAL_SOURCE
from textmine.measure.scores import F1, Line, Mean, Share, f1, macro_f1, mean_f1, share
from textmine.pubmed.read import Broken, newest, read_articles
from textmine.reading.pipeline import Reader
from textmine.records import Annotated, Article, Claim, Finding

__all__ = ["MODELS", "Asked", "Gold", "annotated", "ask", "calibration_error", "lines", "read_gold"]

GOLD = "corpora/gold/stance.jsonl"
CLAIMS = "corpora/msc-exosome-liver/claims.toml"
MODELS = ("symbolic", "learned", "both")
TAKEN = ("supports", "contradicts", "null_effect")
TURNED = {"supports": "contradicts", "contradicts": "supports"}
_BINS = 10


@dataclass(frozen=True, slots=True)
class Gold:
    """One line of the gold. `opposite`: the claim that says the contrary, if there is one."""

    article: str
    claim: Claim
    opposite: Claim | None
    stance: str
    rationale: tuple[tuple[int, int], ...]
    reason: str
    kind: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A gold line with what a model found, for the claim and for its opposite."""

    gold: Gold
    found: Finding
    other: Finding | None

    @property
    def right(self) -> bool:
        return self.found.stance == self.gold.stance


def lines(
    splits: Sequence[str] = ("dev", "test"),
    data: Path | None = None,
    models: Sequence[str] = MODELS,
) -> list[Line]:
    """Scores of each stance model on the halves asked for. A model whose extra or whose weights
    are missing is left out."""
    reader = Reader()
    values = default_values(reader.lexicon)
    out: list[Line] = []
    usable = [model for model in models if _usable(model)]
    for split in splits:
        gold = read_gold(split, reader, real=data is not None)
        articles = annotated(gold, reader, data)
        for model in usable:
            asked = ask(gold, articles, model, reader, values)
            out += _lines(f"stance, {model}", split, asked)
    return out


# --- the gold


def read_gold(split: str, reader: Reader, *, real: bool = True) -> tuple[Gold, ...]:
    """The lines of a half, with claims that have their frames. `real`: those on real records."""
    shipped = {claim.id: claim for claim in load_claims(data_root() / CLAIMS)}
    rows = [row for row in _rows() if row["split"] == split and (real or row["source"] == "demo")]
    plain = list(
        dict.fromkeys(s for row in rows if "statement" in row for s in _both_ways(row) if s)
    )
    read = framed([Claim(s, s) for s in plain], reader.read)
    stated = {claim.statement: claim for claim in read}
    return tuple(_gold(row, shipped, stated) for row in rows)


def _rows() -> Iterator[Mapping[str, Any]]:
    for _, row in read_lines(str(data_root() / GOLD)):
        if isinstance(row, MalformedRecord):
            raise row
        yield row


def _both_ways(row: Mapping[str, Any]) -> tuple[str, str | None]:
    return row["statement"], row.get("opposite")


def _gold(
    row: Mapping[str, Any], shipped: Mapping[str, Claim], stated: Mapping[str, Claim]
) -> Gold:
    if "statement" in row:
        one, other = _both_ways(row)
        claim, turned = stated[one], stated.get(other or "")
        kind = "statement"
    else:
        claim = shipped.get(row["claim"])  # type: ignore[assignment]
        if claim is None:
            raise ConfigError(f"{GOLD} names the claim {row['claim']!r}, which {CLAIMS} lacks.")
        turned = _turned(claim)
        kind = f"claim, {row['source']} record"
    return Gold(
        article=str(row["article"]),
        claim=claim,
        opposite=turned,
        stance=row["stance"],
        rationale=tuple((start, end) for start, end in row["rationale"]),
        reason=row.get("reason", ""),
        kind=kind,
    )


def _turned(claim: Claim) -> Claim | None:
    """The claim with the opposite direction; None if it has none to turn."""
    frame = claim.frame
    if frame is None or frame.chain or frame.direction not in OPPOSITE:
        return None
    return replace(
        claim,
        id=f"{claim.id} turned",
        statement=opposite(claim.statement) or claim.statement,
        frame=replace(frame, direction=OPPOSITE[frame.direction]),
    )


def annotated(gold: Iterable[Gold], reader: Reader, data: Path | None) -> Mapping[str, Annotated]:
    """The records that the gold names, each read once."""
    wanted = {g.article for g in gold}
    demo = load_project(data_root() / "corpora" / "demo")
    files = [data_root() / "corpora" / "demo" / source for source in demo.sources]
    if data is not None:
        files.append(data_file(data, *REAL_SOURCE))
    found: dict[str, Article] = {}
    for file in files:
        there = (a for a in read_articles(file) if not isinstance(a, Broken) and a.id in wanted)
        found |= {a.id: a for a in newest(there)[0]}
    if missing := sorted(wanted - set(found)):
        raise ConfigError(
            f"The stance gold names records that the data lacks: {', '.join(missing[:5])}. "
            "Is the data folder complete?"
        )
    order = list(found.values())
    return {a.article.id: a for a in reader.read_batch(order)}


# --- asking


def _usable(model: str) -> bool:
    if model == "symbolic":
        return True
    from textmine.claims.encoder import default_encoder

    try:
        default_encoder()
    except (ImportError, TextmineError):
        return False
    return True


def ask(
    gold: Sequence[Gold],
    articles: Mapping[str, Annotated],
    model: str,
    reader: Reader,
    values: Values,
) -> tuple[Asked, ...]:
    """What a model says of every line of the gold and of its opposite."""
    wanted: dict[str, dict[str, Claim]] = {}
    for g in gold:
        pair = wanted.setdefault(g.article, {})
        pair[g.claim.id] = g.claim
        if g.opposite is not None:
            pair[g.opposite.id] = g.opposite
    found: dict[tuple[str, str], Finding] = {}
    for identity, claims in wanted.items():
        for finding in check_stream(
            list(claims.values()),
            [articles[identity]],
            lexicon=reader.lexicon,
            stance_model=model,
            values=values,
        ):
            found[finding.claim_id, identity] = finding
    return tuple(
        Asked(
            g,
            found[g.claim.id, g.article],
            None if g.opposite is None else found[g.opposite.id, g.article],
        )
        for g in gold
    )


# --- scores


def _lines(stage: str, split: str, asked: Sequence[Asked]) -> Iterator[Line]:
    def line(what: str, score: F1 | Share | Mean, misses: tuple[str, ...] = ()) -> Line:
        return Line(stage, what, split, score, misses)

    kinds = sorted({a.gold.kind for a in asked})
    for name, part in (
        ("our gold", asked),
        *((kind, [a for a in asked if a.gold.kind == kind]) for kind in kinds),
    ):
        gold = [a.gold.stance for a in part]
        found = [a.found.stance for a in part]
        wrong = tuple(_miss(a) for a in part if not a.right) if name == "our gold" else ()
        yield line(f"{name}: accuracy", share(sum(a.right for a in part), len(part)), wrong)
        yield line(f"{name}: macro-F1", mean_f1(gold, found))
        for stance, score in macro_f1(gold, found).items():
            yield line(f"{name}: {stance}", score)
    yield line("our gold: sentences", f1(_sentences(a) for a in asked))
    yield line("our gold: calibration error", calibration_error(asked))
    taken = [a for a in asked if a.found.stance in TAKEN]
    yield line("our gold: calibration error, stances taken", calibration_error(taken))
    for name, part in (
        ("opposites both right", asked),
        ("opposites both right, a stance in the gold", [a for a in asked if _has_stance(a)]),
    ):
        pairs = [a for a in part if a.other is not None]
        both = [a for a in pairs if a.right and a.other and a.other.stance == _opposed(a)]
        lost = tuple(_miss(a) for a in pairs if a not in both)
        yield line(f"our gold: {name}", share(len(both), len(pairs)), lost)
        turned = [a for a in pairs if a.other and _turns(a)]
        yield line(
            f"our gold: {name.replace('both right', 'turn round')}", share(len(turned), len(pairs))
        )


def _has_stance(asked: Asked) -> bool:
    return asked.gold.stance in TAKEN


def _opposed(asked: Asked) -> str:
    return TURNED.get(asked.gold.stance, asked.gold.stance)


def _turns(asked: Asked) -> bool:
    """Whether the model's own answer turns round with the claim, right or wrong."""
    assert asked.other is not None
    return TURNED.get(asked.found.stance, asked.found.stance) == asked.other.stance


def _miss(asked: Asked) -> str:
    gold, found = asked.gold, asked.found
    other = f" / {asked.other.stance}" if asked.other is not None else ""
    words = f"{gold.claim.id[:110]} | {gold.article}: {found.stance}{other}, "
    return f"{words}gold {gold.stance} ({gold.reason}) | {'; '.join(found.why[:4])}"


def _sentences(asked: Asked) -> tuple[list[Any], list[Any]]:
    """Gold and found sentences of a pair; a stance that is not taken needs none. Two that share
    more than half of the shorter one are the same."""
    gold = list(asked.gold.rationale) if asked.gold.stance in TAKEN else []
    found = []
    if asked.found.stance in TAKEN:
        for r in asked.found.rationale:
            same = (g for g in gold if _same(g, (r.start, r.end)))
            found.append(next(same, (r.start, r.end)))
    mark = (asked.gold.article, asked.gold.claim.id)
    return [(mark, g) for g in gold], [(mark, s) for s in found]


def _same(one: tuple[int, int], other: tuple[int, int]) -> bool:
    common = min(one[1], other[1]) - max(one[0], other[0])
    return common > 0.5 * min(one[1] - one[0], other[1] - other[0])


def calibration_error(asked: Sequence[Asked]) -> Mean:
    """The expected calibration error: over ten bins of the score, how far the share that is right
    lies from the mean score, weighted by the bin's size (Naeini et al. 2015)."""
    score = np.array([a.found.score for a in asked], dtype=float)
    right = np.array([a.right for a in asked], dtype=float)
    if not len(score):
        return Mean(0.0, 0, 0.0, 0.0)
    random = np.random.default_rng(0)
    draws = [
        _ece(score[rows], right[rows])
        for rows in (random.integers(0, len(score), size=len(score)) for _ in range(500))
    ]
    low, high = (float(v) for v in np.percentile(draws, [2.5, 97.5]))
    return Mean(_ece(score, right), len(score), low, high)


def _ece(score: Any, right: Any) -> float:
    place = np.minimum((score * _BINS).astype(int), _BINS - 1)
    total = 0.0
    for number in range(_BINS):
        here = place == number
        if here.any():
            total += here.sum() * abs(score[here].mean() - right[here].mean())
    return float(total / len(score))
