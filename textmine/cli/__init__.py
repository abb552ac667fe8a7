"""The command line: one file per command, each a function that typer turns into a command."""

from __future__ import annotations

import importlib
import os
import sys
import traceback

import typer

from textmine.errors import TextmineError

__all__ = ["COMMANDS", "GROUPS", "app", "main"]

# Modules of this package that hold one command, a function of the same name.
COMMANDS = ("run", "fetch", "parse", "annotate", "check", "grade", "report", "refresh", "review",
            "measure")  # fmt: skip
# Modules that hold several commands in a typer app called `app`.
GROUPS = ("claims", "store", "desk")

app = typer.Typer(
    name="textmine",
    help="Holds the claims of an article against the single studies in PubMed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _root(
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    if version:
        from textmine import __version__

        typer.echo(f"textmine {__version__}")
        raise typer.Exit


for _name in COMMANDS:
    _command = getattr(importlib.import_module(f"textmine.cli.{_name}"), _name)
    app.command(_name)(_command)
for _name in GROUPS:
    app.add_typer(importlib.import_module(f"textmine.cli.{_name}").app, name=_name)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code.

    0 done, 1 bug, 2 usage or configuration, 3 finished with quarantined records,
    4 source unavailable, 130 interrupted.
    """
    try:
        result = app(arguments, standalone_mode=False)
        # Typer turns Ctrl-C into this code without a word.
        return _interrupted() if result == 130 else result if isinstance(result, int) else 0
    except typer.TyperException as error:
        show = getattr(error, "show", None)
        if show:
            show()
        else:
            print(f"Error: {error}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except TextmineError as error:
        print(f"Error: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output (head, less) went away; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:
        traceback.print_exc()
        print("This is a bug in textmine. Please report it with the lines above.", file=sys.stderr)
        return 1


def _interrupted() -> int:
    print("Interrupted. Run the same command again to go on.", file=sys.stderr)
    return 130
