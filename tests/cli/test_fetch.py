"""`textmine fetch` as it is typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.eutils import scenarios
from tests.eutils.europepmc import EuropePmcServer, record
from tests.eutils.records import synthetic
from tests.eutils.server import EutilsServer
from textmine.cli import main
from textmine.pubmed.ratelimit import RateLimiter


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[EutilsServer]:
    monkeypatch.setattr(RateLimiter, "acquire", lambda *_a, **_k: None)
    monkeypatch.setenv("NCBI_EMAIL", "someone@example.org")
    records = [synthetic(100 + i, date(2020, 1, 1 + i)) for i in range(25)]
    with EutilsServer(records) as running:
        yield running


def run(server: EutilsServer, *arguments: str) -> int:
    return main(["fetch", *arguments, "--base-url", server.url])


def test_fetch_and_fetch_again(
    server: EutilsServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ("--query", "exosomes", "--archive", str(tmp_path / "a"), "--json")
    assert run(server, *command) == 0
    out = capsys.readouterr()
    assert json.loads(out.out)["counts"]["stored"] == 25
    assert "copyright" in out.err
    before = len(server.requests("efetch"))
    assert run(server, *command) == 0
    assert len(server.requests("efetch")) == before


def test_no_email_is_refused_before_the_first_request(
    server: EutilsServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("NCBI_EMAIL")
    for more in ((), ("--dry-run",)):
        assert run(server, "--query", "x", "--archive", str(tmp_path / "a"), *more) == 2
    assert "NCBI_EMAIL" in capsys.readouterr().err
    assert server.log == [] and not (tmp_path / "a").exists()


def test_dry_run_searches_and_fetches_nothing(
    server: EutilsServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(server, "--query", "exosomes", "--archive", str(tmp_path / "a"), "--dry-run") == 0
    assert "25 hits" in capsys.readouterr().out
    assert not server.requests("efetch") and not (tmp_path / "a").exists()
    assert run(server, "--query", "exosomes", "--dry-run", "--json") == 0
    assert json.loads(capsys.readouterr().out)["count"] == 25


@pytest.mark.parametrize("n", [1, 7, 25, 90])
def test_limit_gives_exactly_n(server: EutilsServer, tmp_path: Path, n: int) -> None:
    assert run(server, "--query", "exosomes", "--archive", str(tmp_path / "a"), f"--limit={n}") == 0
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert manifest["counts"]["stored"] == len(manifest["pmids"]) == min(n, 25)


def test_missing_records_are_named_in_words_and_json(
    server: EutilsServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.scenario = scenarios.by_name("lost:103,111")
    assert run(server, "--query", "exosomes", "--archive", str(tmp_path / "a"), "--json") == 3
    out = capsys.readouterr()
    assert json.loads(out.out)["missing"] == ["103", "111"]
    assert "missing: the server has no record of 103, 111" in out.err


def test_json_alone_on_stdout_when_the_server_is_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NCBI_EMAIL", "someone@example.org")
    command = ["fetch", "--query", "x", "--archive", str(tmp_path / "a"), "--json"]
    assert main([*command, "--base-url", "http://127.0.0.1:9/"]) == 4
    assert json.loads(capsys.readouterr().out)["exit_code"] == 4


def test_pmid_lists(server: EutilsServer, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("PMID: 101, 102\n# a comment\n103 101\n")
    command = ("--pmids", str(tmp_path / "list.txt"), "--archive", str(tmp_path / "a"))
    assert run(server, *command) == 0
    assert sorted(json.loads((tmp_path / "a" / "manifest.json").read_text())["pmids"]) == [
        "101",
        "102",
        "103",
    ]
    (tmp_path / "list.txt").write_text("101\n10.1000/x\n")
    assert run(server, *command) == 2


def test_zero_hits_say_so(
    server: EutilsServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(server, "--query", "zebrafishery", "--archive", str(tmp_path / "a")) == 0
    assert "no record matches" in capsys.readouterr().err


def test_since_asks_for_what_was_entered_or_changed(server: EutilsServer, tmp_path: Path) -> None:
    archive = str(tmp_path / "a")
    assert run(server, "--query", "exosomes", "--archive", archive, "--since", "2020-01-20") == 0
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert len(manifest["pmids"]) == 6
    assert run(server, "--query", "exosomes", "--archive", archive, "--since", "soon") == 2


def test_changes_are_taken_up_and_older_contents_kept(server: EutilsServer, tmp_path: Path) -> None:
    archive = str(tmp_path / "a")
    assert run(server, "--query", "exosomes", "--archive", archive) == 0
    manifest = tmp_path / "a" / "manifest.json"
    mark = json.loads(manifest.read_text())["queries"][0]["watermark"]
    revised = synthetic(110, date.fromisoformat(mark), words="exosomes and more")
    server.collection.by_pmid[110] = revised
    server.collection.sorted = [revised if r.pmid == 110 else r for r in server.collection.sorted]
    server.collection._cache.clear()
    assert run(server, "--query", "exosomes", "--archive", archive, "--since", "last") == 0
    assert len(json.loads(manifest.read_text())["pmids"]["110"]["revisions"]) == 2


@pytest.mark.parametrize("arguments", [(), ("--query", "x"), ("--query", '"x', "--archive", "a")])
def test_usage_errors(server: EutilsServer, arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert run(server, *arguments) == 2
    assert server.log == []


def test_dois_are_looked_up_and_unknown_ones_named(
    server: EutilsServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = synthetic(900, date(2020, 1, 1), words="doi 10.1000/known")
    server.collection.__init__([*server.collection.records, known])  # type: ignore[misc]
    (tmp_path / "dois").write_text("10.1000/known\n10.1000/unknown\n")
    command = ("--dois", str(tmp_path / "dois"), "--archive", str(tmp_path / "a"))
    assert run(server, *command) == 3
    assert "10.1000/unknown" in capsys.readouterr().err
    assert list(json.loads((tmp_path / "a" / "manifest.json").read_text())["pmids"]) == ["900"]


def test_europe_pmc_is_asked_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(RateLimiter, "acquire", lambda *_a, **_k: None)
    place = ("--archive", str(tmp_path / "a"), "--source", "europepmc")
    with EuropePmcServer([record(i) for i in range(5)][1:]) as server:
        command = ["fetch", *place, "--base-url", server.url, "--query", "exosomes[tiab]"]
        assert main([*command, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["counts"]["stored"] == 4
    assert main(["parse", str(tmp_path / "a"), "-o", str(tmp_path / "a.jsonl")]) == 0
    assert len((tmp_path / "a.jsonl").read_text().splitlines()) == 4
    assert main(["fetch", *place, "--query", "x", "--dry-run"]) == 2
    assert main(["fetch", "--archive", "x", "--source", "scopus", "--query", "x"]) == 2
    assert "entrez, europepmc" in capsys.readouterr().err
