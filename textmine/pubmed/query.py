"""A search, and how it is split so that nothing is lost.

PubMed's ESearch reaches only the first 9,999 hits. A larger search is cut by entry date, which is
disjoint (publication dates overlap), a single day by ranges of PMIDs. Every cut is checked: the
counts of the parts must add up to the count of the whole, and in the end the number of different
PMIDs must equal the count of the search; if not, the plan says by how much and where.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from textmine.errors import ConfigError

__all__ = ["CAP", "Plan", "SearchAnswer", "Slice", "SliceResult", "check_query", "make_plan"]

# The hits of one search that ESearch gives out.
CAP = 9_999
FIRST_DAY = date(1700, 1, 1)
LAST_DAY = date(3000, 12, 31)
MAX_PMID = 999_999_999
# Other orders bring other hits under the cap, where no cut is possible.
_ORDERS = ("pub_date", "Author", "JournalName", "relevance")

# PubMed's search fields, tags and names in lower case, as its help and its EInfo answer list them.
_FIELDS = (
    "1au|ab|abstract|ad|affiliation|affl|aid|all|all fields|article identifier|au|aucl|auid|"
    "auth|author|author - corporate|author - first|author - identifier|author - last|"
    "author cluster id|author identifier|book|book accession|bti|cdat|chapter|cn|cnty|cois|"
    "coln|completion date|conflict of interest|conflict of interest statement|"
    "conflict of interest statements|corporate author|country|crdt|create date|ct|cy|"
    "date - completion|date - create|date - entry|date - mesh|date - modification|"
    "date - publication|dcom|doi|dp|dso|ec|ec/rn|ec/rn number|ecno|ed|edat|edit|editor|eid|"
    "electronic date of publication|electronic publication date|entrez|entrez date|"
    "entry date|epdat|epdt|extended pmid|fau|faut|filt|filter|finv|fir|first author|"
    "first author name|full|full author|full author name|full author names|full investigator|"
    "full investigator name|gr|grant|grant number|grants|grants and funding|grnt|"
    "investigator|ip|ir|is|isbn|iss|issn|issue|jid|jour|journal|journal title|jt|la|lang|"
    "language|last author|last author name|lastau|laut|lid|location id|lr|major mesh|majr|"
    "mdat|mesh|mesh date|mesh major topic|mesh majr|mesh subheading|mesh subheadings|"
    "mesh term|mesh terms|mh|mhda|modification date|nlm unique id|nlmid|nm|ot|other term|"
    "other terms|otrm|own|owner|p1dat|pa|page|pagination|papx|pdat|personal name as subject|"
    "pg|pharmacologic action|pharmacological action|pid|pii|pl|place of publication|pmc|"
    "pmcid|pmid|ppdat|ppdt|print date of publication|print publication date|ps|pt|ptyp|"
    "pubdate|publication date|publication type|publication types|publisher|publisher id|"
    "pubmed pmc|pubn|pubstatus|rn|sb|secondary source id|sh|si|stat|status|subh|subheading|"
    "subject - personal name|subs|subset|subsets|substance name|supplementary concept|"
    "supplementary concepts|ta|text word|text words|ti|tiab|titl|title|title/abstract|"
    "transliterated title|tt|tw|uid|vi|vol|volume|word"
)
FIELDS = frozenset(_FIELDS.split("|"))


def check_query(
    term: str, more_fields: Callable[[], Collection[str]] = frozenset[str]
) -> tuple[str, ...]:
    """ConfigError says what is wrong with a search that PubMed would silently misread.

    A tag that FIELDS lacks is looked up in `more_fields`, PubMed's own list, asked for only then.
    Gives a warning for each tag that only PubMed's list has.
    """
    warnings = []
    if not term.strip():
        raise ConfigError("The query is empty. Give the words to search PubMed for.")
    if term.count('"') % 2:
        raise ConfigError(
            f"The query has an odd number of double quotes: {term!r}. PubMed would drop the "
            "phrase; close the quote."
        )
    bare = re.sub(r'"[^"]*"', '""', term)
    for opening, closing in ("()", "[]"):
        depth = 0
        for character in bare:
            depth += (character == opening) - (character == closing)
            if depth < 0:
                break
        if depth:
            raise ConfigError(
                f"The query's {opening}{closing} do not pair up: {term!r}. Close what is open."
            )
    for tag in re.findall(r"\[([^\[\]]*)\]", bare):
        name = re.sub(r"\s+", " ", tag.split(":")[0]).strip().lower()
        if name not in FIELDS and name in more_fields():
            warnings.append(f"the field [{tag}] is new to textmine; PubMed lists it")
        elif name not in FIELDS:
            close = difflib.get_close_matches(name, sorted(FIELDS), 3)
            hint = f" Did you mean {' or '.join(f'[{c}]' for c in close)}?" if close else ""
            raise ConfigError(
                f"PubMed has no search field [{tag}] (query {term!r}).{hint} PubMed would search "
                "all fields instead; see https://pubmed.ncbi.nlm.nih.gov/help/#search-tags."
            )
    return tuple(warnings)


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a search: days of entry, PMIDs, days of change; all bounds belong to it."""

    edat: tuple[date, date] | None = None
    pmids: tuple[int, int] | None = None
    mdat: tuple[date, date] | None = None
    sort: str | None = None

    def parameters(self, term: str) -> dict[str, str]:
        """What ESearch is asked: the term and its limits."""
        if self.pmids:
            term = f"({term}) AND {self.pmids[0]}:{self.pmids[1]}[UID]"
        out: dict[str, str] = {}
        dated = [(name, days) for name, days in (("edat", self.edat), ("mdat", self.mdat)) if days]
        if len(dated) == 2:
            first, last = dated[1][1]
            term = f'({term}) AND ("{first:%Y/%m/%d}"[MDAT] : "{last:%Y/%m/%d}"[MDAT])'
        if dated:
            name, (first, last) = dated[0]
            out = {"datetype": name, "mindate": _day(first), "maxdate": _day(last)}
        if self.sort:
            out["sort"] = self.sort
        return {"term": term, **out}

    def __str__(self) -> str:
        parts = []
        for name, days in (("entered", self.edat), ("changed", self.mdat)):
            if days:
                parts.append(f"{name} {days[0].isoformat()} to {days[1].isoformat()}")
        if self.pmids:
            parts.append(f"PMIDs {self.pmids[0]} to {self.pmids[1]}")
        if self.sort:
            parts.append(f"sorted by {self.sort}")
        return ", ".join(parts) or "all"


