"""The nouns: frozen records without input or output.

Offsets are code points into `Article.text`, end exclusive, so that `text[start:end]` is the quote.
Identity is a hash of the content (`content_id`); the article's id and version are part of it.
`as_json` and the `*_from_json` functions turn records into the line formats and back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

import msgspec

from textmine.errors import MalformedRecord

LABELS = (
    "VESICLE", "CELL", "MIRNA", "GENE", "CHEMICAL", "DISEASE",
    "ANATOMY", "PROCESS", "PATHWAY", "ORGANISM", "OUTCOME", "INTERVENTION",
)  # fmt: skip
PREDICATES = (
    "regulates", "targets", "carries", "delivers", "derived_from",
    "converts_to", "mediates", "compared_with", "associated_with",
)  # fmt: skip
DIRECTIONS = ("increases", "decreases", "unchanged", "unspecified")
COMPARISONS = ("superior", "inferior", "equal", "differs")
CERTAINTIES = ("asserted", "hedged", "hypothesis")
ROLES = ("title", "aim", "background", "method", "result", "conclusion")
STANCES = ("supports", "contradicts", "null_effect", "insufficient")
VERDICTS = ("supported", "mixed", "contradicted", "insufficient")
VERDICT_CERTAINTIES = ("high", "moderate", "low", "very_low")
DESIGNS = (
    "meta_analysis_human", "meta_analysis_animal", "systematic_review", "review",
    "randomised_trial", "controlled_trial", "single_arm_trial", "observational", "case_report",
    "protocol", "animal_in_vivo", "animal_and_in_vitro", "ex_vivo", "in_vitro", "in_silico",
    "other",
)  # fmt: skip


def content_id(kind: str, *parts: object) -> str:
    """A short id that depends on nothing but the content: `kind` + 16 hex digits of SHA-256."""
    data = json.dumps(parts, ensure_ascii=False, separators=(",", ":"), default=str)
    return f"{kind}_{hashlib.sha256(data.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


# --- articles ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the canonical text; `kind` is "title" or "abstract"."""

    kind: str
    start: int
    end: int
    label: str | None = None
    nlm_category: str | None = None


@dataclass(frozen=True, slots=True)
class PublicationType:
    name: str
    ui: str | None = None


@dataclass(frozen=True, slots=True)
class Qualifier:
    name: str
    ui: str | None = None
    major: bool = False


