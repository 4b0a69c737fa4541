"""Which losses and penalties cover all modes: python benchmarks/loss_ablation.py [grid stacked] [--seeds 0 1 2]

Huang et al. 2024, section 2 (https://arxiv.org/abs/2501.05441), on 1,000 modes of stacked digits: the relativistic loss
with R1 and R2 covers all, the non-saturating loss with R1 and R2 693, and both fail with R1 alone. Here:

grid       25 Gaussians in a square, the players and steps of recipe `grid`
stacked    two digits, 100 modes, the players and steps of recipe `stacked`

Each is trained with both losses and with no penalty, R1, R1 and R2; gamma and interval of the penalties are those of
`rgan.grid` and `stacked`. One row a cell and seed, on one thread, of at most ten minutes; rows that are there are not
computed again. Scores are on test. `state` is "finished", or how the training ended.

python benchmarks/loss_ablation.py --table              the table of docs/image-models.md
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any

import torch

import ganvas
from ganvas.base.types import Loss
from ganvas.games import Synthesis
from ganvas.losses import NonSaturating, Relativistic
from ganvas.penalties import R1, R2, Every
from ganvas.recipes import Recipe, override, recipe
from rows import append_row, rows, test_scorings

TASKS = {"grid": (4, 25), "stacked": (8, 100)}  # interval of the penalties, modes
LOSSES: dict[str, Loss] = {"non-saturating": NonSaturating(), "relativistic": Relativistic()}
PENALTIES = {"none": (), "R1": (R1,), "R1 and R2": (R1, R2)}


def composed(task: str, loss: str, penalties: str, seed: int) -> Recipe:
    """The recipe of one cell."""
    base = recipe(task)
    assert isinstance(base.game, Synthesis)
    every = tuple(Every(TASKS[task][0], kind(gamma=0.1)) for kind in PENALTIES[penalties])
    made = replace(base, game=replace(base.game, loss=LOSSES[loss], penalties=every))
    return override(made, {"seed": seed, "threads": 1, "scorings": 0, "snapshots": 0, "saves": 1, "remedies": 0})


def measured(made: Recipe) -> dict[str, Any]:
    """The values of one row."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        run = ganvas.train(made, out=Path(folder) / "run", test=True, quiet=True)
        values = {
            record["name"]: record["value"] for record in run.read_metrics() if record["protocol"]["split"] == "test"
        }
        state = run.read_json("status.json")["state"]
        return {"state": state, "seconds": time.perf_counter() - begun, **test_scorings(run), **values}


def table_lines() -> list[str]:
    """Modes found: mean over the seeds, the smallest, and the number of seeds."""
    lines = ["| data | loss | no penalty | R1 | R1 and R2 |", "|---|---|---|---|---|"]
    for task, (_, modes) in TASKS.items():
        for loss in LOSSES:
            cells = [cell(rows(benchmark="loss ablation", task=task, loss=loss, penalties=each)) for each in PENALTIES]
            lines.append(f"| `{task}`, {modes} modes | {loss} | {' | '.join(cells)} |")
    return lines


def cell(found: list[dict[str, Any]]) -> str:
    """One cell; a training that ended early has found none."""
    modes = [row.get("modes", 0.0) for row in found]
    return f"{mean(modes):.1f} (at least {min(modes):g}; {len(modes)} seeds)" if modes else ""


def main() -> None:
    """The rows that are missing, or the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("tasks", nargs="*", help="default: all")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--minutes", type=float, default=1e9, help="no row is begun after these")
    parser.add_argument("--table", action="store_true")
    chosen = parser.parse_args()
    if chosen.table:
        print("\n".join(table_lines()))
        return
    torch.set_num_threads(1)
    started = time.monotonic()
    for seed in chosen.seeds:
        for task in chosen.tasks or TASKS:
            for loss in LOSSES:
                for penalties in PENALTIES:
                    facts = {"task": task, "loss": loss, "penalties": penalties, "seed": seed}
                    if (
                        not rows(benchmark="loss ablation", **facts)
                        and time.monotonic() - started < 60 * chosen.minutes
                    ):
                        append_row(
                            benchmark="loss ablation", **facts, **measured(composed(task, loss, penalties, seed))
                        )


if __name__ == "__main__":
    main()
