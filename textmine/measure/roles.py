"""The role of every sentence, on gold, and on the section labels of real abstracts.

"own finding" is a result, a conclusion or a title: what decides whether a relation may count as
evidence. PubMedQA's abstracts come in labelled sections; read without their labels they are a
silver standard for the wording. A label is not always the role of each sentence, and these
abstracts stop before their conclusion, so that a reader who expects one finds some too many.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from textmine.config import data_root
from textmine.measure.corpora import data_file, json_lines
from textmine.measure.goldtext import OWN, read_demo_gold
from textmine.measure.relations import unseen
from textmine.measure.scores import Line, macro_f1, share
from textmine.reading.roles import assign_roles, label_roles
from textmine.reading.sentences import sentence_spans
from textmine.records import Article, Passage

__all__ = ["measure_roles"]

Row = tuple[str, str, str]  # gold role, found role, where it is


def measure_roles(data: Path | None = None, splits: Sequence[str] = ("dev", "test")) -> list[Line]:
    """Accuracy, F1 per role, and own findings against the rest."""
    gold = data_root() / "corpora" / "gold" / "demo.jsonl.gz"
    lines: list[Line] = []
    for split in splits:
        lines += _lines("demo", split, list(_demo(gold, split)))
    if data is not None and "dev" in splits:
        path = data_file(data, "claims", "pubmedqa", "train.jsonl.gz")
        lines += _lines("PubMedQA, silver", "dev", list(_silver(path)))
    return [unseen(line) for line in lines]


def _demo(path: Path, split: str) -> Iterator[Row]:
    for text in read_demo_gold(path, split):
        found = assign_roles(text.article, [(s.start, s.end) for s in text.sentences])
        for gold, read in zip(text.sentences, found, strict=True):
            where = f"{text.id} {text.article.text[gold.start : gold.end]!r}"
            yield gold.role, read.role, where


def _silver(path: Path) -> Iterator[Row]:
    """Sentences of sections whose label allows one role only; titles and long answers left out."""
    for row in json_lines(path):
        passages = []
        parts: list[str] = []
        start = 0
        for label, part in zip(row["LABELS"], row["CONTEXTS"], strict=True):
            passages.append(Passage("abstract", start, start + len(part), label))
            parts.append(part)
            start += len(part) + 1
        text = "\n".join(parts)
        shown = tuple(Passage("abstract", p.start, p.end) for p in passages)
        spans = sentence_spans(text, passages)
        found = assign_roles(Article(str(row["pmid"]), text, passages=shown), spans)
        for sentence in found:
            passage = next(p for p in passages if p.start <= sentence.start < p.end)
            allowed = label_roles(passage)
            if len(allowed) == 1:
                where = f"{row['pmid']} {text[sentence.start : sentence.end]!r}"
                yield allowed[0], sentence.role, where


def _lines(name: str, split: str, rows: Sequence[Row]) -> Iterator[Line]:
    wrong = tuple(f"{read}, gold {gold}: {where}" for gold, read, where in rows if gold != read)
    yield Line("roles", f"{name}: role", split, share(len(rows) - len(wrong), len(rows)), wrong)
    own = [(_own(gold), _own(read)) for gold, read, _ in rows]
    right = sum(g == r for g, r in own)
    yield Line("roles", f"{name}: own finding or not", split, share(right, len(rows)))
    for role, score in macro_f1([g for g, _ in own], [r for _, r in own]).items():
        yield Line("roles", f"{name}: {role}", split, score)
    scores = macro_f1([g for g, _, _ in rows], [r for _, r, _ in rows])
    for role, score in scores.items():
        yield Line("roles", f"{name}: {role}", split, score)


def _own(role: str) -> str:
    return "own finding" if role in OWN else "not own"
