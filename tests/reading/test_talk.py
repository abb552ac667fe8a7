from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import pytest

from textmine.errors import ConfigError
from textmine.reading.talk import TalkModel, features


def test_features() -> None:
    assert features("In 42 mice", "Mice") == {
        "in", "0", "mice", "in 0", "0 mice", "t:mice",
    }  # fmt: skip


def test_probability_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "w.json.gz"
    data = {"bias": -1.0, "weights": {"review": 4.0, "t:review": 2.0, "mice": -3.0}}
    file.write_bytes(gzip.compress(json.dumps(data).encode()))
    model = TalkModel.load(file)
    # review, t:review: two features, 6 / sqrt(2) - 1.
    assert model.probability("review", "review") == pytest.approx(
        1 / (1 + math.exp(1 - 6 / math.sqrt(2)))
    )
    assert model.probability("mice", "") < 0.1
    assert model.probability("", "") == 0.5


# Names of their own: gzip writes the time, and workers must collect the same tests.
@pytest.mark.parametrize(
    "content",
    [b"no gzip", gzip.compress(b"{}"), gzip.compress(b"[1]")],
    ids=["no gzip", "no model", "a list"],
)
def test_broken_weights(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "w.json.gz"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match="cannot be read as weights"):
        TalkModel.load(file)
    with pytest.raises(ConfigError):
        TalkModel.load(tmp_path / "none")


def test_shipped_weights_know_a_review() -> None:
    model = TalkModel.default()
    title = "Exosomes in disease: current knowledge."
    assert (
        model.probability(f"{title}\nIn this review, we summarize the role of exosomes.", title)
        > 0.6
    )
    title = "Exosomes of mice."
    assert (
        model.probability(f"{title}\nWe found that mice treated with exosomes showed", title) < 0.4
    )
