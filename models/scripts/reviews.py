"""Makes models/designs/reviews.json.gz: does a text talk about the work of others?

    python models/scripts/reviews.py RECORDS.xml.gz [--leave-out PMIDS.txt] [-o FILE]

Labels are the records' own publication types ("Review" or not). Only records with an odd PMID and
an abstract of some length are used; those with an even one are held out. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from textmine.pubmed.read import Broken, read_articles
from textmine.reading.talk import features

SHORTEST = 400  # characters; below this there is hardly an abstract
KEPT = 6000  # features with the largest weights
NONE = {"Published Erratum", "Retraction Notice", "Comment", "Editorial", "Letter", "News"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("--leave-out", type=Path, default=None)
    parser.add_argument("-o", type=Path, default=Path("models/designs/reviews.json.gz"))
    parser.add_argument("-c", type=float, default=10.0, help="inverse strength of the penalty")
    options = parser.parse_args()
    left = set(options.leave_out.read_text().split()) if options.leave_out else set()
    rows, labels = [], []
    for article in read_articles(options.records):
        if isinstance(article, Broken) or article.id in left or int(article.id) % 2 == 0:
            continue
        types = {p.name for p in article.publication_types}
        if len(article.text) < SHORTEST or types & NONE:
            continue
        found = features(article.text, article.title)
        rows.append(dict.fromkeys(found, len(found) ** -0.5))
        labels.append("Review" in types)
    vectors = DictVectorizer()
    matrix = vectors.fit_transform(rows)
    often = (matrix > 0).sum(axis=0).A1 >= 2
    model = LogisticRegression(C=options.c, max_iter=2000, class_weight="balanced")
    model.fit(matrix[:, often], labels)
    names = vectors.get_feature_names_out()[often]
    pairs = sorted(zip(names, model.coef_[0], strict=True), key=lambda p: (-abs(p[1]), p[0]))
    weights = {name: round(float(weight), 3) for name, weight in sorted(pairs[:KEPT])}
    data = {"bias": round(float(model.intercept_[0]), 4), "weights": weights}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    options.o.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{len(rows)} texts, {sum(labels)} reviews, {len(weights)} weights -> {options.o}")


if __name__ == "__main__":
    main()
