"""Which articles are one study, and which studies come from one group.

Two records of one study count once; several studies of one group are one voice with a second one
half heard. Records without authors (an index of texts, a bare text) stand for themselves.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from textmine.evidence.rules import Rules
from textmine.records import Annotated, Article, Author

__all__ = ["Joined", "Ties", "clusters", "duplicates", "pooled", "ties"]

# RefTypes by which PubMed ties two records of one study together.
_SAME = ("UpdateIn", "UpdateOf", "RepublishedIn", "RepublishedFrom")
_DROPPED = {
    "department", "dept", "division", "laboratory", "lab", "school", "faculty", "college",
    "section", "unit", "center", "centre", "of", "the", "and", "for", "key", "state",
}  # fmt: skip


# Shorter titles ("Reply", "Vesicles in liver disease") are alike by chance.
_LEAST_WORDS = 5


class Joined:
    """Union-find over names; the smallest name of a set stands for it, whatever the order."""

    def __init__(self, names: Iterable[str]) -> None:
        self._parent = {name: name for name in names}

    def find(self, name: str) -> str:
        while self._parent[name] != name:
            self._parent[name] = self._parent[self._parent[name]]
            name = self._parent[name]
        return name

    def join(self, one: str, other: str) -> None:
        first, second = sorted((self.find(one), self.find(other)))
        self._parent[second] = first

    def sets(self) -> dict[str, list[str]]:
        out: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self._parent):
            out[self.find(name)].append(name)
        return dict(out)


def duplicates(articles: Mapping[str, Annotated], rules: Rules | None = None) -> dict[str, str]:
    """Article id -> the id of the record that stands for the same study (never itself).

    One study are records with a common DOI or PMC id, records that PubMed ties together, and
    records with a common author, almost the same title and few years between them: a preprint or
    a conference abstract, and the article. The journal's version stands for the others; of equals
    the longer text, then the smaller id.
    """
    table = (rules or Rules.default()).independence
    joined = Joined(articles)
    seen: dict[tuple[str, str], str] = {}
    by_pmid = {a.article.pmid or key: key for key, a in articles.items()}
    for key in sorted(articles):
        article = articles[key].article
        for kind in ("doi", "pmc", "pmcid"):
            value = str(article.ids.get(kind) or "").strip().casefold()
            value = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", value)
            if value:
                mark = (kind.removesuffix("id"), value)
                joined.join(seen.setdefault(mark, key), key)
        for link in article.status.links:
            other = by_pmid.get(link.pmid or "")
            if link.type in _SAME and other is not None:
                joined.join(other, key)
    for one, other in _alike(articles, table.title_likeness, table.title_years):
        joined.join(one, other)
    out = {}
    for members in joined.sets().values():
        kept = min(members, key=lambda key: _standing(articles[key].article))
        out.update({key: kept for key in members if key != kept})
    return out


def _alike(
    articles: Mapping[str, Annotated], likeness: float, years: int
) -> Iterable[tuple[str, str]]:
    """Pairs with a common author whose titles are almost the same; a notice is about another."""
    words: dict[str, frozenset[str]] = {}
    by_author: dict[str, list[str]] = defaultdict(list)
    for key in sorted(articles):
        article = articles[key].article
        title = frozenset(re.findall(r"\w+", _fold(article.title)))
        if len(title) < _LEAST_WORDS or article.status.notice_of:
            continue
        words[key] = title
        for last in {_fold(a.last) for a in article.authors if a.last}:
            by_author[last].append(key)
    for keys in by_author.values():
        for place, one in enumerate(keys):
            for other in keys[place + 1 :]:
                small, large = sorted((words[one], words[other]), key=len)
                if len(small) < likeness * len(large):
                    continue
                if len(small & large) < likeness * len(small | large):
                    continue
                if _near(articles[one].article, articles[other].article, years):
                    yield one, other


def _near(one: Article, other: Article, years: int) -> bool:
    return one.year is None or other.year is None or abs(one.year - other.year) <= years


def _standing(article: Article) -> tuple[bool, int, str]:
    types = {p.name.casefold() for p in article.publication_types}
    early = bool(types & {"preprint", "congress", "meeting abstract", "conference abstract"})
    return (early, -len(article.text), article.id)


def pooled(articles: Mapping[str, Annotated]) -> dict[str, str]:
    """Article id -> the meta-analysis among these articles whose reference list names it."""
    out: dict[str, str] = {}
    names = {a.article.pmid or key: key for key, a in articles.items()}
    names |= {str(a.article.ids.get("doi", "")).casefold(): key for key, a in articles.items()}
    names.pop("", None)
    for key in sorted(articles):
        if articles[key].study.design.startswith("meta_analysis"):
            for reference in articles[key].article.references:
                other = names.get(str(reference).strip().casefold())
                if other is not None and other != key:
                    out.setdefault(other, key)
    return out


class Ties:
    """Which articles are tied to which, and why; groups are read off it with any left out."""

    def __init__(self, alone: Mapping[str, str]) -> None:
        self._alone = dict(alone)
        self._near: dict[str, dict[str, str]] = {key: {} for key in alone}

    def add(self, one: str, other: str, reason: str) -> None:
        self._near[one][other] = reason
        self._near[other][one] = reason

    def groups(self, *, without: frozenset[str] = frozenset()) -> dict[str, tuple[str, str]]:
        """Article id -> (group, why). A group is named after its first article."""
        found: dict[str, tuple[str, str]] = {}
        for key in sorted(self._near):
            if key not in found and key not in without:
                found.update(self.group_of(key, without=without))
        return found

    def group_of(
        self, key: str, *, without: frozenset[str] = frozenset()
    ) -> dict[str, tuple[str, str]]:
        """The group of one article."""
        members, todo = {key}, [key]
        while todo:
            for other in self._near[todo.pop()]:
                if other not in members and other not in without:
                    members.add(other)
                    todo.append(other)
        name = min(members)
        out = {}
        for member in members:
            reasons = {r for other, r in self._near[member].items() if other in members}
            out[member] = (name, "; ".join(sorted(reasons)) or self._alone[member])
        return out

    def near(self, key: str) -> Iterable[str]:
        """The articles tied to one directly."""
        return self._near.get(key, {})


def ties(articles: Mapping[str, Annotated], rules: Rules) -> Ties:
    """Joined are articles that share their senior author, an ORCID, a trial's registration, or
    some authors and an affiliation, or a grant together with an author or an affiliation."""
    profiles = {key: _Profile(articles[key], rules) for key in articles}
    made = Ties({key: profile.alone for key, profile in profiles.items()})
    marked: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key in sorted(profiles):
        for mark in profiles[key].marks():
            marked[mark].append(key)
    done: set[tuple[str, str]] = set()
    for members in marked.values():
        for place, one in enumerate(members):
            for other in members[place + 1 :]:
                if (one, other) in done:
                    continue
                done.add((one, other))
                reason = profiles[one].same_group(profiles[other], rules)
                if reason:
                    made.add(one, other, reason)
    return made


def clusters(articles: Mapping[str, Annotated], rules: Rules) -> dict[str, tuple[str, str]]:
    """Article id -> (cluster, why). A cluster is named after its first article."""
    return ties(articles, rules).groups()


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold().strip()


def _names(author: Author) -> tuple[str, str]:
    """(family name, given names) folded; the given names may be initials."""
    fore = author.fore or author.initials or ""
    return _fold(author.last or ""), _fold(fore)


class _Profile:
    def __init__(self, annotated: Annotated, rules: Rules) -> None:
        article = annotated.article
        # Synthesis names the registrations of others, or of its own protocol.
        own = not annotated.study.design.startswith(("meta_", "systematic", "review"))
        self.registrations = set(annotated.study.registration) if own else set()
        people = [a for a in article.authors if a.last]
        self.authors = [_names(a) for a in people]
        self.senior = people[-1] if people else None
        self.orcids = {a.orcid.rsplit("/", 1)[-1].upper() for a in people if a.orcid}
        self.affiliations = {s for a in people for t in a.affiliations for s in (_stem(t),) if s}
        self.grants = {
            re.sub(r"\W", "", g.id).upper()
            for g in article.grants
            if g.id and len(re.sub(r"\W", "", g.id)) >= rules.independence.grant_length
        }
        self.alone = (
            "no group in common with another article"
            if people
            else "the record names no authors: independence cannot be checked"
        )

    def marks(self) -> Iterable[tuple[str, str]]:
        """Keys under which only articles that could share a group meet."""
        yield from (("orcid", o) for o in sorted(self.orcids))
        yield from (("author", last) for last in sorted({last for last, _ in self.authors}))
        yield from (("grant", g) for g in sorted(self.grants))
        yield from (("registration", r) for r in sorted(self.registrations))

    def same_group(self, other: _Profile, rules: Rules) -> str | None:
        if self.registrations & other.registrations:
            return f"registration {min(self.registrations & other.registrations)}"
        shared_places = self.affiliations & other.affiliations
        if self.senior and other.senior and _same_person(self.senior, other.senior):
            exact = _full(self.senior) and _full(other.senior)
            if exact or shared_places or self.orcids & other.orcids:
                return f"senior author {self.senior.last}"
        if self.orcids & other.orcids:
            return f"ORCID {min(self.orcids & other.orcids)}"
        shared = sum(
            1 for one in self.authors if any(_same_name(one, two) for two in other.authors)
        )
        if shared >= rules.independence.shared_authors and shared_places:
            return f"{shared} authors and {min(shared_places)}"
        grants = self.grants & other.grants
        if grants and (shared or shared_places or not (self.authors and other.authors)):
            return f"grant {min(grants)}"
        return None


def _full(author: Author) -> bool:
    """Given names in full: initials alone are shared by too many people."""
    return len(max(re.split(r"[\s.-]+", author.fore or ""), key=len)) > 2


def _same_person(one: Author, other: Author) -> bool:
    if one.orcid and other.orcid:
        return one.orcid.rsplit("/", 1)[-1].upper() == other.orcid.rsplit("/", 1)[-1].upper()
    return _same_name(_names(one), _names(other))


def _same_name(one: tuple[str, str], other: tuple[str, str]) -> bool:
    if one[0] != other[0] or not one[1] or not other[1]:
        return False
    first, second = (re.split(r"[\s.-]+", n[1].strip(". "))[0] for n in (one, other))
    return first == second or ((len(first) <= 2 or len(second) <= 2) and first[:1] == second[:1])


def _stem(affiliation: str) -> str:
    """ "Dept of Hepatology, University of Northwick, Norway." -> "university northwick"."""
    parts = [_fold(p) for p in re.split(r"[,;]", affiliation)]
    named: Sequence[str] = [
        p
        for p in parts
        if re.search(r"universi|institut|hospital|academy|clinic|klinik|charite", p)
    ] or parts[:1]
    words = re.findall(r"\w+", named[0] if named else "")
    return " ".join(w for w in words if w not in _DROPPED)
