"""Plots: nothing drawn outside the page, nothing left out unsaid, and the table says the same."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from textmine.records import DESIGNS, Pooled, PooledStudy
from textmine.review.nouns import ClaimLine, Flow, MapCell, Study
from textmine.review.web import flow, plots
from textmine.review.web.pages import environment
from textmine.review.web.scales import Linear, clip, ticks, wrapped


def line(claim: str = "K1", statement: str = "Vesicles lower collagen.") -> ClaimLine:
    return ClaimLine(claim, statement, None, "mixed", "low", 0.5, {}, 3, 0)


def study(number: int = 1, **more: Any) -> Study:
    values: dict[str, Any] = {
        "finding": f"finding_{number}", "article_id": str(number), "title": "A title",
        "year": 2020, "design": "in_vitro", "stance": "supports", "score": 0.9, "points": 10.0,
        "level": "5", "group": "1", "excluded": None, "judgement": None,
    }  # fmt: skip
    return Study(**{**values, **more})


def drawn(name: str, shape: Any) -> Any:
    """The picture as XML: what a template writes must be well formed."""
    template = '{% import "plots.html" as plots %}{{ plots.' + name + "(shape) }}"
    page = environment().from_string(template).render(shape=shape)
    (svg,) = re.findall(r"<svg.*?</svg>", page, flags=re.S)
    return page, etree.fromstring(svg)


STUDIES = st.lists(
    st.builds(
        study,
        st.integers(1, 999),
        year=st.none() | st.integers(1950, 2030),
        design=st.sampled_from(DESIGNS),
        stance=st.sampled_from(("supports", "contradicts", "null_effect", "insufficient")),
        points=st.floats(0, 100),
        excluded=st.none() | st.just("retracted"),
        judgement=st.none() | st.just("wrong"),
    ),
    max_size=90,
)


@given(STUDIES)
def test_a_forest_shows_each_speaking_study_on_its_side(studies: list[Study]) -> None:
    shape = plots.forest(studies)
    speaking = [s for s in studies if s.stance != "insufficient" and not s.excluded]
    assert len(shape.rows) + shape.left_out == len(speaking)
    for row in shape.rows:
        assert 0 <= row.low <= row.high <= shape.width
        assert shape.zero is not None
        side = row.dot.x - shape.zero
        assert side >= 0 if row.dot.stance == "supports" else side <= 0


@given(STUDIES)
def test_a_timeline_shows_each_dated_study_on_the_page(studies: list[Study]) -> None:
    shape = plots.timeline(studies)
    speaking = [s for s in studies if s.stance != "insufficient" and not s.excluded]
    assert len(shape.dots) + shape.undated == len(speaking)
    assert sum(s + n + c for _, s, n, c in shape.years) == len(shape.dots)
    for dot in shape.dots:
        assert 0 < dot.x < shape.width and 0 < dot.y < shape.height
        assert (dot.y < shape.base) == (dot.stance == "supports")


def test_what_people_judged_wrong_is_drawn_faint_and_said() -> None:
    page, svg = drawn("forest", plots.forest([study(judgement="wrong"), study(2)]))
    assert len(svg.findall(".//*[@class='p-weak']")) == 1
    assert page.count("judged wrong") >= 2


def test_the_map_counts_by_claim_design_and_stance() -> None:
    cells = [
        MapCell("K1", "in_vitro", "supports", 3),
        MapCell("K1", "in_vitro", "contradicts", 1),
        MapCell("K1", "animal_in_vivo", "insufficient", 9),
        MapCell("K9", "review", "supports", 7),
    ]
    shape = plots.evidence_map([line(), line("K2")], cells)
    assert [c.words for c in shape.columns] == ["in vitro"]
    assert shape.rows[0].counts == (("in_vitro", 3, 0, 1),)
    assert [(d.stance, d.n) for d in shape.dots] == [("supports", 3), ("contradicts", 1)]
    page, _ = drawn("evidence_map", shape)
    assert "3 support, 1 contradicts" in page and "1 claim without" in page


def test_a_map_of_nothing_says_so() -> None:
    template = '{% import "plots.html" as plots %}{{ plots.evidence_map(shape) }}'
    page = environment().from_string(template).render(shape=plots.evidence_map([line()], []))
    assert "<svg" not in page and "No study here" in page


def test_hostile_names_stay_text_in_a_picture() -> None:
    bad = '</text><script>alert(1)</script>" onload="x'
    shape = plots.evidence_map([line(bad, bad)], [MapCell(bad, bad, "supports", 1)])
    page, svg = drawn("evidence_map", shape)
    assert "<script" not in page
    names = [node for node in svg.iter() if etree.QName(node).localname == "script"]
    assert not names and not [n for n in svg.iter() if "onload" in n.attrib]


@pytest.mark.parametrize("ratio", [True, False])
def test_a_pooled_plot_places_intervals_on_its_scale(ratio: bool) -> None:
    one = PooledStudy("11", 0.5, 0.25, 0.9, 0.6)
    two = PooledStudy("12", 0.8, 0.4, 1.6, 0.4)
    shape = plots.pooled(
        Pooled("RR", "death", ratio, 0.6, 0.4, 1.2, 0.3, 0.1, 1.0, 0.4, (one, two), "few studies")
    )
    assert shape.zero is not None and shape.summary is not None
    assert shape.rows[0].high < shape.zero if ratio else shape.rows[0].low > shape.zero
    assert shape.rows[1].low < shape.rows[1].dot.x < shape.rows[1].high
    page, _ = drawn("forest", shape)
    assert "Careful: few studies" in page


def test_the_flow_says_what_falls_out_and_why() -> None:
    shape = flow.boxes(
        Flow("f.xml", (), 100, 2, 90, 40, 500, {"supports": 50, "insufficient": 450},
             {"review": 7}, 5)
    )  # fmt: skip
    said = [words for box in shape.boxes for words in box.lines]
    assert "10 have no abstract" in said and "7 findings: review" in said
    assert ("findings: supports", 50) in shape.rows
    for box in shape.boxes:
        assert box.x + box.width <= shape.width and box.y + box.height <= shape.height
    drawn("flow", shape)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(1, 12))
def test_ticks_lie_inside_and_are_not_many(low: float, width: float, about: int) -> None:
    found = ticks(low, low + width, about)
    assert len(found) <= about + 1
    assert all(low - 1e-6 * abs(low) - 1e-6 <= t <= low + width * 1.000001 + 1e-6 for t in found)


@given(st.text(max_size=300), st.integers(5, 60), st.integers(1, 4))
def test_lines_keep_to_their_width(text: str, width: int, lines: int) -> None:
    assert len(clip(text, width)) <= width
    found = wrapped(text, width, lines)
    assert len(found) <= lines and all(len(one) <= width for one in found)


def test_a_scale_without_width_lies_in_the_middle() -> None:
    assert Linear(5, 5, 0, 10)(5) == 5
