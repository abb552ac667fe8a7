"""Marks in hostile text: nested well, nothing lost, nothing run."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from textmine.review.web.highlight import KINDS, Mark, highlight, shown

HOSTILE = st.text(
    st.one_of(st.sampled_from("<>&\"'\r\n\0/= ab"), st.characters(), st.just("\ud83d")),
    max_size=40,
)


class Seen(HTMLParser):
    """What a browser would see: the text, and under which marks each character stands."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.stack: list[dict[str, str | None]] = []
        self.under: list[list[str | None]] = []
        self.labels: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "mark"
        found = dict(attrs)
        assert set(found) <= {"class", "data-label", "title", "data-key", "id"}
        self.stack.append(found)
        if "data-label" in found:
            self.labels.append(found["data-label"])

    def handle_endtag(self, tag: str) -> None:
        assert tag == "mark"
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        self.under.extend([[one["data-key"] for one in self.stack]] * len(data))

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment came out of the text")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError("a declaration came out of the text")

    unknown_decl = handle_decl
    handle_pi = handle_decl


def see(markup: str) -> Seen:
    seen = Seen()
    seen.feed(str(markup))
    seen.close()
    assert not seen.stack
    return seen


@st.composite
def texts_and_marks(draw: st.DrawFn) -> tuple[str, list[Mark]]:
    text = draw(HOSTILE)
    places = st.integers(0, len(text) + 3)
    marks = []
    for number in range(draw(st.integers(0, 8))):
        start, end = sorted((draw(places), draw(places)))
        kind = draw(st.sampled_from(KINDS))
        marks.append(Mark(start, end, kind, draw(HOSTILE), draw(HOSTILE), key=f"k{number}"))
    return text, marks


@given(texts_and_marks())
def test_every_character_stands_under_its_marks_and_nothing_is_lost(
    given_: tuple[str, list[Mark]],
) -> None:
    text, marks = given_
    seen = see(highlight(text, marks))
    assert seen.text == shown(text)
    assert len(seen.text) == len(text)
    for place, under in enumerate(seen.under):
        assert sorted(under) == sorted(m.key for m in marks if m.start <= place < m.end)


@given(texts_and_marks())
def test_each_label_is_said_once(given_: tuple[str, list[Mark]]) -> None:
    text, marks = given_
    inside = [shown(m.label) for m in marks if m.start < min(m.end, len(text))]
    assert sorted(see(highlight(text, marks)).labels) == sorted(inside)


@given(texts_and_marks(), st.integers(0, 40), st.integers(0, 40))
def test_a_part_of_the_text(given_: tuple[str, list[Mark]], start: int, end: int) -> None:
    text, marks = given_
    assert see(highlight(text, marks, start, end)).text == shown(text[start:end])


def test_marks_that_cross_are_closed_and_opened_again() -> None:
    text = "abcdef"
    markup = highlight(text, [Mark(0, 4, "rationale", "says"), Mark(2, 6, "mention", "gene")])
    assert markup == (
        '<mark class="rationale" data-label="says">ab<mark class="mention" data-label="gene">cd'
        '</mark></mark><mark class="mention on">ef</mark>'
    )


def test_the_longer_stands_outside() -> None:
    markup = highlight("abc", [Mark(0, 1, "mention", "x"), Mark(0, 3, "cue", "y")])
    assert markup.startswith('<mark class="cue" data-label="y"><mark class="mention"')
