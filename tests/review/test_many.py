"""Fifty reviewers at once: nothing lost, nothing doubled, on a server and in a file."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.review.stock import fill, people, say
from textmine.errors import StoreError
from textmine.review.desk import Desk
from textmine.review.nouns import Queue, Submission
from textmine.stores.base import open_store

PEOPLE = {"postgresql": 50, "sqlite": 12}
EACH = 4


def at_once(work: list[Any]) -> list[BaseException]:
    """Runs all of it in threads that begin together; gives what failed."""
    gate, failed = threading.Barrier(len(work)), []

    def run(one: Any) -> None:
        gate.wait()
        try:
            one()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


def test_fifty_reviewers_at_once(url: str, backend: str) -> None:
    desk, other = Desk(url, pool=12), Desk(url, pool=12)
    try:
        many = PEOPLE[backend]
        made = people(desk, **{f"r{n:02}": "reviewer" for n in range(many)})
        names = [i.finding for i in desk.queue(made["r00"], Queue(), 0, 200).items]

        def work(number: int, who: Any) -> Any:
            def run() -> None:
                for step in range(EACH):
                    name = names[(number + step) % len(names)]
                    said = Submission(name, name, "correct", f"form-{number}-{step}-x")
                    # A second sending goes to another process, as behind a balancer.
                    first = desk.decide(who, said)
                    assert other.decide(who, said) == first

            return run

        failed = at_once([work(n, who) for n, who in enumerate(made.values())])
        assert failed == []
        with open_store(url) as store:
            words = store.decisions()
            assert len(words) == many * EACH
            assert len({(w.reviewer, w.finding) for w in words}) == many * EACH
            assert store.verify() == []
        assert sum(desk.progress(who).judged for who in made.values()) == many * EACH
    finally:
        desk.close()
        other.close()


def test_one_form_sent_by_many_at_once(desk: Desk, url: str) -> None:
    ann = people(desk, ann="reviewer")["ann"]
    name = desk.queue(ann, Queue()).items[0].finding
    said = Submission(name, name, "correct", "the-same-form")
    assert at_once([lambda: desk.decide(ann, said)] * 10) == []
    with open_store(url) as store:
        assert len(store.decisions()) == 1


def test_two_tabs_of_one_person(desk: Desk, url: str) -> None:
    """Words of one person on one finding form one chain, whatever the order."""
    ann = people(desk, ann="reviewer")["ann"]
    name = desk.queue(ann, Queue()).items[0].finding
    assert at_once([lambda: say(desk, ann, name)] * 10) == []
    with open_store(url) as store:
        words = store.decisions()
        assert len(words) == 10
        assert len({w.supersedes for w in words}) == 10 and None in {w.supersedes for w in words}
        assert store.verify() == []
    standing = [d for d in desk.finding(ann, name).decisions if d.stands]
    assert len(standing) == 1


def test_many_start_at_once(store_url: Callable[[], str]) -> None:
    """The queue is made by one of them, and all show the same."""
    url = fill(store_url())
    found: list[Any] = []

    def start() -> None:
        desk = Desk(url, pool=2)
        try:
            from textmine.review.nouns import Account

            found.append(desk.queue(Account("x", "reader"), Queue()))
        finally:
            desk.close()

    assert at_once([start] * 5) == []
    assert len({tuple(i.finding for i in page.items) for page in found}) == 1


def test_a_server_that_goes_away_and_comes_back(
    url: str, backend: str, request: pytest.FixtureRequest
) -> None:
    if backend != "postgresql":
        pytest.skip("a file does not go away")
    server = request.getfixturevalue("postgres_server")
    desk = Desk(url, pool=3)
    try:
        ann = people(desk, ann="reviewer")["ann"]
        name = desk.queue(ann, Queue()).items[0].finding
        word: Any = say(desk, ann, name, form="before-it-went")
        server.stop()
        with pytest.raises(StoreError):
            desk.queue(ann, Queue())
        server.start()
        assert desk.finding(ann, name).mine == word
        assert say(desk, ann, name, form="before-it-went") == word
    finally:
        desk.close()
