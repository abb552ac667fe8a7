"""The stance of one article by a learned reader: code finds who and what, a model which way.

Concepts say which mention of a sentence stands for the claim's subject and which for its object, as
they do for the symbolic reading; the model is asked only which way the second went with the first.
What it answers becomes relations, and these are held against the claim and added up by the same
code. So the opposite claim turns the stance round here too, and the claim's wording has no say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textmine.claims.match import match_object, match_subject
from textmine.claims.stance import Judgement, Question, symbolic
from textmine.claims.values import Values
from textmine.claims.view import EVIDENCE_ROLES, View
from textmine.reading.cues import find_cues
from textmine.records import Mention, Relation, Sentence

if TYPE_CHECKING:
    from textmine.claims.encoder import Encoder

__all__ = ["LearnedModel", "learned", "read_effects"]

# Claims about effects alone; what is carried, compared or mediated is for the relations.
PREDICATES = ("regulates", "targets", "associated_with")
SURE = 0.5  # a direction below this chance is not heard
TITLE_DOER = 0.75  # "in the treated group": the doer is the one that the title names
# Nothing of these labels acts on something in a trial or an experiment.
_NO_DOER = ("ANATOMY", "ORGANISM", "DISEASE", "PROCESS", "OUTCOME", "CELL", "PATHWAY")


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question to the model."""

    sentence: Sentence
    subject: Mention
    object: Mention
    weight: float


def _pairs(question: Question, view: View, values: Values) -> Iterator[_Asked]:
    """Which sentences can speak to the claim, and of which mentions. Each wording once."""
    article = view.annotated.article
    title_end = max((p.end for p in article.passages if p.kind == "title"), default=0)
    named = _doer_of_title(question, view, values, title_end)
    for sentence in view.annotated.sentences:
        if sentence.role not in EVIDENCE_ROLES:
            continue
        here = view.around((sentence.start, sentence.end))
        doers = [m for m in here if match_subject(view, values, m, question.subject)]
        weight = 1.0
        if not doers and named is not None and all(m.label in _NO_DOER for m in here):
            doers, weight = [named], TITLE_DOER
        seen: set[tuple[str, str]] = set()
        for doer in doers:
            for target in here:
                key = (doer.text, target.text)
                if target.id == doer.id or key in seen:
                    continue
                trial = _relation(sentence, doer, target, "unspecified", 0.0, "asserted")
                if match_object(view, values, trial, target, question.object)[0] is not None:
                    seen.add(key)
                    yield _Asked(sentence, doer, target, weight)


def _doer_of_title(
    question: Question, view: View, values: Values, title_end: int
) -> Mention | None:
    mentions = (m for m in view.mentions.values() if m.end <= title_end)
    fitting = (m for m in mentions if match_subject(view, values, m, question.subject))
    return min(fitting, key=lambda m: m.start, default=None)


def _relation(
    sentence: Sentence,
    doer: Mention,
    target: Mention,
    direction: str,
    score: float,
    certainty: str,
) -> Relation:
    return Relation(
        id=f"learned:{sentence.start}:{doer.id}:{target.id}",
        subject=doer.id,
        object=target.id,
        predicate="regulates",
        direction=direction,
        negated=False,
        certainty=certainty,
        role=sentence.role,
        mediator=None,
        cues=(),
        sentence=(sentence.start, sentence.end),
        score=score,
    )


def read_effects(
    question: Question, view: View, values: Values, encoder: Encoder
) -> tuple[Relation, ...]:
    """What the model reads of the claim's subject and object, as relations of single sentences."""
    from textmine.claims.encoder import DIRECTIONS

    found = []
    text = view.annotated.article.text
    for asked in _pairs(question, view, values):
        start, end = asked.sentence.start, asked.sentence.end
        row = encoder.direction(asked.subject.text, asked.object.text, "", [text[start:end]])[0]
        best = int(row[:3].argmax())
        chance = float(row[best])
        if chance < SURE:
            continue
        kinds = {cue.kind for cue in find_cues(text, start, end)}
        certainty = "hypothesis" if "hypothesis" in kinds else "asserted"
        if "hedge" in kinds:
            certainty = "hedged"
        score = chance * asked.weight
        found.append(
            _relation(
                asked.sentence, asked.subject, asked.object, DIRECTIONS[best], score, certainty
            )
        )
    return tuple(found)


class LearnedModel:
    """A stance model on a given encoder; `learned` is the one on the shipped encoder."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def __call__(self, question: Question, view: View, values: Values) -> Judgement:
        if gap := question.unreadable:
            return Judgement("insufficient", 0.97, (), (gap,), view.excluded)
        if question.frame.predicate not in PREDICATES or question.mediator:
            beyond = f"learned: it reads effects only, and this claim is of {_kind(question)}"
            return Judgement("insufficient", 0.5, (), (beyond,), view.excluded)
        relations = read_effects(question, view, values, self._encoder)
        heard = tuple(r for r in relations if r.certainty != "hypothesis")
        rest = tuple(r for r in relations if r.certainty == "hypothesis")
        found = symbolic(question, replace(view, evidence=heard, others=rest), values)
        spans = tuple(dict.fromkeys(e.relation.sentence for e in found.evidence))
        best = max((e.relation.score for e in found.evidence), default=0.0)
        why = found.why
        if found.evidence:
            why = (f"learned: the direction was read with a chance of {best:.2f}", *why)
        return replace(found, evidence=(), spans=spans, why=why)


def _kind(question: Question) -> str:
    return "what they go through" if question.mediator else f"`{question.frame.predicate}`"


def learned(question: Question, view: View, values: Values) -> Judgement:
    """The shipped model. MissingExtra says what to install if its runtime is not there."""
    from textmine.claims.encoder import default_encoder

    return LearnedModel(default_encoder())(question, view, values)
