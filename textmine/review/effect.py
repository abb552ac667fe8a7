"""What people's words do to the verdicts: the same grading, with what they found put right.

`correct` leaves a finding as it is. `wrong` gives it the stance that the reviewer gave, or the one
that follows from the corrected direction; without either it says nothing any more, unless only the
study card was wrong. Corrected values of the study card are taken into the grade. An added finding
takes the place of the machine's on the same claim and article. Only settled words count: an
adjudicator's, or what all say who judged it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from textmine.evidence.rules import Rules
from textmine.evidence.verdict import verdicts
from textmine.records import (
    Annotated,
    Claim,
    Finding,
    Rationale,
    Verdict,
    annotated_from_json,
    as_json,
    from_json,
)
from textmine.review.nouns import Effect, StoredDecision
from textmine.review.sight import settled
from textmine.review.tables import plain
from textmine.review.view import claim_of, verdict_of
from textmine.stores.database import Database
from textmine.stores.regrade import rules_of
from textmine.stores.text import column_text, digest, to_json

__all__ = ["Judged", "claim_words", "effect_on", "heard", "marks_of", "read_effects",
           "write_effect"]  # fmt: skip

_TURNED = {"supports": "contradicts", "contradicts": "supports"}
_NONE = ("unchanged", "equal")
_OWN = ("result", "conclusion", "title")


class Judged:
    """The settled words, by claim: on findings that are current, and added ones that still stand.

    `by_claim`: claim id -> its words (ids as columns hold them).
    """

    def __init__(self, database: Database, corpus: str) -> None:
        words = settled(database)
        place = {}
        for name in words:
            rows = database.read(
                "SELECT claim_id FROM desk_item WHERE corpus = ? AND finding = ?", (corpus, name)
            )
            if rows:
                place[name] = rows[0][0]
        self.by_claim: dict[str, list[StoredDecision]] = {}
        for name, word in sorted(words.items()):
            if word.kind == "added_finding":
                claim = column_text(word.corrected["claim_id"])
                self.by_claim.setdefault(claim, []).append(word)
            elif name in place:
                self.by_claim.setdefault(place[name], []).append(word)


def claim_words(
    findings: Iterable[Finding], words: Iterable[StoredDecision]
) -> tuple[list[Finding], dict[str, Mapping[str, Any]], int, int]:
    """(findings as people have them, article id -> corrected study card, changed, added)."""
    said = {w.finding: w for w in words if w.kind != "added_finding"}
    added = [w for w in words if w.kind == "added_finding"]
    out: list[Finding] = []
    cards: dict[str, Mapping[str, Any]] = {}
    changed = 0
    for finding in findings:
        word = said.get(finding.id)
        if word is None or word.verdict != "wrong":
            out.append(finding)
            continue
        card = {k: word.corrected[k] for k in ("design", "species", "n") if k in word.corrected}
        if card:
            cards[finding.article_id] = card
        now = _put_right(finding, word)
        changed += now is not finding or bool(card)
        out.append(now)
    for word in added:
        made = _made(word)
        out = [
            f for f in out
            if f.article_id != made.article_id or f.claim_id != made.claim_id
        ] + [made]  # fmt: skip
    return out, cards, changed, len(added)


def heard(finding: Finding, word: StoredDecision) -> str:
    """The stance of a finding by a reviewer's word."""
    if word.verdict != "wrong":
        return finding.stance
    right = word.corrected
    if "stance" in right:
        return str(right["stance"])
    if "direction" in right:
        return _by_direction(finding, str(right["direction"]))
    if word.part == "study_card":
        return finding.stance
    if word.part == "role" and right.get("role") in _OWN:
        return finding.stance
    return "insufficient"


def _by_direction(finding: Finding, direction: str) -> str:
    if direction in _NONE:
        return "null_effect" if finding.stance in _TURNED else finding.stance
    if finding.stance in _TURNED and direction not in ("unspecified", "differs"):
        return _TURNED[finding.stance]
    return "insufficient"


def _put_right(finding: Finding, word: StoredDecision) -> Finding:
    stance = heard(finding, word)
    quotes = tuple(
        Rationale(q["start"], q["end"], q["text"]) for q in word.corrected.get("rationale", ())
    )
    if stance == finding.stance and not quotes:
        return finding
    return replace(finding, stance=stance, rationale=quotes or finding.rationale)


def _made(word: StoredDecision) -> Finding:
    right = word.corrected
    return Finding(
        id=word.finding,
        claim_id=right["claim_id"],
        article_id=right["article_id"],
        stance=right["stance"],
        score=1.0,
        rationale=tuple(Rationale(q["start"], q["end"], q["text"]) for q in right["rationale"]),
        relations=(),
        why=(f"added by {word.reviewer}",),
        article_version=right["article_version"],
    )


