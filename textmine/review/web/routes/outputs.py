"""What leaves the desk: decisions and corrected readings as files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from textmine.errors import NotThere
from textmine.review.desk import EXPORTS
from textmine.review.web.asked import Asker, asker, role
from textmine.review.web.pages import render

__all__ = ["router"]

router = APIRouter()
FORMS = {
    "csv": "Every decision you may see, one a line, for a spreadsheet",
    "jsonl": "The same as JSON lines, with every field",
    "card1": "Rows of the store's table of decisions (Card 1), for another store",
    "gold": "Corrected readings as gold, for textmine measure",
    "training": "Corrected readings as training data",
}


@router.get("/exports")
def exports(request: Request, asked: Annotated[Asker, Depends(asker)]) -> Response:
    return render(
        request,
        "exports.html",
        asked,
        forms=FORMS,
        files=EXPORTS,
        projects=request.app.state.desk.projects(asked.account),
    )


@router.get("/export/{form}")
def export(
    request: Request, form: str, asked: Annotated[Asker, Depends(role("reader"))]
) -> Response:
    if form not in EXPORTS:
        raise NotThere(f"There is no export of that name. There are: {', '.join(EXPORTS)}.")
    name, kind = EXPORTS[form]
    project = request.query_params.get("project") or None
    lines = request.app.state.desk.export(asked.account, form, project)
    return StreamingResponse(
        _bytes(lines),
        media_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _bytes(lines: Iterator[str]) -> Iterator[bytes]:
    for line in lines:
        yield line.encode("utf-8", "replace")
