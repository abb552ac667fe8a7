"""What one article says of one claim, link by link: doer, object, direction, certainty, role.

The symbolic model reads nothing itself: it compares the relations that the reader found with the
claim's frame, and says which link decided. Other models register under `textmine.stance_models` and
are called the same way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from textmine.claims.match import Match, match_object, match_subject, stands_in
from textmine.claims.terms import Expression, is_curie
from textmine.claims.values import Values
from textmine.claims.view import EVIDENCE_ROLES, View
from textmine.records import Claim, Frame, Mention, Relation

__all__ = [
    "DENIED",
    "Evidence",
    "Judgement",
    "Question",
    "StanceModel",
    "compare",
    "compare_arms",
    "effect",
    "question_of",
    "symbolic",
]

OPPOSITE = {
    "increases": "decreases", "decreases": "increases",
    "superior": "inferior", "inferior": "superior",
}  # fmt: skip
# Weight of the place, as in evidence_standards: results before conclusions before titles.
ROLE_WEIGHT = {"result": 1.0, "conclusion": 0.9, "title": 0.8}
CERTAINTY_WEIGHT = {"asserted": 1.0, "hedged": 0.65}
# Articles of these kinds (the head of an exclusion) have no findings of their own, so no stance.
NO_STANCE = ("review", "notice", "protocol", "deleted")
# Which relations can speak to a claim of which predicate.
SPEAKS_TO = {
    "regulates": ("regulates", "targets"),
    "targets": ("targets", "regulates"),
    "carries": ("carries", "delivers"),
    "delivers": ("delivers", "carries"),
    "mediates": ("mediates",),
    "converts_to": ("converts_to",),
    "derived_from": ("derived_from",),
    "associated_with": ("associated_with", "regulates"),
    "compared_with": ("compared_with",),
}
HARM = 0.3  # one marker that went the bad way is no clear word against "it does good"
NOTHING = 0.02  # weights below are none
NULL = 0.7  # what "no effect" weighs against an effect in the same article
CLEAR = 0.6  # the share of the evidence that a stance needs against the other ones
CONTRADICTS = 0.22  # the weight that a contradiction needs to be shown as one


@dataclass(frozen=True, slots=True)
class Question:
    """A claim with its frame read into expressions. `gaps`: words the lexicon does not know."""

    claim: Claim
    frame: Frame
    subject: tuple[Expression, ...]
    object: tuple[Expression, ...]
    mediator: tuple[Expression, ...]
    context: tuple[Expression, ...]
    comparator: tuple[Expression, ...]
    gaps: tuple[str, ...]

    @property
    def unreadable(self) -> str | None:
        """Why nothing can be checked, or None."""
        if self.claim.frame is None:
            return "frame: the claim could not be read"
        for part in ("subject", "object", "comparator", "mediator"):
            named = getattr(self.frame, part)
            if named and not any(e.known for e in getattr(self, part)):
                return f"frame: the lexicon does not know the claim's {part} ({', '.join(named)})"
        if not self.subject:
            return "frame: the claim names no subject that could be read"
        if not self.object and not self.comparator:
            return "frame: the claim names no object that could be read"
        return None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One relation that bears on a claim. `tier`: 0 the claim's own words, 1 a surrogate."""

    stance: str
    weight: float
    tier: int
    relation: Relation
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """`spans`: sentences that decided without a relation, as a learned model reads them."""

    stance: str
    score: float
    evidence: tuple[Evidence, ...]
    why: tuple[str, ...]
    excluded: str | None = None
    indirect: str | None = None
    spans: tuple[tuple[int, int], ...] = ()


class StanceModel(Protocol):
    """Registered in the group `textmine.stance_models`."""

    def __call__(self, question: Question, view: View, values: Values) -> Judgement: ...


def question_of(claim: Claim, values: Values) -> Question:
    frame = claim.frame or Frame()
    parts: dict[str, tuple[Expression, ...]] = {}
    gaps: list[str] = []
    for name in ("subject", "object", "mediator", "context", "comparator"):
        read = tuple(
            _general(values.vocabulary.read(text), values) for text in getattr(frame, name)
        )
        gaps += [word for e in read for word in e.unread]
        parts[name] = read
    return Question(claim, frame, gaps=tuple(dict.fromkeys(gaps)), **parts)


def _general(expression: Expression, values: Values) -> Expression:
    """A claim on "exosomes" is one on any kind of them."""
    kinds = {kind for word, kind in values.generic.items() if word in expression.concepts}
    return replace(expression, concepts=expression.concepts | kinds) if kinds else expression


