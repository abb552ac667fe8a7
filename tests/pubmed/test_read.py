"""Files, folders and streams: every whole record is read, everything else has its reason."""

from __future__ import annotations

import gzip
import io
import random
import sys
from pathlib import Path

import pytest

from textmine.errors import ConfigError
from textmine.pubmed.read import Broken, newest, read_articles
from textmine.records import Article, Status

HEAD = b'<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet SYSTEM "http://127.0.0.1:9/no.dtd">\n'


def one(pmid: int, title: str = "T", version: int = 1) -> bytes:
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="{version}">{pmid}</PMID><Article>'
        f"<ArticleTitle>{title}</ArticleTitle></Article></MedlineCitation></PubmedArticle>\n"
    ).encode()


def whole(*records: bytes) -> bytes:
    return HEAD + b"<PubmedArticleSet>\n" + b"".join(records) + b"</PubmedArticleSet>\n"


def read(path: Path) -> tuple[list[str], list[str]]:
    articles, reasons = [], []
    for item in read_articles(path):
        if isinstance(item, Broken):
            reasons.append(item.reason)
        else:
            articles.append(item.id)
    return articles, reasons


def file(tmp_path: Path, data: bytes, name: str = "x.xml") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def test_plain_and_packed(tmp_path: Path) -> None:
    data = whole(one(1), one(2))
    assert read(file(tmp_path, data)) == (["1", "2"], [])
    assert read(file(tmp_path, gzip.compress(data), "x.xml.gz")) == (["1", "2"], [])
    # Two members, as appended archives have them, and a name that does not tell.
    assert read(file(tmp_path, gzip.compress(data) + gzip.compress(data), "y")) == (
        ["1", "2"] * 2,
        [],
    )


def test_documents_in_a_row_and_no_wrapper(tmp_path: Path) -> None:
    assert read(file(tmp_path, whole(one(1)) + whole(one(2)))) == (["1", "2"], [])
    assert read(file(tmp_path, one(1) + one(2))) == (["1", "2"], [])


def test_a_broken_record_costs_itself_alone(tmp_path: Path) -> None:
    bad = one(2).replace(b"</Article>", b"")
    ids, reasons = read(file(tmp_path, whole(one(1), bad, one(3))))
    assert ids == ["1", "3"]
    assert len(reasons) == 1
    assert "well-formed" in reasons[0]


def test_a_record_without_its_end(tmp_path: Path) -> None:
    bad = one(2).replace(b"</PubmedArticle>", b"")
    ids, reasons = read(file(tmp_path, whole(one(1), bad, one(3))))
    assert ids == ["1", "3"]
    assert "breaks off" in reasons[0]


def test_a_record_without_its_beginning(tmp_path: Path) -> None:
    ids, reasons = read(
        file(tmp_path, whole(one(1), one(2).replace(b"<PubmedArticle>", b""), one(3)))
    )
    assert ids == ["1", "3"]
    assert reasons


@pytest.mark.parametrize("packed", [False, True])
def test_cut_off_files_are_reported(tmp_path: Path, packed: bool) -> None:
    data = whole(*(one(i, f"title {i * 7919}") for i in range(1, 400)))
    stored = gzip.compress(data) if packed else data
    for cut in (len(stored) // 3, len(stored) - 30, len(stored) - 9):
        ids, reasons = read(file(tmp_path, stored[:cut]))
        assert ids == [str(i) for i in range(1, len(ids) + 1)]
        assert reasons, f"cut at {cut} of {len(stored)}"
        assert any("truncated" in r for r in reasons)


def test_every_cut_either_reads_all_or_says_so(tmp_path: Path) -> None:
    data = whole(one(1), one(2), one(3))
    full = len(data.rstrip())
    for cut in range(full):
        ids, reasons = read(file(tmp_path, data[:cut]))
        assert reasons, f"cut at {cut} went unnoticed: {ids}"


def test_random_damage_never_crashes_and_never_hides(tmp_path: Path) -> None:
    data = whole(*(one(i) for i in range(1, 9)))
    rng = random.Random(7)
    for _ in range(300):
        damaged = bytearray(data)
        for _ in range(rng.randint(1, 4)):
            damaged[rng.randrange(len(HEAD), len(data))] = rng.randrange(256)
        ids, reasons = read(file(tmp_path, bytes(damaged)))
        assert len(ids) + len(reasons) >= 8 or reasons


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"<!DOCTYPE html><html><body>Error 502</body></html>", "HTML"),
        (
            b"<?xml version='1.0'?><eFetchResult><ERROR>UID list is bad</ERROR></eFetchResult>",
            "UID list is bad",
        ),
        (
            b"<?xml version='1.0'?><eSearchResult><Count>1</Count></eSearchResult>",
            "no PubMed record",
        ),
        (b"Hello, world", "no XML"),
        (HEAD + b"<PubmedArticleSet></PubmedArticleSet>", "empty"),
        (HEAD + b"<PubmedArticleSet/>", "empty"),
        (b"\x1f\x8bnot really gzip", "unpacked"),
        (b"<?xml version='1.0' encoding='klingon'?><PubmedArticleSet/>", "encoding"),
    ],
)
def test_files_that_hold_no_records(tmp_path: Path, data: bytes, word: str) -> None:
    ids, reasons = read(file(tmp_path, data))
    assert ids == []
    assert word in reasons[0]


