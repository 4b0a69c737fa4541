"""What a run of two processes survives, at full count: one of them is killed.

python benchmarks/soak_ranks.py [ranks torchrun] [--trials N]

ranks      one of two processes, at random, is killed by SIGKILL at a random moment, and the run resumed; then SHA-256
           of all tensors of the last checkpoint and of its state against the uninterrupted run
torchrun   the same under `torchrun --max-restarts 1`, which starts the run again; nothing else does, and it must
           continue by itself

Trials are counted over all rows of their kind, whatever the commit: what is there is not run again. The children are
those of the tests.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from processes import digests, kill, state_of
from ranks import Group, children_of, ring, saves, trains, wait_for
from rows import append_row, rows

TEXT = ring(samples=1600, saves=20)
TRIALS = {"ranks": 30, "torchrun": 10}
SLICE = 10  # trials a row
PROTOCOL = "ring at its tiny size, 200 rounds, 20 checkpoints, 2 processes over gloo on one machine"


def ranks(place: Path, random: Random, path: Path) -> bool:
    """One trial; whether it went on by itself, which here is whether the other process ended."""
    group = Group(2, trains, TEXT, str(path), notes=place / "killed")
    wanted, victim = random.randint(1, 15), random.randrange(2)
    wait_for(lambda: saves(path) >= wanted, *group.children)
    time.sleep(random.uniform(0, 0.03))
    kill(group.children[victim])
    ended = group.codes()
    Group(2, trains, None, str(path), notes=place / "rest").said()
    return ended[victim] == -signal.SIGKILL and ended[1 - victim] not in (0, None)


def torchrun(place: Path, random: Random, path: Path) -> bool:
    """One trial; whether torchrun's restart was all it took."""
    (place / "recipe.yaml").write_text(TEXT)
    words = [
        "--nproc-per-node",
        "2",
        "--max-restarts",
        "1",
        "--standalone",
        "-m",
        "ganvas",
        "train",
        "recipe.yaml",
        "-o",
        str(path),
    ]
    with (place / "said.txt").open("w") as said:
        environment = {**os.environ, "GLOO_SOCKET_IFNAME": "lo"}
        launcher = subprocess.Popen(
            [sys.executable, "-m", "torch.distributed.run", *words],
            cwd=place,
            stdout=said,
            stderr=said,
            env=environment,
        )
    wanted, victim = random.randint(1, 15), random.randrange(2)
    wait_for(lambda: saves(path) >= wanted)
    time.sleep(random.uniform(0, 0.03))
    os.kill(children_of(launcher.pid)[victim], signal.SIGKILL)
    return launcher.wait(300) == 0


def cell(name: str, first: int, count: int) -> None:
    """Trials first to first + count, one row."""
    trial = {"ranks": ranks, "torchrun": torchrun}[name]
    equal = alone_ended = 0
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        Group(2, trains, TEXT, str(place / "alone"), notes=place / "left").said()
        alone = digests(place / "alone")
        for number in range(first, first + count):
            path = place / f"run-{number}"
            alone_ended += trial(place, Random(f"soak {name} {number}"), path)
            equal += digests(path) == alone and state_of(path)["state"] == "finished"
            print(f"{name} {number}: {equal} of {number - first + 1} equal", file=sys.stderr)
            shutil.rmtree(path)
    seconds = time.monotonic() - begun
    append_row(
        benchmark="soak ranks",
        cell=name,
        protocol=PROTOCOL,
        first=first,
        trials=count,
        equal=equal,
        as_it_should_end=alone_ended,
        seconds=seconds,
    )


def main() -> None:
    """The rows that are missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cells", nargs="*", choices=[[], *TRIALS], help="default: all")
    parser.add_argument("--trials", type=int, help="so many of each")
    asked = parser.parse_args()
    for name in asked.cells or TRIALS:
        wanted = asked.trials or TRIALS[name]
        done = sum(row["trials"] for row in rows(benchmark="soak ranks", cell=name))
        while done < wanted:
            count = min(SLICE, wanted - done)
            cell(name, done, count)
            done += count


if __name__ == "__main__":
    main()
