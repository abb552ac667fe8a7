"""The reviewers' desk: everything that people can see and do, behind one class.

Every method may be called from any thread. `who` is the account that asks; what it may not do is
refused here (NotAllowed, NotThere), whatever the pages show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from textmine.records import Annotated
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
    Submission,
)
from textmine.stores.model import StoredEvent

__all__ = ["EXPORTS", "Desk"]

# form -> (file name, media type)
EXPORTS = {
    "csv": ("decisions.csv", "text/csv; charset=utf-8"),
    "jsonl": ("decisions.jsonl", "application/jsonl; charset=utf-8"),
    "card1": ("card1.jsonl", "application/jsonl; charset=utf-8"),
    "gold": ("gold.jsonl", "application/jsonl; charset=utf-8"),
    "training": ("training.jsonl", "application/jsonl; charset=utf-8"),
}


class Desk:
    """A store opened for review. `say` gets a line about work that takes long."""

    label: str
    corpus: str
    read_only: bool

    def __init__(
        self,
        url: str,
        *,
        read_only: bool = False,
        pool: int = 8,
        say: Callable[[str], None] | None = None,
    ) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    # --- people

    def accounts_exist(self) -> bool:
        raise NotImplementedError

    def local_token(self) -> str:
        raise NotImplementedError

    def login(self, name: str, password: str, address: str) -> Session:
        raise NotImplementedError

    def login_local(self, token: str, address: str) -> Session:
        raise NotImplementedError

    def login_proxy(self, name: str, *, role: str | None = None) -> Account:
        raise NotImplementedError

    def proxy_csrf(self, name: str) -> str:
        raise NotImplementedError

    def session(self, token: str) -> Session | None:
        raise NotImplementedError

    def check_csrf(self, session: Session, value: str) -> None:
        raise NotImplementedError

    def logout(self, token: str) -> None:
        raise NotImplementedError

    def change_password(self, who: Account, old: str, new: str) -> None:
        raise NotImplementedError

    def accounts(self, who: Account) -> list[Account]:
        raise NotImplementedError

    def add_account(self, who: Account | None, name: str, password: str, role: str) -> Account:
        raise NotImplementedError

    def set_role(self, who: Account | None, name: str, role: str) -> None:
        raise NotImplementedError

    def set_active(self, who: Account | None, name: str, active: bool) -> None:
        raise NotImplementedError

    # --- queue

    def queue(self, who: Account, queue: Queue, offset: int = 0, limit: int = 50) -> Page:
        raise NotImplementedError

    def progress(self, who: Account, project: str | None = None) -> Progress:
        raise NotImplementedError

    def neighbours(self, who: Account, queue: Queue, finding: str) -> tuple[str | None, str | None]:
        raise NotImplementedError

    def next_open(self, who: Account, queue: Queue, after: str | None = None) -> str | None:
        raise NotImplementedError

    # --- one finding

    def finding(self, who: Account, finding: str, project: str | None = None) -> FindingView:
        raise NotImplementedError

    def article_view(
        self, who: Account, article_id: str
    ) -> tuple[Annotated, tuple[StoredEvent, ...], tuple[Item, ...]]:
        raise NotImplementedError

    def decide(self, who: Account, submission: Submission) -> StoredDecision:
        raise NotImplementedError

    def undo(self, who: Account, decision: str, key: str) -> StoredDecision:
        raise NotImplementedError

    def add_finding(self, who: Account, added: Added) -> StoredDecision:
        raise NotImplementedError

    def my_last(self, who: Account) -> StoredDecision | None:
        raise NotImplementedError

    # --- claims

    def claims(self, who: Account) -> list[ClaimLine]:
        raise NotImplementedError

    def claim(self, who: Account, claim_id: str) -> ClaimView:
        raise NotImplementedError

    def evidence_map(self) -> list[MapCell]:
        raise NotImplementedError

    def flow(self) -> Flow:
        raise NotImplementedError

    def effects(self, who: Account) -> list[Effect]:
        raise NotImplementedError

    # --- projects and samples

    def projects(self, who: Account) -> list[Project]:
        raise NotImplementedError

    def project(self, who: Account, project: str) -> Project:
        raise NotImplementedError

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
        raise NotImplementedError

    def disagreements(self, who: Account, project: str, offset: int = 0, limit: int = 50) -> Page:
        raise NotImplementedError

    def adjudicate(self, who: Account, submission: Submission) -> StoredDecision:
        raise NotImplementedError

    def agreement(self, who: Account, project: str | None = None) -> Agreement:
        raise NotImplementedError

    def create_sample(
        self, who: Account, name: str, size: int, *, seed: int | None = None,
        claim: str | None = None,
    ) -> Sample:  # fmt: skip
        raise NotImplementedError

    def samples(self, who: Account) -> list[Sample]:
        raise NotImplementedError

    def precision(self, who: Account, sample: str, reviewer: str | None = None) -> Precision:
        raise NotImplementedError

    # --- out

    def export(self, who: Account, form: str, project: str | None = None) -> Iterator[str]:
        raise NotImplementedError

    def audit(self, who: Account, after: int = 0, limit: int = 200) -> list[AuditLine]:
        raise NotImplementedError
