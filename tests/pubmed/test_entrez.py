"""The client and the whole fetch against a server that misbehaves, over real HTTP."""

from __future__ import annotations

import threading
import time
import traceback
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.eutils import scenarios
from tests.eutils.records import Record, many, record, synthetic
from tests.eutils.server import EutilsServer
from textmine.errors import ConfigError, SourceError
from textmine.pubmed import entrez
from textmine.pubmed.archive import Archive
from textmine.pubmed.entrez import Credentials, EntrezClient, redact
from textmine.pubmed.fetch import FetchReport, fetch
from textmine.pubmed.ratelimit import RateLimiter

KEY = "0123456789abcdef-secret/key+x"
WHO = Credentials("someone@example.org")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short waits between attempts, and no rate limit where it is not what is tested."""
    import tenacity

    real = tenacity.wait_random_exponential
    monkeypatch.setattr(
        tenacity, "wait_random_exponential", lambda **_: real(multiplier=0.01, max=0.05)
    )


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RateLimiter, "acquire", lambda *_a, **_k: None)
    monkeypatch.setattr(RateLimiter, "hold", lambda *_a, **_k: None)


def some(n: int = 30) -> list[Record]:
    return [synthetic(1000 + i, date(2020, 1, 1 + i % 28)) for i in range(n)]


def run(server: EutilsServer, folder: Path, **options: object) -> FetchReport:
    options.setdefault("request_timeout", 0.7)
    options.setdefault("batch", 10)
    return fetch(["exosomes"], folder, WHO, base_url=server.url, **options)  # type: ignore[arg-type]


def adds_up(folder: Path, records: list[Record]) -> None:
    """Every record is in the archive byte for byte, or named as not there."""
    archive = Archive.open(folder)
    counts = archive.counts()
    assert counts["requested"] == sum(v for k, v in counts.items() if k != "requested")
    assert archive.verify() == []
    by_pmid = {str(r.pmid): r for r in records}
    for pmid, entry in archive.entries.items():
        if entry.state == "stored":
            assert archive.record(pmid) == by_pmid[pmid].xml


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("fault", [*scenarios.TRANSIENT, *scenarios.CONTENT])
def test_transient_faults_end_complete(fault: str, tmp_path: Path) -> None:
    records = some()
    tool = "efetch" if fault in scenarios.CONTENT else None
    with EutilsServer(records, scenarios.first(fault, 2, tool)) as server:
        report = run(server, tmp_path / "a")
        assert any(r.fault == fault for r in server.log)
    assert report.exit_code == 0, report.words()
    assert report.stored == 30
    adds_up(tmp_path / "a", records)


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("fault", ["unknown_dtd", "latin1"])
def test_harmless_oddities_are_read(fault: str, tmp_path: Path) -> None:
    with EutilsServer(some(), scenarios.always(fault, "efetch")) as server:
        assert run(server, tmp_path / "a").exit_code == 0
    archive = Archive.open(tmp_path / "a")
    assert "α-SMA" in archive.record("1003").decode() or fault == "latin1"


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("fault", ["http_500", "cut_xml", "html_200", "error_200", "entity"])
def test_a_server_that_fails_for_good_ends_4_and_names_what_is_open(
    fault: str, tmp_path: Path
) -> None:
    with EutilsServer(some(), scenarios.always(fault, "efetch")) as server:
        report = run(server, tmp_path / "a")
        assert report.exit_code == 4
        assert len(report.pending) + len(report.failed) == 30
        assert len(server.log) < 80
        server.scenario = scenarios.Scenario("none")
        again = run(server, tmp_path / "a")
    assert again.exit_code == 0
    assert again.new == 30


@pytest.mark.usefixtures("unlimited")
def test_a_search_that_fails_is_never_read_as_no_results(tmp_path: Path) -> None:
    with EutilsServer(some(), scenarios.always("error_200", "esearch")) as server:
        report = run(server, tmp_path / "a")
    assert report.exit_code == 4
    assert report.error is not None and "temporarily unavailable" in report.error
    assert not Archive.open(tmp_path / "a").complete


@pytest.mark.usefixtures("unlimited")
def test_lost_records_are_named_and_asked_for_again_on_every_run(tmp_path: Path) -> None:
    scenario = scenarios.Scenario("lost", lost=frozenset({1004, 1017}))
    with EutilsServer(some(), scenario) as server:
        report = run(server, tmp_path / "a")
        assert (report.exit_code, report.missing) == (3, ["1004", "1017"])
        before = len(server.log)
        assert run(server, tmp_path / "a").exit_code == 3
        asked = {i for r in server.log[before:] for i in r.ids}
        assert asked == {"1004", "1017"}
        server.scenario = scenarios.Scenario("none")
        assert run(server, tmp_path / "a").exit_code == 0
    assert Archive.open(tmp_path / "a").entries["1004"].state == "stored"


@pytest.mark.usefixtures("unlimited")
def test_one_record_that_breaks_every_batch_is_singled_out(tmp_path: Path) -> None:
    scenario = scenarios.Scenario("poison", poison=frozenset({1013}))
    with EutilsServer(some(), scenario) as server:
        report = run(server, tmp_path / "a")
    assert (report.exit_code, report.failed, report.stored) == (4, ["1013"], 29)


@pytest.mark.usefixtures("unlimited")
def test_deleted_records_are_known_as_deleted(tmp_path: Path) -> None:
    with EutilsServer(some()) as server:
        server.collection.deleted = {1005}
        report = run(server, tmp_path / "a")
    assert (report.exit_code, report.deleted) == (0, ["1005"])
    assert b"<DeleteCitation>" in list(Archive.open(tmp_path / "a").documents())[-1]


@pytest.mark.usefixtures("unlimited")
def test_explicit_pmids_need_no_history(tmp_path: Path) -> None:
    with EutilsServer(some(), scenarios.by_name("expired_history")) as server:
        report = fetch([], tmp_path / "a", WHO, base_url=server.url, pmids=["1001", "1002", "9"])
        assert not server.requests("esearch")
    assert (report.exit_code, report.stored, report.missing) == (3, 2, ["9"])


@pytest.mark.usefixtures("unlimited")
def test_long_lists_are_posted(tmp_path: Path) -> None:
    with EutilsServer(some(300)) as server:
        run(server, tmp_path / "a", batch=200)
        assert {r.method for r in server.requests("efetch") if len(r.ids) == 200} == {"POST"}


@pytest.mark.usefixtures("unlimited")
def test_book_records_are_kept(tmp_path: Path) -> None:
    book = record(
        b'<PubmedBookArticle><BookDocument><PMID Version="1">77</PMID><ArticleTitle>On exosomes'
        b"</ArticleTitle></BookDocument></PubmedBookArticle>"
    )
    with EutilsServer([*some(3), book]) as server:
        assert run(server, tmp_path / "a").stored == 4
    assert Archive.open(tmp_path / "a").record("77") == book.xml


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("seed", range(6))
def test_any_mix_of_faults_loses_nothing(seed: int, tmp_path: Path) -> None:
    records = some(60)
    with EutilsServer(records, scenarios.flaky(seed, 0.25)) as server:
        for _ in range(10):
            report = run(server, tmp_path / "a")
            adds_up(tmp_path / "a", records)
            if report.complete:
                break
    assert report.complete and report.stored == 60


def test_a_bad_key_is_said_at_once_and_never_shown(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    who = Credentials("someone@example.org", api_key=KEY)
    said: list[str] = []
    with (
        EutilsServer(some(), scenarios.always("bad_key")) as server,
        pytest.raises(ConfigError) as info,
    ):
        fetch(["exosomes"], tmp_path / "a", who, base_url=server.url, log=said.append)
    assert len(server.log) == 1
    told = "".join(traceback.format_exception(info.value)) + repr(who) + "".join(said)
    assert KEY not in told and "NCBI_API_KEY" in told


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("fault", ["http_500", "reset", "cut_length", "html_200"])
def test_the_key_is_in_no_message_and_no_file(fault: str, tmp_path: Path) -> None:
    who = Credentials("someone@example.org", api_key=KEY)
    said: list[str] = []
    with EutilsServer(some(), scenarios.always(fault)) as server:
        report = fetch(["exosomes"], tmp_path / "a", who, base_url=server.url, log=said.append)
        assert server.log[0].params["api_key"] == KEY
        client = EntrezClient(who, base_url=server.url, attempts=1)
        try:
            client.fetch(["1"])
        except SourceError as error:
            said.append("".join(traceback.format_exception(error)))
            assert error.__context__ is None
    said.append(str(report.as_dict()))
    said += [p.read_text() for p in (tmp_path / "a").glob("*.json*")]
    quoted = "0123456789abcdef-secret%2Fkey%2Bx"
    assert said and not any(KEY in text or quoted in text for text in said)


def test_redact_knows_every_spelling() -> None:
    text = redact(f"http://x/?api_key={KEY}&b=1 {KEY} api_key=other&c", KEY)
    assert text == "http://x/?api_key=***&b=1 *** api_key=***&c"


@pytest.mark.usefixtures("unlimited")
def test_an_unreachable_host_ends_4(tmp_path: Path) -> None:
    began = time.monotonic()
    report = fetch(["x"], tmp_path / "a", WHO, base_url="http://127.0.0.1:9/")
    assert report.exit_code == 4
    assert report.error is not None and "cannot be reached" in report.error
    assert time.monotonic() - began < 5


@pytest.mark.usefixtures("unlimited")
def test_a_deadline_ends_the_run_and_the_next_one_goes_on(tmp_path: Path) -> None:
    records = some(40)
    with EutilsServer(records, latency=0.15) as server:
        report = run(server, tmp_path / "a", batch=2, deadline=0.8)
        assert report.exit_code == 4
        assert 0 < report.stored < 40 and report.stored + len(report.pending) == 40
        server.latency = 0.0
        before = len(server.log)
        assert run(server, tmp_path / "a", batch=2).complete
        assert sum(len(r.ids) for r in server.log[before:]) == 40 - report.stored


def test_a_long_retry_after_is_not_waited_for(tmp_path: Path) -> None:
    client = EntrezClient(WHO, base_url="http://127.0.0.1:9/", deadline=5)
    error = client._too_many({"Retry-After": "900"}, b"")
    assert "900 s" in str(error)


def test_an_unknown_address_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="no http"):
        EntrezClient(WHO, base_url="ftp://example.org/")


def test_two_clients_never_pass_the_rate(tmp_path: Path) -> None:
    """Each with its own limiter object over the same folder, as two processes have."""
    with EutilsServer(some(), enforce=True) as server:

        def work() -> None:
            limiter = RateLimiter(server.url[7:21], folder=tmp_path / "rate")
            client = EntrezClient(WHO, base_url=server.url, limiter=limiter)
            for _ in range(5):
                client.info()

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.busiest() <= 3
        assert len(server.log) == 10
        assert not any(r.fault for r in server.log)


def test_the_servers_own_limit_is_taken(tmp_path: Path) -> None:
    with EutilsServer(some(), key_limit=7) as server:
        who = Credentials("someone@example.org", api_key=KEY)
        client = EntrezClient(who, base_url=server.url)
        assert client.limiter.rate == 10
        client.info()
        assert client.limiter.rate == 7
        keyless = EntrezClient(WHO, base_url=server.url)
        server.limit = 50
        keyless.info()
        assert keyless.limiter.rate == 3


def test_the_base_of_the_retry_is_a_kept_library() -> None:
    import tenacity

    assert entrez.tenacity is tenacity


@pytest.mark.slow
def test_twenty_five_thousand_with_twelve_thousand_on_one_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = many(25_000, 12_000)
    permits: list[float] = []
    real = RateLimiter.acquire

    def noting(self: RateLimiter, *arguments: Any) -> None:
        real(self, *arguments)
        permits.append(time.monotonic())

    monkeypatch.setattr(RateLimiter, "acquire", noting)
    who = Credentials("someone@example.org", api_key="k")
    with EutilsServer(records, enforce=True, latency=0.02) as server:
        report = fetch(["synthetic"], tmp_path / "a", who, base_url=server.url)
        assert report.complete and report.stored == 25_000
        arrivals = sorted(r.at for r in server.log)
        late = max(a - p for a, p in zip(arrivals, sorted(permits), strict=True))
        # On a busy machine the server's thread notes requests late, and so closer together than
        # they were let go, but by no more than that.
        assert server.busiest(max(0.01, 1.0 - late)) <= 10
        least = 25_000 / 200 + 1
        assert len(server.log) <= 1.1 * least
        assert report.seconds <= 1.1 * len(server.log) / 10 + 3


@pytest.mark.usefixtures("unlimited")
def test_a_merged_record_is_named_with_the_one_it_is_part_of(tmp_path: Path) -> None:
    records = some(30)
    with EutilsServer(records) as server:
        server.merged = {555: 1003, 556: 777}
        report = fetch([], tmp_path / "a", WHO, base_url=server.url, pmids=["555", "556", "1001"])
        again = fetch([], tmp_path / "a", WHO, base_url=server.url, pmids=["555"])
    # What 556 is said to be part of does not exist: it is missing.
    assert (report.merged, report.deleted, report.missing) == ({"555": "1003"}, ["555"], ["556"])
    assert report.requested == 4
    assert report.stored == 2
    assert "555 into 1003" in report.words()
    assert again.merged == {"555": "1003"}
    adds_up(tmp_path / "a", records)


@pytest.mark.usefixtures("unlimited")
def test_a_stranger_that_comes_once_is_no_merger(tmp_path: Path) -> None:
    singles = 0

    def rule(request: scenarios.Request) -> str | None:
        nonlocal singles
        singles += len(request.ids) == 1
        return "swap" if singles == 1 and len(request.ids) == 1 else None

    scenario = scenarios.Scenario("swap_once", rule, lost=frozenset({1003}))
    with EutilsServer(some(30), scenario) as server:
        report = run(server, tmp_path / "a")
    assert (report.merged, report.missing, report.exit_code) == ({}, ["1003"], 3)


@pytest.mark.usefixtures("unlimited")
def test_a_field_that_pubmed_alone_knows_is_a_warning(tmp_path: Path) -> None:
    with EutilsServer(some(3)) as server:
        report = fetch(["exosomes[New Field]"], tmp_path / "a", WHO, base_url=server.url)
        assert report.exit_code == 0
        assert any("[New Field] is new to textmine" in w for w in report.warnings)
        server.log.clear()
        with pytest.raises(ConfigError, match=r"no search field \[tiabb\]"):
            fetch(["exosomes[tiabb]"], tmp_path / "b", WHO, base_url=server.url)
        assert [r.tool for r in server.log] == ["einfo"], "nothing was searched"
        server.log.clear()
        fetch(["exosomes[tiab]"], tmp_path / "c", WHO, base_url=server.url)
        assert "einfo" not in {r.tool for r in server.log}
    with pytest.raises(ConfigError, match="no search field"):
        fetch(["x[tiabb]"], tmp_path / "d", WHO, base_url="http://127.0.0.1:9/", request_timeout=1)
