"""The records a server gives out, and PubMed's search syntax as far as the tests need it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

HEAD = (
    b'<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC '
    b'"-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    b'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>'
)
TAIL = b"</PubmedArticleSet>"
_RECORD = re.compile(
    rb"<PubmedArticle>.*?</PubmedArticle>|<PubmedBookArticle>.*?</PubmedBookArticle>", re.DOTALL
)
_PMID = re.compile(rb'<PMID(?: Version="(\d+)")?[^>]*>(\d+)</PMID>')


@dataclass
class Record:
    pmid: int
    xml: bytes
    edat: date
    mdat: date
    version: int = 1
    words: str = ""

    @property
    def text(self) -> str:
        if not self.words:
            plain = re.sub(rb"<[^>]*>", b" ", self.xml).decode("utf-8", "replace")
            self.words = " " + _normal(plain) + " "
        return self.words


def _normal(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _day(xml: bytes, start: bytes, end: bytes) -> date | None:
    found = re.search(start + rb"(.*?)" + end, xml, re.DOTALL)
    if not found:
        return None
    numbers = [
        re.search(rb"<%s>(\d+)</%s>" % (k, k), found[1]) for k in (b"Year", b"Month", b"Day")
    ]
    if not numbers[0]:
        return None
    return date(*(int(n[1]) if n else 1 for n in numbers))


def load(*paths: Path) -> list[Record]:
    """The records of PubMed XML files, in their order."""
    records = []
    for path in paths:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        records.extend(record(found[0]) for found in _RECORD.finditer(data))
    return records


def record(xml: bytes) -> Record:
    pmid = _PMID.search(xml)
    assert pmid is not None
    edat = _day(xml, b'<PubMedPubDate PubStatus="entrez">', b"</PubMedPubDate>")
    edat = edat or _day(xml, b"<PubDate>", b"</PubDate>") or date(2020, 1, 1)
    mdat = _day(xml, b"<DateRevised>", b"</DateRevised>") or edat
    return Record(int(pmid[2]), xml, edat, mdat, int(pmid[1] or 1))


def synthetic(pmid: int, day: date, *, words: str = "exosomes", version: int = 1) -> Record:
    """A small record in PubMed's own shape."""
    stamp = f"<Year>{day.year}</Year><Month>{day.month}</Month><Day>{day.day}</Day>"
    xml = (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM">'
        f'<PMID Version="{version}">{pmid}</PMID><DateRevised>{stamp}</DateRevised>'
        f'<Article PubModel="Print"><Journal><JournalIssue CitedMedium="Internet"><PubDate><Year>'
        f"{day.year}</Year></PubDate></JournalIssue><Title>Synthetic records</Title></Journal>"
        f"<ArticleTitle>Synthetic record {pmid} on {words}.</ArticleTitle><Abstract><AbstractText>"
        f"The α-SMA level of record {pmid} fell &lt; 5 %.</AbstractText></Abstract></Article>"
        f'</MedlineCitation><PubmedData><History><PubMedPubDate PubStatus="entrez">{stamp}'
        f"</PubMedPubDate></History></PubmedData></PubmedArticle>"
    ).encode()
    return Record(pmid, xml, day, day, version)


