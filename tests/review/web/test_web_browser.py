"""The desk in a real browser: by keyboard, by mouse, blind, adjudicated, stale, printed, narrow."""

from __future__ import annotations

import json
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from tests.builders import bundle, finding, verdict
from tests.review.web.conftest import ATTACKS, HOSTILE_CLAIM, PASSWORD, hostile_article
from textmine.records import Claim
from textmine.review.desk import Desk
from textmine.review.nouns import Queue
from textmine.review.web.app import create_app
from textmine.stores.base import open_store

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DONE = re.compile(r"[?&]done=")
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).exists(), reason="no chromium here (apt-get install chromium)"
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    sync = pytest.importorskip("playwright.sync_api")
    with sync.sync_playwright() as playwright:
        # Root has no sandbox for its browser; these pages are ours.
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def site(desk: Desk) -> Iterator[str]:
    """The desk served on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(create_app(desk), host="127.0.0.1", port=port, log_level="error")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 20
    while not server.started and time.monotonic() < end:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def sit_down(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """A person at a screen of their own, logged in. Faults of a page fail the test."""
    contexts = []
    faults: list[str] = []

    def sat(name: str | None, **options: Any) -> Page:
        context = browser.new_context(base_url=site, **options)
        context.set_default_timeout(8_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
        page.on(
            "console",
            lambda said: faults.append(said.text) if "Content Security" in said.text else None,
        )
        if name is not None:
            page.goto("/login")
            page.fill("input[name=name]", name)
            page.fill("input[name=password]", PASSWORD)
            page.press("input[name=password]", "Enter")
            page.wait_for_url("**/")
        return page

    yield sat
    for context in contexts:
        context.close()
    assert not faults


def words(desk: Desk) -> list[dict[str, Any]]:
    """Every decision, oldest first."""
    ann = desk.login("ann", PASSWORD, "test").account
    lines = [json.loads(line) for line in desk.export(ann, "jsonl") if line.strip()]
    return [{**line, "kind": line.get("kind") or "decision"} for line in lines]


def shown_finding(page: Page) -> str:
    found = re.search(r"/finding/(finding_\w+)", page.url)
    assert found, page.url
    return found[1]


def test_the_whole_path_by_keyboard(sit_down: Callable[..., Page], desk: Desk) -> None:
    page = sit_down("bob")
    page.goto("/queue?claim=K1")
    rows = [row.get_attribute("href") or "" for row in page.locator("a.row").all()]
    keys = page.keyboard
    for key in ("j", "j", "j", "k", "Enter"):
        keys.press(key)
    page.wait_for_url("**/finding/**")
    second = shown_finding(page)
    assert second in rows[1]
    keys.press("1")
    page.wait_for_url(DONE)
    third = shown_finding(page)
    assert third in rows[2] and "Saved: correct" in page.inner_text(".bar")
    keys.press("u")
    page.wait_for_url("**undone=1**")
    assert shown_finding(page) == second
    keys.press("2")
    keys.press("2")
    keys.press("Tab")
    assert page.evaluate("document.activeElement.name") == "direction"
    keys.press("i")
    assert page.input_value("select[name=direction]") == "increases"
    keys.press("Control+Enter")
    page.wait_for_url(DONE)
    assert shown_finding(page) == third
    keys.press("4")
    keys.type("not 1 of these 3")
    keys.press("Escape")
    keys.press("3")
    page.wait_for_url(lambda url: third not in url)
    fourth = shown_finding(page)
    keys.press("5")
    assert page.evaluate("document.activeElement.name") == "span"
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    page.press("#missed button.go", "Enter")
    page.wait_for_url(DONE)
    assert shown_finding(page) == fourth
    keys.press("j")
    page.wait_for_url(lambda url: fourth not in url)
    keys.press("k")
    page.wait_for_url(lambda url: fourth in url)
    said = [(w["kind"], w["verdict"], w.get("part"), w["note"]) for w in words(desk)]
    assert said[0] == ("decision", "correct", None, "")
    assert said[1][0] == "undo"
    assert said[2] == ("decision", "wrong", "direction", "")
    assert said[3] == ("decision", "unsure", None, "not 1 of these 3")
    assert said[4][:2] == ("added_finding", "added")
    assert words(desk)[2]["corrected"] == {"direction": "increases"}


def drag_over(page: Page, wanted: str) -> None:
    """Marks words of the abstract as a hand does."""
    box = page.evaluate(
        """(wanted) => {
          for (const p of document.querySelectorAll("#abstract .passage:not(.title)")) {
            const walk = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
            while (walk.nextNode()) {
              const at = walk.currentNode.data.indexOf(wanted);
              if (at < 0) continue;
              const range = document.createRange();
              range.setStart(walk.currentNode, at);
              range.setEnd(walk.currentNode, at + wanted.length);
              const r = range.getBoundingClientRect();
              return [r.left, r.right, (r.top + r.bottom) / 2];
            }
          }
        }""",
        wanted,
    )
    left, right, middle = box
    page.mouse.move(left + 0.5, middle)
    page.mouse.down()
    page.mouse.move((left + right) / 2, middle)
    page.mouse.move(right + 0.5, middle)
    page.mouse.up()


def test_the_whole_path_by_mouse(sit_down: Callable[..., Page], desk: Desk) -> None:
    page = sit_down("bob", viewport={"width": 1300, "height": 900})
    page.click("text=Go on reviewing")
    page.select_option("select[name=claim]", "K1")
    page.wait_for_function("document.querySelector('.count').innerText.startsWith('19 ')")
    page.click("a.row:has-text('🧬')")
    page.wait_for_url("**/finding/**")
    place = shown_finding(page)
    page.click("button.wrong:has-text('Wrong')")
    page.check("#wrong input[value=claim_match]")
    drag_over(page, "wide")
    chosen = page.locator("#wrong select[name=rationale] option:checked")
    chosen.filter(has_text="marked: wide").wait_for(state="attached")
    page.select_option("#wrong select[name=stance]", "insufficient")
    page.fill("#wrong textarea", "says nothing")
    page.click("text=Save as wrong")
    page.wait_for_url(DONE)
    page.click(".bar >> text=the finding before")
    page.wait_for_url(f"**/{place}**")
    assert "✗ wrong" in page.inner_text(".mine")
    (word,) = words(desk)
    (marked,) = word["corrected"]["rationale"]
    text = hostile_article(ATTACKS.index("🧬🧬 <b>wide</b>"), "🧬🧬 <b>wide</b>").article.text
    assert text[marked["start"] : marked["end"]] == "wide"
    page.click(".mine button:has-text('undo')")
    page.wait_for_url("**undone=1**")
    assert [w["kind"] for w in words(desk)] == ["decision", "undo"]


def test_two_reviewers_are_blind_and_an_adjudicator_settles(
    sit_down: Callable[..., Page], desk: Desk
) -> None:
    ann, bob, cy, eve = (sit_down(name) for name in ("ann", "bob", "cy", "eve"))
    ann.goto("/projects")
    ann.fill("main form input[name=name]", "Pilot")
    for name in ("bob", "cy"):
        ann.check(f"input[name=reviewer][value={name}]")
    ann.check("input[name=adjudicator][value=eve]")
    ann.fill("input[name=size]", "1")
    ann.click("text=Make the project")
    ann.wait_for_url(DONE)
    places = []
    for page, key in ((bob, "1"), (cy, "3")):
        page.goto("/projects")
        page.click("text=Your part of it")
        page.click("a.row")
        page.wait_for_url("**/finding/**")
        places.append(page.url)
        assert "bob:" not in page.inner_text("main")
        if page is cy:
            assert "1 word of others hidden" in page.inner_text("main")
        page.keyboard.press(key)
        page.wait_for_url("**/queue**")
    assert shown_finding_of(places[0]) == shown_finding_of(places[1])
    cy.goto(places[1])
    assert "bob: ✓ correct" in cy.inner_text("main")
    eve.click("text=Disagreements")
    eve.click("a.row")
    eve.wait_for_url("**adjudicate=1**")
    said = eve.inner_text(".words")
    assert "bob: ✓ correct" in said and "cy: ? unsure" in said
    eve.select_option("select[name=verdict]", "correct")
    eve.click("text=Settle it")
    eve.wait_for_url("**/disagreements**")
    assert "Nothing to settle" in eve.inner_text("main")
    assert [w["kind"] for w in words(desk)] == ["decision", "decision", "adjudication"]


def shown_finding_of(url: str) -> str:
    return url.partition("/finding/")[2].partition("?")[0]


def test_a_stale_word_is_shown_as_such(
    sit_down: Callable[..., Page], desk: Desk, desk_url: str
) -> None:
    page = sit_down("bob")
    page.goto("/queue?claim=K1")
    page.click("a.row >> nth=0")
    page.wait_for_url("**/finding/**")
    place = shown_finding(page)
    page.keyboard.press("1")
    page.wait_for_url(DONE)
    ann = desk.login("ann", PASSWORD, "test").account
    judged = desk.finding(ann, place)
    number = int(judged.item.article_id) - 100
    article = hostile_article(number, ATTACKS[number])
    other = finding(article, "contradicts")
    with open_store(desk_url) as store:
        store.push(
            replace(
                bundle("run_2", ()),
                claims=(Claim("K1", "Vesicles lower collagen."),),
                articles=[article],
                findings=[other],
                verdicts=(verdict([other], "contradicted"),),
            )
        )
    desk.refresh()
    page.goto("/queue?order=stale&state=all")
    assert page.locator(".tag.stale").count() == 1
    page.goto(f"/finding/{place}")
    assert "A newer run reads this record otherwise" in page.inner_text("main")
    page.click("text=See the current reading")
    page.wait_for_url(f"**/{other.id}**")
    assert "contradicts" in page.inner_text(".machine")


def test_no_attack_runs(sit_down: Callable[..., Page], desk: Desk) -> None:
    """The fixture fails when a dialog opens, a script fails or the policy has to step in."""
    page = sit_down("<img src=x onerror=alert('name')>")
    ann = desk.login("ann", PASSWORD, "test").account
    listed = desk.queue(ann, Queue(state="all"), 0, 100).items
    for item in listed:
        page.goto(f"/finding/{item.finding}", wait_until="domcontentloaded")
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")
    for path in ("/", "/queue?state=all", "/agreement", "/projects"):
        page.goto(path)
    assert len(listed) == len(ATTACKS) + 3


def pages(desk: Desk) -> list[str]:
    ann = desk.login("ann", PASSWORD, "test").account
    first = desk.queue(ann, Queue(claim="K1", state="all"), 0, 1).items[0]
    return ["/", "/queue", f"/finding/{first.finding}", "/claim?id=K1", "/article?id=100",
            "/projects", "/disagreements", "/agreement", "/exports", "/admin", "/audit", "/help",
            "/account", "/nope"]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(sit_down: Callable[..., Page], desk: Desk, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = sit_down("ann", color_scheme=scheme)
    faults = []
    for path in pages(desk)[: 4 if scheme == "dark" else None]:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")
        for found in axe.run(page).response["violations"]:
            if found["impact"] in ("serious", "critical"):
                nodes = [node["html"][:160] for node in found["nodes"][:3]]
                faults.append(f"{path}: {found['id']}: {nodes}")
    assert not faults


def test_a_narrow_screen_needs_no_sideways_scrolling(
    sit_down: Callable[..., Page], desk: Desk
) -> None:
    page = sit_down("ann", viewport={"width": 360, "height": 700})
    for path in pages(desk):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    page.goto(pages(desk)[2])
    assert page.locator("button.correct").is_visible()
    box = page.locator("button.correct").bounding_box()
    assert box and box["y"] + box["height"] <= 700, "the buttons stay in sight"


def test_the_print_has_the_evidence_and_no_buttons(
    sit_down: Callable[..., Page], desk: Desk
) -> None:
    page = sit_down("ann")
    for path in (pages(desk)[2], "/claim?id=K1"):
        page.goto(path)
        page.emulate_media(media="print")
        assert not page.locator("header.top").is_visible()
        assert page.locator("button:visible").count() == 0
        assert len(page.pdf()) > 5_000
    assert page.locator("svg").first.is_visible()


def test_what_a_keyboard_stands_on_is_in_sight(sit_down: Callable[..., Page]) -> None:
    page = sit_down("bob")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_keys_can_be_switched_off(sit_down: Callable[..., Page], desk: Desk) -> None:
    page = sit_down("bob")
    page.goto("/help")
    page.uncheck("#keys-on")
    page.goto("/queue?claim=K1")
    page.click("a.row >> nth=0")
    page.wait_for_url("**/finding/**")
    page.keyboard.press("1")
    page.wait_for_timeout(300)
    assert not words(desk)


def test_a_hostile_claim_has_its_page(sit_down: Callable[..., Page]) -> None:
    page = sit_down("rex")
    page.goto("/")
    page.click(f"table.verdicts a >> text={HOSTILE_CLAIM[:12]}")
    page.wait_for_url("**/claim?id=**")
    assert HOSTILE_CLAIM in page.inner_text("h1")
