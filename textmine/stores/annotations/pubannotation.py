"""PubAnnotation JSON: text, denotations, relations, attributes. http://www.pubannotation.org/docs/

A relation joins two denotations there: subject and object; what else it says are its attributes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from textmine.records import Annotated
from textmine.stores.annotations import Source, printable, write_each

__all__ = ["export_pubannotation", "pubannotation"]


def export_pubannotation(store: Source, folder: Path) -> dict[str, int]:
    """Writes ID.json for every article."""
    return {"articles": write_each(store, folder, lambda a: [(".json", _text(pubannotation(a)))])}


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def pubannotation(annotated: Annotated) -> dict[str, Any]:
    """One article as a PubAnnotation document."""
    article = annotated.article
    attributes = [
        {"id": f"A{n}", "subj": m.id, "pred": "concept", "obj": printable(m.concepts[0].curie)}
        for n, m in enumerate(annotated.mentions, 1)
        if m.concepts
    ]
    joined = [r for r in annotated.relations if r.subject is not None]
    for relation in joined:
        for name in ("direction", "negated", "certainty", "role", "mediator"):
            value = getattr(relation, name)
            if value is not None:
                key = f"A{len(annotated.mentions) + len(attributes) + 1}"
                attributes.append({"id": key, "subj": relation.id, "pred": name, "obj": value})
    return {
        "sourcedb": "PubMed" if article.pmid else "textmine",
        "sourceid": printable(article.pmid or article.id),
        "text": printable(article.text),
        "denotations": [
            {"id": m.id, "span": {"begin": m.start, "end": m.end}, "obj": m.label}
            for m in annotated.mentions
        ],
        "relations": [
            {"id": r.id, "pred": r.predicate, "subj": r.subject, "obj": r.object} for r in joined
        ],
        "attributes": attributes,
    }
