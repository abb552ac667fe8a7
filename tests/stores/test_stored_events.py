"""Events in the store: only added, once, and ended when they no longer hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import annotated, bundle
from textmine.pubmed.events import Event
from textmine.records import Link, Status, StudyCard
from textmine.report import write_report
from textmine.stores.jsonl import export_lines
from textmine.stores.sqlite import SQLiteStore

RETRACTED = Event("11", "retracted", "2026-01-02", "777", "RetractionIn: J. 2026")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteStore]:
    with SQLiteStore(tmp_path / "t.db") as opened:
        opened.push(bundle())
        yield opened


def changed(store: SQLiteStore) -> dict[str, str]:
    return dict(store._db.execute("SELECT id, changed FROM article WHERE superseded_by IS NULL"))


def kinds(store: SQLiteStore, *, history: bool = False) -> list[str]:
    return [e.kind for e in store.events(history=history)]


def test_an_event_is_added_once_and_marks_the_article(store: SQLiteStore) -> None:
    assert len(store.record_events([RETRACTED], ["11", "12"])) == 1
    before = list(store._db.iterdump())
    later = replace(RETRACTED, at="2026-03-04")
    assert store.record_events([later], ["11", "12"]) == []
    assert list(store._db.iterdump()) == before, "looking again changes nothing"
    (event,) = store.events()
    assert (event.article_id, event.at, event.by, event.run) == ("11", "2026-01-02", "777", "run_1")
    assert changed(store) == {"11": "retracted (2026-01-02, by PMID 777)", "12": ""}
    assert store.article("11") == annotated("11"), "the record stays as it was read"
    assert store.verify() == []


def test_what_no_longer_holds_is_ended_and_may_come_back(store: SQLiteStore) -> None:
    gone = Event("12", "missing", "2026-01-02")
    store.record_events([RETRACTED, gone], ["11", "12"])
    # 11 was not looked up this time: nothing is known of it.
    (ended,) = store.record_events([], ["12"])
    assert (ended.kind, ended.detail) == ("reinstated", "no longer missing")
    assert kinds(store) == ["retracted"]
    assert len(store.record_events([gone], ["12"])) == 1
    assert kinds(store, history=True) == ["retracted", "missing", "reinstated", "missing"]
    assert changed(store)["12"] == "missing (2026-01-02)"


def test_events_are_never_changed_or_removed(store: SQLiteStore) -> None:
    store.record_events([RETRACTED], ["11"])
    for sql in ("DELETE FROM event", "UPDATE event SET kind='x'"):
        with pytest.raises(sqlite3.IntegrityError, match="only added"):
            store._db.execute(sql)


def test_events_of_unknown_articles_are_left_out(store: SQLiteStore) -> None:
    assert store.record_events([replace(RETRACTED, pmid="99")], ["99"]) == []


def test_a_newer_reading_that_says_it_itself_ends_the_event(store: SQLiteStore) -> None:
    store.record_events([RETRACTED], ["11"])
    # A new reading of the old record changes nothing about it.
    other = replace(annotated("11"), study=StudyCard(design="animal_in_vivo"))
    store.push(replace(bundle("run_2", ("11",)), articles=[other]))
    assert kinds(store) == ["retracted"]
    status = Status(retracted=True, links=(Link("RetractionIn", "777"),))
    knows = replace(annotated("11"), article=replace(annotated("11").article, status=status))
    store.push(replace(bundle("run_3", ("11",)), articles=[knows]))
    assert kinds(store) == []
    assert kinds(store, history=True) == ["retracted", "taken_up"]
    assert changed(store)["11"] == ""


def test_the_report_and_the_export_show_them(store: SQLiteStore, tmp_path: Path) -> None:
    write_report(store, tmp_path / "before.html")
    assert "Changed since" not in (tmp_path / "before.html").read_text()
    store.record_events([RETRACTED], ["11"])
    write_report(store, tmp_path / "after.html")
    page = (tmp_path / "after.html").read_text()
    assert "Changed since these records were read" in page
    assert "since: retracted (2026-01-02, by PMID 777)" in page
    assert export_lines(store, tmp_path / "out")["events.jsonl"] == 1
