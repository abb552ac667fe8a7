"""Vesicle names, by a grammar outside the code (`models/lexicon/vesicle_names.toml`).

A name is [state] [species] [source] stem [joint] head [cargo]. What stands before the head decides
the class: the grammar's stem, another origin, or none (generic). The longest name wins.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from textmine.config import data_root, read_toml
from textmine.errors import ConfigError
from textmine.reading.candidates import Candidate
from textmine.records import Concept

__all__ = ["Found", "Grammar", "inherit"]

_H = r"\-\u2010-\u2015\u2212\u00ad"  # inside a character class
_B = r"(?<![A-Za-z0-9\u0370-\u03ff])"
_E = r"(?![A-Za-z0-9])"
_GAP = rf"(?:[\s{_H}])"
_SURE, _LIKELY, _GUESS = 1.0, 0.9, 0.5
# A cell is looked for within so many characters of a vesicle.
_FAR = 200
# So many words of other origins stand in one pattern.
_CHUNK = 12
# From a name to the bracket behind its phrase, inside one clause.
_ASIDE = re.compile(r"[^.;()\n]{0,90}\(")


@dataclass(frozen=True, slots=True)
class Found:
    """One vesicle name. `open`: the name tells no origin of its own, the article may (`inherit`).
    `ambiguous`: it may mean something else; an abbreviation spelled out should decide.
    `state`: engineered, primed or native, as the grammar calls it, or None. `score`: 0 to 1."""

    start: int
    end: int
    text: str
    curie: str
    name: str
    reason: str
    score: float = _SURE
    state: str | None = None
    cargo: str | None = None
    open: bool = False
    ambiguous: bool = False
    label: str = "VESICLE"

    def candidate(self) -> Candidate:
        """The form in which mentions are merged; state and cargo stand in the concept's reason."""
        told = [self.reason]
        told += [f"state: {self.state}"] if self.state else []
        told += [f"cargo: {self.cargo}"] if self.cargo else []
        concept = Concept(self.curie, self.name, self.score, "; ".join(told))
        return Candidate(self.start, self.end, self.label, (concept,), "vesicle")


def _plain(name: str) -> str:
    return name.removesuffix("s").casefold()


class _Sense(NamedTuple):
    curie: str
    reason: str
    score: float = _SURE
    open: bool = False
    ambiguous: bool = False


class _Rule(NamedTuple):
    pattern: re.Pattern[str]
    sense: Callable[[str], _Sense]  # of the article's text
    tier: int = 0  # 0: origin known, 1: guessed from the form, 2: head alone; low tiers win
    needs: tuple[tuple[str, ...], ...] = ()  # one of these sets of letters stands in the text

    def possible(self, lowered: str) -> bool:
        """Whether a text, in small letters, can hold such a name: a cheap look before a slow one"""
        return not self.needs or any(all(part in lowered for part in parts) for parts in self.needs)


def _any(patterns: Iterable[str], *, loose: bool = True) -> str:
    """One alternation, longest first; with `loose`, a blank is any one blank or hyphen."""
    ordered = sorted(patterns, key=len, reverse=True)
    joined = "|".join(p.replace(" ", _GAP) if loose else p for p in ordered)
    return f"(?:{joined})" if joined else "(?!)"


def _tight(patterns: Iterable[str]) -> str:
    """An alternation of compact forms in which a hyphen is every dash."""
    return _any(
        (re.sub(r"(?<!\?)-(?![^\[]*\])", lambda _: f"[{_H}]", p) for p in patterns), loose=False
    )


_GROUP = re.compile(r"\((?:[^()\\]|\\.)*\)(?:[?*+]|\{[^}]*\})?")
_MAYBE = re.compile(r"\[[^\]]*\](?:[?*+]|\{[^}]*\})?|\\.|.[?*]|.\{[^}]*\}")


