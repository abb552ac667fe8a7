"""Cases and controls: what differs in people or tissues with an illness goes with that illness.

"X was increased in the liver of patients with D", "increased X was observed in D tissues": nobody
did anything, so X is associated with D. Not where something was given, or where somebody of the
same sentence is the agent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textmine.reading.clauses import Reading
from textmine.reading.drafts import DIRECTIONS, Draft
from textmine.reading.triggers import Token, Triggers
from textmine.records import Mention

__all__ = ["as_cases", "illness", "is_people"]

STANDING = ("MIRNA", "GENE", "CHEMICAL", "PATHWAY", "PROCESS", "OUTCOME", "VESICLE")
ILL = ("DISEASE", "PROCESS")
PLACES = ("in", "from", "of", "among", "within", "across", "for")


def as_cases(drafts: Sequence[Draft], reading: Reading) -> list[Draft]:
    """`drafts`, with changes that nobody made told as associations with the group's illness."""
    out = list(drafts)
    tokens = reading.tokens
    if any(t.is_class("verb", "treat") and t.pos == "verb" for t in tokens):
        return out
    ill, people = illness(tokens)
    if ill is None and any(is_people(t) for t in tokens):
        ill = next((d.subject for d in out if d.subject and d.subject.label == "DISEASE"), None)
    if ill is None:
        return out
    hosts = any(is_people(t) for t in tokens)
    here = {t.mention.id for t in tokens if t.mention is not None}
    known = {d.object.start for d in out if d.subject is not None and d.subject.id in here}
    done: set[int] = set()
    for k, d in enumerate(out):
        told = d.predicate == "regulates" and d.direction != "unspecified" and d.via is None
        if not told or d.object.label not in STANDING or d.object.start == ill.start:
            continue
        fetched = d.subject is not None and d.subject.id not in here and d.pattern == "agentless"
        sick = d.subject is not None and d.subject.label == "DISEASE" and hosts
        if sick or (d.subject is None and d.object.start not in known) or (fetched and people):
            group = d.subject if sick and d.subject is not None else ill
            out[k] = _association(d.object, group, d.direction, d)
            done.add(d.object.start)
    told_of = {d.object.start for d in out} | {d.subject.start for d in out if d.subject}
    for event in reading.events:
        standing = event.sign and not event.agents
        for theme in event.themes if standing and people else []:
            m = theme.mention
            if m is None or m.label not in STANDING or m.start in told_of or m.start == ill.start:
                continue
            if m.label == "OUTCOME":
                continue
            told_of.add(m.start)
            base = Draft(None, m, "regulates", DIRECTIONS[event.sign], event.token)
            out.append(_association(m, ill, DIRECTIONS[event.sign], base))
    for clause in reading.clauses:
        sign = _state(clause.verb.token if clause.verb is not None else None, tokens)
        for atom in clause.subject if sign else []:
            m = atom.mention
            if m is None or m.label not in STANDING or m.start in told_of or m.start == ill.start:
                continue
            assert clause.verb is not None
            told_of.add(m.start)
            base = Draft(None, m, "regulates", DIRECTIONS[sign], clause.verb.token)
            out.append(_association(m, ill, DIRECTIONS[sign], base))
    return out


def _association(thing: Mention, ill: Mention, direction: str, base: Draft) -> Draft:
    changed = replace(base, subject=thing, object=ill, predicate="associated_with")
    return replace(changed, direction=direction, pattern="association", score=0.7, context=None)


def _state(verb: Token | None, tokens: Sequence[Token]) -> int:
    """ "were low", "was high": 1, -1, or 0."""
    if verb is None:
        return 0
    k = next((k for k, t in enumerate(tokens) if t is verb), len(tokens))
    for t in tokens[k : k + 2]:
        if t.is_class("adjective", "scarce"):
            return -1
        if t.low in ("high", "abundant") and (k + 1 >= len(tokens) or _ends(tokens, t)):
            return 1
    return 0


def _ends(tokens: Sequence[Token], t: Token) -> bool:
    k = next(k for k, x in enumerate(tokens) if x is t)
    return k + 1 >= len(tokens) or tokens[k + 1].low in (".", ",", ";", "in", "and")


def illness(tokens: Sequence[Token]) -> tuple[Mention | None, bool]:
    """The illness of the group a sentence speaks of; and whether the group is of people."""
    found: Mention | None = None
    for k, t in enumerate(tokens):
        m = t.mention
        if m is None or m.label not in ILL:
            continue
        if k + 1 < len(tokens) and is_people(tokens[k + 1]):
            return m, True
        if (
            k > 1
            and tokens[k - 1].low == "with"
            and any(is_people(x) for x in tokens[max(0, k - 3) : k - 1])
        ):
            return m, True
        if found is None and m.label == "DISEASE" and (_tissue(tokens, k) or _model(tokens, k)):
            found = m
    ill = _against_controls(tokens)
    return (ill, True) if ill is not None else (found, False)


def _against_controls(tokens: Sequence[Token]) -> Mention | None:
    """ "higher in D than in controls": D."""
    words = [t.low for t in tokens]
    if not {"than", "compared", "versus", "vs", "relative"} & set(words):
        return None
    if not any(t.mention is not None and t.mention.label == "ORGANISM" and "control" in t.low
               for t in tokens) and "controls" not in words:  # fmt: skip
        return None
    for k, t in enumerate(tokens):
        if t.mention is not None and t.mention.label == "DISEASE" and k:
            before = [x.low for x in tokens[max(0, k - 2) : k]]
            if {"in", "of"} & set(before):
                return t.mention
    return None


def _tissue(tokens: Sequence[Token], k: int) -> bool:
    """ "in D tissues", "in the D cell model"."""
    before = [x for x in tokens[max(0, k - 3) : k] if x.mention is None]
    placed = any(x.low in PLACES for x in before)
    after = tokens[k + 1 : k + 4]
    held = [x for x in after if x.is_class("noun", "specimen")]
    return placed and bool(held) and all(x.mention is None for x in after[: after.index(held[0])])


def _model(tokens: Sequence[Token], k: int) -> bool:
    """ "D model [mice] showed": a group of animals with D."""
    host = tokens[k + 2].mention if k + 2 < len(tokens) else None
    glued = k > 0 and tokens[k - 1].pos == "hyph"
    return (
        not glued
        and host is not None
        and host.label == "ORGANISM"
        and (tokens[k + 1].low == "model")
    )


def is_people(token: Token) -> bool:
    """ "patients", "28 adult volunteers": the last word says it."""
    words = token.low.split()
    return bool(words) and any(
        r.cls == "people" for r in Triggers.load().of(words[-1]) if r.pos == "noun"
    )
