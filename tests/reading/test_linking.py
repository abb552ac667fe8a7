"""The linker: what it links, and above all what it leaves unlinked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from textmine.errors import ConfigError
from textmine.reading.lexicon import Lexicon
from textmine.reading.linking import Linker, same_words
from textmine.reading.linking_letters import Letters, trigrams
from textmine.reading.linking_names import compile_names, stem, stem_word
from textmine.reading.linking_rank import Memory, Scored, Weights, chances

LINES = """\
X:lf\tDISEASE\tliver fibrosis\t\thepatic fibrosis|fibrotic liver
X:rf\tDISEASE\trenal fibrosis\t\tkidney fibrosis
X:li\tDISEASE\thepatic insufficiency\t\tliver failure
X:il1\tGENE\tinterleukin-1\t\tIL-1
X:c3\tGENE\tcollagen III\t\tcollagen type III
X:hsc\tCELL\thepatic stellate cell\t\tstellate cell|?:HSC
X:neuron\tCELL\tneuron
X:photo\tCELL\tphotoreceptor cell
X:reg\tPROCESS\tliver regeneration\t\tregeneration of hepatic tissue
X:expr\tPROCESS\tgene expression
X:liver\tANATOMY\tliver
X:kidney\tANATOMY\tkidney
"""


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    file = tmp_path_factory.mktemp("linking") / "small.tsv"
    file.write_text(LINES, encoding="utf-8")
    return Lexicon.load(file, shipped=False)


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("no-lists")


@pytest.fixture(scope="module")
def linker(lexicon: Lexicon, nothing: Path) -> Linker:
    return Linker(lexicon, cache=False, lists=nothing, memory=Memory({}))


@pytest.mark.parametrize(
    ("text", "label", "curie"),
    [
        ("liver fibrosis", "DISEASE", "X:lf"),
        ("fibrosis of the liver", "DISEASE", "X:lf"),
        ("Livers, fibrotic", "DISEASE", "X:lf"),
        ("regenerations of the liver", "PROCESS", "X:reg"),
        ("neuronal", "CELL", "X:neuron"),
        ("photoreceptors", "CELL", "X:photo"),
        ("expressed", "PROCESS", "X:expr"),
        ("hepatic", "ANATOMY", "X:liver"),
        ("renal", "ANATOMY", "X:kidney"),
    ],
)
def test_order_inflection_and_derivation_do_not_matter(
    linker: Linker, text: str, label: str, curie: str
) -> None:
    ((concept,),) = linker.link([(text, label)])
    assert concept.curie == curie
    assert 0.4 <= concept.score <= 0.99
    assert concept.reason


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("interleukin-16", "GENE"),
        ("liver fibrosis", "PROCESS"),
        ("bone marrow", "DISEASE"),
        ("αα", "GENE"),
        ("", "CELL"),
    ],
)
def test_what_is_another_thing_stays_unlinked(linker: Linker, text: str, label: str) -> None:
    assert linker.link([(text, label)]) == [()]


def test_the_reason_says_how_the_name_was_found(linker: Linker) -> None:
    asked = [("gene expression", "PROCESS"), ("expressed", "PROCESS"), ("renal", "ANATOMY")]
    reasons = [found[0].reason for found in linker.link(asked)]
    assert reasons == [
        "same name: gene expression",
        "same words: gene expression",
        "words of the same meaning: kidney",
    ]


def test_a_short_form_means_what_the_text_spells_out(linker: Linker) -> None:
    asked = [("LF", "DISEASE")]
    assert linker.link(asked) == [()]
    ((concept,),) = linker.link(asked, long_forms={"LF": "liver fibrosis"})
    assert (concept.curie, concept.reason) == ("X:lf", "long form, same name: liver fibrosis")


def test_what_a_form_meant_elsewhere_counts(lexicon: Lexicon, nothing: Path) -> None:
    memory = Memory({("CELL", "rod"): {"X:photo": 20}})
    linker = Linker(lexicon, cache=False, lists=nothing, memory=memory)
    assert linker.link([("rods", "CELL")])[0][0].curie == "X:photo"


def test_answers_come_in_the_order_of_the_questions(linker: Linker) -> None:
    asked = [("x", "GENE"), ("kidney fibrosis", "DISEASE"), ("liver fibrosis", "DISEASE")]
    assert [[c.curie for c in found] for found in linker.link(asked)] == [[], ["X:rf"], ["X:lf"]]
    assert linker.link([]) == []


def test_chances_add_up_with_none_of_them() -> None:
    weights = Weights({"exact": 2.0, "none": 1.0})
    found = [Scored(0, "a", "", {"exact": 1.0}), Scored(1, "b", "", {"unheard of": 1.0})]
    first, second = chances(weights, found, {"none": 1.0})
    assert first > 0.5 > second
    assert first + second < 1
    assert chances(weights, [], {"none": 1.0}) == []


def test_words_have_counterparts() -> None:
    assert same_words("fibrosis of the liver", "liver fibrosis")
    assert not same_words("unconditioned medium", "conditioned medium")
    assert not same_words("pdgfra", "pdgfrb")


def test_stems() -> None:
    assert stem_word("expression") == stem_word("expressed") == stem_word("expressing")
    assert stem_word("retinal") == stem_word("retina")
    assert stem_word("apoptosis") == stem_word("apoptotic")
    assert stem_word("cell") == "cell"
    assert stem("regeneration of the liver") == stem("liver regeneration")
    assert stem("gene expression", frozenset({"gene"})) == "expres"
    assert stem("gene", frozenset({"gene"})) == "gene"  # nothing else would be left


def test_the_names_are_cached_and_broken_ones_replaced(
    lexicon: Lexicon, nothing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEXTMINE_CACHE", str(tmp_path))
    asked = [("fibrosis of the liver", "DISEASE"), ("liver fibbrosis", "DISEASE")]
    first = Linker(lexicon, lists=nothing).link(asked)
    kept = [*tmp_path.rglob("names-*.msgpack"), *tmp_path.rglob("letters-*.npz")]
    assert len(kept) == 2
    assert Linker(lexicon, lists=nothing).link(asked) == first
    for path in kept:
        path.write_bytes(b"PK\x03\x04")
    assert Linker(lexicon, lists=nothing).link(asked) == first


def test_nothing_is_built_before_it_is_asked(lexicon: Lexicon) -> None:
    linker = Linker(lexicon)
    assert linker._names is None
    assert linker._generator is None


def test_lists_give_names_that_are_only_linked(lexicon: Lexicon, tmp_path: Path) -> None:
    import gzip

    rows = "Y:1\tfoamy widget disease\tfoamy widget|=Z:9\nX:lf\tliver fibrosis\tscarred liver\n"
    (tmp_path / "diseases.tsv.gz").write_bytes(gzip.compress(rows.encode()))
    linker = Linker(lexicon, cache=False, lists=tmp_path)
    assert [c[0].curie for c in linker.link([("foamy widget", "DISEASE")])] == ["Y:1"]
    assert [c[0].curie for c in linker.link([("scarred livers", "DISEASE")])] == ["X:lf"]
    assert linker.ours("Z:9", "DISEASE") == "Y:1"
    assert linker.same("Y:1", "Z:9")
    (tmp_path / "diseases.tsv.gz").write_bytes(gzip.compress(b"Y:1\n"))
    with pytest.raises(ConfigError, match="line 1"):
        compile_names(lexicon, tmp_path, cache=False)


def test_neighbours_by_letters_are_exact() -> None:
    names = ["liver fibrosis", "renal fibrosis", "liver failure", "zz"]
    letters = Letters.build(names)
    ((places, distances),) = letters.knnQueryBatch(letters.transform(["liver fibrosis"]), k=3)
    assert next(iter(places)) == 0
    assert distances[0] == pytest.approx(0, abs=1e-6)
    assert list(distances) == sorted(distances)
    assert sum(trigrams("il 6").values()) == 3


def test_scispacy_sees_a_knowledge_base(linker: Linker) -> None:
    base = linker.generator.kb
    assert base.alias_to_cuis["hepatic fibrosis"] == {"X:lf"}
    assert "hsc" not in base.alias_to_cuis  # a weak name needs evidence
    assert base.cui_to_entity["X:hsc"].types == ["CELL"]
    assert "hepatic fibrosis" in base.cui_to_entity["X:lf"].aliases


def test_the_spacy_component(linker: Linker) -> None:
    import spacy
    from spacy.tokens import Span

    doc = spacy.blank("en")("hepatic fibrosis was seen")
    doc.ents = [Span(doc, 0, 2, label="DISEASE")]
    linker.entity_linker()(doc)
    assert doc.ents[0]._.kb_ents[0][0] == "X:lf"


PREFIXES = {
    "CL", "UBERON", "GO", "DOID", "MESH", "CHEBI", "CVCL", "NCBITaxon", "FPLX", "hgnc.symbol",
    "MGI", "textmine",
}  # fmt: skip


@pytest.mark.slow
def test_shipped_curies_are_ones_that_the_bioregistry_reads() -> None:
    """Every prefix but our own is known to the bioregistry; the identifiers have its patterns."""
    patterns = {
        "CL": r"\d{7}", "UBERON": r"\d+", "GO": r"\d{7}", "DOID": r"\d+", "MESH": r"[CDQ]\d+",
        "CHEBI": r"\d+", "CVCL": r"[A-Z0-9]{4}", "NCBITaxon": r"\d+|[a-zA-Z_]+",
        "FPLX": r"[a-zA-Z0-9][A-Za-z0-9_]+", "hgnc.symbol": r"[A-Za-z0-9_-]+@?", "MGI": r"\d+",
        "textmine": r"[^\s:]+",
    }  # fmt: skip
    names, _ = compile_names(Lexicon.load())
    wrong = []
    for curie in names.curies:
        prefix, _, identifier = curie.partition(":")
        if prefix not in PREFIXES or not re.fullmatch(patterns[prefix], identifier):
            wrong.append(curie)
    assert wrong == []
