"""What the shallow clauses and the dependency tree say together.

The shallow reading stays: the tree adds pairs that it did not see. A pair that both have is told
once, the shallow way; so is a change of which the shallow reading knows another agent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textmine.reading.drafts import Draft

__all__ = ["merge"]

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
