"""The patterns over dependency trees, from `patterns.toml` (format: docs/relations.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from textmine.config import data_root, read_toml
from textmine.errors import ConfigError

__all__ = ["NounPattern", "Patterns", "SubjectPattern"]

FORMS = ("finite", "infinitive", "gerund", "participle")
SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class SubjectPattern:
    """Where a verb finds its subject. `paths`: alternatives, each a tuple of steps."""

    id: str
    paths: tuple[tuple[str, ...], ...]
    form: frozenset[str]
    heads: frozenset[str]


@dataclass(frozen=True, slots=True)
class NounPattern:
    """Which prepositions behind the name of a change lead to its themes and agents."""

    id: str
    themes: tuple[str, ...]
    agents: tuple[str, ...]


@dataclass(frozen=True)
class Patterns:
    """All patterns: for the subjects of verbs in order, for nouns by class."""

    subjects: tuple[SubjectPattern, ...]
    nouns: Mapping[str, NounPattern]

    @classmethod
    def load(cls, *files: Path) -> Patterns:
        """Reads the shipped file, then `files`, whose patterns come first."""
        return _load(files)


@lru_cache(maxsize=8)
def _load(files: tuple[Path, ...]) -> Patterns:
    subjects: list[SubjectPattern] = []
    nouns: dict[str, NounPattern] = {}
    for file in (data_root() / "models" / "lexicon" / "patterns.toml", *files):
        data = read_toml(file)
        unknown = sorted(set(data) - {"subject", "noun"})
        if unknown:
            raise ConfigError(
                f"{file} has tables that mean nothing here: {', '.join(unknown)}. "
                "There are [[subject]] and [[noun]]."
            )
        mine = [_subject(entry, file) for entry in data.get("subject", [])]
        subjects = [*mine, *subjects]
        for entry in data.get("noun", []):
            _check(entry, {"id", "classes", "themes", "agents"}, {"classes"}, file)
            pattern = NounPattern(
                entry["id"], tuple(entry.get("themes", ())), tuple(entry.get("agents", ()))
            )
            nouns.update((cls, pattern) for cls in entry["classes"])
    return Patterns(tuple(subjects), nouns)


def _check(entry: Mapping[str, object], known: set[str], needed: set[str], file: Path) -> None:
    wrong = sorted(set(entry) - known) or sorted((needed | {"id"}) - set(entry))
    if wrong:
        raise ConfigError(
            f"{file}, pattern {entry.get('id', '(without id)')}: {', '.join(wrong)} is unknown or "
            f"missing. A pattern of this kind has {', '.join(sorted(known))}."
        )


def _subject(entry: Mapping[str, str], file: Path) -> SubjectPattern:
    _check(entry, {"id", "path", "form", "heads"}, {"path"}, file)
    forms = frozenset(entry.get("form", ()))
    if forms - set(FORMS):
        raise ConfigError(
            f"{file}, pattern {entry['id']}: {', '.join(sorted(forms - set(FORMS)))} is no form. "
            f"Forms: {', '.join(FORMS)}."
        )
    paths = []
    for raw in entry["path"].split("|"):
        steps = tuple(raw.split())
        # "a|b c": alternatives of one step are whole paths of their own
        if not steps or SUBJECT in steps[:-1]:
            raise ConfigError(f"{file}, pattern {entry['id']}: {raw!r} is no path.")
        paths.append(steps)
    return SubjectPattern(entry["id"], tuple(paths), forms, frozenset(entry.get("heads", ())))
