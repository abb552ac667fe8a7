"""SQLite and PostgreSQL stay equal, row by row, whatever is done to both in whatever order.

By default some sequences; all 1,000: `TEXTMINE_SEQUENCES=1000 pytest tests/stores/test_equal.py`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.builders import annotated, finding
from tests.stores.conformance import ODD, run_of, variants
from textmine.errors import StoreError
from textmine.pubmed.events import Event
from textmine.records import Annotated, Decision, Link, Status, StudyCard
from textmine.stores.base import open_store
from textmine.stores.copy import copy, fingerprint
from textmine.stores.sql import SQLStore
from textmine.stores.sqlite import SQLiteStore
from textmine.stores.tables import tables

SEQUENCES = int(os.environ.get("TEXTMINE_SEQUENCES", "6"))
PMIDS = ("11", "12", "13")
KINDS = ("retracted", "corrected", "deleted", "missing", "expression_of_concern")

NOTICE = Status(retracted=True, links=(Link("RetractionIn", "777"),))


def reading(pmid: str, how: int) -> Annotated:
    """One of several readings of a record."""
    plain = annotated(pmid)
    return (
        plain,
        replace(plain, study=StudyCard(design="animal_in_vivo")),
        variants(plain, {"direction": "unchanged"}, {"negated": True}),
        annotated(pmid, ODD),
        replace(plain, article=replace(plain.article, status=NOTICE)),
        replace(plain, article=replace(plain.article, version=2)),
    )[how]


articles = st.dictionaries(st.sampled_from(PMIDS), st.integers(0, 5), min_size=1)
events = st.lists(
    st.builds(
        Event,
        st.sampled_from(PMIDS),
        st.sampled_from(KINDS),
        st.sampled_from(["2026-01-02", "2026-02-03"]),
        st.sampled_from([None, "777"]),
        st.sampled_from([None, "odd \x00 \ud800"]),
    ),
    max_size=3,
)


def machine(two: SQLStore, place: Path, kept: list[int]) -> type[RuleBasedStateMachine]:
    """`two` is emptied for every sequence; new SQLite stores are copies of one that is empty."""
    template = place / "empty.db"
    SQLiteStore(template).close()
    names = ", ".join(f'"{name}"' for name in tables())

    class BothStores(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.path = place / f"{len(kept)}.db"
            shutil.copy(template, self.path)
            self.one, self.two = SQLiteStore(self.path), two
            with two._database.transaction("The tables could not be emptied"):
                # Decisions can only be added; a server's owner may still empty a test's tables.
                two._database.write("SET LOCAL session_replication_role = replica")
                two._database.write(f"TRUNCATE {names}")
            self.runs = 0
            self.found: list[str] = []
            kept.append(1)

        @rule(
            what=articles,
            project=st.sampled_from("pq"),
            word=st.sampled_from(["supported", "mixed"]),
        )
        def push(self, what: dict[str, int], project: str, word: str) -> None:
            self.runs += 1
            read = [reading(pmid, how) for pmid, how in sorted(what.items())]
            run = replace(run_of(f"run_{self.runs}", *read, word=word), project=project)
            self.found += [f.id for f in run.findings]
            assert self.one.push(run) == self.two.push(run)

        @rule(what=articles)
        def push_again(self, what: dict[str, int]) -> None:
            if self.runs:
                read = [reading(pmid, how) for pmid, how in sorted(what.items())]
                for store in (self.one, self.two):
                    assert store.push(run_of("run_1", *read)).total == 0

        @rule(found=events, checked=st.sets(st.sampled_from(PMIDS)))
        def record(self, found: list[Event], checked: set[str]) -> None:
            assert self.one.record_events(found, checked) == self.two.record_events(found, checked)

        @rule(number=st.integers(0, 20), word=st.sampled_from(["confirmed", "rejected \ud800"]))
        def decide(self, number: int, word: str) -> None:
            if self.found:
                key = self.found[number % len(self.found)]
                decision = Decision("ann", key, key, word, "", "2026-02-03T10:00:00Z")
                told = []
                for store in (self.one, self.two):
                    try:
                        told.append(str(store.decide(decision)))
                    except StoreError as error:
                        told.append(type(error).__name__)
                assert told[0] == told[1]

        @rule(what=articles)
        def breaks(self, what: dict[str, int]) -> None:
            read = [reading(pmid, how) for pmid, how in sorted(what.items())]
            run = run_of("run_broken", *read)
            bad = replace(run, findings=[replace(finding(read[0]), claim_id="K9")])
            for store in (self.one, self.two):
                with pytest.raises(StoreError, match="K9"):
                    store.push(bad)

        @rule(words=st.sampled_from(["collagen", "vesicles lowered", "raised"]))
        def search(self, words: str) -> None:
            assert self.one.search(words) == self.two.search(words)

        @invariant()
        def equal(self) -> None:
            assert fingerprint(self.one) == fingerprint(self.two)

        def teardown(self) -> None:
            try:
                if self.runs:
                    for name in ("claims", "verdicts", "findings", "articles", "decisions"):
                        one, two = (list(getattr(s, name)()) for s in (self.one, self.two))
                        assert one == two, name
                    assert self.one.events(history=True) == self.two.events(history=True)
                assert self.one.verify() == []
                assert self.two.verify() == []
                third = self.path.with_suffix(".copy")
                shutil.copy(template, third)
                with SQLiteStore(third) as store:
                    copy(self.two, store)
                    assert fingerprint(store) == fingerprint(self.one)
                third.unlink()
            finally:
                self.one.close()
                self.path.unlink()

    return BothStores


def test_equal_over_random_sequences(postgres_url: Callable[[], str]) -> None:
    kept: list[int] = []
    quick = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=quick) as folder, open_store(postgres_url()) as two:
        assert isinstance(two, SQLStore)
        _run(machine(two, Path(folder), kept))
    print(f"{len(kept)} sequences")
    assert len(kept) >= SEQUENCES


def _run(both: type[RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(
        both,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes on a server
            derandomize="TEXTMINE_SEQUENCES" not in os.environ,
        ),
    )
