"""What every store must do, whatever it is made of.

A plug-in's tests make a subclass with a fixture `url` that names a new, empty store.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.builders import CLAIM, annotated, bundle, finding, verdict
from textmine.errors import ConfigError, ContractViolation, StaleDecision, StoreError
from textmine.pubmed.events import Event
from textmine.records import (
    Annotated,
    Claim,
    Decision,
    Finding,
    Link,
    Relation,
    Status,
    StudyCard,
)
from textmine.stores.base import Bundle, Store, open_store
from textmine.stores.changes import changes_since
from textmine.stores.copy import copy, fingerprint
from textmine.stores.tables import tables
from textmine.stores.trace import trace

RETRACTED = Event("11", "retracted", "2026-01-02", "777", "RetractionIn: J. 2026")
ODD = "Odd \ud800 title\x00 of \\u0041 and \U0001f9ec.\nVesicles\x00 \udfff lowered collagen."


def variants(of: Annotated, *changes: dict[str, Any]) -> Annotated:
    """The article with more relations like its first."""
    first = of.relations[0]
    more: list[Relation] = [
        replace(first, id=f"{first.id}_{number}", **change) for number, change in enumerate(changes)
    ]
    return replace(of, relations=(first, *more))


def run_of(name: str, *articles: Annotated, word: str = "supported") -> Bundle:
    found = [finding(a) for a in articles]
    return replace(
        bundle(name, ()), articles=articles, findings=found, verdicts=(verdict(found, word),)
    )


def changes(store: Store, since: str = "0") -> list[tuple[str, str, str]]:
    return [(c["subject"], c["kind"], c["id"]) for c in changes_since(store, since)]


class StoreConformance:
    """Needs the fixture `url`."""

    @pytest.fixture
    def store(self, url: str) -> Iterator[Store]:
        with open_store(url) as opened:
            yield opened

    # --- what goes in comes out

    def test_what_goes_in_comes_out(self, store: Store, url: str) -> None:
        pushed = bundle()
        counts = store.push(pushed).added
        assert (counts["article"], counts["edge"], counts["edge_evidence"]) == (2, 1, 2)
        for opened in (store, open_store(url, create=False)):
            assert opened.project() == "p"
            assert opened.provenance() == pushed.provenance
            assert opened.claims() == list(pushed.claims)
            assert opened.verdicts() == list(pushed.verdicts)
            assert list(opened.findings()) == list(pushed.findings)
            assert list(opened.findings("K1")) == list(pushed.findings)
            assert list(opened.findings("K2")) == []
            assert list(opened.articles()) == list(pushed.articles)
            assert opened.article("12").article.id == "12"
            assert opened.article("12", 1).article.id == "12"
            assert opened.verify() == []
        opened.close()

    def test_pushing_again_changes_nothing(self, store: Store) -> None:
        store.push(bundle())
        before = fingerprint(store)
        assert store.push(bundle()).total == 0
        assert fingerprint(store) == before

    def test_an_empty_store_says_so(self, store: Store) -> None:
        with pytest.raises(StoreError, match="empty"):
            store.provenance()
        with pytest.raises(StoreError, match="no article 99"):
            store.article("99")

    def test_a_store_that_is_not_there_is_not_made(self, url: str) -> None:
        with pytest.raises(ConfigError, match="There is no store"):
            open_store(url, create=False)
        with pytest.raises(ConfigError, match="There is no store"):
            open_store(url, create=False)

    def test_odd_text_survives(self, store: Store) -> None:
        odd = annotated("11", ODD)
        store.push(run_of("run_1", odd))
        assert store.article("11") == odd
        assert next(iter(store.findings())).rationale[0].text == ODD.split("\n")[1]
        assert store.verify() == []

    def test_a_very_long_abstract(self, store: Store) -> None:
        text = "A title.\n" + "ä word μg " * 33_000 + "Vesicles lowered collagen."
        long = annotated("11", text)
        assert len(text) > 300_000
        store.push(run_of("run_1", long))
        assert store.article("11") == long
        assert store.verify() == []

    # --- runs that follow runs

    def test_a_newer_run_supersedes_and_keeps(self, store: Store) -> None:
        store.push(bundle("run_1", ("11", "12")))
        store.push(bundle("run_2", ("12", "13"), "mixed"))
        assert [f.article_id for f in store.findings()] == ["12", "13"]
        assert [v.verdict for v in store.verdicts()] == ["mixed"]
        old = [f for f in store.find("finding") if f["superseded_by"]]
        assert [(f["article_id"], f["superseded_by"]) for f in old] == [("11", "run_2")]
        assert len(store.find("verdict")) == 2
        # What is said again is current again.
        store.push(bundle("run_3", ("11", "12")))
        assert [f.article_id for f in store.findings()] == ["11", "12"]
        assert [v.verdict for v in store.verdicts()] == ["supported"]
        assert store.verify() == []

    def test_a_changed_reading_supersedes_its_evidence(self, store: Store) -> None:
        store.push(bundle("run_1", ("11",)))
        changed = replace(annotated("11"), study=StudyCard(design="animal_in_vivo"))
        store.push(run_of("run_2", changed))
        assert store.article("11") == changed
        assert list(store.articles()) == [changed]
        evidence = store.find("edge_evidence")
        assert sorted(e["superseded_by"] is None for e in evidence) == [False, True]
        assert len({e["edge_id"] for e in evidence}) == 1
        store.push(bundle("run_3", ("11",), "mixed"))
        assert store.article("11") == annotated("11")
        assert len(store.find("edge_evidence")) == 2, "revived, not doubled"
        assert store.verify() == []

    def test_a_changed_claim_keeps_its_history(self, store: Store) -> None:
        store.push(bundle("run_1"))
        other = Claim(id="K1", statement="Vesicles lower collagen in mice.")
        store.push(replace(bundle("run_2"), claims=(other,)))
        assert store.claims() == [other]
        assert [c["statement"] for c in store.find("claim") if c["superseded_by"]] == [
            CLAIM.statement
        ]
        assert store.verify() == []

    def test_a_finding_put_otherwise_follows_the_newer_run(self, store: Store) -> None:
        store.push(bundle("run_1", ("11",)))
        old = finding(annotated("11"))
        new = replace(old, score=0.6, why=("object: says so, less surely",))
        run = bundle("run_2", ("11",), "mixed")
        store.push(replace(run, findings=[new]))
        assert list(store.findings()) == [new]
        assert store.verify() == []
        (told,) = [c for c in changes_since(store) if c["kind"] == "revised"]
        assert (told["before"]["score"], told["after"]["score"]) == (0.8, 0.6)
        assert told["before"]["why"] == ["object: says so"]

    def test_projects_stand_side_by_side(self, store: Store) -> None:
        store.push(bundle("run_1"))
        store.push(replace(bundle("run_2"), project="q"))
        assert len(store.find("finding")) == 4
        assert all(f["superseded_by"] is None for f in store.find("finding"))
        assert store.project() == "q"
        assert len(list(store.findings())) == 2
        assert store.verify() == []

    # --- all or nothing

    def test_all_or_nothing(self, store: Store) -> None:
        store.push(bundle("run_1"))
        before = fingerprint(store)

        def breaks() -> Iterator[Finding]:
            yield finding(annotated("11"))
            raise RuntimeError("killed")

        with pytest.raises(RuntimeError, match="killed"):
            store.push(replace(bundle("run_2"), findings=breaks()))
        assert fingerprint(store) == before
        store.push(bundle("run_2", ("12", "13"), "mixed"))
        assert store.verify() == []

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (lambda b: replace(b, findings=[replace(b.findings[0], score=1.5)]), "score"),
            (lambda b: replace(b, findings=[replace(b.findings[0], stance="maybe")]), "maybe"),
            (lambda b: replace(b, findings=[replace(b.findings[0], claim_id="K9")]), "K9"),
            (lambda b: replace(b, findings=[replace(b.findings[0], article_id="99")]), "99"),
            (lambda b: replace(b, findings=[replace(b.findings[0], relations=("r_0",))]), "r_0"),
            (lambda b: replace(b, findings=[replace(b.findings[0], rationale=())]), "no quote"),
            (lambda b: replace(b, findings=list(b.findings) * 2), "same id"),
            (lambda b: replace(b, findings=b.findings[:1]), "is not in the run"),
            (lambda b: replace(b, articles=[b.articles[0]] * 2), "twice"),
            (lambda b: replace(b, counts={"article": 3}), "counts 3"),
            (
                lambda b: replace(
                    b,
                    articles=[
                        replace(
                            b.articles[0],
                            mentions=(replace(b.articles[0].mentions[0], text="Else"),),
                        )
                    ],
                ),
                "Else",
            ),
            (
                lambda b: replace(
                    b,
                    articles=[
                        replace(
                            b.articles[0],
                            relations=(replace(b.articles[0].relations[0], direction="up"),),
                        )
                    ],
                ),
                "direction",
            ),
            (
                lambda b: replace(b, articles=[replace(b.articles[0], mentions=())]),
                "is no mention",
            ),
            (
                lambda b: replace(b, verdicts=(replace(b.verdicts[0], certainty="sure"),)),
                "certainty",
            ),
            (lambda b: replace(b, findings=[replace(b.findings[0], score="x")]), "score"),
            (lambda b: replace(b, findings=[replace(b.findings[0], score=float("nan"))]), "score"),
        ],
    )
    def test_a_row_that_breaks_the_contract_stops_the_run(
        self, store: Store, change: Any, words: str
    ) -> None:
        with pytest.raises(ContractViolation, match=words):
            store.push(change(bundle()))
        assert all(not list(store.rows(name)) for name in tables())

    # --- edges

    def test_edges_keep_all_their_evidence(self, store: Store) -> None:
        store.push(run_of("run_1", *(annotated(p) for p in ("11", "12", "13"))))
        (edge,) = store.find("edge")
        evidence = store.find("edge_evidence", edge_id=edge["id"])
        assert [e["article_id"] for e in evidence] == ["11", "12", "13"]

    def test_denied_and_null_edges_are_edges_of_their_own(self, store: Store) -> None:
        both = variants(annotated("11"), {"direction": "unchanged"}, {"negated": True})
        store.push(run_of("run_1", both, annotated("12")))
        found = {(e["direction"], e["negated"]) for e in store.find("edge")}
        assert found == {("decreases", False), ("unchanged", False), ("decreases", True)}
        assert store.verify() == []

    # --- decisions

    def test_decisions_are_kept_and_stale_ones_refused(self, store: Store) -> None:
        store.push(bundle("run_1", ("11", "12")))
        key = finding(annotated("11")).id
        word = Decision("ann", key, key, "confirmed", "as it says \x00", "2026-02-03T10:00:00Z")
        assert store.decide(word)
        assert not store.decide(word)
        assert store.decisions() == store.decisions(key) == [word]
        with pytest.raises(StoreError, match="no finding"):
            store.decide(replace(word, finding="finding_x"))
        store.push(bundle("run_2", ("12",), "mixed"))
        with pytest.raises(StaleDecision, match="no longer"):
            store.decide(replace(word, at="2026-03-04T10:00:00Z"))
        assert store.decisions() == [word]
        assert store.verify() == []

    # --- events and the log

    def test_a_retraction_reaches_all_that_stands_on_it(self, store: Store) -> None:
        store.push(bundle())
        last = str(len(store.find("change")))
        (event,) = store.record_events([RETRACTED], ["11", "12"])
        hit = finding(annotated("11"))
        (edge,) = store.find("edge")
        kinds = [(c["subject"], c["kind"]) for c in changes_since(store, last)]
        assert kinds == [
            ("article", "retracted"),
            ("finding", "retracted"),
            ("edge", "retracted"),
            ("verdict", "regraded"),
        ]
        told = {c["subject"]: c for c in changes_since(store, last)}
        assert told["finding"]["id"] == hit.id
        assert "retracted" in told["finding"]["after"]["excluded"]
        assert told["edge"]["id"] == edge["id"]
        assert (told["edge"]["before"], told["edge"]["after"]) == (
            {"standing": 2},
            {"standing": 1},
        )
        before, after = told["verdict"]["before"], told["verdict"]["after"]
        assert (before["n_studies"]["supports"], after["n_studies"]["supports"]) == (2, 1)
        assert {c["cause"] for c in told.values()} == {event.id}
        (now,) = store.verdicts()
        assert [e.finding for e in now.excluded] == [hit.id]
        assert hit.id not in now.findings
        assert store.find("article", id="11")[0]["withdrawn"] is True
        assert store.article("11") == annotated("11"), "the record stays as it was read"
        # Looking again changes nothing.
        state = fingerprint(store)
        assert store.record_events([replace(RETRACTED, at="2026-03-04")], ["11", "12"]) == []
        assert fingerprint(store) == state
        assert store.verify() == []

    def test_what_is_reinstated_counts_again(self, store: Store) -> None:
        first = bundle()
        store.push(first)
        store.record_events([RETRACTED], ["11"])
        last = str(len(store.find("change")))
        (ended,) = store.record_events([], ["11"])
        assert ended.kind == "reinstated"
        assert store.verdicts() == list(first.verdicts)
        assert store.find("article", id="11")[0]["withdrawn"] is False
        told = {c["subject"]: c for c in changes_since(store, last)}
        assert told["edge"]["after"] == {"standing": 2}
        assert "retracted" in told["finding"]["before"]["excluded"]
        assert told["finding"]["after"]["excluded"] is None
        assert [e.kind for e in store.events(history=True)] == ["retracted", "reinstated"]
        assert store.events() == []
        assert store.verify() == []

    def test_a_correction_is_told_and_changes_no_verdict(self, store: Store) -> None:
        first = bundle()
        store.push(first)
        store.record_events([Event("12", "corrected", "2026-01-02", "888")], ["12"])
        told = changes(store, "2")
        assert [(subject, kind) for subject, kind, _ in told] == [
            ("article", "corrected"),
            ("finding", "corrected"),
            ("edge", "corrected"),
            ("verdict", "corrected"),
        ]
        assert store.verdicts() == list(first.verdicts)

    def test_a_run_read_before_the_retraction_does_not_bring_it_back(self, store: Store) -> None:
        store.push(bundle("run_1"))
        store.record_events([RETRACTED], ["11"])
        store.push(bundle("run_2", ("11", "12", "13"), "mixed"))
        (now,) = store.verdicts()
        assert [e.article_id for e in now.excluded] == ["11"]
        assert now.n_studies["supports"] == 2
        assert store.verify() == []
        store.record_events([], ["11"])
        assert [v.verdict for v in store.verdicts()] == ["mixed"], "the newer run's verdict"
        assert store.verify() == []

    def test_a_newer_reading_that_says_it_itself_ends_the_event(self, store: Store) -> None:
        store.push(bundle())
        store.record_events([RETRACTED], ["11"])
        status = Status(retracted=True, links=(Link("RetractionIn", "777"),))
        knows = replace(annotated("11"), article=replace(annotated("11").article, status=status))
        store.push(run_of("run_3", knows))
        assert store.events() == []
        assert [e.kind for e in store.events(history=True)] == ["retracted", "taken_up"]
        assert store.find("article", id="11", superseded_by=None)[0]["withdrawn"] is True
        assert store.verify() == []

    def test_events_of_unknown_articles_are_left_out(self, store: Store) -> None:
        store.push(bundle())
        assert store.record_events([replace(RETRACTED, pmid="99")], ["99"]) == []

    def test_the_log_can_be_polled(self, store: Store) -> None:
        store.push(bundle("run_1"))
        assert changes(store) == [
            ("verdict", "new", bundle("run_1").verdicts[0].id),
            ("run", "pushed", "run_1"),
        ]
        store.push(bundle("run_2", ("12",), "mixed"))
        later = changes(store, "2")
        assert ("finding", "superseded", finding(annotated("11")).id) in later
        assert [kind for subject, kind, _ in later if subject == "verdict"] == ["superseded"]
        assert later[-1] == ("run", "pushed", "run_2")
        assert changes(store, "2025-01-01") == changes(store)
        assert changes(store, "2030-01-01") == []
        with pytest.raises(ConfigError, match="no position and no date"):
            changes(store, "yesterday")

    # --- the way back, and search

    def test_everything_leads_back_to_its_sentence(self, store: Store) -> None:
        store.push(bundle())
        found = finding(annotated("11"))
        store.decide(Decision("ann", found.id, found.id, "confirmed", "", "2026-02-03T10:00:00Z"))
        (edge,) = store.find("edge")
        for key in (found.id, edge["id"], "r_11", bundle().verdicts[0].id, "11"):
            told = trace(store, key)
            text = str(told)
            assert "run_1" in text
            if key != "11":
                assert "Vesicles lowered collagen." in text
                assert "'reviewer': 'ann'" in text
                assert "'stands_there': True" in text
        with pytest.raises(StoreError, match="no verdict, finding"):
            trace(store, "nothing")

    def test_search_finds_quotes(self, store: Store) -> None:
        store.push(bundle())
        assert [q["article_id"] for q in store.search("COLLAGEN vesicles")] == ["11", "12"]
        assert len(store.search("collagen", limit=1)) == 1
        assert store.search("collagen raised") == []
        with pytest.raises(StoreError, match="no word"):
            store.search("-- ?")

    # --- copies

    def test_a_copy_is_the_same(self, store: Store, tmp_path: Path) -> None:
        self._history(store)
        with open_store(f"sqlite:///{tmp_path / 'copy.db'}") as other:
            copy(store, other)
            assert fingerprint(other) == fingerprint(store)
            assert other.verify() == []
            assert not any(copy(store, other).values()), "a second copy adds nothing"
            # And on: the copy goes its way as the store would.
            for one in (store, other):
                one.push(bundle("run_5", ("13",), "insufficient"))
            assert fingerprint(other) == fingerprint(store)

    def test_a_store_takes_a_copy(self, store: Store, tmp_path: Path) -> None:
        with open_store(f"sqlite:///{tmp_path / 'copy.db'}") as other:
            self._history(other)
            copy(other, store)
            assert fingerprint(other) == fingerprint(store)
            assert store.verify() == []
            other.push(bundle("run_9", ("13",), "insufficient"))
            if hasattr(store, "renew"):
                copy(other, store)
                assert fingerprint(other) == fingerprint(store)
            else:
                with pytest.raises(StoreError, match="not empty"):
                    copy(other, store)
            assert store.verify() == []
        with open_store(f"sqlite:///{tmp_path / 'less.db'}") as less:
            less.push(bundle("run_1"))
            with pytest.raises(StoreError, match=r"lost|not empty"):
                copy(less, store)

    def _history(self, store: Store) -> None:
        odd = variants(annotated("12", ODD), {"negated": True})
        store.push(run_of("run_1", annotated("11"), odd))
        store.record_events([RETRACTED], ["11", "12"])
        key = finding(odd).id
        store.decide(Decision("ann", key, key, "confirmed", "\udfff", "2026-02-03T10:00:00Z"))
        store.push(bundle("run_2", ("11", "12", "13"), "mixed"))
