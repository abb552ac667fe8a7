"""The learned reader of single sentences: one small encoder with three heads, run by onnxruntime.

Asked with an intervention, an outcome and perhaps a comparator, it says whether a sentence is
evidence on them and which way the outcome went; asked with a plain claim, whether the sentence is
evidence and which stance it takes. It never decides alone what a claim's direction is worth: that
is compared in code. How it was made and how well it does stands in `models/stance/README.md`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from textmine.claims.opposite import default_opposites
from textmine.config import data_root
from textmine.errors import ConfigError, MissingExtra, MissingModel

if TYPE_CHECKING:
    from textmine.claims.opposite import Opposite

__all__ = [
    "DIRECTIONS",
    "STANCES",
    "Abstract",
    "Calibration",
    "Encoder",
    "default_encoder",
    "frame_query",
    "softmax",
    "weighed",
]

Floats = NDArray[np.float64]

DIRECTIONS = ("increases", "decreases", "unchanged", "unsaid")
STANCES = ("supports", "contradicts", "null_effect", "insufficient")
LONGEST = 128  # word pieces of query and sentence together, as in training
KEPT = 5  # sentences of an abstract that are read closely
_BATCH = 16
_WORDS = 18  # of each part of a query; trials name their arms at length
_REMEMBERED = 50_000  # pairs; 50 claims ask much the same of one article
# Where the columns of the three heads stand.
_EVIDENCE, _DIRECTION, _STANCE = 0, slice(1, 5), slice(5, 9)


def frame_query(intervention: str, outcome: str, comparator: str = "") -> str:
    """What the model was taught to read as "which way did OUTCOME go with INTERVENTION?"."""
    cut = (" ".join(part.split()[:_WORDS]) for part in (intervention, outcome, comparator))
    return " | ".join(cut).strip()


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the model's answers become chances. Fitted on a part that neither trained nor tests it.

    `direction` and `stance`: temperatures of those heads on one sentence. `frame` and `claim`:
    slope and offset of the evidence head, for queries of either kind. `abstract_direction` and
    `abstract_stance`: temperature of the sum over an abstract's sentences, then what is added to
    "no effect" and to "cannot tell". `swapped`: what the question with its arms swapped weighs,
    from 0 (not asked) to 0.5 (as much as the other). `effect`: what the direction head weighs,
    against that for plain claims, where a plain claim says which way something goes. The two ways
    of a direction, and support and contradiction, are treated alike: else a claim and its opposite
    would not get opposite answers.
    """

    direction: float = 1.0
    stance: float = 1.0
    frame: tuple[float, ...] = (1.0, 0.0)
    claim: tuple[float, ...] = (1.0, 0.0)
    abstract_direction: tuple[float, ...] = (1.0, 0.0, 0.0)
    abstract_stance: tuple[float, ...] = (1.0, 0.0, 0.0)
    swapped: float = 0.0
    effect: float = 0.0

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """ConfigError if the file is not what `stance_calibrate.py` writes."""
        try:
            table: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
            values: dict[str, Any] = {}
            for field in fields(cls):
                value, shape = table[field.name], field.default
                if not isinstance(shape, tuple):
                    values[field.name] = float(value)
                    continue
                if len(value) != len(shape):
                    raise ValueError(f"{field.name} wants {len(shape)} numbers")
                values[field.name] = tuple(map(float, value))
            return cls(**values)
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise ConfigError(
                f"{path} cannot be used as a calibration: {error!r}. Make it anew with "
                "models/scripts/stance_calibrate.py."
            ) from None


@dataclass(frozen=True, slots=True)
class Abstract:
    """What a whole abstract says. `best`: indices of the sentences that were read, the likeliest
    first; `probabilities` stand in the order of DIRECTIONS or of STANCES; `rows` are those of the
    single sentences of `best`, and `relevance` their chances to be evidence."""

    best: tuple[int, ...]
    probabilities: Floats
    rows: Floats
    relevance: Floats


