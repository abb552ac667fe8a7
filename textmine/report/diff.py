"""What changed between two runs: which verdicts moved, and which papers moved them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from textmine.engine.runs import records_of
from textmine.errors import ConfigError
from textmine.records import Verdict, from_json

__all__ = ["Moved", "Mover", "diff", "diff_lines", "read_verdicts"]

_STANCES = {
    "supports": "supports",
    "contradicts": "contradicts",
    "null_effect": "no effect",
    "insufficient": "says nothing clear",
}


@dataclass(frozen=True, slots=True)
class Mover:
    """One paper whose part in a verdict changed.

    `change`: new, gone, withdrawn (excluded now), admitted (excluded before), turned (another
    stance), reweighed (other points), regrouped. `before` and `after`: (stance, points) or None.
    """

    article_id: str
    change: str
    before: tuple[str, float] | None
    after: tuple[str, float] | None
    reason: str | None = None

    @property
    def weight(self) -> float:
        """How many points moved, for the order."""
        old = self.before[1] if self.before else 0.0
        new = self.after[1] if self.after else 0.0
        turned = self.before and self.after and self.before[0] != self.after[0]
        return old + new if turned else abs(new - old)


@dataclass(frozen=True, slots=True)
class Moved:
    """One claim in two runs. `kind`: verdict, certainty, balance, same, new or gone."""

    claim_id: str
    kind: str
    before: tuple[str, str, float | None] | None
    after: tuple[str, str, float | None] | None
    movers: tuple[Mover, ...]


def read_verdicts(path: Path) -> tuple[Verdict, ...]:
    """Of a run's folder, or of a file of verdicts."""
    file = path / "verdicts.jsonl" if path.is_dir() else path
    if not file.is_file():
        raise ConfigError(
            f"{path} holds no verdicts: there is no {file.name if path.is_dir() else 'such file'}. "
            "Give the folder that `textmine run --out` left, or a file of `textmine grade`."
        )
    return tuple(records_of(file, lambda line: from_json(Verdict, line)))


def diff(before: Iterable[Verdict], after: Iterable[Verdict]) -> tuple[Moved, ...]:
    """Every claim of either run; the order is that of the second, then what is gone."""
    old = {v.claim_id: v for v in before}
    new = {v.claim_id: v for v in after}
    keys = [*new, *(key for key in old if key not in new)]
    return tuple(_moved(key, old.get(key), new.get(key)) for key in keys)


def _moved(claim_id: str, old: Verdict | None, new: Verdict | None) -> Moved:
    if old is None or new is None:
        kind = "new" if old is None else "gone"
        return Moved(claim_id, kind, _short(old), _short(new), ())
    if old.verdict != new.verdict:
        kind = "verdict"
    elif old.certainty != new.certainty:
        kind = "certainty"
    elif old.balance != new.balance:
        kind = "balance"
    else:
        kind = "same"
    movers = sorted(_movers(old, new), key=lambda m: (-m.weight, m.article_id, m.change))
    return Moved(claim_id, kind, _short(old), _short(new), tuple(movers))


def _short(verdict: Verdict | None) -> tuple[str, str, float | None] | None:
    return (verdict.verdict, verdict.certainty, verdict.balance) if verdict else None


@dataclass(frozen=True, slots=True)
class _Part:
    stance: str
    points: float
    group: str


def _parts(verdict: Verdict) -> dict[str, _Part]:
    """The graded part of every article: that of its strongest finding."""
    out: dict[str, _Part] = {}
    for grade in verdict.grades:
        held = out.get(grade.article_id)
        if held is None or held.points < grade.points:
            out[grade.article_id] = _Part(grade.stance, grade.points, grade.cluster)
    return out


def _excluded(verdict: Verdict, kept: Mapping[str, _Part]) -> dict[str, str]:
    """Articles that count nowhere in a verdict, with the reason."""
    return {e.article_id: e.reason for e in verdict.excluded if e.article_id not in kept}


def _movers(old: Verdict, new: Verdict) -> Iterable[Mover]:
    was, now = _parts(old), _parts(new)
    out_before, out_now = _excluded(old, was), _excluded(new, now)
    # Groups are named after their first member: only who stands together says that one changed.
    mates_before, mates_now = _mates(was), _mates(now)
    for key in sorted({*was, *now}):
        one, two = was.get(key), now.get(key)
        before = (one.stance, one.points) if one else None
        after = (two.stance, two.points) if two else None
        if one is None:
            change = "admitted" if key in out_before else "new"
            yield Mover(key, change, None, after, out_before.get(key))
        elif two is None:
            change = "withdrawn" if key in out_now else "gone"
            yield Mover(key, change, before, None, out_now.get(key))
        elif one.stance != two.stance:
            yield Mover(key, "turned", before, after)
        elif one.points != two.points:
            yield Mover(key, "reweighed", before, after)
        elif mates_before[key] & set(now) != mates_now[key] & set(was):
            yield Mover(key, "regrouped", before, after)


def _mates(parts: Mapping[str, _Part]) -> dict[str, set[str]]:
    by_group: dict[str, set[str]] = {}
    for key, part in parts.items():
        by_group.setdefault(part.group, set()).add(key)
    return {key: by_group[part.group] for key, part in parts.items()}


def diff_lines(moved: Sequence[Moved], *, most: int = 8) -> list[str]:
    """The same in words, the verdicts that moved first; claims without any change are counted."""
    order = {"verdict": 0, "certainty": 1, "new": 2, "gone": 2, "balance": 3, "same": 4}
    lines = []
    quiet = 0
    for one in sorted(moved, key=lambda m: order[m.kind]):
        if one.kind == "same" and not one.movers:
            quiet += 1
            continue
        lines.append(f"{one.claim_id}: {_words(one.before)} -> {_words(one.after)}")
        lines += [f"  {m.article_id} {_mover_words(m)}" for m in one.movers[:most]]
        if len(one.movers) > most:
            lines.append(f"  and {len(one.movers) - most} more")
    counts = {kind: sum(m.kind == kind for m in moved) for kind in order}
    told = ", ".join(f"{n} {kind}" for kind, n in counts.items() if n and kind != "same")
    lines.append(f"{len(moved)} claims: {told or 'none moved'}; {quiet} without any change")
    return lines


def _words(short: tuple[str, str, float | None] | None) -> str:
    if short is None:
        return "(not there)"
    verdict, certainty, balance = short
    share = "" if balance is None else f", balance {balance:.2f}"
    return f"{verdict} ({certainty.replace('_', ' ')}{share})"


def _mover_words(mover: Mover) -> str:
    def part(which: tuple[str, float] | None) -> str:
        return f"{_STANCES.get(which[0], 'counted')}, {which[1]:g} points" if which else ""

    if mover.before and mover.after:
        words = f"{mover.change}: {part(mover.before)} -> {part(mover.after)}"
    else:
        words = f"{mover.change}: {part(mover.before or mover.after)}"
    return f"{words} ({mover.reason})" if mover.reason else words
