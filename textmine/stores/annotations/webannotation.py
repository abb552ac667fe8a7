"""W3C Web Annotation (JSON-LD): a page of annotations per article.

Mentions are bodies on text positions and quotes; relations are annotations on their sentence.
https://www.w3.org/TR/annotation-model/
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from textmine.records import Annotated, Mention, Relation, as_json
from textmine.stores.annotations import Source, printable, write_each

__all__ = ["export_webannotation", "web_annotation"]

_AROUND = 32


def export_webannotation(store: Source, folder: Path) -> dict[str, int]:
    """Writes ID.jsonld for every article."""
    return {
        "articles": write_each(store, folder, lambda a: [(".jsonld", _text(web_annotation(a)))])
    }


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def web_annotation(annotated: Annotated) -> dict[str, Any]:
    """One article as an AnnotationPage."""
    article = annotated.article
    name = quote(article.id.encode("utf-8", "surrogatepass"), safe="")
    source = (
        f"https://pubmed.ncbi.nlm.nih.gov/{article.pmid}/"
        if article.pmid
        else f"urn:textmine:article:{name}"
    )
    text = printable(article.text)
    items = [_mention(m, source, text) for m in annotated.mentions]
    items += [_relation(r, source, text) for r in annotated.relations]
    return {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": f"urn:textmine:page:{name}:{article.version}",
        "type": "AnnotationPage",
        "startIndex": 0,
        "items": items,
    }


def _target(source: str, text: str, start: int, end: int) -> dict[str, Any]:
    return {
        "source": source,
        "selector": [
            {"type": "TextPositionSelector", "start": start, "end": end},
            {
                "type": "TextQuoteSelector",
                "exact": text[start:end],
                "prefix": text[max(0, start - _AROUND) : start],
                "suffix": text[end : end + _AROUND],
            },
        ],
    }


def _mention(mention: Mention, source: str, text: str) -> dict[str, Any]:
    body: list[dict[str, Any]] = [
        {"type": "TextualBody", "purpose": "classifying", "value": mention.label}
    ]
    if mention.concepts:
        concept = mention.concepts[0]
        body.append(
            {
                "type": "SpecificResource",
                "purpose": "identifying",
                "source": f"urn:curie:{quote(printable(concept.curie), safe=':')}",
                "value": printable(concept.name),
            }
        )
    return {
        "id": f"urn:textmine:mention:{mention.id}",
        "type": "Annotation",
        "motivation": "identifying",
        "body": body,
        "target": _target(source, text, mention.start, mention.end),
    }


def _relation(relation: Relation, source: str, text: str) -> dict[str, Any]:
    return {
        "id": f"urn:textmine:relation:{relation.id}",
        "type": "Annotation",
        "motivation": "linking",
        "body": {
            "type": "TextualBody",
            "format": "application/json",
            "purpose": "linking",
            "value": json.dumps(as_json(relation)),
        },
        "target": _target(source, text, *relation.sentence),
    }
