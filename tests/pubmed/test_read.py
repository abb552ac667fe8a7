"""Files, folders and streams: every whole record is read, everything else has its reason."""

from __future__ import annotations

import gzip
import io
import random
import re
import sys
import tracemalloc
from pathlib import Path

import pytest

from textmine.errors import ConfigError
from textmine.pubmed.archive import Archive
from textmine.pubmed.medline_xml import read_record
from textmine.pubmed.raw import RawRecord
from textmine.pubmed.read import Broken, newest, read_articles
from textmine.pubmed.scan import scan
from textmine.pubmed.source import ByteSource
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


def test_text_that_looks_like_tags_of_records(tmp_path: Path) -> None:
    tricky = (
        one(1, "<![CDATA[</PubmedArticle><PubmedArticle>]]>"),
        one(2, "<!-- </ArticleTitle></PubmedArticle> -->T"),
        one(3, "&lt;/PubmedArticle&gt;"),
        b"<!-- " + one(99) + b" -->",
        b"<?skip <PubmedArticle> ?>",
        one(4, "T").replace(b"</PubmedArticle>", b"</PubmedArticle\n >"),
        one(5, "T").replace(b"<PubmedArticle>", b'<PubmedArticle a="&gt;>">'),
    )
    ids, reasons = read(file(tmp_path, whole(*tricky)))
    assert (ids, reasons) == (["1", "2", "3", "4", "5"], [])
    titles = [i.text for i in read_articles(tmp_path / "x.xml") if isinstance(i, Article)]
    assert titles[0] == "</PubmedArticle><PubmedArticle>"


@pytest.mark.parametrize(
    "bad",
    [
        one(2).replace(b"</ArticleTitle>", b""),
        one(2).replace(b"T", b"a & b"),
        one(2).replace(b"T", b"a < b"),
        one(2).replace(b"T", b"<!-- never closed"),
        one(2).replace(b"T", b"<![CDATA[ never closed"),
        one(2).replace(b"T", b"&nbsp;"),
        one(2).replace(b"T", b"\xff\xfe"),
        one(2).replace(b"T", b"\x00"),
        one(2).replace(b"<PubmedArticle>", b"<PubmedArticle"),
        one(2).replace(b"<PubmedArticle>", b"<PubmedArtikel>"),
        one(2).replace(b"</PubmedArticle>", b"</PubmedArtikel>"),
        one(2).replace(b"</PubmedArticle>", b"</PubmedArticle"),
        one(2)[:60],
        one(2)[60:],
        b"<PubmedArticle/>",
        b"text between",
        b"</Stray>",
        b"<!-- a comment without an end ",
        b"<![CDATA[ data without an end ",
    ],
)
def test_damage_costs_only_what_is_damaged(tmp_path: Path, bad: bytes) -> None:
    ids, reasons = read(file(tmp_path, whole(one(1), bad, one(3), one(4))))
    assert ids == ["1", "3", "4"]
    assert reasons
    assert not any("truncated" in r for r in reasons)


def test_what_is_broken_is_kept_raw_with_its_place(tmp_path: Path) -> None:
    bad = one(2).replace(b"</ArticleTitle>", b"")
    broken = next(
        i for i in read_articles(file(tmp_path, whole(one(1), bad))) if isinstance(i, Broken)
    )
    assert broken.pmid == "2"
    assert broken.raw == bad.strip().decode()
    assert broken.where.startswith("x.xml, record 2 at byte ")
    at = int(broken.where.split("byte ")[1].split(",")[0])
    assert (tmp_path / "x.xml").read_bytes()[at:].startswith(b"<PubmedArticle>")


def test_batches_written_one_behind_the_other(tmp_path: Path) -> None:
    error = b"<?xml version='1.0'?><eFetchResult><ERROR>try later</ERROR></eFetchResult>"
    page = b"<!DOCTYPE html><html><head><meta></head><body>a < b<br></body></html>"
    ids, reasons = read(
        file(tmp_path, whole(one(1)) + error + whole(one(2)) + page + whole(one(3)))
    )
    assert ids == ["1", "2", "3"]
    assert len(reasons) == 2
    assert "try later" in reasons[0]
    assert "HTML" in reasons[1]
    # The first batch was cut off between two records, and the second one follows it.
    cut = whole(one(1)).replace(b"</PubmedArticleSet>", b"")
    ids, reasons = read(file(tmp_path, cut + whole(one(2))))
    assert ids == ["1", "2"]
    assert len(reasons) == 1
    assert "truncated" in reasons[0]


