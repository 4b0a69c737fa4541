"""Images a second in rounds of training, this checkout against another.

python benchmarks/step.py RECIPE|FOLDER ... --against CHECKOUT [--rounds 40] [--pairs 5]

A name is a recipe; a folder is trained on as by `train --data FOLDER`. Both checkouts train in turns, each time in a
process of its own on one thread, with the settings that each chooses itself. `before` and `now` are images a second by
the median round of the median process, rounds 6 to the last; `ratio` is the median of now / before over the pairs. One
row a name is appended to benchmarks/results.jsonl.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from rows import append_row

HERE = Path(__file__).resolve().parent.parent
WARM = 5  # rounds that do not count
TIMED = """
import os, sys, time
from ganvas.training.trainer import Trainer
play, taken, rounds = Trainer.round, [], int(sys.argv.pop())
def timed(trainer):
    before = trainer.samples_seen
    begun = time.perf_counter()
    play(trainer)
    taken.append((trainer.samples_seen - before) / (time.perf_counter() - begun))
    if len(taken) == rounds:
        print("images/s", *taken, flush=True)
        os._exit(0)
Trainer.round = timed
from ganvas.cli.main import main
main()
"""


def images_per_second(checkout: Path, name: str, rounds: int) -> float:
    """Of the median round, in a process of this checkout."""
    with tempfile.TemporaryDirectory() as folder:
        what = ["--data", str(Path(name).resolve())] if Path(name).is_dir() else [name]
        words = ["train", *what, "-o", str(Path(folder) / "run"), "threads=1", str(rounds)]
        environment = os.environ | {"PYTHONPATH": str(checkout / "src"), "OMP_NUM_THREADS": "1"}
        call = [sys.executable, "-c", TIMED, *words]
        printed = subprocess.run(call, check=True, env=environment, capture_output=True, text=True).stdout
    line = next(line for line in printed.splitlines() if line.startswith("images/s"))
    return median(float(each) for each in line.split()[1 + WARM :])


def main() -> None:
    """The rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", required=True)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--pairs", type=int, default=5)
    chosen = parser.parse_args()
    for name in chosen.names:
        sides = (chosen.against.resolve(), HERE)
        pairs = [[images_per_second(side, name, chosen.rounds) for side in sides] for _ in range(chosen.pairs)]
        before, now = (median(each) for each in zip(*pairs, strict=True))
        ratios = sorted(after / first for first, after in pairs)
        spread = {"ratio": median(ratios), "least": ratios[0], "most": ratios[-1]}
        protocol = f"images/s, one thread, median of {chosen.pairs} pairs of processes of {chosen.rounds} rounds"
        append_row(benchmark="step", protocol=protocol, what=Path(name).name, before=before, now=now, **spread)


if __name__ == "__main__":
    main()
