"""Parts of speech for the relation reader: the reading of a word that its neighbours allow."""

# ruff: noqa: SIM905
from __future__ import annotations

from textmine.reading.triggers import Token

__all__ = [
    "BE",
    "CONJ",
    "DET",
    "HAVE",
    "HEDGED_MODAL",
    "MODAL",
    "NEG",
    "PREP",
    "PRON",
    "REL",
    "SPLIT",
    "tag",
]

BE = frozenset("is are was were be been being am".split())
HAVE = frozenset("has have had having".split())
MODAL = frozenset("may might could can would should will must do does did cannot".split())
HEDGED_MODAL = frozenset("may might could".split())
PREP = frozenset(
    """of in on by via through with without to from into after before upon following during under at
    against for between among than versus vs as towards toward within throughout across once per
    onto despite using because due since until regarding concerning including over besides
    like unlike when if where owing thanks""".split()
)
CONJ = frozenset("and or but nor while whereas although though yet & whilst albeit so plus".split())
SPLIT = frozenset("while whereas although though whilst albeit".split())
DET = frozenset(
    """the a an this these those that such its their his her our some any all both each most many
    several other another either various certain same no more-or-less two three four""".split()
)
NEG = frozenset("not neither nor never n't hardly barely scarcely".split())
PRON = frozenset("it they this these latter former both them itself that those he she".split())
REL = frozenset("which that who whose".split())


def tag(tokens: list[Token]) -> None:
    """Chooses a part of speech for every token, from its readings and its neighbours."""
    for i, t in enumerate(tokens):
        if t.mention is not None:
            continue
        prev = tokens[i - 1] if i else None
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        t.pos = _pos(t, prev, after, tokens, i)


def _pos(t: Token, prev: Token | None, after: Token | None, tokens: list[Token], i: int) -> str:
    low = t.low
    if low in ("'", "′", "’"):
        return "word"
    if not low[0].isalnum():
        return "punct"
    if low[0].isdigit():
        return "number"
    if t.glued and (
        t.reading("participle")
        or (low.endswith("ed") and prev is not None and prev.mention is not None)
    ):
        return "hyph"
    if low in ("down", "up") and after is not None and after.low.startswith("regulat"):
        return "adverb"
    if _unhyphened(t, tokens, i):
        return "hyph"
    if low in BE:
        return "be"
    if low in ("whether", "if"):
        return "conj"
    if (
        low in ("this", "these", "those", "both")
        and after is not None
        and after.mention is None
        and (
            after.low in BE | MODAL
            or (after.reading("verb") and not after.reading("noun") and not _has_form(after, "ing"))
        )
    ):
        return "pron"
    if low == "both" and after is not None and after.low in ("down", "up", "back"):
        return "pron"
    if low in MODAL:
        return "modal"
    if low in NEG:
        return "neg"
    if (
        low in ("longer", "more")
        and prev is not None
        and prev.low == "no"
        and after is not None
        and (after.mention is None and after.reading("verb") is not None)
    ):
        return "adverb"
    if low == "following" and prev is not None and prev.pos in ("det", "adj"):
        return "adj"
    if low in CONJ:
        return "conj"
    if low == "that" or low in REL:
        return "rel"
    if low in PREP:
        return "prep"
    if low in DET:
        return "det"
    if low in PRON:
        return "pron"
    verb, noun = t.reading("verb"), t.reading("noun")
    adjective, pert = t.reading("adjective"), t.reading("perturbation")
    nounish_before = _nounish(tokens, i)
    heads = after is not None and (
        after.mention is not None
        or (
            after.pos == "word"
            and after.low.isalpha()
            and after.low not in BE | MODAL | PREP | CONJ | NEG | REL
            and not after.reading("verb")
        )
    )
    if t.suspended and verb is None:
        return "suspended" if low in ("up", "down") else "word"
    if verb is not None:
        forms = verb.forms
        past = "past" in forms or "part" in forms
        if "ing" in forms:
            if (
                prev is not None
                and prev.low in ("by", "via", "through", "without", "for", "in")
                and heads
            ):
                return "ing"
            if (pert or noun) and (after is None or after.low == "of" or nounish_before):
                return "noun"
            if noun and noun.cls == "treatment" and prev is not None and prev.mention is not None:
                return "noun"
            if prev is not None and prev.mention is not None and pert and not heads:
                return "noun"
            return "ing"
        if low in HAVE:
            return "verb"
        if past and "base" not in forms:
            if _neither(tokens, i):
                return "verb"
            opening = prev is not None and prev.low in ("that", "while", "whereas", "but")
            opening = opening or (prev is not None and prev.low == "," and i <= 3)
            if opening and heads and adjective is not None and _finite_later(tokens, i):
                return "adj"
            if prev is None or nounish_before:
                if heads or (
                    after is not None
                    and (
                        after.pos == "word"
                        and after.low.isalpha()
                        and after.low not in PREP | BE | CONJ | REL | DET
                    )
                ):
                    return "adj"
                if prev is not None and prev.pos == "det":
                    return "adj"
            if prev is not None and prev.pos in ("verb", "ing", "adverb") and heads:
                k = i - 1
                while k > 0 and tokens[k].pos == "adverb":
                    k -= 1
                if (tokens[k].pos in ("verb", "ing") and tokens[k].low not in HAVE) or (
                    tokens[k].low in HAVE and adjective is not None
                ):
                    return "adj"
            if prev is not None and prev.low in ("and", "or", ",") and adjective and heads:
                # "enhanced X and reduced Y": like the first member
                for k in range(i - 2, max(-1, i - 12), -1):
                    if tokens[k].pos == "adj" and tokens[k].reading("verb"):
                        return "adj"
                    if tokens[k].pos in ("verb", "ing", "be"):
                        break
            return "verb"
        if noun is not None or pert is not None:
            if nounish_before:
                return "noun"
            if (
                ("s" in forms or (noun is not None and noun.cls == "plain"))
                and (prev is None or prev.pos in ("word", "noun"))
                and not any(x.mention is not None for x in tokens[:i])
                and not (prev is not None and prev.low in ("we", "who", "i"))
            ):
                return "noun"
            if "s" not in forms and prev is not None and prev.mention is not None:
                if after is None or after.low in BE or after.low in ("in", "of", "caused", "by"):
                    return "noun"
                if after.low in ("and", "or", ",", ".", ")", ";") and "base" in forms:
                    return "noun"
                if after.reading("verb") and after.mention is None:
                    return "noun"
            if after is not None and after.low in ("of",) and (prev is None or prev.pos != "modal"):
                return "noun"
            if prev is None and after is not None and after.low in ("in", "on"):
                return "noun"
        if (
            adjective is not None
            and (
                nounish_before
                or prev is None
                or prev.pos in ("be", "verb", "adverb", "conj", "ing")
            )
            and not (
                prev is not None
                and prev.pos == "conj"
                and heads
                and noun is None
                and low == "lower"
                and _verb_before(tokens, i)
            )
        ):
            return "adj"
        return "verb"
    if pert is not None and noun is None and adjective is None:
        return "noun"
    if noun is not None and (adjective is None or prev is None or prev.pos != "be"):
        return "noun"
    if adjective is not None:
        return "adj"
    if pert is not None:
        return "noun"
    if (low.endswith("ly") and len(low) > 4) or low in (
        "also",
        "then",
        "thereby",
        "thus",
        "only",
        "still",
        "even",
        "nevertheless",
        "nonetheless",
        "however",
        "indeed",
        "often",
        "always",
        "further",
        "subsequently",
        "likewise",
        "again",
        "much",
        "far",
        "once",
        "moreover",
        "too",
        "instead",
        "partly",
        "almost",
        "rather",
        "largely",
        "twice",
    ):
        return "adverb"
    return "word"


