"""Ten thousand broken sentences: nothing stops the relation reader, and its offsets stay valid."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from textmine.measure.goldtext import LETTERS
from textmine.reading.drafts import Memory
from textmine.reading.patterns import Patterns
from textmine.reading.relations import read_relations, read_sentence
from textmine.reading.tagging import tag
from textmine.reading.tree import Word, project
from textmine.reading.tree_clauses import read_tree
from textmine.reading.triggers import Triggers, tokenize
from textmine.records import (
    COMPARISONS,
    DIRECTIONS,
    PREDICATES,
    Article,
    Mention,
    Passage,
    Sentence,
)

GOLD = Path(__file__).resolve().parents[2] / "corpora" / "gold"
LABELS = ("VESICLE", "CELL", "MIRNA", "GENE", "CHEMICAL", "DISEASE", "ANATOMY", "PROCESS",
          "PATHWAY", "ORGANISM", "OUTCOME", "INTERVENTION")  # fmt: skip
DEPS = ("nsubj", "nsubjpass", "dobj", "nmod", "case", "acl", "acl:relcl", "advcl", "xcomp", "ccomp",
        "conj", "cc", "amod", "compound", "neg", "aux", "auxpass", "cop", "mark", "advmod", "appos",
        "punct", "det", "dep", "nmod:poss", "odd")  # fmt: skip
TAGS = ("NN", "NNS", "VB", "VBD", "VBN", "VBG", "VBZ", "JJ", "IN", "DT", "RB", "CC", "WDT", "TO")
STRANGE = ("(", ")", ",", ";", "/", "-", "and", "or", "not", "did", "its", "which", "by", "via",
           "respectively", "while", "neither", "nor", "than", "%", "47", "μ",
           "\u2009", "’", "−")  # fmt: skip


def _sentences() -> tuple[list[str], dict[str, str]]:
    """The development sentences without their marks, and the names that are marked in them."""
    out = []
    names = {}
    for path in sorted(GOLD.glob("sentences_dev*.toml")):
        for item in tomllib.loads(path.read_text("utf-8"))["sentence"]:
            text = item["text"]
            while "{" in text:
                a, b = text.index("{"), text.index("}")
                key, _, name = text[a + 1 : b].partition("|")
                names[name] = LETTERS[key[0]]
                text = text[:a] + name + text[b + 1 :]
            out.append(text)
    return out, names


def _mutated(text: str, other: str, rng: random.Random) -> str:
    words = text.split(" ")
    for _ in range(rng.randint(1, 6)):
        k = rng.randrange(len(words))
        way = rng.randrange(6)
        if way == 0 and len(words) > 2:
            del words[k]
        elif way == 1:
            words.insert(k, rng.choice(STRANGE))
        elif way == 2:
            j = rng.randrange(len(words))
            words[k], words[j] = words[j], words[k]
        elif way == 3:
            tail = other.split(" ")
            words = words[:k] + tail[rng.randrange(len(tail)) :]
        elif way == 4:
            words[k] = words[k][: rng.randint(0, len(words[k]))] + rng.choice(STRANGE)
        else:
            words.insert(k, words[k])
        words = words or ["x"]
    return " ".join(words)


def _mentions(text: str, names: dict[str, str], rng: random.Random) -> list[Mention]:
    """The names that are left, and some where there are none; they may overlap."""
    out = []
    for name, label in names.items():
        a = text.find(name)
        if a >= 0:
            out.append(Mention(f"n{a}:{len(name)}", a, a + len(name), name, label))
    for _ in range(rng.randint(0, 3)):
        a = rng.randrange(len(text) + 1)
        b = min(len(text), a + rng.randint(1, 14))
        if a < b and text[a:b].strip():
            out.append(Mention(f"m{a}:{b}", a, b, text[a:b], rng.choice(LABELS)))
    return out


def _words(text: str, rng: random.Random) -> list[Word]:
    """A random parse, circles and all."""
    spans, at = [], 0
    for part in text.split(" "):
        if part:
            spans.append((at, at + len(part)))
        at += len(part) + 1
    return [
        Word(a, b, rng.randrange(-1, len(spans)), rng.choice(DEPS), rng.choice(TAGS))
        for a, b in spans
    ]


def _check(text: str, mentions: Sequence[Mention], rng: random.Random) -> int:
    role = rng.choice(("title", "result", "conclusion", "aim", "method", "background"))
    middle = text.find(" ", len(text) // 2)
    sentences = [Sentence(0, len(text), role)]
    if middle > 0 and rng.random() < 0.3:
        sentences = [Sentence(0, middle, role), Sentence(middle + 1, len(text), "result")]
    article = Article("1", text, passages=(Passage("abstract", 0, len(text)),))
    known = {m.id for m in mentions}
    found = read_relations(article, sentences, mentions)
    for r in found:
        ends = [r.subject, r.object, r.mediator, r.outcome, r.context]
        assert {e for e in ends if e is not None} <= known
        assert r.object is not None and r.subject != r.object
        compared = r.predicate == "compared_with"
        assert r.predicate in PREDICATES
        assert r.direction in (COMPARISONS if compared else DIRECTIONS)
        assert 0 <= r.score <= 1 and r.sentence in {(s.start, s.end) for s in sentences}
        assert all(0 <= c.start < c.end <= len(text) for c in r.cues)
    triggers = Triggers.load()
    tokens = tokenize(text, 0, len(text), mentions, triggers)
    if tokens:
        tag(tokens)
        tree = project(tokens, _words(text, rng))
        read_tree(tree, Patterns.load())
        tokens = tokenize(text, 0, len(text), mentions, triggers)
        tag(tokens)
        tree = project(tokens, _words(text, rng))
        read_sentence(text, Sentence(0, len(text), role), mentions, Memory(), triggers, tree)
    return len(found)


def _run(number: int, seed: int) -> Iterator[int]:
    rng = random.Random(seed)
    sentences, names = _sentences()
    for _ in range(number):
        text = _mutated(rng.choice(sentences), rng.choice(sentences), rng)
        yield _check(text, _mentions(text, names, rng), rng)


def test_broken_sentences_are_read() -> None:
    assert sum(_run(250, 7)) > 40  # some of them still say something


@pytest.mark.slow
def test_ten_thousand_broken_sentences_are_read() -> None:
    assert sum(_run(10_000, 2024)) > 1500
