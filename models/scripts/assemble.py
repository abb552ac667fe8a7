"""The trained parts -> one pipeline: features and entities, tags and trees, lemmas.

Lemmas come from spaCy's rules and tables for English (package spacy-lookups-data, MIT), by the tag.

python models/scripts/assemble.py NER SYNTAX OUT
"""

import sys
from pathlib import Path

import spacy
from spacy.lookups import load_lookups

import textmine

# Penn tag -> universal part of speech, as far as the rules for lemmas tell them apart.
PARTS = {
    "NN": "NOUN", "NNS": "NOUN", "NNP": "PROPN", "NNPS": "PROPN", "JJ": "ADJ", "JJR": "ADJ",
    "JJS": "ADJ", "RB": "ADV", "RBR": "ADV", "RBS": "ADV", "VB": "VERB", "VBD": "VERB",
    "VBG": "VERB", "VBN": "VERB", "VBP": "VERB", "VBZ": "VERB", "MD": "AUX", "IN": "ADP",
    "TO": "PART", "DT": "DET", "PDT": "DET", "WDT": "DET", "CC": "CCONJ", "CD": "NUM",
    "PRP": "PRON", "PRP$": "PRON", "WP": "PRON", "WP$": "PRON", "WRB": "ADV", "EX": "PRON",
    "HYPH": "PUNCT", ".": "PUNCT", ",": "PUNCT", ":": "PUNCT", "-LRB-": "PUNCT",
    "-RRB-": "PUNCT", "SYM": "SYM", "FW": "X", "LS": "X", "POS": "PART", "RP": "ADP", "UH": "INTJ",
}  # fmt: skip

# Of these labels most of what no list knows was none, on abstracts that neither this model nor the
# lists had been made with: there the model only tells how far a known name reaches.
LENGTHENS = ["ANATOMY", "CHEMICAL", "GENE"]
SINGULAR = ("sis", "itis", "us", "ss", "ics", "ous")


def main(ner: Path, syntax: Path, target: Path) -> None:
    nlp = spacy.load(ner)
    other = spacy.load(syntax)
    nlp.add_pipe("textmine_features", first=True)
    nlp.add_pipe("textmine_sentences", after="ner")
    for name in ("syntax_tok2vec", "tagger", "parser"):
        nlp.add_pipe(name, source=other)
    ruler = nlp.add_pipe("attribute_ruler")
    for tag, part in PARTS.items():
        ruler.add(patterns=[[{"TAG": tag}]], attrs={"POS": part})
    lemmatizer = nlp.add_pipe("lemmatizer", config={"mode": "rule"})
    required, more = lemmatizer.get_lookups_config("rule")
    tables = load_lookups("en", [*required, *more])
    rules = tables.get_table("lemma_rules")
    # "fibrosis", "hepatitis", "virus" are no plurals.
    rules["noun"] = [[end, end] for end in SINGULAR] + list(rules["noun"])
    lemmatizer.initialize(lookups=tables)
    # Where the trainings read and wrote is nobody's business who loads the result.
    nlp.config["paths"] = dict.fromkeys(nlp.config["paths"])
    nlp.meta.update(
        name="textmine_sm",
        version=textmine.__version__,
        description="Entities, tags and trees for PubMed abstracts; see README.md beside this file",
        author="The textmine authors",
        license="CC BY-SA 3.0",
        performance={},
        textmine={"lengthens": LENGTHENS},
    )
    nlp.to_disk(target)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
