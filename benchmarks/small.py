"""Scores of the small recipes on three seeds: modes in the plane, filled holes.

python benchmarks/small.py [ring rgan.grid grid inpaint-mnist]

One row a recipe and seed, of at most five minutes, single-threaded; those that are there are not run again. Scores are
on test.
"""

import sys
import tempfile
import time
from pathlib import Path

import ganvas
from rows import append_row, rows, test_scorings

RECIPES = ("ring", "rgan.grid", "grid", "inpaint-mnist")


def small(name: str, seed: int) -> None:
    """One run, one row."""
    changes = {"seed": seed, "threads": 1, "scorings": 0, "snapshots": 0, "saves": 1}
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        run = ganvas.train(name, out=Path(folder) / "run", changes=changes, test=True)
        seconds = time.perf_counter() - begun
        if run.read_json("status.json")["state"] != "finished":
            sys.exit("stopped, no row")
        scores = {
            record["name"]: record["value"] for record in run.read_metrics() if record["protocol"]["split"] == "test"
        }
        append_row(
            benchmark="small recipes",
            protocol=f"ganvas train {name} --test threads=1, score on test",
            seed=seed,
            seconds=seconds,
            **test_scorings(run),
            **scores,
        )


if __name__ == "__main__":
    for wanted in sys.argv[1:] or RECIPES:
        for seed in range(3):
            if not rows(
                benchmark="small recipes", protocol=f"ganvas train {wanted} --test threads=1, score on test", seed=seed
            ):
                small(wanted, seed)
