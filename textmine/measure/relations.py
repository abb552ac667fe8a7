"""Who did what to what: relations against gold, with their direction, denial and certainty.

A relation is right when subject, object, predicate, direction and denial all agree. Own sentences
and the demonstration come with gold mentions and gold roles; real records with gold mentions, and
there the reader's own roles decide what counts as an own finding. The suite also stands on BioNLP's
event corpora (development parts, gold entities): which entity raises or lowers which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from textmine.config import data_root
from textmine.errors import MissingModel
from textmine.measure.goldtext import (
    OWN,
    Expected,
    GoldText,
    PairText,
    read_demo_gold,
    read_pairs,
    read_real,
    read_sentences,
)
from textmine.measure.scores import Line, f1, share
from textmine.reading.learned import refine
from textmine.reading.lexicon import Lexicon
from textmine.reading.model import TrainedModel
from textmine.reading.pair_features import view_of
from textmine.reading.pair_model import PairModel
from textmine.reading.pipeline import DEFAULT, Reader, build_pipeline
from textmine.reading.ranker import Ranker, said_of
from textmine.reading.relations import read_relations
from textmine.reading.roles import assign_roles
from textmine.reading.tree import words_of
from textmine.reading.triggers import Triggers
from textmine.records import Annotated, Article, Mention, Relation, Sentence

__all__ = [
    "MARKS",
    "Case",
    "Parse",
    "differences",
    "gold_files",
    "learned_pairs",
    "measure_relations",
    "pair_lines",
    "pairs_for",
    "parser_of",
    "ranker_for",
    "read_case",
    "rule_pairs",
    "unseen",
]

Parse = Callable[[str, Sequence[Sentence]], Any]
Key = tuple[object, ...]

MARKS = {
    1: "negation", 2: "null effect", 3: "concession", 4: "perturbation or rescue", 5: "two agents",
    6: "comparison", 7: "coordination", 8: "agentless", 9: "nominalisation", 10: "cell context",
    11: "origin", 12: "differentiation", 13: "correlation", 14: "lost superscripts", 15: "hedge",
    16: "said again", 0: "none",
}  # fmt: skip
"""The hard patterns that own sentences are marked with."""
REAL = "real.jsonl.gz"
_SIGNS = {"increases": 1, "decreases": -1, "unspecified": 0}
_SHORT_SIGNS = {"+": 1, "-": -1, "0": 0}
_PEER = 0.26
_SOURCE = "linear SVM over word n-grams, 0.22-0.26 on the two corpora"
_SIGN_PEER = 0.86
_SIGN_SOURCE = "the same SVM, 0.80-0.86"


def parser_of(model: str = DEFAULT) -> Parse:
    """What parses a text of known sentences with a pipeline; one without a parser gives None."""
    nlp = build_pipeline(model)
    if "parser" not in nlp.pipe_names:
        return lambda text, sentences: None
    if TrainedModel.fits(nlp):
        return _trained(TrainedModel(nlp, Lexicon.load()))

    def parse(text: str, sentences: Sequence[Sentence]) -> Any:
        doc = nlp.make_doc(text)
        at = 0
        for token in doc:
            begins = at < len(sentences) and sentences[at].start < token.idx + len(token)
            token.is_sent_start = begins
            while at < len(sentences) and sentences[at].start < token.idx + len(token):
                at += 1
        for _, pipe in nlp.pipeline:
            doc = pipe(doc)
        return doc

    return parse


def _trained(trained: TrainedModel) -> Parse:
    def parse(text: str, sentences: Sequence[Sentence]) -> Any:
        doc = trained.nlp.make_doc(text)
        trained.parse([(doc, [(s.start, s.end) for s in sentences])])
        return doc

    return parse


def gold_files(folder: Path, split: str) -> list[Path]:
    """The files of own sentences of one half: sentences_dev.toml, sentences_dev_2.toml, ..."""
    return sorted(folder.glob(f"sentences_{split}*.toml"))


def measure_relations(
    data: Path | None = None, splits: Sequence[str] = ("dev", "test"), model: str = DEFAULT
) -> list[Line]:
    """Scores on own gold; with a data folder on real records and on events too."""
    gold = data_root() / "corpora" / "gold"
    parse = parser_of(model)
    lines: list[Line] = []
    for split in splits:
        own = [
            read_case(text, parse)
            for path in gold_files(gold, split)
            for text in read_sentences(path)
        ]  # fmt: skip
        lines += _scores("sentences", "own", split, own)
        lines += _patterns(split, own)
        demo = [read_case(text, parse) for text in read_demo_gold(gold / "demo.jsonl.gz", split)]
        lines += _scores("demo", "demo", split, demo)
        if data is not None and (gold / REAL).is_file():
            real = list(read_real(gold / REAL, data, split))
            lines += _real(real, split, parse, Reader(model))
    if data is not None and "dev" in splits:
        for corpus in ("cg", "pc"):
            lines += _events(corpus, list(read_pairs(data, corpus)), parse)
    return [unseen(line) for line in lines]


def unseen(line: Line) -> Line:
    """A line without the misses of the test half, which is for the figure only."""
    return replace(line, misses=()) if line.split == "test" else line


@dataclass(frozen=True, slots=True)
class Case:
    """A gold text and what was read in it, by the ids of its gold mentions."""

    gold: GoldText
    found: tuple[Relation, ...]

    def words(self, key: Hashable) -> str:
        """A key for people: ids become words."""
        names = {m.id: m.text for m in self.gold.mentions}
        parts = key if isinstance(key, tuple) else (key,)
        return " ".join(
            repr(names[p]) if p in names else "negated" if p is True else str(p)
            for p in parts
            if p is not False
        )

    def where(self, key: Hashable) -> str:
        """The sentence that a key's object stands in."""
        parts = key if isinstance(key, tuple) else (None, key)
        place = next((m.start for m in self.gold.mentions if m.id == parts[1]), -1)
        text = self.gold.article.text
        return next(
            (text[s.start : s.end] for s in self.gold.sentences if s.start <= place < s.end), ""
        )


