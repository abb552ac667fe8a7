"""How fast the reviewers' desk answers in a large store.

python benchmarks/desk.py --findings 100000 --store sqlite:///desk.db      makes it and measures
python benchmarks/desk.py --store sqlite:///desk.db                        measures again
python benchmarks/desk.py --store URL --deciders 50                             many at once

Pages over HTTP are measured by `benchmarks/desk_http.py`.

The store is made of small articles, 20 claims each, and every other finding says something. Prints
a line of JSON per figure: median, 95th percentile and the longest, in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from textmine.errors import ConfigError
from textmine.evidence.verdict import verdicts
from textmine.records import (
    Annotated,
    Article,
    Author,
    Claim,
    Concept,
    Finding,
    Mention,
    Passage,
    Provenance,
    Rationale,
    Relation,
    Sentence,
    StudyCard,
    content_id,
)
from textmine.review.desk import Desk
from textmine.review.nouns import Account, Queue, Submission
from textmine.stores.base import Bundle, open_store

STANCES = ("supports", "supports", "supports", "null_effect", "contradicts")
DESIGNS = ("in_vitro", "animal_in_vivo", "animal_and_in_vitro", "randomised_trial", "observational")
FILLER = "The samples were kept at four degrees and counted twice by two observers. "


def article(number: int, chance: random.Random) -> Annotated:
    title = f"Substance {number % 977} and outcome {number % 1009} in model {number % 31}"
    said = f"Substance {number % 977} lowered outcome {number % 1009} in all groups."
    text = f"{title}\n{FILLER * 12}{said}"
    start = len(text) - len(said)
    one = Mention(f"m{number}a", start, start + 9, text[start : start + 9], "CHEMICAL",
                  (Concept("textmine:x", "x"),))  # fmt: skip
    place = text.index("outcome", start)
    two = Mention(f"m{number}b", place, place + 7, "outcome", "OUTCOME")
    relation = Relation(
        f"r{number}", one.id, two.id, "regulates", "decreases", False, "asserted", "result", None,
        (), (start, len(text)), 0.9,
    )  # fmt: skip
    passages = (Passage("title", 0, len(title)), Passage("abstract", len(title) + 1, len(text)))
    return Annotated(
        Article(
            id=str(10_000_000 + number), text=text, pmid=str(10_000_000 + number),
            passages=passages, year=2000 + number % 26,
            authors=(Author(last=f"Writer{number % 4001}", fore=f"G{number % 3989}"),),
        ),
        (Sentence(0, len(title), "title"), Sentence(start, len(text), "result")),
        (one, two),
        (relation,),
        StudyCard(design=chance.choice(DESIGNS), species=("mouse",), n=chance.randint(6, 90)),
    )  # fmt: skip


def make(url: str, size: int, claims: int = 20) -> None:
    """A store of so many findings."""
    chance = random.Random(1)
    said = tuple(Claim(f"C{n:02}", f"Substance {n} lowers outcome {n}.") for n in range(claims))
    articles = [article(n, chance) for n in range(size // claims)]
    findings = []
    for one in articles:
        (relation,), text = one.relations, one.article.text
        start, end = relation.sentence
        for claim in said:
            speaks = chance.random() < 0.5
            stance = chance.choice(STANCES) if speaks else "insufficient"
            findings.append(
                Finding(
                    content_id("finding", claim.id, one.article.id, stance), claim.id,
                    one.article.id, stance, round(chance.uniform(0.5, 1), 3),
                    (Rationale(start, end, text[start:end]),) if speaks else (),
                    (relation.id,) if speaks else (),
                    ("object: says so",) if chance.random() > 0.02 else ("disagree: no",),
                )
            )  # fmt: skip
    begun = time.perf_counter()
    made = verdicts(findings, {a.article.id: a for a in articles}, claims=said, firmness=False)
    print(f"graded in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    with open_store(url) as store:
        store.push(
            Bundle(
                Provenance("run_large", "0", "m", "c", "made", "2026-01-01T00:00:00+00:00"),
                "large", said, articles, findings, made,
            )
        )  # fmt: skip
    print(f"stored in {time.perf_counter() - begun:.0f} s", file=sys.stderr)


def figure(name: str, times: list[float], **more: Any) -> None:
    times.sort()
    line = {
        "what": name, "n": len(times), "median_ms": round(1000 * statistics.median(times), 2),
        "p95_ms": round(1000 * times[min(len(times) - 1, int(0.95 * len(times)))], 2),
        "longest_ms": round(1000 * times[-1], 2), **more,
    }  # fmt: skip
    print(json.dumps(line), flush=True)


def measure(name: str, calls: Iterator[Callable[[], object]], rounds: int) -> None:
    times, work = [], []
    for call, _ in zip(calls, range(rounds), strict=False):
        begun, used = time.perf_counter(), time.process_time()
        call()
        times.append(time.perf_counter() - begun)
        work.append(time.process_time() - used)
    work.sort()
    # Beside the clock, for machines that others use as well.
    figure(
        name,
        times,
        cpu_median_ms=round(1000 * statistics.median(work), 2),
        cpu_p95_ms=round(1000 * work[min(len(work) - 1, int(0.95 * len(work)))], 2),
    )


def reviewers(desk: Desk, many: int) -> list[Account]:
    known = {a.name: a for a in desk.accounts(Account("benchmark", "admin"))}
    names = [f"reviewer{n:02}" for n in range(many)]
    return [known.get(n) or desk.add_account(None, n, "a long password", "reviewer") for n in names]


def desk_calls(desk: Desk, rounds: int) -> None:
    """Each method that a page needs, one after the other."""
    chance = random.Random(2)
    (who,) = reviewers(desk, 1)
    claims = [c.id for c in desk.claims(who)]
    names = [
        i.finding
        for _ in range(10)
        for i in desk.queue(who, Queue(), chance.randrange(20_000), 100).items
    ]

    def forever(make: Callable[[], Callable[[], object]]) -> Iterator[Callable[[], object]]:
        while True:
            yield make()

    def one(make: Callable[[str], object]) -> Iterator[Callable[[], object]]:
        while True:
            name = chance.choice(names)
            yield lambda name=name: make(name)  # type: ignore[misc]

    def decide(name: str) -> object:
        word = chance.choice(("correct", "correct", "wrong", "unsure"))
        key = f"bench-{time.time_ns()}-{chance.random()}".replace(".", "-")
        return desk.decide(who, Submission(name, name, word, key))

    queues = (
        ("queue by impact", lambda: Queue()),
        ("queue of a claim", lambda: Queue(claim=chance.choice(claims))),
        ("queue by uncertainty", lambda: Queue(order="uncertainty")),
        ("queue of disagreements", lambda: Queue(order="disagreement")),
        ("queue of stale ones", lambda: Queue(order="stale")),
        ("queue by article", lambda: Queue(order="article")),
        ("queue with the silent ones", lambda: Queue(silent=True)),
        ("queue of a stance and design",
         lambda: Queue(stance="null_effect", design=chance.choice(DESIGNS))),
        ("queue with words", lambda: Queue(text=f"substance {chance.randrange(977)}")),
        ("queue of judged ones", lambda: Queue(state="judged")),
    )  # fmt: skip
    measure("decide", one(decide), rounds)
    for name, queue in queues:
        measure(name, forever(lambda q=queue: lambda: desk.queue(who, q())), rounds)  # type: ignore[misc]
    measure(
        "a later page",
        forever(lambda: lambda: desk.queue(who, Queue(), chance.randrange(40_000))),
        rounds,
    )
    measure("finding", one(lambda name: desk.finding(who, name)), rounds)
    measure("neighbours", one(lambda name: desk.neighbours(who, Queue(), name)), rounds)
    measure("next open", one(lambda name: desk.next_open(who, Queue(), name)), rounds)
    measure("progress", forever(lambda: lambda: desk.progress(who)), rounds)
    measure("claims", forever(lambda: lambda: desk.claims(who)), rounds)
    measure("claim", forever(lambda: lambda: desk.claim(who, chance.choice(claims))), rounds)
    measure("evidence map", forever(lambda: desk.evidence_map), rounds)
    measure("flow", forever(lambda: desk.flow), rounds)


def many_deciders(url: str, many: int, each: int) -> None:
    """So many people at once, each in a thread, each form sent twice. Counts what is stored."""
    desk = Desk(url, pool=16)
    people = reviewers(desk, many)
    names = [i.finding for p in range(5) for i in desk.queue(people[0], Queue(state="all"),
                                                            200 * p, 200).items]  # fmt: skip
    times: list[float] = []
    failed: list[str] = []
    before = sum(desk.progress(p).judged for p in people)
    gate = threading.Barrier(many)

    def work(who: Account, number: int) -> None:
        gate.wait()
        for step in range(each):
            name = names[(number * 7 + step) % len(names)]
            said = Submission(name, name, "correct", f"many-{time.time_ns()}-{number}")
            for _ in range(2):
                begun = time.perf_counter()
                try:
                    desk.decide(who, said)
                except Exception as error:
                    failed.append(str(error))
                times.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    threads = [threading.Thread(target=work, args=(p, n)) for n, p in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = time.perf_counter() - begun
    after = sum(desk.progress(p).judged for p in people)
    figure(f"decide, {many} at once", times, failed=len(failed), decided=many * each,
           newly_judged=after - before, per_second=round(many * each / whole, 1))  # fmt: skip
    desk.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--store", required=True)
    parser.add_argument("--findings", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--deciders", type=int, default=0)
    given = parser.parse_args()
    if given.findings:
        make(given.store, given.findings)
    try:
        begun = time.perf_counter()
        desk = Desk(given.store, say=lambda line: print(line, file=sys.stderr))
    except ConfigError as error:
        raise SystemExit(f"{error} Make it with --findings.") from None
    figure("opening the desk", [time.perf_counter() - begun])
    if given.deciders:
        desk.close()
        many_deciders(given.store, given.deciders, 10)
    else:
        desk_calls(desk, given.rounds)
        desk.close()


if __name__ == "__main__":
    main()
