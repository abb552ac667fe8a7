"""Which of thousands of articles come first for a claim, by their words alone.

BM25 (Robertson & Zaragoza 2009) over stemmed words, by SQLite's full-text index: no model, no
lexicon, so that a claim whose words the lexicon lacks finds its articles too. What the concepts
say goes before it: an article that names both sides of the claim outranks one that only shares
words with it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from textmine.records import Article

__all__ = ["Index", "Ranked", "ranked"]

_WORD = re.compile(r"\w+")
# Title and text weigh the same: tried on SciFact's training claims, a heavier title gains nothing.
_TABLE = "CREATE VIRTUAL TABLE words USING fts5(id UNINDEXED, text, tokenize='porter unicode61')"
_BEST = "SELECT id, -bm25(words) FROM words WHERE words MATCH ? ORDER BY bm25(words), rowid LIMIT ?"


@dataclass(frozen=True, slots=True)
class Ranked:
    """An article for a claim. `score`: BM25, higher is nearer; `concepts`: names both its sides."""

    article_id: str
    score: float
    concepts: bool


class Index:
    """A full-text index of articles, in memory or in a file that is made anew."""

    def __init__(self, articles: Iterable[Article], path: Path | None = None) -> None:
        if path is not None:
            path.unlink(missing_ok=True)
        self._base = sqlite3.connect(":memory:" if path is None else path)
        self._base.execute(_TABLE)
        rows = ((article.id, article.text) for article in articles)
        self._base.executemany("INSERT INTO words (id, text) VALUES (?, ?)", rows)
        self._base.commit()

    def best(self, statement: str, limit: int) -> list[tuple[str, float]]:
        """The articles that share words with a statement, nearest first, with their scores."""
        words = dict.fromkeys(_WORD.findall(statement.lower()))
        if not words:
            return []
        query = " OR ".join(f'"{word}"' for word in words)
        found = self._base.execute(_BEST, (query, limit))
        return [(str(identity), float(score)) for identity, score in found]

    def close(self) -> None:
        self._base.close()


def ranked(
    index: Index,
    statement: str,
    limit: int,
    names_both: Callable[[str], bool] = lambda identity: False,
) -> list[Ranked]:
    """The `limit` articles most worth checking: those that name both sides, then the others.

    `names_both` answers for an article's id whether its concepts meet the claim's; see
    `textmine.claims.retrieve.Filter`. Within each group BM25 decides.
    """
    # Concepts may lift an article from far down, so that more is looked at than is given back.
    found = index.best(statement, max(limit * 10, 1000))
    rows = [Ranked(identity, score, names_both(identity)) for identity, score in found]
    return sorted(rows, key=lambda row: (not row.concepts, -row.score))[:limit]
