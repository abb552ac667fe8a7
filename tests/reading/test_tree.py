"""Dependency trees: projection, patterns, what they add to the shallow reading, scopes, pairs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textmine.errors import ConfigError
from textmine.reading.explain import explain
from textmine.reading.pairs import pairs_of, tree_of
from textmine.reading.patterns import Patterns
from textmine.reading.relations import read_relations
from textmine.reading.scopes import scope_of
from textmine.reading.tree import Word, project
from textmine.reading.triggers import Triggers, tokenize
from textmine.records import Annotated, Article, Mention, Passage, Sentence

LABELS = {"v": "VESICLE", "g": "GENE", "d": "DISEASE", "m": "MIRNA", "c": "CELL", "x": "CHEMICAL",
          "p": "PROCESS", "o": "ORGANISM", "t": "OUTCOME"}  # fmt: skip


@dataclass
class Parsed:
    """As much of a parsed spaCy doc as the reader looks at."""

    tokens: list[Parsed.Token] = field(default_factory=list)

    @dataclass
    class Token:
        idx: int
        text: str
        i: int
        dep_: str
        tag_: str
        head: Parsed.Token | None = None

        def __len__(self) -> int:
            return len(self.text)

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, k: int) -> Parsed.Token:
        return self.tokens[k]


def build(
    lines: str,
) -> tuple[Article, list[Sentence], list[Mention], Parsed]:
    """A sentence of lines "word tag dep head [mention key]"; heads count from 1, 0 is the root."""
    rows = [line.split() for line in lines.strip().splitlines()]
    text, doc, mentions, at = "", Parsed(), [], 0
    for k, row in enumerate(rows):
        word = row[0].replace("_", " ")
        glue = word in (",", ".", ")") or text.endswith(("(", "-")) or word.startswith("-")
        text += "" if not text or glue else " "
        at = len(text)
        text += word
        doc.tokens.append(Parsed.Token(at, word, k, row[2], row[1]))
        if len(row) > 4:
            mentions.append(Mention(row[4], at, at + len(word), word, LABELS[row[4][0]]))
    for k, row in enumerate(rows):
        doc.tokens[k].head = doc.tokens[int(row[3]) - 1] if int(row[3]) else doc.tokens[k]
    article = Article("1", text, passages=(Passage("abstract", 0, len(text)),))
    return article, [Sentence(0, len(text), "result")], mentions, doc


LONG = """
Exosomes NNS nsubj 10 v1
, , punct 1
the DT det 4
composition NN appos 1
of IN case 7
which WDT det 7
nobody NN nmod 4
knows VBZ dep 4
, , punct 1
lowered VBD ROOT 0
TNF NN dobj 10 g1
"""
ABILITY = """
We PRP nsubj 2
highlight VBP ROOT 0
the DT det 4
ability NN dobj 2
of IN case 6
exosomes NNS nmod 4 v1
to TO mark 8
mitigate VB acl 4
fibrosis NN dobj 8 d1
by IN mark 11
inhibiting VBG advcl 8
TGFB1 NN dobj 11 g1
"""


def readings(lines: str, parsed: bool = True) -> set[tuple[str | None, str, str, bool]]:
    article, sentences, mentions, doc = build(lines)
    found = read_relations(article, sentences, mentions, doc=doc if parsed else None)
    return {(r.subject, r.object, r.direction, r.negated) for r in found}


def test_the_tree_adds_what_the_clauses_do_not_show() -> None:
    assert ("v1", "g1", "decreases", False) not in readings(ABILITY, parsed=False)
    assert readings(ABILITY) == {
        ("v1", "d1", "decreases", False),
        ("v1", "g1", "decreases", False),
    }


def test_what_the_tree_adds_says_so() -> None:
    article, sentences, mentions, doc = build(LONG)
    plain = read_relations(article, sentences, mentions)
    found = read_relations(article, sentences, mentions, doc=doc)
    told = {(r.subject, r.object, r.direction) for r in found}
    assert ("v1", "g1", "decreases") in told
    added = [r for r in found if r not in plain]
    assert all((r.pattern or "").startswith("tree:") for r in added)


def test_an_unparsed_doc_changes_nothing() -> None:
    article, sentences, mentions, doc = build(ABILITY)
    for token in doc.tokens:
        token.dep_ = ""
    assert read_relations(article, sentences, mentions, doc=doc) == read_relations(
        article, sentences, mentions
    )


def test_signs_multiply_along_the_tree() -> None:
    lines = """
    We PRP nsubj 2
    found VBD ROOT 0
    that IN mark 9
    silencing NN nsubj 9
    of IN case 6
    SIRT1 NN nmod 4 g1
    , , punct 4
    surprisingly RB advmod 9
    raised VBD ccomp 2
    IL6 NN dobj 9 g2
    """
    assert ("g1", "g2", "decreases", False) in readings(lines)


def test_without_doing_it_is_no_effect() -> None:
    lines = """
    Exosomes NNS nsubj 2 v1
    lowered VBD ROOT 0
    ALT NN dobj 2 g1
    without IN mark 5
    increasing VBG advcl 2
    fibrosis NN dobj 5 d1
    """
    assert ("v1", "d1", "unchanged", False) in readings(lines)


def test_members_of_one_list_do_not_act_on_each_other() -> None:
    lines = """
    Overexpressing VBG csubj 6
    PTEN NN dobj 1 g1
    and CC cc 2
    RECK NN conj 2 g2
    strongly RB advmod 6
    reduced VBD ROOT 0
    invasion NN dobj 6 p1
    """
    told = {(s, o) for s, o, _, _ in readings(lines)}
    assert not told & {("g1", "g2"), ("g2", "g1")}


def test_nominal_predicate() -> None:
    lines = """
    SNHG12 NN nsubj 2 g1
    acts VBZ ROOT 0
    as IN case 5
    a DT det 5
    sponge NN nmod 2
    for IN case 7
    miR-218 NN nmod 5 m1
    """
    assert ("g1", "m1", "decreases", False) in readings(lines)


def test_projection_contracts_names_and_splits_words() -> None:
    text = "TGF beta-induced liver fibrosis fell"
    mentions = [
        Mention("g", 0, 8, "TGF beta", "GENE"),
        Mention("d", 17, 31, "liver fibrosis", "DISEASE"),
    ]
    tokens = tokenize(text, 0, len(text), mentions, Triggers.load())
    words = [
        Word(0, 3, 1, "compound", "NN"),
        Word(4, 16, 3, "amod", "JJ"),
        Word(17, 22, 3, "compound", "NN"),
        Word(23, 31, 4, "nsubj", "NN"),
        Word(32, 36, -1, "ROOT", "VBD"),
    ]
    tree = project(tokens, words)
    assert [t.text for t in tokens] == ["TGF beta", "induced", "liver fibrosis", "fell"]
    assert [n.head for n in tree.nodes] == [1, 2, 3, -1]
    assert tree.path(0, 2) == [(0, ""), (1, "<hyph"), (2, "<amod")]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_tree_can_be_read(data: st.DataObject) -> None:
    """Wrong parses happen: heads and labels at random never break the reader."""
    article, sentences, mentions, doc = build(data.draw(st.sampled_from([LONG, ABILITY])))
    labels = "nsubj nsubjpass dobj nmod case acl acl:relcl advcl xcomp ccomp conj cc amod neg punct"
    for token in doc.tokens:
        token.head = doc.tokens[data.draw(st.integers(0, len(doc) - 1))]
        token.dep_ = data.draw(st.sampled_from(labels.split()))
        token.tag_ = data.draw(st.sampled_from(["NN", "VBD", "VBG", "VBN", "JJ", "IN", ""]))
    found = read_relations(article, sentences, mentions, doc=doc)
    known = {m.id for m in mentions}
    for r in found:
        assert r.object in known and (r.subject is None or r.subject in known)
        for cue in r.cues:
            assert 0 <= cue.start < cue.end <= len(article.text)
    list(pairs_of(article.text, sentences[0], mentions, doc))
    list(explain(Annotated(article, tuple(sentences), tuple(mentions), found), doc))


def test_scope_of_negation_ends_at_the_next_clause() -> None:
    lines = """
    Exosomes NNS nsubj 4 v1
    did VBD aux 4
    not RB neg 4
    lower VB ROOT 0
    ALT NN dobj 4 g1
    but CC cc 4
    cells NNS nsubj 8 c1
    raised VBD conj 4
    AST NN dobj 8 g2
    """
    article, sentences, mentions, doc = build(lines)
    parsed = tree_of(article.text, sentences[0], mentions, doc)
    assert parsed is not None
    tokens, tree = parsed
    at = {t.mention.id: k for k, t in enumerate(tokens) if t.mention is not None}
    reach = scope_of(tree, 2)
    assert at["g1"] in reach
    assert at["g2"] not in reach


def test_pairs_show_path_triggers_and_sign() -> None:
    article, sentences, mentions, doc = build(ABILITY)
    pairs = {
        (p.subject.id, p.object.id): p for p in pairs_of(article.text, sentences[0], mentions, doc)
    }
    assert len(pairs) == 6
    pair = pairs["v1", "g1"]
    assert pair.read == "decreases"
    assert [step for step, _ in pair.path] == ["<nmod", "acl", "advcl", "dobj"]
    assert [t.word for t in pair.triggers if t.sign] == ["mitigate", "inhibiting"]
    assert pairs["g1", "v1"].read is None


def test_an_explanation_names_the_words_and_the_way() -> None:
    article, sentences, mentions, doc = build(ABILITY)
    found = read_relations(article, sentences, mentions, doc=doc)
    text = "\n".join(explain(Annotated(article, tuple(sentences), tuple(mentions), found), doc))
    assert "'exosomes' regulates 'fibrosis': decreases" in text
    assert "exosomes <-nmod- ability -acl-> mitigate -dobj-> fibrosis" in text
    assert "'mitigate' verb, decrease: -1 (down)" in text
    assert "the dependency tree" in text


def test_an_explanation_needs_no_tree() -> None:
    article, sentences, mentions, _ = build(LONG)
    found = read_relations(article, sentences, mentions)
    lines = list(explain(Annotated(article, tuple(sentences), tuple(mentions), found)))
    assert any(re.search(r"\[result\] Exosomes", line) for line in lines)


@pytest.mark.parametrize(
    "wrong",
    [
        '[[subjects]]\nid = "a"\n',
        '[[subject]]\nid = "a"\npath = "subject nsubj"\n',
        '[[subject]]\nid = "a"\npath = "nsubj"\nform = ["past"]\n',
        '[[noun]]\nid = "a"\nthemes = ["of"]\n',
    ],
)
def test_a_wrong_pattern_is_named(tmp_path: Path, wrong: str) -> None:
    file = tmp_path / "patterns.toml"
    file.write_text(wrong)
    with pytest.raises(ConfigError, match=r"patterns\.toml"):
        Patterns.load(file)


def test_a_cue_belongs_to_the_relation_in_its_reach() -> None:
    lines = """
    Exosomes NNS nsubj 3 v1
    may MD aux 3
    lower VB ROOT 0
    ALT NN dobj 3 g1
    and CC cc 3
    cells NNS nsubj 8 c1
    might MD aux 8
    raise VB conj 3
    AST NN dobj 8 g2
    """
    article, sentences, mentions, doc = build(lines)
    hedges = {
        r.object: [article.text[c.start : c.end] for c in r.cues if c.kind == "hedge"]
        for r in read_relations(article, sentences, mentions, doc=doc)
    }
    assert hedges == {"g1": ["may"], "g2": ["might"]}
