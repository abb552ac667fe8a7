"""Europe PMC as a source, over real HTTP: pages, faults, counts that disagree, kills, records."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.eutils.europepmc import TRANSIENT, EuropePmcServer, Fault, record
from textmine.errors import ConfigError, MalformedRecord, StoreError
from textmine.pubmed.entrez import Credentials
from textmine.pubmed.europepmc import fetch_europepmc
from textmine.pubmed.europepmc_archive import EuropePmcArchive
from textmine.pubmed.europepmc_json import europepmc_article
from textmine.pubmed.europepmc_query import differences, europepmc_query
from textmine.pubmed.fetch import FetchReport
from textmine.pubmed.ratelimit import RateLimiter
from textmine.pubmed.read import Broken, read_articles
from textmine.records import Article

WHO = Credentials("someone@example.org")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    import tenacity

    real = tenacity.wait_random_exponential
    monkeypatch.setattr(
        tenacity, "wait_random_exponential", lambda **_: real(multiplier=0.01, max=0.05)
    )
    monkeypatch.setattr(RateLimiter, "acquire", lambda *_a, **_k: None)
    monkeypatch.setattr(RateLimiter, "hold", lambda *_a, **_k: None)


def some(n: int = 25) -> list[dict[str, Any]]:
    return [record(100 + i) for i in range(n)]


def first(fault: str, times: int = 2) -> Fault:
    return lambda number, _params: fault if number <= times else None


def run(server: EuropePmcServer, folder: Path, **options: Any) -> FetchReport:
    options.setdefault("page", 10)
    options.setdefault("request_timeout", 2)
    return fetch_europepmc(["TITLE_ABS:exosomes"], folder, WHO, base_url=server.url, **options)


def ids(folder: Path) -> list[str]:
    found = list(read_articles(folder))
    assert not [f for f in found if isinstance(f, Broken)]
    return sorted(a.id for a in found if isinstance(a, Article))


def test_pages_are_walked_to_the_last_hit(tmp_path: Path) -> None:
    with EuropePmcServer(some()) as server:
        report = run(server, tmp_path / "a")
        assert len(server.log) == 3, "one request a page"
    assert (report.exit_code, report.requested, report.stored, report.new) == (0, 25, 25, 25)
    assert ids(tmp_path / "a") == [str(100 + i) for i in range(25)]


@pytest.mark.parametrize("fault", TRANSIENT)
def test_transient_faults_end_complete(fault: str, tmp_path: Path) -> None:
    with EuropePmcServer(some(), first(fault)) as server:
        report = run(server, tmp_path / "a")
    assert report.exit_code == 0, report.words()
    assert report.retries == 2
    assert len(ids(tmp_path / "a")) == 25


def test_a_repeated_page_is_kept_once(tmp_path: Path) -> None:
    with EuropePmcServer(some(), lambda n, _p: "repeat" if n == 2 else None) as server:
        report = run(server, tmp_path / "a")
    assert report.exit_code == 0, report.words()
    assert len(ids(tmp_path / "a")) == 25


def test_a_record_dropped_once_is_found_by_the_second_walk(tmp_path: Path) -> None:
    with EuropePmcServer(some(), first("drop", 1)) as server:
        report = run(server, tmp_path / "a")
    assert report.exit_code == 0
    assert len(ids(tmp_path / "a")) == 25


@pytest.mark.parametrize("claimed", [30, 24])
def test_a_count_that_disagrees_is_never_success(claimed: int, tmp_path: Path) -> None:
    with EuropePmcServer(some(), claimed=claimed) as server:
        report = run(server, tmp_path / "a")
    assert report.exit_code == 4
    assert report.queries[0]["difference"] == claimed - 25
    assert f"{claimed} hits, but 25 different" in report.words()
    assert report.stored == 25


def test_a_server_that_repeats_for_ever_is_given_up(tmp_path: Path) -> None:
    def stuck(number: int, params: dict[str, str]) -> str | None:
        return "repeat" if params["cursorMark"] != "*" else None

    with EuropePmcServer(some(100), stuck) as server:
        report = run(server, tmp_path / "a")
        assert len(server.log) < 12
    assert report.exit_code == 4


def test_an_outage_keeps_what_came_and_goes_on_there(tmp_path: Path) -> None:
    with EuropePmcServer(some(), lambda n, _p: "http_500" if n > 1 else None) as server:
        report = run(server, tmp_path / "a", attempts=2)
        assert report.exit_code == 4
        assert report.error is not None
        assert len(ids(tmp_path / "a")) == 10
    with EuropePmcServer(some()) as server:
        report = run(server, tmp_path / "a")
        assert [p["cursorMark"] for p in server.log] == ["at-10", "at-20"]
    assert (report.exit_code, report.new, report.stored) == (0, 15, 25)


def test_a_second_run_asks_for_ids_only_and_finds_what_is_new(tmp_path: Path) -> None:
    with EuropePmcServer(some()) as server:
        run(server, tmp_path / "a")
        before = (tmp_path / "a" / "records.jsonl.gz").read_bytes()
        server.log.clear()
        report = run(server, tmp_path / "a")
        assert [p["resultType"] for p in server.log] == ["idlist"]
        assert (report.exit_code, report.new, report.stored) == (0, 0, 25)
        assert (tmp_path / "a" / "records.jsonl.gz").read_bytes() == before
        server.records[3] = record(103, title="Changed.")
        server.records.append(record(500))
        report = run(server, tmp_path / "a")
    assert (report.exit_code, report.new, report.changed, report.stored) == (0, 1, 1, 26)
    articles = {a.id: a for a in read_articles(tmp_path / "a") if isinstance(a, Article)}
    assert len(articles) == 26
    assert articles["103"].title == "Changed."


def test_limit(tmp_path: Path) -> None:
    with EuropePmcServer(some()) as server:
        assert run(server, tmp_path / "a", limit=13).stored == 13
        assert run(server, tmp_path / "a").stored == 25


def test_a_query_that_cannot_be_read_and_one_without_hits(tmp_path: Path) -> None:
    with EuropePmcServer([], first("bad_query", 9)) as server, pytest.raises(ConfigError):
        run(server, tmp_path / "a")
    with EuropePmcServer([]) as server:
        report = run(server, tmp_path / "b")
    assert report.exit_code == 0
    assert any("no record matches" in w for w in report.warnings)


def test_long_queries_go_by_post(tmp_path: Path) -> None:
    with EuropePmcServer(some(3)) as server:
        query = " OR ".join(f'TITLE_ABS:"words number {i}"' for i in range(100))
        report = fetch_europepmc([query], tmp_path / "a", WHO, base_url=server.url)
        assert server.log[0]["query"] == query
    assert report.stored == 3


def test_no_ncbi_key_goes_to_europe_pmc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from textmine.config import Identity

    monkeypatch.setenv("NCBI_API_KEY", "secret-key")
    with EuropePmcServer(some(3)) as server:
        fetch_europepmc(["x"], tmp_path / "a", Identity(), base_url=server.url)
        assert "secret-key" not in json.dumps(server.log)


def test_a_kill_at_any_moment_loses_at_most_a_page(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    script = (
        "import sys; from textmine.pubmed.entrez import Credentials;"
        "from textmine.pubmed.europepmc import fetch_europepmc;"
        "from textmine.pubmed.ratelimit import RateLimiter;"
        "RateLimiter.acquire = lambda *a, **k: None;"
        "fetch_europepmc(['x'], sys.argv[2], Credentials(''), base_url=sys.argv[1], page=5)"
    )
    with EuropePmcServer(some(400)) as server:
        for wanted in (5, 20, 45):
            process = subprocess.Popen(
                [sys.executable, "-c", script, server.url, str(folder)], env={**os.environ}
            )
            end = time.monotonic() + 20
            while len(server.log) < wanted and process.poll() is None and time.monotonic() < end:
                time.sleep(0.002)
            process.send_signal(signal.SIGKILL)
            process.wait()
        asked = len(server.log)
        report = fetch_europepmc(["x"], folder, WHO, base_url=server.url, page=5)
        assert len(server.log) - asked < 80 - 40, "went on where it was"
    assert (report.exit_code, report.stored) == (0, 400)
    assert len(ids(folder)) == 400


def test_torn_tails_are_cut_and_damage_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    with EuropePmcServer(some()) as server:
        run(server, folder)
        for name in ("pages.jsonl", "records.jsonl.gz"):
            with open(folder / name, "ab") as stream:
                stream.write(b'{"torn')
        assert run(server, folder).exit_code == 0
    assert len(ids(folder)) == 25
    data = bytearray((folder / "records.jsonl.gz").read_bytes())
    data[len(data) // 2] ^= 0xFF
    (folder / "records.jsonl.gz").write_bytes(data)
    broken = [b for b in read_articles(folder) if isinstance(b, Broken)]
    assert 0 < len(broken) <= 10
    assert "damaged" in broken[0].reason
    (folder / "records.jsonl.gz").write_bytes(b"")
    with pytest.raises(StoreError, match="shorter"):
        EuropePmcArchive(folder, write=True)


def test_locks_and_foreign_folders(tmp_path: Path) -> None:
    with (
        EuropePmcArchive(tmp_path / "a", write=True),
        pytest.raises(StoreError, match="another run"),
    ):
        EuropePmcArchive(tmp_path / "a", write=True)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "letter.txt").write_text("Dear")
    with pytest.raises(ConfigError, match=r"letter\.txt"):
        EuropePmcArchive(tmp_path / "b", write=True)


# --- records ---

WHOLE = record(
    29867237,
    pmcid="PMC5986775",
    title="MiR-122 in CCl<sub>4</sub>: <i>in vivo</i> &amp; more.",
    authorList={
        "author": [
            {
                "fullName": "Doe J",
                "firstName": "Jane",
                "lastName": "Doe",
                "initials": "J",
                "authorId": {"type": "ORCID", "value": "0000-0002-1825-0097"},
                "authorAffiliationDetailsList": {"authorAffiliation": [{"affiliation": "Here."}]},
            },
            {"collectiveName": "The Group"},
        ]
    },
    journalInfo={
        "yearOfPublication": 2018,
        "dateOfPublication": "2018 Jun",
        "journal": {"title": "Journal of Words", "medlineAbbreviation": "J Words"},
    },
    pubTypeList={"pubType": ["Journal Article", "Retracted Publication"]},
    meshHeadingList={
        "meshHeading": [
            {
                "majorTopic_YN": "Y",
                "descriptorName": "Exosomes",
                "meshQualifierList": {
                    "meshQualifier": [{"qualifierName": "metabolism", "majorTopic_YN": "N"}]
                },
            }
        ]
    },
    keywordList={"keyword": ["Exosome", "Liver"]},
    grantsList={"grant": [{"grantId": "G1", "agency": "NIH"}]},
    chemicalList={"chemical": [{"name": "MicroRNAs", "registryNumber": "0"}]},
    commentCorrectionList={
        "commentCorrection": [
            {"id": "1", "source": "MED", "reference": "J. 2020", "type": "Retraction in"},
            {"id": "2", "source": "MED", "type": "Expression of concern in"},
            {"id": "PPR9", "source": "PPR", "type": "Preprint in"},
        ]
    },
    language="eng",
    firstPublicationDate="2018-05-30",
)


def test_a_whole_record() -> None:
    a = europepmc_article(WHOLE)
    assert (a.id, a.pmid, a.year, a.language) == ("29867237", "29867237", 2018, "eng")
    assert a.title == "MiR-122 in CCl4: in vivo & more."
    assert [(p.kind, p.label, a.text[p.start : p.end]) for p in a.passages[1:]] == [
        ("abstract", "BACKGROUND", "Words of 29867237."),
        ("abstract", "RESULTS", "p < 0.05."),
    ]
    assert a.ids == {
        "doi": "10.1/29867237", "pmc": "PMC5986775", "europepmc": "MED/29867237"
    }  # fmt: skip
    assert a.status.retracted
    assert a.status.expression_of_concern
    assert [(x.type, x.pmid) for x in a.status.links] == [
        ("RetractionIn", "1"), ("ExpressionOfConcernIn", "2"), ("UpdateOf", None),
    ]  # fmt: skip
    assert a.status.links[2].citation == "PPR9"
    assert a.authors[0].orcid == "0000-0002-1825-0097"
    assert a.authors[0].affiliations == ("Here.",)
    assert a.authors[1].collective == "The Group"
    assert (a.mesh[0].descriptor, a.mesh[0].major) == ("Exosomes", True)
    assert a.mesh[0].qualifiers[0].name == "metabolism"
    assert (a.keywords, a.grants[0].id) == (("Exosome", "Liver"), "G1")
    assert (a.journal, a.dates["published"]) == ("Journal of Words", "2018-05-30")


def test_preprints_are_marked_and_lead_to_the_article() -> None:
    link = {"id": "38605817", "source": "MED", "type": "Preprint of"}
    preprint = {
        "id": "PPR12345", "source": "PPR", "doi": "10.1101/1", "title": "T", "versionNumber": 2,
        "abstractText": "Plain <b>words</b>, a<b and c>d.", "firstPublicationDate": "2022-02-02",
        "commentCorrectionList": {"commentCorrection": [link]},
    }  # fmt: skip
    a = europepmc_article(preprint)
    assert (a.id, a.pmid, a.year, a.version) == ("PPR12345", None, 2022, 2)
    assert [t.name for t in a.publication_types] == ["Preprint"]
    assert a.status.links[0].type == "UpdateIn"
    assert a.text == "T\nPlain words, a<b and c>d."


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "No id"},
        record(1, title="", abstractText=None),
        record(1, authorList={"author": ["x"]}),
        record(1, pmid="x"),
        record(1, versionNumber="two"),
    ],
)
def test_broken_records_are_malformed(wrong: dict[str, Any]) -> None:
    with pytest.raises(MalformedRecord):
        europepmc_article(wrong)


def test_saved_answers_are_read_by_their_content(tmp_path: Path) -> None:
    answer = {"version": "6.9", "hitCount": 3, "resultList": {"result": [*some(2), {"no": 1}]}}
    text = json.dumps(answer, indent=1)
    (tmp_path / "saved.txt").write_text(text)
    (tmp_path / "packed.json.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "lines.jsonl").write_text("\n".join(json.dumps(r) for r in some(2)) + '\n{"cut')
    (tmp_path / "settings.json").write_text('{"unrelated": true}')
    for name, good, bad in (("saved.txt", 2, 1), ("packed.json.gz", 2, 1), ("lines.jsonl", 2, 1)):
        found = list(read_articles(tmp_path / name))
        assert (sum(isinstance(f, Article) for f in found), len(found)) == (good, good + bad), name
    assert sum(isinstance(f, Article) for f in read_articles(tmp_path)) == 6


# --- queries ---


@pytest.mark.parametrize(
    ("pubmed", "europepmc"),
    [
        ("exosomes AND liver", "exosomes AND liver"),
        ('FIRST_PDATE:[2015 TO 2020] AND "x"', 'FIRST_PDATE:[2015 TO 2020] AND "x"'),
        ("liver[ti]", "TITLE:liver"),
        (
            'a[tiab] OR "b c"[tiab] AND d[mh]',
            '(TITLE_ABS:a OR TITLE_ABS:"b c") AND KW:d',
        ),
        ("(a b[tiab]) NOT Review[pt]", "(TITLE_ABS:(a AND b)) NOT PUB_TYPE:Review"),
        ('"stem cell*"[tiab]', 'TITLE_ABS:("stem cell" OR "stem cells")'),
        ("english[la] AND x", "LANG:eng AND (TITLE_ABS:x OR KW:x)"),
    ],
)
def test_pubmed_searches_in_europe_pmcs_words(pubmed: str, europepmc: str) -> None:
    assert europepmc_query(pubmed) == europepmc


@pytest.mark.parametrize("query", ["2020[dp]", "(a[tiab]", "a[tiab])", "AND a[tiab]", "a[tiab] OR"])
def test_what_cannot_be_said_is_refused(query: str) -> None:
    with pytest.raises(ConfigError):
        europepmc_query(query)


def test_differences_are_named() -> None:
    assert "full texts" in differences("exosomes")[0]
    assert differences("exosomes[tiab]") == []
    assert "narrower" in differences("Exosomes[mh]")[0]
