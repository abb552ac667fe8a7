# ruff: noqa: E501
"""PubMed XML -> Article: every field, every character, every offset."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textmine.errors import MalformedRecord
from textmine.pubmed.canonical import orcid_of
from textmine.pubmed.medline_xml import parse_record, read_record
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


def test_comments_cdata_and_references_of_characters() -> None:
    article = read(
        "<ArticleTitle>a<!-- not text --><![CDATA[<b> & ]]>&#x3b1;<?skip this?>z</ArticleTitle>"
    )
    assert article.text == "a<b> & \u03b1z"


def test_math_keeps_its_text_and_its_blanks() -> None:
    article = read(
        '<ArticleTitle>of <mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML">\n    <mml:mi>V'
        "</mml:mi>\n  <mml:mn>2</mml:mn></mml:math> max</ArticleTitle>"
    )
    assert article.text == "of      V   2 max"


def test_math_prefix_declared_outside_the_record() -> None:
    article = read("<ArticleTitle>at <mml:math><mml:mi>y</mml:mi></mml:math> end</ArticleTitle>")
    assert article.title == "at y end"


def test_line_breaks_become_one_blank_each_and_outer_blanks_go() -> None:
    article = read("<ArticleTitle>\n  one\n  two\r\nthree\n</ArticleTitle>")
    assert article.text == "one   two three"


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("one\ntwo", "one two"),
        ("one\r\ntwo", "one two"),
        ("one&#13;&#10;two", "one two"),
        ("one&#13;two", "one two"),
        ("one\n\ntwo", "one  two"),
        ("one  two\tthree", "one  two\tthree"),
        ("one\u2028two\u2029\u0085three", "one\u2028two\u2029\u0085three"),
        ("e\u0301 \ufb01 \u212b", "e\u0301 \ufb01 \u212b"),
        ("\u200bone\u200b", "\u200bone\u200b"),
        ("\u2009\u00a0 one \u3000", "one"),
        ("\U0001d7d9 \U0010fffd", "\U0001d7d9 \U0010fffd"),
    ],
)
def test_every_other_character_stays(written: str, read_as: str) -> None:
    assert read(f"<ArticleTitle>{written}</ArticleTitle>").text == read_as


@pytest.mark.parametrize("name", ["[Not Available].", "[Not Available]", "[Not available].", ""])
def test_vernacular_title_for_a_missing_one(name: str) -> None:
    article = read(
        f"<ArticleTitle>{name}</ArticleTitle><VernacularTitle>Das <i>Modell</i>.</VernacularTitle>"
    )
    assert article.text == "Das Modell."
    assert article.vernacular_title == "Das Modell."


def test_a_title_that_is_not_missing_stays() -> None:
    article = read(
        "<ArticleTitle>[The model].</ArticleTitle><VernacularTitle>Das Modell.</VernacularTitle>"
    )
    assert article.text == "[The model]."
    assert read("<ArticleTitle>[Not Available].</ArticleTitle>").text == "[Not Available]."


def test_sections_of_other_abstracts_keep_their_labels() -> None:
    article = read(
        "<ArticleTitle>T</ArticleTitle>",
        '<OtherAbstract Type="Publisher" Language="spa"><AbstractText Label="OBJETIVO">Uno.'
        '</AbstractText><AbstractText Label="RESULTADOS">Dos.</AbstractText></OtherAbstract>'
        '<OtherAbstract Type="AIDS"><AbstractText> </AbstractText></OtherAbstract>',
    )
    (other,) = article.other_abstracts
    assert other.text == "Uno.\nDos."
    assert [(p.label, other.text[p.start : p.end]) for p in other.passages] == [
        ("OBJETIVO", "Uno."),
        ("RESULTADOS", "Dos."),
    ]
    assert article.text == "T"


def test_namespaces_are_tolerated() -> None:
    plain = record("<ArticleTitle>T</ArticleTitle><Language>eng</Language>")
    named = plain.replace(b"<PubmedArticle>", b'<PubmedArticle xmlns="https://example.org/p">')
    (article,) = parse_record(named)
    assert (article.text, article.language) == ("T", "eng")
    prefixed = plain.replace(b"</", b"</p:").replace(b"<", b"<p:").replace(b"<p:/p:", b"</p:")
    (article,) = parse_record(prefixed)
    assert (article.text, article.language) == ("T", "eng")


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


def test_authors_old_and_odd() -> None:
    article = read(
        "<ArticleTitle>T</ArticleTitle><AuthorList>"
        '<Author ValidYN="N"><LastName>Wrong</LastName></Author>'
        "<Author><LastName>King</LastName><ForeName>Martin L</ForeName><Initials>ML</Initials>"
        "<Suffix>Jr</Suffix><Affiliation>Old place</Affiliation></Author>"
        '<Author><LastName>Solo</LastName><Identifier Source="ORCID">0000-0001-5000-900X</Identifier>'
        '<Identifier Source="GND">1</Identifier></Author></AuthorList>'
    )
    king, solo = article.authors
    assert (king.last, king.fore, king.suffix, king.affiliations) == (
        "King",
        "Martin L",
        "Jr",
        ("Old place",),
    )
    assert (solo.last, solo.orcid) == ("Solo", "0000-0001-5000-900X")


@pytest.mark.parametrize(
    ("written", "orcid"),
    [
        ("0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("http://orcid.org/0000-0002-1825-0097/", "0000-0002-1825-0097"),
        ("000000021825009X", "0000-0002-1825-009X"),
        ("0000-0002-1825-009x", "0000-0002-1825-009X"),
        ("not one", "not one"),
    ],
)
def test_orcid(written: str, orcid: str) -> None:
    assert orcid_of(written) == orcid


def test_references_may_be_nested_and_may_lack_ids() -> None:
    article = read(
        "<ArticleTitle>T</ArticleTitle>",
        data="<ReferenceList><Title>R</Title><Reference><Citation>A</Citation><ArticleIdList>"
        '<ArticleId IdType="doi">10.5555/a</ArticleId><ArticleId IdType="pubmed">11</ArticleId>'
        "</ArticleIdList></Reference><Reference><Citation>none</Citation></Reference>"
        '<ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.5555/b</ArticleId>'
        "</ArticleIdList></Reference></ReferenceList></ReferenceList>",
    )
    assert article.references == ("11", "10.5555/b")


def test_ids_prefer_the_list_and_skip_the_invalid() -> None:
    article = read(
        '<ArticleTitle>T</ArticleTitle><ELocationID EIdType="doi" ValidYN="N">10.5555/bad</ELocationID>'
        '<ELocationID EIdType="doi" ValidYN="Y">10.5555/good</ELocationID>'
        '<ELocationID EIdType="pii">S1</ELocationID>'
    )
    assert article.ids == {"doi": "10.5555/good", "pii": "S1"}


def test_every_link_is_kept() -> None:
    kinds = ("Cites", "CommentIn", "UpdateOf", "AssociatedDataset", "SomethingNew")
    article = read("<ArticleTitle>T</ArticleTitle>", links(*((kind, "5") for kind in kinds)))
    assert [link.type for link in article.status.links] == list(kinds)


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
        ("<MedlineDate>Winter 2001-2002</MedlineDate>", "Winter 2001-2002", 2001),
        ("<Year>2020</Year><Month>11</Month>", "2020-11", 2020),
        ("<Year>2020</Year><Month>September</Month>", "2020-09", 2020),
        ("<Year>2020</Year><Month>Jan-Feb</Month>", "2020 Jan-Feb", 2020),
        ("<Year> 2020 </Year>", "2020", 2020),
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


def test_a_chapter_has_its_own_authors_and_the_book_as_journal() -> None:
    (chapter,) = parse_record(
        b"<PubmedBookArticle><BookDocument><PMID>6</PMID><ArticleIdList><ArticleId IdType="
        b"'bookaccession'>NBK1</ArticleId></ArticleIdList><Book><BookTitle>The Book</BookTitle>"
        b"<AuthorList Type='authors'><Author><LastName>Whole</LastName></Author></AuthorList></Book>"
        b"<ArticleTitle>A <i>chapter</i></ArticleTitle><Language>eng</Language>"
        b"<AuthorList Type='editors'><Author><LastName>Ed</LastName></Author></AuthorList>"
        b"<AuthorList Type='authors'><Author><LastName>Part</LastName></Author></AuthorList>"
        b"<PublicationType UI='D016454'>Review</PublicationType>"
        b"<ContributionDate><Year>2011</Year></ContributionDate><KeywordList><Keyword>k</Keyword>"
        b"</KeywordList></BookDocument><PubmedBookData><History><PubMedPubDate PubStatus='pubmed'>"
        b"<Year>2012</Year><Month>2</Month><Day>3</Day></PubMedPubDate></History></PubmedBookData>"
        b"</PubmedBookArticle>"
    )
    assert (chapter.text, chapter.journal, chapter.year) == ("A chapter", "The Book", 2011)
    assert [a.last for a in chapter.authors] == ["Part"]
    assert chapter.publication_types[0].name == "Review"
    assert chapter.ids == {"bookaccession": "NBK1"}
    assert chapter.dates["pubmed"] == "2012-02-03"
    assert chapter.keywords == ("k",)


def test_a_citation_without_its_wrapper() -> None:
    inner = record("<ArticleTitle>T</ArticleTitle>").replace(b"<PubmedArticle>", b"")
    (article,) = parse_record(inner.partition(b"<PubmedData>")[0])
    assert article.text == "T"


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
        record("<ArticleTitle> </ArticleTitle><Abstract><AbstractText/></Abstract>"),
        record("<ArticleTitle>T</ArticleTitle>", pmid="0"),
        record("<ArticleTitle>T</ArticleTitle>", pmid="-5"),
        record("<ArticleTitle>T\x0c</ArticleTitle>"),
        record("<ArticleTitle>&#0;</ArticleTitle>"),
        record("<ArticleTitle>T</ArticleTitle>").replace(b'"2"', b'"0"'),
        record("<ArticleTitle>T</ArticleTitle>").replace(b'"2"', b'"1.5"'),
        b"<PubmedBookArticle><BookDocument><PMID>5</PMID></BookDocument></PubmedBookArticle>",
        b"<DeleteCitation><PMID>7</PMID><PMID>x</PMID></DeleteCitation>",
    ],
)
def test_broken_records_say_so(broken: bytes) -> None:
    with pytest.raises(MalformedRecord):
        list(parse_record(broken))


def test_a_record_in_another_encoding() -> None:
    data = record("<ArticleTitle>S\u00f8rlie \u20ac</ArticleTitle>").decode().encode("cp1252")
    assert read_record(data, "cp1252")[0].text == "S\u00f8rlie \u20ac"
    with pytest.raises(MalformedRecord, match="encoding"):
        read_record(data, "shift_jis")


# XML 1.0 has no control characters but these; line ends have a rule of their own and a test above.
CHARACTERS = st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff")
TEXT = st.text(CHARACTERS | st.sampled_from("\t<>&\"']"), max_size=60)


def marked_up(parts: list[tuple[str, str, str]]) -> str:
    """The same text in many ways: escaped, as CDATA, as numbers, within elements and comments."""
    out = []
    for text, tag, way in parts:
        if way == "cdata" and "]]>" not in text:
            inner = f"<![CDATA[{text}]]>"
        elif way == "numbers":
            inner = "".join(f"&#x{ord(c):x};" for c in text)
        else:
            inner = escape(text)
        if way == "comment":
            inner += "<!-- </AbstractText></PubmedArticle> & -->"
        out.append(f"<{tag}>{inner}</{tag}>" if tag else inner)
    return "".join(out)


PARTS = st.lists(
    st.tuples(
        TEXT,
        st.sampled_from(["", "i", "sub", "sup", "b", "u", "DispFormula", "New"]),
        st.sampled_from(["escaped", "cdata", "numbers", "comment"]),
    ),
    max_size=5,
)


@given(st.lists(PARTS, max_size=4))
def test_any_text_comes_through_character_for_character(
    sections: list[list[tuple[str, str, str]]],
) -> None:
    xml = "".join(f'<AbstractText Label="L">{marked_up(s)}</AbstractText>' for s in sections)
    article = read(f"<ArticleTitle>T</ArticleTitle><Abstract>{xml}</Abstract>")
    wanted = ["T", *("".join(text for text, _, _ in section).strip() for section in sections)]
    wanted = [text for text in wanted if text]
    assert article.text == "\n".join(wanted)
    assert [article.text[p.start : p.end] for p in article.passages] == wanted
    assert [p.label for p in article.passages] == [None] + ["L"] * (len(wanted) - 1)


@given(st.text(CHARACTERS | st.sampled_from("\n\r\t "), max_size=40))
def test_line_breaks_of_any_kind(text: str) -> None:
    written = "".join(f"&#{ord(c)};" if c == "\r" else escape(c) for c in text)
    article = read(
        f"<ArticleTitle>T</ArticleTitle><Abstract><AbstractText>{written}</AbstractText></Abstract>"
    )
    wanted = re.sub(r"\r\n|\r|\n", " ", text).strip()
    assert article.text == ("T\n" + wanted if wanted else "T")
