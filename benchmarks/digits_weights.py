"""Turns finished runs of the digit recipes into the weights that ganvas ships: python benchmarks/digits_weights.py RUN

The classifiers that score MNIST were made by `ganvas train digits --out RUN`, `ganvas train digits.mlp --out RUN` and
this script; those of `digits.mlp` are rounded to float16.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

import ganvas
from ganvas.metrics import digits, digits_mlp
from ganvas.networks.salimans import NoisyClassifier

if __name__ == "__main__":
    model = ganvas.load(sys.argv[1])
    network = model.experiment.recipe.players["D"].network
    second = isinstance(network, NoisyClassifier)
    target = Path(digits.__file__).with_name(digits_mlp.WEIGHTS if second else digits.WEIGHTS)
    kind = torch.float16 if second else torch.float32
    weights = {name: value.to(kind).contiguous() for name, value in model.networks["D"].state_dict().items()}
    recipe = "digits.mlp" if second else "digits"
    save_file(weights, target, metadata={"network": json.dumps(vars(network)), "recipe": recipe})
    print(f"wrote {target.name}, {target.stat().st_size:,} bytes")
