"""Starts the server by hand; ends with Ctrl-C."""

from __future__ import annotations

import argparse
import time
from datetime import date
from pathlib import Path

from tests.eutils.records import load, many, synthetic
from tests.eutils.scenarios import by_name
from tests.eutils.server import EutilsServer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.eutils", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--xml", type=Path, nargs="*", default=[], help="PubMed XML files")
    parser.add_argument("--synthetic", type=int, default=0, help="so many made-up records")
    parser.add_argument("--one-day", type=int, default=0, help="so many of them on one day")
    parser.add_argument("--scenario", default="none", help=by_name.__doc__)
    parser.add_argument("--enforce", action="store_true", help="429 for more than 3 (10) a second")
    parser.add_argument("--log", action="store_true", help="print each request")
    options = parser.parse_args()
    records = load(*options.xml)
    if options.synthetic:
        records += many(options.synthetic, options.one_day)
    if not records:
        records = [synthetic(1000 + i, date(2024, 1, 1)) for i in range(50)]
    server = EutilsServer(
        records, by_name(options.scenario), port=options.port, enforce=options.enforce
    )
    with server:
        print(f"{len(server.collection.sorted)} records at {server.url}", flush=True)
        shown = 0
        try:
            while True:
                time.sleep(0.2)
                while options.log and shown < len(server.log):
                    r = server.log[shown]
                    print(r.method, r.tool, len(r.ids) or r.params.get("term", ""), r.fault or "ok")
                    shown += 1
        except KeyboardInterrupt:
            print(f"{len(server.log)} requests, at most {server.busiest()} in a second")


if __name__ == "__main__":
    main()
