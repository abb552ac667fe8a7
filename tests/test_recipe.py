"""The recipe of the trained pipeline: its steps fit together."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import srsly
from thinc.config import Config

MODELS = Path(__file__).parent.parent / "models"
PROJECT: dict[str, Any] = srsly.read_yaml(MODELS / "project.yml")  # type: ignore[assignment]
STEPS = {step["name"]: step for step in PROJECT["commands"]}
CALLS = [(name, shlex.split(line)) for name, step in STEPS.items() for line in step["script"]]
TRAININGS = [(name, call) for name, call in CALLS if call[1:4] == ["-m", "spacy", "train"]]


def filled(text: str) -> str:
    return re.sub(r"\$\{vars\.(\w+)\}", lambda match: PROJECT["vars"][match[1]], text)


@pytest.mark.parametrize(("name", "call"), TRAININGS, ids=[name for name, _ in TRAININGS])
def test_a_training_gets_every_path_that_its_config_asks_for(name: str, call: list[str]) -> None:
    paths = Config().from_disk(MODELS / call[4], interpolate=False)["paths"]
    given = [word.removeprefix("--paths.") for word in call if word.startswith("--paths.")]
    assert sorted(given) == sorted(paths)


@pytest.mark.parametrize(("name", "call"), CALLS, ids=[f"{name}-{c[1]}" for name, c in CALLS])
def test_scripts_and_configs_are_there(name: str, call: list[str]) -> None:
    named = [word for word in call if word.startswith(("scripts/", "configs/"))]
    assert all((MODELS / word).is_file() for word in named)


@pytest.mark.parametrize("workflow", ["all", "stance"])
def test_every_step_finds_what_it_needs_made_before(workflow: str) -> None:
    made: set[str] = set()
    for name in PROJECT["workflows"][workflow]:
        step = STEPS[name]
        work = PROJECT["vars"]["work"] + "/"
        needed = {filled(word) for _, call in CALLS if _ == name for word in call}
        outputs = {filled(output) for output in step["outputs"]}
        folders = {path for path in needed if path.startswith(work)}
        own = {path for path in folders if any(o.startswith(path) for o in outputs)}
        inside = {path for path in folders - own if not path.endswith((".floret", ".txt"))}
        assert inside <= made, f"{name} needs {sorted(inside - made)}"
        made |= outputs


def test_every_config_and_script_is_used() -> None:
    used = {Path(word).name for _, call in CALLS for word in call}
    there = {path.name for path in (MODELS / "configs").glob("*.cfg")}
    assert there <= used
