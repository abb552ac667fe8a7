"""The faults, by name. A scenario says, for each request, which fault strikes (or None)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

# Faults that an answer can have; the server does each.
TRANSIENT = (
    "http_429_json", "http_429_retry_after", "http_500", "http_502", "http_503_retry_after",
    "html_200", "error_200", "backend_400", "cut_xml", "cut_length", "empty_200", "json_200",
    "reset", "reset_midway", "trickle", "hang", "wrong_document",
)  # fmt: skip
CONTENT = ("drop_one", "drop_half", "duplicate", "unasked", "swap")
FAULTS = (*TRANSIENT, *CONTENT, "unknown_dtd", "bad_key", "bad_request", "entity", "latin1")


@dataclass
class Request:
    """One request as the server saw it; `number` counts requests to the same tool from 1."""

    at: float
    tool: str
    method: str
    params: dict[str, str]
    number: int
    ids: tuple[str, ...] = ()
    fault: str | None = None


Rule = Callable[[Request], str | None]


@dataclass
class Scenario:
    """`rule` picks the fault; `lost` are PMIDs never returned, `poison` break any batch."""

    name: str
    rule: Rule = lambda request: None
    lost: frozenset[int] = frozenset()
    poison: frozenset[int] = frozenset()
    history_lives: int | None = None
    notes: str = ""
    seen: dict[str, int] = field(default_factory=dict)


def first(fault: str, times: int = 2, tool: str | None = None) -> Scenario:
    """The fault strikes the first requests of each tool, then all is well."""

    def rule(request: Request) -> str | None:
        return fault if request.number <= times and tool in (None, request.tool) else None

    return Scenario(f"first_{fault}", rule)


def always(fault: str, tool: str | None = None) -> Scenario:
    return Scenario(
        f"always_{fault}", lambda request: fault if tool in (None, request.tool) else None
    )


def flaky(seed: int = 1, share: float = 0.3, faults: tuple[str, ...] | None = None) -> Scenario:
    """Any fault, at random, at a share of the requests."""
    rng = random.Random(seed)
    chosen = faults or tuple(f for f in (*TRANSIENT, *CONTENT) if f not in ("trickle", "hang"))

    def rule(request: Request) -> str | None:
        if rng.random() >= share:
            return None
        fault = rng.choice(chosen)
        return None if fault in CONTENT and request.tool != "efetch" else fault

    return Scenario(f"flaky_{seed}", rule)


def by_name(name: str) -> Scenario:
    """`none`, `flaky`, `flaky:SEED`, `down`, `first:FAULT`, `always:FAULT`, `lost:PMID,PMID`,
    `poison:PMID`, `expired_history`, or a fault's own name (which strikes twice per tool)."""
    kind, _, rest = name.partition(":")
    if kind == "none":
        return Scenario("none")
    if kind == "flaky":
        return flaky(int(rest or 1))
    if kind == "down":
        return always("http_503_retry_after" if rest else "http_500")
    if kind == "expired_history":
        return Scenario("expired_history", history_lives=0)
    if kind in ("lost", "poison"):
        pmids = frozenset(int(p) for p in rest.split(","))
        return Scenario(kind, lost=pmids) if kind == "lost" else Scenario(kind, poison=pmids)
    if kind in ("first", "always") and rest in FAULTS:
        return first(rest) if kind == "first" else always(rest)
    if name in FAULTS:
        return first(name)
    raise ValueError(
        f"No scenario is called {name!r}. There are: {', '.join(FAULTS)}, flaky, down."
    )