@dataclass(frozen=True, slots=True)
class MeshHeading:
    descriptor: str
    ui: str | None = None
    major: bool = False
    qualifiers: tuple[Qualifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Author:
    last: str | None = None
    fore: str | None = None
    initials: str | None = None
    collective: str | None = None
    orcid: str | None = None
    affiliations: tuple[str, ...] = ()
    suffix: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    id: str | None = None
    agency: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Chemical:
    name: str
    ui: str | None = None
    registry_number: str | None = None


@dataclass(frozen=True, slots=True)
class DataBank:
    name: str
    accessions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherAbstract:
    text: str
    language: str | None = None
    type: str | None = None
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """One CommentsCorrections entry: `type` is its RefType."""

    type: str
    pmid: str | None = None
    citation: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """What became of the record. `notice_of`: the PMID that this notice is about."""

    retracted: bool = False
    corrected: bool = False
    expression_of_concern: bool = False
    deleted: bool = False
    links: tuple[Link, ...] = ()
    notice_of: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One version of one record, with its canonical text.

    `id` is the PMID as a string, or whatever id was given with a bare text.
    `extra` holds keys of an input line that textmine does not know; they are written back as given.
    """

    id: str
    text: str
    pmid: str | None = None
    version: int = 1
    passages: tuple[Passage, ...] = ()
    publication_types: tuple[PublicationType, ...] = ()
    mesh: tuple[MeshHeading, ...] = ()
    status: Status = Status()
    ids: Mapping[str, str] = field(default_factory=dict)
    journal: str | None = None
    year: int | None = None
    dates: Mapping[str, str] = field(default_factory=dict)
    authors: tuple[Author, ...] = ()
    language: str | None = None
    languages: tuple[str, ...] = ()
    vernacular_title: str | None = None
    other_abstracts: tuple[OtherAbstract, ...] = ()
    keywords: tuple[str, ...] = ()
    chemicals: tuple[Chemical, ...] = ()
    supplementary_concepts: tuple[Chemical, ...] = ()
    grants: tuple[Grant, ...] = ()
    databanks: tuple[DataBank, ...] = ()
    references: tuple[str, ...] = ()
    coi: str | None = None
    indexing_method: str | None = None
    citation_status: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return "".join(self.text[p.start : p.end] for p in self.passages if p.kind == "title")


# --- what an article says -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sentence:
    start: int
    end: int
    role: str


@dataclass(frozen=True, slots=True)
class Concept:
    """What a mention means. `reason` says how it was found, `score` how sure that is (0 to 1)."""

    curie: str
    name: str
    score: float = 1.0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    id: str
    start: int
    end: int
    text: str
    label: str
    concepts: tuple[Concept, ...] = ()


@dataclass(frozen=True, slots=True)
class Cue:
    """A word that changes a relation; `kind`: trigger, negation, null, hedge, hypothesis, ..."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Relation:
    """Who did what to what. subject, object, mediator, outcome and context are ids of mentions."""

    id: str
    subject: str | None
    object: str
    predicate: str
    direction: str
    negated: bool
    certainty: str
    role: str
    mediator: str | None
    cues: tuple[Cue, ...]
    sentence: tuple[int, int]
    score: float
    outcome: str | None = None
    context: str | None = None
    perturbation: str | None = None
    pattern: str | None = None
    ambiguous: str | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """The words behind a field of the study card; `value` says for which of several values."""

    field: str
    start: int
    end: int
    text: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect size as the abstract gives it: `measure` is SMD, MD, OR, RR, HR, ...; `low` and
    `high` are the bounds of its 95% interval. `outcome` and `concept` say what was measured."""

    measure: str
    value: float
    start: int
    end: int
    low: float | None = None
    high: float | None = None
    p: str | None = None
    outcome: str | None = None
    concept: str | None = None


@dataclass(frozen=True, slots=True)
class StudyCard:
    """What kind of study the abstract reports. None or () means "not stated", never "no".

    `subjects`: human, animal, cells. `species` are those of the subjects, in work on cells alone
    those of the cells; `cell_species` are those of which there were only cells.
    """

    design: str = "other"
    species: tuple[str, ...] = ()
    strains: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    n: int | None = None
    n_per_group: int | None = None
    arms: tuple[str, ...] = ()
    comparators: tuple[str, ...] = ()
    vesicle_source: tuple[str, ...] = ()
    vesicle_donor: tuple[str, ...] = ()
    vesicle_state: tuple[str, ...] = ()
    isolation: tuple[str, ...] = ()
    characterisation: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    dose: tuple[str, ...] = ()
    route: tuple[str, ...] = ()
    timing: str | None = None
    outcomes: tuple[str, ...] = ()
    effect_sizes: tuple[str, ...] = ()
    p_values: tuple[str, ...] = ()
    causal_test: tuple[str, ...] = ()
    randomised: bool | None = None
    blinded: bool | None = None
    power_calculation: bool | None = None
    dose_response: bool | None = None
    registration: tuple[str, ...] = ()
    design_reasons: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    not_reported: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    cell_species: tuple[str, ...] = ()
    vesicle_cell: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    funding: tuple[str, ...] = ()
    competing_interests: str | None = None


@dataclass(frozen=True, slots=True)
class Annotated:
    """An article with its reading."""

    article: Article
    sentences: tuple[Sentence, ...] = ()
    mentions: tuple[Mention, ...] = ()
    relations: tuple[Relation, ...] = ()
    study: StudyCard = StudyCard()


# --- claims, findings, verdicts -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frame:
    """What a claim says, in the same terms as a relation. Subjects and objects are alternatives.

    `chain`: the links of a claim that one thing leads to another and that to a third; each is
    checked for itself. `denied`: the claim says that this is not so; no effect supports it then,
    and so does the opposite effect.
    """

    subject: tuple[str, ...] = ()
    predicate: str = "regulates"
    direction: str = "unspecified"
    object: tuple[str, ...] = ()
    mediator: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    comparator: tuple[str, ...] = ()
    kind: str = "mechanistic"
    chain: tuple[Frame, ...] = ()
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """`checkable`: yes, partly or no, with the reason in `why`. `articles`: check only these."""

    id: str
    statement: str
    section: str | None = None
    frame: Frame | None = None
    checkable: str = "yes"
    why: str | None = None
    queries_for: tuple[str, ...] = ()
    queries_against: tuple[str, ...] = ()
    articles: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Rationale:
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What one article says of one claim. `excluded`: why it weighs nothing, or None."""

    id: str
    claim_id: str
    article_id: str
    stance: str
    score: float
    rationale: tuple[Rationale, ...]
    relations: tuple[str, ...]
    why: tuple[str, ...]
    article_version: int = 1
    excluded: str | None = None
    indirect: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of a grade: what was counted, how many points or which factor, and the words."""

    rule: str
    text: str
    points: float | None = None
    factor: float | None = None
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """How strong one study is for one finding (0 to 100), and why; `level`: OCEBM 2011."""

    finding_id: str
    article_id: str
    points: float
    level: str
    cluster: str
    reasons: tuple[Reason, ...]
    stance: str = ""


@dataclass(frozen=True, slots=True)
class Excluded:
    finding: str
    article_id: str
    stance: str
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a certainty; `kind`: start, up, cap (at most). `level`: where it stands then."""

    kind: str
    text: str
    level: str


@dataclass(frozen=True, slots=True)
class Voice:
    """One group on one side: its studies with their points, the strongest first, what it says
    (the first, and a part of the second), and the weight of its place."""

    group: str
    articles: tuple[str, ...]
    points: tuple[float, ...]
    value: float
    weight: float


@dataclass(frozen=True, slots=True)
class SideSum:
    """One side added up: value = sum of voice x weight, times `bonus`. `factor`: what its points
    were multiplied by before; `second`: the part of a group's second study that counts."""

    stance: str
    factor: float
    second: float
    voices: tuple[Voice, ...]
    bonus: float
    bonus_text: str
    value: float


@dataclass(frozen=True, slots=True)
class Without:
    """The verdict as it would be without these articles."""

    articles: tuple[str, ...]
    verdict: str
    certainty: str
    balance: float | None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How firmly a verdict stands.

    `studies` and `groups`: those whose loss changes the verdict or its certainty, of so many tried.
    `lowest` and `highest`: the balance over the loss of any one study. `weights`: the share of the
    draws with shaken weights that end in each verdict, `drawn` the 2.5th, 50th and 97.5th
    percentile of their balance. `retractions`: articles whose withdrawal alone changes the verdict.
    """

    tried: int
    studies: tuple[Without, ...]
    lowest: float | None
    highest: float | None
    groups_tried: int
    groups: tuple[Without, ...]
    draws: int
    seed: int
    weights: Mapping[str, float]
    drawn: tuple[float, ...]
    retractions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PooledStudy:
    article_id: str
    value: float
    low: float
    high: float
    weight: float


@dataclass(frozen=True, slots=True)
class Pooled:
    """A random-effects estimate from figures in abstracts. `ratio`: pooled on the log scale.

    `i2` is the share of the variation between studies, `tau2` its variance (of logs if `ratio`).
    """

    measure: str
    outcome: str
    ratio: bool
    value: float
    low: float
    high: float
    i2: float
    tau2: float
    q: float
    q_p: float
    studies: tuple[PooledStudy, ...]
    warning: str


@dataclass(frozen=True, slots=True)
class Verdict:
    claim_id: str
    verdict: str
    certainty: str
    n_studies: Mapping[str, int]
    findings: tuple[str, ...]
    reasons: tuple[str, ...]
    id: str = ""
    balance: float | None = None
    grades: tuple[Grade, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    steps: tuple[Step, ...] = ()
    warnings: tuple[str, ...] = ()
    sensitivity: Sensitivity | None = None
    pooled: tuple[Pooled, ...] = ()
    sides: tuple[SideSum, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """A reviewer's word on a finding; `hash` is the finding's id when it was judged.

    `project`: the review project it was said in. `part`: what is wrong; `corrected`: the values
    that are right instead. `kind` None is a plain decision; see the contract for the others.
    """

    reviewer: str
    finding: str
    hash: str
    verdict: str
    note: str
    at: str
    project: str | None = None
    part: str | None = None
    corrected: Mapping[str, Any] | None = None
    kind: str | None = None
    supersedes: str | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    run_id: str
    tool_version: str
    model_hash: str
    config_hash: str
    source: str
    at: str


# --- JSON ---------------------------------------------------------------------------------------

T = TypeVar("T")
_ARTICLE_KEYS = frozenset(f.name for f in fields(Article)) - {"extra"}
# What reading and grading use: an article line in which one of these does not fit is no article.
_NEEDED = frozenset(
    {"id", "text", "pmid", "version", "passages", "publication_types", "mesh", "status"}
)
_READING_KEYS = ("sentences", "mentions", "relations", "study")


def as_json(record: Any) -> dict[str, Any]:
    """The record as a JSON object, keys in the order of its fields."""
    if isinstance(record, Annotated):
        out = as_json(record.article)
        for key in _READING_KEYS:
            out[key] = msgspec.to_builtins(getattr(record, key))
        return out
    out = msgspec.to_builtins(record)
    if isinstance(record, Article):
        extra = out.pop("extra")
        out.update(extra)
    result: dict[str, Any] = out
    return result


def from_json(kind: type[T], data: Mapping[str, Any]) -> T:
    """Reads a record of `kind`; MalformedRecord names the field that does not fit."""
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise MalformedRecord(f"This is no {kind.__name__.lower()} line: {error}") from None


def article_from_json(data: Mapping[str, Any]) -> Article:
    """Reads an article line, or a bare {"id", "text"}.

    Publication types and MeSH headings may be plain strings. Without `passages` the line before the
    first newline is the title; a text without a newline has none.
    """
    known = {k: v for k, v in data.items() if k in _ARTICLE_KEYS and v is not None}
    extra = {k: v for k, v in data.items() if k not in _ARTICLE_KEYS and k not in _READING_KEYS}
    if isinstance(known.get("id"), int):
        known["id"] = str(known["id"])
    if isinstance(known.get("pmid"), int):
        known["pmid"] = str(known["pmid"])
    for key, name in (("publication_types", "name"), ("mesh", "descriptor")):
        known[key] = _named(known.get(key, ()), name)
    if isinstance(known["mesh"], list):
        known["mesh"] = [
            {**h, "qualifiers": _named(h.get("qualifiers") or (), "name")}
            if isinstance(h, dict)
            else h
            for h in known["mesh"]
        ]
    for key in ("version", "year"):
        value = known.get(key)
        if isinstance(value, str) and value.strip().isdecimal():
            known[key] = int(value)
    # Metadata that reading does not need never costs the record: in a shape of its own (authors as
    # plain names) it is kept as given, like an unknown key.
    for key in [k for k in known if k not in _NEEDED]:
        if not _fits(key, known[key]):
            extra[key] = known.pop(key)
    article = from_json(Article, {**known, "extra": extra})
    if not article.passages and article.text:
        article = replace(article, passages=_passages_of(article.text))
    for p in article.passages:
        if not 0 <= p.start <= p.end <= len(article.text):
            raise MalformedRecord(
                f"Article {article.id}: passage {p.start}-{p.end} lies outside the text "
                f"({len(article.text)} characters)."
            )
    return article


def _named(values: Any, name: str) -> Any:
    """Plain strings become objects with that name."""
    if not isinstance(values, list | tuple):
        return values
    return [{name: v} if isinstance(v, str) else v for v in values]


def _fits(key: str, value: Any) -> bool:
    try:
        msgspec.convert({"id": "", "text": "", key: value}, Article)
    except msgspec.ValidationError:
        return False
    return True


def _passages_of(text: str) -> tuple[Passage, ...]:
    """The passages of a bare text: the title before the first newline, then a passage per line."""
    passages = []
    start = 0
    lines = text.split("\n")
    for number, line in enumerate(lines):
        kind = "title" if number == 0 and len(lines) > 1 else "abstract"
        if line.strip():
            passages.append(Passage(kind, start, start + len(line)))
        start += len(line) + 1
    return tuple(passages)


def annotated_from_json(data: Mapping[str, Any]) -> Annotated:
    """Reads an annotated line; one without any reading is refused, not taken for an empty one."""
    reading = {k: data[k] for k in _READING_KEYS if data.get(k) is not None}
    if not reading:
        raise MalformedRecord(
            f"Article {data.get('id')} is not annotated: it has no sentences, mentions, relations "
            "or study. Give the output of `textmine annotate`."
        )
    empty = Article(id="", text="")
    annotated = from_json(Annotated, {"article": as_json(empty), **reading})
    return replace(annotated, article=article_from_json(data))
