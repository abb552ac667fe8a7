from __future__ import annotations

from pathlib import Path

import pytest

from textmine.config import data_root
from textmine.errors import ConfigError
from textmine.evidence.rules import Rules
from textmine.records import DESIGNS

SHIPPED = data_root() / "corpora" / "rules" / "default.toml"


def test_every_design_has_points_or_a_gate() -> None:
    rules = Rules.default()
    assert set(rules.design) | set(rules.gates.designs) == set(DESIGNS)
    assert set(rules.level) == set(DESIGNS)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("in_vitro = 4", "in_vitros = 4", "in_vitros"),
        ("null_factor = 0.7", "null_factor = 7", "null_factor"),
        ("[sum]", "[sums]", "sum"),
        ("human_claim = '", "human_claim = '(", "regular expression"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "rules.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        Rules.load(file)
