"""Annotated lines as the checker needs them: the newest version of each article, one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from textmine.errors import MalformedRecord
from textmine.lines import Quarantine, open_binary, read_lines
from textmine.records import Annotated, annotated_from_json

__all__ = ["Input"]


class _Head(msgspec.Struct):
    id: str | int
    version: int = 1


@dataclass
class Input:
    """Iterates over the annotated articles of a file; broken lines go to the quarantine.

    A file is read twice, first for the versions only. Standard input can be read once: there a
    later line of the same article goes to the quarantine.
    """

    path: str
    quarantine: Quarantine
    count: int = 0
    older: int = 0
    _newest: dict[str, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Annotated]:
        self.count = self.older = 0
        if self.path != "-":
            self._newest = _versions(self.path)
        seen: set[str] = set()
        for number, data in read_lines(self.path):
            where = f"line {number}"
            try:
                if isinstance(data, MalformedRecord):
                    raise data
                annotated = annotated_from_json(data)
            except MalformedRecord as error:
                raw = json.dumps(data, ensure_ascii=False) if isinstance(data, dict) else None
                self.quarantine.add(self.path, where, str(error), raw)
                continue
            article = annotated.article
            if article.version < self._newest.get(article.id, article.version):
                self.older += 1
            elif article.id in seen:
                reason = f"article {article.id}, version {article.version}, came before"
                self.quarantine.add(self.path, where, reason, None)
            else:
                seen.add(article.id)
                self.count += 1
                yield annotated


def _versions(path: str) -> dict[str, int]:
    """The newest version of each id; what cannot be decoded is left to the second reading."""
    newest: dict[str, int] = {}
    decoder = msgspec.json.Decoder(_Head)
    with open_binary(path) as stream:
        try:
            for raw in stream:
                try:
                    head = decoder.decode(raw)
                except (msgspec.MsgspecError, UnicodeDecodeError):
                    continue
                identity = str(head.id)
                newest[identity] = max(newest.get(identity, 0), head.version)
        except (EOFError, OSError):
            pass  # the second reading says so
    return newest
