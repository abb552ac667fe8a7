"""One rate limit for all threads and processes of a user: a sliding window in a small shared file.

NCBI allows 3 requests a second for one address, 10 with an API key, and says in each answer
(`X-RateLimit-Limit`) what it grants. A permit is taken after the connection stands and right before
the request is written, so that slow handshakes cannot bunch requests up at the server.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from textmine.errors import RateLimited

__all__ = ["RateLimiter"]

RATE_WITHOUT_KEY = 3
RATE_WITH_KEY = 10
# Longer than the second that is promised, for the time between our clock and the server's.
WINDOW = 1.06
# What a server once granted is believed for this long.
_GRANT_SECONDS = 3600.0


class RateLimiter:
    """At most `rate` permits in any sliding second, counted over every process that uses `folder`.

    `host` and `key` name the account that is limited; the key itself never reaches the disk.
    Where the folder cannot be written, the limit holds within this process (`shared` is False).
    """

    def __init__(
        self,
        host: str,
        key: str | None = None,
        *,
        folder: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.has_key = bool(key)
        self.rate = RATE_WITH_KEY if key else RATE_WITHOUT_KEY
        self.shared = True
        self._clock = clock
        self._memory: dict[str, Any] = {}
        self._threads = threading.Lock()
        account = hashlib.sha256((key or "").encode()).hexdigest()[:12] if key else "nokey"
        name = re.sub(r"[^A-Za-z0-9.-]", "_", host) + "-" + account
        if folder is None:
            import platformdirs

            folder = Path(platformdirs.user_cache_dir("textmine")) / "rate"
        self._state = folder / f"{name}.json"
        try:
            import filelock

            folder.mkdir(parents=True, exist_ok=True)
            self._lock = filelock.FileLock(str(folder / f"{name}.lock"))
            with self._lock.acquire(poll_interval=0.002):
                pass
        except OSError:
            self.shared = False

    def acquire(
        self, sleep: Callable[[float], object] = time.sleep, until: float | None = None
    ) -> None:
        """Returns when the next request may be sent.

        `sleep` waits (and may raise to give up). RateLimited when the wait would pass `until`.
        """
        while True:
            wait = self._try()
            if wait <= 0:
                return
            if until is not None and self._clock() + wait > until:
                raise RateLimited("The time limit ends before the next request is allowed.")
            sleep(wait)

    def hold(self, seconds: float) -> None:
        """No process sends anything for so long: the server said Retry-After."""
        with self._open() as state:
            state["not_before"] = max(state.get("not_before", 0.0), self._clock() + seconds)

    def learn(self, limit: int) -> None:
        """Takes over the limit the server named; without a key never more than the public one."""
        limit = limit if self.has_key else min(limit, RATE_WITHOUT_KEY)
        if limit < 1 or limit == self.rate:
            return
        self.rate = limit
        with self._open() as state:
            state["rate"] = limit
            state["rate_at"] = self._clock()

    def _try(self) -> float:
        """Takes a permit and returns 0, or returns the seconds to wait before the next try."""
        with self._open() as state:
            now = self._clock()
            # Times ahead of the clock come from before a restart of the machine.
            sent = [t for t in state.get("sent", []) if now - WINDOW < t <= now]
            if state.get("rate") and 0 <= now - state.get("rate_at", 0.0) < _GRANT_SECONDS:
                self.rate = state["rate"]
            held = state.get("not_before", 0.0)
            if held > now and held - now < _GRANT_SECONDS:
                return float(held - now)
            if len(sent) >= self.rate:
                return float(sorted(sent)[len(sent) - self.rate] + WINDOW - now) + 0.001
            state["sent"] = [*sent, now]
            return 0.0

    @contextlib.contextmanager
    def _open(self) -> Iterator[dict[str, Any]]:
        with self._threads:
            if not self.shared:
                yield self._memory
                return
            with self._lock.acquire(poll_interval=0.002):
                try:
                    state = json.loads(self._state.read_bytes())
                except (OSError, ValueError):
                    state = {}
                if not isinstance(state, dict):
                    state = {}
                before = json.dumps(state)
                yield state
                after = json.dumps(state)
                if after != before:
                    self._write(after)

    def _write(self, text: str) -> None:
        temporary = self._state.with_suffix(".part")
        try:
            temporary.write_text(text)
            os.replace(temporary, self._state)
        except OSError:
            self.shared = False
            self._memory = json.loads(text)
