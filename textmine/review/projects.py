"""Review projects, random samples, and who was given what."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from textmine.errors import BadDecision, NotAllowed, NotThere
from textmine.records import content_id
from textmine.review.accounts import account
from textmine.review.nouns import Account, Item, Page, Precision, Project, Queue, Sample
from textmine.review.pool import Pool
from textmine.review.queue import MOST, Query, item, items_of
from textmine.review.sight import Sight, decisions_on, settled
from textmine.review.sums import wilson
from textmine.review.tables import ASSIGNMENT, SAMPLED, audit, now, plain
from textmine.stores.database import Database, in_groups
from textmine.stores.text import column_text

__all__ = ["Projects"]

_LARGEST = 100_000
_PROJECT = (
    "SELECT p.id, p.name, p.blind, p.per_finding, p.findings, p.created_at, p.created_by, p.seed "
    "FROM desk_project p WHERE p.corpus = ? {} ORDER BY p.created_at, p.id"
)
_SAMPLE = (
    "SELECT id, name, seed, size, drawn_from, claim, created_at, created_by FROM desk_sample "
    "WHERE corpus = ? {} ORDER BY created_at, id"
)
# Findings of a project that all have judged, and not alike, without an adjudicator's word.
_SPLIT = (
    "SELECT a.finding FROM desk_assignment a JOIN desk_item i ON i.corpus = ? "
    "AND i.finding = a.finding LEFT JOIN desk_standing s ON s.finding = a.finding "
    "AND s.scope = a.project AND s.reviewer = a.reviewer AND s.kind = 'decision' "
    "WHERE a.project = ? AND NOT EXISTS (SELECT 1 FROM desk_standing j "
    "WHERE j.finding = a.finding AND j.scope = a.project AND j.kind = 'adjudication') "
    "GROUP BY a.finding HAVING count(*) = count(s.decision) AND count(*) > 1 "
    "AND count(DISTINCT s.verdict) > 1"
)


class Projects:
    """Review projects and samples of one corpus."""

    def __init__(self, pool: Pool, corpus: str) -> None:
        self.pool, self.corpus = pool, corpus

    # --- projects

    def all(self, who: Account) -> list[Project]:
        """Those that the account has to do with; all of them for who administers."""
        with self.pool.lend() as database:
            rows = database.read(_PROJECT.format(""), (self.corpus,))
            found = [self._project(database, row) for row in rows]
        return [p for p in found if self._concerns(who, p)]

    def get(self, who: Account, key: str) -> Project:
        with self.pool.lend() as database:
            rows = database.read(_PROJECT.format("AND p.id = ?"), (self.corpus, column_text(key)))
            found = [self._project(database, row) for row in rows]
        if not found or not self._concerns(who, found[0]):
            raise NotThere(f"There is no project {key} of yours.")
        return found[0]

    def _concerns(self, who: Account, project: Project) -> bool:
        member = who.name in (*project.reviewers, *project.adjudicators)
        return member or who.may("admin")

    def _project(self, database: Database, row: Sequence[Any]) -> Project:
        key, name, blind, per, findings, at, by, seed = row
        members = database.read(
            "SELECT account, task FROM desk_member WHERE project = ? ORDER BY account", (key,)
        )
        ((assigned, done),) = database.read(
            "SELECT count(*), count(s.decision) FROM desk_assignment a JOIN desk_item i "
            "ON i.corpus = ? AND i.finding = a.finding LEFT JOIN desk_standing s "
            "ON s.finding = a.finding AND s.reviewer = a.reviewer AND s.scope = a.project "
            "AND s.kind = 'decision' WHERE a.project = ?",
            (self.corpus, key),
        )
        split = database.read(_SPLIT, (self.corpus, key)) if done > 1 else []
        of = {
            task: tuple(plain(a) for a, t in members if t == task)
            for task in ("reviewer", "adjudicator")
        }
        return Project(
            key, plain(name), bool(blind), per, of["reviewer"], of["adjudicator"], findings,
            assigned, done, len(split), at, plain(by), seed,
        )  # fmt: skip

    def create(
        self,
        who: Account,
        name: str,
        reviewers: Sequence[str],
        *,
        adjudicators: Sequence[str],
        blind: bool,
        per_finding: int,
        size: int | None,
        seed: int | None,
        queue: Queue,
    ) -> Project:
        """Gives each finding to `per_finding` of the reviewers, so that all have nearly as many.

        `size`: so many at random; None: all that the queue lists. The seed is kept.
        """
        people, judges = list(dict.fromkeys(reviewers)), list(dict.fromkeys(adjudicators))
        _named(name)
        if not 1 <= per_finding <= len(people):
            raise BadDecision(
                f"Each finding is to be judged by {per_finding}, and the project has {len(people)} "
                "reviewers. Name more reviewers, or fewer for each finding."
            )
        both = set(people) & set(judges)
        if both and blind:
            raise BadDecision(
                f"{sorted(both)[0]} cannot both judge blind and settle what others judged."
            )
        chance_seed = _seed(seed)
        chance = random.Random(chance_seed)
        at = now()
        key = content_id("project", self.corpus, name, at)
        with self.pool.write("The project could not be made") as database:
            for person, role in [(p, "reviewer") for p in people] + [
                (p, "adjudicator") for p in judges
            ]:
                found = account(database, person)
                if found is None or not found.may(role):
                    raise BadDecision(f"There is no open account {person!r} that may be {role}.")
            given = _listed(database, self.corpus, who, queue)
            if size is not None and size < len(given):
                given = chance.sample(given, size)
            if not given:
                raise BadDecision("There is no finding to give out: the queue is empty.")
            database.write(
                "INSERT INTO desk_project (id, corpus, name, blind, per_finding, queue, findings, "
                "seed, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (key, self.corpus, column_text(name), blind, per_finding,
                 json.dumps(asdict(queue)), len(given), chance_seed, at, column_text(who.name)),
            )  # fmt: skip
            for task, names in (("reviewer", people), ("adjudicator", judges)):
                for one in names:
                    database.write(
                        "INSERT INTO desk_member (project, account, task) VALUES (?, ?, ?)",
                        (key, column_text(one), task),
                    )
            rows = list(_shared_out(key, given, people, per_finding, chance))
            for group in in_groups(rows, 5000):
                database.add(ASSIGNMENT, group)
            audit(database, who.name, "project_created", f"{key} {name}")
        return self.get(who, key)

    def disagreements(self, who: Account, key: str, offset: int, limit: int) -> Page:
        """What reviewers of the project did not agree on and nobody has settled."""
        limit, offset = max(1, min(limit, MOST)), max(0, offset)
        self._adjudicator(who, key)
        queue = Queue(order="disagreement", project=key)
        with self.pool.lend() as database:
            names = [n for (n,) in database.read(_SPLIT, (self.corpus, column_text(key)))]
            rows = [row for name in names for row in item(database, self.corpus, name)]
            rows.sort(key=lambda row: (-row[6], row[0]))
            items: tuple[Item, ...] = items_of(
                database, self.corpus, who, rows[offset : offset + limit], key
            )
        return Page(items, len(names), offset, limit, queue)

    def _adjudicator(self, who: Account, key: str) -> None:
        project = self.get(who, key)
        if who.name not in project.adjudicators and not who.may("admin"):
            raise NotAllowed("You are no adjudicator of this project.")

    # --- samples

    def samples(self) -> list[Sample]:
        with self.pool.lend() as database:
            rows = database.read(_SAMPLE.format(""), (self.corpus,))
        return [_sample(row) for row in rows]

    def sample(self, key: str) -> Sample:
        with self.pool.lend() as database:
            rows = database.read(_SAMPLE.format("AND id = ?"), (self.corpus, column_text(key)))
        if not rows:
            raise NotThere(f"There is no sample {key}.")
        return _sample(rows[0])

    def create_sample(
        self, who: Account, name: str, size: int, *, seed: int | None, claim: str | None
    ) -> Sample:
        """Draws findings that say something, each with the same chance."""
        _named(name)
        if not 1 <= size <= _LARGEST:
            raise BadDecision(f"A sample has 1 to {_LARGEST:,} findings.")
        chance_seed, at = _seed(seed), now()
        key = content_id("sample", self.corpus, name, at)
        one = "" if claim is None else "AND claim_id = ? "
        with self.pool.write("The sample could not be drawn") as database:
            found = [
                name
                for (name,) in database.read(
                    "SELECT finding FROM desk_item WHERE corpus = ? AND speaks = ? "  # noqa: S608
                    f"{one}ORDER BY finding",
                    (self.corpus, True, *(() if claim is None else (column_text(claim),))),
                )
            ]
            if not found:
                raise BadDecision("There is no finding to draw from.")
            drawn = random.Random(chance_seed).sample(found, min(size, len(found)))
            database.write(
                "INSERT INTO desk_sample (id, corpus, name, seed, size, drawn_from, claim, "
                "created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (key, self.corpus, column_text(name), chance_seed, len(drawn), len(found),
                 None if claim is None else column_text(claim), at, column_text(who.name)),
            )  # fmt: skip
            database.add(SAMPLED, [(key, place, name) for place, name in enumerate(drawn)])
            audit(database, who.name, "sample_drawn", f"{key} {name}: {len(drawn)}, {chance_seed}")
        return self.sample(key)

    def precision(self, who: Account, key: str, reviewer: str | None) -> Precision:
        """How many of the sample are right: by one reviewer's words, or by what people settled."""
        sample = self.sample(key)
        with self.pool.lend() as database:
            names = [
                name
                for (name,) in database.read(
                    "SELECT finding FROM desk_sampled WHERE sample = ? ORDER BY position",
                    (sample.id,),
                )
            ]
            said = (
                _agreed(database, names)
                if reviewer is None
                else _of_one(database, names, who, reviewer)
            )
        count = {word: sum(v == word for v in said.values()) for word in
                 ("correct", "wrong", "unsure")}  # fmt: skip
        value, low, high = wilson(count["correct"], count["correct"] + count["wrong"])
        return Precision(
            sample, count["correct"], count["wrong"], count["unsure"], len(names) - len(said),
            value, low, high,
        )  # fmt: skip


