"""Retracted, corrected, concern, notice: what became of a record, from its links and types.

RefTypes: NLM, CommentsCorrections. An erratum or a concern is not a retraction, and a notice about
a retracted paper is not itself retracted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from textmine.records import Link, Status

__all__ = ["status_of"]

_RETRACTED_TITLE = re.compile(
    r"^\W{0,2}(?:retracted|withdrawn)(?:\W? article| paper)?\W{0,2}:", re.I
)
_RETRACTED_BRACKET = re.compile(r"^\[(?:retracted|withdrawn)\]", re.I)
_CORRECTED_BY = {"ErratumIn", "CorrectedandRepublishedIn"}
# What a notice points at, the strongest first: a retraction notice may cite an erratum as well.
_NOTICE_OF = ("RetractionOf", "PartialRetractionOf", "ExpressionOfConcernFor", "ErratumFor")


def status_of(links: Sequence[Link], publication_types: Sequence[str], title: str) -> Status:
    """The status that links, publication types and the title's prefix together give."""
    kinds = {link.type for link in links}
    notice = next(
        (link.pmid for kind in _NOTICE_OF for link in links if link.type == kind and link.pmid),
        None,
    )
    return Status(
        retracted="RetractionIn" in kinds
        or "Retracted Publication" in publication_types
        or bool(_RETRACTED_TITLE.match(title) or _RETRACTED_BRACKET.match(title)),
        corrected=bool(kinds & _CORRECTED_BY),
        expression_of_concern="ExpressionOfConcernIn" in kinds,
        links=tuple(links),
        notice_of=notice,
    )
