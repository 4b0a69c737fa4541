"""Turns finished runs of the digit recipes into the weights that ganvas ships: python benchmarks/digits_weights.py RUN

The classifiers that score digits were made by `ganvas train digits --out RUN`, `ganvas train digits.mlp --out RUN`,
`ganvas train digits.spoken --data FOLDER --out RUN` with the Free Spoken Digit Dataset, and this script; those of
`digits.mlp` and `digits.spoken` are rounded to float16.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

import ganvas
from ganvas.metrics import digits, digits_mlp, spoken_digits
from ganvas.networks.salimans import NoisyClassifier
from ganvas.networks.sound_classifier import SoundClassifier

KINDS = {  # of networks: the file, its numbers, and the recipe
    NoisyClassifier: (digits_mlp.WEIGHTS, torch.float16, "digits.mlp"),
    SoundClassifier: (spoken_digits.WEIGHTS, torch.float16, "digits.spoken"),
}

if __name__ == "__main__":
    model = ganvas.load(sys.argv[1], at="newest")
    network: Any = model.experiment.recipe.players["D"].network
    name, kind, recipe = KINDS.get(type(network), (digits.WEIGHTS, torch.float32, "digits"))
    target = Path(digits.__file__).with_name(name)
    state = model.networks["D"].state_dict().items()
    weights = {key: (value.to(kind) if value.is_floating_point() else value).contiguous() for key, value in state}
    save_file(weights, target, metadata={"network": json.dumps(asdict(network)), "recipe": recipe})
    print(f"wrote {target.name}, {target.stat().st_size:,} bytes")
