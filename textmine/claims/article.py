"""A claims file -> Claims: TOML for people, JSON lines for programs.

The TOML format is described in docs/claims.md. A line is {"id", "statement"} with optional
"articles" (check exactly these), "section", "frame", "kind", "checkable", "why". Claims without a
frame get one from their statement later (`textmine.claims.frame.framed`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from textmine.config import read_toml
from textmine.errors import ConfigError, MalformedRecord
from textmine.lines import read_lines
from textmine.records import COMPARISONS, DIRECTIONS, PREDICATES, Claim, Frame

__all__ = ["CHECKABLE", "KINDS", "load_claims", "toml_of"]

KINDS = (
    "mechanistic", "efficacy", "comparative", "manufacturing", "clinical_status", "methodological",
)  # fmt: skip
CHECKABLE = ("yes", "partly", "no")

_FRAME_LISTS = ("subject", "object", "mediator", "context", "comparator")
_FRAME_KEYS = frozenset({*_FRAME_LISTS, "predicate", "direction", "chain", "denied"})
_CLAIM_KEYS = frozenset(
    {
        "id", "statement", "section", "frame", "kind", "checkable", "why",
        "queries_for", "queries_against", "articles",
    }
)  # fmt: skip
_FILE_KEYS = frozenset({"title", "description", "claim", "queries"})
_BLOCK = re.compile(r"\{(\w+)\}")


def load_claims(path: str | Path) -> tuple[Claim, ...]:
    """The claims of a `.toml` file or of JSON lines, in their order.

    Raises ConfigError naming the file, the claim or line, and the field that cannot be used.
    """
    name = str(path)
    claims = _from_toml(Path(path)) if name.endswith(".toml") else _from_lines(name)
    if not claims:
        raise ConfigError(f"{name} holds no claims. Add [[claim]] tables or lines of JSON.")
    seen: set[str] = set()
    for claim in claims:
        if claim.id in seen:
            raise ConfigError(
                f"{name}: the claim id {claim.id!r} is used twice. Give each its own."
            )
        seen.add(claim.id)
    return tuple(claims)


def _from_toml(path: Path) -> list[Claim]:
    data = read_toml(path)
    _known(data, _FILE_KEYS, str(path))
    blocks = data.get("queries", {})
    if not isinstance(blocks, dict) or not all(isinstance(v, str) for v in blocks.values()):
        raise ConfigError(f"{path}: [queries] must hold named pieces of text.")
    tables = data.get("claim", [])
    if not isinstance(tables, list):
        raise ConfigError(f"{path}: write claims as [[claim]] tables (with two brackets).")
    claims = []
    for number, table in enumerate(tables, 1):
        where = f"{path}: claim {table.get('id', f'number {number}')}"
        claims.append(_claim(table, where, blocks))
    return claims


def _from_lines(path: str) -> list[Claim]:
    claims = []
    for number, data in read_lines(path):
        if isinstance(data, MalformedRecord):
            raise ConfigError(
                f"{data} A claims file is TOML (.toml) or lines such as "
                '{"id": "C1", "statement": "..."}.'
            )
        claims.append(_claim(data, f"{path}, line {number}", {}))
    return claims


def _known(data: Mapping[str, Any], keys: frozenset[str], where: str) -> None:
    if unknown := sorted(set(data) - keys):
        raise ConfigError(
            f"{where}: unknown field {', '.join(map(repr, unknown))}. There are: "
            f"{', '.join(sorted(keys))}."
        )


def _claim(data: Mapping[str, Any], where: str, blocks: Mapping[str, str]) -> Claim:
    _known(data, _CLAIM_KEYS, where)
    identity = data.get("id")
    if isinstance(identity, int) and not isinstance(identity, bool):
        identity = str(identity)
    if not isinstance(identity, str) or not identity.strip():
        raise ConfigError(f'{where}: field "id" is missing or no text.')
    statement = data.get("statement")
    if not isinstance(statement, str) or not statement.strip():
        raise ConfigError(f'{where}: field "statement" is missing or empty. Write one sentence.')
    articles = data.get("articles")
    kind = _choice(data.get("kind", "mechanistic"), KINDS, where, "kind")
    frame = data.get("frame")
    return Claim(
        id=identity,
        statement=" ".join(statement.split()),
        section=_text(data, "section", where),
        frame=None if frame is None else _frame(frame, kind, where),
        checkable=_choice(data.get("checkable", "yes"), CHECKABLE, where, "checkable"),
        why=_text(data, "why", where),
        queries_for=_queries(data, "queries_for", where, blocks),
        queries_against=_queries(data, "queries_against", where, blocks),
        articles=None if articles is None else _ids(articles, where),
    )


def _frame(data: Any, kind: str, where: str) -> Frame:
    where = f"{where}, frame"
    if not isinstance(data, dict):
        raise ConfigError(f'{where}: field "frame" must be a table (an object).')
    # A frame that textmine wrote itself carries its kind.
    kind = _choice(data.get("kind", kind), KINDS, where, "kind")
    _known({k: v for k, v in data.items() if k != "kind"}, _FRAME_KEYS, where)
    predicate = _choice(data.get("predicate", "regulates"), PREDICATES, where, "predicate")
    compared = predicate == "compared_with"
    direction = _choice(
        data.get("direction", "differs" if compared else "unspecified"),
        COMPARISONS if compared else DIRECTIONS,
        where,
        "direction",
    )
    lists = {key: _words(data.get(key, ()), where, key) for key in _FRAME_LISTS}
    if compared and not lists["comparator"]:
        raise ConfigError(f'{where}: a comparison needs the field "comparator".')
    chain = _chain(data.get("chain", ()), kind, where)
    if chain:
        # Unless it is told otherwise, a chain goes from its first link to its last.
        lists["subject"] = lists["subject"] or chain[0].subject
        lists["object"] = lists["object"] or chain[-1].object
        if "direction" not in data:
            direction = chain[-1].direction
    denied = data.get("denied", False)
    if not isinstance(denied, bool):
        raise ConfigError(f'{where}: field "denied" must be true or false, not {denied!r}.')
    return Frame(
        predicate=predicate, direction=direction, kind=kind, **lists, chain=chain, denied=denied
    )


def _chain(links: Any, kind: str, where: str) -> tuple[Frame, ...]:
    if not isinstance(links, list | tuple):
        raise ConfigError(f'{where}: field "chain" must be a list of frames, one for each link.')
    if len(links) == 1:
        raise ConfigError(f"{where}: a chain has two links or more; write a single one as frame.")
    frames = tuple(_frame(link, kind, f"{where}, link {n}") for n, link in enumerate(links, 1))
    for number, frame in enumerate(frames, 1):
        if frame.chain:
            raise ConfigError(f"{where}, link {number}: a link cannot be a chain itself.")
        if not frame.subject or not frame.object:
            raise ConfigError(f"{where}, link {number}: a link needs a subject and an object.")
    return frames


def _choice(value: Any, allowed: Sequence[str], where: str, field: str) -> str:
    if value not in allowed:
        raise ConfigError(f"{where}: {field} = {value!r} is not one of {', '.join(allowed)}.")
    return str(value)


def _text(data: Mapping[str, Any], key: str, where: str) -> str | None:
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise ConfigError(f'{where}: field "{key}" must be text, not {value!r}.')
    return value


def _words(value: Any, where: str, key: str) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list | tuple) or not all(
        isinstance(v, str) and v.strip() for v in values
    ):
        raise ConfigError(f'{where}: field "{key}" must be a list of words, not {value!r}.')
    return tuple(" ".join(v.split()) for v in values)


def _ids(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(
        isinstance(v, str | int) and not isinstance(v, bool) for v in value
    ):
        raise ConfigError(f'{where}: field "articles" must be a list of article ids.')
    return tuple(dict.fromkeys(str(v) for v in value))


def _queries(
    data: Mapping[str, Any], key: str, where: str, blocks: Mapping[str, str]
) -> tuple[str, ...]:
    """Queries with `{name}` replaced by the file's [queries] pieces."""
    out = []
    for query in _words(data.get(key, ()), where, key):
        for name in _BLOCK.findall(query):
            if name not in blocks:
                raise ConfigError(
                    f'{where}: field "{key}" names {{{name}}}, which the [queries] table lacks.'
                )
        out.append(_BLOCK.sub(lambda found: blocks[found[1]], query))
    return tuple(out)


