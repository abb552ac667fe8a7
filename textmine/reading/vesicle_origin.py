"""Where the studied vesicles come from: tissue, cell or fluid, in the study's own sentences."""

from __future__ import annotations

from dataclasses import dataclass

from textmine.reading.study_words import Scope, StudyWords
from textmine.records import Quote

__all__ = ["vesicle_origins"]

_FIELD = "vesicle_source"


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    start: int
    quote: Quote
    word: tuple[int, int]


def vesicle_origins(scope: Scope, words: StudyWords) -> list[tuple[int, str, Quote]]:
    """(place, name, quote) of every origin that some form of words names.

    Of two words at one place the longer counts ("breast cancer", not "cancer"); a general origin
    gives way to a special one anywhere ("tumour" to "melanoma cell").
    """
    found = []
    near = scope.matching(words.vesicle)
    for origin in words.origins:
        held = scope.matching(origin.word, near)
        for form in origin.forms if held else ():
            for sentence in held:
                match = form.search(scope.text, sentence.start, sentence.end)
                if match is None:
                    continue
                name = origin.name
                if "{x}" in name:
                    name = name.replace("{x}", (match["x"] or "").casefold())
                name = words.same_origins.get(name, name)
                quote = Quote(_FIELD, match.start(), match.end(), match[0], name)
                found.append(_Found(name, match.start(), quote, match.span("w")))
    kept = [one for one in found if not any(_wider(other, one) for other in found)]
    names = {one.name for one in kept}
    first: dict[str, _Found] = {}
    for one in sorted(kept, key=lambda f: (f.start, -f.word[1])):
        general = words.general_origins.get(one.name)
        if general is None or not any(general.search(n) for n in names if n != one.name):
            first.setdefault(one.name, one)
    return [(one.start, one.name, one.quote) for one in first.values()]


def _wider(one: _Found, other: _Found) -> bool:
    return one.word != other.word and (
        one.word[0] <= other.word[0] and other.word[1] <= one.word[1]
    )