def read_case(text: GoldText, parse: Parse) -> Case:
    doc = parse(text.article.text, text.sentences)
    found = read_relations(
        text.article, text.sentences, text.mentions, doc=doc, learned=pairs_for(doc)
    )
    return Case(text, text.kept(found))


def pairs_for(doc: Any) -> PairModel | None:
    """The trained reader of own findings, if there is a tree for it to read with."""
    return PairModel.load() if doc is not None else None


def found_key(r: Relation) -> Key:
    return r.subject, r.object, r.predicate, r.direction, r.negated


def differences(
    cases: Sequence[Case], pairs: Sequence[tuple[Iterable[Hashable], Iterable[Hashable]]]
) -> tuple[str, ...]:
    """What was missed (-) and wrongly found (+), with the sentence."""
    out = []
    for case, (gold, found) in zip(cases, pairs, strict=True):
        for sign, keys in (("-", set(gold) - set(found)), ("+", set(found) - set(gold))):
            out += [
                f"{case.gold.id} {sign} {case.words(k)} | {case.where(k)}"
                for k in sorted(keys, key=str)
            ]
    return tuple(out)


def _scores(stage: str, name: str, split: str, cases: Sequence[Case]) -> Iterator[Line]:
    """All relations; pairs without direction; direction and certainty where the pair is found."""
    keys = [([g.key for g in c.gold.relations], [found_key(r) for r in c.found]) for c in cases]
    misses = differences(cases, keys)
    yield Line(stage, f"{name}: relations, gold mentions", split, f1(keys), misses)
    pairs = [([k[:2] for k in gold], [k[:2] for k in found]) for gold, found in keys]
    yield Line(stage, f"{name}: pairs, whatever said", split, f1(pairs))
    yield from _directions(stage, name, split, cases)
    yield _certainty(stage, name, split, cases)


def _told(rows: Iterable[Expected | Relation]) -> dict[Key, set[Key]]:
    """(subject, object, predicate) -> what is said of it."""
    out: dict[Key, set[Key]] = {}
    for row in rows:
        key = (row.subject, row.object, row.predicate)
        out.setdefault(key, set()).add((row.direction, row.negated))
    return out


def _directions(stage: str, name: str, split: str, cases: Sequence[Case]) -> Iterator[Line]:
    """Of the found triples that the gold has too: those with direction and denial right."""
    right = total = 0
    wrong: list[str] = []
    table: Counter[tuple[str, str]] = Counter()
    for case in cases:
        gold, found = _told(case.gold.relations), _told(case.found)
        for key in gold.keys() & found.keys():
            for told in sorted(found[key], key=str):
                total += 1
                if told in gold[key]:
                    right += 1
                    table[str(told[0]), str(told[0])] += 1
                    continue
                wanted = sorted(gold[key], key=str)
                table[str(wanted[0][0]), str(told[0])] += 1
                wrong.append(
                    f"{case.gold.id} {case.words(key)}: {case.words(told)}, gold "
                    f"{', '.join(case.words(w) for w in wanted)} | {case.where(key)}"
                )
    yield Line(stage, f"{name}: direction of found pairs", split, share(right, total), tuple(wrong))
    rows: Counter[str] = Counter()
    for (wanted_one, _), number in table.items():
        rows[wanted_one] += number
    for (wanted_one, read), number in sorted(table.items()):
        yield Line(
            "confusion", f"{name}: {wanted_one} read as {read}", split,
            share(number, rows[wanted_one]),
        )  # fmt: skip