def marks_of(database: Database, corpus: str, judged: Judged) -> dict[str, str]:
    """claim -> what its verdict with people's words is made from."""
    found = {}
    for claim, words in judged.by_claim.items():
        rows = database.read(
            "SELECT id FROM verdict WHERE project = ? AND claim_id = ? AND superseded_by IS NULL",
            (corpus, claim),
        )
        if rows:
            found[claim] = digest(to_json([rows[0][0], *(w.id for w in words)]))
    return found


def effect_on(
    database: Database, corpus: str, claims: Mapping[str, list[StoredDecision]]
) -> dict[str, Effect]:
    """The verdicts of these claims, graded anew. Reads all articles of the corpus: who repeats
    whom and who belongs together shows only among all."""
    rules = rules_of(database, corpus)
    findings: list[Finding] = []
    machine: list[Finding] = []
    said: list[Claim] = []
    cards: dict[str, Mapping[str, Any]] = {}
    counts: dict[str, tuple[int, int, int]] = {}
    for claim in sorted(claims):
        rows = database.read(
            "SELECT data FROM finding WHERE project = ? AND claim_id = ? "
            "AND superseded_by IS NULL ORDER BY id",
            (corpus, claim),
        )
        read = [from_json(Finding, json.loads(data)) for (data,) in rows]
        put, card, changed, added = claim_words(read, claims[claim])
        findings += put
        machine += read
        cards |= card
        counts[claim] = (len(claims[claim]), changed, added)
        said.append(claim_of(database, corpus, claim))
    articles = dict(_articles(database, corpus, cards))
    with_people = _graded(findings, articles, said, rules)
    # Their cards as they were read.
    articles |= dict(_articles(database, corpus, {}, set(cards))) if cards else {}
    without = _graded(machine, articles, said, rules)
    out = {}
    for claim, count in counts.items():
        stored = verdict_of(database, corpus, claim)
        if stored is None:
            continue
        before = without[claim]
        # A store may have been graded by an earlier version: people are not to be blamed for that.
        same = (stored.verdict, stored.certainty, stored.balance)
        if same == (before.verdict, before.certainty, before.balance):
            before = stored
        out[claim] = Effect(plain(claim), _light(before), _light(with_people[claim]), *count)
    return out


def _light(verdict: Verdict) -> Verdict:
    """Without what is told of each study: thousands of grades, which stand at their findings."""
    return replace(verdict, findings=(), grades=(), excluded=(), sides=(), sensitivity=None)


def _graded(
    findings: Iterable[Finding],
    articles: Mapping[str, Annotated],
    claims: Sequence[Claim],
    rules: Rules,
) -> dict[str, Verdict]:
    present = [f for f in findings if f.article_id in articles or f.excluded]
    made = verdicts(present, articles, claims=claims, rules=rules, firmness=False)
    return {column_text(v.claim_id): v for v in made}


def _articles(
    database: Database,
    corpus: str,
    cards: Mapping[str, Mapping[str, Any]],
    only: Set[str] | None = None,
) -> Iterable[tuple[str, Annotated]]:
    gone = {
        key for (key,) in database.read(
            "SELECT id FROM article WHERE superseded_by IS NULL AND withdrawn"
        )
    }  # fmt: skip
    for (data,) in database.stream(
        "SELECT a.data FROM article a JOIN run_article r ON r.article_id = a.id "
        "AND r.article_version = a.version AND r.reading = a.reading WHERE r.run_id = "
        '(SELECT id FROM run WHERE project = ? ORDER BY "position" DESC LIMIT 1)',
        (corpus,),
    ):
        annotated = annotated_from_json(json.loads(data))
        article = annotated.article
        if only is not None and article.id not in only:
            continue
        if column_text(article.id) in gone:
            status = replace(article.status, retracted=True)
            annotated = replace(annotated, article=replace(article, status=status))
        card = dict(cards.get(article.id, {}))
        if card:
            if "species" in card:
                card["species"] = tuple(card["species"])
            annotated = replace(annotated, study=replace(annotated.study, **card))
        yield article.id, annotated


# --- kept, so that a page need not grade ------------------------------------------------------


def read_effects(database: Database, corpus: str) -> dict[str, tuple[str, Effect]]:
    """claim -> (what it was made from, the effect) as they were worked out last."""
    found = {}
    for claim, mark, data in database.read(
        "SELECT claim_id, mark, data FROM desk_effect WHERE corpus = ?", (corpus,)
    ):
        line = json.loads(data)
        before, after = (_light(from_json(Verdict, line[name])) for name in ("before", "after"))
        counts = (line["counted"], line["changed"], line["added"])
        found[claim] = (mark, Effect(plain(claim), before, after, *counts))
    return found


def write_effect(database: Database, corpus: str, claim: str, mark: str, made: Effect) -> None:
    """Keeps it; inside of a transaction."""
    line = {
        "before": as_json(made.before),
        "after": as_json(made.after),
        "counted": made.counted,
        "changed": made.changed,
        "added": made.added,
    }
    database.write(
        "INSERT INTO desk_effect (corpus, claim_id, mark, data) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (corpus, claim_id) DO UPDATE SET mark = excluded.mark, data = excluded.data",
        (corpus, claim, mark, to_json(line)),
    )
