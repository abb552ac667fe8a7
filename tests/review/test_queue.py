"""The queue: every order and filter against the plain list of all findings."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from tests.review.stock import CLAIMS, article, fill, finding_of, people, run_bundle, say
from textmine.errors import ConfigError, NotAllowed
from textmine.evidence.verdict import verdicts
from textmine.records import Finding
from textmine.review.desk import Desk
from textmine.review.nouns import Account, Item, Queue
from textmine.stores.base import open_store


@pytest.fixture
def ann(desk: Desk) -> Account:
    return people(desk, ann="reviewer")["ann"]


def everything(desk: Desk, who: Account, queue: Queue, limit: int = 7) -> list[Item]:
    """The whole queue, page by page."""
    found: list[Item] = []
    while True:
        page = desk.queue(who, queue, len(found), limit)
        assert len(page.items) <= limit
        if not page.items:
            assert page.total == len(found)
            return found
        found += page.items


def stored(url: str) -> list[Finding]:
    with open_store(url) as store:
        return list(store.findings())


SORTED: dict[str, Callable[[Item], Any]] = {
    "impact": lambda i: (-i.impact, i.finding),
    "uncertainty": lambda i: (-i.uncertainty, i.finding),
    "article": lambda i: (i.article_id, i.claim_id, i.finding),
}


def test_orders(desk: Desk, url: str, ann: Account) -> None:
    speaking = {f.id for f in stored(url) if f.stance != "insufficient"}
    for order, by in SORTED.items():
        items = everything(desk, ann, Queue(order=order))
        assert {i.finding for i in items} == speaking
        assert items == sorted(items, key=by), order
        whole = everything(desk, ann, Queue(order=order, silent=True), 50)
        assert len(whole) == len(stored(url))
        if order != "article":
            assert [i for i in whole if i.stance != "insufficient"] == items
            assert whole[: len(items)] == items


def test_filters(desk: Desk, ann: Account) -> None:
    whole = everything(desk, ann, Queue(silent=True), 200)
    for queue, keep in (
        (Queue(claim="K1"), lambda i: i.claim_id == "K1" and i.stance != "insufficient"),
        (Queue(stance="null_effect"), lambda i: i.stance == "null_effect"),
        (Queue(stance="insufficient"), lambda i: i.stance == "insufficient"),
        (Queue(design="in_vitro", silent=True), lambda i: i.design == "in_vitro"),
        (Queue(text="title 17"), lambda i: i.article_id == "17" and i.stance != "insufficient"),
        (Queue(text="TITLE 1%"), lambda i: i.article_id[0] == "1" and i.stance != "insufficient"),
        (Queue(text="lowered COLLAGEN"), lambda i: i.stance != "insufficient"),
        (Queue(text="_itle"), lambda i: False),
        (Queue(order="disagreement"), lambda i: i.disagree),
        (Queue(claim="K9"), lambda i: False),
        (Queue(text="'; DROP TABLE finding; --"), lambda i: False),
    ):
        found = everything(desk, ann, queue)
        assert {i.finding for i in found} == {i.finding for i in whole if keep(i)}, queue
    assert {i.article_id for i in whole if i.disagree} == {"16", "24", "32"}


def test_items_say_what_the_findings_say(desk: Desk, url: str, ann: Account) -> None:
    by_id = {i.finding: i for i in everything(desk, ann, Queue(silent=True), 200)}
    for finding in stored(url):
        item = by_id[finding.id]
        assert (item.claim_id, item.article_id, item.stance, item.score) == (
            finding.claim_id, finding.article_id, finding.stance, finding.score,
        )  # fmt: skip
        assert item.title == f"Title {item.article_id}."
        assert item.uncertainty == pytest.approx(1 - abs(2 * finding.score - 1))


def test_impact_is_what_the_verdict_would_lose(desk: Desk, ann: Account) -> None:
    """Each study really left out, and graded anew."""
    bundle = run_bundle()
    findings, articles = list(bundle.findings), {a.article.id: a for a in bundle.articles}
    before = {v.claim_id: v for v in bundle.verdicts}
    for item in everything(desk, ann, Queue(), 50):
        rest = [f for f in findings if f.article_id != item.article_id]
        (now,) = verdicts(
            [f for f in rest if f.claim_id == item.claim_id], articles,
            claims=[c for c in CLAIMS if c.id == item.claim_id], firmness=False,
        )  # fmt: skip
        old = before[item.claim_id]
        assert (item.impact >= 2) == (now.verdict != old.verdict)
        assert (item.impact % 2 >= 1) == (now.certainty != old.certainty)
        assert old.balance is not None and now.balance is not None
        # The bonus for diversity may change as well: that is not worked out for each study.
        assert item.impact % 1 == pytest.approx(abs(now.balance - old.balance), abs=0.02)


def test_neighbours_walk_the_whole_queue(desk: Desk, ann: Account) -> None:
    for queue in (
        Queue(), Queue(order="uncertainty", silent=True), Queue(order="article", claim="K1"),
        Queue(order="disagreement"), Queue(silent=True, stance="insufficient"),
    ):  # fmt: skip
        names = [i.finding for i in everything(desk, ann, queue, 50)]
        assert len(names) > 1
        for place, name in enumerate(names):
            before, behind = desk.neighbours(ann, queue, name)
            assert before == (names[place - 1] if place else None)
            assert behind == (names[place + 1] if place + 1 < len(names) else None)
    assert desk.neighbours(ann, Queue(), "finding_x") == (None, None)


def test_a_judged_finding_leaves_the_queue_and_keeps_its_place(desk: Desk, ann: Account) -> None:
    names = [i.finding for i in everything(desk, ann, Queue(), 50)]
    total = desk.queue(ann, Queue()).total
    say(desk, ann, names[3], "wrong")
    say(desk, ann, names[5], "correct")
    assert desk.queue(ann, Queue()).total == total - 2
    assert desk.queue(ann, Queue(state="all")).total == total
    left = [n for n in names if n not in (names[3], names[5])]
    assert [i.finding for i in everything(desk, ann, Queue())] == left
    # j and k go on from where one was.
    assert desk.neighbours(ann, Queue(), names[3]) == (names[2], names[4])
    assert desk.next_open(ann, Queue(), names[3]) == names[4]
    assert desk.next_open(ann, Queue(), names[-1]) == names[0]
    judged = desk.queue(ann, Queue(state="judged"))
    assert {(i.finding, i.judgement) for i in judged.items} == {
        (names[3], "wrong"), (names[5], "correct"),
    }  # fmt: skip
    assert [i.finding for i in desk.queue(ann, Queue(state="all", judgement="wrong")).items] == [
        names[3]
    ]
    bob = people(desk, bob="reviewer")["bob"]
    assert desk.queue(bob, Queue()).total == total
    (seen,) = [i for i in everything(desk, bob, Queue()) if i.finding == names[3]]
    assert (seen.judgement, seen.others) == (None, 1)


def test_the_last_one(desk: Desk, ann: Account) -> None:
    queue = Queue(order="disagreement")
    names = [i.finding for i in everything(desk, ann, queue)]
    for name in names:
        say(desk, ann, name)
    assert desk.next_open(ann, queue, names[-1]) is None
    assert desk.next_open(ann, queue) is None
    assert desk.queue(ann, queue).total == 0


def test_people_at_odds_are_a_disagreement(desk: Desk, ann: Account) -> None:
    bob = people(desk, bob="reviewer")["bob"]
    name = next(i.finding for i in everything(desk, ann, Queue()) if not i.disagree)
    say(desk, ann, name, "correct")
    say(desk, bob, name, "wrong")
    found = everything(desk, ann, Queue(order="disagreement", state="all"))
    assert name in {i.finding for i in found}


def test_progress(desk: Desk, ann: Account) -> None:
    bob = people(desk, bob="reviewer")["bob"]
    items = everything(desk, ann, Queue(claim="K1"))
    for item, word in zip(items, ("wrong", "correct", "correct"), strict=False):
        say(desk, ann, item.finding, word)
    say(desk, bob, items[0].finding)
    say(desk, bob, items[5].finding)
    found = desk.progress(ann)
    whole = everything(desk, ann, Queue(state="all"), 50)
    assert (found.total, found.judged, found.by_anyone) == (len(whole), 3, 4)
    assert found.words == {"wrong": 1, "correct": 2}
    assert found.by_claim == {
        k: (3 * (k == "K1"), sum(i.claim_id == k for i in whole)) for k in ("K1", "K2")
    }
    assert desk.progress(bob).judged == 2


def test_samples_are_drawn_again_from_their_seed(desk: Desk, ann: Account) -> None:
    one = desk.create_sample(ann, "One", 10, seed=7)
    two = desk.create_sample(ann, "Two", 10, seed=7)
    other = desk.create_sample(ann, "Other", 10, seed=8)
    free = desk.create_sample(ann, "Free", 1000, claim="K2")

    def drawn(sample: str) -> list[str]:
        return [i.finding for i in everything(desk, ann, Queue(order="sample", sample=sample))]

    assert drawn(one.id) == drawn(two.id) != drawn(other.id)
    assert len(drawn(one.id)) == 10
    k2 = {i.finding for i in everything(desk, ann, Queue(claim="K2"))}
    assert set(drawn(free.id)) == k2 and (free.size, free.of) == (len(k2), len(k2))
    assert [s.name for s in desk.samples(ann)] == ["One", "Two", "Other", "Free"]
    names = drawn(one.id)
    assert desk.neighbours(ann, Queue(order="sample", sample=one.id), names[4]) == (
        names[3], names[5],
    )  # fmt: skip


def test_what_a_queue_cannot_be(desk: Desk, ann: Account) -> None:
    for queue in (
        Queue(order="finding; DROP TABLE run"), Queue(state="x"), Queue(stance="x"),
        Queue(design="x"), Queue(judgement="x"), Queue(order="sample"),
    ):  # fmt: skip
        with pytest.raises(ConfigError):
            desk.queue(ann, queue)
    assert desk.queue(ann, Queue(), -5, 10**9).limit == 200
    assert desk.queue(ann, Queue(), 10**6).items == ()
    with pytest.raises(NotAllowed):
        desk.queue(Account("ann", "reviewer", active=False), Queue())


def test_the_queue_follows_the_store(desk: Desk, url: str, ann: Account) -> None:
    before = desk.queue(ann, Queue()).total
    with open_store(url) as store:
        store.push(run_bundle("run_2", size=30, changed={12: "insufficient"}))
    desk._looked = float("-inf")
    desk.queue(ann, Queue())
    desk.refresh()
    names = {i.finding for i in everything(desk, ann, Queue(silent=True), 50)}
    assert finding_of(article(12), "insufficient", "K1").id in names
    assert finding_of(article(12), "supports", "K1").id not in names
    assert len(names) == 60 and desk.queue(ann, Queue()).total > before
    assert {line.id: line.findings for line in desk.claims(ann)} == {
        k: desk.queue(ann, Queue(claim=k)).total for k in ("K1", "K2")
    }


def test_claims_map_and_flow(desk: Desk, url: str, ann: Account) -> None:
    with open_store(url) as store:
        kept = {v.claim_id: v for v in store.verdicts()}
    for line in desk.claims(ann):
        verdict = kept[line.id]
        assert (line.verdict, line.certainty, line.balance, line.human) == (
            verdict.verdict, verdict.certainty, verdict.balance, None,
        )  # fmt: skip
        view = desk.claim(ann, line.id)
        assert view.verdict == verdict and view.effect is None
        assert {s.finding for s in view.studies} >= {g.finding_id for g in verdict.grades}
        points = {g.finding_id: g.points for g in verdict.grades}
        assert all(s.points == points.get(s.finding, 0.0) for s in view.studies)
    cells = desk.evidence_map()
    whole = everything(desk, ann, Queue(), 50)
    assert sum(c.n for c in cells) == len(whole)
    for cell in cells:
        assert cell.n == sum(
            (i.claim_id, i.design, i.stance) == (cell.claim_id, cell.design, cell.stance)
            for i in whole
        )
    flow = desk.flow()
    assert (flow.articles, flow.findings, flow.with_abstract, flow.withdrawn) == (24, 48, 24, 0)
    assert flow.speaking == len({i.article_id for i in whole})
    say(desk, ann, whole[0].finding)
    assert desk.flow().judged == 1


def test_what_weighs_nothing_is_not_on_the_map(store_url: Callable[[], str]) -> None:
    bundle = run_bundle()
    number = next(i for i, f in enumerate(bundle.findings) if f.stance == "supports")
    findings = list(bundle.findings)
    findings[number] = replace(findings[number], excluded="whole_cells: cells were given")
    with closing(Desk(fill(store_url(), replace(bundle, findings=findings)))) as desk:
        shown = sum(cell.n for cell in desk.evidence_map())
    assert shown == sum(f.stance != "insufficient" for f in bundle.findings) - 1
