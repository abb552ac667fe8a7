"""The reviewers' desk: everything that people can see and do, behind one class.

Every method may be called from any thread. `who` is the account that asks; what it may not do is
refused here (NotAllowed, NotThere), whatever the pages show.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from textmine.errors import ConfigError, NotAllowed, NotThere, ReadOnly, StoreError
from textmine.records import Annotated, annotated_from_json
from textmine.review import agreement as agreeing
from textmine.review import overview
from textmine.review.accounts import Accounts, check_csrf
from textmine.review.decisions import Decisions
from textmine.review.effects import Effects
from textmine.review.export import EXPORTS, export
from textmine.review.items import absorb, state_of, sync
from textmine.review.nouns import (
    Account,
    Added,
    Agreement,
    AuditLine,
    ClaimLine,
    ClaimView,
    Effect,
    FindingView,
    Flow,
    Item,
    MapCell,
    Page,
    Precision,
    Progress,
    Project,
    Queue,
    Sample,
    Session,
    StoredDecision,
    Study,
    Submission,
)
from textmine.review.pool import Pool
from textmine.review.progress import progress, units_of
from textmine.review.projects import Projects
from textmine.review.queue import (
    Counts,
    Query,
    Titles,
    items_of,
    neighbours,
    of_article,
    page,
)
from textmine.review.sight import read_decisions
from textmine.review.tables import audit, plain
from textmine.review.view import finding_view
from textmine.stores.events import open_events
from textmine.stores.model import StoredEvent
from textmine.stores.text import column_text

__all__ = ["EXPORTS", "Desk"]

# Seconds between two looks whether the store has changed.
LOOK = 10
# So many words are counted anew for each page that shows their number.
MANY = 2000
# So many things are kept worked out: a few, and the studies of the claims that were looked at.
KEPT = 100


def _silent(_: str) -> None: ...


class Desk:
    """A store opened for review. `say` gets a line about work that takes long."""

    def __init__(
        self,
        url: str,
        *,
        read_only: bool = False,
        pool: int = 8,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.read_only = read_only
        self._say = say or _silent
        self._pool = Pool(url, pool)
        self.label = self._pool.label
        try:
            with self._pool.lend() as database:
                rows = database.read('SELECT project FROM run ORDER BY "position" DESC LIMIT 1')
            if not rows:
                raise StoreError(
                    f"The store {self.label} is empty. Fill it with `textmine run --store` or "
                    "`textmine store push`."
                )
            self._corpus: str = rows[0][0]
            self.corpus: str = plain(self._corpus)
            self._accounts = Accounts(self._pool, read_only=read_only)
            self._decisions = Decisions(self._pool, self._corpus)
            self._projects = Projects(self._pool, self._corpus)
            self._effects = Effects(self._pool, self._corpus)
            self._counts = Counts()
            self._kept: dict[str, tuple[str, Any]] = {}
            self._judged_known: tuple[tuple[tuple[str, int], dict[str, int]], float] = (
                (("", -1), {}),
                float("-inf"),
            )
            self._lock = threading.Lock()
            self._looked = 0.0
            self._state = ""
            self.refresh()
        except BaseException:
            self._pool.close()
            raise

    def close(self) -> None:
        self._effects.close()
        self._pool.close()

    def refresh(self) -> None:
        """Takes up what others have stored since: runs, events, decisions."""
        self._looked = time.monotonic()
        absorb(self._pool)
        self._state = sync(self._pool, self._corpus, self._say)

    def _look(self) -> str:
        """The state that the queue shows. When the store has changed it is made anew beside."""
        if time.monotonic() - self._looked > LOOK:
            with self._lock:
                if time.monotonic() - self._looked <= LOOK:
                    return self._state
                self._looked = time.monotonic()
            with self._pool.lend() as database:
                changed = state_of(database, self._corpus) != self._state
            if changed or absorb(self._pool):
                threading.Thread(target=self._beside, daemon=True).start()
        return self._state

    def _beside(self) -> None:
        try:
            self.refresh()
        except StoreError as error:
            self._say(f"The queue could not be brought up to date: {error}")

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        """What depends on the runs and events alone, worked out once for each state."""
        state = self._look()
        known = self._kept.get(name)
        if known is None or known[0] != state:
            known = (state, make())
            self._kept[name] = known
        return known[1]

    def _may(self, who: Account, role: str, *, writes: bool = False) -> None:
        if writes and self.read_only:
            raise ReadOnly("This desk was opened to be read only: nothing can be stored.")
        if not who.may(role):
            raise NotAllowed(
                f"For this an account needs the role {role}; {who.name} is {who.role}. Ask who "
                "runs this desk."
            )

    # --- people

    def accounts_exist(self) -> bool:
        return self._accounts.any()

    def local_token(self) -> str:
        return self._accounts.local_token()

    def login(self, name: str, password: str, address: str) -> Session:
        return self._accounts.login(name, password, address)

    def login_local(self, token: str, address: str) -> Session:
        return self._accounts.login_local(token, address)

    def login_proxy(self, name: str, *, role: str | None = None) -> Account:
        return self._accounts.login_proxy(name, role)

    def proxy_csrf(self, name: str) -> str:
        return self._accounts.proxy_csrf(name)

    def session(self, token: str) -> Session | None:
        return self._accounts.session(token)

    def check_csrf(self, session: Session, value: str) -> None:
        check_csrf(session, value)

    def logout(self, token: str) -> None:
        self._accounts.logout(token)

    def change_password(self, who: Account, old: str, new: str) -> None:
        self._may(who, "reader", writes=True)
        self._accounts.change_password(who, old, new)

    def accounts(self, who: Account) -> list[Account]:
        self._may(who, "admin")
        return self._accounts.all()

    def add_account(
        self, who: Account | None, name: str, password: str | None, role: str
    ) -> Account:
        """`who` None: the command line, which whoever may write to the store may use."""
        return self._accounts.add(self._admin(who), name, password, role)

    def set_role(self, who: Account | None, name: str, role: str) -> None:
        self._accounts.set_role(self._admin(who), name, role)

    def set_active(self, who: Account | None, name: str, active: bool) -> None:
        self._accounts.set_active(self._admin(who), name, active)

    def set_password(self, who: Account | None, name: str, password: str) -> None:
        """For somebody who has forgotten it; ends that account's sessions."""
        self._accounts.set_password(self._admin(who), name, password)

    def _admin(self, who: Account | None) -> str:
        if who is None:
            return "command line"
        self._may(who, "admin", writes=True)
        return who.name

    # --- queue

    def _titles(self) -> Titles:
        def make() -> Titles:
            with self._pool.lend() as database:
                return Titles.of(database, self._corpus)

        titles: Titles = self._once("titles", make)
        return titles

    def queue(self, who: Account, queue: Queue, offset: int = 0, limit: int = 50) -> Page:
        self._may(who, "reader")
        known = self._counts.at(self._look())
        with self._pool.lend() as database:
            return page(database, self._corpus, who, queue, offset, limit, known, self._titles)

    def progress(self, who: Account, project: str | None = None) -> Progress:
        self._may(who, "reader")
        if project is not None:
            self._projects.get(who, project)
        sizes = {k: line.findings for k, line in self._lines().items()}
        with self._pool.lend() as database:
            return progress(database, self._corpus, who, project, sizes)

    def neighbours(self, who: Account, queue: Queue, finding: str) -> tuple[str | None, str | None]:
        self._may(who, "reader")
        with self._pool.lend() as database:
            return neighbours(database, self._corpus, who, queue, finding, self._titles)

    def next_open(self, who: Account, queue: Queue, after: str | None = None) -> str | None:
        self._may(who, "reader")
        with self._pool.lend() as database:
            query = Query(database, self._corpus, who, queue, self._titles)
            place = query.place(column_text(after)) if after is not None else None
            found = query.beside(place, backwards=False) if place is not None else None
            if found is None:
                # From the end back to what was passed over.
                rows = query.rows(2, 0)
                names = [row[0] for row in rows if plain(row[0]) != after]
                found = names[0] if names else None
        return None if found is None else str(plain(found))

    # --- one finding

    def finding(self, who: Account, finding: str, project: str | None = None) -> FindingView:
        self._may(who, "reader")
        found = None if project is None else self._projects.get(who, project)
        with self._pool.lend() as database:
            shown = finding_view(database, self._corpus, who, finding, project)
        return shown if found is None else replace(shown, project=found)

    def article_view(
        self, who: Account, article_id: str
    ) -> tuple[Annotated, tuple[StoredEvent, ...], tuple[Item, ...]]:
        self._may(who, "reader")
        key = column_text(article_id)
        with self._pool.lend() as database:
            rows = database.read(
                "SELECT data FROM article WHERE id = ? AND superseded_by IS NULL "
                "ORDER BY version DESC LIMIT 1",
                (key,),
            )
            if not rows:
                raise NotThere(f"There is no article {article_id}.")
            items = items_of(
                database, self._corpus, who, of_article(database, self._corpus, key)[:200]
            )
            return (
                annotated_from_json(json.loads(rows[0][0])),
                tuple(open_events(database, article_id)),
                items,
            )

    def decide(self, who: Account, submission: Submission) -> StoredDecision:
        self._may(who, "reviewer", writes=True)
        return self._decisions.decide(who, submission)

    def undo(self, who: Account, decision: str, key: str) -> StoredDecision:
        self._may(who, "reviewer", writes=True)
        return self._decisions.undo(who, decision, key)

    def add_finding(self, who: Account, added: Added) -> StoredDecision:
        self._may(who, "reviewer", writes=True)
        if added.project is not None:
            self._projects.get(who, added.project)
        return self._decisions.add(who, added)

    def my_last(self, who: Account) -> StoredDecision | None:
        self._may(who, "reader")
        with self._pool.lend() as database:
            rows = database.read(
                'SELECT decision FROM desk_standing WHERE reviewer = ? ORDER BY "at" DESC LIMIT 1',
                (column_text(who.name),),
            )
            return read_decisions(database, "d.id = ?", rows[0])[0] if rows else None

    # --- claims

    def _studies(self, claim: str) -> tuple[Study, ...]:
        def make() -> tuple[Study, ...]:
            with self._pool.lend() as database:
                return overview.studies_of(database, self._corpus, claim)

        if len(self._kept) > KEPT:
            self._kept.clear()
        studies: tuple[Study, ...] = self._once(f"studies of {claim}", make)
        return studies

    def _judged(self) -> dict[str, int]:
        """claim -> how many somebody has judged. Where there are very many words it may be some
        seconds old: every one of fifty reviewers would have all of them counted again."""
        with self._pool.lend() as database:
            ((words,),) = database.read("SELECT count(*) FROM desk_submission")
            mark = (self._state, words)
            known, at = self._judged_known
            if known[0] != mark and (words <= MANY or time.monotonic() - at > 5):
                known = (mark, overview.judged_by_claim(database, self._corpus))
                self._judged_known = (known, time.monotonic())
        return known[1]

    def _lines(self) -> overview.Lines:
        def make() -> overview.Lines:
            with self._pool.lend() as database:
                return overview.lines_of(database, self._corpus)

        lines: overview.Lines = self._once("lines", make)
        return lines

    def claims(self, who: Account) -> list[ClaimLine]:
        self._may(who, "reader")
        lines, effects = self._lines(), self._effects.now()
        judged = self._judged()
        return [
            overview.with_people(line, judged.get(key, 0), effects.get(key))
            for key, line in lines.items()
        ]

    def claim(self, who: Account, claim_id: str) -> ClaimView:
        self._may(who, "reader")
        key = column_text(claim_id)
        line, effect = self._lines().get(key), self._effects.now().get(key)
        if line is None:
            raise NotThere(f"There is no claim {claim_id}.")
        line = overview.with_people(line, self._judged().get(key, 0), effect)
        with self._pool.lend() as database:
            return overview.claim_view(
                database, self._corpus, who, line, effect, self._studies(key)
            )

    def evidence_map(self) -> list[MapCell]:
        def make() -> list[MapCell]:
            with self._pool.lend() as database:
                return overview.evidence_map(database, self._corpus)

        cells: list[MapCell] = self._once("map", make)
        return cells

    def flow(self) -> Flow:
        def make() -> Flow:
            with self._pool.lend() as database:
                return overview.flow(database, self._corpus)

        found: Flow = self._once("flow", make)
        return overview.with_judged(found, sum(self._judged().values()))

    def effects(self, who: Account) -> list[Effect]:
        """Verdicts with and without people's words, of the claims that have any; up to date."""
        self._may(who, "reader")
        return list(self._effects.fresh().values())

    # --- projects and samples

    def projects(self, who: Account) -> list[Project]:
        self._may(who, "reader")
        return self._projects.all(who)

    def project(self, who: Account, project: str) -> Project:
        self._may(who, "reader")
        return self._projects.get(who, project)

    def create_project(
        self,
        who: Account,
        name: str,
        reviewers: Sequence[str],
        *,
        adjudicators: Sequence[str] = (),
        blind: bool = True,
        per_finding: int = 2,
        size: int | None = None,
        seed: int | None = None,
        queue: Queue | None = None,
    ) -> Project:
        self._may(who, "admin", writes=True)
        return self._projects.create(
            who, name, reviewers, adjudicators=adjudicators, blind=blind, per_finding=per_finding,
            size=size, seed=seed, queue=queue or Queue(state="all"),
        )  # fmt: skip

    def disagreements(self, who: Account, project: str, offset: int = 0, limit: int = 50) -> Page:
        self._may(who, "adjudicator")
        return self._projects.disagreements(who, project, offset, limit)

    def adjudicate(self, who: Account, submission: Submission) -> StoredDecision:
        self._may(who, "adjudicator", writes=True)
        return self._decisions.adjudicate(who, submission)

    def agreement(self, who: Account, project: str | None = None) -> Agreement:
        self._may(who, "reader")
        if project is not None:
            self._projects.get(who, project)
        with self._pool.lend() as database:
            units, mark = units_of(database, self._corpus, project)
        name = f"agreement:{project}"
        known = self._kept.get(name)
        if known is None or known[0] != mark:
            known = (mark, agreeing.agreement(project, units))
            self._kept[name] = known
        found: Agreement = known[1]
        return found

    def create_sample(
        self, who: Account, name: str, size: int, *, seed: int | None = None,
        claim: str | None = None,
    ) -> Sample:  # fmt: skip
        self._may(who, "reviewer", writes=True)
        return self._projects.create_sample(who, name, size, seed=seed, claim=claim)

    def samples(self, who: Account) -> list[Sample]:
        self._may(who, "reader")
        return self._projects.samples()

    def precision(self, who: Account, sample: str, reviewer: str | None = None) -> Precision:
        self._may(who, "reader")
        return self._projects.precision(who, sample, reviewer)

    # --- out

    def export(self, who: Account, form: str, project: str | None = None) -> Iterator[str]:
        """The lines of a file; see `textmine.review.export`. The whole is read before the first
        line is given, so that it belongs to one state and a slow reader holds no connection."""
        self._may(who, "reader")
        if form not in EXPORTS:
            raise ConfigError(f"There is no export {form!r}. There are: {', '.join(EXPORTS)}.")
        if project is not None:
            self._projects.get(who, project)
        if not self.read_only:
            with self._pool.write("The export could not be noted") as database:
                audit(database, who.name, "export", f"{form} {project or ''}".strip())
        with self._pool.lend() as database, database.snapshot():
            lines = list(export(database, self._corpus, who, form, project))
        return iter(lines)

    def audit(self, who: Account, after: int = 0, limit: int = 200) -> list[AuditLine]:
        """The log behind a position."""
        self._may(who, "admin")
        with self._pool.lend() as database:
            rows = database.read(
                'SELECT "position", "at", who, what, detail FROM audit_log '
                'WHERE "position" > ? ORDER BY "position" LIMIT ?',
                (after, max(1, min(limit, 1000))),
            )
        return [AuditLine(*(plain(value) for value in row)) for row in rows]
