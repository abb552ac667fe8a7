"""One finding with everything around it, as far as the one who asks may see it."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from textmine.errors import NotThere
from textmine.records import (
    Annotated,
    Claim,
    Finding,
    Grade,
    Mention,
    Reason,
    Relation,
    Step,
    Verdict,
    annotated_from_json,
    from_json,
)
from textmine.review.nouns import Account, FindingView, Item, RelationView, StoredDecision
from textmine.review.queue import item, items_of
from textmine.review.sight import Sight, read_decisions
from textmine.review.tables import marks, plain
from textmine.stores.database import Database
from textmine.stores.events import open_events
from textmine.stores.text import column_text

__all__ = ["article_of", "claim_of", "finding_view", "outline_of", "same_pair", "verdict_of"]

T = TypeVar("T")

_RUN = ("id", "project", "tool_version", "model_hash", "config_hash", "source", "query",
        "fetched_at", "at")  # fmt: skip


def finding_view(
    database: Database, corpus: str, who: Account, finding_id: str, project: str | None = None
) -> FindingView:
    """NotThere for a finding that never was; a superseded one is shown with who took its place."""
    key = column_text(finding_id)
    rows = database.read(
        "SELECT data, run_id, superseded_by, claim_id, article_id FROM finding "
        "WHERE project = ? AND id = ?",
        (corpus, key),
    )
    if not rows:
        raise NotThere(f"There is no finding {finding_id}.")
    data, run_id, superseded_by, claim_id, article_id = rows[0]
    finding = from_json(Finding, json.loads(data))
    annotated = article_of(database, finding, run_id)
    shown = items_of(database, corpus, who, item(database, corpus, key), project)
    current = _current(database, corpus, key, claim_id, article_id, superseded_by)
    words, hidden = _decisions(database, corpus, who, claim_id, article_id, current or key)
    mine = [
        w for w in words
        if w.reviewer == who.name and w.stands and w.finding == finding.id
        and w.kind == "decision" and w.project == project
    ]  # fmt: skip
    claim = claim_of(database, corpus, claim_id)
    verdict = outline_of(database, corpus, claim_id)
    return FindingView(
        item=shown[0] if shown else _gone(finding, annotated),
        claim=claim,
        finding=finding,
        annotated=annotated,
        relations=tuple(_relations(finding, annotated)),
        grade=_grade(database, corpus, verdict, key),
        verdict=verdict,
        events=tuple(open_events(database, finding.article_id)),
        decisions=tuple(w for w in words if w.kind != "added_finding" and w.kind != "undo"),
        hidden=hidden,
        mine=mine[-1] if mine else None,
        current=plain(current),
        run=_run(database, run_id),
        added=tuple(w for w in words if w.kind == "added_finding" and w.stands),
    )


def same_pair(database: Database, corpus: str, claim_id: str, article_id: str) -> list[str]:
    """The ids of all findings that there ever were on a claim and an article."""
    return [
        key
        for (key,) in database.read(
            "SELECT id FROM finding WHERE project = ? AND claim_id = ? AND article_id = ?",
            (corpus, claim_id, article_id),
        )
    ]


def _decisions(
    database: Database, corpus: str, who: Account, claim_id: str, article_id: str, key: str
) -> tuple[list[StoredDecision], int]:
    """What `who` may see of the words on this claim and article, and how many others there are.

    Words on readings that have changed since are among them: they are stale.
    """
    me = column_text(who.name)
    names = same_pair(database, corpus, claim_id, article_id)
    added = database.read(
        "SELECT decision FROM desk_added WHERE article_id = ? AND claim_id = ?",
        (article_id, claim_id),
    )
    # One after the other: with OR between them a server reads every decision there is.
    words = read_decisions(database, f"d.finding IN ({marks(names)})", names)
    if added:
        keys = [key for (key,) in added]
        words += read_decisions(database, f"d.id IN ({marks(keys)})", keys)
        words.sort(key=lambda word: (word.at, word.id))
    sight = Sight(database, names)
    # Who still has to judge the reading that holds sees no word on the former ones either.
    waits = sight.waits(me, key)
    seen = []
    hidden = 0
    for word in words:
        # An added finding lies under the same veil as the finding beside which it was added.
        about = key if word.kind == "added_finding" else column_text(word.finding)
        scope = column_text(word.project) if word.project is not None else None
        own = word.reviewer == who.name
        if own or (not waits and sight.sees(me, about, column_text(word.reviewer), scope)):
            seen.append(word)
        elif word.stands:
            hidden += 1
    return seen, hidden


def _current(
    database: Database, corpus: str, key: str, claim_id: str, article_id: str, by: str | None
) -> str:
    if by is None:
        return key
    rows = database.read(
        "SELECT id FROM finding WHERE project = ? AND claim_id = ? AND article_id = ? "
        "AND superseded_by IS NULL ORDER BY id LIMIT 1",
        (corpus, claim_id, article_id),
    )
    return rows[0][0] if rows else ""


def _gone(finding: Finding, annotated: Annotated) -> Item:
    """The line of a finding that is no longer in the queue."""
    return Item(
        finding.id, finding.claim_id, finding.article_id, finding.article_version, finding.stance,
        finding.score, 0.0, 1 - abs(2 * finding.score - 1), False, annotated.article.title,
        annotated.article.year, annotated.study.design, finding.excluded,
    )  # fmt: skip


def claim_of(database: Database, corpus: str, claim_id: str) -> Claim:
    """The claim as it is now, or as it last was. NotThere for one that never was."""
    rows = database.read(
        "SELECT c.data FROM claim c JOIN run r ON r.id = c.run_id "
        "WHERE c.project = ? AND c.id = ? "
        'ORDER BY c.superseded_by IS NULL DESC, r."position" DESC LIMIT 1',
        (corpus, claim_id),
    )
    if not rows:
        raise NotThere(f"There is no claim {claim_id}.")
    return from_json(Claim, json.loads(rows[0][0]))


def article_of(database: Database, finding: Finding, run_id: str) -> Annotated:
    """The article as the finding's run had read it; an empty one where it was not to be had."""
    place = (column_text(finding.article_id), finding.article_version)
    rows = database.read(
        "SELECT a.data FROM run_article r JOIN article a ON a.id = r.article_id "
        "AND a.version = r.article_version AND a.reading = r.reading "
        "WHERE r.run_id = ? AND r.article_id = ? AND r.article_version = ?",
        (run_id, *place),
    ) or database.read(
        "SELECT data FROM article WHERE id = ? AND version = ? "
        "ORDER BY superseded_by IS NULL DESC LIMIT 1",
        place,
    )
    if not rows:
        return annotated_from_json(
            {"id": finding.article_id, "text": "", "sentences": [], "mentions": []}
        )
    return annotated_from_json(json.loads(rows[0][0]))


