"""Baseline and update files, applied in order."""

from __future__ import annotations

import gzip
import hashlib
from datetime import date
from pathlib import Path

import pytest

from tests.eutils.records import document, synthetic
from textmine.errors import ConfigError, TruncatedResponse
from textmine.pubmed.archive import Archive
from textmine.pubmed.baseline import baseline_files, load_files

DAY = date(2024, 1, 1)


def write(
    folder: Path, number: int, *pmids: int, words: str = "x", deleted: tuple[int, ...] = ()
) -> Path:
    path = folder / f"pubmed26n{number:04}.xml.gz"
    records = [synthetic(p, DAY, words=words) for p in pmids]
    path.write_bytes(gzip.compress(document(records, deleted)))
    digest = hashlib.md5(path.read_bytes()).hexdigest()
    path.with_name(path.name + ".md5").write_text(f"MD5({path.name})= {digest}\n")
    return path


def test_files_apply_in_order_whatever_order_they_are_named_in(tmp_path: Path) -> None:
    write(tmp_path, 1, 1, 2, 3)
    write(tmp_path, 2, 2, 4, words="revised", deleted=(3, 99))
    write(tmp_path, 10, 3, words="back again")
    with Archive.open(tmp_path / "a", write=True) as archive:
        report = load_files([tmp_path / "pubmed26n0002.xml.gz", tmp_path], archive)
        assert (report.records, report.new, report.changed, report.deleted) == (6, 4, 2, 1)
        assert report.files == [f"pubmed26n{n:04}.xml" for n in (1, 2, 10)]
        assert b"revised" in archive.record("2")
        assert archive.entries["3"].state == "stored" and b"back again" in archive.record("3")
        assert load_files([tmp_path], archive).skipped == report.files
    with Archive.open(tmp_path / "a", write=True) as archive:
        assert load_files([tmp_path], archive).records == 0


def test_a_deletion_deletes(tmp_path: Path) -> None:
    write(tmp_path, 1, 1, 2)
    write(tmp_path, 2, deleted=(1,))
    with Archive.open(tmp_path / "a", write=True) as archive:
        load_files([tmp_path], archive)
        assert archive.entries["1"].state == "deleted"
        assert archive.complete


def test_a_damaged_file_stops_before_anything_of_it_is_applied(tmp_path: Path) -> None:
    write(tmp_path, 1, 1)
    bad = write(tmp_path, 2, 2)
    write(tmp_path, 3, 3)
    bad.write_bytes(bad.read_bytes()[:-20])
    with Archive.open(tmp_path / "a", write=True) as archive:
        with pytest.raises(TruncatedResponse, match="does not match"):
            load_files([tmp_path], archive)
        assert set(archive.entries) == {"1"}
        bad.with_name(bad.name + ".md5").unlink()
        with pytest.raises(TruncatedResponse, match="damaged"):
            load_files([tmp_path], archive)
        write(tmp_path, 2, 2)
        assert load_files([tmp_path], archive).new == 2


def test_other_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no file or folder"):
        baseline_files([tmp_path / "none"])
    with pytest.raises(ConfigError, match="There is no pubmed"):
        baseline_files([tmp_path])
    (tmp_path / "x.xml").write_text("")
    with pytest.raises(ConfigError, match="not named"):
        baseline_files([tmp_path / "x.xml"])
