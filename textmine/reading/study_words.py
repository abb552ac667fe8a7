"""The words of the study card, from models/lexicon/study.toml, and where they are looked for."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from textmine.config import data_root, read_toml
from textmine.errors import ConfigError
from textmine.reading.needed import fold, grams, needed
from textmine.records import Article, Sentence

__all__ = [
    "VALUE_FIELDS",
    "Origin",
    "Scope",
    "Species",
    "StudyWords",
    "default_words",
    "load_words",
]

# Fields of the study card whose values are names with patterns.
VALUE_FIELDS = (
    "strains", "models", "vesicle_source", "vesicle_donor", "vesicle_state", "isolation",
    "characterisation", "markers", "route", "comparators", "causal_test", "timing", "vesicle_cell",
)  # fmt: skip
FLAGS = ("randomised", "blinded", "power_calculation", "dose_response")
CAPTURES = ("dose", "effect_sizes", "p_values", "registration")

_BREAK = re.compile(r"(?<=[.!?])\s+(?=[\w\"'(\[])")


@dataclass(frozen=True, slots=True)
class Species:
    """`subjects`: words for living animals or people; `cells`: words for their cells only."""

    name: str
    subjects: re.Pattern[str]
    cells: re.Pattern[str]
    mesh: tuple[str, ...]
    human: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """Where vesicles come from: the word alone, and the forms of words that say so.

    The group "w" of a form is the word; a `name` with a place {x} takes the group "x"."""

    name: str
    word: re.Pattern[str]
    forms: tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class StudyWords:
    values: Mapping[str, tuple[tuple[str, re.Pattern[str]], ...]]
    flags: Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]]
    captures: Mapping[str, re.Pattern[str]]
    capture_roles: Mapping[str, tuple[str, ...]]
    species: tuple[Species, ...]
    origins: tuple[Origin, ...]
    effects: re.Pattern[str]
    effect_measures: tuple[str, ...]
    cell_models: frozenset[str]
    title_models: Mapping[str, re.Pattern[str]]
    general_models: Mapping[str, tuple[str, ...]]
    unnamed_origins: Mapping[str, re.Pattern[str]]
    same_origins: Mapping[str, str]
    own: re.Pattern[str]
    vesicle: re.Pattern[str]
    general_origins: Mapping[str, re.Pattern[str]]
    arms: re.Pattern[str]
    arms_list: re.Pattern[str]
    units: str
    groups: str
    studies: str
    design_order: tuple[str, ...]
    design_types: Mapping[str, str]
    design: Mapping[str, re.Pattern[str]]


@cache
def default_words() -> StudyWords:
    """The shipped words, read once."""
    return load_words(data_root() / "models" / "lexicon" / "study.toml")


def load_words(path: Path) -> StudyWords:
    """Reads a file of study words; ConfigError names what cannot be used."""
    data = read_toml(path)
    try:
        return _build(data)
    except (KeyError, TypeError, AttributeError, re.error) as error:
        raise ConfigError(
            f"{path} is no file of study words: {error!r}. Compare it with the shipped one."
        ) from error


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


def _build(data: Mapping[str, Any]) -> StudyWords:
    return StudyWords(
        values={
            field: tuple((name, _pattern(text)) for name, text in data.get(field, {}).items())
            for field in VALUE_FIELDS
        },
        flags={
            name: (_pattern(data["flags"][name]["yes"]), _pattern(data["flags"][name]["no"]))
            for name in FLAGS
        },
        captures={name: _pattern(data["capture"][name]) for name in CAPTURES},
        capture_roles={k: tuple(v) for k, v in data.get("capture_roles", {}).items()},
        species=tuple(
            Species(
                name,
                _pattern(table["subjects"]),
                _pattern(table["cells"]),
                tuple(table.get("mesh", ())),
                bool(table.get("human", False)),
            )
            for name, table in data["species"].items()
        ),
        origins=tuple(
            Origin(
                name,
                _pattern(rf"\b(?:{word})"),
                tuple(
                    _pattern(
                        form.replace("{V}", data["vesicle_forms"]["vesicle"]).replace(
                            "{W}", f"(?P<w>{word})"
                        )
                    )
                    for form in (
                        *data["vesicle_forms"]["forms"],
                        *(
                            data["vesicle_forms"]["fluid_forms"]
                            if name in data["vesicle_forms"]["fluids"]
                            else ()
                        ),
                    )
                ),
            )
            for name, word in data["vesicle_origin"].items()
        ),
        effects=_pattern(
            data["effect_forms"]["form"].replace(
                "{M}", "|".join(f"(?P<{n}>{w})" for n, w in data["effect_measures"].items())
            )
        ),
        effect_measures=tuple(data["effect_measures"]),
        cell_models=frozenset(data.get("models_of_cells", {}).get("names", ())),
        title_models={
            name: _pattern(text) for name, text in data.get("models_of_titles", {}).items()
        },
        general_models={k: tuple(v) for k, v in data.get("models_general", {}).items()},
        unnamed_origins={
            name: _pattern(text) for name, text in data.get("vesicle_unnamed", {}).items()
        },
        same_origins=dict(data.get("vesicle_same", {})),
        own=_pattern(data["own"]["done"]),
        vesicle=_pattern(rf"\b{data['vesicle_forms']['vesicle']}\b"),
        general_origins={
            name: _pattern(text) for name, text in data.get("vesicle_general", {}).items()
        },
        arms=_pattern(data["arms"]["pattern"]),
        arms_list=_pattern(data["arms"]["list_after"]),
        units=data["numbers"]["units"],
        groups=data["numbers"]["groups"],
        studies=data["numbers"]["studies"],
        design_order=tuple(data["design"]["order"]),
        design_types={k.casefold(): v for k, v in data["design"]["types"].items()},
        design={name: _pattern(text) for name, text in data["design"]["words"].items()},
    )


@dataclass(frozen=True)
class Scope:
    """The sentences of an article in which its own doings stand: all but background.

    Without a reading of roles every sentence counts, because nothing says which do not.
    A pattern is only tried on sentences that hold one of the words it needs.
    """

    text: str
    sentences: tuple[Sentence, ...]
    title: str
    _words: dict[str, frozenset[int]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(
        cls, article: Article, sentences: Sequence[Sentence], own: re.Pattern[str] | None = None
    ) -> Scope:
        """`own`: words by which a sentence that was taken for background is a method after all."""
        found = sorted(sentences, key=lambda s: s.start) or _plain_sentences(article)
        if own is not None:
            found = (
                Sentence(s.start, s.end, "method")
                if s.role == "background" and own.search(article.text, s.start, s.end)
                else s
                for s in found
            )
        return cls(article.text, tuple(found), article.title)

    @cached_property
    def folded(self) -> str:
        return fold(self.text)

    @cached_property
    def _grams(self) -> frozenset[str]:
        return grams(self.folded)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return tuple(s.start for s in self.sentences)

    def own(self, roles: Sequence[str] | None = None) -> Iterator[Sentence]:
        for sentence in self.sentences:
            if sentence.role != "background" if roles is None else sentence.role in roles:
                yield sentence

    def sentence_at(self, place: int) -> Sentence | None:
        """The sentence that holds a place of the text."""
        number = bisect_right(self._starts, place) - 1
        if number < 0 or place >= self.sentences[number].end:
            return None
        return self.sentences[number]

    def find(
        self, pattern: re.Pattern[str], roles: Sequence[str] | None = None
    ) -> re.Match[str] | None:
        """The first match inside one own sentence; offsets are those of the article's text."""
        for sentence in self._among(pattern, roles):
            match = pattern.search(self.text, sentence.start, sentence.end)
            if match is not None:
                return match
        return None

    def find_all(
        self, pattern: re.Pattern[str], roles: Sequence[str] | None = None
    ) -> Iterator[re.Match[str]]:
        for sentence in self._among(pattern, roles):
            yield from pattern.finditer(self.text, sentence.start, sentence.end)

    def _among(self, pattern: re.Pattern[str], roles: Sequence[str] | None) -> list[Sentence]:
        """The sentences of these roles (the own ones) in which the pattern could match."""
        numbers = self._candidates(pattern)
        if not numbers:
            return []
        held = [self.sentences[number] for number in numbers]
        if roles is None:
            return [s for s in held if s.role != "background"]
        return [s for s in held if s.role in roles]

    def matching(
        self, pattern: re.Pattern[str], among: Sequence[Sentence] | None = None
    ) -> list[Sentence]:
        """The sentences among these (the own ones) in which the pattern matches."""
        held = self._among(pattern, None)
        if held and among is not None:
            held = [s for s in held if s in among]
        return [s for s in held if pattern.search(self.text, s.start, s.end)]

    def _candidates(self, pattern: re.Pattern[str]) -> Sequence[int]:
        """The sentences in which the pattern could match, in order."""
        need = needed(pattern)
        if need.words is None:
            return range(len(self.sentences))
        if not need.short and self._grams.isdisjoint(need.grams):
            return ()
        found: set[int] = set()
        for word in need.found_in(self._grams):
            held = self._words.get(word)
            if held is None:
                held = self._words[word] = self._holding(word)
            found |= held
        return sorted(found)

    def _holding(self, word: str) -> frozenset[int]:
        found = set()
        at = self.folded.find(word)
        while at >= 0:
            number = bisect_right(self._starts, at) - 1
            found.add(max(number, 0))
            # The rest of this sentence needs no look.
            after = self._starts[number + 1] if number + 1 < len(self._starts) else len(self.text)
            at = self.folded.find(word, max(after, at + 1))
        return frozenset(found) if self.sentences else frozenset()


def _plain_sentences(article: Article) -> Iterator[Sentence]:
    for passage in article.passages:
        role = "title" if passage.kind == "title" else "result"
        if role == "title":
            yield Sentence(passage.start, passage.end, role)
            continue
        start = passage.start
        for gap in _BREAK.finditer(article.text, passage.start, passage.end):
            yield Sentence(start, gap.start(), role)
            start = gap.end()
        if start < passage.end:
            yield Sentence(start, passage.end, role)