def _agreed(database: Database, names: Sequence[str]) -> dict[str, str]:
    """What people settled; what they do not agree on counts as unsure."""
    found = {k: w.verdict for k, w in settled(database, names).items()}
    sight = Sight(database, names)
    for word in decisions_on(database, [n for n in names if n not in found and sight.open(n)]):
        if word.stands and word.kind == "decision":
            found[column_text(word.finding)] = "unsure"
    return found


def _of_one(
    database: Database, names: Sequence[str], who: Account, reviewer: str
) -> dict[str, str]:
    sight, me = Sight(database, names), column_text(who.name)
    found: dict[str, str] = {}
    for word in decisions_on(database, names):
        scope = None if word.project is None else column_text(word.project)
        key = column_text(word.finding)
        if (
            word.stands
            and word.kind == "decision"
            and word.reviewer == reviewer
            and sight.sees(me, key, column_text(reviewer), scope)
        ):
            found[key] = word.verdict
    return found


def _shared_out(
    key: str, given: Sequence[str], people: Sequence[str], per: int, chance: random.Random
) -> Iterator[tuple[str, str, str, int]]:
    """Each finding to the `per` people with the fewest so far, by lot among equals."""
    load = dict.fromkeys(people, 0)
    for position, finding in enumerate(given):
        lot = {name: chance.random() for name in people}
        chosen = sorted(people, key=lambda name: (load[name], lot[name]))[:per]
        for name in chosen:
            load[name] += 1
            yield (key, finding, column_text(name), position)


def _listed(database: Database, corpus: str, who: Account, queue: Queue) -> list[str]:
    rows = Query(database, corpus, who, queue).rows(_LARGEST, 0)
    return [row[0] for row in rows]


def _sample(row: Sequence[Any]) -> Sample:
    key, name, seed, size, of, claim, at, by = row
    return Sample(key, plain(name), seed, size, of, plain(claim), at, plain(by))


def _named(name: str) -> None:
    if not name.strip() or len(name) > 200:
        raise BadDecision("Give a name of 1 to 200 characters.")


def _seed(seed: int | None) -> int:
    if seed is None:
        return random.SystemRandom().randrange(2**31)
    if not 0 <= seed < 2**31:
        raise BadDecision("A seed is a number from 0 to 2147483647.")
    return seed