def toml_of(claims: Sequence[Claim], *, notes: Mapping[str, str] | None = None) -> str:
    """The claims as TOML that `load_claims` reads back; `notes` (by claim id) become comments."""
    parts = []
    for claim in claims:
        lines = ["[[claim]]", f"id = {_quoted(claim.id)}"]
        if claim.section:
            lines.append(f"section = {_quoted(claim.section)}")
        lines.append(f"statement = {_quoted(claim.statement)}")
        frame = claim.frame
        if frame is not None:
            lines.append(f"kind = {_quoted(frame.kind)}")
        lines.append(f"checkable = {_quoted(claim.checkable)}")
        if claim.why:
            lines.append(f"why = {_quoted(claim.why)}")
        lines += [
            f"{key} = {_list(values)}"
            for key in ("queries_for", "queries_against", "articles")
            if (values := getattr(claim, key))
        ]
        if frame is not None:
            lines += ["[claim.frame]", *_frame_lines(frame)]
            for link in frame.chain:
                lines += ["[[claim.frame.chain]]", *_frame_lines(link)]
        if notes and claim.id in notes:
            lines.insert(0, "\n".join(f"# {line}" for line in notes[claim.id].splitlines()))
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _frame_lines(frame: Frame) -> Iterator[str]:
    for key in ("subject", "predicate", "direction", *_FRAME_LISTS[1:]):
        value = getattr(frame, key)
        if isinstance(value, str):
            yield f"{key} = {_quoted(value)}"
        elif value:
            yield f"{key} = {_list(value)}"
    if frame.denied:
        yield "denied = true"


def _list(values: Sequence[str]) -> str:
    return "[" + ", ".join(_quoted(v) for v in values) + "]"


def _quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return (
        '"'
        + "".join(c if ord(c) >= 32 and ord(c) != 127 else f"\\u{ord(c):04x}" for c in escaped)
        + '"'
    )
