"""Series against published numbers: python benchmarks/series.py STOCK.csv [ROW ...] [--seeds 1] [--minutes 60]

STOCK.csv has 3,685 daily rows of six channels (as used by the authors of TimeGAN). Rows: "stock RECIPE" trains a recipe
on windows of 24 rows of 80 % of the recording and scores as many generated windows; "sines RECIPE" does so on the sine
waves of the authors' program. Published by Yoon et al. 2019 (TimeGAN), table 2, discriminative / predictive: stock
0.102 / 0.038, sines 0.011 / 0.093
(https://proceedings.neurips.cc/paper/2019/hash/c9efe5f26cd17ba6216bbe2a7d26d490-Abstract.html). As there, the small
networks compare with the windows that the model learnt from, in [0, 1] by their range: `discriminative`, `predictive`.
Beside them the same against windows of test, which share no rows with those of train, and of a wider network of 24
numbers. "stock baselines", "sines baselines" and the same with "-predictive" score windows of test in the place of
generated ones, a block bootstrap and an autoregressive model of order 1. "stock real" and "sines real" have no model:
real windows of train against those of val and of test, for three choices of the stretches, and two halves of the
windows of train; and the predictive score of real windows of train. Nothing was tuned on test. Rows that exist are not
computed again; --minutes ends the series. One thread.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

import ganvas
from ganvas.base.draws import permutation
from ganvas.data import MadeSines, SeriesFile
from ganvas.data.source import SPLITS
from ganvas.domains.series import Series
from ganvas.evaluation.series_sides import channels_first, side_of
from ganvas.metrics.post_hoc import Sequences, discriminative_scores, predictive_scores
from ganvas.metrics.series_baselines import autoregression, block_bootstrap
from ganvas.metrics.series_distances import autocorrelation_distance, correlation_distance, spectrum_distance
from rows import append_row, rows

SLOW = {"frequency": (0.0, 0.1 / (2 * np.pi)), "phase": (0.0, 0.1)}  # those of the authors' program
SAMPLES = {"timegan": 60_000, "doppelganger.r1r2": 150_000}  # minutes on one busy core
WIDE = 24
CHOICES = 3  # of the stretches of a recording that are val and test
RECIPES = ("real", "baselines", "baselines-predictive", "doppelganger.r1r2", "timegan")
NAMES = [f"{data} {recipe}" for data in ("stock", "sines") for recipe in RECIPES]
Windows = np.ndarray[Any, np.dtype[np.float64]]


def told(sides: dict[str, Sequences], train: Sequences, test: Sequences, seed: int) -> dict[str, dict[str, float]]:
    """Discriminative scores and distances of each set of windows, by the published number of steps."""
    pairs = {f"{name} {of}": (real, side) for name, side in sides.items() for of, real in (("", train), ("test", test))}
    found = discriminative_scores(pairs, seed=seed)
    wide = discriminative_scores({name: (train, side) for name, side in sides.items()}, width=WIDE, seed=seed)
    return {
        name: {
            "discriminative": found[f"{name} "].value,
            "discriminative_error": found[f"{name} "].error,
            "discriminative_test": found[f"{name} test"].value,
            "discriminative_wide": wide[name].value,
            **distances(channels_first(test), channels_first(side)),
        }
        for name, side in sides.items()
    }


def distances(test: Any, side: Any) -> dict[str, float]:
    """By what happens over time."""
    return {
        "autocorrelation": autocorrelation_distance(test, side),
        "spectrum": spectrum_distance(test, side),
        "correlation": correlation_distance(test, side),
    }


def predicted(sides: dict[str, Sequences], train: Sequences, test: Sequences, seed: int) -> dict[str, dict[str, float]]:
    """Predictive scores of each set of windows, by the published number of steps."""
    found = predictive_scores(sides, {"predictive": train, "predictive_test": test}, seed=seed)
    return {name: {of: score.value for of, score in each.items()} for name, each in found.items()}


def real_windows(data: str, source: Any, seed: int) -> None:
    """The row of real windows against real ones of other times, for CHOICES choices of the stretches."""
    pairs: dict[str, tuple[Sequences, Sequences]] = {}
    for choice in range(CHOICES):
        other = replace(source, seed=choice)
        domain = Series().fit(other.items("train"))
        sides = {split: side_of(domain, other.items(split).x) for split in SPLITS}
        pairs |= {f"{split}_{choice}": (sides["train"], sides[split]) for split in SPLITS[1:]}
        if choice == 0:
            first, second = np.array_split(permutation((seed, "halves"), len(sides["train"].x)), 2)
            pairs["halves"] = (part(sides["train"], first), part(sides["train"], second))
            train, test = sides["train"], sides["test"]
    found = discriminative_scores(pairs, seed=seed)
    predictive = predicted({"real": train}, train, test, seed)["real"]
    more = {"n": len(train.x), "n_test": len(test.x), **predictive}
    scores = {f"discriminative_{name}": score.value for name, score in found.items()}
    append_row(benchmark="series", row=f"{data} real", seed=seed, **more, **scores)


def part(side: Sequences, places: Any) -> Sequences:
    """The sequences at these places."""
    return Sequences(side.x[places], side.mask[places])


JUDGES = {"baselines": told, "baselines-predictive": predicted}


def baselines(data: str, kind: str, domain: Series, train: Windows, test: Windows, seed: int) -> None:
    """The row of real windows and of two baselines, by one of JUDGES."""
    made = {
        "real": test,
        "bootstrap": block_bootstrap(train, len(train), seed=seed),
        "autoregression": autoregression(train, len(train), seed=seed),
    }
    sides = {name: side_of(domain, values) for name, values in made.items()}
    found = JUDGES[kind](sides, side_of(domain, train), side_of(domain, test), seed)
    scores = {f"{side}_{name}": value for side, each in found.items() for name, value in each.items()}
    append_row(benchmark="series", row=f"{data} {kind}", seed=seed, n=len(train), **scores)


def trained(data: str, recipe: str, source: Any, seed: int) -> None:
    """The row of one recipe on one set."""
    train, test = source.items("train").x, source.items("test").x
    domain, samples = Series().fit(source.items("train")), SAMPLES[recipe]
    quiet = {"snapshots": 0, "saves": 1, "scorings": 0, "diagnoses": 0, "threads": 1, "scores": []}
    changes: dict[str, Any] = {**quiet, "samples": samples, "seed": seed}
    if data == "sines":
        changes |= {f"source.{name}": list(value) for name, value in SLOW.items()}
    with TemporaryDirectory() as folder:
        begun = time.process_time()
        more = {"data": source.path} if data == "stock" else {}
        run = ganvas.train(recipe, changes=changes, out=Path(folder) / "run", quiet=True, remedies=False, **more)
        seconds = time.process_time() - begun
        made = ganvas.load(run.path).sample(len(train), seed=seed)
    sides = {"made": side_of(domain, made)}
    scores: dict[str, float] = {}
    for judge in JUDGES.values():
        scores |= judge(sides, side_of(domain, train), side_of(domain, test), seed)["made"]
    more_facts = {"n": len(train), "samples": samples, "train_cpu_seconds": seconds}
    append_row(benchmark="series", row=f"{data} {recipe}", seed=seed, **more_facts, **scores)


def main() -> None:
    """Compute the rows that are missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stock")
    parser.add_argument("rows", nargs="*", default=NAMES)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    ends = time.monotonic() + 60 * chosen.minutes
    for seed in range(chosen.seeds):
        for name in chosen.rows:
            data, recipe = name.split(" ", 1)
            if (seed and (recipe in JUDGES or recipe == "real")) or rows(benchmark="series", row=name, seed=seed):
                continue
            if time.monotonic() > ends:
                return
            source: Any = SeriesFile(chosen.stock) if data == "stock" else MadeSines(**SLOW)  # type: ignore[arg-type]
            if recipe == "real":
                real_windows(data, source, seed)
            elif recipe in JUDGES:
                items = source.items("train")
                baselines(data, recipe, Series().fit(items), items.x, source.items("test").x, seed)
            else:
                trained(data, recipe, source, seed)


if __name__ == "__main__":
    main()
