"""Seconds of runs against the --minutes that they were given. python benchmarks/minutes.py [--data FOLDER]

The command as a person types it, timed from its start to its end; a row for each. FOLDER: pictures, trained at 64 x 64.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rows import append_row

ASKED = (0.3, 1.0)


def run(words: list[str], minutes: float) -> float:
    """Seconds from the command to its end."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "ganvas",
            "-q",
            "train",
            *words,
            "--minutes",
            str(minutes),
            "-o",
            str(Path(folder) / "run"),
        ]
        begun = time.perf_counter()
        subprocess.run(command, check=True)
        return time.perf_counter() - begun


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", help="a folder of pictures")
    chosen = parser.parse_args()
    cases = {
        "mnist": ["mnist"],
        **({"pictures at 64 x 64": ["--data", chosen.data, "--size", "64"]} if chosen.data else {}),
    }
    for name, words in cases.items():
        for minutes in ASKED:
            seconds = run(words, minutes)
            append_row(
                benchmark="minutes",
                case=name,
                asked_seconds=60 * minutes,
                seconds=seconds,
                ratio=seconds / (60 * minutes),
            )
