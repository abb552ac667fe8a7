"""Does this mention stand for what the claim speaks of? Each answer has a weight and a reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from textmine.claims.terms import Expression, content_words, is_curie
from textmine.claims.values import Indirect, Values
from textmine.claims.view import View
from textmine.records import Mention, Relation

__all__ = ["Match", "match_object", "match_subject", "stands_in"]

# How much a link is worth when it had to be inferred; a finding's weight is their product.
SAME_KIND = 0.95  # "the exosomes": all vesicles of the article are of the claim's kind
NEAREST = 0.8  # ... the nearest one named before is
CARGO = 0.85  # a cargo acts, and the sentence says who carries it
ONE_CELL = 0.9  # the only cell of the sentence
CELL_BEFORE = 0.7  # the only cell of the sentence before
VALUE = 0.8  # good or bad by the value tables
WORDED = 0.75  # the lexicon does not know the claim's word; the mention is worded like it
SOME_KIND = 0.6  # ... or only the article's words are
CALLED = 0.8  # the concepts do not meet, but the names do ("mTOR" and "mTOR signalling")
NAMED_ALIKE = ("GENE", "PATHWAY", "PROCESS", "CHEMICAL", "MIRNA", "OUTCOME")
SHARED = 0.5  # of the words that tell what kind of thing it is, in the article
CALLED_ALIKE = 0.6
ALIKE = 0.66  # how much of the words must be the same for that
UNSAID = 0.65  # the place is named elsewhere in the article
ABOUT = 0.9  # the organ is the article's, not the sentence's


_ORIGIN = re.compile(r" (?:of|from|by|in|shed|released|secreted|derived) ")


@dataclass(frozen=True, slots=True)
class Match:
    """`sign` -1: the object goes the other way than what was measured (a surrogate)."""

    weight: float
    reason: str
    sign: int = 1
    surrogate: bool = False
    variant: str | None = None
    valued: bool = False


def _variant(values: Values, mention: Mention, name: str | None) -> bool:
    """Whether a mention is worded as asked; one worded as disabled stands for nothing else."""
    disabled = values.variants.get("disabled")
    if disabled is not None and name != "disabled" and disabled.search(mention.text):
        return False
    return name is None or values.variants[name].search(mention.text) is not None


def match_subject(
    view: View, values: Values, mention: Mention, wanted: Iterable[Expression]
) -> Match | None:
    """The mention as the doer of a claim: itself, a general word for it, or its cargo."""
    keys = view.keys[mention.id]
    for expression in wanted:
        if not _variant(values, mention, expression.variant):
            continue
        if keys & expression.concepts:
            return Match(
                1.0,
                f'subject: "{mention.text}" is {expression.text}',
                variant=expression.variant,
            )
        if found := _by_words(view, values, mention, expression, "subject"):
            return replace(found, variant=expression.variant)
        if found := _general(view, values, mention, keys, expression):
            return replace(found, variant=expression.variant)
    for carrier_id in view.cargo.get(mention.id, ()):
        carrier = view.mentions.get(carrier_id)
        if carrier is not None and carrier.id != mention.id:
            found = match_subject(view, values, carrier, wanted)
            if found:
                return Match(
                    found.weight * CARGO,
                    f'subject: "{mention.text}", cargo of "{carrier.text}"',
                )
    return None


def _by_words(
    view: View, values: Values, mention: Mention, expression: Expression, part: str
) -> Match | None:
    """A claim's word that the lexicon does not know, met in a mention's own words; or in those of
    the article, where the word tells that some thing of the mention's label is meant."""
    if expression.concepts or not expression.words:
        return None
    told = f'{part}: "{mention.text}" is worded like "{expression.text}"'
    alike = values.alike(mention.text, expression.words)
    if alike < ALIKE and (long := view.long_form(mention.text)):
        alike = values.alike(long, expression.words)
    if alike >= ALIKE:
        return Match(WORDED * alike, told)
    parts = expression.text.split(
        " of "
    )  # "exosomes of X", "X exosomes"; not "isolation of exosomes"
    named = content_words(parts[0].split()[-1]) if len(parts) < 3 else frozenset()
    for label, words in values.of_kind:
        if mention.label == label and words & named:
            particular = values.same(expression.words) - values.weak
            found = particular & view.words
            vague = all(c.curie in values.vague for c in mention.concepts)
            if particular and len(found) >= (SHARED if vague else 1.0) * len(particular):
                shared = ", ".join(sorted(found))
                return Match(
                    SOME_KIND, f'{part}: "{mention.text}" may be "{expression.text}" ({shared})'
                )
    return None


