"""What reviewers say, kept once and never changed.

A decision is one transaction. It begins with a lock on its reviewer's own row, so that two tabs of
one person come one after the other, while fifty people do not wait for each other. The key of the
form makes a second sending the first one again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from textmine.errors import BadDecision, NotAllowed, NotThere, StaleDecision
from textmine.records import (
    DESIGNS,
    DIRECTIONS,
    PREDICATES,
    STANCES,
    Article,
    Decision,
    annotated_from_json,
    content_id,
)
from textmine.records import ROLES as SENTENCE_ROLES
from textmine.review.accounts import account
from textmine.review.items import note_added, stand, take_back
from textmine.review.nouns import JUDGEMENTS, PARTS, Account, Added, StoredDecision, Submission
from textmine.review.pool import Pool
from textmine.review.sight import read_decisions
from textmine.review.tables import audit, now
from textmine.stores.database import Database
from textmine.stores.rows import decision_row
from textmine.stores.tables import table
from textmine.stores.text import column_text

__all__ = ["Decisions", "corrected_values"]

_KEY = re.compile(r"[A-Za-z0-9_-]{8,80}")
_NOTE, _WORD = 4000, 300
_WORDS = ("subject", "object", "mediator")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "stance": STANCES,
    # Of comparisons, too.
    "direction": (*DIRECTIONS, "superior", "inferior", "equal", "differs"),
    "predicate": PREDICATES,
    "role": SENTENCE_ROLES,
    "design": DESIGNS,
}


class Decisions:
    """Writes decisions of one corpus."""

    def __init__(self, pool: Pool, corpus: str) -> None:
        self.pool, self.corpus = pool, corpus

    def decide(self, who: Account, said: Submission) -> StoredDecision:
        """A reviewer's word on a finding."""
        return self._say(who, said, "decision")

    def adjudicate(self, who: Account, said: Submission) -> StoredDecision:
        """The word that settles what reviewers of a project did not agree on."""
        if said.project is None:
            raise BadDecision("An adjudication belongs to a project: none was named.")
        return self._say(who, said, "adjudication")

    def _say(self, who: Account, said: Submission, kind: str) -> StoredDecision:
        _check_words(said)
        key = column_text(said.finding)

        def make(database: Database) -> Decision:
            text = self._current(database, said)
            if kind == "adjudication":
                _may_adjudicate(database, who, said)
            elif said.project is not None:
                _may_judge(database, who, said)
            corrected = corrected_values(said.corrected, text)
            return Decision(
                who.name, said.finding, said.hash, said.verdict, said.note, now(), said.project,
                said.part, corrected or None, None if kind == "decision" else kind,
                _standing(database, key, who, said.project, kind),
            )  # fmt: skip

        return self._write(who, said.key, make)

    def add(self, who: Account, added: Added) -> StoredDecision:
        """A finding that the machine missed."""
        _check_key(added.key)
        _check_note(added.note)
        if added.stance not in STANCES or added.stance == "insufficient":
            raise BadDecision(
                "Say what the marked words mean for the claim: supports, contradicts or "
                "null_effect."
            )

        def make(database: Database) -> Decision:
            if not database.read(
                "SELECT 1 FROM claim WHERE project = ? AND id = ? AND superseded_by IS NULL",
                (self.corpus, column_text(added.claim_id)),
            ):
                raise NotThere(f"There is no claim {added.claim_id}.")
            article = current_article(database, added.article_id)
            quote = _quotes([[added.start, added.end]], article.text)
            place = (added.claim_id, article.id, article.version, added.stance)
            name = content_id("added", *place, quote[0]["text"], added.start)
            corrected = {
                "claim_id": added.claim_id,
                "article_id": article.id,
                "article_version": article.version,
                "stance": added.stance,
                "rationale": quote,
            }
            return Decision(
                who.name, name, name, "added", added.note, now(), added.project, None, corrected,
                "added_finding",
                _standing(database, column_text(name), who, added.project, "added_finding"),
            )  # fmt: skip

        return self._write(who, added.key, make)

    def undo(self, who: Account, decision: str, key: str) -> StoredDecision:
        """Takes one's own word back: the one before it stands again, or none."""
        _check_key(key)

        def make(database: Database) -> Decision:
            found = read_decisions(database, "d.id = ?", (column_text(decision),))
            if not found or found[0].reviewer != who.name:
                raise NotThere(f"There is no decision {decision} of yours.")
            (old,) = found
            if not old.stands:
                raise BadDecision(
                    "This word does not stand any more: it was taken back or replaced before."
                )
            if old.project is not None and old.kind == "decision":
                _not_locked(database, column_text(old.finding), old.project)
            return Decision(
                who.name, old.finding, old.hash, "undone", "", now(), old.project, None, None,
                "undo", old.id,
            )  # fmt: skip

        return self._write(who, key, make)

    # --- the one place where a decision is written

    def _write(
        self, who: Account, key: str, make: Callable[[Database], Decision]
    ) -> StoredDecision:
        name = column_text(who.name)
        with self.pool.write("The decision could not be stored") as database:
            # The lock; and whoever was closed a moment ago decides nothing any more.
            database.write("UPDATE desk_account SET active = active WHERE name = ?", (name,))
            now_is = account(database, who.name)
            if now_is is None or not now_is.may("reviewer"):
                raise NotAllowed("Your account may not decide.")
            before = database.read(
                'SELECT decision FROM desk_submission WHERE reviewer = ? AND "key" = ?',
                (name, key),
            )
            if before:
                (stored,) = read_decisions(database, "d.id = ?", (before[0][0],))
                return stored
            decision = make(database)
            row = decision_row(decision)
            database.add(table("decision"), [row])
            database.write(
                'INSERT INTO desk_submission (reviewer, "key", decision) VALUES (?, ?, ?)',
                (name, key, row[0]),
            )
            kind = decision.kind or "decision"
            if kind == "undo":
                assert decision.supersedes is not None
                take_back(database, decision.supersedes)
            else:
                stand(database, row[7], row[1], name, kind, row[0], decision.verdict, decision.at)
            if kind == "added_finding":
                note_added(database, row[0], decision.corrected or {})
            # Not what was said: of a blind project nobody may know it from here.
            audit(database, who.name, kind, f"{row[0]} on {decision.finding}")
            (stored,) = read_decisions(database, "d.id = ?", (row[0],))
            return stored

    def _current(self, database: Database, said: Submission) -> str:
        """The text of the article that the finding is about. StaleDecision when it is not current.

        NotThere for a finding that never was.
        """
        rows = database.read(
            "SELECT superseded_by, article_id, article_version FROM finding "
            "WHERE project = ? AND id = ?",
            (self.corpus, column_text(said.finding)),
        )
        if not rows:
            raise NotThere(f"There is no finding {said.finding}.")
        if said.hash != said.finding or rows[0][0] is not None:
            raise StaleDecision(
                "A newer run reads this record otherwise: what was shown is no longer what would "
                "be judged. Look at the finding that took its place."
            )
        if not said.corrected.get("rationale"):
            return ""
        return current_article(database, rows[0][1]).text


