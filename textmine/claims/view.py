"""An annotated article, prepared once for all claims: which concepts stand where.

`keys` of a mention are its concepts with everything they are a kind of, so that a claim's concept
matches by plain set intersection.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from textmine.claims.values import Values
from textmine.records import Annotated, Mention, Relation

__all__ = ["EVIDENCE_ROLES", "View", "exclusion", "view_of"]

# Own results, own conclusions, the title; what stands in other sentences is nobody's finding here.
EVIDENCE_ROLES = ("result", "conclusion", "title")

_SHORT = re.compile(r"\(([A-Z][A-Za-z0-9-]{1,11}s?)[;,)]")

NAMED = 3  # so many mentions make an article one about a place

_NOTICES = {
    "comment", "editorial", "news", "published erratum", "expression of concern",
    "retraction of publication", "retraction notice",
}  # fmt: skip
_POOLED = {"meta-analysis", "systematic review", "network meta-analysis"}


@dataclass(frozen=True)
class View:
    """`evidence` relations may speak to a claim; `others` (aims, background, hypotheses) never."""

    annotated: Annotated
    mentions: Mapping[str, Mention]
    keys: Mapping[str, frozenset[str]]
    all_keys: frozenset[str]
    counts: Mapping[str, int]
    title_keys: frozenset[str]
    evidence: tuple[Relation, ...]
    others: tuple[Relation, ...]
    cargo: Mapping[str, tuple[str, ...]]
    words: frozenset[str]
    excluded: str | None
    _sentences: Mapping[tuple[int, int], tuple[Mention, ...]] = field(repr=False)
    _order: tuple[tuple[int, int], ...] = field(repr=False)
    _found: dict[str, dict[str, str]] = field(default_factory=dict, repr=False, compare=False)

    def long_form(self, short: str) -> str | None:
        """What the article itself says that a short form stands for, if it does."""
        if "forms" not in self._found:
            self._found["forms"] = _long_forms(self.annotated.article.text)
        forms = self._found["forms"]
        return forms.get(short) or forms.get(short.removesuffix("s"))

    def text(self, start: int, end: int) -> str:
        return self.annotated.article.text[start:end]

    def about(self, place: frozenset[str]) -> bool:
        """Whether the article is about one of these: in its title, or named again and again."""
        return about(place, self.title_keys, self.counts)

    def around(self, sentence: tuple[int, int], back: int = 0) -> tuple[Mention, ...]:
        """The mentions of a sentence, or of the one that stands `back` before it."""
        if back:
            try:
                place = self._order.index(sentence) - back
            except ValueError:
                return ()
            if place < 0:
                return ()
            sentence = self._order[place]
        return self._sentences.get(sentence, ())


def _long_forms(text: str) -> dict[str, str]:
    """Short forms that the text defines in brackets: the nearest words before whose letters give
    them, the first letter at the start of a word (Schwartz & Hearst 2003). The reader's own
    definitions ended as concepts; this is for names that have none."""
    out: dict[str, str] = {}
    for match in _SHORT.finditer(text):
        short = match[1].removesuffix("s")
        letters = [c for c in short.casefold() if c.isalnum()]
        before = text[max(0, match.start() - 120) : match.start()]
        place = len(before)
        for number, letter in enumerate(reversed(letters)):
            first = number == len(letters) - 1
            place = before.casefold().rfind(letter, 0, place)
            while first and place > 0 and before[place - 1].isalnum():
                place = before.casefold().rfind(letter, 0, place)
            if place < 0:
                break
        long = before[place:].strip() if place >= 0 else ""
        if long and len(long.split()) <= len(letters) + 3:
            out.setdefault(short, long)
    return out


def view_of(annotated: Annotated, values: Values) -> View:
    """Prepares an article. Mentions that a treatment arm is named after lend it their concepts."""
    article = annotated.article
    closure = values.vocabulary.closure
    mentions = {m.id: m for m in annotated.mentions}
    keys = {
        m.id: frozenset(k for c in m.concepts for k in closure(c.curie)) for m in annotated.mentions
    }
    _lend(annotated.mentions, keys)
    _lengthen(annotated, values, keys)
    sentences: dict[tuple[int, int], list[Mention]] = {
        (s.start, s.end): [] for s in annotated.sentences
    }
    order = tuple(sorted(sentences))
    place = 0
    for mention in sorted(annotated.mentions, key=lambda m: m.start):
        while place < len(order) and order[place][1] <= mention.start:
            place += 1
        if place < len(order) and order[place][0] <= mention.start:
            sentences[order[place]].append(mention)
    counts: Counter[str] = Counter()
    for found in keys.values():
        counts.update(found)
    title_end = max((p.end for p in article.passages if p.kind == "title"), default=0)
    title_keys = frozenset(k for m in annotated.mentions if m.start < title_end for k in keys[m.id])
    evidence: list[Relation] = []
    others: list[Relation] = []
    for relation in annotated.relations:
        sound = relation.role in EVIDENCE_ROLES and relation.certainty != "hypothesis"
        (evidence if sound and not relation.ambiguous else others).append(relation)
    return View(
        annotated=annotated,
        mentions=mentions,
        keys=keys,
        all_keys=frozenset(counts),
        counts=counts,
        title_keys=title_keys,
        evidence=tuple(evidence),
        others=tuple(others),
        cargo=_cargo(annotated),
        words=values.words(article.text),
        excluded=exclusion(annotated),
        _sentences={span: tuple(found) for span, found in sentences.items()},
        _order=order,
    )


def _lend(mentions: tuple[Mention, ...], keys: dict[str, frozenset[str]]) -> None:
    """ "high-dose BMSC-Exos" as an arm of treatment means what "BMSC-Exos" means."""
    named = sorted(
        {(m.text, keys[m.id]) for m in mentions if m.label == "VESICLE" and keys[m.id]},
        key=lambda pair: (-len(pair[0]), pair[0]),
    )
    for mention in mentions:
        if mention.label == "INTERVENTION" and not keys[mention.id]:
            for text, found in named:
                if re.search(rf"(?<!\w){re.escape(text)}(?!\w)", mention.text):
                    keys[mention.id] = found
                    break


def about(place: frozenset[str], title: frozenset[str], counts: Mapping[str, int]) -> bool:
    return not place.isdisjoint(title) or sum(counts.get(k, 0) for k in place) >= NAMED


def _lengthen(annotated: Annotated, values: Values, keys: dict[str, frozenset[str]]) -> None:
    """Bare "fibrosis" in an article about one organ is that organ's fibrosis."""
    title_end = max((p.end for p in annotated.article.passages if p.kind == "title"), default=0)
    counts = Counter(k for found in keys.values() for k in found)
    title = frozenset(k for m in annotated.mentions if m.start < title_end for k in keys[m.id])
    known = {s.place: about(s.place, title, counts) for s in values.shorts}
    for short in values.shorts:
        if not known[short.place]:
            continue
        for mention in annotated.mentions:
            if any(c.curie == short.word for c in mention.concepts):
                keys[mention.id] |= values.vocabulary.closure(short.means)


