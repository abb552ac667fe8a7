"""Public claims and findings: how they are read, held out and scored."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textmine.claims.encoder import Abstract
from textmine.errors import ConfigError
from textmine.measure.claim_corpora import part_of, read_inference, read_pubmedqa, read_scifact
from textmine.measure.lexical import InferenceBaseline, nearest
from textmine.measure.reliability import calibration_error, reliability
from textmine.measure.stance_public import lines, three

ABSTRACT = """TITLE:
Drug {n} for pain

ABSTRACT.METHODS:
We treated 40 adults of town {n}.

ABSTRACT.RESULTS:
{result} Nobody died in the first month.
"""
RESULTS = {
    "significantly decreased": "Pain was significantly lower with drug {n} than with placebo.",
    "significantly increased": "Pain was significantly higher with drug {n} than with placebo.",
    "no significant difference": "Pain did not differ between drug {n} and placebo at any time.",
}


def put(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in rows)


def trial(n: int, label: str, **changes: object) -> dict[str, Any]:
    result = RESULTS[label].format(n=n)
    return {
        "prompt_id": str(n), "pmcid": str(n), "outcome": "pain", "intervention": f"drug {n}",
        "comparator": "placebo", "label": label, "evidence": result, "valid": "True",
        "abstract": ABSTRACT.format(n=n, result=result), **changes,
    }  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return corpora(tmp_path)


def corpora(place: Path) -> Path:
    """All three corpora with a few made-up records."""
    labels = [list(RESULTS)[n % 3] for n in range(12)]
    folder = place / "claims"
    put(folder / "evidence_inference" / "train.jsonl.gz",
        [trial(n, label) for n, label in enumerate(labels)])  # fmt: skip
    put(folder / "evidence_inference" / "validation.jsonl.gz",
        [trial(n, labels[n]) for n in range(3)] + [trial(9, labels[0], valid="False")])  # fmt: skip
    documents = range(60)
    put(folder / "scifact" / "corpus.jsonl.gz",
        [{"doc_id": n, "title": "T", "abstract": ["Aim.", f"Drug {n} lowers pain.", "End."]}
         for n in documents])  # fmt: skip
    claims = [
        {"id": n, "claim": f"Drug {n} reduces pain.", "cited_doc_ids": [n],
         "evidence": {str(n): [{"sentences": [1], "label": ("SUPPORT", "CONTRADICT")[n % 2]}]}
         if n % 3 else {}}
        for n in documents
    ]  # fmt: skip
    put(folder / "scifact" / "claims_train.jsonl.gz", claims)
    put(folder / "scifact" / "claims_dev_overlapping.jsonl.gz", claims[:6])
    put(folder / "pubmedqa" / "train.jsonl.gz",
        [{"pmid": n, "QUESTION": "Does it help?", "CONTEXTS": ["It helps. It is safe."],
          "final_decision": ("yes", "no", "maybe")[n % 3]} for n in range(36)])  # fmt: skip
    return place


class Fake:
    """Reads "lower" and "lowers" as a decrease, "higher" as an increase."""

    def direction(self, one: str, outcome: str, other: str, sentences: Sequence[str]) -> Any:
        return np.array([self._row(s) for s in sentences])

    def _row(self, sentence: str) -> list[float]:
        if "lower" in sentence:
            return [0.1, 0.8, 0.1, 0.0]
        return [0.8, 0.1, 0.1, 0.0] if "higher" in sentence else [0.1, 0.1, 0.8, 0.0]

    def direction_in_abstract(
        self, one: str, outcome: str, other: str, sentences: Sequence[str], keep: int = 5
    ) -> Abstract:
        best = [n for n, s in enumerate(sentences) if "Pain" in s][:keep]
        rows = np.array([self._row(sentences[n]) for n in best])
        return Abstract(tuple(best), rows[0], rows, np.ones(len(best)))

    def stance_in_abstract(
        self, statement: str, sentences: Sequence[str], keep: int = 5, *, turned: bool = True
    ) -> Abstract:
        reduces = "reduces" in statement
        row = np.array([0.7, 0.1, 0.1, 0.1] if reduces else [0.1, 0.6, 0.2, 0.1])
        return Abstract((1,), row, row[None, :], np.array([0.9]))

    def stances(self, statement: str, sentences: Sequence[str], *, turned: bool) -> Any:
        return np.array([[0.4, 0.3, 0.2, 0.1]] * len(sentences))


# --- reading


def test_the_sentences_of_a_trial_come_without_headings(data: Path) -> None:
    first = next(iter(read_inference(data, "train")))
    assert first.sentences == (
        "Drug 0 for pain",
        "We treated 40 adults of town 0.",
        "Pain was significantly lower with drug 0 than with placebo.",
        "Nobody died in the first month.",
    )
    assert first.heads == ("TITLE", "ABSTRACT.METHODS", "ABSTRACT.RESULTS", "ABSTRACT.RESULTS")
    assert first.shown == (2,)
    assert first.direction == "decreases"


def test_the_same_evidence_twice_is_one_item(data: Path) -> None:
    row = trial(1, "significantly decreased")
    put(data / "claims" / "evidence_inference" / "validation.jsonl.gz", [row, row])
    assert len(list(read_inference(data, "validation"))) == 1


def test_a_cited_abstract_without_evidence_cannot_tell(data: Path) -> None:
    pairs = list(read_scifact(data, "train"))
    assert [p.stance for p in pairs[:3]] == ["insufficient", "contradicts", "supports"]
    assert pairs[1].rationales == ((1,),)


def test_questions_come_as_sentences(data: Path) -> None:
    first = next(iter(read_pubmedqa(data)))
    assert first.sentences == ("It helps.", "It is safe.")


def test_parts_are_fixed_and_about_a_tenth_each() -> None:
    parts = [part_of(str(n)) for n in range(2000)]
    assert parts == [part_of(str(n)) for n in range(2000)]
    assert 150 < parts.count("test") < 250
    assert 130 < parts.count("calibration") < 250


def test_a_missing_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="scifact"):
        list(read_scifact(tmp_path, "train"))


# --- scoring


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    data = corpora(tmp_path_factory.mktemp("corpora"))
    return {f"{x.what} {x.split}": x.score for x in lines(data, ("dev", "test"), Fake())}  # type: ignore[arg-type]


def test_directions_are_scored_on_valid_items(found: dict[str, Any]) -> None:
    score = found["Evidence Inference, sentence given: accuracy dev"]
    assert (score.right, score.cases) == (3, 3)
    both = found["Evidence Inference, sentence given: opposite claims both right dev"]
    assert (both.right, both.cases) == (2, 2)
    assert found["Evidence Inference, from the abstract: macro-F1 dev"].value == 1.0
    assert found["Evidence Inference: right sentence in first five dev"].right == 3


def test_claims_are_scored_with_and_without_support(data: Path, found: dict[str, Any]) -> None:
    unseen = [p for p in read_scifact(data, "train") if part_of(p.document) == "test"]
    again = [p for p in read_scifact(data, "dev") if part_of(p.document) == "test"]
    score = found["SciFact, unseen abstracts: accuracy test"]
    assert score.cases == len(unseen) + len(again) > 0
    assert score.right == sum(p.stance == "supports" for p in (*unseen, *again))
    turned = found["SciFact, given dev claims: opposite claim turns round dev"]
    assert (turned.right, turned.cases) == (6, 6)


def test_the_plain_peer_stands_in_the_table(found: dict[str, Any]) -> None:
    names = {name.partition(":")[2] for name in found if "n-grams" in name}
    assert names == {" n-grams, accuracy dev", " n-grams, macro-F1 dev",
                     " n-grams, accuracy test", " n-grams, macro-F1 test"}  # fmt: skip


def test_only_the_half_asked_for(data: Path) -> None:
    asked = list(lines(data, ("test",), Fake()))  # type: ignore[arg-type]
    assert {line.split for line in asked} == {"test"}
    assert all(line.what.startswith("SciFact") for line in asked)


def test_no_effect_is_a_contradiction_in_scifact() -> None:
    row = np.array([0.1, 0.2, 0.3, 0.4])
    assert three(Abstract((), row, row[None, :], np.ones(1))) == pytest.approx([0.1, 0.5, 0.4])


def test_the_plain_peer_learns_a_direction(data: Path) -> None:
    items = list(read_inference(data, "train"))
    peer = InferenceBaseline(items)
    assert peer.of_evidence(items) == [i.direction for i in items]


def test_the_nearest_sentences_keep_their_order() -> None:
    sentences = ["Sleep and pain.", "Nothing here.", "Pain in adults with sleep loss."]
    assert nearest("adults pain sleep loss", sentences, 2) == [sentences[0], sentences[2]]


# --- chances


def test_chances_that_are_kept_have_no_error() -> None:
    chances, right = [0.9] * 10 + [0.5] * 4, [True] * 9 + [False] + [True, False] * 2
    assert calibration_error(chances, right).value == pytest.approx(0.0, abs=1e-9)


def test_overconfidence_is_an_error() -> None:
    assert calibration_error([0.95] * 20, [True] * 10 + [False] * 10).value == pytest.approx(0.45)


def test_no_answers_no_error() -> None:
    assert calibration_error([], []).cases == 0
    assert reliability([], []) == []


def test_certainty_stands_in_the_last_bin() -> None:
    (last,) = reliability([1.0], [True])
    assert (last.low, last.high) == (0.9, 1.0)
