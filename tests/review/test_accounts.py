"""Who may come in: passwords, limits, sessions, the link for one, the proxy's word."""

from __future__ import annotations

from typing import Any

import pytest

from tests.review.stock import PASSWORD, people
from textmine.errors import BadDecision, LoginRefused, NotAllowed, NotThere, TooManyTries
from textmine.review import accounts
from textmine.review.desk import Desk


def everything_stored(desk: Desk) -> str:
    """What somebody with a copy of the store can read of accounts and sessions."""
    tables = ("desk_account", "desk_session", "desk_mark", "desk_failed", "audit_log")
    with desk._pool.lend() as database:
        return repr([database.read(f"SELECT * FROM {name}") for name in tables])  # noqa: S608


def test_login_and_logout(desk: Desk) -> None:
    people(desk, ann="reviewer")
    session = desk.login("ann", PASSWORD, "192.0.2.1")
    assert session.account.name == "ann" and session.account.may("reviewer")
    again = desk.session(session.token)
    assert again is not None and again.csrf == session.csrf and again.account == session.account
    other = desk.login("ann", PASSWORD, "192.0.2.1")
    assert other.token != session.token and other.csrf != session.csrf
    desk.logout(session.token)
    assert desk.session(session.token) is None
    assert desk.session(other.token) is not None
    for token in ("", "x", "\udc00", session.token + " "):
        assert desk.session(token) is None


def test_nothing_secret_is_stored_as_it_is(desk: Desk) -> None:
    people(desk, ann="reviewer")
    session = desk.login("ann", PASSWORD, "192.0.2.1")
    token = desk.local_token()
    held = everything_stored(desk)
    assert PASSWORD not in held and session.token not in held and token not in held
    assert "$argon2id$" in held


@pytest.mark.parametrize(
    ("name", "password"),
    [("ann", "another pass phrase"), ("bob", PASSWORD), ("eve", PASSWORD), ("ann", ""),
     ("ann\x00", PASSWORD), ("prx", ""), ("\udc00", PASSWORD)],
)  # fmt: skip
def test_one_answer_for_all_that_does_not_fit(desk: Desk, name: str, password: str) -> None:
    people(desk, ann="reviewer", eve="reviewer")
    desk.set_active(None, "eve", False)
    desk.add_account(None, "prx", None, "reviewer")
    with pytest.raises(LoginRefused) as refused:
        desk.login(name, password, "192.0.2.1")
    assert str(refused.value) == accounts._NO_LOGIN


def test_failures_are_counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    people(desk, ann="reviewer", bob="reviewer")
    for _ in range(accounts.BY_NAME):
        with pytest.raises(LoginRefused):
            desk.login("ann", "wrong", "192.0.2.1")
    # Now even the right one has to wait, wherever it comes from; others do not.
    with pytest.raises(TooManyTries) as wait:
        desk.login("ann", PASSWORD, "192.0.2.9")
    assert 0 < wait.value.wait <= accounts.WINDOW
    desk.login("bob", PASSWORD, "192.0.2.1")
    later = accounts.time.time() + accounts.WINDOW + 1
    monkeypatch.setattr(accounts.time, "time", lambda: later)
    desk.login("ann", PASSWORD, "192.0.2.1")


def test_failures_of_one_address_are_counted(desk: Desk) -> None:
    people(desk, ann="reviewer")
    for number in range(accounts.BY_ADDRESS):
        with pytest.raises(LoginRefused):
            desk.login(f"guess{number}", PASSWORD, "192.0.2.1")
    with pytest.raises(TooManyTries):
        desk.login("ann", PASSWORD, "192.0.2.1")
    desk.login("ann", PASSWORD, "192.0.2.2")


def test_the_right_password_clears_the_count(desk: Desk) -> None:
    people(desk, ann="reviewer")
    for _ in range(3):
        for _ in range(accounts.BY_NAME - 1):
            with pytest.raises(LoginRefused):
                desk.login("ann", "wrong", "192.0.2.1")
        desk.login("ann", PASSWORD, "192.0.2.1")


def test_sessions_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    people(desk, ann="reviewer")
    start = accounts.time.time()
    clock = [start]
    monkeypatch.setattr(accounts.time, "time", lambda: clock[0])
    idle = desk.login("ann", PASSWORD, "a").token
    clock[0] = start + accounts.IDLE + 1
    assert desk.session(idle) is None
    busy = desk.login("ann", PASSWORD, "a").token
    begun = clock[0]
    while clock[0] < begun + accounts.LONGEST - 3600:
        clock[0] += accounts.IDLE / 2
        if clock[0] < begun + accounts.LONGEST:
            assert desk.session(busy) is not None
    clock[0] = begun + accounts.LONGEST + 1
    assert desk.session(busy) is None


