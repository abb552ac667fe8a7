"""The study card: design, subjects, vesicles, arms, rigour and figures, each with its words.

What the abstract does not state is listed in `not_reported`; it is never read as "no".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from textmine.reading.design_type import NO_WORDS, Subjects, design_of, subjects_of
from textmine.reading.effects import effects_of
from textmine.reading.sample_size import sample_size
from textmine.reading.study_words import CAPTURES, FLAGS, Scope, StudyWords, default_words
from textmine.reading.vesicle_origin import vesicle_origins
from textmine.records import Article, Mention, Quote, Relation, Sentence, StudyCard

__all__ = ["REPORTABLE", "study_card"]

# Fields whose silence is reported.
REPORTABLE = (
    "species", "strains", "models", "n", "n_per_group", "arms", "comparators", "vesicle_source",
    "vesicle_donor", "isolation", "characterisation", "markers", "dose", "route", "timing",
    "outcomes", "effect_sizes", "p_values", "causal_test", "randomised", "blinded",
    "power_calculation", "dose_response", "registration",
)  # fmt: skip
_CELL_DESIGNS = frozenset({"in_vitro", "in_silico", "ex_vivo"})
_PEOPLE = frozenset(
    {"randomised_trial", "controlled_trial", "single_arm_trial", "observational", "case_report"}
)
# A document that reports no study of its own has no sample, arms or rigour of its own.
_NO_STUDY = frozenset({"review", "other"})
_MOST_OUTCOMES = 12
# Vesicles given for comparison are not the ones studied.
_CONTROL = "vesicle control"
_SOURCE = "vesicle_source"


def study_card(
    article: Article,
    sentences: Sequence[Sentence],
    mentions: Sequence[Mention],
    relations: Sequence[Relation],
    *,
    words: StudyWords | None = None,
) -> StudyCard:
    """Reads the card. Works on bare text too: without sentences the passages are split simply."""
    words = words or default_words()
    scope = Scope.of(article, sentences, words.own)
    subjects = subjects_of(article, scope, words)
    design = design_of(article, scope, words, subjects)
    quotes = [*design.quotes]
    species = _species(design.design, subjects, words)
    quotes += [q for q in subjects.quotes if _names(words, q.text, species)]
    values = {name: _values(scope, words, name, quotes) for name in words.values}
    if not values["models"] and design.design.startswith("animal"):
        values["models"] = _models_elsewhere(scope, words, quotes)
    values["models"] = _models(values["models"], design.design, words, quotes)
    reports_study = design.design not in _NO_STUDY or NO_WORDS in design.reasons
    if reports_study:
        values["vesicle_source"] = _sources(scope, words, quotes)
    else:
        for name in (*values, "species"):
            quotes = [q for q in quotes if q.field != name]
        values = dict.fromkeys(values, ())
        species = ()
    captured = {name: _captured(scope, words, name, quotes) for name in CAPTURES}
    captured["registration"] = _registered(
        article, words.captures["registration"], captured["registration"]
    )
    flags = {name: _flag(scope, words, name, quotes) for name in FLAGS}
    size = sample_size(scope, words)
    if reports_study:
        quotes += size.quotes
    arms = _arms(scope, words, mentions, quotes) if reports_study else ()
    outcomes = _outcomes(scope, mentions, relations, quotes)
    timing = values.pop("timing")
    people = {s.name for s in words.species if s.human}
    fields = {
        **values,
        **captured,
        **flags,
        "species": species,
        "n": size.n if reports_study else None,
        "n_per_group": size.per_group if reports_study else None,
        "arms": arms,
        "outcomes": outcomes,
        "timing": timing[0] if timing else None,
        "subjects": _subjects(design.design, subjects, words),
        "cell_species": tuple(
            s
            for s in subjects.cells
            if s not in subjects.living or (s in people and not subjects.sampled)
        ),
        "effects": effects_of(scope, words, mentions, relations) if reports_study else (),
        "funding": _funding(article),
        "competing_interests": article.coi,
    }
    reasons = (*design.reasons, *subjects.reasons, *((size.note,) if size.note else ()))
    return StudyCard(
        design=design.design,
        **fields,  # type: ignore[arg-type]
        design_reasons=reasons,
        quotes=_tidy(quotes),
        not_reported=tuple(name for name in REPORTABLE if fields.get(name) in (None, ())),
    )


def _subjects(design: str, subjects: Subjects, words: StudyWords) -> tuple[str, ...]:
    """What was studied. A cell's donor is no subject, and MeSH "Humans" makes none."""
    human = {s.name for s in words.species if s.human}
    animals = [s for s in subjects.living if s not in human]
    found = []
    if design in _PEOPLE or (subjects.sampled and design not in _NO_STUDY):
        found.append("human")
    if design.startswith("animal") or (animals and design not in (_CELL_DESIGNS | _NO_STUDY)):
        found.append("animal")
    if design in ("in_vitro", "animal_and_in_vitro"):
        found.append("cells")
    return tuple(found)


