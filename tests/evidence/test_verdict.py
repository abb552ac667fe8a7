from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from evidence_bodies import RETRACTED, finding, study
from hypothesis import given, settings
from hypothesis import strategies as st

import textmine.stores
from textmine.errors import MalformedRecord
from textmine.evidence.verdict import verdicts
from textmine.records import (
    Annotated,
    Author,
    Claim,
    Effect,
    Finding,
    Grant,
    Link,
    Status,
    Verdict,
    as_json,
)

SCHEMA = json.loads(
    (Path(textmine.stores.__file__).parent / "contract" / "verdict.schema.json").read_text()
)


def judge(
    findings: list[Finding],
    articles: dict[str, Annotated],
    claims: tuple[Claim, ...] = (),
    *,
    firmness: bool = True,
) -> Verdict:
    (verdict,) = verdicts(findings, articles, claims=claims, firmness=firmness)
    jsonschema.validate(json.loads(json.dumps(as_json(verdict))), SCHEMA)
    return verdict


def body(
    *stances: str, design: str = "animal_in_vivo"
) -> tuple[list[Finding], dict[str, Annotated]]:
    articles = {str(i): study(str(i), design, senior=f"Senior{i}x") for i in range(len(stances))}
    return [finding(str(i), s) for i, s in enumerate(stances)], articles


def test_three_groups_support() -> None:
    verdict = judge(*body("supports", "supports", "supports", "null_effect", "supports"))
    assert (verdict.verdict, verdict.certainty) == ("supported", "low")


@pytest.mark.parametrize(
    ("stances", "word"),
    [
        (["supports"], "insufficient"),
        (["supports", "supports"], "insufficient"),
        (["supports"] * 3, "supported"),
        (["supports", "contradicts"], "mixed"),
        (["contradicts"] * 3, "contradicted"),
        (["null_effect"] * 3, "contradicted"),
        (["insufficient"] * 5, "insufficient"),
    ],
)
def test_words(stances: list[str], word: str) -> None:
    assert judge(*body(*stances)).verdict == word


def test_order_of_verdicts_and_claims_without_findings() -> None:
    findings, articles = body("supports")
    other = replace(findings[0], id="g", claim_id="C9")
    made = verdicts([*findings, other], articles, claims=(Claim("C2", "x"), Claim("C9", "y")))
    assert [v.claim_id for v in made] == ["C2", "C9", "C1"]
    assert made[0].verdict == "insufficient"


def test_unknown_article() -> None:
    with pytest.raises(MalformedRecord, match="article 7"):
        verdicts([finding("7")], {})


def test_uncheckable_claim() -> None:
    claim = Claim("C1", "x", checkable="no", why="prices are in no abstract")
    verdict = judge(*body("supports", "supports", "supports"), claims=(claim,))
    assert verdict.verdict == "insufficient"
    assert any("prices are in no abstract" in r for r in verdict.reasons)


def test_one_group_is_one_voice() -> None:
    articles = {str(i): study(str(i), senior="Okafor") for i in range(4)}
    verdict = judge([finding(k) for k in articles], articles)
    assert verdict.verdict == "insufficient"
    assert verdict.n_studies["supports"] == 4
    assert len({g.cluster for g in verdict.grades}) == 1


def test_grant_alone_does_not_join_strangers() -> None:
    grant = (Grant("SYN-2019-114"),)
    articles = {str(i): study(str(i), senior=f"Senior{i}x", grants=grant) for i in range(3)}
    assert len({g.cluster for g in judge([finding(k) for k in articles], articles).grades}) == 3


@pytest.mark.parametrize("design", ["review", "protocol", "other"])
def test_documents_without_a_study(design: str) -> None:
    findings, articles = body("supports", "supports", "supports", design=design)
    verdict = judge(findings, articles)
    assert verdict.verdict == "insufficient"
    assert verdict.n_studies["supports"] == 0
    assert len(verdict.excluded) == 3


