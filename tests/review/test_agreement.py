"""Agreement against figures worked out by hand and published examples; precision of a sample."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.review.stock import key, people, say
from textmine.review.agreement import figure
from textmine.review.desk import Desk
from textmine.review.nouns import Precision, Queue, Sample, Submission
from textmine.review.sums import wilson


def rows(*columns: str) -> list[list[str | None]]:
    """Columns of letters, a dot where one is missing, as rows."""
    return [[None if c == "." else c for c in row] for row in zip(*columns, strict=True)]


def test_cohen_by_hand() -> None:
    # 20 both yes, 5 yes/no, 10 no/yes, 15 both no: p = 0.7, chance = 0.5, kappa = 0.4.
    data = rows("y" * 25 + "n" * 25, "y" * 20 + "n" * 5 + "y" * 10 + "n" * 15)
    found = figure("x", data, ["ann", "bob"], draws=200)
    assert found.cohen is not None
    assert found.cohen.value == pytest.approx(0.4)
    assert found.cohen.low is not None and found.cohen.high is not None
    assert found.cohen.low < 0.4 < found.cohen.high
    assert (found.units, found.overlap, found.same.value) == (50, 50, 0.7)


def test_krippendorff_with_missing_data() -> None:
    """The example of Krippendorff (2011), four observers and twelve units: nominal alpha 0.743."""
    data = rows("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
    found = figure("x", data, list("abcd"), draws=100)
    assert found.krippendorff.value == pytest.approx(0.743, abs=0.0005)
    low, high = found.krippendorff.low, found.krippendorff.high
    assert low is not None and high is not None and low < 0.743 < high


def by_definition(data: list[list[str | None]]) -> float | None:
    """Alpha from its coincidences, written down plainly."""
    pairs: dict[tuple[str, str], float] = {}
    for row in data:
        held = [v for v in row if v is not None]
        for i, one in enumerate(held):
            for j, other in enumerate(held):
                if i != j and len(held) > 1:
                    pairs[one, other] = pairs.get((one, other), 0.0) + 1 / (len(held) - 1)
    total = sum(pairs.values())
    sums = {v: sum(n for (a, _), n in pairs.items() if a == v) for a, _ in pairs for v in [a]}
    expected = sum(sums[a] * sums[b] for a in sums for b in sums if a != b)
    if not expected:
        return None
    seen = sum(n for (a, b), n in pairs.items() if a != b)
    return 1 - (total - 1) * seen / expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from([None, "a", "b", "c"]), min_size=3, max_size=3),
                max_size=15))  # fmt: skip
def test_krippendorff_is_what_its_definition_says(data: list[list[str | None]]) -> None:
    found = figure("x", data, list("abc"), draws=3)
    wanted = by_definition(data)
    if wanted is None:
        assert found.krippendorff.value is None
    else:
        assert found.krippendorff.value == pytest.approx(wanted)
    assert found.overlap == sum(sum(v is not None for v in row) > 1 for row in data)


def test_what_cannot_be_told() -> None:
    for data in (rows("", ""), rows("yy", ".."), rows("yyy", "yyy")):
        found = figure("x", data, ["ann", "bob"], draws=10)
        assert found.krippendorff.value is None
    assert figure("x", rows("yy", ".."), ["ann", "bob"], draws=10).cohen is None
    assert figure("x", rows("yyy", "yyy"), ["ann", "bob"], draws=10).same.value == 1.0


def test_subsets_that_are_not_the_same() -> None:
    """Three people, each pair on other findings: Cohen for each pair, Krippendorff for all."""
    data = rows("ynynyn......", "ynynyyynynyn"[:6] + "ynyn..", "......ynyyyy")
    found = figure("x", data, ["ann", "bob", "eve"], draws=50)
    assert found.cohen is None and set(found.pairs) == {"ann / bob", "bob / eve"}
    assert found.pairs["ann / bob"].n == 6 and found.pairs["bob / eve"].n == 4
    assert (found.units, found.overlap) == (12, 10)
    assert found.krippendorff.value == pytest.approx(by_definition(data))


def test_the_desk_tells_agreement_by_claim_and_field(desk: Desk) -> None:
    ann, bob, eve = people(desk, ann="reviewer", bob="reviewer", eve="adjudicator").values()
    items = desk.queue(ann, Queue(), 0, 200).items
    for number, item in enumerate(items):
        name = item.finding
        wrong = number % 3 == 0
        part = ("direction", "entity")[number % 2] if wrong else None
        say(desk, ann, name, "wrong" if wrong else "correct", part=part)
        if number % 4 == 3:
            continue
        other = "direction" if wrong else None
        say(desk, bob, name, "wrong" if wrong else "correct", part=other)
    say(desk, eve, items[0].finding, "unsure")
    found = desk.agreement(ann)
    assert found.reviewers == ("ann", "bob", "eve")
    both = [n for n in range(len(items)) if n % 4 != 3]
    assert (found.overall.units, found.overall.overlap) == (len(items), len(both))
    # All alike but for eve's one word.
    assert found.overall.same.value == pytest.approx((len(both) - 1) / len(both))
    assert {f.name for f in found.by_claim} == {"K1", "K2"}
    assert sum(f.units for f in found.by_claim) == len(items)
    fields = {f.name: f for f in found.by_field}
    assert fields["stance"].same.value == 1.0
    odd = sum(n % 3 == 0 and n % 2 == 1 for n in both)
    assert fields["direction"].same.value == pytest.approx((len(both) - odd) / len(both))
    assert fields["role"].same.value == 1.0
    assert desk.agreement(ann) is found
    say(desk, bob, items[3].finding, "unsure")
    assert desk.agreement(ann) is not found


# --- samples


def test_wilson() -> None:
    """Published values: 81 of 263 is 0.308, 0.255 to 0.366 (Newcombe 1998)."""
    value, low, high = wilson(81, 263)
    assert (round(value or 0, 3), round(low or 0, 4), round(high or 0, 4)) == (
        0.308, 0.2553, 0.3662,
    )  # fmt: skip
    assert wilson(0, 0) == (None, None, None)
    assert wilson(0, 10)[1] == 0.0 and wilson(10, 10)[2] == pytest.approx(1.0)


def test_the_sentence() -> None:
    sample = Sample("s", "s", 1, 60, 500, None, "", "")
    found = Precision(sample, 52, 8, 0, 0, *wilson(52, 60))
    assert found.words == "of 60 sampled findings 52 were right: 0.87, 0.76–0.93"
    found = Precision(sample, 40, 8, 2, 10, *wilson(40, 48))
    assert found.words == (
        "of 48 sampled findings 40 were right: 0.83, 0.70–0.91 (2 unsure, 10 not judged yet)"
    )
    assert "none of the 60" in Precision(sample, 0, 0, 0, 60, None, None, None).words


def test_precision_of_a_sample(desk: Desk) -> None:
    ann, bob, eve, adm = people(
        desk, ann="reviewer", bob="reviewer", eve="adjudicator", adm="admin"
    ).values()
    sample = desk.create_sample(ann, "Look", 12, seed=5)
    names = [i.finding for i in desk.queue(ann, Queue(order="sample", sample=sample.id)).items]
    for number, name in enumerate(names[:9]):
        say(desk, ann, name, "wrong" if number < 2 else "unsure" if number < 3 else "correct")
    found = desk.precision(ann, sample.id)
    assert (found.right, found.wrong, found.unsure, found.open) == (6, 2, 1, 3)
    assert (found.value, found.low, found.high) == wilson(6, 8)
    # Bob does not agree on one: that one is not settled.
    say(desk, bob, names[8], "wrong")
    found = desk.precision(ann, sample.id)
    assert (found.right, found.wrong, found.unsure, found.open) == (5, 2, 2, 3)
    assert desk.precision(ann, sample.id, "ann").right == 6
    # What is judged blind counts when all are in.
    project = desk.create_project(
        adm, "Blind", ["ann", "bob"], adjudicators=["eve"],
        queue=Queue(order="sample", sample=sample.id, state="all"),
    )  # fmt: skip
    assert project.findings == 12
    say(desk, ann, names[9], "correct", project=project.id)
    assert desk.precision(eve, sample.id).right < 5
    say(desk, bob, names[9], "wrong", project=project.id)
    said = Submission(names[9], names[9], "correct", key(), project=project.id)
    desk.adjudicate(eve, said)
    found = desk.precision(eve, sample.id)
    assert (found.right, found.open) == (1, 11)
