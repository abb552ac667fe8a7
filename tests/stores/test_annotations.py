"""The texts in other tools' formats: every span holds its words, whatever the text holds."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import annotated
from tests.stores.conformance import ODD, run_of, variants
from textmine.cli import main
from textmine.records import Annotated, Cue
from textmine.stores.annotations import file_name, printable
from textmine.stores.annotations.bioc import bioc
from textmine.stores.annotations.brat import brat
from textmine.stores.annotations.pubannotation import pubannotation
from textmine.stores.annotations.webannotation import web_annotation
from textmine.stores.base import open_store

PLAIN = annotated("11")
TEXTS = {
    "plain": PLAIN,
    "odd": annotated("11", ODD),
    "beyond the BMP": annotated("11", "\U0001f9ec title.\nVesicles 𝛼 lowered collagen."),
    "variants": variants(PLAIN, {"negated": True}, {"subject": None}, {"direction": "unchanged"}),
    "trigger": replace(
        PLAIN, relations=(replace(PLAIN.relations[0], cues=(Cue(18, 25, "trigger"),)),)
    ),
    "bare": replace(PLAIN, article=replace(PLAIN.article, passages=(), pmid=None)),
    "nothing": Annotated(replace(PLAIN.article, text="", passages=())),
}


@pytest.fixture(params=TEXTS)
def article(request: pytest.FixtureRequest) -> Annotated:
    return TEXTS[request.param]


def spans(article: Annotated) -> list[tuple[int, int, str]]:
    return [(m.start, m.end, printable(m.text)) for m in article.mentions]


def test_bioc(article: Annotated) -> None:
    (document,) = bioc(article)["documents"]
    found = []
    for passage in document["passages"]:
        for note in passage["annotations"]:
            (place,) = note["locations"]
            start = place["offset"] - passage["offset"]
            assert passage["text"][start : start + place["length"]] == note["text"]
            found.append((place["offset"], place["offset"] + place["length"], note["text"]))
    assert found == spans(article)
    ids = {m.id for m in article.mentions}
    for relation in document["relations"]:
        assert {node["refid"] for node in relation["nodes"]} <= ids
    assert len(document["relations"]) == len(article.relations)
    json.dumps(document).encode()


def test_pubannotation(article: Annotated) -> None:
    document = pubannotation(article)
    text = document["text"]
    found = [(d["span"]["begin"], d["span"]["end"]) for d in document["denotations"]]
    assert [(b, e, text[b:e]) for b, e in found] == spans(article)
    assert len(document["relations"]) == sum(r.subject is not None for r in article.relations)
    keys = [a["id"] for a in document["attributes"]]
    assert len(keys) == len(set(keys))
    known = {d["id"] for d in document["denotations"]} | {r["id"] for r in document["relations"]}
    assert {a["subj"] for a in document["attributes"]} <= known


def test_brat(article: Annotated) -> None:
    text = printable(article.article.text)
    found = []
    names = set()
    for line in brat(article).splitlines():
        name, rest = line.split("\t")[:2]
        assert name not in names
        names.add(name)
        if name.startswith("T") and not rest.startswith("Trigger"):
            places = [tuple(map(int, p.split())) for p in rest.partition(" ")[2].split(";")]
            words = line.split("\t")[2]
            assert " ".join(text[start:end] for start, end in places) == words
            found.append((places[0][0], places[-1][1], words))
        if name[0] in "RE":
            assert set(re.findall(r"\bT\d+", rest)) <= names
    assert found == [(start, end, re.sub(r"[\n\t]", " ", t)) for start, end, t in spans(article)]


def test_brat_splits_a_span_at_a_line_break() -> None:
    mention = replace(PLAIN.mentions[0], start=2, end=17, text=PLAIN.article.text[2:17])
    lines = brat(replace(PLAIN, mentions=(mention,), relations=())).splitlines()
    assert lines[0] == "T1\tVESICLE 2 8;9 17\ttitle. Vesicles"


def test_brat_tells_denial_and_direction() -> None:
    text = brat(TEXTS["trigger"])
    assert "T3\tTrigger 18 25\tlowered" in text
    assert "E1\tRegulates:T3 Subject:T1 Object:T2" in text
    assert "A1\tDirection E1 decreases" in text
    text = brat(TEXTS["variants"])
    assert "R2\tRegulates Arg1:T1 Arg2:T2" in text
    assert "R2\tdirection decreases, certainty asserted, role result, negated" in text
    assert "R3" not in text, "no subject, no relation"


def test_web_annotation(article: Annotated) -> None:
    page = web_annotation(article)
    assert page["@context"] == "http://www.w3.org/ns/anno.jsonld"
    text = printable(article.article.text)
    found = []
    for item in page["items"]:
        place, quote = item["target"]["selector"]
        assert text[place["start"] : place["end"]] == quote["exact"]
        whole = quote["prefix"] + quote["exact"] + quote["suffix"]
        assert whole in text
        if item["motivation"] == "identifying":
            found.append((place["start"], place["end"], quote["exact"]))
    assert found == spans(article)
    assert len(page["items"]) == len(article.mentions) + len(article.relations)


@pytest.mark.parametrize("form", ["bioc", "pubannotation", "brat", "webannotation", "lines"])
def test_the_command(form: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 't.db'}"
    with open_store(url) as store:
        store.push(run_of("run_1", annotated("11"), annotated("12", ODD)))
    assert main(["store", "export", "--from", url, "--to", f"{form}:{tmp_path / 'out'}"]) == 0
    files = sorted((tmp_path / "out").iterdir())
    assert len(files) == {"brat": 4, "lines": 4}.get(form, 2)
    for file in files:
        if file.suffix in (".json", ".jsonld"):
            json.loads(file.read_text(encoding="utf-8"))


def test_any_id_is_a_file_name() -> None:
    names = [file_name(key) for key in ("11", "../x", "a/b", "", "\ud800", "a b")]
    assert len(set(names)) == len(names)
    assert all("/" not in name and name not in (".", "..") for name in names)


def test_wrong_forms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 't.db'}"
    open_store(url).close()
    assert main(["store", "export", "--from", url, "--to", "word:x"]) == 2
    assert "bioc" in capsys.readouterr().err
    assert main(["store", "export", "--from", url, "--to", "bioc:"]) == 2
    assert "names no place" in capsys.readouterr().err
