"""The contract: valid, documented, with examples, and never changed in silence."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from textmine.errors import ContractViolation
from textmine.stores.base import open_store
from textmine.stores.contract_docs import breaking, current_hashes, page
from textmine.stores.schemas import CONTRACT, check_line, schema, schema_names, version
from textmine.stores.sql import SQLStore
from textmine.stores.sqlite import SQLiteStore
from textmine.stores.tables import check_row, table, tables

DOCS = Path(__file__).resolve().parents[2] / "docs" / "contract.md"
LINES = [name for name in schema_names() if not name.startswith("card")]


def example(name: str) -> Any:
    return json.loads((CONTRACT / "examples" / f"{name}.json").read_text(encoding="utf-8"))


def test_a_schema_does_not_change_without_its_version() -> None:
    kept = json.loads((CONTRACT / "versions.json").read_text(encoding="utf-8"))["schemas"]
    changed = sorted(
        n for n in {*kept, *current_hashes()} if kept.get(n) != current_hashes().get(n)
    )
    assert not changed, (
        f"{changed} changed and the contract's version is still {version()}. Is it a minor change "
        "or a major one (textmine.stores.contract_docs.breaking says)? Then note the new version: "
        "python -m textmine.stores.contract_docs --freeze MAJOR.MINOR"
    )


def test_the_page_is_made_from_the_schemas() -> None:
    assert DOCS.read_text(encoding="utf-8") == page(), "python -m textmine.stores.contract_docs"


@pytest.mark.parametrize("name", schema_names())
def test_every_schema_has_an_example(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    jsonschema.Draft202012Validator(schema(name)).validate(example(name))
    assert f"/{version().partition('.')[0]}/" in schema(name)["$id"]


def test_every_key_is_documented() -> None:
    text = page()
    for place in tables().values():
        assert all(f"| `{name}` |" in text for name in place.names)
        assert all(column.description for column in place.columns)


def test_json_in_columns_is_what_the_contract_says() -> None:
    for card in (1, 2):
        for name, rows in example(f"card{card}").items():
            assert rows, f"the example has no {name}"
            for row in rows:
                check_row(name, tuple(row.values()))
                for column in table(name).columns:
                    if column.json and row[column.name] is not None:
                        value = json.loads(row[column.name])
                        if column.json in LINES:
                            check_line(column.json, name, value)
                        else:
                            assert type(value).__name__ == {"object": "dict"}.get(
                                column.json, column.json
                            )


# --- what is a minor change, and what a major one


def change(work: Callable[[dict[str, Any]], object]) -> list[str]:
    new = copy.deepcopy(schema("card1"))
    work(new)
    return breaking(schema("card1"), new)


def test_minor_changes() -> None:
    column = {"type": ["string", "null"], "description": "new"}

    def nullable(new: dict[str, Any]) -> None:
        new["$defs"]["run"]["properties"]["host"] = column
        new["$defs"]["run"]["required"].append("host")

    def new_table(new: dict[str, Any]) -> None:
        new["$defs"]["extra"] = {"type": "object", "properties": {}}
        new["properties"]["extra"] = {"type": "array", "items": {"$ref": "#/$defs/extra"}}
        new["required"].append("extra")

    assert change(lambda new: None) == []
    assert change(nullable) == []
    assert change(new_table) == []
    assert change(lambda new: new["$defs"]["run"].update(description="else")) == []


def test_major_changes() -> None:
    run = "run"

    def needed(new: dict[str, Any]) -> None:
        new["$defs"][run]["properties"]["host"] = {"type": "string", "description": "new"}
        new["$defs"][run]["required"].append("host")

    assert change(lambda new: new["$defs"][run]["properties"].pop("at"))
    assert change(lambda new: new["$defs"].pop("grade"))
    assert change(needed) == ["$defs.run.host became required"]
    assert change(lambda new: new["$defs"][run]["properties"]["at"].update(type="integer"))
    assert change(lambda new: new["$defs"][run].update({"x-key": ["id", "at"]}))
    assert change(
        lambda new: new["$defs"]["finding"]["properties"]["stance"]["enum"].append("unclear")
    )


# --- the fast check says what a validator says


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, part in items:
        yield from places(part, (*path, key))


JUNK = st.sampled_from(
    [
        None,
        -1,
        0,
        2,
        0.5,
        1e9 + 0.5,
        "",
        "x",
        "supports",
        "GENE",
        True,
        [],
        [1],
        ["x"],
        {},
        {"a": 1},
    ]
)


@pytest.mark.parametrize("name", LINES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_fast_check_agrees_with_a_validator(name: str, data: st.DataObject) -> None:
    line = example(name)
    path = data.draw(st.sampled_from(sorted(places(line), key=repr)))
    if not path:
        return
    parent = line
    for key in path[:-1]:
        parent = parent[key]
    if data.draw(st.booleans()):
        parent[path[-1]] = data.draw(JUNK)
    else:
        del parent[path[-1]]
    # What a type cannot say is checked in textmine.stores.rows.
    errors = [
        e
        for e in jsonschema.Draft202012Validator(schema(name)).iter_errors(line)
        if e.validator != "uniqueItems" and "then" not in e.absolute_schema_path
    ]
    for form in (line, json.dumps(line).encode()):
        if errors:
            with pytest.raises(ContractViolation, match=f"{name}.schema.json"):
                check_line(name, "it", form)
        else:
            check_line(name, "it", form)


# --- the databases have the contract's columns


def test_sqlite_has_the_columns(tmp_path: Path) -> None:
    with SQLiteStore(tmp_path / "t.db") as store:
        for place in tables().values():
            rows = store._db.execute(f"PRAGMA table_info('{place.name}')").fetchall()
            found = {name: (kind, bool(needed or key)) for _, name, kind, needed, _, key in rows}
            kinds = {"text": "TEXT", "integer": "INTEGER", "real": "REAL", "boolean": "INTEGER"}
            wanted = {c.name: (kinds[c.kind], not c.nullable) for c in place.columns}
            assert found == wanted, place.name
            key = [row[1] for row in sorted(rows, key=lambda r: r[5]) if row[5]]
            assert key == list(place.key)


def test_postgresql_has_the_columns(postgres_url: Callable[[], str]) -> None:
    kinds = {"text": "text", "integer": "integer", "real": "double precision", "boolean": "boolean"}
    with open_store(postgres_url()) as store:
        assert isinstance(store, SQLStore)
        for place in tables().values():
            rows = store._database.read(
                "SELECT column_name, data_type, is_nullable = 'NO' FROM information_schema.columns "
                "WHERE table_schema = current_schema() AND table_name = ? ",
                (place.name,),
            )
            found = {name: (kind, needed) for name, kind, needed in rows if name != "words"}
            assert found == {c.name: (kinds[c.kind], not c.nullable) for c in place.columns}
