"""A run as rows of both cards, each held to the contract.

What JSON Schema cannot say is checked here: a quote stands where it says, an id names something
that is there. ContractViolation names the row and the rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from textmine.errors import ContractViolation
from textmine.records import (
    Annotated,
    Claim,
    Decision,
    Finding,
    Verdict,
    as_json,
    content_id,
)
from textmine.stores.edges import edges_of, quote_of
from textmine.stores.model import Bundle
from textmine.stores.schemas import check_line
from textmine.stores.tables import Row
from textmine.stores.text import column_text, digest, fast_json, short_json, to_json

__all__ = [
    "Batch",
    "RunRows",
    "card_2",
    "decision_id",
    "decision_row",
    "grade_rows",
    "merge",
    "study_row",
    "verdict_row",
]

Batch = dict[str, list[Row]]


def _text(value: str | None) -> str | None:
    return None if value is None else column_text(value)


class RunRows:
    """Turns the records of one run into rows, and remembers what later ones may refer to."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.run_id = column_text(bundle.provenance.run_id)
        self.project = column_text(bundle.project)
        self.counts = {"claim": 0, "article": 0, "finding": 0, "verdict": 0}
        self._claims: set[str] = set()
        self._ids: set[str] = set()
        self._quoted: set[tuple[str, int, int]] = set()
        self._texts: dict[tuple[str, int], str] = {}
        self._relations: dict[tuple[str, int], set[str]] = {}
        self._findings: set[str] = set()

    def run(self, position: int) -> Row:
        """The run's own row; its counts are written when all is in."""
        run = self.bundle.provenance
        query, rules = self.bundle.query, self.bundle.rules
        return (
            self.run_id, self.project, run.tool_version, run.model_hash, run.config_hash,
            column_text(run.source), None if query is None else to_json(list(query)),
            self.bundle.fetched_at, run.at, position, "{}",
            None if rules is None else to_json(rules),
        )  # fmt: skip

    def claim(self, claim: Claim, position: int) -> Row:
        line = as_json(claim)
        check_line("claim", claim.id, line)
        if claim.id in self._claims:
            _broken("claim", claim.id, "another claim of the run has the same id")
        self._claims.add(claim.id)
        self.counts["claim"] += 1
        data = _data("claim", claim.id, line)
        return (
            self.project, column_text(claim.id), digest(data), column_text(claim.statement),
            position, data, self.run_id, None,
        )  # fmt: skip

    def article(self, annotated: Annotated) -> Batch:
        article = annotated.article
        data = _line("annotated", article.id, annotated)
        _check_places(annotated)
        place = (article.id, article.version)
        if article.id in self._ids:
            _broken("article", article.id, "the run holds it twice, or in two versions")
        self._ids.add(article.id)
        self._texts[place] = article.text
        self._relations[place] = {r.id for r in annotated.relations}
        self.counts["article"] += 1
        reading = digest(data)
        raw = self.bundle.raw.get(place)
        key = column_text(article.id)
        batch: Batch = {
            "run_article": [
                (self.run_id, key, article.version, reading, *(
                    (column_text(raw.archive), raw.sha256, raw.at) if raw else (None,) * 3
                ))
            ],
            "article": [
                (key, article.version, reading, article.pmid, column_text(article.title),
                 article.year, _text(article.journal), annotated.study.design,
                 article.status.retracted, article.status.retracted or article.status.deleted, "",
                 data, self.run_id, None)
            ],
            "study_card": [study_row(annotated, reading, self.run_id)],
        }  # fmt: skip
        batch.update(card_2(annotated, reading, self.run_id))
        self._quoted.update((article.id, *r.sentence) for r in annotated.relations if r.subject)
        return batch

    def finding(self, finding: Finding) -> tuple[Row, list[Row]]:
        """The finding's row, and those of its quotes."""
        data = _line("finding", finding.id, finding)
        place = (finding.article_id, finding.article_version)
        text = self._texts.get(place)
        if finding.id in self._findings:
            _broken("finding", finding.id, "another finding of the run has the same id")
        self._findings.add(finding.id)
        if finding.claim_id not in self._claims:
            _broken("finding", finding.id, f"its claim {finding.claim_id} is not in the run")
        if text is None and (finding.article_version or finding.rationale):
            _broken(
                "finding",
                finding.id,
                f"its article {finding.article_id}, version {finding.article_version}, is not in "
                "the run",
            )
        if finding.stance != "insufficient" and not finding.rationale:
            _broken("finding", finding.id, f"its stance is {finding.stance} and it has no quote")
        unknown = set(finding.relations) - self._relations.get(place, set())
        if unknown:
            _broken("finding", finding.id, f"its article has no relation {sorted(unknown)[0]}")
        quotes = []
        for quote in finding.rationale:
            if text is None or text[quote.start : quote.end] != quote.text:
                _broken(
                    "finding",
                    finding.id,
                    f"its quote {quote.text[:60]!r} does not stand at {quote.start}-{quote.end}",
                )
            where = (finding.article_id, quote.start, quote.end)
            if where not in self._quoted:
                self._quoted.add(where)
                quotes.append(_quote(*place, quote.start, quote.end, quote.text, self.run_id))
        self.counts["finding"] += 1
        row = (
            self.project, column_text(finding.id), column_text(finding.claim_id),
            column_text(finding.article_id), finding.article_version, finding.stance,
            finding.score, _text(finding.excluded), data, self.run_id,
            None,
        )  # fmt: skip
        return row, quotes

    def verdict(self, verdict: Verdict) -> tuple[Row, list[Row]]:
        """The verdict's row, and those of its grades."""
        if verdict.claim_id not in self._claims:
            _broken("verdict", verdict.id, f"its claim {verdict.claim_id} is not in the run")
        named = [
            *verdict.findings,
            *(e.finding for e in verdict.excluded),
            *(g.finding_id for g in verdict.grades),
        ]
        for key in named:
            if key not in self._findings:
                _broken("verdict", verdict.id, f"its finding {key} is not in the run")
        self.counts["verdict"] += 1
        row = verdict_row(verdict, self.project, self.run_id, None)
        return row, grade_rows(verdict, self.project)

    def check_counts(self) -> None:
        """The counts are those of the manifest: no file was cut off."""
        for name, wanted in (self.bundle.counts or {}).items():
            if self.counts.get(name, wanted) != wanted:
                raise ContractViolation(
                    f"The manifest of run {self.run_id} counts {wanted} rows of {name}, and "
                    f"{self.counts[name]} came: a file of the run was probably cut off or "
                    "replaced. Run it again. Nothing of this run was stored."
                )


