"""Recipes of video on moving digits: python benchmarks/video.py [RECIPE ...] [--samples 60000] [--seeds 0]

`ganvas train RECIPE samples=N --test` on one thread, scores on test beside those of real clips against real clips, all
time counted. Recipes were tuned on val. --strips FOLDER writes ten clips of each run, a row each, one class a row,
random numbers of seed 0: for docs/video.md. Rows that are there are not computed again.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import ganvas
from rows import append_row, rows

RECIPES = ("mocogan", "mocogan.moved", "tgan")
SCORES = ("path_frechet", "frame_frechet", "same_digit", "jerk", "bounces", "read_as_asked")


def strips_of(model: ganvas.Model) -> Image.Image:
    """Ten clips, their frames side by side."""
    clips = model.sample(10, seed=0, classes=list(range(10)))  # [10, T, H, W, 1]
    return Image.fromarray(np.concatenate([np.concatenate(list(clip), axis=1) for clip in clips]).squeeze())


def trained(name: str, samples: int, seed: int, strips: Path | None) -> dict[str, object]:
    """The values of one row."""
    with tempfile.TemporaryDirectory() as place:
        begun = time.perf_counter()
        changes = {"samples": samples, "seed": seed, "threads": 1, "scorings": 0, "saves": 1}
        run = ganvas.train(name, out=Path(place) / "run", changes=changes, test=True, quiet=True)
        seconds = time.perf_counter() - begun
        if strips:
            strips.mkdir(parents=True, exist_ok=True)
            strips_of(ganvas.load(run.path)).save(strips / f"{name}-{seed}.webp", quality=90, method=6)
        records = [
            each for each in run.read_metrics() if each["protocol"]["split"] == "test" and each["name"] in SCORES
        ]
    scores = {each["name"]: each["value"] for each in records}
    real = {f"{each['name']}_real": each["real_vs_real"] for each in records}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak_mb": round(peak), **scores, **real}


def main() -> None:
    """The rows that are missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=RECIPES)
    parser.add_argument("--samples", type=int, default=60_000, help="clips of a training")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    parser.add_argument("--strips", type=Path, metavar="FOLDER")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    for seed in chosen.seeds:
        for name in chosen.recipes:
            protocol = f"ganvas train {name} samples={chosen.samples} --test, one thread, scores on test"
            wanted = {
                "benchmark": "video",
                "protocol": protocol,
                "recipe": name,
                "samples": chosen.samples,
                "seed": seed,
            }
            if not rows(**wanted):
                append_row(**wanted, **trained(name, chosen.samples, seed, chosen.strips))


if __name__ == "__main__":
    main()
