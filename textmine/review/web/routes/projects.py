"""Review projects: who reviews what, where they disagree, and how far they agree."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from textmine.errors import BadDecision
from textmine.records import DESIGNS, STANCES
from textmine.review.nouns import ORDERS, Queue
from textmine.review.web.asked import Asker, Form, asker, posted, role
from textmine.review.web.pages import render, to
from textmine.review.web.queues import number_of, with_queue
from textmine.review.web.routes.queue import ON_A_PAGE, ORDER_WORDS

__all__ = ["router"]

router = APIRouter()


@router.get("/projects")
def projects(request: Request, asked: Annotated[Asker, Depends(asker)]) -> Response:
    desk = request.app.state.desk
    admin = asked.account.may("admin")
    return render(
        request,
        "projects.html",
        asked,
        projects=desk.projects(asked.account),
        accounts=desk.accounts(asked.account) if admin else [],
        claims=request.app.state.claim_names.of(asked.account) if admin else [],
        stances=STANCES,
        designs=DESIGNS,
        orders=[o for o in ORDERS if o not in ("sample", "stale", "disagreement")],
        order_words=ORDER_WORDS,
        done=request.query_params.get("done"),
        with_queue=with_queue,
    )


@router.post("/projects")
def create_project(
    request: Request,
    sent: Annotated[Form, Depends(posted)],
    asked: Annotated[Asker, Depends(role("admin"))],
) -> Response:
    queue = Queue(
        order=sent.text("order") or "impact",
        claim=sent.text("claim"),
        stance=sent.text("stance"),
        design=sent.text("design"),
        state="all",
    )
    made = request.app.state.desk.create_project(
        asked.account,
        sent.get("name", "").strip(),
        sent.every("reviewer"),
        adjudicators=sent.every("adjudicator"),
        blind=sent.get("blind") == "yes",
        per_finding=whole(sent, "per_finding", "Reviewers per finding") or 2,
        size=whole(sent, "size", "The number of findings"),
        seed=whole(sent, "seed", "The seed"),
        queue=queue,
    )
    return to("/projects", done=made.id)


@router.get("/disagreements")
def disagreements(
    request: Request, asked: Annotated[Asker, Depends(role("adjudicator"))]
) -> Response:
    """What two reviewers of a project see differently, for its adjudicators."""
    desk = request.app.state.desk
    mine = [
        p
        for p in desk.projects(asked.account)
        if asked.account.name in p.adjudicators or asked.account.may("admin")
    ]
    wanted = request.query_params.get("project") or (mine[0].id if mine else None)
    page = None
    if wanted is not None:
        offset = number_of(request, "offset", 0, 10_000_000)
        page = desk.disagreements(asked.account, wanted, offset, ON_A_PAGE)
    return render(
        request,
        "disagreements.html",
        asked,
        projects=mine,
        project=wanted,
        page=page,
        done=request.query_params.get("done"),
    )


@router.get("/agreement")
def agreement(request: Request, asked: Annotated[Asker, Depends(asker)]) -> Response:
    """How far reviewers agree, and how often the machine is right in a random sample."""
    desk = request.app.state.desk
    project = request.query_params.get("project") or None
    samples = desk.samples(asked.account)
    return render(
        request,
        "agreement.html",
        asked,
        project=project,
        projects=desk.projects(asked.account),
        agreement=desk.agreement(asked.account, project),
        precisions=[desk.precision(asked.account, sample.id) for sample in samples],
        claims=request.app.state.claim_names.of(asked.account),
        with_queue=with_queue,
    )


@router.post("/samples")
def create_sample(
    request: Request,
    sent: Annotated[Form, Depends(posted)],
    asked: Annotated[Asker, Depends(role("reviewer"))],
) -> Response:
    size = whole(sent, "size", "The size of the sample")
    if size is None:
        raise BadDecision("Say how many findings to draw.")
    made = request.app.state.desk.create_sample(
        asked.account,
        sent.get("name", "").strip(),
        size,
        seed=whole(sent, "seed", "The seed"),
        claim=sent.text("claim"),
    )
    return to(with_queue("/queue", Queue(order="sample", sample=made.id, state="all")))


def whole(sent: Form, name: str, what: str) -> int | None:
    """A whole number of the form, None where nothing was written."""
    given = sent.text(name)
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise BadDecision(f"{what} must be a whole number, and {given[:40]!r} is none.")
    return int(given)
