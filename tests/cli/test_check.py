"""`textmine check` from the outside."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from textmine.cli import main
from textmine.reading.pipeline import Reader
from textmine.records import Article, Passage, as_json

TEXT = (
    "MSC exosomes in mice with liver injury.\n"
    "MSC exosomes significantly reduced serum ALT (P < 0.01) and liver fibrosis in mice."
)


@pytest.fixture(scope="module")
def line() -> str:
    title = TEXT.index("\n")
    passages = (Passage("title", 0, title), Passage("abstract", title + 1, len(TEXT)))
    article = Article(id="11", text=TEXT, pmid="11", passages=passages)
    return json.dumps(as_json(Reader().read(article)))


CLAIMS = (
    '{"id": "P1", "statement": "MSC-derived exosomes reduce liver fibrosis."}\n'
    '{"id": "P2", "statement": "MSC-derived exosomes increase serum ALT."}\n'
    '{"id": "P3", "statement": "Nothing of the kind is known."}\n'
)


def test_plain_statements(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jsonl").write_text(line + "\n")
    (tmp_path / "claims.jsonl").write_text(CLAIMS)
    out = tmp_path / "f.jsonl"
    arguments = ["check", str(tmp_path / "a.jsonl"), "--claims", str(tmp_path / "claims.jsonl")]
    assert main([*arguments, "-o", str(out), "--json"]) == 0
    captured = capsys.readouterr()
    counts = json.loads(captured.out)
    assert (counts["claims"], counts["articles"], counts["findings"]) == (3, 1, 3)
    assert "P3" in captured.err
    found = {f["claim_id"]: f for f in map(json.loads, out.read_text().splitlines())}
    assert found["P1"]["stance"] == "supports"
    assert found["P2"]["stance"] == "contradicts"
    assert found["P3"]["stance"] == "insufficient"
    quote = found["P1"]["rationale"][0]
    assert TEXT[quote["start"] : quote["end"]] == quote["text"]
    # Again: the same bytes.
    before = out.read_bytes()
    assert main([*arguments, "-o", str(out)]) == 0
    assert out.read_bytes() == before


def test_broken_lines_end_3(line: str, tmp_path: Path) -> None:
    with gzip.open(tmp_path / "a.jsonl.gz", "wt") as stream:
        stream.write("{\n" + line + "\n" + line + "\n")
    (tmp_path / "claims.jsonl").write_text('{"id": "P1", "statement": "Exosomes reduce ALT."}\n')
    out = tmp_path / "f.jsonl"
    arguments = ["check", str(tmp_path / "a.jsonl.gz"), "--claims", str(tmp_path / "claims.jsonl")]
    assert main([*arguments, "-o", str(out)]) == 3
    assert len(out.read_text().splitlines()) == 1
    kept = (tmp_path / "f.quarantine.jsonl").read_text()
    assert "came before" in kept and kept.count("\n") == 2


def test_newest_version_only(line: str, tmp_path: Path) -> None:
    new = json.dumps({**json.loads(line), "version": 2})
    (tmp_path / "a.jsonl").write_text(f"{new}\n{line}\n")
    (tmp_path / "claims.jsonl").write_text('{"id": "P1", "statement": "Exosomes reduce ALT."}\n')
    out = tmp_path / "f.jsonl"
    arguments = ["check", str(tmp_path / "a.jsonl"), "--claims", str(tmp_path / "claims.jsonl")]
    assert main([*arguments, "-o", str(out)]) == 0
    (finding,) = map(json.loads, out.read_text().splitlines())
    assert finding["article_version"] == 2


def test_bad_claims_end_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jsonl").write_text("")
    (tmp_path / "claims.jsonl").write_text('{"id": "P1"}\n')
    arguments = ["check", str(tmp_path / "a.jsonl"), "--claims", str(tmp_path / "claims.jsonl")]
    assert main(arguments) == 2
    assert "line 1" in capsys.readouterr().err
