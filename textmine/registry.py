"""Named parts, found through entry points; the built-in ones come the same way.

Groups: `textmine.sources`, `textmine.annotators`, `textmine.linkers`, `textmine.relation_readers`,
`textmine.stance_models`, `textmine.stores`, `textmine.exporters`, `textmine.engines`,
`textmine.suites`.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from textmine.errors import UnknownPart

__all__ = ["load", "names"]


def names(group: str) -> list[str]:
    """The names registered in `group` ("stores", "engines", ...), sorted."""
    return sorted({point.name for point in entry_points(group=f"textmine.{group}")})


def load(group: str, name: str) -> Any:
    """The part called `name`. UnknownPart lists the names there are."""
    for point in entry_points(group=f"textmine.{group}"):
        if point.name == name:
            return point.load()
    raise UnknownPart(group.rstrip("s").replace("_", " "), name, names(group))
