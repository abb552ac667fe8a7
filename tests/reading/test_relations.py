"""Who did what to what: single readings, gold sentences, and no text that breaks the reader."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from textmine.reading.relations import read_relations
from textmine.records import Article, Mention, Passage, Relation, Sentence

ROOT = Path(__file__).resolve().parents[2]
GOLD = ROOT / "corpora" / "gold"


def _benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("_rel", ROOT / "benchmarks" / "relations.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["_rel"] = module
    spec.loader.exec_module(module)
    return module


BENCH = _benchmark()


def read(*marked: str, role: str = "result") -> list[Relation]:
    """The relations of the last of some sentences in {key|surface} markup."""
    spans: dict[str, tuple[int, int]] = {}
    text = ""
    sentences = []
    for part in marked:
        start = len(text) + (1 if text else 0)
        plain = BENCH.plain(part, start, spans)
        text = f"{text} {plain}" if text else plain
        sentences.append(Sentence(start, start + len(plain), role))
    article = Article("1", text, passages=(Passage("abstract", 0, len(text)),))
    mentions = [Mention(k, a, b, text[a:b], BENCH.LETTERS[k[0]]) for k, (a, b) in spans.items()]
    found = read_relations(article, sentences, mentions)
    last = sentences[-1]
    return [r for r in found if r.sentence == (last.start, last.end)]


def brief(relations: list[Relation]) -> set[str]:
    out = set()
    for r in relations:
        words = [r.subject or "null", r.predicate, r.object, r.direction]
        words += [f"via={r.mediator}"] if r.mediator else []
        words += ["negated"] if r.negated else []
        words += [r.certainty] if r.certainty != "asserted" else []
        out.add(" ".join(words))
    return out


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("{v1|Exo} lowered {g1|ALT}.", {"v1 regulates g1 decreases"}),
        ("{g1|ALT} was lowered by {v1|Exo}.", {"v1 regulates g1 decreases"}),
        ("{v1|Exo} did not lower {g1|ALT}.", {"v1 regulates g1 unchanged"}),
        ("{g1|SPRY2} negatively regulates {g2|ERK}.", {"g1 regulates g2 decreases"}),
        (
            "{g1|NEAT1} sponges {m1|miR-9} and thereby raises {g2|CTGF}.",
            {"g1 regulates m1 decreases", "g1 regulates g2 increases"},
        ),
        ("{v1|Exo} promoted the degradation of {g1|HIF1A}.", {"v1 regulates g1 decreases"}),
        ("{g1|SIRT1} is essential for {p1|autophagy}.", {"g1 regulates p1 increases"}),
        ("{g1|ABCA1} loss was abrogated by {x1|drug}.", {"x1 regulates g1 increases"}),
        (
            "{g1|AKT} and {g2|ERK} inhibitors abolished {p1|migration}.",
            {"g1 regulates p1 increases", "g2 regulates p1 increases"},
        ),
        ("A {m1|miR-21} mimic raised {m2|miR-21}.", set()),
        ("{v1|Exo} raised our hopes.", set()),
        (
            "{m1|miR-21} was upregulated in {d1|glioma} tissues.",
            {"m1 associated_with d1 increases"},
        ),
        (
            "{m1|miR-21} may be a biomarker of {d1|glioma}.",
            {"m1 associated_with d1 unspecified hedged"},
        ),
        (
            "{m1|miR-1} did not bind {g1|SOX4}, whereas {m2|miR-2} did.",
            {"m1 targets g1 unspecified negated", "m2 targets g1 decreases"},
        ),
        (
            "{v1|Exo} raised {g1|IL-10} in {c1|macrophages}, but not in {c2|neurons}.",
            {"v1 regulates g1 increases", "v1 regulates g1 unchanged"},
        ),
        (
            "{g1|IL-1α} and {g2|IL-13} were down- and up-regulated, respectively, by {v1|Exo}.",
            {"v1 regulates g1 decreases", "v1 regulates g2 increases"},
        ),
        (
            "{m1|miR-1}, {m2|miR-2} and others lowered {g1|A1}, {g2|B1} and {g3|C1}, respectively.",
            set(),
        ),
        (
            "{v1|Exo} neither raised {g1|ALT} nor lowered {g2|albumin}.",
            {"v1 regulates g1 unchanged", "v1 regulates g2 unchanged"},
        ),
        (
            "In contrast to {i1|saline}, {v1|Exo} lowered {g1|ALT}.",
            {"v1 regulates g1 decreases", "v1 compared_with i1 superior"},
        ),
        (
            "{g1|HSP90} induced by {x1|heat} lowered {d1|injury}.",
            {"g1 regulates d1 decreases", "x1 regulates g1 increases"},
        ),
        ("{v1|Exo} failed to lower {g1|ALT}.", {"v1 regulates g1 unchanged"}),
        ("{v1|Exo} tended to lower {g1|ALT} (P = 0.09).", {"v1 regulates g1 unchanged"}),
        ("{v1|Exo} may lower {g1|ALT}.", {"v1 regulates g1 decreases hedged"}),
        ("Silencing of {g1|A1} raised {g2|B2}.", {"g1 regulates g2 decreases"}),
        ("Silencing of {g1|A1} lowered {g2|B2}.", {"g1 regulates g2 increases"}),
        ("{g1|A1} overexpression lowered {g2|B2}.", {"g1 regulates g2 decreases"}),
        (
            "A {m1|miR-9} inhibitor abolished the suppression of {g1|A1} by {v1|Exo}.",
            {"v1 regulates g1 decreases via=m1"},
        ),
        (
            "A {m1|miR-9} inhibitor did not abolish the suppression of {g1|A1} by {v1|Exo}.",
            {"v1 regulates g1 decreases via=m1 negated"},
        ),
        (
            "{x1|CCl4}-induced {d1|liver fibrosis} was reversed by {v1|Exo}.",
            {"v1 regulates d1 decreases", "x1 regulates d1 increases"},
        ),
        (
            "{x1|CCl4} raised {g1|A1}, and {v1|Exo} restored it.",
            {"x1 regulates g1 increases", "v1 regulates g1 decreases"},
        ),
        (
            "{v1|Exo} reversed the loss of {g1|A1} caused by {x1|APAP}.",
            {"v1 regulates g1 increases", "x1 regulates g1 decreases"},
        ),
        (
            "Not only {g1|A1} but also {g2|B2} fell after {v1|Exo}.",
            {"v1 regulates g1 decreases", "v1 regulates g2 decreases"},
        ),
        ("{v1|Exo} improved {d1|colitis}.", {"v1 regulates d1 decreases"}),
        ("{v1|Exo} worsened {d1|colitis}.", {"v1 regulates d1 increases"}),
        ("{v1|Exo} produced no {d1|fever}.", {"v1 regulates d1 unchanged"}),
        ("{v1|Exo} contained no {m1|miR-9}.", {"v1 carries m1 unspecified negated"}),
        ("{m1|miR-9} targets {g1|A1}.", {"m1 targets g1 decreases"}),
        ("{v1|Exo} are a promising strategy for {d1|colitis}.", set()),
        (
            "{v1|Exo} did not raise {g1|ALT}, nor did it lower {g2|AST}.",
            {"v1 regulates g1 unchanged", "v1 regulates g2 unchanged"},
        ),
        (
            "The difference in {g1|ALT} between {v1|Exo} and {i1|saline} was not significant.",
            {"v1 regulates g1 unchanged", "v1 compared_with i1 equal"},
        ),
        (
            "The reduction of {g1|ALT} by {v1|Exo} did not reach significance.",
            {"v1 regulates g1 unchanged"},
        ),
        (
            "The effect of {v1|Exo} was not mediated via {w1|p38}.",
            {"w1 mediates v1 unspecified negated"},
        ),
        (
            "The effect of {v1|Exo} on {d1|colitis} was not mediated by {w1|p38}.",
            {"v1 regulates d1 unspecified via=w1 negated"},
        ),
        ("{o1|Mice} lacking {m1|miR-9} had higher {g1|ALT}.", {"m1 regulates g1 decreases"}),
        ("{m1|miR-9}-/- {o1|mice} had higher {g1|ALT}.", {"m1 regulates g1 decreases"}),
        ("{m1|miR-9}-deficient {o1|mice} had higher {g1|ALT}.", {"m1 regulates g1 decreases"}),
        (
            "Compared with {i1|saline}, {g1|ALT} fell in {o1|rats} that received {v1|Exo}.",
            {"v1 regulates g1 decreases", "v1 compared_with i1 superior"},
        ),
        ("{v1|Exo} shortened {t1|prothrombin time}.", {"v1 regulates t1 decreases"}),
        ("{v1|Exo} lengthened {t1|clotting time}.", {"v1 regulates t1 increases"}),
        (
            "No evidence was found that {v1|Exo} carry {m1|miR-9}.",
            {"v1 carries m1 unspecified negated"},
        ),
        ("We found no evidence that {v1|Exo} lowered {g1|ALT}.", {"v1 regulates g1 unchanged"}),
        ("{v1|Exo} could not lower {g1|ALT}.", {"v1 regulates g1 unchanged"}),
        ("{v1|Exo} may not lower {g1|ALT}.", {"v1 regulates g1 unchanged hedged"}),
        (
            "{v1|Exo} may be a promising approach to reduce {d1|colitis}.",
            {"v1 regulates d1 decreases hedged"},
        ),
        # cases against controls: an association
        (
            "{m1|miR-9} levels did not differ between {o1|patients} with {d1|gout} and controls.",
            {"m1 associated_with d1 unchanged"},
        ),
        (
            "{d1|Gout} {o1|patients} had higher levels of {v1|vesicles} than {o2|controls}.",
            {"v1 associated_with d1 increases"},
        ),
        (
            "{o1|Patients} with {d1|gout} had higher {g1|CRP} than {o2|controls}.",
            {"g1 associated_with d1 increases"},
        ),
        # an antibody acts in its own right; its target is no subject, but can be a mediator
        ("An anti-{g1|IL-17} antibody lowered {g2|CRP}.", set()),
        ("A neutralising antibody against {g1|TGFB1} lowered {g2|COL1A1}.", set()),
        ("An {x1|anti-IL-17 antibody} lowered {g2|CRP}.", {"x1 regulates g2 decreases"}),
        ("Neutralisation of {g1|IL-17} lowered {g2|CRP}.", {"g1 regulates g2 increases"}),
        (
            "The suppression of {g2|CRP} by {v1|Exo} was abolished by an anti-{g1|CD73} antibody.",
            {"v1 regulates g2 decreases via=g1"},
        ),
        (
            "{p1|Apoptosis} was neither increased nor decreased by {v1|Exo}.",
            {"v1 regulates p1 unchanged"},
        ),
        ("{m1|Antagomir-21} raised {g1|SMAD7}.", {"m1 regulates g1 decreases"}),
        ("{x1|Antagomir-21} raised {g1|SMAD7}.", {"x1 regulates g1 increases"}),
        (
            "{v1|Exo A} lowered {g1|ALT} less than {v2|Exo B}.",
            {"v1 regulates g1 decreases", "v1 compared_with v2 inferior"},
        ),
    ],
)
def test_readings(sentence: str, wanted: set[str]) -> None:
    assert brief(read(sentence)) == wanted


def test_agent_from_the_sentence_before() -> None:
    found = read("{v1|Exo} were injected.", "{g1|ALT} fell.")
    assert brief(found) == {"v1 regulates g1 decreases"}
    assert found[0].score < 0.9


def test_agentless_without_antecedent_has_no_subject() -> None:
    assert brief(read("{g1|ALT} was lowered.")) == {"null regulates g1 decreases"}


def test_aim_is_hypothesis_and_method_is_silent() -> None:
    aim = read("We asked whether {v1|Exo} lower {g1|ALT}.", role="aim")
    assert brief(aim) == {"v1 regulates g1 decreases hypothesis"}
    assert read("{v1|Exo} lowered {g1|ALT}.", role="method") == []


def test_lost_superscripts_are_marked() -> None:
    found = read("{d1|Fibrosis} was lower with {v1|Exo} than with {v2|Exo}.")
    assert any(r.ambiguous for r in found if r.predicate == "compared_with")


def test_cues_have_offsets_and_kinds() -> None:
    relation = read("Silencing of {g1|A1} did not change {g2|B2}.")[0]
    kinds = {c.kind for c in relation.cues}
    assert {"trigger", "negation", "perturbation"} <= kinds
    assert relation.perturbation == "knock_down"


def test_same_text_gives_same_ids() -> None:
    one, two = (read("{v1|Exo} lowered {g1|ALT}.") for _ in range(2))
    assert [r.id for r in one] == [r.id for r in two]


def _scores(split: str) -> tuple[float, float, float]:
    tp = fp = fn = right = kept = signed = pairs = 0
    for _, article, found, mentions, gold, _ in BENCH.sentences(GOLD / f"sentences_{split}.toml"):
        last = found[-1]
        got = read_relations(article, found, mentions)
        got = tuple(r for r in got if r.sentence == (last.start, last.end))
        want, have = set(map(BENCH.key, gold)), set(map(BENCH.key, got))
        tp, fp, fn = tp + len(want & have), fp + len(have - want), fn + len(want - have)
        by_key = {BENCH.key(g): g["certainty"] for g in gold}
        for r in got:
            if BENCH.key(r) in by_key:
                kept += 1
                right += by_key[BENCH.key(r)] == r.certainty
        directions = {(r.subject, r.object): r.direction for r in got if r.predicate == "regulates"}
        for g in gold:
            if g["predicate"] == "regulates" and (g["subject"], g["object"]) in directions:
                pairs += 1
                signed += directions[g["subject"], g["object"]] == g["direction"]
    return 2 * tp / (2 * tp + fp + fn), right / kept, signed / pairs


def test_development_sentences_stay_read() -> None:
    f1, certainty, sign = _scores("dev")
    assert f1 > 0.93 and certainty > 0.97 and sign > 0.97


WORDS = st.sampled_from(
    [
        "not",
        "no",
        "neither",
        "nor",
        "but",
        "and",
        "or",
        ",",
        ";",
        ":",
        "(",
        ")",
        ".",
        "-",
        "/",
        "by",
        "of",
        "in",
        "with",
        "without",
        "via",
        "through",
        "than",
        "to",
        "that",
        "which",
        "who",
        "whereas",
        "although",
        "when",
        "once",
        "silencing",
        "inhibitor",
        "inhibited",
        "inhibits",
        "increased",
        "lower",
        "was",
        "were",
        "did",
        "may",
        "whether",
        "respectively",
        "both",
        "the",
        "these",
        "their",
        "it",
        "latter",
        "up-",
        "-induced",
        "-treated",
        "P",
        "=",
        "0.3",
        "%",
        "effect",
        "reduction",
        "levels",
        "due",
        "α",
        "₄",
        "\u2028",
        "'",
        '"',
        "{",
        "|",
        "}",
        "5",
        "miR-",
        "anti-",
        "loss",
    ]
)


MARKED = [
    item["text"]
    for item in tomllib.loads((GOLD / "sentences_dev.toml").read_text("utf-8"))["sentence"]
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(WORDS, st.integers(0, 4)), max_size=45), st.integers(0, 5))
def test_no_text_breaks_the_reader(parts: list[object], role: int) -> None:
    text = ""
    mentions = []
    labels = ["VESICLE", "GENE", "MIRNA", "DISEASE", "CELL"]
    for k, part in enumerate(parts):
        if isinstance(part, int):
            name = f"N{k}"
            mentions.append(Mention(f"m{k}", len(text), len(text) + len(name), name, labels[part]))
            text += name + " "
        else:
            text += f"{part} "
    roles = ["title", "aim", "background", "method", "result", "conclusion"]
    article = Article("1", text, passages=(Passage("abstract", 0, len(text)),))
    known = {m.id for m in mentions}
    for r in read_relations(article, [Sentence(0, len(text), roles[role])], mentions):
        assert r.object in known and (r.subject is None or r.subject in known)
        assert r.subject != r.object
        assert 0 <= r.score <= 1
        assert all(0 <= c.start < c.end <= len(text) for c in r.cues)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_shuffled_gold_sentences_do_not_break_it(data: st.DataObject) -> None:
    items = list(BENCH.sentences(GOLD / "sentences_dev.toml"))
    _, article, found, mentions, _, _ = data.draw(st.sampled_from(items))
    cut = data.draw(st.integers(0, len(article.text)))
    last = found[-1]
    span = Sentence(min(cut, last.end), last.end, last.role)
    read_relations(article, [span], mentions)
    read_relations(article, [Sentence(0, cut, "result")], mentions)


UNITS = re.compile(r"\{\w+\|[^{}|]+\}|[^\s{}]+")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_mutated_gold_sentences_do_not_break_it(data: st.DataObject) -> None:
    """Words dropped, doubled, swapped and put in from elsewhere: offsets stay valid."""
    marked = data.draw(st.sampled_from(MARKED))
    units = UNITS.findall(marked)
    for _ in range(data.draw(st.integers(1, 6))):
        k = data.draw(st.integers(0, len(units) - 1))
        what = data.draw(st.sampled_from(["drop", "swap", "insert", "punctuate"]))
        if what == "drop" and len(units) > 2:
            del units[k]
        elif what == "swap":
            units[k], units[-1] = units[-1], units[k]
        elif what == "insert":
            units.insert(k, data.draw(WORDS))
        else:
            units.insert(k, data.draw(st.sampled_from([",", "(", ")", ";", "-", "/", ".", "and"])))
    spans: dict[str, tuple[int, int]] = {}
    text = BENCH.plain(" ".join(units), 0, spans)
    mentions = [Mention(k, a, b, text[a:b], BENCH.LETTERS[k[0]]) for k, (a, b) in spans.items()]
    article = Article("1", text, passages=(Passage("abstract", 0, len(text)),))
    for r in read_relations(article, [Sentence(0, len(text), "result")], mentions):
        assert r.object in spans
        assert r.subject is None or r.subject in spans
        for cue in r.cues:
            assert 0 <= cue.start < cue.end <= len(text)


def test_a_comma_behind_an_empty_phrase_breaks_nothing() -> None:
    text = "Pathological clumping of tau (pTau) and neuroinflammation, driven by IL-1β, fell."
    names = (("tau", "GENE"), ("pTau", "GENE"), ("neuroinflammation", "PROCESS"), ("IL-1β", "GENE"))
    mentions = [
        Mention(f"m{n}", text.index(name), text.index(name) + len(name), name, label)
        for n, (name, label) in enumerate(names)
    ]
    sentence = Sentence(0, len(text), "background")
    for relation in read_relations(Article(id="1", text=text), [sentence], mentions):
        assert relation.object in {m.id for m in mentions}