def many(n: int, on_one_day: int = 0, *, first: int = 30_000_000) -> list[Record]:
    """n records over several years, `on_one_day` of them on one day in the middle."""
    rest = n - on_one_day
    before = rest // 2
    day = date(2015, 1, 1)
    out = []
    for i in range(n):
        if i < before:
            when = day + timedelta(i * 1500 // max(1, before))
        elif i < before + on_one_day:
            when = day + timedelta(1600)
        else:
            when = day + timedelta(1700 + (i - before - on_one_day) * 1500 // max(1, rest - before))
        out.append(synthetic(first + 3 * i, when))
    return out


@dataclass
class Collection:
    """All records, newest first, as PubMed gives them."""

    records: list[Record]
    deleted: set[int] = field(default_factory=set)
    _cache: dict[str, list[Record]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        newest: dict[int, Record] = {}
        for r in self.records:
            if r.pmid not in newest or newest[r.pmid].version <= r.version:
                newest[r.pmid] = r
        self.by_pmid = newest
        self.sorted = sorted(newest.values(), key=lambda r: (r.edat, r.pmid), reverse=True)

    def search(
        self,
        term: str,
        datetype: str = "",
        mindate: str = "",
        maxdate: str = "",
    ) -> list[Record]:
        key = "\0".join((term, datetype, mindate, maxdate))
        if key not in self._cache:
            test = _Parser(term).parse()
            if mindate or maxdate:
                low, high = _parse_day(mindate or "1000"), _parse_day(maxdate or "3000", last=True)
                of = _date_of(datetype or "edat")
                inside: Callable[[Record], bool] = lambda r: low <= of(r) <= high  # noqa: E731
            else:
                inside = lambda r: True  # noqa: E731
            self._cache[key] = [r for r in self.sorted if inside(r) and test(r)]
        return self._cache[key]


def _date_of(kind: str) -> Callable[[Record], date]:
    return (lambda r: r.mdat) if kind.lower() in ("mdat", "lr") else (lambda r: r.edat)


def _parse_day(text: str, last: bool = False) -> date:
    parts = [int(p) for p in re.split(r"[/-]", text.strip().strip('"')) if p]
    if last:
        parts += [12, 31][len(parts) - 1 :] if len(parts) < 3 else []
        while True:
            try:
                return date(*parts)
            except ValueError:
                parts[2] -= 1
    return date(*[*parts, 1, 1][:3])


Test = Callable[[Record], bool]
_TOKEN = re.compile(
    r'\s*(?:(?P<range>"?[\d/]+"?(?:\[\w+\])?\s*:\s*"?[\d/]+"?\s*\[(?P<rf>[\w -]+)\])'
    r'|(?P<open>\()|(?P<close>\))|(?P<op>AND|OR|NOT)(?=[\s(])|"(?P<phrase>[^"]*)"|(?P<word>[^\s()"\[\]]+))(?P<field>\s*\[[^\]]*\])?'
)


class _Parser:
    """AND, OR, NOT from left to right, brackets, phrases, truncation, ranges; else everything."""

    def __init__(self, term: str) -> None:
        self.tokens = list(_TOKEN.finditer(term))
        self.at = 0

    def parse(self) -> Test:
        try:
            test = self._expression()
        except (IndexError, ValueError):
            return lambda r: True
        return test if self.at == len(self.tokens) and self.tokens else lambda r: True

    def _expression(self) -> Test:
        left = self._atom()
        while self.at < len(self.tokens) and not self.tokens[self.at]["close"]:
            op = self.tokens[self.at]["op"]
            if op:
                self.at += 1
            left = _join(op or "AND", left, self._atom())
        return left

    def _atom(self) -> Test:
        token = self.tokens[self.at]
        self.at += 1
        if token["open"]:
            inner = self._expression()
            if not self.tokens[self.at]["close"]:
                raise ValueError
            self.at += 1
            return inner
        if token["op"] or token["close"]:
            raise ValueError
        if token["range"]:
            return _range(token["range"], token["rf"].lower())
        name = (token["field"] or "").strip(" []").lower()
        words = token["phrase"] if token["phrase"] is not None else token["word"]
        if name in ("uid", "pmid"):
            return lambda r: str(r.pmid) == words
        if name in ("sb", "filter", "filt"):
            return lambda r: True
        if name in ("edat", "mdat", "crdt", "lr", "dp", "pdat"):
            low, high, of = _parse_day(words), _parse_day(words, last=True), _date_of(name)
            return lambda r: low <= of(r) <= high
        if words.endswith("*"):
            start = " " + _normal(words[:-1])
            return lambda r: start in r.text
        whole = f" {_normal(words)} "
        return lambda r: whole in r.text


def _join(op: str, a: Test, b: Test) -> Test:
    if op == "OR":
        return lambda r: a(r) or b(r)
    if op == "NOT":
        return lambda r: a(r) and not b(r)
    return lambda r: a(r) and b(r)


def _range(text: str, name: str) -> Test:
    low_text, high_text = (re.sub(r'\[[^\]]*\]|["\s]', "", part) for part in text.split(":"))
    if name in ("uid", "pmid"):
        low, high = int(low_text), int(high_text)
        return lambda r: low <= r.pmid <= high
    first, last, of = _parse_day(low_text), _parse_day(high_text, last=True), _date_of(name)
    return lambda r: first <= of(r) <= last


def document(records: Iterable[Record], deleted: Iterable[int] = ()) -> bytes:
    gone = b"".join(b'<PMID Version="1">%d</PMID>' % p for p in deleted)
    if gone:
        gone = b"<DeleteCitation>" + gone + b"</DeleteCitation>"
    return HEAD + b"\n".join(r.xml for r in records) + gone + TAIL