def _certainty(stage: str, name: str, split: str, cases: Sequence[Case]) -> Line:
    right = total = 0
    wrong = []
    for case in cases:
        gold: dict[Key, set[str]] = {}
        for g in case.gold.relations:
            gold.setdefault(g.key, set()).add(g.certainty)
        for r in case.found:
            if (wanted := gold.get(found_key(r))) is None:
                continue
            total += 1
            right += r.certainty in wanted
            if r.certainty not in wanted:
                wrong.append(
                    f"{case.gold.id} {case.words(found_key(r))}: {r.certainty}, gold "
                    f"{'/'.join(sorted(wanted))} | {case.where(found_key(r))}"
                )
    what = f"{name}: certainty of found relations"
    return Line(stage, what, split, share(right, total), tuple(wrong))


def _patterns(split: str, cases: Sequence[Case]) -> Iterator[Line]:
    """F1 per hard pattern; a sentence may stand for several."""
    for mark, name in MARKS.items():
        kept = [c for c in cases if mark in c.gold.marks]
        if kept:
            keys = [([g.key for g in c.gold.relations], [found_key(r) for r in c.found])
                    for c in kept]  # fmt: skip
            yield Line("pattern", f"{mark:>2} {name}", split, f1(keys), differences(kept, keys))


# --- real records


def _real(golds: Sequence[GoldText], split: str, parse: Parse, reader: Reader) -> Iterator[Line]:
    """Own findings: with gold mentions and the reader's roles, and with nothing given."""
    oracle, given, alone = [], [], []
    for gold in golds:
        spans = [(s.start, s.end) for s in gold.sentences]
        named = assign_roles(gold.article, spans)
        doc = parse(gold.article.text, gold.sentences)
        rules = read_relations(gold.article, named, gold.mentions, doc=doc)
        model = pairs_for(doc)
        found = refine(model, gold.article, named, gold.mentions, rules, doc) if model else rules
        named_gold = replace(gold, sentences=named)
        alone.append(
            ([g.key for g in gold.relations], [found_key(r) for r in rules if r.role in OWN])
        )
        oracle.append(Case(named_gold, tuple(r for r in found if r.role in OWN)))
        # Every sentence read as a result, those without gold left out: what the roles cost.
        told = {_sentence_of(gold, g.object) for g in gold.relations}
        all_own = read_relations(
            gold.article, gold.sentences, gold.mentions, doc=doc, learned=model
        )
        given.append(Case(gold, tuple(r for r in all_own if r.sentence in told)))
    yield from _scores("real", "real", split, oracle)
    yield Line("real", "real: relations, gold mentions, rules alone", split, f1(alone))
    keys = [([g.key for g in c.gold.relations], [found_key(r) for r in c.found]) for c in given]
    yield Line("real", "real: relations, told sentences only", split, f1(keys))
    whole = [_end_to_end(gold, reader.read(gold.article)) for gold in golds]
    for what, exact in (("exact names", True), ("overlapping names", False)):
        cases = [Case(gold, _renamed(gold, found, exact)) for gold, found in zip(golds, whole,
                 strict=True)]  # fmt: skip
        keys = [([g.key for g in c.gold.relations], [found_key(r) for r in c.found])
                for c in cases]  # fmt: skip
        misses = () if exact else differences(cases, keys)
        yield Line("real", f"real, end to end: relations, {what}", split, f1(keys), misses)
        if not exact:
            yield from _directions("real", "real, end to end", split, cases)
    spans_found = [
        (
            [(m.start, m.end, m.label) for m in gold.mentions],
            [(m.start, m.end, m.label) for m in found.mentions],
        )
        for gold, found in zip(golds, whole, strict=True)
    ]
    yield Line("real", "real: mentions", split, f1(spans_found))


def _end_to_end(gold: GoldText, read: Annotated) -> Annotated:
    return replace(read, relations=tuple(r for r in read.relations if r.role in OWN))


def _sentence_of(gold: GoldText, mention: str) -> tuple[int, int] | None:
    place = next(m.start for m in gold.mentions if m.id == mention)
    return next(((s.start, s.end) for s in gold.sentences if s.start <= place < s.end), None)


def _renamed(gold: GoldText, read: Annotated, exact: bool) -> tuple[Relation, ...]:
    """The relations with ids of gold mentions where a name is the same, or overlaps one."""
    names = {m.id: _same(gold.mentions, m, exact) for m in read.mentions}
    return tuple(
        replace(r, subject=names[r.subject] if r.subject else None, object=names[r.object])
        for r in read.relations
    )


def _same(golds: Sequence[Mention], found: Mention, exact: bool) -> str:
    for gold in golds:
        if (gold.start, gold.end) == (found.start, found.end):
            return gold.id
    near = [m for m in golds if m.start < found.end and found.start < m.end] if not exact else []
    if not near:
        return found.id
    return max(near, key=lambda m: min(m.end, found.end) - max(m.start, found.start)).id


