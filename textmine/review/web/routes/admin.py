"""Accounts and the log of what was done: for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from textmine.review.nouns import ROLES
from textmine.review.web.asked import Asker, Form, posted, role
from textmine.review.web.pages import render, to
from textmine.review.web.queues import number_of

__all__ = ["router"]

router = APIRouter()
LINES = 200
# Words of ours alone: what stands in an address may come from anybody.
DONE = {
    "added": "The account was made. Tell its owner the password on another way.",
    "role": "The account has another role now.",
    "active": "The account may log in again.",
    "closed": "The account may not log in any more, and its sessions have ended.",
}


@router.get("/admin")
def accounts(request: Request, asked: Annotated[Asker, Depends(role("admin"))]) -> Response:
    return render(
        request,
        "admin.html",
        asked,
        accounts=request.app.state.desk.accounts(asked.account),
        roles=ROLES,
        done=DONE.get(request.query_params.get("done", "")),
    )


@router.post("/admin/accounts")
def add_account(
    request: Request,
    sent: Annotated[Form, Depends(posted)],
    asked: Annotated[Asker, Depends(role("admin"))],
) -> Response:
    request.app.state.desk.add_account(
        asked.account,
        sent.get("name", "").strip(),
        sent.get("password", ""),
        sent.get("role", "reviewer"),
    )
    return to("/admin", done="added")


@router.post("/admin/role")
def set_role(
    request: Request,
    sent: Annotated[Form, Depends(posted)],
    asked: Annotated[Asker, Depends(role("admin"))],
) -> Response:
    name = sent.get("name", "")
    request.app.state.desk.set_role(asked.account, name, sent.get("role", ""))
    return to("/admin", done="role")


@router.post("/admin/active")
def set_active(
    request: Request,
    sent: Annotated[Form, Depends(posted)],
    asked: Annotated[Asker, Depends(role("admin"))],
) -> Response:
    name, active = sent.get("name", ""), sent.get("active") == "yes"
    request.app.state.desk.set_active(asked.account, name, active)
    return to("/admin", done="active" if active else "closed")


@router.get("/audit")
def audit(request: Request, asked: Annotated[Asker, Depends(role("admin"))]) -> Response:
    """The log: it grows, and nothing here changes it."""
    after = number_of(request, "after", 0, 10**9)
    lines = request.app.state.desk.audit(asked.account, after, LINES)
    return render(request, "audit.html", asked, lines=lines, after=after, full=len(lines) == LINES)
