"""The queue, and the overview a reviewer begins with."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from textmine.records import DESIGNS, STANCES
from textmine.review.nouns import JUDGEMENTS, ORDERS, STATES
from textmine.review.web.asked import Asker, asker
from textmine.review.web.pages import render
from textmine.review.web.queues import number_of, queue_of, queue_params, with_queue

__all__ = ["router"]

router = APIRouter()
ON_A_PAGE = 50
ORDER_WORDS = {
    "impact": "what would change a verdict most",
    "uncertainty": "what the machine is least sure of",
    "disagreement": "where people disagree",
    "stale": "where the reading changed since it was judged",
    "sample": "a random sample",
    "article": "by article",
}


@router.get("/queue")
def queue(request: Request, asked: Annotated[Asker, Depends(asker)]) -> Response:
    """The findings to judge. htmx asks for the list alone when a filter changes."""
    desk = request.app.state.desk
    wanted = queue_of(request)
    offset = number_of(request, "offset", 0, 10_000_000)
    page = desk.queue(asked.account, wanted, offset, ON_A_PAGE)
    part = bool(request.headers.get("hx-request"))
    values = {
        "page": page,
        "queue": wanted,
        "params": queue_params(wanted),
        "with_queue": with_queue,
        "last": min(page.offset + len(page.items), page.total),
        "order_words": ORDER_WORDS,
        "progress": desk.progress(asked.account, wanted.project),
    }
    if part:
        return render(request, "queue_list.html", asked, headers={"Vary": "HX-Request"}, **values)
    return render(
        request,
        "queue.html",
        asked,
        headers={"Vary": "HX-Request"},
        claims=request.app.state.claim_names.of(asked.account),
        projects=desk.projects(asked.account),
        samples=desk.samples(asked.account),
        orders=ORDERS,
        stances=STANCES,
        designs=DESIGNS,
        states=STATES,
        judgements=JUDGEMENTS,
        **values,
    )


@router.get("/help")
def show_help(request: Request, asked: Annotated[Asker, Depends(asker)]) -> Response:
    return render(request, "help.html", asked)
