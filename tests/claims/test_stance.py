"""Links between what an article says and what a claim says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.claims.little import Said, Words, article, claim, opposite, tables
from textmine.claims.check import check
from textmine.claims.stance import compare, compare_arms
from textmine.claims.values import Values
from textmine.records import Annotated, Claim, Finding, Status

DEATH = Said(
    "Vesicles lowered apoptosis of hepatocytes.", "Vesicles", "apoptosis", context="hepatocytes"
)


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Values:
    return tables(tmp_path_factory.mktemp("values"))


def judge(one: Claim, annotated: Annotated, values: Values) -> Finding:
    (finding,) = check([one], [annotated], lexicon=Words(), values=values)
    return finding


def said(**changes: object) -> Said:
    return Said(**{**{f: getattr(DEATH, f) for f in DEATH.__dataclass_fields__}, **changes})  # type: ignore[arg-type]


# --- directions ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claimed", "found", "stance"),
    [
        ("decreases", "decreases", "supports"),
        ("decreases", "increases", "contradicts"),
        ("decreases", "unchanged", "null_effect"),
        ("decreases", "unspecified", "insufficient"),
        ("unchanged", "unchanged", "supports"),
        ("unchanged", "increases", "contradicts"),
        ("unspecified", "increases", "supports"),
        ("unspecified", "unchanged", "null_effect"),
    ],
)
def test_a_direction_against_the_claimed_one(claimed: str, found: str, stance: str) -> None:
    assert compare(claimed, found) == stance


@given(
    st.sampled_from(["increases", "decreases"]),
    st.sampled_from(["increases", "decreases", "unchanged", "unspecified"]),
    st.sampled_from([1, -1]),
)
def test_the_opposite_direction_turns_the_stance(claimed: str, found: str, sign: int) -> None:
    turn = {"increases": "decreases", "decreases": "increases"}
    round_ = {"supports": "contradicts", "contradicts": "supports"}
    one, other = compare(claimed, found, sign), compare(turn[claimed], found, sign)
    assert other == round_.get(one, one)


@pytest.mark.parametrize(
    ("claimed", "found", "stance"),
    [
        ("superior", "superior", "supports"),
        ("superior", "inferior", "contradicts"),
        ("superior", "equal", "null_effect"),
        ("superior", "differs", "insufficient"),
        ("equal", "equal", "supports"),
        ("equal", "superior", "supports"),
        ("equal", "inferior", "contradicts"),
        ("differs", "superior", "supports"),
        ("differs", "equal", "null_effect"),
    ],
)
def test_arms_against_the_claimed_order(claimed: str, found: str, stance: str) -> None:
    assert compare_arms(claimed, found)[0] == stance


# --- one finding ---------------------------------------------------------------------------


def test_a_clear_result_supports_with_its_sentence(values: Values) -> None:
    annotated = article(DEATH)
    finding = judge(claim(), annotated, values)
    assert finding.stance == "supports"
    (quote,) = finding.rationale
    assert annotated.article.text[quote.start : quote.end] == quote.text == DEATH.words
    assert finding.relations == ("r0",)
    assert any(w.startswith("direction: found decreases") for w in finding.why)


def test_null_and_contrary_results(values: Values) -> None:
    assert judge(claim(), article(said(direction="unchanged")), values).stance == "null_effect"
    assert judge(claim(), article(said(direction="increases")), values).stance == "contradicts"


def test_a_denied_direction_is_no_effect(values: Values) -> None:
    assert judge(claim(), article(said(negated=True)), values).stance == "null_effect"


def test_a_claim_of_no_effect_is_supported_by_none(values: Values) -> None:
    none = claim("unchanged", ["harm"])
    quiet = Said("Vesicles caused no harm.", "Vesicles", "harm", "unchanged")
    loud = Said("Vesicles caused harm.", "Vesicles", "harm", "increases")
    assert judge(none, article(quiet), values).stance == "supports"
    assert judge(none, article(loud), values).stance == "contradicts"


@pytest.mark.parametrize("role", ["background", "aim", "method"])
def test_other_sentences_are_no_evidence(values: Values, role: str) -> None:
    finding = judge(claim(), article(said(role=role)), values)
    assert finding.stance == "insufficient"
    assert finding.excluded is not None and finding.excluded.startswith(f"{role}:")


def test_a_hypothesis_is_no_evidence_and_a_hedge_is_less(values: Values) -> None:
    assert judge(claim(), article(said(certainty="hypothesis")), values).stance == "insufficient"
    hedged = judge(claim(), article(said(certainty="hedged")), values)
    assert hedged.stance == "supports"
    assert hedged.score < judge(claim(), article(DEATH), values).score


def test_no_agent_no_evidence(values: Values) -> None:
    finding = judge(claim(), article(said(subject=None)), values)
    assert finding.stance == "insufficient"
    assert any("does not say by what" in w for w in finding.why)


# --- subject -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("doer", "head"), [("MSCs", "whole_cells"), ("NK vesicles", "foreign_vesicle")]
)
def test_what_stands_in_is_kept_as_indirect(values: Values, doer: str, head: str) -> None:
    words = f"{doer} lowered apoptosis of hepatocytes; vesicles were not tested."
    finding = judge(claim(), article(said(words=words, subject=doer)), values)
    assert finding.stance == "insufficient"
    assert finding.excluded is not None and finding.excluded.startswith(f"{head}:")
    assert finding.indirect is not None and finding.indirect.startswith(f"{head}:")


def test_a_general_word_is_what_the_article_is_about(values: Values) -> None:
    general = said(words="Exosomes lowered apoptosis of hepatocytes.", subject="Exosomes")
    assert judge(claim(), article(general, title="Vesicles in mice."), values).stance == "supports"
    assert (
        judge(claim(), article(general, title="NK vesicles in mice."), values).stance
        == "insufficient"
    )
    assert judge(claim(), article(general), values).stance == "insufficient"


def test_a_general_word_takes_its_kind_from_the_cell_it_comes_from(values: Values) -> None:
    origin = Said(
        "Exosomes of MSCs were used.", "Exosomes", "MSCs", "unspecified", "derived_from", "method"
    )
    general = said(words="Exosomes lowered apoptosis of hepatocytes.", subject="Exosomes")
    assert judge(claim(), article(origin, general), values).stance == "supports"


def test_disabled_vesicles_say_nothing_about_whole_ones(values: Values) -> None:
    crippled = said(
        words="KD vesicles left apoptosis of hepatocytes as it was.",
        subject="KD vesicles",
        direction="unchanged",
    )
    assert judge(claim(), article(crippled), values).stance == "insufficient"


# --- object --------------------------------------------------------------------------------


def test_the_wrong_cell_is_no_evidence(values: Values) -> None:
    wrong = said(words="Vesicles lowered apoptosis of stellate cells.", context="stellate cells")
    finding = judge(claim(), article(wrong), values)
    assert finding.stance == "insufficient"
    assert any("not as in" in w for w in finding.why)


def test_a_kind_of_the_cell_is_right_and_no_cell_is_unknown(values: Values) -> None:
    line = said(words="Vesicles lowered apoptosis of AML12 cells.", context="AML12 cells")
    assert judge(claim(), article(line), values).stance == "supports"
    bare = said(words="Vesicles lowered apoptosis.", context=None)
    assert judge(claim(), article(bare), values).stance == "insufficient"


def test_surrogates_score_less_say_so_and_keep_their_sign(values: Values) -> None:
    same = said(words="Vesicles lowered caspase in hepatocytes.", object="caspase")
    other = said(
        words="Vesicles raised Bcl-2 in hepatocytes.", object="Bcl-2", direction="increases"
    )
    for one in (same, other):
        finding = judge(claim(), article(one), values)
        assert finding.stance == "supports"
        assert finding.score < judge(claim(), article(DEATH), values).score
        assert any("surrogate" in w for w in finding.why)


def test_words_filed_together_may_go_opposite_ways(values: Values) -> None:
    better = claim("increases", ["survival"])
    fell = Said("Vesicles lowered mortality.", "Vesicles", "mortality")
    assert judge(better, article(fell), values).stance == "supports"


def test_a_bare_word_means_the_article_s_organ(values: Values) -> None:
    scars = claim("decreases", ["liver fibrosis"])
    bare = Said("Vesicles lowered fibrosis.", "Vesicles", "fibrosis")
    assert judge(scars, article(bare, title="Vesicles in the liver."), values).stance == "supports"
    assert (
        judge(scars, article(bare, title="Vesicles in the lung."), values).stance == "insufficient"
    )


# --- mediators -----------------------------------------------------------------------------


def test_a_mediator_must_be_named(values: Values) -> None:
    via = claim(mediator=["miR-122"])
    words = "Vesicles lowered apoptosis of hepatocytes by miR-122."
    assert judge(via, article(said(words=words, mediator="miR-122")), values).stance == "supports"
    assert judge(via, article(said(words=words)), values).stance == "insufficient"


def test_a_denied_mediator_contradicts(values: Values) -> None:
    via = claim(mediator=["miR-122"])
    words = "Vesicles lowered apoptosis of hepatocytes, but not by miR-122."
    denied = article(said(words=words, mediator="miR-122", negated=True))
    assert judge(via, denied, values).stance == "contradicts"
    # The effect itself stands.
    assert judge(claim(), denied, values).stance == "supports"


# --- comparisons ---------------------------------------------------------------------------


def test_arms_may_be_told_either_way_round(values: Values) -> None:
    better = claim("superior", ["benefit"], predicate="compared_with", comparator=["MSCs"])
    one = Said(
        "Vesicles beat MSCs in survival.",
        "Vesicles",
        "MSCs",
        "superior",
        "compared_with",
        outcome="survival",
    )
    other = Said(
        "MSCs lost to vesicles in survival.",
        "MSCs",
        "vesicles",
        "inferior",
        "compared_with",
        outcome="survival",
    )
    for told in (one, other):
        assert judge(better, article(told), values).stance == "supports"
        assert judge(opposite(better), article(told), values).stance == "contradicts"


def test_arms_of_one_kind_are_told_apart_by_wording(values: Values) -> None:
    primed = claim(
        "superior",
        ["benefit"],
        ["modified vesicles", "vesicles"],
        "compared_with",
        comparator=["native vesicles", "vesicles"],
    )
    one = Said(
        "Native vesicles lost to primed vesicles.",
        "Native vesicles",
        "primed vesicles",
        "inferior",
        "compared_with",
    )
    assert judge(primed, article(one), values).stance == "supports"
    blank = Said("Vesicles beat vesicles.", "Vesicles", "vesicles", "superior", "compared_with")
    assert judge(primed, article(blank), values).stance == "insufficient"


def test_better_than_control_is_an_effect_but_not_better_than_cells(values: Values) -> None:
    told = Said(
        "Vesicles beat saline in survival; MSCs were not tried.",
        "Vesicles",
        "saline",
        "superior",
        "compared_with",
        outcome="survival",
    )
    effect = claim("increases", ["survival"])
    better = claim("superior", ["benefit"], predicate="compared_with", comparator=["MSCs"])
    assert judge(effect, article(told), values).stance == "supports"
    assert judge(better, article(told), values).stance == "insufficient"


def test_benefit_depends_on_the_cell(values: Values) -> None:
    good = claim("increases", ["benefit"])
    assert judge(good, article(DEATH), values).stance == "supports"
    scar = said(words="Vesicles lowered apoptosis of stellate cells.", context="stellate cells")
    alone = judge(good, article(scar), values)
    assert alone.stance == "insufficient" and alone.why[0].startswith("unclear:")
    assert judge(good, article(scar, scar), values).stance == "contradicts"


# --- several sentences ---------------------------------------------------------------------


def test_an_effect_in_one_arm_outweighs_none_in_another(values: Values) -> None:
    finding = judge(claim(), article(DEATH, said(direction="unchanged")), values)
    assert finding.stance == "supports"
    assert any(w.startswith("conflict:") for w in finding.why)
    assert finding.score < judge(claim(), article(DEATH), values).score


def test_contrary_sentences_cannot_tell(values: Values) -> None:
    finding = judge(claim(), article(DEATH, said(direction="increases")), values)
    assert finding.stance == "insufficient"


# --- what may not count --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "changes"),
    [
        ("retracted", {"status": Status(retracted=True)}),
        ("retracted", {"types": ["Retracted Publication"]}),
        ("notice", {"status": Status(notice_of="7")}),
        ("notice", {"types": ["Comment"]}),
        ("review", {"types": ["Review"]}),
        ("review", {"design": "review"}),
        ("protocol", {"design": "protocol"}),
    ],
)
def test_exclusions_have_a_head_word(values: Values, head: str, changes: dict[str, object]) -> None:
    finding = judge(claim(), article(DEATH, **changes), values)  # type: ignore[arg-type]
    assert finding.excluded is not None and finding.excluded.startswith(f"{head}: ")
    # A retracted paper keeps its stance; a review never had one of its own.
    assert finding.stance == ("supports" if head == "retracted" else "insufficient")


def test_a_meta_analysis_counts_though_it_is_a_review(values: Values) -> None:
    pooled = article(DEATH, types=["Review", "Meta-Analysis"], design="meta_analysis_animal")
    assert judge(claim(), pooled, values).excluded is None


def test_a_concern_is_flagged_but_counts(values: Values) -> None:
    finding = judge(claim(), article(DEATH, status=Status(expression_of_concern=True)), values)
    assert finding.excluded is None
    assert any(w.startswith("flagged:") for w in finding.why)


# --- the property --------------------------------------------------------------------------

SENTENCES = [
    DEATH,
    said(direction="increases"),
    said(direction="unchanged"),
    said(negated=True),
    said(role="conclusion", certainty="hedged"),
    said(words="Vesicles lowered caspase in hepatocytes.", object="caspase"),
    said(words="Vesicles raised Bcl-2 in hepatocytes.", object="Bcl-2", direction="increases"),
    said(words="Vesicles lowered apoptosis of stellate cells.", context="stellate cells"),
    said(role="background"),
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(SENTENCES), max_size=4), st.sampled_from(["increases", "decreases"])
)
def test_the_opposite_claim_turns_the_finding_round(
    values: Values, sentences: list[Said], direction: str
) -> None:
    one = judge(claim(direction), article(*sentences), values)
    other = judge(opposite(claim(direction)), article(*sentences), values)
    assert (one.stance == "null_effect") == (other.stance == "null_effect")
    if one.stance in ("supports", "contradicts"):
        # What was not clear enough to contradict may be insufficient, never the same stance.
        turned = {"supports": "contradicts", "contradicts": "supports"}[one.stance]
        assert other.stance in (turned, "insufficient")
