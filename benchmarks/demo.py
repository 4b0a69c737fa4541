"""What `make demo` gives: recipe `mnist` for three minutes on this machine, over seeds. python benchmarks/demo.py [--seeds 0 1 2]

Each seed is a row of under five minutes; seeds that have a row of this protocol already are not run again. The score is on test,
which a finished run reads once.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ganvas.recipes import read_recipe
from ganvas.runs import Run
from rows import append_row, rows

PROTOCOL = "ganvas train mnist --minutes 3, score on test, n = 10,000"


def demo(seed: int) -> None:
    """One run, one row."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "ganvas", "train", "mnist", "--minutes", "3", "--seed", str(seed), "-o", str(path)], check=True)
        seconds = time.perf_counter() - begun
        run, recipe = Run.open(path), read_recipe(path / "config.yaml")
        test = {record["name"]: record for record in run.read_metrics() if record["protocol"]["split"] == "test"}
        shares = [record["value"] for name, record in test.items() if name.startswith("share_")]
        append_row(
            benchmark="demo",
            protocol=PROTOCOL,
            seed=seed,
            seconds=seconds,
            samples=recipe.samples,
            settings=f"{recipe.threads} threads, {recipe.precision}",
            digit_frechet=test["digit_frechet"]["value"],
            error=test["digit_frechet"]["error"],
            floor=test["digit_frechet"]["floor"],
            weights_sha256=test["digit_frechet"]["protocol"]["weights_sha256"][:12],
            smallest_class=min(shares),
            largest_class=max(shares),
            **{name: test[name]["value"] for name in ("read_as_asked", "precision", "recall", "density", "coverage")},
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    for wanted in parser.parse_args().seeds:
        if not rows(benchmark="demo", protocol=PROTOCOL, seed=wanted):
            demo(wanted)
