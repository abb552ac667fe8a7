"""A whole store into another: every row, superseded ones and logs included."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any, Protocol

from textmine.errors import StoreError
from textmine.stores.tables import Row, table, tables

__all__ = ["copy", "fingerprint"]


class _Copyable(Protocol):
    @property
    def url(self) -> str: ...
    def dump(self) -> Iterator[tuple[str, Row]]: ...
    def find(self, table: str, /, **equals: Any) -> list[dict[str, Any]]: ...
    def load(self, rows: Any) -> dict[str, int]: ...


def fingerprint(store: _Copyable) -> str:
    """A hash over every row in order: equal for stores of equal content, whatever the backend."""
    digest = hashlib.sha256()
    for name, row in store.dump():
        digest.update(json.dumps([name, *row]).encode())
    return digest.hexdigest()


def copy(source: _Copyable, target: _Copyable) -> dict[str, int]:
    """Copies everything; the numbers of rows by table, all zero when the target holds it already.

    The target is new, or an older state of a folder of files, which is then replaced. StoreError
    when it holds what the source does not: nothing is ever lost by a copy.
    """
    if target.find("run"):
        if fingerprint(source) == fingerprint(target):
            return dict.fromkeys(tables(), 0)
        renew = getattr(target, "renew", None)
        if renew is None:
            raise StoreError(
                f"The store {target.url} is not empty, and it is not the same as {source.url}. "
                "Copy into a new store, or push the runs one by one."
            )
        for name in ("run", "event", "decision"):
            place = table(name)
            known = {place.key_of(tuple(r.values())) for r in source.find(name)}
            more = [r for r in target.find(name) if place.key_of(tuple(r.values())) not in known]
            if more:
                raise StoreError(
                    f"The store {target.url} has the {name} {next(iter(more[0].values()))}, which "
                    f"{source.url} does not have: it would be lost. Copy into a new store."
                )
        added: dict[str, int] = renew(source.dump())
        return added
    return target.load(source.dump())
