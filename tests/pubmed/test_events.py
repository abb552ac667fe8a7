"""Events between two states of a record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from textmine.pubmed.events import EVENT_KINDS, events_between
from textmine.records import Article, Link, PublicationType, Status

OLD = Article(id="1", pmid="1", text="A title\nWords.")


def after(**status: object) -> list[tuple[str, str | None]]:
    new = replace(OLD, status=Status(**status))  # type: ignore[arg-type]
    return [(e.kind, e.by) for e in events_between(OLD, new, "2026-01-01")]


@pytest.mark.parametrize(
    ("link", "status", "kind"),
    [
        ("RetractionIn", {"retracted": True}, "retracted"),
        ("ErratumIn", {"corrected": True}, "corrected"),
        ("ExpressionOfConcernIn", {"expression_of_concern": True}, "expression_of_concern"),
        ("CorrectedandRepublishedIn", {"corrected": True}, "republished"),
        ("RetractionOf", {"notice_of": "9"}, "retraction_notice"),
        ("UpdateIn", {}, "updated"),
    ],
)
def test_each_link_is_one_event_of_its_own_kind(
    link: str, status: dict[str, object], kind: str
) -> None:
    assert after(links=(Link(link, "9"),), **status) == [(kind, "9")]


def test_a_published_preprint() -> None:
    old = replace(OLD, publication_types=(PublicationType("Preprint"),))
    new = replace(old, status=Status(links=(Link("UpdateIn", "9"),)))
    assert [e.kind for e in events_between(old, new, "x")] == ["preprint_published"]


def test_versions_deletions_and_texts() -> None:
    assert [e.kind for e in events_between(OLD, replace(OLD, version=2), "x")] == [
        "superseded_by_version"
    ]
    gone = Article(id="1", pmid="1", text="", status=Status(deleted=True))
    assert [e.kind for e in events_between(OLD, gone, "x")] == ["deleted"]
    assert events_between(gone, gone, "x") == ()
    changed = replace(OLD, text="A title\nOther words.")
    assert [e.kind for e in events_between(OLD, changed, "x")] == ["text_changed"]
    assert events_between(OLD, OLD, "x") == ()


def test_a_mark_without_a_link_and_its_end() -> None:
    assert after(retracted=True) == [("retracted", None)]
    marked = replace(OLD, status=Status(retracted=True))
    assert [e.kind for e in events_between(marked, OLD, "x")] == ["reinstated"]


def test_kinds_are_all_listed() -> None:
    assert len(set(EVENT_KINDS)) == len(EVENT_KINDS)
