"""Sentence ends, by rule: never across passages, never inside brackets.

PubMed abstracts have their own traps: "S. japonicum", "P < .05", "10. 5 mg", "et al.", a missing
blank after the stop, and sentences that begin with a lower-case name ("miR-122 ...", "α-SMA ...").
A statistical splitter costs more time than everything else here and errs on just these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from textmine.records import Passage

__all__ = ["SentenceSplitter", "sentence_spans", "split"]

_STOP = re.compile(r"[.!?。]+[\"'”’»)\]]*(?:\[\d[\d,\s–-]*\])?")
_BRACKETS = {")": "(", "]": "[", "}": "{"}
# A bracket that stays open longer than this is taken for a misprint, not for an aside.
_LONGEST_ASIDE = 600
# Never the end of a sentence, whatever follows.
_NEVER = re.compile(
    r"e\.g|i\.e|eg|ie|vs|cf|figs?|refs?|eqs?|approx|ca|viz|dr|prof|mrs?|ms|st|al|resp|nos?|var|subsp|"
    r"cv|str|incl|excl|vol|eds?|pp"
)
# The end of a sentence only if a common first word follows.
_SELDOM = re.compile(
    r"spp?|etc|inc|ltd|co|corp|jr|sr|i\.p|i\.v|s\.c|p\.o|i\.m|i\.n|u\.s|u\.k|ph\.d"
)
_STARTERS = re.compile(
    r"(?:The|This|These|Those|We|Our|In|It|Its|A|An|And|However|Here|There|Thus|Then|To|For|From|At|"
    r"By|On|Of|As|After|Before|All|Both|Most|Some|No|Not|Results?|Methods?|Conclusions?|Moreover|"
    r"Furthermore|Additionally|Finally|Further|Although|While|When|With|Mice|Rats|Patients|Their|They)\b"
)
_WORD_BEFORE = re.compile(r"([^\s()\[\]{}\"“”‘,;:]+)$")
# What may open a sentence though its first letter is small: miR-122, hUCMSC, mTOR, α-SMA, p53.
_SMALL_NAME = re.compile(
    r"(?:mi[Rr]|let-7|lnc|circ|[a-z]{1,6}[A-Z0-9]|[a-z]{1,4}-(?:[A-Z]|mi[Rr]|let)|"
    r"[α-ω]-?[a-z]{0,2}[A-Z0-9])"
)
_GLUED = re.compile(r"(?:[A-Z][a-z]{1,}(?=[\s,-])|A\s|[A-Z]{2,}[\w-]*\s[a-z])")
_UNIT = re.compile(r"\d+(?:\.\d+)?\s?(?:%|[µμmknu]?[gLlMmJ]\b|±|×|[-–]?fold\b|[),;])")


def sentence_spans(text: str, passages: Sequence[Passage] = ()) -> tuple[tuple[int, int], ...]:
    """The sentences of a text as (start, end), in order, outer white space left out.

    Text that no passage covers is read too, as a passage of its own.
    """
    spans: list[tuple[int, int]] = []
    for start, end in _stretches(len(text), ((p.start, p.end) for p in passages)):
        spans.extend(split(text, start, end))
    return tuple(spans)


def _stretches(length: int, passages: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The passages in order without overlaps, and the gaps between them."""
    stretches, at = [], 0
    for start, end in sorted(passages):
        if start > at:
            stretches.append((at, start))
        if end > max(start, at):
            stretches.append((max(start, at), end))
        at = max(at, end)
    if at < length:
        stretches.append((at, length))
    return stretches


def split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The sentences of text[start:end]."""
    closed = _asides(text, start, end)
    spans: list[tuple[int, int]] = []
    begin, aside = start, 0
    for match in _STOP.finditer(text, start, end):
        stop, after = match.start(), match.end()
        while aside < len(closed) and closed[aside][1] < stop:
            aside += 1
        if aside < len(closed) and closed[aside][0] < stop < closed[aside][1]:
            continue
        # A closing bracket taken in with the stop must not be the end of an aside begun before.
        if after < end and _ends(text, begin, stop, after, end):
            _append(spans, text, begin, after)
            begin = after
    _append(spans, text, begin, end)
    return spans


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))


def _asides(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Outermost bracketed stretches, in order; brackets without a partner do not count."""
    found: list[tuple[int, int]] = []
    open_at: list[tuple[str, int]] = []
    for match in re.finditer(r"[()\[\]{}]", text[start:end]):
        mark, at = match.group(), start + match.start()
        if mark in "([{":
            open_at.append((mark, at))
            continue
        for depth in range(len(open_at) - 1, max(-1, len(open_at) - 4), -1):
            if open_at[depth][0] == _BRACKETS[mark]:
                opened = open_at[depth][1]
                del open_at[depth:]
                if at - opened <= _LONGEST_ASIDE:
                    while found and found[-1][0] > opened:
                        found.pop()
                    found.append((opened, at))
                break
    return found


