"""What the trained reader changes in the reading of an article: scores, and what the rules missed.

The rules stay the ones who read. `refine` gives each of their relations the probability that it is
right, leaves out those that are hardly ever right, and adds pairs of which the model is sure
(`pattern` "learned"). What is added is bound to cues in the same way as what the rules read.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textmine.reading.cues import find_cues
from textmine.reading.pair_features import path_of, view_of
from textmine.reading.pair_model import Kind, PairModel, Part, kind_of, part_of
from textmine.reading.pair_table import Outline
from textmine.reading.scopes import bound
from textmine.reading.tree import words_of
from textmine.reading.triggers import Token, Triggers
from textmine.records import Article, Cue, Mention, Relation, Sentence, content_id

__all__ = ["PATTERN", "columns", "parts_of", "refine"]

PATTERN = "learned"
READ = ("title", "background", "result", "conclusion")
"""Roles of sentences in which relations are looked for."""
MOST_NAMES = 40
"""A sentence that names more is a table or broken text: its pairs are not looked at."""
MOST_SENTENCES = 1_000
"""A text of more is no article: the rules read it alone."""
_DENYING = ("negation", "null")


def parts_of(
    article: Article,
    sentences: Sequence[Sentence],
    mentions: Sequence[Mention],
    relations: Sequence[Relation],
    doc: Any,
) -> tuple[list[Part], Outline]:
    """The parsed sentences in which relations are looked for, and the outline of the article."""
    outline = Outline(sentences, mentions, relations)
    triggers = Triggers.load()
    ordered = sorted(mentions, key=lambda m: m.start)
    starts = [m.start for m in ordered]
    told: dict[tuple[int, int], list[Relation]] = {}
    for r in relations:
        told.setdefault(r.sentence, []).append(r)
    parts = []
    for sentence in sentences:
        place = (sentence.start, sentence.end)
        inside = ordered[bisect_left(starts, place[0]) : bisect_left(starts, place[1])]
        if sentence.role not in READ or not 2 <= len(inside) <= MOST_NAMES:
            continue
        words = words_of(doc, *place)
        view = view_of(article.text, sentence, inside, words, triggers) if words else None
        if view is not None:
            parts.append(part_of(view, sentence, told.get(place, ()), outline))
    return parts, outline


def columns(odds: float, share: float, r: Relation | None) -> list[float]:
    """What the probability that a relation is right is made of: the pair's log odds, the
    logarithm of its kind's share, and the rules' score where it is theirs."""
    chance = float(np.log(min(max(share, 1e-3), 0.999)))
    if r is None:
        return [odds, chance, 0.0, 0.0, 0.0]
    return [0.0, 0.0, 1.0, r.score, odds + chance]


def refine(
    model: PairModel,
    article: Article,
    sentences: Sequence[Sentence],
    mentions: Sequence[Mention],
    relations: Sequence[Relation],
    doc: Any,
) -> tuple[Relation, ...]:
    """`relations` with probabilities as scores, and the relations that the rules missed."""
    if len(sentences) > MOST_SENTENCES:
        return tuple(relations)
    parts, outline = parts_of(article, sentences, mentions, relations, doc)
    told = {frozenset((r.subject or "", r.object)) for r in relations}
    limits = model.limits
    rated: dict[str, float] = {}
    added: list[Relation] = []
    steps = model.steps(parts)
    every = model.together(parts, steps, outline)
    for part, odds, at in zip(parts, every, steps, strict=True):
        for k, pair in enumerate(part.table.pairs):
            here = part.told.get(pair, ())
            if not here and (odds[k] < limits["look"] or frozenset(pair) in told):
                continue
            shares = model.told_as(part, k, at)
            for r in here:
                share = _share(model.classes, shares, kind_of(r))
                rated[r.id] = _chance(limits, columns(float(odds[k]), share, r))
            if here:
                continue
            best = int(shares.argmax())
            chance = _chance(limits, columns(float(odds[k]), float(shares[best]), None))
            if chance >= limits["add"] and _fits(part, pair, outline):
                made = _relation(article, part, pair, model.classes[best], chance)
                added += [made] if made is not None else []
    added = _one_way(added)
    starts = {m.id: m.start for m in mentions}
    filled = {(r.sentence, r.object, r.predicate, r.direction) for r in added}
    kept = []
    for r in relations:
        if r.id in rated:
            r = replace(r, score=rated[r.id])
        elif r.subject is None or not r.sentence[0] <= starts[r.subject] < r.sentence[1]:
            r = replace(r, score=round(limits["afar"] + limits["afar.score"] * r.score, 3))
        if r.id in rated and r.score < limits["drop"]:
            continue
        if r.subject is None and (r.sentence, r.object, r.predicate, r.direction) in filled:
            continue
        kept.append(r)
    order = {(s.start, s.end): n for n, s in enumerate(sentences)}
    return tuple(sorted([*kept, *added], key=lambda r: order[r.sentence]))


def _share(classes: Sequence[Kind], shares: NDArray[np.float32], kind: Kind) -> float:
    return float(shares[classes.index(kind)]) if kind in classes else 0.01


def _chance(limits: Mapping[str, float], values: Sequence[float]) -> float:
    """The probability that a relation is right (logistic, after Platt 1999)."""
    total = limits["rate"] + sum(limits[f"rate.{k}"] * v for k, v in enumerate(values))
    return round(float(1 / (1 + np.exp(-total))), 3)


def _fits(part: Part, pair: tuple[str, str], outline: Outline) -> bool:
    """Can this be a relation at all? Nothing acts on itself or on the other names of its list."""
    a, b = pair
    lists = part.table.lists
    labels = {t.mention.id: t.mention.label for t in part.view.tokens if t.mention is not None}
    if outline.names[a] == outline.names[b] or labels.get(a) == "ANATOMY":
        return False
    return lists[a] != lists[b]


def _one_way(added: Sequence[Relation]) -> list[Relation]:
    """Of two that say the same the other way round, the likelier."""
    best: dict[frozenset[str], Relation] = {}
    for r in added:
        key = frozenset((r.subject or "", r.object))
        if key not in best or best[key].score < r.score:
            best[key] = r
    return [r for r in added if best[frozenset((r.subject or "", r.object))] is r]


def _relation(
    article: Article, part: Part, pair: tuple[str, str], kind: Kind, chance: float
) -> Relation | None:
    """The relation with its cues; None where a denial reaches it that the model did not see."""
    view, sentence = part.view, part.sentence
    a, b = view.at[pair[0]], view.at[pair[1]]
    up, down = path_of(view, a, b)
    way = [*up, *down]
    words = list(_words(view.tokens, way, a, b))
    # A cue bears on the pair if it reaches the words that tie the two, not just one of the names.
    ties = [k for k, t in enumerate(view.tokens) if t in words] or way
    cues = bound(view.tree, find_cues(article.text, sentence.start, sentence.end), ties)
    kinds = {c.kind for c in cues}
    predicate, direction, denied = kind
    told_none = denied or direction == "unchanged"
    if any(c in kinds for c in _DENYING) and not told_none:
        return None
    certainty = "asserted"
    if "hypothesis" in kinds:
        certainty = "hypothesis"
    elif "hedge" in kinds:
        certainty = "hedged"
    kept = {"hedge": certainty == "hedged", "hypothesis": certainty == "hypothesis"}
    bearing = [c for c in cues if kept.get(c.kind, c.kind in _DENYING and told_none)]
    own = [Cue(t.start, t.end, "trigger") for t in words]
    all_cues = sorted({*own, *bearing}, key=lambda c: (c.start, c.end, c.kind))
    place = (sentence.start, sentence.end)
    name = content_id(
        "rel", article.id, article.version, *place, *pair, *kind, certainty, sentence.role, PATTERN
    )
    return Relation(
        name, pair[0], pair[1], predicate, direction, denied, certainty, sentence.role, None,
        tuple(all_cues), place, chance,
        perturbation=_perturbation(view.tokens, a), pattern=PATTERN,
    )  # fmt: skip


def _words(tokens: Sequence[Token], way: Sequence[int], a: int, b: int) -> Iterator[Token]:
    """The words that tie the two: trigger words on the way, else between, else all between."""
    low, high = min(a, b), max(a, b)
    for places in (sorted(set(way)), range(low + 1, high)):
        found = [tokens[k] for k in places if tokens[k].readings and tokens[k].mention is None]
        if found:
            yield from found[:3]
            return
    yield from [t for t in tokens[low + 1 : high] if t.mention is None][:1]


def _perturbation(tokens: Sequence[Token], a: int) -> str | None:
    """What was done to the subject: "silencing of X", "X-deficient"."""
    beside = [*tokens[max(0, a - 2) : a], *tokens[a + 1 : a + 2]]
    for token in beside:
        found = token.reading("perturbation") if token.mention is None else None
        if found is not None:
            return found.cls
    return None
