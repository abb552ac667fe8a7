"""What stands around every answer: headers, limits, and errors without traces.

Plain ASGI, so that nothing behind it can answer without it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HEADERS", "MOST_BYTES", "Shield"]

log = logging.getLogger("textmine.review")

MOST_BYTES = 256 * 1024
"""The largest request that is read; the largest form is a note."""

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
)
_STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")


class _TooLarge(Exception):
    """More came than a request may hold."""


class Shield:
    """Adds the headers, refuses large requests and turns faults into a page that tells nothing.

    `page(status)` makes the body of such a page. `secure`: the desk is served over https.
    """

    def __init__(
        self, app: ASGIApp, *, page: Callable[[int], Awaitable[bytes]], secure: bool = False
    ) -> None:
        self.app = app
        self.page = page
        self.headers = (*HEADERS, _STRICT_TRANSPORT) if secure else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = self._with_headers(scope, message["headers"])
            await send(message)

        try:
            declared = _length(scope)
            if declared is None or declared > MOST_BYTES:
                raise _TooLarge
            await self.app(scope, _counted(receive), guarded)
        except _TooLarge:
            if not started:
                await self._answer(413, guarded)
        except Exception:
            log.exception("%s failed", scope["method"])
            if started:
                raise
            await self._answer(500, guarded)

    def _with_headers(self, scope: Scope, given: Any) -> list[tuple[bytes, bytes]]:
        names = {name.lower() for name, _ in given}
        added = [*given, *((n, v) for n, v in self.headers if n not in names)]
        if b"cache-control" not in names:
            # What one person sees is kept by no cache on the way, and not behind a logout.
            added.append((b"cache-control", b"no-store"))
        return added

    async def _answer(self, status: int, send: Send) -> None:
        body = await self.page(status)
        kind = (b"content-type", b"text/html; charset=utf-8")
        length = (b"content-length", str(len(body)).encode())
        headers = [kind, length]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _length(scope: Scope) -> int | None:
    """The length that the request declares, 0 without one; None where it is no number."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else None
    return 0


def _counted(receive: Receive) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > MOST_BYTES:
                raise _TooLarge
        return message

    return counted
