"""Trains `ganvas train --data SET --minutes M` on real sets and judges the samples: python benchmarks/pictures.py goals

Each cell of a matrix (picture_cells.py: goals, sooner, collapse, sizes) or of --set NAME --minutes M is one command as
a person types it, without other flags unless the cell or --flags has some, on one core or two. Its row in results.jsonl
has the seconds that a person waits, and scores in three spaces. ResNet-50-thin is one that nothing in ganvas trains in:
`ratio`, `precision`, `recall` and `coverage` are taken in it. A cell that has a row is not run again. Sheets of the
first 64 samples beside 64 real pictures are written to FOLDER/sheets. --table prints all rows.

FOLDER holds the sets of picture_sets.py and cifar_classifier.safetensors of cifar_classifier.py.
"""

import argparse
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from ganvas.recipes import read_recipe
from ganvas.runs import Run
from picture_cells import KINDS, MATRICES, NAMED, Cell
from picture_judge import classifier, files_of, judge, kind_shares, named, pictures, sheet
from picture_sets import CACHE
from rows import append_row, rows

CLASSIFIER = "cifar_classifier.safetensors"
COUNT = 1000  # samples, or as many as there are training pictures
COMPARED = {"<=": float.__le__, ">=": float.__ge__, ">": float.__gt__}


def command(words: Sequence[object], cores: Sequence[int], python: str) -> list[str]:
    """A ganvas command on these cores alone."""
    return ["taskset", "-c", ",".join(map(str, cores)), python, "-m", "ganvas", *map(str, words)]


def key(cell: Cell, label: str) -> dict[str, Any]:
    """What makes a cell's row its own."""
    flags = " ".join(cell.flags)
    facts = {"set": cell.set, "minutes": cell.minutes, "cores": cell.cores, "seed": cell.seed, "flags": flags}
    return {"benchmark": "pictures", **facts, "label": label}


def class_scores(cell: Cell, run: Path, drawn: dict[str, Any], folder: Path, ganvas: Any) -> dict[str, float]:
    """Shares of samples, and of real pictures, of the right kind: CIFAR-10's classes, or classes of ImageNet."""
    found: dict[str, float] = {}
    weights = folder / CLASSIFIER
    if cell.set in KINDS:
        for ending, x in (("", drawn["fake"]), ("_of_reals", drawn["real"])):
            found[f"kind_top1{ending}"], found[f"kind_top5{ending}"] = kind_shares(x, KINDS[cell.set])
    if cell.set in NAMED and weights.exists():
        found["named"], found["named_of_reals"] = (
            named(drawn[side], NAMED[cell.set], weights) for side in ("fake", "real")
        )
    if cell.set == "cifar10" and "--labels" in cell.flags and weights.exists():
        found["named"] = named_as_asked(run, folder, weights, ganvas)
        found["named_of_reals"] = classifier(weights)[2]
    return found


def named_as_asked(run: Path, folder: Path, weights: Path, ganvas: Any) -> float:
    """Share of samples, 100 of each class, that the CIFAR-10 classifier names as the class that was asked for."""
    names = classifier(weights)[1]
    shares = []
    for name in names:
        place = run.with_name(f"class-{name}")
        ganvas(["-q", "sample", run, "-n", 100, "--class", name, "-o", place])
        shares.append(named(pictures(files_of(place), (32, 32), "white"), [name], weights))
    return sum(shares) / len(shares)


def measure(cell: Cell, folder: Path, first_core: int, python: str, label: str, save: Path | None) -> None:
    """Train one cell, judge its samples, append its row and write its sheet."""
    cores = range(first_core, first_core + cell.cores)
    train, test = folder / cell.set, folder / f"{cell.set}_test"
    if not (train.exists() and test.exists()):
        raise SystemExit(f"{train} is missing: python benchmarks/picture_sets.py {cell.set} --to {folder}")
    with tempfile.TemporaryDirectory() as temporary:
        run, samples = Path(temporary) / "run", Path(temporary) / "samples"

        def ganvas(words: Sequence[object], *, required: bool = True) -> subprocess.CompletedProcess[bytes]:
            free = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
            return subprocess.run(command(words, cores, python), check=required, env=free)

        begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        words = ["train", "--data", train, "--minutes", cell.minutes, "--seed", cell.seed, "-o", run, *cell.flags]
        done = ganvas(words, required=False)
        seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        protocol = (
            f"ganvas train --data {cell.set} --minutes {cell.minutes:g} --seed {cell.seed} {shlex.join(cell.flags)}"
        )
        row = {
            **key(cell, label),
            "protocol": protocol.strip(),
            "seconds": seconds,
            "cpu_seconds": cpu,
            "exit": done.returncode,
        }
        if done.returncode:
            append_row(**row)
            return
        ganvas(["-q", "sample", run, "-n", COUNT, "--seed", 0, "-o", samples])
        opened = Run.open(run)
        ground = str(opened.settings().get("source", {}).get("background", "white"))
        ground = "white" if ground == "keep" else ground
        scores, drawn = judge(train, test, samples, ground, folder / "judged")
        scores |= class_scores(cell, run, drawn, folder, ganvas)
        append_row(**row, **own_scores(opened), **scores)
        name = f"{cell.set}-{cell.minutes:g}min-{cell.cores}core-seed{cell.seed}{'-' + label if label else ''}"
        sheet(drawn["fake"], drawn["real"], folder / "sheets" / f"{name}.webp")
        if save:
            shutil.copytree(run, save / name, dirs_exist_ok=True)


