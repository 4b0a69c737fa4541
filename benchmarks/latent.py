"""Edits of the latent space on coloured discs, whose factors are measured back from every picture.

python benchmarks/latent.py [--seeds 0,1,2] [--samples N]

Three rows a seed, of at most 15 minutes each on one core that is free; those that are there are not run again.

"directions": recipe `discs` is trained; each direction of each method moves 64 samples from -1.5 to 1.5 deviations in 9
steps. For each factor the direction is chosen on the samples of one seed and measured on those of another: Spearman's
rank correlation of the factor with the step, mean over samples; the movement of the factor, and of the one that moves
most besides: largest minus smallest value on the way, a share of the factor's range in the data, median over samples.
"inversion": 16 of the model's own samples and 16 pictures of val, by optimisation and by an encoder.
"units": the unit found for each factor on 64 samples, and its effects on 64 others.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

import ganvas
from ganvas.applications.dissect_scores import effect_of, measured_by
from ganvas.applications.edit_directions import METHODS
from ganvas.applications.latent_paths import rows_moved
from ganvas.applications.latent_space import LatentSpace
from ganvas.data.discs import FACTORS, HIGH, LOW, measured_discs
from rows import append_row, rows

BENCHMARK = "latent space of discs"
REACH, STEPS, SAMPLES, INVERTED = 1.5, 9, 64, 16
CHOSEN, MEASURED = 11, 12  # seeds of the samples that directions and units are chosen on, and measured on
Numbers = np.ndarray[Any, Any]


def ranks(values: Numbers) -> Numbers:
    """The place of each value among those of its row; equal values have different places."""
    return values.argsort(-1).argsort(-1).astype(np.float64)


def spearman(values: Numbers) -> Numbers:
    """Rank correlation of each row [..., steps] with the step's number."""
    places = ranks(values) - (values.shape[-1] - 1) / 2
    steps = np.arange(values.shape[-1]) - (values.shape[-1] - 1) / 2
    return (places @ steps) / (steps @ steps)


def along(space: LatentSpace, vector: torch.Tensor, seed: int) -> tuple[Numbers, Numbers]:
    """Rank correlation and movement of each factor, [4], along a vector of one standard deviation."""
    points = space.start(SAMPLES, seed=seed)
    x = space.generate(rows_moved(points, [vector], torch.linspace(-REACH, REACH, STEPS)))
    factors = measured_discs(space.model.domain.decode(x)).reshape(SAMPLES, STEPS, -1)
    factors = factors[np.isfinite(factors).all((1, 2))].transpose(0, 2, 1)
    moved = np.median(factors.max(2) - factors.min(2), 0) / (HIGH - LOW)
    return spearman(factors).mean(0), moved


def directions(space: LatentSpace) -> dict[str, Any]:
    """For each factor the best direction of all methods: its method, correlation and movements."""
    vectors: list[tuple[str, torch.Tensor]] = []
    for method, find in METHODS.items():
        found = find(space, space.G.latent[0], None)
        each = zip(found.vectors, found.deviations, strict=True)
        vectors += [(f"{method} {i}", vector * size) for i, (vector, size) in enumerate(each)]
    chosen = [along(space, vector, CHOSEN) for _, vector in vectors]
    result: dict[str, Any] = {}
    for place, factor in enumerate(FACTORS):
        worth = [abs(rho[place]) - np.delete(moved, place).max() / moved[place] for rho, moved in chosen]
        name, vector = vectors[int(np.argmax(worth))]
        rho, moved = along(space, vector, MEASURED)
        others = float(np.delete(moved, place).max())
        result[factor] = {
            "direction": name,
            "spearman": round(abs(float(rho[place])), 3),
            "moves": round(float(moved[place]), 3),
            "others_move": round(others, 3),
            "others_of_it": round(others / float(moved[place]), 3),
        }
    return result


def inversions(model: Any, encoder: Path) -> dict[str, Any]:
    """Mean square errors of inverted samples and pictures of val, by each way."""
    result: dict[str, Any] = {}
    for kind, pictures in (
        ("samples", model.sample(INVERTED, seed=99)),
        ("val", model.experiment.split_items("val").x[:INVERTED]),
    ):
        ways: dict[str, dict[str, Any]] = {
            "optimised": {"steps": 400, "starts": 4},
            "encoded": {"steps": 0, "encoder": encoder},
            "both": {"steps": 100, "starts": 1, "encoder": encoder},
        }
        for name, way in ways.items():
            begun = time.process_time()
            errors = ganvas.edit.invert(model, pictures, **way).errors
            result[f"{kind}_{name}"] = round(float(np.mean(errors)), 6)
            result[f"{kind}_{name}_largest"] = round(max(errors), 6)
            result[f"{kind}_{name}_cpu_seconds"] = round(time.process_time() - begun, 1)
    return result


def units(model: Any) -> dict[str, Any]:
    """For each factor the unit found for it, and its effects on other samples."""
    by = (FACTORS, measured_discs)
    found = ganvas.edit.dissect(model, by, n=SAMPLES, seed=CHOSEN)
    space = LatentSpace(model)
    chosen = [found.unit_of(factor) for factor in FACTORS]
    effects, _ = effect_of(space, space.start(SAMPLES, seed=MEASURED), chosen, measured_by(model, by))
    return {
        factor: {
            "unit": f"{unit.layer}:{unit.channel}",
            "effects": dict(zip(FACTORS, [round(float(each), 3) for each in effect], strict=True)),
            "largest": FACTORS[int(effect.argmax())] == factor,
        }
        for factor, unit, effect in zip(FACTORS, chosen, effects, strict=True)
    }


def measure(seed: int, samples: int, run: Path | None) -> None:
    """The rows of one seed."""
    protocol = f"ganvas train discs seed={seed} samples={samples} threads=1 precision=fp32"
    wanted = [
        part
        for part in ("directions", "units", "inversion")
        if not rows(benchmark=BENCHMARK, part=part, protocol=protocol)
    ]
    if not wanted:
        return
    with tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        if run is None:
            changes = {
                "seed": seed,
                "samples": samples,
                "threads": 1,
                "precision": "fp32",
                "snapshots": 0,
                "diagnoses": 0,
            }
            run = ganvas.train("discs", out=Path(folder) / "run", changes=changes).path
        model = ganvas.load(run, at="newest")
        facts = {"benchmark": BENCHMARK, "protocol": protocol, "seed": seed}
        seconds = time.process_time() - begun
        if "directions" in wanted:
            append_row(**facts, part="directions", train_cpu_seconds=seconds, **directions(LatentSpace(model)))
        if "units" in wanted:
            append_row(**facts, part="units", **units(model))
        if "inversion" in wanted:
            begun = time.process_time()
            encoder = ganvas.edit.train_encoder(model, out=Path(folder) / "encoder", samples=50_000, at="newest").path
            facts |= {"encoder_samples": 50_000, "encoder_cpu_seconds": round(time.process_time() - begun)}
            append_row(**facts, part="inversion", **inversions(model, encoder))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--samples", type=int, default=120_000)
    parser.add_argument("--run", type=Path, help="a run that is trained by this protocol already, of one seed")
    given = parser.parse_args()
    for number in given.seeds.split(","):
        measure(int(number), given.samples, given.run)
