"""The nouns of the reviewers' desk: frozen records without input or output.

A *project* here is a review project: who reviews what, and whether blind. The project of a run is
called the corpus. A reviewer's word is a `StoredDecision`; it *stands* while its reviewer has not
replaced it or taken it back, and it is *stale* when a newer run reads the record otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from textmine.records import Annotated, Claim, Finding, Grade, Verdict
from textmine.stores.model import StoredEvent

__all__ = [
    "JUDGEMENTS",
    "KINDS",
    "ORDERS",
    "PARTS",
    "ROLES",
    "STATES",
    "Account",
    "Added",
    "Agreement",
    "AuditLine",
    "ClaimLine",
    "ClaimView",
    "Effect",
    "Estimate",
    "Figure",
    "FindingView",
    "Flow",
    "Item",
    "MapCell",
    "Page",
    "Precision",
    "Progress",
    "Project",
    "Queue",
    "RelationView",
    "Sample",
    "Session",
    "StoredDecision",
    "Study",
    "Submission",
]

# What a reviewer may say of a finding.
JUDGEMENTS = ("correct", "wrong", "unsure")
# What of a finding is wrong.
PARTS = ("entity", "direction", "negation", "role", "claim_match", "study_card")
KINDS = ("decision", "undo", "adjudication", "added_finding")
# Each may do what those before it may.
ROLES = ("reader", "reviewer", "adjudicator", "admin")
ORDERS = ("impact", "uncertainty", "disagreement", "stale", "sample", "article")
# Seen by the one who asks: open = not judged by them.
STATES = ("open", "judged", "all")


# --- people -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Account:
    """Who uses the desk; `name` is what stands as `reviewer` in decisions."""

    name: str
    role: str
    active: bool = True
    created_at: str = ""

    def may(self, role: str) -> bool:
        """Whether this account may do what `role` may."""
        return self.active and ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody logged in. `token` goes into the cookie and is stored only as its hash; `csrf` goes
    into every form."""

    token: str
    csrf: str
    account: Account
    expires_at: str


@dataclass(frozen=True, slots=True)
class Project:
    """A review project. `blind`: nobody sees another's word on a finding before all `per_finding`
    reviewers it was given to have spoken. `assigned` and `done` count (finding, reviewer)."""

    id: str
    name: str
    blind: bool
    per_finding: int
    reviewers: tuple[str, ...]
    adjudicators: tuple[str, ...]
    findings: int
    assigned: int
    done: int
    disagreements: int
    created_at: str
    created_by: str
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One thing that somebody did. `what`: login, login_failed, decide, undo, export, ..."""

    position: int
    at: str
    who: str
    what: str
    detail: str


# --- the queue --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Queue:
    """What to list. `project`: only what this review project gave to the one who asks.

    `sample`: the id of a stored random sample, with order "sample". `text`: words of the title or
    of the quotes. `judgement`: only where the asker's own word is this.
    """

    order: str = "impact"
    claim: str | None = None
    stance: str | None = None
    design: str | None = None
    state: str = "open"
    project: str | None = None
    sample: str | None = None
    judgement: str | None = None
    text: str | None = None
    silent: bool = False
    """Also findings whose stance is insufficient: thousands, that say nothing; they come last."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the queue.

    `impact`: how much the claim's verdict would change without it: 2 and more when the word would,
    1 and more when its certainty would, below 1 the change of the balance. `uncertainty`: 1 when
    the score is 0.5, 0 when it is 0 or 1. `judgement`: what the asker said, None while open.
    """

    finding: str
    claim_id: str
    article_id: str
    article_version: int
    stance: str
    score: float
    impact: float
    uncertainty: float
    disagree: bool
    title: str
    year: int | None
    design: str
    excluded: str | None
    stale: bool = False
    judgement: str | None = None
    others: int = 0
    """Words of others that the asker may see."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the queue. `total` counts all of it."""

    items: tuple[Item, ...]
    total: int
    offset: int
    limit: int
    queue: Queue


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the asker is. `judged` are those the asker judged, `by_anyone` those somebody did;
    `words` counts the asker's judgements, `stale` the asker's words on readings that changed."""

    total: int
    judged: int
    by_anyone: int
    words: Mapping[str, int]
    stale: int
    by_claim: Mapping[str, tuple[int, int]]
    """claim -> (judged by the asker, total)."""


# --- one finding ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A word as the store keeps it; see docs/contract.md, `decision`."""

    id: str
    reviewer: str
    finding: str
    hash: str
    verdict: str
    note: str
    at: str
    project: str | None = None
    part: str | None = None
    corrected: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "decision"
    supersedes: str | None = None
    stands: bool = True
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Submission:
    """A word as it comes from the page. `key` is made once for each form shown: the same key twice
    is one decision. `hash`: the id of the finding that was shown."""

    finding: str
    hash: str
    verdict: str
    key: str
    part: str | None = None
    corrected: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """A finding that the machine missed: marked words of an article, and what they say of a claim.

    `start` and `end` are code points into the article's text.
    """

    claim_id: str
    article_id: str
    start: int
    end: int
    stance: str
    key: str
    note: str = ""
    project: str | None = None


