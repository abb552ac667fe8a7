"""One finding: everything behind it on one page, and what people say of it."""

from __future__ import annotations

import secrets
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response

from textmine.records import CERTAINTIES, DESIGNS, DIRECTIONS, PREDICATES, ROLES, STANCES
from textmine.review.nouns import PARTS, FindingView, Project
from textmine.review.web import marking
from textmine.review.web.asked import Asker, Form, asker, posted, role
from textmine.review.web.cards import card_rows
from textmine.review.web.highlight import shown
from textmine.review.web.pages import render, to
from textmine.review.web.queues import queue_of, queue_params, with_queue
from textmine.review.web.submissions import added_of, submission_of

__all__ = ["router"]

router = APIRouter()
PUBMED = "https://pubmed.ncbi.nlm.nih.gov/"
CHOICES: dict[str, Any] = {
    "stances": STANCES,
    "directions": DIRECTIONS,
    "predicates": PREDICATES,
    "roles": ROLES,
    "designs": DESIGNS,
    "certainties": CERTAINTIES,
    "parts": PARTS,
}


@router.get("/finding/{finding_id}")
def show_finding(
    request: Request, finding_id: str, asked: Annotated[Asker, Depends(asker)]
) -> Response:
    desk = request.app.state.desk
    queue = queue_of(request)
    view = desk.finding(asked.account, finding_id, queue.project)
    before, after = desk.neighbours(asked.account, queue, finding_id)
    last = desk.my_last(asked.account)
    done = last if last and last.stands and last.id == request.query_params.get("done") else None
    return render(
        request,
        "finding.html",
        asked,
        view=view,
        queue=queue,
        params=queue_params(queue),
        with_queue=with_queue,
        before=before,
        after=after,
        done=done,
        undone=request.query_params.get("undone") == "1",
        key=secrets.token_urlsafe(12),
        added_key=secrets.token_urlsafe(12),
        undo_key=secrets.token_urlsafe(12),
        passages=marking.parts(
            view.annotated.article,
            marking.finding_marks(view.annotated, view.finding, view.added),
        ),
        mentions=marking.mentions(view.annotated, view.finding),
        relations=marking.told_once(view.relations),
        quotes=marking.quotes(view.annotated, view.finding),
        progress=desk.progress(asked.account, queue.project),
        stretches=marking.stretches(view.annotated),
        card=card_rows(view.annotated),
        pubmed=_pubmed(request, view),
        claims=request.app.state.claim_names.of(asked.account),
        adjudicating=_adjudicates(request, asked, view.project),
        **CHOICES,
    )


@router.post("/finding/{finding_id}/decide")
def decide(
    request: Request,
    finding_id: str,
    sent: Annotated[Form, Depends(posted)],
    asked: Annotated[Asker, Depends(role("reviewer"))],
) -> Response:
    """Stores the word and goes on to the next open finding of the queue."""
    desk = request.app.state.desk
    stored = desk.decide(asked.account, submission_of(finding_id, sent))
    queue = queue_of(request)
    onward = desk.next_open(asked.account, queue, after=finding_id)
    if onward is None:
        return to(with_queue("/queue", queue, done=stored.id))
    return to(with_queue(_path(onward), queue, done=stored.id))


@router.post("/finding/{finding_id}/adjudicate")
def adjudicate(
    request: Request,
    finding_id: str,
    sent: Annotated[Form, Depends(posted)],
    asked: Annotated[Asker, Depends(role("adjudicator"))],
) -> Response:
    submission = submission_of(finding_id, sent)
    request.app.state.desk.adjudicate(asked.account, submission)
    return to("/disagreements", project=submission.project, done=finding_id)


@router.post("/undo")
def undo(
    request: Request,
    sent: Annotated[Form, Depends(posted)],
    asked: Annotated[Asker, Depends(role("reviewer"))],
) -> Response:
    """Takes one's own word back, as a new decision, and shows the finding again."""
    stored = request.app.state.desk.undo(
        asked.account, sent.get("decision", ""), sent.get("key", "")
    )
    return to(with_queue(_path(stored.finding), queue_of(request), undone=1))


@router.get("/article")
def show_article(request: Request, asked: Annotated[Asker, Depends(asker)]) -> Response:
    """An article with everything that was found in it, for adding what was missed."""
    desk = request.app.state.desk
    article_id = request.query_params.get("id", "")
    annotated, events, items = desk.article_view(asked.account, article_id)
    return render(
        request,
        "article.html",
        asked,
        annotated=annotated,
        events=events,
        items=items,
        passages=marking.parts(annotated.article, marking.article_marks(annotated)),
        mentions=marking.mentions(annotated),
        stretches=marking.stretches(annotated),
        card=card_rows(annotated),
        pubmed=_pubmed_of(request, annotated.article.pmid),
        claims=request.app.state.claim_names.of(asked.account),
        added_key=secrets.token_urlsafe(12),
        done=request.query_params.get("done") == "1",
        **CHOICES,
    )


@router.post("/article/add")
def add_finding(
    request: Request,
    sent: Annotated[Form, Depends(posted)],
    asked: Annotated[Asker, Depends(role("reviewer"))],
) -> Response:
    """Stores a finding that the machine missed."""
    desk = request.app.state.desk
    article_id = sent.get("article", "")
    stored = desk.add_finding(asked.account, added_of(article_id, sent))
    back = sent.text("finding")
    if back:
        return to(with_queue(_path(back), queue_of(request), done=stored.id))
    return to("/article", id=article_id, done=1)


def _path(finding: str) -> str:
    return f"/finding/{_segment(finding)}"


def _segment(text: str) -> str:
    # As one segment of a path, whatever it holds.
    return quote(shown(text), safe="")


def _adjudicates(request: Request, asked: Asker, project: Project | None) -> bool:
    if project is None or request.query_params.get("adjudicate") != "1":
        return False
    return asked.account.name in project.adjudicators or asked.account.may("admin")


def _pubmed(request: Request, view: FindingView) -> str | None:
    return _pubmed_of(request, view.annotated.article.pmid)


def _pubmed_of(request: Request, pmid: str | None) -> str | None:
    """The record in PubMed; invented records are not there."""
    if request.app.state.synthetic:
        return None
    return f"{PUBMED}{pmid}/" if pmid and pmid.isascii() and pmid.isdigit() else None
