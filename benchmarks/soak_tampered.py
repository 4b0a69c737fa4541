"""Runs with one change each, read by ganvas's commands, at full count: is there ever an internal error?

python benchmarks/soak_tampered.py [--changes N] [--first SEED]

Each seed changes one thing in a copy of a sound run (a value of its JSON or YAML files, a header of tensors, a
manifest, bytes, a pipe in a file's place, the cache; mostly with the manifest made to agree) and runs one command that
reads it, in this process, as the gate does with the first 250 seeds. A fault is an exit code other than 0 and 2 to 7, a
traceback, more than 10 s, or more than 1 GB of further address space. Faults are printed with their seeds; slices of
SLICE changes whose row is there are not run again.
"""

import argparse
import os
import resource
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import torch

from rows import append_row, rows
from tampering import Outcome, make, strike

CHANGES, SLICE = 10_000, 500


def played(first: int, count: int) -> list[Outcome]:
    """The outcomes of these seeds."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as place:
        os.environ["GANVAS_CACHE"] = str(Path(place) / "kept")
        make(Path(place))
        found = [strike(seed, Path(place)) for seed in range(first, first + count)]
        os.chdir(here)
    return found


def main() -> None:
    """The rows that are missing; exit code 1 where there was a fault."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--changes", type=int, default=CHANGES)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    end, faulty = chosen.first + chosen.changes, False
    for first in range(chosen.first, end, SLICE):
        count = min(SLICE, end - first)
        if rows(benchmark="soak tampered", first=first, changes=count):
            continue
        found = played(first, count)
        faults = [outcome for outcome in found if outcome.fault]
        for outcome in faults:
            print(outcome, file=sys.stderr)
        faulty = faulty or bool(faults)
        codes = {str(code): number for code, number in sorted(Counter(outcome.code for outcome in found).items())}
        largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3  # MB, on Linux
        slowest = max(outcome.seconds for outcome in found)
        append_row(
            benchmark="soak tampered",
            first=first,
            changes=count,
            faults=len(faults),
            codes=codes,
            slowest_seconds=slowest,
            resident_mb=largest,
        )
    sys.exit(faulty)


if __name__ == "__main__":
    main()
