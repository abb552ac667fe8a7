"""Names in a text -> concepts, by exact lookup of normal forms; the longest name wins.

    lexicon = Lexicon.load()
    for match in lexicon.match("CCl4-induced liver fibrosis"):
        print(match.text, match.label, [entry.curie for entry in match.entries])

Rules, in the order in which they decide:

1. A name begins and ends at word boundaries. A hyphen or slash is one ("CCl4-induced" holds CCl4),
   the border between letters and digits is not ("IL6R" does not hold IL6).
2. Of the senses of a name those fit whose case rule the surface meets (see `lexicon_files`).
3. A weak sense (`?`, `*`) counts only if the same concept is named in full in the same text.
4. The user's entries shut out the shipped curated ones, these the broad lists, and among the broad
   lists the lower rank wins. Senses of the same rank stay side by side: the name is ambiguous.
5. A form listed under `[[context]]` in lexicon.toml takes the sense whose cue stands near it.
6. Of overlapping names the longest is kept, then the first.
7. What follows may lengthen a name (`[[compose]]`): "LX-2" + "cells", "C57BL/6" + "mice".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from textmine.config import data_root
from textmine.errors import ConfigError
from textmine.reading.lexicon_files import Sense, Table, compile_table
from textmine.reading.lexicon_rules import Entry, Match, Rules, Term, merged, touches
from textmine.reading.normal import Atom, atoms, key

__all__ = ["Entry", "Lexicon", "Match", "Term"]


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    size: int
    label: str
    rank: int
    reason: str
    strong: tuple[int, ...]  # entries whose name was met in full
    weak: tuple[int, ...]
    keep: bool  # stays without a concept


_LABEL_ORDER = {
    label: n
    for n, label in enumerate(
        ("VESICLE", "MIRNA", "CELL", "GENE", "CHEMICAL", "DISEASE", "PATHWAY", "PROCESS",
         "OUTCOME", "INTERVENTION", "ORGANISM", "ANATOMY")
    )
}  # fmt: skip


class Lexicon:
    """All names and concepts. Immutable once loaded; safe to share between threads."""

    def __init__(self, table: Table, fingerprint: str = "") -> None:
        self._table = table
        self.fingerprint = fingerprint
        self._first: dict[str, int] = {}
        for number, curie in enumerate(table.curies):
            self._first.setdefault(curie, number)
        settings = table.settings
        self._rules = Rules.of(settings)
        self._needs = {
            int(about["rank"]): re.compile(about["needs"])
            for about in settings.get("broad", {}).values()
            if "needs" in about
        }
        self._entries: dict[int, Entry] = {}
        self._last: tuple[object, list[_Found]] = (None, [])
        self._affixes = frozenset(settings.get("partial", {}).get("beside", ()))
        self._chain = re.compile(settings.get("partial", {}).get("chain", "(?!)"))
        self.spelled = {
            label: re.compile(pattern) for label, pattern in settings.get("spelled", {}).items()
        }

    @classmethod
    def load(cls, *folders: Path, shipped: bool = True) -> Lexicon:
        """The shipped lexicon and, before it, those of `folders` (or single .tsv files).

        ConfigError: a folder is not there or a line cannot be read."""
        own = data_root() / "models" / "lexicon" if shipped else None
        table, fingerprint = compile_table(own, [Path(folder) for folder in folders])
        return cls(table, fingerprint)

    @classmethod
    def of(cls, table: Table) -> Lexicon:
        """A lexicon over a table made by hand (tests)."""
        return cls(table)

    # --- concepts -------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._table.curies)

    def __contains__(self, curie: object) -> bool:
        return curie in self._first

    def _entry(self, number: int) -> Entry:
        entry = self._entries.get(number)
        if entry is None:
            table = self._table
            curie = table.curies[number]
            entry = self._entries[number] = Entry(
                curie,
                table.names[number],
                table.labels[number],
                tuple(table.parents.get(curie, ())),
                table.sources[number],
            )
        return entry

    def concept(self, curie: str) -> Entry:
        """The entry of a CURIE. ConfigError if there is none."""
        number = self._first.get(curie)
        if number is not None:
            return self._entry(number)
        for rule in self._rules.derived:
            if rule.pattern.match(curie):
                name = curie.rpartition("/")[2]
                parent = rule.pattern.sub(rule.parent, curie)
                label = self.concept(parent).label if parent != curie else "PROCESS"
                return Entry(curie, name, label, (parent,), "derived")
        raise ConfigError(
            f"The lexicon has no concept {curie!r}. Look it up with Lexicon.find(name), or add it "
            "to a lexicon file of your own."
        )

    def parents(self, curie: str) -> tuple[str, ...]:
        """What the concept is, one step up; unknown CURIEs have none."""
        out = tuple(self._table.parents.get(curie, ()))
        for rule in self._rules.derived:
            if not out and rule.pattern.match(curie):
                parent = rule.pattern.sub(rule.parent, curie)
                out = () if parent == curie else (parent,)
        return out

    def ancestors(self, curie: str) -> frozenset[str]:
        """All that the concept is, itself included."""
        seen = {curie}
        todo = [curie]
        while todo:
            for parent in self.parents(todo.pop()):
                if parent not in seen:
                    seen.add(parent)
                    todo.append(parent)
        return frozenset(seen)

    def is_a(self, curie: str, ancestor: str) -> bool:
        """Whether `curie` is `ancestor` or a kind of it."""
        return curie == ancestor or ancestor in self.ancestors(curie)

    def links(self, curie: str, kind: str) -> tuple[str, ...]:
        """What the concept is linked to, e.g. kind "marker_of": the processes it is a marker of."""
        return tuple(to for name, to in self._table.links.get(curie, ()) if name == kind)

    def linked_to(self, curie: str, kind: str) -> tuple[str, ...]:
        """The concepts with a link of `kind` to this one, e.g. its markers."""
        return tuple(
            source
            for source, links in self._table.links.items()
            if any(name == kind and to == curie for name, to in links)
        )

    @property
    def entries(self) -> Iterator[Entry]:
        """Every concept, curated ones first."""
        return (self._entry(number) for number in range(len(self._table.curies)))

    @property
    def terms(self) -> Iterator[Term]:
        """Every name in its normal form with its concept."""
        for name, senses in self._table.index.items():
            for sense in senses:
                yield Term(name, self._entry(sense.entry))

    def strong_names(self) -> Iterator[tuple[str, str, str, str]]:
        """(name in normal form, CURIE, label, source) of every name that needs no evidence."""
        table = self._table
        for name, senses in table.index.items():
            for sense in senses:
                if not sense.weak:
                    at = sense.entry
                    source = table.sources[at] if sense.rank <= 1 else str(sense.rank)
                    yield name, table.curies[at], table.labels[at], source

    def find(self, name: str) -> tuple[Entry, ...]:
        """What a name can mean, best rank first, in whatever case; () if the lexicon lacks it."""
        senses = self._table.index.get(key(atoms(name)), ())
        numbers = dict.fromkeys(sense.entry for sense in senses)
        ranked = sorted(numbers, key=lambda number: self._table.ranks[number])
        return tuple(self._entry(number) for number in ranked)

    # --- matching -------------------------------------------------------------------------------

    def match(
        self,
        text: str,
        start: int = 0,
        end: int | None = None,
        *,
        blocked: Sequence[tuple[int, int]] = (),
        evidence: Iterable[str] = (),
    ) -> list[Match]:
        """The names in `text[start:end]`, in order and without overlaps, offsets into `text`.

        Nothing is found that touches a `blocked` span. `evidence`: CURIEs known to be meant in this
        text from elsewhere (its title, an abbreviation spelled out); they make weak names count.
        """
        blocked = merged(blocked)
        asked = (text, start, end, tuple(blocked))
        # A reader asks the same twice, the second time with evidence: the last answer is kept.
        last, found = self._last
        if last != asked:
            parts = atoms(text, start, end)
            found = [x for x in self._scan(text, parts) if not touches(x.start, x.end, blocked)]
            if blocked:
                found += self._shorter(text, parts, blocked)
            self._last = (asked, found)
        known = {self._table.curies[n] for x in found for n in x.strong}
        known.update(evidence)
        ready = [match for x in found if (match := self._resolve(text, x, known)) is not None]

        def again(left: int, right: int) -> list[Match]:
            kept = self._last
            rest = self.match(text, left, right, evidence=known)
            self._last = kept
            return rest

        span = (start, len(text) if end is None else end)
        ready = self._rules.yielded(ready, again)
        return self._rules.composed(text, _longest(ready), blocked, again, span)

    def _scan(self, text: str, parts: list[Atom]) -> Iterator[_Found]:
        longest = self._table.longest
        for at, part in enumerate(parts):
            most = longest.get(part.norm)
            if most is not None and _begins(parts, at):
                found = self._longest_at(text, parts, at, most)
                if found is not None:
                    yield found

    def _shorter(
        self, text: str, parts: list[Atom], blocked: Sequence[tuple[int, int]]
    ) -> list[_Found]:
        """Names that the longest one at the same place hid, where that one was blocked."""
        out = []
        for at, part in enumerate(parts):
            most = self._table.longest.get(part.norm)
            if most is None or not _begins(parts, at) or touches(part.start, part.end, blocked):
                continue
            room = 1
            while (
                room < most
                and at + room < len(parts)
                and not touches(parts[at + room].start, parts[at + room].end, blocked)
            ):
                room += 1
            if room < most:
                found = self._longest_at(text, parts, at, room)
                if found is not None and not touches(found.start, found.end, blocked):
                    out.append(found)
        return out

    def _longest_at(self, text: str, parts: list[Atom], at: int, most: int) -> _Found | None:
        room = 1
        while room < most and at + room < len(parts) and parts[at + room].joint is not None:
            room += 1
        index = self._table.index
        for size in range(room, 0, -1):
            senses = index.get(" ".join(part.norm for part in parts[at : at + size]))
            if senses is not None and _ends(text, parts, at + size - 1):
                found = self._fitting(text, parts, at, size, senses)
                if found is not None:
                    return found
        return None

    def _fitting(
        self, text: str, parts: list[Atom], at: int, size: int, senses: list[Sense]
    ) -> _Found | None:
        piece = parts[at : at + size]
        start, end = piece[0].start, piece[-1].end
        surface = text[start:end]
        if surface.count("(") > surface.count(")") and text[end : end + 1] == ")":
            end += 1
        form = "".join(part.raw for part in piece)
        spaced = any(part.joint is not None and part.joint.strip() != part.joint
                     for part in piece[1:])  # fmt: skip
        if surface.count(")") > surface.count("("):
            return None
        fit: list[tuple[Sense, int]] = []
        for sense in senses:
            rank = sense.rank
            if _case_fits(sense, form, spaced, surface.endswith("s")) and (
                rank <= 1
                or (self._whole(text, parts, at, size) and self._needed(text, start, rank))
            ):
                fit.append((sense, rank))
        if not fit:
            return None
        best = min(rank for _, rank in fit)
        kept = [sense for sense, rank in fit if rank == best]
        labels = self._table.labels
        strong = tuple(dict.fromkeys(s.entry for s in kept if not s.weak))
        weak = tuple(dict.fromkeys(s.entry for s in kept if s.weak and s.entry not in strong))
        first = min((*strong, *weak), key=lambda n: _LABEL_ORDER[labels[n]])
        exact = any(sense.form == form for sense in kept)
        reason = "exact name" if exact else "name in another spelling"
        keep = bool(weak) and any(s.weak == "*" for s in kept)
        return _Found(start, end, size, labels[first], best, reason, strong, weak, keep)

    def _whole(self, text: str, parts: list[Atom], at: int, size: int) -> bool:
        """Whether a name of a broad list may stand here beside a hyphen: next to an ordinary word
        ("-induced", "anti-"), never as a piece of a longer symbol ("T6" in "HSC-T6")."""
        if self._chain.match(text, parts[at].start):
            return True  # "the ATF2-CHAC1 axis"
        before = parts[at].joint if at else None
        after = parts[at + size].joint if at + size < len(parts) else None
        if before is not None and before and not before[0].isspace():
            word = text[parts[at - 1].start : parts[at - 1].end]
            if not _ordinary(word, self._affixes):
                return False
        if after is not None and after and not after[0].isspace() and after not in ")]":
            word = text[parts[at + size].start : parts[at + size].end]
            if not _ordinary(word, self._affixes):
                return False
        return True

    def _needed(self, text: str, start: int, rank: int) -> bool:
        """Whether the text at `start` reads as the list of this rank demands (`needs`)."""
        needs = self._needs.get(rank)
        return needs is None or needs.match(text, start) is not None

    def _resolve(self, text: str, found: _Found, known: set[str]) -> Match | None:
        curies = self._table.curies
        chosen = found.strong
        reason, score = found.reason, 1.0 if found.reason == "exact name" else 0.95
        surface = text[found.start : found.end]
        if not chosen:
            chosen = tuple(n for n in found.weak if curies[n] in known)
            reason, score = "short form, named in full elsewhere in the text", 0.9
        if len(chosen) != 1:
            decided = self._rules.decided(text, found.start, found.end)
            options = tuple(n for n in (*found.strong, *found.weak) if curies[n] == decided)
            if options:
                chosen, reason, score = options, "decided by its context", 0.8
        if not chosen and not found.keep:
            return None
        labels = self._table.labels
        label = (
            labels[min(chosen, key=lambda n: _LABEL_ORDER[labels[n]])] if chosen else found.label
        )
        same = tuple(self._entry(n) for n in chosen if labels[n] == label)
        if not same:
            reason, score = "ambiguous short form", 0.5
        elif len(same) > 1:
            score /= len(same)
        candidates = tuple(self._entry(n) for n in (*found.strong, *found.weak))
        return Match(
            found.start, found.end, surface, label, same, found.rank, reason, score, candidates
        )


def _begins(parts: list[Atom], at: int) -> bool:
    """Whether a name may begin at this atom: not inside a word like "IL6" or "siRNA"."""
    part = parts[at]
    return part.joint != "" or parts[at - 1].norm in "/+" or part.norm in "/+"


def _ends(text: str, parts: list[Atom], last: int) -> bool:
    """Whether a name may end with this atom."""
    if last + 1 < len(parts) and parts[last + 1].joint == "":
        following = parts[last + 1].norm
        return following in "/+" or parts[last].norm in "/+"
    end = parts[last].end
    return not (text[end : end + 1] in (".", ",", "·") and text[end + 1 : end + 2].isdigit()
                and parts[last].norm.isdigit())  # fmt: skip


def _case_fits(sense: Sense, form: str, spaced: bool, plural: bool) -> bool:
    if sense.rule in "ips":
        return sense.rule == "i" or plural == (sense.rule == "p")
    if spaced and not sense.blank and not any(g in sense.form for g in ("alpha", "beta", "gamma")):
        return False  # "group C 3" is no C3
    if sense.form == form:
        return True
    if sense.rule == "c":
        return False
    return form in (sense.form.upper(), sense.form[:1].upper() + sense.form[1:].lower())


def _ordinary(word: str, affixes: frozenset[str]) -> bool:
    return word in affixes or (len(word) >= 4 and word.isalpha() and word[1:].islower())


def _longest(matches: Iterable[Match]) -> list[Match]:
    kept: list[Match] = []
    taken: set[int] = set()
    for match in sorted(matches, key=lambda m: (m.start - m.end, m.rank, m.start)):
        if taken.isdisjoint(range(match.start, match.end)):
            taken.update(range(match.start, match.end))
            kept.append(match)
    return sorted(kept, key=lambda m: m.start)
