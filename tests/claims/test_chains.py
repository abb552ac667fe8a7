"""A chain is checked link by link; a part is shown as a part, pieces are marked as inference."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tests.claims.little import Said, Words, article, claim, tables
from textmine.claims.article import load_claims, toml_of
from textmine.claims.chains import link_stances, pieced
from textmine.claims.check import check
from textmine.claims.values import Values
from textmine.errors import ConfigError
from textmine.evidence.verdict import verdicts
from textmine.records import Annotated, Claim, Finding, Frame, as_json, from_json
from textmine.stores import __file__ as stores

CONTRACT = Path(stores).parent / "contract"

CALMS = Said("Vesicles lowered activation of stellate cells.", "Vesicles", "activation",
             context="stellate cells")  # fmt: skip
NO_CALM = Said("Vesicles did not change activation of stellate cells.", "Vesicles", "activation",
               "unchanged", context="stellate cells")  # fmt: skip
LESS = Said("Vesicles lowered liver fibrosis.", "Vesicles", "liver fibrosis")
MORE = Said("Vesicles raised liver fibrosis.", "Vesicles", "liver fibrosis", "increases")

TOML = """[[claim]]
id = "X"
statement = "Vesicles calm stellate cells and so lower fibrosis."
[claim.frame]
[[claim.frame.chain]]
subject = ["vesicles"]
direction = "decreases"
object = ["activation in stellate cells"]
[[claim.frame.chain]]
subject = ["vesicles"]
direction = "decreases"
object = ["liver fibrosis"]
"""


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Values:
    return tables(tmp_path_factory.mktemp("values"))


@pytest.fixture
def chain(tmp_path: Path) -> Claim:
    path = tmp_path / "claims.toml"
    path.write_text(TOML, encoding="utf-8")
    (one,) = load_claims(path)
    return one


def ask(one: Claim, values: Values, *articles: Annotated) -> list[Finding]:
    return list(check([one], articles, lexicon=Words(), values=values))


def test_the_file_keeps_the_chain(chain: Claim, tmp_path: Path) -> None:
    assert chain.frame is not None
    assert chain.frame.subject == ("vesicles",)
    assert chain.frame.object == ("liver fibrosis",)
    assert chain.frame.direction == "decreases"
    assert [link.object[0] for link in chain.frame.chain] == [
        "activation in stellate cells",
        "liver fibrosis",
    ]
    path = tmp_path / "again.toml"
    path.write_text(toml_of([chain]), encoding="utf-8")
    assert load_claims(path) == (chain,)
    assert from_json(Claim, json.loads(json.dumps(as_json(chain)))) == chain


@pytest.mark.parametrize(
    ("said", "stance", "links"),
    [
        ((CALMS, LESS), "supports", ("supports", "supports")),
        ((CALMS,), "insufficient", ("supports", "insufficient")),
        ((LESS,), "insufficient", ("insufficient", "supports")),
        ((), "insufficient", ("insufficient", "insufficient")),
        ((CALMS, MORE), "contradicts", ("supports", "contradicts")),
        ((NO_CALM, LESS), "null_effect", ("null_effect", "supports")),
        ((NO_CALM, MORE), "contradicts", ("null_effect", "contradicts")),
    ],
    ids=lambda value: None,
)
def test_every_link_counts(
    chain: Claim, values: Values, said: tuple[Said, ...], stance: str, links: tuple[str, ...]
) -> None:
    (found,) = ask(chain, values, article(*said))
    assert (found.stance, link_stances(found)) == (stance, links)
    if stance == "supports":
        assert [r.text for r in found.rationale] == [CALMS.words, LESS.words]
    partial = [line for line in found.why if line.startswith("partial: ")]
    assert bool(partial) == (stance == "insufficient" and "supports" in links)


def test_a_review_stays_excluded(chain: Claim, values: Values) -> None:
    (found,) = ask(chain, values, article(CALMS, LESS, types=("Review",)))
    assert found.stance == "insufficient"
    assert found.excluded is not None and found.excluded.startswith("review")


def test_pieces_of_several_studies_are_an_inference(chain: Claim, values: Values) -> None:
    parts = [article(CALMS, id="1"), article(LESS, id="2"), article(LESS, id="3")]
    found = ask(chain, values, *parts)
    told = pieced(found)
    assert told is not None
    assert told.startswith("inference: no study shows the whole chain")
    assert "link 1 in 1, link 2 in 2" in told
    (verdict,) = verdicts(found, {a.article.id: a for a in parts}, claims=[chain])
    assert verdict.verdict == "insufficient"
    assert verdict.n_studies["supports"] == 0
    assert told in verdict.warnings
    # One study that shows it whole ends the piecing.
    whole = article(CALMS, LESS, id="4")
    assert pieced(ask(chain, values, *parts, whole)) is None
    # A link that nobody shows is no inference.
    assert pieced(ask(chain, values, parts[1])) == (
        "chain: no study shows it whole; supported are link 1 in 0, link 2 in 1"
    )


def test_a_plain_claim_has_no_links(values: Values) -> None:
    found = ask(claim(), values, article(CALMS))
    assert link_stances(found[0]) == ()
    assert pieced(found) is None


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (TOML.split("[[claim.frame.chain]]\nsubject", 2)[0] + "chain = 3\n", "must be a list"),
        ("[[claim.frame.chain]]".join(TOML.split("[[claim.frame.chain]]")[:2]), "two links"),
        (TOML.replace('object = ["liver fibrosis"]\n', ""), "link 2: a link needs"),
    ],
    ids=["no list", "one link", "no object"],
)
def test_broken_chains_say_so(tmp_path: Path, broken: str, told: str) -> None:
    path = tmp_path / "claims.toml"
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        load_claims(path)


def test_frames_without_a_chain_keep_their_findings(values: Values) -> None:
    """The identity of a finding does not move for claims that have no chain."""
    frame = Frame(("vesicles",), "regulates", "decreases", ("apoptosis in hepatocytes",))
    (found,) = ask(Claim("C1", "A claim.", frame=frame), values, article(LESS))
    assert found.id == ask(claim(), values, article(LESS))[0].id


def test_a_chain_keeps_the_contract(chain: Claim) -> None:
    schema = json.loads((CONTRACT / "claim.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(json.dumps(as_json(chain))), schema)
