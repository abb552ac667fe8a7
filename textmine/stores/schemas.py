"""The contract: versioned JSON Schemas, read once, and a fast check of records against them.

The schemas under `contract/` are the only source. For the check each becomes a msgspec type, which
converts some thousand times faster than a general validator walks; a test holds the two to the same
answers. What a type cannot say (`uniqueItems`, `if`) stands in `textmine.stores.rows`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union

import msgspec

from textmine.errors import ContractViolation

__all__ = ["CONTRACT", "check_line", "fingerprint", "schema", "schema_names", "type_of", "version"]

CONTRACT = Path(__file__).resolve().parent / "contract"


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema called `name`: article, annotated, claim, finding, card1, ..."""
    data: dict[str, Any] = json.loads(
        (CONTRACT / f"{name}.schema.json").read_text(encoding="utf-8")
    )
    return data


def schema_names() -> list[str]:
    return sorted(p.name.removesuffix(".schema.json") for p in CONTRACT.glob("*.schema.json"))


@cache
def _versions() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((CONTRACT / "versions.json").read_text(encoding="utf-8"))
    return data


def version() -> str:
    """The contract's version, "major.minor"."""
    number: str = _versions()["version"]
    return number


def fingerprint(data: Mapping[str, Any]) -> str:
    """A hash of what a schema says: white space and descriptions are left out."""

    def bare(node: Any, names: bool = False) -> Any:
        # Below `properties` and `$defs` the keys are names, "description" too.
        if isinstance(node, dict):
            return {
                key: bare(value, not names and key in ("properties", "$defs"))
                for key, value in node.items()
                if names or key != "description"
            }
        return [bare(value) for value in node] if isinstance(node, list) else node

    text = json.dumps(bare(data), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _line_type(name: str) -> Any:
    return type_of(schema(name))


@cache
def _decoder(name: str) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_line_type(name))


def check_line(kind: str, name: str, line: Mapping[str, Any] | bytes) -> None:
    """ContractViolation names the record, the place in it and the rule that it breaks.

    `line` may be JSON already, which is checked faster.
    """
    try:
        if isinstance(line, bytes):
            _decoder(kind).decode(line)
        else:
            msgspec.convert(line, _line_type(kind))
    except msgspec.ValidationError as error:
        raise ContractViolation(
            f"{kind} {name} breaks the contract: {error} (contract {version()}, "
            f"{kind}.schema.json). Nothing of this run was stored."
        ) from None


# --- JSON Schema -> msgspec -------------------------------------------------------------------


# Types that are made at run time: to a type checker these are plain values.
_LIST: Any = list
_TUPLE: Any = tuple
_DICT: Any = dict


def type_of(root: Mapping[str, Any]) -> Any:
    """The msgspec type of a schema, for the part of JSON Schema that the contract uses."""
    made: dict[str, Any] = {}

    def build(node: Mapping[str, Any], name: str) -> Any:
        if "$ref" in node:
            key = node["$ref"].removeprefix("#/$defs/")
            if key not in made:
                made[key] = build(root["$defs"][key], key)
            return made[key]
        if "anyOf" in node:
            return Union[tuple(build(part, name) for part in node["anyOf"])]  # noqa: UP007
        if "enum" in node:
            return Literal[tuple(node["enum"])]
        kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
        return Union[tuple(_one(kind, node, name) for kind in kinds)]  # noqa: UP007

    def _one(kind: str, node: Mapping[str, Any], name: str) -> Any:
        if kind == "object":
            return _object(node, name)
        if kind == "array":
            return _array(node, name)
        if kind == "string":
            meta = {
                "min_length": node.get("minLength"),
                "pattern": node.get("pattern"),
            }
            return _with(str, meta)
        if kind in ("integer", "number"):
            bounds = {"ge": node.get("minimum"), "le": node.get("maximum")}
            return _with(int if kind == "integer" else float, bounds)
        return {"boolean": bool, "null": None}[kind]

    def _array(node: Mapping[str, Any], name: str) -> Any:
        if "prefixItems" in node:
            parts = tuple(build(part, name) for part in node["prefixItems"])
            return _TUPLE[parts]
        items = build(node["items"], f"{name}_item") if "items" in node else Any
        bounds = {"min_length": node.get("minItems"), "max_length": node.get("maxItems")}
        return _with(_LIST[items], bounds)

    def _object(node: Mapping[str, Any], name: str) -> Any:
        if "properties" not in node:
            key: Any = str
            if "propertyNames" in node:
                key = Literal[tuple(node["propertyNames"]["enum"])]
            value = node.get("additionalProperties", True)
            return _DICT[key, build(value, name) if isinstance(value, dict) else Any]
        required = set(node.get("required", ()))
        fields: list[Any] = []
        for key, part in node["properties"].items():
            kind = build(part, f"{name}_{key}")
            if key in required:
                fields.append((key, kind))
            else:
                fields.append((key, Union[kind, msgspec.UnsetType], msgspec.UNSET))  # noqa: UP007
        return msgspec.defstruct(
            name,
            fields,
            kw_only=True,
            gc=False,  # made, looked at, dropped: a line holds no cycle
            forbid_unknown_fields=node.get("additionalProperties") is False,
        )

    return build(root, str(root.get("title", "Row")).replace(" ", "_"))


def _with(kind: Any, meta: Mapping[str, Any]) -> Any:
    told = {key: value for key, value in meta.items() if value is not None}
    return Annotated[kind, msgspec.Meta(**told)] if told else kind
