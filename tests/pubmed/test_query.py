"""Cutting a search so that the union is the whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.eutils.records import Collection, Record, many, synthetic
from textmine.errors import ConfigError
from textmine.pubmed import query
from textmine.pubmed.query import Plan, SearchAnswer, Slice, check_query, make_plan


def searcher(
    collection: Collection, asked: list[Slice] | None = None, ignore: tuple[str, ...] = ()
) -> Callable[[Slice], SearchAnswer]:
    """ESearch in short: the count and the first CAP; `ignore` names limits it does not know."""

    def search(part: Slice) -> SearchAnswer:
        if asked is not None:
            asked.append(part)
        given_ = part.parameters("synthetic")
        if "edat" in ignore:
            given_ = {"term": given_["term"]}
        if "uid" in ignore:
            given_["term"] = "synthetic"
        given_.pop("sort", None)
        found = collection.search(**given_)
        return SearchAnswer(len(found), tuple(str(r.pmid) for r in found[: query.CAP]))

    return search


def proves(plan: Plan, records: list[Record]) -> None:
    assert plan.difference == 0
    assert {int(i) for i in plan.ids} == {r.pmid for r in records}
    assert len(plan.ids) == plan.count == len({r.pmid for r in records})


def test_small_searches_are_one_request() -> None:
    asked: list[Slice] = []
    records = many(500)
    proves(make_plan("synthetic", searcher(Collection(records), asked)), records)
    assert len(asked) == 1


def test_one_day_above_the_cap_is_cut_by_pmid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "CAP", 100)
    records = many(250, 120)
    plan = make_plan("synthetic", searcher(Collection(records)))
    proves(plan, records)
    assert any(s.slice.pmids for s in plan.slices)
    assert all(s.count <= 100 for s in plan.slices)
    assert sum(s.count for s in plan.slices) == 250


def test_a_known_entry_day_saves_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "CAP", 100)
    records = many(250, 120)
    collection = Collection(records)
    asked: list[Slice] = []
    plan = make_plan(
        "synthetic",
        searcher(collection, asked),
        entry_day=lambda pmid: collection.by_pmid[int(pmid)].edat,
    )
    proves(plan, records)
    assert len(asked) <= 8


def test_a_server_without_dates_is_cut_by_pmid_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "CAP", 100)
    records = many(450, 200)
    proves(make_plan("synthetic", searcher(Collection(records), ignore=("edat",))), records)


def test_what_cannot_be_cut_is_reported_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "CAP", 100)
    plan = make_plan("synthetic", searcher(Collection(many(250, 250)), ignore=("edat", "uid")))
    assert (plan.count, len(plan.ids), plan.difference) == (250, 100, 150)
    assert "could not be cut further" in plan.warnings[0]


@settings(max_examples=60, deadline=None)
@given(
    days=st.lists(st.integers(0, 4000), min_size=1, max_size=150),
    cap=st.integers(2, 40),
    gap=st.integers(1, 100_000),
)
def test_the_union_is_the_whole_for_any_dates(days: list[int], cap: int, gap: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(query, "CAP", cap)
        start = date(2012, 3, 1)
        records = [
            synthetic(5 + gap * i, start + timedelta(day // 7 * 7)) for i, day in enumerate(days)
        ]
        proves(make_plan("synthetic", searcher(Collection(records))), records)


def test_a_limit_gives_exactly_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    collection = Collection(many(300))
    assert len(make_plan("synthetic", searcher(collection), limit=7).ids) == 7
    monkeypatch.setattr(query, "CAP", 100)
    plan = make_plan("synthetic", searcher(collection), limit=150)
    assert (len(plan.ids), plan.difference) == (150, 0)


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("", "empty"),
        ('"liver fibrosis', "double quotes"),
        ("(exosomes AND liver", "pair up"),
        ("exosomes)(", "pair up"),
        ("exosomes[tiabb]", "Did you mean"),
        ("exosomes[nonsense field]", "no search field"),
    ],
)
def test_queries_that_pubmed_would_misread_are_refused(term: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        check_query(term)


@pytest.mark.parametrize(
    "term",
    [
        '"mesenchymal stem cells"[MeSH Terms] AND exosom*[tiab]',
        '"rationing healthcare"[Title:~1]',
        "liver fibrosis[mh:noexp]",
        '"[Not Available]" AND 2020:2021[dp]',
        '("2020/01/01"[Date - Entry] : "3000"[Date - Entry]) NOT review[pt]',
        "exosomes AND all[sb] AND hasabstract[filter] AND 1:7500[UID]",
    ],
)
def test_pubmeds_own_syntax_passes(term: str) -> None:
    check_query(term)