def test_error_between_records(tmp_path: Path) -> None:
    ids, reasons = read(file(tmp_path, whole(one(1), b"<ERROR>backend failed</ERROR>", one(2))))
    assert ids == ["1", "2"]
    assert "backend failed" in reasons[0]


def test_unknown_elements_are_tolerated(tmp_path: Path) -> None:
    new = one(1).replace(b"</MedlineCitation>", b"<Novelty a='1'>x</Novelty></MedlineCitation>")
    assert read(file(tmp_path, whole(new, b"<NewRecordKind><x/></NewRecordKind>"))) == (["1"], [])


def test_entity_bombs_are_not_expanded(tmp_path: Path) -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "xxxxxxxxxx">'
        + b"".join(
            f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">'.encode() for i in range(9)
        )
        + b'<!ENTITY ext SYSTEM "file:///etc/passwd">]>\n<PubmedArticleSet>'
        + one(1)
        + one(2, "&j;")
        + one(3, "&ext;")
        + b"</PubmedArticleSet>"
    )
    items = list(read_articles(file(tmp_path, bomb)))
    assert [i.id for i in items if isinstance(i, Article)] == ["1"]
    broken = [i for i in items if isinstance(i, Broken)]
    assert [b.pmid for b in broken] == ["2", "3"]
    assert all("never expanded" in b.reason for b in broken)
    assert "root:" not in str(items)


def test_encodings(tmp_path: Path) -> None:
    latin = (
        b"<?xml version='1.0' encoding='ISO-8859-1'?><PubmedArticleSet>"
        + one(1, "Sørlie").decode().encode("latin-1")
        + b"</PubmedArticleSet>"
    )
    (article,) = read_articles(file(tmp_path, latin))
    assert isinstance(article, Article)
    assert article.text == "Sørlie"
    utf16 = (
        whole(one(1, "α-SMA")).decode().replace('"1.0"', '"1.0" encoding="utf-16"').encode("utf-16")
    )
    (article,) = read_articles(file(tmp_path, utf16))
    assert isinstance(article, Article)
    assert article.text == "α-SMA"
    (article,) = read_articles(file(tmp_path, b"\xef\xbb\xbf" + whole(one(1, "β"))))
    assert isinstance(article, Article)
    assert article.text == "β"


def test_folder_reads_neighbours_of_a_broken_file(tmp_path: Path) -> None:
    file(tmp_path, whole(one(1)), "a.xml")
    file(tmp_path, b"<html></html>", "b.xml")
    file(tmp_path, gzip.compress(whole(one(3))), "c.xml.gz")
    file(tmp_path, b"ignored", "notes.md")
    ids, reasons = read(tmp_path)
    assert ids == ["1", "3"]
    assert len(reasons) == 1


def test_paths_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no file"):
        list(read_articles(tmp_path / "absent.xml"))
    with pytest.raises(ConfigError, match="holds no records"):
        list(read_articles(tmp_path))


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(gzip.compress(whole(one(4)))))
    monkeypatch.setattr(sys, "stdin", stream)
    assert [i.id for i in read_articles("-") if isinstance(i, Article)] == ["4"]


def test_memory_does_not_grow_with_comments_and_long_gaps(tmp_path: Path) -> None:
    gap = b"<!-- <PubmedArticle> is commented out here -->" + b"\n" * 3_000_000
    assert read(file(tmp_path, whole(one(1), gap, one(2)))) == (["1", "2"], [])


def test_newest_version_is_read_and_a_deletion_wins() -> None:
    def article(id_: str, version: int, deleted: bool = False) -> Article:
        return Article(id=id_, text="", version=version, status=Status(deleted=deleted))

    a1, a3, a2 = article("1", 1), article("1", 3), article("1", 2)
    b, gone = article("2", 5), article("2", 1, deleted=True)
    current, older = newest([a1, b, a3, a2, gone])
    assert current == [a3, gone]
    assert older == [a1, a2, b]


def test_real_answers_of_the_utilities(shared: Path) -> None:
    items = list(read_articles(shared / "data" / "pubmed" / "entrez"))
    broken = [i for i in items if isinstance(i, Broken)]
    assert len(items) - len(broken) == 14
    assert all(b.reason for b in broken)


def test_real_records(shared: Path) -> None:
    items = list(read_articles(shared / "data" / "pubmed" / "ev_screening.xml.gz"))
    assert len(items) == 773
    articles = [i for i in items if isinstance(i, Article)]
    assert len({a.id for a in articles}) == 773
    assert sum(a.status.retracted for a in articles) == 7
    assert sum(all(p.kind == "title" for p in a.passages) for a in articles) == 19
