"""floret's table of hashed n-grams with fewer dimensions: its principal components.

A word's vector is the mean of rows of the table, so that a linear map of the rows is the same map
of all words. Rows are not centred: the mean of rows must stay the mean.

python models/scripts/vectors.py IN.floret DIMENSIONS OUT.floret
"""

import sys
from pathlib import Path

import numpy


def main(source: Path, dimensions: int, target: Path) -> None:
    with source.open(encoding="utf-8") as file:
        buckets, *rest = file.readline().split()
        rows = numpy.array([line.split()[1:] for line in file], dtype=numpy.float32)
    values, axes = numpy.linalg.eigh(rows.T @ rows)
    kept = axes[:, ::-1][:, :dimensions]
    small = rows @ kept
    small /= numpy.sqrt((small**2).sum(axis=1).mean())  # rows of unit length on average
    with target.open("w", encoding="utf-8") as file:
        print(buckets, dimensions, *rest[1:], file=file)
        for at, row in enumerate(small):
            print(at, *(f"{value:.5g}" for value in row), file=file)
    share = values[::-1][:dimensions].sum() / values.sum()
    print(f"{len(rows)} rows, {rows.shape[1]} -> {dimensions} dimensions, {share:.3f} of the power")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