def _cargo(annotated: Annotated) -> dict[str, tuple[str, ...]]:
    """Cargo mention -> the vesicle mentions that are said to carry or deliver it."""
    out: dict[str, tuple[str, ...]] = {}
    for relation in annotated.relations:
        carried = relation.predicate in ("carries", "delivers") and not relation.negated
        if carried and relation.subject and relation.direction != "decreases":
            out[relation.object] = (*out.get(relation.object, ()), relation.subject)
    return out


def exclusion(annotated: Annotated) -> str | None:
    """Why nothing in this article may count: a head word, a colon, the reason; None if it may."""
    article, status = annotated.article, annotated.article.status
    types = {p.name.casefold() for p in article.publication_types}
    design = annotated.study.design
    links = {link.type: link.pmid for link in status.links}
    notice = status.notice_of or next(
        (links[t] for t in ("RetractionOf", "ErratumFor", "ExpressionOfConcernFor") if t in links),
        None,
    )
    if status.deleted:
        return "deleted: the record was withdrawn from PubMed"
    if notice or (types & _NOTICES and "retracted publication" not in types):
        of = f" of PMID {notice}" if notice else ""
        return f"notice: this is a comment, an editorial or a notice{of}, not a study"
    if status.retracted or "retracted publication" in types or "RetractionIn" in links:
        by = links.get("RetractionIn")
        return "retracted: the paper was retracted" + (f" (notice: PMID {by})" if by else "")
    if design == "protocol" or "clinical trial protocol" in types:
        return "protocol: a plan without results"
    pooled = types & _POOLED or design.startswith(("meta_analysis", "systematic"))
    if design == "review" or ("review" in types and not pooled):
        return "review: a narrative review reports other people's findings"
    if article.passages and not any(p.kind == "abstract" for p in article.passages):
        return "no_abstract: only the title is known"
    if "UpdateIn" in links:
        return f"duplicate: a preprint that appeared as PMID {links['UpdateIn']}"
    return None
