"""The lexicon: normal forms, case rules, longest match, weak names, composition, files, cache."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textmine.config import data_root
from textmine.errors import ConfigError
from textmine.reading.lexicon import Lexicon
from textmine.reading.lexicon_files import case_rule, compile_table, fingerprint, lexicon_files
from textmine.reading.normal import atoms, fold_word, forms, key
from textmine.records import LABELS

SMALL = """\
# CURIE\tlabel\tname\tparents\tsynonyms\tlinks
X:fibrosis\tDISEASE\tfibrosis
X:liver_fibrosis\tDISEASE\tliver fibrosis\tX:fibrosis\thepatic fibrosis
X:ccl4\tCHEMICAL\tcarbon tetrachloride\t\tc:CCl4
hgnc.symbol:CCL4\tGENE\tCCL4
X:il6\tGENE\tIL-6\t\tIL6|interleukin-6
X:tgfb1\tGENE\tTGF-β1
X:sma\tGENE\talpha-smooth muscle actin\t\tα-SMA\tmarker_of=X:activation
X:stat3\tGENE\tSTAT3
X:ast\tGENE\tAST
X:stellate\tCELL\thepatic stellate cell\t\t*:HSC
X:blood_stem\tCELL\thaematopoietic stem cell\t\t*:HSC
X:lx2\tCELL\tLX-2\tX:stellate
X:kupffer\tCELL\tKupffer cell\t\t?:KC
X:mouse\tORGANISM\tmouse\t\tmice
X:black6\tORGANISM\tC57BL/6\tX:mouse
X:human\tORGANISM\thuman\t\t-|p:humans
X:vehicle\tINTERVENTION\tvehicle\t\t-|s:vehicle
X:activation\tPROCESS\tactivation
X:coli\tORGANISM\tEscherichia coli\t\tE. coli
X:wnt\tPATHWAY\tWnt signaling
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    folder = tmp_path_factory.mktemp("lexicon")
    (folder / "small.tsv").write_text(SMALL, encoding="utf-8")
    settings = (data_root() / "models" / "lexicon" / "lexicon.toml").read_text(encoding="utf-8")
    (folder / "lexicon.toml").write_text(settings, encoding="utf-8")
    return Lexicon.load(folder, shipped=False)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        return Lexicon.load()


def found(lexicon: Lexicon, text: str) -> list[tuple[str, str]]:
    return [(m.text, m.label) for m in lexicon.match(text)]


# --- normal forms -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        ("TGF-β1", "TGFβ1", "TGFbeta1", "TGF-beta 1", "TGF‑β1", "TGF−β₁"),
        ("CCl4", "CCl(4)", "CCl₄"),
        ("liver fibrosis", "Liver-fibrosis", "liver\u2009fibrosis"),
        ("tumour cells", "tumor cell"),
        ("Wharton's jelly", "Wharton’s jelly"),
        ("haemolysis", "hemolysis"),
        ("Wnt signalling", "Wnt signaling"),
    ],
)
def test_spellings_of_one_name_share_a_key(names: tuple[str, ...]) -> None:
    assert len({key(atoms(name)) for name in names}) == 1


def test_a_letter_may_stand_for_its_greek_letter() -> None:
    assert key(atoms("IFNg")) in forms("IFN-γ")
    assert key(atoms("aSMA")) in forms("α-SMA")
    assert key(atoms("NF-kB")) in forms("NF-κB")


@pytest.mark.parametrize("word", ["fibrosis", "virus", "loss", "ROS", "is", "mitosis"])
def test_words_that_only_look_plural_keep_their_s(word: str) -> None:
    assert fold_word(word)[1] == word


@given(st.text(max_size=60))
def test_atoms_lie_in_the_text_in_order(text: str) -> None:
    last = 0
    for atom in atoms(text):
        assert last <= atom.start < atom.end <= len(text)
        last = atom.end


@pytest.mark.parametrize(
    ("name", "label", "rule"),
    [
        ("liver fibrosis", "DISEASE", "i"),
        ("caspase-3", "GENE", "i"),
        ("CCl4", "CHEMICAL", "c"),
        ("IL-6", "GENE", "g"),
        ("Twist", "GENE", "g"),
    ],
)
def test_case_rules(name: str, label: str, rule: str) -> None:
    assert case_rule(name, label) == rule


# --- matching -----------------------------------------------------------------------------------


