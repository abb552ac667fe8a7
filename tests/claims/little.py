"""A small lexicon, its value tables, and one-line articles, so that a test says all it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from textmine.claims.values import Values, load_values
from textmine.errors import ConfigError
from textmine.records import (
    Annotated,
    Article,
    Claim,
    Concept,
    Frame,
    Mention,
    Passage,
    PublicationType,
    Relation,
    Sentence,
    Status,
    StudyCard,
)


@dataclass(frozen=True)
class Entry:
    curie: str
    name: str
    source: str = "curated"


PARENTS = {
    "x:ev": (), "x:msc_ev": ("x:ev",), "x:nk_ev": ("x:ev",), "x:generic": ("x:ev",),
    "x:cell": (), "x:msc": ("x:cell",), "x:hep": ("x:cell",), "x:aml12": ("x:hep",),
    "x:hsc": ("x:cell",), "x:apoptosis": (), "x:growth": (), "x:activation": (), "x:caspase": (),
    "x:bcl2": (), "x:sma": (), "x:fibrosis": (), "x:liver_fibrosis": ("x:fibrosis",),
    "x:survival": (), "x:mortality": ("x:survival",), "x:alt": (), "x:liver": (), "x:harm": (),
    "x:mir": (), "x:mir/122": ("x:mir",), "x:saline": (),
}  # fmt: skip
NAMES = {
    "vesicles": "x:msc_ev", "nk vesicles": "x:nk_ev", "exosomes": "x:generic", "mscs": "x:msc",
    "hepatocytes": "x:hep", "aml12 cells": "x:aml12", "stellate cells": "x:hsc",
    "apoptosis": "x:apoptosis", "growth": "x:growth", "activation": "x:activation",
    "caspase": "x:caspase", "bcl-2": "x:bcl2", "α-sma": "x:sma", "fibrosis": "x:fibrosis",
    "liver fibrosis": "x:liver_fibrosis", "survival": "x:survival", "mortality": "x:mortality",
    "alt": "x:alt", "liver": "x:liver", "harm": "x:harm", "mir-122": "x:mir/122",
    "saline": "x:saline",
}  # fmt: skip
LABELS = {
    "x:msc_ev": "VESICLE", "x:nk_ev": "VESICLE", "x:generic": "VESICLE", "x:msc": "CELL",
    "x:hep": "CELL", "x:aml12": "CELL", "x:hsc": "CELL", "x:apoptosis": "PROCESS",
    "x:growth": "PROCESS", "x:activation": "PROCESS", "x:fibrosis": "DISEASE",
    "x:liver_fibrosis": "DISEASE", "x:survival": "OUTCOME", "x:mortality": "OUTCOME",
    "x:liver": "ANATOMY", "x:harm": "PROCESS", "x:mir/122": "MIRNA", "x:saline": "INTERVENTION",
}  # fmt: skip
TABLES = """
[generic]
"x:generic" = "x:ev"
[[origin]]
from = "x:msc"
gives = "x:msc_ev"
[[short]]
word = "x:fibrosis"
means = "x:liver_fibrosis"
where = "x:liver"
[[worded]]
what = "x:survival"
words = ['mortality']
sign = -1
[variant]
control = ['saline']
modified = ['primed']
native = ['native']
disabled = ['KD']
[[indirect]]
instead_of = ["x:msc_ev"]
found = ["x:msc"]
head = "whole_cells"
reason = "cells"
[[indirect]]
instead_of = ["x:msc_ev"]
found = ["x:nk_ev"]
head = "foreign_vesicle"
reason = "others"
[value]
labels = { DISEASE = -1 }
less_is_good = ["alt"]
more_is_good = ["survival"]
[[depends]]
what = ["apoptosis"]
less_is_good_in = ["hepatocytes"]
more_is_good_in = ["stellate cells"]
[[readout]]
of = ["apoptosis"]
same = ["caspase"]
opposite = ["bcl-2"]
[[readout]]
of = ["activation in stellate cells"]
same = ["α-sma"]
"""


class Words:
    """A lexicon of a few words."""

    def parents(self, curie: str) -> Sequence[str]:
        return PARENTS.get(curie, ())

    def concept(self, curie: str) -> Entry:
        if curie not in PARENTS:
            raise ConfigError(f"no {curie}")
        return Entry(curie, curie.partition(":")[2])

    def find(self, name: str) -> Sequence[Entry]:
        curie = NAMES.get(name.casefold())
        return (Entry(curie, name),) if curie else ()


def tables(folder: Path) -> Values:
    path = folder / "values.toml"
    path.write_text(TABLES, encoding="utf-8")
    return load_values(path, Words())


def claim(
    direction: str = "decreases",
    object: Sequence[str] = ("apoptosis in hepatocytes",),
    subject: Sequence[str] = ("vesicles",),
    predicate: str = "regulates",
    **frame: Sequence[str],
) -> Claim:
    read = Frame(
        subject=tuple(subject),
        predicate=predicate,
        direction=direction,
        object=tuple(object),
        **{k: tuple(v) for k, v in frame.items()},
    )
    return Claim(id="C1", statement="A claim.", frame=read)


@dataclass(frozen=True)
class Said:
    """A sentence as a list of words; mentions are found by NAMES. `links` name words of it."""

    words: str
    subject: str | None = None
    object: str = ""
    direction: str = "decreases"
    predicate: str = "regulates"
    role: str = "result"
    certainty: str = "asserted"
    negated: bool = False
    context: str | None = None
    mediator: str | None = None
    outcome: str | None = None


def article(
    *said: Said,
    title: str = "A title.",
    types: Sequence[str] = (),
    status: Status | None = None,
    design: str = "other",
    id: str = "1",
    version: int = 1,
) -> Annotated:
    """An article whose sentences say what `said` says; a word may carry a prefix ("primed ...")."""
    text = title
    sentences = [Sentence(0, len(title), "title")]
    mentions: list[Mention] = []
    relations: list[Relation] = []
    _mentions(title, 0, mentions)
    for number, s in enumerate(said):
        start = len(text) + 1
        text += ("\n" if number == 0 else " ") + s.words
        sentences.append(Sentence(start, len(text), s.role))
        here: list[Mention] = []
        _mentions(s.words, start, here)
        mentions += here

        def key(word: str | None, here: list[Mention] = here) -> str | None:
            return next((m.id for m in here if m.text == word), None)

        if s.object:
            found = key(s.object)
            assert found, f"{s.object} is no mention of {s.words}"
            relations.append(
                Relation(
                    f"r{number}", key(s.subject), found, s.predicate, s.direction, s.negated,
                    s.certainty, s.role, key(s.mediator), (), (start, len(text)), 1.0,
                    outcome=key(s.outcome), context=key(s.context),
                )
            )  # fmt: skip
    passages = [Passage("title", 0, len(title))]
    if said:
        passages.append(Passage("abstract", len(title) + 1, len(text)))
    return Annotated(
        article=Article(
            id=id,
            text=text,
            pmid=id,
            version=version,
            passages=tuple(passages),
            publication_types=tuple(PublicationType(t) for t in types),
            status=status or Status(),
        ),
        sentences=tuple(sentences),
        mentions=tuple(mentions),
        relations=tuple(relations),
        study=StudyCard(design=design),
    )


def _mentions(words: str, offset: int, out: list[Mention]) -> None:
    taken: set[int] = set()
    low = words.casefold()
    names = sorted(NAMES, key=len, reverse=True)
    for name in names:
        for prefix in ("primed ", "native ", "kd ", ""):
            at = low.find(prefix + name)
            while at >= 0:
                end = at + len(prefix + name)
                if taken.isdisjoint(range(at, end)):
                    taken.update(range(at, end))
                    curie = NAMES[name]
                    out.append(
                        Mention(
                            f"m{offset + at}", offset + at, offset + end, words[at:end],
                            LABELS.get(curie, "GENE"), (Concept(curie, name),),
                        )
                    )  # fmt: skip
                at = low.find(prefix + name, end)
    out.sort(key=lambda m: m.start)


def opposite(one: Claim) -> Claim:
    """The claim that says the contrary."""
    assert one.frame is not None
    turn = {
        "increases": "decreases", "decreases": "increases",
        "superior": "inferior", "inferior": "superior",
    }  # fmt: skip
    return replace(one, frame=replace(one.frame, direction=turn[one.frame.direction]))
