"""The shipped claims: readable, in step with the searches, right on the development gold."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.claims import gold
from textmine.claims.article import load_claims
from textmine.claims.check import check
from textmine.claims.stance import question_of
from textmine.claims.values import Values, default_values
from textmine.config import load_project


@pytest.fixture(scope="module")
def values() -> Values:
    return default_values(gold.lexicon())


def test_the_lexicon_knows_every_word_of_the_value_tables(values: Values) -> None:
    assert values.unread == ()


@pytest.mark.parametrize("project", ["demo", "msc-exosome-liver"])
def test_claims_in_a_file_can_be_read(project: str, values: Values) -> None:
    claims = load_claims(load_project(project).claims_path)
    lost = {c.id: gap for c in claims if (gap := question_of(c, values).unreadable)}
    # Claims about methods, cost and registries: their words are no concepts of the lexicon.
    known = {"C07", "C16", "C18", "C25", "C26", "C27", "C31", "C44", "C45", "C48"}
    assert set(lost) <= known, lost


def test_fifty_claims_and_their_searches_agree() -> None:
    project = load_project("msc-exosome-liver")
    claims = load_claims(project.claims_path)
    assert [c.id for c in claims] == [f"C{n:02}" for n in range(1, 51)]
    wanted = {(c.id, q) for c in claims for q in (*c.queries_for, *c.queries_against)}
    given = {(claim, q.term) for q in project.query for claim in q.claims}
    assert given == wanted
    terms = [q.term for q in project.query]
    assert len(terms) == len(set(terms)) and len({q.id for q in project.query}) == len(terms)
    for claim in claims:
        assert claim.queries_for and claim.queries_against and claim.why and claim.section
        assert "{" not in "".join(claim.queries_for)


def test_perfect_readings_of_the_demonstration_are_judged_right() -> None:
    """With the gold's mentions and relations only the judgement can err (development half)."""
    claims = load_claims(load_project("demo").claims_path)
    newest = {}
    for line, annotated in gold.cases("dev"):
        if line["id"] not in newest or newest[line["id"]][0]["version"] < line["version"]:
            newest[line["id"]] = (line, annotated)
    counts: Counter[tuple[str, str]] = Counter()
    for finding in check(claims, [a for _, a in newest.values()], lexicon=gold.lexicon()):
        wanted = newest[finding.article_id][0]["stance"].get(finding.claim_id, "insufficient")
        counts[wanted, finding.stance] += 1
    right = sum(n for (wanted, found), n in counts.items() if wanted == found)
    assert right / sum(counts.values()) >= 0.98
    for stance in ("supports", "contradicts", "null_effect"):
        found = sum(n for (_, f), n in counts.items() if f == stance)
        gold_ = sum(n for (w, _), n in counts.items() if w == stance)
        assert counts[stance, stance] >= 0.9 * found
        assert counts[stance, stance] >= 0.85 * gold_