def test_the_longest_name_wins(small: Lexicon) -> None:
    assert found(small, "CCl4-induced liver fibrosis and fibrosis") == [
        ("CCl4", "CHEMICAL"),
        ("liver fibrosis", "DISEASE"),
        ("fibrosis", "DISEASE"),
    ]


@pytest.mark.parametrize("text", ["IL6R", "anIL6", "IL-6A1", "wast", "fibrosisX", "IL-6.5 mg"])
def test_nothing_is_found_inside_a_word(small: Lexicon, text: str) -> None:
    assert found(small, text) == []


@pytest.mark.parametrize(
    "text", ["IL-6/STAT3", "IL6-STAT3", "(IL‑6), anti-STAT3", "IL-6- and STAT3-dependent"]
)
def test_hyphen_and_slash_are_borders(small: Lexicon, text: str) -> None:
    assert [m.curies for m in small.match(text)] == [("X:il6",), ("X:stat3",)]


def test_case_tells_a_chemical_from_a_chemokine(small: Lexicon) -> None:
    assert [(m.text, m.curies) for m in small.match("CCl4, CCL4 and Ccl4")] == [
        ("CCl4", ("X:ccl4",)),
        ("CCL4", ("hgnc.symbol:CCL4",)),
        ("Ccl4", ("hgnc.symbol:CCL4",)),
    ]


def test_symbols_do_not_match_words(small: Lexicon) -> None:
    assert found(small, "the ast was, in group stat 3, cast") == []
    assert found(small, "AST and Ast") == [("AST", "GENE"), ("Ast", "GENE")]


def test_an_ambiguous_short_form_stays_unresolved(small: Lexicon) -> None:
    (match,) = small.match("HSCs were cultured.")
    assert (match.label, match.entries) == ("CELL", ())
    assert {entry.curie for entry in match.candidates} == {"X:stellate", "X:blood_stem"}


def test_the_full_name_decides_a_short_form(small: Lexicon) -> None:
    matches = small.match("Hepatic stellate cells (HSCs) rest; HSCs wake.")
    assert [m.curies for m in matches] == [("X:stellate",)] * 3
    assert matches[1].score < matches[0].score
    (match,) = small.match("HSCs wake.", evidence=["X:blood_stem"])
    assert match.curies == ("X:blood_stem",)


def test_a_weak_name_needs_evidence(small: Lexicon) -> None:
    assert found(small, "KC were seen.") == []
    assert found(small, "Kupffer cells (KC)") == [("Kupffer cells", "CELL"), ("KC", "CELL")]


def test_plural_and_singular_alone(small: Lexicon) -> None:
    assert found(small, "human cells of humans") == [("humans", "ORGANISM")]
    assert found(small, "vehicles or vehicle") == [("vehicle", "INTERVENTION")]


def test_names_grow(small: Lexicon) -> None:
    assert found(small, "C57BL/6 mice, primary human LX-2 cells") == [
        ("C57BL/6 mice", "ORGANISM"),
        ("primary human LX-2 cells", "CELL"),
    ]
    (match,) = small.match("the IL-6/STAT3 signalling pathway")
    assert (match.text, match.label) == ("IL-6/STAT3 signalling pathway", "PATHWAY")
    assert small.is_a(match.curies[0], "textmine:signaling_pathway")
    assert [m.curies for m in small.match("Wnt signalling pathway")] == [("X:wnt",)]


def test_a_bracket_is_not_crossed(small: Lexicon) -> None:
    assert found(small, "(in liver) fibrosis") == [("fibrosis", "DISEASE")]
    assert found(small, "CCl(4)-treated") == [("CCl(4)", "CHEMICAL")]
    assert found(small, "E. coli; the liver. Fibrosis") == [
        ("E. coli", "ORGANISM"),
        ("Fibrosis", "DISEASE"),
    ]


def test_blocked_spans_are_left_alone(small: Lexicon) -> None:
    text = "liver fibrosis"
    assert small.match(text, blocked=[(0, 5)])[0].text == "fibrosis"
    assert small.match(text, blocked=[(0, 14)]) == []


@given(st.text(alphabet="αβ−-/ (),.IL6CClHSTGF1fibrosliver4\n", max_size=80))
def test_matches_are_flat_and_quote_the_text(text: str) -> None:
    last = 0
    for match in _hypothesis_lexicon().match(text):
        assert last <= match.start < match.end
        assert text[match.start : match.end] == match.text
        assert match.label in LABELS
        last = match.end


_KEPT: list[Lexicon] = []


