"""Names begin and end tokens; nothing of the text is lost."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from textmine.reading.tokens import build_tokenizer


@lru_cache(maxsize=1)
def nlp() -> Language:
    blank = spacy.blank("en")
    blank.tokenizer = build_tokenizer(blank)
    return blank


def tokens(text: str) -> list[str]:
    return [token.text for token in nlp()(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("IL-2-induced", ["IL-2", "-", "induced"]),
        ("TGF-beta1-treated", ["TGF-beta1", "-", "treated"]),
        ("NF-kappa B.", ["NF-kappa", "B", "."]),
        ("Jak-STAT", ["Jak", "-", "STAT"]),
        ("exosome-mediated", ["exosome", "-", "mediated"]),
        ("IFN/STAT1", ["IFN", "/", "STAT1"]),
        ("LX-2 and HSC-T6", ["LX-2", "and", "HSC-T6"]),
        ("α-SMA", ["α-SMA"]),
    ],
)
def test_a_name_is_a_run_of_whole_tokens(text: str, wanted: list[str]) -> None:
    assert tokens(text) == wanted


@settings(deadline=None, max_examples=100)
@given(st.text(st.sampled_from("aBc1α-/()[].+:, \u2212"), max_size=40))
def test_tokens_and_blanks_give_the_text_back(text: str) -> None:
    doc = nlp()(text)
    assert doc.text == text
    assert all(text[t.idx : t.idx + len(t)] == t.text for t in doc)


def test_a_pipeline_with_it_is_saved_and_loaded(tmp_path: Path) -> None:
    settings_ = {"nlp": {"tokenizer": {"@tokenizers": "textmine.tokenizer.v1"}}}
    made = spacy.blank("en", config=settings_)
    made.to_disk(tmp_path / "pipeline")
    text = "IL-2-induced p18(-/-) cells (P < 0.05)."
    loaded = spacy.load(tmp_path / "pipeline")
    assert [t.text for t in loaded(text)] == [t.text for t in made(text)] == tokens(text)
