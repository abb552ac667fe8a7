"""Who may do what, over HTTP: sessions, tokens, roles, and what a blind project keeps back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from tests.review.web.conftest import ATTACKS, PASSWORD, Person
from textmine.review.desk import Desk
from textmine.review.web.app import create_app

PAGES = ("/", "/queue", "/claim?id=K1", "/article?id=100", "/projects", "/agreement", "/exports",
         "/export/csv", "/account", "/help", "/disagreements", "/admin", "/audit",
         "/finding/f_1")  # fmt: skip
KEY = "key-of-form-1"
FORMS = ("/logout", "/account/password", "/finding/f_1/decide", "/finding/f_1/adjudicate", "/undo",
         "/article/add", "/projects", "/samples", "/admin/accounts", "/admin/role",
         "/admin/active")  # fmt: skip


def decisions(desk: Desk) -> list[str]:
    """Every word in the store, as an administrator's export has it."""
    ann = next(a for a in desk.accounts(desk_admin(desk)) if a.name == "ann")
    return [line for line in desk.export(ann, "jsonl") if line.strip()]


def desk_admin(desk: Desk):  # type: ignore[no-untyped-def]
    return desk.login("ann", PASSWORD, "test").account


def test_these_are_all_the_forms(app: FastAPI) -> None:
    """A new form must come into the tests below."""
    found: set[str] = set()

    def collect(routes) -> None:  # type: ignore[no-untyped-def]
        for route in routes:
            if isinstance(route, APIRoute):
                if "POST" in route.methods:
                    found.add(route.path.replace("{finding_id}", "f_1"))
            elif hasattr(route, "original_router"):
                collect(route.original_router.routes)

    collect(app.routes)
    assert found == {*FORMS, "/login"}


@pytest.mark.parametrize("path", PAGES)
def test_strangers_see_the_login_alone(person: Callable[..., Person], path: str) -> None:
    answer = person().get(path)
    assert answer.status_code == 303 and answer.headers["location"].startswith("/login")


