"""Statements -> frames, with a reader that says what the test wants."""

from __future__ import annotations

from tests.claims.little import Said, article
from textmine.claims.draft import drafted
from textmine.claims.frame import frame_of, framed
from textmine.records import Annotated, Article, Claim, Sentence


def reading(*said: Said, title: str = "") -> Annotated:
    return article(*said, title=title)


def test_an_effect_in_a_cell() -> None:
    said = Said(
        "Vesicles lower apoptosis of hepatocytes.", "Vesicles", "apoptosis", context="hepatocytes"
    )
    frame, gap = frame_of(said.words, lambda _: reading(said))
    assert gap is None
    assert (frame.subject, frame.direction) == (("x:msc_ev",), "decreases")
    assert frame.object == ("x:apoptosis in x:hep",)


def test_a_denied_effect_is_a_claim_of_none() -> None:
    said = Said("Vesicles do no harm.", "Vesicles", "harm", "increases", negated=True)
    frame, _ = frame_of(said.words, lambda _: reading(said))
    assert frame.direction == "unchanged"


def test_a_comparison_has_a_comparator() -> None:
    said = Said(
        "Vesicles beat MSCs in survival.",
        "Vesicles",
        "MSCs",
        "superior",
        "compared_with",
        outcome="survival",
    )
    frame, gap = frame_of(said.words, lambda _: reading(said))
    assert gap is None
    assert frame.comparator == ("x:msc",)
    assert (frame.predicate, frame.object) == ("compared_with", ("x:survival",))


def test_a_cargo_s_claim_is_its_vesicle_s_through_it() -> None:
    words = "Vesicles with miR-122 lower apoptosis."
    annotated = reading(Said(words, "miR-122", "apoptosis"))
    carries = reading(Said(words, "Vesicles", "miR-122", "unspecified", "carries")).relations
    both = Annotated(
        annotated.article, annotated.sentences, annotated.mentions, (*annotated.relations, *carries)
    )
    frame, _ = frame_of(words, lambda _: both)
    assert (frame.subject, frame.mediator) == (("x:msc_ev",), ("x:mir/122",))


def test_what_cannot_be_read_says_why() -> None:
    claims = (Claim("C1", "Vesicles and harm."), Claim("C2", "Nothing known."))
    first, second = framed(claims, lambda a: reading(Said(a.text)))
    assert first.checkable == second.checkable == "no"
    assert first.frame is not None and first.frame.subject == ("x:msc_ev",)
    assert second.why is not None and "names nothing" in second.why


def test_drafts_keep_sections_and_name_what_is_left_out() -> None:
    text = (
        "Results\n\nVesicles lower harm.\n\n## Outlook\nNobody knows.\n\n"
        "References\n\nVesicles lower harm. 2001."
    )

    def whole(given: Article) -> Annotated:
        effect = "lower" in given.text
        said = Said(given.text, "Vesicles", "harm") if effect else Said(given.text)
        made = reading(said)
        one = (Sentence(0, len(given.text), "result"),)
        return Annotated(given, one, made.mentions, made.relations)

    claims, left = drafted(text, whole)
    assert [(c.id, c.section, c.statement) for c in claims] == [
        ("C01", "Results", "Vesicles lower harm.")
    ]
    assert [sentence for sentence, _ in left] == ["Nobody knows."]
