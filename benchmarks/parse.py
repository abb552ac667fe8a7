"""Records per second and peak memory of parsing PubMed XML, beside Bio.Entrez and pubmed_parser.

    python benchmarks/parse.py                                  made-up records, 5,000 of them
    python benchmarks/parse.py --file records.xml.gz            records of your own (repeatable)
    python benchmarks/parse.py --large 200000                   memory at N records, ours alone

Every measurement runs in a process of its own, one parser after the other in every round, on the
same unpacked file (pubmed_parser reads packed files alone: its time holds the unpacking); imports
are not timed. Shown are the median over the rounds and, in brackets, the lowest and the highest.
The made-up records have the shape of today's PubMed: a structured abstract, authors with
affiliations, MeSH, a publication history and a reference list. pubmed_parser is compared where it
is installed. The table goes to stderr, the same figures as JSON to stdout.
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n'
)
TAIL = "</PubmedArticleSet>\n"


# ruff: noqa: E501
# --- the parsers ------------------------------------------------------------------------------


def textmine() -> Callable[[str], int]:
    from textmine.pubmed.read import Broken, read_articles

    return lambda path: sum(not isinstance(item, Broken) for item in read_articles(path))


def bio_entrez() -> Callable[[str], int]:
    from Bio import Entrez

    def parse(path: str) -> int:
        with open(path, "rb") as stream:
            return len(Entrez.read(stream)["PubmedArticle"])

    return parse


def pubmed_parser() -> Callable[[str], int]:
    import pubmed_parser as parser

    return lambda path: sum(1 for _ in parser.parse_medline_xml(f"{path}.gz"))


PARSERS = {f.__name__: f for f in (textmine, bio_entrez, pubmed_parser)}


def child(name: str, path: str) -> None:
    """Parses once and prints what it took, in seconds and MB."""
    parse = PARSERS[name]()
    began = time.perf_counter()
    count = parse(path)
    seconds = time.perf_counter() - began
    print(json.dumps({"records": count, "seconds": seconds, "peak_mb": peak_mb()}))


def peak_mb() -> float:
    """The largest resident size of this process so far."""
    status = Path("/proc/self/status")
    if status.exists():
        # Unlike ru_maxrss this does not hold the size of the process that started this one.
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- measuring --------------------------------------------------------------------------------


def one_run(name: str, path: Path) -> dict[str, float] | None:
    """One run in a process of its own; None when the parser is not there or fails."""
    done = subprocess.run(
        [sys.executable, __file__, "--child", name, "--file", str(path)],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        print(f"{name} on {path.name}: not measured ({reason})", file=sys.stderr)
        return None
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def measure(path: Path, names: list[str], rounds: int) -> list[dict[str, Any]]:
    """All parsers on one file, in turns, so that a busy moment of the machine meets them all."""
    if "pubmed_parser" in names:
        with gzip.open(f"{path}.gz", "wb", compresslevel=1) as packed, open(path, "rb") as plain:
            shutil.copyfileobj(plain, packed)
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in list(runs):
            run = one_run(name, path)
            if run is None:
                del runs[name]
            else:
                runs[name].append(run)
    rows = []
    for name, done in runs.items():
        rates = sorted(r["records"] / r["seconds"] for r in done)
        rows.append(
            {
                "parser": name,
                "file": path.name,
                "mb": round(path.stat().st_size / 1e6, 1),
                "records": int(done[0]["records"]),
                "rounds": rounds,
                "records_per_s": round(statistics.median(rates)),
                "lowest": round(rates[0]),
                "highest": round(rates[-1]),
                "peak_mb": round(max(r["peak_mb"] for r in done)),
            }
        )
    reference = next((r["records_per_s"] for r in rows if r["parser"] == "bio_entrez"), None)
    for row in rows:
        row["times_bio_entrez"] = round(row["records_per_s"] / reference, 2) if reference else None
    return rows


def show(rows: list[dict[str, Any]]) -> None:
    print(
        f"{'file':<22}{'MB':>8}{'records':>9}  {'parser':<14}{'records/s':>10}"
        f"{'[low, high]':>18}{'x Bio':>7}{'peak MB':>9}",
        file=sys.stderr,
    )
    for row in rows:
        span = f"[{row['lowest']:,}, {row['highest']:,}]"
        print(
            f"{row['file']:<22}{row['mb']:>8}{row['records']:>9,}  {row['parser']:<14}"
            f"{row['records_per_s']:>10,}{span:>18}{row['times_bio_entrez'] or '-':>7}"
            f"{row['peak_mb']:>9,}",
            file=sys.stderr,
        )


# --- records ----------------------------------------------------------------------------------


def made_up(count: int, seed: int = 7) -> Iterator[str]:
    """Records with the elements and the sizes of today's PubMed; their words mean nothing."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("abcdefghilmnoprstu", k=rng.randint(3, 11))) for _ in range(3000)]

    def text(low: int, high: int) -> str:
        return " ".join(rng.choices(words, k=rng.randint(low, high))).capitalize() + "."

    def day(tag: str, attribute: str = "") -> str:
        return (
            f"<{tag}{attribute}><Year>{rng.randint(2012, 2024)}</Year><Month>{rng.randint(1, 12)}"
            f"</Month><Day>{rng.randint(1, 28)}</Day></{tag}>"
        )

    def author() -> str:
        name, place = text(1, 1)[:-1], text(9, 18)
        orcid = '<Identifier Source="ORCID">0000-0001-5000-9001</Identifier>'
        return (
            f'<Author ValidYN="Y"><LastName>{name}</LastName><ForeName>{name} B</ForeName><Initials>'
            f"{name[0]}B</Initials>{orcid if rng.random() < 0.3 else ''}<AffiliationInfo><Affiliation>"
            f"{place}</Affiliation></AffiliationInfo></Author>"
        )

    def heading() -> str:
        qualifier = '<QualifierName UI="Q000628" MajorTopicYN="Y">therapy</QualifierName>'
        return (
            f'<MeshHeading><DescriptorName UI="D008103" MajorTopicYN="N">{text(1, 3)[:-1]}'
            f"</DescriptorName>{qualifier if rng.random() < 0.5 else ''}</MeshHeading>"
        )

    def reference() -> str:
        number = rng.randint(1_000_000, 39_000_000)
        return (
            f"<Reference><Citation>{text(12, 25)}</Citation><ArticleIdList>"
            f'<ArticleId IdType="pubmed">{number}</ArticleId>'
            f'<ArticleId IdType="doi">10.5555/{number}</ArticleId></ArticleIdList></Reference>'
        )

    def many(what: Callable[[], str], low: int, high: int) -> str:
        return "".join(what() for _ in range(rng.randint(low, high)))

    sections = ("BACKGROUND", "OBJECTIVE", "METHODS", "RESULTS", "CONCLUSIONS")
    for number in range(count):
        pmid = 10_000_000 + number
        abstract = "".join(
            f'<AbstractText Label="{label}" NlmCategory="{label}">{text(25, 60)} <i>P</i>&lt;0.05, '
            f"CCl<sub>4</sub> {text(5, 9)}</AbstractText>"
            for label in sections
        )
        history = "".join(
            day("PubMedPubDate", f' PubStatus="{status}"')
            for status in ("received", "revised", "accepted", "pubmed", "medline", "entrez")
        )
        yield (
            f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM" IndexingMethod="Automated">'
            f'<PMID Version="1">{pmid}</PMID>{day("DateCompleted")}{day("DateRevised")}'
            '<Article PubModel="Print-Electronic"><Journal><ISSN IssnType="Electronic">1234-5678</ISSN>'
            '<JournalIssue CitedMedium="Internet"><Volume>9</Volume><Issue>2</Issue><PubDate><Year>2021'
            "</Year><Month>Mar</Month></PubDate></JournalIssue><Title>Journal of Made-up Results</Title>"
            "<ISOAbbreviation>J Made Up Res</ISOAbbreviation></Journal>"
            f"<ArticleTitle>{text(8, 18)}</ArticleTitle><Pagination><MedlinePgn>1-9</MedlinePgn>"
            f'</Pagination><ELocationID EIdType="doi" ValidYN="Y">10.5555/{pmid}</ELocationID>'
            f'<Abstract>{abstract}</Abstract><AuthorList CompleteYN="Y">{many(author, 3, 11)}'
            "</AuthorList><Language>eng</Language><PublicationTypeList>"
            '<PublicationType UI="D016428">Journal Article</PublicationType></PublicationTypeList>'
            f"{day('ArticleDate')}</Article><MedlineJournalInfo><Country>Norway</Country><MedlineTA>"
            "J Made Up Res</MedlineTA><NlmUniqueID>101</NlmUniqueID></MedlineJournalInfo>"
            "<ChemicalList><Chemical><RegistryNumber>0</RegistryNumber>"
            '<NameOfSubstance UI="D035683">MicroRNAs</NameOfSubstance></Chemical></ChemicalList>'
            f"<MeshHeadingList>{many(heading, 6, 14)}</MeshHeadingList>"
            f'<KeywordList Owner="NOTNLM"><Keyword MajorTopicYN="N">{text(1, 2)}</Keyword></KeywordList>'
            f"</MedlineCitation><PubmedData><History>{history}</History>"
            "<PublicationStatus>ppublish</PublicationStatus><ArticleIdList>"
            f'<ArticleId IdType="pubmed">{pmid}</ArticleId>'
            f'<ArticleId IdType="doi">10.5555/{pmid}</ArticleId></ArticleIdList>'
            f"<ReferenceList>{many(reference, 15, 55)}</ReferenceList></PubmedData></PubmedArticle>\n"
        )


