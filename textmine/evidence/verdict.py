"""Findings on a claim -> its verdict, with the steps that led there.

Support, contradiction and no effect stay apart. Each group of authors is one voice: its best study
and a part of the second. The voices of one side are added with falling weights, because the tenth
repetition tells less than the second, and multiplied for diversity of models, species and vesicle
sources. The certainty is GRADE-inspired: bounded by the best design behind the verdict, lowered
where every published result agrees too well, where results disagree, and where animals stand for
people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from textmine.claims.chains import pieced
from textmine.errors import MalformedRecord
from textmine.evidence.certainty import certainty_of
from textmine.evidence.grade import gate, grade
from textmine.evidence.independence import duplicates, pooled, ties
from textmine.evidence.pooling import pool
from textmine.evidence.rules import Rules
from textmine.evidence.sensitivity import Entry, Short, sensitivity
from textmine.evidence.sums import DECIDING, Side, balance_of, side, word_of
from textmine.records import (
    STANCES,
    Annotated,
    Claim,
    Excluded,
    Finding,
    Grade,
    Reason,
    Sensitivity,
    SideSum,
    Step,
    Verdict,
    Voice,
    content_id,
)

__all__ = ["verdicts"]

_WORDS = {"supports": "support", "contradicts": "contradiction", "null_effect": "no effect"}
_TOP = 3


def verdicts(
    findings: Iterable[Finding],
    articles: Mapping[str, Annotated],
    *,
    claims: Sequence[Claim] = (),
    rules: Rules | None = None,
    firmness: bool = True,
    estimates: bool = False,
) -> tuple[Verdict, ...]:
    """One verdict per claim: in the order of `claims`, then of first occurrence in the findings.

    `articles` maps article ids to their readings. `firmness`: also try what would change each
    verdict. `estimates`: also pool effect sizes, which needs statsmodels (MissingExtra without).
    Raises MalformedRecord for a finding whose
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
    return tuple(
        _verdict(key, known.get(key), found, corpus, firmness=firmness, estimates=estimates)
        for key, found in by_claim.items()
    )


class _Corpus:
    """What is worked out once for all claims: duplicates, groups of authors, and grades."""

    def __init__(self, articles: Mapping[str, Annotated], rules: Rules) -> None:
        self.articles, self.rules = articles, rules
        self.duplicates = duplicates(articles, rules)
        self.gone: frozenset[str] = frozenset()
        # A withdrawn study joins nobody to anybody.
        standing = {k: a for k, a in articles.items() if not a.article.status.retracted}
        self._ties = ties(standing, rules)
        self.clusters = self._ties.groups()
        self._twins: dict[str, list[str]] = defaultdict(list)
        for key in articles:
            self._twins[self.duplicates.get(key, key)].append(key)
        self.withdrawn: dict[str, str] = {}
        for key in sorted(articles):
            if articles[key].article.status.retracted:
                self.withdrawn.update(self._taken_along(key))
        self._grades: dict[str, Grade] = {}

    def _taken_along(self, key: str) -> dict[str, str]:
        """The other records of a withdrawn study."""
        twins = self._twins[self.duplicates.get(key, key)]
        return {other: key for other in twins if other != key}

    def without(self, keys: frozenset[str]) -> _Corpus:
        """The same, had these articles been withdrawn."""
        other: _Corpus = object.__new__(_Corpus)
        other.__dict__.update(self.__dict__)
        other.gone = keys
        more: dict[str, str] = {}
        for key in sorted(keys):
            more |= self._taken_along(key)
        other.withdrawn = {**self.withdrawn, **more}
        touched = {n for key in keys for n in self._ties.near(key)} - keys
        if touched:
            clusters = dict(self.clusters)
            for key in sorted(touched):
                clusters.update(self._ties.group_of(key, without=keys))
            other.clusters = clusters
        return other

    def grade(self, finding: Finding) -> Grade:
        if finding.id not in self._grades:
            self._grades[finding.id] = grade(finding, self.articles[finding.article_id], self.rules)
        made = self._grades[finding.id]
        return replace(made, cluster=self.clusters[finding.article_id][0])

    def counts(self, article_id: str) -> bool:
        """Whether an article adds to a side: a title alone does not, if the rules say so."""
        if self.rules.sum.titles:
            return True
        return any(p.kind != "title" for p in self.articles[article_id].article.passages)


@dataclass(frozen=True)
class _Judged:
    """A claim with its evidence added up."""

    included: list[Finding]
    excluded: list[Excluded]
    graded: list[tuple[Finding, Grade]]
    sides: dict[str, Side]
    balance: float | None
    groups: int
    word: str
    fine: str
    steps: tuple[Step, ...]

    @property
    def short(self) -> Short:
        balance = None if self.balance is None else round(self.balance, 4)
        return Short(self.word, self.steps[-1].level, balance)


