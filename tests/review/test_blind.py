"""Blind double review: nobody sees another's word before all have spoken, by whatever way."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.review.stock import article, finding_of, key, people, run_bundle, say
from textmine.errors import BadDecision, NotAllowed, NotThere
from textmine.review.desk import Desk
from textmine.review.nouns import Account, Project, Queue
from textmine.stores.base import open_store


@dataclass
class Round:
    """A project that two judge blind, with everybody who might want to look."""

    project: Project
    ann: Account
    bob: Account
    eve: Account
    adm: Account
    out: Account
    names: list[str]


@pytest.fixture
def blind(desk: Desk) -> Round:
    ann, bob, eve, adm, out = people(
        desk, ann="reviewer", bob="reviewer", eve="adjudicator", adm="admin", out="reviewer"
    ).values()
    project = desk.create_project(
        adm, "Round 1", ["ann", "bob"], adjudicators=["eve"], size=6, seed=3
    )
    names = [i.finding for i in desk.queue(ann, Queue(project=project.id)).items]
    return Round(project, ann, bob, eve, adm, out, names)


def seen(desk: Desk, who: Account, finding: str, project: str | None) -> list[tuple[str, str]]:
    return [(d.reviewer, d.verdict) for d in desk.finding(who, finding, project).decisions]


def test_everybody_gets_what_is_theirs(desk: Desk, blind: Round) -> None:
    assert len(blind.names) == 6
    assert (blind.project.assigned, blind.project.done, blind.project.findings) == (12, 0, 6)
    both = desk.queue(blind.bob, Queue(project=blind.project.id))
    assert {i.finding for i in both.items} == set(blind.names)
    assert desk.queue(blind.out, Queue(project=blind.project.id)).total == 0
    assert desk.progress(blind.ann, blind.project.id).total == 6


def test_no_word_is_seen_before_both_are_in(desk: Desk, blind: Round) -> None:
    name, scope = blind.names[0], blind.project.id
    say(desk, blind.ann, name, "wrong", project=scope, part="direction", note="my secret")
    for who, project in (
        (blind.bob, scope), (blind.bob, None), (blind.adm, scope), (blind.adm, None),
        (blind.eve, scope), (blind.eve, None), (blind.out, None),
    ):  # fmt: skip
        view = desk.finding(who, name, project)
        assert view.decisions == () and view.hidden == 1, who
        for form in ("csv", "jsonl", "card1", "gold", "training"):
            assert "my secret" not in "".join(desk.export(who, form))
            assert "wrong" not in "".join(desk.export(who, form)).replace("wrongly", "")
        items = desk.queue(who, Queue(state="all"), 0, 200).items
        assert all(i.others == 0 for i in items)
        (claim,) = {v.claim_id for v in [view.finding]}
        assert all(s.judgement is None for s in desk.claim(who, claim).studies)
        assert desk.effects(who) == []
        assert desk.agreement(who).overall.units == 0
    assert seen(desk, blind.ann, name, scope) == [("ann", "wrong")]
    assert desk.my_last(blind.bob) is None
    say(desk, blind.bob, name, "correct", project=scope)
    for who in (blind.ann, blind.bob, blind.eve, blind.adm):
        assert seen(desk, who, name, scope) == [("ann", "wrong"), ("bob", "correct")]
    assert seen(desk, blind.out, name, None) == [("ann", "wrong"), ("bob", "correct")]


def test_words_from_outside_the_project_are_hidden_too(desk: Desk, blind: Round) -> None:
    """Bob still has to judge it blind: what somebody said of it elsewhere would tell him."""
    name = blind.names[0]
    say(desk, blind.out, name, "unsure")
    assert seen(desk, blind.bob, name, None) == []
    assert desk.finding(blind.bob, name, blind.project.id).hidden == 1
    assert seen(desk, blind.adm, name, None) == [("out", "unsure")]
    say(desk, blind.bob, name, project=blind.project.id)
    # Not yet: ann has not judged it, and she may talk to bob; but bob has.
    assert seen(desk, blind.ann, name, None) == []
    assert seen(desk, blind.bob, name, None) == [("out", "unsure"), ("bob", "correct")]


def test_added_findings_are_under_the_same_veil(desk: Desk, blind: Round) -> None:
    from textmine.review.nouns import Added

    scope = blind.project.id
    view = desk.finding(blind.ann, blind.names[0], scope)
    added = Added(
        view.claim.id, view.finding.article_id, 0, 5, "contradicts", key(), "secret", scope
    )
    desk.add_finding(blind.ann, added)
    assert desk.finding(blind.bob, blind.names[0], scope).added == ()
    for who in (blind.ann, blind.bob):
        say(desk, who, blind.names[0], project=scope)
    assert len(desk.finding(blind.bob, blind.names[0], scope).added) == 1
    with pytest.raises(NotThere):
        desk.add_finding(blind.out, added)


def test_what_was_said_blind_stays(desk: Desk, blind: Round) -> None:
    name, scope = blind.names[0], blind.project.id
    one: Any = say(desk, blind.ann, name, "wrong", project=scope)
    # Alone, ann may still think again.
    two: Any = say(desk, blind.ann, name, "unsure", project=scope)
    desk.undo(blind.ann, two.id, key())
    say(desk, blind.bob, name, project=scope)
    with pytest.raises(BadDecision, match="what was said blind stays"):
        say(desk, blind.ann, name, "correct", project=scope)
    with pytest.raises(BadDecision, match="what was said blind stays"):
        desk.undo(blind.ann, one.id, key())
    assert seen(desk, blind.bob, name, scope)[0] == ("ann", "wrong")


def test_only_those_it_was_given_to_judge(desk: Desk, blind: Round) -> None:
    scope = blind.project.id
    with pytest.raises(NotThere, match="not given to you"):
        say(desk, blind.out, blind.names[0], project=scope)
    with pytest.raises(NotThere, match="not given to you"):
        say(desk, blind.adm, blind.names[0], project=scope)
    other = next(
        i.finding for i in desk.queue(blind.ann, Queue(), 0, 200).items
        if i.finding not in blind.names
    )  # fmt: skip
    with pytest.raises(NotThere, match="not given to you"):
        say(desk, blind.ann, other, project=scope)
    with pytest.raises(NotThere):
        say(desk, blind.ann, blind.names[0], project="project_0000000000000000")


def test_strangers_do_not_know_of_a_project(desk: Desk, blind: Round) -> None:
    scope = blind.project.id
    assert desk.projects(blind.out) == []
    assert [p.id for p in desk.projects(blind.ann)] == [scope]
    for call in (
        lambda: desk.project(blind.out, scope),
        lambda: desk.progress(blind.out, scope),
        lambda: desk.agreement(blind.out, scope),
        lambda: list(desk.export(blind.out, "csv", scope)),
        lambda: desk.finding(blind.out, blind.names[0], scope),
    ):
        with pytest.raises(NotThere):
            call()
    with pytest.raises(NotAllowed):
        desk.disagreements(blind.ann, scope)
    with pytest.raises(NotAllowed):
        desk.create_project(blind.eve, "Mine", ["ann", "bob"])


def test_disagreements_and_their_end(desk: Desk, blind: Round) -> None:
    scope, names = blind.project.id, blind.names
    for name in names:
        say(desk, blind.ann, name, "correct", project=scope)
    assert desk.disagreements(blind.eve, scope).total == 0
    for number, name in enumerate(names[:5]):
        word = "wrong" if number < 2 else "correct"
        say(desk, blind.bob, name, word, project=scope)
    page = desk.disagreements(blind.eve, scope)
    assert {i.finding for i in page.items} == set(names[:2]) and page.total == 2
    assert desk.project(blind.eve, scope).disagreements == 2
    for who in (blind.ann, blind.adm):
        with pytest.raises(NotAllowed):
            say(desk, who, names[0], project=scope, act=desk.adjudicate)
    with pytest.raises(BadDecision, match="nothing to settle"):
        say(desk, blind.eve, names[5], project=scope, act=desk.adjudicate)
    with pytest.raises(BadDecision, match="belongs to a project"):
        say(desk, blind.eve, names[0], act=desk.adjudicate)
    word: Any = say(
        desk, blind.eve, names[0], "wrong", part="entity", project=scope, act=desk.adjudicate
    )
    assert word.kind == "adjudication"
    assert [i.finding for i in desk.disagreements(blind.eve, scope).items] == [names[1]]
    assert seen(desk, blind.ann, names[0], scope)[-1] == ("eve", "wrong")
    desk.undo(blind.eve, word.id, key())
    assert desk.disagreements(blind.eve, scope).total == 2


def test_a_reading_that_changed_is_judged_again(desk: Desk, url: str) -> None:
    ann, bob, adm = people(desk, ann="reviewer", bob="reviewer", adm="admin").values()
    project = desk.create_project(adm, "All", ["ann", "bob"])
    old = finding_of(article(12), "supports", "K1").id
    for who in (ann, bob):
        say(desk, who, old, project=project.id)
    with open_store(url) as store:
        store.push(run_bundle("run_2", changed={12: "contradicts"}))
    desk.refresh()
    new = finding_of(article(12), "contradicts", "K1").id
    for who in (ann, bob):
        names = [i.finding for i in desk.queue(who, Queue(project=project.id), 0, 200).items]
        assert new in names and old not in names
    say(desk, ann, new, "wrong", project=project.id)
    # The new reading is as blind as the old one was: not even ann's old word is shown.
    for name in (old, new):
        seen_by_bob = desk.finding(bob, name, project.id).decisions
        assert [(d.reviewer, d.stale) for d in seen_by_bob] == [("bob", True)]
    say(desk, bob, new, "wrong", project=project.id)
    decisions = desk.finding(bob, new, project.id).decisions
    assert [(d.reviewer, d.stale) for d in decisions] == [
        ("ann", True), ("bob", True), ("ann", False), ("bob", False),
    ]  # fmt: skip


def test_sharing_out(desk: Desk) -> None:
    names = ["a", "b", "c", "d", "e"]
    made = people(desk, **dict.fromkeys(names, "reviewer"), adm="admin")
    adm = made["adm"]
    project = desk.create_project(adm, "Five", names, per_finding=2, size=25, seed=1)
    loads = [desk.queue(made[n], Queue(project=project.id), 0, 200).total for n in names]
    assert sum(loads) == 50 and max(loads) - min(loads) <= 1
    again = desk.create_project(adm, "Five again", names, per_finding=2, size=25, seed=1)
    for name in names:
        one, two = (
            {i.finding for i in desk.queue(made[name], Queue(project=p.id), 0, 200).items}
            for p in (project, again)
        )
        assert one == two
    whole = desk.create_project(adm, "K2", names, per_finding=1, queue=Queue(claim="K2"))
    assert whole.findings == desk.queue(adm, Queue(claim="K2")).total


def test_projects_that_cannot_be(desk: Desk) -> None:
    roles = {"ann": "reviewer", "bob": "adjudicator", "adm": "admin", "rea": "reader"}
    adm = people(desk, **roles)["adm"]
    for words, reviewers, more in (
        ("Name more reviewers", ["ann"], {}),
        ("Name more reviewers", ["ann", "ann"], {}),
        ("no open account 'eve'", ["ann", "eve"], {}),
        ("no open account 'rea'", ["ann", "rea"], {}),
        ("cannot both", ["ann", "bob"], {"adjudicators": ["bob"]}),
        ("no open account 'ann'", ["adm", "bob"], {"adjudicators": ["ann"]}),
        ("no finding", ["ann", "bob"], {"queue": Queue(claim="K9")}),
        ("seed", ["ann", "bob"], {"seed": -1}),
    ):
        with pytest.raises(BadDecision, match=words):
            desk.create_project(adm, "X", reviewers, **more)
    with pytest.raises(BadDecision, match="name"):
        desk.create_project(adm, " ", ["ann", "bob"])
    assert desk.projects(adm) == []


def test_open_projects_hide_nothing(desk: Desk) -> None:
    ann, bob, adm = people(desk, ann="reviewer", bob="reviewer", adm="admin").values()
    project = desk.create_project(adm, "Open", ["ann", "bob"], blind=False, size=3)
    name = desk.queue(ann, Queue(project=project.id)).items[0].finding
    say(desk, ann, name, "wrong", project=project.id)
    assert seen(desk, bob, name, project.id) == [("ann", "wrong")]
    say(desk, bob, name, "wrong", project=project.id)
    say(desk, ann, name, "correct", project=project.id)
    lines = [json.loads(x) for x in desk.export(bob, "jsonl", project.id)]
    assert [(x["reviewer"], x["verdict"]) for x in lines] == [
        ("ann", "wrong"), ("bob", "wrong"), ("ann", "correct"),
    ]  # fmt: skip
