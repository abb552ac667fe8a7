"""Every stage against the gold of the demonstration corpus.

The gold was written with the records, before the readers. Its records are in two halves: `dev`,
which may be looked at while a stage is being built, and `test`, which is for the figure.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textmine.claims.article import load_claims
from textmine.claims.check import check
from textmine.config import data_root, load_project, read_toml
from textmine.errors import ConfigError
from textmine.evidence.verdict import verdicts
from textmine.measure.scores import F1, Line, Share, f1, macro_f1, share
from textmine.pubmed.read import Broken, newest, read_articles
from textmine.reading.lexicon import Lexicon
from textmine.reading.pipeline import Reader
from textmine.reading.relations import read_relations
from textmine.records import (
    LABELS,
    Annotated,
    Claim,
    Finding,
    Mention,
    Relation,
    Sentence,
    content_id,
)

__all__ = ["measure_demo"]

GOLD = "gold/demo.jsonl.gz"
VERDICTS = "gold/demo_verdicts.jsonl"
CONCEPTS = "gold/concepts.toml"
CARD_SETS = ("species", "models", "isolation", "characterisation", "vesicle_source")
CARD_VALUES = ("design", "n", "n_per_group", "randomised")


@dataclass(frozen=True, slots=True)
class Case:
    """A record: its gold, and what was read in it (`oracle`: from the gold's mentions)."""

    gold: Mapping[str, Any]
    annotated: Annotated
    oracle: tuple[Relation, ...]
    oracle_mentions: Mapping[str, Mention]


def measure_demo(folder: Path | None = None, splits: Sequence[str] = ("dev", "test")) -> list[Line]:
    """Scores of every stage on the halves asked for. `folder` holds `demo/` and `gold/`."""
    corpora = folder or data_root() / "corpora"
    project = load_project(corpora / "demo")
    records = [corpora / "demo" / source for source in project.sources]
    gold = {line["id"]: line for line in _lines(corpora / GOLD)}
    concepts = read_toml(corpora / CONCEPTS)["concepts"]
    reader = Reader(project.reading.model)
    articles = [a for path in records for a in read_articles(path) if not isinstance(a, Broken)]
    current, _ = newest(articles)
    claims = load_claims(project.claims_path)
    annotated = [reader.read(article) for article in current]
    findings = list(check(claims, annotated, reader=reader))
    by_pair = {(f.claim_id, f.article_id): f for f in findings}
    lines: list[Line] = []
    for split in splits:
        cases = [_case(gold[a.article.id], a) for a in annotated if a.article.id in gold]
        cases = [case for case in cases if case.gold["split"] == split]
        lines += [Line(stage, what, split, score, misses) for stage, what, score, misses in (
            *_parsing(cases), *_sentences(cases), *_mentions(cases, concepts, reader.lexicon),
            *_relations(cases), *_cards(cases), *_stances(cases, claims, by_pair),
        )]  # fmt: skip
    judged = verdicts(findings, {a.article.id: a for a in annotated}, claims=claims)
    wanted = {line["claim_id"]: line["verdict"] for line in _lines(corpora / VERDICTS)}
    wrong = tuple(
        f"{v.claim_id}: {v.verdict}, gold {wanted[v.claim_id]}"
        for v in judged
        if v.verdict != wanted[v.claim_id]
    )
    lines.append(
        Line("verdict", "verdict", "all", share(len(judged) - len(wrong), len(judged)), wrong)
    )
    return lines


Scored = tuple[str, str, F1 | Share, tuple[str, ...]]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"The gold {path} cannot be read: {error.strerror}.") from None
    if path.name.endswith(".gz"):
        data = gzip.decompress(data)
    for line in data.decode().split("\n"):
        if line.strip():
            yield json.loads(line)


def _case(gold: Mapping[str, Any], annotated: Annotated) -> Case:
    article = annotated.article
    mentions = {
        m["key"]: Mention(
            id=content_id("m", article.id, m["key"]),
            start=m["start"],
            end=m["end"],
            text=m["text"],
            label=m["label"],
        )
        for m in gold["mentions"]
    }
    found = {(m.start, m.end): m for m in annotated.mentions}
    given = [_with_concepts(m, found.get((m.start, m.end))) for m in mentions.values()]
    sentences = [Sentence(s["start"], s["end"], s["role"]) for s in gold["sentences"]]
    same = gold["text"] == article.text
    oracle = read_relations(article, sentences, given) if same else ()
    return Case(gold, annotated, oracle, {m.id: m for m in given})


