"""textmine check: claims x annotated articles -> findings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["check"]

Lexicons = Annotated[
    list[Path] | None,
    typer.Option("--lexicon", help="A lexicon folder of your own, read before the shipped one."),
]


def check(
    annotated: str = typer.Argument(
        ..., help="Annotated articles as JSON lines; - for standard input."
    ),
    claims: str = typer.Option(
        ..., "--claims", help='The claims: a .toml file, or lines {"id", "statement"}.'
    ),
    output: str = typer.Option(
        "-", "--output", "-o", help="Where the findings go; - for standard output."
    ),
    lexicon: Lexicons = None,
    model: str = typer.Option(
        "default", "--model", help="Reads claims that have no frame; as for annotate."
    ),
    stance_model: str = typer.Option(
        "symbolic",
        "--stance-model",
        help="What decides the stance: symbolic (relations alone); both (also a learned reader, "
        "for claims in plain words: finds more and errs more; needs the extra learned); learned; "
        "or a plugin's name.",
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the counts as JSON."),
) -> None:
    """Check every claim against every article, one finding for each pair.

    A finding says whether the article supports or contradicts the claim, found no effect, or cannot
    tell (insufficient), quotes the sentences, and names the links that decided. A claim line with
    "articles" is checked against exactly these. Broken lines are quarantined; the command then ends
    with exit code 3.

    \b
    Example:
      textmine check annotated.jsonl --claims corpora/demo/claims.toml -o findings.jsonl
    """
    import json
    import sys

    from textmine.claims.article import load_claims
    from textmine.claims.check import check_stream
    from textmine.claims.frame import framed
    from textmine.claims.input import Input
    from textmine.errors import ConfigError
    from textmine.lines import LineWriter, Quarantine, quarantine_path
    from textmine.reading.lexicon import Lexicon
    from textmine.records import as_json as line_of

    if as_json and output == "-":
        raise ConfigError("With --json the findings need a file: give -o findings.jsonl.")
    if annotated == "-" and claims == "-":
        raise ConfigError("Only one of the articles and --claims can be standard input (-).")
    wanted = load_claims(claims)
    if any(claim.frame is None for claim in wanted):
        from textmine.reading.pipeline import Reader

        wanted = framed(wanted, Reader(model, lexicon=lexicon or ()).read)
        for claim in wanted:
            if claim.checkable == "no" and claim.why:
                print(f"claim {claim.id}: {claim.why}", file=sys.stderr)
    names = Lexicon.load(*(lexicon or ()))
    counts: dict[str, int] = {}
    excluded = 0
    with Quarantine(quarantine_path(output)) as quarantine:
        articles = Input(annotated, quarantine)
        with LineWriter(output) as writer:
            for finding in check_stream(wanted, articles, lexicon=names, stance_model=stance_model):
                writer.write(line_of(finding))
                counts[finding.stance] = counts.get(finding.stance, 0) + 1
                excluded += finding.excluded is not None
        bad = quarantine.count
    total = sum(counts.values())
    if as_json:
        summary = {
            "claims": len(wanted),
            "articles": articles.count,
            "older_versions": articles.older,
            "findings": total,
            "stances": dict(sorted(counts.items())),
            "excluded": excluded,
            "quarantined": bad,
        }
        print(json.dumps(summary))
    else:
        words = ", ".join(f"{n} {word}" for word, n in sorted(counts.items())) or "none"
        print(
            f"{len(wanted)} claims x {articles.count} articles: {total} findings ({words}); "
            f"{bad} lines quarantined",
            file=sys.stderr,
        )
    if bad:
        raise typer.Exit(3)
