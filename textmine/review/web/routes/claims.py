"""Verdicts: all of them, one claim, and how the records came here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from textmine.review.nouns import Queue
from textmine.review.web import flow, plots
from textmine.review.web.asked import Asker, asker
from textmine.review.web.pages import render
from textmine.review.web.queues import with_queue

__all__ = ["router"]

router = APIRouter()


@router.get("/")
def overview(request: Request, asked: Annotated[Asker, Depends(asker)]) -> Response:
    desk = request.app.state.desk
    claims = desk.claims(asked.account)
    return render(
        request,
        "overview.html",
        asked,
        claims=claims,
        progress=desk.progress(asked.account),
        projects=desk.projects(asked.account),
        map=plots.evidence_map(claims, desk.evidence_map()),
        flow=flow.boxes(desk.flow()),
    )


@router.get("/claim")
def claim(request: Request, asked: Annotated[Asker, Depends(asker)]) -> Response:
    """One claim: `?id=`, because the ids of claims may hold anything."""
    desk = request.app.state.desk
    view = desk.claim(asked.account, request.query_params.get("id", ""))
    cells = [cell for cell in desk.evidence_map() if cell.claim_id == view.claim.id]
    return render(
        request,
        "claim.html",
        asked,
        view=view,
        map=plots.evidence_map([view.line], cells),
        forest=plots.forest(view.studies),
        pooled=[plots.pooled(p) for p in (view.verdict.pooled if view.verdict else ())],
        timeline=plots.timeline(view.studies),
        queue_link=with_queue("/queue", Queue(claim=view.claim.id)),
    )
