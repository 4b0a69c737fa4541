"""Seconds from the command to the score, both sides as whole processes: `ganvas train mnist` and the textbook script.

python benchmarks/commands.py [--epochs 12] [--minutes 0.3] [--seeds 0] [--n 10000] [--threads N] [--note TEXT]

For each seed, in this order: `ganvas train mnist --minutes M`, the script of textbook.py for E epochs, ganvas again.
Each side is a process of its own. Its clock begins with the command and stops when the process has ended with its
digit_frechet on val printed; imports, the probe of the speed, checkpoints, sheets and scoring are counted. Both sides
have all cores, or N threads. The script scores n samples once, at its end; ganvas scores what its recipe says. `ratio`
is the script's seconds over the mean of ganvas's two, and it says something only where `reached` is true: both runs of
ganvas have a score that is not worse than the script's. One row a seed is appended to benchmarks/results.jsonl, with
the load of the machine before and after (processes that are ready to run, mean of a minute).

python benchmarks/commands.py script --epochs E --seeds S --n N    the script alone, as the row's process
"""

import argparse
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rows import append_row


def script_process(epochs: int, seed: int, n: int) -> None:
    """Train the textbook script and print its score on val as JSON; threads are those of OMP_NUM_THREADS."""
    from quality import STEPS, scored  # here, as they import torch, which the clock of the parent must count
    from textbook import textbook

    steps = textbook(seed)
    with contextlib.redirect_stdout(io.StringIO()):
        for _ in range(epochs * STEPS):
            G = next(steps)
    print(json.dumps({"digit_frechet": scored(G, "val", n)["digit_frechet"], "n": n}))


def timed_script(epochs: int, seed: int, n: int, threads: int | None) -> tuple[float, float]:
    """(seconds, digit_frechet on val) of the script's process."""
    options = ["--epochs", str(epochs), "--seeds", str(seed), "--n", str(n)]
    environment = os.environ | ({"OMP_NUM_THREADS": str(threads)} if threads else {})
    begun = time.perf_counter()
    command = [sys.executable, __file__, "script", *options]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return time.perf_counter() - begun, json.loads(done.stdout.splitlines()[-1])["digit_frechet"]


def timed_ganvas(minutes: float, seed: int, threads: int | None) -> tuple[float, float, int]:
    """(seconds, digit_frechet on val, n of that score) of the command's process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        options = ["--minutes", str(minutes), "--seed", str(seed), "-o", str(path)]
        options += [f"threads={threads}"] if threads else []
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "ganvas", "train", "mnist", *options], check=True)
        seconds = time.perf_counter() - begun
        records = [json.loads(line) for line in (path / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    last = [each for each in records if each["name"] == "digit_frechet" and each["protocol"]["split"] == "val"][-1]
    return seconds, last["value"], last["n"]


def race(epochs: int, minutes: float, seed: int, n: int, threads: int | None, note: str) -> None:
    """One row."""
    load = [os.getloadavg()[0]]
    first = timed_ganvas(minutes, seed, threads)
    script_seconds, script_score = timed_script(epochs, seed, n, threads)
    second = timed_ganvas(minutes, seed, threads)
    load.append(os.getloadavg()[0])
    append_row(
        benchmark="commands",
        protocol=f"whole processes, from the command to the val score: ganvas train mnist --minutes {minutes:g} before "
        f"and after the textbook script, {epochs} epochs, n = {n:,}, {threads or 'all'} threads each",
        seed=seed,
        ratio=2 * script_seconds / (first[0] + second[0]),
        reached=max(first[1], second[1]) <= script_score,
        ganvas_seconds=[round(first[0], 1), round(second[0], 1)],
        textbook_seconds=script_seconds,
        ganvas_digit_frechet=[round(first[1], 3), round(second[1], 3)],
        ganvas_n=[first[2], second[2]],
        textbook_digit_frechet=script_score,
        load=[round(each, 1) for each in load],
        **({"note": note} if note else {}),
    )


def main() -> None:
    """A row for each seed, or the script alone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side", nargs="?", choices=["script"])
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--minutes", type=float, default=0.3)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--threads", type=int, help="threads of each side; without it all cores")
    parser.add_argument("--note", default="", help="what else the row should say, such as that the machine was busy")
    chosen = parser.parse_args()
    for seed in chosen.seeds:
        if chosen.side:
            script_process(chosen.epochs, seed, chosen.n)
        else:
            race(chosen.epochs, chosen.minutes, seed, chosen.n, chosen.threads, chosen.note)


if __name__ == "__main__":
    main()
