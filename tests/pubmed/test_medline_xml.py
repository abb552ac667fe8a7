"""PubMed XML -> Article: every field, every character, every offset."""

from __future__ import annotations

from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textmine.errors import MalformedRecord
from textmine.pubmed.medline_xml import parse_record
from textmine.records import Article


def record(article: str = "", citation: str = "", data: str = "", pmid: str = "1") -> bytes:
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE" IndexingMethod="Automated">'
        f'<PMID Version="2">{pmid}</PMID><Article>{article}</Article>{citation}</MedlineCitation>'
        f"<PubmedData>{data}</PubmedData></PubmedArticle>"
    ).encode()


def read(*args: str, **kwargs: str) -> Article:
    (article,) = parse_record(record(*args, **kwargs))
    return article


def passages(article: Article) -> list[tuple[str, str | None, str | None, str]]:
    return [
        (p.kind, p.label, p.nlm_category, article.text[p.start : p.end]) for p in article.passages
    ]


def test_sections_keep_both_labels_and_their_order() -> None:
    article = read(
        "<ArticleTitle>T.</ArticleTitle><Abstract>"
        '<AbstractText Label="AIMS" NlmCategory="OBJECTIVE">A.</AbstractText>'
        '<AbstractText Label="FINDINGS" NlmCategory="RESULTS">B.</AbstractText>'
        "<AbstractText/></Abstract>"
    )
    assert article.text == "T.\nA.\nB."
    assert passages(article) == [
        ("title", None, None, "T."),
        ("abstract", "AIMS", "OBJECTIVE", "A."),
        ("abstract", "FINDINGS", "RESULTS", "B."),
    ]
    assert (article.id, article.version) == ("1", 2)
    assert (article.citation_status, article.indexing_method) == ("MEDLINE", "Automated")


def test_inline_markup_goes_without_losing_or_adding_a_character() -> None:
    article = read(
        "<ArticleTitle>CCl<sub>4</sub> in <i>Abcb4</i><sup>\u2212/\u2212</sup> mice</ArticleTitle>"
        "<Abstract><AbstractText>p\u2009&lt;\u20090.05 &amp;  two blanks\u2028here "
        '<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>x</mml:mi><mml:mo>=</mml:mo>'
        "<mml:mn>2</mml:mn></mml:math>.</AbstractText></Abstract>"
    )
    assert article.text == (
        "CCl4 in Abcb4\u2212/\u2212 mice\np\u2009<\u20090.05 &  two blanks\u2028here x=2."
    )


def test_math_prefix_declared_outside_the_record() -> None:
    article = read("<ArticleTitle>at <mml:math><mml:mi>y</mml:mi></mml:math> end</ArticleTitle>")
    assert article.title == "at y end"


def test_line_breaks_become_one_blank_each_and_outer_blanks_go() -> None:
    article = read("<ArticleTitle>\n  one\n  two\r\nthree\n</ArticleTitle>")
    assert article.text == "one   two three"


def test_vernacular_title_and_other_abstract() -> None:
    article = read(
        "<ArticleTitle>[Not Available].</ArticleTitle>"
        "<VernacularTitle>Das Lebermodell.</VernacularTitle>"
        "<Language>ger</Language><Language>eng</Language>",
        '<OtherAbstract Type="plain-language-summary" Language="eng">'
        "<AbstractText>Plain.</AbstractText>"
        "</OtherAbstract>",
    )
    assert article.text == "Das Lebermodell."
    assert article.language == "ger"
    assert article.languages == ("ger", "eng")
    assert article.other_abstracts[0].text == "Plain."
    assert [p.kind for p in article.passages] == ["title"]


def test_no_title_keeps_the_titles_line() -> None:
    article = read("<Abstract><AbstractText>Only this.</AbstractText></Abstract>")
    assert article.text == "\nOnly this."
    assert passages(article) == [("abstract", None, None, "Only this.")]