def _judge(claim: Claim | None, found: Sequence[Finding], corpus: _Corpus) -> _Judged:
    rules, articles = corpus.rules, corpus.articles
    included, excluded = _sift(found, corpus)
    graded = [(f, corpus.grade(f)) for f in included if f.stance in DECIDING]
    graded, repeated = _one_per_article(graded, rules)
    excluded += repeated
    dropped = {e.finding for e in repeated}
    included = [f for f in included if f.id not in dropped]
    graded.sort(key=lambda pair: (-pair[1].points, pair[0].id))
    adding = _adding(graded, corpus)
    sides = {
        stance: side(
            stance,
            [(g.cluster, g.points) for f, g in adding if f.stance == stance],
            [articles[f.article_id].study for f, _ in adding if f.stance == stance],
            rules.sum,
        )
        for stance in DECIDING
    }
    values = {stance: one.value for stance, one in sides.items()}
    balance = balance_of(values)
    groups = len({g.cluster for _, g in adding})
    word, fine = word_of(balance, groups, values, rules.verdict)
    if claim is not None and claim.checkable == "no":
        why = f": {claim.why}" if claim.why else ""
        word, fine = "insufficient", f"{rules.gates.uncheckable}{why}"
    steps = certainty_of(word, claim, [(f.stance, g) for f, g in adding], sides, articles, rules)
    return _Judged(included, excluded, graded, sides, balance, groups, word, fine, steps)


def _adding(
    graded: Sequence[tuple[Finding, Grade]], corpus: _Corpus
) -> list[tuple[Finding, Grade]]:
    return [(f, g) for f, g in graded if g.points > 0 and corpus.counts(f.article_id)]


def _verdict(
    claim_id: str,
    claim: Claim | None,
    found: list[Finding],
    corpus: _Corpus,
    *,
    firmness: bool,
    estimates: bool,
) -> Verdict:
    found = sorted({f.id: f for f in found}.values(), key=lambda f: f.id)
    made = _judge(claim, found, corpus)
    sides, balance, groups, word = made.sides, made.balance, made.groups, made.word
    certainty = made.steps[-1].level
    counts = {s: sum(f.stance == s for f in made.included) for s in STANCES}
    warnings = tuple(s.text for s in made.steps if "publication bias" in s.text)
    if (inference := pieced(found)) is not None:
        warnings = (*warnings, inference)
    firm = _firmness(made, claim, found, corpus) if firmness else None
    reasons = [
        f"{sum(counts.values())} studies read: "
        + ", ".join(f"{n} {s.replace('_', ' ')}" for s, n in counts.items())
        + (f"; {len(made.excluded)} excluded" if made.excluded else ""),
        *_side_lines(sides),
        *_balance_line(sides, balance),
        f"{groups} independent group{'' if groups == 1 else 's'} with a usable finding",
        f"verdict: {word} ({made.fine})",
        *([inference] if inference else []),
        *_step_lines(made.steps),
        f"certainty (GRADE-inspired): {certainty.replace('_', ' ')}",
        *_firm_lines(firm),
        *_top_lines(made.graded),
    ]
    order = [f.id for f, _ in made.graded]
    order += [f.id for f in made.included if f.stance not in DECIDING]
    grades = tuple(_with_group(f, g, corpus) for f, g in made.graded)
    rounded = None if balance is None else round(balance, 4)
    out = tuple(sorted(made.excluded, key=lambda e: (e.article_id, e.finding)))
    identity = (
        claim_id, word, certainty, counts, order, rounded,
        [(g.finding_id, g.points) for g in grades], [(e.finding, e.reason) for e in out],
    )  # fmt: skip
    behind = {f.article_id: corpus.articles[f.article_id] for f, _ in made.graded}
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
        steps=made.steps,
        warnings=warnings,
        sensitivity=firm,
        sides=tuple(_summed(one, made.graded, corpus) for one in sides.values() if one.voices),
        pooled=pool(behind, {g.article_id: g.cluster for g in grades}) if estimates else (),
    )


def _firmness(
    made: _Judged, claim: Claim | None, found: Sequence[Finding], corpus: _Corpus
) -> Sensitivity | None:
    # What says nothing changes nothing, but where it is another record of something that speaks.
    twins = {*corpus.duplicates, *corpus.duplicates.values()}
    speaking = [f for f in found if f.stance in DECIDING or f.article_id in twins]
    return sensitivity(
        made.short,
        [Entry(f.stance, g, corpus.counts(f.article_id)) for f, g in made.graded],
        {stance: one.bonus for stance, one in made.sides.items()},
        lambda keys: _judge(claim, speaking, corpus.without(keys)).short,
        claim is None or claim.checkable != "no",
        corpus.rules,
    )


