"""Names: exact spans against public corpora and against our own gold.

Three views. *Own labels*: what the pipeline's statistical model says when asked for a corpus'
labels; published figures stand beside it. *Our labels*: what the whole reader finds in the same
sentences, with the corpus' labels turned into ours by `[corpora]` of models/lexicon/labels.toml;
only labels that the corpus annotates count: what it leaves unmarked is neither right nor wrong.
*Our gold*: real records and single sentences with every mention marked, per label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textmine.config import data_root, read_toml
from textmine.errors import ConfigError
from textmine.measure.corpora import NER, Spanned, data_file, json_lines, read_ner
from textmine.measure.scores import Line, f1
from textmine.pubmed.read import Broken, newest, read_articles
from textmine.reading.embed import SHARED
from textmine.reading.lexicon import Lexicon
from textmine.reading.model import TrainedModel
from textmine.reading.pipeline import Reader
from textmine.records import LABELS, Annotated, Article, Passage

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

__all__ = ["corpus_labels", "marked", "measure_ner", "read_spans", "real_gold"]

Spans = list[tuple[int, int, str]]

REAL = "real.jsonl.gz"
PEER = {
    "bc5cdr": 0.8428,
    "bionlp13cg": 0.7784,
    "jnlpba": 0.7206,
    "craft": 0.7801,
    "anatem": 0.8414,
}
"""F1 of scispaCy 0.5.4 on the corpora's test parts, one model for each corpus."""
_SOURCE = "scispaCy 0.5.4 (test)"
_BATCH = 64
_MARK = re.compile(r"\{([a-z])\w*\|([^{}]*)\}")
_LETTERS = {
    "v": "VESICLE", "c": "CELL", "m": "MIRNA", "g": "GENE", "x": "CHEMICAL", "d": "DISEASE",
    "a": "ANATOMY", "p": "PROCESS", "w": "PATHWAY", "o": "ORGANISM", "t": "OUTCOME",
    "i": "INTERVENTION",
}  # fmt: skip


def measure_ner(
    data: Path | None,
    splits: Sequence[str] = ("dev", "test"),
    model: str = "default",
    corpora: Sequence[str] = NER,
) -> list[Line]:
    """F1 of exact spans. The public corpora's development parts are the split `dev`.

    Without `data` only our own gold sentences are scored."""
    reader = Reader(model)
    lines: list[Line] = []
    if data is not None and "dev" in splits:
        for corpus in corpora:
            gold = list(read_ner(data, corpus))
            if "ner" in _factories(reader.nlp):
                lines.append(own_labels(reader.nlp, corpus, gold))
            lines += our_labels(reader, corpus, gold)
    for split in splits:
        if data is not None:
            real = (
                (article, [(s, e, label) for s, e, label in row["mentions"]])
                for article, row in real_gold(data, split)
            )
            lines += _per_label(reader, "real records", split, real)
        lines += _per_label(reader, "sentences", split, marked(split))
    return lines


def _factories(nlp: Language) -> set[str]:
    return {nlp.get_pipe_meta(name).factory for name in nlp.pipe_names}


def read_spans(nlp: Language, texts: Sequence[str], corpus: str) -> Iterator[Spans]:
    """What the model of `nlp` finds in each text when asked for the labels of `corpus`.

    Our own model is told whose labels are wanted; any other pipeline says what it says."""
    if TrainedModel.fits(nlp):
        model = TrainedModel(nlp, Lexicon.load())
        docs: Iterable[Doc] = (
            doc
            for at in range(0, len(texts), _BATCH)
            for doc in model.entities(texts[at : at + _BATCH], corpus)
        )
    else:
        docs = nlp.pipe(texts, batch_size=_BATCH)
    for doc in docs:
        yield [(e.start_char, e.end_char, e.label_) for e in doc.ents]


def own_labels(nlp: Language, corpus: str, gold: Sequence[Spanned]) -> Line:
    """The model alone, in the corpus' own labels (some under the name that several share)."""
    pairs = list(
        zip(
            ([(s, e, SHARED.get(label, label)) for s, e, label in text.spans] for text in gold),
            read_spans(nlp, [text.text for text in gold], corpus),
            strict=True,
        )
    )
    peer = PEER.get(corpus)
    source = _SOURCE if peer is not None else ""
    return Line("own labels", corpus, "dev", f1(pairs), _misses(gold, pairs), peer, source)