def test_documents_in_different_encodings_in_a_row(tmp_path: Path) -> None:
    latin = one(1, "S\u00f8rlie").decode().encode("latin-1")
    first = b"<?xml version='1.0' encoding='ISO-8859-1'?><PubmedArticleSet>" + latin
    data = first + b"</PubmedArticleSet>" + whole(one(2, "\u03b1"))
    texts = [i.text for i in read_articles(file(tmp_path, data)) if isinstance(i, Article)]
    assert texts == ["S\u00f8rlie", "\u03b1"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "utf-16"])
@pytest.mark.parametrize("declared", ["", ' encoding="UTF-16"'])
def test_wide_characters(tmp_path: Path, encoding: str, declared: str) -> None:
    text = whole(one(1, "\u03b1"), one(2)).decode().replace('"1.0"', f'"1.0"{declared}')
    ids, reasons = read(file(tmp_path, text.encode(encoding)))
    assert (ids, reasons) == (["1", "2"], [])


def test_wrong_bytes_cost_one_record_in_any_encoding(tmp_path: Path) -> None:
    text = whole(one(1), one(2, "@@"), one(3)).decode()
    lone = text.encode("utf-16-le").replace("@@".encode("utf-16-le"), b"\x00\xd8@\x00")
    ids, reasons = read(file(tmp_path, b"\xff\xfe" + lone))
    assert ids == ["1", "3"]
    assert len(reasons) == 1
    greek = text.replace('"1.0"', '"1.0" encoding="iso-8859-7"').encode().replace(b"@@", b"\xd2")
    ids, reasons = read(file(tmp_path, greek))
    assert ids == ["1", "3"]
    assert "encoding" in reasons[0]


def test_a_mark_counts_for_more_than_a_declaration(tmp_path: Path) -> None:
    text = whole(one(1, "\u03b2")).decode().replace('"1.0"', '"1.0" encoding="ISO-8859-1"')
    (article,) = read_articles(file(tmp_path, b"\xef\xbb\xbf" + text.encode()))
    assert isinstance(article, Article)
    assert article.text == "\u03b2"


def test_prefixes_and_namespaces(tmp_path: Path) -> None:
    data = whole(one(1), one(2)).decode()
    spaced = data.replace("<PubmedArticleSet>", '<PubmedArticleSet xmlns="https://example.org/p">')
    assert read(file(tmp_path, spaced.encode())) == (["1", "2"], [])
    prefixed = re.sub(r"<(/?)(?=[A-Z])", r"<\1p:", data.partition("\n")[2].partition("\n")[2])
    prefixed = prefixed.replace("<p:PubmedArticleSet>", '<p:PubmedArticleSet xmlns:p="urn:p">')
    assert read(file(tmp_path, prefixed.encode())) == (["1", "2"], [])


def test_document_types_are_passed_unread(tmp_path: Path) -> None:
    subset = (
        b"<!DOCTYPE PubmedArticleSet [<!-- ' ]> --><!ENTITY a ']>'><!ENTITY % p SYSTEM "
        b"'http://127.0.0.1:9/x'> %p; <?x ]> ?><!ELEMENT e (#PCDATA)> ]  >"
    )
    ids, reasons = read(file(tmp_path, subset + b"<PubmedArticleSet>" + one(1, "&a;") + one(2)))
    assert ids == ["2"]
    assert "never expanded" in reasons[0]


def test_an_entity_in_an_attribute_is_not_expanded_either(tmp_path: Path) -> None:
    bad = one(1).replace(b"<Article>", b'<Article PubModel="&a;">')
    data = b'<!DOCTYPE s [<!ENTITY a "boo">]><PubmedArticleSet>' + bad + one(2)
    ids, _ = read(file(tmp_path, data + b"</PubmedArticleSet>"))
    assert ids == ["2"]


def test_deep_and_large_records_are_refused(tmp_path: Path) -> None:
    deep = one(1, "<i>" * 3000 + "</i>" * 3000)
    large = one(2, "x" * 11_000_000)
    ids, reasons = read(file(tmp_path, whole(deep, large, one(3))))
    assert ids == ["3"]
    assert len(reasons) == 2


def test_a_record_without_an_end_in_a_long_file(tmp_path: Path) -> None:
    # The next record stands megabytes further on.
    data = whole(one(1), one(2).replace(b"</PubmedArticle>", b" " * 5_000_000), one(3))
    ids, reasons = read(file(tmp_path, data))
    assert ids == ["1", "3"]
    assert len(reasons) == 1


