"""Files: what goes out comes in again, and no spreadsheet runs what a reviewer wrote."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.review.stock import fill, key, people, run_bundle, say
from textmine.errors import ConfigError
from textmine.records import Decision, from_json
from textmine.review.desk import EXPORTS, Desk
from textmine.review.export import COLUMNS
from textmine.review.nouns import Added, Queue
from textmine.stores.base import open_store
from textmine.stores.schemas import check_line
from textmine.stores.tables import check_row

ATTACKS = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", "=cmd|' /C calc'!A0", '"quoted", ;\n=2')


@pytest.fixture
def judged(desk: Desk) -> Desk:
    """Words of every kind."""
    ann, bob = people(desk, ann="reviewer", bob="reviewer").values()
    names = [i.finding for i in desk.queue(ann, Queue(), 0, 200).items]
    for number, attack in enumerate(ATTACKS):
        say(desk, ann, names[number], "correct", note=attack)
    say(desk, ann, names[8], "wrong", part="direction",
        corrected={"direction": "unchanged", "subject": "=x", "rationale": [[0, 5]]})  # fmt: skip
    word: Any = say(desk, bob, names[9], "wrong", note="nul \x00 half \ud800")
    desk.undo(bob, word.id, key())
    say(desk, bob, names[10], "unsure")
    desk.add_finding(bob, Added("K2", "11", 0, 5, "supports", key(), "seen"))
    return desk


def lines(desk: Desk, form: str) -> list[dict[str, Any]]:
    ann = desk._accounts.get("ann")
    return [json.loads(line) for line in desk.export(ann, form)]


def test_csv(judged: Desk) -> None:
    ann = judged._accounts.get("ann")
    text = "".join(judged.export(ann, "csv"))
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    assert tuple(table[0]) == COLUMNS and len(table) == 13
    for cell in (c for row in table for c in row.values()):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")), cell
    assert [row["note"] for row in table[:8]] == [f"'{a}" for a in ATTACKS[:7]] + [ATTACKS[7]]
    wrong = next(row for row in table if row["part"] == "direction")
    assert (wrong["machine_stance"], wrong["stance"]) != (wrong["stance"], wrong["machine_stance"])
    assert wrong["claim_id"] in ("K1", "K2") and wrong["stale"] == "false"
    assert [row["kind"] for row in table[9:]] == ["decision", "undo", "decision", "added_finding"]
    text.encode()


def test_lines_are_of_the_contract_and_come_in_again(
    judged: Desk, url: str, store_url: Callable[[], str]
) -> None:
    found = lines(judged, "jsonl")
    for line in found:
        check_line("decision", "it", line)
    words = tuple(from_json(Decision, line) for line in found)
    with open_store(url) as store:
        assert sorted(map(repr, store.decisions())) == sorted(map(repr, words))
    other = fill(store_url(), replace(run_bundle(), decisions=words))
    with open_store(other) as store:
        assert store.verify() == []
    desk = Desk(other)
    try:
        ann = people(desk, ann="reviewer")["ann"]
        assert list(desk.export(ann, "jsonl")) == list(judged.export(ann, "jsonl"))
        assert list(desk.export(ann, "csv")) == list(judged.export(ann, "csv"))
    finally:
        desk.close()


def test_rows_are_those_of_the_store(judged: Desk, url: str) -> None:
    found = lines(judged, "card1")
    assert {line["table"] for line in found} == {"claim", "finding", "verdict", "decision"}
    for line in found:
        check_row(line["table"], tuple(line["row"].values()))
    with open_store(url) as store:
        for name in ("claim", "decision", "verdict"):
            assert [x["row"] for x in found if x["table"] == name] == store.find(name)


def test_gold_and_training(judged: Desk) -> None:
    gold, training = lines(judged, "gold"), lines(judged, "training")
    # Nine judged by ann, one added by bob; what is unsure or taken back is no gold.
    assert len(gold) == len(training) == 10
    assert {line["stance"] for line in gold} >= {"supports"}
    by_pair = {(x["claim"], x["article"], x["stance"]): x for x in training}
    for line in gold:
        assert set(line) == {
            "claim", "article", "version", "source", "split", "stance", "rationale", "reason",
            "indirect", "claim_id", "article_id",
        }  # fmt: skip
        assert line["split"] == ("dev" if int(line["article"]) % 2 else "test")
        other = by_pair[line["claim"], line["article"], line["stance"]]
        for (start, end), quote in zip(line["rationale"], other["rationale"], strict=True):
            assert other["text"][start:end] == quote["text"]
    (wrong,) = [x for x in training if any(r["direction"] == "unchanged" for r in x["relations"])]
    assert wrong["relations"][0]["subject"] == "=x" and wrong["relations"][0]["checked"]
    (added,) = [x for x in training if x["relations"] == []]
    assert (added["claim"], added["article"], added["by"]) == ("K2", "11", "bob")


def test_forms(judged: Desk) -> None:
    ann = judged._accounts.get("ann")
    for form, (name, kind) in EXPORTS.items():
        assert list(judged.export(ann, form)) and "/" not in name and "/" in kind
    with pytest.raises(ConfigError, match="no export"):
        judged.export(ann, "../../etc/passwd")
    with pytest.raises(ConfigError):
        judged.export(ann, "xlsx")
