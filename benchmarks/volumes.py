"""Solids of voxels: python benchmarks/volumes.py [voxels cost] [--seeds 1] [--samples N] [--runs FOLDER]

"voxels" trains the recipe on drawn solids, each seed once, and scores it on test; training reals in the place of
generated ones are beside each score as real_NAME. "cost" measures four steps of networks of the same width on noise of
64 x 64 x 64, four a batch: seconds a sample, and the memory of a process that does nothing else. One thread. Nothing
was tuned on test. Rows that exist are not computed again.
"""

import argparse
import resource
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import softplus

import ganvas
from ganvas.base.errors import UsageError
from ganvas.base.types import Spec
from ganvas.data import SolidShapes
from ganvas.data.solid_shapes import SOLIDS
from ganvas.evaluation.recipe_scores import recipe_scores
from ganvas.recipes.voxels import voxels
from rows import append_row, rows, test_scorings

BATCH, TURNS, SIDE = 4, 4, 64


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
    """The row of 64 x 64 x 64: steps of both players on noise, with R1 on every fourth, as the recipe's game does."""
    row = {"recipe": "voxels", "what": "cost", "side": SIDE, "batch_samples": BATCH, "turns": TURNS}
    if rows(benchmark="volumes", **row):
        return
    spec = Spec("volumes", (1, SIDE, SIDE, SIDE), bounded=True, classes=SOLIDS)
    built: list[Any] = [player.network.build(spec) for player in voxels().players.values()]
    G, D = built
    y, begun = torch.arange(BATCH) % len(SOLIDS), time.process_time()
    for turn in range(TURNS):
        real = torch.randn(BATCH, *spec.shape, requires_grad=turn % 4 == 0)
        judged = D(real, y, {}).logits
        fake = G(torch.randn(BATCH, *G.latent), y, {}).detach()
        loss = softplus(-judged).mean() + softplus(D(fake, y, {}).logits).mean()
        if turn % 4 == 0:
            (slope,) = torch.autograd.grad(judged.sum(), real, create_graph=True)
            loss = loss + slope.pow(2).sum() / BATCH
        loss.backward()
        softplus(-D(G(torch.randn(BATCH, *G.latent), y, {}), y, {}).logits).mean().backward()
    seconds = (time.process_time() - begun) / (TURNS * BATCH)
    counts = {
        f"parameters_{name}": sum(each.numel() for each in part.parameters()) for name, part in (("G", G), ("D", D))
    }
    append_row(benchmark="volumes", **row, **counts, cpu_seconds_per_sample=seconds, memory_gb=memory())


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
