"""The plain peer of the learned stance model: logistic regression over word n-grams.

It learns from the same parts and is scored on the same ones, in a few seconds. scikit-learn comes
with the reading pipeline.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from textmine.measure.claim_corpora import Finding, Pair

__all__ = ["InferenceBaseline", "ScifactBaseline"]

_WORD = re.compile(r"\w+")
_NEAREST = 3  # sentences of an abstract that a claim is held against


def _words(text: str) -> set[str]:
    return {w for w in _WORD.findall(text.lower()) if len(w) > 2}


def _masked(text: str, **parts: str) -> str:
    """The text with the words of each part replaced by the part's name."""
    place = {word: name for name, part in parts.items() for word in _words(part)}
    return _WORD.sub(lambda m: place.get(m[0].lower(), m[0]), text)


def _model(least: int) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    return make_pipeline(
        TfidfVectorizer(ngram_range=(1, 3), min_df=least, sublinear_tf=True, lowercase=False),
        LogisticRegression(C=8.0, max_iter=3000, class_weight="balanced"),
    )


class InferenceBaseline:
    """Direction of a finding from its sentence: n-grams, the parts of the question masked."""

    def __init__(self, items: Sequence[Finding]) -> None:
        self._model = _model(2)
        self._model.fit([_asked(i, i.evidence) for i in items], [i.direction for i in items])

    def of_evidence(self, items: Sequence[Finding]) -> list[str]:
        return list(self._model.predict([_asked(i, i.evidence) for i in items]))

    def of_abstract(self, items: Sequence[Finding]) -> list[str]:
        """The same from the abstract's sentences that share most words with the question."""
        texts = []
        for item in items:
            wanted = f"{item.intervention} {item.outcome} {item.comparator}"
            texts.append(_asked(item, " ".join(nearest(wanted, item.sentences))))
        return list(self._model.predict(texts))


def _asked(item: Finding, text: str) -> str:
    return _masked(
        text.lower(),
        COMPARATOR=item.comparator,
        INTERVENTION=item.intervention,
        OUTCOME=item.outcome,
    )


def nearest(wanted: str, sentences: Sequence[str], keep: int = _NEAREST) -> list[str]:
    """The sentences that share most words with a text, in their order."""
    words = _words(wanted)
    order = sorted(range(len(sentences)), key=lambda n: (-len(words & _words(sentences[n])), n))
    return [sentences[n] for n in sorted(order[:keep])]


class ScifactBaseline:
    """Stance of an abstract to a claim: n-grams of the claim and of the nearest sentences, each
    with a mark of its own, the words that both share masked, and how many there are."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._model = _model(2)
        self._model.fit([_held(p) for p in pairs], [p.stance for p in pairs])

    def predict(self, pairs: Sequence[Pair]) -> list[str]:
        return list(self._model.predict([_held(p) for p in pairs]))


def _held(pair: Pair) -> str:
    near = " ".join(nearest(pair.statement, pair.sentences))
    shared = _words(pair.statement) & _words(near)
    size = round(10 * len(shared) / max(len(_words(pair.statement)), 1))
    claim = " ".join(f"c_{w}" for w in _WORD.findall(_masked(pair.statement.lower(), SAME=near)))
    text = _masked(near.lower(), SAME=pair.statement)
    return f"{claim} {text} " + " ".join(f"overlap_{n}" for n in range(size + 1))
