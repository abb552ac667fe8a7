"""In and out, and one's own password."""

from __future__ import annotations

import logging
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from textmine.errors import LoginRefused, NotAllowed, NotThere, TooManyTries
from textmine.review.nouns import Session
from textmine.review.web.asked import (
    Asker,
    Form,
    asker,
    before_login,
    cookie_name,
    inner_path,
    login_token,
    posted,
    proven,
)
from textmine.review.web.pages import render, to

__all__ = ["router"]

log = logging.getLogger("textmine.review")
router = APIRouter()
DAYS = 7 * 24 * 3600


@router.get("/login")
def show_login(request: Request) -> Response:
    return _login_page(request, inner_path(request.query_params.get("next")))


@router.post("/login")
def login(request: Request, sent: Annotated[Form, Depends(before_login)]) -> Response:
    onward = inner_path(sent.text("next"))
    name, password = sent.get("name", "").strip(), sent.get("password", "")
    try:
        session = request.app.state.desk.login(name, password, _address(request))
    except LoginRefused as error:
        return _login_page(request, onward, name=name, problem=str(error), status=401)
    except TooManyTries as error:
        answer = _login_page(request, onward, name=name, problem=str(error), status=429)
        answer.headers["Retry-After"] = str(max(1, round(error.wait)))
        return answer
    return _logged_in(request, session, onward)


@router.get("/login/local")
def login_local(request: Request) -> Response:
    """The link that a desk without accounts prints; it works once."""
    if request.app.state.proxy_header:
        raise NotThere("There is no such page here.")
    token = request.query_params.get("token", "")
    session = request.app.state.desk.login_local(token, _address(request))
    return _logged_in(request, session, "/")


@router.post("/logout")
def logout(
    request: Request,
    _: Annotated[Form, Depends(proven)],
    asked: Annotated[Asker, Depends(asker)],
) -> Response:
    if asked.session is not None:
        request.app.state.desk.logout(asked.session.token)
    answer = to("/login")
    answer.delete_cookie(cookie_name(request), **_flags(request))
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@router.get("/account")
def show_account(request: Request, asked: Annotated[Asker, Depends(asker)]) -> Response:
    done = request.query_params.get("done") == "1"
    return render(request, "account.html", asked, done=done, problem=None)


@router.post("/account/password")
def change_password(
    request: Request,
    sent: Annotated[Form, Depends(posted)],
    asked: Annotated[Asker, Depends(asker)],
) -> Response:
    new = sent.get("new", "")
    problem = None
    if new != sent.get("again", ""):
        problem = "The new password was not written twice the same. It was not changed."
    else:
        try:
            request.app.state.desk.change_password(asked.account, sent.get("old", ""), new)
        except (LoginRefused, NotAllowed) as error:
            problem = str(error)
    if problem:
        return render(request, "account.html", asked, status=422, done=False, problem=problem)
    return to("/account", done=1)


def _login_page(
    request: Request, onward: str, *, name: str = "", problem: str | None = None, status: int = 200
) -> Response:
    if request.app.state.proxy_header:
        raise NotThere("Nobody logs in here: the proxy before this desk says who you are.")
    token = login_token()
    answer = render(
        request,
        "login.html",
        status=status,
        onward=onward,
        name=name,
        problem=problem,
        login_csrf=token,
        without_accounts=not request.app.state.desk.accounts_exist(),
    )
    answer.set_cookie(f"{cookie_name(request)}-login", token, max_age=3600, **_flags(request))
    return answer


def _logged_in(request: Request, session: Session, onward: str) -> Response:
    answer = RedirectResponse(onward, status_code=303)
    answer.set_cookie(cookie_name(request), session.token, max_age=DAYS, **_flags(request))
    answer.delete_cookie(f"{cookie_name(request)}-login", **_flags(request))
    return answer


def _flags(request: Request) -> dict[str, Any]:
    return {
        "httponly": True,
        "samesite": "strict",
        "secure": request.app.state.secure,
        "path": "/",
    }


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
