"""How many modes are found: PacGAN's table in the plane at a tenth of its steps, and stacked digits.

python benchmarks/modes.py [ring grid pacgan.ring pacgan.grid stacked] [--seeds 0 1 2] [--minutes 14] [--steps N]
python benchmarks/modes.py stacked.1000                    # long: by name only

ring, grid       the plain GAN of Lin et al. 2018, section 4.1: G 4 x 400 with batch norm, D 3 x 200 maxout 5, Adam
                 (1e-4, beta1 0.8), 100 reals a batch, 100,000 points
pacgan.*         the same with pairs as D's inputs, 100 pairs a batch
stacked*         `ganvas train stacked`; stacked.1000 with the paper's 128,000 training pictures

The paper plays 400,000 steps; here 40,000, written in each row as a reduced protocol. `paper` is its number of modes
after all of them. Other differences: data scaled to variance 1, PyTorch's initial weights. Scores are on test. One row
a cell and seed, single-threaded. A cell that takes longer than --minutes is stopped and stays in runs/modes; the same
command resumes it, bit for bit, until the row is written. Rows that are there are not run again.
"""

import argparse
import os
import shutil
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import ganvas
from ganvas.data.points import Grid, Ring
from ganvas.data.source import Source
from ganvas.networks.mlp import MlpCritic
from ganvas.networks.packed import Packed
from ganvas.networks.player import Player
from ganvas.recipes import Recipe, override
from ganvas.recipes import recipe as named
from ganvas.runs import Run
from ganvas.training.optimisers import Adam
from rows import append_row, rows, test_scorings

HALFWAY = Path(__file__).parents[1] / "runs" / "modes"
STEPS = 40_000
BATCH = 100
PLANE: dict[str, tuple[Source, int, float]] = {  # source, samples that D sees at once, modes in the paper's table
    "ring": (Ring(), 1, 6.3),
    "grid": (Grid(), 1, 17.3),
    "pacgan.ring": (Ring(), 2, 7.9),
    "pacgan.grid": (Grid(), 2, 23.8),
}
ORDINARY = (*PLANE, "stacked")
LONG = ("stacked.1000",)


def cell(name: str, seed: int, steps: int | None) -> tuple[Recipe, str, dict[str, float]]:
    """The recipe, its protocol in words, and what the paper says."""
    quiet = {"seed": seed, "threads": 1, "scorings": 0, "snapshots": 0, "saves": 1}
    if name in PLANE:
        source, pack, paper = PLANE[name]
        adam = Adam(lr=1e-4, beta1=0.8)
        base = named("pacgan")
        assert base.G is not None
        G, D = Player(base.G.network, adam), Player(Packed(MlpCritic(widths=(200,) * 3, maxout=5), pack=pack), adam)
        played = steps or STEPS
        made = replace(base, source=source, G=G, D=D, batch_samples=BATCH * pack, samples=BATCH * pack * played)
        return (
            override(made, quiet),
            f"PacGAN section 4.1, {name}, {played} of 400000 steps, score on test, n = 2,500",
            {"paper": paper},
        )
    sizes = {"source.samples": 128_000} if name in LONG else {}
    made = override(
        named(name), {**quiet, **sizes, **({"samples": steps * named(name).batch_samples} if steps else {})}
    )
    return (
        made,
        f"ganvas train {name} --test samples={made.samples}, score on test",
        {"paper": 1000.0} if name in LONG else {},
    )


def played(path: Path, recipe: Recipe, minutes: float) -> tuple[Run, float]:
    """The run as far as it gets in so many minutes, and the seconds of all its slices."""
    clock = path.with_name(f"{path.name}.seconds")
    spent = float(clock.read_text()) if clock.exists() else 0.0
    alarm = threading.Timer(60 * minutes, os.kill, (os.getpid(), signal.SIGTERM))
    alarm.daemon = True
    alarm.start()
    begun = time.perf_counter()
    run = (
        ganvas.resume(path, on_signal=print)
        if path.exists()
        else ganvas.train(recipe, out=path, on_signal=print, test=True)
    )
    alarm.cancel()
    seconds = spent + time.perf_counter() - begun
    clock.write_text(str(seconds))
    return run, seconds


def row(name: str, seed: int, minutes: float, steps: int | None) -> None:
    """One slice; the row, when it was the last."""
    recipe, protocol, paper = cell(name, seed, steps)
    if rows(benchmark="modes", protocol=protocol, seed=seed):
        return
    path = HALFWAY / f"{name}-{recipe.samples}-{seed}"
    run, seconds = played(path, recipe, minutes)
    if run.read_json("status.json")["state"] != "finished":
        sys.exit(f"{name}, seed {seed}: stopped after {seconds:,.0f} s in all; the same command goes on from {path}")
    scores = [record for record in run.read_metrics() if record["protocol"]["split"] == "test"]
    values = {record["name"]: record["value"] for record in scores} | {
        f"{record['name']}_real": record["real_vs_real"] for record in scores
    }
    append_row(
        benchmark="modes", protocol=protocol, seed=seed, seconds=seconds, **test_scorings(run), **paper, **values
    )
    shutil.rmtree(path)
    path.with_name(f"{path.name}.seconds").unlink()


def main() -> None:
    """The rows that are missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("cells", nargs="*", default=ORDINARY)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument(
        "--minutes", type=float, default=14.0, help="after which a cell is stopped, to go on at the next call"
    )
    parser.add_argument("--steps", type=int, help="another number of steps")
    chosen = parser.parse_args()
    for name in chosen.cells:
        if name not in (*ORDINARY, *LONG):
            sys.exit(f"{name}: no such cell; known: {', '.join((*ORDINARY, *LONG))}")
        for seed in chosen.seeds:
            row(name, seed, chosen.minutes, chosen.steps)


if __name__ == "__main__":
    main()
