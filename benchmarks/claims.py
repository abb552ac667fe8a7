"""How long the claims of a project take against many annotated articles.

    python benchmarks/claims.py annotated.jsonl --claims corpora/msc-exosome-liver/claims.toml \
        --articles 10000 --stance-model both

Articles are read as `textmine check` reads them, and come again under new ids until there are
enough.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from textmine.claims.article import load_claims
from textmine.claims.check import check_stream
from textmine.lines import read_lines
from textmine.reading.lexicon import Lexicon
from textmine.records import Annotated, annotated_from_json


def repeated(path: Path, wanted: int) -> Iterator[Annotated]:
    """The articles of the file, again and again under new ids."""
    number = 0
    while number < wanted:
        for _, line in read_lines(str(path)):
            if number == wanted:
                return
            annotated = annotated_from_json(line)
            article = annotated.article
            if number:
                article = replace(article, id=f"{article.id}:{number}")
            yield replace(annotated, article=article)
            number += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("annotated", type=Path)
    parser.add_argument("--claims", type=Path, required=True)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--stance-model", default="symbolic")
    given = parser.parse_args()
    claims = load_claims(given.claims)
    lexicon = Lexicon.load()
    start = time.perf_counter()
    found = Counter(
        finding.stance
        for finding in check_stream(
            claims,
            repeated(given.annotated, given.articles),
            lexicon=lexicon,
            stance_model=given.stance_model,
        )
    )
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "stance_model": given.stance_model,
                "claims": len(claims),
                "articles": given.articles,
                "seconds": round(seconds, 1),
                "megabytes": round(memory),
                "stances": dict(sorted(found.items())),
            }
        )
    )


if __name__ == "__main__":
    main()