def _with_concepts(gold: Mention, found: Mention | None) -> Mention:
    """A gold mention with the concepts that the linker gave the same span."""
    if found is None or found.label != gold.label:
        return gold
    return Mention(gold.id, gold.start, gold.end, gold.text, gold.label, found.concepts)


# --- the stages


def _parsing(cases: Sequence[Case]) -> Iterator[Scored]:
    wrong = tuple(c.gold["id"] for c in cases if c.gold["text"] != c.annotated.article.text)
    yield "parse", "canonical text", share(len(cases) - len(wrong), len(cases)), wrong


def _sentences(cases: Sequence[Case]) -> Iterator[Scored]:
    def spans(rows: Sequence[Any], role: bool) -> list[tuple[Any, ...]]:
        return [(r[0], r[1], r[2]) if role else (r[0], r[1]) for r in rows]

    gold = [[(s["start"], s["end"], s["role"]) for s in c.gold["sentences"]] for c in cases]
    found = [[(s.start, s.end, s.role) for s in c.annotated.sentences] for c in cases]
    for what, role in (("sentences", False), ("sentences with role", True)):
        pairs = [(spans(g, role), spans(f, role)) for g, f in zip(gold, found, strict=True)]
        yield "roles" if role else "sentences", what, f1(pairs), _differences(cases, pairs)


def _mentions(
    cases: Sequence[Case], concepts: Mapping[str, Sequence[str]], lexicon: Lexicon
) -> Iterator[Scored]:
    def of(label: str | None) -> Iterator[Scored]:
        def kept(rows: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
            return [row for row in rows if label in (None, row[2])]

        pairs = [
            (
                kept((m["start"], m["end"], m["label"]) for m in c.gold["mentions"]),
                kept((m.start, m.end, m.label) for m in c.annotated.mentions),
            )
            for c in cases
        ]
        yield "mentions", label or "all labels", f1(pairs), _differences(cases, pairs)

    yield from of(None)
    for label in LABELS:
        yield from of(label)
    right, total, wrong = 0, 0, []
    for case in cases:
        found = {(m.start, m.end): m for m in case.annotated.mentions}
        for gold in case.gold["mentions"]:
            mention = found.get((gold["start"], gold["end"]))
            if "concept" not in gold or mention is None:
                continue
            total += 1
            if _same_concept(gold["concept"], mention, concepts, lexicon):
                right += 1
            else:
                curies = [c.curie for c in mention.concepts]
                wrong.append(
                    f"{case.gold['id']}: {gold['text']!r} {curies}, gold {gold['concept']}"
                )
    yield "linking", "concept of found mentions", share(right, total), tuple(wrong)


def _same_concept(
    gold: str, mention: Mention, concepts: Mapping[str, Sequence[str]], lexicon: Lexicon
) -> bool:
    """Whether a concept is the gold's or a kind of it ("LX-2" is a hepatic stellate cell)."""
    if gold in concepts:
        wanted = tuple(concepts[gold])
        if not wanted:
            return not mention.concepts
        return any(
            c.curie.startswith(wanted) or any(lexicon.is_a(c.curie, kind) for kind in wanted)
            for c in mention.concepts
        )
    return any(c.name == gold or c.curie.endswith(f"/{gold}") for c in mention.concepts)


def _relations(cases: Sequence[Case]) -> Iterator[Scored]:
    def gold(case: Case, roles: tuple[str, ...]) -> list[tuple[Any, ...]]:
        return [
            (tuple(r["subject"]) if r["subject"] else None, tuple(r["object"]), r["predicate"],
             r["direction"], r["negated"])
            for r in case.gold["relations"]
            if r["role"] in roles
        ]  # fmt: skip

    def found(
        relations: Sequence[Relation], mentions: Mapping[str, Mention], roles: tuple[str, ...]
    ) -> list[tuple[Any, ...]]:
        def span(key: str | None) -> tuple[int, int] | None:
            return (mentions[key].start, mentions[key].end) if key else None

        return [
            (span(r.subject), span(r.object), r.predicate, r.direction, r.negated)
            for r in relations
            if r.role in roles
        ]

    every = ("title", "aim", "background", "method", "result", "conclusion")
    own = ("title", "result", "conclusion")
    for what, roles in (("all", every), ("own findings", own)):
        oracle = [(gold(c, roles), found(c.oracle, c.oracle_mentions, roles)) for c in cases]
        whole = [
            (
                gold(c, roles),
                found(c.annotated.relations, {m.id: m for m in c.annotated.mentions}, roles),
            )
            for c in cases
        ]
        name = f"{what}, gold mentions and roles"
        yield "relations", name, f1(oracle), _differences(cases, oracle)
        yield "relations", f"{what}, end to end", f1(whole), _differences(cases, whole)
        yield "relations", f"{what}: direction of found pairs, end to end", _directions(whole), ()


def _directions(pairs: Sequence[tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]]) -> Share:
    """Of the found triples that the gold has too: those with direction and denial right."""
    right = total = 0
    for gold, found in pairs:
        wanted: dict[tuple[Any, ...], set[tuple[Any, ...]]] = {}
        for row in gold:
            wanted.setdefault(row[:3], set()).add(row[3:])
        for row in set(found):
            if row[:3] in wanted:
                total += 1
                right += row[3:] in wanted[row[:3]]
    return share(right, total)


