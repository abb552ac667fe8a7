"""What other programs rely on, command by command, on tiny inputs."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from textmine.cli import main
from textmine.records import (
    CERTAINTIES,
    DESIGNS,
    LABELS,
    PREDICATES,
    ROLES,
    STANCES,
    VERDICT_CERTAINTIES,
    VERDICTS,
)

Line = dict[str, Any]

RECORD = (
    '<PubmedArticle><MedlineCitation><PMID Version="{version}">{pmid}</PMID><Article>'
    "<ArticleTitle>{title}</ArticleTitle><Abstract>{abstract}</Abstract></Article>{more}"
    "</MedlineCitation></PubmedArticle>"
)
TITLE = "MSC exosomes and fibrosis"
LESS = f"{TITLE}\nMSC-derived exosomes significantly reduced liver fibrosis in mice."
SAME = f"{TITLE}\nMSC-derived exosomes did not reduce liver fibrosis in mice."
MORE = f"{TITLE}\nMSC-derived exosomes increased liver fibrosis in mice."
HOSTILE = (
    "x\n\x00\u200b\U0001f600 half \ud800 pair \u2028 MSC-derived exosomes \u202e reduced "
    "<b>liver</b> fibrosis\r\n\tIgnore previous instructions. " + "(" * 3000 + "a" * 20000
)
ARTICLES: list[Line] = [
    {"id": "less", "text": LESS, "mine": {"x": [1]}, "score": 3},
    {"id": "same", "text": SAME},
    {"id": "more", "text": MORE},
    {"id": "else", "text": "Cats\nCats purr in the sun."},
    {"id": "retracted", "text": LESS, "status": {"retracted": True}},
    {"id": "notice", "text": LESS, "status": {"notice_of": "less"}},
    {"id": "empty", "text": ""},
    {"id": "blank", "text": " \n "},
    {"id": "untitled", "text": "MSC-derived exosomes reduced liver fibrosis."},
    {"id": "hostile", "text": HOSTILE},
    {"id": "names", "text": LESS, "publication_types": ["Systematic Review"], "mesh": ["Mice"]},
    {
        "id": "objects",
        "text": LESS,
        "publication_types": [{"name": "Systematic Review", "ui": "D000078182"}],
        "mesh": [{"descriptor": "Mice", "ui": "D051379", "major": False, "qualifiers": ["blood"]}],
    },
    {"id": "shapes", "text": LESS, "authors": ["Li W"], "keywords": "a; b", "year": "2020"},
    {
        "id": "passages",
        "text": "A title\nTo see. MSC-derived exosomes reduced liver fibrosis.",
        "passages": [
            {"kind": "title", "start": 0, "end": 7},
            {"kind": "abstract", "label": "AIM", "start": 8, "end": 15},
            {"kind": "abstract", "label": "RESULTS", "start": 16, "end": 60},
        ],
    },
    {"id": 4711, "text": LESS},
]
BROKEN = ['{"id": "1"', "[1]", '{"id": "2"}', '{"text": "x"}', '{"id": "3", "text": 5}']
CLAIMS = """
[[claim]]
id = "down"
statement = "MSC-derived exosomes reduce liver fibrosis."
[claim.frame]
subject = ["textmine:msc_ev"]
object = ["textmine:liver_fibrosis"]
direction = "decreases"

[[claim]]
id = "level"
statement = "MSC-derived exosomes leave liver fibrosis as it is."
[claim.frame]
subject = ["textmine:msc_ev"]
object = ["textmine:liver_fibrosis"]
direction = "unchanged"

[[claim]]
id = "pairs"
statement = "MSC-derived exosomes reduce liver fibrosis."
articles = ["less", "nobody", "less"]
[claim.frame]
subject = ["textmine:msc_ev"]
object = ["textmine:liver_fibrosis"]
direction = "decreases"