def test_people_ids_and_money() -> None:
    article = read(
        "<ArticleTitle>T</ArticleTitle>"
        '<ELocationID EIdType="doi">10.5555/loc</ELocationID>'
        "<AuthorList><Author><LastName>Okafor</LastName><ForeName>Ada</ForeName><Initials>A</Initials>"
        '<Identifier Source="ORCID">https://orcid.org/0000000218250097</Identifier>'
        "<AffiliationInfo><Affiliation>One</Affiliation></AffiliationInfo>"
        "<AffiliationInfo><Affiliation>Two</Affiliation></AffiliationInfo></Author>"
        "<Author><CollectiveName>The Group</CollectiveName></Author></AuthorList>"
        '<AuthorList Type="editors"><Author><LastName>Editor</LastName></Author></AuthorList>'
        "<GrantList><Grant><GrantID>G1</GrantID><Agency>Fund</Agency><Country>Norway</Country></Grant></GrantList>"
        "<DataBankList><DataBank><DataBankName>ClinicalTrials.gov</DataBankName><AccessionNumberList>"
        "<AccessionNumber>NCT00000001</AccessionNumber></AccessionNumberList></DataBank></DataBankList>",
        "<InvestigatorList><Investigator><LastName>No</LastName></Investigator></InvestigatorList>"
        "<CoiStatement>None.</CoiStatement>",
        '<ArticleIdList><ArticleId IdType="pubmed">1</ArticleId>'
        '<ArticleId IdType="doi">10.5555/x</ArticleId>'
        '<ArticleId IdType="pmc">PMC1</ArticleId></ArticleIdList>'
        "<ReferenceList><Reference><ArticleIdList>"
        '<ArticleId IdType="pubmed">77</ArticleId></ArticleIdList></Reference></ReferenceList>',
    )
    first, second = article.authors
    assert (first.last, first.orcid, first.affiliations) == (
        "Okafor",
        "0000-0002-1825-0097",
        ("One", "Two"),
    )
    assert second.collective == "The Group"
    assert article.ids == {"doi": "10.5555/x", "pmc": "PMC1"}
    assert article.references == ("77",)
    assert article.databanks[0].accessions == ("NCT00000001",)
    assert article.grants[0].agency == "Fund"
    assert article.coi == "None."


def test_mesh_types_chemicals_keywords() -> None:
    article = read(
        "<ArticleTitle>T</ArticleTitle><PublicationTypeList>"
        '<PublicationType UI="D016428">Journal Article</PublicationType></PublicationTypeList>',
        "<ChemicalList><Chemical><RegistryNumber>0</RegistryNumber>"
        '<NameOfSubstance UI="D035683">MicroRNAs</NameOfSubstance></Chemical></ChemicalList>'
        '<SupplMeshList><SupplMeshName UI="C1">Thing</SupplMeshName></SupplMeshList>'
        "<MeshHeadingList><MeshHeading>"
        '<DescriptorName UI="D008103" MajorTopicYN="N">Liver Cirrhosis</DescriptorName><QualifierName UI="Q000628" MajorTopicYN="Y">therapy</QualifierName>'
        "</MeshHeading></MeshHeadingList>"
        '<KeywordList Owner="NOTNLM"><Keyword>exo<i>some</i></Keyword></KeywordList>',
    )
    (heading,) = article.mesh
    assert (heading.descriptor, heading.ui, heading.major) == ("Liver Cirrhosis", "D008103", False)
    assert heading.qualifiers[0].major
    assert (article.publication_types[0].name, article.publication_types[0].ui) == (
        "Journal Article",
        "D016428",
    )
    assert article.keywords == ("exosome",)
    assert article.chemicals[0].ui == "D035683"
    assert article.supplementary_concepts[0].name == "Thing"


@pytest.mark.parametrize(
    ("date", "written", "year"),
    [
        ("<Year>2020</Year><Month>Mar</Month><Day>4</Day>", "2020-03-04", 2020),
        ("<Year>2021</Year><Season>Fall</Season>", "2021 Fall", 2021),
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", "1998 Dec-1999 Jan", 1998),
    ],
)
def test_dates(date: str, written: str, year: int) -> None:
    article = read(
        f"<Journal><JournalIssue><PubDate>{date}</PubDate></JournalIssue><Title>J</Title></Journal>"
        "<ArticleTitle>T</ArticleTitle>"
    )
    assert article.dates["published"] == written
    assert article.year == year
    assert article.journal == "J"


