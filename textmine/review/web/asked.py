"""Who asks, and whether a form came from a page of the desk: what every route depends on."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request

from textmine.errors import BadDecision, LoginRefused, NotAllowed, ReadOnly
from textmine.review.nouns import Account, Session

__all__ = [
    "Asker",
    "Form",
    "NeedsLogin",
    "asker",
    "before_login",
    "cookie_name",
    "form",
    "inner_path",
    "posted",
    "proven",
    "role",
]

MOST_FIELDS = 200


class NeedsLogin(Exception):
    """The page is for people with an account, and nobody is logged in."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks. `csrf` stands in every form of the page; `session` is None behind a proxy that
    says who it is."""

    account: Account
    csrf: str
    session: Session | None


class Form(Mapping[str, str]):
    """The fields of a form; of a name that came twice the last, all of them by `every`."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs
        self._last = dict(pairs)

    def __getitem__(self, name: str) -> str:
        return self._last[name]

    def __iter__(self) -> Any:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def text(self, name: str) -> str | None:
        """What was written there, or None for nothing."""
        return self._last.get(name, "").strip() or None

    def every(self, name: str) -> list[str]:
        return [value for key, value in self._pairs if key == name and value.strip()]


def cookie_name(request: Request) -> str:
    # A name that begins so binds the cookie to this host, and browsers refuse it without https.
    return "__Host-textmine" if request.app.state.secure else "textmine"


def asker(request: Request) -> Asker:
    """The one who asks. Raises NeedsLogin."""
    state = request.app.state
    if state.proxy_header:
        name = request.headers.get(state.proxy_header)
        if not name:
            raise LoginRefused(
                f"The header {state.proxy_header} is missing: the desk was asked without the "
                "proxy that says who you are. Use the address of the proxy."
            )
        account = state.desk.login_proxy(name, role=state.proxy_role)
        return Asker(account, state.desk.proxy_csrf(account.name), None)
    token = request.cookies.get(cookie_name(request))
    session = state.desk.session(token) if token else None
    if session is None:
        raise NeedsLogin
    return Asker(session.account, session.csrf, session)


def role(name: str) -> Callable[..., Asker]:
    """A dependency: the one who asks, who may do what `name` may. Raises NotAllowed."""

    def checked(asked: Annotated[Asker, Depends(asker)]) -> Asker:
        if not asked.account.may(name):
            raise NotAllowed(
                f"This page is for the role {name} and above; {asked.account.name} has the role "
                f"{asked.account.role}. An administrator of the desk can change that."
            )
        return asked

    return checked


async def form(request: Request) -> Form:
    """The form that was sent; no files, no JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if body and kind != "application/x-www-form-urlencoded":
        raise BadDecision(f"A form was expected, and {kind or 'something unnamed'} came.")
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            max_num_fields=MOST_FIELDS,
            errors="strict",
        )
    except ValueError:
        raise BadDecision("The form cannot be read: too many fields, or no UTF-8.") from None
    return Form(pairs)


def proven(
    request: Request,
    sent: Annotated[Form, Depends(form)],
    asked: Annotated[Asker, Depends(asker)],
) -> Form:
    """The form, proven to come from a page that the desk gave to the one who asks."""
    _same_site(request)
    check_csrf(request, asked, sent.get("csrf", ""))
    return sent


def posted(request: Request, sent: Annotated[Form, Depends(proven)]) -> Form:
    """Such a form that stores something, which a read-only desk refuses."""
    if request.app.state.desk.read_only:
        raise ReadOnly(
            "The desk is read-only: nothing was stored. Whoever serves it can start it without "
            "--read-only."
        )
    return sent


def check_csrf(request: Request, asked: Asker, given: str) -> None:
    if asked.session is not None:
        request.app.state.desk.check_csrf(asked.session, given)
    elif not hmac.compare_digest(asked.csrf.encode(), given.encode("utf-8", "replace")):
        raise NotAllowed("The form did not come from a page of this desk, or is too old. Reload.")


def before_login(request: Request, sent: Annotated[Form, Depends(form)]) -> Form:
    """The login form: nobody is logged in yet, so a cookie of the login page proves it."""
    _same_site(request)
    cookie = request.cookies.get(f"{cookie_name(request)}-login", "")
    given = sent.get("csrf", "")
    if not cookie or not hmac.compare_digest(cookie.encode(), given.encode("utf-8", "replace")):
        raise NotAllowed(
            "The login form is too old, or cookies are switched off. Open the login page again."
        )
    return sent


def _same_site(request: Request) -> None:
    """Browsers say where a request comes from; other clients say nothing, and need the token."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed("The form was sent by another site. Nothing was stored.")


def login_token() -> str:
    return secrets.token_urlsafe(24)


def inner_path(given: str | None) -> str:
    """Where to go after a login: a page of this desk, whatever was asked for."""
    if not given or not given.startswith("/") or given[1:2] in ("/", "\\"):
        return "/"
    if any(ord(c) < 33 or c == "\\" or ord(c) == 127 for c in given):
        return "/"
    parts = urlsplit(given)
    return given if not parts.scheme and not parts.netloc else "/"
