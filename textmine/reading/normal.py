"""The normal form in which names are looked up: atoms, folded, with their offsets.

A text is cut into atoms: runs of letters, runs of digits, single Greek letters, `/` and `+`.
Case, Greek letters and their names, hyphens and blanks, plural s, subscript digits and British
spelling are folded away, so that "TGF-β1", "TGFβ1" and "TGF beta-1" give the same atoms. What was
folded stays known (`Atom.raw`, `Atom.joint`), because case and glue are evidence of their own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

__all__ = ["GREEK", "Atom", "atoms", "fold_word", "forms", "key"]

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ϵ": "epsilon",
    "ζ": "zeta", "η": "eta", "θ": "theta", "ϑ": "theta", "ι": "iota", "κ": "kappa", "ϰ": "kappa",
    "λ": "lambda", "μ": "mu", "µ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho",
    "σ": "sigma", "ς": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "ϕ": "phi", "χ": "chi",
    "ψ": "psi", "ω": "omega", "ß": "beta",
}  # fmt: skip
_LATIN = {"alpha": "a", "beta": "b", "gamma": "g", "delta": "d", "epsilon": "e", "kappa": "k"}
_NAMES = frozenset(GREEK.values())
_GREEK_CLASS = "Ͱ-Ͽµß"
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹", "01234567890123456789")
_ATOM = re.compile(
    rf"[A-Z]{{2,}}(?=(?:alpha|beta|gamma|delta|epsilon|kappa)(?![a-z]{{2}}))"
    r"|(?:alpha|beta|gamma|delta|epsilon|kappa)(?=[A-Z\d]|[^\w]|$)"
    rf"|[{_GREEK_CLASS}]"
    rf"|[^\W\d_{_GREEK_CLASS}₀-₉⁰¹²³⁴-⁹]+"
    r"|[\d₀-₉⁰¹²³⁴-⁹]+"
    r"|[/+]"
)
_POSSESSIVE = re.compile(r"['’]s\b")
_BLANK = " \u00a0\u2009\u202f\u2005\u2002\u2003"
_HYPHEN = "-‐‑‒–—−\u00ad"
_JOINT = re.compile(rf"(?:['’]s)?(?:[{_BLANK}]{{0,2}}|[{_BLANK}]?[{_HYPHEN}][{_BLANK}]?|[,(\[)\]])")
# British spellings that a plain ae -> e does not reach
_OE = ("oedem", "oesoph", "oestr", "coelia", "diarrhoe", "foet", "homoeo")
_OUR = ("tumour", "behaviour", "colour", "harbour", "odour", "humour")


class Atom(NamedTuple):
    """`norm`: folded; `raw`: letters as written (no plural s, Greek by name); `joint`: what stands
    between the atom before and this one ("" = glued), or None if a name cannot go on across it."""

    norm: str
    raw: str
    start: int
    end: int
    joint: str | None


@lru_cache(maxsize=100_000)
def fold_word(word: str) -> tuple[str, str]:
    """(folded, as written without the plural s) of one run of letters.

    >>> fold_word("Tumours"), fold_word("HSCs"), fold_word("fibrosis")
    (('tumor', 'Tumour'), ('hsc', 'HSC'), ('fibrosis', 'fibrosis'))
    """
    raw = word
    if (
        len(word) >= 3
        and word.endswith("s")
        and not word.endswith(("ss", "us", "is"))
        and (len(word) >= 4 or word[-2].isupper())
    ):
        raw = word[:-1]
        if len(word) > 4 and word.endswith("ies"):
            raw = word[:-3] + "y"
        elif len(word) > 5 and word.endswith(("sses", "xes", "ches", "shes")):
            raw = word[:-2]
    folded = raw.casefold()
    if len(folded) > 4:
        folded = folded.replace("ae", "e")
        if any(part in folded for part in _OE):
            folded = folded.replace("oe", "e")
        if any(part in folded for part in _OUR):
            folded = folded.replace("our", "or")
        folded = folded.replace("fibre", "fiber") if folded.startswith("fibre") else folded
        folded = folded.replace("signall", "signal").replace("labell", "label")
        folded = re.sub(r"is(ed|ing|ation)$", r"iz\1", folded)
    return folded, raw


def atoms(text: str, start: int = 0, end: int | None = None) -> list[Atom]:
    """The atoms of `text[start:end]`, with offsets into `text`."""
    stop = len(text) if end is None else end
    out: list[Atom] = []
    last = -1
    position = start
    while (found := _ATOM.search(text, position, stop)) is not None:
        word, at, to = found.group(), found.start(), found.end()
        position = to
        if word == "s" and last >= 0 and _POSSESSIVE.fullmatch(text, last, to):
            continue  # "Wharton's jelly" reads as "Wharton jelly"
        first = word[0]
        if first in GREEK or first.casefold() in GREEK:
            norm = raw = GREEK[first if first in GREEK else first.casefold()]
        elif first.isalpha():
            norm, raw = fold_word(word)
            if norm in _NAMES:
                raw = norm
        elif first in "/+":
            norm = raw = word
        else:
            norm = raw = word.translate(_DIGITS)
        out.append(Atom(norm, raw, at, to, _joint(text, last, at, out)))
        last = to
    return out


def _joint(text: str, last: int, at: int, before: list[Atom]) -> str | None:
    if last < 0:
        return None
    if last == at:
        return ""
    gap = text[last:at]
    if gap == ". " and len(before[-1].raw) == 1 and before[-1].raw.isupper():
        return " "  # "E. coli"
    if _JOINT.fullmatch(gap) is None:
        return None
    return gap


def key(parts: list[Atom]) -> str:
    """The key under which a name is kept.

    >>> key(atoms("TGF-β1")) == key(atoms("TGFbeta1")) == "tgf beta 1"
    True
    """
    return " ".join(part.norm for part in parts)


def forms(name: str, *, latin: bool = True) -> dict[str, str]:
    """The keys of a name -> its letters as written; with `latin`, "α" may also be written "a".

    >>> sorted(forms("IFN-γ"))
    ['ifn g', 'ifn gamma', 'ifng']
    """
    parts = atoms(name)
    out = {key(parts): "".join(part.raw for part in parts)}
    greek = [n for n, part in enumerate(parts) if part.norm in _LATIN]
    if not latin or len(greek) != 1 or len(parts) < 2:
        return out
    at = greek[0]
    letter = _LATIN[parts[at].norm]
    norms = [part.norm for part in parts]
    raws = [part.raw for part in parts]
    raws[at] = letter
    raw = "".join(raws)
    norms[at] = letter
    out.setdefault(" ".join(norms), raw)
    if at > 0 and norms[at - 1].isalpha():
        joined = [*norms[: at - 1], norms[at - 1] + letter, *norms[at + 1 :]]
        out.setdefault(" ".join(joined), raw)
    if at + 1 < len(norms) and norms[at + 1].isalpha():
        joined = [*norms[:at], letter + norms[at + 1], *norms[at + 2 :]]
        out.setdefault(" ".join(joined), raw)
    return out
