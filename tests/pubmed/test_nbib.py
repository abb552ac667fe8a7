"""MEDLINE text -> Article, and the same record through both formats."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from textmine.errors import MalformedRecord
from textmine.pubmed.medline_xml import parse_record
from textmine.pubmed.nbib import TextRecord, is_medline, parse_medline, text_records
from textmine.pubmed.read import Broken, read_articles
from textmine.pubmed.source import ByteSource
from textmine.records import Article

RECORD = """PMID- 90000999
OWN - NLM
STAT- MEDLINE
DCOM- 20210101
DP  - 2020 Mar 4
TI  - A title that is so long that it goes on
      in a second line.
PG  - 1-9
LID - 10.5555/synth.nbib [doi]
AB  - BACKGROUND: Livers scar. AIM/PURPOSE: To look: closely. RESULTS: The ratio was 3:
      1 (DNA: RNA). CONCLUSION: So be it.
FAU - Okafor, Adaeze N
AU  - Okafor AN
AUID- ORCID: 0000000150009001
AD  - Dept One, Town.
AD  - Dept Two, Town.
FAU - Brandt, Lutz
AU  - Brandt L
CN  - The Group
LA  - eng
GR  - R01-1/2/DK/NIDDK NIH HHS/United States
PT  - Journal Article
PT  - Retracted Publication
TT  - Ein Titel.
JT  - Synthetic Journal
RN  - 0 (MicroRNAs)
RN  - CL2T97X0V0 (Carbon Tetrachloride)
MH  - *Liver Cirrhosis/pathology/*therapy
MH  - Mice
OT  - *exosome
SI  - ClinicalTrials.gov/NCT99000001
SI  - ClinicalTrials.gov/NCT99000002
PMC - PMC90000999
AID - 10.5555/synth.nbib [doi]
AID - S1-2 [pii]
RIN - Synthetic J. 2022;1:2. PMID: 90001000
SO  - Synthetic Journal. 2020 Mar 4:1-9.
"""


def test_every_field() -> None:
    article = parse_medline(RECORD)
    assert article.id == "90000999"
    assert article.title == "A title that is so long that it goes on in a second line."
    assert [(p.label, p.nlm_category) for p in article.passages[1:]] == [
        ("BACKGROUND", "BACKGROUND"),
        ("AIM/PURPOSE", "OBJECTIVE"),
        ("RESULTS", "RESULTS"),
        ("CONCLUSION", "CONCLUSIONS"),
    ]
    assert article.text.split("\n")[3] == "The ratio was 3: 1 (DNA: RNA)."
    assert article.year == 2020
    first, second, group = article.authors
    assert (first.last, first.fore, first.initials) == ("Okafor", "Adaeze N", "AN")
    assert first.orcid == "0000-0001-5000-9001"
    assert first.affiliations == ("Dept One, Town.", "Dept Two, Town.")
    assert second.last == "Brandt"
    assert group.collective == "The Group"
    assert article.ids == {"doi": "10.5555/synth.nbib", "pii": "S1-2", "pmc": "PMC90000999"}
    heading = article.mesh[0]
    assert (heading.descriptor, heading.major) == ("Liver Cirrhosis", True)
    assert [(q.name, q.major) for q in heading.qualifiers] == [
        ("pathology", False),
        ("therapy", True),
    ]
    assert article.keywords == ("exosome",)
    assert [(c.name, c.registry_number) for c in article.chemicals] == [
        ("MicroRNAs", "0"),
        ("Carbon Tetrachloride", "CL2T97X0V0"),
    ]
    assert article.databanks[0].accessions == ("NCT99000001", "NCT99000002")
    assert article.grants[0].country == "United States"
    assert article.status.retracted
    assert article.status.links[0].pmid == "90001000"
    assert article.status.links[0].citation == "Synthetic J. 2022;1:2"
    assert article.vernacular_title == "Ein Titel."


def test_an_abstract_with_a_colon_is_not_structured() -> None:
    article = parse_medline("PMID- 1\nTI  - T\nAB  - RNA: a molecule. It is long.\nSO  - x\n")
    assert [p.label for p in article.passages] == [None, None]
    assert article.text == "T\nRNA: a molecule. It is long."


@pytest.mark.parametrize("text", ["TI  - no pmid\n", "PMID- abc\nTI  - T\n", "PMID- 5\n"])
def test_broken_records(text: str) -> None:
    with pytest.raises(MalformedRecord):
        parse_medline(text)


def records(text: str | bytes) -> list[TextRecord]:
    data = text.encode() if isinstance(text, str) else text
    return list(text_records(ByteSource(io.BytesIO(data))))


def test_records_are_cut_at_their_pmid() -> None:
    assert [r.line for r in records(RECORD + "\n" + RECORD)] == [1, RECORD.count("\n") + 2]
    assert len(records(RECORD + RECORD)) == 2


def test_the_same_record_in_both_formats(tmp_path: Path) -> None:
    xml = """<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">7</PMID><Article>
    <Journal><JournalIssue><PubDate><Year>2020</Year></PubDate></JournalIssue><Title>J</Title></Journal>
    <ArticleTitle>T one.</ArticleTitle><Abstract>
    <AbstractText Label="AIMS" NlmCategory="OBJECTIVE">A one.</AbstractText>
    <AbstractText Label="RESULTS" NlmCategory="RESULTS">R two.</AbstractText></Abstract>
    <AuthorList><Author><LastName>Brandt</LastName><ForeName>Lutz</ForeName><Initials>L</Initials></Author>
    </AuthorList><Language>eng</Language><PublicationTypeList><PublicationType>Review</PublicationType>
    </PublicationTypeList></Article><MeshHeadingList><MeshHeading>
    <DescriptorName MajorTopicYN="Y">Mice</DescriptorName></MeshHeading></MeshHeadingList>
    </MedlineCitation></PubmedArticle>"""
    nbib = (
        "PMID- 7\nSTAT- MEDLINE\nDP  - 2020\nTI  - T one.\nAB  - AIMS: A one. RESULTS: R two.\n"
        "FAU - Brandt, Lutz\nAU  - Brandt L\nLA  - eng\nPT  - Review\nJT  - J\nMH  - *Mice\n"
    )
    (one,) = parse_record(xml.encode())
    path = tmp_path / "x.nbib"
    path.write_text("\n" + nbib, encoding="utf-8")
    (other,) = read_articles(path)
    assert isinstance(other, Article)
    assert other == one
