"""The annotated text in the formats that other tools of the field read; one file per article."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from textmine.records import Annotated

__all__ = ["Source", "file_name", "printable", "write_each"]


class Source(Protocol):
    """What is exported: the current articles of a store."""

    def articles(self) -> Iterable[Annotated]: ...


def file_name(article_id: str) -> str:
    """The article's id as the name of a file, whatever it holds."""
    return quote(article_id.encode("utf-8", "surrogatepass"), safe="-_") or "_"


def printable(text: str) -> str:
    """The text as UTF-8 and XML can hold it: one U+FFFD for each code point that they cannot.

    Offsets stay what they are.
    """
    return "".join(
        "\ufffd" if "\ud800" <= c <= "\udfff" or (c < " " and c not in "\n\t") else c for c in text
    )


def write_each(
    store: Source, folder: Path, files: Callable[[Annotated], Iterable[tuple[str, str]]]
) -> int:
    """Writes what `files` makes of each article, (suffix, content); the number of articles."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for annotated in store.articles():
        name = file_name(annotated.article.id)
        for suffix, content in files(annotated):
            with open(folder / f"{name}{suffix}", "w", encoding="utf-8", newline="") as out:
                out.write(content)
        count += 1
    return count
