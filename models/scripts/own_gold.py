"""Sentences with every mention in textmine's own labels, from gold made for this project.

Real records (the part for training, and two thirds of the development half: a third is left to
choose rules by), single sentences and the demonstration (development halves). Nothing of a held-out
half is read here.

python models/scripts/own_gold.py DATA OUT.spacy
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import spacy
from spacy.tokens import DocBin
from spacy.util import filter_spans

from textmine.config import data_root
from textmine.measure.corpora import held_out, json_lines
from textmine.measure.ner import marked
from textmine.pubmed.read import Broken, read_articles
from textmine.reading.embed import featured
from textmine.reading.lexicon import Lexicon
from textmine.reading.sentences import sentence_spans
from textmine.reading.tokens import build_tokenizer
from textmine.records import Article

Spans = list[tuple[int, int, str]]
GOLD = data_root() / "corpora" / "gold"
TIMES = 6  # as often as this: it is little, and the only one in our labels throughout


def read(data: Path) -> Iterator[tuple[Article, Spans]]:
    yield from marked("dev")
    real = {
        str(row["pmid"]): [(s, e, label) for s, e, label in row["mentions"]]
        for name in ("real.jsonl.gz", "real_train.jsonl.gz")
        for row in json_lines(GOLD / name)
        if row["split"] == "train" or (row["split"] == "dev" and not held_out(str(row["pmid"]), 3))
    }
    demo = {
        row["id"]: [(m["start"], m["end"], m["label"]) for m in row["mentions"]]
        for row in json_lines(GOLD / "demo.jsonl.gz")
        if row["split"] == "dev"
    }
    for path, gold in (
        (data / "pubmed" / "ev_screening.xml.gz", real),
        (data_root() / "corpora" / "demo" / "records.xml.gz", demo),
    ):
        for article in read_articles(path):
            if not isinstance(article, Broken) and article.id in gold:
                yield article, gold[article.id]


def main(data: Path, target: Path) -> None:
    nlp = spacy.blank("en")
    nlp.tokenizer = build_tokenizer(nlp)
    lexicon = Lexicon.load()
    store = DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True)
    lost = total = 0
    for article, spans in read(data):
        for start, end in sentence_spans(article.text, article.passages):
            doc = nlp(article.text[start:end])
            inside = [(s - start, e - start, n) for s, e, n in spans if start <= s and e <= end]
            found = [doc.char_span(s, e, label=n) for s, e, n in inside]
            total += len(found)
            lost += found.count(None)
            doc.set_ents(filter_spans([span for span in found if span is not None]))
            featured(doc, lexicon)
            for _ in range(TIMES):
                store.add(doc)
    store.to_disk(target)
    print(f"{total} mentions ({lost} inside tokens), {len(store) // TIMES} sentences -> {target}")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
