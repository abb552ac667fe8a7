"""From forms to words for the desk, and where a login may lead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textmine.errors import BadDecision
from textmine.review.nouns import Queue
from textmine.review.web.asked import Form, inner_path
from textmine.review.web.queues import queue_params, with_queue
from textmine.review.web.submissions import added_of, span_of, submission_of


def test_only_what_belongs_to_the_wrong_part_is_a_correction() -> None:
    sent = Form([
        ("verdict", "wrong"), ("part", "direction"), ("direction", "increases"),
        ("predicate", ""), ("negated", "yes"), ("note", " why "), ("key", "k"), ("hash", "f1"),
    ])  # fmt: skip
    word = submission_of("f1", sent)
    assert (word.part, word.corrected, word.note) == (
        "direction",
        {"direction": "increases"},
        "why",
    )


def test_a_correct_word_carries_no_correction() -> None:
    sent = Form([("verdict", "correct"), ("part", "entity"), ("subject", "m1"), ("key", "k")])
    word = submission_of("f1", sent)
    assert (word.part, word.corrected) == (None, {})


def test_words_written_in_go_before_a_mention() -> None:
    sent = Form([("verdict", "wrong"), ("part", "entity"), ("subject", "m1"),
                 ("subject_words", "platelets"), ("object", "m2")])  # fmt: skip
    assert submission_of("f1", sent).corrected == {"subject": "platelets", "object": "m2"}


def test_the_study_card_is_read_as_values() -> None:
    sent = Form([("verdict", "wrong"), ("part", "study_card"), ("species", "mouse, , rat"),
                 ("n", "24")])  # fmt: skip
    assert submission_of("f", sent).corrected == {"species": ["mouse", "rat"], "n": 24}


@pytest.mark.parametrize(
    ("field", "value", "part"),
    [("n", "many", "study_card"), ("n", "１２", "study_card"), ("negated", "maybe", "negation"),
     ("rationale", "9-3", "claim_match"), ("rationale", "x", "claim_match")],
)  # fmt: skip
def test_what_does_not_fit_is_named(field: str, value: str, part: str) -> None:
    with pytest.raises(BadDecision):
        submission_of("f", Form([("verdict", "wrong"), ("part", part), (field, value)]))


def test_a_note_too_long_is_refused_not_cut() -> None:
    with pytest.raises(BadDecision, match="10001"):
        submission_of("f", Form([("verdict", "correct"), ("note", "n" * 10_001)]))


def test_an_added_finding_needs_marked_words() -> None:
    assert added_of("11", Form([("span", "3-9"), ("claim", "K1"), ("stance", "supports")])).end == 9
    with pytest.raises(BadDecision, match="Mark words"):
        added_of("11", Form([("claim", "K1")]))


@given(st.text(max_size=20))
def test_a_span_is_two_numbers_or_refused(given_: str) -> None:
    try:
        start, end = span_of(given_)
    except BadDecision:
        return
    assert 0 <= start < end


@pytest.mark.parametrize(
    "outside",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "javascript:alert(1)",
     "/\t/evil.example", "/\n/evil.example", "/ /evil", "", None, "evil", "/a\\..\\b", "/\x7f"],
)  # fmt: skip
def test_a_login_leads_nowhere_else(outside: str | None) -> None:
    assert inner_path(outside) == "/"


def test_a_login_leads_back_to_the_page() -> None:
    assert inner_path("/finding/f_1?claim=K%201&order=stale") == (
        "/finding/f_1?claim=K%201&order=stale"
    )


def test_an_address_keeps_what_is_not_as_usual() -> None:
    queue = Queue(claim='a"&b=<c>', state="all", silent=True)
    assert queue_params(Queue()) == {}
    assert with_queue("/queue", queue) == "/queue?claim=a%22%26b%3D%3Cc%3E&state=all&silent=1"
