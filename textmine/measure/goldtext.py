"""Texts with gold mentions and gold relations, from any of the sources, in one form.

Own sentences (`corpora/gold/sentences_*.toml`), the demonstration's records, real records (their
texts are read from the data folder; the gold holds offsets only), and BioNLP's event corpora.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textmine.errors import ConfigError
from textmine.measure.corpora import data_file, json_lines
from textmine.pubmed.read import Broken, read_articles
from textmine.reading.sentences import sentence_spans
from textmine.records import Article, Mention, Passage, Relation, Sentence

__all__ = [
    "Expected",
    "GoldText",
    "Modified",
    "Pair",
    "PairText",
    "read_demo_gold",
    "read_pairs",
    "read_real",
    "read_sentences",
]

LETTERS = {
    "v": "VESICLE", "c": "CELL", "m": "MIRNA", "g": "GENE", "x": "CHEMICAL", "d": "DISEASE",
    "a": "ANATOMY", "p": "PROCESS", "w": "PATHWAY", "o": "ORGANISM", "t": "OUTCOME",
    "i": "INTERVENTION",
}  # fmt: skip
OWN = ("title", "result", "conclusion")
"""Roles of sentences that tell what a study itself found."""
REAL_SOURCE = ("pubmed", "ev_screening.xml.gz")
# Entities of the event corpora; what is not here is a place.
_EVENT_LABELS = {
    "Gene_or_gene_product": "GENE", "Protein": "GENE", "Complex": "GENE",
    "DNA_domain_or_region": "GENE", "Protein_domain_or_region": "GENE",
    "Simple_chemical": "CHEMICAL", "Amino_acid": "CHEMICAL", "Cell": "CELL", "Cancer": "DISEASE",
    "Pathological_formation": "DISEASE", "Organism": "ORGANISM",
}  # fmt: skip
_MARK = re.compile(r"\{(\w+)\|([^{}|]+)\}")


@dataclass(frozen=True, slots=True)
class Expected:
    """A gold relation; subject, object, via, outcome and context are ids of mentions."""

    subject: str | None
    object: str
    predicate: str
    direction: str
    negated: bool = False
    certainty: str = "asserted"
    via: str | None = None
    outcome: str | None = None
    context: str | None = None
    role: str | None = None

    @property
    def key(self) -> tuple[Hashable, ...]:
        return self.subject, self.object, self.predicate, self.direction, self.negated


@dataclass(frozen=True, slots=True)
class GoldText:
    """A text, its gold, and which of its sentences are scored (`scored` None: all).

    `marks`: its hard patterns (docs/measuring_relations.md)."""

    id: str
    article: Article
    sentences: tuple[Sentence, ...]
    mentions: tuple[Mention, ...]
    relations: tuple[Expected, ...]
    marks: tuple[int, ...] = ()
    scored: tuple[int, int] | None = None

    def kept(self, relations: Sequence[Relation]) -> tuple[Relation, ...]:
        """Those relations that stand in a sentence that is scored."""
        if self.scored is None:
            return tuple(relations)
        return tuple(r for r in relations if r.sentence == self.scored)


def _plain(marked: str, start: int, spans: dict[str, tuple[int, int]]) -> str:
    """The text without marks; `spans` gets the place of every key."""
    out = []
    at, last = start, 0
    for match in _MARK.finditer(marked):
        before = marked[last : match.start()]
        out += [before, match[2]]
        at += len(before)
        spans[match[1]] = (at, at + len(match[2]))
        at += len(match[2])
        last = match.end()
    out.append(marked[last:])
    return "".join(out)


def _expected(line: str) -> Expected:
    """`SUBJECT predicate OBJECT direction [certainty] [negated] [name=KEY]`."""
    subject, predicate, obj, direction, *rest = line.split()
    named = dict(word.split("=", 1) for word in rest if "=" in word)
    sure = [word for word in rest if word in ("hedged", "hypothesis")]
    return Expected(
        None if subject == "null" else subject,
        obj,
        predicate,
        direction,
        "negated" in rest,
        sure[0] if sure else "asserted",
        named.get("via"),
        named.get("outcome"),
        named.get("context"),
    )


def read_sentences(path: Path) -> Iterator[GoldText]:
    """Gold sentences. One with a sentence before it is scored alone; the other is its context."""
    try:
        items = tomllib.loads(path.read_text("utf-8")).get("sentence", [])
    except OSError as error:
        raise ConfigError(f"The gold {path} cannot be read: {error.strerror}.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The gold {path} is no TOML: {error}.") from None
    for item in items:
        try:
            yield _sentence(item)
        except (KeyError, ValueError) as error:
            raise ConfigError(
                f"{path}: the sentence {item.get('id')!r} does not fit: {error!r}. "
                "It needs id, mark, role, text and relations; keys begin with a label's letter."
            ) from None


def _sentence(item: Mapping[str, Any]) -> GoldText:
    spans: dict[str, tuple[int, int]] = {}
    whole = _plain(item["previous"], 0, spans) if item.get("previous") else ""
    sentences = [Sentence(0, len(whole), "result")] if whole else []
    start = len(whole) + 1 if whole else 0
    text = _plain(item["text"], start, spans)
    whole = f"{whole} {text}" if whole else text
    last = Sentence(start, len(whole), item["role"])
    return GoldText(
        item["id"],
        Article(item["id"], whole, passages=(Passage("abstract", 0, len(whole)),)),
        (*sentences, last),
        tuple(Mention(k, a, b, whole[a:b], LETTERS[k[0]]) for k, (a, b) in spans.items()),
        tuple(_expected(line) for line in item["relations"]),
        tuple(item["mark"]),
        (last.start, last.end) if sentences else None,
    )


def _at(span: Sequence[int] | None) -> str | None:
    return f"{span[0]}:{span[1]}" if span else None


def _row(row: Mapping[str, Any]) -> Expected:
    subject, obj = _at(row.get("subject")), _at(row["object"])
    assert obj is not None
    return Expected(
        subject,
        obj,
        row["predicate"],
        row["direction"],
        bool(row.get("negated")),
        row.get("certainty") or "asserted",
        _at(row.get("mediator") or row.get("via")),
        _at(row.get("outcome")),
        _at(row.get("context")),
        row.get("role"),
    )


def _passages(text: str) -> tuple[Passage, ...]:
    """The first line is the title."""
    out = []
    start = 0
    for number, part in enumerate(text.split("\n")):
        out.append(Passage("abstract" if number else "title", start, start + len(part)))
        start += len(part) + 1
    return tuple(out)


def read_demo_gold(path: Path, split: str) -> Iterator[GoldText]:
    """The demonstration's records of one half that have text and gold sentences."""
    for row in json_lines(path):
        if row["split"] == split and row.get("sentences"):
            text = row["text"]
            yield GoldText(
                str(row["id"]),
                Article(str(row["id"]), text, passages=_passages(text)),
                tuple(Sentence(s["start"], s["end"], s["role"]) for s in row["sentences"]),
                tuple(
                    Mention(f"{m['start']}:{m['end']}", m["start"], m["end"], m["text"], m["label"])
                    for m in row["mentions"]
                ),
                tuple(_row(r) for r in row["relations"]),
            )


