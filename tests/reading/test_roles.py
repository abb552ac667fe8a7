"""The role of a sentence: by its section's label, by its wording, by its place."""

from __future__ import annotations

import pytest

from textmine.reading.roles import assign_roles, label_roles
from textmine.records import Article, Passage, PublicationType


def article(
    *sections: tuple[str | None, list[str]], kinds: tuple[str, ...] = ()
) -> tuple[Article, list[tuple[int, int]]]:
    text, spans, passages = "Title here.", [(0, 11)], [Passage("title", 0, 11)]
    for label, sentences in sections:
        text += "\n"
        start = len(text)
        for k, sentence in enumerate(sentences):
            text += " " if k else ""
            spans.append((len(text), len(text) + len(sentence)))
            text += sentence
        passages.append(Passage("abstract", start, len(text), label))
    types = tuple(PublicationType(k) for k in kinds)
    return Article("1", text, passages=tuple(passages), publication_types=types), spans


def roles(*sections: tuple[str | None, list[str]], kinds: tuple[str, ...] = ()) -> list[str]:
    return [s.role for s in assign_roles(*article(*sections, kinds=kinds))][1:]


@pytest.mark.parametrize(
    ("label", "wanted"),
    [
        ("FINDINGS", ("result",)),
        ("INTERPRETATION", ("conclusion",)),
        ("Key findings", ("result",)),
        ("SIGNIFICANCE", ("conclusion",)),
        ("HIGHLIGHTS", ("result",)),
        ("Impact and Implications", ("conclusion",)),
        ("METHODS AND RESULTS", ("method", "result")),
        ("BACKGROUND & AIMS", ("background", "aim")),
        ("Materials/Methods", ("method",)),
        ("POTPOURRI", ()),
    ],
)
def test_labels(label: str, wanted: tuple[str, ...]) -> None:
    assert label_roles(Passage("abstract", 0, 1, label)) == wanted


def test_nlm_category_serves_where_the_label_says_nothing() -> None:
    assert label_roles(Passage("abstract", 0, 1, "POTPOURRI", "RESULTS")) == ("result",)


def test_title_and_sections() -> None:
    found = roles(
        ("BACKGROUND", ["Fibrosis is common.", "We aimed to test whether X lowers Y."]),
        ("METHODS", ["Rats were fed."]),
        ("RESULTS", ["X lowered Y (P < 0.01)."]),
        ("CONCLUSIONS", ["X lowers Y."]),
    )
    assert found == ["background", "aim", "method", "result", "conclusion"]


def test_an_aim_in_a_results_section_and_literature_in_a_conclusion() -> None:
    found = roles(
        ("RESULTS", ["This study aimed to compare X and Y.", "X lowered Y by 40%."]),
        ("CONCLUSION", ["X has been reported to lower Y.", "We conclude that X lowers Y."]),
    )
    assert found == ["aim", "result", "background", "conclusion"]


def test_methods_and_results_in_one_section() -> None:
    found = roles(
        (
            "METHODS AND RESULTS",
            ["Mice were injected with X.", "X significantly reduced Y (P = 0.01)."],
        )
    )
    assert found == ["method", "result"]


def test_without_labels_wording_and_place_decide() -> None:
    found = roles(
        (
            None,
            [
                "Fibrosis is a leading cause of death.",
                "Here, we investigated whether exosomes lower fibrosis.",
                "Rats were treated with exosomes.",
                "Exosomes significantly reduced collagen (P < 0.01).",
                "In conclusion, exosomes lower fibrosis.",
            ],
        )
    )
    assert found == ["background", "aim", "method", "result", "conclusion"]


def test_a_review_reports_the_literature() -> None:
    sentences = ["Exosomes reduced fibrosis in rats.", "They also lowered ALT in mice.", "More."]
    assert set(roles((None, sentences), kinds=("Review",))) == {"background"}


def test_sentences_keep_order_and_offsets() -> None:
    made, spans = article(("RESULTS", ["A rose.", "B fell."]))
    assert [(s.start, s.end) for s in assign_roles(made, spans)] == spans
    assert assign_roles(made, []) == ()


def test_who_received_what_is_no_method_where_it_only_tells_the_arm() -> None:
    told = "Collagen was reduced by 45% in rats that received exosomes."
    assert roles((None, [told])) == ["result"]
    assert roles((None, ["Rats received exosomes daily."])) == ["method"]
    assert roles((None, ["Exosomes could not prevent the rise in bilirubin."])) == ["result"]
