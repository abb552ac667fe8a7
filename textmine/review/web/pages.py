"""From templates to answers. Whatever comes from a text or from people is escaped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from textmine.review.web.asked import Asker
from textmine.review.web.highlight import shown

__all__ = ["STATIC", "environment", "link", "render", "to"]

STATIC = Path(__file__).parent / "static"
WORDS = {
    "null_effect": "no effect",
    "claim_match": "match with the claim",
    "study_card": "study card",
    "very_low": "very low",
    "added_finding": "added finding",
}


def link(path: str, /, **query: Any) -> str:
    """An address of the desk; values of None are left out, and everything is quoted."""
    pairs = [(k, shown(str(v))) for k, v in query.items() if v is not None and v != ""]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def words(name: Any) -> str:
    """A word of the records as people say it."""
    return WORDS.get(str(name), str(name).replace("_", " "))


def figure(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f}".replace("-", "−")


def day(at: str) -> str:
    """The day and minute of a time as the store keeps it."""
    return at[:16].replace("T", " ")


def _plain(value: Any) -> Any:
    """What a page cannot hold is shown as U+FFFD; markup was made of such text already."""
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _version(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def static(name: str) -> str:
    """The address of a file of ours, new when the file is."""
    return f"/static/{name}?v={_version(name)}"


@cache
def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("textmine.review.web"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_plain,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(words=words, figure=figure, day=day)
    made.globals.update(link=link, static=static)
    return made


def render(
    request: Request,
    template: str,
    asked: Asker | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """The page as an answer. `asked`: who is logged in."""
    state = request.app.state
    page = (
        environment()
        .get_template(template)
        .render(
            asked=asked,
            account=asked.account if asked else None,
            csrf=asked.csrf if asked else "",
            corpus=state.desk.corpus,
            read_only=state.desk.read_only,
            synthetic=state.synthetic,
            proxied=bool(state.proxy_header),
            path=request.url.path,
            **values,
        )
    )
    return HTMLResponse(page.encode("utf-8", "replace"), status, headers=dict(headers or {}))


def to(path: str, /, **query: Any) -> RedirectResponse:
    """On to another page of the desk, after a form."""
    return RedirectResponse(link(path, **query), status_code=303)
