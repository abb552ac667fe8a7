"""The role of every sentence: title, aim, background, method, result or conclusion.

The section's label speaks first (PubMed's NlmCategory where the label is none that is known), then
the wording: a results section can hold an aim, a conclusion can restate the literature. Without
labels the wording decides, and where it is silent the place among the neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from textmine.config import data_root, read_toml
from textmine.errors import ConfigError
from textmine.records import ROLES, Article, Passage, Sentence

__all__ = ["RoleLexicon", "assign_roles", "label_roles"]

# In an abstract without labels the roles come in this order, forward only in the long run.
ORDER = ("background", "aim", "method", "result", "conclusion")
CATEGORIES = ("BACKGROUND", "OBJECTIVE", "METHODS", "RESULTS", "CONCLUSIONS")


@dataclass(frozen=True)
class RoleLexicon:
    """Labels and wordings, from `roles.toml`."""

    labels: Mapping[str, str]
    strong: Mapping[str, re.Pattern[str]]
    weak: Mapping[str, re.Pattern[str]]

    @classmethod
    def load(cls, *files: Path) -> RoleLexicon:
        """Reads the shipped file, then `files`, which add to it."""
        return _load(files)


@lru_cache(maxsize=8)
def _load(files: tuple[Path, ...]) -> RoleLexicon:
    labels: dict[str, str] = {}
    words: dict[str, dict[str, list[str]]] = {"strong": {}, "weak": {}}
    for file in (data_root() / "models" / "lexicon" / "roles.toml", *files):
        data = read_toml(file)
        labels.update(data.get("labels", {}))
        for role, table in data.get("words", {}).items():
            for kind, patterns in table.items():
                words[kind].setdefault(role, []).extend(patterns)
        wrong = sorted({*labels.values(), *words["strong"], *words["weak"]} - set(ROLES))
        if wrong:
            raise ConfigError(f"{file}: {', '.join(wrong)} is no role. Roles: {', '.join(ROLES)}.")

    def compiled(kind: str) -> dict[str, re.Pattern[str]]:
        return {
            r: re.compile("|".join(f"(?:{p})" for p in ps), re.IGNORECASE)
            for r, ps in words[kind].items()
        }

    return RoleLexicon(labels, compiled("strong"), compiled("weak"))


def label_roles(passage: Passage, lexicon: RoleLexicon | None = None) -> tuple[str, ...]:
    """The roles that a section's label allows, in order; () where it says nothing.

    "METHODS AND RESULTS" allows two. The label itself goes before NlmCategory, which is often
    UNASSIGNED for unusual labels and sometimes wrong.
    """
    lexicon = lexicon or RoleLexicon.load()
    for raw in (passage.label, passage.nlm_category):
        if not raw:
            continue
        label = " ".join(re.sub(r"[^A-Z&/ ]+", " ", raw.upper()).split())
        if label in lexicon.labels:
            return (lexicon.labels[label],)
        parts = [p.strip() for p in re.split(r"\bAND\b|&|/", label)]
        roles = [_part_role(part, lexicon) for part in parts]
        found = tuple(dict.fromkeys(role for role in roles if role))
        if found:
            return found
    return ()


def _part_role(part: str, lexicon: RoleLexicon) -> str | None:
    if part in lexicon.labels:
        return lexicon.labels[part]
    for word in reversed(part.split()):
        if word in lexicon.labels:
            return lexicon.labels[word]
    return None


def assign_roles(
    article: Article,
    spans: Sequence[tuple[int, int]],
    *,
    lexicon: RoleLexicon | None = None,
) -> tuple[Sentence, ...]:
    """One `Sentence` per span, in the same order, each with its role."""
    lexicon = lexicon or RoleLexicon.load()
    out: list[Sentence] = []
    groups: dict[int, list[tuple[int, int]]] = {}
    order: list[tuple[int, tuple[int, int]]] = []
    for span in spans:
        number = next((k for k, p in enumerate(article.passages) if p.start <= span[0] < p.end), -1)
        groups.setdefault(number, []).append(span)
        order.append((number, span))
    abstract = [s for k, s in order if k < 0 or article.passages[k].kind != "title"]
    roles: dict[tuple[int, int], str] = {}
    for number, members in groups.items():
        passage = article.passages[number] if number >= 0 else None
        if passage is not None and passage.kind == "title":
            roles.update((s, "title") for s in members)
            continue
        allowed = label_roles(passage, lexicon) if passage is not None else ()
        texts = [article.text[a:b] for a, b in members]
        if allowed:
            named = _labelled(texts, allowed, lexicon)
        else:
            first = abstract.index(members[0])
            named = _unlabelled(texts, first, len(abstract), lexicon, _narrative(article))
        roles.update(zip(members, named, strict=True))
    for _, span in order:
        out.append(Sentence(span[0], span[1], roles[span]))
    return tuple(out)


def _hits(text: str, lexicon: RoleLexicon, kind: str = "strong") -> set[str]:
    patterns = lexicon.strong if kind == "strong" else lexicon.weak
    return {role for role, pattern in patterns.items() if pattern.search(text)}


def _labelled(texts: list[str], allowed: tuple[str, ...], lexicon: RoleLexicon) -> list[str]:
    out: list[str] = []
    for number, text in enumerate(texts):
        hits = _hits(text, lexicon)
        role = allowed[0]
        if len(allowed) > 1:
            fitting = [r for r in allowed if r in hits]
            weak = [r for r in allowed if r in _hits(text, lexicon, "weak")]
            later = allowed.index(out[-1]) if out and out[-1] in allowed else 0
            if fitting:
                role = fitting[-1]
            elif weak:
                role = max(weak[-1], allowed[later], key=allowed.index)
            else:
                role = allowed[later]
        if role in ("result", "background", "conclusion", "method") and "aim" in hits:
            # An aim stands out by its wording, wherever it is
            strong_other = hits & {"result", "conclusion"} if role != "background" else set()
            if not strong_other or (role in ("background", "result") and number == 0):
                role = "aim"
        elif (role == "aim" and "aim" not in hits and "background" in hits) or (
            role == "conclusion" and "background" in hits and "conclusion" not in hits
        ):
            role = "background"
        out.append(role)
    if set(allowed) == {"aim"}:
        # A section AIM of several sentences: what stands before the stated aim is background
        stated = [k for k, t in enumerate(texts) if "aim" in _hits(t, lexicon)]
        for k in range(len(out)):
            if stated and k < stated[-1] and k not in stated:
                out[k] = "background"
    return out


def _narrative(article: Article) -> bool:
    """A review, editorial or comment: what it tells is the literature's, not its own result."""
    names = {t.name for t in article.publication_types}
    if names & {"Systematic Review", "Meta-Analysis"}:
        return False
    return bool(names & {"Review", "Editorial", "Comment", "News", "Guideline"})