def _hypothesis_lexicon() -> Lexicon:
    if not _KEPT:
        import tempfile

        with tempfile.TemporaryDirectory() as place:
            file = Path(place) / "small.tsv"
            file.write_text(SMALL, encoding="utf-8")
            _KEPT.append(Lexicon.load(file, shipped=False))
    return _KEPT[0]


# --- concepts -----------------------------------------------------------------------------------


def test_is_a_and_links(small: Lexicon) -> None:
    assert small.is_a("X:lx2", "X:stellate")
    assert not small.is_a("X:stellate", "X:lx2")
    assert small.is_a("unknown:1", "unknown:1")
    assert small.links("X:sma", "marker_of") == ("X:activation",)
    assert small.linked_to("X:activation", "marker_of") == ("X:sma",)
    assert small.find("Hepatic Fibrosis")[0].curie == "X:liver_fibrosis"
    assert small.find("no such thing") == ()


def test_an_unknown_concept_is_an_error(small: Lexicon) -> None:
    with pytest.raises(ConfigError, match="no concept 'X:nothing'"):
        small.concept("X:nothing")


def test_derived_concepts(shipped: Lexicon) -> None:
    assert shipped.is_a("textmine:mir/miR-122-5p", "textmine:mir/miR-122")
    assert shipped.is_a("textmine:mir/miR-29a-3p", "textmine:mir/miR-29")
    assert shipped.is_a("textmine:mir/let-7c-5p", "textmine:mirna")
    assert shipped.concept("textmine:mir/miR-122-5p").label == "MIRNA"


# --- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("X:1\tDISEASE", "line 1 has 2 columns"),
        ("X:1\tILLNESS\tcough", "'ILLNESS' is no label"),
        ("X:1\tDISEASE\tcough\t\t\tmarker", "should be kind=CURIE"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "mine.tsv").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(said)):
        Lexicon.load(tmp_path, shipped=False)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no lexicon folder"):
        Lexicon.load(tmp_path / "nowhere", shipped=False)


def test_the_cache_is_used_and_a_broken_one_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEXTMINE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "mine.tsv").write_text("X:1\tDISEASE\tcough\n", encoding="utf-8")
    first, print_ = compile_table(None, [tmp_path])
    (cached,) = (tmp_path / "cache").rglob("lexicon-*.msgpack")
    assert print_ in cached.name
    assert compile_table(None, [tmp_path])[0] == first
    cached.write_bytes(b"\xc1 cut off")
    assert compile_table(None, [tmp_path])[0] == first


def test_the_fingerprint_follows_the_content(tmp_path: Path) -> None:
    file = tmp_path / "mine.tsv"
    file.write_text("X:1\tDISEASE\tcough\n", encoding="utf-8")
    before = fingerprint(lexicon_files([tmp_path]))
    file.write_text("X:1\tDISEASE\tfever\n", encoding="utf-8")
    assert fingerprint(lexicon_files([tmp_path])) != before


def test_a_users_entry_comes_first(tmp_path: Path) -> None:
    (tmp_path / "mine.tsv").write_text("MINE:1\tCHEMICAL\tapoptosis\n", encoding="utf-8")
    (match,) = Lexicon.load(tmp_path).match("apoptosis")
    assert (match.label, match.curies, match.rank) == ("CHEMICAL", ("MINE:1",), 0)


# --- what ships ---------------------------------------------------------------------------------


def test_the_shipped_tree_is_whole(shipped: Lexicon) -> None:
    curated = [entry for entry in shipped.entries if entry.source == "curated"]
    assert len(curated) > 1200
    for entry in curated:
        for parent in entry.parents:
            assert parent in shipped, f"{entry.curie} is_a {parent}, which is nowhere"
            assert entry.curie not in shipped.ancestors(parent), f"{entry.curie} is its own parent"
        for target in shipped.links(entry.curie, "marker_of"):
            assert target in shipped, f"{entry.curie} marker_of {target}, which is nowhere"


@pytest.mark.parametrize(
    ("curie", "ancestor"),
    [
        ("textmine:liver_fibrosis", "textmine:fibrosis"),
        ("DOID:5082", "textmine:liver_fibrosis"),
        ("CVCL:5792", "CL:0000632"),
        ("CVCL:0140", "CL:0000182"),
        ("hgnc.symbol:COL1A1", "textmine:collagen"),
        ("CL:0002540", "CL:0000134"),
        ("textmine:msc_ev", "textmine:ev"),
        ("CL:0000091", "CL:0000235"),
    ],
)
def test_the_tree_that_claims_need(shipped: Lexicon, curie: str, ancestor: str) -> None:
    assert shipped.is_a(curie, ancestor)