def _general(
    view: View, values: Values, mention: Mention, keys: frozenset[str], expression: Expression
) -> Match | None:
    """ "The vesicles": what they are is settled by the other vesicles of the article."""
    for general, kind in values.generic.items():
        if not keys or any(c.curie != general for c in mention.concepts):
            continue
        if expression.concepts & values.vocabulary.closure(kind):
            return Match(1.0, f'subject: "{mention.text}" is {expression.text}')
        named = [
            m
            for m in view.mentions.values()
            if kind in view.keys[m.id] and any(c.curie not in values.generic for c in m.concepts)
        ]
        fitting = [m for m in named if view.keys[m.id] & expression.concepts]
        origin = _origin(view, values, expression, general)
        if origin and len(fitting) == len(named):
            return Match(SAME_KIND, f'subject: "{mention.text}", which come from "{origin}"')
        if fitting and len(fitting) == len(named):
            return Match(
                SAME_KIND, f'subject: "{mention.text}", in this article "{fitting[0].text}"'
            )
        before = [m for m in named if m.start <= mention.start]
        if before and max(before, key=lambda m: m.start) in fitting:
            nearest = max(before, key=lambda m: m.start)
            return Match(NEAREST, f'subject: "{mention.text}", probably "{nearest.text}"')
    return None


def _origin(view: View, values: Values, expression: Expression, general: str) -> str | None:
    """The cell that the article's vesicles come from, if it makes them what the claim wants."""
    for relation in (*view.evidence, *view.others):
        if relation.predicate != "derived_from" or relation.subject is None or relation.negated:
            continue
        if general in view.keys.get(relation.subject, ()) and relation.object in view.keys:
            gives = {values.origins[k] for k in view.keys[relation.object] if k in values.origins}
            if any(values.vocabulary.closure(g) & expression.concepts for g in gives):
                return view.mentions[relation.object].text
    return None


def stands_in(
    view: View, values: Values, mention: Mention, wanted: Iterable[Expression]
) -> Indirect | None:
    """What was studied in place of the claim's subject (cells for their vesicles), if it was."""
    concepts = {c for e in wanted for c in e.concepts}
    for table in values.indirect:
        if table.instead_of & concepts and (
            table.concepts & view.keys[mention.id]
            or (table.words is not None and table.words.search(mention.text))
        ):
            return table
    return None


def match_object(
    view: View,
    values: Values,
    relation: Relation,
    mention: Mention,
    wanted: Iterable[Expression],
) -> tuple[Match | None, str | None]:
    """The mention as what a claim says is changed; else why it is not (a near miss), or None.

    The claim's own words come first, then what reads them out (surrogates), with their sign.
    """
    wanted = tuple(wanted)
    miss: str | None = None
    for expression in wanted:
        if expression.benefit:
            continue
        found, why = _fits(view, values, relation, mention, expression)
        if found:
            return found, None
        miss = miss or why
    for expression in wanted:
        if expression.benefit:
            found = _benefit(view, values, relation, mention)
            if found and expression.place:
                # "good for the hepatocyte": seen in it
                placed, why = _placed(view, values, relation, mention, expression)
                miss = miss or why
                found = placed and replace(found, weight=found.weight * placed.weight)
            if found:
                return found, None
            continue
        for readout in values.readouts:
            if not _reads(readout.of, expression):
                continue
            by = readout.by
            if expression.place and not by.place and not readout.of.place:
                # Read out wherever the claim says: its marker "in hepatocytes".
                by = replace(by, place=expression.place, text=f"{by.text} as in {expression.text}")
            found, why = _fits(view, values, relation, mention, by, called=False)
            if found is None:
                miss = miss or why
                continue
            return Match(
                found.weight * readout.weight,
                f'object: surrogate, "{mention.text}" for {expression.text}',
                readout.sign * found.sign,
                surrogate=True,
            ), None
    return None, miss


def _reads(of: Expression, wanted: Expression) -> bool:
    """A readout of this thing reads out that one: the same concepts in the same place."""
    if not of.concepts & wanted.concepts:
        return False
    return of.place == wanted.place or not of.place or bool(of.place & wanted.place)


