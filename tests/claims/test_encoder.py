"""The learned reader of sentences: its sums, its errors, what the shipped model must get right."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from textmine.claims.encoder import (
    DIRECTIONS,
    STANCES,
    Calibration,
    Encoder,
    default_encoder,
    frame_query,
    softmax,
    weighed,
)
from textmine.config import data_root
from textmine.errors import ConfigError, MissingExtra, MissingModel

SHIPPED = data_root() / "models" / "stance"


# --- sums


def test_sentences_that_say_nothing_leave_nothing_said() -> None:
    rows = np.array([[0.0, 0.0, 0.0, 1.0]] * 3)
    assert weighed(rows, np.array([1.0, 1.0, 1.0]))[3] == pytest.approx(1.0, abs=1e-4)


def test_a_sentence_counts_by_its_chance_to_be_evidence() -> None:
    rows = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
    found = weighed(rows, np.array([0.9, 0.1]))
    assert found[0] == pytest.approx(9 * found[1], rel=1e-3)


def test_no_sentence_no_answer() -> None:
    assert weighed(np.zeros((0, 4)), np.zeros(0))[3] == pytest.approx(1.0, abs=1e-4)


def test_the_two_ways_are_weighed_alike() -> None:
    rows = np.array([[0.6, 0.1, 0.2, 0.1], [0.3, 0.3, 0.1, 0.3]])
    chances, calibration = np.array([0.7, 0.4]), (1.7, 0.4, -0.3)
    found = weighed(rows, chances, calibration)
    turned = weighed(rows[:, [1, 0, 2, 3]], chances, calibration)
    assert turned[[1, 0, 2, 3]] == pytest.approx(found)


def test_softmax_of_no_rows() -> None:
    assert softmax(np.zeros((0, 4))).shape == (0, 4)


def test_long_parts_of_a_query_are_cut() -> None:
    query = frame_query("dose " * 90, "pain", "")
    assert len(query.split()) < 25
    assert query.endswith("| pain |")


# --- files


def test_a_calibration_comes_back_as_written(tmp_path: Path) -> None:
    one = Calibration(
        1.5, 2.0, (1.0, -3.0), (0.5, -1.0), (1.2, 0.1, 0.0), (1.3, 0.0, -0.5), 0.2, 0.5
    )
    (tmp_path / "c.json").write_text(json.dumps(asdict(one)), "utf-8")
    assert Calibration.load(tmp_path / "c.json") == one


@pytest.mark.parametrize("text", ["{}", "[1]", "not JSON", '{"direction": "warm"}'])
def test_a_broken_calibration_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.json").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="cannot be used as a calibration"):
        Calibration.load(tmp_path / "c.json")


def test_a_calibration_with_too_few_numbers_says_so(tmp_path: Path) -> None:
    table = asdict(Calibration()) | {"frame": [1.0]}
    (tmp_path / "c.json").write_text(json.dumps(table), "utf-8")
    with pytest.raises(ConfigError, match="frame wants 2 numbers"):
        Calibration.load(tmp_path / "c.json")


def test_a_folder_without_a_model_says_which_file_is_not_there(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="the extra `learned` is not installed")
    with pytest.raises(MissingModel, match=r"model\.onnx is not there"):
        Encoder(tmp_path)


@pytest.mark.parametrize("package", ["onnxruntime", "tokenizers"])
def test_without_its_runtime_it_says_what_to_install(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if package == "tokenizers":
        pytest.importorskip("onnxruntime", reason="the extra `learned` is not installed")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"{package}.*pip install 'textmine\[learned\]'"):
        Encoder(SHIPPED)


# --- the shipped model


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    pytest.importorskip("onnxruntime", reason="the extra `learned` is not installed")
    pytest.importorskip("tokenizers", reason="the extra `learned` is not installed")
    return default_encoder()


@pytest.mark.parametrize(
    ("sentence", "direction"),
    [
        ("Pain scores were significantly lower with drug A than with placebo.", "decreases"),
        ("Pain scores were significantly higher with drug A than with placebo.", "increases"),
        ("Pain scores did not differ between drug A and placebo (P = 0.6).", "unchanged"),
        ("Patients were recruited from four hospitals in Norway.", "unsaid"),
    ],
)
def test_it_reads_a_direction(encoder: Encoder, sentence: str, direction: str) -> None:
    (row,) = encoder.direction("drug A", "pain scores", "placebo", [sentence])
    assert DIRECTIONS[int(row.argmax())] == direction
    assert row.sum() == pytest.approx(1.0)


def test_swapped_arms_at_an_equal_weight_turn_the_direction() -> None:
    pytest.importorskip("onnxruntime", reason="the extra `learned` is not installed")
    encoder = Encoder(SHIPPED)
    encoder.calibration = replace(encoder.calibration, swapped=0.5)
    sentence = ["Blood loss was lower in the A group than in the B group (P < 0.01)."]
    (one,) = encoder.direction("A", "blood loss", "B", sentence)
    (other,) = encoder.direction("B", "blood loss", "A", sentence)
    assert other[[1, 0, 2, 3]] == pytest.approx(one)


def test_the_opposite_claim_turns_the_stance(encoder: Encoder) -> None:
    sentences = [
        "Exercise lowered blood pressure by 6 mmHg (P < 0.001).",
        "Adults aged 40 to 60 years took part.",
    ]
    one = encoder.stance_in_abstract("Exercise increases blood pressure.", sentences)
    other = encoder.stance_in_abstract("Exercise decreases blood pressure.", sentences)
    assert other.probabilities[[1, 0, 2, 3]] == pytest.approx(one.probabilities)
    assert STANCES[int(other.probabilities.argmax())] == "supports"


def test_the_sentence_with_the_finding_comes_first(encoder: Encoder) -> None:
    sentences = [
        "Back pain is a common complaint worldwide.",
        "We randomised 120 adults to yoga or to usual care.",
        "At 12 weeks back pain was lower with yoga than with usual care (P = 0.01).",
        "This trial was funded by a public body.",
    ]
    found = encoder.direction_in_abstract("yoga", "back pain", "usual care", sentences, keep=2)
    assert found.best[0] == 2
    assert len(found.best) == 2
    assert DIRECTIONS[int(found.probabilities.argmax())] == "decreases"


def test_other_pairs_in_a_batch_do_not_matter(encoder: Encoder) -> None:
    """Rounding of activations is set for a batch, so a little may move."""
    pair = ("A | pain | B", "Pain was lower with A.")
    rest = [("A | pain | B", f"Sentence {n} is about {'more ' * n}sleep.") for n in range(20)]
    fresh = Encoder(SHIPPED)
    alone = fresh.logits([pair])[0]
    among = encoder.logits([*rest, pair])[-1]
    assert np.abs(alone - among).max() < 1.0


def test_no_sentences_no_chances(encoder: Encoder) -> None:
    assert encoder.relevance("A helps.", []).shape == (0,)
    assert encoder.stance_in_abstract("A helps.", []).best == ()
