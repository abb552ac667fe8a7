"""The archive: nothing lost to kills, locks, newer formats or full disks."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.eutils import scenarios
from tests.eutils.records import Record, synthetic
from tests.eutils.server import EutilsServer
from textmine.errors import ConfigError, MalformedRecord, SchemaTooNew, StoreError
from textmine.pubmed import archive as archive_module
from textmine.pubmed.archive import Archive, changed_parts, is_archive, merge
from textmine.pubmed.raw import RawRecord, raw_records, split_answer

ROOT = Path(__file__).resolve().parents[2]


def raw(pmid: int, words: str = "exosomes", version: int = 1) -> RawRecord:
    r = synthetic(pmid, date(2020, 1, 1), words=words, version=version)
    return RawRecord(str(pmid), version, "PubmedArticle", r.xml)


def test_records_are_cut_out_byte_for_byte() -> None:
    one, two = synthetic(1, date(2020, 1, 1)).xml, synthetic(2, date(2020, 1, 1), version=3).xml
    body = b"<?xml version='1.0'?>\n<PubmedArticleSet>\n" + one + b"\n" + two
    body += b"<DeleteCitation><PMID>8</PMID></DeleteCitation></PubmedArticleSet>"
    answer = split_answer(body)
    assert [(r.pmid, r.version, r.xml) for r in answer.records] == [("1", 1, one), ("2", 3, two)]
    assert answer.deleted == ("8",)
    by_seven = [body[i : i + 7] for i in range(0, len(body), 7)]
    assert list(raw_records(by_seven)) == list(answer.records)


def test_a_body_that_breaks_off_gives_the_records_before() -> None:
    one = synthetic(1, date(2020, 1, 1)).xml
    got = []
    with pytest.raises(MalformedRecord, match="breaks"):
        for record in raw_records([b"<PubmedArticleSet>" + one + one[:50]]):
            got.append(record)  # noqa: PERF402
    assert [r.xml for r in got] == [one]


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    records = [raw(i) for i in (30, 2, 11)]
    with Archive.open(tmp_path / "a", write=True) as archive:
        assert archive.add(records[:2]) == {"30": "new", "2": "new"}
        assert archive.add(records[2:]) == {"11": "new"}
        assert archive.add(records) == {"30": "same", "2": "same", "11": "same"}
    again = Archive.open(tmp_path / "a")
    assert [again.record(r.pmid) for r in records] == [r.xml for r in records]
    assert again.verify() == []
    (document,) = again.documents()
    found = [e.text for e in ElementTree.fromstring(document).iter("PMID")]
    assert found == ["2", "11", "30"]


def test_a_shard_is_one_document_for_standard_tools(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "a", write=True) as archive:
        for i in range(5):
            archive.add([raw(i + 1)])
    (shard,) = (tmp_path / "a" / "shards").iterdir()
    assert len(ElementTree.fromstring(gzip.decompress(shard.read_bytes()))) == 5


def test_shards_do_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "SHARD_BYTES", 2000)
    with Archive.open(tmp_path / "a", write=True) as archive:
        for i in range(12):
            archive.add([raw(i + 1)])
    assert 2 <= len(list((tmp_path / "a" / "shards").iterdir())) < 12
    assert Archive.open(tmp_path / "a").verify() == []


def test_versions_and_revisions_are_kept_with_what_changed(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "a", write=True) as archive:
        archive.add([raw(5)])
        assert archive.add([raw(5, "vesicles")]) == {"5": "changed"}
        assert archive.add([raw(5, "vesicles", 2)]) == {"5": "version"}
    entry = Archive.open(tmp_path / "a").entries["5"]
    assert [r.version for r in entry.revisions] == [1, 1, 2]
    assert entry.revisions[1].changed == ("PubmedArticle/MedlineCitation/Article/ArticleTitle",)
    assert entry.version == 2
    (document,) = Archive.open(tmp_path / "a").documents()
    assert len(ElementTree.fromstring(document)) == 2  # both versions, each in its last revision
    assert changed_parts(b"<a>1</a>", b"<a>1</a>") == ()


def test_a_second_run_finds_the_archive_locked(tmp_path: Path) -> None:
    with (
        Archive.open(tmp_path / "a", write=True),
        pytest.raises(StoreError, match="in use by another run"),
    ):
        Archive.open(tmp_path / "a", write=True)
    Archive.open(tmp_path / "a", write=True).close()


def test_a_newer_archive_is_left_alone(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "a", write=True) as archive:
        archive.add([raw(1)])
    manifest = tmp_path / "a" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"format_version": 1', '"format_version": 99'))
    before = {p: p.read_bytes() for p in (tmp_path / "a").rglob("*") if p.is_file()}
    for write in (True, False):
        with pytest.raises(SchemaTooNew, match="newer textmine"):
            Archive.open(tmp_path / "a", write=write)
    assert before == {p: p.read_bytes() for p in (tmp_path / "a").rglob("*") if p.is_file()}


def test_other_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("x")
    with pytest.raises(ConfigError, match="other files"):
        Archive.open(tmp_path, write=True)
    with pytest.raises(ConfigError, match="no archive"):
        Archive.open(tmp_path)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "manifest.json").write_text("{")
    with pytest.raises(StoreError, match="not a manifest"):
        Archive.open(tmp_path / "b", write=True)
    assert not is_archive(tmp_path / "b")


def test_a_full_disk_damages_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk."""
    script = """
import resource, signal, sys
from tests.pubmed.test_archive import raw
from textmine.errors import StoreError
from textmine.pubmed.archive import Archive
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
archive = Archive.open(sys.argv[1], write=True)
archive.add([raw(1)])
resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))
try:
    for i in range(2, 500):
        archive.add([raw(i, "exosomes " + str(i) * 40)])
except StoreError as error:
    print(error)
    sys.exit(error.exit_code)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "a")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2, done.stderr
    assert "The disk is full" in done.stdout
    archive = Archive.open(tmp_path / "a")
    assert archive.entries and archive.verify() == []
    with Archive.open(tmp_path / "a", write=True) as again:
        again.add([raw(1000)])
    assert Archive.open(tmp_path / "a").verify() == []


def test_a_torn_journal_and_a_torn_shard_are_mended(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "a", write=True) as archive:
        archive.add([raw(1)])
        archive.add([raw(2)])
    whole = Archive.open(tmp_path / "a").digest()
    with open(tmp_path / "a" / "journal.jsonl", "ab") as stream:
        stream.write(b'{"generation": 1, "pmids": {"9": {"sta')
    (shard,) = (tmp_path / "a" / "shards").iterdir()
    with open(shard, "ab") as stream:
        stream.write(b"\x1f\x8b garbage of a write that was cut short")
    (tmp_path / "a" / "shards" / "00002.xml.gz").write_bytes(b"\x1f\x8b")
    assert Archive.open(tmp_path / "a").digest() == whole
    with Archive.open(tmp_path / "a", write=True) as again:
        again.add([raw(3)])
    (shard,) = (tmp_path / "a" / "shards").iterdir()
    assert len(ElementTree.fromstring(gzip.decompress(shard.read_bytes()))) == 3


def test_damage_is_found(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "a", write=True) as archive:
        archive.add([raw(1)])
    (shard,) = (tmp_path / "a" / "shards").iterdir()
    data = bytearray(shard.read_bytes())
    place = Archive.open(tmp_path / "a").members[0].offset + 40
    data[place] ^= 0xFF
    shard.write_bytes(data)
    assert "damaged" in Archive.open(tmp_path / "a").verify()[0]
    shard.write_bytes(data[:50])
    with pytest.raises(StoreError, match="shorter than"):
        Archive.open(tmp_path / "a", write=True)


class _Killed(BaseException):
    pass


@settings(max_examples=40, deadline=None)
@given(
    kills=st.lists(st.integers(1, 12), max_size=4),
    order=st.permutations(list(range(1, 9))),
)
def test_any_interleaving_of_kill_and_resume_gives_the_same_content(
    tmp_path_factory: pytest.TempPathFactory, kills: list[int], order: list[int]
) -> None:
    """A kill strikes after any number of syncs to the disk; then the run starts anew."""
    folder = tmp_path_factory.mktemp("kill") / "a"
    real = archive_module._sync

    def fill(after: int | None) -> None:
        left = [after]

        def sync(stream: object) -> None:
            if left[0] is not None:
                left[0] -= 1
                if left[0] < 0:
                    raise _Killed
            real(stream)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(archive_module, "_sync", sync)
            archive = Archive.open(folder, write=True)
            try:
                archive.set_states({str(p): ("pending", None) for p in order})
                for pmid in order:
                    entry = archive.entries.get(str(pmid))
                    if entry is None or entry.state != "stored":
                        archive.add([raw(pmid)])
                archive.close()
            finally:
                archive._journal.close()
                archive._lock.release()

    for after in kills:
        try:
            fill(after)
        except _Killed:
            continue
    fill(None)
    result = Archive.open(folder)
    assert result.verify() == []
    assert {p: result.record(p) for p in result.entries} == {
        str(p): raw(p).xml for p in range(1, 9)
    }
    (shard,) = (folder / "shards").iterdir()
    assert len(ElementTree.fromstring(gzip.decompress(shard.read_bytes()))) == 8


@settings(max_examples=25, deadline=None)
@given(
    left=st.lists(st.tuples(st.integers(1, 6), st.sampled_from("ab"), st.integers(1, 2))),
    right=st.lists(st.tuples(st.integers(1, 6), st.sampled_from("ab"), st.integers(1, 2))),
)
def test_merging_is_commutative(
    tmp_path_factory: pytest.TempPathFactory,
    left: list[tuple[int, str, int]],
    right: list[tuple[int, str, int]],
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    for name, content in (("l", left), ("r", right)):
        with Archive.open(folder / name, write=True) as archive:
            archive.set_states({"7": ("missing" if name == "l" else "failed", None)})
            for pmid, words, version in content:
                archive.add([raw(pmid, words, version)])
    digests = []
    for a, b in ("lr", "rl"):
        with Archive.open(folder / (a + b), write=True) as target:
            merge([Archive.open(folder / a), Archive.open(folder / b)], target)
            digests.append(target.digest())
            assert target.verify() == []
    assert digests[0] == digests[1]


def _start(folder: Path, url: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "textmine", "fetch", "--query", "exosomes"]
    return subprocess.Popen(
        [*command, "--archive", str(folder), "--base-url", url],
        cwd=ROOT,
        env={**os.environ, "NCBI_EMAIL": "someone@example.org", "NCBI_API_KEY": "k"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_kill_9_loses_at_most_the_batch_in_flight(tmp_path: Path) -> None:
    records: list[Record] = [synthetic(1000 + i, date(2020, 1, 1)) for i in range(1200)]
    with EutilsServer(records, key_limit=1000, latency=0.05) as server:
        for wait in (0.7, 0.9):
            process = _start(tmp_path / "a", server.url)
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
            process.wait()
            if is_archive(tmp_path / "a"):
                assert Archive.open(tmp_path / "a").verify() == []
        stored = set()
        if is_archive(tmp_path / "a"):
            entries = Archive.open(tmp_path / "a").entries
            stored = {p for p, e in entries.items() if e.state == "stored"}
        before = len(server.log)
        assert _start(tmp_path / "a", server.url).wait() == 0
        asked = [i for r in server.log[before:] for i in r.ids]
    assert len(asked) == len(set(asked)) == 1200 - len(stored)
    archive = Archive.open(tmp_path / "a")
    assert {p: archive.record(p) for p in archive.entries} == {str(r.pmid): r.xml for r in records}
    assert json.loads((tmp_path / "a" / "manifest.json").read_text())["counts"]["stored"] == 1200


@pytest.mark.parametrize("tool", ["esearch", "efetch"])
def test_interrupting_ends_at_once_and_damages_nothing(tmp_path: Path, tool: str) -> None:
    records = [synthetic(1000 + i, date(2020, 1, 1)) for i in range(30)]
    with EutilsServer(records, scenarios.always("hang", tool)) as server:
        process = _start(tmp_path / "a", server.url)
        while not server.requests(tool):
            time.sleep(0.02)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert time.monotonic() - began < 3
    assert Archive.open(tmp_path / "a").verify() == []