def test_records_across_the_edges_of_chunks(tmp_path: Path) -> None:
    data = whole(*(one(i, "t" * (i * 37 % 3000)) for i in range(1, 2500)))
    assert len(data) > 3 << 20
    ids, reasons = read(file(tmp_path, data))
    assert (len(ids), reasons) == (2499, [])
    # However the bytes come, what is read is the same.
    for size in (1, 7, 1000):
        source = ByteSource(Trickle(whole(one(1), b"<!-- x -->", one(2), one(3)), size))
        found = [a.id for part in scan(source, read_record) if isinstance(part, list) for a in part]
        assert found == ["1", "2", "3"]


class Trickle(io.RawIOBase):
    """Gives at most `size` bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data = data
        self._size = size

    def read(self, _: int = -1) -> bytes:
        part, self._data = self._data[: self._size], self._data[self._size :]
        return part


def test_damaged_packing_gives_what_stood_before_it(tmp_path: Path) -> None:
    packed = gzip.compress(whole(*(one(i, f"title {i * 7919}") for i in range(1, 9000))))
    middle = len(packed) // 2
    damaged = packed[:middle] + b"\xff" * 50 + packed[middle + 50 :]
    ids, reasons = read(file(tmp_path, damaged, "x.xml.gz"))
    assert len(ids) > 1000
    assert ids == [str(i) for i in range(1, len(ids) + 1)]
    assert any("gzip" in r for r in reasons)
    # The sum at the end does not fit: everything could be read, and it is said all the same.
    ids, reasons = read(file(tmp_path, packed[:-8] + b"\0" * 8, "x.xml.gz"))
    assert len(ids) == 8999
    assert any("gzip" in r for r in reasons)
    # Zeros at the end, as tapes leave them, are nothing.
    assert read(file(tmp_path, packed + b"\0" * 512, "x.xml.gz"))[1] == []


def test_a_bomb_of_gzip_is_read_in_pieces(tmp_path: Path) -> None:
    tracemalloc.start()
    bomb = gzip.compress(whole(one(1)) + b"\n" * 200_000_000, 9)
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    ids, reasons = read(file(tmp_path, bomb, "x.xml.gz"))
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert (ids, reasons) == (["1"], [])
    assert peak < 150_000_000


def test_a_file_that_cannot_be_opened_does_not_stop_its_folder(tmp_path: Path) -> None:
    file(tmp_path, whole(one(1)), "a.xml")
    file(tmp_path, whole(one(3)), "c.xml")
    (tmp_path / "b.xml").symlink_to(tmp_path / "b.xml")  # a link to itself
    ids, _ = read(tmp_path)
    assert ids == ["1", "3"]


def test_an_archive_gives_its_newest_revisions_and_deletions(tmp_path: Path) -> None:
    def raw(pmid: int, title: str, version: int = 1) -> RawRecord:
        xml = one(pmid, title, version).strip()
        return RawRecord(str(pmid), version, "PubmedArticle", xml)

    with Archive.open(tmp_path / "archive", write=True) as archive:
        archive.add([raw(1, "old"), raw(2, "T"), raw(9, "gone")])
        archive.add([raw(1, "new"), raw(2, "T2", 2)])
        archive.set_states({"9": ("deleted", None), "7": ("missing", "not found")})
    found = [i for i in read_articles(tmp_path / "archive") if isinstance(i, Article)]
    assert [(a.id, a.version, a.text) for a in found] == [
        ("1", 1, "new"),
        ("2", 1, "T"),
        ("2", 2, "T2"),
        ("9", 1, ""),
    ]
    assert found[-1].status.deleted
    shard = next((tmp_path / "archive" / "shards").iterdir())
    shard.write_bytes(shard.read_bytes()[:200])
    items = list(read_articles(tmp_path / "archive"))
    assert all(isinstance(i, Broken) for i in items[:3])
    assert isinstance(items[-1], Article)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b'{"error": "API rate limit exceeded"}', "rate limit"),
        (b"PMID,Title\n1,T\n", "no XML"),
        (b"%PDF-1.4 binary", "no XML"),
        (b"\x00\x01\x02\x03", "no XML"),
    ],
)
def test_other_files(tmp_path: Path, data: bytes, word: str) -> None:
    (item,) = read_articles(file(tmp_path, data))
    assert isinstance(item, Broken)
    assert word in item.reason + (item.raw or "")


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
