"""Word vectors of hashed character n-grams (floret; Bojanowski et al. 2017, arXiv:1607.04606).

python models/scripts/floret_vectors.py TEXT OUT.floret
"""

import sys

import floret

SETTINGS = {
    "model": "cbow", "mode": "floret", "hashCount": 2, "bucket": 60_000, "minn": 3, "maxn": 5,
    "minCount": 5, "dim": 96, "epoch": 6, "lr": 0.05, "neg": 10, "ws": 5, "thread": 2,
}  # fmt: skip

if __name__ == "__main__":
    floret.train_unsupervised(sys.argv[1], **SETTINGS).save_floret_vectors(sys.argv[2])
