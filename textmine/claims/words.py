"""A claim's sentence taken apart by its words alone: what acts, what changes, and which way.

Used where the reader of studies finds no relation in a claim. A claim is one relation for sure, so
that the grammar may be guessed at: turns of phrase first, then the first verb that says which way.
All words are data (`claims.toml` and `claim_verbs.toml` in models/lexicon, over `triggers.toml`).
Offsets are those of the statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from textmine.config import data_root, read_toml
from textmine.errors import ConfigError
from textmine.reading.triggers import Token, Triggers, tokenize
from textmine.records import Mention

__all__ = ["Said", "Span", "Words", "default_words"]

_AUXILIARIES = frozenset(("is", "are", "was", "were", "be", "been", "being", "gets", "get"))
_BEFORE_NOUNS = re.compile(
    r"the|an?|this|that|these|those|of|in|on|by|with|from|for|its|their", re.I
)
_ADVERBS = re.compile(r"(?:\s+(?:\w+ly|can|may|might|could|will|also|then|thus|do|does))+$")
_DETERMINER = re.compile(r"(?:the|an?|its|their|this|these|such)\s+", re.IGNORECASE)
_GLUED = re.compile(r"(?:-\w+)? ?")
# What a verb of each class does to its object; "good": it depends on what is changed.
_CLASSES = {
    "increase": ("regulates", "increases"),
    "decrease": ("regulates", "decreases"),
    "rise": ("associated_with", "increases"),
    "fall": ("associated_with", "decreases"),
    "protect": ("regulates", "protects"),
    "improve": ("regulates", "improves"),
    "reverse": ("regulates", "improves"),
    "worsen": ("regulates", "worsens"),
    "affect": ("regulates", "unspecified"),
    "carry": ("carries", "unspecified"),
    "deliver": ("delivers", "unspecified"),
    "target": ("targets", "unspecified"),
    "convert": ("converts_to", "unspecified"),
    "associate": ("associated_with", "unspecified"),
    "mediate": ("mediates", "unspecified"),
}


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """The parts of a claim. `direction` is that of a frame, or `protects`, `improves`, `worsens`,
    whose sense depends on what is changed. `quality` is what of the object changes, `kept_from`
    what it is kept from. `removed`: what acts is taken away. `turned`: the object's own noun says
    that it goes down ("the loss of")."""

    subject: Span | None
    object: Span | None
    predicate: str
    direction: str
    comparator: Span | None = None
    mediator: Span | None = None
    quality: Span | None = None
    kept_from: Span | None = None
    denied: bool = False
    removed: bool = False
    turned: bool = False


@dataclass(frozen=True, slots=True)
class _Idiom:
    what: re.Pattern[str]
    predicate: str
    direction: str
    signs: Mapping[str, str]
    denied: bool
    by: str


class Words:
    """The tables of `claims.toml`, ready to use. ConfigError if one cannot be used."""

    def __init__(self, data: Mapping[str, Any], triggers: Triggers) -> None:
        self._triggers = triggers
        self._idioms = tuple(
            _Idiom(
                re.compile(table["what"], re.IGNORECASE),
                table.get("predicate", "regulates"),
                table.get("direction", "unspecified"),
                table.get("signs", {}),
                bool(table.get("denied", False)),
                "h2" if table.get("by_second") else "d",
            )
            for table in data["idiom"]
        )
        self._phrasal = tuple(
            (re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE), direction)
            for direction, words in data["phrasal"].items()
        )
        trim, denial = data["trim"], data["denial"]
        self._front = _anchored(trim["front"])
        self._denials = _anchored(denial["front"])
        self._none = _anchored(denial["none"])
        self._inside = re.compile(rf"\b(?:{'|'.join(denial['inside'])})\s+", re.IGNORECASE)
        self._end = re.compile("|".join(trim["end"]), re.IGNORECASE)
        self._mediator = re.compile(rf"\b(?:{'|'.join(trim['mediator'])})\s+", re.IGNORECASE)
        self._without = re.compile(rf"\b(?:{'|'.join(trim['without'])})\b", re.IGNORECASE)
        self._without_after = re.compile(
            rf"\b(?:{'|'.join(trim['without_after'])})\b", re.IGNORECASE
        )
        turning = "|".join(data["turning"]["words"].split())
        self._turning = re.compile(rf"(?:the |an? )?(?:\w+ )?(?:{turning}) (?:of|in)\b", re.I)
        self._than = {
            way: re.compile(rf"\s+(?:{'|'.join(words)})\s+(?:those of |that of |does |do )?", re.I)
            for way, words in data["than"].items()
        }
        self._processes = {name: _any_of(words) for name, words in data["process"].items()}
        self._vague = frozenset(data["vague"]["concepts"])
        self._named = frozenset(data["vague"]["named"])
        self._origin = re.compile(data["vague"]["origin"], re.IGNORECASE)
        self._turns = re.compile(rf"\b(?:{turning})\b", re.IGNORECASE)
        self._kinds = {k: _any_of(words) for k, words in data["kind"].items()}
        self._quantifiers = {k: _any_of(words) for k, words in data["quantifier"].items()}

    def name(self, mention: Mention, statement: str, mentions: Sequence[Mention]) -> str:
        """What a frame calls a mention of a claim: its concept, or its own words where there is no
        concept, or one too wide ("vesicles of another origin")."""
        concept = mention.concepts[0].curie if mention.concepts else None
        if concept is not None and concept not in self._vague:
            return concept
        end = mention.end
        for other in sorted(mentions, key=lambda m: m.start):
            if other.start > end and self._origin.fullmatch(statement, end, other.start):
                end = other.end
            elif end > mention.end and _GLUED.fullmatch(statement, end, other.start):
                end = other.end  # "from amyloid-stressed neuronal cells"
        if concept is None or end > mention.end or concept in self._named:
            return statement[mention.start : end]
        return concept

    def kind(self, statement: str) -> str:
        """What kind of claim it is (mechanistic where no word says otherwise)."""
        return next((k for k, w in self._kinds.items() if w.search(statement)), "mechanistic")

    def quantifier(self, statement: str) -> str | None:
        """`universal`, `most` or `some`, if a word says so."""
        return next((k for k, w in self._quantifiers.items() if w.search(statement)), None)

    def denies(self, statement: str) -> int:
        """How many characters at the front deny what follows ("It is not true that"); else 0."""
        match = self._denials.match(statement)
        return match.end() if match else 0

    def removed(self, text: str) -> bool:
        """Whether a phrase says that something is taken away ("blockade of", "... deficiency")."""
        return bool(self._without.search(text) or self._without_after.search(text))

    def process(self, text: str) -> str | None:
        """The name that the lexicon has for what a verb or adjective says ("being activated")."""
        return next((name for name, w in self._processes.items() if w.search(text)), None)

    def turns(self, text: str) -> bool:
        """Whether a noun in it says that something goes down ("breakdown")."""
        return self._turns.search(text) is not None

    def after_removal(self, text: str) -> int:
        """Where the thing that is taken away begins in a phrase ("blockade of X"); else 0."""
        match = self._without.search(text)
        return match.end() if match else 0

    def read(self, statement: str) -> Said | None:
        """The parts of a statement, or None if no word says what changes."""
        start, end, denied = self._body(statement)
        body = statement[start:end]
        found = self._idiom(body, start) or self._by_verb(body, start)
        if found is None or found.subject is None:
            return None
        found = self._finished(found, statement)
        return replace(found, denied=found.denied != denied)

    def _body(self, statement: str) -> tuple[int, int, bool]:
        """Where the claim itself stands, without its frills, and whether it is denied."""
        end = len(statement.rstrip(" .;!"))
        start = self.denies(statement)
        denied = start > 0
        for pattern in (self._front, self._none):
            if match := pattern.match(statement, start):
                start = match.end()
                denied = denied != (pattern is self._none)
        if cut := self._end.search(statement, start + 20, end):
            end = cut.start()
        return start, end, denied

    def _idiom(self, body: str, offset: int) -> Said | None:
        denied = bool(self._inside.search(body))
        plain = self._inside.sub(lambda m: " " * len(m[0]), body)
        for idiom in self._idioms:
            match = idiom.what.fullmatch(plain)
            if match is None:
                continue
            groups = match.groupdict()
            first = min((n for n in ("s", "o") if groups.get(n)), key=lambda n: match.start(n))
            if idiom.predicate != "compared_with" and self._verb(plain[: match.end(first)]):
                continue  # what stands before is a sentence of its own
            said = (groups.get(idiom.by) or "").lower().split()
            word = next((w for w in reversed(said) if w in idiom.signs), said[0] if said else "")
            spans = {
                n: Span(offset + match.start(n), offset + match.end(n), body[slice(*match.span(n))])
                for n, text in groups.items()
                if text
            }
            return Said(
                subject=spans.get("s"),
                object=spans.get("o"),
                predicate=idiom.predicate,
                direction=idiom.signs.get(word, idiom.direction),
                comparator=spans.get("t"),
                mediator=spans.get("m"),
                quality=spans.get("q"),
                kept_from=spans.get("h"),
                denied=denied != idiom.denied,
            )
        return None

    def _by_verb(self, body: str, offset: int) -> Said | None:
        found = self._verb(body)
        if found is None:
            return None
        start, end, predicate, direction, passive = found
        before, after = _span(body, 0, start, offset), _span(body, end, len(body), offset)
        denied = bool(self._inside.search(body))
        if before is not None and (cut := self._inside.search(before.text)):
            before = _span(body, 0, before.start - offset + cut.start(), offset)
        if not passive:
            return Said(before, after, predicate, direction, denied=denied)
        doer = re.search(r"\bby\s+", after.text) if after is not None else None
        if after is not None and doer is not None:
            place = after.start - offset + doer.end()
            return Said(
                _span(body, place, len(body), offset), before, predicate, direction, denied=denied
            )
        where = re.match(r"(?:in|with|after|under|during)\s+", after.text) if after else None
        if after is None or where is None:
            return None
        place = after.start - offset + where.end()
        return Said(
            _span(body, place, len(body), offset),
            before,
            "associated_with" if predicate == "regulates" else predicate,
            direction,
            denied=denied,
        )

    def _verb(self, body: str) -> tuple[int, int, str, str, bool] | None:
        """The first verb that says which way: its span, predicate, direction, whether passive."""
        phrasal = [
            (m.start(), m.end(), "regulates", direction, False)
            for pattern, direction in self._phrasal
            if (m := pattern.search(body)) and m.start() > 2
        ]
        tokens = tokenize(body, 0, len(body), (), self._triggers)
        single = next(self._verbs(tokens), None)
        order = sorted([*phrasal, *([single] if single else [])], key=lambda v: (v[0], -v[1]))
        return order[0] if order else None

    def _verbs(self, tokens: Sequence[Token]) -> Iterator[tuple[int, int, str, str, bool]]:
        for place, token in enumerate(tokens):
            if not place or token.glued:
                continue
            previous = tokens[place - 1]
            following = tokens[place + 1].low if place + 1 < len(tokens) else ""
            for reading in token.readings:
                if reading.pos != "verb" or reading.cls not in _CLASSES:
                    continue
                predicate, direction = _CLASSES[reading.cls]
                passive = "part" in reading.forms and _has_auxiliary(
                    tokens[max(0, place - 3) : place]
                )
                finite = {"s", "base"} & set(reading.forms)
                # "LAMP2A hastens": the A is no article
                noun = _BEFORE_NOUNS.fullmatch(previous.text) and not previous.text.isupper()
                if passive:
                    yield _auxiliary(tokens, place), token.end, predicate, direction, True
                elif finite and not noun and following not in ("of", "", "is", "are", "that"):
                    yield token.start, token.end, predicate, direction, False

    def _finished(self, said: Said, statement: str) -> Said:
        """The mediator cut off, and what the nouns say: taken away, going down."""
        subject, obj, mediator = said.subject, said.object, said.mediator
        comparator, predicate, direction = said.comparator, said.predicate, said.direction
        cut = self._mediator.search(obj.text) if obj and not mediator else None
        if obj is not None and cut is not None and cut.start():
            mediator = _span(statement, obj.start + cut.end(), obj.end, 0)
            obj = _span(statement, obj.start, obj.start + cut.start(), 0)
        if obj is not None and (by := re.search(r"\s+by\s+\w+ing\b", obj.text)):
            obj = _span(statement, obj.start, obj.start + by.start(), 0)
        kept_from = said.kept_from
        last = kept_from or obj
        if last is not None and comparator is None:
            for way, pattern in self._than.items():
                if than := pattern.search(last.text):
                    comparator = _span(statement, last.start + than.end(), last.end, 0)
                    cut_off = _span(statement, last.start, last.start + than.start(), 0)
                    obj, kept_from = (obj, cut_off) if kept_from else (cut_off, None)
                    predicate, direction = "compared_with", way
                    break
        if subject is not None and (adverbs := _ADVERBS.search(subject.text)):
            subject = _span(statement, subject.start, subject.start + adverbs.start(), 0)
        return replace(
            said,
            subject=_bare(statement, subject),
            object=_bare(statement, obj),
            mediator=_bare(statement, mediator),
            kept_from=kept_from,
            comparator=_bare(statement, comparator),
            predicate=predicate,
            direction=direction,
            turned=obj is not None and self._turning.match(obj.text) is not None,
            removed=subject is not None and self.removed(subject.text),
        )


def _bare(text: str, span: Span | None) -> Span | None:
    """Without the article in front."""
    if span is None or not (match := _DETERMINER.match(span.text)):
        return span
    return _span(text, span.start + match.end(), span.end, 0)


def _auxiliary(tokens: Sequence[Token], place: int) -> int:
    """Where the auxiliary of a passive begins, so that it is no part of what changes."""
    for back in range(place - 1, max(-1, place - 4), -1):
        if tokens[back].low in _AUXILIARIES:
            return tokens[back].start
    return tokens[place].start


def _has_auxiliary(tokens: Sequence[Token]) -> bool:
    return any(t.low in _AUXILIARIES for t in tokens)


def _span(text: str, start: int, end: int, offset: int) -> Span | None:
    """The stretch without white space and commas around it; None if nothing is left."""
    while start < end and text[start] in " ,":
        start += 1
    while end > start and text[end - 1] in " ,":
        end -= 1
    return Span(offset + start, offset + end, text[start:end]) if start < end else None


def _anchored(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(words)})\s+", re.IGNORECASE)


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


@cache
def default_words() -> Words:
    """The shipped words."""
    folder = data_root() / "models" / "lexicon"
    path = folder / "claims.toml"
    data = read_toml(path)
    try:
        return Words(data, Triggers.load(folder / "claim_verbs.toml"))
    except (KeyError, TypeError, AttributeError, re.error) as error:
        raise ConfigError(f"{path} is no table of a claim's words: {error!r}.") from error
