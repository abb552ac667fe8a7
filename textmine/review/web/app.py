"""The reviewers' desk as a web application."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from textmine.errors import (
    BadDecision,
    LoginRefused,
    NotAllowed,
    NotThere,
    ReadOnly,
    StaleDecision,
    StoreError,
    TextmineError,
    TooManyTries,
)
from textmine.review.web.asked import NeedsLogin, asker, inner_path
from textmine.review.web.invented import invented
from textmine.review.web.names import ClaimNames
from textmine.review.web.pages import STATIC, environment, link, render
from textmine.review.web.routes import admin, claims, finding, login, outputs, projects, queue
from textmine.review.web.shield import Shield

if TYPE_CHECKING:
    from textmine.review.desk import Desk

__all__ = ["create_app"]

log = logging.getLogger("textmine.review")

# The most special first: the first that fits counts.
STATUS: tuple[tuple[type[TextmineError], int, str], ...] = (
    (LoginRefused, 401, "Not logged in"),
    (TooManyTries, 429, "Too many tries"),
    (ReadOnly, 403, "Read-only"),
    (NotAllowed, 403, "Not allowed"),
    (NotThere, 404, "Not there"),
    (BadDecision, 422, "This cannot be stored"),
    (StaleDecision, 409, "The reading changed"),
    (StoreError, 503, "The store does not answer"),
    (TextmineError, 400, "This does not work"),
)
PLAIN = {
    404: ("Not there", "There is no such page here. The address may be mistyped."),
    405: ("Not allowed", "This page cannot be asked for in this way."),
    413: ("Too large", "More was sent than the desk reads at once. Nothing was stored."),
    422: ("This cannot be read", "The address or the form holds something that does not fit."),
    500: (
        "Something went wrong",
        "The desk made a mistake, and nothing was stored by this step. What happened stands in "
        "the log of whoever serves the desk.",
    ),
}


class _Files(StaticFiles):
    """Files of ours: their addresses change with them, so browsers may keep them."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        answer = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        answer.headers["cache-control"] = "public, max-age=31536000, immutable"
        return answer


def create_app(
    desk: Desk,
    *,
    proxy_header: str | None = None,
    proxy_role: str | None = None,
    secure: bool = False,
) -> FastAPI:
    """The application on an open desk.

    `proxy_header`: a trusted proxy says in it who asks, and nobody logs in here; serve it then to
    the proxy alone. `proxy_role`: such people without an account get one with this role; None
    refuses them. `secure`: browsers reach the desk over https.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, title="textmine review")
    app.state.desk = desk
    app.state.synthetic = invented(desk.label, desk.corpus)
    app.state.claim_names = ClaimNames(desk)
    app.state.proxy_header = proxy_header
    app.state.proxy_role = proxy_role
    app.state.secure = secure
    app.mount("/static", _Files(directory=STATIC), name="static")
    for part in (login, queue, finding, claims, projects, outputs, admin):
        app.include_router(part.router)
    app.add_exception_handler(NeedsLogin, _needs_login)
    app.add_exception_handler(TextmineError, _refused)
    app.add_exception_handler(HTTPException, _plain(None))
    app.add_exception_handler(RequestValidationError, _plain(422))
    app.add_middleware(Shield, page=_bare_page, secure=secure)
    return app


def _needs_login(request: Request, _: Exception) -> Response:
    wanted = request.url.path
    if request.url.query:
        wanted += f"?{request.url.query}"
    login = link("/login", next=inner_path(wanted) if request.method == "GET" else None)
    if request.headers.get("hx-request"):
        # A part of a page cannot become the login page.
        return Response(status_code=401, headers={"HX-Redirect": login})
    return RedirectResponse(login if login != "/login?next=%2F" else "/login", 303)


def _refused(request: Request, error: Exception) -> Response:
    status, title = next((s, t) for kind, s, t in STATUS if isinstance(error, kind))
    headers = {}
    if isinstance(error, TooManyTries):
        headers["Retry-After"] = str(max(1, round(error.wait)))
    if isinstance(error, StoreError) and not isinstance(error, StaleDecision):
        # Words about the database (addresses, users) are for those who serve it.
        log.error("the store: %s", error)
        text = "The store cannot be read or written just now. Nothing was stored. Try again."
    else:
        text = str(error)
    return _error_page(request, status, title, text, headers)


def _plain(status: int | None) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, error: Exception) -> Response:
        code = status if status is not None else getattr(error, "status_code", 500)
        title, text = PLAIN.get(code, ("This does not work", "The desk cannot answer this."))
        headers = dict(getattr(error, "headers", None) or {})
        return _error_page(request, code, title, text, headers)

    return answer


def _error_page(
    request: Request, code: int, title: str, text: str, headers: Mapping[str, str]
) -> Response:
    try:
        asked = asker(request)
    except (NeedsLogin, TextmineError):
        asked = None  # the page then has no menu
    return render(
        request, "error.html", asked, status=code, headers=headers, title=title, text=text,
        code=code,
    )  # fmt: skip


async def _bare_page(status: int) -> bytes:
    """A page that needs neither the desk nor its store."""
    title, text = PLAIN[status]
    page = environment().get_template("bare.html").render(title=title, text=text, code=status)
    return page.encode()
