"""What the shallow clauses and the dependency tree say together.

The shallow reading stays: the tree adds pairs that it did not see. A pair that both have is told
once, the shallow way; so is a change of which the shallow reading knows another agent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textmine.reading.drafts import Draft
from textmine.reading.phrases import CELLISH
from textmine.reading.tree import Tree
from textmine.records import Mention

__all__ = ["merge", "plausible"]

# The tree's own readings are right less often than the shallow ones.
TRUST = 0.8


def merge(base: Sequence[Draft], tree: Sequence[Draft]) -> list[Draft]:
    """`base` and what `tree` adds to it."""
    out = list(base)
    for d in tree:
        if _adds(out, d):
            out = [b for b in out if not _fills(b, d)]
            out.append(replace(d, score=d.score * TRUST, pattern=f"tree:{d.pattern}"))
    return out


def plausible(d: Draft, tree: Tree) -> bool:
    """Sieves out what comes of a wrong tree: members of one list, parts of a longer name."""
    if d.subject is None or d.side:
        return not d.side
    at = {n.token.mention.start: n.index for n in tree.nodes if n.token.mention is not None}
    a, b = at.get(d.subject.start), at.get(d.object.start)
    if b is not None and (_modifies(d.object, b, tree) or _when(b, tree)):
        return False
    if a is None or b is None:
        return True
    way = tree.path(a, b)
    return way is None or any(step.lstrip("<") not in ("conj", "appos") for _, step in way[1:])


def _when(i: int, tree: Tree) -> bool:
    """Does the name stand behind "after", "during" (also in a list)?"""
    k = i - 1
    while k > 0 and (
        tree.nodes[k].token.mention is not None
        or tree.nodes[k].token.low in ("and", "or", ",", "the", "a", "either", "both")
    ):
        k -= 1
    return k >= 0 and tree.nodes[k].token.low in ("after", "following", "during", "before")


def _modifies(mention: Mention, i: int, tree: Tree) -> bool:
    """Is the mention only what the next one is of ("cardiomyocyte apoptosis", "AD model mice")?"""
    if mention.label not in (*CELLISH, "DISEASE", "VESICLE"):
        return False
    for k in range(i + 1, min(i + 3, len(tree))):
        token = tree.nodes[k].token
        if token.mention is not None:
            return token.mention.start - mention.end <= 12
        if token.pos != "word" or not token.low.isalpha():
            return False
    return False


def _adds(base: Sequence[Draft], d: Draft) -> bool:
    """Is `d` something new that does not contradict what is there?"""
    if d.subject is None or d.predicate == "compared_with" or d.pattern == "agentless":
        return False
    if d.subject.text.lower() == d.object.text.lower():
        return False
    for b in base:
        if b.subject is None:
            continue
        same = b.object.start == d.object.start
        if same and b.subject.start == d.subject.start:
            loose = b.predicate == "associated_with" and b.direction == "unspecified"
            if loose and d.predicate == "regulates" and d.direction != "unspecified":
                continue  # a change says more than that the two go together
            return False  # told already, whatever the predicate
        if b.subject.start == d.object.start and b.object.start == d.subject.start:
            return False
        if same and b.token.start == d.token.start and b.predicate == d.predicate:
            return False  # another agent of the same change
    return True


def _fills(b: Draft, d: Draft) -> bool:
    """Is `b` the same change without an agent?"""
    if b.subject is not None or b.object.start != d.object.start:
        return False
    return b.predicate == d.predicate and b.direction == d.direction
