"""Writes docs/contract.md from the schemas, and notes their hashes under the contract's version.

python -m textmine.stores.contract_docs                 the page
python -m textmine.stores.contract_docs --freeze 1.1    and the hashes, for a new version
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from textmine.stores.schemas import CONTRACT, fingerprint, schema, schema_names, version
from textmine.stores.tables import Table, tables

__all__ = ["breaking", "current_hashes", "page"]

LINES = ("article", "annotated", "study_card", "claim", "finding", "verdict", "decision", "event")

_HEAD = """# The contract of the stores

*Made from `textmine/stores/contract/` by `python -m textmine.stores.contract_docs`; do not edit.*

Version {version}. What stands here holds in every backend: the tables of SQLite and PostgreSQL, the columns of Parquet, the keys of JSON lines. Nothing of textmine
is needed to read it: [JSON Schemas](../textmine/stores/contract/) with an example of each under `contract/examples/`.

**Compatibility.** Within a major version a minor one may add: a table, a nullable column, an optional key, a word to a description. Readers pass over what they do not
know. A new major version is needed to remove or rename anything, to change a type or a key, to make something required, to narrow or to widen the words that a column may
hold, or to change what a value means. A schema that changes without its version fails a test (`contract/versions.json` keeps the hashes); `breaking()` in
`textmine/stores/contract_docs.py` says which of the two a change is. Stores are migrated by name when they are opened; a store of a newer textmine is refused.

**Conventions.** Offsets are code points into the article's `text`, end exclusive. Columns marked *JSON* hold JSON as text: a line format of that name, a list or an object.
`superseded_by` is null while a row is current. In text columns NUL and lone surrogates stand as `\\u0000` and so on (a backslash before such letters as `\\u005c`);
within JSON they are JSON's own escapes. Booleans are 0 and 1 in SQLite.
"""  # noqa: E501


def page() -> str:
    """The whole page."""
    parts = [_HEAD.format(version=version())]
    for card in (1, 2):
        parts.append(f"## {schema(f'card{card}')['title'].capitalize()}\n")
        parts += [_table(t) for t in tables().values() if t.card == card]
    parts.append("## Line formats\n")
    parts += [_line(name) for name in LINES]
    return "\n".join(parts)


def _table(table: Table) -> str:
    properties = schema(f"card{table.card}")["$defs"][table.name]["properties"]
    lines = [f"### `{table.name}`\n", f"{table.description} Key: {_code(table.key)}.\n"]
    lines += ["| column | type | what |", "|---|---|---|"]
    for column in table.columns:
        kind = column.kind + (" or null" if column.nullable else "")
        more = _limits(properties[column.name])
        if column.references:
            more.append(f"→ `{column.references}`")
        if column.json:
            more.append(f"*JSON: {column.json}*")
        text = "; ".join([column.description.rstrip("."), *more])
        lines.append(f"| `{column.name}` | {kind} | {_cell(text)} |")
    return "\n".join(lines) + "\n"


def _line(name: str) -> str:
    root = schema(name)
    lines = [f"### {name}\n", f"{root.get('description', '')}\n"]
    lines += ["| key | type | what |", "|---|---|---|"]
    for path, node, required in _keys(root, root, ""):
        text = "; ".join(filter(None, [node.get("description", "").rstrip("."), *_limits(node)]))
        kind = _kind(node, root) + ("" if required else ", optional")
        lines.append(f"| `{path}` | {kind} | {_cell(text)} |")
    return "\n".join(lines) + "\n"


def _keys(
    node: Mapping[str, Any], root: Mapping[str, Any], path: str
) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    for key, part in node.get("properties", {}).items():
        name = f"{path}.{key}" if path else key
        yield name, part, key in node.get("required", ())
        inner = _inner(part, root)
        if inner is not None:
            below, mark = inner
            yield from _keys(below, root, name + mark)


def _inner(
    node: Mapping[str, Any], root: Mapping[str, Any]
) -> tuple[Mapping[str, Any], str] | None:
    """The object that a key holds, or whose list it holds; None when it holds plain values."""
    if "$ref" in node:
        return _inner(root["$defs"][node["$ref"].removeprefix("#/$defs/")], root)
    for part in node.get("anyOf", ()):
        found = _inner(part, root)
        if found:
            return found
    if "properties" in node:
        return node, ""
    if isinstance(node.get("items"), dict):
        found = _inner(node["items"], root)
        return (found[0], "[]") if found else None
    return None


def _kind(node: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    if "$ref" in node:
        return _kind(root["$defs"][node["$ref"].removeprefix("#/$defs/")], root)
    if "anyOf" in node:
        return " or ".join(_kind(part, root) for part in node["anyOf"])
    if "enum" in node:
        return "string"
    kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
    return " or ".join("list" if k == "array" else k for k in kinds)


def _limits(node: Mapping[str, Any]) -> list[str]:
    out = []
    if "enum" in node:
        out.append("one of " + ", ".join(f"`{v}`" for v in node["enum"] if v is not None))
    if "minimum" in node and "maximum" in node:
        out.append(f"{node['minimum']} to {node['maximum']}")
    if "pattern" in node:
        out.append(f"matches `{node['pattern']}`")
    return out


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _code(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


# --- versions ---------------------------------------------------------------------------------


def current_hashes() -> dict[str, str]:
    """The hash of every schema as it lies there."""
    return {name: fingerprint(schema(name)) for name in schema_names()}


def breaking(old: Mapping[str, Any], new: Mapping[str, Any], path: str = "$") -> list[str]:
    """What in `new` needs a new major version; [] when a minor one (or none) will do."""
    wrong: list[str] = []
    before, after = old.get("properties", {}), new.get("properties", {})
    for key in before:
        if key not in after:
            wrong.append(f"{path}.{key} was removed")
        else:
            wrong += breaking(before[key], after[key], f"{path}.{key}")
    wrong += [
        f"{path}.{key} became required"
        for key in new.get("required", ())
        if key not in old.get("required", ()) and not _new_column(key, before, after, path)
    ]
    for key in old.get("$defs", {}):
        if key not in new.get("$defs", {}):
            wrong.append(f"$defs.{key} was removed")
        else:
            wrong += breaking(old["$defs"][key], new["$defs"][key], f"$defs.{key}")
    whole = {"properties", "required", "$defs", "description", "title", "$id", "items", "anyOf"}
    wrong += [
        f"{path}: {key} changed"
        for key in sorted((set(old) | set(new)) - whole)
        if old.get(key) != new.get(key)
    ]
    for key in ("items", "anyOf"):
        one, two = old.get(key), new.get(key)
        if isinstance(one, dict) and isinstance(two, dict):
            wrong += breaking(one, two, f"{path}[]")
        elif one != two:
            wrong.append(f"{path}: {key} changed")
    return wrong


def _new_column(key: str, before: Mapping[str, Any], after: Mapping[str, Any], path: str) -> bool:
    """A row names all its columns, so a new one is always "required": it may come if nullable."""
    if key in before or not path.startswith("$defs"):
        # A whole new table is a required key of its card.
        return path == "$" and key not in before and "$ref" in after.get(key, {}).get("items", {})
    kinds = after[key].get("type", [])
    return isinstance(kinds, list) and "null" in kinds


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--freeze"]:
        data = {"version": arguments[1], "schemas": current_hashes()}
        text = json.dumps(data, indent=1) + "\n"
        (CONTRACT / "versions.json").write_text(text, encoding="utf-8")
    docs = Path(__file__).resolve().parents[2] / "docs" / "contract.md"
    docs.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
