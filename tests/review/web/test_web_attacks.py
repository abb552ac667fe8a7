"""Hostile texts, names and addresses, over HTTP: nothing of them ever becomes part of a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from lxml import etree, html
from starlette.testclient import TestClient

from tests.review.web.conftest import ATTACKS, HOSTILE_CLAIM, PEOPLE, Person
from textmine.review.desk import Desk
from textmine.review.web.highlight import shown
from textmine.review.web.shield import MOST_BYTES

OURS = {
    "html", "head", "meta", "title", "link", "script", "body", "a", "header", "span", "nav", "div",
    "small", "form", "input", "button", "main", "footer", "p", "h1", "h2", "h3", "section", "table",
    "thead", "tbody", "tr", "th", "td", "ul", "ol", "li", "dl", "dt", "dd", "mark", "details",
    "summary", "label", "select", "option", "textarea", "fieldset", "legend", "kbd", "b", "q", "br",
    "em", "progress", "blockquote", "figure", "figcaption",
    # in pictures
    "svg", "text", "tspan", "line", "rect", "circle", "path", "g", "defs", "marker",
}  # fmt: skip
INSIDE = re.compile(r"(/(?!/)|#|\?|$|https://pubmed\.ncbi\.nlm\.nih\.gov/\d+/$)")


def assert_clean(page: str) -> str:
    """Only our elements, no handlers, no foreign addresses. Returns the text of the page."""
    tree = html.fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8"))
    for node in tree.iter():
        if not isinstance(node.tag, str):
            assert not isinstance(node, etree._Comment), "a comment came out of a text"
            continue
        assert node.tag in OURS, f"<{node.tag}> is none of ours"
        for name, value in node.attrib.items():
            assert not name.startswith("on") and name != "style", f"<{node.tag} {name}={value}>"
            if name in ("href", "src", "action", "formaction", "hx-get", "hx-post"):
                assert re.match(
                    r"(/(?!/)|#|\?|$|https://pubmed\.ncbi\.nlm\.nih\.gov/\d+/$)", value
                ), f"<{node.tag} {name}={value}>"
        if node.tag == "script":
            assert (node.get("src") or "").startswith("/static/") and not node.text
    return "".join(tree.itertext())


def pages_of(who: Person) -> list[str]:
    findings = who.findings()
    assert len(findings) == len(ATTACKS) + 3
    return [
        "/", "/queue?state=all", "/help", "/account", "/projects", "/agreement", "/exports",
        f"/claim?id={quote(HOSTILE_CLAIM)}", "/claim?id=K1",
        *(f"/finding/{f}" for f in findings),
        *(f"/article?id={100 + n}" for n in range(len(ATTACKS))),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["ann", "<img src=x onerror=alert('name')>"])
def test_no_text_becomes_part_of_a_page(person: Callable[..., Person], name: str) -> None:
    who = person(name)
    pages = pages_of(who) + (["/admin", "/audit", "/disagreements"] if name == "ann" else [])
    seen = ""
    for path in pages:
        answer = who.get(path)
        assert answer.status_code == 200, (path, answer.text[:300])
        seen += assert_clean(answer.text)
    for attack in ATTACKS:
        assert shown(attack).splitlines()[0] in seen, f"{attack!r} is not shown as text"
    assert name in seen


def test_notes_and_corrections_are_hostile_as_well(person: Callable[..., Person]) -> None:
    bob, ann = person("bob"), person("ann")
    findings = bob.findings()
    for number, (attack, found) in enumerate(zip(ATTACKS, findings, strict=False)):
        written = attack.encode("utf-8", "replace").decode()  # as a browser sends it
        fields = {"part": "entity", "subject_words": written, "note": written}
        answer = bob.decide(found, "wrong", key=f"key-of-form-{number}", **fields)
        assert answer.status_code == 303, answer.text
        for who in (ann, bob):
            text = assert_clean(who.get(f"/finding/{found}").text)
            assert shown(written).replace("\r\n", "\n").splitlines()[0].strip() in text


def test_addresses_come_back_as_text(person: Callable[..., Person]) -> None:
    who = person("ann")
    for attack in ATTACKS:
        given = quote(attack.encode("utf-8", "replace"))
        for path in (
            f"/queue?text={given}", f"/queue?claim={given}", f"/queue?order={given}",
            f"/queue?project={given}", f"/queue?offset={given}", f"/finding/{given}",
            f"/finding/{who.findings()[0]}?order={given}&claim={given}", f"/claim?id={given}",
            f"/article?id={given}", f"/agreement?project={given}", f"/export/{given}",
            f"/disagreements?project={given}&done={given}", f"/login?next={given}",
            f"/admin?done={given}", f"/projects?done={given}", f"/audit?after={given}", f"/{given}",
        ):  # fmt: skip
            answer = who.get(path)
            assert answer.status_code < 500, (path, answer.status_code, answer.text[-300:])
            if answer.headers["content-type"].startswith("text/html"):
                assert_clean(answer.text)


@pytest.mark.parametrize(
    "given", ["' OR 1=1 --", "'; DROP TABLE decision; --", "%", "_", "\\", '"', "0 UNION SELECT"]
)
def test_no_sql_comes_from_an_address(person: Callable[..., Person], given: str) -> None:
    who = person("bob")
    whole = len(who.findings())
    for name in ("order", "claim", "stance", "design", "state", "project", "sample", "judgement",
                 "text", "offset"):  # fmt: skip
        answer = who.get("/queue", params={name: given})
        assert answer.status_code in (200, 400, 403, 404, 422), (name, answer.text)
    assert who.get("/claim", params={"id": given}).status_code == 404
    assert len(who.findings()) == whole


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/%2e%2e%2fapp.py",
     "/static/....//app.py", "/static//etc/passwd", "/static/%2fetc%2fpasswd", "/static/%00",
     "/static/..%5capp.py", "/static/", "/static", "/export/..%2f..%2fapp.py", "/finding/..%2f..",
     "/finding/%00", "/static/desk.css%00.js"],
)  # fmt: skip
def test_no_way_up(person: Callable[..., Person], path: str) -> None:
    answer = person("ann").get(path)
    assert answer.status_code in (303, 307, 404), (path, answer.status_code)
    assert "create_app" not in answer.text and "root:" not in answer.text


def test_large_requests_are_refused(person: Callable[..., Person], desk: Desk) -> None:
    who = person("bob")
    found, token = who.findings()[0], who.token()
    path = f"/finding/{found}/decide"
    assert who.post(path, data={"csrf": token, "note": "n" * MOST_BYTES}).status_code == 413

    def streamed():  # type: ignore[no-untyped-def]
        for _ in range(40):
            yield b"n" * 10_000

    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert who.post(path, content=streamed(), headers=kind).status_code == 413
    many = "&".join(f"a{n}=1" for n in range(300))
    assert who.post(path, content=many, headers=kind).status_code == 422
    assert who.post(path, content=b"csrf=\xff\xfe", headers=kind).status_code in (403, 422)
    assert who.post(path, json={"csrf": token}).status_code == 422
    assert who.post(path, files={"note": b"x"}).status_code == 422
    assert who.get(f"/finding/{found}").text.count("You said") == 0


def test_a_fault_shows_nothing_of_itself(
    app: FastAPI, desk: Desk, person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    who = person("ann")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret of /etc/shadow")

    monkeypatch.setattr(desk, "claims", broken)
    answer = who.get("/")
    assert answer.status_code == 500
    assert "secret" not in answer.text and "Traceback" not in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert_clean(answer.text)


def test_every_answer_has_the_headers(person: Callable[..., Person], app: FastAPI) -> None:
    who = person("ann")
    strange = TestClient(app, follow_redirects=False)
    for client, path in [(who, "/"), (who, "/nope"), (who, "/static/desk.css"), (strange, "/"),
                         (strange, "/login"), (who, "/export/csv"),
                         (who, "/finding/x")]:  # fmt: skip
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store" or path.startswith("/static/")


def test_people_are_those_of_the_tests(desk: Desk) -> None:
    assert len(PEOPLE) == 6 and desk.accounts_exist()
