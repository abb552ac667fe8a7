"""The demonstration's gold as annotated articles: the checker's input if the reading is perfect."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from textmine.config import data_root
from textmine.pubmed.read import read_articles
from textmine.reading.lexicon import Lexicon
from textmine.records import (
    Annotated,
    Article,
    Concept,
    Mention,
    Relation,
    Sentence,
    StudyCard,
    content_id,
)

CORPORA = data_root() / "corpora"
# The gold's names of concepts.
CURIES = {
    "hepatic_stellate_cell": "CL:0000632",
    "haematopoietic_stem_cell": "CL:0000037",
    "hepatocyte": "CL:0000182",
    "msc": "CL:0000134",
    "msc_ev": "textmine:msc_ev",
    "other_ev": "textmine:other_ev",
    "generic_ev": "textmine:generic_ev",
}


@cache
def lexicon() -> Lexicon:
    return Lexicon.load()


def cases(split: str = "dev") -> Iterator[tuple[dict[str, Any], Annotated]]:
    """Gold lines of a half with their articles, read as the gold says."""
    articles = {
        (a.id, a.version): a
        for a in read_articles(CORPORA / "demo" / "records.xml.gz")
        if isinstance(a, Article)
    }
    with gzip.open(CORPORA / "gold" / "demo.jsonl.gz", "rt", encoding="utf-8") as stream:
        for line in stream:
            gold = json.loads(line)
            if gold["split"] == split:
                yield gold, annotated_of(gold, articles[gold["id"], gold["version"]])


def annotated_of(gold: Mapping[str, Any], article: Article) -> Annotated:
    mentions = tuple(_mention(gold["id"], m) for m in gold["mentions"])
    at = {(m.start, m.end): m.id for m in mentions}

    def key(span: list[int] | None) -> str | None:
        return None if span is None else at[span[0], span[1]]

    relations = tuple(
        Relation(
            id=content_id("r", gold["id"], json.dumps(r, sort_keys=True)),
            subject=key(r["subject"]),
            object=key(r["object"]) or "",
            predicate=r["predicate"],
            direction=r["direction"],
            negated=r["negated"],
            certainty=r["certainty"],
            role=r["role"],
            mediator=key(r["mediator"]),
            cues=(),
            sentence=(r["sentence"][0], r["sentence"][1]),
            score=1.0,
            outcome=key(r["outcome"]),
            context=key(r["context"]),
            perturbation=r["perturbation"],
        )
        for r in gold["relations"]
    )
    return Annotated(
        article=article,
        sentences=tuple(Sentence(s["start"], s["end"], s["role"]) for s in gold["sentences"]),
        mentions=mentions,
        relations=relations,
        study=StudyCard(design=gold["study"].get("design", "other")),
    )


def _mention(article: str, m: Mapping[str, Any]) -> Mention:
    concepts: tuple[Concept, ...] = ()
    given = m.get("concept")
    if given in CURIES:
        concepts = (Concept(CURIES[given], given),)
    elif m["label"] == "MIRNA" and given:
        concepts = (Concept(f"textmine:mir/{given}", given),)
    elif given != "unresolved":
        concepts = linked(m["text"], m["label"])
    identity = content_id("m", article, m["key"])
    return Mention(identity, m["start"], m["end"], m["text"], m["label"], concepts)


def linked(text: str, label: str) -> tuple[Concept, ...]:
    """The concept that the lexicon gives to a name, or to the longest name inside it."""
    entries = [e for e in lexicon().find(text) if e.label == label]
    if not entries:
        found = [m for m in lexicon().match(text) if m.label == label]
        if found:
            entries = list(max(found, key=lambda m: m.end - m.start).entries)
    return tuple(Concept(e.curie, e.name) for e in entries[:1])
