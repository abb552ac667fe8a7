"""The page itself, through one Jinja2 template; everything that comes from a text is escaped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from textmine.report.view import claim_views
from textmine.stores.base import Store

__all__ = ["write_report"]


def write_report(store: Store, path: Path, manifest: dict[str, Any] | None = None) -> None:
    """Writes the report on the newest run of `store`; `manifest` adds the run's counts."""
    environment = Environment(
        loader=PackageLoader("textmine.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    synthetic = (manifest or {}).get("synthetic", False)
    claims = claim_views(store, link=not synthetic)
    page = environment.get_template("report.html").render(
        title=(manifest or {}).get("title") or store.project(),
        synthetic=synthetic,
        manifest=manifest,
        provenance=store.provenance(),
        claims=claims,
        changed=store.events(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(page, encoding="utf-8", errors="xmlcharrefreplace")
    part.replace(path)
