"""The suites over relations, cues and roles, on gold made by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from textmine.errors import ConfigError
from textmine.measure import cues, relations, roles
from textmine.measure.goldtext import (
    PairText,
    read_demo_gold,
    read_pairs,
    read_real,
    read_sentences,
)
from textmine.measure.relations import pair_lines
from textmine.measure.scores import Line, Share
from textmine.reading.reach import bearing

GOLD = """
[[sentence]]
id = "A1"
mark = [1]
role = "result"
text = "{v1|MSC-EVs} did not reduce {d1|fibrosis} in {o1|mice}."
relations = ["v1 regulates d1 unchanged context=o1"]

[[sentence]]
id = "D7"
mark = [8]
role = "result"
previous = "{v1|MSC-EVs} lowered {g1|ALT}."
text = "{g2|AST} fell."
relations = ["v1 regulates g2 decreases hedged"]
"""


def _write(path: Path, *rows: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    return path


@pytest.fixture
def gold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with gold of its own; the same in both halves."""
    folder = tmp_path / "corpora" / "gold"
    folder.mkdir(parents=True)
    for split in ("dev", "test"):
        (folder / f"sentences_{split}.toml").write_text(GOLD)
        (folder / f"sentences_{split}_2.toml").write_text(GOLD)
    text = "A title.\nMSC-EVs lowered ALT."
    demo = {
        "id": "1", "split": "dev", "text": text,
        "sentences": [{"start": 0, "end": 8, "role": "title"},
                      {"start": 9, "end": 29, "role": "conclusion"}],
        "mentions": [{"start": 9, "end": 16, "text": "MSC-EVs", "label": "VESICLE"},
                     {"start": 25, "end": 28, "text": "ALT", "label": "GENE"}],
        "relations": [{"subject": [9, 16], "object": [25, 28], "predicate": "regulates",
                       "direction": "increases", "negated": False, "certainty": "asserted"}],
    }  # fmt: skip
    _write(folder / "demo.jsonl.gz", demo)
    for module in (relations, cues, roles):
        monkeypatch.setattr(module, "data_root", lambda: tmp_path)
    return folder


def _line(lines: list[Line], stage: str, what: str, split: str = "dev") -> Line:
    return next(x for x in lines if (x.stage, x.what, x.split) == (stage, what, split))


def test_sentences_become_texts(gold: Path) -> None:
    first, second = read_sentences(gold / "sentences_dev.toml")
    assert first.article.text == "MSC-EVs did not reduce fibrosis in mice."
    assert [(m.id, m.text, m.label) for m in first.mentions][1] == ("d1", "fibrosis", "DISEASE")
    assert first.relations[0].context == "o1"
    assert first.scored is None
    assert second.article.text[slice(*second.scored or (0, 0))] == "AST fell."
    assert second.relations[0].certainty == "hedged"


def test_a_sentence_that_does_not_fit_is_named(tmp_path: Path) -> None:
    file = tmp_path / "sentences_dev.toml"
    file.write_text('[[sentence]]\nid = "Q9"\nmark = [0]\nrole = "result"\ntext = "x"\n')
    with pytest.raises(ConfigError, match="Q9"):
        list(read_sentences(file))


def test_relations_of_the_sentence_before_are_not_scored(gold: Path) -> None:
    lines = relations.measure_relations(None, ("dev",), "lexicon")
    score = _line(lines, "sentences", "own: relations, gold mentions").score
    assert not isinstance(score, Share)
    # Two files of two sentences: all four found, and "lowered ALT" of the context is no error.
    assert (score.right, score.wrong, score.missed) == (4, 0, 0)
    assert _line(lines, "pattern", " 8 agentless").score.value == 1.0


def test_a_wrong_direction_is_told_and_tabulated(gold: Path) -> None:
    lines = relations.measure_relations(None, ("dev",), "lexicon")
    line = _line(lines, "demo", "demo: direction of found pairs")
    assert isinstance(line.score, Share)
    assert (line.score.right, line.score.cases) == (0, 1)
    assert "decreases, gold increases" in line.misses[0]
    cell = _line(lines, "confusion", "demo: increases read as decreases")
    assert isinstance(cell.score, Share)
    assert cell.score.right == 1