@dataclass(frozen=True, slots=True)
class RelationView:
    """A relation behind the finding, in words; offsets of its parts as (start, end) or None."""

    id: str
    subject: str | None
    predicate: str
    direction: str
    object: str
    mediator: str | None
    negated: bool
    certainty: str
    role: str
    score: float
    quote: str
    sentence: tuple[int, int]
    subject_at: tuple[int, int] | None = None
    object_at: tuple[int, int] | None = None
    mediator_at: tuple[int, int] | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class FindingView:
    """Everything of one finding, as far as the asker may see it.

    `current` is the id of the finding that took its place, or its own. `decisions` are those of the
    asker and those the asker may see, newest last, stale ones included; `hidden` counts the others
    (blind review). `mine`: what the asker said of this very reading. `grade` is None where the
    finding weighs nothing. `verdict` is without its studies.
    """

    item: Item
    claim: Claim
    finding: Finding
    annotated: Annotated
    relations: tuple[RelationView, ...]
    grade: Grade | None
    verdict: Verdict | None
    events: tuple[StoredEvent, ...]
    decisions: tuple[StoredDecision, ...]
    hidden: int
    mine: StoredDecision | None
    current: str
    run: Mapping[str, Any]
    added: tuple[StoredDecision, ...] = ()
    project: Project | None = None


# --- claims and verdicts ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A claim on the overview. `human`: the verdict with the decisions counted in; None: none."""

    id: str
    statement: str
    section: str | None
    verdict: str
    certainty: str
    balance: float | None
    n_studies: Mapping[str, int]
    findings: int
    judged: int
    human: str | None = None
    human_certainty: str | None = None


@dataclass(frozen=True, slots=True)
class Study:
    """One study behind a claim, for the forest-like plot and the timeline."""

    finding: str
    article_id: str
    title: str
    year: int | None
    design: str
    stance: str
    score: float
    points: float
    level: str
    group: str
    excluded: str | None
    judgement: str | None
    """The word that stands: the adjudicator's, else what all visible ones agree on, else None."""
    effects: tuple[tuple[str, float, float | None, float | None], ...] = ()
    """(measure, value, low, high) as the abstract gives them."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What the decisions do to one verdict. `counted` words, of which `changed` took or turned a
    finding, `added` findings that people marked."""

    claim_id: str
    before: Verdict
    after: Verdict
    counted: int
    changed: int
    added: int

    @property
    def moved(self) -> bool:
        """Whether the word or its certainty is another."""
        return (self.before.verdict, self.before.certainty) != (
            self.after.verdict,
            self.after.certainty,
        )


@dataclass(frozen=True, slots=True)
class ClaimView:
    """Everything of one claim. `effect` is None while there is no decision on it."""

    line: ClaimLine
    claim: Claim
    verdict: Verdict | None
    studies: tuple[Study, ...]
    effect: Effect | None


@dataclass(frozen=True, slots=True)
class MapCell:
    """One cell of the evidence map."""

    claim_id: str
    design: str
    stance: str
    n: int


@dataclass(frozen=True, slots=True)
class Flow:
    """The way of the records through the newest run, for a PRISMA-style picture."""

    source: str
    queries: tuple[str, ...]
    articles: int
    withdrawn: int
    with_abstract: int
    speaking: int
    """Articles with a finding other than insufficient."""
    findings: int
    by_stance: Mapping[str, int]
    excluded: Mapping[str, int]
    """reason -> findings."""
    judged: int


# --- figures ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95% interval; None: it cannot be told from so little."""

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Figure:
    """Agreement on one thing. `overlap` are the units that two or more judged, of `units`.

    `cohen` is None but for two reviewers; `pairs` then holds it for each pair of them.
    """

    name: str
    units: int
    overlap: int
    same: Estimate
    cohen: Estimate | None
    krippendorff: Estimate
    pairs: Mapping[str, Estimate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far reviewers agree: overall, by claim, and by what of a finding (PARTS)."""

    project: str | None
    reviewers: tuple[str, ...]
    overall: Figure
    by_claim: tuple[Figure, ...]
    by_field: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A random sample, drawn once: the same seed draws the same from the same findings."""

    id: str
    name: str
    seed: int
    size: int
    of: int
    """So many findings it was drawn from."""
    claim: str | None
    created_at: str
    created_by: str


@dataclass(frozen=True, slots=True)
class Precision:
    """How many of a random sample were right. Unsure ones count as neither; `open` are not judged
    yet. The interval is Wilson's, 95%."""

    sample: Sample
    right: int
    wrong: int
    unsure: int
    open: int
    value: float | None
    low: float | None
    high: float | None

    @property
    def words(self) -> str:
        """ "of 60 sampled findings 52 were right: 0.87, 0.76–0.93"."""
        n = self.right + self.wrong
        if self.value is None or self.low is None or self.high is None:
            return f"none of the {self.sample.size} sampled findings was judged yet"
        more = ", ".join(
            f"{count} {word}"
            for count, word in ((self.unsure, "unsure"), (self.open, "not judged yet"))
            if count
        )
        text = f"of {n} sampled findings {self.right} were right: "
        return (
            f"{text}{self.value:.2f}, {self.low:.2f}–{self.high:.2f}{f' ({more})' if more else ''}"
        )
