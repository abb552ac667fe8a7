"""microRNA names: every spelling, lists told apart, one normal form."""

from __future__ import annotations

import pytest

from textmine.reading.mirna import find_mirnas, parents, perturbation_hint


def read(text: str) -> list[tuple[str, str]]:
    return [(text[c.start : c.end], c.concepts[0].name) for c in find_mirnas(text)]


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("miR-122", "miR-122"), ("miR122", "miR-122"), ("miRNA-122", "miR-122"),
        ("miRNA122", "miR-122"), ("microRNA-122", "miR-122"), ("microRNA 122", "miR-122"),
        ("MicroRNA-223-3p", "miR-223-3p"), ("Mir122", "miR-122"), ("MIR122", "miR-122"),
        ("hsa-miR-122-5p", "miR-122-5p"), ("rno-miR-667-5p", "miR-667-5p"),
        ("mmu-let-7b-5p", "let-7b-5p"), ("let-7", "let-7"), ("let7c", "let-7c"),
        ("Let-7i-5p", "let-7i-5p"), ("miR-let7c", "let-7c"), ("miR-34c", "miR-34c"),
        ("miR-122*", "miR-122-3p"), ("miR‑21", "miR-21"), ("miR–21–5p", "miR-21-5p"),
        ("miR−21", "miR-21"), ("antagomir-181", "miR-181"), ("pre-miR-21", "miR-21"),
        ("miR-29 family", "miR-29"), ("miR-17-92 cluster", "miR-17-92"),
        ("miR-17∼92", "miR-17-92"),
    ],
)  # fmt: skip
def test_every_spelling(name: str, normal: str) -> None:
    assert read(f"Levels of {name} rose.") == [(name, normal)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("miR-148a/b", ["miR-148a", "miR-148b"]),
        ("miR-29a/b/c", ["miR-29a", "miR-29b", "miR-29c"]),
        ("miRs-21 and -146a", ["miR-21", "miR-146a"]),
        (
            "miR-151-3p, -483-5p, -532-5p and -687",
            ["miR-151-3p", "miR-483-5p", "miR-532-5p", "miR-687"],
        ),
    ],
)
def test_members_of_a_list(text: str, names: list[str]) -> None:
    found = read(text)
    assert [name for _, name in found] == names
    assert len({surface for surface, _ in found}) == len(names)


def test_the_class_itself() -> None:
    assert [name for _, name in read("miRNAs, microRNA and miRs differ")] == ["miRNA"] * 3


@pytest.mark.parametrize("text", ["the Mir space station", "mirror 21", "admire 3", "amir-5x"])
def test_no_name(text: str) -> None:
    assert read(text) == []


def test_numbers_with_units_are_no_name() -> None:
    assert read("microRNA 24 h after surgery") == [("microRNA", "miRNA")]


def test_parents() -> None:
    assert parents("textmine:mir/miR-122-5p") == ("textmine:mir/miR-122", "textmine:mirna")
    assert parents("HGNC:1") == ()


@pytest.mark.parametrize(
    ("text", "name", "hint"),
    [
        ("anti-miR-122 raised it", "anti-miR-122", "inhibition"),
        ("antagomir-122 raised it", "antagomir-122", "inhibition"),
        ("a miR-122 mimic", "miR-122", "overexpression"),
        ("the miR-122 inhibitor", "miR-122", "inhibition"),
        ("miR-122 fell", "miR-122", None),
    ],
)
def test_perturbation(text: str, name: str, hint: str | None) -> None:
    at = text.index(name)
    assert perturbation_hint(text, at, at + len(name)) == hint
