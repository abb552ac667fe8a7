from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from textmine.cli import main
from textmine.records import as_json

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "evidence"))
from evidence_bodies import finding, study


def write(path: Path, lines: list[object]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    articles = [as_json(study(str(i), senior=f"Senior{i}x")) for i in range(3)]
    findings = [as_json(finding(str(i))) for i in range(3)]
    return (
        write(tmp_path / "findings.jsonl", findings),
        write(tmp_path / "annotated.jsonl", articles),
        tmp_path / "verdicts.jsonl",
    )


def test_grade(files: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    findings, articles, out = files
    code = main(["grade", str(findings), "--articles", str(articles), "-o", str(out), "--json"])
    assert code == 0
    counts = json.loads(capsys.readouterr().out)
    assert counts == {"claims": 1, "verdicts": {"supported": 1}, "quarantined": 0}
    (line,) = [json.loads(text) for text in out.read_text().splitlines()]
    assert (line["claim_id"], line["verdict"]) == ("C1", "supported")
    assert line["n_studies"]["supports"] == 3


def test_unknown_articles_and_broken_lines(files: tuple[Path, Path, Path]) -> None:
    findings, articles, out = files
    with open(findings, "a", encoding="utf-8") as stream:
        stream.write(json.dumps(as_json(finding("77", claim="C2"))) + "\n{broken\n")
        stream.write('{"id": "x", "claim_id": "C3"}\n')
    code = main(["grade", str(findings), "--articles", str(articles), "-o", str(out)])
    assert code == 3
    lines = [json.loads(text) for text in out.read_text().splitlines()]
    assert [(v["claim_id"], v["verdict"]) for v in lines] == [
        ("C1", "supported"), ("C2", "insufficient"),
    ]  # fmt: skip
    held = [
        json.loads(t) for t in (out.parent / "verdicts.quarantine.jsonl").read_text().splitlines()
    ]
    assert len(held) == 3
    assert "77" in held[0]["reason"]


def test_claims_give_the_order(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    findings, articles, out = files
    claims = write(
        tmp_path / "c.jsonl",
        [{"id": "C0", "statement": "Never studied."}, {"id": "C1", "statement": "X."}],
    )
    command = ["grade", str(findings), "--articles", str(articles), "-o", str(out)]
    assert main([*command, "--claims", str(claims)]) == 0
    assert [json.loads(t)["claim_id"] for t in out.read_text().splitlines()] == ["C0", "C1"]


def test_bad_rules(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    findings, articles, out = files
    bad = tmp_path / "r.toml"
    bad.write_text("version = 1\n")
    assert (
        main(
            [
                "grade",
                str(findings),
                "--articles",
                str(articles),
                "--rules",
                str(bad),
                "-o",
                str(out),
            ]
        )
        == 2
    )


def test_calibration_against_known_stances(
    files: tuple[Path, Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    findings, articles, out = files
    stances = ["supports", "supports", "contradicts"]
    gold = write(
        tmp_path / "gold.jsonl",
        [{"claim_id": "C1", "article_id": str(i), "stance": s} for i, s in enumerate(stances)],
    )
    command = ["grade", str(findings), "--articles", str(articles), "-o", str(out)]
    assert main([*command, "--gold", str(gold), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["calibration"]
    assert found["cases"] == 3
    assert found["bins"][0]["right"] == pytest.approx(2 / 3)
    assert main([*command, "--gold", str(gold)]) == 0
    assert "n = 3" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"claim_id": "C1"}, "article_id"),
        ({"claim_id": "X", "article_id": "1", "stance": "supports"}, "none of"),
    ],
)  # fmt: skip
def test_gold_that_does_not_fit(
    files: tuple[Path, Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    line: dict[str, str],
    told: str,
) -> None:
    findings, articles, out = files
    gold = write(tmp_path / "gold.jsonl", [line])
    command = ["grade", str(findings), "--articles", str(articles), "-o", str(out)]
    assert main([*command, "--gold", str(gold)]) == 2
    assert told in capsys.readouterr().err
