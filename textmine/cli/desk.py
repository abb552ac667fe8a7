"""`textmine desk`: accounts, projects, figures and files of the reviewers' desk."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from textmine.review.desk import Desk
    from textmine.review.nouns import Account, Estimate, Figure

app = typer.Typer(
    help="Accounts, projects, samples, agreement and files of the reviewers' desk.",
    no_args_is_help=True,
)
account = typer.Typer(help="Who may use the desk.", no_args_is_help=True)
project = typer.Typer(help="Who reviews what, and whether blind.", no_args_is_help=True)
sample = typer.Typer(help="Random samples, and how many of one were right.", no_args_is_help=True)
app.add_typer(account, name="account")
app.add_typer(project, name="project")
app.add_typer(sample, name="sample")

At = Annotated[
    str, typer.Option("--store", help="The store: sqlite:///FILE or postgresql://USER@HOST/DB.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print machine-readable output.")]
Name = Annotated[str, typer.Argument(help="The account's name.")]
Role = Annotated[str, typer.Option("--role", help="reader, reviewer, adjudicator or admin.")]
Word = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@contextlib.contextmanager
def _desk(url: str) -> Iterator[tuple[Desk, Account]]:
    """The desk, and the one at the command line: who may write to the store may do all."""
    from textmine.review.desk import Desk
    from textmine.review.nouns import Account

    desk = Desk(url, pool=2, say=lambda line: print(line, file=sys.stderr))
    try:
        yield desk, Account("command line", "admin")
    finally:
        desk.close()


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    word: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return word


# --- accounts


@account.command("add")
def add(name: Name, store: At, role: Role = "reviewer", password_stdin: Word = False) -> None:
    """Make an account; its password is asked for, at least 10 characters.

    Example: textmine desk account add ann --role reviewer --store sqlite:///group.db
    """
    from textmine.errors import BadDecision
    from textmine.review.nouns import ROLES

    if role not in ROLES:
        raise BadDecision(f"There is no role {role!r}. There are: {', '.join(ROLES)}.")
    word = _password(password_stdin)
    with _desk(store) as (desk, _):
        made = desk.add_account(None, name, word, role)
    print(f"{made.name} is {made.role}.", file=sys.stderr)


@account.command("list")
def list_accounts(store: At, as_json: AsJson = False) -> None:
    """Print the accounts, never their passwords.

    Example: textmine desk account list --store sqlite:///group.db
    """
    with _desk(store) as (desk, who):
        for one in desk.accounts(who):
            if as_json:
                print(json.dumps(asdict(one)))
            else:
                print(f"{one.name}\t{one.role}\t{'open' if one.active else 'closed'}")


@account.command("set")
def set_account(
    name: Name,
    store: At,
    role: Annotated[str | None, typer.Option("--role", help="The new role.")] = None,
    closed: Annotated[
        bool | None, typer.Option("--closed/--open", help="Whether it may be used.")
    ] = None,
    password: Annotated[bool, typer.Option("--password", help="Give it a new password.")] = False,
    password_stdin: Word = False,
) -> None:
    """Change an account's role or password, close it or open it again. Its sessions end.

    Example: textmine desk account set ann --closed --store sqlite:///group.db
    """
    word = _password(password_stdin) if password or password_stdin else None
    with _desk(store) as (desk, _):
        if role is not None:
            desk.set_role(None, name, role)
        if closed is not None:
            desk.set_active(None, name, not closed)
        if word is not None:
            desk.set_password(None, name, word)


# --- projects


@project.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What to call it.")],
    store: At,
    reviewers: Annotated[list[str], typer.Option("--reviewer", help="Give it for each of them.")],
    adjudicators: Annotated[
        list[str] | None, typer.Option("--adjudicator", help="Who settles disagreements.")
    ] = None,
    per_finding: Annotated[
        int, typer.Option("--per-finding", help="How many judge each finding.")
    ] = 2,
    blind: Annotated[
        bool, typer.Option("--blind/--open", help="No sight of others' words until all are in.")
    ] = True,
    claim: Annotated[str | None, typer.Option("--claim", help="Findings on this claim.")] = None,
    size: Annotated[int | None, typer.Option("--size", help="So many of them, at random.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="To draw the same again.")] = None,
    as_json: AsJson = False,
) -> None:
    """Give findings out to reviewers, each to so many of them.

    \b
    Example:
      textmine desk project create "Round 1" --reviewer ann --reviewer bob \\
        --adjudicator eve --size 100 --store sqlite:///group.db
    """
    from textmine.review.nouns import Queue

    with _desk(store) as (desk, who):
        made = desk.create_project(
            who,
            name,
            reviewers,
            adjudicators=adjudicators or (),
            blind=blind,
            per_finding=per_finding,
            size=size,
            seed=seed,
            queue=Queue(claim=claim, state="all"),
        )
    if as_json:
        print(json.dumps(asdict(made)))
    else:
        print(f"{made.id}\t{made.name}: {made.findings} findings, {made.assigned} to judge")


@project.command("list")
def list_projects(store: At, as_json: AsJson = False) -> None:
    """Print the projects and how far they are.

    Example: textmine desk project list --store sqlite:///group.db
    """
    with _desk(store) as (desk, who):
        for one in desk.projects(who):
            if as_json:
                print(json.dumps(asdict(one)))
            else:
                kind = "blind" if one.blind else "open"
                print(
                    f"{one.id}\t{one.name}\t{kind}\t{one.done} of {one.assigned} judged, "
                    f"{one.disagreements} to settle"
                )


# --- samples


@sample.command("draw")
def draw(
    name: Annotated[str, typer.Argument(help="What to call it.")],
    size: Annotated[int, typer.Argument(help="How many findings.")],
    store: At,
    seed: Annotated[int | None, typer.Option("--seed", help="To draw the same again.")] = None,
    claim: Annotated[str | None, typer.Option("--claim", help="Of this claim alone.")] = None,
    as_json: AsJson = False,
) -> None:
    """Draw findings at random, to be judged for an estimate of the run's precision.

    Example: textmine desk sample draw "First look" 60 --seed 7 --store sqlite:///group.db
    """
    with _desk(store) as (desk, who):
        made = desk.create_sample(who, name, size, seed=seed, claim=claim)
    if as_json:
        print(json.dumps(asdict(made)))
    else:
        print(f"{made.id}\t{made.name}: {made.size} of {made.of} findings, seed {made.seed}")


@sample.command("precision")
def precision(
    store: At,
    reviewer: Annotated[
        str | None, typer.Option("--reviewer", help="By this one's words alone.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print for each sample how many of its findings were right, with Wilson's 95% interval.

    Example: textmine desk sample precision --store sqlite:///group.db
    """
    with _desk(store) as (desk, who):
        for one in desk.samples(who):
            found = desk.precision(who, one.id, reviewer)
            if as_json:
                print(json.dumps({**asdict(found), "words": found.words}))
            else:
                print(f"{one.name}: {found.words}")


