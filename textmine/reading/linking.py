"""Mentions -> the concepts that they name, or none.

Candidates come from names (`linking_names`): the same normal form; the same stem, with what was
generic left out ("neuronal": neuron, "photoreceptors": photoreceptor cell); words of the same
meaning ("hepatic": liver); what the form meant in training documents; the long form, where the
text spells a short one out; and, where all of these find nothing, shared letters by scispaCy's
CandidateGenerator (Neumann et al. 2019, doi:10.18653/v1/W19-5034) over a KnowledgeBase of our own.
scispaCy's ready-made linkers are never touched: they would download some gigabytes.

The candidates of the mention's label are then ranked (`linking_rank`). The score is a probability,
learned on texts and checked on others (docs/models.md); the reason says how the name was found.
Below a threshold, and where nothing is near, the answer is `()`: a wrong link is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textmine.reading.lexicon import Lexicon
from textmine.reading.lexicon_files import cache_folder
from textmine.reading.linking_names import SMALL, Names, Words, compile_names, normal, stem
from textmine.reading.linking_rank import Features, Memory, Scored, Weights, chances
from textmine.records import Concept

if TYPE_CHECKING:
    from scispacy.candidate_generation import CandidateGenerator
    from scispacy.linking import EntityLinker
    from scispacy.linking_utils import Entity, KnowledgeBase

    from textmine.reading.linking_letters import Letters

__all__ = ["THRESHOLD", "Linker", "knowledge_base", "same_words"]

THRESHOLD = 0.4
"""Probability from which a candidate is a link."""
_NEAR = 0.55  # least cosine similarity of a neighbour by letters
_LETTERS = 7  # least length of a name that is looked for by its letters
_MOST = 24  # candidates that are weighed
_SAME = 0.75  # share of the longer word that two inflections of one word have in common
_SYMBOLS = frozenset({"GENE", "MIRNA", "VESICLE"})  # names that a letter makes another
_NUMBER = re.compile(r"\d+$")


class Linker:
    """Links mentions to concepts of their label. Nothing is built before the first call; what is
    built is kept in the user's cache folder, keyed by the lexicon and the lists.

    `memory`: how often a form meant a concept elsewhere (default: the shipped counts); `lists`: the
    folder of further names (default: the shipped one)."""

    def __init__(
        self,
        lexicon: Lexicon,
        *,
        threshold: float = THRESHOLD,
        k: int = 20,
        cache: bool = True,
        weights: Weights | None = None,
        memory: Memory | None = None,
        lists: Path | None = None,
    ) -> None:
        self.lexicon = lexicon
        self.threshold = threshold
        self.k = k
        self._cache = cache and bool(lexicon.fingerprint)
        self.weights = weights or Weights.load()
        self.memory = memory or Memory.load()
        self.words = Words.load()
        self._lists = lists
        self._names: Names | None = None
        self._generator: CandidateGenerator | None = None
        self._seen: dict[tuple[str, str], tuple[Scored, ...]] = {}
        self._print = ""
        self._elsewhere: dict[str, str] | None = None

    @property
    def names(self) -> Names:
        """All names of the knowledge base."""
        if self._names is None:
            self._names, self._print = compile_names(self.lexicon, self._lists, cache=self._cache)
        return self._names

    @property
    def generator(self) -> CandidateGenerator:
        """scispaCy's candidate generator over our knowledge base and an exact index."""
        if self._generator is None:
            from textmine.reading.linking_letters import Letters

            wanted = [form for form in self.names.keys if len(form) >= _LETTERS]
            place = cache_folder() / f"letters-{self._print}.npz" if self._cache else None
            self._generator = _generator(Letters.cached(place, wanted), wanted, self.names)
        return self._generator

    def link(
        self, mentions: Sequence[tuple[str, str]], *, long_forms: Mapping[str, str] | None = None
    ) -> list[tuple[Concept, ...]]:
        """(text, label) of the mentions of one text -> their concept; () where none is likely.

        `long_forms`: what short forms stand for in this text."""
        known = long_forms or {}
        ranked: dict[tuple[str, str], list[tuple[float, Scored]]] = {}
        for text, label in dict.fromkeys(mentions):
            ranked[text, label] = self.ranked(text, label, _long_form(text, known))
        return [self._chosen(ranked[mention]) for mention in mentions]

    def ranked(self, text: str, label: str, long: str = "") -> list[tuple[float, Scored]]:
        """The candidates of a mention with their chances, best first."""
        found, none = self.candidates(text, label, long)
        odds = chances(self.weights, found, none)
        return sorted(zip(odds, found, strict=True), key=lambda x: (-x[0], x[1].concept))

    def same(self, curie: str, other: str) -> bool:
        """Whether two CURIEs are of one concept."""
        return other in (curie, *self.names.same.get(curie, ()))

    def ours(self, curie: str, label: str) -> str | None:
        """The CURIE under which the knowledge base has a concept; None: it has it not."""
        names = self.names
        if names.concept(curie, label) is not None:
            return curie
        if self._elsewhere is None:
            self._elsewhere = {other: own for own, others in names.same.items() for other in others}
        own = self._elsewhere.get(curie, "")
        return own if names.concept(own, label) is not None else None

    def _chosen(self, ranked: Sequence[tuple[float, Scored]]) -> tuple[Concept, ...]:
        if not ranked or ranked[0][0] < self.threshold:
            return ()
        chance, best = ranked[0]
        names = self.names
        return (
            Concept(
                names.curies[best.concept],
                names.shown[best.concept],
                round(min(chance, 0.99), 4),
                f"{best.reason}: {best.name}",
            ),
        )

    # --- candidates and what speaks for them ----------------------------------------------------

    def candidates(self, text: str, label: str, long: str = "") -> tuple[list[Scored], Features]:
        """The candidates of a mention with their features, and those of "none of them"."""
        form = normal(text)
        own = self._of(form, label)
        spelled = (
            [
                Scored(c.concept, c.name, f"long form, {c.reason}", {**c.features, "long": 1.0})
                for c in self._of(normal(long), label)
            ]
            if long
            else []
        )
        merged: dict[int, Scored] = {one.concept: one for one in spelled}
        for one in own:
            known = merged.get(one.concept)
            if known is not None:
                both = {**one.features, **known.features, "both forms": 1.0}
                merged[one.concept] = Scored(one.concept, known.name, known.reason, both)
            elif long:
                less = {**one.features, "not the long form": 1.0}
                merged[one.concept] = Scored(one.concept, one.name, one.reason, less)
            else:
                merged[one.concept] = one
        if spelled:
            form = normal(long)
        exact = any("exact" in one.features for one in merged.values())
        none: Features = {"none": 1.0, f"none {label}": 1.0}
        if exact:
            none["none, though exact"] = 1.0
        if len(form) <= 3:
            none["none, short"] = 1.0
        if self.memory.meant(label, form):
            none["none, though met"] = 1.0
        return list(merged.values()), none

    def _of(self, form: str, label: str) -> tuple[Scored, ...]:
        known = self._seen.get((form, label))
        if known is None:
            known = tuple(self._weighed(form, label)) if form else ()
            if len(self._seen) > 100_000:
                self._seen.clear()
            self._seen[form, label] = known
        return known

    def _weighed(self, form: str, label: str) -> Iterator[Scored]:
        names = self.names
        found: dict[int, tuple[str, str, Features]] = {}  # concept -> name, reason, features

        def add(concept: int, name: str, reason: str, features: Features) -> None:
            known = found.setdefault(concept, (name, reason, {}))
            for feature, value in features.items():
                known[2][feature] = max(value, known[2].get(feature, -9.0))

        place = names.place(form)
        if place is not None:
            for at in self._labelled(names.owners(place), label):
                add(at, form, "same name", {"exact": 1.0})
        generic = self.words.generic.get(label, frozenset())
        for at, name in self._stemmed(form, label, generic):
            add(at, name, "same words", {"stem": 1.0, "alike": _alike(form, name)})
        for variant in islice(_variants(form, self.words.same.get(label, {})), 12):
            for at, name in self._stemmed(variant, label, generic):
                add(at, name, "words of the same meaning",
                    {"same": 1.0, "same alike": _alike(variant, name)})  # fmt: skip
        meant = self.memory.meant(label, form)
        total = sum(meant.values())
        for curie, count in meant.items():
            number = names.concept(curie, label)
            if number is not None:
                add(number, form, "so used elsewhere",
                    {"met": count / (total + 0.5), "met often": min(count, 20) / 20})  # fmt: skip
        if not found and len(form) >= 5:
            self._by_letters(form, label, add)
        exact = sum("exact" in features for _, _, features in found.values())
        best = sorted(
            found.items(),
            key=lambda item: (-self._first_sight(item[1][2]), item[0]),
        )[:_MOST]
        for concept, (name, reason, features) in best:
            features |= self._general(concept, form, label, features, exact, len(found))
            yield Scored(concept, name, reason, features)

    @staticmethod
    def _first_sight(features: Features) -> float:
        return (
            3 * features.get("exact", 0.0)
            + 4 * features.get("met", 0.0)
            + features.get("alike", 0.0)
            + features.get("same alike", 0.0)
            + features.get("letters", 0.0)
        )

    def _general(
        self, concept: int, form: str, label: str, features: Features, exact: int, total: int
    ) -> Features:
        names = self.names
        out: Features = {}
        for name in ("exact", "stem", "same", "met", "letters"):
            if name in features:
                out[f"{name} {label}"] = features[name]
        if "exact" in features and exact > 1:
            out["exact, of several"] = 1.0
        out["of many"] = min(total, 10) / 10
        if normal(names.shown[concept]) == form:
            out["preferred name"] = 1.0
        if names.curated[concept]:
            out["curated"] = 1.0
        number = _NUMBER.search(names.curies[concept])
        if number is not None:
            out["high number"] = min(len(str(int(number.group()))), 8) / 8
        often = self.memory.concepts.get(names.curies[concept], 0)
        if often:
            out["known concept"] = min(often, 200) ** 0.5 / 14
        if len(form) <= 3 and "exact" in features:
            out["exact, short"] = 1.0
        return out

    def _labelled(self, concepts: Iterable[int], label: str) -> Iterator[int]:
        labels = self.names.labels
        return (at for at in concepts if labels[at] == label)

    def _stemmed(self, form: str, label: str, generic: frozenset[str]) -> Iterator[tuple[int, str]]:
        names = self.names
        for place in names.with_stem(label, stem(form, generic)):
            for at in self._labelled(names.owners(place), label):
                yield at, names.keys[place]

    def _by_letters(self, form: str, label: str, add: Any) -> None:
        for candidate in self.generator([form], self.k)[0]:
            number = self.names.concept(candidate.concept_id, label)
            if number is None:
                continue
            near = max(
                (float(similarity), alias)
                for alias, similarity in zip(candidate.aliases, candidate.similarities, strict=True)
            )
            if near[0] < _NEAR:
                continue
            if same_words(form, near[1]):
                add(number, near[1], "nearest name", {"letters": near[0], "same letters": 1.0})
            elif label not in _SYMBOLS and _akin(form, near[1]):
                add(number, near[1], "nearest name", {"letters": near[0]})

    def entity_linker(self, **options: Any) -> EntityLinker:
        """scispaCy's own pipeline component over the same index, for use in a spaCy pipeline."""
        from scispacy.linking import EntityLinker

        settings = {
            "threshold": 0.7,
            "k": self.k,
            "filter_for_definitions": False,
            "resolve_abbreviations": False,
        }
        return EntityLinker(candidate_generator=self.generator, **{**settings, **options})


