"""Accounts, passwords and sessions, kept in the store.

Passwords are hashed with Argon2id. A session's token is 32 random bytes; the store holds its
SHA-256. Failed logins are counted by name and by address, in the store, so that several processes
count as one.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
import secrets
import time
from typing import TYPE_CHECKING, Any

from textmine.errors import (
    BadDecision,
    LoginRefused,
    MissingExtra,
    NotAllowed,
    NotThere,
    TooManyTries,
)
from textmine.review.nouns import ROLES, Account, Session
from textmine.review.pool import Pool
from textmine.review.tables import audit, mark, now, plain, set_mark
from textmine.stores.database import Database
from textmine.stores.text import column_text

if TYPE_CHECKING:
    from argon2 import PasswordHasher

__all__ = ["LOCAL", "Accounts", "account", "check_csrf"]

LOCAL = "local"
# Seconds without a request, and in all, until one has to log in again.
IDLE, LONGEST = 12 * 3600, 7 * 24 * 3600
# So many failures within so many seconds, for one name and for one address.
WINDOW, BY_NAME, BY_ADDRESS = 900, 8, 40
SHORTEST = 10
_NAME = re.compile(r"[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]{0,98}[^\s\x00-\x1f\x7f])?")
_ADMINS = "SELECT count(*) FROM desk_account WHERE role = 'admin' AND active"
_NO_LOGIN = "Name and password do not fit together, or the account is closed."
_NO_LINK = (
    "This link has been used or is not the right one. Start the desk again for a new one; it "
    "prints it where it was started."
)


@functools.cache
def _hasher() -> PasswordHasher:
    try:
        from argon2 import PasswordHasher
    except ImportError:
        raise MissingExtra("argon2-cffi", "review") from None
    return PasswordHasher()


@functools.cache
def _dummy() -> str:
    """Checked for names that are not there, so that they take as long."""
    return _hasher().hash("nobody has this password")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class Accounts:
    """All that has to do with who is asking."""

    def __init__(self, pool: Pool, *, read_only: bool = False) -> None:
        self.pool = pool
        self.read_only = read_only

    # --- accounts

    def any(self) -> bool:
        with self.pool.lend() as database:
            return bool(
                database.read("SELECT 1 FROM desk_account WHERE name <> ? LIMIT 1", (LOCAL,))
            )

    def all(self) -> list[Account]:
        with self.pool.lend() as database:
            rows = database.read(
                "SELECT name, role, active, created_at FROM desk_account ORDER BY name"
            )
        return [_account(row) for row in rows]

    def get(self, name: str) -> Account:
        with self.pool.lend() as database:
            found = account(database, name)
        if found is None:
            raise NotThere(f"There is no account {name!r}.")
        return found

    def add(self, by: str, name: str, password: str | None, role: str) -> Account:
        """A new account. Without a password it can only be used behind a proxy or a link."""
        if not _NAME.fullmatch(name) or len(name) > 100:
            raise BadDecision(
                f"{name!r} cannot be a name: give 1 to 100 characters without line breaks, none of "
                "them a blank at either end."
            )
        _known_role(role)
        made = "" if password is None else _hashed(password)
        key = column_text(name)
        with self.pool.write("The account could not be made") as database:
            fresh = database.read(
                "INSERT INTO desk_account (name, hash, role, active, created_at) "
                "VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING RETURNING name",
                (key, made, role, True, now()),
            )
            if not fresh:
                raise BadDecision(f"There is an account {name!r} already.")
            audit(database, by, "account_added", f"{name} ({role})")
        return self.get(name)

    def set_role(self, by: str, name: str, role: str) -> None:
        _known_role(role)
        self._set(by, name, "role", role)

    def set_active(self, by: str, name: str, active: bool) -> None:
        self._set(by, name, "active", active)

    def _set(self, by: str, name: str, column: str, value: Any) -> None:
        key = column_text(name)
        # Alone: two who take each other's role away would leave nobody.
        with self.pool.write("The account could not be changed", alone=True) as database:
            before = database.read(_ADMINS)
            done = database.read(
                f"UPDATE desk_account SET {column} = ? WHERE name = ? RETURNING name",  # noqa: S608
                (value, key),
            )
            if not done:
                raise NotThere(f"There is no account {name!r}.")
            if before[0][0] and not database.read(_ADMINS)[0][0]:
                raise NotAllowed(
                    "This is the last account that may administer: make another one admin first."
                )
            database.write("DELETE FROM desk_session WHERE account = ?", (key,))
            audit(database, by, f"account_{column}", f"{name}: {value}")

    def set_password(self, by: str, name: str, password: str) -> None:
        """Ends every session of the account."""
        made, key = _hashed(password), column_text(name)
        with self.pool.write("The password could not be changed") as database:
            done = database.read(
                "UPDATE desk_account SET hash = ? WHERE name = ? RETURNING name", (made, key)
            )
            if not done:
                raise NotThere(f"There is no account {name!r}.")
            database.write("DELETE FROM desk_session WHERE account = ?", (key,))
            audit(database, by, "password_changed", name)

    def change_password(self, who: Account, old: str, new: str) -> None:
        """Its owner's own change, with the old one as proof."""
        key = f"name:{column_text(who.name)}"
        self._limit(key, BY_NAME)
        with self.pool.lend() as database:
            rows = database.read(
                "SELECT hash FROM desk_account WHERE name = ?", (column_text(who.name),)
            )
        if not rows or not _fits(rows[0][0], old):
            self._failed(key)
            raise LoginRefused("The old password does not fit.")
        self.set_password(who.name, who.name, new)

    # --- logging in

    def login(self, name: str, password: str, address: str) -> Session:
        """LoginRefused says the same whatever did not fit; TooManyTries when it was often."""
        who, place = f"name:{column_text(name)[:200]}", f"from:{column_text(address)[:100]}"
        self._limit(who, BY_NAME)
        self._limit(place, BY_ADDRESS)
        # Counted before it is tried: many tries at once count as many.
        at = self._failed(who, place)
        with self.pool.lend() as database:
            rows = database.read(
                "SELECT name, role, active, created_at, hash FROM desk_account WHERE name = ?",
                (column_text(name),),
            )
        made = rows[0][4] if rows else ""
        fits = _fits(made or _dummy(), password) and bool(made)
        if not fits or not rows[0][2]:
            with self.pool.write("The login could not be noted") as database:
                audit(database, "", "login_failed", f"{name[:100]} from {address[:100]}")
            raise LoginRefused(_NO_LOGIN)
        with self.pool.write("The login could not be noted") as database:
            database.write("DELETE FROM desk_failed WHERE who = ?", (who,))
            # This one was none: many people may come from one address.
            database.write('DELETE FROM desk_failed WHERE who = ? AND "at" = ?', (place, at))
            if _hasher().check_needs_rehash(made):
                database.write(
                    "UPDATE desk_account SET hash = ? WHERE name = ?",
                    (_hasher().hash(password), column_text(name)),
                )
            return self._begin(database, _account(rows[0][:4]), address)

    def _limit(self, who: str, most: int) -> None:
        since = time.time() - WINDOW
        with self.pool.lend() as database:
            rows = database.read(
                'SELECT "at" FROM desk_failed WHERE who = ? AND "at" > ? ORDER BY "at" DESC '
                "LIMIT ?",
                (who, since, most),
            )
        if len(rows) >= most:
            raise TooManyTries(max(1, int(rows[-1][0] - since) + 1))

    def _failed(self, *who: str) -> float:
        at = time.time()
        with self.pool.write("The login could not be noted") as database:
            for name in who:
                database.write('INSERT INTO desk_failed (who, "at") VALUES (?, ?)', (name, at))
            database.write('DELETE FROM desk_failed WHERE "at" < ?', (at - 2 * WINDOW,))
        return at

    def local_token(self) -> str:
        """A new link for the one person at this machine; former ones end."""
        token = secrets.token_urlsafe(32)
        with self.pool.write("The link could not be made") as database:
            set_mark(database, "local_token", _digest(token))
        return token

    def login_local(self, token: str, address: str) -> Session:
        """By the link that was printed. It works once, and only where there are no accounts."""
        place = f"from:{column_text(address)[:100]}"
        self._limit(place, BY_ADDRESS)
        refused = self.any()
        with self.pool.write("The login could not be noted") as database:
            used = database.read(
                "DELETE FROM desk_mark WHERE name = 'local_token' AND value = ? RETURNING name",
                ("" if refused else _digest(token),),
            )
            if used:
                database.write(
                    "INSERT INTO desk_account (name, hash, role, active, created_at) "
                    "VALUES (?, '', 'admin', ?, ?) ON CONFLICT (name) DO NOTHING",
                    (LOCAL, True, now()),
                )
                found = account(database, LOCAL)
                assert found is not None
                return self._begin(database, found, address)
        self._failed(place)
        raise LoginRefused(_NO_LINK)

    def login_proxy(self, name: str, role: str | None) -> Account:
        """Whom a trusted proxy names. Unknown ones are refused, or made with `role`."""
        with self.pool.lend() as database:
            found = account(database, name)
        if found is None and role is not None and not self.read_only:
            try:
                found = self.add("proxy", name, None, role)
            except BadDecision:
                # Another request made it just now, or it is no name at all.
                with self.pool.lend() as database:
                    found = account(database, name)
        if found is None or not found.active:
            raise LoginRefused(f"There is no open account {name[:100]!r} here. Ask who runs this.")
        return found

    # --- sessions

    def _begin(self, database: Database, who: Account, address: str) -> Session:
        token, csrf, at = secrets.token_urlsafe(32), secrets.token_urlsafe(32), time.time()
        database.write(
            "DELETE FROM desk_session WHERE seen < ? OR created < ?", (at - IDLE, at - LONGEST)
        )
        database.write(
            "INSERT INTO desk_session (token, account, csrf, created, seen) VALUES (?, ?, ?, ?, ?)",
            (_digest(token), column_text(who.name), csrf, at, at),
        )
        audit(database, who.name, "login", f"from {address[:100]}")
        return Session(token, csrf, who, _iso(at + IDLE))

    def session(self, token: str) -> Session | None:
        """The session of a cookie; None when it has ended or never was."""
        at = time.time()
        with self.pool.lend() as database:
            rows = database.read(
                "SELECT a.name, a.role, a.active, a.created_at, s.csrf, s.created, s.seen "
                "FROM desk_session s JOIN desk_account a ON a.name = s.account WHERE s.token = ?",
                (_digest(token),),
            )
        if not rows:
            return None
        who, (csrf, created, seen) = _account(rows[0][:4]), rows[0][4:]
        if not who.active or seen < at - IDLE or created < at - LONGEST:
            return None
        # Not at every request: pages would wait for each other to write.
        if seen < at - 300 and not self.read_only:
            with self.pool.write("The session could not be kept") as database:
                database.write(
                    "UPDATE desk_session SET seen = ? WHERE token = ?", (at, _digest(token))
                )
        return Session(token, csrf, who, _iso(min(at + IDLE, created + LONGEST)))

    def logout(self, token: str) -> None:
        with self.pool.write("The session could not be ended") as database:
            ended = database.read(
                "DELETE FROM desk_session WHERE token = ? RETURNING account", (_digest(token),)
            )
            for (name,) in ended:
                audit(database, plain(name), "logout")

    def proxy_csrf(self, name: str) -> str:
        """What goes into the forms of somebody that a proxy names: no session holds it."""
        with self.pool.lend() as database:
            key = mark(database, "proxy_key")
        if key is None:
            with self.pool.write("The key could not be made") as database:
                database.write(
                    "INSERT INTO desk_mark (name, value) VALUES ('proxy_key', ?) "
                    "ON CONFLICT (name) DO NOTHING",
                    (secrets.token_hex(32),),
                )
                key = mark(database, "proxy_key")
            assert key is not None
        word = name.encode("utf-8", "surrogatepass")
        return hmac.new(bytes.fromhex(key), word, hashlib.sha256).hexdigest()


