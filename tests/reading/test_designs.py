"""Designs of real records against labels made by reading (development half)."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from textmine.config import data_root
from textmine.reading.study import study_card
from textmine.records import article_from_json

LABELS = data_root() / "corpora" / "gold" / "designs.tsv"


def labels(split: str) -> dict[str, str]:
    rows = [line.split("\t") for line in LABELS.read_text(encoding="utf-8").splitlines()]
    return {row[0]: row[1] for row in rows if len(row) == 3 and row[2] == split}


def test_labels_are_split_by_parity() -> None:
    assert all(int(pmid) % 2 for pmid in labels("dev"))
    assert not any(int(pmid) % 2 for pmid in labels("test"))


def _data(shared: Path) -> Path:
    return shared / "data" if (shared / "data").is_dir() else shared


@pytest.mark.shared
def test_designs_of_real_records(shared: Path) -> None:
    from lxml import etree

    wanted = labels("dev")
    right = 0
    with gzip.open(_data(shared) / "pubmed" / "ev_screening.xml.gz") as stream:
        for element in etree.parse(stream).iter("PubmedArticle"):
            pmid = element.findtext(".//PMID")
            if pmid not in wanted:
                continue
            parts = [element.find(".//ArticleTitle"), *element.iterfind(".//AbstractText")]
            text = "\n".join("".join(p.itertext()) for p in parts if p is not None) + "\n"
            types = [t.text for t in element.iterfind(".//PublicationType") if t.text]
            line = {"id": pmid, "text": text, "publication_types": types}
            right += study_card(article_from_json(line), (), (), ()).design == wanted[pmid]
    assert right >= 0.8 * len(wanted)
