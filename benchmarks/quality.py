"""Quality against time on MNIST: the textbook script for 12 epochs, recipe `mnist` for three minutes, and a race.

python benchmarks/quality.py [textbook mnist race] [--seeds 0 1 2]

textbook   the script of textbook.py for 12 epochs of the 50,000, scored on test; its curve on val, n = 5,000, scoring
           not timed
mnist      `ganvas train mnist --minutes 3 --test` as a user types it, everything in its seconds, the score that it
           prints on test
race       seconds of training until recipe `mnist`, set for three minutes, has on val the score that the script had on
           val after its 12 epochs, scored every two seconds (not timed), against the script's seconds for 12 epochs at
           the speed measured just before and just after in the same process, on equal threads. Neither start, probe
           nor scoring is in it; commands.py measures whole processes

Scores are DigitScores, n = 10,000 on test. One row a side and seed (3 to 8 minutes); rows that are there are not run
again.
"""

import argparse
import contextlib
import io
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ganvas.base.types import Batch
from ganvas.data.mnist import Mnist
from ganvas.domains.images import Images
from ganvas.metrics.digit_scores import DigitScores
from ganvas.recipes import live_trainer, override, prepare, read_recipe
from ganvas.recipes import recipe as named
from ganvas.runs import Run
from ganvas.sessions.device import settle
from ganvas.sessions.ledger import add_scoring
from ganvas.training import ProcessGroup, Scorer
from rows import append_row, rows, test_scorings
from textbook import BATCH, images_per_second, textbook

EPOCHS = 12
STEPS = 50_000 // BATCH
PROTOCOLS = {
    "textbook": f"textbook script, {EPOCHS} epochs of the 50,000, fp32, score on test, n = 10,000",
    "mnist": "ganvas train mnist --minutes 3 --test, minutes from the command to the prompt, score on test, classes in "
    "training shares, n = 10,000",
    "race": f"seconds to the textbook script's val score after {EPOCHS} epochs, n = 5,000, classes in training shares, "
    "2 threads, speeds in the same process",
}


@torch.no_grad()
def drawn(G: nn.Module, n: int) -> Tensor:
    """n samples of the script's generator [n, 1, 28, 28]."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return torch.cat([G(torch.randn(100, 100)) for _ in range(n // 100)]).view(n, 1, 28, 28)


def scored(G: nn.Module, split: Any, n: int) -> dict[str, float]:
    """All digit scores of the script's generator."""
    items = Mnist().items(split)
    images = Images().fit(items)
    real = images.to_tensor(torch.tensor(images.encode(items)[:n]))
    return {
        result.name: result.value for result in DigitScores(n=n).measure(real=Batch(x=real), fake=Batch(x=drawn(G, n)))
    }


def run_textbook(seed: int) -> dict[str, Any]:
    """The script, its curve [seconds, score] at each epoch, and its score. One thread: the race times it on two."""
    torch.set_num_threads(1)
    steps = textbook(seed)
    seconds = 0.0
    curve: list[list[float]] = []
    for _ in range(EPOCHS):
        begun = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            for _ in range(STEPS):
                G = next(steps)
        seconds += time.perf_counter() - begun
        curve.append([round(seconds, 1), round(scored(G, "val", 5000)["digit_frechet"], 4)])
    before = add_scoring(Mnist().items("test").fingerprint, model="", run=None).before
    return {"seconds": seconds, "curve": curve, "test_scorings_before": before, **summary(scored(G, "test", 10_000))}


def run_mnist(seed: int) -> dict[str, Any]:
    """The recipe by its command."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        begun = time.perf_counter()
        subprocess.run(
            [
                sys.executable,
                "-m",
                "ganvas",
                "train",
                "mnist",
                "--minutes",
                "3",
                "--test",
                "--seed",
                str(seed),
                "-o",
                str(path),
            ],
            check=True,
        )
        seconds = time.perf_counter() - begun
        run, recipe = Run.open(path), read_recipe(path / "config.yaml")
        counted = test_scorings(run)
        test = {
            record["name"]: record["value"] for record in run.read_metrics() if record["protocol"]["split"] == "test"
        }
    return {
        "seconds": seconds,
        "samples": recipe.samples,
        **counted,
        "settings": f"{recipe.threads} threads, {recipe.precision}",
        **summary(test),
    }


def run_race(seed: int) -> dict[str, Any]:
    """Seconds to the script's score."""
    goal = rows(benchmark="quality", protocol=PROTOCOLS["textbook"], seed=seed)[0]["curve"][-1][1]
    speeds = [script_speed()]
    torch.set_num_threads(2)
    cpu = torch.device("cpu")
    changes = {"seed": seed, "threads": 2}
    experiment = settle(prepare(override(named("mnist"), changes)), cpu, ProcessGroup(), 3.0).experiment
    trainer = live_trainer(experiment, cpu, ProcessGroup())
    recipe = experiment.recipe
    metric = DigitScores(n=5000)
    scorer = Scorer(
        (metric,),
        recipe.game,
        experiment.spec,
        reals=experiment.stream("val"),
        split="val",
        train=experiment.stream("train"),
        seed=0,
    )
    seconds = 0.0
    curve: list[list[float]] = []
    while not curve or curve[-1][1] > goal:
        begun = time.perf_counter()
        while (passed := time.perf_counter() - begun) < 2.0:
            trainer.round()
        seconds += passed
        curve.append(
            [
                round(seconds, 1),
                round(scorer.score({name: player.best for name, player in trainer.players.items()})[0].value, 3),
            ]
        )
    speeds.append(script_speed())
    script = EPOCHS * STEPS * BATCH / (sum(speeds) / 2)
    return {
        "seconds": seconds,
        "textbook_seconds": script,
        "ratio": script / seconds,
        "goal": goal,
        "samples": trainer.samples_seen,
        "curve": curve,
    }


def script_speed() -> float:
    """Images/s of the textbook script, of ten seconds."""
    steps = textbook()
    images_per_second(steps, 2.0)
    return images_per_second(steps, 10.0)


def summary(scores: dict[str, float]) -> dict[str, float]:
    """What the table wants."""
    shares = [value for name, value in scores.items() if name.startswith("share_")]
    kept = {name: value for name, value in scores.items() if not name.startswith("share_")}
    return {**kept, "smallest_class": min(shares), "largest_class": max(shares)}


RUNS = {"textbook": run_textbook, "mnist": run_mnist, "race": run_race}

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("sides", nargs="*", default=["textbook", "mnist", "race"])
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    chosen = parser.parse_args()
    for wanted in chosen.seeds:
        for side in chosen.sides:
            if not rows(benchmark="quality", protocol=PROTOCOLS[side], seed=wanted):
                append_row(benchmark="quality", protocol=PROTOCOLS[side], seed=wanted, **RUNS[side](wanted))
