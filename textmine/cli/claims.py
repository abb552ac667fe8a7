"""textmine claims: draft a claims file from an article, show how one is read, rank articles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

Lexicons = Annotated[
    list[Path] | None,
    typer.Option("--lexicon", help="A lexicon folder of your own, read before the shipped one."),
]

app = typer.Typer(
    help="Draft a claims file from an article, show how one is read, or rank articles for it.",
    no_args_is_help=True,
)


@app.command()
def draft(
    article: str = typer.Argument(..., help="The article as plain text; - for standard input."),
    output: str = typer.Option("-", "--output", "-o", help="The claims file to write (.toml)."),
    lexicon: Lexicons = None,
    model: str = typer.Option("default", "--model", help="What reads the text; as for annotate."),
    force: bool = typer.Option(False, "--force", help="Overwrite a claims file that is there."),
) -> None:
    """Draft claims from an article: the sentences that say what does what to what, with frames.

    Short lines without a full stop are taken for headings and name the section. What was left out
    is listed on standard error with the reason. Read the draft through: it is only a start.

    \b
    Example:
      textmine claims draft article.txt -o claims.toml
    """
    import sys

    from textmine.claims.article import toml_of
    from textmine.claims.draft import drafted
    from textmine.errors import ConfigError
    from textmine.lines import open_binary
    from textmine.reading.pipeline import Reader

    if output != "-" and Path(output).exists() and not force:
        raise ConfigError(f"{output} is there already. Give another name, or --force.")
    with open_binary(article) as stream:
        text = stream.read().decode("utf-8", errors="replace")
    claims, left = drafted(text, Reader(model, lexicon=lexicon or ()).read)
    for sentence, reason in left:
        print(f"left out: {sentence!r}: {reason}", file=sys.stderr)
    print(f"{len(claims)} claims drafted, {len(left)} sentences left out", file=sys.stderr)
    if not claims:
        raise ConfigError(
            f"{article} holds no sentence that reads as a claim (who does what to what). "
            "See the reasons above."
        )
    written = "# Drafted by textmine: read every frame before you trust it.\n\n" + toml_of(claims)
    if output == "-":
        typer.echo(written, nl=False)
    else:
        Path(output).write_text(written, encoding="utf-8")


@app.command()
def show(
    file: str = typer.Argument(..., help="A claims file: .toml or JSON lines."),
    lexicon: Lexicons = None,
    model: str = typer.Option("default", "--model", help="Reads claims that have no frame."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object per claim."),
) -> None:
    """Show how each claim is read: its concepts by name, and words that the lexicon does not know.

    \b
    Example:
      textmine claims show corpora/msc-exosome-liver/claims.toml
    """
    import json

    from textmine.claims.article import load_claims
    from textmine.claims.frame import framed
    from textmine.claims.stance import question_of
    from textmine.claims.values import default_values
    from textmine.reading.lexicon import Lexicon

    claims = load_claims(file)
    if any(claim.frame is None for claim in claims):
        from textmine.reading.pipeline import Reader

        claims = framed(claims, Reader(model, lexicon=lexicon or ()).read)
    values = default_values(Lexicon.load(*(lexicon or ())))
    name = values.vocabulary.name
    for claim in claims:
        question = question_of(claim, values)
        parts = {
            part: [
                {
                    "text": e.text,
                    "concepts": {c: name(c) for c in sorted(e.concepts)},
                    "in": {c: name(c) for c in sorted(e.place)},
                    "unknown": list(e.unread),
                }
                for e in getattr(question, part)
            ]
            for part in ("subject", "object", "mediator", "context", "comparator")
        }
        if as_json:
            line = {
                "id": claim.id,
                "statement": claim.statement,
                "predicate": question.frame.predicate,
                "direction": question.frame.direction,
                "kind": question.frame.kind,
                "denied": question.frame.denied,
                "checkable": claim.checkable,
                "why": claim.why,
                "gap": question.unreadable,
                **parts,
            }
            typer.echo(json.dumps(line, ensure_ascii=False))
            continue
        typer.echo(f"{claim.id}  {claim.statement}")
        told = f" ({claim.why})" if claim.why else ""
        says = f"{question.frame.predicate}, {question.frame.direction}"
        says += ", DENIED" if question.frame.denied else ""
        typer.echo(f"    {says}; checkable: {claim.checkable}{told}")
        for part, read in parts.items():
            for e in read:
                names = ", ".join(e["concepts"].values()) or "?"
                where = f" in {', '.join(e['in'].values())}" if e["in"] else ""
                lost = f"  UNKNOWN: {', '.join(e['unknown'])}" if e["unknown"] else ""
                typer.echo(f"    {part}: {e['text']} = {names}{where}{lost}")
        if question.unreadable:
            typer.echo(f"    NOT READABLE: {question.unreadable}")


@app.command()
def rank(
    file: str = typer.Argument(..., help="A claims file: .toml or JSON lines."),
    annotated: str = typer.Argument(..., help="Annotated articles as JSON lines."),
    top: int = typer.Option(10, "--top", min=1, help="How many articles for each claim."),
    lexicon: Lexicons = None,
    model: str = typer.Option("default", "--model", help="Reads claims that have no frame."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object per line."),
) -> None:
    """Rank articles for each claim: those that name both its sides first, then by their words.

    The words are weighed by BM25; the score is printed. Every line is a claim, a rank, an article.

    \b
    Example:
      textmine claims rank corpora/demo/claims.toml annotated.jsonl --top 5
    """
    import json
    import sys
    from contextlib import closing

    from textmine.claims.article import load_claims
    from textmine.claims.check import names_both
    from textmine.claims.frame import framed
    from textmine.claims.input import Input
    from textmine.claims.ranking import Index, ranked
    from textmine.claims.values import default_values
    from textmine.claims.view import view_of
    from textmine.lines import Quarantine, quarantine_path
    from textmine.reading.lexicon import Lexicon
    from textmine.records import Article

    claims = load_claims(file)
    if any(claim.frame is None for claim in claims):
        from textmine.reading.pipeline import Reader

        claims = framed(claims, Reader(model, lexicon=lexicon or ()).read)
    values = default_values(Lexicon.load(*(lexicon or ())))
    keys: dict[str, frozenset[str]] = {}

    with Quarantine(quarantine_path("-")) as quarantine:

        def texts() -> Iterator[Article]:
            for item in Input(annotated, quarantine):
                keys[item.article.id] = view_of(item, values).all_keys
                yield Article(item.article.id, item.article.text)

        with closing(Index(texts())) as index:
            for claim in claims:
                meets = names_both(claim, values)
                fitting = {identity for identity, found in keys.items() if meets(found)}
                rows = ranked(index, claim.statement, top, fitting.__contains__)
                for place, row in enumerate(rows, 1):
                    if as_json:
                        line = {
                            "claim_id": claim.id,
                            "rank": place,
                            "article_id": row.article_id,
                            "score": round(row.score, 3),
                            "concepts": row.concepts,
                        }
                        typer.echo(json.dumps(line))
                    else:
                        both = "both sides named" if row.concepts else "words only"
                        typer.echo(
                            f"{claim.id}  {place:>3}  {row.article_id:<12}{row.score:7.2f}  {both}"
                        )
        bad = quarantine.count
    if bad:
        print(f"{bad} broken lines are quarantined", file=sys.stderr)
        raise typer.Exit(3)
