"""BM25 over articles: what shares rare words with the claim comes first, concepts before words."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from textmine.claims.ranking import Index, ranked
from textmine.records import Article

TEXTS = {
    "1": "Vesicles and fibrosis\nVesicles lowered collagen in fibrotic livers.",
    "2": "Vesicles in the heart\nVesicles raised the ejection fraction.",
    "3": "Collagen of tendons\nTendons hold collagen.",
    "4": "Weather\nIt rained.",
}


@pytest.fixture
def index() -> Index:
    return Index(Article(identity, text) for identity, text in TEXTS.items())


def test_shared_words_decide(index: Index) -> None:
    found = index.best("Vesicles lower collagen in fibrosis.", 10)
    assert found[0][0] == "1"
    assert "4" not in dict(found)
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)


def test_words_are_stemmed(index: Index) -> None:
    assert index.best("lowering", 1) == index.best("lowered", 1) != []


def test_concepts_go_first(index: Index) -> None:
    found = ranked(index, "vesicles collagen fibrosis", 3, lambda identity: identity == "2")
    assert [row.article_id for row in found] == ["2", "1", "3"]
    assert [row.concepts for row in found] == [True, False, False]


@pytest.mark.parametrize("statement", ["", " ?! ", '"', "AND OR NOT", 'NEAR("a", 3) *', "col:x"])
def test_any_statement_is_words(index: Index, statement: str) -> None:
    assert len(index.best(statement, 5)) <= 4


def test_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "words.db"
    path.write_text("something else")
    with closing(Index([Article("1", TEXTS["1"])], path)) as index:
        assert [i for i, _ in index.best("fibrosis", 5)] == ["1"]
    assert path.stat().st_size > 0
