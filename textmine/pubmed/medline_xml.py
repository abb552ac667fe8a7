"""PubMed XML -> Article, record by record (lxml).

Element names: NLM's PubMed DTD, https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/. Unknown
elements are tolerated. The canonical text is made here, once: title, newline, then the passages,
one newline between them. Inline markup is removed without losing or adding a character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from lxml import etree

from textmine.errors import MalformedRecord
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
    Passage,
    PublicationType,
    Qualifier,
    Status,
)

__all__ = ["NOT_AVAILABLE", "canonical_text", "orcid_of", "parse_record", "year_of"]

_BREAK = re.compile(r"\r\n?|\n")
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")
_PREFIX = re.compile(rb"<(?:/)?([A-Za-z][\w.-]*):[A-Za-z]")
NOT_AVAILABLE = {"[Not Available].", "[Not Available]"}


def parse_record(data: bytes) -> Iterator[Article]:
    """The articles of one record element in UTF-8 (a DeleteCitation holds one per PMID).

    Raises MalformedRecord when the XML is broken or a record has no PMID.
    """
    root = _element(data)
    if root.tag in ("DeleteCitation", "DeleteDocument"):
        for pmid in root.iter("PMID"):
            number = _pmid(pmid)
            yield Article(
                id=number, text="", pmid=number, version=_version(pmid), status=Status(deleted=True)
            )
        return
    if root.tag == "PubmedBookArticle":
        yield _book(root)
    else:
        yield _article(root)


@cache
def _parser() -> etree.XMLParser:
    """No DTD, no entities, no network: an entity in a record is an error of that record."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )


def _element(data: bytes) -> etree._Element:
    parser = _parser()
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        # MathML prefixes are declared on the root of some files, which is not part of the record.
        if "Namespace prefix" in str(error):
            names = {name.decode() for name in _PREFIX.findall(data)}
            declared = " ".join(f'xmlns:{n}="urn:{n}"' for n in sorted(names))
            wrapped = b"<x " + declared.encode() + b">" + data + b"</x>"
            try:
                return etree.fromstring(wrapped, parser)[0]
            except etree.XMLSyntaxError as again:
                error = again
        raise MalformedRecord(f"The record is no well-formed XML: {error}") from None


def canonical_text(
    title: str, sections: list[tuple[str, str | None, str | None]]
) -> tuple[str, tuple[Passage, ...]]:
    """The text of a record and its passages; a section is (text, label, category)."""
    passages: list[Passage] = []
    parts: list[str] = []
    at = 0
    if title:
        parts.append(title)
        passages.append(Passage("title", 0, len(title)))
        at = len(title) + 1
    for text, label, category in sections:
        if not text:
            continue
        if not parts:
            # Without a title the text still begins with the title's line, which is empty.
            parts.append("")
            at = 1
        parts.append(text)
        passages.append(Passage("abstract", at, at + len(text), label, category))
        at += len(text) + 1
    return "\n".join(parts), tuple(passages)


def year_of(*texts: str | None) -> int | None:
    """The first year found in any of the texts ("1998 Dec-1999 Jan" -> 1998)."""
    for text in texts:
        match = _YEAR.search(text or "")
        if match:
            return int(match.group())
    return None


# --- small things


def _text(element: etree._Element | None) -> str:
    """All text below an element: line breaks become one blank each, outer white space goes."""
    if element is None:
        return ""
    whole = element.text or ""
    if len(element):
        for child in element.iter(etree.Entity):
            raise MalformedRecord(
                f"The record uses the entity {child.text}, which is never expanded."
            )
        whole = "".join(element.itertext())
    if "\n" in whole or "\r" in whole:
        whole = _BREAK.sub(" ", whole)
    return whole.strip()


def _maybe(element: etree._Element | None) -> str | None:
    return _text(element) or None


def _pmid(element: etree._Element | None) -> str:
    pmid = _text(element)
    if not pmid.isascii() or not pmid.isdigit():
        raise MalformedRecord(f"The record has no usable PMID (found {pmid!r}).")
    return pmid