def test_a_part_of_a_page_leads_strangers_to_the_login(person: Callable[..., Person]) -> None:
    answer = person().get("/queue?state=all", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"].startswith("/login?next=%2Fqueue")
    part = person("bob").get("/queue?state=all", headers={"HX-Request": "true"}).text
    assert "<html" not in part and 'class="queue"' in part


@pytest.mark.parametrize("path", FORMS)
def test_no_form_is_taken_without_the_token(person: Callable[..., Person], path: str) -> None:
    ann, bob = person("ann"), person("bob")
    foreign = bob.token()
    for token in ("", "x", foreign, foreign[:-1], "\ud83d".encode("utf-16", "surrogatepass").hex()):
        answer = ann.post(path, data={"csrf": token, "name": "new", "password": "p" * 12})
        assert answer.status_code == 403, (path, token, answer.text[-400:])
    assert ann.post(path).status_code == 403
    assert person().post(path, data={"csrf": foreign}).status_code == 303
    assert ann.get("/admin").status_code == 200  # nobody was logged out, no account closed


def test_a_form_from_another_site_is_refused(person: Callable[..., Person]) -> None:
    ann = person("ann")
    for site in ("cross-site", "same-site"):
        answer = ann.post("/logout", data={"csrf": ann.token()}, headers={"sec-fetch-site": site})
        assert answer.status_code == 403


def test_the_login_form_has_a_token_of_its_own(person: Callable[..., Person]) -> None:
    one, two = person(), person()
    fields = {"name": "ann", "password": PASSWORD}
    assert one.post("/login", data=fields).status_code == 403
    assert one.post("/login", data={**fields, "csrf": two.token("/login")}).status_code == 403
    assert "textmine" not in one.cookies


def test_a_session_cannot_be_fixed(person: Callable[..., Person], app: FastAPI) -> None:
    victim = person()
    victim.cookies.set("textmine", "known-to-the-attacker")
    assert victim.get("/").status_code == 303
    assert victim.log_in("bob").status_code == 303
    first = [c.value for c in victim.cookies.jar if c.name == "textmine"]
    assert "known-to-the-attacker" not in first[-1:]
    again = person("bob")
    assert again.cookies["textmine"] not in first
    attacker = person()
    attacker.cookies.set("textmine", "known-to-the-attacker")
    assert attacker.get("/").status_code == 303


def test_a_second_login_has_another_session(person: Callable[..., Person]) -> None:
    bob = person("bob")
    before = bob.cookies["textmine"]
    bob.log_in("bob")
    assert bob.cookies["textmine"] != before


def test_a_logout_ends_the_session(person: Callable[..., Person]) -> None:
    bob = person("bob")
    kept = bob.cookies["textmine"]
    assert bob.fill("/logout").headers["location"] == "/login"
    thief = person()
    thief.cookies.set("textmine", kept)
    assert thief.get("/").status_code == 303


@pytest.mark.parametrize("secure", [False, True])
def test_cookies_are_kept_from_scripts_and_other_sites(desk: Desk, secure: bool) -> None:
    client = Person(create_app(desk, secure=secure))
    client.base_url = "https://testserver" if secure else "http://testserver"
    answer = client.log_in("bob")
    (cookie,) = [c for c in answer.headers.get_list("set-cookie") if "login=" not in c]
    assert "HttpOnly" in cookie and "samesite=strict" in cookie.lower() and "Path=/;" in cookie
    assert ("Secure" in cookie) == secure and cookie.startswith("__Host-") == secure
    assert "strict-transport-security" in answer.headers or not secure


@pytest.mark.parametrize(
    "next_", ["//evil.example", "https://evil.example/", "/\\evil.example", "/\t//evil.example"]
)
def test_a_login_leads_to_the_desk(person: Callable[..., Person], next_: str) -> None:
    assert person().log_in("bob", next=next_).headers["location"] == "/"
    page = person().get("/login", params={"next": next_}).text
    assert "evil" not in page


def test_a_login_leads_back(person: Callable[..., Person]) -> None:
    who = person()
    wanted = who.get("/claim?id=K1").headers["location"]
    found = re.search(r'name="next" value="([^"]+)"', who.get(wanted).text)
    assert found and found[1] == "/claim?id=K1"
    assert who.log_in("bob", next=found[1]).headers["location"] == "/claim?id=K1"


def test_many_wrong_passwords_have_to_wait(person: Callable[..., Person]) -> None:
    who = person()
    answers = [who.log_in("bob", f"wrong {n} wrong") for n in range(12)]
    assert {a.status_code for a in answers[:4]} == {401}
    assert answers[-1].status_code == 429 and int(answers[-1].headers["retry-after"]) > 0
    assert who.log_in("bob").status_code == 429
    said = {re.sub(r"\s+", " ", re.findall(r'role="alert">(.*?)<', a.text)[0]) for a in answers[:4]}
    unknown = person().log_in("nobody", "wrong wrong wrong")
    assert re.findall(r'role="alert">(.*?)<', unknown.text)[0] in said


def test_many_people_come_from_one_address(person: Callable[..., Person]) -> None:
    who = person()
    assert {who.log_in(name).status_code for name in ("bob", "cy", "eve") * 15} == {303}


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [("rex", "/admin", 403), ("rex", "/audit", 403), ("rex", "/disagreements", 403),
     ("bob", "/admin", 403), ("bob", "/audit", 403), ("bob", "/disagreements", 403),
     ("eve", "/admin", 403), ("eve", "/audit", 403), ("eve", "/disagreements", 200),
     ("ann", "/admin", 200), ("ann", "/audit", 200)],
)  # fmt: skip
def test_pages_by_role(person: Callable[..., Person], name: str, path: str, status: int) -> None:
    assert person(name).get(path).status_code == status


@pytest.mark.parametrize(
    ("name", "path", "fields"),
    [
        ("rex", "/finding/{f}/decide", {"verdict": "correct", "hash": "{f}", "key": KEY}),
        ("rex", "/article/add", {"article": "100", "claim": "K1", "stance": "supports",
                                 "span": "0-3", "key": KEY}),
        ("rex", "/samples", {"name": "s", "size": "3"}),
        ("rex", "/undo", {"decision": "d", "key": KEY}),
        ("bob", "/finding/{f}/adjudicate", {"verdict": "correct", "hash": "{f}", "key": KEY}),
        ("bob", "/projects", {"name": "p", "reviewer": "bob"}),
        ("bob", "/admin/accounts", {"name": "x", "password": "p" * 12, "role": "admin"}),
        ("bob", "/admin/role", {"name": "bob", "role": "admin"}),
        ("bob", "/admin/active", {"name": "ann", "active": "no"}),
        ("eve", "/admin/role", {"name": "eve", "role": "admin"}),
        ("eve", "/projects", {"name": "p", "reviewer": "bob"}),
    ],
)  # fmt: skip
def test_forms_by_role(
    person: Callable[..., Person], desk: Desk, name: str, path: str, fields: dict[str, str]
) -> None:
    who = person(name)
    found = who.findings()[0]
    answer = who.fill(path.format(f=found), **{k: v.format(f=found) for k, v in fields.items()})
    assert answer.status_code == 403, answer.text[-500:]
    assert not decisions(desk)
    assert who.get("/account").text.count("<b>admin</b>") == 0


