"""Every pair of mentions of a sentence as a tree shows it: path, triggers, cues, sign.

For rankers and for explanations. Whether a pair is a relation is not decided here: `read` is what
the rules read of it, if anything, and `product` the signs of the words between the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from textmine.reading.cues import find_cues
from textmine.reading.drafts import Draft, Memory
from textmine.reading.interpret import interpret
from textmine.reading.merge import plausible
from textmine.reading.patterns import Patterns
from textmine.reading.scopes import bound
from textmine.reading.tagging import tag
from textmine.reading.tails import sign_of
from textmine.reading.tree import Tree, project, words_of
from textmine.reading.tree_clauses import read_tree
from textmine.reading.triggers import Token, Triggers, tokenize
from textmine.records import Cue, Mention, Sentence

__all__ = ["Pair", "Trigger", "pairs_of", "tree_of", "triggers_at"]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A word of the lexicon on a path. `sign`: -1, 0 or 1."""

    start: int
    end: int
    word: str
    pos: str
    cls: str
    sign: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two mentions, `subject` acting on `object` if there is a relation.

    path: (step, word) from subject to object; a step is "<dep" up or "dep" down, and the word is
    in lower case, or the label of a mention. () where the tree is in pieces.
    triggers: words of the lexicon on the path and at its ends.
    cues: those whose scope holds a node of the path.
    product: the signs of the triggers multiplied, 0 if none has one.
    read: direction by the rules ("increases", ...), None if they read nothing; negated, certainty,
    pattern and mediator are theirs.
    """

    subject: Mention
    object: Mention
    path: tuple[tuple[str, str], ...]
    triggers: tuple[Trigger, ...]
    cues: tuple[Cue, ...]
    product: int
    tokens_between: int
    read: str | None = None
    negated: bool = False
    certainty: str = "asserted"
    pattern: str | None = None
    mediator: Mention | None = None


def tree_of(
    text: str, sentence: Sentence, mentions: Sequence[Mention], doc: Any
) -> tuple[list[Token], Tree] | None:
    """The tokens and the tree of a sentence; None if `doc` holds no tree of it."""
    words = words_of(doc, sentence.start, sentence.end)
    if words is None:
        return None
    tokens = tokenize(text, sentence.start, sentence.end, mentions, Triggers.load())
    tag(tokens)
    return tokens, project(tokens, words)


def pairs_of(
    text: str,
    sentence: Sentence,
    mentions: Sequence[Mention],
    doc: Any,
    *,
    loose: bool = True,
) -> Iterator[Pair]:
    """All ordered pairs of the mentions inside `sentence` ("loose" as in `read_relations`)."""
    inside = [m for m in mentions if sentence.start <= m.start and m.end <= sentence.end]
    parsed = tree_of(text, sentence, inside, doc) if len(inside) > 1 else None
    if parsed is None:
        return
    tokens, tree = parsed
    drafts = interpret(read_tree(tree, Patterns.load(), loose=loose), Memory())
    found: dict[tuple[int, int], Draft] = {}
    for d in drafts:
        if d.subject is not None and plausible(d, tree):
            found.setdefault((d.subject.start, d.object.start), d)
    cues = find_cues(text, sentence.start, sentence.end)
    nodes = {t.mention.start: k for k, t in enumerate(tokens) if t.mention is not None}
    for a in inside:
        for b in inside:
            if a.start in nodes and b.start in nodes and a.start != b.start:
                draft = found.get((a.start, b.start))
                yield _pair(a, b, nodes[a.start], nodes[b.start], tree, cues, draft)


def _pair(
    a: Mention, b: Mention, i: int, j: int, tree: Tree, cues: Sequence[Cue], d: Draft | None
) -> Pair:
    way = tree.path(i, j) or []
    on = [k for k, _ in way]
    near = [c for k in (i, j) for c in (tree.nodes[k].head, *tree.nodes[k].children) if c >= 0]
    glued = [c for k in on for c in tree.kids(k, "amod", "hyph", "neg") if c in near]
    triggers = tuple(triggers_at([n.token for n in tree.nodes], list(dict.fromkeys([*on, *glued]))))
    product = 1 if any(t.sign for t in triggers) else 0
    for t in triggers:
        product *= t.sign or 1
    path = tuple((step, _word(tree, k)) for k, step in way[1:])
    kept = tuple(bound(tree, cues, on)) if on else ()
    pair = Pair(a, b, path, triggers, kept, product, max(0, abs(i - j) - 1))
    if d is None:
        return pair
    return Pair(
        a, b, path, triggers, kept, product, pair.tokens_between, d.direction, d.negated,
        d.certainty, d.pattern, d.via,
    )  # fmt: skip


def _word(tree: Tree, k: int) -> str:
    token = tree.nodes[k].token
    return token.mention.label if token.mention is not None else token.low


def triggers_at(tokens: Sequence[Token], places: Sequence[int]) -> Iterator[Trigger]:
    """Those of `tokens` at `places` that are words of the lexicon, as they are tagged."""
    for k in places:
        token = tokens[k]
        if token.mention is not None or not token.readings:
            continue
        wanted = {"verb": "verb", "ing": "verb", "noun": "noun", "adj": "adjective",
                  "hyph": "participle"}.get(token.pos)  # fmt: skip
        r = next((r for r in token.readings if r.pos == wanted), token.readings[0])
        pert = token.reading("perturbation")
        sign = {"more": 1, "less": -1}.get(r.cls, sign_of(r.cls))
        if not sign and pert is not None:
            r, sign = pert, pert.sign
        yield Trigger(token.start, token.end, token.low, r.pos, r.cls, sign)
