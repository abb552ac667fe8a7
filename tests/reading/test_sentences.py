"""Sentence ends: the traps of abstracts, one by one."""

from __future__ import annotations

import gzip
import html
import re
from pathlib import Path

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from textmine.reading.sentences import sentence_spans, split
from textmine.records import Passage


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in split(text, 0, len(text))]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Exosomes were isolated.", "They were injected."],
        ["Injury (e.g. by CCl4) was mild.", "ALT rose."],
        ["Vesicles, i.e. exosomes, act.", "So it is."],
        ["As shown in Fig. 2, ALT fell.", "AST did not."],
        ["Rats infected with S. japonicum died.", "Others lived."],
        ["Smith et al. reported this.", "We did not."],
        ["ALT was lower (P < .05).", "AST was not."],
        ["The dose was 10. 5 mg/kg in all.", "None died."],
        ["It was seen (P = 0. 03).", "It was lost."],
        ["This was shown before [12].", "We repeat it."],
        ["This was shown before.[12]", "We repeat it."],
        ["ALT fell.", "miR-122 rose."],
        ["ALT fell.", "α-SMA was unchanged."],
        ["ALT fell.", "γ-sEVs were better."],
        ["ALT fell.", "hsa-miR-122-5p rose."],
        ["ALT fell.", "hUCMSC-Exos were safe."],
        ["ALT fell.", "mTOR was active."],
        ["Lactobacillus spp. were found.", "None grew."],
        ["Mice received vitamin C.", "Serum was taken."],
        ["It blocked NF-kappa B.", "Previously it did not."],
        ["Was it safe?", "It was!", "We think so."],
        ["Drugs were given i.p. to mice.", "They slept."],
        ["A trial (NCT0001. Not blinded. Small) failed.", "We stop."],
        ["Approx. 5% died vs. 10% of controls.", "That is all."],
    ],
)
def test_traps(sentences: list[str]) -> None:
    assert cut(" ".join(sentences)) == sentences


def test_a_missing_blank_after_the_stop() -> None:
    assert cut("Fibrosis fell in all mice.The effect lasted.") == [
        "Fibrosis fell in all mice.",
        "The effect lasted.",
    ]


def test_names_with_stops_are_no_ends() -> None:
    assert len(cut("Data are at ClinicalTrials.gov under NCT1 and in Wnt.Akt cells.")) == 1


def test_an_unclosed_bracket_does_not_swallow_the_rest() -> None:
    assert len(cut("A list 1) is here. It is long. And (this stays open. It ends.")) == 4


def test_sentences_do_not_cross_passages() -> None:
    text = "A title without a stop\nThe abstract begins. It ends"
    passages = (Passage("title", 0, 22), Passage("abstract", 23, len(text)))
    assert [text[s:e] for s, e in sentence_spans(text, passages)] == [
        "A title without a stop", "The abstract begins.", "It ends",
    ]  # fmt: skip


def test_text_outside_the_passages_is_read() -> None:
    text = "Before it. Inside it. After it."
    spans = sentence_spans(text, (Passage("abstract", 11, 21),))
    assert [text[s:e] for s, e in spans] == ["Before it.", "Inside it.", "After it."]


@given(st.text(alphabet=st.characters(), max_size=200))
def test_every_character_but_white_space_is_in_one_sentence(text: str) -> None:
    spans = sentence_spans(text)
    seen = 0
    for start, end in spans:
        assert seen <= start < end
        assert not text[seen:start].strip()
        seen = end
    assert not text[seen:].strip()


def test_component_marks_sentence_starts() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("textmine_sentences")
    doc = nlp("MSC-Exo act. miR-122 rose.")
    assert [sent.text for sent in doc.sents] == ["MSC-Exo act.", "miR-122 rose."]


@pytest.mark.shared
def test_genia_sentence_ends(shared: Path) -> None:
    sentences: list[list[str]] = [[]]
    with gzip.open(shared / "data/treebank/genia/dev.conllu.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                sentences[-1].append(html.unescape(line.split("\t")[1]))
            elif sentences[-1]:
                sentences.append([])
    texts = [re.sub(r"([(\[]) ", r"\1", re.sub(r" ([.,;:)\]%])", r"\1", " ".join(words)))
             for words in sentences if words]  # fmt: skip
    hits = found = wanted = 0
    for at in range(0, len(texts), 8):
        group = texts[at : at + 8]
        ends = {sum(len(t) + 1 for t in group[: n + 1]) - 1 for n in range(len(group) - 1)}
        text = " ".join(group)
        got = {end for _, end in split(text, 0, len(text))} - {len(text)}
        hits, found, wanted = hits + len(ends & got), found + len(got), wanted + len(ends)
    assert 2 * hits / (found + wanted) > 0.99