def _long_form(text: str, long_forms: Mapping[str, str]) -> str:
    if not long_forms:
        return ""
    stem_ = text.removesuffix("s")
    return long_forms.get(text) or long_forms.get(stem_) or long_forms.get(f"{text}s") or ""


def _variants(form: str, same: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The form with words replaced by others of the same meaning (the form itself left out)."""
    if form in same:
        yield from same[form]
    words = form.split()
    options = [(word, *same.get(word, ())) for word in words]
    if sum(len(option) > 1 for option in options) <= 3:
        for choice in product(*options):
            if list(choice) != words and len(words) > 1:
                yield " ".join(choice)


@lru_cache(maxsize=50_000)
def _alike(one: str, other: str) -> float:
    """Dice's coefficient of two names' letter pairs."""
    left = {one[at : at + 2] for at in range(len(one) - 1)}
    right = {other[at : at + 2] for at in range(len(other) - 1)}
    return (
        2 * len(left & right) / (len(left) + len(right)) if left or right else float(one == other)
    )


def same_words(one: str, other: str) -> bool:
    """Whether two names in normal form are the same words, order, inflection and small words aside.

    >>> same_words("fibrosis of the liver", "liver fibrosis"), same_words("il 16", "il 1")
    (True, False)
    """
    left = sorted(word for word in one.split() if word not in SMALL)
    right = sorted(word for word in other.split() if word not in SMALL)
    if len(left) != len(right) or not any(len(word) > 4 for word in left):
        return False
    return all(_inflected(a, b) for a, b in zip(left, right, strict=True))


def _akin(one: str, other: str) -> bool:
    """Whether the words of two names begin alike, and numbers and short words are the same.

    >>> _akin("apoptotic neuron", "apoptosing neurone"), _akin("renal failure", "adrenal failure")
    (True, False)
    """
    left = [word for word in one.split() if word not in SMALL]
    right = [word for word in other.split() if word not in SMALL]
    return len(left) == len(right) and all(
        any(a[:4] == b[:4] and (a.isalpha() or a == b) for b in right) for a in left
    )


def _inflected(one: str, other: str) -> bool:
    if one == other:
        return True
    longer = max(len(one), len(other))
    if min(len(one), len(other)) <= 6:  # "PDGFRA" is no inflection of "PDGFRB"
        return False
    shared = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), longer)
    return min(shared, len(one), len(other)) >= _SAME * longer


# --- scispaCy's view


class _Entities(Mapping[str, "Entity"]):
    """CURIE -> scispaCy's Entity, made when asked for."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._aliases: dict[int, list[str]] | None = None

    def __getitem__(self, curie: str) -> Entity:
        from scispacy.linking_utils import Entity

        concepts = self._names.concepts(curie)
        if not concepts:
            raise KeyError(curie)
        if self._aliases is None:
            self._aliases = {}
            for place, form in enumerate(self._names.keys):
                for at in self._names.owners(place):
                    self._aliases.setdefault(at, []).append(form)
        shown = normal(self._names.shown[concepts[0]]) or self._names.shown[concepts[0]]
        aliases = sorted({form for at in concepts for form in self._aliases.get(at, ())})
        return Entity(curie, shown, aliases, [self._names.labels[at] for at in concepts])

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(self._names.curies))

    def __len__(self) -> int:
        return len(set(self._names.curies))


class _Aliases(Mapping[str, "set[str]"]):
    """Name in normal form -> CURIEs."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def __getitem__(self, form: str) -> set[str]:
        place = self._names.place(form)
        if place is None:
            raise KeyError(form)
        return {self._names.curies[at] for at in self._names.owners(place)}

    def __iter__(self) -> Iterator[str]:
        return iter(self._names.keys)

    def __len__(self) -> int:
        return len(self._names.keys)


def knowledge_base(names: Names) -> KnowledgeBase:
    """scispaCy's KnowledgeBase over the names: entities are made when they are asked for, since a
    KnowledgeBase that holds them all takes seconds to open."""
    from scispacy.linking_utils import KnowledgeBase

    base = KnowledgeBase([])
    base.cui_to_entity = _Entities(names)
    base.alias_to_cuis = _Aliases(names)
    return base


def _generator(letters: Letters, forms: Sequence[str], names: Names) -> CandidateGenerator:
    from scispacy.candidate_generation import CandidateGenerator

    return CandidateGenerator(
        ann_index=letters,
        tfidf_vectorizer=letters,
        ann_concept_aliases_list=list(forms) or [""],
        kb=knowledge_base(names),
    )
