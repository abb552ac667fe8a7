"""From the fields of a form to a word for the desk. What does not fit is named, never dropped."""

from __future__ import annotations

from typing import Any

from textmine.errors import BadDecision
from textmine.review.nouns import Added, Submission
from textmine.review.web.asked import Form

__all__ = ["MOST_NOTE", "added_of", "corrected_of", "span_of", "submission_of"]

MOST_NOTE = 10_000
_WORDS = ("stance", "direction", "predicate", "role", "design")
# What of the reading a reviewer corrects when they say that this part is wrong.
FIELDS = {
    "claim_match": ("stance", "rationale"),
    "entity": ("subject", "object", "mediator"),
    "direction": ("direction", "predicate"),
    "negation": ("negated",),
    "role": ("role",),
    "study_card": ("design", "species", "n"),
}


def submission_of(finding: str, sent: Form) -> Submission:
    """A judgement as the form has it. Corrections count only with "wrong", and only those of the
    part that is wrong: the fields of the other parts are not shown."""
    verdict = sent.get("verdict", "")
    part = sent.text("part") if verdict == "wrong" else None
    return Submission(
        finding=finding,
        hash=sent.get("hash", ""),
        verdict=verdict,
        key=sent.get("key", ""),
        part=part,
        corrected=corrected_of(sent, part) if part else {},
        note=_note(sent),
        project=sent.text("project"),
    )


def corrected_of(sent: Form, part: str) -> dict[str, Any]:
    fields = FIELDS.get(part, ())
    out: dict[str, Any] = {}
    for name in fields:
        given = sent.text(name)
        if name in ("subject", "object", "mediator"):
            # Words written in go before a mention picked from the list.
            given = sent.text(f"{name}_words") or given
        if given is None:
            continue
        if name == "negated":
            out[name] = _yes_no(given)
        elif name == "n":
            out[name] = _whole(given, "The number of subjects")
        elif name == "species":
            out[name] = [word.strip() for word in given.split(",") if word.strip()]
        elif name == "rationale":
            out[name] = [list(span_of(span)) for span in sent.every(name)]
        else:
            out[name] = given
    return out


def added_of(article: str, sent: Form) -> Added:
    """A finding that the machine missed, as the form has it."""
    start, end = span_of(sent.get("span", ""))
    return Added(
        claim_id=sent.get("claim", ""),
        article_id=article,
        start=start,
        end=end,
        stance=sent.get("stance", ""),
        key=sent.get("key", ""),
        note=_note(sent),
        project=sent.text("project"),
    )


def span_of(given: str) -> tuple[int, int]:
    """ "12-40" as (12, 40): code points of the article's text."""
    start, dash, end = given.partition("-")
    if not dash:
        raise BadDecision("Mark words of the abstract, or pick a sentence, before you save.")
    low, high = _whole(start, "The place of the words"), _whole(end, "The place of the words")
    if low >= high:
        raise BadDecision(f"The marked words are empty ({low} to {high}). Mark them again.")
    return low, high


def _note(sent: Form) -> str:
    note = sent.get("note", "").strip()
    if len(note) > MOST_NOTE:
        raise BadDecision(
            f"The note has {len(note)} characters; {MOST_NOTE} is the most. Nothing was stored."
        )
    return note


def _whole(given: str, what: str) -> int:
    word = given.strip()
    if not (word.isascii() and word.isdigit() and len(word) < 10):
        raise BadDecision(f"{what} must be a whole number, and {word[:40]!r} is none.")
    return int(word)


def _yes_no(given: str) -> bool:
    if given not in ("yes", "no"):
        raise BadDecision(f"Denied is yes or no, and {given[:40]!r} is neither.")
    return given == "yes"
