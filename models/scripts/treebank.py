"""CoNLL-U -> spaCy's DocBin, in textmine's own tokens (see textmine/measure/treebank.py).

python models/scripts/treebank.py IN.conllu.gz... OUT.spacy
"""

import sys
from pathlib import Path

import spacy
from spacy.tokens import DocBin

from textmine.measure.treebank import read_conllu, trained_doc
from textmine.reading.tokens import build_tokenizer


def main(sources: list[Path], target: Path) -> None:
    nlp = spacy.blank("en")
    nlp.tokenizer = build_tokenizer(nlp)
    store = DocBin(attrs=["TAG", "HEAD", "DEP", "LEMMA", "SENT_START"])
    for source in sources:
        for sentence in read_conllu(source):
            store.add(trained_doc(nlp, sentence))
    target.parent.mkdir(parents=True, exist_ok=True)
    store.to_disk(target)
    print(f"{len(store)} sentences -> {target}")


if __name__ == "__main__":
    *sources, target = (Path(argument) for argument in sys.argv[1:])
    main(sources, target)
