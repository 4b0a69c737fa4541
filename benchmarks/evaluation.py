"""Seconds and memory of an evaluation, and how far its numbers can be trusted.

python benchmarks/evaluation.py [cost reals seeds planted]

cost     10,000 digits of a model, every score and the search for copies among 50,000 training digits, 2 threads: with
         an empty cache, and again, as for the next model against the same data (three times, the median); memory at
         2,500 and at 10,000
reals    MNIST's validation digits scored as fakes against the test digits: what the best generator could have
seeds    one set of fakes scored by the shipped digit network and by two others that differ in their seed alone
         (trained into runs/evaluation, 10 minutes each)
planted  sets of known origin as fakes, 2,000 each: new digits, training digits, a tenth of them, shifted, noisy, a
         hundred repeated

One row each (planted: one a set); those that are there are not run again.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import torch
from safetensors.torch import save_file

import ganvas
from ganvas.data.mnist import Mnist
from ganvas.evaluation.evaluate import evaluate
from ganvas.evaluation.evaluation import Evaluation
from ganvas.metrics.extractor_files import extractor_from_file
from rows import append_row, rows

KEPT = Path(__file__).parents[1] / "runs" / "evaluation"
SEEDS = (1, 2)
PLANTED = 2_000
PEAK = (
    "import resource, sys; from ganvas.evaluation.evaluate import evaluate; evaluate(sys.argv[1], n=int(sys.argv[2])); "
)
PEAK += "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"


def model() -> Path:
    """A short run of mnist."""
    path = KEPT / "mnist"
    return path if path.exists() else ganvas.train("mnist", out=path, changes={"samples": 40_000, "scorings": 0}).path


def cost() -> None:
    """Seconds with 2 threads, all in, and megabytes."""
    torch.set_num_threads(2)
    run = model()
    with tempfile.TemporaryDirectory() as cache:
        os.environ["GANVAS_CACHE"] = cache
        first, *again = (timed(run) for _ in range(4))
        kept = sum(file.stat().st_size for file in Path(cache).rglob("*") if file.is_file()) / 1e6
    del os.environ["GANVAS_CACHE"]
    seconds = {
        "seconds": first[0],
        "processor_seconds": first[1],
        "again": median(each[0] for each in again),
        "processor_again": median(each[1] for each in again),
    }
    peaks = {f"peak_mb_{n}": peak(run, n) for n in (2_500, 10_000)}
    append_row(benchmark="evaluation", protocol=PROTOCOLS["cost"], scores=first[2], **seconds, cache_mb=kept, **peaks)


def timed(run: Path) -> tuple[float, float, int]:
    """Seconds, processor seconds, scores."""
    begun, spent = time.perf_counter(), time.process_time()
    found = evaluate(run, n=10_000)
    return time.perf_counter() - begun, time.process_time() - spent, len(found.results)


def peak(run: Path, n: int) -> int:
    """Megabytes at the highest, in a process of its own."""
    return int(
        subprocess.run(
            [sys.executable, "-c", PEAK, str(run), str(n)], capture_output=True, text=True, check=True
        ).stdout
    )


def reals() -> None:
    """Every score of real digits."""
    train, val, test = (Mnist().items(split).x for split in ("train", "val", "test"))
    append_row(benchmark="evaluation", protocol=PROTOCOLS["reals"], **values(evaluate(val, real=test, train=train)))


def seeds() -> None:
    """The same fakes in spaces that differ in a seed: each score in the three, and its real-vs-real value."""
    found = [
        evaluate(
            model(), extractors=(extractor_from_file(str(network(seed))),), metrics=("frechet", "neighbours", "kernel")
        )
        for seed in SEEDS
    ]
    row: dict[str, list[float]] = {}
    for name in ("frechet", "kernel", "precision", "coverage"):
        results = [found[0][f"digit_{name}"], *(each[f"classifier_{name}"] for each in found)]
        row[name] = [result.value for result in results]
        row[f"{name}_of_reals"] = [result.real_vs_real or float("nan") for result in results]
    append_row(benchmark="evaluation", protocol=PROTOCOLS["seeds"], **row)


def network(seed: int) -> Path:
    """The digit network of another seed, as a file."""
    file = KEPT / f"digits-{seed}.safetensors"
    if not file.exists():
        run = KEPT / f"digits-{seed}"
        made = ganvas.load(run if run.exists() else ganvas.train("digits", out=run, changes={"seed": seed}).path)
        player = made.experiment.recipe.players["D"]
        state = {name: value.contiguous() for name, value in made.networks["D"].state_dict().items()}
        save_file(state, file, metadata={"network": json.dumps(vars(player.network)), "recipe": "digits"})
    return file


def planted() -> None:
    """Every score of each set; `fakes` is its name."""
    train, val, test = (Mnist().items(split).x for split in ("train", "val", "test"))
    draw = np.random.default_rng(0)
    new, copies = (
        side[draw.permutation(len(side))[:PLANTED]] for side in (test, train)
    )  # the first half of test is the cleaner one
    noise = draw.normal(0, 0.1 * 255, copies.shape)
    sets = {
        "new real digits": new,
        "training digits": copies,
        "one in ten a training digit": np.concatenate([copies[: PLANTED // 10], new[PLANTED // 10 :]]),
        "training digits moved by a pixel": np.roll(copies, 1, axis=2),
        "100 training digits, 20 times each": np.tile(copies[:100], (PLANTED // 100, 1, 1, 1)),
        "training digits under noise": (copies + noise).round().clip(0, 255).astype(np.uint8),
    }
    for name, fakes in sets.items():
        append_row(
            benchmark="evaluation",
            protocol=PROTOCOLS["planted"],
            fakes=name,
            **values(evaluate(fakes, real=val, train=train)),
        )
    append_row(
        benchmark="evaluation",
        protocol=PROTOCOLS["planted"],
        fakes=f"{ganvas.load(model()).samples_seen:,} images of mnist",
        **values(evaluate(model(), n=PLANTED)),
    )


def values(found: Evaluation) -> dict[str, float]:
    """Value by name, shares left out."""
    return {result.name: result.value for result in found.results if not result.name.startswith("share_")}


PROTOCOLS = {
    "cost": "ganvas.evaluate of 10,000 digits against val, every score, copies among 50,000, 2 threads; with an empty "
    "cache, and again",
    "reals": "MNIST val as fakes against MNIST test, train as the maker's, n = 10,000",
    "seeds": "one model's 10,000 digits against val, in the shipped digit network and in those of seeds 1 and 2",
    "planted": "sets of known making against val, train as the maker's, n = 2,000",
}


def main() -> None:
    """The rows that are missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", choices=[*PROTOCOLS, []])
    for name in parser.parse_args().names or PROTOCOLS:
        if not rows(benchmark="evaluation", protocol=PROTOCOLS[name]):
            {"cost": cost, "reals": reals, "seeds": seeds, "planted": planted}[name]()


if __name__ == "__main__":
    main()
