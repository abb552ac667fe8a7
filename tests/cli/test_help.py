"""Every command has help, an example, and its place in the documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer

from textmine.cli import app, main

ROOT = Path(__file__).resolve().parents[2]


def leaves(command: Any, path: str) -> dict[str, Any]:
    if hasattr(command, "commands"):
        found: dict[str, Any] = {}
        for name, child in command.commands.items():
            found |= leaves(child, f"{path} {name}")
        return found
    return {path: command}


COMMANDS = leaves(typer.main.get_command(app), "textmine")


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_command_says_what_it_does(path: str) -> None:
    command = COMMANDS[path]
    assert command.help, f"{path} has no help"
    assert f"Example: {path}" in " ".join(command.help.split()), f"{path} has no example"
    for parameter in command.params:
        described = getattr(parameter, "help", None)
        assert described, f"{path}: {parameter.name} has no help"


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_command_is_documented(path: str) -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    assert any(path in page.read_text(encoding="utf-8") for page in pages), f"{path} in no page"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("textmine ")


def test_wrong_usage_is_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", "--no-such-option"]) == 2
    assert "no-such-option" in capsys.readouterr().err
