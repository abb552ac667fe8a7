"""Findings on a claim -> its verdict, with the steps that led there.

Support, contradiction and no effect stay apart. Each group of authors is one voice: its best study
and a part of the second. The voices of one side are added with falling weights, because the tenth
repetition tells less than the second, and multiplied for diversity of models, species and vesicle
sources. The certainty is GRADE-inspired: bounded by the best design behind the verdict, lowered
where every published result agrees too well, where results disagree, and where animals stand for
people.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from textmine.errors import MalformedRecord
from textmine.evidence.grade import gate, grade
from textmine.evidence.independence import clusters, duplicates, pooled
from textmine.evidence.rules import Rules
from textmine.records import (
    STANCES,
    VERDICT_CERTAINTIES,
    Annotated,
    Claim,
    Excluded,
    Finding,
    Grade,
    Reason,
    Verdict,
    content_id,
)

__all__ = ["verdicts"]

_DECIDING = ("supports", "contradicts", "null_effect")
_WORDS = {"supports": "support", "contradicts": "contradiction", "null_effect": "no effect"}
_TOP = 3


def verdicts(
    findings: Iterable[Finding],
    articles: Mapping[str, Annotated],
    *,
    claims: Sequence[Claim] = (),
    rules: Rules | None = None,
) -> tuple[Verdict, ...]:
    """One verdict per claim: in the order of `claims`, then of first occurrence in the findings.

    `articles` maps article ids to their readings. Raises MalformedRecord for a finding whose
    article is not among them, unless it is excluded for just that.
    """
    rules = rules or Rules.default()
    by_claim: dict[str, list[Finding]] = {claim.id: [] for claim in claims}
    for finding in findings:
        if finding.article_id not in articles and not finding.excluded:
            raise MalformedRecord(
                f"Finding {finding.id} is about article {finding.article_id}, which is not among "
                f"the {len(articles)} articles given. Give those that the findings were made from."
            )
        by_claim.setdefault(finding.claim_id, []).append(finding)
    known = {claim.id: claim for claim in claims}
    corpus = _Corpus(articles, rules)
    return tuple(_verdict(key, known.get(key), found, corpus) for key, found in by_claim.items())


class _Corpus:
    """What is worked out once for all claims: duplicates, and groups of authors."""

    def __init__(self, articles: Mapping[str, Annotated], rules: Rules) -> None:
        self.articles, self.rules = articles, rules
        self.duplicates = duplicates(articles)
        # A withdrawn study joins nobody to anybody.
        standing = {k: a for k, a in articles.items() if not a.article.status.retracted}
        self.clusters = clusters(standing, rules)
        members: dict[str, list[str]] = defaultdict(list)
        for key in articles:
            members[self.duplicates.get(key, key)].append(key)
        self.withdrawn = {
            key: other
            for group in members.values()
            for other in sorted(group)
            if articles[other].article.status.retracted
            for key in group
            if key != other
        }


@dataclass(frozen=True)
class _Side:
    """One stance of a claim, added up. `value`: weighted points of its groups, times diversity."""

    stance: str
    value: float
    voices: tuple[tuple[str, float, int], ...]
    bonus: float
    bonus_text: str


def _verdict(claim_id: str, claim: Claim | None, found: list[Finding], corpus: _Corpus) -> Verdict:
    rules = corpus.rules
    found = sorted({f.id: f for f in found}.values(), key=lambda f: f.id)
    included, excluded = _sift(found, corpus)
    graded = [(f, _graded(f, corpus)) for f in included if f.stance in _DECIDING]
    graded, repeated = _one_per_article(graded, rules)
    excluded += repeated
    dropped = {e.finding for e in repeated}
    included = [f for f in included if f.id not in dropped]
    graded.sort(key=lambda pair: (-pair[1].points, pair[0].id))
    sides = {s: _side(s, [p for p in graded if p[0].stance == s], corpus) for s in _DECIDING}
    total = sum(side.value for side in sides.values())
    balance = sides["supports"].value / total if total else None
    groups = {g.cluster for _, g in graded if g.points > 0}
    counts = {s: sum(f.stance == s for f in included) for s in STANCES}
    word, fine = _word(claim, balance, len(groups), sides, rules)
    certainty, why = _certainty(word, claim, graded, sides, corpus)
    reasons = [
        f"{sum(counts.values())} studies read: "
        + ", ".join(f"{n} {s.replace('_', ' ')}" for s, n in counts.items())
        + (f"; {len(excluded)} excluded" if excluded else ""),
        *_side_lines(sides),
        *_balance_line(sides, balance),
        f"{len(groups)} independent group{'' if len(groups) == 1 else 's'} with a usable finding",
        f"verdict: {word} ({fine})",
        *why,
        f"certainty (GRADE-inspired): {certainty.replace('_', ' ')}",
        *_top_lines(graded),
    ]
    order = [f.id for f, _ in graded] + [f.id for f in included if f.stance not in _DECIDING]
    grades = tuple(g for _, g in graded)
    rounded = None if balance is None else round(balance, 4)
    out = tuple(sorted(excluded, key=lambda e: (e.article_id, e.finding)))
    identity = (
        claim_id, word, certainty, counts, order, rounded,
        [(g.finding_id, g.points) for g in grades], [(e.finding, e.reason) for e in out],
    )  # fmt: skip
    return Verdict(
        claim_id=claim_id,
        verdict=word,
        certainty=certainty,
        n_studies=counts,
        findings=tuple(order),
        reasons=tuple(reasons),
        id=content_id("v", *identity),
        balance=rounded,
        grades=grades,
        excluded=out,
    )


# --- what counts ----------------------------------------------------------------------------------


def _sift(found: Sequence[Finding], corpus: _Corpus) -> tuple[list[Finding], list[Excluded]]:
    rules, articles = corpus.rules, corpus.articles
    included: list[Finding] = []
    excluded: list[Excluded] = []

    def out(finding: Finding, reason: str) -> None:
        excluded.append(Excluded(finding.id, finding.article_id, finding.stance, reason))

    present: dict[str, list[Finding]] = {}
    for finding in found:
        article = articles.get(finding.article_id)
        reason = gate(finding, article, rules) if article is not None else finding.excluded
        if reason is not None:
            out(finding, reason)
        elif finding.article_id in corpus.withdrawn:
            other = corpus.withdrawn[finding.article_id]
            out(finding, rules.gates.duplicate_retracted.format(other=other))
        else:
            present.setdefault(finding.article_id, []).append(finding)
    # A duplicate gives way only to a record that speaks here itself.
    for key in sorted(present):
        kept = corpus.duplicates.get(key)
        if kept is not None and kept not in present:
            rivals = [k for k in present if corpus.duplicates.get(k) == kept]
            kept = min(rivals) if min(rivals) != key else None
        for finding in present[key]:
            if kept is not None:
                out(finding, rules.gates.duplicate.format(other=kept))
            else:
                included.append(finding)
    deciding = {f.article_id for f in included if f.stance in _DECIDING}
    swallowed = pooled({key: articles[key] for key in deciding})
    for finding in [f for f in included if f.article_id in swallowed]:
        out(finding, rules.gates.pooled.format(other=swallowed[finding.article_id]))
    return [f for f in included if f.article_id not in swallowed], excluded


def _graded(finding: Finding, corpus: _Corpus) -> Grade:
    cluster, why = corpus.clusters[finding.article_id]
    made = grade(finding, corpus.articles[finding.article_id], corpus.rules, cluster)
    text = f"group of {cluster}: {why}"
    return replace(made, reasons=(*made.reasons, Reason("independence", text)))


def _one_per_article(
    graded: list[tuple[Finding, Grade]], rules: Rules
) -> tuple[list[tuple[Finding, Grade]], list[Excluded]]:
    """Title, results and conclusion restating one finding are one: the strongest per stance."""
    best: dict[tuple[str, str], tuple[Finding, Grade]] = {}
    repeated = []
    for pair in sorted(graded, key=lambda p: (-p[1].points, p[0].id)):
        key = (pair[0].article_id, pair[0].stance)
        if key in best:
            f = pair[0]
            repeated.append(Excluded(f.id, f.article_id, f.stance, rules.gates.repeated))
        else:
            best[key] = pair
    return list(best.values()), repeated


# --- adding up ------------------------------------------------------------------------------------


def _side(stance: str, pairs: Sequence[tuple[Finding, Grade]], corpus: _Corpus) -> _Side:
    table = corpus.rules.sum
    factor = table.null_factor if stance == "null_effect" else 1.0
    by_group: dict[str, list[float]] = defaultdict(list)
    for _, made in pairs:
        by_group[made.cluster].append(made.points * factor)
    voices = []
    for group, points in by_group.items():
        points.sort(reverse=True)
        value = points[0] + table.second_in_cluster * sum(points[1:2])
        voices.append((group, value, len(points)))
    voices.sort(key=lambda v: (-v[1], v[0]))
    weights = table.weights
    total = sum(
        value * weights[min(place, len(weights) - 1)] for place, (_, value, _) in enumerate(voices)
    )
    studies = [corpus.articles[f.article_id].study for f, made in pairs if made.points > 0]
    kinds = {
        "models": (table.per_model, {m for s in studies for m in s.models}),
        "species": (table.per_species, {m for s in studies for m in s.species}),
        "vesicle sources": (table.per_source, {m for s in studies for m in s.vesicle_source}),
    }
    bonus = min(1 + sum(per * max(len(v) - 1, 0) for per, v in kinds.values()), table.bonus_cap)
    text = ", ".join(f"{len(v)} {name}" for name, (_, v) in kinds.items() if v)
    return _Side(stance, total * bonus, tuple(voices), bonus, text)


def _word(
    claim: Claim | None,
    balance: float | None,
    groups: int,
    sides: Mapping[str, _Side],
    rules: Rules,
) -> tuple[str, str]:
    """The contract's word, and a finer one."""
    table = rules.verdict
    if claim is not None and claim.checkable == "no":
        why = f": {claim.why}" if claim.why else ""
        return "insufficient", f"{rules.gates.uncheckable}{why}"
    if balance is None:
        return "insufficient", "no usable finding"
    if groups < table.clusters_least:
        return "insufficient", f"fewer than {table.clusters_least} independent groups"
    if balance >= table.supported:
        if groups >= table.clusters_supported:
            return "supported", f"balance at least {table.supported:g}"
        least = table.clusters_supported
        return "insufficient", f"leaning supported, but fewer than {least} independent groups"
    if balance >= table.mixed:
        return "mixed", "mixed, leaning supported"
    if balance >= table.contested:
        return "mixed", "contested, leaning against"
    null = sides["null_effect"].value > sides["contradicts"].value
    return "contradicted", "mostly no effect found" if null else "mostly the opposite found"