def _ends(text: str, begin: int, stop: int, after: int, end: int) -> bool:
    """Whether the stop at `stop` (its marks end at `after`) ends a sentence."""
    word_match = _WORD_BEFORE.search(text, max(begin, stop - 40), stop)
    word = word_match.group(1) if word_match else ""
    following = text[after : after + 40]
    if not following[0].isspace():
        return _ends_glued(text, stop, after, word, following)
    at = after
    while at < end and text[at].isspace():
        at += 1
    if at >= end:
        return False
    following = text[at : at + 40]
    first = following[0]
    if text[stop] != ".":
        return first.isupper() or first.isdigit() or bool(_SMALL_NAME.match(following))
    return _ends_at_period(text, begin, stop, word, following, first)


def _ends_at_period(
    text: str, begin: int, stop: int, word: str, following: str, first: str
) -> bool:
    bare = word.lower().lstrip("(['\"")
    if _NEVER.fullmatch(bare):
        # "No. 5" is a number, "was no. The" is none.
        return bare in {"no", "ed", "str"} and not first.isdigit() and first.isupper()
    if _SELDOM.fullmatch(bare):
        return bool(_STARTERS.match(following))
    if _initial(word):
        return _ends_after_initial(text, begin, stop - len(word), following, first)
    if first.isdigit() and word[-1:].isdigit():
        return _ends_between_digits(text, begin, stop, word, following)
    if first.isupper() or first.isdigit() or first in "([\"“‘'<>≥≤~∼#§*":
        return True
    if first.islower():
        return bool(_SMALL_NAME.match(following))
    return True


def _initial(word: str) -> bool:
    """S, J.P, U.S: capitals with stops between."""
    return bool(re.fullmatch(r"[A-Z](?:\.-?[A-Z])*", word))


def _ends_after_initial(text: str, begin: int, at: int, following: str, first: str) -> bool:
    if not (first.isupper() or first.isdigit()):
        return False
    if _STARTERS.match(following):
        return True
    # "vitamin C. Serum ...": a letter that closes a phrase follows a small word.
    before = text[max(begin, at - 30) : at].rstrip()
    return (
        bool(before)
        and before[-1].islower()
        and not re.search(r"(?:^|\s)(?:[A-Z][a-z.]*|and|by)$", before)
    )


def _ends_between_digits(text: str, begin: int, stop: int, word: str, following: str) -> bool:
    """ "10. 5 mg" and "P = 0. 03" are numbers torn apart; "in 2010. 25 mice ..." is not."""
    before = text[max(begin, stop - len(word) - 4) : stop - len(word)]
    if word == "0" or re.search(r"[<>=≤≥±~∼]\s*$", before):
        return False
    return not (len(word) <= 3 and _UNIT.match(following))


def _ends_glued(text: str, stop: int, after: int, word: str, following: str) -> bool:
    """ "cells.The results": the blank after the stop is missing."""
    if text[stop] != "." or not _GLUED.match(following):
        return False
    before = text[stop - 1]
    if before in ")]%" or after > stop + 1:
        return True
    if "/" in word or "@" in word or not re.search(r"[a-z]{2}$|\d$", word):
        return False
    return word.islower() or len(word) > 4 or word.isdigit()  # "Wnt.Akt" is no end


if not Doc.has_extension("passages"):
    Doc.set_extension("passages", default=())


@Language.factory(
    "textmine_sentences",
    assigns=["token.is_sent_start"],
    default_config={},
    retokenizes=False,
)
class SentenceSplitter:
    """Marks the first token of every sentence; `doc._.passages` holds (start, end) of passages."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name

    def __call__(self, doc: Doc) -> Doc:
        return self.set_annotations(doc, self.predict(doc))

    def predict(self, doc: Doc) -> tuple[tuple[int, int], ...]:
        passages = [Passage("abstract", start, end) for start, end in doc._.passages]
        return sentence_spans(doc.text, passages)

    def set_annotations(self, doc: Doc, spans: Sequence[tuple[int, int]]) -> Doc:
        starts = iter(spans)
        following = next(starts, None)
        for token in doc:
            first = False
            while following is not None and following[0] < token.idx + len(token):
                first = True
                following = next(starts, None)
            token.is_sent_start = first or token.i == 0
        return doc
