"""Card 2: relations become edges that keep every piece of their evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from textmine.records import Annotated, Article, Concept, Mention, Relation, content_id

__all__ = ["Edge", "Node", "edge_id", "edge_of", "edges_of", "node_of", "quote_of"]


@dataclass(frozen=True, slots=True)
class Node:
    """A concept, or the words themselves where no concept was found (`linked` is False)."""

    curie: str
    name: str
    label: str
    linked: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """Relations that say the same of the same concepts; negated and null edges stand apart."""

    id: str
    subject: Node
    object: Node
    predicate: str
    direction: str
    negated: bool
    mediator: Node | None


def node_of(mention: Mention) -> Node:
    """The node of a mention: its first concept, else the folded words under `unlinked:`."""
    if mention.concepts:
        concept: Concept = mention.concepts[0]
        return Node(concept.curie, concept.name, mention.label, linked=True)
    words = " ".join(mention.text.casefold().split())
    return Node(f"unlinked:{mention.label}/{words}", mention.text, mention.label, linked=False)


@lru_cache(maxsize=100_000)
def edge_id(
    subject: str, predicate: str, object_: str, direction: str, negated: bool, mediator: str | None
) -> str:
    """The id of the edge between concepts (their CURIEs)."""
    return content_id("e", subject, predicate, object_, direction, negated, mediator)


def edge_of(relation: Relation, mentions: dict[str, Mention]) -> Edge | None:
    """The edge that a relation is evidence for; None when it has no subject (it is no evidence)."""
    if relation.subject is None:
        return None
    subject, object_ = node_of(mentions[relation.subject]), node_of(mentions[relation.object])
    mediator = node_of(mentions[relation.mediator]) if relation.mediator else None
    return Edge(
        id=edge_id(
            subject.curie,
            relation.predicate,
            object_.curie,
            relation.direction,
            relation.negated,
            mediator.curie if mediator else None,
        ),
        subject=subject,
        object=object_,
        predicate=relation.predicate,
        direction=relation.direction,
        negated=relation.negated,
        mediator=mediator,
    )


def edges_of(annotated: Annotated) -> Iterator[tuple[Edge, Relation]]:
    """Every edge that the article is evidence for, with the relation behind it."""
    mentions = {m.id: m for m in annotated.mentions}
    for relation in annotated.relations:
        edge = edge_of(relation, mentions)
        if edge is not None:
            yield edge, relation


def quote_of(article: Article, relation: Relation) -> str:
    start, end = relation.sentence
    return article.text[start:end]