def test_markers(shipped: Lexicon) -> None:
    assert {"hgnc.symbol:PCNA", "hgnc.symbol:MKI67"} <= set(
        shipped.linked_to("GO:0008283", "marker_of")
    )
    assert "textmine:hsc_activation" in shipped.links("hgnc.symbol:ACTA2", "marker_of")
    assert shipped.links("hgnc.symbol:GPT", "kind_of_test") == ("textmine:liver_function_test",)


@pytest.mark.parametrize(
    "text",
    [
        "In this process we use a test on the other hand, at each stage of life, as a rule.",
        "The impact was large and the rest was set by the team; we can not fast.",
        "Data are given as mean and range; a base, a lead and a water bath.",
    ],
)
def test_plain_english_holds_no_names(shipped: Lexicon, text: str) -> None:
    assert found(shipped, text) == []


def test_labels_follow_the_contract(shipped: Lexicon) -> None:
    text = (
        "ALT, IL-6, circRNA and lncRNA H19 fell; survival, bilirubin and MELD score improved in "
        "patients on placebo; conditioned medium, PBS; liver fibrosis, metastasis, apoptosis; "
        "NF-κB pathway"
    )
    labels = {m.text: m.label for m in shipped.match(text)}
    assert labels == {
        "ALT": "GENE", "IL-6": "GENE", "circRNA": "GENE", "lncRNA": "GENE", "H19": "GENE",
        "survival": "OUTCOME", "bilirubin": "OUTCOME", "MELD score": "OUTCOME",
        "patients": "ORGANISM", "placebo": "INTERVENTION",
        "conditioned medium": "INTERVENTION", "PBS": "INTERVENTION",
        "liver fibrosis": "DISEASE", "metastasis": "PROCESS", "apoptosis": "PROCESS",
        "NF-κB pathway": "PATHWAY",
    }  # fmt: skip


def test_broad_lists_do_not_break_symbols_apart(shipped: Lexicon) -> None:
    assert [m.text for m in shipped.match("the ABC-SIRT6-XYZ9 construct")] == []
    assert [m.text for m in shipped.match("SIRT6-deficient")] == ["SIRT6"]


def test_it_is_fast_enough(shipped: Lexicon) -> None:
    import time

    text = (
        "CCl4-induced liver fibrosis in C57BL/6 mice raised TGF-β1 and α-SMA in LX-2 cells. " * 18
    )
    begun = time.process_time()
    for _ in range(20):
        shipped.match(text)
    # 1,500 characters; measured 0.005 s, and five times that on a machine with other work
    assert (time.process_time() - begun) / 20 < 0.1


@pytest.mark.parametrize(
    ("text", "curie"),
    [
        ("fibrosis in CCL4-induced mice", "CHEBI:27385"),
        ("secretion of the chemokines CCL3 and CCL4 by monocytes", "hgnc.symbol:CCL4"),
    ],
)
def test_context_decides(shipped: Lexicon, text: str, curie: str) -> None:
    assert [m.curies for m in shipped.match(text) if m.text == "CCL4"] == [(curie,)]


def test_a_broken_rule_is_named(tmp_path: Path) -> None:
    (tmp_path / "lexicon.toml").write_text('[[context]]\nforms = ["X"]\ncue = "("\ncurie = "X:1"\n')
    with pytest.raises(ConfigError, match="no regular expression"):
        Lexicon.load(tmp_path, shipped=False)


@pytest.mark.parametrize(
    ("text", "curies"),
    [
        ("HXC in the stellate layer.", ("X:1",)),
        ("HXC from marrow.", ("X:2",)),
        ("HXC from marrow of stellate kind.", ()),
        ("HXC were cultured.", ()),
    ],
)
def test_words_of_the_text_decide_or_leave_open(
    text: str, curies: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "own.tsv").write_text("X:1\tCELL\tone\t\t*:HXC\nX:2\tCELL\ttwo\t\t*:HXC\n")
    rule = '[[context]]\nforms = ["HXC"]\nscope = "text"\n'
    (tmp_path / "lexicon.toml").write_text(
        f'{rule}cue = "stellate"\ncurie = "X:1"\n{rule}cue = "marrow"\ncurie = "X:2"\n'
    )
    (match,) = Lexicon.load(tmp_path, shipped=False).match(text)
    assert (match.label, match.curies) == ("CELL", curies)
