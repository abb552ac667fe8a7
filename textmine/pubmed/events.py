"""What became of a record since it was read: typed, dated events from two states of it.

An erratum and an expression of concern are events of their own, never a retraction.
RefTypes: NLM, CommentsCorrections.
"""

from __future__ import annotations

from dataclasses import dataclass

from textmine.records import Article, Link

__all__ = ["EVENT_KINDS", "Event", "events_between"]

EVENT_KINDS = (
    "retracted", "retraction_notice", "corrected", "expression_of_concern", "republished",
    "superseded_by_version", "preprint_published", "updated", "deleted", "merged", "missing",
    "text_changed", "reinstated", "taken_up",
)  # fmt: skip

_OF_LINK = {
    "RetractionIn": "retracted",
    # Of a paper retracted in part the rest stands.
    "PartialRetractionIn": "corrected",
    "RetractionOf": "retraction_notice",
    "PartialRetractionOf": "retraction_notice",
    "ErratumIn": "corrected",
    "ExpressionOfConcernIn": "expression_of_concern",
    "CorrectedandRepublishedIn": "republished",
    "RetractedandRepublishedIn": "republished",
    "RepublishedIn": "republished",
    "UpdateIn": "updated",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One change. `by` is the PMID of the notice or successor, `at` the day it was seen (ISO)."""

    pmid: str
    kind: str
    at: str
    by: str | None = None
    detail: str | None = None


def events_between(old: Article, new: Article, at: str) -> tuple[Event, ...]:
    """The events from `old` to `new`, two states of one record; () when nothing changed."""
    pmid = old.pmid or old.id
    if new.status.deleted:
        return () if old.status.deleted else (Event(pmid, "deleted", at),)
    out: list[Event] = []
    if new.pmid and old.pmid and new.pmid != old.pmid:
        out.append(Event(pmid, "merged", at, new.pmid))
    preprint = any(t.name == "Preprint" for t in old.publication_types)
    known = {(link.type, link.pmid, link.citation) for link in old.status.links}
    for link in new.status.links:
        kind = _OF_LINK.get(link.type)
        if kind is None or (link.type, link.pmid, link.citation) in known:
            continue
        if kind == "updated" and preprint:
            kind = "preprint_published"
        out.append(Event(pmid, kind, at, link.pmid, _words(link)))
    said = {event.kind for event in out}
    # The status may also come from a publication type or the title alone.
    for kind, before, after in (
        ("retracted", old.status.retracted, new.status.retracted),
        ("corrected", old.status.corrected, new.status.corrected),
        (
            "expression_of_concern",
            old.status.expression_of_concern,
            new.status.expression_of_concern,
        ),
    ):
        if after and not before and kind not in said and not (said & {"republished"}):
            out.append(Event(pmid, kind, at))
        if before and not after:
            out.append(Event(pmid, "reinstated", at, detail=f"no longer marked {kind}"))
    if new.version > old.version:
        detail = f"version {old.version} to {new.version}"
        out.append(Event(pmid, "superseded_by_version", at, detail=detail))
    elif new.text != old.text:
        out.append(Event(pmid, "text_changed", at))
    return tuple(out)


def _words(link: Link) -> str | None:
    return f"{link.type}: {link.citation}" if link.citation else link.type