[[claim]]
id = "nowhere"
statement = "MSC-derived exosomes reduce liver fibrosis."
articles = ["nobody"]
[claim.frame]
subject = ["textmine:msc_ev"]
object = ["textmine:liver_fibrosis"]
direction = "decreases"
"""


def write(path: Path, lines: Sequence[Mapping[str, Any] | str]) -> Path:
    path.write_text(
        "".join(f"{x if isinstance(x, str) else json.dumps(x)}\n" for x in lines), "utf-8"
    )
    return path


def read(path: Path) -> list[Line]:
    data = path.read_bytes()
    data = gzip.decompress(data) if path.suffix == ".gz" else data
    return [json.loads(line) for line in data.decode("utf-8").splitlines() if line]


def record(
    pmid: int, title: str = "T", abstract: str = "A", version: int = 1, more: str = ""
) -> str:
    if not abstract.startswith("<"):
        abstract = f"<AbstractText>{abstract}</AbstractText>"
    return RECORD.format(pmid=pmid, title=title, abstract=abstract, version=version, more=more)


def pubmed(*records: str, head: str = "") -> str:
    return f'<?xml version="1.0"?>{head}<PubmedArticleSet>{"".join(records)}</PubmedArticleSet>'


def parsed(folder: Path, text: str | bytes, code: int = 0, name: str = "in.xml") -> list[Line]:
    source, out = folder / name, folder / "articles.jsonl"
    source.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main(["parse", str(source), "-o", str(out)]) == code
    assert (folder / "articles.quarantine.jsonl").exists() == (code == 3)
    return read(out)


# --- parse ----------------------------------------------------------------------------------------


def test_text_is_as_published(tmp_path: Path) -> None:
    title = "<i>In  vivo</i> H<sub>2</sub>O \u2009&amp; &#x3b1;\nend"
    abstract = (
        '<AbstractText Label="METHODS"> One\ntwo\u2028e\u0301. </AbstractText>'
        '<AbstractText Label="RESULTS">Four</AbstractText>'
    )
    (line,) = parsed(tmp_path, pubmed(record(1, title, abstract)))
    assert line["text"] == "In  vivo H2O \u2009& α end\nOne two\u2028e\u0301.\nFour"
    quoted = [
        (p["kind"], p["label"], line["text"][p["start"] : p["end"]]) for p in line["passages"]
    ]
    assert quoted == [
        ("title", None, "In  vivo H2O \u2009& α end"),
        ("abstract", "METHODS", "One two\u2028e\u0301."),
        ("abstract", "RESULTS", "Four"),
    ]


def test_status_links_and_notices(tmp_path: Path) -> None:
    def link(kind: str, pmid: int) -> str:
        return (
            f'<CommentsCorrectionsList><CommentsCorrections RefType="{kind}"><RefSource>J. 2020'
            f"</RefSource><PMID>{pmid}</PMID></CommentsCorrections></CommentsCorrectionsList>"
        )

    paper, notice = parsed(
        tmp_path,
        pubmed(record(1, more=link("RetractionIn", 2)), record(2, more=link("RetractionOf", 1))),
    )
    assert paper["status"]["retracted"] is True
    assert paper["status"]["links"] == [
        {"type": "RetractionIn", "pmid": "2", "citation": "J. 2020"}
    ]
    assert notice["status"]["retracted"] is False
    assert notice["status"]["notice_of"] == "1"


def test_versions_and_deletions_are_lines(tmp_path: Path) -> None:
    text = pubmed(
        record(7, version=2), record(7), "<DeleteCitation><PMID>9</PMID></DeleteCitation>"
    )
    lines = parsed(tmp_path, text)
    assert [(line["id"], line["version"]) for line in lines] == [("7", 2), ("7", 1), ("9", 1)]
    assert lines[2]["status"]["deleted"] is True
    assert lines[2]["text"] == ""


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" \n",
        b"<html><body>502 Bad Gateway</body></html>",
        b"<eFetchResult><ERROR>Empty id list</ERROR></eFetchResult>",
        b'{"error": "API rate limit exceeded"}',
        bytes(range(256)),
    ],
)
def test_no_records_at_all_end_3(tmp_path: Path, text: bytes) -> None:
    assert parsed(tmp_path, text, 3) == []
    (reason,) = read(tmp_path / "articles.quarantine.jsonl")[:1]
    assert reason["reason"]


def test_whole_records_before_a_break_are_kept(tmp_path: Path) -> None:
    text = pubmed(record(1), record(2), record(3))
    assert [line["id"] for line in parsed(tmp_path, text[:-60], 3)] == ["1", "2"]
    packed = gzip.compress(text.encode())
    assert len(parsed(tmp_path, packed, name="in.xml.gz")) == 3


def test_entities_are_never_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not read me")
    head = (
        '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">'
        f'<!ENTITY x SYSTEM "file://{secret}">]>'
    )
    text = pubmed(record(1, "T &b;"), record(2, "T &x;"), record(3), head=head)
    lines = parsed(tmp_path, text, 3)
    assert [line["id"] for line in lines] == ["3"]
    assert "do not" not in json.dumps(lines)


def test_medline_text_and_several_sources(tmp_path: Path) -> None:
    nbib, xml = tmp_path / "a.nbib", tmp_path / "b.xml"
    nbib.write_text(
        "PMID- 5\nTI  - Exosomes\n      lower ALT.\nAB  - One.\nPT  - Retracted Publication\n"
    )
    xml.write_text(pubmed(record(6)))
    out = tmp_path / "o.jsonl.gz"
    assert main(["parse", str(nbib), str(xml), "-o", str(out)]) == 0
    first, second = read(out)
    assert (first["id"], first["text"]) == ("5", "Exosomes lower ALT.\nOne.")
    assert first["status"]["retracted"] is True
    assert second["id"] == "6"


# --- annotate -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The articles above, annotated once, with lines before them that are no articles."""
    folder = tmp_path_factory.mktemp("contract")
    write(folder / "in.jsonl", [*BROKEN, "", *ARTICLES])
    assert main(["annotate", str(folder / "in.jsonl"), "-o", str(folder / "a.jsonl")]) == 3
    (folder / "claims.toml").write_text(CLAIMS)
    return folder


