# ruff: noqa: E501
"""MEDLINE text -> Article, and the same record through both formats."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import pytest

from textmine.errors import MalformedRecord
from textmine.pubmed.labels import category_of
from textmine.pubmed.medline_xml import parse_record
from textmine.pubmed.nbib import TextRecord, parse_medline, text_records
from textmine.pubmed.read import Broken, read_articles
from textmine.pubmed.source import ByteSource
from textmine.records import Article, as_json

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


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        # Broken at a blank that is gone: it is put back.
        ("one\n      two", "one two"),
        # The blank stands at the end of the line, or at both places.
        ("one \n      two", "one two"),
        ("one \n       two", "one  two"),
        ("one\r\n      two\r", "one two"),
        ("one\n\ttwo", "one two"),
        ("one  two\u2009three\u2028four", "one  two\u2009three\u2028four"),
    ],
)
def test_lines_that_go_on(lines: str, text: str) -> None:
    assert parse_medline(f"PMID- 1\nTI  - {lines}\nLA  - eng\n").text == text


@pytest.mark.parametrize(
    ("abstract", "sections"),
    [
        ("METHODS: We. RESULTS: They.", [("METHODS", "We."), ("RESULTS", "They.")]),
        ("UNLABELLED: All of it.", [("UNLABELLED", "All of it.")]),
        ("SUMMARY: All of it.", [("SUMMARY", "All of it.")]),
        (
            "BACKGROUND & AIMS: Why. MATERIALS AND METHODS: How. MAIN RESULTS: What. "
            "CONCLUSIONS AND RELEVANCE: So. TRIAL REGISTRATION: NCT1.",
            [
                ("BACKGROUND & AIMS", "Why."),
                ("MATERIALS AND METHODS", "How."),
                ("MAIN RESULTS", "What."),
                ("CONCLUSIONS AND RELEVANCE", "So."),
                ("TRIAL REGISTRATION", "NCT1."),
            ],
        ),
        # An opening without a label, then two labels.
        ("An opening. METHODS: We. RESULTS: They.", [(None, "An opening."), ("METHODS", "We."), ("RESULTS", "They.")]),
        # Capitals before a colon that are no label, and labels that begin no sentence.
        ("DNA: a molecule. RNA: another.", [(None, "DNA: a molecule. RNA: another.")]),
        ("We looked. NOTE: this. LIMITS: none.", [(None, "We looked. NOTE: this. LIMITS: none.")]),
        ("AIM: To see PATIENTS: ill. RESULTS: IL-6: up.", [("AIM", "To see PATIENTS: ill."), ("RESULTS", "IL-6: up.")]),
        ("The ratio of AIM: OBJECTIVE was 2.", [(None, "The ratio of AIM: OBJECTIVE was 2.")]),
        ("Methods: in small letters. Results: too.", [(None, "Methods: in small letters. Results: too.")]),
        # A sentence that lacks its full stop; a run of capitals before the label.
        ("AIM: To see METHODS: We RESULTS: They", [("AIM", "To see"), ("METHODS", "We"), ("RESULTS", "They")]),
        ("METHODS: By ELISA. RESULTS: Up.", [("METHODS", "By ELISA."), ("RESULTS", "Up.")]),
        ("METHODS:  Two blanks. RESULTS:", [("METHODS", "Two blanks.")]),
    ],
)  # fmt: skip
def test_sections(abstract: str, sections: list[tuple[str | None, str]]) -> None:
    article = parse_medline(f"PMID- 1\nTI  - T\nAB  - {abstract}\n")
    found = [(p.label, article.text[p.start : p.end]) for p in article.passages[1:]]
    assert found == sections


@pytest.mark.parametrize(
    ("label", "category"),
    [
        ("BACKGROUND", "BACKGROUND"),
        ("BACKGROUND AND AIMS", "OBJECTIVE"),
        ("DESIGN, SETTING, AND PARTICIPANTS", "METHODS"),
        ("APPROACH AND RESULTS", "RESULTS"),
        ("RESULTS AND DISCUSSION", "RESULTS"),
        ("IMPACT AND IMPLICATIONS", "CONCLUSIONS"),
        ("UNLABELLED", "UNASSIGNED"),
        ("CONCLUSION/SIGNIFICANCE", "CONCLUSIONS"),
        ("MICE AND METHODS", None),
        ("DNA", None),
        ("", None),
    ],
)
def test_categories(label: str, category: str | None) -> None:
    assert category_of(label) == category


def test_every_kind_of_link() -> None:
    tags = {
        "RIN": "RetractionIn", "ROF": "RetractionOf", "EIN": "ErratumIn", "EFR": "ErratumFor",
        "ECI": "ExpressionOfConcernIn", "ECF": "ExpressionOfConcernFor", "CIN": "CommentIn",
        "CON": "CommentOn", "UIN": "UpdateIn", "UOF": "UpdateOf", "RPI": "RepublishedIn",
        "RPF": "RepublishedFrom", "CRI": "CorrectedandRepublishedIn",
        "CRF": "CorrectedandRepublishedFrom", "RRI": "RetractedandRepublishedIn",
        "RRF": "RetractedandRepublishedFrom", "PRIN": "PartialRetractionIn",
        "PROF": "PartialRetractionOf", "SPIN": "SummaryForPatientsIn", "ORI": "OriginalReportIn",
        "DDIN": "AssociatedDataset", "DRIN": "AssociatedPublication",
    }  # fmt: skip
    lines = "".join(f"{tag:<4}- J Made Up. 2020;1:2. PMID: 5\n" for tag in tags)
    article = parse_medline(f"PMID- 1\nTI  - T\n{lines}CIN - Without a number. 2020\n")
    assert [link.type for link in article.status.links] == [*tags.values(), "CommentIn"]
    assert {(link.pmid, link.citation) for link in article.status.links[:-1]} == {
        ("5", "J Made Up. 2020;1:2")
    }
    assert article.status.links[-1].pmid is None
    assert article.status.links[-1].citation == "Without a number. 2020"


def test_people() -> None:
    article = parse_medline(
        "PMID- 1\nTI  - T\nAD  - Early place.\nFED - Editor, Ed\nED  - Editor E\nAD  - Editor's.\n"
        "FAU - King, Martin Luther Jr\nAU  - King ML Jr\nFAU - de la Cruz, Ana\nAU  - de la Cruz A\n"
        "AUID- ORCID: https://orcid.org/0000-0002-1825-0097\nAD  - Late place.\nCN  - The Group\n"
        "AD  - Group's place.\nFIR - Investigator, In\nIR  - Investigator I\nIRAD- Elsewhere.\n"
        "AD  - Not the group's.\n"
    )
    king, cruz, group = article.authors
    assert (king.last, king.fore, king.initials, king.suffix) == (
        "King",
        "Martin Luther",
        "ML",
        "Jr",
    )
    assert king.affiliations == ("Early place.",)
    assert (cruz.last, cruz.initials, cruz.orcid) == ("de la Cruz", "A", "0000-0002-1825-0097")
    assert cruz.affiliations == ("Late place.",)
    assert (group.collective, group.affiliations) == ("The Group", ("Group's place.",))


def test_short_names_alone() -> None:
    article = parse_medline("PMID- 1\nTI  - T\nAU  - Watson JD\nAU  - King ML Jr\nAU  - et al.\n")
    assert [(a.last, a.initials, a.suffix) for a in article.authors] == [
        ("Watson", "JD", None),
        ("King", "ML", "Jr"),
    ]


@pytest.mark.parametrize(
    ("value", "grant"),
    [
        ("R01 HL1/HL/NHLBI NIH HHS/United States", ("R01 HL1", "NHLBI NIH HHS", "United States")),
        ("G03/1/MRC_/Medical Research Council/United Kingdom", ("G03/1", "Medical Research Council", "United Kingdom")),
        ("Wellcome Trust/United Kingdom", (None, "Wellcome Trust", "United Kingdom")),
        ("24K23757/KAKENHI/", ("24K23757", "KAKENHI", None)),
        ("HL/NHLBI NIH HHS/United States", (None, "NHLBI NIH HHS", "United States")),
        ("GM 1", ("GM 1", None, None)),
    ],
)  # fmt: skip
def test_grants(value: str, grant: tuple[str | None, ...]) -> None:
    (found,) = parse_medline(f"PMID- 1\nTI  - T\nGR  - {value}\n").grants
    assert (found.id, found.agency, found.country) == grant


def test_dates() -> None:
    article = parse_medline(
        "PMID- 1\nTI  - T\nDP  - 2019 Nov-Dec\nDEP - 20191005\nDCOM- 20200101\nLR  - 20200202\n"
        "CRDT- 2019/10/06 06:00\nEDAT- 2019/10/07 06:00\nPHST- 2019/01/05 00:00 [received]\n"
        "PHST- 2019/10/08 06:00 [pubmed]\nPHST- 2019/3/5 [accepted]\n"
    )
    assert article.dates == {
        "published": "2019 Nov-Dec", "electronic": "2019-10-05", "completed": "2020-01-01",
        "revised": "2020-02-02", "received": "2019-01-05", "pubmed": "2019-10-08",
        "accepted": "2019-03-05", "entrez": "2019-10-06",
    }  # fmt: skip
    assert article.year == 2019


def test_books_and_other_abstracts() -> None:
    article = parse_medline(
        "PMID- 1\nSTAT- Publisher\nCTDT- 20080718\nDP  - 2009\nTI  - A chapter\nBTI - The Book\n"
        "OAB - Publisher: Resumen. Uno.\nOABL- spa\nOAB - Plain words.\nAID - NBK1 [bookaccession]\n"
    )
    assert (article.text, article.journal, article.year) == ("A chapter", "The Book", 2009)
    assert article.ids == {"bookaccession": "NBK1"}
    assert [(o.type, o.language, o.text) for o in article.other_abstracts] == [
        ("Publisher", "spa", "Resumen. Uno."),
        (None, None, "Plain words."),
    ]
    assert parse_medline("PMID- 1\nBTI - The Book\n").text == "The Book"
    assert parse_medline("PMID- 1\nTI  - [Not Available].\nTT  - Das Buch.\n").text == "Das Buch."


@pytest.mark.parametrize(
    "text",
    ["TI  - no pmid\n", "PMID- abc\nTI  - T\n", "PMID- 5\n", "PMID- 5\nTI  - T\nnot a field\n"],
)
def test_broken_records(text: str) -> None:
    with pytest.raises(MalformedRecord):
        parse_medline(text)


def records(text: str | bytes) -> list[TextRecord]:
    data = text.encode() if isinstance(text, str) else text
    return list(text_records(ByteSource(io.BytesIO(data))))


def test_records_are_cut_at_their_pmid() -> None:
    assert [r.line for r in records(RECORD + "\n" + RECORD)] == [1, RECORD.count("\n") + 2]
    assert len(records(RECORD + RECORD)) == 2


def test_a_broken_record_does_not_stop_its_neighbours(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    middle = "PMID- 12x\nTI  - T\n"
    stray = "Some text in front.\n\n"
    path.write_text(stray + RECORD + "\n" + middle + "\n" + RECORD.replace("90000999", "2"))
    items = list(read_articles(path))
    assert [i.id for i in items if isinstance(i, Article)] == ["90000999", "2"]
    broken = [i for i in items if isinstance(i, Broken)]
    line = 4 + RECORD.count("\n")
    assert [b.where.split(",")[1] for b in broken] == [
        " record 1 at line 1",
        f" record 3 at line {line}",
    ]
    assert broken[1].raw == middle


def test_wrong_bytes_cost_one_record(tmp_path: Path) -> None:
    path = tmp_path / "x.nbib"
    path.write_bytes(b"PMID- 1\nTI  - S\xf8rlie\n\nPMID- 2\nTI  - \xce\xb1\n")
    broken, article = read_articles(path)
    assert isinstance(broken, Broken)
    assert (broken.pmid, "UTF-8" in broken.reason) == ("1", True)
    assert isinstance(article, Article)
    assert article.text == "\u03b1"


@pytest.mark.parametrize("packed", [False, True])
def test_cut_off_files(tmp_path: Path, packed: bool) -> None:
    data = "\n".join(RECORD.replace("90000999", str(i)) for i in range(1, 40)).encode()
    stored = gzip.compress(data) if packed else data
    path = tmp_path / "x.nbib"
    for part in (0.3, 0.5, 0.9, 0.999):
        path.write_bytes(stored[: int(len(stored) * part)])
        items = list(read_articles(path))
        ids = [i.id for i in items if isinstance(i, Article)]
        assert ids == [str(n) for n in range(1, len(ids) + 1)]
        assert all(i.status.retracted for i in items if isinstance(i, Article)), "whole records"
        assert any(isinstance(i, Broken) and "truncated" in i.reason for i in items), part


def test_records_that_ran_into_one_another(tmp_path: Path) -> None:
    path = tmp_path / "x.nbib"
    second = RECORD.replace("90000999", "2")
    cut = RECORD[: RECORD.index("RESULTS") + 12]
    path.write_text(cut + second + "\n" + RECORD.replace("90000999", "3"))
    broken, article = read_articles(path)
    assert isinstance(broken, Broken)
    assert "run into one another" in broken.reason
    assert isinstance(article, Article)
    # Cut off between two lines, in a file in which records name their source.
    lines = RECORD[: RECORD.index("FAU")]
    path.write_text(RECORD.replace("90000999", "3") + "\n" + lines + second)
    items = list(read_articles(path))
    assert [isinstance(i, Broken) for i in items] == [False, True, False]


def test_a_record_without_an_end_is_not_kept_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.nbib"
    path.write_bytes(b"PMID- 1\nTI  - T\n" + b"      more\n" * 2_000_000)
    items = list(read_articles(path))
    assert len(items) == 2
    assert all(isinstance(i, Broken) for i in items)


def test_one_record_cut_off_in_its_abstract() -> None:
    cut = RECORD[: RECORD.index("RESULTS") + 12]
    assert "truncated" in (records(cut)[0].fault or "")
    # A short one, written by hand, is none.
    assert records("PMID- 1\nTI  - T\nAB  - It is short")[0].fault is None


def test_old_line_ends_and_byte_order_marks(tmp_path: Path) -> None:
    for data in (
        RECORD.replace("\n", "\r\n").encode(),
        RECORD.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + RECORD.encode(),
        RECORD.encode("utf-16"),
    ):
        path = tmp_path / "x.nbib"
        path.write_bytes(data)
        (article,) = read_articles(path)
        assert article == parse_medline(RECORD)


def test_both_formats_of_a_full_record(tmp_path: Path) -> None:
    """What both formats carry is the same; ids of headings and types are in the XML alone."""
    (one,) = parse_record(XML.encode())
    path = tmp_path / "x.nbib"
    path.write_text(NBIB, encoding="utf-8")
    (other,) = read_articles(path)
    assert isinstance(other, Article)
    assert bare(other) == bare(one)


def bare(article: Article) -> dict[str, Any]:
    line = as_json(article)
    for key in ("references", "indexing_method"):
        del line[key]
    for part in (*line["mesh"], *line["publication_types"], *line["chemicals"]):
        del part["ui"]
        for qualifier in part.get("qualifiers", ()):
            del qualifier["ui"]
    return line


XML = """<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM" IndexingMethod="Manual">
<PMID Version="1">90000998</PMID>
<DateCompleted><Year>2021</Year><Month>01</Month><Day>02</Day></DateCompleted>
<DateRevised><Year>2022</Year><Month>03</Month><Day>04</Day></DateRevised>
<Article PubModel="Print-Electronic"><Journal><JournalIssue CitedMedium="Internet"><PubDate>
<Year>2020</Year><Month>Mar</Month><Day>4</Day></PubDate></JournalIssue><Title>Synthetic Journal</Title>
<ISOAbbreviation>Synth J</ISOAbbreviation></Journal>
<ArticleTitle>[A long title of a study of \u03b1-SMA in CCl<sub>4</sub>-treated mice].</ArticleTitle>
<ELocationID EIdType="pii" ValidYN="Y">S1-2</ELocationID>
<ELocationID EIdType="doi" ValidYN="Y">10.5555/synth.both</ELocationID>
<Abstract><AbstractText Label="BACKGROUND AND AIMS" NlmCategory="OBJECTIVE">Livers scar: why?</AbstractText>
<AbstractText Label="METHODS" NlmCategory="METHODS">Mice (n = 8) were given CCl<sub>4</sub>; P &lt; 0.05.</AbstractText>
<AbstractText Label="RESULTS" NlmCategory="RESULTS">TGF-\u03b2: up.</AbstractText>
<AbstractText Label="CONCLUSIONS" NlmCategory="CONCLUSIONS">So be it.</AbstractText>
<CopyrightInformation>Copyright.</CopyrightInformation></Abstract>
<AuthorList CompleteYN="Y"><Author ValidYN="Y"><LastName>Okafor</LastName><ForeName>Adaeze N</ForeName>
<Initials>AN</Initials><Suffix>Jr</Suffix><Identifier Source="ORCID">0000-0001-5000-9001</Identifier>
<AffiliationInfo><Affiliation>Dept One, Town.</Affiliation></AffiliationInfo>
<AffiliationInfo><Affiliation>Dept Two, Town.</Affiliation></AffiliationInfo></Author>
<Author ValidYN="Y"><CollectiveName>The Group</CollectiveName></Author></AuthorList>
<Language>ger</Language><Language>eng</Language>
<DataBankList CompleteYN="Y"><DataBank><DataBankName>ClinicalTrials.gov</DataBankName><AccessionNumberList>
<AccessionNumber>NCT99000001</AccessionNumber><AccessionNumber>NCT99000002</AccessionNumber>
</AccessionNumberList></DataBank></DataBankList>
<GrantList CompleteYN="Y"><Grant><GrantID>R01-1/2</GrantID><Acronym>DK</Acronym><Agency>NIDDK NIH HHS</Agency>
<Country>United States</Country></Grant></GrantList>
<PublicationTypeList><PublicationType UI="D016428">Journal Article</PublicationType>
<PublicationType UI="D016441">Retracted Publication</PublicationType></PublicationTypeList>
<VernacularTitle>Ein langer Titel.</VernacularTitle>
<ArticleDate DateType="Electronic"><Year>2020</Year><Month>02</Month><Day>01</Day></ArticleDate></Article>
<MedlineJournalInfo><MedlineTA>Synth J</MedlineTA></MedlineJournalInfo>
<ChemicalList><Chemical><RegistryNumber>0</RegistryNumber><NameOfSubstance UI="D035683">MicroRNAs</NameOfSubstance>
</Chemical><Chemical><RegistryNumber>EC 2.5.1.18</RegistryNumber>
<NameOfSubstance UI="D005982">Glutathione (S) Transferase</NameOfSubstance></Chemical></ChemicalList>
<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><RefSource>Synth J. 2022;1:2</RefSource>
<PMID Version="1">90001000</PMID></CommentsCorrections></CommentsCorrectionsList>
<MeshHeadingList><MeshHeading><DescriptorName UI="D008103" MajorTopicYN="N">Liver Cirrhosis</DescriptorName>
<QualifierName UI="Q000473" MajorTopicYN="N">pathology</QualifierName>
<QualifierName UI="Q000628" MajorTopicYN="Y">therapy</QualifierName></MeshHeading>
<MeshHeading><DescriptorName UI="D051379" MajorTopicYN="N">Mice</DescriptorName></MeshHeading></MeshHeadingList>
<OtherAbstract Type="Publisher" Language="spa"><AbstractText>Resumen.</AbstractText></OtherAbstract>
<KeywordList Owner="NOTNLM"><Keyword MajorTopicYN="Y">exosome</Keyword><Keyword MajorTopicYN="N">liver</Keyword>
</KeywordList><CoiStatement>None.</CoiStatement></MedlineCitation>
<PubmedData><History><PubMedPubDate PubStatus="received"><Year>2019</Year><Month>9</Month><Day>1</Day>
</PubMedPubDate><PubMedPubDate PubStatus="pubmed"><Year>2020</Year><Month>2</Month><Day>3</Day><Hour>6</Hour>
<Minute>0</Minute></PubMedPubDate></History><ArticleIdList><ArticleId IdType="pubmed">90000998</ArticleId>
<ArticleId IdType="pmc">PMC90000998</ArticleId><ArticleId IdType="doi">10.5555/synth.both</ArticleId>
</ArticleIdList></PubmedData></PubmedArticle>"""

NBIB = """PMID- 90000998
OWN - NLM
STAT- MEDLINE
DCOM- 20210102
LR  - 20220304
DP  - 2020 Mar 4
TI  - [A long title of a study of \u03b1-SMA in \n      CCl4-treated mice].
LID - S1-2 [pii]
LID - 10.5555/synth.both [doi]
AB  - BACKGROUND AND AIMS: Livers scar: why? METHODS: Mice (n = 8) were given CCl4; P <
      0.05. RESULTS: TGF-\u03b2: up. CONCLUSIONS: So be it.