# --- certainty ------------------------------------------------------------------------------------


def _certainty(
    word: str,
    claim: Claim | None,
    graded: Sequence[tuple[Finding, Grade]],
    sides: Mapping[str, _Side],
    corpus: _Corpus,
) -> tuple[str, list[str]]:
    table, articles = corpus.rules.certainty, corpus.articles
    if word == "insufficient":
        return "very_low", ["certainty: an insufficient body of evidence has none to speak of"]
    stances = {
        "supported": {"supports"},
        "contradicted": {"contradicts", "null_effect"},
        "mixed": set(_DECIDING),
    }[word]
    behind = [(f, g) for f, g in graded if f.stance in stances and g.points > 0]
    designs: dict[str, set[str]] = defaultdict(set)
    for finding, made in behind:
        designs[articles[finding.article_id].study.design].add(made.cluster)
    high = {c for d in table.high for c in designs.get(d, ())}
    if len(high) >= table.high_clusters or "meta_analysis_human" in designs:
        level, why = "high", "randomised trials"
    elif any(d in designs for d in table.moderate):
        level, why = "moderate", "controlled data of people"
    elif any(d in designs for d in table.low):
        level, why = "low", "animals or uncontrolled observation"
    else:
        level, why = "very_low", "cells only"
    reasons = [f"certainty starts at {level.replace('_', ' ')}: the best designs are {why}"]

    def cap(limit: str, text: str) -> None:
        nonlocal level
        reasons.append(f"{text}: at most {limit.replace('_', ' ')}")
        if VERDICT_CERTAINTIES.index(limit) > VERDICT_CERTAINTIES.index(level):
            level = limit

    voices = {s: len(side.voices) for s, side in sides.items()}
    share = voices["supports"] / max(sum(voices.values()), 1)
    if share >= corpus.rules.verdict.bias_share and not voices["null_effect"]:
        cap(table.bias_cap, f"possible publication bias ({share:.0%} of groups positive, no null)")
    if word == "mixed":
        cap(table.mixed_cap, "inconsistent results")
    if "meta_analysis_animal" in designs and level not in ("low", "very_low"):
        people = set(table.moderate) | set(table.high)
        if not people & set(designs):
            cap(table.pooled_animal_cap, "pooled animal studies")
    if claim is not None and re.search(table.human_claim, claim.statement, re.IGNORECASE):
        living = any("human" in articles[f.article_id].study.species for f, _ in behind)
        cells = {"in_vitro", "in_silico", "ex_vivo"}
        if not living or set(designs) <= cells:
            cap(table.human_claim_cap, "a claim about people without a study of people")
    return level, reasons