def check_csrf(session: Session, value: str) -> None:
    """NotAllowed for a form that did not come from one of our pages."""
    one, other = (t.encode("utf-8", "surrogatepass") for t in (session.csrf, value))
    if not hmac.compare_digest(one, other):
        raise NotAllowed("This form is too old, or it did not come from here. Load the page anew.")


def account(database: Database, name: str) -> Account | None:
    """The account of that name."""
    rows = database.read(
        "SELECT name, role, active, created_at FROM desk_account WHERE name = ?",
        (column_text(name),),
    )
    return _account(rows[0]) if rows else None


def _account(row: Any) -> Account:
    name, role, active, created = row
    return Account(plain(name), role, bool(active), created)


def _known_role(role: str) -> None:
    if role not in ROLES:
        raise BadDecision(f"There is no role {role!r}. There are: {', '.join(ROLES)}.")


def _hashed(password: str) -> str:
    if len(password) < SHORTEST:
        raise BadDecision(
            f"The password has {len(password)} characters. Give one with at least {SHORTEST}; a "
            "few words in a row are easy to remember."
        )
    if len(password) > 1000:
        raise BadDecision("The password has more than 1,000 characters.")
    return _hasher().hash(password)


def _fits(made: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(made, password[:1000])
    except (VerificationError, InvalidHashError):
        return False


def _iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