CI  - Copyright.
FAU - Okafor, Adaeze N Jr
AU  - Okafor AN Jr
AUID- ORCID: 0000-0001-5000-9001
AD  - Dept One, Town.
AD  - Dept Two, Town.
CN  - The Group
LA  - ger
LA  - eng
SI  - ClinicalTrials.gov/NCT99000001
SI  - ClinicalTrials.gov/NCT99000002
GR  - R01-1/2/DK/NIDDK NIH HHS/United States
PT  - Journal Article
PT  - Retracted Publication
TT  - Ein langer Titel.
DEP - 20200201
TA  - Synth J
JT  - Synthetic Journal
RN  - 0 (MicroRNAs)
RN  - EC 2.5.1.18 (Glutathione (S) Transferase)
RIN - Synth J. 2022;1:2. PMID: 90001000
MH  - Liver Cirrhosis/pathology/*therapy
MH  - Mice
OAB - Publisher: Resumen.
OABL- spa
PMC - PMC90000998
OTO - NOTNLM
OT  - *exosome
OT  - liver
COIS- None.
PHST- 2019/09/01 00:00 [received]
PHST- 2020/02/03 06:00 [pubmed]
AID - S1-2 [pii]
AID - 10.5555/synth.both [doi]
SO  - Synth J. 2020 Mar 4:1-9.
"""


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
