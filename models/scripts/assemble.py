"""The trained parts -> one pipeline: features, entities, then tags and trees.

python models/scripts/assemble.py NER SYNTAX OUT
"""

import sys
from pathlib import Path

import spacy


def main(ner: Path, syntax: Path, target: Path) -> None:
    nlp = spacy.load(ner)
    other = spacy.load(syntax)
    nlp.add_pipe("textmine_features", first=True)
    for name in ("syntax_tok2vec", "tagger", "parser"):
        nlp.add_pipe(name, source=other)
    nlp.add_pipe("textmine_lemmas")
    nlp.meta.update(
        name="textmine_sm",
        version="0.2.0",
        description="Biomedical entities, tags and trees, for reading PubMed abstracts.",
        author="The textmine authors",
        license="CC BY-SA 4.0",
    )
    nlp.to_disk(target)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