def read_real(path: Path, data: Path | None, split: str) -> Iterator[GoldText]:
    """Real records of one half: own findings only. Sentences are cut, but have no gold role."""
    rows = {str(row["pmid"]): row for row in json_lines(path) if row["split"] == split}
    for article in read_articles(data_file(data, *REAL_SOURCE)):
        if isinstance(article, Broken) or (row := rows.pop(article.id, None)) is None:
            continue
        spans = sentence_spans(article.text, article.passages)
        yield GoldText(
            article.id,
            article,
            tuple(Sentence(a, b, "result") for a, b in spans),
            tuple(
                Mention(f"{a}:{b}", a, b, article.text[a:b], label)
                for a, b, label in row["mentions"]
            ),
            tuple(_row(r) for r in row["relations"]),
        )
    if rows:
        raise ConfigError(
            f"{path} holds gold for {len(rows)} records that {'/'.join(REAL_SOURCE)} lacks: "
            f"{', '.join(sorted(rows)[:5])}. Is it the same version of the data?"
        )


# --- events


@dataclass(frozen=True, slots=True)
class Pair:
    """One entity's effect on another: sign 1, -1, or 0 where the corpus says only that it acts."""

    cause: str
    theme: str
    sign: int
    negated: bool
    speculated: bool


@dataclass(frozen=True, slots=True)
class Modified:
    """An event by its trigger, and whether the corpus denies or doubts it."""

    id: str
    kind: str
    start: int
    end: int
    negated: bool
    speculated: bool


@dataclass(frozen=True, slots=True)
class PairText:
    """A document of an event corpus. `mentions` have the corpus's ids; `kinds` its own labels."""

    id: str
    article: Article
    sentences: tuple[Sentence, ...]
    mentions: tuple[Mention, ...]
    kinds: Mapping[str, str]
    pairs: tuple[Pair, ...]
    events: tuple[Modified, ...]

    def sentence_at(self, place: int) -> tuple[int, int] | None:
        """The sentence at this offset."""
        spans = ((s.start, s.end) for s in self.sentences)
        return next(((a, b) for a, b in spans if a <= place < b), None)


def read_pairs(data: Path | None, corpus: str, part: str = "devel") -> Iterator[PairText]:
    """The documents of a BioNLP 2013 corpus (cg, pc, ge) with gold entities and signed pairs."""
    for row in json_lines(data_file(data, "events", corpus, f"{part}.jsonl.gz")):
        text = row["text"]
        passages = _passages(text)
        changed = {(m["event"], m["label"]) for m in row["modifications"]}
        triggers = row["triggers"]
        yield PairText(
            row["id"],
            Article(row["id"], text, passages=passages),
            tuple(Sentence(a, b, "result") for a, b in sentence_spans(text, passages)),
            tuple(
                Mention(k, e["start"], e["end"], text[e["start"] : e["end"]],
                        _EVENT_LABELS.get(e["label"], "ANATOMY"))
                for k, e in row["entities"].items()
            ),
            {k: e["label"] for k, e in row["entities"].items()},
            tuple(
                Pair(p["cause"], p["theme"], p["sign"], p["negated"], p["speculated"])
                for p in row["signed_pairs"]
            ),
            tuple(
                Modified(k, e["label"], triggers[e["trigger"]]["start"],
                         triggers[e["trigger"]]["end"], (k, "Negation") in changed,
                         (k, "Speculation") in changed)
                for k, e in row["events"].items()
                if e["trigger"] in triggers
            ),
        )  # fmt: skip
