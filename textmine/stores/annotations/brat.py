"""brat standoff: ID.txt and ID.ann. https://brat.nlplab.org/standoff.html

Mentions are entities (T), relations are events (E) on the trigger cue where there is one, else
binary relations (R) with a note (#); direction, certainty and role are attributes (A), concepts are
normalisations (N).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from textmine.records import Annotated, Mention, Relation
from textmine.stores.annotations import Source, printable, write_each

__all__ = ["brat", "export_brat"]


def export_brat(store: Source, folder: Path) -> dict[str, int]:
    """Writes ID.txt and ID.ann for every article."""

    def files(annotated: Annotated) -> Iterator[tuple[str, str]]:
        yield ".txt", printable(annotated.article.text)
        yield ".ann", brat(annotated)

    return {"articles": write_each(store, folder, files)}


def brat(annotated: Annotated) -> str:
    """The .ann file of one article."""
    text = printable(annotated.article.text)
    names = {m.id: f"T{n}" for n, m in enumerate(annotated.mentions, 1)}
    lines = [_entity(names[m.id], m.label, m.start, m.end, text) for m in annotated.mentions]
    lines += list(_concepts(annotated.mentions, names))
    triggers: dict[tuple[int, int], str] = {}
    attributes = 0
    for number, relation in enumerate(annotated.relations, 1):
        trigger = next((c for c in relation.cues if c.kind == "trigger"), None)
        arguments = [
            f"{role.capitalize()}:{names[key]}"
            for role in ("subject", "object", "mediator", "outcome", "context")
            if (key := getattr(relation, role)) is not None
        ]
        if trigger is not None:
            place = (trigger.start, trigger.end)
            if place not in triggers:
                triggers[place] = f"T{len(names) + len(triggers) + 1}"
                lines.append(_entity(triggers[place], "Trigger", *place, text))
            name = f"E{number}"
            kind = f"{_word(relation.predicate)}:{triggers[place]}"
            lines.append(f"{name}\t{' '.join([kind, *arguments])}")
        elif relation.subject is not None:
            name = f"R{number}"
            ends = f"Arg1:{names[relation.subject]} Arg2:{names[relation.object]}"
            lines.append(f"{name}\t{_word(relation.predicate)} {ends}")
        else:
            continue
        if name.startswith("R"):
            # brat has no attributes on binary relations; a note says the same.
            words = ", ".join(_attributes(relation)).lower()
            lines.append(f"#{number}\tAnnotatorNotes {name}\t{words}")
            continue
        for attribute in _attributes(relation):
            attributes += 1
            kind, _, value = attribute.partition(" ")
            lines.append(f"A{attributes}\t{kind} {name} {value}".rstrip())
    return "".join(f"{line}\n" for line in lines)


def _entity(name: str, kind: str, start: int, end: int, text: str) -> str:
    """A line break inside a span splits it, for a line of the file holds one span."""
    pieces = []
    at = start
    for part in re.split(r"([\n\t])", text[start:end]):
        if part not in ("\n", "\t") and part:
            pieces.append((at, at + len(part), part))
        at += len(part)
    spans = ";".join(f"{first} {last}" for first, last, _ in pieces)
    return f"{name}\t{kind} {spans}\t{' '.join(part for _, _, part in pieces)}"


def _concepts(mentions: tuple[Mention, ...], names: dict[str, str]) -> Iterator[str]:
    number = 0
    for mention in mentions:
        for concept in mention.concepts[:1]:
            number += 1
            curie = re.sub(r"\s", "_", printable(concept.curie))
            label = re.sub(r"[\t\n]", " ", printable(concept.name))
            yield f"N{number}\tReference {names[mention.id]} {curie}\t{label}"


def _attributes(relation: Relation) -> Iterator[str]:
    yield f"Direction {relation.direction}"
    yield f"Certainty {relation.certainty}"
    yield f"Role {relation.role}"
    if relation.negated:
        yield "Negated"


def _word(name: str) -> str:
    return name.capitalize()