# --- words ----------------------------------------------------------------------------------------


def _side_lines(sides: Mapping[str, _Side]) -> list[str]:
    lines = []
    for stance, side in sides.items():
        if not side.voices:
            continue
        voices = ", ".join(
            f"{group} {value:.4g}" + (f" ({n} studies)" if n > 1 else "")
            for group, value, n in side.voices[:8]
        )
        more = f" and {len(side.voices) - 8} more" if len(side.voices) > 8 else ""
        bonus = f" x {side.bonus:g} for diversity ({side.bonus_text})" if side.bonus > 1 else ""
        lines.append(
            f"{_WORDS[stance]}: {side.value:.4g} = "
            f"falling weights over groups [{voices}{more}]{bonus}"
        )
    return lines


def _balance_line(sides: Mapping[str, _Side], balance: float | None) -> list[str]:
    if balance is None:
        return []
    plus, minus, null = (sides[s].value for s in _DECIDING)
    return [f"balance = {plus:.4g} / ({plus:.4g} + {minus:.4g} + {null:.4g}) = {balance:.2f}"]


def _top_lines(graded: Sequence[tuple[Finding, Grade]]) -> list[str]:
    lines = []
    for stance in _DECIDING:
        for finding, made in [p for p in graded if p[0].stance == stance][:_TOP]:
            words = f': "{finding.rationale[0].text}"' if finding.rationale else ""
            lines.append(f"{_WORDS[stance]}, {made.points:g} points, {finding.article_id}{words}")
    return lines