def write_made_up(count: int, path: Path) -> Path:
    """A file of `count` made-up records; 2,000 different ones, each under a PMID of its own."""
    different = list(made_up(min(count, 2000)))
    with open(path, "w", encoding="utf-8") as out:
        out.write(HEAD)
        for number in range(count):
            record = different[number % len(different)]
            old, new = str(10_000_000 + number % len(different)), str(10_000_000 + number)
            out.write(record.replace(old, new))
        out.write(TAIL)
    return path


def unpacked(file: Path, folder: Path) -> Path:
    """A copy of the file without its gzip packing."""
    plain = folder / file.name.removesuffix(".gz")
    with gzip.open(file) if file.suffix == ".gz" else open(file, "rb") as source:
        plain.write_bytes(source.read())
    return plain


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--file", action="append", default=[], help="PubMed XML, may be .gz")
    arguments.add_argument("--records", type=int, default=5000, help="made-up records (0: none)")
    arguments.add_argument("--rounds", type=int, default=5, help="runs of every parser")
    arguments.add_argument("--large", type=int, default=0, help="records of the file for memory")
    arguments.add_argument("--parser", action="append", choices=sorted(PARSERS))
    arguments.add_argument("--child", choices=sorted(PARSERS), help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.child:
        child(options.child, options.file[0])
        return
    names = options.parser or list(PARSERS)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        files = [unpacked(Path(file), folder) for file in options.file]
        if options.records:
            files.append(write_made_up(options.records, folder / f"made-up-{options.records}.xml"))
        for file in files:
            rows += measure(file, names, options.rounds)
        if options.large:
            file = write_made_up(options.large, folder / f"made-up-{options.large}.xml")
            rows += measure(file, ["textmine"], 1)
    show(rows)
    print(json.dumps({"python": platform.python_version(), "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
