"""What became of a record: from its links, its types and its title together."""

from __future__ import annotations

import pytest

from textmine.pubmed.status import changes, is_notice, status_of, superseded_by, words
from textmine.records import Article, Link, PublicationType, Status


def status(
    *links: tuple[str, str | None], types: tuple[str, ...] = (), title: str = "A title."
) -> Status:
    return status_of(
        [Link(kind, pmid) for kind, pmid in links],
        [PublicationType(name) for name in types],
        title,
        pmid="1",
    )


@pytest.mark.parametrize(
    ("links", "types", "title", "flags"),
    [
        ([], (), "A title.", ()),
        ([("RetractionIn", "9")], (), "A title.", ("retracted",)),
        ([("RetractionIn", None)], (), "A title.", ("retracted",)),
        ([("RetractedandRepublishedIn", "9")], (), "A title.", ("retracted",)),
        ([], ("Journal Article", "Retracted Publication"), "A title.", ("retracted",)),
        ([], (), "RETRACTED: A title.", ("retracted",)),
        ([], (), "Retracted Article: A title.", ("retracted",)),
        ([], (), "[RETRACTED] A title.", ("retracted",)),
        ([], (), "RETRACTED ARTICLE - A title.", ("retracted",)),
        ([], (), "Retracted lungs: a study of the chest.", ()),
        ([], (), "Unretracted: a title.", ()),
        ([("ErratumIn", "9")], (), "A title.", ("corrected",)),
        ([("CorrectedandRepublishedIn", "9")], (), "A title.", ("corrected",)),
        ([("PartialRetractionIn", "9")], (), "A title.", ("corrected",)),
        ([("ExpressionOfConcernIn", "9")], (), "A title.", ("expression of concern",)),
        ([("CommentIn", "9"), ("Cites", "8"), ("UpdateIn", "7")], (), "A title.", ()),
        (
            [("ErratumIn", "9"), ("RetractionIn", "8"), ("ExpressionOfConcernIn", "7")],
            (),
            "A title.",
            ("retracted", "corrected", "expression of concern"),
        ),
    ],
)
def test_flags(
    links: list[tuple[str, str | None]], types: tuple[str, ...], title: str, flags: tuple[str, ...]
) -> None:
    found = status(*links, types=types, title=title)
    assert words(found) == flags
    assert [(link.type, link.pmid) for link in found.links] == links


@pytest.mark.parametrize(
    ("links", "types", "about"),
    [
        ([("RetractionOf", "9")], ("Retraction of Publication",), "9"),
        ([("RetractionOf", "9")], ("Retraction Notice",), "9"),
        ([("RetractionOf", "9")], (), "9"),
        ([("ErratumFor", "9")], ("Published Erratum",), "9"),
        ([("ErratumFor", "8"), ("RetractionOf", "9")], ("Retraction of Publication",), "9"),
        ([("ExpressionOfConcernFor", "9")], ("Expression of Concern",), "9"),
        ([("PartialRetractionOf", "9")], (), "9"),
        ([("CommentOn", "9")], ("Retraction of Publication",), "9"),
        ([("CommentOn", "9")], ("Editorial", "Comment"), None),
        ([("RetractionOf", None)], ("Retraction of Publication",), None),
        ([], ("Retraction Notice",), None),
        ([("UpdateOf", "9")], ("Systematic Review",), None),
        # A record that is said to be a notice about itself is a paper.
        ([("RetractionIn", "1"), ("RetractionOf", "1")], (), None),
    ],
)
def test_notices(
    links: list[tuple[str, str | None]], types: tuple[str, ...], about: str | None
) -> None:
    assert status(*links, types=types).notice_of == about


def test_a_notice_is_not_itself_retracted() -> None:
    # Some journals print the retracted paper's title, prefix and all, over the notice.
    notice = status(
        ("RetractionOf", "9"), types=("Retraction of Publication",), title="Retracted: A title."
    )
    assert not notice.retracted
    assert notice.notice_of == "9"
    withdrawn = status(
        ("RetractionOf", "9"), ("RetractionIn", "7"), types=("Retraction of Publication",)
    )
    assert withdrawn.retracted


def test_a_notice_that_names_nothing_is_still_a_notice() -> None:
    types = (PublicationType("Retraction Notice"),)
    notice = Article(id="1", text="Retraction Note.", publication_types=types)
    assert is_notice(notice)
    assert not is_notice(Article(id="2", text="A title."))


def test_superseded_and_changes() -> None:
    old = status(("UpdateIn", "5"), ("CommentIn", "3"))
    assert [link.pmid for link in superseded_by(old)] == ["5"]
    new = status(("UpdateIn", "5"), ("RetractionIn", "9"))
    assert changes(old, new) == (
        "now retracted",
        "new link RetractionIn (PMID 9)",
        "gone link CommentIn (PMID 3)",
    )
    assert changes(new, new) == ()
