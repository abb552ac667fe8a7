"""The reader: tokens and sentences, then mentions, roles, relations and the study card."""

from __future__ import annotations

import hashlib
import re
import traceback
import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import spacy
from scispacy.custom_tokenizer import combined_rule_tokenizer
from spacy.language import Language

from textmine import __version__
from textmine.config import data_root, file_hash, read_toml
from textmine.errors import MissingModel
from textmine.reading.candidates import Candidate
from textmine.reading.lexicon import Lexicon
from textmine.reading.linking import Linker
from textmine.reading.mentions import find_mentions
from textmine.reading.relations import read_relations
from textmine.reading.roles import assign_roles
from textmine.reading.sentences import sentence_spans
from textmine.reading.study import study_card
from textmine.reading.vesicle_names import Grammar
from textmine.records import Annotated, Article

__all__ = ["DEFAULT", "Reader", "Unread", "build_pipeline"]

DEFAULT = "default"
_CHUNK = 16
_UNREADABLE = re.compile("[\ud800-\udfff\x00]")


@dataclass(frozen=True, slots=True)
class Unread:
    """An article that could not be read, and why."""

    article: Article
    reason: str


def build_pipeline(model: str = DEFAULT) -> Language:
    """The spaCy pipeline called `model`, with scispaCy's tokenizer and our sentence ends.

    "default" needs no model at all. Any installed spaCy or scispaCy pipeline may be named instead.
    Raises MissingModel with the command that installs it.
    """
    if model == DEFAULT:
        nlp = spacy.blank("en")
        with warnings.catch_warnings():
            # A pattern of scispaCy's tokenizer holds "[[", which a later Python may read as a set.
            warnings.filterwarnings("ignore", "Possible", FutureWarning)
            nlp.tokenizer = combined_rule_tokenizer(nlp)
        nlp.add_pipe("textmine_sentences")
    else:
        try:
            nlp = spacy.load(model)
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
        "Or leave --model out: the default reads with textmine's own lexicon and rules."
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
        self._labels = _label_table(data / "labels.toml") if model != DEFAULT else {}
        self._lazy_linker: Linker | None = None
        digest = hashlib.sha256(
            "|".join(
                (__version__, model, self.lexicon.fingerprint, file_hash(data), _code_hash())
            ).encode()
        )
        self.fingerprint = digest.hexdigest()

    def read(self, article: Article) -> Annotated:
        """What the article says. A deleted record says nothing; one without abstract, its title."""
        if article.status.deleted or not article.text.strip():
            return Annotated(article)
        spans = sentence_spans(article.text, article.passages)
        mentions = find_mentions(
            article,
            spans,
            lexicon=self.lexicon,
            grammar=self.grammar,
            nlp=self.nlp,
            more=self._model_candidates(article.text),
        )
        sentences = assign_roles(article, spans)
        relations = read_relations(article, sentences, mentions)
        card = study_card(article, sentences, mentions, relations)
        return Annotated(article, sentences, mentions, relations, card)

    def read_many(
        self, articles: Iterable[Article], *, workers: int = 1
    ) -> Iterator[Annotated | Unread]:
        """Reads articles in order, in `workers` processes; what breaks the reader is Unread."""
        if workers <= 1:
            yield from map(self._attempt, articles)
            return
        with ProcessPoolExecutor(workers) as pool:
            stream = iter(articles)
            jobs = []
            while chunk := list(islice(stream, _CHUNK)):
                jobs.append(pool.submit(_read_chunk, self.model, self.folders, chunk))
                # A few chunks ahead of each worker; the rest of the stream waits.
                while len(jobs) > 3 * workers:
                    yield from jobs.pop(0).result()
            for job in jobs:
                yield from job.result()

    def _attempt(self, article: Article) -> Annotated | Unread:
        try:
            return self.read(article)
        except Exception as error:
            # An article that a rule stumbles over must not cost the others: it is told.
            at = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(at.filename).name}, line {at.lineno}"
            reason = f"The reader failed ({type(error).__name__}: {error}; {place}). This is a bug."
            return Unread(article, reason)

    def _model_candidates(self, text: str) -> list[Candidate]:
        if not self._labels:
            return []
        # spaCy's strings are UTF-8: what that cannot hold gives way to a mark of the same length.
        readable = _UNREADABLE.sub("\ufffd", text)
        found = [e for e in self.nlp(readable).ents if e.label_ in self._labels]
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


def _label_table(path: Path) -> dict[str, str]:
    """The labels of other pipelines -> ours."""
    return {str(k): str(v) for k, v in read_toml(path)["labels"].items()}


@lru_cache(maxsize=1)
def _code_hash() -> str:
    """The reading code itself: a part that was read by older code must not be used again."""
    return file_hash(*sorted(Path(__file__).parent.glob("*.py")))
