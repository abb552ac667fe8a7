"""Invented records are said to be so, and lead to no record of PubMed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.review.web.conftest import Person
from textmine.review.desk import Desk
from textmine.review.web.app import create_app
from textmine.review.web.invented import invented


@pytest.mark.parametrize(
    ("text", "said"),
    [('{"project": "p", "synthetic": true}', True), ('{"project": "p", "synthetic": false}', False),
     ('{"project": "other", "synthetic": true}', False), ("[]", False), ("no json", False)],
)  # fmt: skip
def test_the_manifest_beside_the_store_says_it(tmp_path: Path, text: str, said: bool) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    assert invented(f"sqlite:///{tmp_path}/textmine.db", "p") is said


def test_elsewhere_there_is_no_manifest(tmp_path: Path) -> None:
    assert not invented(f"sqlite:///{tmp_path}/textmine.db", "p")
    assert not invented("postgresql://host/db", "p")


@pytest.mark.parametrize("synthetic", [True, False])
def test_only_real_records_lead_to_pubmed(desk: Desk, tmp_path: Path, synthetic: bool) -> None:
    manifest = {"project": "p", "synthetic": synthetic}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    bob = Person(create_app(desk), "bob")
    page = bob.get(f"/finding/{bob.findings()[0]}").text
    assert ("pubmed.ncbi" in page) != synthetic
    assert ("was invented" in page) == synthetic
