"""Claims files, good and bad."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from textmine.claims.article import load_claims, toml_of
from textmine.errors import ConfigError
from textmine.records import Claim, Frame

GOOD = """
[queries]
EV = 'exosom*[tiab]'
[[claim]]
id = "C1"
statement = "Exosomes lower  ALT."
kind = "efficacy"
checkable = "partly"
why = "Because."
queries_for = ["{EV} AND ALT"]
[claim.frame]
subject = "exosomes"
direction = "decreases"
object = ["ALT"]
"""


def write(folder: Path, text: str, name: str = "claims.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_toml(tmp_path: Path) -> None:
    (claim,) = load_claims(write(tmp_path, GOOD))
    assert claim == Claim(
        id="C1",
        statement="Exosomes lower ALT.",
        checkable="partly",
        why="Because.",
        queries_for=("exosom*[tiab] AND ALT",),
        frame=Frame(("exosomes",), "regulates", "decreases", ("ALT",), kind="efficacy"),
    )


def test_lines(tmp_path: Path) -> None:
    text = '{"id": "C1", "statement": "A."}\n\n{"id": 2, "statement": "B.", "articles": [7, "8"]}\n'
    one, two = load_claims(write(tmp_path, text, "claims.jsonl"))
    assert (one.id, one.frame, one.articles) == ("C1", None, None)
    assert (two.id, two.articles) == ("2", ("7", "8"))


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    claims = load_claims(write(tmp_path, GOOD))
    odd = Claim("C2", 'Say "so" \\ α\u0007.', section="Ü", frame=claims[0].frame, articles=("1",))
    # The kind stands in the frame; a claim without a frame has none to keep.
    path = write(tmp_path, toml_of([*claims, odd], notes={"C1": "one\ntwo"}), "again.toml")
    assert load_claims(path) == (*claims, odd)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no claims"),
        ("[[claim]]\nid = 'C1'", 'claim C1: field "statement"'),
        ("[[claim]]\nstatement = 'x'", 'claim number 1: field "id"'),
        ("[[claim]]\nid='C1'\nstatement='x'\ncolour='red'", "unknown field 'colour'"),
        ("[[claim]]\nid='C1'\nstatement='x'\nkind='odd'", "kind = 'odd' is not one of"),
        ("[[claim]]\nid='C1'\nstatement='x'\n[claim.frame]\ndirection='up'", "direction = 'up'"),
        ("[[claim]]\nid='C1'\nstatement='x'\n[claim.frame]\nsubject=[1]", 'field "subject"'),
        ("[[claim]]\nid='C1'\nstatement='x'\nqueries_for=['{NO}']", "{NO}"),
        ("[[claim]]\nid='C1'\nstatement='x'\n[[claim]]\nid='C1'\nstatement='y'", "used twice"),
        (
            "[[claim]]\nid='C1'\nstatement='x'\n[claim.frame]\npredicate='compared_with'",
            "comparator",
        ),
        ("[claim]\nid='C1'", "two brackets"),
        ("[[claim]\n", "no valid TOML"),
    ],
)
def test_a_bad_file_names_the_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=r"claims\.toml") as caught:
        load_claims(write(tmp_path, text))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "line 1"),
        ("[]", "line 1"),
        ('{"id": "C1"}', 'line 1: field "statement"'),
        ('{"id": true, "statement": "x"}', 'field "id"'),
        ('{"id": "C1", "statement": "x", "articles": "7"}', 'field "articles"'),
        ('{"id": "C1", "statement": "x", "frame": 3}', 'field "frame"'),
    ],
)
def test_a_bad_line_names_the_place(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_claims(write(tmp_path, line + "\n", "claims.jsonl"))
    assert words in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    for name in ("no.toml", "no.jsonl"):
        with pytest.raises(ConfigError, match="no file"):
            load_claims(tmp_path / name)


def test_lines_take_a_frame(tmp_path: Path) -> None:
    frame = {"subject": ["a"], "direction": "decreases", "object": ["b"], "kind": "efficacy"}
    line = json.dumps({"id": "C1", "statement": "x", "frame": frame})
    (claim,) = load_claims(write(tmp_path, line, "claims.jsonl"))
    assert claim.frame is not None and claim.frame.kind == "efficacy"