def current_article(database: Database, article_id: str) -> Article:
    """The article as it is read now. NotThere when there is none."""
    rows = database.read(
        "SELECT data FROM article WHERE id = ? AND superseded_by IS NULL "
        "ORDER BY version DESC LIMIT 1",
        (column_text(article_id),),
    )
    if not rows:
        raise NotThere(f"There is no article {article_id}.")
    return annotated_from_json(json.loads(rows[0][0])).article


def _standing(
    database: Database, finding: str, who: Account, project: str | None, kind: str
) -> str | None:
    rows = database.read(
        "SELECT decision FROM desk_standing WHERE finding = ? AND reviewer = ? AND scope = ? "
        "AND kind = ?",
        (finding, column_text(who.name), column_text(project or ""), kind),
    )
    return rows[0][0] if rows else None


def _may_judge(database: Database, who: Account, said: Submission) -> None:
    assert said.project is not None
    place = (column_text(said.project), column_text(said.finding))
    if not database.read(
        "SELECT 1 FROM desk_assignment WHERE project = ? AND finding = ? AND reviewer = ?",
        (*place, column_text(who.name)),
    ):
        raise NotThere("This finding was not given to you in this project.")
    _not_locked(database, place[1], said.project)


def _not_locked(database: Database, finding: str, project: str) -> None:
    """In a blind project words are free to change until others can be seen."""
    blind = database.read(
        "SELECT 1 FROM desk_project WHERE id = ? AND blind", (column_text(project),)
    )
    if blind and not _waiting(database, finding, project):
        raise BadDecision(
            "All reviewers of this finding have spoken and see each other's words: what was said "
            "blind stays. The adjudicator decides what is still open."
        )