def test_a_decision_is_stored_once_and_leads_on(person: Callable[..., Person], desk: Desk) -> None:
    bob = person("bob")
    found = bob.findings()
    first = bob.decide(found[0])
    assert first.status_code == 303 and "/finding/" in first.headers["location"]
    assert found[0] not in first.headers["location"]
    assert bob.decide(found[0]).status_code == 303  # the same form again, as a double click sends
    assert len(decisions(desk)) == 1
    page = bob.get(first.headers["location"]).text
    assert "Saved: <b>correct</b>" in page
    taken = re.search(r'name="decision" value="([^"]+)"', page)
    assert taken
    back = bob.fill("/undo", decision=taken[1], key="key-of-undo-1")
    assert found[0] in back.headers["location"] and len(decisions(desk)) == 2


def test_nobody_takes_back_anothers_word(person: Callable[..., Person], desk: Desk) -> None:
    bob, cy = person("bob"), person("cy")
    found = bob.findings()[0]
    page = bob.get(bob.decide(found).headers["location"]).text
    taken = re.search(r'name="decision" value="([^"]+)"', page)
    assert taken
    assert cy.fill("/undo", decision=taken[1], key="key-of-undo-1").status_code in (403, 404)
    assert len(decisions(desk)) == 1


def test_a_reading_that_was_not_shown_is_not_judged(person: Callable[..., Person]) -> None:
    bob = person("bob")
    one, two = bob.findings()[:2]
    answer = bob.decide(one, hash=two)
    assert answer.status_code in (409, 422)


def make_project(ann: Person, *reviewers: str, **more: str) -> str:
    token = ann.token()
    fields = {"csrf": token, "name": "Pilot", "blind": "yes", "per_finding": "2", "claim": "K1",
              "reviewer": list(reviewers), "adjudicator": "eve", **more}  # fmt: skip
    answer = ann.post("/projects", data=fields)
    assert answer.status_code == 303, answer.text[-800:]
    return answer.headers["location"].partition("done=")[2]


def test_blind_is_blind_on_every_page(person: Callable[..., Person]) -> None:
    ann, bob, cy, eve = (person(n) for n in ("ann", "bob", "cy", "eve"))
    project = make_project(ann, "bob", "cy")
    found = bob.findings(project=project)[0]
    secret = "zzsecretzz"
    stored = bob.decide(found, "wrong", part="direction", direction="increases", note=secret,
                        project=project)  # fmt: skip
    assert stored.status_code == 303, stored.text
    here = f"/finding/{found}"
    pages = ["/", "/queue?state=all", f"/queue?state=all&project={project}", here,
             f"{here}?project={project}", f"{here}?project={project}&adjudicate=1",
             "/claim?id=K1", "/agreement", f"/agreement?project={project}", "/projects",
             *(f"/article?id={100 + n}" for n in range(len(ATTACKS)))]  # fmt: skip
    pages += [f"/export/{form}" for form in ("csv", "jsonl", "card1", "gold", "training")]
    pages += [f"/export/{form}?project={project}" for form in ("csv", "jsonl")]
    for path in pages:
        answer = cy.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        assert secret not in answer.text, path
        text = re.sub(r"<[^>]*>", " ", answer.text)
        assert "bob: " not in re.sub(r"\s+", " ", text), path
    assert "hidden" in cy.get(f"/finding/{found}?project={project}").text
    assert cy.decide(found, "correct", project=project).status_code == 303
    assert secret in cy.get(f"/finding/{found}?project={project}").text
    assert secret in bob.get(f"/finding/{found}?project={project}").text
    # Both have spoken, and not the same: the adjudicator sees both words, and settles it.
    listed = eve.get(f"/disagreements?project={project}").text
    assert found in listed
    page = eve.get(f"/finding/{found}?project={project}&adjudicate=1").text
    assert secret in page and "Your adjudication" in page
    settled = eve.fill(f"/finding/{found}/adjudicate", verdict="wrong", part="direction",
                       direction="increases", hash=found, key=KEY, project=project)  # fmt: skip
    assert settled.status_code == 303, settled.text[-500:]
    assert found not in eve.get(f"/disagreements?project={project}").text


