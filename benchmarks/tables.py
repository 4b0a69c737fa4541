"""Tables against published numbers: python benchmarks/tables.py ADULT.csv [ROW ...] [--seeds 3] [--minutes 60]

ADULT.csv is the UCI census table of 32,561 rows with a header (https://archive.ics.uci.edu/dataset/2/adult, CC BY 4.0).
Rows: "adult RECIPE" trains a recipe on 80 % of the rows; four classifiers learn from as many generated rows and are
judged on the 10 % of test, as in SDGym's table of 2019 (F1 of the rarer income; Xu et al. 2019, table 2,
https://arxiv.org/abs/1907.00503), with the area under the curve of a two-sample test. "adult baselines" does the same
for the real rows, for independent columns and for a Gaussian copula. "ring RECIPE" and "gridr RECIPE" give the two
likelihoods of the same paper (section 5.1): L_syn of generated rows under the true mixture, L_test of 10,000 further
rows under a mixture fitted to the generated ones. "try NAME" trains ctgan.modern with one change of TRIES for 200,000
rows and is judged on val; these chose the recipe, and test is read by the other rows alone. Beside the two: similarity
of columns and of pairs, and copies, nearness and membership of 10,000 generated rows. Rows that exist are not computed
again; --minutes ends the series. One thread.
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
from ganvas.data.source import Split
from ganvas.data.table import TableFile
from ganvas.domains.tables import Tables
from ganvas.evaluation.table_learners import FOUR, Scale, features, two_sample_auc
from ganvas.evaluation.table_scores_of import RealRows, learners, target_of
from ganvas.metrics.table_baselines import gaussian_copula, independent_columns
from ganvas.metrics.table_privacy import privacy
from ganvas.metrics.table_similarity import column_similarity, pair_similarity
from rows import append_row, arguments_or_table, rows

ADULT_SAMPLES, TOY_SAMPLES, TRY_SAMPLES = 400_000, 300_000, 200_000
SOME = 10_000  # generated rows of a try, and of the measures of privacy
BEFORE: dict[str, Any] = {"batch_samples": 500, "domain.spikes": 0.02, "domain.follows": False}
TRIES = {  # on val; each changes ctgan.modern as it was before them
    "as it was": BEFORE,
    "batch 125": {**BEFORE, "batch_samples": 125},
    "batch 125, follows": {**BEFORE, "batch_samples": 125, "domain.follows": True},
    "batch 125, follows, spikes 0.005": {"batch_samples": 125, "domain.spikes": 0.005, "domain.follows": True},
}
Numbers = np.ndarray[Any, np.dtype[np.float64]]
SIGMA = 0.05**0.5
RING = np.stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)], axis=1)
LATTICE = np.array([(x, y) for x in (-4, -2, 0, 2, 4) for y in (-4, -2, 0, 2, 4)], float)
GRIDR = LATTICE + np.random.default_rng(0).uniform(-1, 1, LATTICE.shape)  # the paper's "random offset"
TOYS = {"ring": RING, "gridr": GRIDR}
SCORES = ("f1", "f1_boosting", "c2st", "columns", "pairs")
SIDES = {"real": "real rows of train", "independent": "independent columns", "copula": "Gaussian copula"}
NAMES = ["adult baselines", *(f"try {name}" for name in TRIES)] + [
    f"{data} {recipe}" for data in ("adult", "ring", "gridr") for recipe in ("ctgan.modern", "ctgan")
]


def adult_rows(path: str, split: Split = "test") -> RealRows:
    """The training rows of the table and those of a split."""
    source = TableFile(path)
    train, held = source.items("train"), source.items(split)
    domain = Tables().fit(train)
    return RealRows(domain, train.x, held.x, target_of(domain, "income"))


def judged(made: Numbers, real: RealRows) -> dict[str, float]:
    """F1 of the classifiers that learn from these rows, the two-sample test, and similarity of columns and pairs."""
    scale, held = Scale.of(real.train), real.held
    f1 = learners(made, real, scale)
    reals, fakes = (features(side, real.domain.learnt, scale) for side in (held, made[: len(held)]))
    auc, error = two_sample_auc(reals, fakes)
    columns = [
        column_similarity(held[:, place], made[:, place], discrete=discrete)
        for place, discrete in enumerate(real.discrete)
    ]
    pairs = pair_similarity(held, made, real.discrete)
    return {
        "f1": float(np.mean([f1[name] for name in FOUR])),
        **{f"f1_{name}": value for name, value in f1.items()},
        "c2st": auc,
        "c2st_error": error,
        "columns": float(np.mean(columns)),
        "pairs": float(pairs[np.triu_indices(len(pairs), 1)].mean()),
    }


def given_away(made: Numbers, real: RealRows) -> dict[str, float]:
    """Copies, nearness and membership of 10,000 of the rows."""
    scale, learnt = Scale.of(real.train), real.domain.learnt
    found = privacy(*(features(side, learnt, scale) for side in (real.train, real.held, made[:SOME])))
    return found._asdict()


def trained_rows(
    recipe: str, path: str, samples: int, seed: int, n: int, more: dict[str, Any] | None = None
) -> tuple[Numbers, dict[str, float]]:
    """n generated rows as numbers, and the seconds of the training, of the clock and of the processor."""
    quiet = {"threads": 1, "snapshots": 0, "saves": 1, "scorings": 0, "diagnoses": 0}
    changes: dict[str, Any] = {"samples": samples, "seed": seed, **quiet, **(more or {})}
    with TemporaryDirectory() as folder:
        begun, busy = time.monotonic(), time.process_time()
        run = ganvas.train(recipe, data=path, changes=changes, out=Path(folder) / "run", quiet=True, remedies=False)
        seconds = {"train_seconds": time.monotonic() - begun, "train_cpu_seconds": time.process_time() - busy}
        return ganvas.load(run.path).sample(n, seed=seed), seconds


def adult_baselines(path: str, seed: int) -> None:
    """The row of real training rows, of independent columns and of a Gaussian copula, on test."""
    real = adult_rows(path)
    n = len(real.train)
    sides = {
        "real": real.train,
        "independent": independent_columns(real.train, n, seed=seed),
        "copula": gaussian_copula(real.train, n, seed=seed),
    }
    found = {f"{side}_{key}": value for side, made in sides.items() for key, value in judged(made, real).items()}
    append_row(benchmark="tables", row="adult baselines", seed=seed, n=n, **found)


def adult(name: str, path: str, seed: int) -> None:
    """The row of a recipe on the census table, on test."""
    real = adult_rows(path)
    n = len(real.train)
    made, seconds = trained_rows(name, path, ADULT_SAMPLES, seed, n)
    found = {**seconds, **judged(made, real), **given_away(made, real)}
    append_row(benchmark="tables", row=f"adult {name}", seed=seed, n=n, samples=ADULT_SAMPLES, **found)


def tried(name: str, path: str, seed: int) -> None:
    """The row of one change on the census table, on val."""
    made, seconds = trained_rows("ctgan.modern", path, TRY_SAMPLES, seed, SOME, TRIES[name])
    found = {**seconds, **judged(made, adult_rows(path, "val"))}
    append_row(benchmark="tables", row=f"try {name}", seed=seed, n=SOME, samples=TRY_SAMPLES, split="val", **found)


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
    append_row(benchmark="tables", row=f"{data} {name}", seed=seed, samples=TOY_SAMPLES, **seconds, **scores)


def likelihood(x: Numbers, means: Numbers) -> float:
    """The mean log likelihood of points [N, 2] under equal Gaussians of variance 0.05 at these means."""
    squares = ((x[:, None] - means) ** 2).sum(-1) / (2 * SIGMA**2)
    logs = torch.logsumexp(torch.from_numpy(-squares), 1) - np.log(2 * np.pi * SIGMA**2 * len(means))
    return float(logs.mean())


def table_lines() -> list[str]:
    """Lines of Markdown of all rows, for docs/tables.md: census on test, tries on val, mixtures."""
    (base,) = rows(benchmark="tables", row="adult baselines") or ({},)
    lines = [
        f"| {name} | {cells({key: base[f'{side}_{key}'] for key in SCORES})} | | | | |"
        for side, name in SIDES.items()
        if base
    ]
    every = [row for row in rows(benchmark="tables") if row["row"] != "adult baselines"]
    for row in sorted(every, key=lambda row: (row["row"], row["seed"])):
        data, name = row["row"].split(" ", 1)
        if data == "adult":
            given = f"{row['copies']:.2%} ({row['chance']:.2%}) | {row['nearer']:.3f} | {row['auc']:.3f}"
            given += f" ({row['low']:.3f} to {row['high']:.3f})"
            cpu = f"{row['samples']:,} rows, {row['train_cpu_seconds']:.0f} s"
            lines.append(f"| `{name}`, seed {row['seed']} | {cells(row)} | {given} | {cpu} |")
        elif data == "try":
            lines.append(f"| {name} | {cells(row)} | {row['train_cpu_seconds']:.0f} s |")
        else:
            pair = f"{row['l_syn']:.2f} / {row['l_test']:.2f}"
            single = f"{row['independent_l_syn']:.2f} / {row['independent_l_test']:.2f}"
            seconds = f"{row['train_cpu_seconds']:.0f} s"
            lines.append(
                f"| {data} | `{name}`, seed {row['seed']} | {pair} | {single} | {row['l_real']:.2f} | {seconds} |"
            )
    return lines


def cells(row: dict[str, Any]) -> str:
    """The scores of one row."""
    return " | ".join(f"{row[key]:.3f}" for key in SCORES)


def main() -> None:
    """Compute the rows that are missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("adult", nargs="?", default="adult.csv")
    parser.add_argument("rows", nargs="*", default=NAMES)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=60.0)
    chosen = arguments_or_table(parser, table_lines)
    torch.set_num_threads(1)
    ends = time.monotonic() + 60 * chosen.minutes
    for seed in range(chosen.seeds):
        for name in chosen.rows:
            data, recipe = name.split(" ", 1)
            if (seed and (recipe == "baselines" or data == "try")) or rows(benchmark="tables", row=name, seed=seed):
                continue
            if time.monotonic() > ends:
                return
            if data in TOYS:
                toy(data, recipe, seed)
            elif recipe == "baselines":
                adult_baselines(chosen.adult, seed)
            else:
                (tried if data == "try" else adult)(recipe, chosen.adult, seed)


if __name__ == "__main__":
    main()
