"""What is marked in an abstract: the machine's mentions, cues and rationale, and people's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from textmine.records import Annotated, Article, Finding, Mention, Relation
from textmine.review.nouns import RelationView, StoredDecision
from textmine.review.web.highlight import Mark, highlight
from textmine.review.web.scales import clip

__all__ = ["Listed", "Part", "Stretch", "article_marks", "finding_marks", "mentions", "parts",
           "quotes", "stretches", "told_once"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A passage as the page shows it; `start` is its first code point, for counting back."""

    kind: str
    label: str
    start: int
    markup: Markup


@dataclass(frozen=True, slots=True)
class Stretch:
    """A sentence that can be picked by keyboard, in place of marking it by mouse."""

    start: int
    end: int
    words: str
    role: str

    @property
    def value(self) -> str:
        return f"{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class Listed:
    """A mention as the list under the text has it."""

    text: str
    label: str
    meaning: str
    key: str
    used: bool


def finding_marks(
    annotated: Annotated, finding: Finding, added: Iterable[StoredDecision] = ()
) -> list[Mark]:
    """The marks for one finding: its rationale and cues, every mention, what people added."""
    relations = [r for r in annotated.relations if r.id in set(finding.relations)]
    marks = [
        Mark(
            quote.start,
            quote.end,
            "rationale",
            f"rationale: {_role_at(annotated, quote.start)}",
            key=f"q{number}",
        )
        for number, quote in enumerate(finding.rationale)
    ]
    marks.extend(_people(added))
    marks.extend(_mentions(annotated.mentions, _used(relations)))
    marks.extend(_cues(relations))
    return marks


def article_marks(annotated: Annotated) -> list[Mark]:
    """The marks of an article that is not looked at for one claim."""
    return [*_mentions(annotated.mentions, {}), *_cues(annotated.relations)]


def parts(article: Article, marks: Sequence[Mark]) -> list[Part]:
    """Every passage with its marks; what stands between passages is a passage without a name."""
    out: list[Part] = []
    at = 0
    for passage in sorted(article.passages, key=lambda p: p.start):
        if article.text[at : passage.start].strip():
            out.append(Part("other", "", at, highlight(article.text, marks, at, passage.start)))
        start = max(passage.start, at)
        markup = highlight(article.text, marks, start, passage.end)
        out.append(Part(passage.kind, passage.label or "", start, markup))
        at = max(at, passage.end)
    if article.text[at:].strip():
        out.append(Part("other", "", at, highlight(article.text, marks, at)))
    return out


def stretches(annotated: Annotated) -> list[Stretch]:
    text = annotated.article.text
    return [
        Stretch(s.start, s.end, clip(text[s.start : s.end], 110), s.role)
        for s in annotated.sentences
    ]


def told_once(relations: Sequence[RelationView]) -> list[tuple[RelationView, int]]:
    """Relations that say the same of the same words once, with the number of places."""
    found: dict[tuple[object, ...], list[RelationView]] = {}
    for r in relations:
        names = ((name or "").casefold() for name in (r.subject, r.object, r.mediator))
        found.setdefault((r.predicate, r.direction, r.negated, *names), []).append(r)
    return [(max(same, key=lambda r: r.score), len(same)) for same in found.values()]


def quotes(annotated: Annotated, finding: Finding) -> list[tuple[str, str, str]]:
    """(anchor, words, role of the sentence) for each piece of the rationale."""
    return [
        (f"q{number}", clip(quote.text, 260), _role_at(annotated, quote.start))
        for number, quote in enumerate(finding.rationale)
    ]


def mentions(annotated: Annotated, finding: Finding | None = None) -> list[Listed]:
    """What is marked as a mention, in words, for those who do not see the colours."""
    chosen = set(finding.relations) if finding else set()
    used = _used([r for r in annotated.relations if r.id in chosen])
    return [
        Listed(m.text, m.label.lower(), _meaning(m), m.id, m.id in used) for m in annotated.mentions
    ]


def _used(relations: Iterable[Relation]) -> dict[str, str]:
    """mention -> what it is in the relations of the finding."""
    used: dict[str, str] = {}
    for relation in relations:
        for part in ("context", "outcome", "mediator", "object", "subject"):
            key = getattr(relation, part)
            if key is not None:
                used[key] = part
    return used


def _mentions(found: Iterable[Mention], used: dict[str, str]) -> Iterable[Mark]:
    for m in found:
        label = m.label.lower()
        part = used.get(m.id)
        yield Mark(
            m.start,
            m.end,
            "mention",
            f"{label}, {part}" if part else label,
            _meaning(m),
            f"l-{label} used" if part else f"l-{label}",
            m.id,
        )


def _cues(relations: Iterable[Relation]) -> Iterable[Mark]:
    """One mark per place, whatever several relations call the words there."""
    kinds: dict[tuple[int, int], set[str]] = {}
    for relation in relations:
        for cue in relation.cues:
            kinds.setdefault((cue.start, cue.end), set()).add(cue.kind.replace("_", " "))
    for (start, end), names in sorted(kinds.items()):
        yield Mark(start, end, "cue", ", ".join(sorted(names)))


def _people(added: Iterable[StoredDecision]) -> Iterable[Mark]:
    for word in added:
        for span in word.corrected.get("rationale", ()):
            yield Mark(
                span["start"],
                span["end"],
                "missed",
                f"marked by {word.reviewer}",
                word.note,
                key=word.id,
            )


def _meaning(mention: Mention) -> str:
    if not mention.concepts:
        return "no concept"
    best = mention.concepts[0]
    return f"{best.name} ({best.curie})"


def _role_at(annotated: Annotated, place: int) -> str:
    return next((s.role for s in annotated.sentences if s.start <= place < s.end), "place unknown")
