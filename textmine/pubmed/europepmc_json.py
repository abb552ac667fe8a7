"""One record of Europe PMC's search answer (`resultType=core`) -> Article.

The format is described at https://europepmc.org/RestfulWebService. A record that has a PMID gets it
as its id, so that it is the same record as PubMed's; a preprint keeps its PPR id.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from textmine.errors import MalformedRecord
from textmine.pubmed.canonical import (
    Section,
    canonical_text,
    clean,
    orcid_of,
    pmid_of,
    title_of,
    year_of,
)
from textmine.pubmed.status import status_of
from textmine.records import (
    Article,
    Author,
    Chemical,
    Grant,
    Link,
    MeshHeading,
    PublicationType,
    Qualifier,
)

__all__ = ["europepmc_article", "is_europepmc", "key_of", "plain", "records_in"]

# Inline markup of titles and abstracts; "p < 0.05 and n > 3" is none.
_INLINE = re.compile(
    r"</?(?:i|b|u|em|strong|sup|sub|sc|tt|span|italic|bold|underline|styled-content|small|a)"
    r"(?:\s+[\w:-]+\s*=[^<>]*)?\s*/?>",
    re.I,
)
_BLOCK = re.compile(
    r"</?(?:p|br|div|ul|ol|li|sec|title|h[1-35-6])(?:\s+[\w:-]+\s*=[^<>]*)?\s*/?>", re.I
)
_LABEL = re.compile(r"<h4(?:\s+[\w:-]+\s*=[^<>]*)?>(.*?)</h4>", re.I | re.S)
_LINKS = {
    "Corrected and republished in": "CorrectedandRepublishedIn",
    "Corrected and republished from": "CorrectedandRepublishedFrom",
    "Retracted and republished in": "RetractedandRepublishedIn",
    "Retracted and republished from": "RetractedandRepublishedFrom",
    # As PubMed says it: the preprint is updated in the article.
    "Preprint of": "UpdateIn",
    "Preprint in": "UpdateOf",
}
_DATES = {
    "published": "firstPublicationDate",
    "electronic": "electronicPublicationDate",
    "completed": "dateOfCompletion",
    "revised": "dateOfRevision",
    "created": "dateOfCreation",
}


def is_europepmc(head: bytes) -> bool:
    """Whether a file that begins so holds Europe PMC's answers or their records, as JSON."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:65536]
    if start[:1] not in (b"{", b"["):
        return False
    return b'"resultList"' in start or (b'"source"' in start and b'"authorString"' in start)


def records_in(data: Any) -> list[Any]:
    """The records of an answer, a list of answers or records, or one record."""
    if isinstance(data, list):
        return [record for part in data for record in records_in(part)]
    if isinstance(data, dict) and "resultList" in data:
        return list((data["resultList"] or {}).get("result") or [])
    return [data]


def key_of(record: Mapping[str, Any]) -> str:
    """What a record is called in Europe PMC, e.g. MED/29867237 or PPR/PPR12345."""
    source, number = record.get("source"), record.get("id")
    if not source or not number:
        raise MalformedRecord("The record has no source and id, as Europe PMC's records have.")
    return f"{source}/{number}"


def plain(text: str | None) -> str:
    """Text without inline markup: <i>in vivo</i> H<sub>2</sub>O -> in vivo H2O.

    Entities stand for characters: an abstract says "p &lt; 0.05" and means "p < 0.05".
    """
    bare = _BLOCK.sub(" ", _INLINE.sub("", text or ""))
    return clean(re.sub(r"[ \t]{2,}", " ", html.unescape(bare)))


def sections_of(abstract: str | None) -> Iterator[Section]:
    """The sections of an abstract, labelled by its <h4> headings."""
    parts = _LABEL.split(abstract or "")
    yield plain(parts[0]), None, None
    for label, text in zip(parts[1::2], parts[2::2], strict=True):
        yield plain(text), plain(label).rstrip(":").upper() or None, None


def europepmc_article(record: Mapping[str, Any]) -> Article:
    """The article of one record. Raises MalformedRecord."""
    if not isinstance(record, dict):
        raise MalformedRecord(f"This is no record but a {type(record).__name__}.")
    key = key_of(record)
    try:
        return _article(record, key)
    except (AttributeError, TypeError, ValueError, KeyError) as error:
        if isinstance(error, MalformedRecord):
            raise
        raise MalformedRecord(
            f"{key}: a field is not of the shape that Europe PMC gives ({error})."
        ) from None