def corpus_labels(corpus: str, extra: Path | None = None) -> dict[str, tuple[str, ...]]:
    """A corpus' labels -> ours. Several of ours mean: any of them is right.

    `extra`: a labels.toml of one's own, read after the shipped one."""
    table: dict[str, Any] = {}
    for path in (data_root() / "models" / "lexicon" / "labels.toml", extra):
        if path is not None:
            table |= read_toml(path).get("corpora", {}).get(corpus, {})
    if not table:
        raise ConfigError(
            f"labels.toml has no table [corpora.{corpus}]. Add one that turns the labels of the "
            "corpus into textmine's."
        )
    out = {}
    for theirs, ours in table.items():
        names = (ours,) if isinstance(ours, str) else tuple(ours)
        unknown = [name for name in names if name not in LABELS]
        if unknown:
            raise ConfigError(
                f"labels.toml, [corpora.{corpus}]: {unknown[0]!r} is no label of textmine's. "
                f"There are: {', '.join(LABELS)}."
            )
        out[theirs] = names
    return out


def our_labels(reader: Reader, corpus: str, gold: Sequence[Spanned]) -> list[Line]:
    """The whole reader in our labels: all of the corpus together, then one by one."""
    table = corpus_labels(corpus)
    shown = {ours: names[0] for names in table.values() for ours in names}
    articles = [
        Article(text.id, text.text, passages=(Passage("abstract", 0, len(text.text)),))
        for text in gold
    ]
    pairs = []
    for text, read in zip(gold, _read(reader, articles), strict=True):
        wanted = [(s, e, table[label][0]) for s, e, label in text.spans if label in table]
        pairs.append((wanted, [(s, e, shown[label]) for s, e, label in read if label in shown]))
    lines = []
    labels = sorted(set(shown.values()))
    for name in (None, *labels) if len(labels) > 1 else (None,):
        kept = [(_of(g, name), _of(f, name)) for g, f in pairs]
        what = f"{corpus}, {name or 'all labels'}"
        lines.append(Line("our labels", what, "dev", f1(kept), _misses(gold, kept)))
    return lines


def _of(rows: Iterable[tuple[int, int, str]], label: str | None) -> Spans:
    return [row for row in rows if label in (None, row[2])]


def _read(reader: Reader, articles: Iterable[Article]) -> list[Spans]:
    """The mentions of each article. An article that breaks the reader counts as read empty."""
    return [
        [(m.start, m.end, m.label) for m in read.mentions] if isinstance(read, Annotated) else []
        for read in reader.read_many(articles)
    ]


def _misses(gold: Sequence[Spanned], pairs: Sequence[tuple[Any, Any]]) -> tuple[str, ...]:
    out = []
    for text, (wanted, found) in zip(gold, pairs, strict=True):
        for sign, rows in (("-", set(wanted) - set(found)), ("+", set(found) - set(wanted))):
            out += [f"{text.id} {sign} {text.text[s:e]!r} {label}" for s, e, label in sorted(rows)]
    return tuple(out)


# --- our own gold


def marked(split: str) -> Iterator[tuple[Article, Spans]]:
    """The gold sentences of corpora/gold (`sentences_<split>*.toml`) with their marked mentions."""
    for path in sorted((data_root() / "corpora" / "gold").glob(f"sentences_{split}*.toml")):
        for entry in read_toml(path)["sentence"]:
            source = " ".join((*filter(None, [entry.get("previous")]), entry["text"]))
            text, at = "", 0
            spans: Spans = []
            for mark in _MARK.finditer(source):
                text += source[at : mark.start()]
                spans.append((len(text), len(text) + len(mark.group(2)), _LETTERS[mark.group(1)]))
                text += mark.group(2)
                at = mark.end()
            text += source[at:]
            yield Article(entry["id"], text, passages=(Passage("abstract", 0, len(text)),)), spans


def real_gold(data: Path | None, split: str) -> Iterator[tuple[Article, dict[str, Any]]]:
    """The real records that have gold, with it; none if there is no gold yet."""
    path = data_root() / "corpora" / "gold" / REAL
    if not path.is_file():
        return
    gold = {str(row["pmid"]): row for row in json_lines(path) if row["split"] == split}
    source = data_file(data, "pubmed", "ev_screening.xml.gz")
    articles = (a for a in read_articles(source) if not isinstance(a, Broken))
    for article in newest(articles)[0]:
        if article.id in gold:
            yield article, gold[article.id]


def _per_label(
    reader: Reader, stage: str, split: str, gold: Iterable[tuple[Article, Spans]]
) -> list[Line]:
    cases = list(gold)
    if not cases:
        return []
    texts = [Spanned(article.id, article.text, ()) for article, _ in cases]
    read = _read(reader, [article for article, _ in cases])
    lines = []
    for label in (None, *LABELS):
        pairs = [
            (_of(wanted, label), _of(found, label))
            for (_, wanted), found in zip(cases, read, strict=True)
        ]
        score = f1(pairs)
        if label is None or score.gold:
            lines.append(Line(stage, label or "all labels", split, score, _misses(texts, pairs)))
    return lines