# --- one relation ---------------------------------------------------------------------------------


def effect(relation: Relation) -> str:
    """The direction that was found. A denied direction is no effect, unless only its way is denied
    ("an inhibitor of X did not weaken the effect", "not via X")."""
    denied = relation.negated and relation.mediator is None
    if denied and relation.direction in ("increases", "decreases"):
        return "unchanged"
    return relation.direction


def compare(claimed: str, found: str, sign: int = 1) -> str:
    """The claimed direction against the one found: a stance. `sign` -1 turns the latter round."""
    if sign < 0:
        found = OPPOSITE.get(found, found)
    if found == "unspecified":
        return "supports" if claimed == "unspecified" else "insufficient"
    if found == "unchanged":
        return "supports" if claimed == "unchanged" else "null_effect"
    if claimed == "unspecified":
        return "supports"
    return "supports" if claimed == found else "contradicts"


def compare_arms(claimed: str, found: str) -> tuple[str, float]:
    """The same for comparisons, with a weight: doing better than an equal is at least as good."""
    if claimed == "differs":
        return ("null_effect", 1.0) if found == "equal" else ("supports", 1.0)
    if found == "differs":
        return "insufficient", 0.0
    if claimed == "equal":
        return {"equal": ("supports", 1.0), "superior": ("supports", 0.6)}.get(
            found, ("contradicts", 1.0)
        )
    if found == "equal":
        return "null_effect", 1.0
    return ("supports" if claimed == found else "contradicts"), 1.0


def _weight(relation: Relation, *matches: Match | None) -> float:
    weight = ROLE_WEIGHT.get(relation.role, 0.0) * CERTAINTY_WEIGHT.get(relation.certainty, 0.0)
    for match in matches:
        weight *= match.weight if match else 1.0
    return weight * (0.5 + 0.5 * min(1.0, max(0.0, relation.score)))


def _any(view: View, values: Values, mention: Mention | None, wanted: Iterable[Expression]) -> bool:
    """Whether a mention is one of the expressions, or a pathway's or cargo's member of it."""
    if mention is None:
        return False
    keys = view.keys[mention.id]
    for expression in wanted:
        if keys & expression.concepts:
            return True
        for readout in values.readouts:
            if readout.of.concepts & expression.concepts and keys & readout.by.concepts:
                return True
    return False


def _evidence(
    question: Question, view: View, values: Values, relation: Relation, notes: list[str]
) -> Evidence | None:
    """What one relation says of the claim, if it can be heard; near misses go to `notes`."""
    if relation.predicate == "compared_with":
        if question.frame.predicate == "compared_with":
            return _comparison(question, view, values, relation, notes)
        return _against_control(question, view, values, relation, notes)
    if question.mediator:
        return _mediated(question, view, values, relation, notes)
    if relation.predicate not in SPEAKS_TO[question.frame.predicate]:
        return None
    doer = view.mentions.get(relation.subject or "")
    target = view.mentions.get(relation.object)
    if target is None:
        return None
    thing, miss = match_object(view, values, relation, target, question.object)
    if thing is None:
        if miss and doer is not None and match_subject(view, values, doer, question.subject):
            notes.append(miss)
        return None
    if doer is None:
        notes.append(f'subject: the sentence about "{target.text}" does not say by what')
        return None
    actor = match_subject(view, values, doer, question.subject)
    if actor is None:
        other = stands_in(view, values, doer, question.subject)
        if other is not None:
            notes.append(f'indirect: {other.head}: "{doer.text}" ({other.reason})')
        return None
    found = effect(relation)
    if question.frame.predicate in (
        "carries",
        "delivers",
        "converts_to",
        "derived_from",
        "mediates",
    ):
        stance = "contradicts" if relation.negated else "supports"
        claimed = question.frame.direction
        if claimed in OPPOSITE and not relation.negated:
            # "richer in X" needs more than that X is there
            stance = compare(claimed, found) if found != "unspecified" else "insufficient"
        found = f"{relation.predicate}{' denied' if relation.negated else ''}, {found}"
    else:
        if relation.negated and found == "unspecified":
            stance = "null_effect" if question.frame.direction != "unchanged" else "supports"
        else:
            stance = compare(question.frame.direction, found, thing.sign)
    return _made(stance, relation, found, question, actor, thing)


