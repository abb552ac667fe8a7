"""A trained reader of pairs: how likely one thing acts on another, and which way.

It needs a dependency tree and the weights in `models/relations/` (made by
`models/scripts/relations.py`, described in the card beside them). What it says is a probability;
the rules stay the ones who read. `rated` tells how likely each of their relations is right,
`proposals` what they did not read and the model is sure of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from textmine.config import data_root
from textmine.errors import ConfigError, MissingModel
from textmine.reading.event_features import (
    Events,
    composed,
    edge_features,
    head_token,
    modality_features,
    readable,
    word_features,
)
from textmine.reading.linear import Linear
from textmine.reading.pair_features import View, pair_features, view_of
from textmine.reading.tree import words_of
from textmine.reading.triggers import Triggers
from textmine.records import Article, Cue, Mention, Relation, Sentence, content_id

__all__ = ["OWN", "PairScore", "Ranker", "pair_list", "proposals", "rated", "said_of"]

OWN = "own"
"""The name of this project's own gold among the corpora that the model was trained on."""
SIGNS = {"+": "increases", "-": "decreases", "0": "unspecified", "u": "unchanged"}
_SHORT = {v: k for k, v in SIGNS.items()}
# Words less likely than this to stand for an event are no candidates; the second is for an event
# whose parts may be events again.
_WORD, _ACTS = 0.15, 0.15
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PairScore:
    """`probability` that subject acts on object in this sentence; `signs`: of each way it may."""

    subject: str
    object: str
    probability: float
    signs: Mapping[str, float]

    @property
    def sign(self) -> str:
        """The likeliest: +, -, 0 (no direction), u (unchanged) or other (another predicate)."""
        return max(self.signs, key=lambda k: (self.signs[k], k))

    @property
    def certain(self) -> float:
        """The probability that the pair is there and goes the likeliest way."""
        return self.probability * self.signs[self.sign]


@dataclass(frozen=True)
class Ranker:
    """The models that build on each other."""

    words: Linear
    edges: Linear
    pairs: Linear
    signs: Linear
    negation: Linear
    speculation: Linear
    thresholds: Mapping[str, float]

    @classmethod
    def load(cls, folder: Path | None = None) -> Ranker:
        """The shipped weights, or those of another folder. Raises MissingModel without them."""
        return _load(folder or data_root() / "models" / "relations")

    def save(self, folder: Path) -> None:
        arrays: dict[str, Any] = {}
        for name in _PARTS:
            arrays |= getattr(self, name).arrays(name)
        arrays["thresholds.names"] = np.array(list(self.thresholds))
        arrays["thresholds.values"] = np.array(list(self.thresholds.values()), np.float32)
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(folder / _FILE, **arrays)

    def events(self, view: View, corpus: str = OWN) -> Events:
        """The event words of a sentence and what takes part in each."""
        words = {
            i: self.words.shares(word_features(view, i, corpus))
            for i in range(len(view.tokens))
            if readable(view, i)
        }
        events = Events(self.words.classes, words, {})
        theme, cause = self.edges.classes.index("T"), self.edges.classes.index("C")
        for t, x in event_pairs(view, events):
            scores = self.edges.shares(edge_features(view, events, t, x, corpus))
            events.edges.setdefault(t, {})[x] = (float(scores[theme]), float(scores[cause]))
        return events

    def read(
        self,
        view: View,
        said: Mapping[Pair, Sequence[str]],
        kinds: Mapping[str, str] | None = None,
        corpus: str = OWN,
    ) -> list[PairScore]:
        """Every ordered pair of a sentence. `said`: what the rules say of a pair (`said_of`)."""
        events = self.events(view, corpus)
        out = []
        for a, b in pair_list(view):
            features = features_of(view, events, a, b, said, kinds, corpus)
            chance = float(self.pairs.scores(features)[0])
            signs = self.signs.shares(features)
            out.append(
                PairScore(a, b, chance, dict(zip(self.signs.classes, map(float, signs),
                                                 strict=True)))
            )  # fmt: skip
        return out

    def modality(
        self, view: View, start: int, end: int, text: str, kind: str
    ) -> tuple[float, float]:
        """How likely the event whose word is `text[start:end]` is denied, and doubted."""
        place = head_token(view, start, end)
        if place is None:
            return 0.0, 0.0
        features = modality_features(view, place, text, kind)
        return (
            float(self.negation.scores(features)[0]),
            float(self.speculation.scores(features)[0]),
        )


_PARTS = ("words", "edges", "pairs", "signs", "negation", "speculation")
_FILE = "weights.npz"


@lru_cache(maxsize=2)
def _load(folder: Path) -> Ranker:
    try:
        with np.load(folder / _FILE, allow_pickle=False) as arrays:
            names = [str(n) for n in arrays["thresholds.names"]]
            values = [float(v) for v in arrays["thresholds.values"]]
            models = [Linear.of(arrays, part) for part in _PARTS]
    except FileNotFoundError:
        raise MissingModel(
            f"There are no weights at {folder / _FILE}. Make them with "
            "python models/scripts/relations.py, or read without them."
        ) from None
    except (KeyError, ValueError, OSError) as error:
        raise ConfigError(
            f"{folder / _FILE} does not hold the weights of the pair reader ({error}). It was made "
            "by another version or is cut short: make it again with models/scripts/relations.py."
        ) from None
    parts = dict(zip(_PARTS, models, strict=True))
    return Ranker(**parts, thresholds=dict(zip(names, values, strict=True)))


