"""Makes the training examples of the stance model: one file for each epoch, each drawn anew.

    python models/scripts/stance_data.py DATA OUT --epochs 2

In half of the questions on trials the arms are swapped, with the direction turned. Two more files,
in OUT/last, are for the end of the training: arms as the trials name them, fewer sentences that are
no evidence, and made-up sentences in which nothing but the words of direction gives the answer.

An example is a query (a plain claim, or intervention, outcome and comparator), a sentence, and what
is known of them: `r` is the sentence evidence on the query (0, 1); `d` which directions it may
report; `s` which stances it may take; a missing one is not known. SciFact's held-out tenths, its
given development claims and the validation part of Evidence Inference are not read; the tenth for
calibration goes to calibration.jsonl. Of textmine's own gold the development halves alone.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from stance_drills import drills

from textmine.claims.encoder import frame_query
from textmine.claims.opposite import default_opposites
from textmine.config import data_root
from textmine.measure.claim_corpora import Finding, part_of, read_inference, read_scifact
from textmine.measure.claim_corpora import Pair as ClaimPair
from textmine.measure.goldtext import GoldText, read_demo_gold, read_pairs, read_sentences

Example = dict[str, Any]
ALL = ["increases", "decreases", "unchanged"]
TURNED = {"increases": "decreases", "decreases": "increases", "unchanged": "unchanged"}
AGAINST = ["contradicts", "null_effect"]
UP = ("increases", "promotes", "enhances", "stimulates", "induces", "raises", "improves")
DOWN = ("decreases", "reduces", "inhibits", "suppresses", "attenuates", "lowers", "prevents")
SMALL = frozenset(
    re.findall(
        r"\w+",
        "the a an of in on to and or for with by at from as is are was were be than not no between "
        "after during level levels rate score group groups total mean",
    )
)
PREPARATION = re.compile(r"METHOD|BACKGROUND|OBJECTIVE|INTRODUCTION|AIM|PURPOSE|REGISTR|SETTING")
EVENTS_AN_EPOCH = 3000
DRILLS_AN_EPOCH = 3000


def words(text: str) -> set[str]:
    return {w for w in re.findall(r"[a-z0-9]+", text.lower()) if w not in SMALL}


def nearest(query: str, sentences: Sequence[str], places: Sequence[int], keep: int) -> list[int]:
    """The sentences that share most words with the query."""
    wanted = words(query)
    return sorted(places, key=lambda n: (-len(wanted & words(sentences[n])), n))[:keep]


# --- Evidence Inference


def statement(chance: random.Random, one: str, outcome: str, other: str, way: str) -> str:
    """A claim in plain words about the direction of an effect."""
    if way == "unchanged":
        forms = [f"{one} has no effect on {outcome} compared with {other}.",
                 f"There is no difference in {outcome} between {one} and {other}."]  # fmt: skip
        return chance.choice(forms)
    verb = chance.choice(UP if way == "increases" else DOWN)
    side = "higher" if way == "increases" else "lower"
    forms = [f"{one} {verb} {outcome} compared with {other}.", f"{one} {verb} {outcome}.",
             f"{outcome} is {side} with {one} than with {other}."]  # fmt: skip
    return chance.choice(forms)


def stance_of(claimed: str, found: str) -> str:
    if claimed == found:
        return "supports"
    return "null_effect" if found == "unchanged" else "contradicts"


def positives(
    chance: random.Random, item: Finding, sentence: str, swaps: float
) -> Iterator[Example]:
    one, other, way = item.intervention, item.comparator, item.direction
    if chance.random() < swaps:
        one, other, way = other, one, TURNED[way]
    if way != "unchanged" and chance.random() < 0.2:
        turned = default_opposites().mirror(sentence)
        if turned is not None:
            sentence, way = turned, TURNED[way]
    against = "" if one == item.intervention and chance.random() < 0.15 else other
    yield {"a": frame_query(one, item.outcome, against), "b": sentence, "r": 1, "d": [way]}
    if chance.random() < (0.5 if swaps else 0.3):
        claimed = chance.choice([way, chance.choice(ALL)])
        text = statement(chance, one, item.outcome, other, claimed)
        yield {"a": text, "b": sentence, "r": 1, "s": [stance_of(claimed, way)]}


def negatives(
    chance: random.Random, items: Sequence[Finding], others: Sequence[Finding]
) -> Iterator[Example]:
    """Sentences that are not evidence on a prompt. Where the evidence stands elsewhere in the
    paper, only sentences that report no results are safe to call so."""
    item = items[0]
    query = frame_query(item.intervention, item.outcome, item.comparator)
    shown = {n for each in items for n in each.shown}
    places = [
        n for n in range(len(item.sentences))
        if n not in shown and (shown or PREPARATION.search(item.heads[n]))
    ]  # fmt: skip
    chosen = nearest(query, item.sentences, places, 2)
    chosen += chance.sample(places, min(len(places), 2))
    outcome = words(item.outcome)
    for n in dict.fromkeys(chosen):
        example: Example = {"a": query, "b": item.sentences[n], "r": 0}
        if PREPARATION.search(item.heads[n]) or not outcome & words(item.sentences[n]):
            example["d"] = ["unsaid"]
        yield example
        if chance.random() < 0.2 and "d" in example:
            text = statement(chance, item.intervention, item.outcome, item.comparator,
                             chance.choice(ALL))  # fmt: skip
            yield {**example, "a": text, "d": None, "s": ["insufficient"]}
    strange = [o for o in others if not outcome & words(o.evidence)]
    if strange and chance.random() < 0.6:
        yield {"a": query, "b": chance.choice(strange).evidence, "r": 0, "d": ["unsaid"]}


def inference(
    chance: random.Random, items: Sequence[Finding], swaps: float = 0.5
) -> Iterator[Example]:
    by_prompt: dict[str, list[Finding]] = defaultdict(list)
    by_document: dict[str, list[Finding]] = defaultdict(list)
    for item in items:
        by_prompt[item.prompt].append(item)
        by_document[item.document].append(item)
    for item in items:
        yield from positives(chance, item, item.evidence, swaps)
        if item.shown:
            yield from positives(chance, item, item.sentences[chance.choice(item.shown)], swaps)
    for prompt, mine in by_prompt.items():
        others = [o for o in by_document[mine[0].document] if o.prompt != prompt]
        yield from negatives(chance, mine, others)


# --- SciFact


def scifact(
    chance: random.Random, pairs: Sequence[ClaimPair], pool: Sequence[str]
) -> Iterator[Example]:
    for pair in pairs:
        marked = sorted({n for group in pair.rationales for n in group})
        label = ["supports"] if pair.stance == "supports" else AGAINST
        texts = [pair.sentences[n] for n in marked]
        longer = [group for group in pair.rationales if len(group) > 1]
        texts += [" ".join(pair.sentences[n] for n in group) for group in longer]
        for text in texts:
            yield {"a": pair.statement, "b": text, "r": 1, "s": label}
            turned = default_opposites().turn(pair.statement)
            if turned is None or chance.random() < 0.4:
                continue
            if pair.stance == "supports":
                s = ["contradicts"] if turned.kind == "direction" else AGAINST
            elif turned.kind == "denial":
                s = ["supports"]
            else:
                continue
            yield {"a": turned.text, "b": text, "r": 1, "s": s}
        rest = [n for n in range(len(pair.sentences)) if n not in marked]
        chosen = nearest(pair.statement, pair.sentences, rest, 2)
        chosen += chance.sample(rest, min(len(rest), 2))
        for n in dict.fromkeys(chosen):
            yield {"a": pair.statement, "b": pair.sentences[n], "r": 0, "s": ["insufficient"]}
        near = nearest(pair.statement, pool, chance.sample(range(len(pool)), 300), 1)
        for n in near:
            yield {"a": pair.statement, "b": pool[n], "r": 0, "s": ["insufficient"]}


# --- events and own relations


def _text(one: str, outcome: str, way: str, chance: random.Random) -> str:
    verb = chance.choice(UP if way == "increases" else DOWN)
    return f"{one} {verb} {outcome}."


def effects(
    chance: random.Random, one: str, outcome: str, sentence: str, ways: Sequence[str]
) -> Iterator[Example]:
    way = ways[0] if len(ways) == 1 else None
    if way in ("increases", "decreases") and chance.random() < 0.15:
        turned = default_opposites().mirror(sentence)
        if turned is not None:
            sentence, way = turned, TURNED[way]
            ways = [way]
    relevant = None if ways == ["unsaid"] else 1
    yield {"a": frame_query(one, outcome, ""), "b": sentence, "r": relevant, "d": list(ways)}
    if chance.random() < 0.3 and way is not None:
        claimed = chance.choice(("increases", "decreases"))
        stance = "insufficient" if way == "unsaid" else stance_of(claimed, way)
        yield {"a": _text(one, outcome, claimed, chance), "b": sentence, "r": relevant,
               "s": [stance]}  # fmt: skip


def events(chance: random.Random, data: Path) -> list[Example]:
    out: list[Example] = []
    for corpus in ("cg", "pc", "ge"):
        for text in read_pairs(data, corpus, "train"):
            mentions = {m.id: m for m in text.mentions}
            linked = {(p.cause, p.theme) for p in text.pairs}
            for pair in text.pairs:
                cause, theme = mentions.get(pair.cause), mentions.get(pair.theme)
                if cause is None or theme is None:
                    continue
                span = text.sentence_at(cause.start)
                if span is None or span != text.sentence_at(theme.start):
                    continue
                sentence = text.article.text[slice(*span)]
                ways = ALL if not pair.sign else ["increases" if pair.sign > 0 else "decreases"]
                if pair.negated:
                    ways = ["unchanged"]
                if len(ways) == 3 and chance.random() < 0.6:
                    continue
                out += effects(chance, cause.text, theme.text, sentence, ways)
                if (pair.theme, pair.cause) not in linked and chance.random() < 0.3:
                    out += effects(chance, theme.text, cause.text, sentence, ["unsaid"])
                inside = [
                    m for m in text.mentions
                    if span[0] <= m.start < span[1] and m.text not in (cause.text, theme.text)
                    and (cause.id, m.id) not in linked
                ]  # fmt: skip
                if inside and chance.random() < 0.3:
                    other = chance.choice(inside).text
                    out += effects(chance, cause.text, other, sentence, ["unsaid"])
    return out


def own(chance: random.Random) -> Iterator[Example]:
    gold = data_root() / "corpora" / "gold"
    texts: list[GoldText] = list(read_demo_gold(gold / "demo.jsonl.gz", "dev"))
    for path in sorted(gold.glob("sentences_dev*.toml")):
        texts += read_sentences(path)
    for text in texts:
        mentions = {m.id: m for m in text.mentions}
        linked = {(r.subject, r.object) for r in text.relations}
        for relation in text.relations:
            subject, target = mentions.get(relation.subject or ""), mentions.get(relation.object)
            known = relation.direction in ALL and relation.predicate in ("regulates", "targets")
            if subject is None or target is None or not known:
                continue
            span = next(((s.start, s.end) for s in text.sentences
                         if s.start <= target.start < s.end), None)  # fmt: skip
            if span is None or not span[0] <= subject.start < span[1]:
                continue
            sentence = text.article.text[slice(*span)]
            place = mentions.get(relation.context or "")
            outcome = target.text + (f" in {place.text}" if place else "")
            way = "unchanged" if relation.negated else relation.direction
            yield from effects(chance, subject.text, outcome, sentence, [way])
            loose = [m for m in text.mentions if span[0] <= m.start < span[1]
                     and (subject.id, m.id) not in linked and m.id != subject.id]  # fmt: skip
            if loose and chance.random() < 0.4:
                other = chance.choice(loose)
                yield from effects(chance, subject.text, other.text, sentence, ["unsaid"])


# --- files


def thinned(chance: random.Random, examples: Sequence[Example], share: float) -> Iterator[Example]:
    """All that are evidence, and so many times as many of the others."""
    kept = [e for e in examples if e["r"] == 1]
    rest = [e for e in examples if e["r"] != 1]
    yield from kept
    yield from chance.sample(rest, min(len(rest), round(share * len(kept))))


def write(path: Path, examples: Iterable[Example]) -> int:
    rows = [json.dumps({k: v for k, v in e.items() if v is not None}, ensure_ascii=False)
            for e in examples]  # fmt: skip
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return len(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=4)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    found = [f for f in read_inference(options.data, "train") if f.valid]
    learned = [f for f in found if part_of(f.document) != "calibration"]
    pairs = list(read_scifact(options.data, "train"))
    # a claim is left out whole if one of its abstracts is
    kept_back = {p.claim for p in pairs if part_of(p.document) != "train"}
    mine = [p for p in pairs if p.claim not in kept_back]
    pool = sorted({s for p in mine for s in p.sentences})
    for epoch in range(options.epochs):
        chance = random.Random(epoch)
        acts = events(chance, options.data)
        examples = [
            *inference(chance, learned),
            *scifact(chance, mine, pool),
            *chance.sample(acts, min(len(acts), EVENTS_AN_EPOCH)),
            *own(chance),
        ]
        count = write(options.out / f"epoch{epoch}.jsonl", examples)
        print(f"epoch {epoch}: {count} examples")
    (options.out / "last").mkdir(exist_ok=True)
    for epoch in range(2):
        chance = random.Random(f"last {epoch}")
        acts = events(chance, options.data)
        count = write(
            options.out / "last" / f"epoch{epoch}.jsonl",
            [
                *thinned(chance, list(inference(chance, learned, swaps=0.0)), 0.25),
                *thinned(chance, list(scifact(chance, mine, pool)), 0.8),
                *chance.sample(acts, min(len(acts), EVENTS_AN_EPOCH * 5 // 6)),
                *own(chance),
                *made_up(chance, learned),
            ],
        )
        print(f"last, epoch {epoch}: {count} examples")


def made_up(chance: random.Random, items: Sequence[Finding]) -> Iterator[Example]:
    trials = [(i.intervention, i.outcome, i.comparator) for i in items]
    for one, outcome, other, text, way in drills(chance, trials, DRILLS_AN_EPOCH):
        known = {"b": text, "r": int(way != "unsaid")}
        yield {"a": frame_query(one, outcome, other), **known, "d": [way]}
        if chance.random() < 0.2 and way != "unsaid":
            claimed = chance.choice(("increases", "decreases"))
            yield {"a": _text(one, outcome, claimed, chance), **known,
                   "s": [stance_of(claimed, way)]}  # fmt: skip


if __name__ == "__main__":
    main()