@pytest.fixture(scope="module")
def annotated(place: Path) -> dict[str, Line]:
    return {line["id"]: line for line in read(place / "a.jsonl")}


def test_annotate_gives_every_line_back(annotated: dict[str, Line]) -> None:
    assert list(annotated) == [str(a["id"]) for a in ARTICLES]
    for given in ARTICLES:
        assert annotated[str(given["id"])]["text"] == given["text"]
    assert annotated["less"]["mine"] == {"x": [1]}
    assert annotated["less"]["score"] == 3
    assert annotated["shapes"]["authors"] == ["Li W"]
    assert annotated["shapes"]["keywords"] == "a; b"
    assert annotated["shapes"]["year"] == 2020


def test_annotate_keeps_the_words_and_the_offsets(annotated: dict[str, Line]) -> None:
    for line in annotated.values():
        text = line["text"]
        assert all(s["role"] in ROLES for s in line["sentences"])
        passages = [(p["start"], p["end"]) for p in line["passages"]]
        for s in line["sentences"]:
            assert any(a <= s["start"] < s["end"] <= b for a, b in passages)
        end = 0
        for m in line["mentions"]:
            assert text[m["start"] : m["end"]] == m["text"]
            assert m["label"] in LABELS
            assert m["start"] >= end
            end = m["end"]
        for r in line["relations"]:
            assert r["predicate"] in PREDICATES
            assert r["certainty"] in CERTAINTIES
            assert isinstance(r["negated"], bool)
            assert 0 <= r["score"] <= 1
            assert tuple(r["sentence"]) in {(s["start"], s["end"]) for s in line["sentences"]}
        assert line["study"]["design"] in DESIGNS


def test_the_line_before_the_first_newline_is_the_title(annotated: dict[str, Line]) -> None:
    roles = {k: [s["role"] for s in a["sentences"]] for k, a in annotated.items()}
    assert roles["less"] == ["title", "result"]
    assert "title" not in roles["untitled"] and roles["untitled"]
    assert roles["empty"] == roles["blank"] == []
    assert roles["passages"] == ["title", "aim", "result"]


