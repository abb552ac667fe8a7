"""`textmine annotate`: lines in, readings out."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from textmine.cli import main

BARE = '{"id":"1","text":"MSC-Exo in mice\\nMSC-Exo lowered ALT.","mine":{"kept":[1]}}'
DELETED = '{"id":"3","text":"","status":{"deleted":true}}'


def lines(path: Path) -> list[dict[str, Any]]:
    raw = path.read_bytes()
    text = gzip.decompress(raw) if path.suffix == ".gz" else raw
    return [json.loads(line) for line in text.splitlines()]


def test_bare_lines_keep_what_they_bring(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl.gz"
    source.write_text(f"{BARE}\n\n{DELETED}\n", encoding="utf-8")
    assert main(["annotate", str(source), "-o", str(target)]) == 0
    first, deleted = lines(target)
    assert first["id"] == "1"
    assert first["mine"] == {"kept": [1]}
    assert first["passages"][0]["kind"] == "title"
    for mention in first["mentions"]:
        assert first["text"][mention["start"] : mention["end"]] == mention["text"]
    relation = first["relations"][0]
    known = {m["id"]: m["text"] for m in first["mentions"]}
    assert (known[relation["subject"]], known[relation["object"]]) == ("MSC-Exo", "ALT")
    assert deleted["mentions"] == []


def test_lines_keep_the_contract(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(f"{BARE}\n{DELETED}\n", encoding="utf-8")
    main(["annotate", str(source), "-o", str(target)])
    contract = Path(sys.modules["textmine"].__file__ or "").parent / "stores" / "contract"
    schema = json.loads((contract / "annotated.schema.json").read_text(encoding="utf-8"))
    for line in lines(target):
        jsonschema.validate(line, schema)


def test_known_keys_are_used(tmp_path: Path) -> None:
    line = {
        "id": "9",
        "text": "A study.\nMSC-Exo lowered ALT.",
        "publication_types": ["Review"],
        "mesh": ["Mice"],
    }
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert main(["annotate", str(source), "-o", str(target)]) == 0
    (read,) = lines(target)
    assert read["study"]["design"] == "review"


def test_broken_lines_are_told_and_the_rest_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(f'{{broken\n{BARE}\n{{"text":"no id"}}\n[1]\n', encoding="utf-8")
    assert main(["annotate", str(source), "-o", str(target)]) == 3
    assert [line["id"] for line in lines(target)] == ["1"]
    told = lines(tmp_path / "out.quarantine.jsonl")
    assert [line["where"] for line in told] == ["line 1", "line 3", "line 4"]
    assert "1 articles read, 3 quarantined" in capsys.readouterr().err


def test_streams(monkeypatch: pytest.MonkeyPatch, capfdbinary: Any) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BARE.encode())))
    assert main(["annotate", "-"]) == 0
    out = capfdbinary.readouterr().out
    assert json.loads(out)["id"] == "1"


def test_counts_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(BARE + "\n", encoding="utf-8")
    assert main(["annotate", str(source), "-o", str(tmp_path / "out.jsonl"), "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)
    assert (counts["read"], counts["quarantined"]) == (1, 0)
    assert main(["annotate", str(source), "--json"]) == 2


def test_a_second_run_gives_the_same_bytes(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text("".join(BARE.replace('"1"', f'"{n}"') + "\n" for n in range(20)))
    for name, workers in (("a", "1"), ("b", "2")):
        target = str(tmp_path / f"{name}.jsonl.gz")
        assert main(["annotate", str(source), "-o", target, "--workers", workers]) == 0
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nofile.jsonl"], "There is no file"),
        (["{source}", "--model", "en_core_sci_sm"], "pip install"),
        (["{source}", "--lexicon", "nofolder"], "nofolder"),
        (["{source}", "--workers", "0"], "workers"),
    ],
)
def test_usage_errors(
    arguments: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(BARE + "\n", encoding="utf-8")
    words = [a.format(source=source) for a in arguments]
    assert main(["annotate", *words, "-o", str(tmp_path / "out.jsonl")]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out.jsonl").exists()


def test_explain_prints_how_an_article_was_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "articles.jsonl"
    text = "A study.\\nMSC-derived exosomes reduced liver fibrosis in mice (P < 0.01)."
    source.write_text(f'{{"id": "7", "text": "{text}"}}\n')
    assert main(["annotate", str(source), "--model", "lexicon", "--explain", "7"]) == 0
    shown = capsys.readouterr().out
    assert "'liver fibrosis': decreases, asserted" in shown
    assert "'reduced' verb, decrease: -1 (down)" in shown


def test_explain_of_an_unknown_article_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "articles.jsonl"
    source.write_text('{"id": "7", "text": "A study.\\nNothing."}\n')
    assert main(["annotate", str(source), "--model", "lexicon", "--explain", "8"]) == 2
    assert "no article '8'" in capsys.readouterr().err
