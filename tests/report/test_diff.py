"""What changed between two runs."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from textmine.cli import main
from textmine.evidence.verdict import verdicts
from textmine.records import Annotated, Finding, Verdict, as_json
from textmine.report.diff import diff, diff_lines

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "evidence"))
from evidence_bodies import RETRACTED, finding, study


def body(number: int) -> tuple[list[Finding], dict[str, Annotated]]:
    articles = {str(i): study(str(i), senior=f"Senior{i}x") for i in range(number)}
    return [finding(k) for k in articles], articles


def graded(findings: list[Finding], articles: dict[str, Annotated]) -> tuple[Verdict, ...]:
    return verdicts(findings, articles, firmness=False)


def test_nothing_changed() -> None:
    before = graded(*body(3))
    (moved,) = diff(before, before)
    assert (moved.kind, moved.movers) == ("same", ())
    assert diff_lines([moved]) == ["1 claims: none moved; 1 without any change"]


def test_a_new_paper_moves_a_verdict() -> None:
    (moved,) = diff(graded(*body(2)), graded(*body(3)))
    assert moved.kind == "verdict"
    assert moved.before and moved.after
    assert (moved.before[0], moved.after[0]) == ("insufficient", "supported")
    (mover,) = moved.movers
    assert (mover.article_id, mover.change, mover.before) == ("2", "new", None)


def test_a_withdrawal_is_named_with_its_reason() -> None:
    findings, articles = body(3)
    before = graded(findings, articles)
    gone = replace(articles["1"].article, status=RETRACTED)
    after = graded(findings, {**articles, "1": replace(articles["1"], article=gone)})
    (moved,) = diff(before, after)
    (mover,) = moved.movers
    assert (mover.article_id, mover.change, mover.after) == ("1", "withdrawn", None)
    assert "retracted" in (mover.reason or "")
    (back,) = diff(after, before)
    assert [m.change for m in back.movers] == ["admitted"]
    assert any("1 withdrawn: supports, 14 points (retracted" in t for t in diff_lines([moved]))


def test_turned_reweighed_and_regrouped() -> None:
    findings, articles = body(4)
    before = graded(findings, articles)
    findings[0] = finding("0", "contradicts")
    richer = {
        **articles,
        "1": study("1", senior="Senior1x", n=24),
        "3": study("3", senior="Senior2x"),
    }
    (moved,) = diff(before, graded(findings, richer))
    changes = {m.article_id: m.change for m in moved.movers}
    assert changes == {"0": "turned", "1": "reweighed", "2": "regrouped", "3": "regrouped"}
    # The paper that turned moved most.
    assert moved.movers[0].article_id == "0"


def test_claims_of_one_run_only() -> None:
    before, after = graded(*body(2)), graded([], {})
    other = replace(before[0], claim_id="C9")
    assert [(m.claim_id, m.kind) for m in diff(before, [other, *after])] == [
        ("C9", "new"), ("C1", "gone"),
    ]  # fmt: skip


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = []
    for number in (2, 3):
        folder = tmp_path / f"run{number}"
        folder.mkdir()
        lines = [json.dumps(as_json(v)) for v in graded(*body(number))]
        (folder / "verdicts.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        runs.append(str(folder))
    assert main(["report", "--diff", *runs]) == 0
    assert "C1: insufficient" in capsys.readouterr().out
    assert main(["report", "--diff", *runs, "--json"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert line["kind"] == "verdict"
    assert [m["article_id"] for m in line["movers"]] == ["2"]
    assert main(["report", "--diff", runs[0], str(tmp_path / "none")]) == 2
    assert main(["report"]) == 2