EVERYTHING = Slice()


def _day(day: date) -> str:
    return f"{day.year:04}/{day.month:02}/{day.day:02}"


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What ESearch said: the count, the first PMIDs (up to CAP), its reading of the query."""

    count: int
    ids: tuple[str, ...]
    translation: str | None = None
    warnings: tuple[str, ...] = ()
    unknown_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SliceResult:
    """A slice that was asked as a whole: its count, and how many PMIDs came."""

    slice: Slice
    count: int
    got: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All hits of a search. `difference`: the count less the different PMIDs found; 0 is proof."""

    term: str
    count: int
    ids: tuple[str, ...]
    slices: tuple[SliceResult, ...]
    difference: int
    translation: str | None = None
    warnings: tuple[str, ...] = ()

    def summary(self) -> dict[str, Any]:
        """For the manifest and `--json`."""
        return {
            "term": self.term,
            "translation": self.translation,
            "warnings": list(self.warnings),
            "count": self.count,
            "found": len(self.ids),
            "difference": self.difference,
            "slices": [
                {"slice": str(s.slice), "count": s.count, "got": s.got} for s in self.slices
            ],
        }


Search = Callable[[Slice], SearchAnswer]
EntryDay = Callable[[str], date | None]


def make_plan(
    term: str,
    search: Search,
    *,
    base: Slice = EVERYTHING,
    limit: int | None = None,
    entry_day: EntryDay | None = None,
) -> Plan:
    """Finds every hit of `term` within `base` (or the first `limit`).

    `search` asks ESearch for one slice, `entry_day` gives the day a PMID was entered, if it can be
    had cheaply: one such day saves a dozen searches.
    """
    whole = search(base)
    if whole.count <= CAP or (limit is not None and limit <= CAP):
        wanted = whole.count if limit is None else min(limit, whole.count)
        ids = tuple(dict.fromkeys(whole.ids))[:wanted]
        slices = (SliceResult(base, whole.count, len(ids)),)
        return Plan(
            term, whole.count, ids, slices, wanted - len(ids), whole.translation, whole.warnings
        )
    cutter = _Cutter(search, entry_day, limit)
    cutter.cut(base, whole)
    ids = tuple(cutter.ids)
    count = whole.count
    wanted = count if limit is None else min(limit, count)
    if len(ids) < wanted or (limit is None and len(ids) != count):
        # Records may have come in while we searched: ask once more before calling it a gap.
        count = search(base).count
        wanted = count if limit is None else min(limit, count)
    if limit is not None:
        ids = ids[:limit]
    warnings = (*whole.warnings, *cutter.warnings)
    return Plan(
        term, count, ids, tuple(cutter.slices), wanted - len(ids), whole.translation, warnings
    )