def _made(
    stance: str,
    relation: Relation,
    found: str,
    question: Question,
    actor: Match,
    thing: Match | None,
    factor: float = 1.0,
) -> Evidence | None:
    if stance == "insufficient":
        return None
    reasons = [actor.reason]
    if thing is not None:
        reasons.append(thing.reason)
    turned = ", read the other way round" if thing is not None and thing.sign < 0 else ""
    reasons.append(f"direction: found {found}{turned}; claimed {question.frame.direction}")
    if relation.certainty != "asserted":
        reasons.append(f"certainty: {relation.certainty}")
    reasons.append(f"role: {relation.role}")
    tier = 1 if thing is not None and thing.surrogate else 0
    if thing is not None and thing.valued and stance == "contradicts":
        factor *= HARM
    return Evidence(
        stance, _weight(relation, actor, thing) * factor, tier, relation, tuple(reasons)
    )


def _comparison(
    question: Question, view: View, values: Values, relation: Relation, notes: list[str]
) -> Evidence | None:
    """Two arms of one study; told the wrong way round, the answer is turned."""
    arms = _arms(question, view, values, relation)
    if arms is None:
        return None
    actor, rival, against, turned = arms
    outcome = view.mentions.get(relation.outcome or "")
    if outcome is not None and outcome.id in (relation.subject, relation.object):
        outcome = None  # an arm is not what is measured
    thing: Match | None = None
    if outcome is not None and question.object:
        thing, miss = match_object(view, values, relation, outcome, question.object)
        if thing is None:
            notes.append(miss or f'object: compared in "{outcome.text}", not as claimed')
            return None
    elif not any(e.benefit for e in question.object):
        notes.append("object: the comparison does not say in what")
        return None
    found = OPPOSITE.get(relation.direction, relation.direction) if turned else relation.direction
    stance, factor = compare_arms(question.frame.direction, found)
    made = _made(stance, relation, found, question, actor, None, factor)
    if made is None:
        return None
    return Evidence(
        made.stance,
        made.weight * (thing.weight if thing else 0.9) * rival.weight,
        0,
        relation,
        (
            made.reasons[0],
            f'comparator: "{against.text}"',
            *((thing.reason,) if thing else ()),
            *made.reasons[1:],
        ),
    )


def _arms(
    question: Question, view: View, values: Values, relation: Relation
) -> tuple[Match, Match, Mention, bool] | None:
    """Which arm is the claim's subject, which its comparator; None if neither way round fits.

    Where both arms are of one kind ("primed against native"), their wording must tell them apart.
    """
    one, other = view.mentions.get(relation.subject or ""), view.mentions.get(relation.object)
    if one is None or other is None:
        return None
    ways = []
    for first, second, turned in ((one, other, False), (other, one, True)):
        actor = match_subject(view, values, first, question.subject)
        rival = match_subject(view, values, second, question.comparator)
        if actor is None or rival is None or (actor.variant and actor.variant == rival.variant):
            continue
        told_apart = (actor.variant is not None) + (rival.variant is not None)
        ways.append((told_apart, actor, rival, second, turned))
    if not ways:
        return None
    told = any(e.variant for e in (*question.subject, *question.comparator))
    best = max(ways, key=lambda way: way[0])
    tied = len(ways) == 2 and ways[0][0] == ways[1][0]
    if told and (best[0] == 0 or (tied and question.frame.direction != "differs")):
        return None
    return best[1:]


def _against_control(
    question: Question, view: View, values: Values, relation: Relation, notes: list[str]
) -> Evidence | None:
    """ "Survival was better with X than with saline": an effect of X, if the control is idle."""
    if question.frame.predicate != "regulates" or question.mediator or not relation.outcome:
        return None
    control, outcome = view.mentions.get(relation.object), view.mentions.get(relation.outcome)
    doer = view.mentions.get(relation.subject or "")
    idle = values.variants.get("control")
    if control is None or outcome is None or doer is None or idle is None:
        return None
    if not idle.search(control.text):
        return None
    actor = match_subject(view, values, doer, question.subject)
    thing, _ = match_object(view, values, relation, outcome, question.object)
    own = [c.curie for c in outcome.concepts]
    good = values.value(view.keys[outcome.id], outcome.label, None, own)
    if actor is None or thing is None or (not good and relation.direction != "equal"):
        return None
    found = {
        "superior": "increases" if good > 0 else "decreases",
        "inferior": "decreases" if good > 0 else "increases",
        "equal": "unchanged",
    }.get(relation.direction, "unspecified")
    stance = compare(question.frame.direction, found, thing.sign)
    return _made(stance, relation, f"{found} against control", question, actor, thing, 0.8)