def test_aim_is_no_result() -> None:
    articles = {"1": study("1")}
    assert "aim" in judge([finding("1", role="aim")], articles).excluded[0].reason


def test_finding_excluded_by_the_checker() -> None:
    findings, articles = body("supports", "supports", "supports")
    findings[0] = replace(findings[0], excluded="whole cells: not vesicles")
    verdict = judge(findings, articles)
    assert verdict.excluded[0].reason == "whole cells: not vesicles"
    assert verdict.n_studies["supports"] == 2


def test_pooled_studies_give_way_to_their_meta_analysis() -> None:
    findings, articles = body("supports", "supports", "null_effect")
    articles["m"] = study("m", "meta_analysis_animal", references=("0", "10.1/Two"))
    two = articles["2"]
    articles["2"] = replace(two, article=replace(two.article, ids={"doi": "10.1/two"}))
    verdict = judge([*findings, finding("m")], articles)
    assert {e.article_id for e in verdict.excluded} == {"0", "2"}
    assert verdict.n_studies["supports"] == 2
    assert verdict.certainty in ("low", "very_low")


def test_preprint_of_a_retracted_article_is_retracted() -> None:
    articles = {
        "1": study("1", types=["Preprint"], status=Status(links=(Link("UpdateIn", "2"),))),
        "2": study("2", status=RETRACTED),
    }
    verdict = judge([finding("1"), finding("2")], articles)
    assert len(verdict.excluded) == 2
    assert all(e.reason.startswith("retracted") for e in verdict.excluded)


def test_preprint_and_article_count_once() -> None:
    articles = {
        "1": study("1", types=["Preprint"], status=Status(links=(Link("UpdateIn", "2"),))),
        "2": study("2"),
    }
    verdict = judge([finding("1"), finding("2")], articles)
    assert [e.article_id for e in verdict.excluded] == ["1"]


def test_concern_and_title_only_lower_the_score() -> None:
    plain = judge([finding("1")], {"1": study("1")}).grades[0].points
    worried = {"1": study("1", status=Status(expression_of_concern=True))}
    assert judge([finding("1")], worried).grades[0].points == pytest.approx(plain / 4)
    title = judge([finding("1", role="title")], {"1": study("1")}).grades[0].points
    assert title == pytest.approx(plain * 0.7)


def test_silence_is_shown_and_costs_nothing() -> None:
    grade = judge([finding("1")], {"1": study("1")}).grades[0]
    silent = [r for r in grade.reasons if "not reported in abstract" in r.text]
    assert silent
    assert all((r.points or 0) == 0 for r in silent)
    assert all((r.points or 0) >= 0 for r in grade.reasons)


def test_claim_about_people_without_people() -> None:
    findings, articles = body("supports", "supports", "supports", "null_effect", "supports")
    claim = Claim("C1", "X helps patients with cirrhosis.")
    assert judge(findings, articles, claims=(claim,)).certainty == "very_low"


def test_randomised_trials_reach_high_and_abstracts_hold_it_down() -> None:
    findings, articles = body(*["supports"] * 6, "null_effect", design="randomised_trial")
    verdict = judge(findings, articles)
    assert (verdict.verdict, verdict.certainty) == ("supported", "moderate")
    assert [(s.kind, s.level) for s in verdict.steps] == [("start", "high"), ("cap", "moderate")]
    assert "abstracts only" in verdict.steps[-1].text


def test_samples_of_patients_beside_mice_are_no_study_of_people() -> None:
    articles = {
        str(i): study(str(i), senior=f"Senior{i}x", species=("mouse", "human")) for i in range(4)
    }
    findings = [finding(k) for k in articles]
    claim = Claim("C1", "X helps patients with cirrhosis.")
    assert judge(findings, articles, (claim,)).certainty == "very_low"


