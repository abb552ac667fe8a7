"""Speed of reading: our pipeline beside one of scispaCy's shape, on the same records, in one run.

    python benchmarks/pipelines.py                       # data folder: TEXTMINE_SHARED or ../shared
    python benchmarks/pipelines.py --model lexicon --limit 200 --rounds 3

Every pipeline runs in a process of its own on one thread, in turns; the best round counts. Memory
is the peak of the process (resident set). Timed is the reading alone, in seconds of processor time
(the machine may be doing other things as well); loading is told apart.

- `textmine`: everything that `annotate` does: names, short forms, concepts, sentence roles, trees
  where a relation can stand, relations, the study card.
- `scispaCy's shape`: scispaCy's tokenizer, tok2vec with tagger and parser, a second tok2vec with
  ner, sized as in en_core_sci_sm, then its AbbreviationDetector and EntityLinker over the knowledge
  base of our linker. Its weights are untrained, which changes no count of operations; what an
  untrained ner finds says nothing, so that after it had its time the names that our reader found
  are put in its place (outside the clock) for the linker to link. Its linker asks our index of
  names; `--nmslib` builds one as scispaCy does, with fewer links (M=16): six minutes, once. A query
  takes about 1 ms with it and 2 ms with ours, so the row without the linker is given too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("TEXTMINE_SHARED", ROOT.parent / "shared"))
RECORDS = "data/pubmed/ev_screening.xml.gz"
WARM = 8
TAGS = 45  # of the Penn treebank, as in GENIA
DEPENDENCIES = 45
KINDS = ("textmine", "mentions", "shape")
NAMES = {
    "textmine": "textmine, whole reading",
    "mentions": "textmine, names and concepts",
    "shape": "scispaCy's shape",
}


def articles(shared: Path, limit: int | None) -> list[Any]:
    from textmine.pubmed.read import Broken, newest, read_articles

    found = (a for a in read_articles(shared / RECORDS) if not isinstance(a, Broken))
    return newest(found)[0][:limit]


def ours(model: str, records: list[Any]) -> tuple[Callable[[], int], float]:
    from textmine.reading.pipeline import Reader
    from textmine.records import Annotated

    begun = time.perf_counter()
    reader = Reader(model)
    list(reader.read_many(records[:WARM]))  # what is built at the first call belongs to loading

    def read() -> int:
        found = [r for r in reader.read_many(records) if isinstance(r, Annotated)]
        assert len(found) == len(records), "the reader failed on a record"
        return sum(len(r.mentions) for r in found)

    return read, time.perf_counter() - begun


def shape(records: list[Any], mentions: Path, approximate: bool) -> tuple[Callable[[], int], float]:
    """A pipeline of scispaCy's shape, and how long it took to load."""
    import spacy
    from scispacy.abbreviation import AbbreviationDetector  # noqa: F401 (registers the factory)
    from scispacy.custom_tokenizer import combined_rule_tokenizer
    from spacy.tokens import Doc
    from spacy.training import Example

    from textmine.reading.lexicon import Lexicon
    from textmine.reading.linking import Linker

    begun = time.perf_counter()
    nlp = spacy.blank("en")
    nlp.tokenizer = combined_rule_tokenizer(nlp)
    tok2vec = {
        "@architectures": "spacy.HashEmbedCNN.v2", "pretrained_vectors": None, "width": 96,
        "depth": 4, "embed_size": 2000, "window_size": 1, "maxout_pieces": 3,
        "subword_features": True,
    }  # fmt: skip
    listen = {"@architectures": "spacy.Tok2VecListener.v1", "width": 96, "upstream": "tok2vec"}
    transitions = {
        "@architectures": "spacy.TransitionBasedParser.v2", "extra_state_tokens": False,
        "maxout_pieces": 2, "use_upper": True, "hidden_width": 64,
    }  # fmt: skip
    nlp.add_pipe("tok2vec", config={"model": tok2vec})
    nlp.add_pipe(
        "tagger", config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": listen}}
    )
    nlp.add_pipe(
        "parser", config={"model": {**transitions, "state_type": "parser", "tok2vec": listen}}
    )
    nlp.add_pipe("ner", config={"model": {**transitions, "state_type": "ner", "tok2vec": tok2vec}})
    words = [f"w{n}" for n in range(max(TAGS, DEPENDENCIES) + 2)]
    gold = Doc(
        nlp.vocab,
        words=words,
        tags=[f"T{n % TAGS}" for n in range(len(words))],
        heads=[max(0, n - 1) for n in range(len(words))],
        deps=["ROOT", *(f"d{n % DEPENDENCIES}" for n in range(len(words) - 1))],
        ents=["B-ENTITY", *["O"] * (len(words) - 1)],
    )
    nlp.initialize(lambda: [Example(Doc(nlp.vocab, words=words), gold)])
    linker = Linker(Lexicon.load())
    generator = linker.generator
    if approximate:
        generator = _with_nmslib(generator)
    entity_linker = type(linker.entity_linker())(
        candidate_generator=generator, filter_for_definitions=False, resolve_abbreviations=True
    )
    nlp.add_pipe("abbreviation_detector")
    loaded = time.perf_counter() - begun
    spans = json.loads(mentions.read_text())
    texts = [record.text for record in records]

    def read() -> int:
        nonlocal paused, linked
        count = 0
        for doc, found in zip(nlp.pipe(texts), spans, strict=True):
            stopped = time.process_time()
            named = (doc.char_span(s, e, "ENTITY", alignment_mode="expand") for s, e in found)
            doc.ents = spacy.util.filter_spans([span for span in named if span is not None])
            paused += time.process_time() - stopped
            stopped = time.process_time()
            entity_linker(doc)
            linked += time.process_time() - stopped
            count += len(doc.ents)
        return count

    paused = linked = 0.0
    read.paused = lambda: (paused, linked)  # type: ignore[attr-defined]
    return read, loaded


