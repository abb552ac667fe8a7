"""Text as a column can hold it, and records as JSON text that is the same wherever it is written.

No database stores a lone surrogate and PostgreSQL stores no NUL. In columns they stand as the
escapes that JSON has for them (`\\u0000`); what looks like such an escape already has its backslash
escaped, so that the way back is unambiguous. In `data` they are JSON escapes by nature.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import fields
from typing import Any

import msgspec

from textmine.errors import ContractViolation
from textmine.records import Annotated, Article

__all__ = ["column_text", "digest", "fast_json", "plain_text", "short_json", "to_json", "words"]

_AWKWARD = re.compile("[\x00\ud800-\udfff]|\\\\(?=u[0-9a-f]{4})")
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_ARTICLE = tuple(f.name for f in fields(Article) if f.name != "extra")
_READING = tuple(f.name for f in fields(Annotated) if f.name != "article")
_WORD = re.compile(r"[^\W_]+")


def column_text(text: str) -> str:
    """The text as every backend can hold it; mostly the very same."""
    if not _AWKWARD.search(text):
        return text
    return _AWKWARD.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def plain_text(text: str) -> str:
    """What `column_text` was given."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "\\u" in text else text


def to_json(value: Any) -> str:
    """JSON without blanks, not escaped unless a lone surrogate asks for it."""
    try:
        text = _ENCODER.encode(value)
    except ValueError as error:
        raise ContractViolation(f"This is no JSON: {error}.") from None
    try:
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(value, separators=(",", ":"))
    return text


def fast_json(record: Any) -> bytes:
    """The same JSON as `to_json(as_json(record))` gives, ten times as fast.

    UnicodeEncodeError for a lone surrogate. For records without numbers that may be null: NaN would
    pass for null here.
    """
    if isinstance(record, Annotated):
        article = record.article
        line = {name: getattr(article, name) for name in _ARTICLE}
        line.update(article.extra)
        for name in _READING:
            line[name] = getattr(record, name)
        return msgspec.json.encode(line)
    return msgspec.json.encode(record)


def short_json(value: Any) -> str:
    """JSON of a part of a record without floats."""
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        return to_json(msgspec.to_builtins(value))


def digest(data: str) -> str:
    """16 hex digits of SHA-256: the name of a content."""
    return hashlib.sha256(data.encode()).hexdigest()[:16]


def words(text: str) -> list[str]:
    """The words of a text as search sees them: case and compatibility forms folded."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
