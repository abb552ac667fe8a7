"""A plain claim held against single relations: a model says whether both speak of the same.

Plain claims seldom use a study's own words ("scarring of the diabetic kidney" for renal fibrosis),
so that concepts and words alone miss most of what bears on them. Here each relation of an article
is told again as a short sentence, and the encoder is asked whether that sentence is evidence on the
claim. Which way it goes is never asked: the relation's direction is compared with the claim's in
code, as everywhere. A few numbers weigh what speaks for a pair (`models/stance/pairing.json`,
made by models/scripts/stance_pairing.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from textmine.claims.match import match_object, match_subject, stands_in
from textmine.claims.stance import DENIED, Question, compare, compare_arms, effect
from textmine.claims.terms import BENEFIT, Expression, is_curie
from textmine.claims.values import Values
from textmine.claims.view import View
from textmine.claims.words import default_words
from textmine.config import data_root
from textmine.errors import ConfigError
from textmine.records import Mention, Relation

if TYPE_CHECKING:
    from textmine.claims.encoder import Encoder

__all__ = ["FEATURES", "Pair", "chances", "pairs", "phrases", "read_off", "weights"]

FEATURES = (
    "claim", "nearest", "sentence", "nearest_sentence", "subject", "object", "both", "agentless",
    "hedged", "one",
)  # fmt: skip
"""What speaks for a pair: the encoder's evidence head on the relation told again and on its own
sentence (and how far each is from the article's best), how well the doer and the thing meet the
claim's by concept or by words, and both together."""
_FILE = ("models", "stance", "pairing.json")
_VERBS = {
    "increases": "increased", "decreases": "decreased", "unchanged": "did not change",
    "unspecified": "affected", "superior": "was better than", "inferior": "was worse than",
    "equal": "was as good as", "differs": "differed from",
}  # fmt: skip
_EFFECTS = ("regulates", "targets", "associated_with", "mediates")
_LOADS = ("carries", "delivers")
_KINDS = {
    **dict.fromkeys(_EFFECTS, _EFFECTS),
    **dict.fromkeys(_LOADS, (*_LOADS, "associated_with")),
    "compared_with": ("compared_with",),
    "converts_to": ("converts_to", *_EFFECTS),
    "derived_from": ("derived_from",),
}
_ALIKE = 4.0  # logits beyond this say no more


@dataclass(frozen=True, slots=True)
class Pair:
    """A relation that may speak to the claim: what it would say, and what speaks for that."""

    relation: Relation
    stance: str
    told: str
    features: NDArray[np.float64]


def read_off(question: Question) -> bool:
    """Whether the frame was read off the claim's own sentence, so that the sentence says it all:
    by concepts (an author writes their names), or by words that no list knows."""
    statement = question.claim.statement.casefold()
    process = default_words().process(statement)

    def own(expression: Expression) -> bool:
        head = expression.text.split(" in ")[0]
        unknown = not expression.concepts and head.casefold() in statement
        return is_curie(head) or unknown or head in (BENEFIT, process)

    return all(own(e) for e in (*question.subject, *question.object))


def phrases(question: Question, values: Values) -> tuple[str, str]:
    """What acts and what changes, in the claim's own words where its sentence can be taken apart,
    else in those of the frame."""
    words = default_words()
    said = words.read(question.claim.statement)
    if said is not None and said.subject is not None and said.object is not None:
        subject = said.subject.text
        if said.removed:
            subject = subject[words.after_removal(subject) :].strip() or subject
        aside = [s.text for s in (said.quality, said.kept_from) if s is not None]
        thing = " of ".join([*aside[:1], said.object.text])
        if said.turned and " of " in thing:
            thing = thing.split(" of ", 1)[1]
        return subject, thing
    frame = question.frame
    subject = " or ".join(_name(word, values) for word in frame.subject)
    return subject, " or ".join(_name(word, values) for word in frame.object)


def _name(text: str, values: Values) -> str:
    return " in ".join(
        values.vocabulary.name(part) if is_curie(part) else part for part in text.split(" in ")
    )


def pairs(question: Question, view: View, values: Values, encoder: Encoder) -> tuple[Pair, ...]:
    """The relations of the article's own findings that would take a stance on the claim, with what
    speaks for each pair."""
    told = list(_told(question, view, values))
    if not told:
        return ()
    statement = question.claim.statement
    subject, thing = (values.words(text) for text in phrases(question, values))
    text = view.annotated.article.text
    spans = list(dict.fromkeys(r.sentence for r, _, _ in told))
    retold = _logit(encoder.relevance(statement, [t for _, _, t in told]))
    whole = _logit(encoder.relevance(statement, [text[a:b] for a, b in spans]))
    by_span = dict(zip(spans, whole, strict=True))
    out = []
    for number, (relation, stance, sentence) in enumerate(told):
        doer, target = view.mentions.get(relation.subject or ""), _target(view, relation)
        actor = match_subject(view, values, doer, question.subject) if doer else None
        met, _ = match_object(view, values, relation, target, question.object)
        one = max(actor.weight if actor else 0.0, values.alike(doer.text, subject) if doer else 0.0)
        other = max(met.weight if met else 0.0, values.alike(target.text, thing))
        row = (
            retold[number],
            retold[number] - retold.max(),
            by_span[relation.sentence],
            by_span[relation.sentence] - whole.max(),
            one,
            other,
            one * other,
            float(doer is None),
            float(relation.certainty == "hedged"),
            1.0,
        )
        out.append(Pair(relation, stance, sentence, np.array(row)))
    return tuple(out)


def _logit(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    safe = np.clip(chances, 1e-6, 1 - 1e-6)
    logits: NDArray[np.float64] = np.clip(np.log(safe / (1 - safe)), -_ALIKE, _ALIKE)
    return logits


def _target(view: View, relation: Relation) -> Mention:
    """What is measured: of a comparison its outcome."""
    outcome = view.mentions.get(relation.outcome or "")
    if relation.predicate == "compared_with" and outcome is not None:
        return outcome
    return view.mentions[relation.object]


def _told(question: Question, view: View, values: Values) -> Iterator[tuple[Relation, str, str]]:
    frame = question.frame
    for relation in view.evidence:
        if (
            relation.predicate not in _KINDS[frame.predicate]
            or relation.object not in view.mentions
        ):
            continue
        doer = view.mentions.get(relation.subject or "")
        if doer is not None and _elsewhere(question, view, values, doer):
            continue
        stance = _stance(question, view, values, relation)
        if stance == "insufficient":
            continue
        if frame.denied:
            stance = DENIED.get(stance, stance)
        yield relation, stance, _sentence(view, relation)


def _elsewhere(question: Question, view: View, values: Values, doer: Mention) -> bool:
    """Whether something was studied in place of what the claim speaks of: by the tables, or a cell
    for what the claim calls a thing of its own ("exosomes shed by X" are not X)."""
    if stands_in(view, values, doer, question.subject) is not None:
        return True
    named = frozenset(word for _, words in values.of_kind for word in words)
    return doer.label == "CELL" and all(e.words & named for e in question.subject)


def _stance(question: Question, view: View, values: Values, relation: Relation) -> str:
    """What the relation says of the claim, if both speak of the same."""
    claimed, found = question.frame.direction, effect(relation)
    if relation.predicate == "compared_with":
        return compare_arms(claimed, found)[0]
    if question.frame.predicate in _LOADS:
        if relation.negated:
            return "contradicts"
        if claimed not in ("increases", "decreases"):
            return "supports" if relation.predicate in _LOADS else "insufficient"
        return compare(claimed, found)
    if relation.negated and found == "unspecified":
        return "supports" if claimed == "unchanged" else "null_effect"
    met, _ = match_object(view, values, relation, _target(view, relation), question.object)
    sign = met.sign if met else 1
    if met is None and any(e.benefit for e in question.object):
        target = _target(view, relation)
        own = [c.curie for c in target.concepts]
        sign = values.value(view.keys[target.id], target.label, None, own)
        if not sign:
            return "insufficient"
    return compare(claimed, found, sign)


def _sentence(view: View, relation: Relation) -> str:
    """The relation told again, with the names that the article uses."""

    def name(mention: Mention | None, nobody: str) -> str:
        return nobody if mention is None else view.long_form(mention.text) or mention.text

    doer = name(view.mentions.get(relation.subject or ""), "Treatment")
    verb = _VERBS[relation.direction]
    if relation.predicate in _LOADS:
        verb = "contained more" if relation.direction == "increases" else "contained"
        verb = "did not contain" if relation.negated else verb
    elif relation.predicate == "associated_with":
        more = {"increases": " more", "decreases": " less"}.get(relation.direction, "")
        verb = f"was associated with{more}"
    object_ = name(view.mentions[relation.object], "")
    where = view.mentions.get(relation.context or "") or view.mentions.get(relation.outcome or "")
    place = f" in {name(where, '')}" if where is not None else ""
    way = view.mentions.get(relation.mediator or "")
    through = f" through {name(way, '')}" if way is not None else ""
    return f"{doer} {verb} {object_}{place}{through}."


@cache
def weights() -> NDArray[np.float64]:
    """The weights of FEATURES; ConfigError if the file does not fit."""
    path = data_root().joinpath(*_FILE)
    try:
        table = json.loads(path.read_text("utf-8"))
        return np.array([float(table["weights"][name]) for name in FEATURES])
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{path} cannot be used: {error!r}. Make it anew with models/scripts/stance_pairing.py."
        ) from None


def chances(found: Sequence[Pair]) -> NDArray[np.float64]:
    """The chance of each pair that the relation bears on the claim."""
    if not found:
        return np.zeros(0)
    rows = np.stack([pair.features for pair in found])
    out: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-(rows @ weights())))
    return out
