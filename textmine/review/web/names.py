"""The claims by name, for the choices in forms: without their verdicts, which cost more."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from textmine.review.desk import Desk
from textmine.review.nouns import Account

__all__ = ["ClaimNames"]

KEPT = 60.0
"""Seconds; claims change with a run alone."""


@dataclass(slots=True)
class ClaimNames:
    """(id, statement) of each claim, asked for once a minute."""

    desk: Desk
    _at: float = float("-inf")
    _names: tuple[tuple[str, str], ...] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, who: Account) -> tuple[tuple[str, str], ...]:
        """Whoever may see a page with a form may see the names."""
        if time.monotonic() - self._at <= KEPT:
            return self._names
        # One asks anew; the others take what is known meanwhile.
        if self._lock.acquire(blocking=not self._names):
            try:
                if time.monotonic() - self._at > KEPT:
                    self._names = tuple((c.id, c.statement) for c in self.desk.claims(who))
                    self._at = time.monotonic()
            finally:
                self._lock.release()
        return self._names