def event_pairs(view: View, events: Events) -> Iterable[tuple[int, int]]:
    """(event word, what may take part in it): names, and for events with a cause other events."""
    names = sorted(set(view.at.values()))
    words = [i for i in events.words if events.some(i) > _WORD and i not in set(names)]
    for t in words:
        for x in names:
            yield t, x
        if events.acting(t) > _ACTS:
            for x in words:
                if x != t:
                    yield t, x


def pair_list(view: View) -> Iterable[Pair]:
    """All ordered pairs of mentions of a sentence."""
    return ((a, b) for a in view.at for b in view.at if a != b)


def said_of(relations: Iterable[Relation]) -> dict[Pair, list[str]]:
    """What the rules say of each pair, as features."""
    out: dict[Pair, list[str]] = {}
    for r in relations:
        if r.subject is not None:
            short = _SHORT.get(r.direction, r.direction)
            word = f"R={r.predicate}|{short}{'n' if r.negated else ''}"
            out.setdefault((r.subject, r.object), []).append(word)
    return out


def features_of(
    view: View,
    events: Events,
    a: str,
    b: str,
    said: Mapping[Pair, Sequence[str]],
    kinds: Mapping[str, str] | None,
    corpus: str,
) -> list[str]:
    """All features of a pair."""
    extra = list(said.get((a, b), ["R=none"]))
    if (b, a) in said:
        extra.append(f"R2={said[b, a][0]}")
    if kinds is not None:
        extra.append(f"K={kinds[a]}>{kinds[b]}")
    extra.append(f"C={corpus}")
    out = pair_features(view, a, b, *extra)
    return out + composed(view, events, view.at[a], view.at[b], corpus)


def scores(
    ranker: Ranker,
    article: Article,
    sentences: Sequence[Sentence],
    mentions: Sequence[Mention],
    relations: Sequence[Relation],
    doc: Any,
) -> dict[tuple[tuple[int, int], str, str], PairScore]:
    """Sentence, subject and object -> what the model makes of the pair; parsed sentences only."""
    triggers = Triggers.load()
    said = said_of(relations)
    out = {}
    for sentence in sentences:
        words = words_of(doc, sentence.start, sentence.end) if doc is not None else None
        if not words:
            continue
        view = view_of(article.text, sentence, mentions, words, triggers)
        if view is not None:
            for score in ranker.read(view, said):
                place = (sentence.start, sentence.end)
                out[place, score.subject, score.object] = score
    return out


def rated(
    ranker: Ranker,
    article: Article,
    sentences: Sequence[Sentence],
    mentions: Sequence[Mention],
    relations: Sequence[Relation],
    doc: Any,
) -> tuple[Relation, ...]:
    """The relations with `score` as the probability that they are right, in the order given.

    It is made of the rules' own score and the model's probability of the pair (logistic, after
    Platt 1999). A relation without a pair in a parsed sentence keeps its score.
    """
    found = scores(ranker, article, sentences, mentions, relations, doc)
    bias, own, pair = (ranker.thresholds[f"rate.{name}"] for name in ("bias", "score", "pair"))
    out = []
    for r in relations:
        score = found.get((r.sentence, r.subject or "", r.object))
        if score is not None:
            chance = min(max(score.probability, 1e-4), 1 - 1e-4)
            total = bias + own * r.score + pair * np.log(chance / (1 - chance))
            r = replace(r, score=round(float(1 / (1 + np.exp(-total))), 3))
        out.append(r)
    return tuple(out)


def proposals(
    ranker: Ranker,
    article: Article,
    sentences: Sequence[Sentence],
    mentions: Sequence[Mention],
    relations: Sequence[Relation],
    doc: Any,
    *,
    threshold: float | None = None,
) -> tuple[Relation, ...]:
    """Relations that the rules did not read and the model is sure of, with pattern "learned".

    Only changes with a direction are proposed, only in sentences that tell results, and none for a
    pair of which the rules say something, either way round. `score` is the model's probability.
    """
    least = ranker.thresholds["propose"] if threshold is None else threshold
    told = {frozenset((r.subject or "", r.object)) for r in relations}
    roles = {(s.start, s.end): s.role for s in sentences}
    at = {m.id: m for m in mentions}
    out = []
    found = scores(ranker, article, sentences, mentions, relations, doc)
    for (place, a, b), score in found.items():
        if score.sign not in ("+", "-") or score.certain < least:
            continue
        if frozenset((a, b)) in told or roles[place] in ("aim", "method"):
            continue
        back = found.get((place, b, a))
        if back is not None and back.certain >= score.certain:
            continue
        out.append(_relation(article, place, roles[place], at[a], at[b], score))
    return tuple(out)


def _relation(
    article: Article,
    place: tuple[int, int],
    role: str,
    subject: Mention,
    obj: Mention,
    score: PairScore,
) -> Relation:
    direction = SIGNS[score.sign]
    low, high = sorted((subject, obj), key=lambda m: m.start)
    cue = Cue(min(low.end, high.start), max(low.end, high.start), "trigger")
    name = content_id(
        "rel", article.id, article.version, *place, subject.id, obj.id, direction, "learned"
    )
    return Relation(
        name, subject.id, obj.id, "regulates", direction, False, "asserted", role, None, (cue,),
        place, round(score.certain, 3), pattern="learned",
    )  # fmt: skip