def test_a_project_is_for_its_people(person: Callable[..., Person]) -> None:
    ann = person("ann")
    project = make_project(ann, "bob", "cy")
    outside = person("<img src=x onerror=alert('name')>")
    found = outside.findings()[0]
    for path in (f"/queue?project={project}", f"/finding/{found}?project={project}",
                 f"/export/csv?project={project}"):  # fmt: skip
        answer = outside.get(path)
        assert answer.status_code in (200, 403, 404)
        assert answer.status_code != 200 or "/finding/" not in answer.text or "queue" not in path
    assert outside.decide(found, project=project).status_code in (403, 404, 422)


def test_read_only_shows_and_stores_nothing(desk_url: str) -> None:
    desk = Desk(desk_url, read_only=True)
    try:
        bob = Person(create_app(desk), "bob")
        found = bob.findings()[0]
        page = bob.get(f"/finding/{found}").text
        assert "Read-only" in page and "/decide" not in page
        assert bob.decide(found).status_code == 403
        assert not [line for line in desk.export(desk_admin(desk), "jsonl") if line.strip()]
        assert bob.fill("/logout").status_code == 303
    finally:
        desk.close()


def test_behind_a_proxy_its_header_says_who_asks(desk: Desk) -> None:
    client = Person(create_app(desk, proxy_header="X-Remote-User"))
    assert client.get("/").status_code == 401
    client.cookies.set("textmine", Person(create_app(desk), "ann").cookies["textmine"])
    assert client.get("/").status_code == 401  # a cookie counts nothing here
    bob = {"X-Remote-User": "bob"}
    page = client.get("/queue?state=all", headers=bob)
    assert page.status_code == 200 and "Log out" not in page.text
    found = re.findall(r'href="/finding/([^"?]+)', page.text)[0]
    shown = client.get(f"/finding/{found}", headers=bob).text
    token = re.search(r'name="csrf" value="([^"]+)"', shown)
    assert token
    fields = {"verdict": "correct", "hash": found, "key": KEY}
    path = f"/finding/{found}/decide"
    assert client.post(path, data=fields, headers=bob).status_code == 403
    cy = {"X-Remote-User": "cy"}
    assert client.post(path, data={**fields, "csrf": token[1]}, headers=cy).status_code == 403
    assert client.post(path, data={**fields, "csrf": token[1]}, headers=bob).status_code == 303
    assert client.get("/", headers={"X-Remote-User": "stranger"}).status_code == 401
    assert client.get("/login").status_code == 404


def test_the_link_of_a_desk_without_accounts_works_once(bare_url: str) -> None:
    desk = Desk(bare_url)
    app = create_app(desk)
    token = desk.local_token()
    first, second = Person(app), Person(app)
    assert first.get(f"/login/local?token={token}").headers["location"] == "/"
    assert first.get("/").status_code == 200
    assert second.get(f"/login/local?token={token}").status_code == 401
    assert second.get("/login/local?token=wrong").status_code == 401
    assert second.get("/").status_code == 303
    desk.close()


def test_a_password_is_changed_by_who_knows_the_old_one(person: Callable[..., Person]) -> None:
    bob = person("bob")
    new = "another long password"
    refused = bob.fill("/account/password", old="wrong", new=new, again=new)
    assert refused.status_code == 422 and "does not fit" in refused.text
    assert bob.fill("/account/password", old=PASSWORD, new=new, again="x").status_code == 422
    assert (
        bob.fill("/account/password", old=PASSWORD, new="short", again="short").status_code == 422
    )
    assert bob.fill("/account/password", old=PASSWORD, new=new, again=new).status_code == 303
    assert person().log_in("bob").status_code == 401
    assert person().log_in("bob", new).status_code == 303


def test_a_closed_account_is_out_at_once(person: Callable[..., Person]) -> None:
    ann, bob = person("ann"), person("bob")
    assert bob.get("/").status_code == 200
    assert ann.fill("/admin/active", name="bob", active="no").status_code == 303
    assert bob.get("/").status_code == 303
    assert person().log_in("bob").status_code == 401


def test_a_reviewer_made_reader_decides_no_more(person: Callable[..., Person]) -> None:
    ann, bob = person("ann"), person("bob")
    assert ann.fill("/admin/role", name="bob", role="reader").status_code == 303
    found = person("cy").findings()[0]
    answer = bob.decide(found) if bob.get("/").status_code == 200 else bob.get("/")
    assert answer.status_code in (303, 403)
    assert "/finding/" not in answer.headers.get("location", "")
