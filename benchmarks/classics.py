"""The classic recipes as they are, on three seeds, each against thresholds fixed beforehand.

python benchmarks/classics.py [lsgan wgan ...] [--seeds 0 1 2] [--samples N]

One row a recipe and seed, single-threaded; those that are there are not run again. Scores are on test. `passed` says whether every score lies
within its limits. Where a paper gives a number for the same protocol, the limit is near it; elsewhere it says "has learnt to draw all ten digits".
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import ganvas
from ganvas.recipes import recipe_functions
from rows import append_row, rows, test_scorings

Limits = dict[str, tuple[float, float]]  # name of a score: smallest and largest that pass

DIGITS: Limits = {"digit_frechet": (0, 4), "smallest_class": (0.05, 1)}
CLASSES: Limits = {**DIGITS, "read_as_asked": (0.95, 1)}
THRESHOLDS: dict[str, Limits] = {
    "lsgan": DIGITS,
    "wgan": {
        "digit_frechet": (0, 10),
        "smallest_class": (0.04, 1),
    },  # clipping is the weakest of these, says Gulrajani et al. 2017
    "wgan-gp": DIGITS,
    "dragan": DIGITS,
    "sngan": DIGITS,
    "sngan.projection": CLASSES,
    "acgan": CLASSES,
    "cgan.concat": CLASSES,
    "cgan.norm": CLASSES,
    "infogan": {**DIGITS, "code_accuracy": (0.8, 1)},  # the paper has 0.95 at its best
    "feature-matching": {"accuracy": (0.985, 1)},  # 150 errors of 10,000; the paper has 93 +- 6.5 at a longer budget
    "semisupervised": {"accuracy": (0.985, 1)},
    "pacgan": {"modes": (23, 25), "quality": (0.8, 1)},  # the paper has 23.8 modes at 20 times the samples
}


def classic(name: str, seed: int, protocol: str, samples: int | None) -> None:
    """One run, one row."""
    changes = {"seed": seed, "threads": 1, "scorings": 0, "snapshots": 0, "saves": 1} | (
        {"samples": samples} if samples else {}
    )
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        run = ganvas.train(name, out=Path(folder) / "run", changes=changes, test=True)
        seconds = time.perf_counter() - begun
        if run.read_json("status.json")["state"] != "finished":
            sys.exit("stopped, no row")
        scores = {
            record["name"]: record["value"] for record in run.read_metrics() if record["protocol"]["split"] == "test"
        }
        counted = test_scorings(run)
    shares = {score: scores.pop(score) for score in list(scores) if score.startswith("share_")}
    if shares:
        scores |= {"smallest_class": min(shares.values()), "largest_class": max(shares.values())}
    limits = THRESHOLDS[name]
    passed = all(score in scores and low <= scores[score] <= high for score, (low, high) in limits.items())
    append_row(
        benchmark="classics",
        protocol=protocol,
        seed=seed,
        seconds=seconds,
        passed=passed,
        limits=limits,
        **counted,
        **scores,
    )


def main() -> None:
    """The rows that are missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("recipes", nargs="*")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--samples", type=int, help="another budget than the recipe's")
    chosen = parser.parse_args()
    known = [name for name in THRESHOLDS if name in recipe_functions()]
    for name in chosen.recipes or known:
        if name not in known:
            sys.exit(f"{name}: no such recipe, or no thresholds for it; known: {', '.join(known)}")
        for seed in chosen.seeds:
            protocol = f"ganvas train {name} --test threads=1 samples={chosen.samples or recipe_functions()[name]().samples}, score on test"
            if not rows(benchmark="classics", protocol=protocol, seed=seed):
                classic(name, seed, protocol, chosen.samples)


if __name__ == "__main__":
    main()
