"""Whether the records behind a desk were made up, as those of the demonstration are."""

from __future__ import annotations

import json
from pathlib import Path

__all__ = ["invented"]


def invented(label: str, corpus: str) -> bool:
    """What the manifest beside a SQLite store says of its run; stores elsewhere have none, and
    then records count as real."""
    scheme, separator, path = label.partition(":///")
    if scheme != "sqlite" or not separator:
        return False
    try:
        manifest = json.loads(Path(path).with_name("manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(manifest, dict) or manifest.get("project") != corpus:
        return False
    return manifest.get("synthetic") is True
