"""PubMed XML -> Article, record by record (lxml).

Element names: NLM's PubMed DTD, https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/. Unknown
elements are passed over. Inline markup is removed without losing or adding a character of text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from textmine.errors import MalformedRecord
from textmine.pubmed.canonical import (
    Section,
    canonical_text,
    clean,
    iso_date,
    joined,
    orcid_of,
    pmid_of,
    title_of,
    version_of,
    year_of,
)
from textmine.pubmed.status import status_of
from textmine.records import (
    Article,
    Author,
    Chemical,
    DataBank,
    Grant,
    Link,
    MeshHeading,
    OtherAbstract,
    PublicationType,
    Qualifier,
    Status,
)

__all__ = ["articles_of", "element_of", "parse_record"]

# lxml has no types of its own.
Element = Any

_PREFIX = re.compile(rb"[<\s]/?([A-Za-z_][\w.-]*):[A-Za-z_]")


def parse_record(data: bytes) -> Iterator[Article]:
    """The articles of one record's XML in UTF-8 (a DeleteCitation holds one per PMID).

    Raises MalformedRecord when the XML is broken or the record lacks what every record must have.
    """
    return articles_of(element_of(data))


def articles_of(root: Element) -> Iterator[Article]:
    """The articles of one record's element. Raises MalformedRecord."""
    if root.tag in ("DeleteCitation", "DeleteDocument"):
        for element in root.iter("PMID"):
            pmid = pmid_of(_text(element))
            version = version_of(element.get("Version"), pmid)
            yield Article(id=pmid, text="", pmid=pmid, version=version, status=Status(deleted=True))
    elif root.tag == "PubmedBookArticle":
        yield _book(root)
    else:
        yield _article(root)


# --- XML


def _parser() -> Any:
    # No document type, entity or network; libxml2 refuses what is too large or too deep.
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )


_PARSER = _parser()


def element_of(data: bytes, encoding: str = "utf-8") -> Element:
    """One record's element. Raises MalformedRecord when it is not well-formed."""
    if encoding != "utf-8":
        try:
            data = data.decode(encoding).encode()
        except UnicodeError as error:
            raise MalformedRecord(
                f"The record is not in the encoding that its file declares ({error})."
            ) from None
    try:
        root = _parse(data)
    except etree.XMLSyntaxError as error:
        raise MalformedRecord(_reason(error)) from None
    if b"xmlns" in data or root.prefix is not None:
        for element in root.iter("{*}*"):
            if element.tag[0] == "{":
                element.tag = element.tag.rpartition("}")[2]
    return root


def _parse(data: bytes) -> Element:
    try:
        return etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError as error:
        # A prefix may be declared on the root of the file, which is no part of the record.
        if "prefix" not in str(error):
            raise
    names = sorted({name for name in _PREFIX.findall(data) if name not in (b"xml", b"xmlns")})
    declared = b"".join(b' xmlns:%s="urn:%s"' % (name, name) for name in names)
    return etree.fromstring(b"<x" + declared + b">" + data + b"</x>", _PARSER)[0]


def _reason(error: Any) -> str:
    message = re.sub(r" \(<string>, line \d+\)$", "", str(error))
    reason = f"The record is no well-formed XML: {message}."
    if "ntity" in message:
        reason += " Entities that a file declares are never expanded."
    return reason


def _text(element: Element | None) -> str:
    """All text below an element, cleaned."""
    if element is None:
        return ""
    whole = "".join(element.itertext()) if len(element) else element.text
    return clean(whole) if whole else ""


def _maybe(element: Element | None) -> str | None:
    return _text(element) or None


def _children(element: Element | None) -> dict[str, Element]:
    """The children by name, the first of each; one pass over them is cheaper than many searches."""
    found: dict[str, Element] = {}
    if element is not None:
        for child in element:
            found.setdefault(child.tag, child)
    return found


def _listed(element: Element | None, name: str) -> list[Element]:
    return [] if element is None else element.findall(name)


def _texts(elements: Iterable[Element]) -> tuple[str, ...]:
    return tuple(filter(None, map(_text, elements)))


# --- parts of a record


def _sections(abstract: Element | None) -> list[Section]:
    if abstract is None:
        return []
    parts = abstract.findall("AbstractText")
    if not parts:
        return [(clean(abstract.text or ""), None, None)]
    return [
        (_text(part), part.get("Label") or None, part.get("NlmCategory") or None) for part in parts
    ]


def _other_abstract(element: Element) -> OtherAbstract | None:
    text, passages = joined(_sections(element))
    if not text:
        return None
    return OtherAbstract(text, element.get("Language"), element.get("Type"), passages)


