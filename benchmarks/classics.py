"""The classic recipes against limits from thresholds.json: one row a recipe and seed, and a table of all tries.

python benchmarks/classics.py [lsgan wgan ...] [--seeds 0 1 2] [--samples N] [--test]    run what has no row yet
python benchmarks/classics.py --table                                                     print every try so far

Runs are single-threaded. Scores are on val, so that a recipe can be tuned by them; with --test they are on test, and
each such scoring is counted in the ledger of test scorings. `passed` says whether every score lies within its limits.
Every finished run appends a row, whether it passes or not, and no row is ever removed: a try is a row.
"""

import argparse
import json
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import ganvas
from ganvas.recipes import recipe_functions
from rows import append_row, rows, test_scorings

THRESHOLDS: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("thresholds.json").read_text(encoding="utf-8")
)["recipes"]


class Tries(NamedTuple):
    """The tries of one recipe, oldest first, each with its rows by seed, and the first that passed (1 is the first)."""

    recipe: str
    rows: list[list[dict[str, Any]]]
    passed_at: int | None


def tries(name: str) -> Tries:
    """All tries of a recipe, whatever their budget and the split of their scores; a try passes if all its seeds pass.

    Rows of one protocol that differ in their seed are one try.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows(benchmark="classics"):
        if recipe_of(row) == name:
            found.setdefault(row["protocol"], []).append(row)
    passed = [i for i, seeds in enumerate(found.values(), 1) if all(row["passed"] for row in seeds)]
    return Tries(name, list(found.values()), passed[0] if passed else None)


def recipe_of(row: dict[str, Any]) -> str:
    """The recipe's name, from the protocol."""
    return str(row["protocol"]).split()[2]


def result(row: dict[str, Any]) -> str:
    """The scores that have limits, the images and the split of one row, as text."""
    samples = re.search(r"samples=(\d+)", row["protocol"])
    count = int(samples[1]) if samples else THRESHOLDS[recipe_of(row)]["samples_of_older_rows"]
    scores = ", ".join(f"{score} {row[score]:g}" for score in row["limits"])
    return f"{scores} ({count:,} images, {row['protocol'].split()[-1]})"


def print_table() -> None:
    """Recipe, number of tries, first and last result, and the try that passed."""
    print("| recipe | tries | first result | last result | passed at try |")
    print("|---|---|---|---|---|")
    every = [tries(name) for name in THRESHOLDS]
    for each in every:
        first, last = (result(each.rows[i][0]) if each.rows else "" for i in (0, -1))
        last = "the same" if len(each.rows) == 1 else last
        print(f"| {each.recipe} | {len(each.rows)} | {first} | {last} | {each.passed_at or 'none'} |")
    passed = [each.passed_at for each in every if each.passed_at]
    at = ", ".join(f"{passed.count(number)} at try {number}" for number in sorted(set(passed)))
    print(f"\n{len(passed)} of {len(every)} passed: {at}.")


def classic(name: str, seed: int, protocol: str, samples: int | None, split: str) -> None:
    """One run, one row."""
    changes = {"seed": seed, "threads": 1, "scorings": 0, "snapshots": 0, "saves": 1}
    changes |= {"samples": samples} if samples else {}
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        run = ganvas.train(name, out=Path(folder) / "run", changes=changes, test=split == "test")
        seconds = time.perf_counter() - begun
        if run.read_json("status.json")["state"] != "finished":
            sys.exit("stopped, no row")
        records = [record for record in run.read_metrics() if record["protocol"]["split"] == split]
        counted = test_scorings(run) if split == "test" else {}
    scores = {record["name"]: record["value"] for record in records}
    shares = {score: scores.pop(score) for score in list(scores) if score.startswith("share_")}
    if shares:
        scores |= {"smallest_class": min(shares.values()), "largest_class": max(shares.values())}
    limits = THRESHOLDS[name]["limits"]
    passed = all(score in scores and low <= scores[score] <= high for score, (low, high) in limits.items())
    found = {"passed": passed, "limits": limits, **counted, **scores}
    append_row(benchmark="classics", protocol=protocol, seed=seed, seconds=seconds, **found)


def main() -> None:
    """The rows that are missing, or the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("recipes", nargs="*")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--samples", type=int, help="another budget than the recipe's")
    parser.add_argument("--test", action="store_true", help="score on test, which is counted, and not on val")
    parser.add_argument("--table", action="store_true", help="print all tries and run nothing")
    chosen = parser.parse_args()
    if chosen.table:
        print_table()
        return
    option, split = (" --test", "test") if chosen.test else ("", "val")
    for name in chosen.recipes or THRESHOLDS:
        if name not in THRESHOLDS:
            sys.exit(f"{name}: no such recipe, or no limits for it in thresholds.json; known: {', '.join(THRESHOLDS)}")
        samples = chosen.samples or recipe_functions()[name]().samples
        protocol = f"ganvas train {name}{option} threads=1 samples={samples}, score on {split}"
        for seed in chosen.seeds:
            if not rows(benchmark="classics", protocol=protocol, seed=seed):
                classic(name, seed, protocol, chosen.samples, split)


if __name__ == "__main__":
    main()
