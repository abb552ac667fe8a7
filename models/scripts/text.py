"""All texts of the data folder as lines of tokens, to learn word vectors from.

python models/scripts/text.py DATA OUT.txt
"""

import json
import lzma
import sys
from collections.abc import Iterator
from pathlib import Path

import spacy

from textmine.measure.corpora import json_lines, read_ner
from textmine.pubmed.read import Broken, read_articles
from textmine.reading.tokens import build_tokenizer

WITH_TEXT = (
    "ner/jnlpba/train.jsonl.gz", "ner/craft_concepts/train.jsonl.gz", "events/cg/train.jsonl.gz",
    "events/pc/train.jsonl.gz", "events/ge/train.jsonl.gz", "relations/biored/train.jsonl.gz",
)  # fmt: skip
IN_SENTENCES = (
    "bc5cdr", "ncbi-disease", "bionlp13cg", "bionlp13pc", "anatem", "craft", "bc2gm", "linnaeus",
)  # fmt: skip
SHORTEST = 15  # characters


def texts(data: Path) -> Iterator[str]:
    with lzma.open(data / "text" / "pmc_trials.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]
    for name in WITH_TEXT:
        for record in json_lines(data / name):
            yield record.get("text") or ""
    # What is nearest to the texts to be read counts twice and three times.
    for record in json_lines(data / "claims" / "scifact" / "corpus.jsonl.gz"):
        yield from [record["title"] + "\n" + " ".join(record["abstract"])] * 2
    for article in read_articles(data / "pubmed" / "ev_screening.xml.gz"):
        if not isinstance(article, Broken):
            yield from [article.text] * 3
    for corpus in IN_SENTENCES:
        for sentence in read_ner(data, corpus, "train"):
            yield sentence.text


def main(data: Path, target: Path) -> None:
    nlp = spacy.blank("en")
    tokenizer = build_tokenizer(nlp)
    words = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8") as file:
        for text in texts(data):
            for line in text.split("\n"):
                if len(line) >= SHORTEST:
                    tokens = [token.text for token in tokenizer(line) if not token.is_space]
                    words += len(tokens)
                    print(*tokens, file=file)
    print(f"{words:,} tokens -> {target}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
