"""A claim that one thing leads to another and that to a third, held against one article.

Each link gets a stance of its own; the chain has the article's support only where the article
itself supports every link. What several articles show piece by piece is an inference of the reader
of all of them, never a finding of one: `pieced` says so of a body of findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from textmine.claims.stance import Judgement
from textmine.claims.view import View
from textmine.records import Finding, Frame

__all__ = ["judge_chain", "link_stances", "pieced"]

# The line of a finding's `why` that lists what its article says of each link.
_HEAD = "chain: "
_LINK = re.compile(r"link (\d+) (supports|contradicts|null_effect|insufficient)\b")


def judge_chain(links: Sequence[Frame], judged: Sequence[Judgement], view: View) -> Judgement:
    """The stance on the whole from those on its links.

    Every link supported: supports. One contradicted, or found without effect: the chain breaks
    there, whatever the others. Else the article shows a part, or nothing: insufficient.
    """
    stances = [judgement.stance for judgement in judged]
    told = "; ".join(
        f"link {number} {judgement.stance} ({_named(link)})"
        for number, (link, judgement) in enumerate(zip(links, judged, strict=True), 1)
    )
    against = next((s for s in stances if s == "contradicts"), None)
    against = against or next((s for s in stances if s == "null_effect"), None)
    stance: str
    if against:
        stance = against
        speaking = [judgement for judgement in judged if judgement.stance == stance]
        score = max(judgement.score for judgement in speaking)
    elif all(s == "supports" for s in stances):
        stance, speaking = "supports", list(judged)
        # The links are read off the same pages: the weakest bounds the whole.
        score = min(judgement.score for judgement in judged)
    else:
        stance = "insufficient"
        speaking = [judgement for judgement in judged if judgement.stance == "supports"]
        score = min(judgement.score for judgement in judged if judgement.stance == "insufficient")
    why = [_HEAD + told]
    if stance == "insufficient" and speaking:
        why.append(f"partial: {len(speaking)} of {len(judged)} links are shown")
    for number, judgement in enumerate(judged, 1):
        why += [f"link {number}: {line}" for line in judgement.why[:3]]
    evidence = tuple(dict.fromkeys(e for judgement in speaking for e in judgement.evidence))
    indirect = next((j.indirect for j in judged if j.indirect), None)
    return Judgement(stance, score, evidence, tuple(why), _excluded(judged, stance), indirect)


def _excluded(judged: Sequence[Judgement], stance: str) -> str | None:
    """An article that is excluded for itself is so for each link; a link's own miss is not the
    chain's, once the chain has a stance."""
    reasons = {judgement.excluded for judgement in judged}
    if len(reasons) == 1 or stance == "insufficient":
        return next((j.excluded for j in judged if j.excluded), None)
    return None


def _named(link: Frame) -> str:
    return f"{' or '.join(link.subject)} → {link.direction} {' or '.join(link.object)}"


def link_stances(finding: Finding) -> tuple[str, ...]:
    """What a finding's article says of each link of its chain; empty for a claim without one."""
    for line in finding.why:
        if line.startswith(_HEAD):
            return tuple(stance for _, stance in _LINK.findall(line))
    return ()


def pieced(findings: Iterable[Finding]) -> str | None:
    """What a body of findings says of a chain that none of their articles shows whole, or None.

    Findings that are excluded are left out.
    """
    rows = [row for f in findings if not f.excluded and (row := link_stances(f))]
    if not rows or any(all(s == "supports" for s in row) for row in rows):
        return None
    counts = [sum(row[i] == "supports" for row in rows) for i in range(len(rows[0]))]
    told = ", ".join(f"link {i} in {n}" for i, n in enumerate(counts, 1))
    if all(counts):
        return (
            f"inference: no study shows the whole chain; its links are each supported, but by "
            f"different studies ({told})"
        )
    return f"chain: no study shows it whole; supported are {told}" if any(counts) else None
