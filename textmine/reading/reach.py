"""Which words a negation or hedge bears on, for words that stand for an event of their own.

After ConText (Harkema et al. 2009): a cue's scope runs forward to the end of its clause; some cues
("was not seen", "is unlikely") look back. The relation reader decides this by its clauses; this is
for event words without a clause of their own (docs/measuring_relations.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from textmine.reading.cues import find_cues
from textmine.records import Cue

__all__ = ["bearing", "bears_on"]

_END = re.compile(
    r"[;:]|\b(?:but|whereas|while|although|though|however|because|suggesting|indicating|which|and "
    r"(?:that|this|it|these|we))\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w[\w-]*")
# Words that a cue may stand before the event word, and behind it.
AHEAD = {"negation": 8, "hedge": 12, "hypothesis": 12}
BEHIND = {"negation": 4, "hedge": 3, "hypothesis": 0}


def bears_on(text: str, cue: Cue, start: int, end: int) -> bool:
    """Whether `cue` bears on the word at `text[start:end]` of the same sentence."""
    if cue.end <= start:
        between, reach = text[cue.end : start], AHEAD
    elif end <= cue.start:
        between, reach = text[end : cue.start], BEHIND
    else:
        return True  # "inactive", "failure": the cue is the word
    if _END.search(between):
        return False
    return len(_WORD.findall(between)) <= reach.get(cue.kind, 0)


def bearing(
    text: str, sentence: tuple[int, int], start: int, end: int, kinds: Sequence[str]
) -> tuple[Cue, ...]:
    """The cues of these kinds in the sentence that bear on `text[start:end]`."""
    cues = find_cues(text, *sentence)
    return tuple(c for c in cues if c.kind in kinds and bears_on(text, c, start, end))
