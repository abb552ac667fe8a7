# ruff: noqa: E501
"""How well relations are read: gold sentences, the demonstration's gold, BioNLP events.

python benchmarks/relations.py dev|test|demo|events [--misses] [--mark N] [--data DIR]
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
from collections.abc import Callable, Iterator, Sequence
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
Parse = Callable[[str, Sequence[Sentence]], Any]


def parser_of(name: str | None) -> Parse:
    """A function that parses a text of known sentences; without a name one that does not."""
    if name is None:
        return lambda text, spans: None
    import spacy

    nlp = spacy.load(name)

    def parse(text: str, spans: Sequence[Sentence]) -> Any:
        doc = nlp.make_doc(text)
        starts = [s.start for s in spans]
        k = 0
        for token in doc:
            token.is_sent_start = k < len(starts) and starts[k] < token.idx + len(token)
            while k < len(starts) and starts[k] < token.idx + len(token):
                k += 1
        for _, pipe in nlp.pipeline:
            doc = pipe(doc)
        return doc

    return parse


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


def sentences(
    path: Path,
) -> Iterator[tuple[str, Article, list[Sentence], list[Mention], list[Gold], list[int]]]:
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


def demo(
    split: str,
) -> Iterator[tuple[str, Article, list[Sentence], list[Mention], list[Gold], list[int]]]:
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


def show(k: tuple[Any, ...], names: dict[str, str]) -> str:
    words = f"{names.get(k[0], k[0])} {k[2]} {names.get(k[1], k[1])} {k[3]}"
    return words + (" negated" if k[4] else "")


def score(items: Iterator[Any], misses: bool, only: int | None, parse: Parse) -> None:
    total: Counter[str] = Counter()
    per: dict[object, Counter[str]] = {}
    certain = [0, 0]
    pairs = [0, 0]
    via = [0, 0, 0]
    for name, article, found, mentions, gold, marks in items:
        if only is not None and only not in marks:
            continue
        last = found[-1]
        got = read_relations(article, found, mentions, doc=parse(article.text, found))
        if marks:  # one sentence is scored; the one before it is its context
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
            if marks:
                print(f"\n{name} {marks} {last.role}: {article.text}")
                for k in want - have:
                    print("   missed ", show(k, names))
                for k in have - want:
                    print("   wrong  ", show(k, names))
            else:
                for s in found:
                    inside = {m.id for m in mentions if s.start <= m.start < s.end}
                    w = [k for k in want - have if k[1] in inside]
                    h = [k for k in have - want if k[1] in inside]
                    if w or h:
                        print(f"\n{name} {s.role}: {article.text[s.start : s.end]}")
                        for k in w:
                            print("   missed ", show(k, names))
                        for k in h:
                            print("   wrong  ", show(k, names))
    print(line("relations", total["tp"], total["fp"], total["fn"]))
    print(
        f"direction right where the pair is found: {pairs[0]}/{pairs[1]} = {pairs[0] / max(pairs[1], 1):.3f}"
    )
    print(
        f"certainty right where the relation is: {certain[0]}/{certain[1]} = {certain[0] / max(certain[1], 1):.3f}"
    )
    print(line("with mediator", *via))
    for m, c in sorted(per.items(), key=str):
        print(line(f"  pattern {m}", c["tp"], c["fp"], c["fn"]))


EVENT_LABELS = {
    "Gene_or_gene_product": "GENE", "Cell": "CELL", "Simple_chemical": "CHEMICAL", "Cancer": "DISEASE",
    "Organism": "ORGANISM", "Complex": "GENE", "Cellular_component": "ANATOMY", "Protein": "GENE",
    "Pathological_formation": "DISEASE", "Multi-tissue_structure": "ANATOMY", "Tissue": "ANATOMY",
    "Organ": "ANATOMY",
}  # fmt: skip
SIGNS = {1: "increases", -1: "decreases"}


def events(folder: Path, misses: bool, parse: Parse, part: str = "devel") -> None:
    """BioNLP-ST 2013 signed pairs with gold entities: an outside check of direction.

    The corpus annotates more kinds of pair than this reader claims (planned processes, binding), so
    recall says little; where a pair is found, its sign should be right.
    """
    for corpus in ("cg", "pc"):
        found = right = all_pairs = read = 0
        with gzip.open(
            folder / "events" / corpus / f"{part}.jsonl.gz", "rt", encoding="utf-8"
        ) as lines:
            for raw in lines:
                item = json.loads(raw)
                text = item["text"].replace("\n", " ")
                mentions = [
                    Mention(k, e["start"], e["end"], text[e["start"] : e["end"]],
                            EVENT_LABELS.get(e["label"], "ANATOMY"))
                    for k, e in item["entities"].items()
                ]  # fmt: skip
                ends = [m.end() for m in re.finditer(r"[.?!]\s+(?=[A-Z])", text)] + [len(text)]
                spans = [
                    Sentence(a, b, "result")
                    for a, b in zip([0, *ends], ends, strict=False)
                    if b > a
                ]
                article = Article(item["id"], text, passages=(Passage("abstract", 0, len(text)),))
                got: dict[tuple[str | None, str], str] = {}
                for r in read_relations(article, spans, mentions, doc=parse(text, spans)):
                    said = r.predicate in ("regulates", "targets") and not r.negated
                    if said and r.direction in SIGNS.values():
                        got[r.subject, r.object] = r.direction
                read += len(got)
                for p in item["signed_pairs"]:
                    if p["sign"] not in SIGNS or p["negated"]:
                        continue
                    all_pairs += 1
                    mine = got.get((p["cause"], p["theme"]))
                    if mine is None:
                        continue
                    found += 1
                    right += mine == SIGNS[p["sign"]]
                    if misses and mine != SIGNS[p["sign"]]:
                        e = item["entities"]
                        a, b = e[p["cause"]], e[p["theme"]]
                        s = next(s for s in spans if s.start <= b["start"] < s.end)
                        print(f"{item['id']}: {text[a['start'] : a['end']]} -> {text[b['start'] : b['end']]}: "
                              f"read {mine}; {text[s.start : s.end]}\n")  # fmt: skip
        low, high = wilson(right, found)
        print(f"{corpus}: {found} of {all_pairs} signed pairs found ({found / all_pairs:.3f}); sign right in {right} "
              f"({right / max(found, 1):.3f} [{low:.3f}, {high:.3f}]); {read} pairs read")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "what", choices=["dev", "test", "demo", "demo-test", "events", "events-train"]
    )
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--mark", type=int)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--parser", help="a spaCy pipeline with a parser; none: shallow only")
    args = parser.parse_args()
    parse = parser_of(args.parser)
    if args.what.startswith("events"):
        part = "train" if args.what.endswith("train") else "devel"
        events(args.data, args.misses, parse, part)
        return
    gold = ROOT / "corpora" / "gold"
    if args.what.startswith("demo"):
        items = demo("test" if args.what.endswith("test") else "dev")
    else:
        items = sentences(gold / f"sentences_{args.what}.toml")
    score(items, args.misses, args.mark, parse)


if __name__ == "__main__":
    main()
