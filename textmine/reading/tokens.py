"""Tokens: scispaCy's tokenizer, and a few more cuts, so that every name begins and ends a token.

scispaCy keeps "IL-2-induced", "IFN/STAT" and "p18(-/-)" whole, and with them 10-15% of the names in
molecular texts (BioNLP 2013 CG and PC): a name inside a token can be no span and no node of a tree.
Cut here: a hyphen before a word in lower case ("IL-2|-|induced", but "TGF-beta" stays), before a
second name ("Jak|-|STAT"), slashes, brackets inside a word, the signs of genotypes, a full stop at
the end of a name. With them 1% of those names remain inside a token.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable

from scispacy.custom_tokenizer import combined_rule_tokenizer
from spacy.language import Language
from spacy.language import create_tokenizer as create_default_tokenizer
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]

__all__ = ["build_tokenizer", "create_tokenizer"]

_DASH = "[-\u2010\u2011\u2012\u2013\u2212]"
_GREEK = "alpha|beta|gamma|delta|kappa|epsilon|zeta|lambda|omega|theta"
_INFIXES = (
    rf"(?<=[\w)\]+]){_DASH}(?=(?!(?:{_GREEK})(?![a-z]))[a-z]{{3,}})",  # IL-2-induced
    rf"(?<=[A-Za-z]{{3}}){_DASH}(?=[A-Z][A-Za-z]{{2,}})",  # Jak-STAT
    rf"(?<=[a-z]{{4}}){_DASH}(?=[A-Z])",
    rf"(?<=[0-9]){_DASH}(?=[A-Z][A-Za-z]{{2,}})",  # Nrf2-ARE
    r"/",
    r"(?<=\w)[(\[](?=[\w+\-\u2212])",
    r"(?<=\w)[)\]](?=[\w-])",
    r"(?<=\w)[+\-\u2212]/[+\-\u2212]",  # Men1+/-
    r"(?<=[a-z0-9])\+(?=[-A-Za-z/])",
    r"::",
    r"--+",
    r"(?<=[a-z]{3})\.(?=[A-Za-z])",
    r"(?<=\w):(?=\w)",
)
_SUFFIXES = (
    r"(?<=\w)[+\-\u2212]/[+\-\u2212]",
    r"(?<=[A-Za-z0-9)\]])\.",
    r"(?<=[\w)])-",
)


def build_tokenizer(nlp: Language) -> Tokenizer:
    """The tokenizer for `nlp`. Nothing is lost: the tokens and blanks give the text back."""
    with warnings.catch_warnings():
        # A pattern of scispaCy's tokenizer holds "[[", which a later Python may read as a set.
        warnings.filterwarnings("ignore", "Possible", FutureWarning)
        if not hasattr(nlp, "tokenizer"):
            # Built from a config: scispaCy starts from spaCy's own, which is not there yet.
            nlp.tokenizer = create_default_tokenizer()(nlp)
        tokenizer = combined_rule_tokenizer(nlp)
        infixes = tokenizer.infix_finditer.__self__.pattern
        suffixes = tokenizer.suffix_search.__self__.pattern
        tokenizer.infix_finditer = re.compile("|".join((infixes, *_INFIXES))).finditer
        ends = (f"(?:{suffix})$" for suffix in _SUFFIXES)
        tokenizer.suffix_search = re.compile("|".join((suffixes, *ends))).search
    return tokenizer


def create_tokenizer() -> Callable[[Language], Tokenizer]:
    """For spaCy's registry of tokenizers (entry point `textmine.tokenizer.v1`)."""
    return build_tokenizer
