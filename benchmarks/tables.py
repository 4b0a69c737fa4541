"""Tables against published numbers: python benchmarks/tables.py ADULT.csv [ROW ...] [--seeds 3] [--minutes 60]

ADULT.csv is the UCI census table of 32,561 rows with a header (https://archive.ics.uci.edu/dataset/2/adult, CC BY 4.0).
Rows: "adult RECIPE" trains a recipe on 80 % of the rows; four classifiers learn from as many generated rows and are
judged on the 10 % of test, as in SDGym's table of 2019 (F1 of the rarer income; Xu et al. 2019, table 2,
https://arxiv.org/abs/1907.00503), with the area under the curve of a two-sample test. "adult baselines" does the same
for the real rows, for independent columns and for a Gaussian copula. "ring RECIPE" and "gridr RECIPE" give the two
likelihoods of the same paper (section 5.1): L_syn of generated rows under the true mixture, L_test of 10,000 further
rows under a mixture fitted to the generated ones. Recipes were tuned on val; test is read only here. Rows that exist
are not computed again; --minutes ends the series. One thread.
"""

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from sklearn.mixture import GaussianMixture  # type: ignore[import-untyped]

import ganvas
from ganvas.data.table import TableFile
from ganvas.domains.tables import Tables
from ganvas.evaluation.table_learners import FOUR, Scale, features, two_sample_auc
from ganvas.evaluation.table_scores_of import RealRows, learners, target_of
from ganvas.metrics.table_baselines import gaussian_copula, independent_columns
from rows import append_row, rows

ADULT_SAMPLES, TOY_SAMPLES = 400_000, 300_000
SIGMA = 0.05**0.5
RING = np.stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)], axis=1)
LATTICE = np.array([(x, y) for x in (-4, -2, 0, 2, 4) for y in (-4, -2, 0, 2, 4)], float)
GRIDR = LATTICE + np.random.default_rng(0).uniform(-1, 1, LATTICE.shape)  # the paper's "random offset"
TOYS = {"ring": RING, "gridr": GRIDR}
NAMES = ["adult baselines"] + [
    f"{data} {recipe}" for data in ("adult", "ring", "gridr") for recipe in ("ctgan.modern", "ctgan")
]


def adult_rows(path: str) -> tuple[TableFile, RealRows]:
    """The table, its training rows and those of test."""
    source = TableFile(path)
    train, test = source.items("train"), source.items("test")
    domain = Tables().fit(train)
    return source, RealRows(domain, train.x, test.x, target_of(domain, "income"))


def judged(made: np.ndarray[Any, Any], real: RealRows) -> dict[str, float]:
    """F1 of the classifiers that learn from these rows, and the two-sample test."""
    scale = Scale.of(real.train)
    f1 = learners(made, real, scale)
    held, few = (features(side, real.domain.learnt, scale) for side in (real.held, made[: len(real.held)]))
    auc, error = two_sample_auc(held, few)
    mean = float(np.mean([f1[name] for name in FOUR]))
    return {"f1": mean, **{f"f1_{name}": value for name, value in f1.items()}, "c2st": auc, "c2st_error": error}


def trained_rows(recipe: str, path: str, samples: int, seed: int, n: int) -> tuple[np.ndarray[Any, Any], float]:
    """n generated rows as numbers, and the seconds of the training."""
    changes = {
        "samples": samples,
        "seed": seed,
        "threads": 1,
        "snapshots": 0,
        "saves": 1,
        "scorings": 0,
        "diagnoses": 0,
    }
    with TemporaryDirectory() as folder:
        begun = time.monotonic()
        run = ganvas.train(recipe, data=path, changes=changes, out=Path(folder) / "run", quiet=True, remedies=False)
        seconds = time.monotonic() - begun
        return ganvas.load(run.path).sample(n, seed=seed), seconds


def adult(name: str, path: str, seed: int) -> None:
    """One row of the census table."""
    _, real = adult_rows(path)
    n = len(real.train)
    if name == "baselines":
        sides = {
            "real": real.train,
            "independent": independent_columns(real.train, n, seed=seed),
            "copula": gaussian_copula(real.train, n, seed=seed),
        }
        found = {f"{side}_{key}": value for side, made in sides.items() for key, value in judged(made, real).items()}
        append_row(benchmark="tables", row="adult baselines", seed=seed, n=n, **found)
        return
    made, seconds = trained_rows(name, path, ADULT_SAMPLES, seed, n)
    append_row(
        benchmark="tables",
        row=f"adult {name}",
        seed=seed,
        n=n,
        samples=ADULT_SAMPLES,
        train_seconds=seconds,
        **judged(made, real),
    )


def toy(data: str, name: str, seed: int) -> None:
    """One row of a mixture in the plane: 10,000 rows to learn from, 10,000 generated, 10,000 to test."""
    means = TOYS[data]
    draw = np.random.default_rng(seed)
    every = means[draw.integers(len(means), size=22_500)] + SIGMA * draw.normal(size=(22_500, 2))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        np.savetxt(path, every[:12_500], delimiter=",", header="x,y", comments="", fmt="%.9f")
        made, seconds = trained_rows(name, str(path), TOY_SAMPLES, seed, 10_000)
    test = every[12_500:]
    mixture = {"covariance_type": "diag", "n_init": 3, "random_state": 0}
    fitted = GaussianMixture(len(means), **mixture).fit(made)
    scores = {"l_syn": likelihood(made, means), "l_test": float(fitted.score(test)), "l_real": likelihood(test, means)}
    single = independent_columns(every[:10_000], 10_000, seed=seed)
    other = GaussianMixture(len(means), **mixture).fit(single)
    scores |= {"independent_l_syn": likelihood(single, means), "independent_l_test": float(other.score(test))}
    append_row(
        benchmark="tables", row=f"{data} {name}", seed=seed, samples=TOY_SAMPLES, train_seconds=seconds, **scores
    )


def likelihood(x: np.ndarray[Any, Any], means: np.ndarray[Any, Any]) -> float:
    """The mean log likelihood of points [N, 2] under equal Gaussians of variance 0.05 at these means."""
    squares = ((x[:, None] - means) ** 2).sum(-1) / (2 * SIGMA**2)
    logs = torch.logsumexp(torch.from_numpy(-squares), 1) - np.log(2 * np.pi * SIGMA**2 * len(means))
    return float(logs.mean())


def main() -> None:
    """Compute the rows that are missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("adult")
    parser.add_argument("rows", nargs="*", default=NAMES)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=60.0)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    ends = time.monotonic() + 60 * chosen.minutes
    for seed in range(chosen.seeds):
        for name in chosen.rows:
            data, recipe = name.split(" ", 1)
            if (recipe == "baselines" and seed) or rows(benchmark="tables", row=name, seed=seed):
                continue
            if time.monotonic() > ends:
                return
            adult(recipe, chosen.adult, seed) if data == "adult" else toy(data, recipe, seed)


if __name__ == "__main__":
    main()
