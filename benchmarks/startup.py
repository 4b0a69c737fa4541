"""CPU seconds of short commands as whole processes: python benchmarks/startup.py [--against FOLDER] [--rounds 3]

The commands, in this order, in each round: `ganvas --help`, `ganvas recipes list`, `ganvas sample mnist-demo -n 64`,
`ganvas train ring samples=2000`. With --against, each is followed by the same command of another checkout of ganvas,
so that both meet the same machine; `before` is its median, and `ratio` is before over now. CPU seconds are those of the
process and its children, medians of the rounds. One row a command is appended to benchmarks/results.jsonl.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from rows import append_row

HERE = Path(__file__).resolve().parent.parent
COMMANDS = {
    "--help": ["--help"],
    "recipes list": ["recipes", "list"],
    "sample mnist-demo -n 64": ["sample", "mnist-demo", "-n", "64", "-o", "grid.png"],
    "train ring samples=2000": ["train", "ring", "samples=2000", "-o", "run"],
}


def cpu_seconds(checkout: Path, words: list[str]) -> float:
    """CPU seconds of one command of a checkout, in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        environment = os.environ | {"PYTHONPATH": str(checkout / "src")}
        call = [sys.executable, "-m", "ganvas", *words]
        subprocess.run(call, check=True, cwd=folder, env=environment, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """The rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    checkouts = {"now": HERE} | ({"before": chosen.against.resolve()} if chosen.against else {})
    for name, words in COMMANDS.items():
        taken: dict[str, list[float]] = {side: [] for side in checkouts}
        for _ in range(chosen.rounds + 1):
            for side, checkout in checkouts.items():
                taken[side].append(cpu_seconds(checkout, words))
        values: dict[str, Any] = {side: median(each[1:]) for side, each in taken.items()}  # the first compiles files
        if chosen.against:
            values["ratio"] = values["before"] / values["now"]
        append_row(benchmark="startup", protocol=f"CPU seconds, median of {chosen.rounds}", command=name, **values)


if __name__ == "__main__":
    main()
