"""Does going back to a checkpoint with other settings help a run that collapses, and which settings?

python benchmarks/rescues.py traces [--write]      how many recorded runs of doctor_traces.jsonl would go back: healthy
                                                   ones, and broken ones; seconds, without training
python benchmarks/rescues.py play [--minutes 14]   play what is missing in results.jsonl; resumable

`play` trains settings that fail on purpose (`failing`), each with every cure: "nothing" (the run goes on, collapsed),
"another attempt" (back to the checkpoint, other random numbers, the same settings), and the overrides of a kind of
remedy. A cure is applied up to twice. The score is that of the end of the run, on val; a run without a finding that
leads to a remedy counts for no cure. One thread.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import ganvas
from doctor import TRACES, looks, traces
from faults import RING, digits, plane
from ganvas.diagnosis import diagnose_run, finding_to_remedy
from ganvas.diagnosis.remedies import Remedy, RemedyKind
from ganvas.games.synthesis import Synthesis
from ganvas.losses.hinge import Hinge
from ganvas.losses.nonsaturating import NonSaturating
from ganvas.metrics.modes import ModeCoverage
from ganvas.networks.dcgan import Dcgan, DcganCritic
from ganvas.networks.mlp import Mlp, MlpCritic
from ganvas.penalties.gradient import R1
from ganvas.recipes import Recipe, override
from ganvas.recipes.remedy_overrides import remedy_override
from ganvas.runs import Remedied, read_events
from rows import append_row, rows

CURES: dict[str, RemedyKind | None] = {
    "another attempt": None,
    "half D's rate": "slow down the discriminator",
    "both rates / 3": "slow down both players",
    "penalty": "strengthen the penalty",
}
SEEDS = 3


def failing() -> dict[str, Recipe]:
    """Settings under which G collapses, by name."""
    points = plane(RING, Mlp((64, 64), latent=4), MlpCritic((64, 64)), Synthesis(Hinge(), ()), 4e-3, beta1=0.9)
    points = replace(points, scores=(ModeCoverage(n=1000),), scorings=1, snapshots=0)
    pictures = digits(
        Dcgan(width=8, latent=32),
        DcganCritic(width=8, batch_norm=False),
        Synthesis(NonSaturating(), (R1(gamma=0.1),)),
        2e-3,
    )
    pictures = replace(pictures, scorings=1, snapshots=0)
    return {
        "ring, hinge, no penalty, D's rate x 8": override(points, {"D.optimiser.lr.start": 8 * 4e-3}),
        "ring, hinge, no penalty, 10 turns of D": override(points, {"game.n_critic": 10}),
        "MNIST, 10 turns of D": override(pictures, {"game.n_critic": 10}),
        "MNIST, both rates x 15": override(
            pictures, {"G.optimiser.lr.start": 15 * 2e-3, "D.optimiser.lr.start": 15 * 2e-3}
        ),
    }


@contextmanager
def curing(kind: RemedyKind | None) -> Iterator[None]:
    """Within the context runs apply this kind of remedy."""

    def overrides(tree: Any, _: Remedy) -> str:
        return "" if kind is None else remedy_override(tree, Remedy(kind))

    with patch("ganvas.sessions.rescue.remedy_override", overrides):
        yield


def play(minutes: float) -> None:
    """Play what is missing, for so long."""
    begun = time.monotonic()
    for seed in range(SEEDS):
        for name, recipe in failing().items():
            for cure in ("nothing", *CURES):
                if rows(benchmark="rescue", setting=name, cure=cure, seed=seed):
                    continue
                if time.monotonic() - begun > 60 * minutes:
                    sys.exit("more is missing: the same command goes on")
                append_row(benchmark="rescue", setting=name, cure=cure, seed=seed, **played(recipe, cure, seed))


def played(recipe: Recipe, cure: str, seed: int) -> dict[str, Any]:
    """The end of one run."""
    begun = time.process_time()
    with TemporaryDirectory() as folder, curing(CURES.get(cure)):
        run = ganvas.train(replace(recipe, seed=seed), out=Path(folder) / "run", remedies=cure != "nothing", quiet=True)
        applied = [event for event in read_events(run.events) if isinstance(event, Remedied)]
        scores = {each["name"]: each["value"] for each in run.read_metrics()}
        found = sorted({each.name for each in diagnose_run(run) if each.severity == "wrong"})
    return {
        "scores": {name: round(value, 4) for name, value in list(scores.items())[:3]},
        "findings": found,
        "remedies": [[each.found_at, each.samples, each.overrides] for each in applied],
        "cpu_seconds": round(time.process_time() - begun, 1),
    }


def count_traces(write: bool) -> None:
    """How many of the recorded runs would go back, by group."""
    total, back = Counter[str](), Counter[str]()
    for trace in traces(TRACES):
        measurements = looks(trace)
        total[trace["group"]] += 1
        back[trace["group"]] += any(
            finding_to_remedy(measurements[:n], trace["total"]) for n in range(1, len(measurements) + 1)
        )
    for group, n in total.items():
        print(f"{group}: {back[group]} of {n} would go back")
    protocol = f"recorded runs of doctor_traces.jsonl in which a finding would lead to a remedy, {total.total()} runs"
    if write and not rows(benchmark="rescue", protocol=protocol):
        append_row(benchmark="rescue", protocol=protocol, back=dict(back), of=dict(total))


def main() -> None:
    """Count, or play."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["traces", "play"])
    parser.add_argument("--minutes", type=float, default=14.0)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    if chosen.what == "play":
        play(chosen.minutes)
    else:
        count_traces(chosen.write)


if __name__ == "__main__":
    main()
