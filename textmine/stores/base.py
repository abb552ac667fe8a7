"""What every store can do, and the bundle of one run that is pushed into it.

Card 1, the claim-evidence store: runs, claims, articles with study cards, findings, verdicts and
decisions. Card 2, the entity-relation store: concepts as nodes, relations merged into edges, every
edge with every piece of evidence behind it. One push feeds both in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from types import TracebackType
from typing import Any, Protocol, Self

from textmine import registry
from textmine.errors import ConfigError
from textmine.pubmed.events import Event
from textmine.records import Annotated, Claim, Decision, Finding, Provenance, Verdict
from textmine.stores.edges import Edge, Node, edge_of, edges_of, quote_of
from textmine.stores.model import Bundle, Pushed, Raw, StoredEvent, shown_url
from textmine.stores.tables import Row

__all__ = [
    "Bundle",
    "Edge",
    "Node",
    "Pushed",
    "Raw",
    "Store",
    "StoredEvent",
    "edge_of",
    "edges_of",
    "open_store",
    "quote_of",
    "shown_url",
]


class Store(Protocol):
    """One store behind a URL. Reading methods yield records in a stable order.

    Reading shows the newest run's project, and of it what is current; `rows` and `find` show all.
    """

    @property
    def url(self) -> str:
        """The store's URL as it may be shown, without a password."""
        ...

    # --- writing: all of it, or nothing
    def push(self, bundle: Bundle) -> Pushed: ...
    def record_events(
        self, events: Iterable[Event], checked: Collection[str]
    ) -> list[StoredEvent]: ...
    def decide(self, decision: Decision) -> bool: ...
    def load(self, rows: Iterable[tuple[str, Row]]) -> dict[str, int]: ...

    # --- reading records
    def provenance(self) -> Provenance: ...
    def project(self) -> str: ...
    def claims(self) -> list[Claim]: ...
    def verdicts(self) -> list[Verdict]: ...
    def findings(self, claim_id: str | None = None) -> Iterator[Finding]: ...
    def article(self, article_id: str, version: int | None = None) -> Annotated: ...
    def articles(self) -> Iterator[Annotated]: ...
    def events(
        self, article_id: str | None = None, *, history: bool = False
    ) -> list[StoredEvent]: ...
    def decisions(self, finding_id: str | None = None) -> list[Decision]: ...

    # --- reading rows
    def rows(self, table: str, /, *, after: int = 0) -> Iterator[Row]: ...
    def dump(self) -> Iterator[tuple[str, Row]]: ...
    def find(self, table: str, /, **equals: Any) -> list[dict[str, Any]]: ...
    def search(self, text: str, *, limit: int = 20) -> list[dict[str, Any]]: ...
    def check(self) -> list[str]: ...
    def verify(self) -> list[str]: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def open_store(url: str, *, create: bool = True) -> Store:
    """Opens `sqlite:///path`, or any scheme that a plug-in registers in `textmine.stores`.

    With `create=False` a store that is not there is a ConfigError and nothing is made.
    """
    scheme, colon, rest = url.partition(":")
    if not colon:
        raise ConfigError(
            f"{url!r} is no store URL. Give for instance sqlite:///textmine.db "
            f"(there are: {', '.join(registry.names('stores'))})."
        )
    store: Store = registry.load("stores", scheme)(rest, create=create)
    return store
