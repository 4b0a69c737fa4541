"""Scores of `ganvas train --data FOLDER` on folders of pictures as they are, with no option but the time.

python benchmarks/own.py NAME FOLDER [--minutes 15] [--threads 2] [FLAGS...]

`ganvas train --data FOLDER --test --minutes M FLAGS` as a person types it; threads x minutes is the CPU time that was
given. The row has the seconds that it took, every score on test with the score of real pictures against real pictures,
and ganvas's messages on the data and on its choices. The last sheet of samples is copied to benchmarks/own/NAME.webp.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ganvas.recipes import read_recipe
from ganvas.runs import Run
from rows import append_row, rows, test_scorings

SHEETS = Path(__file__).with_name("own")


def main() -> None:
    """One run, one row."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--threads", type=int, default=2)
    chosen, flags = parser.parse_known_args()
    protocol = (
        f"ganvas train --data {chosen.name} --test {' '.join([*flags, ''])}--minutes {chosen.minutes:g}, "
        f"{chosen.threads} threads, scores on test"
    )
    if rows(benchmark="own pictures", protocol=protocol):
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        begun = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "ganvas",
            "train",
            "--data",
            str(chosen.folder),
            "--minutes",
            str(chosen.minutes),
            "-o",
            str(path),
            "--test",
            *flags,
        ]
        subprocess.run([*command, f"threads={chosen.threads}"], check=True)
        seconds = time.perf_counter() - begun
        run, recipe = Run.open(path), read_recipe(path / "config.yaml")
        test = [record for record in run.read_metrics() if record["protocol"]["split"] == "test"]
        SHEETS.mkdir(exist_ok=True)
        shutil.copy(sorted(run.samples.glob("*.webp"))[-1], SHEETS / f"{chosen.name}.webp")
        append_row(
            benchmark="own pictures",
            protocol=protocol,
            seconds=seconds,
            samples=recipe.samples,
            n=test[0]["n"],
            precision_of_numbers=recipe.precision,
            **test_scorings(run),
            **{record["name"]: record["value"] for record in test},
            **{
                f"{record['name']}_of_reals": record["real_vs_real"]
                for record in test
                if record["real_vs_real"] is not None
            },
        )


if __name__ == "__main__":
    main()