def _unhyphened(t: Token, tokens: list[Token], i: int) -> bool:
    """ "against X induced Y", without the hyphen: behind a preposition, in a clause with a verb."""
    r = t.reading("participle")
    if r is None or r.cls not in ("increase", "affect") or not 1 < i < len(tokens) - 1:
        return False
    before, after = tokens[i - 1].mention, tokens[i + 1]
    if before is None:
        return False
    if after.mention is None:
        # "the X mediated delivery of Y"
        named = after.is_class("noun", "deliver", "increase", "decrease") and not (
            before.text.endswith("s") or after.low.endswith("ed")
        )
        return named and i > 1 and tokens[i - 2].low in ("the", "a", "an") and t.low == "mediated"
    k = i - 1
    while k > 0 and (tokens[k].mention is not None or tokens[k].low in ("or", "and", "/")):
        k -= 1
    if tokens[k].low not in ("against", "of", "on", "during"):
        return False
    return any(x.pos in ("verb", "be", "modal") for x in tokens[:k])


def _has_form(token: Token, form: str) -> bool:
    verb = token.reading("verb")
    return verb is not None and form in verb.forms


def _nounish(tokens: list[Token], i: int) -> bool:
    """Does a determiner, an adjective or a preposition before `i` ask for a noun?"""
    k = i - 1
    if (k >= 0 and tokens[k].pos in ("hyph", "number")) or (
        k >= 0 and tokens[k].glued and (tokens[k].pos != "mention")
    ):
        return True
    while k >= 0 and (
        tokens[k].pos in ("adj", "ing") or (tokens[k].pos == "word" and tokens[k].low.isalpha())
    ):
        if tokens[k].pos == "adj":
            return True
        k -= 1
    return k >= 0 and (
        tokens[k].pos == "det"
        or (tokens[k].pos == "prep" and tokens[k].low != "to")
        or tokens[k].low in ("hardly", "no", "nor", "neither")
    )


def _finite_later(tokens: list[Token], i: int) -> bool:
    """Does a verb of its own follow the noun behind `i` ("that increased X raised Y")?"""
    seen = False
    for t in tokens[i + 1 : i + 10]:
        if t.mention is not None:
            seen = True
        elif t.low in BE | MODAL:
            return seen
        elif (verb := t.reading("verb")) is not None and not t.reading("noun"):
            return seen and ("past" in verb.forms or "s" in verb.forms)
        elif not t.low[0].isalnum() and t.low not in ("(", ")", "/", "-"):
            return False
    return False


def _neither(tokens: list[Token], i: int) -> bool:
    """ "X neither raised A nor lowered B": is `i` a verb of it?"""
    if i == 0 or tokens[i - 1].low not in ("neither", "nor"):
        return False
    at = next((k for k in range(i - 1, -1, -1) if tokens[k].low == "neither"), 0)
    return at > 0 and tokens[at - 1].pos in ("mention", "noun", "word")


def _verb_before(tokens: list[Token], i: int) -> bool:
    """Is the nearest verb before `i` a bare infinitive or plural form ("reduce X and lower Y")?"""
    for k in range(i - 2, -1, -1):
        if tokens[k].pos == "verb":
            r = tokens[k].reading("verb")
            return r is not None and "base" in r.forms
    return False
