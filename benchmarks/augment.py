"""What generated digits add to a classifier of digits: accuracy with and without them.

python benchmarks/augment.py [--per-class 10 50 100 500] [--seeds 5] [--samples N] [--classifier N] [--split test]

For each number of pictures a class the recipe `mnist` is trained on these pictures alone, and `ganvas augment` trains
classifiers on the same pictures, on samples and on both. One row a number; rows that are there are not run again. One
thread.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch

import ganvas
from ganvas.applications.augment_classifiers import CONDITIONS
from ganvas.data import LabelledSubset, Mnist
from ganvas.recipes import recipe as named
from rows import append_row, arguments_or_table, rows

WIDTH = 8  # of the classifier


def table_lines() -> list[str]:
    """A line of Markdown for each number of pictures."""
    lines = ["| real a class | " + " | ".join(CONDITIONS) + " | accepted |", "|---" * (2 + len(CONDITIONS)) + "|"]
    for row in rows(benchmark="augment"):
        cells = [f"{row[name]:.3f} [{row[f'{name} low']:.3f}, {row[f'{name} high']:.3f}]" for name in CONDITIONS]
        lines.append(f"| {row['per_class']} | {' | '.join(cells)} | {row['accepted']:.2f} |")
    return lines


def main() -> None:
    """The rows that are missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--per-class", type=int, nargs="*", default=[10, 50, 100, 500])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--samples", type=int, default=150_000, help="of the generator's training")
    parser.add_argument("--classifier", type=int, default=30_000, help="pictures that each classifier is trained on")
    parser.add_argument("--split", choices=["val", "test"], default="val")
    chosen = arguments_or_table(parser, table_lines)
    torch.set_num_threads(1)
    for per_class in chosen.per_class:
        protocol = f"mnist samples={chosen.samples}, {chosen.seeds} classifiers of width {WIDTH} each on "
        protocol += f"{chosen.classifier} pictures, 500 samples a class before the filter, {chosen.split}"
        facts = {"benchmark": "augment", "protocol": protocol, "per_class": per_class}
        if rows(**facts):
            continue
        recipe = replace(named("mnist"), source=LabelledSubset(Mnist(), per_class), scores=(), diagnoses=0)
        changes = {"samples": chosen.samples, "threads": 1, "precision": "fp32", "snapshots": 0, "saves": 1}
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            run = ganvas.train(recipe, out=Path(folder) / "run", changes=changes, quiet=True)
            found = ganvas.augment_report(
                run.path, seeds=chosen.seeds, samples=chosen.classifier, split=chosen.split, width=WIDTH
            )
        (point,) = found.points
        values: dict[str, float] = {}
        for name in CONDITIONS:
            values |= dict(zip((name, f"{name} low", f"{name} high"), point.mean(name), strict=True))
        seconds = time.perf_counter() - began
        append_row(**facts, **values, accepted=point.accepted, verdict=found.verdict[0], seconds=seconds)


if __name__ == "__main__":
    main()