def _fits(
    view: View,
    values: Values,
    relation: Relation,
    mention: Mention,
    expression: Expression,
    *,
    called: bool = True,
) -> tuple[Match | None, str | None]:
    """Whether a mention is what an expression means; `called`: its name may say so."""
    weight = 1.0
    if not view.keys[mention.id] & expression.concepts:
        if not expression.concepts:
            return _by_words(view, values, mention, expression, "object"), None
        same_name = (
            called
            and mention.label in NAMED_ALIKE
            and values.within(mention.text, expression.words, either=mention.label == "GENE")
            and values.alike(mention.text, expression.words) >= CALLED_ALIKE
        )
        if not same_name:
            return None, None
        weight = CALLED
    if not _variant(values, mention, expression.variant):
        return None, None
    if not expression.place:
        found: Match | None = Match(weight, f'object: "{mention.text}" is {expression.text}')
        why = None
    else:
        found, why = _placed(view, values, relation, mention, expression)
        found = found and replace(found, weight=found.weight * weight)
    return (None, why) if found is None else (_worded(values, mention, expression, found), None)


def _worded(values: Values, mention: Mention, expression: Expression, found: Match) -> Match:
    """Mortality is filed under survival, but goes the other way."""
    for rule in values.worded:
        if rule.what in expression.concepts and rule.words.search(mention.text):
            turned = " (goes the other way)" if rule.sign < 0 else " (says less)"
            return replace(
                found,
                weight=found.weight * rule.weight,
                sign=found.sign * rule.sign,
                reason=found.reason + turned,
            )
    return found


def _placed(
    view: View, values: Values, relation: Relation, mention: Mention, expression: Expression
) -> tuple[Match | None, str | None]:
    """Is it in the cell, the disease or the organ that the claim names?"""
    head = f'object: "{mention.text}"'
    cells = any(_is_cell(view, k, expression) for k in expression.place)
    context = view.mentions.get(relation.context or "")
    if context is not None and view.keys[context.id]:
        if view.keys[context.id] & expression.place:
            return Match(1.0, f'{head} in "{context.text}" is {expression.text}'), None
        if context.label == "CELL" or (context.label == "DISEASE" and cells):
            return None, f'{head} is in "{context.text}", not as in {expression.text}'
    label = "CELL" if cells else None
    for back, weight in ((0, ONE_CELL), (1, CELL_BEFORE)):
        there = [
            m
            for m in view.around(relation.sentence, back)
            if m.id != relation.subject and (label is None or m.label in ("CELL", "DISEASE"))
        ]
        fitting = [m for m in there if view.keys[m.id] & expression.place]
        others = [m for m in there if m not in fitting and m.label == "CELL" and view.keys[m.id]]
        donors = {k for m in others for k in view.keys[m.id]} & set(values.origins)
        others = [m for m in others if not view.keys[m.id] & donors]
        if fitting and (not cells or not others):
            return Match(weight if cells else 1.0, f'{head} in "{fitting[0].text}"'), None
        if cells and others:
            return None, f'{head} is in "{others[0].text}", not as in {expression.text}'
    if not cells and view.all_keys & expression.place:
        return Match(
            ABOUT, f"{head} in an article about {expression.text.rpartition(' in ')[2]}"
        ), None
    place = expression.text.rpartition(" in ")[2]
    if is_curie(place) and view.all_keys & expression.place:
        # Read off a claim's sentence, which says more than most studies repeat.
        return Match(UNSAID, f'{head}, it is not said whether in "{place}"'), None
    return None, f"{head}: it is not said where, and the claim is about {expression.text}"


def _is_cell(view: View, curie: str, expression: Expression) -> bool:
    # Organs may be those of the whole article; a cell or a tumour must be named with the finding.
    return curie.startswith(("CL:", "CVCL")) or "cell" in expression.text.casefold()


def _benefit(view: View, values: Values, relation: Relation, mention: Mention) -> Match | None:
    keys = view.keys[mention.id]
    place: frozenset[str] = frozenset()
    for other in (view.mentions.get(relation.context or ""), *view.around(relation.sentence)):
        if other is not None and other.label == "CELL":
            place |= view.keys[other.id]
    sign = values.value(keys, mention.label, place or None, [c.curie for c in mention.concepts])
    if not sign:
        return None
    good = "more" if sign > 0 else "less"
    return Match(VALUE, f'object: of "{mention.text}" {good} is good', sign, valued=True)