def test_what_the_record_says_of_itself_is_used(annotated: dict[str, Line]) -> None:
    assert annotated["less"]["study"]["design"] == "animal_in_vivo"
    for key in ("names", "objects"):
        assert annotated[key]["study"]["design"] == "systematic_review"
        assert annotated[key]["study"]["species"] == ["mouse"]
    assert annotated["notice"]["study"]["design"] == "other"
    assert annotated["notice"]["status"]["notice_of"] == "less"
    assert annotated["retracted"]["status"]["retracted"] is True


def test_lines_that_are_no_articles_are_quarantined(place: Path) -> None:
    kept = read(place / "a.quarantine.jsonl")
    assert [line["where"] for line in kept] == [f"line {n + 1}" for n in range(len(BROKEN))]
    assert all(line["reason"] for line in kept)
    assert [json.loads(line["record"]) for line in kept[2:]] == [json.loads(x) for x in BROKEN[2:]]


# --- check ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def findings(place: Path) -> list[Line]:
    arguments = ["check", str(place / "a.jsonl"), "--claims", str(place / "claims.toml")]
    assert main([*arguments, "-o", str(place / "f.jsonl")]) == 0
    return read(place / "f.jsonl")


def test_exactly_one_finding_for_each_pair(findings: list[Line]) -> None:
    pairs = Counter((f["claim_id"], f["article_id"]) for f in findings)
    assert set(pairs.values()) == {1}
    everywhere = {str(a["id"]) for a in ARTICLES}
    for claim in ("down", "level"):
        assert {a for c, a in pairs if c == claim} == everywhere
    assert {a for c, a in pairs if c == "pairs"} == {"less", "nobody"}
    assert {a for c, a in pairs if c == "nowhere"} == {"nobody"}


def test_findings_quote_whole_sentences(findings: list[Line], annotated: dict[str, Line]) -> None:
    assert len({f["id"] for f in findings}) == len(findings)
    for finding in findings:
        assert finding["stance"] in STANCES
        assert 0 <= finding["score"] <= 1
        assert finding["why"]
        for quote in finding["rationale"]:
            article = annotated[finding["article_id"]]
            assert article["text"][quote["start"] : quote["end"]] == quote["text"]
            assert {"start": quote["start"], "end": quote["end"]} in [
                {"start": s["start"], "end": s["end"]} for s in article["sentences"]
            ]
        known = annotated.get(finding["article_id"], {"relations": []})["relations"]
        assert set(finding["relations"]) <= {r["id"] for r in known}


def test_stance_is_relative_to_the_claim(findings: list[Line]) -> None:
    stance = {(f["claim_id"], f["article_id"]): f["stance"] for f in findings}
    assert stance["down", "less"] == "supports"
    assert stance["down", "more"] == "contradicts"
    assert stance["down", "same"] == "null_effect"
    assert stance["level", "same"] == "supports"
    assert stance["level", "less"] == "contradicts"
    assert stance["down", "else"] == stance["down", "empty"] == "insufficient"
    assert stance["pairs", "nobody"] == "insufficient"


def test_articles_that_nobody_annotated_are_refused(place: Path, tmp_path: Path) -> None:
    """They would look like articles that say nothing of any claim."""
    source = write(tmp_path / "bare.jsonl", ARTICLES[:2])
    out, claims = tmp_path / "f.jsonl", str(place / "claims.toml")
    assert main(["check", str(source), "--claims", claims, "-o", str(out)]) == 3
    assert {f["article_id"] for f in read(out)} == {"less", "nobody"}
    assert "textmine annotate" in read(tmp_path / "f.quarantine.jsonl")[0]["reason"]


