"""Solids of voxels: python benchmarks/volumes.py [voxels cost] [--seeds 1] [--samples N] [--runs FOLDER]

"voxels" trains the recipe on drawn solids, each seed once, and scores it on test; training reals in the place of
generated ones are beside each score as real_NAME. "cost" measures turns of networks of the same width on volumes of
64 x 64 x 64, in a process of its own: seconds a sample and memory. One thread. Nothing was tuned on test. Rows that
exist are not computed again.
"""

import argparse
import resource
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

import ganvas
from ganvas.base.errors import UsageError
from ganvas.data import SolidShapes
from ganvas.evaluation.recipe_scores import recipe_scores
from ganvas.recipes.voxels import voxels
from rows import append_row, rows, test_scorings

BATCH, TURNS, SIDE = 8, 8, 64


def trained(runs: Path, samples: int, seed: int) -> None:
    """The row of one seed."""
    recipe = replace(voxels(), samples=samples, seed=seed)
    row = {"recipe": "voxels", "samples": samples, "seed": seed, "side": SolidShapes().side, "split": "test"}
    if rows(benchmark="volumes", **row):
        return
    out = runs / f"voxels-{samples}-{seed}"
    changes = {"threads": 1, "precision": "fp32", "scorings": 2, "snapshots": 4, "diagnoses": 0, "saves": 4}
    begun, began = time.process_time(), time.monotonic()
    if (out / "status.json").is_file():
        raise UsageError("there is a run already", where=str(out), hint="Remove it, or name another --runs.")
    run = ganvas.train(recipe, out=out, changes=changes, remedies=False)
    times = {"train_cpu_seconds": time.process_time() - begun, "train_seconds": time.monotonic() - began}
    scores: dict[str, Any] = {}
    before = test_scorings(run)
    for each in recipe_scores(ganvas.load(run), "test", 0):
        scores |= {"n": each.n, each.name: each.value, f"real_{each.name}": each.real_vs_real}
    append_row(benchmark="volumes", **row, **times, **before, **scores, memory_gb=memory())


def cost() -> None:
    """The row of 64 x 64 x 64: turns of the recipe's own game and networks, on solids of that size."""
    row = {"recipe": "voxels", "what": "cost", "side": SIDE, "batch_samples": BATCH}
    if rows(benchmark="volumes", **row):
        return
    recipe = replace(voxels(), source=SolidShapes(samples=64, side=SIDE), batch_samples=BATCH, scores=())
    spec = recipe.domain.fit(recipe.source.items("train")).spec(recipe.source.items("train"))
    parameters = {
        f"parameters_{name}": sum(each.numel() for each in player.network.build(spec).parameters())
        for name, player in recipe.players.items()
    }
    run_turns(recipe, TURNS)  # warm
    seconds = [run_turns(recipe, turns) for turns in (TURNS, 3 * TURNS)]
    a_sample = (seconds[1] - seconds[0]) / (2 * TURNS * BATCH)  # what a run costs besides its turns cancels
    append_row(benchmark="volumes", **row, **parameters, cpu_seconds_per_sample=a_sample, memory_gb=memory())


def run_turns(recipe: Any, turns: int) -> float:
    """CPU seconds of a run of so many turns."""
    changes = {"threads": 1, "precision": "fp32", "scorings": 0, "snapshots": 0, "diagnoses": 0, "saves": 1}
    with TemporaryDirectory() as folder:
        begun = time.process_time()
        made = replace(recipe, samples=turns * BATCH)
        ganvas.train(made, out=Path(folder) / "run", changes=changes, quiet=True, remedies=False)
        return time.process_time() - begun


def memory() -> float:
    """The most memory that this process has held, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    """Compute the rows that are missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="*", default=["cost", "voxels"])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--samples", type=int, default=voxels().samples)
    parser.add_argument("--runs", type=Path, default=Path("runs") / "volumes")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    if "cost" in chosen.which:
        cost()
    if "voxels" in chosen.which:
        for seed in range(chosen.seeds):
            trained(chosen.runs, chosen.samples, seed)


if __name__ == "__main__":
    main()
