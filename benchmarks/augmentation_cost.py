"""What augmentation costs as a share of a round: python benchmarks/augmentation_cost.py

Rounds of the same players with other views of what D gets, on one thread, in turn: the medians of 15 rounds each after
2, in seconds of this process's CPU time, so that other processes of the machine count for nothing. `share` is the time
of the views as a part of the whole round with them, 1 - plain / with. Cases: batches of 64 drawn pictures at 32 x 32
and of 16 at 64 x 64, `dcgan` at width 32 and at the paper's 64; the strength is held at p = 0.5 (of `diffaug` at 1).
One row a case; rows that are there are not measured again.
"""

import argparse
import json
import time
from dataclasses import replace
from statistics import median
from typing import Any

import torch

from ganvas.data.shapes import Shapes
from ganvas.recipes import live_trainer, override, prepare, recipe
from ganvas.training import ProcessGroup, Trainer
from rows import append_row, rows

ROUNDS, BEFORE = 15, 2
P = 0.5
CASES = ((32, 64, 32), (32, 64, 64), (64, 16, 32), (64, 16, 64))  # side, batch, width
HELD = {"kind": "Adaptive", "start": P, "most": P, "samples": 1e12}
VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "diffaug": {"game.views": ["Colour", "Translate", "Cutout"]},
    "blit": {"game.views": ["Blit"], "game.adaptive": HELD},
    "warp": {"game.views": ["Warp"], "game.adaptive": HELD},
    "colours": {"game.views": ["ColourMap"], "game.adaptive": HELD},
    "ada": {"game.views": ["Blit", "Warp", "ColourMap"], "game.adaptive": HELD},
    "all": {
        "game.views": ["Blit", "Warp", "ColourMap", "BandGains", "VariedNoise", "Cutout"],
        "game.adaptive": HELD,
    },
}


def trainer_of(side: int, batch: int, width: int, changes: dict[str, Any]) -> Trainer:
    """A trainer of drawn pictures."""
    base = replace(recipe("dcgan"), source=Shapes(samples=256, side=side), scores=(), batch_samples=batch)
    sizes = {"generator.width": width, "discriminator.width": width, "discriminator.batch_norm": False}
    made = override(base, {**sizes, "threads": 1, "precision": "fp32", **changes})
    return live_trainer(prepare(made), torch.device("cpu"), ProcessGroup())


def measured(side: int, batch: int, width: int) -> dict[str, float]:
    """Milliseconds of a round of each variant, and the share of its views."""
    trainers = {name: trainer_of(side, batch, width, changes) for name, changes in VARIANTS.items()}
    seconds: dict[str, list[float]] = {name: [] for name in trainers}
    for _ in range(BEFORE + ROUNDS):
        for name, trainer in trainers.items():
            begun = time.process_time()
            trainer.round()
            seconds[name].append(time.process_time() - begun)
    middle = {name: median(each[BEFORE:]) for name, each in seconds.items()}
    values = {f"{name}_ms": 1000 * each for name, each in middle.items()}
    return values | {f"{name}_share": 1 - middle["plain"] / each for name, each in middle.items() if name != "plain"}


def main() -> None:
    """The rows that are missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trial", action="store_true", help="print the rows, and do not store them")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    for side, batch, width in CASES:
        facts = {"benchmark": "augmentation cost", "side": side, "batch": batch, "width": width}
        if rows(**facts) and not asked.trial:
            continue
        protocol = f"dcgan, CPU seconds, median of {ROUNDS} rounds after {BEFORE}, p {P}, one thread"
        values = measured(side, batch, width)
        if asked.trial:
            print(json.dumps({**facts, **values}), flush=True)
        else:
            append_row(**facts, protocol=protocol, **values)


if __name__ == "__main__":
    main()