def _cards(cases: Sequence[Case]) -> Iterator[Scored]:
    for field in CARD_VALUES:
        right, wrong = 0, []
        for case in cases:
            gold = case.gold["study"].get(field, "other" if field == "design" else None)
            found = getattr(case.annotated.study, field)
            if gold == found:
                right += 1
            else:
                wrong.append(f"{case.gold['id']}: {found}, gold {gold}")
        yield "study card", field, share(right, len(cases)), tuple(wrong)
    for field in CARD_SETS:
        pairs = []
        for case in cases:
            gold = case.gold["study"].get(field, [])
            values = [gold] if isinstance(gold, str) else gold
            found = getattr(case.annotated.study, field)
            pairs.append(([v.casefold() for v in values], [v.casefold() for v in found]))
        yield "study card", field, f1(pairs), _differences(cases, pairs)


def _stances(
    cases: Sequence[Case], claims: Sequence[Claim], findings: Mapping[tuple[str, str], Finding]
) -> Iterator[Scored]:
    gold, found, wrong = [], [], []
    for case in cases:
        for claim in claims:
            finding = findings[claim.id, case.gold["id"]]
            wanted = case.gold["stance"].get(claim.id, "insufficient")
            gold.append(wanted)
            found.append(finding.stance)
            if wanted != finding.stance:
                wrong.append(f"{case.gold['id']} {claim.id}: {finding.stance}, gold {wanted}")
    right = sum(g == f for g, f in zip(gold, found, strict=True))
    yield "stance", "all pairs", share(right, len(gold)), tuple(wrong)
    for name, score in macro_f1(gold, found).items():
        yield "stance", name, score, ()


def _differences(
    cases: Sequence[Case], pairs: Sequence[tuple[Sequence[Any], Sequence[Any]]]
) -> tuple[str, ...]:
    """What was missed (-) and wrongly found (+), readable: spans come with their words."""
    out = []
    for case, (gold, found) in zip(cases, pairs, strict=True):
        text = case.gold["text"]

        def words(row: Any, text: str = text) -> str:
            if not isinstance(row, tuple):
                return str(row)
            if len(row) in (2, 3) and isinstance(row[0], int):
                return f"{text[row[0] : row[1]]!r} {' '.join(map(str, row[2:]))}"
            return " ".join(
                repr(text[p[0] : p[1]]) if isinstance(p, tuple) else str(p) for p in row
            )

        for sign, rows in (("-", set(gold) - set(found)), ("+", set(found) - set(gold))):
            out += [f"{case.gold['id']} {sign} {words(row)}" for row in sorted(rows, key=str)]
    return tuple(out)
