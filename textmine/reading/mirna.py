"""microRNA names: found in all their spellings, lists told apart, brought to one normal form.

The normal form is `miR-<number><letter>?(-<arm>)?` or `let-7<letter>?(-<arm>)?` (miRBase
nomenclature, Ambros et al. 2003). "miR-29a/b/c", "miRs-21 and -146a" and "miR-151-3p, -483-5p and
-687" give one mention per member, each with its own span. A name without arm stays without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from textmine.reading.candidates import Candidate
from textmine.records import Concept

__all__ = ["CURIE_PREFIX", "GENERIC", "find_mirnas", "parents", "perturbation_hint"]

CURIE_PREFIX = "textmine:mir/"
GENERIC = Concept("textmine:mirna", "miRNA", 1.0, "generic class")

_D = r"[-\u2010-\u2015\u2212\ufe63\uff0d]"
_SPECIES = (
    "hsa|mmu|rno|ssc|bta|gga|cfa|ocu|mml|ptr|dre|dme|cel|xtr|xla|eca|oar|chi|cgr|ath|osa|zma|"
    "gma|bmo|ebv|kshv|hcmv|efu|mdo|cpo"
)
_HEAD = re.compile(
    rf"(?<![A-Za-z0-9])(?P<prefix>(?:(?:anti|pre|pri|pro){_D}?)?(?:(?:{_SPECIES})[-_\u2010-\u2015\u2212])?)"
    rf"(?:(?P<let>(?:(?:mi[Rr]|MI[Rr]|Mi[Rr]){_D}?)?(?i:let)(?:{_D}|\s)?7)"
    rf"|(?P<drug>(?i:(?:antagomi|agomi)rs?)(?:{_D}|\s)?(?:(?i:mir){_D}?)?)"
    rf"|(?P<word>(?i:micro(?:{_D}|\s)?RNA|mi{_D}?RNA|mir)(?P<plural>[sS])?)(?P<gap>\s?{_D}\s?|_|\s|))"
)
_ITEM = re.compile(
    rf"(?P<number>\d{{1,5}})(?P<letter>[a-zA-Z](?![a-zA-Z]))?"
    rf"(?P<cluster>(?:{_D}|[~∼])\d{{2,3}}[a-z]?(?![\dA-Za-z]))?"
    rf"(?P<copy>{_D}\d(?![\dpP]))?"
    rf"(?P<arm>(?:{_D}|[_\s])?[35][pP](?![A-Za-z0-9])|\([35]p\))?(?P<star>\*)?(?![A-Za-z0-9])"
)
_LET_ITEM = re.compile(
    rf"(?P<letter>[a-lA-L](?![a-zA-Z]))?(?P<copy>{_D}\d(?![\dpP]))?"
    rf"(?P<arm>(?:{_D}|[_\s])?[35][pP](?![A-Za-z0-9]))?(?P<star>\*)?(?![A-Za-z0-9])"
)
_AND = re.compile(
    r"\s*(?P<slash>[/∕])\s*|\s*,\s*(?:and\s+|or\s+|as well as\s+)?|\s+(?:and|or|&)\s+"
)
_LETTER = re.compile(rf"(?P<dash>{_D})?(?P<letter>[a-z])(?P<arm>{_D}[35]p)?(?![A-Za-z0-9])")
_ARM = re.compile(rf"{_D}?(?P<arm>[35])p(?![A-Za-z0-9])")
_GROUP = re.compile(rf"(?:\s|{_D})(?P<kind>family|cluster)(?:\smembers?)?(?![A-Za-z])")
_LETTER_RANGE = re.compile(rf"{_D}(?P<letter>[a-z])(?![A-Za-z0-9])")
# "microRNA 24 h after": a number with a unit is no name.
_UNIT = re.compile(
    r"\s?(?:h|hrs?|hours?|min|days?|weeks?|months?|years?|nt|bp|mg|kg|ml|mL|µg|μg|ng|fold|%|mice|rats|"
    r"patients|samples|genes|targets|times)\b|%"
)
_KNOCK = re.compile(
    r"(?:^|\W)(?:(?P<inhibition>inhibitors?|antagomi[rR]s?|anti|sponges?|antisense|LNA|decoys?|inhibition|"
    r"blockade|blocking)|(?P<knock_down>knock-?\s?down|KD|silenc\w+|deplet\w+|KO|knock-?\s?out|deficient|"
    r"lacking|downregulation)|(?P<overexpression>mimics?|agomi[rR]s?|overexpress\w+|over-express\w+|OE|"
    r"precursors?|transfect\w+|upregulation))(?:\W|$)"
)


def find_mirnas(text: str) -> list[Candidate]:
    """Every miRNA name in the text, in order; "miRNAs" without a number has the generic concept."""
    found: list[Candidate] = []
    at = 0
    while (head := _HEAD.search(text, at)) is not None:
        members = list(_members(text, head))
        if members:
            found.extend(members)
            at = members[-1].end
        else:
            at = head.end() if head.end() > at else at + 1
            generic = _generic(text, head)
            if generic is not None:
                found.append(generic)
    return found


def _generic(text: str, head: re.Match[str]) -> Candidate | None:
    word = head["word"]
    if word is None or (word.lower() == "mir") or (word.lower() == "mirs" and word != "miRs"):
        return None
    start, end = head.start("word"), head.end("word")
    if head["prefix"].startswith(("pre", "pri")):
        start = head.start()
    if text[end : end + 1].isalnum():
        return None
    return Candidate(start, end, "MIRNA", (GENERIC,), "mirna")


def _members(text: str, head: re.Match[str]) -> Iterator[Candidate]:
    """The first name after a head and the shortened ones that follow it."""
    is_let = head["let"] is not None
    item = (_LET_ITEM if is_let else _ITEM).match(text, head.end())
    if item is None or (is_let and text[head.end() : head.end() + 1].isdigit()):
        return
    if not is_let:
        if head["gap"] is not None and head["gap"].isspace() and _UNIT.match(text, item.end()):
            return
        if head["word"] and head["word"].lower() == "mirs" and not head["gap"]:
            return
    plural = bool(head["plural"])
    base = _Name.of(item, is_let)
    names = [(head.start(), item.end(), base)]
    end = item.end()
    if base.letter and (more := _LETTER_RANGE.match(text, end)) and more["letter"] > base.letter:
        end = more.end()
        names.append((more.start("letter"), end, base.with_letter(more["letter"])))
    while (joint := _AND.match(text, end)) is not None:
        following = _continuation(text, joint, names[-1][2], plural)
        if following is None:
            break
        names.append(following)
        end = following[1]
    names = _share_arm(text, names)
    group = _GROUP.match(text, end)
    for number, (start, stop, name) in enumerate(names):
        last = number == len(names) - 1
        if group is not None and last and len(names) == 1:
            stop = group.end()
        yield Candidate(start, stop, "MIRNA", (name.concept(elliptic=number > 0),), "mirna")


def _continuation(
    text: str, joint: re.Match[str], before: _Name, plural: bool
) -> tuple[int, int, _Name] | None:
    at, slash = joint.end(), joint["slash"] is not None
    if before.arm and (arm := _ARM.match(text, at)) and arm["arm"] != before.arm:
        return at, arm.end(), before.with_arm(arm["arm"])
    letter = _LETTER.match(text, at)
    if (
        letter
        and before.letter
        and letter["letter"] > before.letter
        and (slash or not letter["dash"])
    ):
        return at, letter.end(), before.with_letter(letter["letter"], _arm(letter["arm"]))
    if before.is_let:
        match = re.compile(rf"{_D}?7(?=[a-l])").match(text, at)
        item = _LET_ITEM.match(text, match.end()) if match else None
        if match and item and item["letter"]:
            return at, item.end(), _Name.of(item, True)
    dash = re.compile(_D).match(text, at)
    item = _ITEM.match(text, dash.end() if dash else at)
    if item is None or len(item["number"]) > 4:
        return None
    if (
        dash
        or slash
        or ((plural or item["letter"] or item["arm"]) and not _UNIT.match(text, item.end()))
    ):
        if not dash and not slash and not (item["arm"] or plural):
            return None  # "miR-21 and 5d": too little to be a name
        return at, item.end(), _Name.of(item, False)
    return None


def _share_arm(text: str, names: list[tuple[int, int, _Name]]) -> list[tuple[int, int, _Name]]:
    """In "miR-29a/b/c-3p" the arm at the end is everybody's."""
    last = names[-1][2]
    if len(names) < 2 or not last.arm or any(n.arm for _, _, n in names[:-1]):
        return names
    same = all(n.number == last.number and n.letter for _, _, n in names)
    slashes = (
        "/" in text[names[0][1] : names[-1][0] + 1] and "," not in text[names[0][1] : names[-1][0]]
    )
    if not (same and slashes):
        return names
    return [(start, end, name.with_arm(last.arm)) for start, end, name in names]