def _letters(patterns: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """For each pattern the letters that whatever it matches must hold; () if one says nothing.

    >>> _letters(["AT-?MSCs?", "chori(?:onic|on)"])
    (('at', 'msc'), ('chori',))
    """
    out = []
    for pattern in patterns:
        rest, before = pattern, ""
        while rest != before:
            before, rest = rest, _GROUP.sub(" ", rest)
        parts = tuple(re.findall(r"[a-z0-9]+", _MAYBE.sub(" ", rest).lower()))
        if not parts or "|" in rest:
            return ()
        out.append(parts)
    return tuple(out)


class Grammar:
    """A compiled grammar. Immutable; safe to share between threads."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._table = table
        self._stem, self._other, self._generic = table["stem"], table["other"], table["generic"]
        self._names = {p["curie"]: p["name"] for p in (self._stem, self._other, self._generic)}
        self._collisions = [
            (re.compile(c["form"]), c, re.compile(c["for"], re.I), re.compile(c["against"], re.I))
            for c in table.get("collision", ())
        ]
        never = table["never"]
        self._not_before = re.compile(rf"{_any(never['before'])}[\s{_H}]*$", re.I)
        self._not_after = re.compile(rf"[\s{_H}]*{_any(never['after'])}\b", re.I)
        # "unmodified" holds a word of another state: native words are looked for first
        named = [(name, words) for name, words in table["state"].items() if name != "outside"]
        named.sort(key=lambda pair: pair[0] != "native")
        self._states: list[tuple[str, re.Pattern[str]]] = [
            (name, re.compile(rf"{_B}{_any(words)}{_E}", re.I)) for name, words in named
        ]
        self._marks: list[tuple[str, re.Pattern[str]]] = [
            (name, re.compile(rf"{_tight(marks)}[{_H}]"))
            for name, marks in table["compact_state"].items()
        ]
        self._outside: list[tuple[str, re.Pattern[str]]] = [
            (name, re.compile(rf"\S[{_H}]{words}\s+$"))
            for name, words in table["state"]["outside"].items()
        ]
        treated = rf"(?:\w*(?:ed|ing)[\s{_H}])?"
        self._no_origin = re.compile(rf"{treated}{_any(never['derived'])}", re.I)
        self._rules = tuple(self._build())
        self._grow = frozenset(self._other.get("grow", ()))
        self._grow_not = re.compile(self._other.get("not", "(?!)"))
        self._plural = re.compile(self._other.get("plural", "(?!)"))
        self._together = re.compile(self._other.get("together", "(?!)"))
        self._after = re.compile(table["origin"]["after"], re.I)
        self._before = re.compile(table["origin"]["before"], re.I)
        compact = [c for s in table.get("source", ()) for c in s["compact"]]
        compact += [c for e in table.get("either", ()) for c in e["compact"]]
        full = _any(x for s in table.get("source", ()) if "needs_stem" not in s for x in s["long"])
        full = rf"{full}{_GAP}+{_any(self._stem['with_source'])}"
        self._stem_cell = re.compile(
            rf"{_B}(?:{_any(species(table))})?[{_H}]?(?i:{_tight(compact)}|{full}|{_any(self._stem['long'])}){_E}"
        )

    @classmethod
    def load(cls, path: Path | None = None) -> Grammar:
        """The grammar in `path`, or the shipped one. ConfigError: it lacks a part or is broken."""
        path = path or data_root() / "models" / "lexicon" / "vesicle_names.toml"
        try:
            return cls(read_toml(path))
        except (KeyError, TypeError) as error:
            raise ConfigError(f"{path}: the grammar lacks {error}. See the shipped file.") from None
        except re.error as error:
            raise ConfigError(f"{path}: a pattern is broken ({error}): {error.pattern!r}") from None

    # --- building ---------------------------------------------------------------------------------

    def _build(self) -> Iterable[_Rule]:
        t, stem, other = self._table, self._stem, self._other
        head = t["head"]
        states = _any(w for n, words in t["state"].items() if n != "outside" for w in words)
        cargo = _tight(head["cargo"])
        short = _any(head["short"], loose=False)
        tail = rf"(?:(?P<cargo>{cargo}){_E}|{_E})"
        any_head = rf"(?:(?i:{_any([*head['long'], *head.get('apart', ())])}){_E}|{short}{tail})"
        plain_head = rf"(?:(?i:{_any(head['long'])}){_E}|{short}{tail})"
        between = rf"(?:(?i:{_any(head['between'])}){_GAP}+)*"
        # "MSC derived EVs" is a name, "MSCs secreted EVs" a sentence
        worded = rf"(?:[\s{_H}]*(?i:derived)|[{_H}](?i:{_any(head['joined'])}))[\s{_H}]+"
        aside = r"(?:\s?\([^()]{2,30}\))?"
        joint = rf"{aside}(?:{worded}|[\s{_H}/_@^]{{0,2}}){between}"
        apart = rf"{aside}(?:{worded}|[\s{_H}/_@^]{{1,2}}){between}"
        self._state_words = re.compile(rf"{_B}(?<![{_H}])(?:(?i:{states})\s+)+$")
        kin = rf"(?:(?i:{_any(t['species']['long'])}){_GAP}+)?"
        small = rf"(?i:{_any(species(t))})?[{_H}]?"

        strange = "an origin that the grammar does not know"

        def rule(pattern: str, *sense: Any, needs: Iterable[str] = (), **more: Any) -> _Rule:
            told = _Sense(*sense, **more)
            guessed = told.open or told.reason == strange
            tier = 2 if told.score == _LIKELY else 1 if guessed else 0
            return _Rule(re.compile(_B + pattern), lambda _: told, tier, _letters(needs))

        # the stem's cells, by source, in full and in short
        for source in t.get("source", ()):
            told = (f"{stem['curie']}/{source['id']}", "origin named")
            stems = [*stem["long"], *([] if source.get("needs_stem") else stem["with_source"])]
            full = rf"(?i:{_any(source['long'])}){aside}{_GAP}+{kin}(?i:{_any(stems)})"
            yield rule(kin + full + joint + any_head, *told, needs=source["long"])
            prefix = rf"(?:{stem['prefix']})?"
            compact = rf"{prefix}{small}(?i:{_tight(source['compact'])})"
            yield rule(kin + compact + joint + any_head, *told, needs=source["compact"])
        for either in t.get("either", ()):
            compact = rf"{small}(?i:{_tight(either['compact'])})"
            pattern = re.compile(_B + kin + compact + joint + any_head)
            needs = _letters(either["compact"])
            yield _Rule(pattern, _by_cue(stem["curie"], either["cues"]), 0, needs)
        plain = (stem["curie"], "origin named")
        known = rf"(?i:{_any(stem['long'])})"
        yield rule(kin + small + known + joint + any_head, *plain, needs=stem["long"])
        yield rule(rf"(?i:{_any(stem['whole'], loose=False)}){_E}", *plain)
        reverse = _any(stem["reverse"], loose=False)
        yield rule(rf"{short}[\^_{_H}]?{reverse}{_E}", *plain)
        # other origins
        told = (other["curie"], "another origin named")
        prior = rf"(?:{_any(other['before'])}\s+)?"
        words = sorted(other["words"], key=len, reverse=True)
        for at in range(0, len(words), _CHUNK):
            some = words[at : at + _CHUNK]
            yield rule(kin + prior + rf"(?i:{_any(some)})" + apart + any_head, *told, needs=some)
        yield rule(kin + small + _tight(other["block"]) + apart + any_head, *told)
        yield rule(rf"{_any(other['whole'])}{_E}", *told)
        word = r"[\w+/\u0370-\u03ff\-](?:[\w.+/\u0370-\u03ff\-]*[\w+/\u0370-\u03ff\-])?"
        left = r"(?<![\w.+/\-])"
        stop = rf"(?!(?i:{_any(other['stop'])})\b)"
        empty = rf"(?!(?i:{_any(t['never']['derived'])})\b)"
        unknown = (
            rf"{left}{empty}(?:{stop}{word}\s(?:{stop}{word}\s){{0,2}}(?i:cells?)|{stop}{word}?)"
        )
        derived = rf"{aside}[{_H}]derived[\s{_H}]+{between}{any_head}"
        yield rule(unknown + derived, other["curie"], strange, needs=["derived"])
        # names by state or cargo alone, and compact ones with an unknown prefix
        own = (self._generic["curie"], "named by state or cargo", _GUESS, True)
        yield rule(rf"(?<![{_H}])(?:(?i:{states})\s+)+{plain_head}", *own)
        yield rule(
            rf"[\w\u0370-\u03ff\-]{{1,40}}[{_H}]{t['state']['outside']['primed']}\s+{plain_head}",
            *own,
        )
        loose = rf"{aside}[\s{_H}]derived[\s{_H}]+{between}{any_head}"
        yield rule(rf"(?i:{_any(t['never']['derived'])}){loose}", *own, needs=["derived"])
        marks = _tight(w for words in t["compact_state"].values() for w in words)
        yield rule(rf"{marks}(?:[{_H}]|(?<=[a-z])\+){short}{tail}", *own)
        yield rule(rf"{short}(?P<cargo>{cargo}){_E}", *own)
        token = r"[A-Za-z0-9\u0370-\u03ff]"
        bad = rf"(?!(?i:{_any(t['never']['prefix'])})[{_H}])"
        yield rule(
            rf"{bad}{token}{{1,10}}(?:[{_H}]{token}{{1,8}})?[{_H}+](?:[slm]?EVs?|[Ee]xos?|EXOs?){tail}",
            self._generic["curie"], "a prefix that the grammar does not know", _GUESS, True, True,
        )  # fmt: skip
        # no origin
        bare = (self._generic["curie"], "no origin named", _LIKELY)
        yield rule(rf"(?i:{_any(head['long'])}){_E}", *bare)
        yield rule(rf"{_any(head['bare'], loose=False)}{_E}", *bare)

    # --- reading ----------------------------------------------------------------------------------

    def names(self, text: str) -> list[Found]:
        """The vesicle names of an article's text, in order, without overlaps."""
        lowered = text.lower()
        matches = [
            (match, rank, rule)
            for rank, rule in enumerate(self._rules)
            if rule.possible(lowered)
            for match in rule.pattern.finditer(text)
        ]
        matches.sort(key=lambda m: (m[2].tier, m[0].start() - m[0].end(), m[1], m[0].start()))
        used = bytearray(len(text))
        out: list[Found] = []
        for match, _, rule in matches:
            start, end = match.span()
            if any(used[start:end]):
                continue
            state = self._state_words.search(text, max(0, start - 60), start)
            if state is not None and rule.tier < 2 and not any(used[state.start() : start]):
                start = state.start()
            used[start:end] = b"\x01" * (end - start)
            one = self._one(text, (start, end), match, rule.sense(text))
            if one is not None:
                out.append(one)
        return sorted(out, key=lambda x: x.start)

    def grown(
        self,
        text: str,
        found: Sequence[Found],
        candidates: Sequence[Candidate],
        *,
        is_a: Callable[[str, str], bool] | None = None,
    ) -> list[Found]:
        """The names with the origins that other readers found before them: "[U87] [exosomes]"."""
        by_end = {c.end: c for c in candidates if c.label in self._grow}
        out: list[Found] = []
        for name in found:
            origin = (
                by_end.get(name.start - 1) if text[name.start - 1 : name.start] == " " else None
            )
            if (
                origin is not None
                and not (origin.label != "CELL" and self._grow_not.search(text, 0, origin.start))
                and not self._plural.search(text[origin.start : origin.end])
            ):
                name = self._with_origin(text, name, origin, is_a)
            if not self._untold(name):
                more = self._together.search(text, max(0, name.start - 40), name.start)
                if more is not None and (not out or out[-1].end <= more.start()):
                    name = replace(name, start=more.start(), text=text[more.start() : name.end])
            out.append(name)
        return out

    def _with_origin(
        self,
        text: str,
        name: Found,
        origin: Candidate,
        is_a: Callable[[str, str], bool] | None,
    ) -> Found:
        name = replace(name, start=origin.start, text=text[origin.start : name.end])
        if not self._untold(name):
            return name
        ours = self._of_stem(text, origin, is_a)
        curie = self._stem["curie"] if ours else self._other["curie"]
        return replace(
            name, curie=curie, name=self._names[curie], open=False, ambiguous=False, score=_SURE,
            reason="origin named" if ours else "another origin named",
        )  # fmt: skip

    def _of_stem(self, text: str, cell: Candidate, is_a: Callable[[str, str], bool] | None) -> bool:
        """Whether a cell is one of the grammar's stem."""
        return self._stem_cell.search(text, cell.start, cell.end) is not None or (
            is_a is not None
            and any(is_a(c.curie, self._stem.get("cell", "")) for c in cell.concepts)
        )

    def find(self, text: str) -> list[Candidate]:
        """`names` in the form in which mentions are merged."""
        return [name.candidate() for name in self.names(text)]

    def settle(
        self,
        text: str,
        candidates: Sequence[Candidate],
        sentences: Sequence[tuple[int, int]] = (),
        found: Sequence[Found] | None = None,
        *,
        is_a: Callable[[str, str], bool] | None = None,
    ) -> list[Candidate]:
        """Gives the vesicles among `candidates` the origins that the words beside them and the
        article tell; drops short forms that nothing says are vesicles.
        `found`: what `names` gave."""
        cells = sorted((c for c in candidates if c.label == "CELL"), key=lambda c: c.start)
        known = self.names(text) if found is None else found
        names = {(n.start, n.end): n for n in known}
        mine: list[Found] = []
        for c in candidates:
            name = names.get((c.start, c.end))
            if c.label != "VESICLE" or c.source != "vesicle" or name is None:
                continue
            linked = self._linked(text, name, cells, is_a) if self._untold(name) else None
            mine.append(linked or name)
        settled = inherit(self._appositions(text, mine))
        ready = {(n.start, n.end): n for n in settled}
        only = self._only_class(settled)
        out: list[Candidate] = []
        for c in candidates:
            one = ready.get((c.start, c.end)) if c.source == "vesicle" else None
            if one is None:
                out.append(c)
            elif not (one.ambiguous and not one.open and self._untold(one)):
                out.append(self._lent(one, only))
        return out

    def _only_class(self, names: Sequence[Found]) -> str | None:
        """The class of all vesicles of the article whose origin is told, if there is just one."""
        told = {n.curie.partition("/")[0] for n in names if not n.open and not self._untold(n)}
        return told.pop() if len(told) == 1 else None

    def _lent(self, name: Found, only: str | None) -> Candidate:
        """A bare name keeps its generic concept and has the article's only origin beside it."""
        candidate = name.candidate()
        if only is None or not self._untold(name) or only not in self._names:
            return candidate
        lent = Concept(only, self._names[only], _GUESS, "same abstract")
        return replace(candidate, concepts=(*candidate.concepts, lent))

    def _untold(self, name: Found) -> bool:
        return bool(name.curie == self._generic["curie"])

    def _appositions(self, text: str, names: Sequence[Found]) -> list[Found]:
        """ "exosomes of palmitate-loaded hepatocytes (PA-Exo)": names of their own that the text
        puts in brackets behind a name with an origin mean the same, wherever they stand."""
        told: dict[str, Found] = {}
        for before, name in itertools.pairwise(names):
            between = text[before.end : name.start]
            if name.open and not self._untold(before) and _ASIDE.fullmatch(between):
                told.setdefault(_plain(name.text), before)
        out: list[Found] = []
        for name in names:
            twin = told.get(_plain(name.text)) if name.open and self._untold(name) else None
            if twin is not None:
                name = replace(
                    name, curie=twin.curie, name=twin.name, open=False, ambiguous=False,
                    score=_LIKELY, reason=f"defined as {twin.text}",
                    state=name.state or twin.state,
                )  # fmt: skip
            out.append(name)
        return out

    def _linked(
        self,
        text: str,
        name: Found,
        cells: Sequence[Candidate],
        is_a: Callable[[str, str], bool] | None = None,
    ) -> Found | None:
        first = bisect_left(cells, name.start - _FAR, key=lambda c: c.start)
        last = bisect_left(cells, name.end + _FAR, key=lambda c: c.start)
        for cell in cells[first:last]:
            if self._no_origin.fullmatch(text, cell.start, cell.end):
                continue  # "exosomes of transfected cells"
            if abs(cell.start - name.end) > 150 and abs(name.start - cell.end) > 60:
                continue
            if self.origin_link(text, (name.start, name.end), (cell.start, cell.end)):
                ours = self._of_stem(text, cell, is_a)
                curie = self._stem["curie"] if ours else self._other["curie"]
                return replace(
                    name, curie=curie, name=self._names[curie], open=False, ambiguous=False,
                    score=_SURE, reason=f"from {text[cell.start:cell.end]}",
                )  # fmt: skip
        return None

    def origin_link(self, text: str, vesicle: tuple[int, int], cell: tuple[int, int]) -> bool:
        """Whether the words between a vesicle and a cell say that the one comes from the other:
        "exosomes isolated from BMSCs", "BMSCs and their exosomes", "MSCs secrete vesicles"."""
        if vesicle[1] <= cell[0]:
            return self._after.fullmatch(text, vesicle[1], cell[0]) is not None
        if cell[1] <= vesicle[0]:
            return self._before.fullmatch(text, cell[1], vesicle[0]) is not None
        return False

    def _one(
        self, text: str, span: tuple[int, int], match: re.Match[str], sense: _Sense
    ) -> Found | None:
        start, end = span
        before = text[max(0, start - 30) : start]
        if self._not_before.search(before) or self._not_after.match(text, end):
            return None
        base, _, source = sense.curie.partition("/")
        name = self._names[base] + (f" ({source.replace('_', ' ')})" if source else "")
        cargo = match.groupdict().get("cargo")
        return self._collide(
            text,
            Found(
                start, end, text[start:end], sense.curie, name, sense.reason, sense.score,
                self._state(text, start, text[start:end]), cargo.strip("-^_ @") if cargo else None,
                sense.open, sense.ambiguous,
            ),
        )  # fmt: skip

    def _state(self, text: str, start: int, surface: str) -> str | None:
        for name, pattern in self._states:
            if pattern.search(surface):
                return name
        for name, pattern in self._marks:
            if pattern.match(surface):
                return name
        before = text[max(0, start - 40) : start]
        for name, words in self._outside:
            if words.search(before):
                return name
        return None

    def _collide(self, text: str, found: Found) -> Found | None:
        for form, rule, keep, drop in self._collisions:
            if not form.fullmatch(found.text):
                continue
            yes, no = keep.search(text) is not None, drop.search(text) is not None
            if no and not yes and not rule.get("keep"):
                return None
            sure = yes and not no
            if sure and "curie" in rule and re.search(rule["evidence"], text):
                base = rule["curie"].partition("/")[0]
                return replace(
                    found, curie=rule["curie"], name=self._names[base], open=False,
                    ambiguous=False, score=_LIKELY, reason="the text tells the origin",
                )  # fmt: skip
            return replace(found, ambiguous=not sure, score=_LIKELY if sure else _GUESS)
        return found


def species(table: Mapping[str, Any]) -> list[str]:
    """The letters that stand for a species before a compact name ("hUC-MSC")."""
    return [str(letter) for letter in table["species"]["short"]]


def _by_cue(curie: str, cues: Mapping[str, str]) -> Callable[[str], _Sense]:
    """A compact name of several sources: the one source of which the article speaks."""
    patterns = {source: re.compile(cue, re.I) for source, cue in cues.items()}

    def sense(text: str) -> _Sense:
        said = [source for source, cue in patterns.items() if cue.search(text)]
        if len(said) == 1:
            return _Sense(f"{curie}/{said[0]}", f"the text speaks of {said[0]}")
        return _Sense(curie, "of " + " or ".join(patterns), _SURE, ambiguous=True)

    return sense


def inherit(found: Sequence[Found], origins: Iterable[str] = ()) -> list[Found]:
    """Names that tell no origin of their own ("γ-sEVs", "loaded exosomes") take the article's.

    They take it only where all vesicles of the article whose origin is told, together with
    `origins` (CURIEs known from elsewhere), are of one class.
    """
    told = {x.curie.partition("/")[0]: x.name for x in found if not x.open and x.score >= _SURE}
    told |= {curie.partition("/")[0]: curie for curie in origins}
    if len(told) != 1:
        return list(found)
    ((curie, name),) = told.items()
    name = name.partition(" (")[0]
    return [
        replace(
            x, curie=curie, name=name, score=_LIKELY, reason=f"{x.reason}; as the article's others"
        )
        if x.open
        else x
        for x in found
    ]