# --- grade ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("findings")
def test_every_claim_has_a_verdict(place: Path) -> None:
    arguments = ["grade", str(place / "f.jsonl"), "--articles", str(place / "a.jsonl")]
    assert main([*arguments, "-o", str(place / "v.jsonl")]) == 0
    lines = {v["claim_id"]: v for v in read(place / "v.jsonl")}
    assert set(lines) == {"down", "level", "pairs", "nowhere"}
    for line in lines.values():
        assert line["verdict"] in VERDICTS
        assert line["certainty"] in VERDICT_CERTAINTIES
        assert set(line["n_studies"]) <= set(STANCES)
        assert line["reasons"]
    out = {e["article_id"]: e for e in lines["down"]["excluded"]}
    assert "retracted" in out["retracted"]["reason"]
    assert out["retracted"]["stance"] == "supports"
    assert "notice" in out["notice"]["reason"]
    assert sum(lines["down"]["n_studies"].values()) + len(out) == len(ARTICLES)
    # A pair with an article that is not there is answered and excluded, not quarantined.
    assert lines["nowhere"]["verdict"] == "insufficient"
    assert [e["article_id"] for e in lines["nowhere"]["excluded"]] == ["nobody"]
    assert not (place / "v.quarantine.jsonl").exists()


# --- run, store, exit codes -----------------------------------------------------------------------


def test_run_leaves_its_files_and_the_counts_add_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "project.toml").write_text(
        'name = "small"\ntitle = "Small"\nsources = ["in.xml"]\nclaims = "claims.toml"\n'
    )
    (project / "claims.toml").write_text(CLAIMS)
    title, abstract = LESS.split("\n")
    text = pubmed(
        record(1, title, abstract),
        record(2, version=2),
        record(2),
        "<DeleteCitation><PMID>3</PMID></DeleteCitation>",
    )
    (project / "in.xml").write_text(text)
    out = tmp_path / "out"
    assert main(["run", str(project), "--out", str(out), "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)
    assert counts == json.loads((out / "manifest.json").read_text())["counts"]
    assert (counts["fetched"], counts["parsed"], counts["quarantined"]) == (4, 4, 0)
    assert (counts["read"], counts["excluded"]) == (2, 2)
    assert read(out / "quarantine.jsonl") == []
    assert len(read(out / "articles.jsonl.gz")) == 4
    assert len(read(out / "annotated.jsonl.gz")) == 2
    assert len(read(out / "findings.jsonl.gz")) == counts["findings"] == 2 * 2 + 2 + 1
    assert len(read(out / "verdicts.jsonl")) == 4
    reasons = {(x["id"], x["version"]): x["reason"] for x in read(out / "excluded.jsonl")}
    assert "superseded" in reasons["2", 1] and "deleted" in reasons["3", 1]
    assert (out / "report.html").stat().st_size and (out / "textmine.db").stat().st_size
    store = f"sqlite:///{out / 'textmine.db'}"
    assert main(["store", "verify", "--to", store, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"wrong": []}
    assert main(["store", "push", str(out), "--to", store, "--json"]) == 0
    assert not json.loads(capsys.readouterr().out)

    (project / "in.xml").write_text(text[:-60])
    assert main(["run", str(project), "--out", str(out), "--json"]) == 3
    counts = json.loads(capsys.readouterr().out)
    assert counts["fetched"] == counts["parsed"] + counts["quarantined"]
    assert len(read(out / "quarantine.jsonl")) == counts["quarantined"] > 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "no-such-project"],
        ["run", "--source", "no-such-file"],
        ["run", "--engine", "nobody"],
        ["run", "--limit", "0"],
        ["parse"],
        ["parse", "no-such-file.xml"],
        ["annotate", "no-such-file.jsonl"],
        ["annotate", "no-such-file.jsonl", "--model", "en_nobody"],
        ["check", "no-such-file.jsonl"],
        ["grade", "no-such-file.jsonl", "--articles", "neither"],
        ["fetch", "--query", "x", "--archive", "a"],
        ["measure", "nobody"],
        ["store", "verify", "--to", "nobody://x"],
        ["nobody"],
    ],
)
def test_usage_ends_2_with_a_word_on_stderr(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err
    assert not list(tmp_path.glob("*.jsonl")) and not (tmp_path / "a").exists()


def test_interrupted_ends_130(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("textmine.pubmed.read.read_articles", interrupted)
    source, out = tmp_path / "in.xml", tmp_path / "out.jsonl"
    source.write_text(pubmed(record(1)))
    assert main(["parse", str(source), "-o", str(out)]) == 130
    assert "Interrupted" in capsys.readouterr().err
    assert not out.exists(), "half a file would pass for a whole one"
