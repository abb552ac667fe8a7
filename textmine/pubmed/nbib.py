"""MEDLINE text (PubMed's format "PubMed"/.nbib, EFetch rettype=medline) -> Article.

Fields: NLM, MEDLINE/PubMed Data Element (Field) Descriptions,
https://www.nlm.nih.gov/bsd/mms/medlineelements.html. The format carries less than the XML: no
versions, no ids of headings and types, no reference lists. What it carries reads as in the XML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textmine.errors import MalformedRecord
from textmine.pubmed.canonical import (
    canonical_text,
    clean,
    iso_date,
    joined,
    orcid_of,
    pmid_of,
    title_of,
    year_of,
)
from textmine.pubmed.labels import split_sections
from textmine.pubmed.source import ByteSource
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

__all__ = ["TextRecord", "is_medline", "parse_medline", "text_records"]

Fields = Sequence[tuple[str, str]]

_FIELD = re.compile(r"([A-Z][A-Z0-9]{1,4}) *-(?: (.*)|$)")
# Longer than any record: the longest lists of authors take some 3 MB.
MAX_RECORD = 16 << 20
_CUT = "The record breaks off before its end: the file is truncated. Copy it again."
_ENDLESS = f"The record has no end within {MAX_RECORD >> 20} MB."
_LINE = re.compile(rb"[A-Z][A-Z0-9]{1,4} *-|\s")
_LONG = (b"TI  -", b"AB  -", b"AD  -", b"CI  -", b"OAB -", b"COIS-")
_ONCE = ("PMID", "OWN", "STAT", "TI", "DP", "SO")
_INDENT = "      "
_STARTS = re.compile(rb"^(?:\xef\xbb\xbf)?\s*PMID *- ?\d|^PMID *- ", re.M)
# CommentsCorrections by field, with NLM's RefTypes.
_LINKS = {
    "CIN": "CommentIn", "CON": "CommentOn", "CRI": "CorrectedandRepublishedIn",
    "CRF": "CorrectedandRepublishedFrom", "DDIN": "AssociatedDataset",
    "DRIN": "AssociatedPublication", "ECI": "ExpressionOfConcernIn",
    "ECF": "ExpressionOfConcernFor", "EIN": "ErratumIn", "EFR": "ErratumFor",
    "ORI": "OriginalReportIn", "PRIN": "PartialRetractionIn", "PROF": "PartialRetractionOf",
    "RIN": "RetractionIn", "ROF": "RetractionOf", "RPI": "RepublishedIn", "RPF": "RepublishedFrom",
    "RRI": "RetractedandRepublishedIn", "RRF": "RetractedandRepublishedFrom",
    "SPIN": "SummaryForPatientsIn", "UIN": "UpdateIn", "UOF": "UpdateOf",
}  # fmt: skip
_LINK_PMID = re.compile(r"\s*\bPMID: ?(\d+)\.?")
_ID = re.compile(r"(.+) \[([A-Za-z]+)\]")
_HISTORY = re.compile(r"(\d{4})/(\d\d?)/(\d\d?)[^\[]*\[([^\]]+)\]")
_DAY = re.compile(r"(\d{4})/?(\d\d)/?(\d\d)\b")
_PUBLISHED = re.compile(r"(\d{4})(?: ([A-Z][a-z]{2})(?: (\d\d?))?)?")
_SUFFIX = re.compile(r"(?:Jr|Sr|\d(?:st|nd|rd|th)|I{1,3}|IV|VI{0,3})\.?")
_ABSTRACT_TYPES = re.compile(r"(AAMC|AIDS|KIE|PIP|NASA|Publisher|plain-language-summary): ")
_ACRONYM = re.compile(r"[A-Z_]{2,6}")


@dataclass(frozen=True, slots=True)
class TextRecord:
    """The lines of one record. `fault` says why it cannot be read."""

    text: str
    number: int
    line: int
    fault: str | None = None


def is_medline(head: bytes) -> bool:
    """Whether a file that begins so is MEDLINE text."""
    return not head.lstrip().startswith(b"<") and _STARTS.search(head) is not None


# --- a file -> records


def text_records(source: ByteSource) -> Iterator[TextRecord]:
    """The records of a file, one after the other; a record begins with its PMID."""
    lines: list[bytes] = []
    number = begin = size = 0
    named = False  # some record of this file ended as PubMed's do, with its source
    blank = False
    line = b""
    for at, line in enumerate(_lines(source), 1):
        if not line.strip():
            blank = True
            continue
        begins = line.startswith(b"PMID") or (blank and not line.startswith(b" "))
        if lines and (begins or size > MAX_RECORD):
            number += 1
            fault = _ENDLESS if size > MAX_RECORD else _CUT if _lacks_end(lines, named) else None
            yield _record(lines, number, begin, fault)
            named = named or _names_source(lines)
            lines, size = [], 0
        if not lines:
            begin = at
        lines.append(line)
        size += len(line)
        blank = False
    if lines:
        # The last record may lack its end because the file does.
        ended = line.endswith((b"\n", b"\r"))
        cut = not _names_source(lines) and (
            source.fault is not None
            or _lacks_end(lines, named)
            or not (ended or _seems_whole(lines))
        )
        yield _record(lines, number + 1, begin, _CUT if cut else None)


def _lines(source: ByteSource) -> Iterator[bytes]:
    """Lines with their ends; only line feeds and carriage returns end one."""
    rest = b""
    while chunk := source.read():
        lines = (rest + chunk).splitlines(keepends=True)
        # The last one may go on in the next chunk, as may the two bytes of one line end.
        rest = lines.pop()
        yield from lines
    if rest:
        yield rest


def _record(lines: list[bytes], number: int, begin: int, fault: str | None) -> TextRecord:
    data = b"".join(lines)
    try:
        return TextRecord(data.decode("utf-8-sig"), number, begin, fault)
    except UnicodeDecodeError as error:
        wrong = f"The record is not in UTF-8 ({error.reason}). Export it again as UTF-8."
        text = data.decode("utf-8", "backslashreplace")
        return TextRecord(text, number, begin, fault or wrong)


def _has(lines: list[bytes], *tags: bytes) -> bool:
    return any(line.startswith(tags) for line in lines)


def _names_source(lines: list[bytes]) -> bool:
    return _has(lines, b"SO  -")


def _lacks_end(lines: list[bytes], named: bool) -> bool:
    """Whether a record lacks the source that others of its file have. Books have none."""
    return named and not _names_source(lines) and not _has(lines, b"PB  -", b"BTI -")


def _seems_whole(lines: list[bytes]) -> bool:
    """Whether the last line could be the last of a record written by hand.

    A line that stops in the middle of a field's name or of a long text was cut off.
    """
    last = lines[-1]
    if not _LINE.match(last):
        return False
    is_text = last.startswith((b" ", *_LONG)) and _has(lines, b"OWN -")
    return not is_text or last.rstrip().endswith((b".", b"?", b"!"))


# --- a record -> its fields


def _fields(record: str) -> list[tuple[str, str]]:
    """(tag, value) in order. Raises MalformedRecord for a line that belongs to no field."""
    found: list[tuple[str, str]] = []
    for line in re.split(r"\r\n|\n|\r", record):
        if match := _FIELD.match(line):
            found.append((match[1], match[2] or ""))
        elif line[:1] in (" ", "\t") and found:
            # A blank at the end of a line is the one it was broken at; where none was kept, it is
            # put back. What stands behind the indent is text, a second blank included.
            more = line[len(_INDENT) :] if line.startswith(_INDENT) else line.lstrip()
            tag, value = found[-1]
            found[-1] = (tag, value + ("" if value.endswith(" ") else " ") + more)
        elif line.strip():
            raise MalformedRecord(
                f"The line {line[:60]!r} is neither a field of MEDLINE text nor goes one on."
            )
    tags = [tag for tag, _ in found]
    for tag in _ONCE:
        if tags.count(tag) > 1:
            raise MalformedRecord(
                f"The field {tag} stands there {tags.count(tag)} times: two records have run into "
                "one another, probably where a file was cut off and another one added."
            )
    return [(tag, value.strip()) for tag, value in found]


def _all(fields: Fields, *tags: str) -> list[str]:
    return [value for name, value in fields if value and name in tags]


def _one(fields: Fields, *tags: str) -> str | None:
    """The first value of the first tag that has one."""
    return next((value for tag in tags for value in _all(fields, tag)), None)


def parse_medline(record: str) -> Article:
    """One record of MEDLINE text. Raises MalformedRecord when it is none or lacks its PMID."""
    fields = _fields(record)
    pmid = pmid_of(_one(fields, "PMID") or "")
    vernacular = _one(fields, "TT")
    book_title = _one(fields, "BTI")
    own_title = title_of(_one(fields, "TI") or "", vernacular)
    title = own_title or book_title or ""
    abstract = _one(fields, "AB")
    text, passages = canonical_text(title, split_sections(clean(abstract)) if abstract else [])
    types = tuple(map(PublicationType, _all(fields, "PT")))
    links = tuple(_link(_LINKS[tag], value) for tag, value in fields if tag in _LINKS and value)
    languages = tuple(_all(fields, "LA"))
    dates = _dates(fields)
    return Article(
        id=pmid,
        text=text,
        pmid=pmid,
        passages=passages,
        publication_types=types,
        mesh=tuple(map(_mesh, _all(fields, "MH"))),
        status=status_of(links, types, title, pmid=pmid),
        ids=_ids(fields),
        journal=_one(fields, "JT", "TA") or (book_title if own_title else None),
        year=year_of(
            *(dates.get(k) for k in ("published", "electronic", "contributed", "pubmed", "entrez"))
        ),
        dates=dates,
        authors=tuple(_authors(fields)),
        language=languages[0] if languages else None,
        languages=languages,
        vernacular_title=vernacular,
        other_abstracts=tuple(_other_abstracts(fields)),
        keywords=tuple(value.removeprefix("*") for value in _all(fields, "OT")),
        chemicals=tuple(map(_chemical, _all(fields, "RN"))),
        supplementary_concepts=tuple(map(Chemical, _all(fields, "NM"))),
        grants=tuple(map(_grant, _all(fields, "GR"))),
        databanks=_databanks(_all(fields, "SI")),
        coi=_one(fields, "COIS", "COI"),
        citation_status=_one(fields, "STAT"),
    )


# --- parts of a record


def _dates(fields: Fields) -> dict[str, str]:
    """As in the XML: published, electronic, completed, revised, and the publication history."""
    dates: dict[str, str] = {}
    published = _one(fields, "DP")
    if published:
        plain = _PUBLISHED.fullmatch(published)
        dates["published"] = (iso_date(*plain.groups()) if plain else None) or published
    for name, tags in (
        ("electronic", ("DEP",)),
        ("contributed", ("CTDT",)),
        ("completed", ("DCOM",)),
        ("revised", ("LR", "DRDT")),
    ):
        if day := _day(_one(fields, *tags)):
            dates[name] = day
    for value in _all(fields, "PHST"):
        if match := _HISTORY.match(value):
            dates.setdefault(match[4], f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}")
    # The same days have fields of their own, the only ones in exports before 2006.
    for name, tag in (("entrez", "CRDT"), ("pubmed", "EDAT"), ("medline", "MHDA")):
        if day := _day(_one(fields, tag)):
            dates.setdefault(name, day)
    return dates


def _day(value: str | None) -> str | None:
    match = _DAY.match(value or "")
    return "-".join(match.groups()) if match else value


def _mesh(value: str) -> MeshHeading:
    descriptor, *qualifiers = value.split("/")
    return MeshHeading(
        descriptor.removeprefix("*"),
        major=descriptor.startswith("*"),
        qualifiers=tuple(
            Qualifier(q.removeprefix("*"), major=q.startswith("*")) for q in qualifiers
        ),
    )


def _authors(fields: Fields) -> Iterator[Author]:
    """FAU (or AU alone) and CN begin an author; AUID and AD that follow are theirs.

    Editors and investigators have the same fields and are no authors. In old exports one
    affiliation stands before all authors: it is the first one's.
    """
    people: list[dict[str, str]] = []
    affiliations: list[list[str]] = []
    early: list[str] = []
    target = None
    has_full = any(tag == "FAU" for tag, _ in fields)
    for tag, value in fields:
        if tag in ("FAU", "CN") or (tag == "AU" and not has_full and value != "et al."):
            people.append({"collective": value} if tag == "CN" else _name(tag, value))
            affiliations.append([])
            target = len(people) - 1
        elif tag in ("FED", "FIR", "ED", "IR"):
            target = -1
        elif tag == "AU" and target is not None and target >= 0 and value != "et al.":
            _add_short(people[target], value)
        elif tag == "AUID" and target is not None and target >= 0:
            name, _, number = value.partition(":")
            if name.strip().upper() == "ORCID":
                people[target].setdefault("orcid", orcid_of(number.strip()) or "")
        elif tag == "AD" and value:
            if target is None:
                early.append(value)
            elif target >= 0:
                affiliations[target].append(value)
    if people and early:
        affiliations[0] = early + affiliations[0]
    for person, places in zip(people, affiliations, strict=True):
        yield Author(**{k: v for k, v in person.items() if v}, affiliations=tuple(places))


def _name(tag: str, value: str) -> dict[str, str]:
    if tag == "AU":
        last, _, rest = value.rpartition(" ")
        if _SUFFIX.fullmatch(rest) and " " in last:
            last, _, initials = last.rpartition(" ")
            return {"last": last, "initials": initials, "suffix": rest}
        return {"last": last, "initials": rest} if last else {"last": rest}
    last, _, fore = value.partition(",")
    return {"last": last.strip(), "fore": fore.strip()}


def _add_short(person: dict[str, str], value: str) -> None:
    """Initials and suffix, which only the short form of a name tells apart ("King ML Jr")."""
    last = person.get("last", "")
    rest = value[len(last) :].split() if value.startswith(last) else value.split()[1:]
    if rest:
        person["initials"] = rest[0]
    if len(rest) > 1 and _SUFFIX.fullmatch(rest[-1]):
        person["suffix"] = rest[-1]
        person["fore"] = person.get("fore", "").removesuffix(rest[-1]).rstrip(" ,")


def _ids(fields: Fields) -> dict[str, str]:
    ids: dict[str, str] = {}
    for value in (*_all(fields, "AID"), *_all(fields, "LID")):
        if match := _ID.fullmatch(value):
            ids.setdefault(match[2], match[1])
    for kind, tag in (("pmc", "PMC"), ("mid", "MID")):
        if number := _one(fields, tag):
            ids[kind] = number
    return ids


def _chemical(value: str) -> Chemical:
    number, opened, name = value.partition(" (")
    if not opened or not name.endswith(")"):
        return Chemical(value)
    return Chemical(name[:-1], registry_number=number)


def _grant(value: str) -> Grant:
    """id/acronym/agency/country, of which all but the agency may be missing."""
    *head, agency, country = value.split("/") if value.count("/") else (value, "", "")
    # An institute of the NIH may stand there without a number.
    alone = len(head) == 1 and re.fullmatch(r"[A-Z]{2}", head[0]) and agency.endswith("NIH HHS")
    if alone or (len(head) > 1 and _ACRONYM.fullmatch(head[-1])):
        head.pop()
    return Grant("/".join(head) or None, agency or None, country or None)


def _databanks(values: list[str]) -> tuple[DataBank, ...]:
    banks: dict[str, list[str]] = {}
    for value in values:
        name, _, accession = value.partition("/")
        banks.setdefault(name, []).extend([accession] if accession else [])
    return tuple(DataBank(name, tuple(accessions)) for name, accessions in banks.items())


def _link(kind: str, value: str) -> Link:
    match = _LINK_PMID.search(value)
    if match is None:
        return Link(kind, None, value)
    # The full stop before the PMID is not part of the citation in the XML.
    citation = (value[: match.start()].removesuffix(".") + value[match.end() :]).strip()
    return Link(kind, match[1], citation or None)


def _other_abstracts(fields: Fields) -> Iterator[OtherAbstract]:
    values = [(tag, value) for tag, value in fields if tag in ("OAB", "OABL") and value]
    for at, (tag, value) in enumerate(values):
        if tag != "OAB":
            continue
        following = values[at + 1 : at + 2]
        language = following[0][1] if following and following[0][0] == "OABL" else None
        kind = _ABSTRACT_TYPES.match(value)
        text, passages = joined(split_sections(value[kind.end() :] if kind else value))
        yield OtherAbstract(text, language, kind[1] if kind else None, passages)
