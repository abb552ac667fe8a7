"""The dependency tree of a sentence over the tokens of the relation reader.

A parser has tokens of its own: a mention may be several of its words, and one of its words several
tokens here ("X-induced"). `project` lays the parser's tree over our tokens; what is inside a
mention is contracted. Labels are those of the GENIA treebank (Stanford basic dependencies:
nsubj, nsubjpass, dobj, nmod with case, acl, acl:relcl, advcl, xcomp, ccomp, conj, amod, compound).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from textmine.reading.triggers import Token

__all__ = ["Node", "Tree", "Word", "project", "words_of"]

GLUED = "hyph"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the parser: offsets, the position of its head in the sentence (-1: root)."""

    start: int
    end: int
    head: int
    dep: str
    tag: str


@dataclass(slots=True)
class Node:
    """A token in the tree. `head` -1: root."""

    index: int
    token: Token
    head: int = -1
    dep: str = "ROOT"
    tag: str = ""
    children: list[int] = field(default_factory=list)


class Tree:
    """Nodes in the order of the text; `nodes[i].token` is token i of the reader."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        for node in nodes:
            if node.head >= 0:
                nodes[node.head].children.append(node.index)

    def __len__(self) -> int:
        return len(self.nodes)

    def kids(self, i: int, *deps: str) -> list[int]:
        """The children of `i`, those with one of `deps` if any are given."""
        return [c for c in self.nodes[i].children if not deps or self.nodes[c].dep in deps]

    def case(self, i: int) -> str:
        """The preposition of `i`: "of", "compared" for "compared with"; "" if there is none."""
        words = [self.nodes[c].token.low for c in self.kids(i, "case", "mark")]
        if not words and self.nodes[i].dep == "nmod":
            first = self.subtree(i)[0]
            if self.nodes[first].dep == "case":
                words = [self.nodes[first].token.low]
        for word in ("compared", "due", "because", "than", "without"):
            if word in words:
                return word
        return words[0] if words else ""

    def up(self, i: int) -> Iterator[int]:
        """The ancestors of `i`, nearest first."""
        at = self.nodes[i].head
        while at >= 0:
            yield at
            at = self.nodes[at].head

    def subtree(self, i: int) -> list[int]:
        """`i` and all below it, in the order of the text."""
        found, todo = [], [i]
        while todo:
            at = todo.pop()
            found.append(at)
            todo += self.nodes[at].children
        return sorted(found)

    def path(self, a: int, b: int) -> list[tuple[int, str]] | None:
        """The way from `a` to `b`: (node, step that led there), "<dep" up and "dep" down.

        None where the two have no common ancestor (the sentence is in pieces).
        """
        above_a = [a, *self.up(a)]
        above_b = [b, *self.up(b)]
        meet = next((x for x in above_a if x in above_b), None)
        if meet is None:
            return None
        up = [(self.nodes[x].head, f"<{self.nodes[x].dep}") for x in above_a[: above_a.index(meet)]]
        down = [(x, self.nodes[x].dep) for x in reversed(above_b[: above_b.index(meet)])]
        return [(a, ""), *up, *down]


def words_of(doc: Any, start: int, end: int) -> list[Word] | None:
    """The parsed words of `doc` between two offsets; None if they were not parsed."""
    low, high = 0, len(doc)
    while low < high:
        middle = (low + high) // 2
        if doc[middle].idx < start:
            low = middle + 1
        else:
            high = middle
    picked = []
    for k in range(low, len(doc)):
        if doc[k].idx + len(doc[k]) > end:
            break
        picked.append(doc[k])
    if not any(t.dep_ for t in picked):
        return None
    at = {t.i: n for n, t in enumerate(picked)}
    words = []
    for t in picked:
        own = t.head.i != t.i and t.head.i in at
        head = at[t.head.i] if own else -1
        dep = (t.dep_ or "dep") if own else "ROOT"
        words.append(Word(t.idx, t.idx + len(t), head, dep, t.tag_))
    return words


def project(tokens: Sequence[Token], words: Sequence[Word]) -> Tree:
    """The tree over `tokens`. Any words and any tokens give a tree without circles."""
    starts = [w.start for w in words]
    cover: list[list[int]] = []
    owner: dict[int, int] = {}
    for k, token in enumerate(tokens):
        at = max(0, bisect_left(starts, token.start) - 1)
        inside = []
        while at < len(words) and words[at].start < token.end:
            if words[at].end > token.start:
                inside.append(at)
            at += 1
        cover.append(inside)
        for w in inside:
            owner[w] = k  # The last token of a word speaks for it.
    nodes = []
    for k, token in enumerate(tokens):
        node = Node(k, token)
        mine = [w for w in cover[k] if owner[w] == k]
        if not mine and cover[k]:
            node.head, node.dep, node.tag = owner[cover[k][-1]], GLUED, words[cover[k][-1]].tag
        elif mine:
            outward = [w for w in mine if words[w].head not in set(cover[k])] or mine
            top = outward[-1]
            node.tag, node.dep = words[top].tag, words[top].dep
            node.head = _owner_of(words[top].head, words, owner, k)
            if node.head < 0:
                node.dep = "ROOT"
        nodes.append(node)
    _glue(nodes)
    _open_circles(nodes)
    return Tree(nodes)


def _glue(nodes: list[Node]) -> None:
    """ "X-induced" is one word to the tree, however the parser cut it: X hangs on "induced"."""
    for node in nodes[1:]:
        before = nodes[node.index - 1]
        if not node.token.glued or node.token.mention is not None:
            continue
        if node.head == before.index:
            node.head, node.dep = before.head, before.dep
        if node.head != before.index and before.index != node.index:
            before.head, before.dep = node.index, GLUED


def _owner_of(word: int, words: Sequence[Word], owner: dict[int, int], k: int) -> int:
    """The token of a head word; words that are no token here are passed through."""
    for _ in range(len(words)):
        if word < 0:
            return -1
        if owner.get(word, k) != k:
            return owner[word]
        word = words[word].head
    return -1


def _open_circles(nodes: list[Node]) -> None:
    """Contraction may close a circle: its link is cut where it closes."""
    done: set[int] = set()
    for node in nodes:
        seen: list[int] = []
        at = node.index
        while at >= 0 and at not in done:
            if at in seen:
                nodes[at].head, nodes[at].dep = -1, "ROOT"
                break
            seen.append(at)
            at = nodes[at].head
        done.update(seen)
