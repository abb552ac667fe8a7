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
from typing import Any

from textmine.errors import ContractViolation
from textmine.records import as_json

__all__ = ["column_text", "digest", "dump", "plain_text", "to_json", "words"]

_AWKWARD = re.compile("[\x00\ud800-\udfff]|\\\\(?=u[0-9a-f]{4})")
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")
_WORD = re.compile(r"[^\W_]+")


def column_text(text: str) -> str:
    """The text as every backend can hold it; mostly the very same."""
    return _AWKWARD.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def plain_text(text: str) -> str:
    """What `column_text` was given."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "\\u" in text else text


def to_json(value: Any) -> str:
    """JSON without blanks, not escaped unless a lone surrogate asks for it."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        raise ContractViolation(f"This is no JSON: {error}.") from None
    try:
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(value, separators=(",", ":"))
    return text


def dump(record: Any) -> str:
    """A record as the text of a `data` column."""
    return to_json(as_json(record))


def digest(data: str) -> str:
    """16 hex digits of SHA-256: the name of a content."""
    return hashlib.sha256(data.encode()).hexdigest()[:16]


def words(text: str) -> list[str]:
    """The words of a text as search sees them: case and compatibility forms folded."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