class _Cutter:
    """Walks down the slices and keeps what each brought."""

    def __init__(self, search: Search, entry_day: EntryDay | None, limit: int | None) -> None:
        self.search = search
        self.entry_day = entry_day
        self.limit = limit
        self.ids: dict[str, None] = {}
        self.slices: list[SliceResult] = []
        self.warnings: list[str] = []

    def cut(self, whole: Slice, answer: SearchAnswer) -> None:
        if self.limit is not None and len(self.ids) >= self.limit:
            return
        if answer.count <= CAP:
            self._keep(whole, answer)
            return
        for parts in self._ways(whole, answer):
            answers = [self.search(part) for part in parts]
            total = sum(a.count for a in answers)
            if total != answer.count and self.search(whole).count != total:
                continue  # not disjoint, or not understood by the server: try another way
            for part, part_answer in zip(parts, answers, strict=True):
                self.cut(part, part_answer)
            return
        self._other_orders(whole, answer)

    def _ways(self, whole: Slice, answer: SearchAnswer) -> Iterator[list[Slice]]:
        """The ways to cut a slice, best first; newest parts first."""
        first, last = whole.edat or (FIRST_DAY, LAST_DAY)
        if whole.pmids is None and first < last:
            day = self._boundary(first, last, answer)
            if day is not None:
                yield _by_day(whole, first, last, day)
            middle = first + (min(last, date.today() + timedelta(366)) - first) // 2
            if not first <= middle < last:
                middle = first
            yield [
                replace(whole, edat=(middle + timedelta(1), last)),
                replace(whole, edat=(first, middle)),
            ]
        low, high = whole.pmids or (1, MAX_PMID)
        if low < high:
            cut = _pmid_cut(low, high, [int(i) for i in answer.ids])
            yield [replace(whole, pmids=(cut, high)), replace(whole, pmids=(low, cut - 1))]

    def _boundary(self, first: date, last: date, answer: SearchAnswer) -> date | None:
        """The entry day of the last hit within reach: just about one CAP of hits is newer."""
        if self.entry_day is None or not answer.ids:
            return None
        day = self.entry_day(answer.ids[-1])
        return day if day is not None and first <= day <= last else None

    def _other_orders(self, whole: Slice, answer: SearchAnswer) -> None:
        found: dict[str, None] = dict.fromkeys(answer.ids)
        for order in _ORDERS:
            if len(found) >= answer.count:
                break
            found.update(dict.fromkeys(self.search(replace(whole, sort=order)).ids))
        self.ids.update(found)
        self.slices.append(SliceResult(whole, answer.count, len(found)))
        if len(found) < answer.count:
            self.warnings.append(
                f"The slice {whole} has {answer.count} hits and could not be cut further; "
                f"{len(found)} of them were found."
            )

    def _keep(self, part: Slice, answer: SearchAnswer) -> None:
        self.ids.update(dict.fromkeys(answer.ids))
        self.slices.append(SliceResult(part, answer.count, len(set(answer.ids))))


def _by_day(whole: Slice, first: date, last: date, day: date) -> list[Slice]:
    """After the day, the day, before the day; the parts that are not empty of days."""
    one = timedelta(1)
    spans = [(day + one, last), (day, day), (first, day - one)]
    return [replace(whole, edat=(a, b)) for a, b in spans if a <= b]


def _pmid_cut(low: int, high: int, sample: list[int]) -> int:
    """Where to cut a range of PMIDs: `low < cut <= high`.

    When the hits come newest first, everything from the smallest of the sample on is just one CAP.
    """
    inside = [i for i in sample if low <= i <= high]
    if inside:
        descending = all(a > b for a, b in itertools.pairwise(inside))
        cut = inside[-1] if descending else sorted(inside)[len(inside) // 2]
        if low < cut <= high:
            return cut
    return (low + high + 1) // 2
