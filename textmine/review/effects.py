"""Verdicts with people's words, worked out beside the pages and kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time

from textmine.errors import TextmineError
from textmine.review.effect import Judged, effect_on, marks_of, read_effects, write_effect
from textmine.review.nouns import Effect
from textmine.review.pool import Pool

__all__ = ["Effects"]

# Seconds between two times that it is worked out; up to so many articles a page waits for it.
PAUSE, FEW = 5.0, 1500
# In a large store it takes long: it may have this part of the time, the rest is for the pages.
SHARE = 0.05


class Effects:
    """claim -> effect. `now` never takes long; `fresh` is up to date."""

    def __init__(self, pool: Pool, corpus: str) -> None:
        self._pool, self._corpus = pool, corpus
        self._lock = threading.Lock()
        self._known: dict[str, Effect] = {}
        self._marks: dict[str, str] = {}
        self._took = 0.0
        self._state: tuple[int, int, str] | None = None
        self._at = float("-inf")
        self._worker: threading.Thread | None = None
        self._few: bool | None = None

    def close(self) -> None:
        worker = self._worker
        if worker is not None:
            worker.join(timeout=30)

    def _now(self) -> tuple[int, int, str]:
        """Changes with every decision, project, run and event."""
        with self._pool.lend() as database:
            ((words, places, last),) = database.read(
                "SELECT (SELECT count(*) FROM desk_submission), "
                "(SELECT count(*) FROM desk_project), "
                "(SELECT value FROM desk_mark WHERE name = ?)",
                (f"items:{self._corpus}",),
            )
        return (words, places, last or "")

    def now(self) -> dict[str, Effect]:
        """As it is known; worked out at once for a small store, else beside."""
        state = self._now()
        if state == self._state:
            return self._known
        if state[0] == 0:
            return {}
        if self._few is None:
            with self._pool.lend() as database:
                ((many,),) = database.read("SELECT count(*) FROM run_article")
            self._few = many <= FEW and state[0] <= FEW
        if self._few:
            return self.fresh()
        pause = max(PAUSE, self._took / SHARE)
        if time.monotonic() - self._at > pause and not (self._worker and self._worker.is_alive()):
            self._worker = threading.Thread(target=self._beside, daemon=True)
            self._worker.start()
        return self._known

    def _beside(self) -> None:
        """In a process of its own: grading would take the pages' turns. It keeps in the store what
        it worked out, and that is read here."""
        begun = time.monotonic()
        state = self._now()
        done = subprocess.run(
            [sys.executable, "-m", "textmine.review.effects"],
            input=json.dumps([self._pool.url, self._corpus]),
            text=True,
            capture_output=True,
            check=False,
        )
        try:
            with self._lock:
                if done.returncode == 0:
                    marks: dict[str, str] = json.loads(done.stdout)
                    with self._pool.lend() as database:
                        kept = read_effects(database, self._corpus)
                    self._known = {
                        c: e for c, (mark, e) in sorted(kept.items()) if marks.get(c) == mark
                    }
                    self._marks = {claim: marks[claim] for claim in self._known}
                    self._state = state
        except TextmineError:
            pass  # the page shows what was known; the next look tries again
        self._at = time.monotonic()
        self._took = self._at - begun

    def fresh(self) -> dict[str, Effect]:
        """Worked out where something has changed since."""
        with self._lock:
            state = self._now()
            if state == self._state:
                return self._known
            begun = time.monotonic()
            with self._pool.lend() as database, database.snapshot():
                judged = Judged(database, self._corpus)
                wanted = marks_of(database, self._corpus, judged)
                known = self._of_before(wanted)
                if not self._known and wanted.keys() - known.keys():
                    # The first time: what this or another process kept in the store.
                    kept = read_effects(database, self._corpus)
                    known |= {c: e for c, (mark, e) in kept.items() if wanted.get(c) == mark}
                todo = {c: judged.by_claim[c] for c in wanted if c not in known}
                made = effect_on(database, self._corpus, todo) if todo else {}
            if made:
                with self._pool.write("The verdicts could not be kept") as database:
                    for claim, effect in made.items():
                        write_effect(database, self._corpus, claim, wanted[claim], effect)
            self._known = dict(sorted((known | made).items()))
            self._marks = {claim: wanted[claim] for claim in self._known}
            self._state, self._at = state, time.monotonic()
            self._took = self._at - begun
            return self._known

    def _of_before(self, wanted: dict[str, str]) -> dict[str, Effect]:
        """Those that stand on the same words and the same verdict as when they were worked out."""
        return {
            claim: effect
            for claim, effect in self._known.items()
            if wanted.get(claim) == self._marks[claim]
        }


def main() -> None:
    """Works it out for the store and the corpus that stand on standard input."""
    os.nice(10)
    url, corpus = json.load(sys.stdin)
    pool = Pool(url, 2)
    try:
        effects = Effects(pool, corpus)
        effects.fresh()
        json.dump(effects._marks, sys.stdout)
    finally:
        pool.close()


if __name__ == "__main__":
    main()
