"""The reader: tokens and sentences, then mentions, roles, relations and the study card."""

from __future__ import annotations

import hashlib
import re
import traceback
import warnings
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import spacy
from scispacy.custom_tokenizer import combined_rule_tokenizer
from spacy.language import Language
from spacy.tokens import Doc, Span

from textmine import __version__
from textmine.config import data_root, file_hash, read_toml
from textmine.errors import MissingModel
from textmine.reading.candidates import Candidate
from textmine.reading.lexicon import Lexicon
from textmine.reading.linking import Linker
from textmine.reading.mentions import find_mentions
from textmine.reading.model import TrainedModel
from textmine.reading.pair_model import FILE as PAIRS
from textmine.reading.pair_model import PairModel
from textmine.reading.relations import read_relations
from textmine.reading.roles import assign_roles
from textmine.reading.sentences import sentence_spans
from textmine.reading.study import study_card
from textmine.reading.vesicle_names import Grammar
from textmine.records import LABELS, Annotated, Article, Mention

__all__ = ["DEFAULT", "LEXICON", "Reader", "Unread", "build_pipeline"]

DEFAULT = "default"
LEXICON = "lexicon"
_SHIPPED = data_root() / "models" / "en_textmine_sm"
_CHUNK = 16
_NAMING = re.compile(r"[^\W_]|[+\-\u2212)\]]")
_UNREADABLE = re.compile("[\ud800-\udfff\x00]")


@dataclass(frozen=True, slots=True)
class Unread:
    """An article that could not be read, and why."""

    article: Article
    reason: str


def build_pipeline(model: str = DEFAULT) -> Language:
    """The spaCy pipeline called `model`.

    "default" is the trained one that textmine brings, "lexicon" needs no model at all: scispaCy's
    tokenizer and our sentence ends. Any installed spaCy or scispaCy pipeline, or a folder that
    holds one, may be named instead. Raises MissingModel with the command that installs it."""
    if model == LEXICON:
        nlp = spacy.blank("en")
        with warnings.catch_warnings():
            # A pattern of scispaCy's tokenizer holds "[[", which a later Python may read as a set.
            warnings.filterwarnings("ignore", "Possible", FutureWarning)
            nlp.tokenizer = combined_rule_tokenizer(nlp)
        nlp.add_pipe("textmine_sentences")
    else:
        try:
            nlp = spacy.load(_SHIPPED if model == DEFAULT else model)
        except OSError:
            raise MissingModel(_install(model)) from None
    nlp.max_length = 10_000_000
    return nlp


def _install(model: str) -> str:
    hint = f"python -m spacy download {model}"
    if model.startswith(("en_core_sci", "en_ner_")):
        hint = (
            "pip install https://s3-us-west-2.amazonaws.com/ai2-s2-scispacy/releases/v0.5.4/"
            f"{model}-0.5.4.tar.gz"
        )
    installed = ", ".join(sorted(spacy.util.get_installed_models())) or "none"
    return (
        f"The pipeline {model!r} is not installed. Install it with: {hint}\n"
        f"Installed pipelines: {installed}.\n"
        "Or leave --model out: the default is the pipeline that textmine brings; "
        "--model lexicon reads with lexicon and rules alone."
    )


