"""How long a study card takes: milliseconds of processor time per abstract.

    python benchmarks/study_card.py [RECORDS]      the demonstration's records without RECORDS

Records are read as bare text, without sentences from a reader: every sentence counts then, which is
the slowest case.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from textmine.config import data_root
from textmine.pubmed.read import Broken, read_articles
from textmine.reading.study import study_card


def main() -> None:
    default = data_root() / "corpora" / "demo" / "records.xml.gz"
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    articles = [a for a in read_articles(source) if not isinstance(a, Broken)]
    for article in articles[:50]:  # patterns are compiled at first use
        study_card(article, (), (), ())
    start = time.process_time()
    for article in articles:
        study_card(article, (), (), ())
    took = time.process_time() - start
    print(f"{len(articles)} records, {1000 * took / len(articles):.2f} ms each")


if __name__ == "__main__":
    main()
