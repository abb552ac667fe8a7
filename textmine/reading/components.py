"""The mention reader as a spaCy component, for pipelines of one's own.

    nlp = spacy.blank("en")
    nlp.add_pipe("textmine_sentences")
    nlp.add_pipe("textmine_mentions")
    doc = nlp("MSC-Exo carried miR-29a/b.")
    doc._.mentions      # records with exact offsets, also below the level of tokens
    doc.spans["textmine"]  # the same as spans of whole tokens

The component keeps plain records on the Doc, no Spans, so that docs can be serialised.
"""

from __future__ import annotations

from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, SpanGroup

from textmine.reading.abbreviations import Ambiguities
from textmine.reading.embed import OURS, featured
from textmine.reading.lexicon import Lexicon
from textmine.reading.mentions import find_mentions
from textmine.reading.sentences import sentence_spans
from textmine.reading.vesicle_names import Grammar
from textmine.records import Article, Mention, Passage

__all__ = ["SPANS", "FeatureSetter", "MentionReader"]

SPANS = "textmine"

if not Doc.has_extension("mentions"):
    Doc.set_extension("mentions", default=())


@Language.factory(
    "textmine_mentions",
    requires=["token.is_sent_start"],
    assigns=["doc.spans", "doc._.mentions"],
    default_config={"lexicon": []},
)
class MentionReader:
    """Finds the mentions of a Doc; `lexicon` names folders with terms of one's own."""

    def __init__(self, nlp: Language, name: str, lexicon: list[str]) -> None:
        self.name = name
        self.nlp = nlp
        self.lexicon = Lexicon.load(*(Path(folder) for folder in lexicon))
        self.grammar = Grammar.load()
        self.ambiguities = Ambiguities.load()

    def __call__(self, doc: Doc) -> Doc:
        return self.set_annotations(doc, self.predict(doc))

    def predict(self, doc: Doc) -> tuple[Mention, ...]:
        """The mentions; the Doc stays as it is."""
        passages = tuple(Passage("abstract", start, end) for start, end in doc._.passages)
        return find_mentions(
            Article(id="", text=doc.text, passages=passages),
            sentence_spans(doc.text, passages),
            lexicon=self.lexicon,
            grammar=self.grammar,
            nlp=self.nlp,
            ambiguities=self.ambiguities,
        )

    def set_annotations(self, doc: Doc, mentions: tuple[Mention, ...]) -> Doc:
        doc._.mentions = mentions
        spans = [
            doc.char_span(
                m.start,
                m.end,
                label=m.label,
                kb_id=m.concepts[0].curie if m.concepts else "",
                alignment_mode="expand",
            )
            for m in mentions
        ]
        doc.spans[SPANS] = SpanGroup(doc, name=SPANS, spans=[s for s in spans if s is not None])
        return doc


@Language.factory("textmine_features", default_config={"lexicon": [], "scheme": OURS})
class FeatureSetter:
    """Sets what the entity model looks at beside the words; stands before its tok2vec.

    `scheme`: whose labels are wanted (textmine/reading/embed.py)."""

    def __init__(self, nlp: Language, name: str, lexicon: list[str], scheme: str) -> None:
        self.name = name
        self.scheme = scheme
        self.lexicon = Lexicon.load(*(Path(folder) for folder in lexicon))

    def __call__(self, doc: Doc) -> Doc:
        return featured(doc, self.lexicon, self.scheme)