def _version(element: etree._Element) -> int:
    value = element.get("Version", "1")
    if not value.isascii() or not value.isdigit():
        raise MalformedRecord(f"PMID {_text(element)}: the version {value!r} is no number.")
    return int(value)


def _major(element: etree._Element) -> bool:
    return bool(element.get("MajorTopicYN") == "Y")


# --- parts of a record


def _sections(abstract: etree._Element | None) -> list[tuple[str, str | None, str | None]]:
    if abstract is None:
        return []
    return [
        (_text(part), part.get("Label") or None, part.get("NlmCategory") or None)
        for part in abstract.findall("AbstractText")
    ]


def _authors(place: etree._Element) -> tuple[Author, ...]:
    return tuple(
        _author(author)
        for people in place.iterfind("AuthorList")
        if (people.get("Type") or "authors") == "authors"
        for author in people.iterfind("Author")
    )


def _author(element: etree._Element) -> Author:
    names: dict[str, str | None] = {}
    affiliations = []
    for child in element:
        tag = child.tag
        if tag == "AffiliationInfo":
            affiliations += [_text(a) for a in child.iterfind("Affiliation")]
        elif tag == "Affiliation":
            affiliations.append(_text(child))
        elif tag == "Identifier":
            if child.get("Source") == "ORCID":
                names["orcid"] = orcid_of(_text(child))
        elif tag in _NAMES:
            names[_NAMES[tag]] = _text(child) or None
    return Author(**names, affiliations=tuple(a for a in affiliations if a))


_NAMES = {
    "LastName": "last",
    "ForeName": "fore",
    "FirstName": "fore",
    "Initials": "initials",
    "CollectiveName": "collective",
}


def orcid_of(value: str | None) -> str | None:
    """0000-0002-1825-0097, however it was written (with the address, without hyphens)."""
    if not value:
        return None
    digits = re.sub(r"[^0-9Xx]", "", value.rpartition("/")[2])[-16:].upper()
    if len(digits) != 16:
        return value
    return "-".join(digits[i : i + 4] for i in range(0, 16, 4))


def _mesh(citation: etree._Element) -> tuple[MeshHeading, ...]:
    found = []
    for heading in citation.findall("MeshHeadingList/MeshHeading"):
        descriptor = heading.find("DescriptorName")
        if descriptor is None:
            continue
        qualifiers = tuple(
            Qualifier(_text(q), q.get("UI"), _major(q)) for q in heading.findall("QualifierName")
        )
        found.append(
            MeshHeading(_text(descriptor), descriptor.get("UI"), _major(descriptor), qualifiers)
        )
    return tuple(found)


def _links(citation: etree._Element) -> tuple[Link, ...]:
    return tuple(
        Link(
            type=entry.get("RefType", ""),
            pmid=_maybe(entry.find("PMID")),
            citation=_maybe(entry.find("RefSource")),
        )
        for entry in citation.findall("CommentsCorrectionsList/CommentsCorrections")
    )


def _ids(article: etree._Element, data: etree._Element | None) -> dict[str, str]:
    ids: dict[str, str] = {}
    if data is not None:
        for entry in data.iterfind("ArticleIdList/ArticleId"):
            kind, value = entry.get("IdType") or "pubmed", _text(entry)
            if kind != "pubmed" and value:
                ids.setdefault(kind, value)
    for entry in article.findall("ELocationID"):
        kind, value = entry.get("EIdType", ""), _text(entry)
        if kind and value and entry.get("ValidYN") != "N":
            ids.setdefault(kind, value)
    return ids


def _date(element: etree._Element | None) -> str | None:
    """A date as ISO where it has numbers ("2020-03-04"), else as it is written."""
    if element is None:
        return None
    parts = {child.tag: _text(child) for child in element}
    medline = parts.get("MedlineDate")
    if medline:
        return medline
    year = parts.get("Year")
    if not year:
        return None
    for name in ("Month", "Season", "Day"):
        value = parts.get(name)
        if value:
            month = _MONTHS.get(value[:3].title()) if value.isalpha() else None
            year += "-" + (month or value.zfill(2))
    return year


