"""What people's words do to verdicts: as if the findings had been read so in the first place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.review.stock import CLAIMS, article, finding_of, key, people, run_bundle, say
from textmine.evidence.verdict import verdicts
from textmine.records import Verdict
from textmine.review.desk import Desk
from textmine.review.effect import heard
from textmine.review.nouns import Added, Queue, StoredDecision
from textmine.stores.base import open_store


def graded(stances: Mapping[int, str], cards: Mapping[int, Mapping[str, Any]] | None = None,
           claim: str = "K1", bare: Sequence[int] = ()) -> Verdict:  # fmt: skip
    """The verdict on a run in which these articles said this from the start."""
    bundle = run_bundle()
    articles = {a.article.id: a for a in bundle.articles}
    for number, card in (cards or {}).items():
        one = articles[str(number)]
        articles[str(number)] = replace(one, study=replace(one.study, **card))
    findings = [
        replace(f, stance=stances.get(int(f.article_id), f.stance)) if f.claim_id == claim else f
        for f in bundle.findings
    ]
    # What people add has their words, and no relation that the machine read.
    findings = [replace(f, relations=()) if int(f.article_id) in bare else f for f in findings]
    said = [c for c in CLAIMS if c.id == claim]
    found = [f for f in findings if f.claim_id == claim]
    (verdict,) = verdicts(found, articles, claims=said, firmness=False)
    return verdict


def short(verdict: Verdict) -> tuple[Any, ...]:
    return (verdict.verdict, verdict.certainty, verdict.balance, dict(verdict.n_studies))


def name_of(number: int, claim: str = "K1") -> str:
    bundle = run_bundle()
    return next(
        f.id for f in bundle.findings if f.article_id == str(number) and f.claim_id == claim
    )


def test_wrong_findings_weigh_nothing(desk: Desk) -> None:
    ann = people(desk, ann="reviewer")["ann"]
    assert desk.effects(ann) == []
    gone = [n for n in range(11, 35) if n % 6 in (0, 1)][:4]
    for number in gone:
        say(desk, ann, name_of(number), "wrong", part="claim_match")
    say(desk, ann, name_of(14), "correct")
    say(desk, ann, name_of(15), "unsure")
    (effect,) = desk.effects(ann)
    assert (effect.claim_id, effect.counted, effect.changed, effect.added) == ("K1", 6, 4, 0)
    assert short(effect.after) == short(graded(dict.fromkeys(gone, "insufficient")))
    assert short(effect.before) == short(graded({}))
    view = desk.claim(ann, "K1")
    assert view.effect == effect
    assert (view.line.human, view.line.verdict) == (effect.after.verdict, effect.before.verdict)
    (line,) = [c for c in desk.claims(ann) if c.id == "K1"]
    assert line == view.line and line.judged == 6


def test_corrected_values_count(desk: Desk) -> None:
    ann = people(desk, ann="reviewer")["ann"]
    # 12: supports, 14: contradicts, 13: supports, 15: null effect
    say(desk, ann, name_of(12), "wrong", part="claim_match", corrected={"stance": "contradicts"})
    say(desk, ann, name_of(14), "wrong", part="direction", corrected={"direction": "increases"})
    say(desk, ann, name_of(13), "wrong", part="direction", corrected={"direction": "unchanged"})
    say(desk, ann, name_of(18), "wrong", part="study_card",
        corrected={"design": "case_report", "n": 1, "species": ["human"]})  # fmt: skip
    (effect,) = desk.effects(ann)
    wanted = graded(
        {12: "contradicts", 14: "supports", 13: "null_effect"},
        {18: {"design": "case_report", "n": 1, "species": ("human",)}},
    )
    assert short(effect.after) == short(wanted)
    assert effect.changed == 4


def test_added_findings_take_the_machines_place(desk: Desk) -> None:
    ann = people(desk, ann="reviewer")["ann"]
    silent = [n for n in range(11, 35) if n % 6 == 5][:2]
    for number in silent:
        (quote,) = finding_of(article(number), "supports", "K1").rationale
        added = Added("K1", str(number), quote.start, quote.end, "contradicts", key())
        desk.add_finding(ann, added)
    (effect,) = desk.effects(ann)
    assert (effect.counted, effect.changed, effect.added) == (2, 0, 2)
    assert short(effect.after) == short(graded(dict.fromkeys(silent, "contradicts"), bare=silent))


def test_words_that_do_not_agree_change_nothing(desk: Desk) -> None:
    ann, bob = people(desk, ann="reviewer", bob="reviewer").values()
    say(desk, ann, name_of(12), "wrong")
    word: Any = say(desk, bob, name_of(12), "correct")
    assert desk.effects(ann) == []
    desk.undo(bob, word.id, key())
    (effect,) = desk.effects(ann)
    assert effect.counted == 1


def test_the_adjudicators_word_counts(desk: Desk) -> None:
    ann, bob, eve, adm = people(
        desk, ann="reviewer", bob="reviewer", eve="adjudicator", adm="admin"
    ).values()
    project = desk.create_project(
        adm, "R", ["ann", "bob"], adjudicators=["eve"], queue=Queue(claim="K1", state="all")
    )
    say(desk, ann, name_of(12), "wrong", project=project.id)
    assert desk.effects(ann) == []
    say(desk, bob, name_of(12), "correct", project=project.id)
    assert desk.effects(ann) == []
    say(desk, eve, name_of(12), "wrong", project=project.id, act=desk.adjudicate)
    (effect,) = desk.effects(ann)
    assert short(effect.after) == short(graded({12: "insufficient"}))


def test_stale_words_do_not_count(desk: Desk, url: str) -> None:
    ann = people(desk, ann="reviewer")["ann"]
    say(desk, ann, name_of(12), "wrong")
    assert len(desk.effects(ann)) == 1
    with open_store(url) as store:
        store.push(run_bundle("run_2", changed={12: "null_effect"}))
    desk.refresh()
    assert desk.effects(ann) == []
    say(desk, ann, finding_of(article(12), "null_effect", "K1").id, "correct")
    (effect,) = desk.effects(ann)
    assert short(effect.before) == short(effect.after) == short(graded({12: "null_effect"}))


def test_effects_are_kept_for_the_next_start(
    desk: Desk, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = people(desk, ann="reviewer")["ann"]
    say(desk, ann, name_of(12), "wrong")
    before = desk.effects(ann)
    monkeypatch.setattr("textmine.review.effects.effect_on", None)
    other = Desk(url)
    try:
        assert other.effects(ann) == before
    finally:
        other.close()


@pytest.mark.parametrize(
    ("stance", "part", "right", "wanted"),
    [
        ("supports", None, {}, "insufficient"),
        ("supports", "entity", {"subject": "mice"}, "insufficient"),
        ("supports", "study_card", {}, "supports"),
        ("supports", "role", {"role": "conclusion"}, "supports"),
        ("supports", "role", {"role": "aim"}, "insufficient"),
        ("supports", "role", {}, "insufficient"),
        ("supports", "direction", {"direction": "decreases"}, "contradicts"),
        ("contradicts", "direction", {"direction": "superior"}, "supports"),
        ("supports", "direction", {"direction": "equal"}, "null_effect"),
        ("null_effect", "direction", {"direction": "increases"}, "insufficient"),
        ("supports", "direction", {"direction": "unspecified"}, "insufficient"),
        ("insufficient", "claim_match", {"stance": "supports"}, "supports"),
        ("supports", "entity", {"stance": "supports", "direction": "decreases"}, "supports"),
    ],
)
def test_what_a_word_makes_of_a_stance(
    stance: str, part: str | None, right: dict[str, Any], wanted: str
) -> None:
    finding = finding_of(article(12), stance, "K1")
    word = StoredDecision("d", "ann", finding.id, finding.id, "wrong", "", "", None, part, right)
    assert heard(finding, word) == wanted
    for verdict in ("correct", "unsure"):
        assert heard(finding, replace(word, verdict=verdict)) == stance
