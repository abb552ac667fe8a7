"""The declarative rules of grading, from corpora/rules/default.toml or a user's own file."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated as With
from typing import Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from textmine.config import data_root, file_hash, read_toml
from textmine.errors import ConfigError
from textmine.records import DESIGNS

__all__ = ["Rules"]

Certainty = Literal["high", "moderate", "low", "very_low"]


def _compiles(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from None
    return text


def _design(text: str) -> str:
    if text not in DESIGNS:
        raise ValueError(f"there is no design {text!r}; there are: {', '.join(DESIGNS)}")
    return text


Pattern = With[str, AfterValidator(_compiles)]
DesignName = With[str, AfterValidator(_design)]
Factor = With[float, Field(ge=0, le=1)]
Points = With[float, Field(ge=0)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Gates(_Table):
    retracted: str
    deleted: str
    duplicate: str
    duplicate_retracted: str
    pooled: str
    role: str
    uncheckable: str
    repeated: str
    designs: dict[DesignName, str]


class DesignVariant(_Table):
    """Other points for some studies of a design: those of a species, or with certain words."""

    designs: tuple[DesignName, ...]
    points: Points
    text: str
    species: tuple[str, ...] = ()
    pattern: Pattern | None = None


class Best(_Table):
    together: tuple[str, ...]
    points: Points
    text: str


class Each(_Table):
    value: str
    points: Points


class FieldPoints(_Table):
    """The best line of `best` that fits, and every line of `each`; at most `cap`."""

    part: str
    field: str
    cap: Points
    best: tuple[Best, ...] = ()
    each: tuple[Each, ...] = ()


class Rigour(_Table):
    cap: Points
    each: Points
    flags: tuple[str, ...]
    sample_size: bool
    models: int
    species: int
    both_sexes: Pattern


class Identity(_Table):
    cap: Points
    isolation: Points
    characterisation: Points
    characterisation_methods: int
    markers: Points
    dose: Points
    guideline: Points
    guideline_pattern: Pattern


class Quantified(_Table):
    effect_size: Points
    p_value: Points


class Directness(_Table):
    """A factor for a `why` line of the finding, or for a value of the study card."""

    part: str
    factor: Factor
    text: str
    why: Pattern | None = None
    field: str | None = None
    value: str | None = None


class Modality(_Table):
    hedged: Factor
    strong_hedge: Factor
    strong_hedge_pattern: Pattern


class Place(_Table):
    result: Factor
    conclusion: Factor
    title: Factor
    unknown: Factor
    title_only_cap: Points


class Access(_Table):
    automated: Factor
    automated_pattern: Pattern


class StatusFactors(_Table):
    expression_of_concern: Factor


class Item(_Table):
    """One item of a reporting profile: a field of the study card that says something, one of the
    `values` among what it says, at least so many of them, or words of the abstract."""

    name: str
    field: str | None = None
    values: tuple[str, ...] = ()
    least: int = 1
    pattern: Pattern | None = None


class Profile(_Table):
    """A reporting guideline, shown beside the points and never part of them."""

    name: str
    designs: tuple[DesignName, ...]
    source: str = ""
    items: tuple[Item, ...]


class SensitivityTable(_Table):
    """Draws of the Monte-Carlo: every weight times exp(normal(0, spread))."""

    draws: int = 300
    seed: int = 20
    spread: Points = 0.25
    most: int = 300


class Sum(_Table):
    null_factor: Factor
    second_in_cluster: Factor
    weights: tuple[Factor, ...]
    per_model: float
    per_species: float
    per_source: float
    bonus_cap: float
    titles: bool = True


class Independence(_Table):
    shared_authors: int
    grant_length: int
    title_likeness: Factor = 0.9
    title_years: int = 3


class VerdictTable(_Table):
    supported: Factor
    mixed: Factor
    contested: Factor
    clusters_supported: int
    clusters_least: int
    bias_share: Factor


class CertaintyTable(_Table):
    high: tuple[DesignName, ...]
    high_clusters: int
    moderate: tuple[DesignName, ...]
    low: tuple[DesignName, ...]
    bias_cap: Certainty
    mixed_cap: Certainty
    pooled_animal_cap: Certainty
    human_claim: Pattern
    human_claim_cap: Certainty
    abstract_cap: Certainty = "high"
    up_designs: tuple[DesignName, ...] = ()
    up_cap: Certainty = "moderate"
    large_ratio: float = 2.0
    large_smd: float = 0.8


class Rules(_Table):
    """All numbers of the grading. `fingerprint` names the file's content in a run's lineage."""

    version: int
    gates: Gates
    design: dict[DesignName, Points]
    design_variant: tuple[DesignVariant, ...] = ()
    points: tuple[FieldPoints, ...] = ()
    rigour: Rigour
    identity: Identity
    quantified: Quantified
    directness: tuple[Directness, ...] = ()
    modality: Modality
    place: Place
    access: Access
    status: StatusFactors
    sum: Sum
    independence: Independence
    verdict: VerdictTable
    certainty: CertaintyTable
    level: dict[DesignName, str]
    profiles: tuple[Profile, ...] = ()
    sensitivity: SensitivityTable = SensitivityTable()
    fingerprint: str = Field(default="", exclude=True)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Reads a rule file; ConfigError names every line that cannot be used."""
        file = Path(path)
        data = read_toml(file)
        try:
            return cls(**{**data, "fingerprint": file_hash(file)})
        except ValidationError as error:
            found = "; ".join(
                f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors()
            )
            raise ConfigError(
                f"{file} is no valid rule file: {found}. Copy the shipped "
                "corpora/rules/default.toml and change its numbers."
            ) from None

    @classmethod
    def default(cls) -> Rules:
        """The shipped rules."""
        return _default()


@cache
def _default() -> Rules:
    return Rules.load(data_root() / "corpora" / "rules" / "default.toml")