_MONTHS = {
    name: f"{number:02d}"
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}


def _dates(places: dict[str, etree._Element | None], data: etree._Element | None) -> dict[str, str]:
    dates = {name: _date(element) for name, element in places.items()}
    if data is not None:
        # Of the history only what retrieval goes by: the rest is the journal's own business.
        for entry in data.iterfind("History/PubMedPubDate"):
            status = entry.get("PubStatus", "")
            if status in ("entrez", "pubmed", "medline"):
                dates.setdefault(status, _date(entry))
    return {name: value for name, value in dates.items() if name and value}


def _references(data: etree._Element | None) -> tuple[str, ...]:
    """The PMIDs, or else the DOIs, of the reference list."""
    if data is None:
        return ()
    found = []
    for reference in data.iterfind("ReferenceList//Reference"):
        doi = None
        for entry in reference.iterfind("ArticleIdList/ArticleId"):
            kind = entry.get("IdType")
            if kind == "pubmed":
                found.append(_text(entry))
                break
            if kind == "doi":
                doi = _text(entry)
        else:
            if doi:
                found.append(doi)
    return tuple(found)


def _languages(place: etree._Element) -> tuple[str, ...]:
    return tuple(t for t in map(_text, place.findall("Language")) if t)


def _publication_types(place: etree._Element, path: str) -> tuple[PublicationType, ...]:
    return tuple(
        PublicationType(_text(t), t.get("UI") or None) for t in place.findall(path) if _text(t)
    )


def _keywords(place: etree._Element) -> tuple[str, ...]:
    return tuple(t for t in map(_text, place.findall("KeywordList/Keyword")) if t)


def _grants(place: etree._Element) -> tuple[Grant, ...]:
    return tuple(
        Grant(_maybe(g.find("GrantID")), _maybe(g.find("Agency")), _maybe(g.find("Country")))
        for g in place.findall("GrantList/Grant")
    )


# --- records


def _children(element: etree._Element | None) -> dict[str, etree._Element]:
    """The first child of every name: one walk instead of a search for each."""
    found: dict[str, etree._Element] = {}
    if element is not None:
        for child in element:
            found.setdefault(child.tag, child)
    return found


def _article(root: etree._Element) -> Article:
    citation = root if root.tag == "MedlineCitation" else root.find("MedlineCitation")
    if citation is None:
        raise MalformedRecord("The record has no MedlineCitation.")
    of = _children(citation)
    number = of.get("PMID")
    pmid = _pmid(number)
    assert number is not None
    article = of.get("Article")
    if article is None:
        raise MalformedRecord(f"PMID {pmid} has no Article element.")
    data = None if citation is root else root.find("PubmedData")
    has = _children(article)
    vernacular = _maybe(has.get("VernacularTitle"))
    title = _text(has.get("ArticleTitle"))
    if title in NOT_AVAILABLE and vernacular:
        title = vernacular
    text, passages = canonical_text(title, _sections(has.get("Abstract")))
    types = _publication_types(article, "PublicationTypeList/PublicationType")
    languages = _languages(article)
    journal = has.get("Journal")
    dates = _dates(
        {
            "published": None if journal is None else journal.find("JournalIssue/PubDate"),
            "electronic": has.get("ArticleDate"),
            "completed": of.get("DateCompleted"),
            "revised": of.get("DateRevised"),
        },
        data,
    )
    return Article(
        id=pmid,
        text=text,
        pmid=pmid,
        version=_version(number),
        passages=passages,
        publication_types=types,
        mesh=_mesh(citation) if "MeshHeadingList" in of else (),
        status=status_of(
            _links(citation) if "CommentsCorrectionsList" in of else (),
            [t.name for t in types],
            title,
        ),
        ids=_ids(article, data),
        journal=None
        if journal is None
        else _maybe(journal.find("Title")) or _maybe(journal.find("ISOAbbreviation")),
        year=year_of(dates.get("published"), dates.get("electronic"), dates.get("pubmed")),
        dates=dates,
        authors=_authors(article) if "AuthorList" in has else (),
        language=languages[0] if languages else None,
        languages=languages,
        vernacular_title=vernacular,
        other_abstracts=_other_abstracts(citation) if "OtherAbstract" in of else (),
        keywords=_keywords(citation) if "KeywordList" in of else (),
        chemicals=_chemicals(citation) if "ChemicalList" in of else (),
        supplementary_concepts=tuple(
            Chemical(_text(c), c.get("UI")) for c in of.get("SupplMeshList", ())
        ),
        grants=_grants(article) if "GrantList" in has else (),
        databanks=_databanks(article) if "DataBankList" in has else (),
        references=_references(data),
        coi=_maybe(of.get("CoiStatement")),
        indexing_method=citation.get("IndexingMethod"),
        citation_status=citation.get("Status"),
    )