# --- events


def rule_pairs(text: PairText, parse: Parse) -> dict[tuple[str, str], int]:
    """(cause, theme) -> sign of what the rule reader says of a document's entities."""
    article = Article(text.id, text.article.text, passages=text.article.passages)
    doc = parse(article.text, text.sentences)
    out: dict[tuple[str, str], int] = {}
    for r in read_relations(article, text.sentences, text.mentions, doc=doc):
        if r.subject is None or r.predicate not in ("regulates", "targets"):
            continue
        if r.negated or r.direction not in _SIGNS:
            continue
        pair = (r.subject, r.object)
        if not out.get(pair):
            out[pair] = _SIGNS[r.direction]
    return out


def _events(corpus: str, texts: Sequence[PairText], parse: Parse) -> Iterator[Line]:
    read = [rule_pairs(text, parse) for text in texts]
    yield from pair_lines(corpus, "rules", texts, read)
    ranker = ranker_for(parse)
    if ranker is not None:
        learned = [learned_pairs(text, parse, ranker, corpus) for text in texts]
        yield from pair_lines(corpus, "learned", texts, learned)


def ranker_for(parse: Parse) -> Ranker | None:
    """The trained reader of pairs, if there are weights and a parser to read with."""
    sentence = "This is one."
    if parse(sentence, [Sentence(0, len(sentence), "result")]) is None:
        return None
    try:
        return Ranker.load()
    except MissingModel:
        return None


def learned_pairs(
    text: PairText, parse: Parse, ranker: Ranker, corpus: str
) -> dict[tuple[str, str], int]:
    """(cause, theme) -> sign of what the trained reader says of a document's entities."""
    doc = parse(text.article.text, text.sentences)
    rules = read_relations(text.article, text.sentences, text.mentions, doc=doc)
    said = said_of(rules)
    triggers = Triggers.load()
    out = {}
    for s in text.sentences:
        words = words_of(doc, s.start, s.end)
        view = view_of(text.article.text, s, text.mentions, words or [], triggers)
        if view is None:
            continue
        for score in ranker.read(view, said, text.kinds, corpus):
            if score.probability >= ranker.thresholds[corpus] and score.sign in _SHORT_SIGNS:
                out[score.subject, score.object] = _SHORT_SIGNS[score.sign]
    return out


def pair_lines(
    corpus: str,
    who: str,
    texts: Sequence[PairText],
    read: Sequence[Mapping[tuple[str, str], int]],
) -> Iterator[Line]:
    """F1 of signed pairs (with and without those of no sign), and the sign of the found ones."""
    for what, signs in (
        ("signed pairs, +, - and 0", (1, -1, 0)),
        ("signed pairs, + and -", (1, -1)),
    ):
        keys = [
            (
                {(p.cause, p.theme, p.sign) for p in text.pairs if p.sign in signs},
                {(*pair, sign) for pair, sign in found.items() if sign in signs},
            )
            for text, found in zip(texts, read, strict=True)
        ]
        yield Line(
            "events", f"{corpus} {who}: {what}", "dev", f1(keys), _pair_misses(texts, keys),
            _PEER, _SOURCE,
        )  # fmt: skip
    pairs = [
        ({(p.cause, p.theme) for p in text.pairs}, set(found))
        for text, found in zip(texts, read, strict=True)
    ]
    yield Line("events", f"{corpus} {who}: pairs without sign", "dev", f1(pairs))
    right = total = 0
    for text, found in zip(texts, read, strict=True):
        gold: dict[tuple[str, str], set[int]] = {}
        for p in text.pairs:
            if p.sign:
                gold.setdefault((p.cause, p.theme), set()).add(p.sign)
        for pair, sign in found.items():
            if sign and pair in gold:
                total += 1
                right += sign in gold[pair]
    yield Line(
        "events", f"{corpus} {who}: sign right, found pairs", "dev", share(right, total), (),
        _SIGN_PEER, _SIGN_SOURCE,
    )  # fmt: skip


def _pair_misses(
    texts: Sequence[PairText], keys: Sequence[tuple[set[Any], set[Any]]]
) -> tuple[str, ...]:
    out = []
    for text, (gold, found) in zip(texts, keys, strict=True):
        names = {m.id: m for m in text.mentions}
        for mark, rows in (("-", gold - found), ("+", found - gold)):
            for cause, theme, sign in sorted(rows):
                a, b = names[cause], names[theme]
                where = next(
                    (text.article.text[s.start : s.end] for s in text.sentences
                     if s.start <= b.start < s.end), "",
                )  # fmt: skip
                out.append(f"{text.id} {mark} {a.text!r} {sign:+d} {b.text!r} | {where}")
    return tuple(out)