class _Outline(msgspec.Struct):
    """A verdict without its studies: of thousands of them the whole is megabytes long."""

    claim_id: str
    verdict: str
    certainty: str
    n_studies: dict[str, int]
    reasons: tuple[str, ...]
    id: str = ""
    balance: float | None = None
    steps: tuple[Step, ...] = ()
    warnings: tuple[str, ...] = ()


def _decoded(data: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.DecodeError:
        # It quotes half a surrogate pair, which only the slower reader takes.
        return msgspec.convert(json.loads(data), kind)


class _Kept:
    """The verdicts that were shown last. Their ids do not name all that they say, so that the run
    that brought one belongs to its name here."""

    def __init__(self, most: int) -> None:
        self._most, self._held = most, OrderedDict[tuple[str, ...], Verdict]()
        self._lock = threading.Lock()

    def get(
        self, database: Database, corpus: str, claim_id: str, make: Callable[[str], Verdict]
    ) -> Verdict | None:
        rows = database.read(
            "SELECT id, run_id, coalesce(cause, '') FROM verdict "
            "WHERE project = ? AND claim_id = ? AND superseded_by IS NULL",
            (corpus, claim_id),
        )
        if not rows:
            return None
        name = (database.label, corpus, *rows[0])
        with self._lock:
            if name in self._held:
                self._held.move_to_end(name)
                return self._held[name]
        ((data,),) = database.read(
            "SELECT data FROM verdict WHERE project = ? AND id = ?", (corpus, rows[0][0])
        )
        made = make(data)
        with self._lock:
            self._held[name] = made
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return made


_WHOLE, _SHORT = _Kept(32), _Kept(500)


def verdict_of(database: Database, corpus: str, claim_id: str) -> Verdict | None:
    """The verdict that holds."""
    return _WHOLE.get(database, corpus, claim_id, lambda data: _decoded(data, Verdict))


def outline_of(database: Database, corpus: str, claim_id: str) -> Verdict | None:
    """The same without its studies: no findings, grades, sides, or what would change it."""

    def make(data: str) -> Verdict:
        line = _decoded(data, _Outline)
        told = {name: getattr(line, name) for name in line.__struct_fields__}
        return Verdict(**told, findings=())

    return _SHORT.get(database, corpus, claim_id, make)


def _grade(database: Database, corpus: str, verdict: Verdict | None, finding: str) -> Grade | None:
    if verdict is None:
        return None
    rows = database.read(
        "SELECT article_id, points, level, cluster, reasons FROM grade "
        "WHERE project = ? AND verdict_id = ? AND finding_id = ?",
        (corpus, column_text(verdict.id), finding),
    )
    if not rows:
        return None
    article, points, level, cluster, reasons = rows[0]
    told = tuple(from_json(Reason, r) for r in json.loads(reasons))
    return Grade(plain(finding), plain(article), points, level, plain(cluster), told)


def _run(database: Database, run_id: str) -> Mapping[str, Any]:
    names = ", ".join(f'"{name}"' for name in _RUN)
    ((*values,),) = database.read(
        f"SELECT {names} FROM run WHERE id = ?",  # noqa: S608
        (run_id,),
    )
    return {name: plain(value) for name, value in zip(_RUN, values, strict=True)}


def _relations(finding: Finding, annotated: Annotated) -> Iterator[RelationView]:
    mentions = {m.id: m for m in annotated.mentions}
    known = {r.id: r for r in annotated.relations}
    text = annotated.article.text
    for key in finding.relations:
        if key in known:
            yield _shown(known[key], mentions, text)


def _shown(relation: Relation, mentions: Mapping[str, Mention], text: str) -> RelationView:
    def of(key: str | None) -> Mention | None:
        return mentions.get(key) if key is not None else None

    def place(mention: Mention | None) -> tuple[int, int] | None:
        return (mention.start, mention.end) if mention else None

    subject, mediator, target = of(relation.subject), of(relation.mediator), of(relation.object)
    return RelationView(
        id=relation.id,
        subject=subject.text if subject else None,
        predicate=relation.predicate,
        direction=relation.direction,
        object=target.text if target else relation.object,
        mediator=mediator.text if mediator else None,
        negated=relation.negated,
        certainty=relation.certainty,
        role=relation.role,
        score=relation.score,
        quote=text[slice(*relation.sentence)],
        sentence=relation.sentence,
        subject_at=place(subject),
        object_at=place(target),
        mediator_at=place(mediator),
        pattern=relation.pattern,
    )
