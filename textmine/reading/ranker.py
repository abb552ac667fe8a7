"""A trained reader of events: how likely one thing acts on another, and which way.

It needs a dependency tree and the weights in `models/relations/` (made by
`models/scripts/relations.py`, described in the card beside them). It reads corpora of events, whose
pairs are others than the own findings of an abstract (`pair_model`); what it says is a probability.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from textmine.reading.pair_features import View, pair_features
from textmine.records import Relation

__all__ = ["OWN", "PairScore", "Ranker", "features_of", "pair_list", "said_of"]

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