def test_what_ends_all_sessions(desk: Desk) -> None:
    ann = people(desk, ann="reviewer", adm="admin")["ann"]
    for end in (
        lambda: desk.set_role(None, "ann", "reader"),
        lambda: desk.set_active(None, "ann", False),
        lambda: desk.set_password(None, "ann", "yet another phrase"),
    ):
        desk.set_active(None, "ann", True)
        desk.set_password(None, "ann", PASSWORD)
        token = desk.login("ann", PASSWORD, "a").token
        end()
        assert desk.session(token) is None
    desk.set_password(None, "ann", PASSWORD)
    token = desk.login("ann", PASSWORD, "a").token
    with pytest.raises(LoginRefused):
        desk.change_password(ann, "wrong", "a new long phrase")
    desk.change_password(ann, PASSWORD, "a new long phrase")
    assert desk.session(token) is None
    desk.login("ann", "a new long phrase", "a")


def test_csrf(desk: Desk) -> None:
    people(desk, ann="reviewer", bob="reviewer")
    ann, bob = (desk.login(n, PASSWORD, "a") for n in ("ann", "bob"))
    desk.check_csrf(ann, ann.csrf)
    for value in ("", bob.csrf, ann.token, ann.csrf + " ", "\udc00"):
        with pytest.raises(NotAllowed):
            desk.check_csrf(ann, value)


def test_the_link_for_one_person(desk: Desk) -> None:
    assert not desk.accounts_exist()
    old, token = desk.local_token(), desk.local_token()
    for wrong in (old, "", token[:-1], "local_token"):
        with pytest.raises(LoginRefused):
            desk.login_local(wrong, "127.0.0.1")
    session = desk.login_local(token, "127.0.0.1")
    assert session.account.name == accounts.LOCAL and session.account.may("admin")
    with pytest.raises(LoginRefused):
        desk.login_local(token, "127.0.0.1")
    # Its own account does not count: the next start prints a link again.
    assert not desk.accounts_exist()
    assert desk.login_local(desk.local_token(), "127.0.0.1")
    with pytest.raises(LoginRefused):
        desk.login(accounts.LOCAL, "", "127.0.0.1")
    token = desk.local_token()
    people(desk, ann="admin")
    with pytest.raises(LoginRefused):
        desk.login_local(token, "127.0.0.1")


def test_behind_a_proxy(desk: Desk) -> None:
    people(desk, ann="reviewer", eve="reviewer")
    desk.set_active(None, "eve", False)
    assert desk.login_proxy("ann").role == "reviewer"
    for name in ("bob", "eve", "", "x" * 101, "a\nb"):
        with pytest.raises(LoginRefused):
            desk.login_proxy(name)
        if name != "bob":
            with pytest.raises(LoginRefused):
                desk.login_proxy(name, role="reader")
    assert desk.login_proxy("bob", role="reader").role == "reader"
    # Who is known keeps the role that was given.
    assert desk.login_proxy("bob", role="admin").role == "reader"
    assert desk.proxy_csrf("ann") == desk.proxy_csrf("ann") != desk.proxy_csrf("bob")


def test_accounts_are_for_admins(desk: Desk) -> None:
    made = people(desk, rea="reader", rev="reviewer", adj="adjudicator", adm="admin")
    for name in ("rea", "rev", "adj"):
        for call in (
            lambda who: desk.accounts(who),
            lambda who: desk.add_account(who, "new", PASSWORD, "admin"),
            lambda who: desk.set_role(who, who.name, "admin"),
            lambda who: desk.set_active(who, "adm", False),
            lambda who: desk.set_password(who, "adm", PASSWORD),
        ):
            with pytest.raises(NotAllowed):
                call(made[name])
    assert [a.name for a in desk.accounts(made["adm"])] == ["adj", "adm", "rea", "rev"]
    with pytest.raises(NotAllowed, match="last account"):
        desk.set_role(made["adm"], "adm", "reader")
    with pytest.raises(NotAllowed, match="last account"):
        desk.set_active(made["adm"], "adm", False)
    desk.set_role(made["adm"], "rev", "admin")
    desk.set_active(made["adm"], "adm", False)


def test_accounts_that_cannot_be(desk: Desk) -> None:
    people(desk, ann="reviewer")
    cases: tuple[tuple[str, Any, str, str], ...] = (
        ("ann", PASSWORD, "reader", "already"),
        ("", PASSWORD, "reader", "cannot be a name"),
        (" bob", PASSWORD, "reader", "cannot be a name"),
        ("b\nob", PASSWORD, "reader", "cannot be a name"),
        ("b" * 101, PASSWORD, "reader", "cannot be a name"),
        ("bob", "short", "reader", "5 characters"),
        ("bob", "x" * 1001, "reader", "1,000"),
        ("bob", PASSWORD, "owner", "no role"),
    )
    for name, password, role, words in cases:
        with pytest.raises(BadDecision, match=words):
            desk.add_account(None, name, password, role)
    with pytest.raises(NotThere):
        desk.set_role(None, "nobody", "reader")
