"""Rows of results: one JSON object a line in benchmarks/results.jsonl, with the commit and the machine."""

import argparse
import json
import platform
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from ganvas.runs import Run
from ganvas.sessions.ledger import last_scoring

RESULTS = Path(__file__).with_name("results.jsonl")
RENAMED = {"wgan.gp": "wgan-gp", "feature.matching": "feature-matching", "inpaint.mnist": "inpaint-mnist"}
RENAMED |= {"doppelganger.modern": "doppelganger.r1r2"}


def append_row(**row: Any) -> None:
    """Add a row, and print it."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=RESULTS.parent, check=False
    ).stdout.strip()
    where = {"commit": commit, "date": time.strftime("%Y-%m-%d"), "torch": torch.__version__, "machine": machine()}
    rounded = {key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in row.items()}
    line = json.dumps({**rounded, **where})
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    print(line)


def rows(**wanted: Any) -> list[dict[str, Any]]:
    """The rows that have these values, which need not be run again; recipes have today's names (RENAMED)."""
    if not RESULTS.exists():
        return []
    found = [json.loads(renamed(line)) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    return [row for row in found if all(row.get(key) == value for key, value in wanted.items())]


def arguments_or_table(parser: argparse.ArgumentParser, lines: Callable[[], list[str]]) -> argparse.Namespace:
    """The arguments of a benchmark; with --table its lines are printed, and it ends.

    Args:
        parser: to which --table is added.
        lines: makes the table of all rows.
    """
    parser.add_argument("--table", action="store_true", help="print all rows as a table, and compute none")
    chosen = parser.parse_args()
    if chosen.table:
        print("\n".join(lines()))
        parser.exit()
    return chosen


def renamed(line: str) -> str:
    """A row with the names that its recipes have today."""
    for old, new in RENAMED.items():
        line = line.replace(old, new)
    return line


def machine() -> str:
    """Kind of machine, no names."""
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"{torch.get_num_threads()} threads"
    return f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}, {device}"


def test_scorings(run: Run) -> dict[str, int]:
    """How often the run's test split had been scored on this machine before."""
    found = last_scoring(run.path)
    return {} if found is None else {"test_scorings_before": found.before}
