"""The trained stance model as one int8 file for onnxruntime.

    python models/scripts/stance_export.py TRAINED FOLDER

Weights are rounded per channel, activations while running. What the rounding costs is printed: how
far the answers move on a few pairs.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from stance_train import new_model
from transformers import AutoTokenizer

NAMES = ("input_ids", "attention_mask", "token_type_ids")
TRY = [
    ("aspirin | headache | placebo", "Headache was less frequent with aspirin than with placebo."),
    ("Vitamin D prevents falls.", "There was no difference in falls between the groups (p = 0.4)."),
]


def main(trained: Path, folder: Path) -> None:
    model = new_model()
    model.load_state_dict(torch.load(trained / "model.pt", weights_only=True))
    model.eval()
    tokenizer = AutoTokenizer.from_pretrained(trained / "tokenizer")
    rows = tokenizer([a for a, _ in TRY], [b for _, b in TRY], padding=True, return_tensors="pt")
    inputs = tuple(rows[name] for name in NAMES)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.onnx"
        torch.onnx.export(
            model, inputs, str(whole), input_names=list(NAMES), output_names=["logits"],
            dynamic_axes={name: {0: "pairs", 1: "pieces"} for name in NAMES}
            | {"logits": {0: "pairs"}},
            opset_version=17, dynamo=False,
        )  # fmt: skip
        quantize_dynamic(
            whole, folder / "model.onnx", per_channel=True, weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )  # fmt: skip
    shutil.copy(trained / "tokenizer" / "tokenizer.json", folder / "tokenizer.json")
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"))
    (found,) = session.run(["logits"], {name: rows[name].numpy() for name in NAMES})
    with torch.no_grad():
        wanted = model(*inputs).numpy()
    size = (folder / "model.onnx").stat().st_size / 1e6
    print(f"{size:.1f} MB; the largest move of a logit is {np.abs(found - wanted).max():.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
