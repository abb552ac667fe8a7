"""Public corpora of claims and of findings, as plain records.

SciFact (Wadden et al. 2020): claims and the abstracts they cite, with labels and rationales.
Evidence Inference (Lehman et al. 2019; DeYoung et al. 2020): what a trial found of an outcome.
PubMedQA (Jin et al. 2019): questions with yes, no or maybe. They are read from a folder that the
user names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from textmine.measure.corpora import data_file, held_out, json_lines
from textmine.reading.sentences import sentence_spans

__all__ = [
    "PARTS",
    "Finding",
    "Pair",
    "Question",
    "part_of",
    "read_inference",
    "read_pubmedqa",
    "read_scifact",
]

PARTS = 10
_LABELS = {
    "significantly increased": "increases",
    "significantly decreased": "decreases",
    "no significant difference": "unchanged",
}
_STANCES = {"SUPPORT": "supports", "CONTRADICT": "contradicts"}
_HEADING = re.compile(r"^(?:TITLE|ABSTRACT(?:\.[^\n:]*)?):[ \t]*$", re.MULTILINE)
_PLAIN = re.compile(r"\W+")


def part_of(document: str) -> str:
    """A tenth is `test`, a tenth `calibration`, the rest `train`: by a hash of the abstract."""
    if held_out(document, PARTS):
        return "test"
    return "calibration" if held_out(f"calibration {document}", PARTS) else "train"


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim of SciFact and an abstract that it cites. `rationales`: indices of sentences."""

    claim: int
    statement: str
    document: str
    title: str
    sentences: tuple[str, ...]
    stance: str
    rationales: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a trial found of an outcome (one annotator's reading). `direction`: the intervention's
    effect on it. `shown`: indices of sentences of the abstract that hold the evidence text."""

    prompt: str
    document: str
    intervention: str
    outcome: str
    comparator: str
    direction: str
    evidence: str
    valid: bool
    sentences: tuple[str, ...]
    heads: tuple[str, ...]
    shown: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Question:
    document: str
    question: str
    sentences: tuple[str, ...]
    answer: str


def read_scifact(data: Path | None, part: str) -> Iterator[Pair]:
    """`train`, or `dev`: the given development claims, whose abstracts stand in train too."""
    folder = ("claims", "scifact")
    corpus = {row["doc_id"]: row for row in json_lines(data_file(data, *folder, "corpus.jsonl.gz"))}
    name = "claims_train" if part == "train" else "claims_dev_overlapping"
    for row in json_lines(data_file(data, *folder, f"{name}.jsonl.gz")):
        for document in row["cited_doc_ids"]:
            article = corpus[document]
            evidence = row["evidence"].get(str(document), [])
            yield Pair(
                row["id"],
                row["claim"],
                str(document),
                article["title"],
                tuple(article["abstract"]),
                _STANCES[evidence[0]["label"]] if evidence else "insufficient",
                tuple(tuple(e["sentences"]) for e in evidence),
            )


def read_inference(data: Path | None, part: str) -> Iterator[Finding]:
    """`train` or `validation`, one item for each evidence text; the same text twice is one item."""
    cut: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    seen: set[tuple[str, str, str]] = set()
    path = data_file(data, "claims", "evidence_inference", f"{part}.jsonl.gz")
    for row in json_lines(path):
        evidence = " ".join(row["evidence"].split())
        key = (row["prompt_id"], row["label"], evidence)
        if key in seen or not evidence:
            continue
        seen.add(key)
        document = row["pmcid"]
        if document not in cut:
            cut[document] = _sentences(row["abstract"] or "")
        heads, sentences = cut[document]
        yield Finding(
            row["prompt_id"],
            document,
            " ".join(row["intervention"].replace("&nbsp;", " ").split()),
            " ".join(row["outcome"].replace("&nbsp;", " ").split()),
            " ".join(row["comparator"].replace("&nbsp;", " ").split()),
            _LABELS[row["label"]],
            evidence,
            row["valid"] == "True",
            sentences,
            heads,
            tuple(n for n, s in enumerate(sentences) if _holds(s, evidence)),
        )


def _sentences(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The heading above each sentence, and the sentences."""
    heads: list[str] = []
    sentences: list[str] = []
    places = [(m.start(), m.end(), m[0].strip(": ")) for m in _HEADING.finditer(text)]
    for number, (_, start, name) in enumerate(places or [(0, 0, "ABSTRACT")]):
        end = places[number + 1][0] if number + 1 < len(places) else len(text)
        for paragraph in text[start:end].split("\n"):
            for a, b in sentence_spans(paragraph):
                heads.append(name)
                sentences.append(paragraph[a:b])
    return tuple(heads), tuple(sentences)


def _holds(sentence: str, evidence: str) -> bool:
    """Whether they are the same text, or most of one is in the other."""
    one, other = (_PLAIN.sub(" ", text).strip().lower() for text in (sentence, evidence))
    if min(len(one), len(other)) < 20:
        return False
    if one in other or other in one:
        return True
    words = set(one.split())
    return len(words & set(other.split())) >= 0.85 * len(words)


def read_pubmedqa(data: Path | None) -> Iterator[Question]:
    for row in json_lines(data_file(data, "claims", "pubmedqa", "train.jsonl.gz")):
        sentences = tuple(text[a:b] for text in row["CONTEXTS"] for a, b in sentence_spans(text))
        yield Question(str(row["pmid"]), row["QUESTION"], sentences, row["final_decision"])