def _summed(one: Side, graded: Sequence[tuple[Finding, Grade]], corpus: _Corpus) -> SideSum:
    """The sum of a side with everything that is needed to do it again by hand."""
    table = corpus.rules.sum
    factor = table.null_factor if one.stance == "null_effect" else 1.0
    held: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for finding, made in _adding(graded, corpus):
        if finding.stance == one.stance:
            held[made.cluster].append((made.points, finding.article_id))
    last = len(table.weights) - 1
    voices = []
    for place, (group, value, _) in enumerate(one.voices):
        members = sorted(held[group], key=lambda m: (-m[0], m[1]))
        voices.append(
            Voice(
                group, tuple(m[1] for m in members), tuple(m[0] for m in members),
                round(value, 4), table.weights[min(place, last)],
            )
        )  # fmt: skip
    return SideSum(
        one.stance, factor, table.second_in_cluster, tuple(voices), round(one.bonus, 4),
        one.bonus_text, round(one.value, 4),
    )  # fmt: skip


def _with_group(finding: Finding, made: Grade, corpus: _Corpus) -> Grade:
    cluster, why = corpus.clusters[finding.article_id]
    reasons = [*made.reasons, Reason("independence", f"group of {cluster}: {why}")]
    if not corpus.counts(finding.article_id):
        reasons.append(Reason("sum", "a title alone adds nothing to the sum"))
    return replace(made, reasons=tuple(reasons))


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
        if reason is None and finding.article_id in corpus.gone:
            reason = rules.gates.retracted
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
    deciding = {f.article_id for f in included if f.stance in DECIDING}
    swallowed = pooled({key: articles[key] for key in deciding})
    for finding in [f for f in included if f.article_id in swallowed]:
        out(finding, rules.gates.pooled.format(other=swallowed[finding.article_id]))
    return [f for f in included if f.article_id not in swallowed], excluded


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


# --- words ----------------------------------------------------------------------------------------


def _side_lines(sides: Mapping[str, Side]) -> list[str]:
    lines = []
    for stance, one in sides.items():
        if not one.voices:
            continue
        voices = ", ".join(
            f"{group} {value:.4g}" + (f" ({n} studies)" if n > 1 else "")
            for group, value, n in one.voices[:8]
        )
        more = f" and {len(one.voices) - 8} more" if len(one.voices) > 8 else ""
        bonus = f" x {one.bonus:g} for diversity ({one.bonus_text})" if one.bonus > 1 else ""
        lines.append(
            f"{_WORDS[stance]}: {one.value:.4g} = "
            f"falling weights over groups [{voices}{more}]{bonus}"
        )
    return lines


def _balance_line(sides: Mapping[str, Side], balance: float | None) -> list[str]:
    if balance is None:
        return []
    plus, minus, null = (sides[s].value for s in DECIDING)
    return [f"balance = {plus:.4g} / ({plus:.4g} + {minus:.4g} + {null:.4g}) = {balance:.2f}"]


def _step_lines(steps: Sequence[Step]) -> list[str]:
    lines = []
    for step in steps:
        word = step.level.replace("_", " ")
        if step.kind == "start":
            lines.append(f"certainty starts at {word}: {step.text}")
        elif step.kind == "up":
            lines.append(f"one step up to {word}: {step.text}")
        else:
            lines.append(step.text)
    return lines


def _firm_lines(firm: Sensitivity | None) -> list[str]:
    if firm is None:
        return []
    lines = []
    if firm.retractions:
        names = ", ".join(firm.retractions[:5])
        lines.append(f"one withdrawal would change the verdict: {names}")
    else:
        lines.append(f"no single study decides the verdict ({firm.tried} left out in turn)")
    if firm.groups:
        lines.append(f"{len(firm.groups)} of {firm.groups_tried} groups would change it")
    if firm.weights:
        shares = ", ".join(f"{w} {share:.0%}" for w, share in firm.weights.items())
        lines.append(f"with shaken weights ({firm.draws} draws): {shares}")
    return lines


def _top_lines(graded: Sequence[tuple[Finding, Grade]]) -> list[str]:
    lines = []
    for stance in DECIDING:
        for finding, made in [p for p in graded if p[0].stance == stance][:_TOP]:
            words = f': "{finding.rationale[0].text}"' if finding.rationale else ""
            lines.append(f"{_WORDS[stance]}, {made.points:g} points, {finding.article_id}{words}")
    return lines