def _mediated(
    question: Question, view: View, values: Values, relation: Relation, notes: list[str]
) -> Evidence | None:
    """A claim that names what carries the effect: only what names it too can speak to it."""
    doer = view.mentions.get(relation.subject or "")
    target = view.mentions.get(relation.object)
    between = view.mentions.get(relation.mediator or "")
    if doer is None or target is None:
        return None
    via_doer = _any(view, values, doer, question.mediator)
    via_link = _any(view, values, between, question.mediator)
    actor = match_subject(view, values, doer, question.subject)
    if relation.predicate in ("carries", "delivers"):
        if relation.negated and actor and _any(view, values, target, question.mediator):
            reasons = (
                actor.reason,
                f'mediator: "{target.text}" is not in it',
                f"role: {relation.role}",
            )
            return Evidence("contradicts", _weight(relation, actor) * 0.6, 0, relation, reasons)
        return None
    thing, miss = match_object(view, values, relation, target, question.object)
    if thing is None and relation.predicate == "mediates" and via_doer:
        thing = _the_cell(view, target, question.object)
    if thing is None:
        if miss and (via_doer or via_link or actor):
            notes.append(miss)
        return None
    found = effect(relation)
    named = between if via_link else doer
    carrier = actor if via_link else _carrier(question, view, values, doer, actor)
    if via_doer and (
        relation.predicate == "mediates" or (relation.negated and found == "unspecified")
    ):
        stance = "contradicts" if relation.negated else "supports"
    elif via_link:
        # "not via X" says that X is not the way, whatever the effect.
        stance = (
            "contradicts"
            if relation.negated
            else compare(question.frame.direction, found, thing.sign)
        )
    elif via_doer and relation.predicate in SPEAKS_TO["regulates"]:
        stance = compare(question.frame.direction, found, thing.sign)
    else:
        if actor is not None:
            notes.append(f'mediator: the effect on "{target.text}" is not said to go through it')
        return None
    if carrier is None:
        notes.append(f'subject: "{doer.text}" is not said to come from what the claim names')
        return None
    made = _made(stance, relation, found, question, carrier, thing)
    if made is None:
        return None
    denied = " is denied" if relation.negated else ""
    link = f'mediator: "{named.text if named else ""}"{denied}'
    return Evidence(
        made.stance, made.weight, made.tier, relation, (made.reasons[0], link, *made.reasons[1:])
    )


def _the_cell(view: View, target: Mention, wanted: Iterable[Expression]) -> Match | None:
    """ "X mediates the calming of the cells": the cell stands for the process in it."""
    keys = view.keys[target.id]
    for expression in wanted:
        if expression.place & keys:
            return Match(0.8, f'object: "{target.text}" for {expression.text}', surrogate=False)
    return None


def _carrier(
    question: Question, view: View, values: Values, doer: Mention, actor: Match | None
) -> Match | None:
    """The claim's subject behind a mediator that acts by itself: anywhere in the article."""
    if actor is not None:
        return actor
    for mention in view.mentions.values():
        if mention.id == doer.id:
            continue
        found = match_subject(view, values, mention, question.subject)
        if found:
            return Match(0.8, f'subject: "{doer.text}" in an article on "{mention.text}"')
    return None


# --- one article ----------------------------------------------------------------------------------


def symbolic(question: Question, view: View, values: Values) -> Judgement:
    """The stance of one article by its relations alone."""
    if gap := question.unreadable:
        return Judgement("insufficient", 0.97, (), (gap,), view.excluded)
    missing = _wrong_context(question, view)
    notes: list[str] = []
    found = [
        _heard(question, e)
        for r in view.evidence
        if (e := _evidence(question, view, values, r, notes)) is not None and e.weight > NOTHING
    ]
    if found and view.excluded and view.excluded.partition(":")[0] in NO_STANCE:
        spans = tuple(sorted(found, key=_rank)[:2])
        return Judgement("insufficient", 0.9, spans, (f"role: {view.excluded}",), view.excluded)
    if missing and found:
        return Judgement("insufficient", 0.9, (), (missing,), view.excluded)
    if not found:
        return _nothing(question, view, values, notes)
    return _weigh(question, view, found, notes)


DENIED = {"supports": "contradicts", "contradicts": "supports", "null_effect": "supports"}


def _heard(question: Question, evidence: Evidence) -> Evidence:
    """A claim that something is not so is supported by what speaks against it, or by no effect."""
    if not question.frame.denied:
        return evidence
    stance = DENIED.get(evidence.stance, evidence.stance)
    return replace(evidence, stance=stance, reasons=(*evidence.reasons, "claim: it is a denial"))


