"""Names of vesicles, read by grammar: where they come from, what was done to them, what they carry.

`find_names` reads each name by itself; `resolve` gives every name its concepts with the help of the
whole abstract: "exosomes from BMSCs" takes its origin from the words behind it, "(PA-Exo)" from the
words it stands for, and a bare "the vesicles" from the only origin that the abstract tells. Where an
abstract tells several, bare names stay generic. Nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from textmine.reading.candidates import Candidate
from textmine.reading.vesicle_grammar import Family, Grammar, squeeze
from textmine.records import Concept

__all__ = ["FAMILY", "GENERIC", "OTHER", "OWN", "CellName", "VesicleName", "find_names", "resolve"]

FAMILY, OTHER, GENERIC, OWN = "family", "other", "generic", "own name"
_WINDOW = 120
_BREAK = re.compile(r"[.;:!?,]\s|\n|[.;:!?,]$")
_WORD_START = re.compile(r"(?<![^\s(\[{/_@^+‐‑–—-])\S")
_CHUNK = re.compile(r"[\w.+/@^αβγκ‐‑-]+$")
_INHERITED = 0.6


@dataclass(frozen=True, slots=True)
class VesicleName:
    """One name. `how`: the grammar spelled its origin out (family, other), it has a name of its own
    like "T-Exo", or it tells no origin (generic). `linked`: the origin stands behind the name."""

    start: int
    end: int
    how: str
    family: Family | None = None
    source: str | None = None
    core: str = ""
    origin: str = ""
    states: tuple[str, ...] = ()
    cargo: tuple[Concept, ...] = ()
    linked: bool = False
    label: str = "VESICLE"
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class CellName:
    """A cell of one of the families, or what is made of it (`product`)."""

    start: int
    end: int
    family: Family
    source: str | None
    core: str
    product: bool = False


# --- single names ---------------------------------------------------------------------------------


def find_names(
    text: str,
    grammar: Grammar,
    *,
    cells: Sequence[tuple[int, int]] = (),
    mirnas: Sequence[Candidate] = (),
) -> tuple[list[VesicleName], list[CellName]]:
    """The vesicles and the family cells in a text, in order.

    `cells`: spans known to be cells from elsewhere, `mirnas`: the miRNA names in the text.
    """
    cell_names = _cells(text, grammar)
    spans = sorted({*cells, *((c.start, c.end) for c in cell_names if not c.product)})
    names: list[VesicleName] = []
    end = 0
    for head in grammar.head.finditer(text):
        if head.start() < end or not _whole(text, head, grammar):
            continue
        name = _read(text, head, grammar, spans, mirnas, end)
        if name is not None:
            names.append(_linked(text, name, grammar, cell_names, spans, mirnas))
            end = name.end
    return names, cell_names


def _whole(text: str, head: re.Match[str], grammar: Grammar) -> bool:
    """Whether the head is a word, and one that means a vesicle here."""
    start, end = head.span()
    if head.end() == head.start():
        return False
    following = text[end : end + 24]
    if following[:1].isalnum() and not re.match(r"mi[Rr]|MSC|(?:[A-Z]{2,5}SC)", following):
        return False
    if grammar.never_after.match(following):
        return False
    if grammar.never_before.search(text, max(0, start - 30), start):
        return False
    chunk = _CHUNK.search(text, max(0, start - 30), start)
    begin = chunk.start() if chunk else start
    return not any(grammar.never_name.match(text, at) for at in {begin, start})


def _read(
    text: str,
    head: re.Match[str],
    grammar: Grammar,
    cells: Sequence[tuple[int, int]],
    mirnas: Sequence[Candidate],
    floor: int,
) -> VesicleName | None:
    kind = grammar.heads[int((head.lastgroup or "h0")[1:])][1]
    start, end = head.span()
    low = max(floor, start - _WINDOW)
    for cut in _BREAK.finditer(text, low, start):
        low = cut.end()
    glued = start > 0 and text[start - 1].isalnum()
    name = _with_family(text, low, start, end, grammar)
    if name is None and kind == "compact" and start < len(text):
        name = _tail_family(text, start, end, grammar)
    if name is None and kind == "origin":
        return None
    if name is None:
        name = _with_other(text, low, start, end, grammar, cells)
    if name is None and (
        glued or (kind == "compact" and start > low and text[start - 1] in "-‐‑–_+/@^")
    ):
        chunk = _CHUNK.search(text, low, start)
        begin = chunk.start() if chunk else start
        if glued and not re.fullmatch(r"[HhMmA-Zγ+-]{1,6}", text[begin:start]):
            return None
        if not any(c.isupper() or c.isdigit() or "α" <= c <= "ω" for c in text[begin:start]):
            begin = start if not glued else begin
            if glued:
                return None
        how = OWN if begin < start else GENERIC
        name = VesicleName(begin, end, how, core=text[begin:end])
    if name is None:
        name = VesicleName(start, end, GENERIC)
    name = _with_tail(text, name, grammar, mirnas) if kind != "bare" else name
    name = _with_states(text, low, name, grammar, mirnas)
    arm = grammar.arm_before.search(text, max(0, name.start - 20), name.start)
    group = grammar.arm_after.match(text, name.end)
    if arm or (group and kind != "bare") or (group and name.how == GENERIC):
        return replace(
            name,
            start=arm.start() if arm else name.start,
            end=group.end() if group else name.end,
            label="INTERVENTION",
        )
    return name


def _with_family(text: str, low: int, start: int, end: int, grammar: Grammar) -> VesicleName | None:
    squeezed, places = squeeze(text, low, start)
    index = {place: n for n, place in enumerate(places)}
    for word in _WORD_START.finditer(text, low, start):
        at = index.get(word.start())
        if at is None:
            continue
        for family in grammar.families:
            match = family.before_head.fullmatch(squeezed, at)
            if match and _fits(text, word.start(), start):
                return VesicleName(
                    word.start(), end, FAMILY, family=family, core=match["core"],
                    source=_source(family, match["core"]),
                )  # fmt: skip
    return None


def _fits(text: str, start: int, end: int) -> bool:
    """Short names carry a capital: "MSC-Exo", "hucMSC ex", not "its c ex"."""
    piece = text[start:end]
    return len(piece) > 14 or any(c.isupper() for c in piece) or "msc" in piece.lower()


def _source(family: Family, core: str) -> str | None:
    if family.ambiguous.fullmatch(core):
        return None
    source = family.source_of(core)
    return source.id if source else None


def _tail_family(text: str, start: int, end: int, grammar: Grammar) -> VesicleName | None:
    """ "Exo^MSC", "ExoMSC", "EVs-hUCMSC": the cell behind the head."""
    match = re.match(r"[-‐‑^_@]?([A-Za-z]{0,6}(?:MSC|SC)s?)(?![A-Za-z0-9])", text[end : end + 16])
    if match is None:
        return None
    core = match.group(1).lower()
    for family in grammar.families:
        if family.alone.fullmatch(core):
            return VesicleName(
                start, end + match.end(), FAMILY, family=family, core=core,
                source=_source(family, core),
            )  # fmt: skip
    return None


def _with_other(
    text: str,
    low: int,
    start: int,
    end: int,
    grammar: Grammar,
    cells: Sequence[tuple[int, int]],
) -> VesicleName | None:
    squeezed, places = squeeze(text, low, start)
    index = {place: n for n, place in enumerate(places)}
    link = grammar.link_end.search(text, low, start)
    edge = link.start() if link else start
    begin, origin = None, ""
    for word in _WORD_START.finditer(text, low, start):
        at = index.get(word.start())
        if at is None:
            continue
        for other in grammar.others:
            match = other.long.fullmatch(squeezed, at) or (
                other.short.fullmatch(squeezed, at)
                if any(c.isupper() for c in text[word.start() : edge])
                else None
            )
            if match:
                begin, origin = word.start(), other.origin
                break
        if begin is not None:
            break
    for cell_start, cell_end in cells:
        joint = text[cell_end:edge]
        near = cell_end <= edge and len(joint) <= 2 and not joint.strip(" -‐‑–/)")
        if cell_start >= low and near and (begin is None or cell_start < begin):
            begin, origin = cell_start, text[cell_start:cell_end]
            break
    if begin is None and link:
        begin, origin = _derived(text, low, edge)
    if begin is None:
        return None
    how = OTHER if origin else GENERIC
    return VesicleName(begin, end, how, core=text[begin:end], origin=origin)


def _derived(text: str, low: int, edge: int) -> tuple[int | None, str]:
    """ "ADMSX-derived", "liver cell-derived": the word or two before; "" if they tell no origin."""
    match = re.search(r"(?:([\w.+/αβγ‐‑-]+)\s)?([\w.+/αβγ)‐‑-]+)$", text[low:edge])
    if match is None:
        return None, ""
    last = match.group(2)
    if not re.fullmatch(r"(?i)cells?|tissues?|stem|fluid", last):
        origin = "" if re.fullmatch(r"(?i)(?:stem-?)?cells?|donor|self", last) else last
        return low + match.start(2), origin
    before = match.group(1)
    if before is None or re.fullmatch(r"(?i)stem|the|of|and|from|different|various|these", before):
        return low + match.start(2), ""
    return low + match.start(1), f"{before} {last}"


def _with_tail(
    text: str, name: VesicleName, grammar: Grammar, mirnas: Sequence[Candidate]
) -> VesicleName:
    end, cargo, states = name.end, list(name.cargo), list(name.states)
    for mirna in mirnas:
        gap = text[end : mirna.start]
        blank = gap == " " and not text[name.start : end].lower().endswith("s")
        if (
            mirna.start >= end
            and (gap in {"", "-", "‐", "‑", "^", "_"} or blank)
            and mirna.concepts
        ):
            if len(gap) == 1 and blank and name.how == GENERIC and name.end - name.start < 3:
                break
            end = mirna.end
            cargo.extend(replace(c, reason="cargo") for c in mirna.concepts)
            states.append("engineered")
            after = grammar.after_mirna.match(text, end)
            end = after.end() if after else end
            break
        if mirna.start > end + 1:
            break
    while (more := grammar.tail.match(text, end)) is not None and more.end() > end:
        end = more.end()
        states.append("engineered")
    return replace(name, end=end, cargo=tuple(cargo), states=tuple(dict.fromkeys(states)))


def _with_states(
    text: str,
    low: int,
    name: VesicleName,
    grammar: Grammar,
    mirnas: Sequence[Candidate],
) -> VesicleName:
    """Takes in the words before the name that say what was done to the vesicles."""
    start, states, cargo = name.start, list(name.states), list(name.cargo)
    prefix = text[name.start : name.end]
    if name.how in {OWN, FAMILY}:
        for state in grammar.states:
            if state.id and (m := state.compact.match(prefix)) and _short_prefix(prefix, m.end()):
                states.append(state.id)
                break
    for _ in range(3):
        for state in grammar.states:
            match = state.before.search(text, max(low, start - 60), start)
            if match is not None and _at_word(text, match.start()):
                cargo.extend(
                    replace(c, reason="cargo")
                    for m in mirnas
                    if match.start() <= m.start < start
                    for c in m.concepts
                )
                start = match.start()
                states.extend([state.id] if state.id else [])
                break
        else:
            break
    return replace(name, start=start, states=tuple(dict.fromkeys(states)), cargo=tuple(cargo))


def _short_prefix(name: str, end: int) -> bool:
    return name[end : end + 1] in set("-‐‑+/_^@ ") or name[end : end + 3] in {"Exo", "EXO", "sEV"}


def _at_word(text: str, start: int) -> bool:
    return start == 0 or text[start - 1] in " \n\t(["


# --- cells of the families ------------------------------------------------------------------------

_STEM_END = re.compile(r"(?:MSC|SC|msc|Msc)s?(?![A-Za-z0-9])|(?i:cells?)(?![A-Za-z0-9])")


def _cells(text: str, grammar: Grammar) -> list[CellName]:
    found: list[CellName] = []
    floor = 0
    for stem in _STEM_END.finditer(text):
        end = stem.end()
        low = max(floor, end - _WINDOW)
        for cut in _BREAK.finditer(text, low, end):
            low = cut.end() if cut.end() < end else low
        squeezed, places = squeeze(text, low, end)
        index = {place: n for n, place in enumerate(places)}
        for word in _WORD_START.finditer(text, low, end):
            at = index.get(word.start())
            match = family = None
            if at is not None:
                for family in grammar.families:
                    match = family.alone.fullmatch(squeezed, at)
                    if match:
                        break
            if match is None or family is None or not _fits(text, word.start(), end):
                continue
            start, floor = word.start(), end
            for state in grammar.states:
                before = state.before.search(text, max(low, start - 60), start)
                if state.id and before and _at_word(text, before.start()):
                    start = before.start()
            product = family.product.match(text, end)
            stop = product.end() if product else end
            core = match["core"]
            found.append(
                CellName(start, stop, family, _source(family, core), core, product is not None)
            )
            break
    return found


# --- the origin behind the name -------------------------------------------------------------------


def _linked(
    text: str,
    name: VesicleName,
    grammar: Grammar,
    cell_names: Sequence[CellName],
    cells: Sequence[tuple[int, int]],
    mirnas: Sequence[Candidate],
) -> VesicleName:
    if name.how not in {GENERIC, OWN}:
        return name
    at = name.end
    for mirna in mirnas:  # "exosomal miR-122 from adipose MSCs"
        if mirna.start == at + 1:
            at = mirna.end
    aside = re.match(r"\s\([^()]{1,40}\)", text[at : at + 44])
    link = grammar.after_head.match(text, at) or (
        grammar.after_head.match(text, at + aside.end()) if aside else None
    )
    if link is None:
        return _theirs(text, name, cell_names)
    skip = grammar.skip.match(text, link.end())
    stop = skip.end() if skip else link.end()
    for cell in cell_names:
        if link.end() - 1 <= cell.start <= stop + 1 and not cell.product:
            return replace(name, how=FAMILY, family=cell.family, source=cell.source,
                           core=cell.core, linked=True)  # fmt: skip
        if cell.product and link.end() - 1 <= cell.start <= stop + 1:
            return replace(name, how=FAMILY, family=cell.family, source=cell.source,
                           core=cell.core, linked=True)  # fmt: skip
    for start, end in cells:
        if link.end() - 1 <= start <= stop + 1:
            return replace(name, how=OTHER, origin=text[start:end], linked=True)
    window = min(len(text), stop + 60)
    squeezed, places = squeeze(text, link.end(), window)
    for word in _WORD_START.finditer(text, link.end(), min(window, stop + 1)):
        if word.start() not in places:
            continue
        at = places.index(word.start())
        for other in grammar.others:
            match = other.long.match(squeezed, at)
            if match and match.end() > at and _ends_word(text, places[match.end() - 1]):
                return replace(name, how=OTHER, origin=other.origin, linked=True)
    return name


def _ends_word(text: str, last: int) -> bool:
    return not text[last + 1 : last + 2].isalpha()


def _theirs(text: str, name: VesicleName, cell_names: Sequence[CellName]) -> VesicleName:
    """ "MSCs and their exosomes"."""
    if not re.search(
        r"(?i)\b(?:their|its)\s(?:derived\s|secreted\s|own\s)?$",
        text[max(0, name.start - 16) : name.start],
    ):
        return name
    for cell in reversed(cell_names):
        between = text[cell.end : name.start]
        if cell.end <= name.start and len(between) < 60 and not re.search(r"[.;!?]\s", between):
            return replace(name, how=FAMILY, family=cell.family, source=cell.source,
                           core=cell.core, linked=True)  # fmt: skip
    return name


# --- meaning ------------------------------------------------------------------------------------------


def resolve(
    text: str,
    names: Sequence[VesicleName],
    grammar: Grammar,
    *,
    stands_for: Mapping[str, tuple[int, int]],
) -> tuple[list[VesicleName], list[float]]:
    """Gives names without an origin the one that the abstract tells; returns names and scores.

    `stands_for`: short form -> span of its long form.
    """
    known = _defined(text, names, stands_for)
    out: list[VesicleName] = []
    scores: list[float] = []
    for name in names:
        score = 1.0
        if name.how == OWN and (twin := known.get(_plain(text[name.start : name.end]))) is not None:
            name = replace(name, how=twin.how, family=twin.family, source=twin.source, core=twin.core,
                           origin=twin.origin,
                           states=tuple(dict.fromkeys((*name.states, *twin.states))),
                           cargo=name.cargo or twin.cargo)  # fmt: skip
            score = 0.95
        out.append(name)
        scores.append(score)
    explicit = [n for n in out if n.how in {FAMILY, OTHER}]
    kinds = {(id(n.family) if n.how == FAMILY else "other") for n in explicit}
    for place, name in enumerate(out):
        if name.how not in {GENERIC, OWN}:
            continue
        if len(kinds) == 1 and (
            explicit[0].how == FAMILY or len({n.origin.lower() for n in explicit}) == 1
        ):
            twin = explicit[0]
            sources = {n.source for n in explicit if n.source}
            out[place] = replace(name, how=twin.how, family=twin.family, origin=twin.origin,
                                 source=sources.pop() if len(sources) == 1 else None)  # fmt: skip
            scores[place] = _INHERITED
        elif not explicit and name.how == OWN:
            family = next(
                (f for f in grammar.families if f.attested.fullmatch(text[name.start : name.end])),
                None,
            )
            if family is not None:
                out[place] = replace(name, how=FAMILY, family=family)
                scores[place] = 0.5
    return out, scores


def _plain(name: str) -> str:
    return squeeze(name, 0, len(name))[0].rstrip("s")


def _defined(
    text: str, names: Sequence[VesicleName], stands_for: Mapping[str, tuple[int, int]]
) -> dict[str, VesicleName]:
    """Names of their own -> the name with an origin that they stand for."""
    known: dict[str, VesicleName] = {}
    for place, name in enumerate(names):
        key = _plain(text[name.start : name.end])
        if name.how != OWN or key in known:
            continue
        span = stands_for.get(text[name.start : name.end])
        if span is not None:
            inside = [n for n in names if span[0] <= n.start < span[1] and n.how in {FAMILY, OTHER}]
            if inside:
                known[key] = inside[-1]
                continue
        # "exosomes from palmitate-treated hepatocytes (PA-Exo)", "native (N-Exo)"
        if text[max(0, name.start - 1) : name.start] == "(" and place:
            before = names[place - 1]
            between = text[before.end : name.start]
            if (
                before.how in {FAMILY, OTHER}
                and len(between) < 90
                and not re.search(r"[.;)]\s|\)", between)
            ):
                known[key] = before
    return known


def concepts_of(name: VesicleName, score: float, grammar: Grammar) -> tuple[Concept, ...]:
    """What a resolved name means: the class first, then source, states and cargo."""
    reason = {1.0: "grammar", 0.95: "defined in the abstract", _INHERITED: "same abstract",
              0.5: "name used in the literature"}.get(score, "grammar")  # fmt: skip
    if name.linked:
        reason = "origin in the same sentence"
    concepts: list[Concept] = []
    if name.how == FAMILY and name.family is not None:
        base = name.family.vesicle
        concepts.append(replace(base, score=score, reason=reason))
        if name.source:
            words = name.source.replace("_", " ")
            concepts.append(
                Concept(f"{base.curie}/{name.source}", f"{base.name}, {words}", score, reason)
            )
    elif name.how == OTHER:
        told = f"{reason}: {name.origin}" if name.origin else reason
        concepts.append(replace(grammar.other, score=score, reason=told))
    else:
        concepts.append(replace(grammar.generic, score=score, reason="no origin told"))
    if score == _INHERITED:
        concepts.append(replace(grammar.generic, score=1 - _INHERITED, reason="no origin told"))
    concepts.extend(
        Concept(grammar.state_prefix + s, s, score, "wording") for s in name.states if s
    )
    concepts.extend(name.cargo)
    return tuple(concepts)
