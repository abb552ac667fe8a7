"""Claims x annotated articles -> findings: exactly one for each pair."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, replace
from typing import Protocol

from textmine import registry
from textmine.claims.both import both
from textmine.claims.chains import judge_chain
from textmine.claims.frame import GUESSED, framed
from textmine.claims.pairing import read_off
from textmine.claims.retrieve import Filter, filter_of, near
from textmine.claims.scores import default_scores
from textmine.claims.stance import Judgement, Question, StanceModel, question_of, symbolic
from textmine.claims.terms import Concepts
from textmine.claims.values import Values, default_values
from textmine.claims.view import View, view_of
from textmine.errors import ConfigError
from textmine.reading.lexicon import Lexicon
from textmine.records import Annotated, Article, Claim, Finding, Rationale, content_id

__all__ = ["ClaimReader", "check", "check_stream", "names_both", "sieved"]

COUNTED = (symbolic, both)  # what the scores were counted on
_FIRST_FIELDS = 8  # of a frame, up to its kind
_SIDES = {
    "subject": "what acts",
    "object": "what is changed",
    "mediator": "what it acts through",
    "comparator": "what it is compared with",
}


class ClaimReader(Protocol):
    """A reader as `textmine.reading.pipeline.Reader` is one."""

    @property
    def lexicon(self) -> Concepts: ...

    def read(self, article: Article) -> Annotated: ...


def check(
    claims: Sequence[Claim],
    articles: Iterable[Annotated],
    *,
    lexicon: Concepts | None = None,
    reader: ClaimReader | None = None,
    stance_model: str = "symbolic",
    values: Values | None = None,
) -> Iterator[Finding]:
    """One finding for each claim and article, or for the claim's own pairs only.

    Of several versions of an article the newest is checked. A claim that cannot be read gets its
    findings too (`insufficient`, with the reason); so does a pair whose article is not there.
    Findings come article by article, in the order of the articles and then of the claims.

    `reader` reads claims that have no frame, and lends its lexicon; without both, the shipped
    lexicon is used.
    """
    newest: dict[str, Annotated] = {}
    for annotated in articles:
        known = newest.get(annotated.article.id)
        if known is None or known.article.version < annotated.article.version:
            newest[annotated.article.id] = annotated
    yield from check_stream(
        claims,
        newest.values(),
        lexicon=lexicon,
        reader=reader,
        stance_model=stance_model,
        values=values,
    )


def check_stream(
    claims: Sequence[Claim],
    articles: Iterable[Annotated],
    *,
    lexicon: Concepts | None = None,
    reader: ClaimReader | None = None,
    stance_model: str = "symbolic",
    values: Values | None = None,
) -> Iterator[Finding]:
    """The same, article by article in constant memory; each article must come once."""
    if reader is not None:
        claims = framed(claims, reader.read)
    concepts = lexicon or (reader.lexicon if reader is not None else Lexicon.load())
    tables = values or default_values(concepts)
    model: StanceModel = registry.load("stance_models", stance_model)
    asked = [(claim, _asker(claim, tables, model), _pairs(claim), _seed(claim)) for claim in claims]
    seen: set[str] = set()
    for annotated in articles:
        identity = annotated.article.id
        if identity in seen:
            raise ConfigError(
                f"Article {identity} came twice. Leave only its newest version in the input."
            )
        seen.add(identity)
        view: View | None = None
        for claim, ask, pairs, seed in asked:
            if pairs is not None and identity not in pairs:
                continue
            if view is None:
                view = view_of(annotated, tables)
            yield _finding(claim, seed, view, ask(view))
    for claim, _, pairs, seed in asked:
        for identity in claim.articles or ():
            if pairs is not None and identity not in seen:
                yield _absent(claim, seed, identity)


def _asker(claim: Claim, tables: Values, model: StanceModel) -> Callable[[View], Judgement]:
    """Asks one article about a claim: through the filter, and link by link if it is a chain."""
    links = claim.frame.chain if claim.frame is not None else ()
    if links:
        asked = [_asker(replace(claim, frame=link), tables, model) for link in links]
        return lambda view: judge_chain(links, [ask(view) for ask in asked], view)
    question = question_of(claim, tables)
    judge = _sieve(question, tables, model)
    if model not in COUNTED:
        return judge
    plain, scored = read_off(question), default_scores().of
    return lambda view: scored(judge(view), plain)


def sieved(question: Question, view: View, values: Values, model: StanceModel) -> Judgement:
    """What a model says of one article, if it gets past the filter; the score as the model's."""
    return _sieve(question, values, model)(view)


