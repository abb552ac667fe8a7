"""Entity corpora -> spaCy's DocBin, in textmine's own tokens, with the features of the model.

python models/scripts/corpora.py DATA train|devel CORPUS... OUT.spacy
"""

import sys
from pathlib import Path

import spacy
from spacy.tokens import DocBin
from spacy.util import filter_spans

from textmine.measure.corpora import read_ner
from textmine.reading.embed import SHARED, featured
from textmine.reading.lexicon import Lexicon
from textmine.reading.tokens import build_tokenizer


def main(data: Path, split: str, corpora: list[str], target: Path) -> None:
    nlp = spacy.blank("en")
    nlp.tokenizer = build_tokenizer(nlp)
    lexicon = Lexicon.load()
    store = DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True)
    for corpus in corpora:
        lost = total = 0
        for gold in read_ner(data, corpus, split):
            doc = nlp(gold.text)
            spans = [doc.char_span(s, e, label=SHARED.get(name, name)) for s, e, name in gold.spans]
            total += len(spans)
            lost += spans.count(None)
            doc.set_ents(filter_spans([span for span in spans if span is not None]))
            store.add(featured(doc, lexicon, corpus))
        print(f"{corpus}: {total} entities, {lost} of them inside tokens")
    target.parent.mkdir(parents=True, exist_ok=True)
    store.to_disk(target)
    print(f"{len(store)} sentences -> {target}")


if __name__ == "__main__":
    folder, split, *corpora, target = sys.argv[1:]
    main(Path(folder), split, corpora, Path(target))
