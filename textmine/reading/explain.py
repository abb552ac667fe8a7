"""A reading that a person can follow: which words made a relation, step by step.

Nothing here decides anything: the sentence is laid out again beside what was read in it. With a
parse the way through the dependency tree is shown and how far each cue reaches; without one the
words between the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from textmine.reading.cues import find_cues
from textmine.reading.learned import PATTERN
from textmine.reading.pairs import Trigger, tree_of, triggers_at
from textmine.reading.scopes import scope_of
from textmine.reading.tagging import tag
from textmine.reading.tree import Tree
from textmine.reading.triggers import Token, Triggers, tokenize
from textmine.records import Annotated, Cue, Mention, Relation, Sentence

__all__ = ["explain", "parse_sentences"]

SIGN = {1: "up", -1: "down", 0: "no sign of its own"}
UNSIGNED = {
    "reverse": "undoes what was done before; alone it lowers a disease",
    "improve": "for the better: a disease goes down, a good thing up",
    "worsen": "for the worse",
    "affect": "a change without direction",
    "light": "the noun says what happens",
    "result": "the noun says what happens",
    "protect": "what stands behind 'against' goes down",
    "needed": "without it there is less",
}


def parse_sentences(nlp: Any, text: str, sentences: Sequence[Sentence]) -> Any | None:
    """`text` parsed by `nlp` within these sentences; None if it has no parser."""
    if "parser" not in nlp.pipe_names:
        return None
    doc = nlp.make_doc(text)
    at = 0
    for token in doc:
        end = token.idx + len(token)
        token.is_sent_start = at < len(sentences) and sentences[at].start < end
        while at < len(sentences) and sentences[at].start < end:
            at += 1
    for _, pipe in nlp.pipeline:
        doc = pipe(doc)
    return doc


def explain(annotated: Annotated, doc: Any = None) -> Iterator[str]:
    """Lines of plain text, for every sentence that names two things or holds a relation."""
    article = annotated.article
    names = {m.id: m for m in annotated.mentions}
    yield f"{article.id}  {article.title}".rstrip()
    for sentence in annotated.sentences:
        span = (sentence.start, sentence.end)
        inside = [m for m in annotated.mentions if span[0] <= m.start and m.end <= span[1]]
        told = [r for r in annotated.relations if r.sentence == span]
        if not told and len(inside) < 2:
            continue
        yield ""
        yield f"[{sentence.role}] {article.text[span[0] : span[1]]}"
        yield f"  mentions  {' · '.join(_named(m) for m in inside) or 'none'}"
        parsed = tree_of(article.text, sentence, inside, doc) if doc is not None else None
        if parsed is None:
            tokens = tokenize(article.text, *span, inside, Triggers.load())
            tag(tokens)
            tree = None
        else:
            tokens, tree = parsed
        for cue in find_cues(article.text, *span):
            yield f"  cue       {_cue(article.text, cue, tree)}"
        if not told:
            yield "  nothing read: no verb or noun of change ties two of these together"
        for relation in told:
            yield from _relation(article.text, relation, names, tokens, tree)


def _named(mention: Mention) -> str:
    concept = f" ({mention.concepts[0].curie})" if mention.concepts else ""
    return f"{mention.label} {mention.text!r}{concept}"


def _cue(text: str, cue: Cue, tree: Tree | None) -> str:
    words = f"{text[cue.start : cue.end]!r} {cue.kind}"
    if tree is None:
        return f"{words}; reaches over its clause"
    inside = [n.index for n in tree.nodes if n.token.start < cue.end and cue.start < n.token.end]
    if not inside:
        return words
    reach = sorted({k for i in inside for k in scope_of(tree, i)})
    start, end = tree.nodes[reach[0]].token.start, tree.nodes[reach[-1]].token.end
    shown = (
        text[start:end]
        if end - start <= 90
        else f"{text[start : start + 60]} … {text[end - 25 : end]}"
    )
    return f"{words}; reaches over {shown!r}"


def _relation(
    text: str,
    r: Relation,
    names: Mapping[str, Mention],
    tokens: Sequence[Token],
    tree: Tree | None,
) -> Iterator[str]:
    subject = names[r.subject] if r.subject is not None else None
    obj = names[r.object]
    who = repr(subject.text) if subject is not None else "nobody named"
    denied = ", negated" if r.negated else ""
    meant = f"{r.direction}{denied}, {r.certainty}, score {r.score}"
    yield f"  relation  {who} {r.predicate} {obj.text!r}: {meant}"
    yield f"    found by   {_found_by(r)}"
    way = _way(subject, obj, tokens, tree)
    if way:
        yield f"    way        {way}"
    for step in _steps(r, subject, obj, tokens, tree):
        yield f"    sign       {step}"
    for key, value in (("through", r.mediator), ("in", r.context), ("measured", r.outcome)):
        if value is not None and value in names:
            yield f"    {key:<10} {names[value].text!r}"
    kept = [f"{text[c.start : c.end]!r} ({c.kind})" for c in r.cues]
    yield f"    words      {', '.join(kept)}"
    if (
        r.subject is not None
        and subject is not None
        and not any(t.mention and t.mention.id == r.subject for t in tokens)
    ):
        yield "    note       the agent stands in an earlier sentence"
    if r.ambiguous:
        yield f"    note       {r.ambiguous}: no claim may rest on it"


def _found_by(r: Relation) -> str:
    pattern = r.pattern or "verb"
    if pattern == PATTERN:
        return f"the trained reader ({PATTERN}): no pattern of the rules read this pair"
    if pattern.startswith("tree:"):
        return f"the dependency tree ({pattern.removeprefix('tree:')})"
    return f"the clauses of the sentence ({pattern})"


def _way(subject: Mention | None, obj: Mention, tokens: Sequence[Token], tree: Tree | None) -> str:
    at = {t.mention.id: k for k, t in enumerate(tokens) if t.mention is not None}
    if subject is None or subject.id not in at or obj.id not in at:
        return ""
    a, b = at[subject.id], at[obj.id]
    if tree is None:
        between = [t.text for t in tokens[min(a, b) : max(a, b) + 1]]
        return (
            " ".join(between)
            if len(between) <= 14
            else " ".join([*between[:7], "…", *between[-6:]])
        )
    path = tree.path(a, b)
    if path is None:
        return "none: the tree is in pieces"
    steps = [tokens[a].text]
    for k, step in path[1:]:
        arrow = f"<-{step.lstrip('<')}-" if step.startswith("<") else f"-{step}->"
        steps += [arrow, tokens[k].text]
    return " ".join(steps)


def _steps(
    r: Relation,
    subject: Mention | None,
    obj: Mention,
    tokens: Sequence[Token],
    tree: Tree | None,
) -> Iterator[str]:
    """The factors of the product, then the product."""
    if r.predicate != "regulates":
        yield f"{r.predicate} is told as such: {r.direction}"
        return
    words = _factors(r, subject, obj, tokens, tree)
    for t in words:
        meaning = (
            UNSIGNED.get(t.cls, SIGN[t.sign]) if not t.sign else f"{t.sign:+d} ({SIGN[t.sign]})"
        )
        yield f"{t.word!r} {t.pos}, {t.cls}: {meaning}"
    if r.perturbation and r.mediator is None:
        yield f"{r.perturbation} of the subject is turned into an effect of the subject itself"
    elif r.mediator is not None and r.perturbation:
        yield "the effect is told by what undid it: it is the effect itself that is read"
    if r.direction == "unchanged":
        yield "no effect is told: unchanged"
        return
    product = 1
    for t in words:
        product *= t.sign or 1
    signs = [t for t in words if t.sign]
    if signs:
        way = {1: "increases", -1: "decreases"}[product]
        agrees = "" if way == r.direction else f" of these words alone; read as {r.direction}"
        factors = " x ".join(f"{t.sign:+d}" for t in signs)
        yield f"{factors} = {product:+d}: {way}{agrees}"
    else:
        yield f"read as {r.direction}"


def _factors(
    r: Relation,
    subject: Mention | None,
    obj: Mention,
    tokens: Sequence[Token],
    tree: Tree | None,
) -> list[Trigger]:
    spans = {(c.start, c.end) for c in r.cues if c.kind in ("trigger", "perturbation")}
    own = [k for k, t in enumerate(tokens) if (t.start, t.end) in spans]
    undone = r.mediator is not None and r.perturbation is not None
    at = {t.mention.id: k for k, t in enumerate(tokens) if t.mention is not None}
    on: list[int] = [] if undone else list(own)
    if subject is not None and subject.id in at and obj.id in at:
        a, b = sorted((at[subject.id], at[obj.id]))
        if tree is not None:
            on += [k for k, _ in tree.path(at[subject.id], at[obj.id]) or []]
        elif undone:
            on += list(range(a, b))
    return list(triggers_at(tokens, sorted(set(on))))
