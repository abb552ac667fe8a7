"""What every store can do, and the bundle of one run that is pushed into it.

Card 1, the claim-evidence store: runs, claims, articles with study cards, findings, verdicts and
decisions. Card 2, the entity-relation store: concepts as nodes, relations merged into edges, every
edge with every piece of evidence behind it. One push feeds both in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from textmine import registry
from textmine.errors import ConfigError
from textmine.pubmed.events import Event
from textmine.records import (
    Annotated,
    Article,
    Claim,
    Concept,
    Finding,
    Mention,
    Provenance,
    Relation,
    Verdict,
    content_id,
)
from textmine.stores.events import StoredEvent

__all__ = ["Bundle", "Edge", "Node", "Pushed", "Store", "edge_of", "edges_of", "open_store"]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything of one run. The iterables are consumed once, in this order."""

    provenance: Provenance
    project: str
    claims: tuple[Claim, ...]
    articles: Iterable[Annotated]
    findings: Iterable[Finding]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Pushed:
    """How many rows a push added, by table; all zero when the store knew everything."""

    added: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.added.values())


class Store(Protocol):
    """One store behind a URL. Reading methods yield records in a stable order."""

    def push(self, bundle: Bundle) -> Pushed: ...
    def provenance(self) -> Provenance: ...
    def project(self) -> str: ...
    def claims(self) -> list[Claim]: ...
    def verdicts(self) -> list[Verdict]: ...
    def findings(self, claim_id: str | None = None) -> Iterator[Finding]: ...
    def article(self, article_id: str, version: int | None = None) -> Annotated: ...
    def articles(self) -> Iterator[Annotated]: ...
    def record_events(
        self, events: Iterable[Event], checked: Collection[str]
    ) -> list[StoredEvent]: ...
    def events(
        self, article_id: str | None = None, *, history: bool = False
    ) -> list[StoredEvent]: ...
    def verify(self) -> list[str]: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def open_store(url: str) -> Store:
    """Opens `sqlite:///path`, or any scheme that a plug-in registers in `textmine.stores`."""
    scheme, colon, rest = url.partition(":")
    if not colon:
        raise ConfigError(
            f"{url!r} is no store URL. Give for instance sqlite:///textmine.db "
            f"(there are: {', '.join(registry.names('stores'))})."
        )
    store: Store = registry.load("stores", scheme)(rest)
    return store


# --- Card 2: relations become edges -------------------------------------------------------------


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


def edge_of(relation: Relation, mentions: dict[str, Mention]) -> Edge | None:
    """The edge that a relation is evidence for; None when it has no subject (it is no evidence)."""
    if relation.subject is None:
        return None
    subject, object_ = node_of(mentions[relation.subject]), node_of(mentions[relation.object])
    mediator = node_of(mentions[relation.mediator]) if relation.mediator else None
    parts = (
        subject.curie,
        relation.predicate,
        object_.curie,
        relation.direction,
        relation.negated,
        mediator.curie if mediator else None,
    )
    return Edge(
        id=content_id("e", *parts),
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