def links(*entries: tuple[str, str]) -> str:
    inner = "".join(
        f'<CommentsCorrections RefType="{kind}"><RefSource>Src</RefSource><PMID>{pmid}</PMID>'
        "</CommentsCorrections>"
        for kind, pmid in entries
    )
    return f"<CommentsCorrectionsList>{inner}</CommentsCorrectionsList>"


def test_status_from_links() -> None:
    status = read("<ArticleTitle>T</ArticleTitle>", links(("RetractionIn", "9"))).status
    assert status.retracted
    assert [(link.type, link.pmid, link.citation) for link in status.links] == [
        ("RetractionIn", "9", "Src")
    ]
    notice = read("<ArticleTitle>Retraction: T</ArticleTitle>", links(("RetractionOf", "8"))).status
    assert not notice.retracted
    assert notice.notice_of == "8"
    erratum = read("<ArticleTitle>T</ArticleTitle>", links(("ErratumIn", "9"))).status
    assert erratum.corrected
    assert not erratum.retracted
    concern = read("<ArticleTitle>T</ArticleTitle>", links(("ExpressionOfConcernIn", "9"))).status
    assert concern.expression_of_concern
    assert not concern.retracted


@pytest.mark.parametrize("title", ["RETRACTED: A thing.", "[Retracted] A thing.", "Retracted: X"])
def test_status_from_title(title: str) -> None:
    assert read(f"<ArticleTitle>{title}</ArticleTitle>").status.retracted


def test_status_from_publication_type() -> None:
    article = read(
        "<ArticleTitle>T</ArticleTitle><PublicationTypeList><PublicationType>Retracted Publication"
        "</PublicationType></PublicationTypeList>"
    )
    assert article.status.retracted


def test_a_title_about_retraction_is_not_retracted() -> None:
    title = "Retracted lungs: a study of retraction"
    assert not read(f"<ArticleTitle>{title}</ArticleTitle>").status.retracted


def test_book_and_deletion() -> None:
    (book,) = parse_record(
        b"<PubmedBookArticle><BookDocument><PMID Version='1'>5</PMID><Book>"
        b"<BookTitle>The Book</BookTitle><PubDate><Year>2010</Year></PubDate>"
        b"<AuthorList Type='editors'><Author><LastName>E</LastName></Author></AuthorList></Book><Abstract><AbstractText>Abs.</AbstractText></Abstract>"
        b"</BookDocument></PubmedBookArticle>"
    )
    assert book.text == "The Book\nAbs."
    assert book.year == 2010
    assert book.authors == ()
    deleted = list(
        parse_record(
            b"<DeleteCitation><PMID Version='1'>7</PMID><PMID Version='3'>8</PMID></DeleteCitation>"
        )
    )
    assert [(a.id, a.version, a.text, a.status.deleted) for a in deleted] == [
        ("7", 1, "", True),
        ("8", 3, "", True),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        b"<PubmedArticle><MedlineCitation><Article/></MedlineCitation></PubmedArticle>",
        b"<PubmedArticle/>",
        record(pmid="x"),
        record(pmid="\u0663"),
        b"<PubmedArticle><MedlineCitation><PMID Version='a'>1</PMID><Article/></MedlineCitation>"
        b"</PubmedArticle>",
        b"<PubmedArticle><oops></PubmedArticle>",
        record("<ArticleTitle>&bomb;</ArticleTitle>"),
    ],
)
def test_broken_records_say_so(broken: bytes) -> None:
    with pytest.raises(MalformedRecord):
        list(parse_record(broken))


# XML 1.0 has no control characters; line ends have a rule of their own and a test above.
TEXT = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"),
    max_size=60,
)


@given(st.lists(st.tuples(TEXT, st.sampled_from(["", "i", "sub", "sup"])), min_size=1, max_size=6))
def test_any_text_comes_through_character_for_character(parts: list[tuple[str, str]]) -> None:
    xml = "".join(f"<{t}>{escape(s)}</{t}>" if t else escape(s) for s, t in parts)
    article = read(
        f"<ArticleTitle>T</ArticleTitle><Abstract><AbstractText>{xml}</AbstractText></Abstract>"
    )
    wanted = "".join(s for s, _ in parts).strip()
    assert article.text == ("T\n" + wanted if wanted else "T")
    for passage in article.passages:
        assert 0 <= passage.start < passage.end <= len(article.text)