def _funding(article: Article) -> tuple[str, ...]:
    """Grants of the record, as "agency, number"."""
    named = (", ".join(part for part in (g.agency, g.id) if part) for g in article.grants)
    return tuple(dict.fromkeys(text for text in named if text))


def _sources(scope: Scope, words: StudyWords, quotes: list[Quote]) -> tuple[str, ...]:
    """Tissues by their own words, and every other origin by a form of words."""
    found = [(q.start, q.value or "") for q in quotes if q.field == "vesicle_source"]
    controls = [q for q in quotes if q.field == "comparators" and q.value == _CONTROL]
    for place, name, quote in vesicle_origins(scope, words):
        if any(q.start < quote.end and quote.start < q.end for q in controls):
            continue
        general = words.general_origins.get(name)
        if general is None or not any(general.search(other) for _, other in found):
            found.append((place, name))
            quotes.append(quote)
    names = tuple(dict.fromkeys(name for _, name in sorted(found)))
    if not names and scope.find(words.vesicle, ("title",)):
        # Vesicles and a tumour in the title, and no other origin: the tumour's.
        for special in words.unnamed_origins.values():
            named = _in_title(scope, words, special)
            if named is not None:
                quotes.append(named)
                return (named.value or "",)
    for unnamed, special in words.unnamed_origins.items():
        if unnamed in names:
            named = _in_title(scope, words, special)
            if named is not None:
                quotes[:] = [q for q in quotes if (q.field, q.value) != (_SOURCE, unnamed)]
                quotes.append(named)
                names = tuple(named.value or n if n == unnamed else n for n in names)
    return tuple(dict.fromkeys(names))


def _in_title(scope: Scope, words: StudyWords, special: re.Pattern[str]) -> Quote | None:
    """ "Tumour-derived", and the title says which tumour."""
    for origin in words.origins:
        if special.search(origin.name):
            for match in scope.find_all(origin.word, ("title",)):
                name = origin.name.replace("{x}", (match.groupdict().get("x") or "").casefold())
                name = words.same_origins.get(name, name)
                return Quote(_SOURCE, match.start(), match.end(), match[0], name)
    return None


def _species(design: str, subjects: Subjects, words: StudyWords) -> tuple[str, ...]:
    """Of the subjects, not of the cells' donors; for work on cells, of the cells."""
    human = {s.name for s in words.species if s.human}
    living = subjects.living
    if design in _PEOPLE:
        people = tuple(s for s in living if s in human)
        return people or tuple(sorted(human))
    sampled = tuple(s for s in living if s not in human or subjects.sampled)
    if design.startswith("animal"):
        return sampled
    if design in _CELL_DESIGNS:
        return tuple(dict.fromkeys((*sampled, *subjects.cells)))
    return living


def _names(words: StudyWords, text: str, species: Iterable[str]) -> bool:
    return any(
        s.name in species and (s.subjects.fullmatch(text) or s.cells.fullmatch(text))
        for s in words.species
    )


def _values(scope: Scope, words: StudyWords, name: str, quotes: list[Quote]) -> tuple[str, ...]:
    found = []
    for value, pattern in words.values[name]:
        match = scope.find(pattern)
        if match is not None:
            found.append((match.start(), value))
            quotes.append(Quote(name, match.start(), match.end(), match[0], value))
    return tuple(dict.fromkeys(value for _, value in sorted(found)))


