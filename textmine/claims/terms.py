"""The words of a claim -> concepts: what "apoptosis in hepatocytes" stands for.

An expression is `[VARIANT] CONCEPT [in PLACE]`. CONCEPT and PLACE are CURIEs, words that the
lexicon knows, or the name of a group of the value tables; VARIANT names a set of wordings of the
value tables ("modified vesicles"). Nothing here knows any topic: all words come from the lexicon.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from textmine.errors import ConfigError

__all__ = ["BENEFIT", "Concepts", "Expression", "Vocabulary", "content_words", "is_curie"]

BENEFIT = "benefit"  # as an object: whatever the value tables call good
_WORD = re.compile(r"[^\W_]+(?:-\d\w*)?")
_BRITISH = re.compile(r"our\b")  # tumour, tumor
_EMPTY = frozenset(
    ("the", "and", "for", "from", "with", "into", "that", "which", "than", "their", "its", "them")
)
_CURIE = re.compile(r"[A-Za-z][\w.]*:\S+")


class Named(Protocol):
    """An entry of a lexicon."""

    @property
    def curie(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...


class Concepts(Protocol):
    """What the claims need of a lexicon (`textmine.reading.lexicon.Lexicon` has it)."""

    def parents(self, curie: str) -> Sequence[str]:
        """The direct is-a parents; empty for a concept that is not known."""

    def concept(self, curie: str) -> Named:
        """The entry of a CURIE; ConfigError if there is none."""

    def find(self, name: str) -> Sequence[Named]:
        """What a name can mean, the likeliest first."""


def content_words(text: str) -> frozenset[str]:
    """The words of a phrase that mean something: in lower case, American, in the singular."""
    out = set()
    plain = text.casefold().replace("ae", "e").replace("oe", "e")
    for word in _WORD.findall(_BRITISH.sub("or", plain)):
        if word not in _EMPTY and (len(word) > 2 or any(c.isdigit() for c in word)):
            out.add(word[:-1] if word.endswith("s") and not word.endswith("ss") else word)
    return frozenset(out)


def is_curie(text: str) -> bool:
    return _CURIE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Expression:
    """One alternative of a frame. `concepts`: any of these; `place`: in any of these, if given.

    `unread` holds the words that the lexicon does not know. `words`: what it is called, by which it
    may be met where the concepts do not meet.
    """

    text: str
    concepts: frozenset[str] = frozenset()
    place: frozenset[str] = frozenset()
    variant: str | None = None
    unread: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()

    @property
    def known(self) -> bool:
        """Whether anything can be matched by it."""
        return bool(self.concepts or self.words) or (self.benefit and not self.unread)

    @property
    def benefit(self) -> bool:
        return self.text == BENEFIT or self.text.startswith(f"{BENEFIT} in ")


class Vocabulary:
    """Looks words up and walks the is-a tree, remembering what it found."""

    def __init__(
        self,
        concepts: Concepts,
        groups: Mapping[str, tuple[str, ...]] | None = None,
        variants: Iterable[str] = (),
    ) -> None:
        self._concepts = concepts
        self._groups = {name.casefold(): members for name, members in (groups or {}).items()}
        self._variants = tuple(variants)
        self._closures: dict[str, frozenset[str]] = {}
        self._found: dict[str, frozenset[str]] = {}

    def closure(self, curie: str) -> frozenset[str]:
        """The concept and everything it is a kind of."""
        known = self._closures.get(curie)
        if known is None:
            seen = {curie}
            todo = [curie]
            while todo:
                for parent in self._concepts.parents(todo.pop()):
                    if parent not in seen:
                        seen.add(parent)
                        todo.append(parent)
            known = self._closures[curie] = frozenset(seen)
        return known

    def name(self, curie: str) -> str:
        """The concept's name, or the CURIE itself."""
        return self._concepts.concept(curie).name if self._known(curie) else curie

    def find(self, words: str) -> frozenset[str]:
        """The concepts of a CURIE, of a group or of words; empty when nothing is known of them."""
        found = self._found.get(words)
        if found is None:
            found = self._found[words] = self._find(words, frozenset())
        return found

    def _find(self, words: str, within: frozenset[str]) -> frozenset[str]:
        members = self._groups.get(words.casefold())
        if members is not None and words not in within:
            parts = (self._find(member, within | {words}) for member in members)
            return frozenset(c for part in parts for c in part)
        if is_curie(words):
            # "textmine:process/growth": made by the linker for a word that no list has
            made = "/" in words or words.rpartition(":")[2].isdigit()
            return frozenset({words}) if made or self._known(words) else frozenset()
        entries = self._concepts.find(words)
        # A curated meaning shuts out those of the broad lists, as it does in texts.
        return frozenset(e.curie for e in entries if e.source == entries[0].source)

    def _known(self, curie: str) -> bool:
        try:
            self._concepts.concept(curie)
        except ConfigError:
            return False
        return True

    def _named(self, text: str, concepts: frozenset[str]) -> frozenset[str]:
        """The words of an expression: its own, or its concept's name where it is a CURIE."""
        if not is_curie(text):
            return content_words(text)
        name = self.name(text)
        return content_words(name.rpartition("/")[2].replace("_", " ") if name == text else name)

    def read(self, text: str) -> Expression:
        """Reads one alternative of a frame; what is not known stands in `unread`."""
        if text == BENEFIT:
            return Expression(text)
        if text.startswith(f"{BENEFIT} in "):
            words = text.removeprefix(f"{BENEFIT} in ")
            seen_in = self.find(words)
            return Expression(text, place=seen_in, unread=() if seen_in else (words,))
        if concepts := self.find(text):
            return Expression(text, concepts, words=self._named(text, concepts))
        rest, variant = text, None
        for name in self._variants:
            if rest.casefold().startswith(name.casefold() + " "):
                rest, variant = rest[len(name) + 1 :], name
                break
        if concepts := self.find(rest):
            return Expression(text, concepts, frozenset(), variant)
        head, separator, place = rest.rpartition(" in ")
        if not separator:
            return Expression(text, variant=variant, unread=(rest,), words=content_words(rest))
        concepts, where = self.find(head), self.find(place)
        unread = tuple(w for w, found in ((head, concepts), (place, where)) if not found)
        own = self._named(head, concepts)
        return Expression(text, concepts, where, variant, unread, own)
