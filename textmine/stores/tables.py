"""The tables of both cards, as the contract gives them: columns, types, keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from textmine.errors import ContractViolation
from textmine.stores.schemas import schema, type_of, version

__all__ = ["TABLES", "Column", "Row", "Table", "check_row", "table", "tables"]

Row = tuple[Any, ...]

# Parents stand before what refers to them: rows are written in this order.
TABLES = (
    "run", "run_article", "claim", "article", "study_card", "event", "finding", "quote", "verdict",
    "grade", "decision", "concept", "edge", "edge_evidence", "change",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """`kind`: text, integer, real or boolean. `json`: what the text is as JSON, if it is."""

    name: str
    kind: str
    nullable: bool
    references: str | None
    json: str | None
    description: str


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    card: int
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    description: str
    names: tuple[str, ...]
    places: Mapping[str, int]
    key_places: tuple[int, ...]

    def place(self, column: str) -> int:
        return self.places[column]

    def key_of(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple([row[place] for place in self.key_places])

    def as_dict(self, row: Sequence[Any]) -> dict[str, Any]:
        return dict(zip(self.names, row, strict=True))


_KINDS = {"string": "text", "integer": "integer", "number": "real", "boolean": "boolean"}


@cache
def tables() -> Mapping[str, Table]:
    """Every table by name, in the order of TABLES."""
    found = {t.name: t for card in (1, 2) for t in _of_card(card)}
    return {name: found[name] for name in TABLES}


def table(name: str) -> Table:
    return tables()[name]


def _of_card(card: int) -> Iterator[Table]:
    for name, node in schema(f"card{card}")["$defs"].items():
        columns = tuple(_column(key, part) for key, part in node["properties"].items())
        places = {column.name: number for number, column in enumerate(columns)}
        yield Table(
            name=name,
            card=card,
            key=tuple(node["x-key"]),
            columns=columns,
            description=node["description"],
            names=tuple(places),
            places=places,
            key_places=tuple(places[key] for key in node["x-key"]),
        )


def _column(name: str, node: Mapping[str, Any]) -> Column:
    kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
    return Column(
        name=name,
        kind=_KINDS[kinds[0]],
        nullable="null" in kinds,
        references=node.get("x-references"),
        json=node.get("x-json"),
        description=node["description"],
    )


@cache
def _row_type(name: str) -> Any:
    return type_of({**schema(f"card{table(name).card}")["$defs"][name], "title": name})


def check_row(name: str, row: Sequence[Any]) -> None:
    """ContractViolation names the row and the rule that it breaks."""
    place = table(name)
    try:
        msgspec.convert(place.as_dict(row), _row_type(name))
    except msgspec.ValidationError as error:
        key = ", ".join(map(str, place.key_of(row)))
        raise ContractViolation(
            f"{name} {key} breaks the contract: {error} (contract {version()}, "
            f"card{place.card}.schema.json). Nothing of this run was stored."
        ) from None
