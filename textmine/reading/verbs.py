"""Verb groups of the relation reader: auxiliaries, negation, mood, the verb or adjective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textmine.reading.phrases import PhraseReader
from textmine.reading.tagging import HAVE, HEDGED_MODAL
from textmine.reading.triggers import Token

__all__ = ["VerbGroup", "VerbReader", "forms_of", "signed_by"]


@dataclass(slots=True)
class VerbGroup:
    """A verb with its auxiliaries, or a form of "be" with an adjective."""

    token: Token
    cls: str
    lemma: str
    passive: bool = False
    neg: bool = False
    null: bool = False
    hedged: bool = False
    adjective: bool = False
    again: bool = False
    infinitive: bool = False


class VerbReader(PhraseReader):
    """Reads "did not significantly alter", "failed to reduce", "was no longer seen"."""

    def group(self, i: int) -> tuple[VerbGroup | None, int]:
        """The verb group at `i` and where it ends; None where there is none."""
        neg = hedged = passive = infinitive = null = False
        be = again = False
        adverbs: list[str] = []
        j = i
        had = False
        while j < self.n:
            low, p = self.low(j), self.pos(j)
            if p == "neg" or (low == "no" and self.low(j + 1) in ("longer", "more")):
                if low == "not" and self.low(j + 1) in ("only", "just", "merely"):
                    j += 2
                    continue
                if low in ("neither", "nor") and not (be or j > i):
                    neg = True
                neg = True
                again = again or low == "no"
                j += 1 if low not in ("no",) else 2
                continue
            if p == "modal":
                # "could not lower" is past ability, "may not lower" is a guess
                unable = low == "could" and self.low(j + 1) in ("not", "neither", "hardly")
                unable = unable and self.low(j + 2) not in ("only", "just", "merely")
                hedged = hedged or (low in HEDGED_MODAL and not unable)
                neg = neg or low == "cannot"
                j += 1
                continue
            if p == "adverb" or (low in ("no",) and be and self.low(j + 1) == "longer"):
                adverbs.append(low)
                hedged = hedged or low in (
                    "potentially",
                    "possibly",
                    "likely",
                    "presumably",
                    "probably",
                    "perhaps",
                    "apparently",
                    "putatively",
                )
                j += 1
                continue
            if low == "likely":
                hedged = True
                j += 1
                continue
            if p == "be":
                be = True
                j += 1
                continue
            if low in HAVE and (
                self.pos(j + 1) in ("be", "adverb", "neg")
                or (
                    self.pos(j + 1) == "verb"
                    and "part" in (self._verb_forms(j + 1))
                    and self.low(j + 1) not in HAVE
                )
            ):
                if self.pos(j + 1) == "adverb" and self.pos(j + 2) not in ("be", "verb"):
                    break
                had = True
                j += 1
                continue
            if low == "to":
                infinitive = True
                j += 1
                continue
            break
        if j >= self.n:
            return None, j
        t = self.t[j]
        r = t.reading("verb")
        if be and t.pos == "ing" and r is not None and r.cls in ("target", "increase", "decrease"):
            return VerbGroup(t, r.cls, r.lemma, False, neg, null, hedged), j + 1
        if (t.pos == "verb" and r is not None) or (infinitive and r is not None):
            assert r is not None
            if r.cls in ("fail", "seem") and self.low(j + 1) == "to":
                inner, end = self.group(j + 2)
                if inner is not None:
                    inner.neg = inner.neg or neg or r.cls == "fail"
                    inner.null = inner.null or r.lemma == "tend" or null
                    inner.hedged = inner.hedged or hedged or (r.cls == "seem" and r.lemma != "tend")
                    return inner, end
            if (be or had) and r.cls in ("report", "ask", "light") and self.low(j + 1) == "to":
                inner, end = self.group(j + 2)
                if inner is not None:
                    inner.neg = inner.neg or neg
                    inner.hedged = inner.hedged or hedged
                    return inner, end
            passive = be and "part" in r.forms and r.cls not in ("rise", "fall")
            cls = signed_by(r.cls, [*adverbs, self.low(j - 1)])
            return VerbGroup(
                t, cls, r.lemma, passive, neg, null, hedged, again=again, infinitive=infinitive
            ), j + 1
        if t.suspended and r is None and not be:
            return VerbGroup(t, "increase" if t.low == "up" else "decrease", t.low), j + 1
        if be or neg:
            # an adjective or a noun as predicate
            if t.pos == "suspended" or t.suspended:
                cls = "increase" if t.low == "up" else "decrease"
                return VerbGroup(t, cls, t.low, True, neg), j + 1
            k = j
            while (
                self.pos(k) in ("det", "adverb", "number", "word")
                and k < j + 4
                and not self.t[k].reading("adjective")
            ):
                if self.pos(k) == "word" and not self.t[k].low.isalpha():
                    break
                neg = neg or self.low(k) == "no"
                k += 1
            if (
                self.low(k) == "as"
                and k + 1 < self.n
                and be
                and self.t[k + 1].is_class("adjective", "effective")
            ):
                return VerbGroup(
                    self.t[k + 1], "effective", "effective", False, neg, null, hedged, True
                ), k + 2
            if k < self.n:
                a = self.t[k].reading("adjective")
                nxt = self.t[k + 1].reading("adjective") if k + 1 < self.n else None
                if (
                    a is not None
                    and be
                    and a.cls in ("more", "less")
                    and nxt is not None
                    and (nxt.cls in ("effective", "better", "worse"))
                ):
                    return VerbGroup(
                        self.t[k + 1], nxt.cls, nxt.lemma, False, neg, null, hedged, True
                    ), k + 2
                if a is not None and be:
                    if a.cls in ("unable", "able") and self.low(k + 1) == "to":
                        inner, end = self.group(k + 2)
                        if inner is not None:
                            inner.neg = inner.neg or a.cls == "unable" or neg
                            inner.hedged = inner.hedged or hedged
                            return inner, end
                    return VerbGroup(
                        self.t[k], a.cls, a.lemma, False, neg, null, hedged, True
                    ), k + 1
            return VerbGroup(t, "be", "be", False, neg, null, hedged), j
        return None, i

    def _verb_forms(self, j: int) -> tuple[str, ...]:
        r = self.t[j].reading("verb") if j < self.n else None
        return r.forms if r is not None else ()


def signed_by(cls: str, adverbs: Sequence[str]) -> str:
    """ "negatively regulates": the adverb gives the sign that the verb has not."""
    if cls == "affect":
        if "negatively" in adverbs or "down" in adverbs:
            return "decrease"
        if "positively" in adverbs or "up" in adverbs:
            return "increase"
    return cls


def forms_of(verb: VerbGroup) -> tuple[str, ...]:
    r = verb.token.reading("verb")
    return r.forms if r is not None else ()