def _waiting(database: Database, finding: str, project: str) -> bool:
    return bool(
        database.read(
            "SELECT 1 FROM desk_assignment a WHERE a.project = ? AND a.finding = ? AND NOT EXISTS "
            "(SELECT 1 FROM desk_standing s WHERE s.finding = a.finding AND s.scope = a.project "
            "AND s.reviewer = a.reviewer AND s.kind = 'decision') LIMIT 1",
            (column_text(project), finding),
        )
    )


def _may_adjudicate(database: Database, who: Account, said: Submission) -> None:
    assert said.project is not None
    project, finding = column_text(said.project), column_text(said.finding)
    member = database.read(
        "SELECT 1 FROM desk_member WHERE project = ? AND account = ? AND task = 'adjudicator'",
        (project, column_text(who.name)),
    )
    if not member:
        raise NotAllowed("You are no adjudicator of this project.")
    if not database.read(
        "SELECT 1 FROM desk_assignment WHERE project = ? AND finding = ? LIMIT 1",
        (project, finding),
    ):
        raise NotThere("This finding does not belong to the project.")
    if _waiting(database, finding, said.project):
        raise BadDecision(
            "Not all reviewers of this finding have spoken: there is nothing to settle."
        )


# --- words ------------------------------------------------------------------------------------


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise BadDecision("The form's key does not fit. Load the page anew.")


def _check_note(note: str) -> None:
    if len(note) > _NOTE:
        raise BadDecision(f"The note has {len(note)} characters; {_NOTE} are the most.")


def _check_words(said: Submission) -> None:
    _check_key(said.key)
    _check_note(said.note)
    if said.verdict not in JUDGEMENTS:
        raise BadDecision(f"A finding is correct, wrong or unsure, not {said.verdict[:50]!r}.")
    if said.part is not None and said.part not in PARTS:
        raise BadDecision(f"{said.part[:50]!r} is no part of a finding: {', '.join(PARTS)}.")
    if said.verdict != "wrong" and (said.part is not None or said.corrected):
        raise BadDecision("Only of a wrong finding can be said what is wrong and what is right.")


def corrected_values(given: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The values that are right, checked; quotes with their words from the article's `text`.

    BadDecision for a key or a value that does not fit. Empty ones are left out.
    """
    made: dict[str, Any] = {}
    for name, value in given.items():
        if value is None or value == "" or value == []:
            continue
        if name in _CHOICES:
            if value not in _CHOICES[name]:
                told = ", ".join(_CHOICES[name])
                raise BadDecision(f"{name}: {str(value)[:50]!r} is none of {told}.")
        elif name in _WORDS:
            _short(name, value)
        elif name == "negated":
            if not isinstance(value, bool):
                raise BadDecision("negated is true or false.")
        elif name == "n":
            if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**9:
                raise BadDecision("n is the number of subjects, above 0.")
        elif name == "species":
            if not isinstance(value, list | tuple) or len(value) > 20:
                raise BadDecision("species is a list of at most 20 names.")
            for one in value:
                _short(name, one)
            value = list(value)
        elif name == "rationale":
            value = _quotes(value, text)
        else:
            raise BadDecision(f"{name[:50]!r} is nothing of a finding that can be corrected.")
        made[name] = value
    return made


def _short(name: str, value: Any) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= _WORD:
        raise BadDecision(f"{name} is a text of at most {_WORD} characters.")


def _quotes(places: Any, text: str) -> list[dict[str, Any]]:
    if not isinstance(places, list | tuple) or len(places) > 50:
        raise BadDecision("The marked words are a list of at most 50 places.")
    made = []
    for place in places:
        if not isinstance(place, list | tuple) or len(place) != 2:
            raise BadDecision("A place is its start and its end.")
        start, end = place
        fits = all(isinstance(n, int) and not isinstance(n, bool) for n in place)
        if not fits or not 0 <= start < end <= len(text) or not text[start:end].strip():
            raise BadDecision(f"There are no words at {str(place)[:40]} of this article.")
        made.append({"start": start, "end": end, "text": text[start:end]})
    return made
