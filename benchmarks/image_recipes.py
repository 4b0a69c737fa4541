"""All recipes of digits at one budget: python benchmarks/image_recipes.py [RECIPE ...] [--minutes 2] [--seeds 0 1 2]

`ganvas train RECIPE --minutes M --test` on one thread: the minutes count from the call to the last checkpoint and
contain the start, not the scores. The number of images is what the recipe's own speed allows, and its schedules are
stretched or shortened to it. Scores are on test, 10,000 samples against 10,000 digits:

digit_frechet        in the features of the digit classifier; digit_coverage beside it
digit_mlp_frechet    in the features of a second classifier with other layers: compare by this one where D is a
                     classifier too (docs/evaluate.md)

One row a recipe and seed; rows that are there are not computed again; --series ends after so many minutes. Nothing
was tuned for this budget: recipes are as `ganvas recipes show` prints them, found on val.

python benchmarks/image_recipes.py --table              the table of docs/image-models.md
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import torch

import ganvas
from ganvas.data.mnist import Mnist
from ganvas.recipes import recipe, recipe_functions
from rows import append_row, rows, test_scorings

SCORES = ("digit_frechet", "digit_coverage", "digit_mlp_frechet")


def recipes_of_digits() -> list[str]:
    """Names of the recipes whose game makes digits from noise."""
    found = {name: recipe(name) for name in recipe_functions()}
    return [
        name
        for name, each in found.items()
        if isinstance(each.source, Mnist) and each.G is not None and any("DigitScores" in repr(s) for s in each.scores)
    ]


def protocol_of(name: str, minutes: float) -> str:
    """What a row's scores belong to."""
    return f"ganvas train {name} --minutes {minutes:g} --test, one thread, scores on test, n = 10,000"


def trained(name: str, minutes: float, seed: int) -> dict[str, Any]:
    """The values of one row."""
    changes = {"seed": seed, "threads": 1, "scorings": 0, "snapshots": 0, "saves": 1, "remedies": 0}
    scores = ["DigitScores", "DigitMlpScores"]
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        run = ganvas.train(
            name,
            minutes=minutes,
            out=Path(folder) / "run",
            changes={**changes, "scores": scores},
            test=True,
            quiet=True,
        )
        seconds = time.perf_counter() - begun
        if run.read_json("status.json")["state"] != "finished":
            sys.exit("stopped, no row")
        records = [record for record in run.read_metrics() if record["protocol"]["split"] == "test"]
        model = ganvas.load(run.path)
        count = {key: sum(each.numel() for each in net.parameters()) for key, net in model.networks.items()}
        values: dict[str, Any] = {record["name"]: record["value"] for record in records if record["name"] in SCORES}
        samples = model.experiment.recipe.samples
        return {"seconds": seconds, "samples": samples, "parameters": count, **test_scorings(run), **values}


def print_table(minutes: float) -> None:
    """One line a recipe, the best first."""
    lines = []
    for name in recipe_functions():
        found = rows(benchmark="image recipes", protocol=protocol_of(name, minutes))
        if found:
            values = [[row[score] for row in found] for score in SCORES]
            spreads = [f"{mean(each):.3g}" + (f" ± {stdev(each):.2g}" if len(each) > 1 else "") for each in values]
            count = "/".join(f"{found[0]['parameters'].get(key, 0) / 1e6:.2f}" for key in ("G", "D"))
            samples = mean(row["samples"] for row in found)
            cells = [f"`{name}`", *spreads, f"{samples:,.0f}", f"{samples / minutes / 60:,.0f}", count, str(len(found))]
            lines.append((mean(values[2]), f"| {' | '.join(cells)} |"))
    columns = ("recipe", *SCORES, "images", "images/s", "parameters G/D, millions", "seeds")
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    print("\n".join(line for _, line in sorted(lines)))


def main() -> None:
    """The rows that are missing, or the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("recipes", nargs="*", help="default: all that make digits from noise")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--series", type=float, default=1e9, help="minutes after which no row is begun")
    parser.add_argument("--table", action="store_true")
    chosen = parser.parse_args()
    if chosen.table:
        print_table(chosen.minutes)
        return
    torch.set_num_threads(1)
    started = time.monotonic()
    for seed in chosen.seeds:
        for name in chosen.recipes or recipes_of_digits():
            wanted = {"benchmark": "image recipes", "protocol": protocol_of(name, chosen.minutes), "seed": seed}
            if not rows(**wanted) and time.monotonic() - started < 60 * chosen.series:
                append_row(**wanted, **trained(name, chosen.minutes, seed))


if __name__ == "__main__":
    main()
