"""The pictures of docs/review.md, taken anew from the demonstration (synthetic texts alone).

textmine run --out demo && python docs/images/make.py sqlite:///demo/textmine.db

Makes accounts and decisions in that store. Needs the extras `review` and `dev`, and Chromium.
"""

from __future__ import annotations

import io
import shutil
import socket
import sys
import threading
import time
from pathlib import Path

import uvicorn
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from textmine.review.desk import Desk
from textmine.review.web.app import create_app

HERE = Path(__file__).parent
PASSWORD = "only for pictures"
PEOPLE = {"Ann": "admin", "Bob": "reviewer", "Cy": "reviewer", "Eve": "adjudicator"}


def take(page: Page, name: str, *, full: bool = False) -> None:
    """A picture with few colours, so that it stays small."""
    page.mouse.move(0, 0)
    picture = Image.open(io.BytesIO(page.screenshot(full_page=full)))
    picture.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(
        HERE / f"{name}.png", optimize=True
    )


def sit_down(browser: Browser, place: str, name: str, width: int = 1180, height: int = 760) -> Page:
    context = browser.new_context(base_url=place, viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto("/login")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("button.go")
    page.wait_for_load_state()
    return page


def judge(page: Page, keys: str) -> None:
    for key in keys:
        before = page.url
        page.keyboard.press(key)
        page.wait_for_url(lambda url, before=before: url != before)


def project(ann: Page, bob: Page, cy: Page) -> None:
    """A blind project in which both have spoken, and not always the same."""
    ann.goto("/projects")
    ann.fill("main form input[name=name]", "Pilot")
    for name in ("Bob", "Cy"):
        ann.check(f"input[name=reviewer][value={name}]")
    ann.check("input[name=adjudicator][value=Eve]")
    ann.select_option("main form select[name=claim]", "D07")
    ann.click("text=Make the project")
    ann.wait_for_load_state()
    for page, keys in ((bob, "11131111"), (cy, "11111311")):
        page.goto("/projects")
        page.click("text=Your part of it")
        page.click("a.row >> nth=0")
        page.wait_for_url("**/finding/**")
        judge(page, keys[: int(page.locator(".crumbs").inner_text().split(" of ")[1].split()[0])])


def main() -> None:
    desk = Desk(sys.argv[1])
    if not desk.accounts_exist():
        for name, role in PEOPLE.items():
            desk.add_account(None, name, PASSWORD, role)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(desk), port=port, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    place = f"http://127.0.0.1:{port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        ann, bob, cy, eve = (sit_down(browser, place, name) for name in PEOPLE)
        bob.goto("/queue?claim=D02")
        bob.click("a.row >> nth=0")
        bob.wait_for_url("**/finding/**")
        judge(bob, "111311")
        bob.goto("/queue?claim=D01")
        take(bob, "queue")
        bob.click("a.row >> nth=0")
        bob.wait_for_url("**/finding/**")
        take(bob, "finding")
        bob.keyboard.press("2")
        bob.keyboard.press("2")
        take(bob, "wrong")
        bob.select_option("#wrong select[name=direction]", "unchanged")
        bob.keyboard.press("Control+Enter")
        bob.wait_for_load_state()
        project(ann, bob, cy)
        ann.goto("/agreement")
        ann.fill("main form input[name=name]", "First sample")
        ann.fill("main form input[name=size]", "20")
        ann.fill("main form input[name=seed]", "7")
        ann.click("text=Draw it")
        ann.wait_for_load_state()
        ann.click("a.row >> nth=0")
        ann.wait_for_url("**/finding/**")
        judge(ann, "11111113111111111111"[:12])
        ann.goto("/agreement")
        take(ann, "figures")
        ann.goto("/")
        take(ann, "verdicts")
        ann.goto("/claim?id=D07")
        take(ann, "claim", full=True)
        eve.goto("/disagreements")
        if eve.locator("a.row").count():
            eve.click("a.row >> nth=0")
            eve.wait_for_load_state()
            take(eve, "adjudicate")
        narrow = sit_down(browser, place, "Cy", 390, 800)
        narrow.goto("/queue?claim=D05")
        narrow.click("a.row >> nth=0")
        narrow.wait_for_load_state()
        take(narrow, "narrow")
        browser.close()
    server.should_exit = True
    desk.close()


if __name__ == "__main__":
    main()