# --- figures and files


@app.command()
def agreement(
    store: At,
    project: Annotated[
        str | None, typer.Option("--project", help="Of this project alone, by its id.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print how far reviewers agree: shares, Cohen's kappa, Krippendorff's alpha, 95% intervals.

    Example: textmine desk agreement --store sqlite:///group.db
    """
    with _desk(store) as (desk, who):
        found = desk.agreement(who, project)
    if as_json:
        print(json.dumps(asdict(found)))
        return
    print(f"reviewers: {', '.join(found.reviewers) or 'none'}")
    print("what\tjudged\tby two or more\talike\tCohen\tKrippendorff")
    for title, figures in (
        ("", (found.overall,)),
        ("claim ", found.by_claim),
        ("", found.by_field),
    ):
        for one in figures:
            print(_figure(title, one))


def _figure(title: str, one: Figure) -> str:
    cohen = "-" if one.cohen is None else _estimate(one.cohen)
    parts: list[Any] = [f"{title}{one.name}", one.units, one.overlap, _estimate(one.same), cohen,
                        _estimate(one.krippendorff)]  # fmt: skip
    return "\t".join(map(str, parts))


def _estimate(one: Estimate) -> str:
    if one.value is None:
        return "-"
    if one.low is None or one.high is None:
        return f"{one.value:.2f}"
    return f"{one.value:.2f} ({one.low:.2f} to {one.high:.2f})"


@app.command()
def effect(store: At, as_json: AsJson = False) -> None:
    """Print the verdicts with and without people's words, of the claims that have any.

    Example: textmine desk effect --store sqlite:///group.db
    """
    with _desk(store) as (desk, who):
        for one in desk.effects(who):
            if as_json:
                print(json.dumps({
                    "claim_id": one.claim_id, "counted": one.counted, "changed": one.changed,
                    "added": one.added,
                    **{name: {k: getattr(v, k) for k in ("verdict", "certainty", "balance")}
                       for name, v in (("before", one.before), ("after", one.after))},
                }))  # fmt: skip
            else:
                before, after = (
                    f"{v.verdict} ({v.certainty}, balance {v.balance})"
                    for v in (one.before, one.after)
                )
                print(f"{one.claim_id}\t{one.counted} words\t{before} -> {after}")


@app.command()
def export(
    form: Annotated[str, typer.Argument(help="csv, jsonl, card1, gold or training.")],
    store: At,
    out: Annotated[Path, typer.Option("-o", "--out", help="The file; - for stdout.")] = Path("-"),
    project: Annotated[
        str | None, typer.Option("--project", help="Of this project alone, by its id.")
    ] = None,
) -> None:
    """Write decisions as a table, as lines of the contract, as rows, as gold or training data.

    Words that a blind project still keeps back are left out.

    Example: textmine desk export csv -o decisions.csv --store sqlite:///group.db
    """
    with _desk(store) as (desk, who):
        lines = desk.export(who, form, project)
        if str(out) == "-":
            for line in lines:
                sys.stdout.write(line)
            return
        with out.open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)


@app.command()
def audit(
    store: At,
    after: Annotated[int, typer.Option("--after", help="What came behind this position.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Print who did what: logins, decisions, exports, changes of accounts.

    Example: textmine desk audit --store sqlite:///group.db
    """
    with _desk(store) as (desk, who):
        while lines := desk.audit(who, after, 1000):
            for one in lines:
                print(
                    json.dumps(asdict(one))
                    if as_json
                    else f"{one.position}\t{one.at}\t{one.who}\t{one.what}\t{one.detail}"
                )
            after = lines[-1].position