def _arm(text: str | None) -> str:
    return next((c for c in text or "" if c in "35"), "")


class _Name:
    """The parts of one name."""

    __slots__ = ("arm", "cluster", "copy", "is_let", "letter", "number", "star")

    def __init__(
        self,
        number: str,
        letter: str = "",
        arm: str = "",
        *,
        cluster: str = "",
        copy: str = "",
        star: bool = False,
        is_let: bool = False,
    ) -> None:
        self.number, self.letter, self.arm = number, letter.lower(), arm
        self.cluster, self.copy, self.star, self.is_let = cluster, copy, star, is_let

    @classmethod
    def of(cls, item: re.Match[str], is_let: bool) -> _Name:
        groups = item.groupdict()
        return cls(
            "7" if is_let else str(int(groups["number"])),
            groups["letter"] or "",
            _arm(groups["arm"]),
            cluster=(groups.get("cluster") or "")[1:],
            copy=(groups.get("copy") or "")[1:],
            star=bool(groups["star"]),
            is_let=is_let,
        )

    def with_letter(self, letter: str, arm: str = "") -> _Name:
        return _Name(self.number, letter, arm or self.arm, is_let=self.is_let)

    def with_arm(self, arm: str) -> _Name:
        return _Name(
            self.number, self.letter, arm, cluster=self.cluster, copy=self.copy, is_let=self.is_let
        )

    def concept(self, *, elliptic: bool) -> Concept:
        arm = self.arm or ("3" if self.star else "")
        stem = "let-" if self.is_let else "miR-"
        name = f"{stem}{self.number}{self.letter}"
        if self.cluster:
            name += f"-{self.cluster}"
        if self.copy:
            name += f"-{self.copy}"
        if arm:
            name += f"-{arm}p"
        if self.star and not self.arm:
            return Concept(CURIE_PREFIX + name, name, 0.8, "old star form read as the 3p arm")
        reason = "shortened in a list" if elliptic else "miRNA name"
        return Concept(CURIE_PREFIX + name, name, 0.95 if elliptic else 1.0, reason)


