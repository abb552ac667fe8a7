"""Retracted, corrected, concern, superseded, deleted: what became of a record.

The status follows from the record's links (NLM's CommentsCorrections) and publication types. An
erratum or a concern is no retraction, and a notice about a retracted paper is not itself retracted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from textmine.records import Article, Link, PublicationType, Status

__all__ = ["changes", "is_notice", "status_of", "superseded_by", "words"]

# "RETRACTED: ...", "[RETRACTED ARTICLE] ..."; "Retracted lungs: ..." is something else.
_RETRACTED_TITLE = re.compile(
    r"\W{0,2}retracted(?:[ -]+(?:article|paper|chapter|study))?\s*(?::|\]|\s[-–—]\s)", re.I
)
_RETRACTED_TYPE = "retracted publication"
_RETRACTED_BY = {"RetractionIn", "RetractedandRepublishedIn"}
# Of a paper retracted in part, the rest stands: it is a correction.
_CORRECTED_BY = {"ErratumIn", "CorrectedandRepublishedIn", "PartialRetractionIn"}
_CONCERN_BY = {"ExpressionOfConcernIn"}
_SUPERSEDED_BY = (
    "UpdateIn", "CorrectedandRepublishedIn", "RetractedandRepublishedIn", "RepublishedIn",
)  # fmt: skip
# What a notice points at, the strongest first: a retraction notice may cite an erratum as well.
_NOTICE_OF = ("RetractionOf", "PartialRetractionOf", "ExpressionOfConcernFor", "ErratumFor")
_NOTICE_TYPES = {
    "retraction of publication", "retraction notice", "published erratum", "expression of concern",
}  # fmt: skip
_TELLING_TYPES = _NOTICE_TYPES | {_RETRACTED_TYPE}
_NOTHING = Status()
_FLAGS = ("retracted", "corrected", "expression_of_concern", "deleted")


def status_of(
    links: Sequence[Link],
    publication_types: Sequence[PublicationType],
    title: str,
    *,
    pmid: str | None = None,
) -> Status:
    """The status that links, publication types and the title's prefix give together."""
    types = {t.name.lower() for t in publication_types}
    if not links and types.isdisjoint(_TELLING_TYPES) and "etract" not in title.lower():
        return _NOTHING
    kinds = {link.type for link in links}
    is_notice = bool(types & _NOTICE_TYPES) or not kinds.isdisjoint(_NOTICE_OF)
    sources: tuple[str, ...] = _NOTICE_OF
    if is_notice and kinds.isdisjoint(_NOTICE_OF):
        sources = ("CommentOn",)  # how older notices point at their paper
    notice_of = next(
        (
            link.pmid
            for kind in sources
            for link in links
            if is_notice and link.type == kind and link.pmid not in (None, pmid)
        ),
        None,
    )
    return Status(
        retracted=not kinds.isdisjoint(_RETRACTED_BY)
        or _RETRACTED_TYPE in types
        # Some journals set the same words before the title of the notice.
        or (not is_notice and _RETRACTED_TITLE.match(title) is not None),
        corrected=not kinds.isdisjoint(_CORRECTED_BY),
        expression_of_concern=not kinds.isdisjoint(_CONCERN_BY),
        links=tuple(links),
        notice_of=notice_of,
    )


def is_notice(article: Article) -> bool:
    """Whether the record is a notice about another one, even if it does not say about which."""
    types = {t.name.lower() for t in article.publication_types}
    return article.status.notice_of is not None or bool(types & _NOTICE_TYPES)


def superseded_by(status: Status) -> tuple[Link, ...]:
    """The links to what has taken the record's place: its update, its corrected version."""
    return tuple(link for kind in _SUPERSEDED_BY for link in status.links if link.type == kind)


def words(status: Status) -> tuple[str, ...]:
    """The status in words: ("retracted", "expression of concern"); () when nothing happened."""
    found = [flag.replace("_", " ") for flag in _FLAGS if getattr(status, flag)]
    if status.notice_of is not None:
        found.append(f"notice about PMID {status.notice_of}")
    return tuple(found)


def changes(old: Status, new: Status) -> tuple[str, ...]:
    """What differs between two states of a record, in words, so that it can be shown."""
    found = [
        f"{'now' if getattr(new, flag) else 'no longer'} {flag.replace('_', ' ')}"
        for flag in _FLAGS
        if getattr(old, flag) != getattr(new, flag)
    ]
    for verb, before, after in (("new", old, new), ("gone", new, old)):
        found += [
            f"{verb} link {link.type}" + (f" (PMID {link.pmid})" if link.pmid else "")
            for link in after.links
            if link not in before.links
        ]
    return tuple(found)