def _other_abstracts(citation: etree._Element) -> tuple[OtherAbstract, ...]:
    return tuple(
        OtherAbstract(
            " ".join(t for t, _, _ in _sections(other) if t),
            other.get("Language"),
            other.get("Type"),
        )
        for other in citation.iterfind("OtherAbstract")
    )


def _chemicals(citation: etree._Element) -> tuple[Chemical, ...]:
    return tuple(
        Chemical(_text(name), name.get("UI"), _maybe(c.find("RegistryNumber")))
        for c in citation.iterfind("ChemicalList/Chemical")
        if (name := c.find("NameOfSubstance")) is not None
    )


def _databanks(article: etree._Element) -> tuple[DataBank, ...]:
    return tuple(
        DataBank(
            _text(bank.find("DataBankName")),
            tuple(map(_text, bank.iterfind("AccessionNumberList/AccessionNumber"))),
        )
        for bank in article.iterfind("DataBankList/DataBank")
    )


def _book(root: etree._Element) -> Article:
    document = root.find("BookDocument")
    if document is None:
        raise MalformedRecord("The book record has no BookDocument.")
    number = document.find("PMID")
    pmid = _pmid(number)
    assert number is not None
    data = root.find("PubmedBookData")
    book = document.find("Book")
    vernacular = _maybe(document.find("VernacularTitle"))
    title = _text(document.find("ArticleTitle"))
    if (not title or title in NOT_AVAILABLE) and vernacular:
        title = vernacular
    if not title and book is not None:
        title = _text(book.find("BookTitle"))
    text, passages = canonical_text(title, _sections(document.find("Abstract")))
    types = _publication_types(document, "PublicationType")
    languages = _languages(document)
    dates = _dates(
        {
            "published": None if book is None else book.find("PubDate"),
            "contributed": document.find("ContributionDate"),
            "revised": document.find("DateRevised"),
        },
        data,
    )
    ids = _ids(document, data)
    for entry in document.findall("ArticleIdList/ArticleId"):
        kind, value = entry.get("IdType") or "pubmed", _text(entry)
        if kind != "pubmed" and value:
            ids.setdefault(kind, value)
    authors = _authors(document)
    if not authors and book is not None:
        authors = _authors(book)
    return Article(
        id=pmid,
        text=text,
        pmid=pmid,
        version=_version(number),
        passages=passages,
        publication_types=types,
        status=status_of((), [t.name for t in types], title),
        ids=ids,
        journal=None if book is None else _maybe(book.find("BookTitle")),
        year=year_of(dates.get("published"), dates.get("contributed"), dates.get("revised")),
        dates=dates,
        authors=authors,
        language=languages[0] if languages else None,
        languages=languages,
        vernacular_title=vernacular,
        keywords=_keywords(document),
        grants=_grants(document),
        references=_references(data),
        citation_status=None,
    )
