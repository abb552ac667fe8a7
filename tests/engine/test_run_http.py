"""`textmine run` over HTTP: the same results as from a file, kept once, resumed after a kill."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.eutils.europepmc import EuropePmcServer, record
from tests.eutils.records import Collection, load
from tests.eutils.server import EutilsServer
from textmine.cli import main
from textmine.config import data_root
from textmine.pubmed.ratelimit import RateLimiter
from textmine.reading.pipeline import Reader
from textmine.records import Article
from textmine.stores.sqlite import SQLiteStore

DEMO = data_root() / "corpora" / "demo"
KEY = "not-a-real-key-0123456789"
SAME = ("articles.jsonl.gz", "annotated.jsonl.gz", "findings.jsonl.gz", "verdicts.jsonl")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[EutilsServer]:
    monkeypatch.setattr(RateLimiter, "acquire", lambda *_a, **_k: None)
    monkeypatch.setenv("NCBI_EMAIL", "someone@example.org")
    monkeypatch.setenv("NCBI_API_KEY", KEY)
    with EutilsServer(load(DEMO / "records.xml.gz")) as running:
        yield running


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "claims.toml").write_bytes((DEMO / "claims.toml").read_bytes())
    (folder / "project.toml").write_text(
        'name = "small"\ntitle = "Small"\nsources = ["entrez"]\n'
        '[[query]]\nid = "all"\nterm = "all[sb]"\n'
    )
    return folder


def run(project: Path, out: Path, *arguments: str) -> int:
    return main(["run", str(project), "--out", str(out), *arguments])


def manifest(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "manifest.json").read_text())
    return found


def contents(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in SAME}


def rows(store: Path) -> dict[str, int]:
    with SQLiteStore(store) as opened:
        tables = ("run", "claim", "article", "finding", "verdict", "concept", "edge")
        count = "SELECT count(*) FROM "
        return {t: opened._db.execute(count + t).fetchone()[0] for t in tables}


def served(server: EutilsServer, folder: Path) -> Path:
    """What the server gives, in a file, in an order of its own."""
    file = folder / "records.xml.gz"
    parts = [r.xml for r in server.collection.sorted]
    body = b"<PubmedArticleSet>\n" + b"\n".join(parts) + b"\n</PubmedArticleSet>\n"
    file.write_bytes(gzip.compress(body))
    return file


def test_the_same_from_the_server_as_from_a_file(
    server: EutilsServer, project: Path, tmp_path: Path
) -> None:
    by_http, by_file = tmp_path / "http", tmp_path / "file"
    over = ("--source", "entrez", "--base-url", server.url)
    assert run(project, by_http, *over) == 0
    assert run(project, by_file, "--source", str(served(server, tmp_path))) == 0
    ours, theirs = contents(by_http), contents(by_file)
    for name in SAME:
        assert ours[name] == theirs[name], name

    # Everything adds up, from the search to the findings.
    found = manifest(by_http)
    counts, fetched = found["counts"], found["fetched"]["counts"]
    total = len(server.collection.sorted)
    assert fetched["requested"] == fetched["stored"] == counts["fetched"] == total
    assert counts["fetched"] == counts["parsed"] + counts["quarantined"]
    assert counts["parsed"] == counts["read"] + counts["excluded"] + counts["unreadable"]
    assert counts["findings"] == len(found["claims"]) * counts["read"]
    assert sum(counts["stances"].values()) == counts["findings"]

    # A second run asks for no record again and adds nothing to the store.
    before, asked = rows(by_http / "textmine.db"), len(server.requests("efetch"))
    assert run(project, by_http, *over) == 0
    assert rows(by_http / "textmine.db") == before
    assert len(server.requests("efetch")) == asked
    assert not any(manifest(by_http)["stored"]["added"].values())
    assert contents(by_http) == ours

    # The key went to the server and nowhere else.
    assert server.log[0].params["api_key"] == KEY
    for file in filter(Path.is_file, by_http.rglob("*")):
        data = file.read_bytes()
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        assert KEY.encode() not in data, file


def test_a_killed_run_goes_on_where_it_stopped(
    server: EutilsServer, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.collection = Collection(server.collection.records[:70])  # two parts, one of them short
    out = tmp_path / "out"
    arguments = ("--source", "entrez", "--base-url", server.url)
    process = subprocess.Popen(
        [sys.executable, "-m", "textmine", "run", str(project), "--out", str(out), *arguments],
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + 30
    while not list(out.glob(".parts/*.jsonl.gz")):
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (out / "manifest.json").exists(), "it was killed while it read"

    read = 0
    real = Reader.read_many

    def counting(self: Reader, articles: Sequence[Article], *rest: Any, **more: Any) -> Any:
        nonlocal read
        read += len(articles)
        return real(self, articles, *rest, **more)

    monkeypatch.setattr(Reader, "read_many", counting)
    asked = len(server.requests("efetch"))
    assert run(project, out, *arguments) == 0
    assert len(server.requests("efetch")) == asked, "the records were there"
    counts = manifest(out)["counts"]
    assert 0 < read < counts["read"], "a part was read before"
    assert run(project, tmp_path / "whole", "--source", str(served(server, tmp_path))) == 0
    assert contents(out) == contents(tmp_path / "whole")
    assert not (out / ".parts").exists()


def test_an_incomplete_search_ends_before_anything_is_checked(
    server: EutilsServer, project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.scenario.poison = frozenset({server.collection.sorted[0].pmid})
    import tenacity

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tenacity, "wait_random_exponential", lambda **_: lambda _state: 0.0)
        assert run(project, tmp_path / "out", "--base-url", server.url) == 4
    assert "give the same command again" in capsys.readouterr().err
    assert not (tmp_path / "out" / "verdicts.jsonl").exists()


def test_europe_pmc_as_the_source(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RateLimiter, "acquire", lambda *_a, **_k: None)
    (project / "project.toml").write_text(
        'name = "small"\ntitle = "Small"\nsources = ["europepmc"]\n'
        '[[query]]\nid = "all"\nterm = "exosomes[tiab]"\n'
    )
    words = "Background: Exosomes from MSCs reduced liver fibrosis in mice."
    records = [record(i, abstractText=words) for i in range(100, 105)]
    with EuropePmcServer(records) as server:
        assert run(project, tmp_path / "out", "--base-url", server.url) == 0
        assert server.log[0]["query"] == "TITLE_ABS:exosomes"
    counts = manifest(tmp_path / "out")["counts"]
    assert (counts["fetched"], counts["read"]) == (5, 5)


def test_a_wrong_source_lists_the_right_ones(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, tmp_path / "out", "--source", "entrex") == 2
    assert "entrez, europepmc" in capsys.readouterr().err
    assert run(project, tmp_path / "out", *("--source", "entrez", "--source", "europepmc",
                                            "--base-url", "http://127.0.0.1:9/")) == 2  # fmt: skip
    assert "--base-url is for one source" in capsys.readouterr().err
