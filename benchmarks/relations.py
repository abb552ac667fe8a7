"""How well relations are read: over gold sentences, over the demonstration's gold, over BioNLP events.

python benchmarks/relations.py dev|test|demo [--misses] [--mark N]
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from textmine.reading.relations import read_relations  # noqa: E402
from textmine.records import Article, Mention, Passage, Relation, Sentence  # noqa: E402

LETTERS = {
    "v": "VESICLE", "c": "CELL", "m": "MIRNA", "g": "GENE", "x": "CHEMICAL", "d": "DISEASE",
    "a": "ANATOMY", "p": "PROCESS", "w": "PATHWAY", "o": "ORGANISM", "t": "OUTCOME",
    "i": "INTERVENTION",
}  # fmt: skip
Gold = dict[str, Any]


def plain(marked: str, start: int, spans: dict[str, tuple[int, int]]) -> str:
    """The text without marks; `spans` gets the offset of every key."""
    out = []
    at = start
    last = 0
    for match in re.finditer(r"\{(\w+)\|([^{}|]+)\}", marked):
        before = marked[last : match.start()]
        out += [before, match[2]]
        at += len(before)
        spans[match[1]] = (at, at + len(match[2]))
        at += len(match[2])
        last = match.end()
    out.append(marked[last:])
    return "".join(out)


def parse_relation(line: str) -> Gold:
    subject, predicate, obj, direction, *rest = line.split()
    gold: Gold = {
        "subject": None if subject == "null" else subject, "object": obj, "predicate": predicate,
        "direction": direction, "negated": "negated" in rest, "certainty": "asserted",
    }  # fmt: skip
    for word in rest:
        if word in ("hedged", "hypothesis"):
            gold["certainty"] = word
        elif "=" in word:
            name, value = word.split("=")
            gold[name] = value
    return gold


def sentences(path: Path) -> Iterator[tuple[str, Article, list[Sentence], list[Mention], list[Gold], list[int]]]:
    """(id, article, sentences, mentions, gold, marks) for each gold sentence."""
    for item in tomllib.loads(path.read_text("utf-8"))["sentence"]:
        spans: dict[str, tuple[int, int]] = {}
        parts = []
        found = []
        if item.get("previous"):
            before = plain(item["previous"], 0, spans)
            parts.append(before)
            found.append(Sentence(0, len(before), "result"))
        start = len(parts[0]) + 1 if parts else 0
        text = plain(item["text"], start, spans)
        parts.append(text)
        found.append(Sentence(start, start + len(text), item["role"]))
        whole = " ".join(parts)
        article = Article(item["id"], whole, passages=(Passage("abstract", 0, len(whole)),))
        mentions = [Mention(k, a, b, whole[a:b], LETTERS[k[0]]) for k, (a, b) in spans.items()]
        gold = [parse_relation(r) for r in item["relations"]]
        yield item["id"], article, found, mentions, gold, item["mark"]


def demo(split: str) -> Iterator[tuple[str, Article, list[Sentence], list[Mention], list[Gold], list[int]]]:
    """The demonstration's gold, one item per article."""
    with gzip.open(ROOT / "corpora" / "gold" / "demo.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            g = json.loads(line)
            if g["split"] != split or not g.get("sentences"):
                continue
            at: list[Passage] = []
            start = 0
            for k, part in enumerate(g["text"].split("\n")):
                at.append(Passage("abstract" if k else "title", start, start + len(part)))
                start += len(part) + 1
            article = Article(str(g["id"]), g["text"], passages=tuple(at))
            names = {(m["start"], m["end"]): f"{m['start']}" for m in g["mentions"]}
            mentions = [
                Mention(str(m["start"]), m["start"], m["end"], m["text"], m["label"])
                for m in g["mentions"]
            ]
            gold = []
            for r in g["relations"]:
                one = dict(r)
                for key in ("subject", "object", "mediator", "outcome", "context"):
                    if one.get(key):
                        one[key] = names[tuple(one[key])]
                one["via"] = one.get("mediator")
                gold.append(one)
            found = [Sentence(s["start"], s["end"], s["role"]) for s in g["sentences"]]
            yield str(g["id"]), article, found, mentions, gold, []


def key(r: Relation | Gold) -> tuple[object, ...]:
    if isinstance(r, Relation):
        return r.subject, r.object, r.predicate, r.direction, r.negated
    return r["subject"], r["object"], r["predicate"], r["direction"], bool(r.get("negated"))


def wilson(k: int, n: int) -> tuple[float, float]:
    if not n:
        return 0.0, 1.0
    p, z = k / n, 1.96
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return middle - half, middle + half


def line(name: str, tp: int, fp: int, fn: int) -> str:
    p, r = tp / max(tp + fp, 1), tp / max(tp + fn, 1)
    a, b = wilson(2 * tp, 2 * tp + fp + fn)
    return (f"{name:24s} P {p:.3f} R {r:.3f} F1 {2 * tp / max(2 * tp + fp + fn, 1):.3f} "
            f"[{a:.3f}, {b:.3f}]  tp {tp} fp {fp} fn {fn}")  # fmt: skip


def score(items: Iterator[Any], misses: bool, only: int | None) -> None:
    total: Counter[str] = Counter()
    per: dict[object, Counter[str]] = {}
    certain = [0, 0]
    pairs = [0, 0]
    via = [0, 0, 0]
    for name, article, found, mentions, gold, marks in items:
        if only is not None and only not in marks:
            continue
        last = found[-1]
        got = read_relations(article, found, mentions)
        if name[0] in "DT":
            got = tuple(r for r in got if r.sentence == (last.start, last.end))
        want, have = Counter(map(key, gold)), Counter(map(key, got))
        want, have = Counter(set(want)), Counter(set(have))
        tp = sum((want & have).values())
        counts = {"tp": tp, "fp": sum(have.values()) - tp, "fn": sum(want.values()) - tp}
        total.update(counts)
        for m in marks or ["all"]:
            per.setdefault(m, Counter()).update(counts)
        for r in got:
            for g in gold:
                if key(r) == key(g):
                    certain[1] += 1
                    certain[0] += r.certainty == (g.get("certainty") or "asserted")
                    break
        signed = {(r.subject, r.object): r.direction for r in got if r.predicate == "regulates"}
        for g in gold:
            if g["predicate"] == "regulates" and (g["subject"], g["object"]) in signed:
                pairs[1] += 1
                pairs[0] += signed[g["subject"], g["object"]] == g["direction"]
        wv = {(*key(g), g.get("via")) for g in gold if g.get("via")}
        hv = {(*key(r), r.mediator) for r in got if r.mediator}
        via[0] += len(wv & hv)
        via[1] += len(hv - wv)
        via[2] += len(wv - hv)
        if misses and (counts["fp"] or counts["fn"]):
            names = {m.id: m.text for m in mentions}
            show = lambda k: f"{names.get(k[0], k[0])} {k[2]} {names.get(k[1], k[1])} {k[3]}" + (" negated" if k[4] else "")  # noqa: E731, E501
            if name[0] in "DT":
                print(f"\n{name} {marks} {last.role}: {article.text}")
                for k in want - have:
                    print("   missed ", show(k))
                for k in have - want:
                    print("   wrong  ", show(k))
            else:
                for s in found:
                    inside = {m.id for m in mentions if s.start <= m.start < s.end}
                    w = [k for k in want - have if k[1] in inside]
                    h = [k for k in have - want if k[1] in inside]
                    if w or h:
                        print(f"\n{name} {s.role}: {article.text[s.start : s.end]}")
                        for k in w:
                            print("   missed ", show(k))
                        for k in h:
                            print("   wrong  ", show(k))
    print(line("relations", total["tp"], total["fp"], total["fn"]))
    print(f"direction right where the pair is found: {pairs[0]}/{pairs[1]} = {pairs[0] / max(pairs[1], 1):.3f}")
    print(f"certainty right where the relation is: {certain[0]}/{certain[1]} = {certain[0] / max(certain[1], 1):.3f}")
    print(line("with mediator", *via))
    for m, c in sorted(per.items(), key=str):
        print(line(f"  pattern {m}", c["tp"], c["fp"], c["fn"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["dev", "test", "demo", "demo-test"])
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--mark", type=int)
    args = parser.parse_args()
    gold = ROOT / "corpora" / "gold"
    if args.what.startswith("demo"):
        items = demo("test" if args.what.endswith("test") else "dev")
    else:
        items = sentences(gold / f"sentences_{args.what}.toml")
    score(items, args.misses, args.mark)


if __name__ == "__main__":
    main()
