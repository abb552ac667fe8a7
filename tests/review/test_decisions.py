"""Decisions: kept once, never changed, taken back by new ones, refused when the reading changed."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.review.stock import article, fill, finding_of, key, people, run_bundle, say
from textmine.errors import BadDecision, NotAllowed, NotThere, ReadOnly, StaleDecision, StoreError
from textmine.records import Decision
from textmine.review.desk import Desk
from textmine.review.nouns import Added, Queue, Submission
from textmine.stores.base import open_store


def first(desk: Desk, who: Any, **filters: Any) -> str:
    return desk.queue(who, Queue(**filters)).items[0].finding


def test_a_decision_is_stored_as_it_was_said(desk: Desk, url: str) -> None:
    ann = people(desk, ann="reviewer")["ann"]
    name = first(desk, ann)
    said = Submission(
        name, name, "wrong", key(), "direction", {"direction": "unchanged", "n": 12}, "No\x00t so."
    )
    stored = desk.decide(ann, said)
    assert (stored.reviewer, stored.finding, stored.hash) == ("ann", name, name)
    assert stored.stands and not stored.stale and stored.kind == "decision"
    with open_store(url) as store:
        (word,) = store.decisions(name)
        assert word == Decision(
            "ann", name, name, "wrong", "No\x00t so.", stored.at, None, "direction",
            {"direction": "unchanged", "n": 12},
        )  # fmt: skip
        assert store.verify() == []
    view = desk.finding(ann, name)
    assert view.mine == stored and view.decisions == (stored,)
    assert view.item.judgement == "wrong"


def test_the_same_form_is_one_decision(desk: Desk) -> None:
    ann, bob = people(desk, ann="reviewer", bob="reviewer").values()
    name, form = first(desk, ann), key()
    one = say(desk, ann, name, form=form)
    assert say(desk, ann, name, form=form) == one
    # What stands in the second sending does not matter: it is the same form.
    assert say(desk, ann, name, "unsure", form=form) == one
    assert say(desk, bob, name, form=form) != one
    assert len(desk.finding(ann, name).decisions) == 2


def test_a_second_word_replaces_the_first_and_undo_brings_it_back(desk: Desk, url: str) -> None:
    ann = people(desk, ann="reviewer")["ann"]
    name = first(desk, ann)
    one: Any = say(desk, ann, name, "correct")
    two: Any = say(desk, ann, name, "unsure")
    assert two.supersedes == one.id
    undo = desk.undo(ann, two.id, form := key())
    assert (undo.kind, undo.verdict, undo.supersedes) == ("undo", "undone", two.id)
    assert desk.undo(ann, two.id, form) == undo
    mine = desk.finding(ann, name).mine
    assert mine is not None and mine.id == one.id
    with pytest.raises(BadDecision, match="does not stand"):
        desk.undo(ann, two.id, key())
    desk.undo(ann, one.id, key())
    assert desk.finding(ann, name).mine is None
    assert desk.queue(ann, Queue(state="judged")).total == 0
    with open_store(url) as store:
        assert len(store.decisions()) == 4
        assert store.verify() == []


def test_one_takes_back_only_ones_own(desk: Desk) -> None:
    ann, bob = people(desk, ann="reviewer", bob="admin").values()
    word: Any = say(desk, ann, first(desk, ann))
    with pytest.raises(NotThere):
        desk.undo(bob, word.id, key())
    with pytest.raises(NotThere):
        desk.undo(ann, "d_0000000000000000", key())


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"verdict": "rubbish"}, "correct, wrong or unsure"),
    ({"key": "short"}, "key does not fit"),
    ({"key": "x" * 20 + "'; DROP TABLE decision"}, "key does not fit"),
    ({"part": "colour"}, "no part"),
    ({"verdict": "correct", "part": "role"}, "Only of a wrong"),
    ({"verdict": "unsure", "corrected": {"n": 3}}, "Only of a wrong"),
    ({"note": "x" * 4001}, "4001 characters"),
    ({"corrected": {"stance": "maybe"}}, "none of supports"),
    ({"corrected": {"verdict": "supported"}}, "nothing of a finding"),
    ({"corrected": {"n": 0}}, "above 0"),
    ({"corrected": {"n": True}}, "above 0"),
    ({"corrected": {"n": "12"}}, "above 0"),
    ({"corrected": {"negated": "yes"}}, "true or false"),
    ({"corrected": {"species": "mouse"}}, "list"),
    ({"corrected": {"species": ["x" * 301]}}, "at most 300"),
    ({"corrected": {"subject": ["m"]}}, "a text"),
    ({"corrected": {"rationale": [[0, 10_000]]}}, "no words at"),
    ({"corrected": {"rationale": [[5, 5]]}}, "no words at"),
    ({"corrected": {"rationale": [[-3, 5]]}}, "no words at"),
    ({"corrected": {"rationale": [["0", "5"]]}}, "no words at"),
    ({"corrected": {"rationale": [[0, 5, 7]]}}, "start and its end"),
]


def test_words_that_do_not_fit_are_refused(desk: Desk, url: str) -> None:
    ann = people(desk, ann="reviewer")["ann"]
    name = first(desk, ann)
    for change, words in REFUSED:
        said = dataclasses.replace(Submission(name, name, "wrong", key()), **change)
        with pytest.raises(BadDecision, match=words):
            desk.decide(ann, said)
    with open_store(url) as store:
        assert store.decisions() == []


def test_marked_words_are_kept_with_their_text(desk: Desk) -> None:
    ann = people(desk, ann="reviewer")["ann"]
    name = first(desk, ann)
    word: Any = say(desk, ann, name, "wrong", corrected={"rationale": [[0, 5]], "subject": ""})
    assert word.corrected == {"rationale": [{"start": 0, "end": 5, "text": "Title"}]}


def test_a_finding_that_is_not_there(desk: Desk) -> None:
    ann = people(desk, ann="reviewer")["ann"]
    for call in (
        lambda: say(desk, ann, "finding_0000000000000000"),
        lambda: desk.finding(ann, "finding_0000000000000000"),
        lambda: desk.finding(ann, "../../etc/passwd\x00\udc00"),
        lambda: desk.claim(ann, "K9"),
        lambda: desk.article_view(ann, "99999"),
    ):
        with pytest.raises(NotThere):
            call()


def test_readers_read_and_read_only_stores_nothing(desk: Desk, url: str) -> None:
    rea, ann = people(desk, rea="reader", ann="admin").values()
    name = first(desk, rea)
    with pytest.raises(NotAllowed, match="reviewer"):
        say(desk, rea, name)
    word: Any = say(desk, ann, name)
    assert desk.finding(rea, name).decisions == (word,)
    looking = Desk(url, read_only=True)
    try:
        for call in (
            lambda: say(looking, ann, name),
            lambda: looking.undo(ann, word.id, key()),
            lambda: looking.create_sample(ann, "s", 3),
            lambda: looking.set_role(ann, "rea", "admin"),
        ):
            with pytest.raises(ReadOnly):
                call()
        assert looking.finding(rea, name).decisions == (word,)
        assert list(looking.export(rea, "jsonl"))
    finally:
        looking.close()


def test_a_closed_account_decides_nothing_any_more(desk: Desk) -> None:
    """The page was loaded before the account was closed."""
    ann, _ = people(desk, ann="reviewer", adm="admin").values()
    name = first(desk, ann)
    desk.set_active(None, "ann", False)
    with pytest.raises(NotAllowed):
        say(desk, ann, name)
    desk.set_active(None, "ann", True)
    desk.set_role(None, "ann", "reader")
    with pytest.raises(NotAllowed):
        say(desk, ann, name)


# --- readings that change


def test_a_reading_that_changed_is_stale(desk: Desk, url: str) -> None:
    ann, bob = people(desk, ann="reviewer", bob="reviewer").values()
    old = finding_of(article(12), "supports", "K1").id
    word: Any = say(desk, ann, old)
    with open_store(url) as store:
        store.push(run_bundle("run_2", changed={12: "null_effect"}))
    # Before the desk has looked again it refuses what has changed under it.
    with pytest.raises(StaleDecision, match="otherwise"):
        say(desk, bob, old)
    desk.refresh()
    new = finding_of(article(12), "null_effect", "K1").id
    view = desk.finding(ann, old)
    assert view.current == new and view.finding.stance == "supports"
    (seen,) = view.decisions
    assert seen == dataclasses.replace(word, stale=True)
    # On the new reading the old word is shown, as stale, and counts for nothing.
    view = desk.finding(ann, new)
    assert view.mine is None and view.decisions == (seen,) and view.item.stale
    assert [i.finding for i in desk.queue(ann, Queue(order="stale")).items] == [new]
    assert desk.queue(bob, Queue(order="stale")).total == 0
    assert desk.progress(ann).stale == 1
    say(desk, ann, new, "wrong")
    assert desk.queue(ann, Queue(order="stale")).total == 0
    assert desk.progress(ann).stale == 0
    with open_store(url) as store:
        assert store.verify() == []


def test_a_form_for_another_reading_is_refused(desk: Desk) -> None:
    ann = people(desk, ann="reviewer")["ann"]
    one, two = (i.finding for i in desk.queue(ann, Queue()).items[:2])
    with pytest.raises(StaleDecision):
        desk.decide(ann, Submission(one, two, "correct", key()))


# --- findings that the machine missed


def test_an_added_finding(desk: Desk, url: str) -> None:
    ann = people(desk, ann="reviewer")["ann"]
    silent = next(i for i in desk.queue(ann, Queue(stance="insufficient", claim="K2")).items)
    view = desk.finding(ann, silent.finding)
    start = view.annotated.article.text.index("Vesicles")
    added = Added("K2", silent.article_id, start, start + 8, "contradicts", key(), "Missed.")
    word = desk.add_finding(ann, added)
    assert word.kind == "added_finding" and not word.stale
    assert word.corrected["rationale"] == [{"start": start, "end": start + 8, "text": "Vesicles"}]
    assert desk.finding(ann, silent.finding).added == (word,)
    assert desk.add_finding(ann, added) == word
    desk.undo(ann, word.id, key())
    assert desk.finding(ann, silent.finding).added == ()
    with open_store(url) as store:
        assert store.verify() == []


NOT_ADDED: list[tuple[dict[str, Any], type[Exception]]] = [
    ({"stance": "insufficient"}, BadDecision),
    ({"stance": "<b>"}, BadDecision),
    ({"claim_id": "K9"}, NotThere),
    ({"article_id": "999"}, NotThere),
    ({"start": 7, "end": 7}, BadDecision),
    ({"end": 10_000}, BadDecision),
    ({"start": -5}, BadDecision),
    ({"project": "project_x"}, NotThere),
]


def test_added_findings_that_do_not_fit(desk: Desk) -> None:
    ann = people(desk, ann="reviewer")["ann"]
    for change, error in NOT_ADDED:
        added = Added("K1", "12", 0, 5, "supports", key())
        with pytest.raises(error):
            desk.add_finding(ann, dataclasses.replace(added, **change))


# --- append-only


@pytest.mark.parametrize("name", ["decision", "audit_log"])
def test_the_database_itself_refuses_changes(desk: Desk, url: str, name: str) -> None:
    ann = people(desk, ann="reviewer")["ann"]
    say(desk, ann, first(desk, ann))
    column = {"decision": "verdict", "audit_log": "what"}[name]
    for sql in (f"UPDATE {name} SET {column} = 'x'", f"DELETE FROM {name}"):  # noqa: S608
        with pytest.raises(StoreError, match="only added"), desk._pool.write("It") as database:
            database.write(sql)


def test_the_log_tells_who_but_not_what_was_said(desk: Desk) -> None:
    ann, adm = people(desk, ann="reviewer", adm="admin").values()
    word: Any = say(desk, ann, first(desk, ann), "wrong", note="secret")
    desk.undo(ann, word.id, key())
    with pytest.raises(NotAllowed):
        desk.audit(ann)
    lines = desk.audit(adm)
    assert [(x.who, x.what) for x in lines][-2:] == [("ann", "decision"), ("ann", "undo")]
    assert word.id in lines[-2].detail
    assert not re.search("secret|wrong", " ".join(x.detail for x in lines))
    assert desk.audit(adm, after=lines[-2].position) == lines[-1:]


# --- decisions that came by other ways


def test_decisions_of_a_copied_store_are_taken_up(desk: Desk, url: str) -> None:
    ann = people(desk, ann="reviewer")["ann"]
    one, two, three = (i.finding for i in desk.queue(ann, Queue()).items[:3])
    say(desk, ann, one, "correct")
    word: Any = say(desk, ann, two, "unsure")
    say(desk, ann, one, "wrong")
    desk.undo(ann, word.id, key())
    with open_store(url) as store:
        store.decide(Decision("guest", three, three, "correct", "", "2026-01-02T00:00:00Z"))
    desk.refresh()
    before = [
        (d.reviewer, d.finding, d.verdict, d.stands)
        for name in (one, two, three)
        for d in desk.finding(ann, name).decisions
    ]
    assert ("guest", three, "correct", True) in before
    # As if every derived table were lost.
    with desk._pool.write("It") as database:
        for name in ("desk_standing", "desk_submission", "desk_item", "desk_mark"):
            database.write(f"DELETE FROM {name}")  # noqa: S608
    desk.refresh()
    after = [
        (d.reviewer, d.finding, d.verdict, d.stands)
        for name in (one, two, three)
        for d in desk.finding(ann, name).decisions
    ]
    assert after == before


# --- against a model


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 4)),
                      max_size=15))  # fmt: skip
def test_what_stands_is_what_a_list_would_say(
    desk: Desk, steps: list[tuple[int, int, int]]
) -> None:
    """Three people, three findings; words and undos in any order, some sent twice."""
    if not desk.accounts_exist():
        people(desk, ann="reviewer", bob="reviewer", eve="reviewer")
    who = [desk._accounts.get(n) for n in ("ann", "bob", "eve")]
    findings = [i.finding for i in desk.queue(who[0], Queue(state="all")).items[:3]]
    model: dict[tuple[int, int], list[Any]] = {}
    for w in range(3):
        for f in range(3):
            mine = desk.finding(who[w], findings[f]).mine
            model[w, f] = [mine] if mine else []
            while model[w, f]:
                # What an earlier example left is taken back.
                desk.undo(who[w], model[w, f][-1].id, key())
                mine = desk.finding(who[w], findings[f]).mine
                model[w, f] = [mine] if mine else []
    for w, f, act in steps:
        words = model[w, f]
        if act < 3:
            form = key()
            word = say(desk, who[w], findings[f], ("correct", "wrong", "unsure")[act], form=form)
            assert say(desk, who[w], findings[f], "correct", form=form) == word
            words.append(word)
        elif words:
            desk.undo(who[w], words.pop().id, key())
    for (w, f), words in model.items():
        mine = desk.finding(who[w], findings[f]).mine
        assert (mine.id if mine else None) == (words[-1].id if words else None)
    for w in range(3):
        assert desk.queue(who[w], Queue(state="judged")).total == sum(
            bool(model[w, f]) for f in range(3)
        )


def test_a_store_of_files_is_refused(tmp_path: Any) -> None:
    from textmine.errors import ConfigError

    url = fill(f"jsonl:{tmp_path / 'files'}")
    with pytest.raises(ConfigError, match="reviewers need a database"):
        Desk(url)
    with pytest.raises(ConfigError, match="no store"):
        Desk(f"sqlite:///{tmp_path / 'none.db'}")
    open_store(f"sqlite:///{tmp_path / 'empty.db'}").close()
    with pytest.raises(StoreError, match="is empty"):
        Desk(f"sqlite:///{tmp_path / 'empty.db'}")