class Encoder:
    """The model of a folder: `model.onnx`, `tokenizer.json`, `calibration.json`.

    MissingExtra without onnxruntime and tokenizers; MissingModel if the folder has no model.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        try:
            import onnxruntime
        except ImportError:
            raise MissingExtra("onnxruntime", "learned") from None
        try:
            from tokenizers import Tokenizer
        except ImportError:
            raise MissingExtra("tokenizers", "learned") from None
        model, vocabulary = folder / "model.onnx", folder / "tokenizer.json"
        for path in (model, vocabulary):
            if not path.is_file():
                raise MissingModel(
                    f"The stance model is not whole: {path} is not there. Install textmine anew, "
                    "or make the model with models/project.yml."
                )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(vocabulary))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST, strategy="longest_first")
        path = folder / "calibration.json"
        self.calibration = Calibration.load(path) if path.is_file() else Calibration()
        self._known: dict[tuple[str, str], Floats] = {}

    def logits(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """The raw answers, a row of nine for each (query, sentence)."""
        new = list(dict.fromkeys(pair for pair in pairs if pair not in self._known))
        if len(self._known) + len(new) > _REMEMBERED:
            self._known.clear()
            new = list(dict.fromkeys(pairs))
        encoded = self._tokenizer.encode_batch(new)
        order = sorted(range(len(new)), key=lambda n: len(encoded[n].ids))
        for at in range(0, len(order), _BATCH):
            places = order[at : at + _BATCH]
            for n, row in zip(places, self._run([encoded[n] for n in places]), strict=True):
                self._known[new[n]] = row
        out = np.zeros((len(pairs), 1 + len(DIRECTIONS) + len(STANCES)))
        for n, pair in enumerate(pairs):
            out[n] = self._known[pair]
        return out

    def _run(self, encoded: Sequence[Any]) -> Floats:
        width = max(len(e.ids) for e in encoded)
        inputs = {
            name: np.zeros((len(encoded), width), dtype=np.int64)
            for name in ("input_ids", "attention_mask", "token_type_ids")
        }
        for n, e in enumerate(encoded):
            inputs["input_ids"][n, : len(e.ids)] = e.ids
            inputs["attention_mask"][n, : len(e.ids)] = 1
            inputs["token_type_ids"][n, : len(e.ids)] = e.type_ids
        (found,) = self._session.run(["logits"], inputs)
        return np.asarray(found, dtype=np.float64)

    # --- what is asked of it

    def relevance(self, query: str, sentences: Sequence[str]) -> Floats:
        """The chance of each sentence to be evidence on the query: a plain claim or a
        `frame_query`."""
        slope, offset = self.calibration.frame if " | " in query else self.calibration.claim
        raw = self.logits([(query, s) for s in sentences])[:, _EVIDENCE]
        return _sigmoid(slope * raw + offset)

    def direction(
        self, intervention: str, outcome: str, comparator: str, sentences: Sequence[str]
    ) -> Floats:
        """Chances in the order of DIRECTIONS, a row for each sentence.

        With a comparator the question can be asked with the arms swapped too and that answer be
        turned: at an equal weight it does not matter which arm is named first.
        """
        heat, weight = self.calibration.direction, self.calibration.swapped
        one = self.logits([(frame_query(intervention, outcome, comparator), s) for s in sentences])
        found = softmax(one[:, _DIRECTION] / heat)
        if comparator and weight > 0:
            query = frame_query(comparator, outcome, intervention)
            other = self.logits([(query, s) for s in sentences])
            turned = softmax(other[:, _DIRECTION] / heat)[:, [1, 0, 2, 3]]
            found = (1 - weight) * found + weight * turned
        return found

    def stances(self, statement: str, sentences: Sequence[str], *, turned: bool = True) -> Floats:
        """Chances in the order of STANCES, a row for each sentence.

        A claim that can be turned is read together with its opposite, so that what supports one
        speaks against the other. Of a claim that says which way something goes, the direction of
        the sentence is read too and compared with it. `turned`: False for what is no claim, as a
        question; it is read as it stands.
        """
        heat, weight = self.calibration.stance, self.calibration.effect
        found = softmax(self.logits([(statement, s) for s in sentences])[:, _STANCE] / heat)
        if not turned:
            return found
        other = default_opposites().turn(statement)
        if other is not None:
            rows = self.logits([(other.text, s) for s in sentences])[:, _STANCE]
            found = (found + _turned(softmax(rows / heat), found, other)) / 2
        effect = default_opposites().effect(statement) if weight > 0 else None
        if effect is not None:
            rows = self.direction(effect.doer, effect.target, "", sentences)
            if effect.direction == "decreases":
                rows = rows[:, [1, 0, 2, 3]]
            found = (1 - weight) * found + weight * rows
        return found

    def direction_in_abstract(
        self,
        intervention: str,
        outcome: str,
        comparator: str,
        sentences: Sequence[str],
        keep: int = KEPT,
    ) -> Abstract:
        """The same of an abstract: its likeliest `keep` sentences, each weighed by its chance to
        be evidence."""
        query = frame_query(intervention, outcome, comparator)
        best, chances = self._best(query, sentences, keep, turned=False)
        rows = self.direction(intervention, outcome, comparator, [sentences[n] for n in best])
        together = weighed(rows, chances, self.calibration.abstract_direction)
        return Abstract(best, together, rows, chances)

    def stance_in_abstract(
        self, statement: str, sentences: Sequence[str], keep: int = KEPT, *, turned: bool = True
    ) -> Abstract:
        """The stance of an abstract to a plain claim, by its likeliest `keep` sentences."""
        best, chances = self._best(statement, sentences, keep, turned)
        rows = self.stances(statement, [sentences[n] for n in best], turned=turned)
        together = weighed(rows, chances, self.calibration.abstract_stance)
        return Abstract(best, together, rows, chances)

    def _best(
        self, query: str, sentences: Sequence[str], keep: int, turned: bool
    ) -> tuple[tuple[int, ...], Floats]:
        """The sentences with the best chances. A claim is asked together with its opposite: they
        are about the same sentences."""
        chances = self.relevance(query, sentences)
        other = default_opposites().turn(query) if turned else None
        if other is not None:
            chances = (chances + self.relevance(other.text, sentences)) / 2
        best = tuple(int(n) for n in np.argsort(-chances, kind="stable")[:keep])
        return best, chances[list(best)]


def weighed(
    rows: Floats, chances: Floats, calibration: Sequence[float] = (1.0, 0.0, 0.0)
) -> Floats:
    """Several sentences' answers in one; the last column is "says nothing", and stays where all
    of them say nothing.

    >>> weighed(np.array([[0.9, 0.0, 0.0, 0.1]]), np.array([1.0])).round(2).tolist()
    [0.9, 0.0, 0.0, 0.1]
    """
    heat, null, nothing = calibration
    said = chances[:, None] * rows[:, :3]
    sums = said.sum(axis=0)
    silence = float(np.prod(1.0 - said.sum(axis=1))) if len(rows) else 1.0
    shares = sums / max(float(sums.sum()), 1e-12)
    mixed = np.append((1.0 - silence) * shares, silence)
    logits = np.log(np.maximum(mixed, 1e-6)) / heat + np.array([0.0, 0.0, null, nothing])
    chosen: Floats = softmax(logits[None, :])[0]
    return chosen


def _turned(rows: Floats, own: Floats, turned: Opposite) -> Floats:
    """The opposite claim's answer as one on the claim itself."""
    if turned.kind == "direction":
        return rows[:, [1, 0, 2, 3]]
    against = rows[:, 1] + rows[:, 2]
    share = own[:, 1] / np.maximum(own[:, 1] + own[:, 2], 1e-9)
    return np.stack([against, rows[:, 0] * share, rows[:, 0] * (1 - share), rows[:, 3]], axis=1)


def softmax(rows: Floats) -> Floats:
    powers = np.exp(rows - rows.max(axis=1, keepdims=True)) if len(rows) else rows
    return powers / powers.sum(axis=1, keepdims=True) if len(rows) else rows


def _sigmoid(values: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-np.clip(values, -math.log(1e12), math.log(1e12))))


@cache
def default_encoder() -> Encoder:
    """The shipped model, loaded once for each process."""
    return Encoder(data_root() / "models" / "stance")
