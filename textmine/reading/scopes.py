"""How far a cue reaches in a dependency tree (after Fancellu et al. 2016, Özgür & Radev 2009).

"not", "may" and "whether" reach over the clause of their verb; "no" over its noun and, if that is
subject or object, over the verb too; "suggest" over what is suggested; an adjective over its noun.
"""

from __future__ import annotations

from collections.abc import Sequence

from textmine.reading.tree import Tree
from textmine.records import Cue

__all__ = ["bound", "scope_of"]

CLAUSE = ("neg", "aux", "auxpass", "advmod", "mark", "cc:preconj", "cc", "case")
TOLD = ("ccomp", "xcomp", "acl", "advcl", "csubj")


def scope_of(tree: Tree, i: int) -> frozenset[int]:
    """The nodes that the cue at node `i` bears on, itself included."""
    node = tree.nodes[i]
    head = node.head
    told = tree.kids(i, *TOLD)
    if head < 0 or (told and node.dep not in CLAUSE):
        under = told or tree.kids(i, "dobj", "nsubj", "nsubjpass", "nmod", "advcl")
        return frozenset([i, *(k for c in under for k in tree.subtree(c))])
    if node.dep in ("det", "neg") and tree.nodes[head].tag.startswith("NN"):
        reach = set(tree.subtree(head))
        if tree.nodes[head].dep in ("nsubj", "nsubjpass", "dobj") and tree.nodes[head].head >= 0:
            reach |= _clause(tree, tree.nodes[head].head)
        return frozenset(reach | {i})
    if node.dep in CLAUSE:
        return frozenset({i, *_clause(tree, head)})
    reach = set(tree.subtree(i))
    if node.dep in ("amod", "compound"):
        reach |= set(tree.subtree(head))
    return frozenset(reach)


def _clause(tree: Tree, verb: int) -> set[int]:
    """`verb` and what hangs on it, without clauses that have a subject of their own."""
    found, todo = {verb}, [verb]
    while todo:
        for c in tree.kids(todo.pop()):
            own = tree.kids(c, "nsubj", "nsubjpass")
            if own and tree.nodes[c].dep in ("conj", "advcl", "parataxis", "dep"):
                continue
            found.add(c)
            todo.append(c)
    return found


def bound(tree: Tree, cues: Sequence[Cue], nodes: Sequence[int]) -> list[Cue]:
    """Those of `cues` whose scope holds one of `nodes`; a cue on no token is kept."""
    kept = []
    for cue in cues:
        inside = [
            n.index for n in tree.nodes if n.token.start < cue.end and cue.start < n.token.end
        ]
        if not inside or any(scope_of(tree, k) & set(nodes) for k in inside):
            kept.append(cue)
    return kept