def _sieve(question: Question, values: Values, model: StanceModel) -> Callable[[View], Judgement]:
    sieve = filter_of(question, values)
    # A learned model may find what a plain claim names in words that no list knows.
    plain = model is not symbolic and read_off(question)

    def ask(view: View) -> Judgement:
        passed = _sifted(question, sieve, view)
        if passed is None or (plain and near(question, view, values)):
            return model(question, view, values)
        return passed

    return ask


def names_both(claim: Claim, values: Values) -> Callable[[frozenset[str]], bool]:
    """Whether an article with these concepts (`View.all_keys`) may bear on the claim, or on each
    link of its chain."""
    links = claim.frame.chain if claim.frame is not None else ()
    questions = [
        question_of(replace(claim, frame=f) if f else claim, values) for f in links or (None,)
    ]
    sieves = [None if q.unreadable else filter_of(q, values) for q in questions]
    return lambda keys: all(s is not None and s.lacks(keys) is None for s in sieves)


def _pairs(claim: Claim) -> frozenset[str] | None:
    return None if claim.articles is None else frozenset(claim.articles)


def _sifted(question: Question, sieve: Filter, view: View) -> Judgement | None:
    if question.unreadable:
        return None
    side = sieve.lacks(view.all_keys)
    if side is None:
        return None
    words = ", ".join(getattr(question.frame, side)) or ", ".join(question.frame.subject)
    why = f"retrieval: the article does not mention {_SIDES[side]} ({words})"
    return Judgement("insufficient", 0.97, (), (why,), view.excluded)


def _seed(claim: Claim) -> str:
    """A claim that changed its words or its frame makes new findings."""
    frame = None if claim.frame is None else astuple(claim.frame)
    while frame is not None and not frame[-1] and len(frame) > _FIRST_FIELDS:
        frame = frame[:-1]  # neither chain nor denial: the identity it had before there were any
    return content_id("claim", claim.statement, frame)


def _finding(claim: Claim, seed: str, view: View, judgement: Judgement) -> Finding:
    article = view.annotated.article
    spans = dict.fromkeys((*(e.relation.sentence for e in judgement.evidence), *judgement.spans))
    rationale = tuple(
        Rationale(start, end, article.text[start:end]) for start, end in sorted(spans)
    )
    relations = tuple(dict.fromkeys(e.relation.id for e in judgement.evidence))
    why = judgement.why
    if claim.why and claim.why.startswith(GUESSED):
        why = (*why, f"{GUESSED} from the claim's words")
    if judgement.excluded:
        why = (*why, f"excluded: {judgement.excluded}")
    if article.status.expression_of_concern:
        why = (*why, "flagged: there is an expression of concern about this paper")
    return Finding(
        id=content_id(
            "finding",
            seed,
            claim.id,
            article.id,
            article.version,
            judgement.stance,
            [[r.start, r.end, r.text] for r in rationale],
            relations,
        ),
        claim_id=claim.id,
        article_id=article.id,
        stance=judgement.stance,
        score=judgement.score,
        rationale=rationale,
        relations=relations,
        why=why,
        article_version=article.version,
        excluded=judgement.excluded,
        indirect=judgement.indirect,
    )


def _absent(claim: Claim, seed: str, identity: str) -> Finding:
    return Finding(
        id=content_id("finding", seed, claim.id, identity, 0, "insufficient", [], ()),
        claim_id=claim.id,
        article_id=identity,
        stance="insufficient",
        score=1.0,
        rationale=(),
        relations=(),
        why=("article: it is not among the records that were read; fetch or annotate it",),
        article_version=0,
        excluded="absent: the article is not among the records that were read",
    )
