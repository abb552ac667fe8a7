"""How strong one study is for one finding: points times factors, each with its reason.

Points and factors are those of the rule file. What an abstract does not report scores 0 and is
shown as "not reported in abstract"; it never takes points away. Beside the points stands the level
of the Oxford Centre for Evidence-Based Medicine (OCEBM 2011, treatment benefit), by which all work
on animals and cells is level 5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from textmine.evidence.rules import FieldPoints, Rules
from textmine.records import Annotated, Finding, Grade, Quote, Rationale, Reason

__all__ = ["gate", "grade"]

_SILENT = "not reported in abstract"
_PLACES = ("result", "conclusion", "title")


def gate(finding: Finding, annotated: Annotated, rules: Rules) -> str | None:
    """Why the finding weighs nothing whatever it says; None if it may count."""
    status = annotated.article.status
    if finding.excluded:
        return finding.excluded
    if status.retracted:
        return rules.gates.retracted
    if status.deleted:
        return rules.gates.deleted
    design = annotated.study.design
    if design in rules.gates.designs:
        return rules.gates.designs[design]
    if finding.stance != "insufficient" and _place(finding, annotated) == "none":
        return rules.gates.role
    return None


def grade(finding: Finding, annotated: Annotated, rules: Rules, cluster: str = "") -> Grade:
    """The grade of a finding that passed the gates (0 to 100)."""
    added = [
        *_design(annotated, rules),
        *(r for table in rules.points for r in _field_points(annotated, table)),
        *_rigour(annotated, rules),
        *_identity(annotated, rules),
        *_quantified(annotated, rules),
    ]
    points = min(sum(r.points or 0 for r in added), 100.0)
    reasons = [*added, Reason("points", f"sum of the points: {points:g}")]
    factors = [
        *_directness(finding, annotated, rules),
        *_modality(finding, annotated, rules),
        *_where(finding, annotated, rules),
        *_access(annotated, rules),
    ]
    total = points
    for reason in factors:
        total *= 1.0 if reason.factor is None else reason.factor
    reasons += factors
    if not _has_abstract(annotated) and total > rules.place.title_only_cap:
        total = rules.place.title_only_cap
        reasons.append(Reason("cap", f"no abstract: at most {total:g}", points=total))
    total = round(total, 2)
    reasons.append(Reason("score", f"points x factors = {total:g}", points=total))
    level = rules.level.get(annotated.study.design, "5")
    reasons.append(Reason("level", f"OCEBM 2011 level for treatment benefit: {level}"))
    return Grade(
        finding.id, finding.article_id, total, level, cluster, tuple(reasons), finding.stance
    )


# --- points ---------------------------------------------------------------------------------------


def _quote(annotated: Annotated, *fields: str, values: Sequence[str] = ()) -> Quote | None:
    """The words behind the first of the fields, or behind one of its `values`."""
    return next(
        (
            q
            for q in annotated.study.quotes
            if q.field in fields and (not values or q.value in (None, *values))
        ),
        None,
    )


def _search(annotated: Annotated, pattern: str, field: str) -> Quote | None:
    text = annotated.article.text
    match = re.search(pattern, text, re.IGNORECASE)
    return Quote(field, match.start(), match.end(), match[0]) if match else None


def _design(annotated: Annotated, rules: Rules) -> list[Reason]:
    study = annotated.study
    text = study.design.replace("_", " ")
    points, quote = rules.design.get(study.design, 0.0), _quote(annotated, "design", "species")
    for variant in rules.design_variant:
        if study.design not in variant.designs:
            continue
        found = _search(annotated, variant.pattern, "design") if variant.pattern else None
        if found or set(variant.species) & set(study.species):
            points, text, quote = variant.points, f"{text}, {variant.text}", found or quote
            break
    why = f" ({'; '.join(study.design_reasons)})" if study.design_reasons else ""
    return [Reason("design", f"{text}{why}", points=points, quote=quote)]


def _field_points(annotated: Annotated, table: FieldPoints) -> list[Reason]:
    values = getattr(annotated.study, table.field)
    have = {values} if isinstance(values, str) else set(values or ())
    fitting = [b for b in table.best if set(b.together) <= have]
    best = max(fitting, key=lambda b: b.points, default=None)
    out = []
    if best:
        quote = _quote(annotated, table.field, values=best.together)
        out.append(Reason(table.part, best.text, points=best.points, quote=quote))
    out += [
        Reason(
            table.part,
            each.value,
            points=each.points,
            quote=_quote(annotated, table.field, values=[each.value]),
        )
        for each in table.each
        if each.value in have
    ]
    return _capped(out, table.part, table.cap) or [Reason(table.part, _SILENT, points=0.0)]


def _capped(reasons: list[Reason], part: str, cap: float) -> list[Reason]:
    over = sum(r.points or 0 for r in reasons) - cap
    return [*reasons, Reason(part, f"at most {cap:g}", points=-over)] if over > 0 else reasons


def _rigour(annotated: Annotated, rules: Rules) -> list[Reason]:
    study, table = annotated.study, rules.rigour
    out = []
    silent = []
    for flag in table.flags:
        value = getattr(study, flag)
        name = flag.replace("_", " ")
        if value:
            out.append(Reason("rigour", name, points=table.each, quote=_quote(annotated, flag)))
        elif value is None:
            silent.append(name)
        else:
            out.append(Reason("rigour", f"not {name}", points=0.0, quote=_quote(annotated, flag)))
    if table.sample_size:
        quote = _quote(annotated, "n", "n_per_group")
        if study.n is not None or study.n_per_group is not None:
            size = f"n = {study.n}" if study.n is not None else f"n = {study.n_per_group} per group"
            out.append(Reason("rigour", size, points=table.each, quote=quote))
        else:
            silent.append("sample size")
    for name, values, least in (
        ("models", study.models, table.models),
        ("species", study.species, table.species),
    ):
        if len(values) >= least:
            text = f"{len(values)} {name}: {', '.join(values)}"
            out.append(Reason("rigour", text, points=table.each, quote=_quote(annotated, name)))
    sexes = _search(annotated, table.both_sexes, "sex")
    if sexes:
        out.append(Reason("rigour", "both sexes", points=table.each, quote=sexes))
    else:
        silent.append("both sexes")
    out = _capped(out, "rigour", table.cap)
    if silent:
        out.append(Reason("rigour", f"{', '.join(silent)}: {_SILENT}", points=0.0))
    return out


def _identity(annotated: Annotated, rules: Rules) -> list[Reason]:
    study, table = annotated.study, rules.identity
    part = "vesicle identity"
    enough = len(study.characterisation) >= table.characterisation_methods
    out, silent = [], []
    for name, values, fits, points in (
        ("isolation", study.isolation, bool(study.isolation), table.isolation),
        ("characterisation", study.characterisation, enough, table.characterisation),
        ("markers", study.markers, bool(study.markers), table.markers),
        ("dose", study.dose, bool(study.dose), table.dose),
    ):
        if fits:
            text = f"{name}: {', '.join(values)}"
            out.append(Reason(part, text, points=points, quote=_quote(annotated, name)))
        elif values:
            text = f"{name}: {', '.join(values)} (fewer than {table.characterisation_methods})"
            out.append(Reason(part, text, points=0.0, quote=_quote(annotated, name)))
        else:
            silent.append(name)
    guideline = _search(annotated, table.guideline_pattern, "guideline")
    if guideline is None:
        keywords = " ; ".join(annotated.article.keywords)
        if re.search(table.guideline_pattern, keywords, re.IGNORECASE):
            out.append(Reason(part, "reporting guideline in the keywords", points=table.guideline))
    else:
        out.append(Reason(part, "reporting guideline", points=table.guideline, quote=guideline))
    out = _capped(out, part, table.cap)
    if silent:
        out.append(Reason(part, f"{', '.join(silent)}: {_SILENT}", points=0.0))
    return out


def _quantified(annotated: Annotated, rules: Rules) -> list[Reason]:
    study = annotated.study
    for values, points, field in (
        (study.effect_sizes, rules.quantified.effect_size, "effect_sizes"),
        (study.p_values, rules.quantified.p_value, "p_values"),
    ):
        if values:
            return [Reason("quantified", values[0], points=points, quote=_quote(annotated, field))]
    return [Reason("quantified", _SILENT, points=0.0)]


# --- factors --------------------------------------------------------------------------------------


def _directness(finding: Finding, annotated: Annotated, rules: Rules) -> list[Reason]:
    """Of each part (object, cell, intervention, timing) the smallest factor that fits."""
    found: dict[str, Reason] = {}
    for line in rules.directness:
        fits, quote = False, None
        if line.why is not None:
            fits = any(re.search(line.why, why) for why in finding.why)
        elif line.field is not None:
            value = getattr(annotated.study, line.field)
            fits = value == line.value or (isinstance(value, tuple) and line.value in value)
            quote = _quote(annotated, line.field)
        if fits and (line.part not in found or line.factor < (found[line.part].factor or 1)):
            text = f"{line.part}: {line.text}"
            found[line.part] = Reason("directness", text, factor=line.factor, quote=quote)
    return list(found.values()) or [Reason("directness", "direct", factor=1.0)]


def _modality(finding: Finding, annotated: Annotated, rules: Rules) -> list[Reason]:
    used = set(finding.relations)
    relations = [r for r in annotated.relations if r.id in used]
    if not relations or any(r.certainty == "asserted" for r in relations):
        return [Reason("modality", "stated plainly", factor=1.0)]
    text = annotated.article.text
    pattern = re.compile(rules.modality.strong_hedge_pattern, re.IGNORECASE)
    for relation in relations:
        match = pattern.search(text, *relation.sentence)
        if match is None:
            return [Reason("modality", "hedged", factor=rules.modality.hedged)]
    quote = Quote("modality", match.start(), match.end(), match[0]) if match else None
    return [Reason("modality", "hedged strongly", factor=rules.modality.strong_hedge, quote=quote)]


def _roles(finding: Finding, annotated: Annotated) -> set[str]:
    return {
        s.role
        for s in annotated.sentences
        for r in finding.rationale
        if s.start < r.end and r.start < s.end
    }


def _place(finding: Finding, annotated: Annotated) -> str:
    """The best place among the rationale's sentences; "none" if they are no results at all."""
    roles = _roles(finding, annotated)
    if not roles:
        return "unknown"
    return next((place for place in _PLACES if place in roles), "none")


def _where(finding: Finding, annotated: Annotated, rules: Rules) -> list[Reason]:
    place = _place(finding, annotated)
    factor = getattr(rules.place, place, 0.0)
    text = {
        "result": "stands in a result",
        "conclusion": "stands only in a conclusion",
        "title": "stands only in the title",
        "unknown": "the sentence's role is not known",
    }.get(place, "no result, conclusion or title")
    return [Reason("place", text, factor=factor, quote=_rationale(finding.rationale))]


def _rationale(rationale: Iterable[Rationale]) -> Quote | None:
    return next((Quote("rationale", r.start, r.end, r.text) for r in rationale), None)


def _access(annotated: Annotated, rules: Rules) -> list[Reason]:
    article, out = annotated.article, []
    method = article.indexing_method
    if method and re.search(rules.access.automated_pattern, method, re.IGNORECASE):
        text = f"MeSH headings by machine ({method})"
        out.append(Reason("access", text, factor=rules.access.automated))
    if article.status.expression_of_concern:
        factor = rules.status.expression_of_concern
        out.append(Reason("concern", "an expression of concern was published", factor=factor))
    return out


def _has_abstract(annotated: Annotated) -> bool:
    return any(p.kind != "title" for p in annotated.article.passages)