def _article(record: Mapping[str, Any], key: str) -> Article:
    source, number = key.split("/", 1)
    said = record.get("pmid") or (number if source == "MED" else None)
    pmid = pmid_of(str(said)) if said else None
    ident = pmid or (number if source in ("PPR", "PMC") else key)
    title = title_of(plain(record.get("title")), None)
    text, passages = canonical_text(title, sections_of(record.get("abstractText")))
    types = tuple(PublicationType(str(t)) for t in _list(record, "pubTypeList", "pubType"))
    if source == "PPR" and not any(t.name.lower() == "preprint" for t in types):
        types = (*types, PublicationType("Preprint"))
    links = tuple(map(_link, _list(record, "commentCorrectionList", "commentCorrection")))
    issue = record.get("journalInfo") or {}
    journal = issue.get("journal") or {}
    dates = {name: record[field] for name, field in _DATES.items() if record.get(field)}
    if issue.get("dateOfPublication"):
        dates["issue"] = clean(issue["dateOfPublication"])
    ids = {"doi": record.get("doi"), "pmc": record.get("pmcid"), "europepmc": key}
    language = record.get("language")
    details = record.get("bookOrReportDetails") or {}
    return Article(
        id=ident,
        text=text,
        pmid=pmid,
        version=int(record.get("versionNumber") or 1),
        passages=passages,
        publication_types=types,
        mesh=tuple(map(_heading, _list(record, "meshHeadingList", "meshHeading"))),
        status=status_of(links, types, title, pmid=pmid),
        ids={name: str(value) for name, value in ids.items() if value},
        journal=journal.get("title")
        or journal.get("medlineAbbreviation")
        or details.get("publisher")
        or None,
        # The year of the issue, as PubMed has it; of a preprint, the day it was posted.
        year=year_of(
            *(
                str(value) if value else None
                for value in (
                    issue.get("yearOfPublication"),
                    record.get("pubYear"),
                    record.get("firstPublicationDate"),
                )
            )
        ),
        dates=dates,
        authors=tuple(map(_author, _list(record, "authorList", "author"))),
        language=language,
        languages=(language,) if language else (),
        keywords=tuple(plain(k) for k in _list(record, "keywordList", "keyword")),
        chemicals=tuple(
            Chemical(clean(c["name"]), None, c.get("registryNumber"))
            for c in _list(record, "chemicalList", "chemical")
        ),
        grants=tuple(
            Grant(g.get("grantId"), g.get("agency")) for g in _list(record, "grantsList", "grant")
        ),
        citation_status=record.get("publicationStatus"),
    )


def _list(record: Mapping[str, Any], outer: str, inner: str) -> Sequence[Any]:
    """A list inside its wrapper; one thing alone may stand for a list of one."""
    found = (record.get(outer) or {}).get(inner) or []
    return found if isinstance(found, list) else [found]


def _link(entry: Mapping[str, Any]) -> Link:
    said = str(entry.get("type") or "unknown").strip()
    name = _LINKS.get(said) or "".join(w[:1].upper() + w[1:] for w in said.split())
    number = str(entry.get("id") or "").strip()
    pmid = number if entry.get("source", "MED") == "MED" and number.isdecimal() else None
    citation = clean(str(entry.get("reference") or "")) or None
    if not pmid and number:
        citation = f"{number}: {citation}" if citation else number
    return Link(name, pmid, citation)


def _heading(entry: Mapping[str, Any]) -> MeshHeading:
    return MeshHeading(
        entry["descriptorName"],
        None,
        entry.get("majorTopic_YN") == "Y",
        tuple(
            Qualifier(q["qualifierName"], None, q.get("majorTopic_YN") == "Y")
            for q in _list(entry, "meshQualifierList", "meshQualifier")
        ),
    )


def _author(entry: Mapping[str, Any]) -> Author:
    number = entry.get("authorId") or {}
    places = [
        clean(str(place.get("affiliation") or ""))
        for place in _list(entry, "authorAffiliationDetailsList", "authorAffiliation")
    ]
    if not places and entry.get("affiliation"):
        places = [clean(entry["affiliation"])]
    last = entry.get("lastName") or (None if entry.get("collectiveName") else entry.get("fullName"))
    return Author(
        last=last,
        fore=entry.get("firstName"),
        initials=entry.get("initials"),
        collective=entry.get("collectiveName"),
        orcid=orcid_of(number.get("value")) if number.get("type") == "ORCID" else None,
        affiliations=tuple(filter(None, places)),
    )


def decode(body: bytes) -> Any:
    """A body as JSON; MalformedRecord says where it breaks."""
    try:
        return json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise MalformedRecord(f"This is no whole JSON: {error}") from None
