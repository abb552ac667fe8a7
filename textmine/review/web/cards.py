"""The study card in rows: a name, what the abstract says, and the words it was read from."""

from __future__ import annotations

from dataclasses import dataclass

from textmine.records import Annotated, Quote

__all__ = ["Card", "CardRow", "card_rows"]

# The most telling first; a field that the abstract does not state is listed below the others.
_FIELDS = (
    "subjects", "species", "cell_species", "strains", "models", "n", "n_per_group", "arms",
    "comparators", "vesicle_source", "vesicle_cell", "vesicle_donor", "vesicle_state", "isolation",
    "characterisation", "markers", "dose", "route", "timing", "outcomes", "causal_test",
    "randomised", "blinded", "power_calculation", "dose_response", "registration", "effect_sizes",
    "p_values",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CardRow:
    name: str
    value: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """`record` is what the record says beside the abstract: funding, interests."""

    rows: tuple[CardRow, ...]
    not_reported: tuple[str, ...]
    record: tuple[tuple[str, str], ...]


def card_rows(annotated: Annotated) -> Card:
    study = annotated.study
    found: dict[str, list[Quote]] = {}
    for quote in study.quotes:
        found.setdefault(quote.field, []).append(quote)
    why = f" ({'; '.join(study.design_reasons)})" if study.design_reasons else ""
    design = f"{study.design.replace('_', ' ')}{why}"
    rows = [CardRow("design", design, tuple(found.get("design", ())))]
    for name in _FIELDS:
        value = getattr(study, name)
        if value is None or value == ():
            continue
        quotes = tuple(found.get(name, ()))
        rows.append(CardRow(name.replace("_", " "), _said(value), quotes))
    record = []
    if study.funding:
        record.append(("funding", "; ".join(study.funding)))
    if study.competing_interests:
        record.append(("competing interests", study.competing_interests))
    silent = tuple(name.replace("_", " ") for name in study.not_reported)
    return Card(tuple(rows), silent, tuple(record))


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
