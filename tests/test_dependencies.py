"""Every dependency imports beside every other: a clean resolve alone does not show that."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import pytest

PROJECT = tomllib.loads(
    (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
)["project"]
IMPORT_NAMES = {
    "argon2-cffi": "argon2",
    "biopython": "Bio",
    "pydantic-settings": "pydantic_settings",
    "pytest-xdist": "xdist",
    "psycopg": "psycopg",
}


def names(requirements: list[str]) -> list[str]:
    return [re.split(r"[\s\[<>=!~;]", r)[0] for r in requirements]


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", names(PROJECT["dependencies"]))
def test_dependency_imports(name: str) -> None:
    importlib.import_module(IMPORT_NAMES.get(name, name))


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(
    "name",
    sorted(
        {
            n
            for e in ("postgres", "parquet", "pooling", "dask", "review")
            for n in names(PROJECT["optional-dependencies"][e])
        }
    ),
)
def test_optional_dependency_imports(name: str) -> None:
    pytest.importorskip(IMPORT_NAMES.get(name, name), reason="an extra that is not installed")


def test_every_entry_point_loads() -> None:
    for group, points in PROJECT["entry-points"].items():
        if not group.startswith("textmine."):
            continue
        for target in points.values():
            module, _, attribute = target.partition(":")
            assert hasattr(importlib.import_module(module), attribute), target
