"""Concepts of gold mentions: is the first concept that the linker names the gold's?

CRAFT: cells (CL), anatomy (UBERON), processes (GO) and chemicals (ChEBI) in a held-out third of its
full texts; contiguous mentions and those in pieces ("red and white [blood cells]") apart, the
pieces of the latter joined by a blank. BioRED (development part): diseases (MeSH), species and cell
lines. Its genes (NCBI Gene numbers) and chemicals (MeSH) have no counterpart in the term lists that
the knowledge base is made of and are not measured. A disease of ours carries a DOID where it has
one: such a concept counts as right when the term lists give the MeSH heading one of its names.
"Unlinked" is an answer, but in the lines of stage `linking` a wrong one; those of stage `linked`
count only what was linked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textmine.measure.corpora import ConceptText, Gold, read_biored, read_concepts
from textmine.measure.scores import Line, share
from textmine.reading.abbreviations import find_definitions
from textmine.reading.lexicon import Lexicon
from textmine.reading.linking import Linker
from textmine.reading.linking_names import normal
from textmine.reading.pipeline import build_pipeline
from textmine.reading.sentences import sentence_spans
from textmine.records import Concept

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["KINDS", "measure_linking"]

KINDS = {
    "CL": "CELL",
    "UBERON": "ANATOMY",
    "GO_BP": "PROCESS",
    "CHEBI": "CHEMICAL",
    "DiseaseOrPhenotypicFeature": "DISEASE",
    "OrganismTaxon": "ORGANISM",
    "CellLine": "CELL",
}
"""Kinds of gold concepts -> the label that the mention would have."""
_CRAFT = ("CL", "UBERON", "GO_BP", "CHEBI")
_BIORED = ("DiseaseOrPhenotypicFeature", "OrganismTaxon", "CellLine")


@dataclass(frozen=True, slots=True)
class Case:
    """A gold mention: where it is, its words, and what was said of it."""

    document: str
    text: str
    gold: Gold
    found: Concept | None
    right: bool


def measure_linking(
    data: Path | None, splits: Sequence[str] = ("dev",), model: str = "default"
) -> list[Line]:
    """Accuracy per vocabulary (all: split `dev`; the linker asks no model)."""
    if "dev" not in splits:
        return []
    linker = Linker(Lexicon.load())
    documents = list(read_concepts(data))
    craft = cases(linker, documents, _CRAFT)
    whole = [case for case in craft if case.gold.contiguous]
    lines = _lines("CRAFT, contiguous", whole, _CRAFT)
    new = [c for c in whole if not linker.memory.meant(KINDS[c.gold.kind], normal(c.text))]
    lines += _lines("CRAFT, forms not met in training", new)
    lines += _lines("CRAFT, in pieces", [c for c in craft if not c.gold.contiguous])
    lines += _lines("CRAFT, all", craft)
    lines.append(_nearest(linker, documents))
    biored = cases(linker, read_biored(data), _BIORED)
    lines += _lines("BioRED", biored, _BIORED)
    known = [c for c in biored if linker.ours(c.gold.curie, KINDS[c.gold.kind])]
    lines += _lines("BioRED, headings in the lists", known)
    return lines


def _nearest(linker: Linker, documents: Iterable[ConceptText]) -> Line:
    """What scispaCy's candidate generator answers alone: the concept with the nearest name."""
    gold = [
        (normal(text), KINDS[row.kind], row.curie)
        for document in documents
        for (text, _), row in asked_of(document, _CRAFT)
        if row.contiguous
    ]
    forms = sorted({form for form, _, _ in gold})
    best: dict[tuple[str, str], str] = {}
    for form, candidates in zip(forms, linker.generator(forms, linker.k), strict=True):
        ranked = sorted(candidates, key=lambda c: (-max(c.similarities), c.concept_id))
        for candidate in ranked:
            for label in linker.generator.kb.cui_to_entity[candidate.concept_id].types:
                best.setdefault((form, label), candidate.concept_id)
    right = sum(best.get((form, label)) == curie for form, label, curie in gold)
    what = "CRAFT, contiguous, scispaCy's nearest name"
    return Line("linking", what, "dev", share(right, len(gold)))


def asked_of(
    document: ConceptText, kinds: Iterable[str] = tuple(KINDS)
) -> list[tuple[tuple[str, str], Gold]]:
    """((words, label), gold) of the document's gold mentions of these kinds."""
    wanted = frozenset(kinds)
    return [
        ((" ".join(document.text[s:e] for s, e in gold.pieces), KINDS[gold.kind]), gold)
        for gold in document.concepts
        if gold.kind in wanted
    ]


def long_forms(text: str, nlp: Language) -> dict[str, str]:
    """What the short forms of a text stand for; of two meanings the last."""
    found = find_definitions(text, sentence_spans(text, ()), nlp)
    return {definition.form: text[slice(*definition.long)] for definition in found}


def cases(linker: Linker, documents: Iterable[ConceptText], kinds: Sequence[str]) -> list[Case]:
    """The linker's answer for every gold mention of these kinds."""
    nlp = build_pipeline()
    out = []
    for document in documents:
        rows = asked_of(document, kinds)
        answers = linker.link(
            [asked for asked, _ in rows], long_forms=long_forms(document.text, nlp)
        )
        for ((text, _), gold), concepts in zip(rows, answers, strict=True):
            found = concepts[0] if concepts else None
            right = found is not None and linker.same(found.curie, gold.curie)
            out.append(Case(document.id, text, gold, found, right))
    return out


def _lines(name: str, found: Sequence[Case], kinds: Sequence[str] = ()) -> list[Line]:
    rows: Mapping[str, list[Case]] = {
        name: list(found),
        **{f"{name}, {kind}": [c for c in found if c.gold.kind == kind] for kind in kinds},
    }
    lines = []
    for what, kept in rows.items():
        misses = tuple(
            f"{c.document} {c.text!r}: {c.found.curie if c.found else None}, gold {c.gold.curie}"
            for c in kept
            if not c.right
        )
        right = sum(c.right for c in kept)
        lines.append(Line("linking", what, "dev", share(right, len(kept)), misses))
        linked = sum(c.found is not None for c in kept)
        lines.append(Line("linked", what, "dev", share(right, linked)))
    return lines
