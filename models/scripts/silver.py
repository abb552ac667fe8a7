"""Texts labelled in textmine's own labels by what the corpora, a model and the lexicon say.

A corpus' own gold stands for the types that it annotates. The others come from the model asked for
the labels of BioNLP CG and of BC5CDR (names), and from the reader's lexicon and grammars (vesicles,
miRNAs, pathways, outcomes, interventions, processes). Records that have gold are not read here.

python models/scripts/silver.py DATA NER OUT.spacy
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import spacy
from spacy.tokens import Doc, DocBin, Span
from spacy.util import filter_spans

from textmine.config import data_root
from textmine.measure.corpora import held_out, json_lines, read_ner
from textmine.measure.ner import corpus_labels
from textmine.pubmed.read import Broken, read_articles
from textmine.reading.embed import OURS, set_features
from textmine.reading.lexicon import Lexicon
from textmine.reading.mentions import find_mentions
from textmine.reading.model import TrainedModel
from textmine.reading.pipeline import LEXICON, build_pipeline
from textmine.reading.sentences import sentence_spans
from textmine.reading.vesicle_names import Grammar
from textmine.records import Article, Passage

Spans = list[tuple[int, int, str]]
# Of each corpus this share of its sentences; the rest would only say the same again.
SHARES = {
    "bionlp13cg": 1, "bionlp13pc": 2, "bc5cdr": 2, "ncbi-disease": 3, "anatem": 3, "craft": 4,
}  # fmt: skip
FIRST = frozenset({"VESICLE", "MIRNA", "PATHWAY", "OUTCOME", "INTERVENTION"})
LAST = frozenset({"PROCESS"})
PARTLY = {"bionlp13cg": frozenset({"DISEASE"})}  # of diseases it has cancers only
BARE = frozenset({"cell", "cells", "cellular", "line", "lines"})  # no mentions of ours
BATCH = 64


class Labeller:
    """Proposes spans in textmine's labels for texts."""

    def __init__(self, model: Path) -> None:
        self.lexicon = Lexicon.load()
        self.grammar = Grammar.load()
        self.plain = build_pipeline(LEXICON)
        self.model = TrainedModel(spacy.load(model), self.lexicon)
        self.tables = {name: corpus_labels(name) for name in ("bionlp13cg", "bc5cdr")}

    def docs(self, texts: list[str], gold: list[Spans], kinds: frozenset[str]) -> Iterator[Doc]:
        """The texts with spans; `kinds`: the labels for which `gold` is all there is."""
        named = [self.model.entities(texts, scheme) for scheme in self.tables]
        for at, text in enumerate(texts):
            doc = named[0][at]
            read = self.read(text)
            layers = [
                gold[at],
                [span for span in read if span[2] in FIRST - kinds],
                *(
                    [(e.start_char, e.end_char, self.ours(scheme, e)) for e in docs[at].ents]
                    for scheme, docs in zip(self.tables, named, strict=True)
                ),
                [span for span in read if span[2] in LAST],
            ]
            chosen: list[Span] = []
            for number, layer in enumerate(layers):
                for start, end, label in layer:
                    bare = label == "CELL" and text[start:end].lower() in BARE
                    if not label or bare or (number and label in kinds):
                        continue
                    span = doc.char_span(start, end, label=label)
                    if span is not None and not any(
                        span.start < other.end and other.start < span.end for other in chosen
                    ):
                        chosen.append(span)
            yield labelled(doc, chosen)

    def ours(self, scheme: str, entity: Span) -> str:
        label = entity.label_
        for theirs, ours in self.tables[scheme].items():
            if theirs == label or (len(ours) == 1 and ours[0] == label):
                return ours[0]
        return ""

    def read(self, text: str) -> Spans:
        article = Article("", text, passages=(Passage("abstract", 0, len(text)),))
        found = find_mentions(
            article,
            sentence_spans(text, article.passages),
            lexicon=self.lexicon,
            grammar=self.grammar,
            nlp=self.plain,
        )
        return [(m.start, m.end, m.label) for m in found]


def labelled(doc: Doc, spans: list[Span]) -> Doc:
    copy = Doc(
        doc.vocab,
        words=[token.text for token in doc],
        spaces=[bool(token.whitespace_) for token in doc],
    )
    copy.set_ents([Span(copy, s.start, s.end, label=s.label_) for s in filter_spans(spans)])
    known = doc.user_data["textmine.features"][:, 0]
    return set_features(copy, known, OURS)


def corpora(data: Path) -> Iterator[tuple[str, list[str], list[Spans]]]:
    for corpus, share in SHARES.items():
        table = corpus_labels(corpus)
        texts: list[str] = []
        gold: list[Spans] = []
        for sentence in read_ner(data, corpus, "train"):
            if share > 1 and not held_out(sentence.id, share):
                continue
            texts.append(sentence.text)
            gold.append(
                [(s, e, table[n][0]) for s, e, n in sentence.spans if len(table.get(n, ())) == 1]
            )
        yield corpus, texts, gold


def records(data: Path) -> list[str]:
    """Sentences of the real records without gold."""
    folder = data_root() / "corpora" / "gold"
    gold = {str(r["pmid"]) for path in folder.glob("real*.jsonl.gz") for r in json_lines(path)}
    out = []
    for article in read_articles(data / "pubmed" / "ev_screening.xml.gz"):
        if not isinstance(article, Broken) and article.id not in gold:
            spans = sentence_spans(article.text, article.passages)
            out += [article.text[start:end] for start, end in spans]
    return out


def batches(items: Iterable[tuple[str, Spans]]) -> Iterator[tuple[list[str], list[Spans]]]:
    texts: list[str] = []
    gold: list[Spans] = []
    for text, spans in items:
        texts.append(text)
        gold.append(spans)
        if len(texts) == BATCH:
            yield texts, gold
            texts, gold = [], []
    if texts:
        yield texts, gold


def main(data: Path, model: Path, target: Path) -> None:
    labeller = Labeller(model)
    store = DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True)
    for corpus, texts, gold in corpora(data):
        table = corpus_labels(corpus)
        kinds = frozenset(names[0] for names in table.values() if len(names) == 1)
        kinds -= PARTLY.get(corpus, frozenset())
        for some, spans in batches(zip(texts, gold, strict=True)):
            for doc in labeller.docs(some, spans, kinds):
                store.add(doc)
        print(f"{corpus}: {len(store)} sentences so far")
    for some, spans in batches((text, []) for text in records(data)):
        for doc in labeller.docs(some, spans, frozenset()):
            store.add(doc)
    print(f"real records: {len(store)} sentences so far")
    store.to_disk(target)
    print(f"{len(store)} sentences -> {target}")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
