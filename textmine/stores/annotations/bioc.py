"""BioC JSON: a collection per article, a passage per passage, relations by the nodes they join.

Format: Comeau et al. 2013, doi:10.1093/database/bat064; JSON keys as in PubTator. Offsets are code
points into the article's text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from textmine.records import Annotated, Article, Mention, Passage, Relation
from textmine.stores.annotations import Source, printable, write_each

__all__ = ["bioc", "export_bioc"]


def export_bioc(store: Source, folder: Path) -> dict[str, int]:
    """Writes ID.bioc.json for every article."""
    return {"articles": write_each(store, folder, lambda a: [(".bioc.json", _text(bioc(a)))])}


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def bioc(annotated: Annotated) -> dict[str, Any]:
    """One article as a BioC collection."""
    article = annotated.article
    year = "" if article.year is None else str(article.year)
    passages = article.passages or (Passage("abstract", 0, len(article.text)),)
    return {
        "source": "textmine",
        "date": year,
        "key": "textmine.key",
        "infons": {"contract": "1"},
        "documents": [
            {
                "id": printable(article.id),
                "infons": {"version": str(article.version)},
                "passages": [_passage(annotated, p) for p in passages],
                "annotations": [],
                "relations": [_relation(r) for r in annotated.relations],
            }
        ],
    }


def _passage(annotated: Annotated, passage: Passage) -> dict[str, Any]:
    inside = [m for m in annotated.mentions if passage.start <= m.start and m.end <= passage.end]
    infons = {"type": passage.kind}
    if passage.label:
        infons["section"] = printable(passage.label)
    return {
        "offset": passage.start,
        "infons": infons,
        "text": printable(annotated.article.text[passage.start : passage.end]),
        "sentences": [],
        "annotations": [_annotation(annotated.article, m) for m in inside],
        "relations": [],
    }


def _annotation(article: Article, mention: Mention) -> dict[str, Any]:
    infons = {"type": mention.label}
    if mention.concepts:
        infons["identifier"] = printable(mention.concepts[0].curie)
        infons["name"] = printable(mention.concepts[0].name)
    return {
        "id": mention.id,
        "infons": infons,
        "text": printable(mention.text),
        "locations": [{"offset": mention.start, "length": mention.end - mention.start}],
    }


def _relation(relation: Relation) -> dict[str, Any]:
    return {
        "id": relation.id,
        "infons": {
            "type": relation.predicate,
            "direction": relation.direction,
            "negated": str(relation.negated).lower(),
            "certainty": relation.certainty,
            "role": relation.role,
            "score": str(relation.score),
        },
        "nodes": list(_nodes(relation)),
    }


def _nodes(relation: Relation) -> Iterator[dict[str, str]]:
    for role in ("subject", "object", "mediator", "outcome", "context"):
        key = getattr(relation, role)
        if key is not None:
            yield {"refid": key, "role": role}