def _models_elsewhere(scope: Scope, words: StudyWords, quotes: list[Quote]) -> tuple[str, ...]:
    """The model of a study on animals that its own sentences do not name: the disease of the
    background, or the tumour of the title."""
    for roles, patterns in (
        (("background",), words.values["models"]),
        (("title",), tuple(words.title_models.items())),
    ):
        for name, pattern in patterns:
            match = scope.find(pattern, roles)
            if match is not None:
                quotes.append(Quote("models", match.start(), match.end(), match[0], name))
                return (name,)
    return ()


def _models(
    found: tuple[str, ...], design: str, words: StudyWords, quotes: list[Quote]
) -> tuple[str, ...]:
    """Without those that this design cannot have, and parts of others: "D-GalN/LPS" says "D-GalN"
    already."""
    if design in _PEOPLE or design == "meta_analysis_human":
        found = ()
    elif design in ("in_vitro", "in_silico"):
        found = tuple(m for m in found if m in words.cell_models)
    kept = tuple(
        m
        for m in found
        if not any(
            m != o and (m in o.split("/") or o in words.general_models.get(m, ())) for o in found
        )
    )
    quotes[:] = [q for q in quotes if q.field != "models" or q.value in kept]
    return kept


def _captured(scope: Scope, words: StudyWords, name: str, quotes: list[Quote]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for match in scope.find_all(words.captures[name], words.capture_roles.get(name)):
        text = match[0].strip()
        if text not in found:
            found[text] = None
            quotes.append(Quote(name, match.start(), match.start() + len(match[0]), match[0]))
    return tuple(found)


def _registered(
    article: Article, words: re.Pattern[str], found: tuple[str, ...]
) -> tuple[str, ...]:
    banks = [a for bank in article.databanks for a in bank.accessions]
    clean = [text.replace(" ", "") for text in found]
    return tuple(
        dict.fromkeys(
            (
                *clean,
                *(
                    a
                    for a in banks
                    if a.upper().startswith(("NCT", "ISRCTN", "EUDRACT", "CHICTR", "CRD", "ACTRN"))
                ),
            )
        )
    )


def _flag(scope: Scope, words: StudyWords, name: str, quotes: list[Quote]) -> bool | None:
    yes, no = words.flags[name]
    for value, pattern in ((False, no), (True, yes)):
        match = scope.find(pattern)
        if match is not None:
            quotes.append(Quote(name, match.start(), match.end(), match[0]))
            return value
    return None


def _arms(
    scope: Scope, words: StudyWords, mentions: Sequence[Mention], quotes: list[Quote]
) -> tuple[str, ...]:
    """What was given, in the first own sentence that speaks of giving or allotting."""
    given = sorted(
        (m for m in mentions if m.label in ("INTERVENTION", "VESICLE")), key=lambda m: m.start
    )
    starts = [m.start for m in given]
    for roles in (("method",), ("method", "result", "aim")):
        tried: set[int] = set()
        for match in scope.find_all(words.arms, roles):
            place = scope.sentence_at(match.start())
            if place is None or place.start in tried:
                continue
            tried.add(place.start)
            found = given[bisect_left(starts, place.start) : bisect_left(starts, place.end)]
            if len({m.text for m in found}) >= 2:
                quotes.extend(Quote("arms", m.start, m.end, m.text) for m in found)
                return tuple(dict.fromkeys(m.text for m in found))
    return ()


def _outcomes(
    scope: Scope,
    mentions: Sequence[Mention],
    relations: Sequence[Relation],
    quotes: list[Quote],
) -> tuple[str, ...]:
    """What was measured: outcomes named in results, then whatever a result says was changed."""
    objects = {r.object for r in relations if r.role == "result" and r.predicate == "regulates"}
    found: dict[str, Mention] = {}
    inside = []
    for mention in mentions:
        place = scope.sentence_at(mention.start)
        if place is not None and place.role == "result":
            inside.append(mention)
    for mention in inside:
        if mention.label == "OUTCOME":
            found.setdefault(mention.text, mention)
    for mention in inside:
        if mention.id in objects:
            found.setdefault(mention.text, mention)
    kept = list(found.values())[:_MOST_OUTCOMES]
    quotes.extend(Quote("outcomes", m.start, m.end, m.text) for m in kept)
    return tuple(m.text for m in kept)


def _tidy(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    return tuple(sorted(dict.fromkeys(quotes), key=lambda q: (q.field, q.start, q.end)))
