"""A run against what reviewers of it settled."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.review.stock import fill, people, run_bundle, say
from textmine.errors import ConfigError
from textmine.measure.review import measure_review
from textmine.measure.scores import F1, Share
from textmine.records import as_json
from textmine.registry import load
from textmine.review.desk import Desk
from textmine.review.nouns import Queue


def test_a_run_is_measured_on_what_people_settled(tmp_path: Path) -> None:
    desk = Desk(fill(f"sqlite:///{tmp_path / 's.db'}"))
    try:
        ann = people(desk, ann="reviewer")["ann"]
        names = [i.finding for i in desk.queue(ann, Queue(claim="K1"), 0, 12).items]
        for number, name in enumerate(names):
            right = {"stance": "insufficient"} if number < 3 else None
            word = "wrong" if number < 3 else "unsure" if number == 3 else "correct"
            say(desk, ann, name, word, corrected=right)
        gold = list(desk.export(ann, "gold"))
    finally:
        desk.close()
    (tmp_path / "gold.jsonl").write_text("".join(gold), encoding="utf-8")
    with pytest.raises(ConfigError, match="There is no"):
        measure_review(tmp_path)
    with gzip.open(tmp_path / "findings.jsonl.gz", "wt", encoding="utf-8") as out:
        for finding in run_bundle().findings:
            out.write(json.dumps(as_json(finding)) + "\n")
    lines = load("suites", "review")(tmp_path, ("dev", "test"))
    shares = [line.score for line in lines if line.what == "all pairs"]
    assert all(isinstance(score, Share) for score in shares)
    assert (sum(s.right for s in shares), sum(s.cases for s in shares)) == (8, 11)
    assert sum(len(line.misses) for line in lines) == 3
    spans = [line.score for line in lines if line.stage == "rationale"]
    assert all(isinstance(score, F1) and score.value == 1.0 for score in spans)


def test_what_it_wants(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="textmine desk export gold"):
        measure_review(None)
    (tmp_path / "gold.jsonl").write_text("not JSON\n")
    with pytest.raises(ConfigError, match="line 1"):
        measure_review(tmp_path)
