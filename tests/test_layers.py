"""The reading order is the import order: a module imports only what stands above it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import textmine

PACKAGE = Path(textmine.__file__).parent

ORDER = [
    "errors", "records", "lines", "config", "registry", "pubmed", "reading", "claims",
    "evidence", "stores", "engine", "report", "review", "measure", "cli",
]  # fmt: skip


def imports_of(file: Path) -> set[str]:
    """The textmine modules that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found |= {name for name in names if name.startswith("textmine.")}
    return found


def test_the_order_is_the_one_the_package_gives() -> None:
    listed = re.findall(r"^    ([a-z, ]+?)  +\S", textmine.__doc__ or "", flags=re.M)
    names = [name.strip() for entry in listed for name in entry.split(",")]
    assert names == ORDER


def test_every_module_imports_only_what_stands_above() -> None:
    wrong = []
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE).parts
        here = parts[0].removesuffix(".py")
        if "_data" in parts or here not in ORDER:
            continue
        for name in imports_of(file):
            there = name.split(".")[1]
            if there in ORDER and ORDER.index(there) > ORDER.index(here):
                wrong.append(f"{file.relative_to(PACKAGE)} imports {name}")
    assert not wrong


def test_no_cycle_inside_a_package() -> None:
    graph = {}
    for file in PACKAGE.rglob("*.py"):
        if "_data" in file.parts or file.name == "__init__.py":
            continue
        name = ".".join(("textmine", *file.relative_to(PACKAGE).with_suffix("").parts))
        graph[name] = imports_of(file)

    def reaches(start: str, goal: str, seen: set[str]) -> bool:
        return any(
            step == goal or (step not in seen and reaches(step, goal, seen | {step}))
            for step in graph.get(start, ())
            if step in graph
        )

    assert not [name for name in graph if reaches(name, name, {name})]


def test_every_package_is_in_the_order() -> None:
    packages = {p.name for p in PACKAGE.iterdir() if (p / "__init__.py").is_file()}
    assert packages <= set(ORDER) | {"_data"}