def test_a_large_effect_in_people_is_a_step_up() -> None:
    effect = Effect("OR", 4.0, 0, 3, low=2.5, high=6.0)
    articles = {
        str(i): study(str(i), "observational", senior=f"Senior{i}x", effects=(effect,))
        for i in range(7)
    }
    findings = [finding(k) for k in articles]
    findings[3] = finding("3", "null_effect")
    verdict = judge(findings, articles)
    assert [s.kind for s in verdict.steps] == ["start", "up", "cap"]
    assert verdict.certainty == "moderate"
    weak = {k: replace(a, study=replace(a.study, effects=())) for k, a in articles.items()}
    assert judge(findings, weak).certainty == "low"


def test_a_title_alone_adds_nothing() -> None:
    findings, articles = body("supports", "supports", "supports")
    before = judge(findings, articles)
    lone = study("9", senior="Newcomer", text="A title")
    article = replace(lone.article, passages=lone.article.passages[:1])
    articles["9"] = replace(lone, article=article, sentences=lone.sentences[:1])
    after = judge([*findings, finding("9", "contradicts", role="title")], articles)
    assert (after.verdict, after.balance) == (before.verdict, before.balance)
    assert after.n_studies["contradicts"] == 1
    assert any("title alone" in r.text for r in after.grades[-1].reasons)


@pytest.mark.parametrize(("year", "kept"), [(2021, 1), (2029, 2)])
def test_conference_abstract_and_article_are_one(year: int, kept: int) -> None:
    title = "Vesicles of cord cells lessen scarring of the liver in mice"
    authors = (Author("Okafor", "Ada"), Author("Brandt", "Eva"))
    text = title + "\nWe asked. Results came. They suggest it may work."
    articles = {
        "1": study("1", text=text, types=["Congress"], authors=authors, year=2020),
        "2": study("2", text=text, authors=authors, year=year),
    }
    for key, one in articles.items():
        passages = (
            replace(one.article.passages[0], end=len(title)),
            replace(one.article.passages[1], start=len(title) + 1, end=len(text)),
        )
        articles[key] = replace(one, article=replace(one.article, passages=passages))
    verdict = judge([finding("1"), finding("2")], articles)
    assert verdict.n_studies["supports"] == kept
    if kept == 1:
        assert [e.article_id for e in verdict.excluded] == ["1"]


def test_one_trial_registered_once_is_one_group() -> None:
    articles = {
        str(i): study(str(i), senior=f"Senior{i}x", registration=("NCT99000123",)) for i in range(3)
    }
    verdict = judge([finding(k) for k in articles], articles)
    assert len({g.cluster for g in verdict.grades}) == 1


def test_what_would_change_the_verdict() -> None:
    findings, articles = body("supports", "supports", "supports")
    firm = judge(findings, articles).sensitivity
    assert firm is not None
    # Each of three groups is needed for "supported".
    assert firm.retractions == ("0", "1", "2")
    assert [w.verdict for w in firm.studies] == ["insufficient"] * 3
    assert firm.groups_tried == 3
    findings, articles = body(*["supports"] * 6)
    firm = judge(findings, articles).sensitivity
    assert firm is not None
    assert (firm.retractions, firm.groups, firm.weights) == ((), (), {"supported": 1.0})


def test_a_group_may_decide_where_no_study_does() -> None:
    articles = {str(i): study(str(i), senior=f"Senior{i}x") for i in range(4)}
    articles["4"] = study("4", senior="Senior3x")
    firm = judge([finding(k) for k in articles if k != "0"], articles).sensitivity
    assert firm is not None
    assert firm.retractions == ("1", "2")
    assert [w.articles for w in firm.groups] == [("1",), ("2",), ("3", "4")]


