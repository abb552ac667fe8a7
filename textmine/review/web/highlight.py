"""Marks in a text: spans that may overlap become nested markup that is safe to show.

A pure function. Whatever stands in the text or in a label is escaped; the text content of the
result is the text itself, code point for code point, so that a selection can be counted back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

__all__ = ["KINDS", "Mark", "highlight", "shown"]

# From the outermost to the innermost where spans are the same.
KINDS = ("rationale", "missed", "card", "mention", "cue")


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the text. `kind` is one of KINDS; `label` says in a word what is marked;
    `title` says more of it; `style` is a word of [a-z-] that picks the colour."""

    start: int
    end: int
    kind: str
    label: str
    title: str = ""
    style: str = ""
    key: str = ""


# What HTML cannot hold or would change: each becomes one other character, so that offsets stay.
_CHANGED = {0: "\ufffd", **dict.fromkeys(range(0xD800, 0xE000), "\ufffd")}


def shown(text: str) -> str:
    """The text as a page can hold it: NUL and lone surrogates become U+FFFD, one for one."""
    if text.isascii() and "\0" not in text:
        return text
    return text.translate(_CHANGED)


def highlight(text: str, marks: Iterable[Mark], start: int = 0, end: int | None = None) -> Markup:
    """`text[start:end]` with its marks, as markup. Marks are cut at the ends.

    Each mark is a `mark` element. Where one begins inside another and ends behind it, it is closed
    and opened again with the class `on`, so that its label is not said twice.
    """
    stop = len(text) if end is None else min(end, len(text))
    if start >= stop:
        return Markup("")
    cut = [
        (max(m.start, start), min(m.end, stop), m)
        for m in marks
        if max(m.start, start) < min(m.end, stop)
    ]
    # Longer ones outside; where they are the same, in the order of KINDS.
    cut.sort(key=lambda one: (one[0], -one[1], _depth(one[2]), one[2].label, one[2].key))
    edges = sorted({start, stop, *(s for s, _, _ in cut), *(e for _, e, _ in cut)})
    out: list[str] = []
    opened: list[tuple[int, Mark]] = []
    todo = 0
    for here, there in zip(edges, [*edges[1:], None], strict=True):
        opened = _close(opened, here, out)
        while todo < len(cut) and cut[todo][0] == here:
            _, until, mark = cut[todo]
            out.append(_tag(mark, until, first=here == mark.start or here == start))
            opened.append((until, mark))
            todo += 1
        if there is not None:
            out.append(_words(text[here:there]))
    return Markup("".join(out))


def _close(opened: Sequence[tuple[int, Mark]], here: int, out: list[str]) -> list[tuple[int, Mark]]:
    """Closes what ends here, and opens again what stood inside it and goes on."""
    ending = [place for place, (until, _) in enumerate(opened) if until <= here]
    if not ending:
        return list(opened)
    kept = list(opened[: ending[0]])
    inside = opened[ending[0] :]
    out.extend("</mark>" for _ in inside)
    for until, mark in inside:
        if until > here:
            out.append(_tag(mark, until, first=False))
            kept.append((until, mark))
    return kept


def _depth(mark: Mark) -> int:
    return KINDS.index(mark.kind)


def _tag(mark: Mark, until: int, *, first: bool) -> str:
    """`until` is where this mark ends; its label stands at its first piece alone."""
    names = [mark.kind]
    if mark.style:
        names.append(mark.style)
    if not first:
        names.append("on")
    parts = [f'<mark class="{escape(" ".join(names))}"']
    if first:
        parts.append(f' data-label="{_attribute(mark.label)}"')
        if mark.kind == "rationale" and mark.key:
            parts.append(f' id="{_attribute(mark.key)}"')  # where a link beside the text leads
    if mark.title:
        parts.append(f' title="{_attribute(mark.title)}"')
    if mark.key:
        parts.append(f' data-key="{_attribute(mark.key)}"')
    return "".join((*parts, ">"))


def _attribute(text: str) -> str:
    return str(escape(shown(text)))


def _words(text: str) -> str:
    # A parser turns a bare carriage return into a line feed, and the two of a pair into one.
    return str(escape(shown(text))).replace("\r", "&#13;")
