"""A plain-text article -> draft claims: the sentences that say what does what to what."""

from __future__ import annotations

import re
from collections.abc import Iterator

from textmine.claims.frame import Read, frame_of
from textmine.records import Article, Claim, Passage

__all__ = ["drafted"]

_HEADING = 90  # characters; a longer line without a full stop is text
_REFERENCES = re.compile(
    r"(?:references|bibliography|literature cited|acknowledge?ments?)\W*", re.I
)
_SPACE = re.compile(r"\s+")


def drafted(text: str, read: Read) -> tuple[tuple[Claim, ...], tuple[tuple[str, str], ...]]:
    """The claims of a text, numbered in order, and (sentence, reason) for all that was left out."""
    claims: list[Claim] = []
    left: list[tuple[str, str]] = []
    seen: set[str] = set()
    for section, sentence in _sentences(text, read):
        frame, gap = frame_of(sentence, read)
        if gap is None and not frame.subject:
            gap = "It does not say what acts."
        if gap is None and sentence.endswith("?"):
            gap = "It is a question."
        if gap is None and sentence.casefold() in seen:
            gap = "It was said before."
        if gap is not None:
            left.append((sentence, gap))
            continue
        seen.add(sentence.casefold())
        claims.append(Claim(f"C{len(claims) + 1:02}", sentence, section, frame))
    return tuple(claims), tuple(left)


def _sentences(text: str, read: Read) -> Iterator[tuple[str | None, str]]:
    section: str | None = None
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        while lines and _heading(lines[0]):
            section = lines.pop(0).lstrip("#").strip()
            if _REFERENCES.fullmatch(section):
                return  # what follows is no longer the authors' text
        paragraph = _SPACE.sub(" ", " ".join(lines))
        if not paragraph:
            continue
        passage = Passage("abstract", 0, len(paragraph))
        article = Article(id="draft", text=paragraph, passages=(passage,))
        for sentence in read(article).sentences:
            yield section, paragraph[sentence.start : sentence.end]


def _heading(line: str) -> bool:
    return line.startswith("#") or (len(line) <= _HEADING and line[-1] not in ".!?:;,")