def _unlabelled(
    texts: list[str], first: int, total: int, lexicon: RoleLexicon, narrative: bool = False
) -> list[str]:
    """Best path over the sentences: wording gives points, the order of roles gives the rest."""
    scores: list[dict[str, float]] = []
    for number, text in enumerate(texts):
        place = (first + number + 0.5) / max(total, 1)
        strong, weak = _hits(text, lexicon), _hits(text, lexicon, "weak")
        points = {}
        for role in ORDER:
            p = 2.5 * (role in strong) + 0.8 * (role in weak)
            if total > 2:
                p += _place(role, place)
            elif role == "result":
                p += 0.5
            points[role] = p
        if total > 2 and "aim" not in strong:
            points["aim"] -= 1.5
        if "aim" in strong and "result" not in strong:
            points["aim"] += 1.0
        if narrative:
            points["background"] += 3.0
            points["method"] -= 2.0
            points["result"] -= 2.0
        scores.append(points)
    best: dict[str, tuple[float, list[str]]] = {r: (scores[0][r], [r]) for r in ORDER}
    for points in scores[1:]:
        step: dict[str, tuple[float, list[str]]] = {}
        for role in ORDER:
            value, path = max(
                ((v + _step(p[-1], role), p) for v, p in best.values()), key=lambda x: x[0]
            )
            step[role] = (value + points[role], [*path, role])
        best = step
    return max(best.values(), key=lambda x: x[0])[1]


def _place(role: str, place: float) -> float:
    centre = {"background": 0.08, "aim": 0.25, "method": 0.4, "result": 0.65, "conclusion": 0.97}
    return 1.2 - 2.4 * abs(place - centre[role])


def _step(before: str, now: str) -> float:
    gap = ORDER.index(now) - ORDER.index(before)
    if gap < 0:
        return -0.6 if {before, now} == {"method", "result"} else -1.6 + 0.2 * gap
    return 0.3 if gap == 0 else 0.0