def test_the_withdrawal_that_was_foreseen_comes_true() -> None:
    """Leaving out and withdrawing are the same thing."""
    findings, articles = body("supports", "supports", "supports", "contradicts")
    firm = judge(findings, articles).sensitivity
    assert firm is not None
    for one in firm.studies:
        (key,) = one.articles
        article = replace(articles[key].article, status=RETRACTED)
        after = judge(findings, {**articles, key: replace(articles[key], article=article)})
        assert (after.verdict, after.certainty) == (one.verdict, one.certainty)
        assert after.balance == one.balance


# --- properties -----------------------------------------------------------------------------------

STUDIES = st.lists(
    st.tuples(
        st.sampled_from(["supports", "contradicts", "null_effect", "insufficient"]),
        st.sampled_from(["in_vitro", "animal_in_vivo", "randomised_trial", "observational"]),
        st.sampled_from(["Okafor", "Brandt", "Silva", "Mori"]),
        st.sampled_from([("m1",), ("m2",), ()]),
    ),
    max_size=6,
)
QUICK = settings(max_examples=25, deadline=None)


def built(
    studies: list[tuple[str, str, str, tuple[str, ...]]],
) -> tuple[list[Finding], dict[str, Annotated]]:
    articles = {
        f"{i}": study(f"{i}", d, senior=who, models=models, ids={"doi": f"10.1/{i}"})
        for i, (_, d, who, models) in enumerate(studies, 10)
    }
    return [finding(k, s[0]) for k, s in zip(articles, studies, strict=True)], articles


def core(verdict: Verdict) -> tuple[object, ...]:
    return verdict.verdict, verdict.certainty, dict(verdict.n_studies), verdict.balance


CLAIM = (Claim("C1", "X."),)


@QUICK
@given(
    STUDIES,
    st.sampled_from(["supports", "contradicts", "null_effect"]),
    st.sampled_from(["Okafor", "New"]),
)
def test_a_retracted_study_changes_nothing(studies, stance, who) -> None:  # type: ignore[no-untyped-def]
    findings, articles = built(studies)
    before = judge(findings, articles, CLAIM, firmness=False)
    more = {**articles, "1": study("1", "randomised_trial", senior=who, status=RETRACTED)}
    after = judge([*findings, finding("1", stance)], more, CLAIM, firmness=False)
    assert core(after) == core(before)
    assert len(after.excluded) == len(before.excluded) + 1


@QUICK
@given(STUDIES.filter(bool), st.data())
def test_a_duplicate_changes_nothing(studies, data) -> None:  # type: ignore[no-untyped-def]
    findings, articles = built(studies)
    before = judge(findings, articles, CLAIM, firmness=False)
    chosen = data.draw(st.sampled_from(findings))
    key = data.draw(st.sampled_from(["1", "99"]))
    twin = articles[chosen.article_id]
    more = {**articles, key: replace(twin, article=replace(twin.article, id=key, pmid=key))}
    copy = replace(chosen, id=f"copy{key}", article_id=key)
    assert core(judge([*findings, copy], more, CLAIM, firmness=False)) == core(before)


@QUICK
@given(STUDIES, st.randoms(use_true_random=False))
def test_order_changes_nothing(studies, random) -> None:  # type: ignore[no-untyped-def]
    findings, articles = built(studies)
    before = judge(findings, articles, CLAIM)
    random.shuffle(findings)
    keys = list(articles)
    random.shuffle(keys)
    assert judge(findings, {k: articles[k] for k in keys}, CLAIM) == before


@QUICK
@given(STUDIES)
def test_support_never_lowers_support(studies) -> None:  # type: ignore[no-untyped-def]
    findings, articles = built(studies)
    before = judge(findings, articles, CLAIM, firmness=False)
    more = {**articles, "1": study("1", senior="Newcomer")}
    after = judge([*findings, finding("1")], more, CLAIM, firmness=False)
    assert (after.balance or 0) >= (before.balance or 0)
    rank = {"contradicted": 0, "mixed": 1, "supported": 2}
    if before.verdict != "insufficient":
        assert rank[after.verdict] >= rank[before.verdict]