def _wrong_context(question: Question, view: View) -> str | None:
    """The claim is about an organ or a disease of which the article hardly speaks."""
    wanted = frozenset(c for e in question.context for c in e.concepts)
    if not wanted or view.about(wanted):
        return None
    if all(is_curie(e.text) for e in question.context):
        return None  # read off the claim's sentence, not asked for by its author
    return f"context: the article is not about {', '.join(question.frame.context)}"


def _nothing(question: Question, view: View, values: Values, notes: list[str]) -> Judgement:
    """No relation bears on the claim: say what comes nearest, and whether something stood in."""
    excluded, indirect = view.excluded, None
    heads = [n for n in notes if n.startswith("indirect: ")]
    if heads:
        indirect = heads[0].removeprefix("indirect: ")
        excluded = excluded or indirect
    elsewhere: list[str] = []
    for relation in view.others:
        dry: list[str] = []
        if _evidence(question, view, values, relation, dry) is not None:
            role = relation.role
            kind = (
                f"{role}: only said in a sentence of the {role}"
                if role not in EVIDENCE_ROLES
                else "hypothesis: only put forward, not found"
            )
            if relation.ambiguous:
                kind = f"ambiguous: {relation.ambiguous}"
            elsewhere.append(kind)
    if elsewhere:
        order = sorted(set(elsewhere), key=lambda k: (not k.startswith("background"), k))
        notes.insert(0, f"role: {order[0]}")
        excluded = excluded or order[0]
    why = tuple(dict.fromkeys(notes))[:4] or (
        "relations: none speaks of the claim's subject and object",
    )
    return Judgement("insufficient", 0.85 if notes else 0.93, (), why, excluded, indirect)


def _weigh(question: Question, view: View, found: list[Evidence], notes: list[str]) -> Judgement:
    """Adds up one article's evidence.

    The claim's own words outrank surrogates. Within a stance, sentences add up as independent
    chances (1 - product of 1 - w), each counted once at its best. The stance with the most wins;
    what speaks against it lowers the score by its share. A tie, or a contradiction that is not
    clear, is `insufficient`. No effect counts less than an effect: one arm, dose or time without
    it does not undo what was found in another.
    """
    tier = min(e.tier for e in found)
    used = [e for e in found if e.tier == tier]
    sums = {
        s: _sum(e for e in used if e.stance == s) * (NULL if s == "null_effect" else 1.0)
        for s in {e.stance for e in used}
    }
    order = sorted(sums, key=lambda s: (-sums[s], s))
    best = order[0]
    share = sums[best] / sum(sums.values())
    mine = sorted((e for e in used if e.stance == best), key=_rank)
    why = [*mine[0].reasons]
    if tier == 1:
        why.append("object: judged by surrogates only")
    if len(order) > 1:
        against = min((e for e in used if e.stance == order[1]), key=_rank)
        start, end = against.relation.sentence
        why.append(f'conflict: {order[1]} in "{_short(view.text(start, end))}"')
    weight = sums[best] * share
    if best == "contradicts" and (sums[best] < CONTRADICTS or share < CLEAR):
        why.insert(0, "unclear: reads like a contradiction, but not clearly enough; look")
        return Judgement("insufficient", 0.5, tuple(mine[:3]), tuple(why), view.excluded)
    if share < 0.5 + 1e-9 and len(order) > 1:
        why.insert(0, "conflict: the article's sentences balance each other")
        return Judgement("insufficient", 0.5, tuple(mine[:3]), tuple(why), view.excluded)
    return Judgement(best, round(_calibrated(weight), 3), tuple(mine), tuple(why), view.excluded)


def _sum(evidence: Iterable[Evidence]) -> float:
    best: dict[tuple[int, int], float] = {}
    for e in evidence:
        best[e.relation.sentence] = max(best.get(e.relation.sentence, 0.0), e.weight)
    rest = 1.0
    for weight in best.values():
        rest *= 1.0 - min(0.9, 0.9 * weight)
    return 1.0 - rest


def _rank(e: Evidence) -> tuple[float, tuple[int, int], str]:
    return (-e.weight, e.relation.sentence, e.relation.id)


def _calibrated(weight: float) -> float:
    """Weight (0 to 1) -> the chance that the stance is right; see docs/claims.md for the fit."""
    return 0.45 + 0.5 * min(1.0, max(0.0, weight))


def _short(text: str) -> str:
    return text if len(text) <= 90 else text[:89].rstrip() + "…"
