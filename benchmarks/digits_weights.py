"""Turns a finished run of recipe `digits` into the weights that ganvas ships: python benchmarks/digits_weights.py RUN

The classifier that scores MNIST was made by `ganvas train digits --out RUN` and this script.
"""

import json
import sys
from pathlib import Path

from safetensors.torch import save_file

import ganvas
from ganvas.metrics import digits

if __name__ == "__main__":
    model = ganvas.load(sys.argv[1])
    player = model.experiment.recipe.players["D"]
    weights = {name: value.contiguous() for name, value in model.networks["D"].state_dict().items()}
    target = Path(digits.__file__).with_name(digits.WEIGHTS)
    save_file(weights, target, metadata={"network": json.dumps(vars(player.network)), "recipe": "digits"})
    print(f"wrote {target.name}, {target.stat().st_size:,} bytes")