def _author(element: Element) -> Author:
    values: dict[str, str] = {}
    affiliations = []
    orcid = None
    for child in element:
        tag = child.tag
        if tag == "AffiliationInfo":
            affiliations += [_text(e) for e in child if e.tag == "Affiliation"]
        elif tag == "Affiliation":
            affiliations.append(_text(child))
        elif tag == "Identifier":
            if orcid is None and (child.get("Source") or "").upper() == "ORCID":
                orcid = orcid_of(_text(child))
        else:
            values.setdefault(tag, _text(child))
    return Author(
        last=values.get("LastName") or None,
        fore=values.get("ForeName") or values.get("FirstName") or None,
        initials=values.get("Initials") or None,
        collective=values.get("CollectiveName") or None,
        orcid=orcid,
        affiliations=tuple(filter(None, affiliations)),
        suffix=values.get("Suffix") or None,
    )


def _authors(place: Element | None) -> tuple[Author, ...]:
    """The authors, without editors; a name marked as not valid was corrected by a later one."""
    return tuple(
        _author(author)
        for people in _listed(place, "AuthorList")
        if (people.get("Type") or "authors") == "authors"
        for author in people.iterchildren("Author")
        if author.get("ValidYN") != "N"
    )


def _heading(element: Element) -> MeshHeading:
    descriptor = None
    qualifiers = []
    for child in element:
        if child.tag == "DescriptorName":
            descriptor = child
        elif child.tag == "QualifierName":
            qualifiers.append(
                Qualifier(_text(child), child.get("UI") or None, child.get("MajorTopicYN") == "Y")
            )
    if descriptor is None:
        raise MalformedRecord("A MeSH heading has no descriptor.")
    return MeshHeading(
        _text(descriptor),
        descriptor.get("UI") or None,
        descriptor.get("MajorTopicYN") == "Y",
        tuple(qualifiers),
    )


def _chemical(element: Element) -> Chemical:
    parts = _children(element)
    name = parts.get("NameOfSubstance")
    return Chemical(
        _text(name),
        None if name is None else name.get("UI") or None,
        _maybe(parts.get("RegistryNumber")),
    )


def _link(element: Element) -> Link:
    parts = _children(element)
    return Link(
        element.get("RefType") or "unknown",
        _maybe(parts.get("PMID")),
        _maybe(parts.get("RefSource")),
    )


def _grant(element: Element) -> Grant:
    parts = _children(element)
    return Grant(*(_maybe(parts.get(name)) for name in ("GrantID", "Agency", "Country")))


def _databank(element: Element) -> DataBank:
    numbers = element.iterfind("AccessionNumberList/AccessionNumber")
    return DataBank(_text(element.find("DataBankName")), _texts(numbers))


def _types(elements: list[Element]) -> tuple[PublicationType, ...]:
    return tuple(PublicationType(name, e.get("UI") or None) for e in elements if (name := _text(e)))


def _ids(lists: list[Element], places: list[Element]) -> dict[str, str]:
    """Identifiers by kind (doi, pmc, pii, ...): the record's list first, then the location's."""
    ids: dict[str, str] = {}
    for entries in lists:
        for entry in entries:
            kind = entry.get("IdType") or "pubmed"
            if kind != "pubmed" and (value := _text(entry)):
                ids.setdefault(kind, value)
    for entry in places:
        kind = entry.get("EIdType") or ""
        if kind and entry.get("ValidYN") != "N" and (value := _text(entry)):
            ids.setdefault(kind, value)
    return ids


def _date(element: Element | None) -> str | None:
    if element is None:
        return None
    parts = {child.tag: _text(child) for child in element}
    return parts.get("MedlineDate") or iso_date(
        parts.get("Year"), parts.get("Month") or parts.get("Season"), parts.get("Day")
    )


def _dates(places: dict[str, Element | None], history: Element | None) -> dict[str, str]:
    dates = {name: _date(element) for name, element in places.items()}
    for entry in () if history is None else history:
        dates.setdefault(entry.get("PubStatus", ""), _date(entry))
    return {name: value for name, value in dates.items() if name and value}


def _references(data: Element | None) -> tuple[str, ...]:
    """PMID, else DOI, of every reference that has one; lists may be nested."""
    found = []
    for reference in () if data is None else data.iter("Reference"):
        ids = {e.get("IdType"): _text(e) for e in reference.iter("ArticleId")}
        key = ids.get("pubmed") or ids.get("doi")
        if key:
            found.append(key)
    return tuple(found)


# --- records


