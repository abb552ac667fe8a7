"""Fixtures for all tests: a clean environment, and the way to real data where it is present."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for compiled lexica for all tests of a run: making them takes half a minute."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "compiled"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, compiled: Path) -> None:
    """No test sees the user's NCBI identity, caches or settings."""
    for name in list(os.environ):
        if name.startswith(("NCBI_", "TEXTMINE_")) and name != "TEXTMINE_SHARED":
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TEXTMINE_CACHE", str(compiled))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real data for measuring, or a visible skip."""
    place = Path(os.environ.get("TEXTMINE_SHARED", ROOT.parent / "shared"))
    if not place.is_dir():
        pytest.skip(f"real data not present at {place} (set TEXTMINE_SHARED)")
    return place
