"""Made-up sentences about the arms and outcomes of real trials: which way, of what, against what.

A trial's report tells the direction in many ways and rarely turns it; these are drawn so that only
the words of direction, the order of the arms and the outcome they go with give the answer.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

TURNED = {"increases": "decreases", "decreases": "increases", "unchanged": "unchanged"}
VERBS = {
    "increases": "increased raised enhanced elevated improved prolonged promoted augmented "
    "stimulated induced upregulated aggravated exacerbated worsened",
    "decreases": "decreased reduced lowered inhibited suppressed attenuated shortened diminished "
    "impaired blocked downregulated alleviated ameliorated mitigated prevented reversed",
}
MORE = {"increases": "higher greater more longer larger increased elevated better stronger",
        "decreases": "lower smaller less shorter fewer decreased reduced worse weaker"}  # fmt: skip
SURE = ("", "", "", "significantly ", "markedly ", "slightly ")
ENDS = (
    ".",
    ".",
    " (P < 0.05).",
    " (P = 0.003).",
    " at 12 weeks.",
    " in both analyses.",
    " in mice.",
)
SAME = (
    "{o} did not differ between {i} and {c}{e}",
    "There was no significant difference in {o} between the {i} and {c} groups{e}",
    "{i} had no effect on {o}{e}",
    "{o} was similar with {i} and with {c}{e}",
    "{i} did not affect {o} compared with {c}{e}",
)
SILENT = (
    "{o} was measured in the {i} and {c} groups{e}",
    "We compared {i} with {c} for their effect on {o}{e}",
    "The aim was to find out whether {i} changes {o}{e}",
    "{i} is widely used, and {o} matters to patients{e}",
)
APART = (
    "{o} was {s}{m} with {i} than with {c}{e}",
    "{o} was {s}{m} in the {i} group than in the {c} group{e}",
    "{o} was {s}{w} with {c} than with {i}{e}",
    "{o} was {s}{w} in the {c} group than in the {i} group{e}",
    "Compared with {c}, {i} {s}{v} {o}{e}",
    "{i} {s}{v} {o} compared with {c}{e}",
    "In the {i} group, {o} was {s}{m} than in controls{e}",
    "Patients given {c} had {s}{w} {o} than those given {i}{e}",
)
ALONE = (
    "{i} {s}{v} {o}{e}",
    "{o} was {s}{v} by {i}{e}",
    "Treatment with {i} {s}{v} {o}{e}",
    "Knockdown of {i} {s}{x} {o}{e}",
    "{i} {s}{v} {o} and {y} {z}{e}",
    "{i} {y} {z} and {s}{v} {o}{e}",
    "{z} was {y} by {i}, whereas {o} was {s}{v}{e}",
)


def short(text: str) -> str:
    return " ".join(text.split()[:5]).strip(" ,;.:(")


def drill(
    chance: random.Random, one: str, outcome: str, other: str, strange: str
) -> tuple[str, str, str, str]:
    """(intervention, comparator, sentence, direction). `strange`: an outcome of another trial."""
    way = chance.choice(("increases", "decreases", "increases", "decreases", "unchanged", "unsaid"))
    end = chance.choice(ENDS)
    if way in ("unchanged", "unsaid"):
        form = chance.choice(SAME if way == "unchanged" else SILENT)
        return one, other, _capital(form.format(i=one, c=other, o=outcome, e=end)), way
    alone = chance.random() < 0.5
    away = TURNED[way]
    side = chance.choice(("increases", "decreases"))
    form = chance.choice(ALONE if alone else APART)
    text = form.format(
        i=one, c=other, o=outcome, e=end, z=strange, s=chance.choice(SURE),
        m=_any(chance, MORE[way]), w=_any(chance, MORE[away]),
        v=_any(chance, VERBS[way]), x=_any(chance, VERBS[away]), y=_any(chance, VERBS[side]),
    )  # fmt: skip
    return one, "" if alone else other, _capital(text), way


def _any(chance: random.Random, words: str) -> str:
    return chance.choice(words.split())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def drills(
    chance: random.Random, trials: Sequence[tuple[str, str, str]], number: int
) -> list[tuple[str, str, str, str, str]]:
    """(intervention, outcome, comparator, sentence, direction), `number` of them."""
    out = []
    for _ in range(number):
        one, outcome, other = (short(part) for part in chance.choice(trials))
        strange = short(chance.choice(trials)[1])
        if one and outcome and other and strange != outcome:
            i, c, text, way = drill(chance, one, outcome, other, strange)
            out.append((i, outcome, c, text, way))
    return out