def _article(root: Element) -> Article:
    citation = root if root.tag == "MedlineCitation" else root.find("MedlineCitation")
    if citation is None:
        raise MalformedRecord("The record has no MedlineCitation.")
    about = _children(citation)
    number = about.get("PMID")
    pmid = pmid_of(_text(number))
    article = about.get("Article")
    if number is None or article is None:
        raise MalformedRecord(f"PMID {pmid} has no Article element.")
    parts = _children(article)
    data = _children(root.find("PubmedData"))
    issue = parts.get("Journal")
    journal = _children(issue)
    published = None if issue is None else issue.find("JournalIssue/PubDate")

    vernacular = _maybe(parts.get("VernacularTitle"))
    title = title_of(_text(parts.get("ArticleTitle")), vernacular)
    text, passages = canonical_text(title, _sections(parts.get("Abstract")))
    types = _types(_listed(parts.get("PublicationTypeList"), "PublicationType"))
    links = tuple(map(_link, _listed(about.get("CommentsCorrectionsList"), "CommentsCorrections")))
    languages = _texts(article.iterchildren("Language"))
    dates = _dates(
        {
            "published": published,
            "electronic": parts.get("ArticleDate"),
            "completed": about.get("DateCompleted"),
            "revised": about.get("DateRevised"),
        },
        data.get("History"),
    )
    return Article(
        id=pmid,
        text=text,
        pmid=pmid,
        version=version_of(number.get("Version"), pmid),
        passages=passages,
        publication_types=types,
        mesh=tuple(map(_heading, _listed(about.get("MeshHeadingList"), "MeshHeading"))),
        status=status_of(links, types, title, pmid=pmid),
        ids=_ids(
            [data["ArticleIdList"]] if "ArticleIdList" in data else [],
            article.findall("ELocationID"),
        ),
        journal=_maybe(journal.get("Title"))
        or _maybe(journal.get("ISOAbbreviation"))
        or _maybe(_children(about.get("MedlineJournalInfo")).get("MedlineTA")),
        year=year_of(*(dates.get(k) for k in ("published", "electronic", "pubmed", "entrez"))),
        dates=dates,
        authors=_authors(article),
        language=languages[0] if languages else None,
        languages=languages,
        vernacular_title=vernacular,
        other_abstracts=tuple(
            filter(None, map(_other_abstract, citation.findall("OtherAbstract")))
        ),
        keywords=_texts(citation.iterfind("KeywordList/Keyword")),
        chemicals=tuple(map(_chemical, _listed(about.get("ChemicalList"), "Chemical"))),
        supplementary_concepts=tuple(
            Chemical(_text(e), e.get("UI") or None)
            for e in _listed(about.get("SupplMeshList"), "SupplMeshName")
        ),
        grants=tuple(map(_grant, _listed(parts.get("GrantList"), "Grant"))),
        databanks=tuple(map(_databank, _listed(parts.get("DataBankList"), "DataBank"))),
        references=_references(root.find("PubmedData")) if "ReferenceList" in data else (),
        coi=_maybe(about.get("CoiStatement")),
        indexing_method=citation.get("IndexingMethod"),
        citation_status=citation.get("Status"),
    )


def _book(root: Element) -> Article:
    document = root.find("BookDocument")
    if document is None:
        raise MalformedRecord("The book's record has no BookDocument.")
    parts = _children(document)
    number = parts.get("PMID")
    pmid = pmid_of(_text(number))
    source = parts.get("Book")
    book = _children(source)
    data = root.find("PubmedBookData")

    book_title = _maybe(book.get("BookTitle"))
    vernacular = _maybe(parts.get("VernacularTitle"))
    own_title = title_of(_text(parts.get("ArticleTitle")), vernacular)
    title = own_title or book_title or ""
    text, passages = canonical_text(title, _sections(parts.get("Abstract")))
    types = _types(document.findall("PublicationType"))
    languages = _texts(document.iterchildren("Language"))
    dates = _dates(
        {
            "published": book.get("PubDate"),
            "contributed": parts.get("ContributionDate"),
            "revised": parts.get("DateRevised"),
        },
        _children(data).get("History"),
    )
    id_lists = [e for e in (document, data) if e is not None]
    return Article(
        id=pmid,
        text=text,
        pmid=pmid,
        version=version_of(None if number is None else number.get("Version"), pmid),
        passages=passages,
        publication_types=types,
        status=status_of((), types, title, pmid=pmid),
        ids=_ids(
            [x for e in id_lists for x in e.findall("ArticleIdList")],
            [] if source is None else source.findall("ELocationID"),
        ),
        journal=book_title if own_title else None,
        year=year_of(*(dates.get(k) for k in ("published", "contributed", "revised", "pubmed"))),
        dates=dates,
        authors=_authors(document) or _authors(source),
        language=languages[0] if languages else None,
        languages=languages,
        vernacular_title=vernacular,
        keywords=_texts(document.iterfind("KeywordList/Keyword")),
        grants=tuple(map(_grant, document.iterfind("GrantList/Grant"))),
        references=_references(document) + _references(data),
    )