def test_the_test_half_shows_no_misses(gold: Path) -> None:
    _write(gold / "demo.jsonl.gz", {**json.loads(gzip.decompress(
        (gold / "demo.jsonl.gz").read_bytes())), "split": "test"})  # fmt: skip
    lines = relations.measure_relations(None, ("test",), "lexicon") + roles.measure_roles(
        None, ("test",)
    )
    assert _line(lines, "demo", "demo: relations, gold mentions", "test").score.value == 0.0
    assert not any(line.misses for line in lines)


def test_cues_are_bound_to_pairs(gold: Path) -> None:
    lines = cues.measure_cues(None, ("dev",), "lexicon")
    assert _line(lines, "cues", "own: null effect").score.value == 1.0
    hedges = _line(lines, "cues", "own: hedge, found pairs")
    assert hedges.score.value == 0.0
    assert _line(lines, "cues", "own: hedge").misses


def test_roles_against_gold(gold: Path) -> None:
    lines = roles.measure_roles(None, ("dev",))
    score = _line(lines, "roles", "demo: own finding or not").score
    assert isinstance(score, Share)
    assert (score.right, score.cases) == (2, 2)


def _pairs(folder: Path) -> list[PairText]:
    text = "Title.\nIL-6 induces TNF. We asked whether p53 does not bind."
    row = {
        "id": "7", "text": text,
        "entities": {"T1": {"label": "Protein", "start": 7, "end": 11},
                     "T2": {"label": "Protein", "start": 20, "end": 23}},
        "triggers": {"T3": {"label": "Positive_regulation", "start": 12, "end": 19},
                     "T4": {"label": "Binding", "start": 55, "end": 59}},
        "events": {"E1": {"label": "Positive_regulation", "trigger": "T3", "args": []},
                   "E2": {"label": "Binding", "trigger": "T4", "args": []}},
        "modifications": [{"label": "Negation", "event": "E2"}],
        "signed_pairs": [{"cause": "T1", "sign": 1, "theme": "T2", "events": [],
                          "negated": False, "speculated": False}],
    }  # fmt: skip
    _write(folder / "events" / "cg" / "devel.jsonl.gz", row)
    return list(read_pairs(folder, "cg"))


def test_events_become_pairs(tmp_path: Path) -> None:
    (text,) = _pairs(tmp_path)
    assert [m.text for m in text.mentions] == ["IL-6", "TNF"]
    assert [(e.id, e.negated) for e in text.events] == [("E1", False), ("E2", True)]
    lines = list(pair_lines("cg", "rules", [text], [{("T1", "T2"): -1}]))
    shares = [line.score.value for line in lines]
    assert shares == [0.0, 0.0, 1.0, 0.0]


def test_cue_bears_on_its_own_clause(tmp_path: Path) -> None:
    (text,) = _pairs(tmp_path)
    words = text.article.text
    for event, count in zip(text.events, (0, 1), strict=True):
        sentence = text.sentence_at(event.start)
        assert sentence is not None
        found = bearing(words, sentence, event.start, event.end, ("negation",))
        assert len(found) == count
    other = "It did not rise, but binding fell."
    assert not bearing(other, (0, len(other)), 21, 28, ("negation",))


def test_real_gold_needs_its_records(tmp_path: Path) -> None:
    path = _write(tmp_path / "real.jsonl.gz", {"pmid": "12", "split": "dev", "mentions": [],
                                               "relations": []})  # fmt: skip
    (tmp_path / "pubmed").mkdir()
    xml = b"<PubmedArticleSet></PubmedArticleSet>"
    (tmp_path / "pubmed" / "ev_screening.xml.gz").write_bytes(gzip.compress(xml))
    with pytest.raises(ConfigError, match="12"):
        list(read_real(path, tmp_path, "dev"))


def test_demo_gold_has_titles(gold: Path) -> None:
    (text,) = read_demo_gold(gold / "demo.jsonl.gz", "dev")
    assert [p.kind for p in text.article.passages] == ["title", "abstract"]
