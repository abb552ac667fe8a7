"""PubMed XML -> Article, record by record (lxml).

Element names: NLM's PubMed DTD, https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/. Unknown
elements are passed over. Inline markup is removed without losing or adding a character of text.

Every element of lxml that Python touches costs something, and a record has hundreds: each is
visited once, by loops over slices (`element[:]` is three times as fast as `element`), and never
found by path.
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

__all__ = ["parse_record", "read_record"]

# lxml has no types of its own.
Element = Any

_PREFIX = re.compile(rb"[<\s]/?([A-Za-z_][\w.-]*):[A-Za-z_]")
# No document type, entity or network; libxml2 refuses what is too large or too deep.
_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
    encoding="utf-8",
)


def parse_record(data: bytes) -> Iterator[Article]:
    """The articles of one record's XML in UTF-8 (a DeleteCitation holds one per PMID).

    Raises MalformedRecord when the XML is broken or the record lacks what every record must have.
    """
    yield from read_record(data)


def read_record(data: bytes, encoding: str = "utf-8") -> list[Article]:
    """As `parse_record`, all at once, from bytes in any encoding."""
    root = _element(data, encoding)
    tag = root.tag
    if tag == "PubmedArticle":
        return [_article(root)]
    if tag == "PubmedBookArticle":
        return [_book(root)]
    if tag in ("DeleteCitation", "DeleteDocument"):
        return [_deleted(element) for element in root.iter("PMID")]
    return [_article(root)]


def _deleted(element: Element) -> Article:
    pmid = pmid_of(_text(element))
    version = version_of(element.get("Version"), pmid)
    return Article(id=pmid, text="", pmid=pmid, version=version, status=Status(deleted=True))


# --- XML


def _element(data: bytes, encoding: str) -> Element:
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
    if root.tag[0] == "{":
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


def _text(element: Element) -> str:
    """All text of an element, cleaned."""
    text = _all_text(element) if len(element) else element.text
    if not text:
        return ""
    return clean(text) if "\n" in text or "\r" in text else text.strip()


def _all_text(element: Element) -> str:
    """The text with that of all descendants, as it is."""
    text: str = etree.tostring(element, method="text", encoding="unicode", with_tail=False)
    return text


def _maybe(element: Element | None) -> str | None:
    return None if element is None else _text(element) or None


def _children(element: Element | None) -> dict[str, list[Element]]:
    """The children by name."""
    found: dict[str, list[Element]] = {}
    for child in () if element is None else element[:]:
        tag = child.tag
        if tag in found:
            found[tag].append(child)
        else:
            found[tag] = [child]
    return found


def _first(children: dict[str, list[Element]], *names: str) -> Element | None:
    """The first child of a name, else of the next name."""
    for name in names:
        if name in children:
            return children[name][0]
    return None


def _texts(elements: Iterable[Element]) -> tuple[str, ...]:
    return tuple([text for e in elements if (text := _text(e))])


def _within(children: dict[str, list[Element]], outer: str, inner: str) -> list[Element]:
    """The grandchildren `outer`/`inner`."""
    if outer not in children:
        return []
    return [child for parent in children[outer] for child in parent[:] if child.tag == inner]


# --- parts of a record


def _sections(abstract: Element | None) -> list[Section]:
    if abstract is None:
        return []
    sections = [
        (_text(part), part.get("Label") or None, part.get("NlmCategory") or None)
        for part in abstract[:]
        if part.tag == "AbstractText"
    ]
    return sections or [(clean(abstract.text or ""), None, None)]


def _other_abstracts(elements: list[Element]) -> Iterator[OtherAbstract]:
    for element in elements:
        text, passages = joined(_sections(element))
        if text:
            yield OtherAbstract(text, element.get("Language"), element.get("Type"), passages)


def _author(element: Element) -> Author:
    last = fore = initials = suffix = collective = orcid = None
    affiliations: list[str] = []
    for child in element[:]:
        tag = child.tag
        if tag == "LastName":
            last = _text(child) or None
        elif tag == "ForeName" or tag == "FirstName":
            fore = _text(child) or None
        elif tag == "Initials":
            initials = _text(child) or None
        elif tag == "AffiliationInfo":
            affiliations += [_text(e) for e in child[:] if e.tag == "Affiliation"]
        elif tag == "Identifier":
            if orcid is None and (child.get("Source") or "").upper() == "ORCID":
                orcid = orcid_of(_text(child))
        elif tag == "Suffix":
            suffix = _text(child) or None
        elif tag == "CollectiveName":
            collective = _text(child) or None
        elif tag == "Affiliation":
            affiliations.append(_text(child))
    places = tuple([place for place in affiliations if place])
    return Author(last, fore, initials, collective, orcid, places, suffix)


def _authors(lists: list[Element] | None) -> tuple[Author, ...]:
    """The authors, without editors; a name marked as not valid was corrected by a later one."""
    return tuple(
        [
            _author(author)
            for people in lists or ()
            if (people.get("Type") or "authors") == "authors"
            for author in people[:]
            if author.tag == "Author" and author.get("ValidYN") != "N"
        ]
    )


def _heading(element: Element) -> MeshHeading:
    descriptor = None
    qualifiers = []
    for child in element[:]:
        ui, major = child.get("UI") or None, child.get("MajorTopicYN") == "Y"
        if child.tag == "QualifierName":
            qualifiers.append(Qualifier(_text(child), ui, major))
        elif child.tag == "DescriptorName":
            descriptor = (_text(child), ui, major)
    if descriptor is None:
        raise MalformedRecord("A MeSH heading has no descriptor.")
    return MeshHeading(*descriptor, tuple(qualifiers))


def _chemical(element: Element) -> Chemical:
    name, ui, number = "", None, None
    for child in element[:]:
        if child.tag == "NameOfSubstance":
            name, ui = _text(child), child.get("UI") or None
        elif child.tag == "RegistryNumber":
            number = _text(child) or None
    return Chemical(name, ui, number)


def _link(element: Element) -> Link:
    pmid = citation = None
    for child in element[:]:
        if child.tag == "RefSource":
            citation = _text(child) or None
        elif child.tag == "PMID":
            pmid = _text(child) or None
    return Link(element.get("RefType") or "unknown", pmid, citation)


def _grant(element: Element) -> Grant:
    texts = {child.tag: _text(child) for child in element[:]}
    return Grant(
        texts.get("GrantID") or None, texts.get("Agency") or None, texts.get("Country") or None
    )


def _databank(element: Element) -> DataBank:
    parts = _children(element)
    numbers = _texts(_within(parts, "AccessionNumberList", "AccessionNumber"))
    return DataBank(_maybe(_first(parts, "DataBankName")) or "", numbers)


def _types(elements: Iterable[Element]) -> tuple[PublicationType, ...]:
    return tuple(
        [PublicationType(name, e.get("UI") or None) for e in elements if (name := _text(e))]
    )


def _ids(lists: list[Element], places: list[Element]) -> dict[str, str]:
    """Identifiers by kind (doi, pmc, pii, ...): the record's list first, then the location's."""
    ids: dict[str, str] = {}
    for entries in lists:
        for entry in entries[:]:
            kind = entry.get("IdType") or "pubmed"
            if kind != "pubmed" and kind not in ids and (value := _text(entry)):
                ids[kind] = value
    for entry in places:
        kind = entry.get("EIdType") or ""
        if kind and kind not in ids and entry.get("ValidYN") != "N" and (value := _text(entry)):
            ids[kind] = value
    return ids


def _date(element: Element) -> str | None:
    texts = {child.tag: child.text for child in element[:]}
    day = texts.get("Day")
    if day and day.isdigit() and (month := texts.get("Month")) and month.isdigit():
        return iso_date(clean(texts.get("Year") or ""), month, day)
    parts = {name: clean(text or "") for name, text in texts.items()}
    return parts.get("MedlineDate") or iso_date(
        parts.get("Year"), parts.get("Month") or parts.get("Season"), day and clean(day)
    )


def _dates(places: Iterable[tuple[str, Element | None]], history: Element | None) -> dict[str, str]:
    dates = {}
    for name, element in places:
        if element is not None and (date := _date(element)):
            dates[name] = date
    for entry in () if history is None else history[:]:
        name = entry.get("PubStatus")
        if name and name not in dates and (date := _date(entry)):
            dates[name] = date
    return dates


def _year(dates: dict[str, str], *names: str) -> int | None:
    for name in names:
        if name in dates and (year := year_of(dates[name])):
            return year
    return None


def _references(lists: list[Element] | None) -> tuple[str, ...]:
    """PMID, else DOI, of every reference that has one; lists may be nested."""
    found: list[str] = []
    for part in lists or ():
        pmid = doi = ""
        # One walk over both names: a reference's ids follow it.
        for element in part.iter("Reference", "ArticleId"):
            if element.tag == "Reference":
                found.append(pmid or doi)
                pmid = doi = ""
            elif not pmid:
                kind = element.get("IdType")
                if kind == "pubmed":
                    pmid = _text(element)
                elif kind == "doi" and not doi:
                    doi = _text(element)
        found.append(pmid or doi)
    return tuple([key for key in found if key])


# --- records


def _article(root: Element) -> Article:
    citation, data = root, None
    for child in () if root.tag == "MedlineCitation" else root[:]:
        if child.tag == "MedlineCitation":
            citation = child
        elif child.tag == "PubmedData":
            data = child
    if citation.tag != "MedlineCitation":
        raise MalformedRecord("The record has no MedlineCitation.")
    about = _children(citation)
    number = _first(about, "PMID")
    pmid = pmid_of("" if number is None else _text(number))
    article = _first(about, "Article")
    if number is None or article is None:
        raise MalformedRecord(f"PMID {pmid} has no Article element.")
    parts = _children(article)
    published = _children(data)

    vernacular = _maybe(_first(parts, "VernacularTitle"))
    title = title_of(_maybe(_first(parts, "ArticleTitle")) or "", vernacular)
    text, passages = canonical_text(title, _sections(_first(parts, "Abstract")))
    types = _types(_within(parts, "PublicationTypeList", "PublicationType"))
    links = tuple(
        [_link(e) for e in _within(about, "CommentsCorrectionsList", "CommentsCorrections")]
    )
    languages = _texts(parts.get("Language", ()))
    journal = _children(_first(parts, "Journal"))
    issue = _within(journal, "JournalIssue", "PubDate")
    dates = _dates(
        (
            ("published", issue[0] if issue else None),
            ("electronic", _first(parts, "ArticleDate")),
            ("completed", _first(about, "DateCompleted")),
            ("revised", _first(about, "DateRevised")),
        ),
        _first(published, "History"),
    )
    return Article(
        id=pmid,
        text=text,
        pmid=pmid,
        version=version_of(number.get("Version"), pmid),
        passages=passages,
        publication_types=types,
        mesh=tuple([_heading(e) for e in _within(about, "MeshHeadingList", "MeshHeading")]),
        status=status_of(links, types, title, pmid=pmid),
        ids=_ids(published.get("ArticleIdList", []), parts.get("ELocationID", [])),
        journal=_maybe(_first(journal, "Title", "ISOAbbreviation"))
        or _maybe(next(iter(_within(about, "MedlineJournalInfo", "MedlineTA")), None)),
        year=_year(dates, "published", "electronic", "pubmed", "entrez"),
        dates=dates,
        authors=_authors(parts.get("AuthorList")),
        language=languages[0] if languages else None,
        languages=languages,
        vernacular_title=vernacular,
        other_abstracts=tuple(_other_abstracts(about.get("OtherAbstract", []))),
        keywords=_texts(_within(about, "KeywordList", "Keyword")),
        chemicals=tuple([_chemical(e) for e in _within(about, "ChemicalList", "Chemical")]),
        supplementary_concepts=tuple(
            [
                Chemical(_text(e), e.get("UI") or None)
                for e in _within(about, "SupplMeshList", "SupplMeshName")
            ]
        ),
        grants=tuple([_grant(e) for e in _within(parts, "GrantList", "Grant")]),
        databanks=tuple([_databank(e) for e in _within(parts, "DataBankList", "DataBank")]),
        references=_references(published.get("ReferenceList")),
        coi=_maybe(_first(about, "CoiStatement")),
        indexing_method=citation.get("IndexingMethod"),
        citation_status=citation.get("Status"),
    )


def _book(root: Element) -> Article:
    outer = _children(root)
    document = _first(outer, "BookDocument")
    if document is None:
        raise MalformedRecord("The book's record has no BookDocument.")
    parts = _children(document)
    number = _first(parts, "PMID")
    pmid = pmid_of("" if number is None else _text(number))
    book = _children(_first(parts, "Book"))
    data = _children(_first(outer, "PubmedBookData"))

    book_title = _maybe(_first(book, "BookTitle"))
    vernacular = _maybe(_first(parts, "VernacularTitle"))
    own_title = title_of(_maybe(_first(parts, "ArticleTitle")) or "", vernacular)
    title = own_title or book_title or ""
    text, passages = canonical_text(title, _sections(_first(parts, "Abstract")))
    types = _types(parts.get("PublicationType", ()))
    languages = _texts(parts.get("Language", ()))
    dates = _dates(
        (
            ("published", _first(book, "PubDate")),
            ("contributed", _first(parts, "ContributionDate")),
            ("revised", _first(parts, "DateRevised")),
        ),
        _first(data, "History"),
    )
    return Article(
        id=pmid,
        text=text,
        pmid=pmid,
        version=version_of(None if number is None else number.get("Version"), pmid),
        passages=passages,
        publication_types=types,
        status=status_of((), types, title, pmid=pmid),
        ids=_ids(
            [*parts.get("ArticleIdList", ()), *data.get("ArticleIdList", ())],
            book.get("ELocationID", []),
        ),
        journal=book_title if own_title else None,
        year=_year(dates, "published", "contributed", "revised", "pubmed"),
        dates=dates,
        authors=_authors(parts.get("AuthorList")) or _authors(book.get("AuthorList")),
        language=languages[0] if languages else None,
        languages=languages,
        vernacular_title=vernacular,
        keywords=_texts(_within(parts, "KeywordList", "Keyword")),
        grants=tuple([_grant(e) for e in _within(parts, "GrantList", "Grant")]),
        references=_references(parts.get("ReferenceList")) + _references(data.get("ReferenceList")),
    )
