"""textmine grade: findings -> verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from textmine.evidence.calibration import Calibration
    from textmine.records import Finding

__all__ = ["grade"]


def grade(
    findings: str = typer.Argument(..., help="Findings as JSON lines; - for standard input."),
    articles: str = typer.Option(
        ..., "--articles", help="The annotated articles that the findings were made from."
    ),
    output: str = typer.Option(
        "-", "--output", "-o", help="Where the verdicts go; - for standard output."
    ),
    claims: str | None = typer.Option(
        None, "--claims", help="The claims file: gives the order, and claims without findings."
    ),
    rules: str | None = typer.Option(
        None, "--rules", help="A rule file of your own instead of the shipped one."
    ),
    estimates: bool = typer.Option(
        False,
        "--estimates",
        help="Also pool effect sizes of several studies (needs textmine[pooling]).",
    ),
    gold: str | None = typer.Option(
        None,
        "--gold",
        help='Known stances, lines of {"claim_id", "article_id", "stance"}: how well the scores '
        "of the findings are calibrated.",
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the counts as JSON."),
) -> None:
    """Grade the evidence of each claim and give its verdict.

    Every claim that occurs gets one line with its verdict, certainty (GRADE-inspired), the number
    of studies per stance, and the reasons. Findings about unknown articles are quarantined; the
    command then ends with exit code 3.

    \b
    Example:
      textmine grade findings.jsonl --articles annotated.jsonl -o verdicts.jsonl
    """
    import json
    import sys

    import msgspec

    from textmine.claims.article import load_claims
    from textmine.errors import ConfigError, MalformedRecord
    from textmine.evidence.rules import Rules
    from textmine.evidence.verdict import verdicts
    from textmine.lines import LineWriter, Quarantine, quarantine_path, read_lines
    from textmine.records import Annotated, Claim, annotated_from_json, from_json
    from textmine.records import Finding as FindingRecord
    from textmine.records import as_json as line_of

    if findings == "-" and articles == "-":
        raise ConfigError("Only one of the findings and --articles can be standard input (-).")
    if as_json and output == "-":
        raise ConfigError("With --json the verdicts need a file: give -o verdicts.jsonl.")
    table = Rules.load(rules) if rules else Rules.default()
    known = load_claims(claims) if claims else ()
    read: dict[str, Annotated] = {}
    kept: list[Finding] = []
    without: dict[str, None] = {}
    with Quarantine(quarantine_path(output)) as quarantine:
        for number, data in read_lines(articles):
            where = f"line {number}"
            try:
                if isinstance(data, MalformedRecord):
                    raise data
                annotated = annotated_from_json(data)
            except MalformedRecord as error:
                quarantine.add(articles, where, str(error), _raw(data))
                continue
            key = annotated.article.id
            if key not in read or read[key].article.version <= annotated.article.version:
                read[key] = annotated
        for number, data in read_lines(findings):
            where = f"line {number}"
            try:
                if isinstance(data, MalformedRecord):
                    raise data
                finding = from_json(FindingRecord, data)
            except MalformedRecord as error:
                quarantine.add(findings, where, str(error), _raw(data))
                continue
            without.setdefault(finding.claim_id)
            # A pair that was asked about an absent article is answered: it is excluded.
            if finding.article_id not in read and not finding.excluded:
                reason = (
                    f"finding {finding.id} is about article {finding.article_id}, which is not in "
                    f"{articles}; give the file that the findings were made from"
                )
                quarantine.add(findings, where, reason, _raw(data))
                continue
            kept.append(finding)
        listed = {claim.id for claim in known}
        # A claim all of whose findings were quarantined still gets its line.
        rest = tuple(Claim(id=key, statement="") for key in without if key not in listed)
        made = verdicts(kept, read, claims=(*known, *rest), rules=table, estimates=estimates)
        with LineWriter(output) as writer:
            for verdict in made:
                writer.write(line_of(verdict))
        bad = quarantine.count
    counts: dict[str, int] = {}
    for verdict in made:
        counts[verdict.verdict] = counts.get(verdict.verdict, 0) + 1
    checked = _calibrated(kept, gold) if gold else None
    if as_json:
        told: dict[str, Any] = {"claims": len(made), "verdicts": counts, "quarantined": bad}
        if checked is not None:
            told["calibration"] = msgspec.to_builtins(checked)
        print(json.dumps(told))
    else:
        if checked is not None:
            _print_calibration(checked)
        words = ", ".join(f"{n} {word}" for word, n in sorted(counts.items())) or "none"
        print(f"{len(made)} verdicts: {words}; {bad} lines quarantined", file=sys.stderr)
    if bad:
        raise typer.Exit(3)


def _calibrated(findings: list[Finding], gold: str) -> Calibration:
    """The scores of the findings whose stance is known."""
    from textmine.errors import ConfigError, MalformedRecord
    from textmine.evidence.calibration import calibration
    from textmine.lines import read_lines

    wanted: dict[tuple[str, str], str] = {}
    for number, line in read_lines(gold):
        if isinstance(line, MalformedRecord):
            raise ConfigError(f"{gold}, line {number}: {line}") from None
        try:
            wanted[str(line["claim_id"]), str(line["article_id"])] = str(line["stance"])
        except KeyError as error:
            raise ConfigError(
                f"{gold}, line {number} has no {error}. Each line is "
                '{"claim_id", "article_id", "stance"}.'
            ) from None
    pairs = [
        (f.score, f.stance == wanted[f.claim_id, f.article_id])
        for f in findings
        if (f.claim_id, f.article_id) in wanted
    ]
    if not pairs:
        raise ConfigError(
            f"{gold} knows none of the {len(findings)} findings: its claim and article ids are "
            "others. Give the gold of these claims."
        )
    return calibration(pairs)


def _print_calibration(checked: Calibration) -> None:
    import sys

    print(
        f"Calibration over {checked.cases} findings: expected error {checked.error:.3f}, "
        f"Brier {checked.brier:.3f}",
        file=sys.stderr,
    )
    for b in checked.bins:
        print(
            f"  score {b.low:.1f}-{b.high:.1f}: mean {b.score:.2f}, right {b.right:.2f} "
            f"({b.right_low:.2f}-{b.right_high:.2f}), n = {b.cases}",
            file=sys.stderr,
        )


def _raw(data: object) -> str | None:
    import json

    return json.dumps(data, ensure_ascii=False) if isinstance(data, dict) else None
