"""A flow in many steps, the same flow in one, and the one step after an adversary: a row each, by seed.

python benchmarks/one_step.py [--seeds 0] [--flow N] [--adversary N] [--test]    run what has no row yet

The teacher is the recipe `flow`; the student begins with its weights and plays the adversarial phase of `flow.onestep`
alone. Runs are single-threaded, scores are the digit scores on val; with --test they are on test, which is counted.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import ganvas
from ganvas.games import FlowMatching
from ganvas.recipes import recipe
from rows import append_row, rows

SCORES = ("digit_frechet", "digit_precision", "digit_recall", "digit_coverage", "read_as_asked")


def recorded(run: Any, split: str) -> dict[str, float]:
    """The digit scores with which a run ended."""
    found = [record for record in run.read_metrics() if record["protocol"]["split"] == split]
    return {record["name"]: record["value"] for record in found if record["name"] in SCORES}


def in_one_step(model: Any, split: Any) -> dict[str, float]:
    """The digit scores of a flow in one step of Euler."""
    model.game = FlowMatching(steps=1)
    found = ganvas.evaluate(model, split=split, metrics=("recipe",))
    return {result.name: float(result.value) for result in found.results if result.name in SCORES}


def rate(model: Any) -> float:
    """Samples a second of one thread, of 128."""
    begun = time.perf_counter()
    model.sample(128, seed=1)
    return 128 / (time.perf_counter() - begun)


def compare(seed: int, flow: int, adversary: int, split: str, protocol: str) -> None:
    """One teacher and its student."""
    fixed: dict[str, Any] = {"seed": seed, "threads": 1, "precision": "fp32", "scorings": 0, "snapshots": 0}
    fixed |= {"saves": 1, "scores.0.n": 2_000}
    after = recipe("flow.onestep").phases[1].changes
    with tempfile.TemporaryDirectory() as folder:
        begun, test = time.perf_counter(), split == "test"
        teacher = ganvas.train("flow", out=Path(folder) / "flow", changes={**fixed, "samples": flow}, test=test)
        between = time.perf_counter()
        changes = {**fixed, **after, "samples": adversary, "phases": []}
        out = Path(folder) / "onestep"
        student = ganvas.train("flow.onestep", out=out, init_from=teacher.path, changes=changes, test=test)
        seconds = time.perf_counter() - between
        steps = recipe("flow").game.steps  # type: ignore[attr-defined]  # FlowMatching has some
        common: dict[str, Any] = {"benchmark": "one_step", "protocol": protocol, "seed": seed}
        model = ganvas.load(teacher.path)
        found = {"samples_per_second": rate(model), "seconds": between - begun, **recorded(teacher, split)}
        append_row(**common, what="flow", steps=steps, **found)
        append_row(**common, what="flow", steps=1, **in_one_step(model, split))
        found = {"samples_per_second": rate(ganvas.load(student.path)), "seconds": seconds, **recorded(student, split)}
        append_row(**common, what="flow.onestep", steps=1, **found)


def main() -> None:
    """The rows that are missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    parser.add_argument("--flow", type=int, default=100_000, help="images of the teacher's training")
    parser.add_argument("--adversary", type=int, default=50_000, help="images of the adversarial phase")
    parser.add_argument("--test", action="store_true", help="score on test, which is counted, and not on val")
    chosen = parser.parse_args()
    split = "test" if chosen.test else "val"
    protocol = f"flow samples={chosen.flow}, then flow.onestep samples={chosen.adversary}, threads=1, on {split}"
    for seed in chosen.seeds:
        if not rows(benchmark="one_step", protocol=protocol, seed=seed):
            compare(seed, chosen.flow, chosen.adversary, split, protocol)


if __name__ == "__main__":
    main()
