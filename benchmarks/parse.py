"""Records per second and peak memory of parsing PubMed XML, beside Bio.Entrez and pubmed_parser.

    python benchmarks/parse.py --file records.xml.gz [--repeat 5] [--large 200000]

Every measurement runs in a process of its own, one after the other, on the same file. The file is
unpacked first, so that nobody's time holds the unpacking. `--large N` also parses a file of N records
made by repeating the records under new PMIDs, to show that memory does not grow with the file.
pubmed_parser is compared when it is installed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def textmine(path: str) -> int:
    from textmine.pubmed.read import read_articles

    return sum(1 for _ in read_articles(path))


def bio_entrez(path: str) -> int:
    from Bio import Entrez

    with open(path, "rb") as stream:
        return len(Entrez.read(stream)["PubmedArticle"])


def pubmed_parser(path: str) -> int:
    import pubmed_parser

    return sum(1 for _ in pubmed_parser.parse_medline_xml(path))


PARSERS = {f.__name__: f for f in (textmine, bio_entrez, pubmed_parser)}


def child(name: str, path: str) -> None:
    """Parses once and prints what it took, in seconds and MB (the imports are not timed)."""
    if name == "textmine":
        import textmine.pubmed.read
    elif name == "bio_entrez":
        from Bio import Entrez  # noqa: F401
    else:
        import pubmed_parser  # noqa: F401
    began = time.perf_counter()
    count = PARSERS[name](path)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"records": count, "seconds": seconds, "peak_mb": peak}))


def measure(name: str, path: Path, repeat: int) -> dict[str, object] | None:
    rates, peaks, count = [], [], 0
    for _ in range(repeat):
        done = subprocess.run(
            [sys.executable, __file__, "--child", name, "--file", str(path)],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            reason = done.stderr.strip().splitlines()[-1]
            print(f"{name} on {path.name}: not measured ({reason})", file=sys.stderr)
            return None
        one = json.loads(done.stdout.splitlines()[-1])
        count = one["records"]
        rates.append(count / one["seconds"])
        peaks.append(one["peak_mb"])
    return {
        "parser": name,
        "file": path.name,
        "records": count,
        "repeats": repeat,
        "records_per_s": round(statistics.median(rates)),
        "lowest": round(min(rates)),
        "highest": round(max(rates)),
        "peak_mb": round(max(peaks)),
    }


def enlarge(data: bytes, count: int, path: Path) -> None:
    """Writes `count` records under PMIDs of their own, by repeating those of `data`."""
    records = re.findall(rb"<PubmedArticle>.*?</PubmedArticle>", data, re.DOTALL)
    head = data[: data.index(b"<PubmedArticle>")]
    with open(path, "wb") as out:
        out.write(head)
        for number in range(count):
            pmid = str(10_000_000 + number).encode()
            record = records[number % len(records)]
            out.write(re.sub(rb"(<PMID[^>]*>)\d+", rb"\g<1>" + pmid, record, count=1) + b"\n")
        out.write(b"</PubmedArticleSet>\n")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--file", required=True)
    arguments.add_argument("--repeat", type=int, default=5)
    arguments.add_argument("--large", type=int, default=0)
    arguments.add_argument("--child", choices=sorted(PARSERS), help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.child:
        child(options.child, options.file)
        return
    source = Path(options.file)
    data = gzip.decompress(source.read_bytes()) if source.suffix == ".gz" else source.read_bytes()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / source.name.removesuffix(".gz")
        small.write_bytes(data)
        rows += [measure(name, small, options.repeat) for name in PARSERS]
        if options.large:
            large = Path(folder) / f"large-{options.large}.xml"
            enlarge(data, options.large, large)
            rows.append(measure("textmine", large, 1))
    for row in rows:
        if row:
            print(json.dumps(row))


if __name__ == "__main__":
    main()