def study_row(annotated: Annotated, reading: str, run_id: str) -> Row:
    study, article = annotated.study, annotated.article
    return (
        column_text(article.id), article.version, reading, study.design, study.n,
        study.n_per_group, short_json(study.species), short_json(study.models),
        short_json(study.vesicle_source), short_json(study), run_id,
    )  # fmt: skip


def card_2(annotated: Annotated, reading: str, run_id: str) -> Batch:
    """Concepts, edges and evidence of one reading, and the quotes that they stand on."""
    article = annotated.article
    key = column_text(article.id)
    concepts: dict[str, Row] = {}
    edges: dict[str, Row] = {}
    evidence: list[Row] = []
    quotes: dict[tuple[int, int], Row] = {}
    for edge, relation in edges_of(annotated):
        for node in (edge.subject, edge.object, edge.mediator):
            if node is not None:
                name = column_text(node.curie)
                row = (name, column_text(node.name), node.label, node.linked, run_id)
                concepts.setdefault(name, row)
        edges[edge.id] = (
            edge.id, column_text(edge.subject.curie), edge.predicate,
            column_text(edge.object.curie), edge.direction, edge.negated,
            column_text(edge.mediator.curie) if edge.mediator else None, run_id,
        )  # fmt: skip
        words = quote_of(article, relation)
        evidence.append(
            (column_text(relation.id), reading, edge.id, key, article.version, relation.role,
             relation.certainty, relation.score, column_text(words), *relation.sentence, run_id,
             None)
        )  # fmt: skip
        if relation.sentence not in quotes:
            place = (article.id, article.version, *relation.sentence)
            quotes[relation.sentence] = _quote(*place, words, run_id)
    return {
        "concept": list(concepts.values()),
        "edge": list(edges.values()),
        "edge_evidence": evidence,
        "quote": list(quotes.values()),
    }


