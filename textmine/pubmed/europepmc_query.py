"""A PubMed search in Europe PMC's words.

PubMed writes `word[tiab]`, Europe PMC `TITLE_ABS:word`; each quietly misreads the other's. A search
without any tag is taken for Europe PMC's own and goes as it is. Operators stand in brackets, from
left to right as PubMed reads them. MeSH terms are matched as keywords, without the narrower terms
that PubMed adds: `differences` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from textmine.errors import ConfigError

__all__ = ["differences", "europepmc_query"]

_TOKEN = re.compile(
    r'\s*(?:(?P<open>\()|(?P<close>\))|(?P<op>AND|OR|NOT)(?=[\s("]|$)|\[(?P<tag>[^\[\]]*)\]'
    r'|(?P<phrase>"[^"]*")|(?P<word>[^\s()"\[\]]+))'
)
_TITLE_ABSTRACT = ("TITLE_ABS",)
_FIELDS: dict[str, tuple[str, ...]] = {
    name: fields
    for names, fields in (
        ("tiab|title/abstract", _TITLE_ABSTRACT),
        ("tw|text word|text words", ("TITLE_ABS", "KW")),
        ("all|all fields", ("TITLE_ABS", "KW")),
        ("ti|title", ("TITLE",)),
        ("ab|abstract", ("ABSTRACT",)),
        ("mh|mesh|mesh terms|mesh term|ot|other term|majr|mesh major topic", ("KW",)),
        ("pt|ptyp|publication type", ("PUB_TYPE",)),
        ("la|lang|language", ("LANG",)),
        ("au|author", ("AUTH",)),
        ("ad|affiliation", ("AFF",)),
        ("ta|journal|jour", ("JOURNAL",)),
        ("pmid|uid", ("EXT_ID",)),
        ("doi|aid", ("DOI",)),
        ("si|secondary source id", ("ACCESSION_ID",)),
    )
    for name in names.split("|")
}
_EXPLODED = ("mh", "mesh", "mesh terms", "mesh term", "majr", "mesh major topic")
_LANGUAGES = {"english": "eng", "german": "ger", "french": "fre", "chinese": "chi"}
# Without a tag PubMed searches its records, Europe PMC the full texts as well.
_UNTAGGED = ("TITLE_ABS", "KW")


def europepmc_query(term: str) -> str:
    """The search for Europe PMC; ConfigError when it cannot be said there."""
    if "[" not in term or not _tags(term):
        return term
    tokens = list(_tokens(term))
    text, at = _expression(tokens, 0, term)
    if at != len(tokens):
        raise ConfigError(f"The query's () do not pair up: {term!r}. Close what is open.")
    return text


def differences(term: str) -> list[str]:
    """What the two servers read differently, in words."""
    tags = _tags(term)
    if not tags:
        return [
            "the query has no field tags: Europe PMC searches full texts, too. Use its own "
            "TITLE_ABS:..., or PubMed's [tiab]."
        ]
    found = []
    if re.search(r'\*"', term):
        found.append('"...*": Europe PMC truncates no phrases; singular and plural are searched.')
    exploded = [f"[{t}]" for t in tags if t.split(":")[0] in _EXPLODED]
    if exploded:
        found.append(f"{', '.join(exploded)}: Europe PMC adds no narrower MeSH terms.")
    return found


def _tags(term: str) -> list[str]:
    bare = re.sub(r'"[^"]*"', '""', term)
    # FIRST_PDATE:[2015 TO 2020] is Europe PMC's own.
    found = re.findall(r"(?<!:)\[([^\[\]]*)\]", bare)
    return list(dict.fromkeys(" ".join(tag.split()).lower() for tag in found))


def _tokens(term: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(term.rstrip()):
        found = _TOKEN.match(term, at)
        if found is None or found.lastgroup is None:
            raise ConfigError(f"The query cannot be read at {term[at : at + 20]!r}: {term!r}.")
        yield found.lastgroup, found[found.lastgroup]
        at = found.end()


def _expression(tokens: list[tuple[str, str]], at: int, term: str) -> tuple[str, int]:
    left, at = _operand(tokens, at, term)
    joined = 0
    last = ""
    while at < len(tokens) and tokens[at][0] != "close":
        operator = "AND"
        if tokens[at][0] == "op":
            operator, at = tokens[at][1], at + 1
        right, at = _operand(tokens, at, term)
        if joined and operator != last:
            left = f"({left})"
        left = f"{left} {operator} {right}"
        joined, last = joined + 1, operator
    return left, at


def _operand(tokens: list[tuple[str, str]], at: int, term: str) -> tuple[str, int]:
    if at < len(tokens) and tokens[at][0] == "open":
        inner, at = _expression(tokens, at + 1, term)
        if at >= len(tokens):
            raise ConfigError(f"The query's () do not pair up: {term!r}. Close what is open.")
        return f"({inner})", at + 1
    words: list[str] = []
    while at < len(tokens) and tokens[at][0] in ("word", "phrase"):
        words.append(tokens[at][1])
        at += 1
    if not words:
        found = tokens[at][1] if at < len(tokens) else "the end"
        raise ConfigError(f"The query has {found!r} where a word should stand: {term!r}.")
    fields: tuple[str, ...] = _UNTAGGED
    if at < len(tokens) and tokens[at][0] == "tag":
        tag = " ".join(tokens[at][1].split()).lower()
        fields = _FIELDS.get(tag.split(":")[0].strip(), ())
        if not fields:
            raise ConfigError(
                f"Europe PMC has nothing that means PubMed's [{tokens[at][1]}] (query {term!r}). "
                "Write the query in Europe PMC's own words, e.g. FIRST_PDATE:[2015 TO 2020], or "
                "use PubMed as the source."
            )
        at += 1
    if fields == ("LANG",):
        words = [_LANGUAGES.get(w.strip('"').lower(), w) for w in words]
    words = [_numbers(w) for w in words]
    value = words[0] if len(words) == 1 else f"({' AND '.join(words)})"
    parts = [f"{field}:{value}" for field in fields]
    return (parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"), at


def _numbers(word: str) -> str:
    """A truncated phrase in singular and plural: "stem cell*" -> ("stem cell" OR "stem cells")."""
    if not word.endswith('*"'):
        return word
    stem = word.strip('"').rstrip("*")
    return f'("{stem}" OR "{stem}s")'
