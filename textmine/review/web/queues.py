"""A queue as the address of a page has it, and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from textmine.errors import BadDecision
from textmine.review.nouns import Queue
from textmine.review.web.highlight import shown

__all__ = ["number_of", "queue_of", "queue_params", "with_queue"]

_DEFAULT = Queue()
_NAMES = tuple(f.name for f in fields(Queue))
MOST_TEXT = 200


def queue_of(request: Request) -> Queue:
    """The queue that the address asks for; what it does not say is as usual."""
    values: dict[str, Any] = {}
    for name in _NAMES:
        given = request.query_params.get(name, "").strip()[:MOST_TEXT]
        if given:
            values[name] = given
    if "silent" in values:
        values["silent"] = values["silent"] in ("1", "on", "true")
    if values.get("order") != "sample":
        values.pop("sample", None)
    return Queue(**values)


def queue_params(queue: Queue) -> dict[str, str]:
    """What of the queue is not as usual, for the address of a page."""
    out = {}
    for name in _NAMES:
        value = getattr(queue, name)
        if value != getattr(_DEFAULT, name) and value is not None:
            out[name] = "1" if value is True else shown(str(value))
    return out


def with_queue(path: str, queue: Queue, **more: Any) -> str:
    """An address that keeps the queue, so that j and k go on in it."""
    pairs = {**queue_params(queue), **{k: v for k, v in more.items() if v not in (None, "")}}
    return f"{path}?{urlencode(pairs)}" if pairs else path


def number_of(request: Request, name: str, default: int, most: int) -> int:
    """A whole number of the address, not negative and at most `most`."""
    given = request.query_params.get(name, "")
    if not given:
        return default
    if not given.isascii() or not given.isdigit() or len(given) > 9:
        raise BadDecision(f"{name}={given[:40]!r} is no number in the address of this page.")
    return min(int(given), most)
