"""Decisions as files: tables, lines of the contract, gold and training data.

Words that a blind project still keeps back are in no file.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from textmine.errors import ConfigError
from textmine.records import Annotated, Finding, annotated_from_json, as_json, from_json
from textmine.review.effect import heard
from textmine.review.nouns import Account, StoredDecision
from textmine.review.sight import Sight, read_decisions, settled
from textmine.review.tables import marks
from textmine.review.view import article_of
from textmine.stores.database import Database, in_groups
from textmine.stores.tables import table
from textmine.stores.text import column_text

__all__ = ["COLUMNS", "EXPORTS", "export"]

# form -> (file name, media type)
EXPORTS = {
    "csv": ("decisions.csv", "text/csv; charset=utf-8"),
    "jsonl": ("decisions.jsonl", "application/jsonl; charset=utf-8"),
    "card1": ("card1.jsonl", "application/jsonl; charset=utf-8"),
    "gold": ("gold.jsonl", "application/jsonl; charset=utf-8"),
    "training": ("training.jsonl", "application/jsonl; charset=utf-8"),
}
COLUMNS = (
    "id", "at", "reviewer", "project", "kind", "verdict", "part", "note", "corrected", "supersedes",
    "stands", "stale", "finding", "hash", "claim_id", "article_id", "machine_stance",
    "machine_score", "stance",
)  # fmt: skip
# A spreadsheet runs what begins so.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def export(
    database: Database, corpus: str, who: Account, form: str, project: str | None = None
) -> Iterator[str]:
    """The lines of one form. ConfigError for a form that there is not.

    csv: every decision with what the machine had said; a value that a spreadsheet would take for a
    formula has an apostrophe before it. jsonl: decision lines of the contract. card1: rows of the
    decisions and of what they are about, {"table", "row"}. gold: what is settled, for `textmine
    measure`. training: claim, text, stance and rationale, of what is settled.
    """
    if form not in EXPORTS:
        raise ConfigError(f"There is no export {form!r}. There are: {', '.join(EXPORTS)}.")
    if form == "csv":
        return _csv(database, corpus, who, project)
    if form == "jsonl":
        words = _seen(database, who, project)
        return (json.dumps(_line(w), ensure_ascii=False) + "\n" for w in words)
    if form == "card1":
        return _card1(database, corpus, who, project)
    return _read_anew(database, corpus, project, training=form == "training")


def _seen(database: Database, who: Account, project: str | None) -> list[StoredDecision]:
    where, values = "1 = 1", []
    if project is not None:
        where, values = "d.project = ?", [column_text(project)]
    words = read_decisions(database, where, values)
    sight, me = Sight(database), column_text(who.name)
    return [
        w for w in words
        if sight.sees(me, column_text(w.finding), column_text(w.reviewer),
                      None if w.project is None else column_text(w.project))
    ]  # fmt: skip


def _line(word: StoredDecision) -> dict[str, Any]:
    """The decision as a line of the contract, just as it is hashed."""
    return {
        "reviewer": word.reviewer, "finding": word.finding, "hash": word.hash,
        "verdict": word.verdict, "note": word.note, "at": word.at, "project": word.project,
        "part": word.part, "corrected": dict(word.corrected) or None,
        "kind": None if word.kind == "decision" else word.kind, "supersedes": word.supersedes,
    }  # fmt: skip


def _findings(
    database: Database, corpus: str, words: Iterable[StoredDecision]
) -> dict[str, tuple[Finding, str]]:
    """finding -> (as it was read, the run that read it)."""
    found = {}
    names = dict.fromkeys(column_text(w.finding) for w in words)
    for group in in_groups(names, 400):
        for data, run_id in database.read(
            f"SELECT data, run_id FROM finding WHERE project = ? AND id IN ({marks(group)})",  # noqa: S608
            [corpus, *group],
        ):
            finding = from_json(Finding, json.loads(data))
            found[finding.id] = (finding, run_id)
    return found


def _csv(database: Database, corpus: str, who: Account, project: str | None) -> Iterator[str]:
    words = _seen(database, who, project)
    known = _findings(database, corpus, words)
    yield _row(COLUMNS)
    for word in words:
        about = known.get(word.finding)
        finding = about[0] if about else None
        right: Mapping[str, Any] = word.corrected
        yield _row(
            (word.id, word.at, word.reviewer, word.project, word.kind, word.verdict, word.part,
             word.note, json.dumps(dict(right), ensure_ascii=False) if right else None,
             word.supersedes, word.stands, word.stale, word.finding, word.hash,
             finding.claim_id if finding else right.get("claim_id"),
             finding.article_id if finding else right.get("article_id"),
             finding.stance if finding else None, finding.score if finding else None,
             _stance(word, finding))
        )  # fmt: skip


def _stance(word: StoredDecision, finding: Finding | None) -> str | None:
    if word.verdict == "unsure" or word.kind == "undo":
        return None
    if finding is None:
        value: str | None = word.corrected.get("stance")
        return value
    return heard(finding, word)


def _row(values: Iterable[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([_safe(value) for value in values])
    return out.getvalue()


def _safe(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return value
    value = value.replace("\x00", "\\u0000").encode("utf-8", "backslashreplace").decode()
    return f"'{value}" if value.startswith(_FORMULA) else value


def _card1(database: Database, corpus: str, who: Account, project: str | None) -> Iterator[str]:
    words = _seen(database, who, project)
    claims = {column_text(f.claim_id) for f, _ in _findings(database, corpus, words).values()}
    claims |= {column_text(w.corrected["claim_id"]) for w in words if w.kind == "added_finding"}
    yield from _rows(database, "claim", corpus, "id", claims)
    names = {column_text(w.finding) for w in words if w.kind != "added_finding"}
    yield from _rows(database, "finding", corpus, "id", names)
    yield from _rows(database, "verdict", corpus, "claim_id", claims)
    yield from _rows(database, "decision", None, "id", {w.id for w in words})


def _rows(
    database: Database, name: str, corpus: str | None, column: str, values: Iterable[str]
) -> Iterator[str]:
    place = table(name)
    names = ", ".join(f'"{c}"' for c in place.names)
    one = "" if corpus is None else "project = ? AND "
    for group in in_groups(sorted(values), 400):
        for row in database.read(
            f'SELECT {names} FROM "{name}" WHERE {one}{column} IN ({marks(group)}) '  # noqa: S608
            f"ORDER BY {', '.join(place.key)}",
            [*(() if corpus is None else (corpus,)), *group],
        ):
            line = {"table": name, "row": place.as_dict(row)}
            yield json.dumps(line, ensure_ascii=False) + "\n"


def _read_anew(
    database: Database, corpus: str, project: str | None, *, training: bool
) -> Iterator[str]:
    """What people settled, as readings of claim and article."""
    words = [w for w in settled(database).values() if project in (None, w.project)]
    words = [w for w in words if w.verdict != "unsure"]
    known = _findings(database, corpus, words)
    statements: dict[str, str] = dict(
        database.read(
            "SELECT id, statement FROM claim WHERE project = ? AND superseded_by IS NULL",
            (corpus,),
        )
    )
    for word in sorted(words, key=lambda w: (w.finding, w.id)):
        made = _reading(database, word, known)
        if made is None:
            continue
        gold, annotated, finding = made
        if training:
            text = annotated.article.text
            gold = {
                "claim": gold["claim"],
                "statement": statements.get(column_text(gold["claim"]), ""),
                "article": gold["article"],
                "text": text,
                "stance": gold["stance"],
                "rationale": [{"start": s, "end": e, "text": text[s:e]}
                              for s, e in gold["rationale"]],
                "relations": _relations(annotated, finding, word),
                "by": word.reviewer,
                "decision": word.id,
            }  # fmt: skip
        yield json.dumps(gold, ensure_ascii=False) + "\n"


def _reading(
    database: Database, word: StoredDecision, known: Mapping[str, tuple[Finding, str]]
) -> tuple[dict[str, Any], Annotated, Finding | None] | None:
    right: Mapping[str, Any] = word.corrected
    about = known.get(word.finding)
    if word.kind == "added_finding":
        rows = database.read(
            "SELECT data FROM article WHERE id = ? AND version = ? "
            "ORDER BY superseded_by IS NULL DESC LIMIT 1",
            (column_text(right["article_id"]), right["article_version"]),
        )
        if not rows:
            return None
        annotated, finding = annotated_from_json(json.loads(rows[0][0])), None
        claim, stance = right["claim_id"], right["stance"]
        quotes = [[q["start"], q["end"]] for q in right["rationale"]]
    elif about is not None:
        finding, run_id = about
        annotated = article_of(database, finding, run_id)
        claim, stance = finding.claim_id, heard(finding, word)
        marked = right.get("rationale")
        quotes = [[q["start"], q["end"]] for q in marked or map(as_json, finding.rationale)]
        if stance == "insufficient" and not marked:
            quotes = []
    else:
        return None
    article = annotated.article
    gold = {
        "claim": claim, "article": article.id, "version": article.version, "source": "review",
        "split": _split(article.id), "stance": stance, "rationale": quotes,
        "reason": word.part or word.verdict, "indirect": bool(finding and finding.indirect),
        # As `textmine grade --gold` calls them.
        "claim_id": claim, "article_id": article.id,
    }  # fmt: skip
    return gold, annotated, finding


def _split(article_id: str) -> str:
    """As in the project's own gold: odd PMIDs may be looked at, even ones are for the figure."""
    return "dev" if article_id[-1:].isdigit() and int(article_id[-1]) % 2 else "test"


def _relations(
    annotated: Annotated, finding: Finding | None, word: StoredDecision
) -> list[dict[str, Any]]:
    """The relations behind the finding, the corrected values in the place of the machine's."""
    mentions = {m.id: m for m in annotated.mentions}
    right = word.corrected
    only = finding is not None and len(finding.relations) == 1
    made = []
    for relation in annotated.relations:
        if finding is None or relation.id not in finding.relations:
            continue
        line: dict[str, Any] = {
            "predicate": relation.predicate, "direction": relation.direction,
            "negated": relation.negated, "role": relation.role,
            "sentence": list(relation.sentence),
        }  # fmt: skip
        for part in ("subject", "object", "mediator"):
            mention = mentions.get(getattr(relation, part) or "")
            line[part] = [mention.start, mention.end] if mention else None
        # Of several relations nobody said which one was meant.
        if only:
            line |= {k: right[k] for k in ("predicate", "direction", "negated", "role")
                     if k in right}  # fmt: skip
            for part in ("subject", "object", "mediator"):
                if part in right:
                    other = mentions.get(right[part])
                    line[part] = [other.start, other.end] if other else right[part]
        line["checked"] = only and (word.verdict == "correct" or bool(right))
        made.append(line)
    return made
