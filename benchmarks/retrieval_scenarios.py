"""What Bio.Entrez alone and textmine make of each fault of the test server, as a Markdown table.

    python benchmarks/retrieval_scenarios.py

30 records in three requests; each fault strikes the first request for records. Bio.Entrez is used
as its tutorial does (esearch, efetch, read), pointed at the test server; its pause of 15 s between
tries is cut to 0.5 s, and sockets get a time limit of 3 s (by itself it has none).
"""

from __future__ import annotations

import socket
import sys
import tempfile
import urllib.request
import warnings
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from Bio import Entrez

from tests.eutils import scenarios
from tests.eutils.records import synthetic
from tests.eutils.scenarios import Scenario
from tests.eutils.server import EutilsServer
from textmine.pubmed.entrez import Credentials
from textmine.pubmed.fetch import fetch

NCBI = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"


def bio_entrez(url: str) -> str:
    real = urllib.request.urlopen

    def send(request: Any) -> Any:
        request.full_url = request.full_url.replace(NCBI, url)
        return real(request)

    Entrez.urlopen = send
    try:
        with Entrez.esearch("pubmed", "exosomes", retmax=10_000) as answer:
            ids = Entrez.read(answer)["IdList"]
        found = []
        for i in range(0, len(ids), 10):
            answer = Entrez.efetch("pubmed", id=",".join(ids[i : i + 10]), retmode="xml")
            found += Entrez.read(answer)["PubmedArticle"]
    except Exception as error:
        return f"stops: {type(error).__name__}"
    different = len({str(r["MedlineCitation"]["PMID"]) for r in found})
    if different == len(found) == 30:
        return "all 30"
    return f"{different} of 30 in {len(found)} records, no word"


def textmine(url: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        report = fetch(
            ["exosomes"], Path(folder) / "a", Credentials("a@example.org", api_key="k"),
            base_url=url, batch=10, request_timeout=3,
        )  # fmt: skip
    said = f", names {', '.join(report.missing)}" if report.missing else ""
    stored = "all 30" if report.stored == 30 else f"{report.stored} of 30"
    return f"{stored}{said}, exit {report.exit_code}"


def row(name: str, scenario: Callable[[], Scenario]) -> None:
    cells = []
    for client in (bio_entrez, textmine):
        records = [synthetic(1000 + i, date(2020, 1, 1)) for i in range(30)]
        with EutilsServer(records, scenario()) as server:
            cells.append(client(server.url))
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    warnings.simplefilter("ignore")
    socket.setdefaulttimeout(3)
    Entrez.email, Entrez.sleep_between_tries = "a@example.org", 0.5
    print("| fault | Bio.Entrez alone | textmine |\n|---|---|---|")
    for fault in scenarios.FAULTS:
        if fault not in ("bad_key", "bad_request"):
            row(fault, lambda fault=fault: scenarios.first(fault, 1, "efetch"))  # type: ignore[misc]
    row("search: error_200", lambda: scenarios.first("error_200", 1, "esearch"))
    row("one record never given", lambda: scenarios.by_name("lost:1003"))
    row("history expired", lambda: scenarios.by_name("expired_history"))


if __name__ == "__main__":
    main()