class Reader:
    """Reads articles. The same article and the same reader always give the same reading."""

    def __init__(self, model: str = DEFAULT, *, lexicon: Sequence[Path] = ()) -> None:
        self.model = model
        self.folders = tuple(Path(folder) for folder in lexicon)
        self.nlp = build_pipeline(model)
        self.lexicon = Lexicon.load(*self.folders)
        data = data_root() / "models" / "lexicon"
        self.grammar = Grammar.load()
        self._plain = build_pipeline(LEXICON)
        trained = TrainedModel.fits(self.nlp)
        self._trained = TrainedModel(self.nlp, self.lexicon) if trained else None
        statistical = "ner" in self.nlp.pipe_names or model not in (DEFAULT, LEXICON)
        self._labels = _label_table(data / "labels.toml") if statistical else {}
        # Where a pipeline brings more wrong names than right ones, it says so itself.
        self._lengthens = frozenset(self.nlp.meta.get("textmine", {}).get("lengthens", ()))
        self._lazy_linker: Linker | None = None
        self._pairs = PairModel.load() if trained else None
        weights = _weights_hash() if model == DEFAULT and trained else ""
        parts = (__version__, model, weights, self.lexicon.fingerprint, file_hash(data))
        digest = hashlib.sha256("|".join((*parts, _code_hash())).encode())
        self.fingerprint = digest.hexdigest()

    def read(self, article: Article) -> Annotated:
        """What the article says. A deleted record says nothing; one without abstract, its title."""
        return self.read_batch([article])[0]

    def read_batch(self, articles: Sequence[Article]) -> list[Annotated]:
        """Several articles at once: a trained model is faster on a batch."""
        said = [a for a in articles if not a.status.deleted and a.text.strip()]
        docs = self._docs([article.text for article in said])
        spans = [sentence_spans(article.text, article.passages) for article in said]
        mentions = [
            find_mentions(
                article,
                sentences,
                lexicon=self.lexicon,
                grammar=self.grammar,
                nlp=self._plain,
                more=self._model_candidates(doc),
                lengthens=self._lengthens,
            )
            for article, sentences, doc in zip(said, spans, docs, strict=True)
        ]
        if self._trained is not None:
            wanted = map(_related, spans, mentions)
            self._trained.parse(
                [(d, w) for d, w in zip(docs, wanted, strict=True) if d is not None]
            )
        read = map(self._annotated, said, spans, mentions, docs)
        by_place = {id(article): annotated for article, annotated in zip(said, read, strict=True)}
        return [by_place.get(id(article)) or Annotated(article) for article in articles]

    def _annotated(
        self,
        article: Article,
        spans: Sequence[tuple[int, int]],
        mentions: tuple[Mention, ...],
        doc: Doc | None,
    ) -> Annotated:
        sentences = assign_roles(article, spans)
        tree = doc if self._trained is not None else None
        relations = read_relations(article, sentences, mentions, doc=tree, learned=self._pairs)
        card = study_card(article, sentences, mentions, relations)
        return Annotated(article, sentences, mentions, relations, card)

    def read_many(
        self, articles: Iterable[Article], *, workers: int = 1
    ) -> Iterator[Annotated | Unread]:
        """Reads articles in order, in `workers` processes; what breaks the reader is Unread."""
        stream = iter(articles)
        if workers <= 1:
            while chunk := list(islice(stream, _CHUNK)):
                yield from self._attempt(chunk)
            return
        with ProcessPoolExecutor(workers) as pool:
            jobs = []
            while chunk := list(islice(stream, _CHUNK)):
                jobs.append(pool.submit(_read_chunk, self.model, self.folders, chunk))
                # A few chunks ahead of each worker; the rest of the stream waits.
                while len(jobs) > 3 * workers:
                    yield from jobs.pop(0).result()
            for job in jobs:
                yield from job.result()

    def _attempt(self, articles: Sequence[Article]) -> list[Annotated | Unread]:
        try:
            return list(self.read_batch(articles))
        except Exception as error:
            # An article that a rule stumbles over must not cost the others: it is told.
            if len(articles) > 1:
                return [read for article in articles for read in self._attempt([article])]
            at = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(at.filename).name}, line {at.lineno}"
            reason = f"The reader failed ({type(error).__name__}: {error}; {place}). This is a bug."
            return [Unread(articles[0], reason)]

    def _docs(self, texts: Sequence[str]) -> list[Doc] | list[None]:
        """A Doc with entities for each text; None where no model is in use."""
        if not self._labels:
            return [None] * len(texts)
        # spaCy's strings are UTF-8: what that cannot hold gives way to a mark of the same length.
        readable = [_UNREADABLE.sub("\ufffd", text) for text in texts]
        if self._trained is not None:
            return self._trained.entities(readable)
        return list(self.nlp.pipe(readable))

    def _model_candidates(self, doc: Doc | None) -> list[Candidate]:
        if doc is None:
            return []
        found = [_trimmed(e) for e in doc.ents if e.label_ in self._labels]
        linked = self._linker().link([(e.text, self._labels[e.label_]) for e in found])
        return [
            Candidate(e.start_char, e.end_char, self._labels[e.label_], concepts, "model")
            for e, concepts in zip(found, linked, strict=True)
        ]

    def _linker(self) -> Linker:
        """What a model names may be in no list: the linker's index is built when first needed."""
        if self._lazy_linker is None:
            self._lazy_linker = Linker(self.lexicon)
        return self._lazy_linker


@lru_cache(maxsize=1)
def _worker(model: str, folders: tuple[Path, ...]) -> Reader:
    return Reader(model, lexicon=folders)


def _read_chunk(
    model: str, folders: tuple[Path, ...], chunk: list[Article]
) -> list[Annotated | Unread]:
    return list(_worker(model, folders).read_many(chunk))


def _related(
    sentences: Sequence[tuple[int, int]], mentions: Sequence[Mention]
) -> list[tuple[int, int]]:
    """The sentences in which a relation can stand: those that name two things."""
    starts = [mention.start for mention in mentions]
    return [
        (start, end)
        for start, end in sentences
        if bisect_left(starts, end) - bisect_left(starts, start) > 1
    ]


def _trimmed(entity: Span) -> Span:
    """The entity without marks at its ends that belong to no name (a plus or minus may)."""
    start, end = entity.start, entity.end
    while end - start > 1 and not _NAMING.search(entity.doc[end - 1].text):
        end -= 1
    while end - start > 1 and not _NAMING.search(entity.doc[start].text):
        start += 1
    return Span(entity.doc, start, end, label=entity.label)


def _label_table(path: Path) -> dict[str, str]:
    """The labels of pipelines -> ours; ours stay what they are."""
    others = {str(k): str(v) for k, v in read_toml(path)["labels"].items()}
    return others | {label: label for label in LABELS}


@lru_cache(maxsize=1)
def _weights_hash() -> str:
    return file_hash(_SHIPPED, data_root() / "models" / "relations" / PAIRS)


@lru_cache(maxsize=1)
def _code_hash() -> str:
    """The reading code itself: a part that was read by older code must not be used again."""
    return file_hash(*sorted(Path(__file__).parent.glob("*.py")))
