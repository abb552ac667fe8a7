"""Which of the contract's designs a study has: from publication types, MeSH and wording.

The order of the tests is the argument: what kind of document it is (notice, protocol, synthesis)
goes before who was studied, people before animals only where people were treated or observed,
animals before cells. MeSH "Humans" is never used: it is set for human cells too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from textmine.reading.study_words import Scope, StudyWords
from textmine.reading.talk import TalkModel
from textmine.records import ROLES, Article, Quote

__all__ = ["NO_WORDS", "Design", "Subjects", "design_of", "subjects_of"]

NO_WORDS = "no words for a design"

# From here on a text is taken for a review by how it is written; where publication types are given
# and none says review, more is needed; where it tells of nothing done, less.
_SURE, _SURE_TYPED, _UNSURE = 0.65, 0.85, 0.4
_TITLE = ("title",)
_RESULTS = ("title", "method", "result", "conclusion")
_ACTION = ("title", "aim", "method", "result", "conclusion")


@dataclass(frozen=True, slots=True)
class Subjects:
    """Species that lived in the study, and species of which only cells were used. `sampled`: people
    stand where methods and results are told, not only in aims and conclusions."""

    living: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    human: bool = False
    sampled: bool = False
    quotes: tuple[Quote, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Design:
    design: str
    reasons: tuple[str, ...]
    quotes: tuple[Quote, ...] = ()


def subjects_of(article: Article, scope: Scope, words: StudyWords) -> Subjects:
    """Who was studied, by words and by MeSH headings of animals."""
    living, cells, quotes, reasons = [], [], [], []
    human = sampled = False
    headings = {heading.descriptor.casefold() for heading in article.mesh}
    for species in words.species:
        match = scope.find(species.subjects)
        tags = [
            tag
            for tag in species.mesh
            if any(h == tag.casefold() or h.startswith(f"{tag.casefold()}, ") for h in headings)
        ]
        if species.human:
            human = match is not None
            sampled = scope.find(species.subjects, ("method", "result")) is not None
        if match is not None:
            living.append(species.name)
            quotes.append(Quote("species", match.start(), match.end(), match[0]))
            continue
        if tags:
            living.append(species.name)
            reasons.append(f'MeSH "{tags[0]}"')
        cell = scope.find(species.cells)
        if cell is not None:
            cells.append(species.name)
            quotes.append(Quote("species", cell.start(), cell.end(), cell[0]))
    return Subjects(tuple(living), tuple(cells), human, sampled, tuple(quotes), tuple(reasons))


class _Judge:
    """One article under judgement; collects the reasons and quotes of the way taken."""

    def __init__(
        self, article: Article, scope: Scope, words: StudyWords, subjects: Subjects
    ) -> None:
        self.article, self.scope, self.words, self.subjects = article, scope, words, subjects
        names = [p.name for p in article.publication_types]
        kinds = {
            words.design_types[n.casefold()]: n
            for n in names[::-1]
            if n.casefold() in words.design_types
        }
        self.kinds = {k: kinds[k] for k in words.design_order if k in kinds}
        self.animals = tuple(
            s.name for s in words.species if not s.human and s.name in subjects.living
        )
        self.has_abstract = any(s.role != "title" for s in scope.sentences)

    @cached_property
    def talk(self) -> float:
        return TalkModel.default().probability(self.article.text, self.article.title)

    def word(self, name: str, roles: Sequence[str] | None = None) -> re.Match[str] | None:
        return self.scope.find(self.words.design[name], roles)

    def by_type(self, design: str, kind: str, *more: str) -> Design:
        return Design(design, (f'publication type "{self.kinds[kind]}"', *more))

    def by_word(self, design: str, match: re.Match[str], *more: str) -> Design:
        quote = Quote("design", match.start(), match.end(), match[0])
        return Design(design, (f'the words "{match[0]}"', *more), (quote,))


def design_of(article: Article, scope: Scope, words: StudyWords, subjects: Subjects) -> Design:
    """The design and why."""
    judge = _Judge(article, scope, words, subjects)
    return _document(judge) or _synthesis(judge) or _people(judge) or _bench(judge)


def _document(judge: _Judge) -> Design | None:
    """Notices, comments and protocols report no study."""
    if judge.article.status.notice_of:
        return Design("other", (f"a notice about {judge.article.status.notice_of}",))
    if "other" in judge.kinds:
        return judge.by_type("other", "other")
    if match := judge.word("notice_title", _TITLE):
        return judge.by_word("other", match)
    if "letter" in judge.kinds and not judge.has_abstract:
        return judge.by_type("other", "letter", "no abstract")
    if match := judge.word("commentary"):
        return judge.by_word("other", match)
    if "protocol" in judge.kinds:
        return judge.by_type("protocol", "protocol")
    for name, roles in (("protocol_title", _TITLE), ("protocol_text", None)):
        if match := judge.word(name, roles):
            return judge.by_word("protocol", match)
    return None


def _synthesis(judge: _Judge) -> Design | None:
    pooled = judge.word("meta_title", _TITLE) or (
        judge.word("meta_text") if _searched(judge) else None
    )
    if "meta_analysis" in judge.kinds or pooled:
        animal = judge.word("preclinical") or (judge.animals and not judge.subjects.human)
        design = "meta_analysis_animal" if animal else "meta_analysis_human"
        why = "of animal studies" if animal else "no words for animal studies"
        if pooled:
            return judge.by_word(design, pooled, why)
        return judge.by_type(design, "meta_analysis", why)
    match = judge.word("systematic_title", _TITLE) or judge.word("systematic_text", ROLES)
    if "systematic_review" in judge.kinds:
        return judge.by_type("systematic_review", "systematic_review")
    if match and not {"randomised_trial", "trial", "controlled_trial"} & set(judge.kinds):
        return judge.by_word("systematic_review", match)
    if "review" in judge.kinds:
        return judge.by_type("review", "review")
    if match := judge.word("review_text", ROLES) or judge.word("review_title", _TITLE):
        results = judge.word("own_results", ("aim", "method", "result"))
        strong = judge.word("review_text", ROLES)
        if strong or not results:
            return judge.by_word("review", match)
    return _talks(judge)


def _talks(judge: _Judge) -> Design | None:
    """A review that nowhere calls itself one, by how it is written."""
    described = {"randomised_trial", "controlled_trial", "trial", "case_report", "observational"}
    if not judge.has_abstract or described & set(judge.kinds):
        return None
    if judge.words.captures["p_values"].search(judge.scope.text):
        return None
    sure = _SURE_TYPED if judge.article.publication_types else _SURE
    silent = not judge.word("own_results") and judge.word("discussion")
    if judge.talk >= sure or (silent and judge.talk >= _UNSURE):
        return Design("review", (f"it is written like a review ({judge.talk:.2f} of 1)",))
    return None


def _searched(judge: _Judge) -> bool:
    """Words of pooling count in a text that searched the literature or pooled trials."""
    return bool(
        "review" in judge.kinds
        or "systematic_review" in judge.kinds
        or judge.word("systematic_title", _TITLE)
        or judge.word("systematic_text")
    )


def _people(judge: _Judge) -> Design | None:
    """Studies of people. Samples of patients beside animals or cell experiments do not make one."""
    kinds = judge.kinds
    if "randomised_trial" in kinds and (judge.subjects.human or not judge.animals):
        return judge.by_type("randomised_trial", "randomised_trial")
    if "controlled_trial" in kinds and not (judge.animals and not judge.subjects.human):
        return judge.by_type("controlled_trial", "controlled_trial")
    if "trial" in kinds:
        found = _trial(judge)
        return judge.by_type(found.design, "trial", *found.reasons)
    if "case_report" in kinds:
        return judge.by_type("case_report", "case_report")
    if "observational" in kinds:
        return judge.by_type("observational", "observational")
    if match := judge.word("case_title", _TITLE) or judge.word("case_text"):
        return judge.by_word("case_report", match)
    if not judge.subjects.human or (judge.animals and not _mostly_people(judge)):
        return None
    strong = (
        judge.word("in_vitro") or judge.word("cell_work_strong") or judge.word("in_vivo")
    ) and not judge.word("trial_strong", _ACTION)
    if (match := judge.word("trial", _ACTION)) and not strong:
        found = _trial(judge)
        return Design(
            found.design,
            (f'people were treated: "{match[0]}"', *found.reasons),
            (Quote("design", match.start(), match.end(), match[0]),),
        )
    functional = strong or judge.word("cell_work", _RESULTS)
    ex_vivo = judge.word("ex_vivo_strong")
    # Cells beside samples of people are a second look where the title speaks of people.
    titled = (
        judge.word("people_title", _TITLE)
        and not judge.word("effect_title", _TITLE)
        and not judge.word("in_vivo")
    )
    if (titled or not functional) and not ex_vivo:
        match = judge.word("observational", _ACTION)
        return judge.by_word("observational", match) if match else None
    return None


def _mostly_people(judge: _Judge) -> bool:
    """Animals are named, but the title speaks of people and not of animals."""
    species = judge.words.species
    human = any(s.human and judge.scope.find(s.subjects, _TITLE) for s in species)
    animal = any(not s.human and judge.scope.find(s.subjects, _TITLE) for s in species)
    return human and not animal and judge.word("trial", _ACTION) is not None


def _trial(judge: _Judge) -> Design:
    for design, name in (
        ("single_arm_trial", "trial_single"),
        ("controlled_trial", None),
        ("randomised_trial", "trial_randomised"),
        ("controlled_trial", "trial_controlled"),
    ):
        if name is None:
            if judge.words.flags["randomised"][1].search(judge.scope.text):
                return Design(design, ("not randomised",))
            continue
        match = judge.word(name, _ACTION)
        if match and (design != "single_arm_trial" or not judge.word("trial_randomised", _ACTION)):
            return judge.by_word(design, match)
    return Design("single_arm_trial", ("no words for a comparison group",))


def _bench(judge: _Judge) -> Design:
    in_vitro = judge.word("in_vitro") or judge.word("cell_work_strong")
    ex_vivo, strong = judge.word("ex_vivo"), judge.word("ex_vivo_strong")
    in_vivo = judge.word("in_vivo")
    if strong and ex_vivo and not (in_vivo and judge.animals):
        return judge.by_word("ex_vivo", strong)
    if judge.animals or in_vivo:
        who = ", ".join(judge.animals) or "an unnamed animal"
        if in_vitro:
            return judge.by_word("animal_and_in_vitro", in_vitro, f"living {who}")
        quote = judge.subjects.quotes[:1]
        return Design("animal_in_vivo", (f"living {who}", "no words for cell culture"), quote)
    if ex_vivo:
        return judge.by_word("ex_vivo", ex_vivo)
    in_silico = judge.word("in_silico")
    if in_vitro:
        sign = judge.word("in_vivo_sign", ("result", "conclusion"))
        if sign:
            return judge.by_word("animal_and_in_vitro", sign, "no species named")
        return judge.by_word("in_vitro", in_vitro)
    if in_silico and not judge.word("laboratory"):
        return judge.by_word("in_silico", in_silico)
    own = judge.word("own_results")
    if own and (match := judge.word("in_vivo_sign", ("title", "result", "conclusion"))):
        # What was seen can be seen in living animals alone, whoever they were.
        why = "no species named"
        if judge.word("cell_work", _RESULTS):
            return judge.by_word("animal_and_in_vitro", match, why, "work on cells")
        return judge.by_word("animal_in_vivo", match, why)
    if judge.has_abstract and (match := judge.word("cell_work", _RESULTS)):
        return judge.by_word("in_vitro", match, "work on cells, no living subjects")
    if judge.subjects.human and (match := judge.word("observational", _ACTION)):
        return judge.by_word("observational", match)
    if own and (match := judge.word("laboratory")):
        return judge.by_word("in_vitro", match, "laboratory work without living subjects")
    if in_silico:
        return judge.by_word("in_silico", in_silico)
    if own and judge.subjects.human:
        return judge.by_word("observational", own, "people, and no word of a treatment")
    if own and judge.subjects.cells:
        return judge.by_word("in_vitro", own, "cells only")
    if judge.has_abstract and judge.talk >= _UNSURE:
        return Design("review", (NO_WORDS, f"written like a review ({judge.talk:.2f} of 1)"))
    return Design("other", (NO_WORDS,))
