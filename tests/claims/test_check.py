"""One finding for each claim and article."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from tests.claims.little import Said, Words, article, claim, tables
from textmine.claims.check import check, check_stream
from textmine.claims.values import Values
from textmine.errors import ConfigError, UnknownPart
from textmine.records import Claim, as_json
from textmine.stores import __file__ as stores

GOOD = Said(
    "Vesicles lowered apoptosis of hepatocytes.", "Vesicles", "apoptosis", context="hepatocytes"
)
CONTRACT = Path(stores).parent / "contract"


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Values:
    return tables(tmp_path_factory.mktemp("values"))


def test_every_pair_is_answered_once(values: Values) -> None:
    claims = [replace(claim(d), id=d) for d in ("decreases", "increases", "unchanged")]
    articles = [article(GOOD, id=str(n)) for n in range(4)] + [article(id="9", title="Of harm.")]
    findings = list(check(claims, articles, lexicon=Words(), values=values))
    pairs = Counter((f.claim_id, f.article_id) for f in findings)
    assert set(pairs.values()) == {1}
    assert len(pairs) == len(claims) * len(articles)
    assert len({f.id for f in findings}) == len(findings)
    schema = json.loads((CONTRACT / "finding.schema.json").read_text(encoding="utf-8"))
    for finding in findings:
        jsonschema.validate(json.loads(json.dumps(as_json(finding))), schema)


def test_claims_keep_the_contract() -> None:
    schema = json.loads((CONTRACT / "claim.schema.json").read_text(encoding="utf-8"))
    for one in (claim(), Claim("C1", "Plain.")):
        jsonschema.validate(json.loads(json.dumps(as_json(one))), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"id": "C1"}, schema)


def test_own_pairs_only_and_each_answered(values: Values) -> None:
    one = replace(claim(), articles=("2", "77"))
    articles = [article(GOOD, id=str(n)) for n in range(4)]
    findings = {f.article_id: f for f in check([one], articles, lexicon=Words(), values=values)}
    assert set(findings) == {"2", "77"}
    assert findings["2"].stance == "supports"
    absent = findings["77"]
    assert absent.stance == "insufficient"
    assert absent.excluded is not None and absent.excluded.startswith("absent:")


def test_the_newest_version_is_checked(values: Values) -> None:
    old = article(GOOD, version=1)
    new = article(replace(GOOD, direction="increases"), version=2)
    for order in ([old, new], [new, old]):
        (finding,) = check([claim()], order, lexicon=Words(), values=values)
        assert (finding.stance, finding.article_version) == ("contradicts", 2)


def test_ids_depend_on_content_alone(values: Values) -> None:
    def ids(*claims: Claim) -> list[str]:
        found = check(claims, [article(GOOD)], lexicon=Words(), values=values)
        return [f.id for f in found]

    assert ids(claim()) == ids(claim())
    assert ids(claim()) != ids(replace(claim(), statement="Another."))
    assert ids(claim()) != ids(claim("increases"))


def test_a_claim_that_cannot_be_read_is_answered(values: Values) -> None:
    for one, part in (
        (Claim("C1", "Gibberish."), "could not be read"),
        (claim(object=["the unheard of"]), "object"),
        (claim(subject=["the unheard of"]), "subject"),
    ):
        (finding,) = check([one], [article(GOOD)], lexicon=Words(), values=values)
        assert finding.stance == "insufficient"
        assert part in finding.why[0]


def test_an_article_that_mentions_neither_is_passed_over(values: Values) -> None:
    (finding,) = check([claim()], [article(title="Of harm.")], lexicon=Words(), values=values)
    assert finding.stance == "insufficient"
    assert finding.why[0].startswith("retrieval:")


def test_retrieval_never_hides_evidence(values: Values) -> None:
    """What the filter turns away, the model would have found insufficient too."""
    from textmine.claims.retrieve import filter_of
    from textmine.claims.stance import question_of, symbolic
    from textmine.claims.view import view_of

    question = question_of(claim(), values)
    sieve = filter_of(question, values)
    for said in (GOOD, Said("Vesicles lowered caspase in hepatocytes.", "Vesicles", "caspase")):
        view = view_of(article(said), values)
        assert sieve.lacks(view.all_keys) is None
    view = view_of(article(title="Of harm."), values)
    assert sieve.lacks(view.all_keys) == "subject"
    assert symbolic(question, view, values).stance == "insufficient"


def test_an_article_may_not_come_twice(values: Values) -> None:
    twice = [article(GOOD), article(GOOD)]
    with pytest.raises(ConfigError, match="twice"):
        list(check_stream([claim()], twice, lexicon=Words(), values=values))


def test_an_unknown_model_lists_the_known(values: Values) -> None:
    with pytest.raises(UnknownPart, match="symbolic"):
        list(check([claim()], [], lexicon=Words(), values=values, stance_model="magic"))


def test_an_empty_article_is_answered(values: Values) -> None:
    (finding,) = check([claim()], [article(title="")], lexicon=Words(), values=values)
    assert finding.stance == "insufficient"
