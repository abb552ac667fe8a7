"""Who did what to what, in every sentence of an article.

A shallow reader over tokens, mentions and trigger words: `clauses` finds subjects, verbs and
objects, `algebra` multiplies the signs. No model is needed; a dependency parse may be given later.
docs/relations.md says what is read how, with examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textmine.reading.cases import as_cases
from textmine.reading.clauses import Reading, read_clauses
from textmine.reading.cues import find_cues
from textmine.reading.drafts import Draft, Memory
from textmine.reading.interpret import interpret
from textmine.reading.learned import refine
from textmine.reading.lists import spread
from textmine.reading.merge import merge, plausible
from textmine.reading.pair_model import PairModel
from textmine.reading.patterns import Patterns
from textmine.reading.scopes import bound
from textmine.reading.tagging import tag
from textmine.reading.tree import Tree, project, words_of
from textmine.reading.tree_clauses import read_tree
from textmine.reading.triggers import Triggers, tokenize
from textmine.records import Article, Cue, Mention, Relation, Sentence, content_id

__all__ = ["read_relations", "read_sentence"]

# Sentences longer than this are lists or broken text; their far ends are not read together.
MAX_TOKENS = 220


def read_relations(
    article: Article,
    sentences: Sequence[Sentence],
    mentions: Sequence[Mention],
    *,
    doc: Any = None,
    triggers: Triggers | None = None,
    loose: bool = False,
    learned: PairModel | None = None,
) -> tuple[Relation, ...]:
    """All relations of an article, in the order of its sentences.

    `doc`: the parsed text (spaCy); sentences that it holds no tree for are read without. `loose`:
    for mentions without processes; what happens to a thing then counts as happening to it.
    `learned`: a trained model that rates what the rules read and adds what they missed; it needs
    the parse.
    """
    triggers = triggers or Triggers.load()
    out: list[Relation] = []
    memory = Memory()
    ordered = sorted(mentions, key=lambda m: (m.start, m.end))
    at = 0
    for sentence in sentences:
        while at < len(ordered) and ordered[at].start < sentence.start:
            at += 1
        inside = list(_upto(ordered, at, sentence.end))
        tree = _tree_of(article.text, sentence, inside, triggers, doc)
        drafts = read_sentence(article.text, sentence, inside, memory, triggers, tree, loose=loose)
        out += _finished(article, sentence, drafts, inside, tree)
        given = _treats(article.text[sentence.start : sentence.end], triggers)
        memory = _carry(memory, drafts, inside, sentence, given)
    if learned is not None and doc is not None:
        return refine(learned, article, sentences, mentions, out, doc)
    return tuple(out)


def _treats(text: str, triggers: Triggers) -> bool:
    """Does the sentence say that something was given to somebody?"""
    words = (w.strip(".,;:()").lower() for w in text.split())
    return any(
        (r.pos, r.cls) in (("verb", "treat"), ("noun", "treatment"))
        for w in words
        for r in triggers.of(w)
    )


def _upto(ordered: Sequence[Mention], at: int, end: int) -> list[Mention]:
    found = []
    for mention in ordered[at:]:
        if mention.start >= end:
            break
        if mention.end <= end:
            found.append(mention)
    return found


def read_sentence(
    text: str,
    sentence: Sentence,
    mentions: Sequence[Mention],
    memory: Memory,
    triggers: Triggers,
    tree: Tree | None = None,
    *,
    loose: bool = False,
) -> list[Draft]:
    """The drafts of one sentence; `memory` offers antecedents from before.

    The dependency tree, where there is one, adds what the clauses did not show.
    """
    if not mentions:
        return []
    tokens = tokenize(text, sentence.start, sentence.end, mentions, triggers)[:MAX_TOKENS]
    if not tokens:
        return []
    further: list[Draft] = []
    if tree is not None:
        # Read with a memory of its own: what the clauses remember is not changed by it.
        told = interpret(read_tree(tree, Patterns.load(), loose=loose), memory.copy())
        further = [d for d in told if plausible(d, tree)]
    reading: Reading = read_clauses(tokens)
    drafts = spread(merge(interpret(reading, memory), further), tokens)
    drafts = as_cases(drafts, reading)
    return [d for d in (_by_role(d, sentence.role) for d in drafts) if d is not None]


def _tree_of(
    text: str, sentence: Sentence, mentions: Sequence[Mention], triggers: Triggers, doc: Any
) -> Tree | None:
    """The tree of a sentence over tokens of its own; None if `doc` holds none."""
    words = words_of(doc, sentence.start, sentence.end) if doc is not None and mentions else None
    if not words:
        return None
    tokens = tokenize(text, sentence.start, sentence.end, mentions, triggers)[:MAX_TOKENS]
    tag(tokens)
    return project(tokens, words) if tokens else None


def _by_role(draft: Draft, role: str) -> Draft | None:
    """What the role of the sentence does to a relation."""
    if draft.side or draft.predicate in ("derived_from",):
        return draft
    if role == "aim":
        draft.certainty = "hypothesis"
    elif role == "method":
        if draft.purpose:
            draft.certainty = "hypothesis"
        elif draft.predicate not in ("converts_to", "derived_from"):
            return None
    elif draft.purpose:
        draft.certainty = "hypothesis"
    return draft


def _carry(
    memory: Memory,
    drafts: Sequence[Draft],
    mentions: Sequence[Mention],
    sentence: Sentence,
    given: bool,
) -> Memory:
    """What the next sentence may refer to."""
    agents = [
        d.subject
        for d in drafts
        if d.subject is not None and d.predicate in ("regulates", "targets", "delivers", "carries")
    ]
    named = [m for m in mentions if m.label == "VESICLE"] or [
        m for m in mentions if m.label in ("INTERVENTION", "CHEMICAL", "MIRNA")
    ]
    vesicles = [m for m in agents if m.label == "VESICLE"]
    vesicles = vesicles or [m for m in agents if m.label == "INTERVENTION"]
    moved = [d.object for d in drafts if d.object.label == "MIRNA"]
    best = vesicles[:1] or agents[:1] or (named[:1] if given else []) or moved[:1]
    if sentence.role == "title":
        best = []
    previous = best or memory.previous[-1:] if not mentions else best
    return Memory(
        previous=list(previous),
        drafts=[d for d in drafts if d.predicate == "regulates"],
        topic=_only_one(mentions) or (memory.topic if not mentions else None),
    )


def _only_one(mentions: Sequence[Mention]) -> Mention | None:
    """The one thing that can act which a sentence names, if it is one."""
    acting = [m for m in mentions if m.label in ("VESICLE", "MIRNA", "GENE", "CHEMICAL")]
    return acting[0] if len({m.text.lower() for m in acting}) == 1 else None


def _finished(
    article: Article,
    sentence: Sentence,
    drafts: Sequence[Draft],
    mentions: Sequence[Mention],
    tree: Tree | None,
) -> list[Relation]:
    cues = find_cues(article.text, sentence.start, sentence.end) if drafts else ()
    seen: set[tuple[object, ...]] = set()
    out = []
    for d in drafts:
        key = (
            d.subject.id if d.subject else None,
            d.object.id,
            d.predicate,
            d.direction,
            d.negated,
            d.via.id if d.via else None,
            d.perturbation,
        )
        if key in seen:
            continue
        seen.add(key)
        kept = _within_reach([c for c in cues if _bears(c, d)], d, tree)
        out.append(_relation(article, sentence, d, kept, _same_name(d, mentions)))
    return out


def _same_name(draft: Draft, mentions: Sequence[Mention]) -> str | None:
    """Two arms with one name (a superscript was lost): which is which cannot be told."""
    if draft.subject is None or draft.predicate not in ("regulates", "compared_with"):
        return None
    low = draft.subject.text.lower()
    twins = [m for m in mentions if m.label == draft.subject.label and m.text.lower() == low]
    if draft.predicate == "compared_with" and draft.object.text.lower() == low:
        return "arms with the same name"
    opposed = len(twins) > 1 and draft.direction == "unchanged"
    return "arms with the same name" if opposed else None


def _relation(
    article: Article, sentence: Sentence, d: Draft, cues: Sequence[Cue], ambiguous: str | None
) -> Relation:
    own = Cue(d.token.start, d.token.end, "trigger")
    all_cues = tuple(sorted({own, *cues}, key=lambda c: (c.start, c.end, c.kind)))
    score = d.score
    if d.subject is None:
        score = 0.3
    elif d.subject.end < sentence.start or ambiguous:
        score = min(score, 0.6)
    reach = abs((d.subject.start if d.subject is not None else d.token.start) - d.object.start)
    if reach > 150:
        score -= 0.15
    ids = [m.id if m is not None else None for m in (d.subject, d.via, d.outcome, d.context)]
    name = content_id(
        "rel",
        article.id,
        article.version,
        sentence.start,
        sentence.end,
        ids[0],
        d.object.id,
        d.predicate,
        d.direction,
        d.negated,
        d.certainty,
        sentence.role,
        *ids[1:],
        d.perturbation,
    )
    return Relation(
        name,
        ids[0],
        d.object.id,
        d.predicate,
        d.direction,
        d.negated,
        d.certainty,
        sentence.role,
        ids[1],
        all_cues,
        (sentence.start, sentence.end),
        round(score, 3),
        ids[2],
        ids[3],
        d.perturbation,
        d.pattern,
        ambiguous,
    )


def _within_reach(cues: list[Cue], d: Draft, tree: Tree | None) -> list[Cue]:
    """Those cues whose scope on the tree holds the trigger or the object; a kind of which none
    reaches that far is kept whole, for something of it was read."""
    if tree is None:
        return cues
    places = {d.token.start, d.object.start}
    nodes = [n.index for n in tree.nodes if n.token.start in places]
    near = bound(tree, cues, nodes)
    kinds = {c.kind for c in near}
    return [c for c in cues if c in near or c.kind not in kinds]


def _bears(cue: Cue, d: Draft) -> bool:
    """Cues that changed this relation, not all of the sentence."""
    if cue.kind in ("negation", "null"):
        return d.direction == "unchanged" or d.negated
    if cue.kind == "hedge":
        return d.certainty == "hedged"
    if cue.kind == "hypothesis":
        return d.certainty == "hypothesis"
    if cue.kind == "comparison":
        return d.predicate == "compared_with"
    if cue.kind == "perturbation":
        return d.perturbation is not None
    return cue.kind == "concession"