def verdict_row(verdict: Verdict, project: str, run_id: str, cause: str | None) -> Row:
    line = as_json(verdict)
    check_line("verdict", verdict.id or verdict.claim_id, line)
    if not verdict.id:
        _broken("verdict", f"on {verdict.claim_id}", "it has no id")
    return (
        project, column_text(verdict.id), column_text(verdict.claim_id), verdict.verdict,
        verdict.certainty, verdict.balance, _data("verdict", verdict.id, line), run_id, cause,
        None,
    )  # fmt: skip


def grade_rows(verdict: Verdict, project: str) -> list[Row]:
    return [
        (project, column_text(verdict.id), column_text(g.finding_id), column_text(g.article_id),
         g.points, g.level, column_text(g.cluster), to_json([as_json(r) for r in g.reasons]))
        for g in verdict.grades
    ]  # fmt: skip


def decision_row(decision: Decision) -> Row:
    line = as_json(decision)
    check_line("decision", f"on {decision.finding}", line)
    corrected = None if decision.corrected is None else _data("decision", "", line["corrected"])
    return (
        decision_id(line), column_text(decision.finding),
        column_text(decision.reviewer), column_text(decision.hash), column_text(decision.verdict),
        column_text(decision.note), decision.at, _text(decision.project), _text(decision.part),
        corrected, _text(decision.kind), _text(decision.supersedes),
    )  # fmt: skip


def decision_id(line: Mapping[str, Any]) -> str:
    """The hash of a decision's words. What contract 1.1 did not know counts where it is told."""
    parts = [line[k] for k in ("reviewer", "finding", "hash", "verdict", "note", "at")]
    more = [line.get(k) for k in ("project", "part", "corrected", "kind", "supersedes")]
    return content_id("d", *parts, *(more if any(m is not None for m in more) else ()))


def _line(kind: str, name: str, record: Annotated | Finding) -> str:
    """The record as JSON, held to its schema."""
    try:
        raw = fast_json(record)
    except UnicodeEncodeError:
        # Half a surrogate pair: it goes as its escape.
        line = as_json(record)
        check_line(kind, name, line)
        return _data(kind, name, line)
    check_line(kind, name, raw)
    return raw.decode()


def _data(kind: str, name: str, line: dict[str, Any]) -> str:
    try:
        return to_json(line)
    except ContractViolation:
        _broken(kind, name, "it holds a number that is none (NaN or infinity)")


def _quote(article_id: str, version: int, start: int, end: int, text: str, run_id: str) -> Row:
    key = content_id("q", article_id, version, start, end, text)
    return (key, column_text(article_id), version, start, end, column_text(text), run_id)


def _check_places(annotated: Annotated) -> None:
    article, text = annotated.article, annotated.article.text
    name, size = article.id, len(annotated.article.text)

    def inside(what: str, start: int, end: int) -> None:
        if not 0 <= start <= end <= size:
            _broken("article", name, f"{what} {start}-{end} lies outside its text (0-{size})")

    for sentence in annotated.sentences:
        inside("the sentence", sentence.start, sentence.end)
    mentions = set()
    for m in annotated.mentions:
        if text[m.start : m.end] != m.text:
            _broken("article", name, f"mention {m.id} says {m.text!r}, not at {m.start}-{m.end}")
        if m.id in mentions:
            _broken("article", name, f"two of its mentions are called {m.id}")
        mentions.add(m.id)
    relations = set()
    for r in annotated.relations:
        inside(f"the sentence of relation {r.id}", *r.sentence)
        for role in ("subject", "object", "mediator", "outcome", "context"):
            key: Any = getattr(r, role)
            if key is not None and key not in mentions:
                _broken("article", name, f"the {role} of relation {r.id}, {key}, is no mention")
        if r.id in relations:
            _broken("article", name, f"two of its relations are called {r.id}")
        relations.add(r.id)
    for q in annotated.study.quotes:
        if text[q.start : q.end] != q.text:
            _broken("article", name, f"the study card's quote {q.text[:60]!r} is not in its text")


def _broken(kind: str, name: str, rule: str) -> NoReturn:
    raise ContractViolation(
        f"{kind} {name} breaks the contract: {rule}. Nothing of this run was stored."
    )


def merge(batches: Iterable[Batch]) -> Batch:
    """Batches as one."""
    whole: Batch = {}
    for batch in batches:
        for table, rows in batch.items():
            whole.setdefault(table, []).extend(rows)
    return whole
