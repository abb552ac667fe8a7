"""A claim that something is not so: what speaks against it supports it, and so does no effect."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.claims.little import Said, Words, article, claim, tables
from textmine.claims.article import load_claims, toml_of
from textmine.claims.check import check
from textmine.claims.values import Values
from textmine.records import Claim


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Values:
    return tables(tmp_path_factory.mktemp("values"))


def denied(one: Claim) -> Claim:
    assert one.frame is not None
    return replace(one, frame=replace(one.frame, denied=True))


@pytest.mark.parametrize(
    ("found", "stance", "plain"),
    [
        ("increases", "contradicts", "supports"),
        ("decreases", "supports", "contradicts"),
        ("unchanged", "supports", "null_effect"),
    ],
)
def test_a_denial_turns_the_stance_round(
    found: str, stance: str, plain: str, values: Values
) -> None:
    said = Said(
        "Vesicles changed apoptosis of hepatocytes.",
        "Vesicles",
        "apoptosis",
        direction=found,
        context="hepatocytes",
    )
    one = claim("increases")
    findings = check([one], [article(said)], lexicon=Words(), values=values)
    assert [f.stance for f in findings] == [plain]
    (finding,) = check([denied(one)], [article(said)], lexicon=Words(), values=values)
    assert finding.stance == stance
    assert any("denial" in line for line in finding.why)


def test_a_denial_is_kept_in_the_file_and_makes_another_finding(
    tmp_path: Path, values: Values
) -> None:
    one = claim("increases")
    path = tmp_path / "claims.toml"
    path.write_text(toml_of([denied(one)]), encoding="utf-8")
    (read,) = load_claims(path)
    assert read.frame is not None
    assert read.frame.denied
    said = Said("Vesicles lowered growth.", "Vesicles", "growth")
    ids = [
        f.id
        for c in (one, denied(one))
        for f in check([c], [article(said)], lexicon=Words(), values=values)
    ]
    assert len(set(ids)) == 2
