"""The nouns of the stores: a run as it is pushed, and an event as it is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from textmine.records import Annotated, Claim, Decision, Finding, Provenance, Verdict

__all__ = ["Bundle", "Pushed", "Raw", "StoredEvent", "shown_url"]


@dataclass(frozen=True, slots=True)
class Raw:
    """Where the record lies as it came: an archive, the hash of its XML, when it came."""

    archive: str
    sha256: str
    at: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything of one run. The iterables are consumed once, in this order.

    `raw` is keyed by article id and version. `rules`: the grading rules as plain values, None for
    the shipped ones. `counts`, where given, must come out: articles, findings, verdicts, claims.
    """

    provenance: Provenance
    project: str
    claims: tuple[Claim, ...]
    articles: Iterable[Annotated]
    findings: Iterable[Finding]
    verdicts: tuple[Verdict, ...]
    decisions: tuple[Decision, ...] = ()
    query: tuple[str, ...] | None = None
    fetched_at: str | None = None
    raw: Mapping[tuple[str, int], Raw] = field(default_factory=dict)
    rules: Mapping[str, Any] | None = None
    counts: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Pushed:
    """How many rows a push added, by table; all zero when the store knew everything."""

    added: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.added.values())


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the store keeps it; `run` read the article, `closes` is the event that ended."""

    id: str
    article_id: str
    kind: str
    at: str
    by: str | None
    detail: str | None
    closes: str | None
    run: str

    @property
    def words(self) -> str:
        """ "retracted (2026-11-23, by PMID 777)"."""
        by = f", by PMID {self.by}" if self.by else ""
        return f"{self.kind.replace('_', ' ')} ({self.at}{by})"


def shown_url(url: str) -> str:
    """The URL of a store as it may be shown: without user and password."""
    scheme, separator, rest = url.partition("://")
    if separator:
        # The authority ends at the first slash behind the last @; a password may hold anything.
        rest = rest.rpartition("@")[2]
    rest = re.sub(r"(?i)([?&](?:ssl)?password=)[^&]*", r"\1…", rest)
    return f"{scheme}{separator}{rest}"