def own_scores(run: Run) -> dict[str, Any]:
    """Images trained on, and the last Frechet distance, coverage and duplicates that the command printed itself."""
    last = {record["name"]: record for record in run.read_metrics() if record["protocol"]["split"] == "val"}
    shown = {
        name: each["value"] for name, each in last.items() if name.endswith(("_frechet", "_coverage", "duplicates"))
    }
    return {
        "images": read_recipe(run.path / "config.yaml").samples,
        **{f"own_{name}": value for name, value in shown.items() if "clipped" not in name},
    }


def verdict(row: dict[str, Any], cell: Cell | None) -> str:
    """`met`, or the limits that a row misses; empty where its cell has none."""
    if row.get("exit"):
        return f"exit {row['exit']}"
    if cell is None or not cell.limits:
        return ""
    missed = [
        f"{name} {row.get(name)} not {sign} {limit:g}"
        for name, (sign, limit) in cell.limits.items()
        if row.get(name) is None or not COMPARED[sign](float(row[name]), float(limit))
    ]
    return "; ".join(missed) or "met"


def print_table() -> None:
    """All rows, and how many there are of each set."""
    cells = {tuple(key(cell, "").items()): cell for cells in MATRICES.values() for cell in cells}
    columns = (
        *(
            "set",
            "minutes",
            "cores",
            "seed",
            "flags",
            "label",
            "pictures",
            "size",
            "images",
            "seconds",
            "judge",
            "ratio",
        ),
        *("precision", "recall", "coverage", "coverage_of_reals", "duplicates", "duplicates_of_reals"),
        *("copied", "copied_expected", "named", "named_of_reals", "kind_top1", "kind_top1_of_reals", "commit"),
    )
    print(f"| {' | '.join(columns)} | limits |\n|{'---|' * (len(columns) + 1)}")
    found = rows(benchmark="pictures")
    for row in sorted(found, key=lambda row: (row["set"], row["minutes"], row["cores"], row["seed"])):
        named_by = {name: row.get(name) for name in key(Cell("", 0), "")} | {"label": ""}
        cell = cells.get(tuple(named_by.items()))
        values = (
            f"{row.get(name, ''):.3g}" if isinstance(row.get(name), float) else row.get(name, "") for name in columns
        )
        print(f"| {' | '.join(map(str, values))} | {verdict(row, cell)} |")
    counts = {name: sum(row["set"] == name for row in found) for name in sorted({row["set"] for row in found})}
    print("Runs of each set: " + ", ".join(f"{name} {count}" for name, count in counts.items()))


def main() -> None:
    """Run the cells that have no row yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("matrix", nargs="*", choices=[[], *MATRICES], help="which cells to run")
    parser.add_argument("--folder", type=Path, default=CACHE, help="of the sets (%(default)s)")
    parser.add_argument("--set", help="one cell: its set")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--flags", default="", help="further words for `ganvas train`, for every cell")
    parser.add_argument("--first-core", type=int, default=0)
    parser.add_argument("--python", default=sys.executable, help="of the installation to measure")
    parser.add_argument("--label", default="", help="what the rows call that installation")
    parser.add_argument("--save", type=Path, help="folder to copy the runs to")
    parser.add_argument("--table", action="store_true", help="print all rows and end")
    chosen = parser.parse_args()
    if chosen.table:
        print_table()
        return
    flags = tuple(shlex.split(chosen.flags))
    cells = [cell for name in chosen.matrix for cell in MATRICES[name]]
    if chosen.set:
        cells.append(Cell(chosen.set, chosen.minutes, chosen.cores, chosen.seed))
    for cell in cells:
        cell = Cell(cell.set, cell.minutes, cell.cores, cell.seed, (*cell.flags, *flags))
        if not rows(**key(cell, chosen.label)):
            measure(cell, chosen.folder, chosen.first_core, chosen.python, chosen.label, chosen.save)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