def parents(curie: str) -> tuple[str, ...]:
    """What a miRNA concept is a kind of, nearest first: the armless name, the family, "miRNA".

    >>> parents("textmine:mir/miR-29a-3p")
    ('textmine:mir/miR-29a', 'textmine:mir/miR-29', 'textmine:mirna')
    """
    if not curie.startswith(CURIE_PREFIX):
        return ()
    name = curie.removeprefix(CURIE_PREFIX)
    above: list[str] = []
    for pattern in (r"-[35]p$", r"(?<=\d[a-z])-\d$|(?<=\d)-\d$", r"(?<=\d)[a-z]$"):
        shorter = re.sub(pattern, "", name)
        if shorter != name and re.search(r"\d", shorter):
            if not (shorter == "let" or shorter.endswith("-")):
                above.append(CURIE_PREFIX + shorter)
            name = shorter
    return (*above, GENERIC.curie)


def perturbation_hint(text: str, start: int, end: int) -> str | None:
    """How the text meddles with the miRNA at text[start:end]: "inhibition", "knock_down",
    "overexpression", or None when the words beside it say nothing.

    Reads the mention itself, up to three words before it and two after.
    """
    inside = _KNOCK.search(
        text[start:end].replace("antagomi", "antagomir ").replace("agomi", "agomir ")
    )
    lowered = text[start:end].lower()
    if lowered.startswith(("antagomi", "anti")):
        return "inhibition"
    if lowered.startswith("agomi"):
        return "overexpression"
    after = re.match(r"(?:[\s-]*[\w-]+){0,2}", text[end : end + 40])
    before = re.search(r"(?:[\w-]+\s+){0,3}$", text[max(0, start - 40) : start])
    for found in (
        inside,
        _KNOCK.search(after.group() + " ") if after else None,
        _KNOCK.search(" " + before.group()) if before else None,
    ):
        if found is not None:
            return str(found.lastgroup)
    return None
