"""MEDLINE text (PubMed's "Send to: Citation manager", EFetch rettype=medline) -> Article.

Fields: NLM, MEDLINE/PubMed Data Element Descriptions. The format carries less than the XML: no
versions, no qualifiers' ids, no type of abstract. What it carries reads as in the XML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from textmine.errors import MalformedRecord
from textmine.pubmed.medline_xml import NOT_AVAILABLE, canonical_text, orcid_of, year_of
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
)

__all__ = ["parse_medline", "records_of_text"]

_FIELD = re.compile(r"^([A-Z][A-Z0-9 ]{1,3})- ?(.*)$")
# Labels of structured abstracts stand in capitals before a colon at the start of a sentence.
_LABEL = re.compile(
    r"(?:(?<=^)|(?<=[.!?)\]] ))([A-Z][A-Z0-9 ,/&'’\-–]{2,70}?(?:\([A-Z /]+\))?): (?=\S)"
)
_CATEGORIES = (
    ("BACKGROUND", r"BACKGROUND|INTRODUCTION|CONTEXT|RATIONALE|SIGNIFICANCE"),
    ("OBJECTIVE", r"OBJECTIVE|AIM|PURPOSE|GOAL|HYPOTHESIS"),
    ("RESULTS", r"RESULT|FINDING|OUTCOME"),
    (
        "METHODS",
        r"METHOD|DESIGN|SETTING|PATIENTS|PARTICIPANTS|MATERIAL|INTERVENTION|MEASURE|APPROACH",
    ),
    ("CONCLUSIONS", r"CONCLUSION|INTERPRETATION|DISCUSSION|IMPLICATION|IMPACT"),
)
_LINKS = {
    "CIN": "CommentIn", "CON": "CommentOn", "CRI": "CorrectedandRepublishedIn",
    "CRF": "CorrectedandRepublishedFrom", "DDIN": "DatasetIn", "DRIN": "DatasetIn",
    "ECI": "ExpressionOfConcernIn", "ECF": "ExpressionOfConcernFor", "EIN": "ErratumIn",
    "EFR": "ErratumFor", "ORI": "OriginalReportIn", "PRIN": "PartialRetractionIn",
    "PROF": "PartialRetractionOf", "RIN": "RetractionIn", "ROF": "RetractionOf",
    "RPI": "RepublishedIn", "RPF": "RepublishedFrom", "RRI": "RetractedandRepublishedIn",
    "RRF": "RetractedandRepublishedFrom", "SPIN": "SummaryForPatientsIn", "UIN": "UpdateIn",
    "UOF": "UpdateOf",
}  # fmt: skip
_LINK_PMID = re.compile(r"\.?\s*PMID:\s*(\d+)")


def records_of_text(text: str) -> Iterator[str]:
    """The records of a file: each begins with its PMID line."""
    parts = re.split(r"^(?=PMID- )", text, flags=re.M)
    for part in parts:
        if part.strip():
            yield part


def parse_medline(record: str) -> Article:
    """One record of MEDLINE text. Raises MalformedRecord when it has no PMID or breaks off."""
    fields = _fields(record)
    pmid = _one(fields, "PMID") or ""
    if not pmid.isascii() or not pmid.isdigit():
        raise MalformedRecord(f"The MEDLINE record has no usable PMID (found {pmid!r}).")
    if not any(_all(fields, name) for name in ("TI", "AB", "TT", "BTI", "JT", "TA", "SO", "STAT")):
        raise MalformedRecord(f"PMID {pmid}: nothing but the PMID is there; the record breaks off.")
    title = _one(fields, "TI") or ""
    vernacular = _one(fields, "TT")
    if title in NOT_AVAILABLE and vernacular:
        title = vernacular
    if not title:
        title = _one(fields, "BTI") or ""
    text, passages = canonical_text(title, _sections(_one(fields, "AB")))
    types = tuple(PublicationType(name) for name in _all(fields, "PT"))
    links = tuple(Link(_LINKS[tag], *_link(value)) for tag, value in fields if tag in _LINKS)
    languages = tuple(_all(fields, "LA"))
    dates = {
        name: value
        for name, tag in (("published", "DP"), ("electronic", "DEP"), ("completed", "DCOM"),
                          ("revised", "LR"), ("entrez", "EDAT"))
        if (value := _one(fields, tag))
    }  # fmt: skip
    return Article(
        id=pmid,
        text=text,
        pmid=pmid,
        passages=passages,
        publication_types=types,
        mesh=tuple(map(_mesh, _all(fields, "MH"))),
        status=status_of(links, [t.name for t in types], title),
        ids=_ids(fields),
        journal=_one(fields, "JT") or _one(fields, "TA") or _one(fields, "BTI"),
        year=year_of(dates.get("published"), dates.get("electronic")),
        dates=dates,
        authors=tuple(_authors(fields)),
        language=languages[0] if languages else None,
        languages=languages,
        vernacular_title=vernacular,
        other_abstracts=tuple(OtherAbstract(value) for value in _all(fields, "OAB")),
        keywords=tuple(value.lstrip("*") for value in _all(fields, "OT")),
        chemicals=tuple(map(_chemical, _all(fields, "RN"))),
        supplementary_concepts=tuple(Chemical(value) for value in _all(fields, "NM")),
        grants=tuple(map(_grant, _all(fields, "GR"))),
        databanks=tuple(_databanks(_all(fields, "SI"))),
        coi=_one(fields, "COIS"),
        citation_status=_one(fields, "STAT"),
    )


def _fields(record: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for line in record.splitlines():
        match = _FIELD.match(line)
        if match and len(line) > 4 and line[4] == "-":
            found.append((match.group(1).strip(), match.group(2).strip()))
        elif line.startswith("      ") and found:
            tag, value = found[-1]
            found[-1] = (tag, f"{value} {line.strip()}")
    return found


def _all(fields: list[tuple[str, str]], tag: str) -> list[str]:
    return [value for name, value in fields if name == tag and value]


def _one(fields: list[tuple[str, str]], tag: str) -> str | None:
    return next(iter(_all(fields, tag)), None)


def _sections(abstract: str | None) -> list[tuple[str, str | None, str | None]]:
    """An abstract cut at its labels; without at least two, it is one section without a label."""
    if not abstract:
        return []
    labels = list(_LABEL.finditer(abstract))
    if len(labels) < 2 or labels[0].start() != 0:
        return [(abstract, None, None)]
    ends = [*(m.start() for m in labels[1:]), len(abstract)]
    return [
        (abstract[m.end() : end].strip(), m.group(1), _category(m.group(1)))
        for m, end in zip(labels, ends, strict=True)
    ]


def _category(label: str) -> str | None:
    return next((name for name, words in _CATEGORIES if re.search(words, label)), None)


def _mesh(value: str) -> MeshHeading:
    descriptor, *qualifiers = value.split("/")
    return MeshHeading(
        descriptor.lstrip("*"),
        major=descriptor.startswith("*"),
        qualifiers=tuple(Qualifier(q.lstrip("*"), major=q.startswith("*")) for q in qualifiers),
    )


def _authors(fields: list[tuple[str, str]]) -> Iterator[Author]:
    person: dict[str, object] | None = None
    for tag, value in fields:
        if tag in ("FAU", "CN") and person is not None:
            yield _author(person)
            person = None
        if tag == "CN":
            yield Author(collective=value)
        elif tag == "FAU":
            last, _, fore = value.partition(", ")
            person = {"last": last, "fore": fore or None, "affiliations": []}
        elif person is not None and tag == "AU":
            person["initials"] = value.rpartition(" ")[2] or None
        elif person is not None and tag == "AD":
            affiliations = person["affiliations"]
            assert isinstance(affiliations, list)
            affiliations.append(value)
        elif person is not None and tag == "AUID" and value.upper().startswith("ORCID:"):
            person["orcid"] = orcid_of(value[6:].strip())
    if person is not None:
        yield _author(person)


def _author(person: Mapping[str, object]) -> Author:
    values = {**person, "affiliations": tuple(person["affiliations"])}  # type: ignore[arg-type]
    return Author(**values)  # type: ignore[arg-type]


def _ids(fields: list[tuple[str, str]]) -> dict[str, str]:
    ids: dict[str, str] = {}
    for tag in ("AID", "LID"):
        for value in _all(fields, tag):
            match = re.fullmatch(r"(.+) \[(doi|pii|bookaccession)\]", value)
            if match:
                ids.setdefault(match.group(2), match.group(1))
    pmc = _one(fields, "PMC")
    if pmc:
        ids["pmc"] = pmc
    return ids


def _chemical(value: str) -> Chemical:
    number, _, rest = value.partition(" (")
    return Chemical(rest[:-1] if rest else value, registry_number=number if rest else None)


def _grant(value: str) -> Grant:
    parts = value.split("/")
    if len(parts) < 3:
        return Grant(id=value)
    return Grant("/".join(parts[:-2]) or None, parts[-2] or None, parts[-1] or None)


def _databanks(values: list[str]) -> Iterator[DataBank]:
    banks: dict[str, list[str]] = {}
    for value in values:
        name, _, accession = value.partition("/")
        banks.setdefault(name, []).extend([accession] if accession else [])
    for name, accessions in banks.items():
        yield DataBank(name, tuple(accessions))


def _link(value: str) -> tuple[str | None, str | None]:
    match = _LINK_PMID.search(value)
    pmid = match.group(1) if match else None
    citation = (value[: match.start()] if match else value).strip() or None
    return pmid, citation