def _with_nmslib(generator: Any) -> Any:
    """The generator with an index of nmslib's, kept in the cache folder."""
    import nmslib
    import numpy
    from scispacy.candidate_generation import CandidateGenerator
    from sklearn.feature_extraction.text import TfidfVectorizer

    from textmine.reading.lexicon_files import cache_folder

    names = generator.ann_concept_aliases_list
    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 3), min_df=10, dtype=numpy.float32
    )
    vectors = vectorizer.fit_transform(names)
    filled = numpy.asarray(vectors.sum(axis=1) != 0).reshape(-1)
    kept = [name for name, full in zip(names, filled, strict=True) if full]
    index = nmslib.init(
        method="hnsw", space="cosinesimil_sparse", data_type=nmslib.DataType.SPARSE_VECTOR
    )
    digest = hashlib.sha256("\n".join(kept).encode()).hexdigest()[:16]
    place = cache_folder() / f"benchmark-{digest}.nmslib"
    if place.is_file():
        index.loadIndex(str(place), load_data=True)
    else:
        index.addDataPointBatch(vectors[filled])
        index.createIndex({"M": 16, "efConstruction": 100, "indexThreadQty": 1, "post": 0})
        index.saveIndex(str(place), save_data=True)
    index.setQueryTimeParams({"efSearch": 200})
    return CandidateGenerator(index, vectorizer, kept, generator.kb)


def names_only(model: str, records: list[Any]) -> tuple[Callable[[], int], float]:
    """Our names and concepts without relations and cards."""
    from textmine.reading.mentions import find_mentions
    from textmine.reading.pipeline import Reader
    from textmine.reading.sentences import sentence_spans

    begun = time.perf_counter()
    reader = Reader(model)
    list(reader.read_many(records[:WARM]))

    def read() -> int:
        count = 0
        for at in range(0, len(records), 16):
            batch = records[at : at + 16]
            docs = reader._docs([record.text for record in batch])
            for record, doc in zip(batch, docs, strict=True):
                count += len(
                    find_mentions(
                        record,
                        sentence_spans(record.text, record.passages),
                        lexicon=reader.lexicon,
                        grammar=reader.grammar,
                        nlp=reader._plain,
                        more=reader._model_candidates(doc),
                    )
                )
        return count

    return read, time.perf_counter() - begun


def peak_memory() -> float:
    """MB. Linux hands the peak of the parent on in `getrusage`, but not in /proc."""
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one(given: argparse.Namespace) -> None:
    """One pipeline, in this process: a line of JSON."""
    warnings.simplefilter("ignore")
    records = articles(given.shared, given.limit)
    if given.only == "shape":
        read, loaded = shape(records, given.mentions, given.nmslib)
    else:
        make = ours if given.only == "textmine" else names_only
        read, loaded = make(given.model, records)
    begun = time.process_time()
    count = read()
    paused, linking = getattr(read, "paused", lambda: (0.0, 0.0))()
    spent = time.process_time() - begun - paused
    peak = peak_memory()
    row = {"seconds": spent, "linking": linking, "names": count, "loaded": loaded, "peak": peak}
    row |= {"records": len(records), "words": sum(len(r.text.split()) for r in records)}
    print(json.dumps(row))


def save_mentions(given: argparse.Namespace, place: Path) -> None:
    from textmine.reading.pipeline import Reader

    reader = Reader(given.model)
    read = reader.read_many(articles(given.shared, given.limit))
    place.write_text(json.dumps([[(m.start, m.end) for m in r.mentions] for r in read]))  # type: ignore[union-attr]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the speed of pipelines.")
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--model", default="default")
    parser.add_argument("--limit", type=int, help="read only so many records")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--nmslib", action="store_true", help="scispaCy's kind of index")
    parser.add_argument("--only", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--mentions", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if not (given.shared / RECORDS).is_file():
        parser.error(f"{given.shared / RECORDS} is not there; name the data folder with --shared")
    if given.only:
        one(given)
        return
    import tempfile

    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    best: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "mentions.json"
        save_mentions(given, place)
        for number in range(given.rounds):
            for kind in KINDS:
                command = [sys.executable, __file__, "--only", kind, "--mentions", str(place),
                           "--shared", str(given.shared), "--model", given.model]  # fmt: skip
                command += ["--limit", str(given.limit)] if given.limit else []
                command += ["--nmslib"] if given.nmslib else []
                out = subprocess.run(
                    command, env={**os.environ, **threads}, capture_output=True, text=True
                )
                if out.returncode:
                    sys.exit(f"{NAMES[kind]} failed:\n{out.stderr[-2000:]}")
                row = json.loads(out.stdout.splitlines()[-1])
                print(f"round {number + 1}, {NAMES[kind]}: {row['seconds']:.1f} s", file=sys.stderr)
                if kind not in best or row["seconds"] < best[kind]["seconds"]:
                    best[kind] = row
    print(
        f"{'pipeline':<32}{'abstracts/s':>12}{'words/s':>10}{'load s':>8}{'peak MB':>9}{'names':>8}"
    )
    rows = [(NAMES[kind], best[kind]) for kind in KINDS]
    bare = best["shape"]
    rows.append(("  without its linker", {**bare, "seconds": bare["seconds"] - bare["linking"]}))
    for name, row in rows:
        print(
            f"{name:<32}{row['records'] / row['seconds']:>12.1f}"
            f"{row['words'] / row['seconds']:>10.0f}{row['loaded']:>8.1f}{row['peak']:>9.0f}"
            f"{row['names']:>8.0f}"
        )


if __name__ == "__main__":
    main()
