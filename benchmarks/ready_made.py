"""Trains the models that come with ganvas again, and writes them into the package.

python benchmarks/ready_made.py [mnist-demo] [flowers-demo] writes each as a model folder in bfloat16 below
src/ganvas/ready; `mnist-demo=RUN` takes a run that this script trained before. A row for each: its size, its samples,
and how far rounding moved them.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

import flowers
import ganvas
from ganvas.runs.model_folder import read_facts
from rows import append_row

READY = Path(ganvas.__file__).parent / "ready"
LARGEST = 2_000_000  # bytes of a folder
FLOWERS = {"samples": 45_000, "scorings": 0, "scores": [], "diagnoses": 20, "precision": "fp32", "threads": 1}


def digits(folder: Path) -> Path:
    """Handwritten digits by class: the recipe `mnist` as it is."""
    return ganvas.train("mnist", out=folder / "mnist").path


def drawn_flowers(folder: Path) -> Path:
    """Five kinds of drawn flowers by class: the networks and the game of `mnist` on the pictures of flowers.py."""
    data = flowers.paint(folder / "data")
    return ganvas.train("mnist", data=str(data), labels="folders", out=folder / "flowers", changes=FLOWERS).path


MODELS = {
    "mnist-demo": (
        digits,
        {
            "licence": "Apache-2.0",
            "data_note": "Trained on MNIST (Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0 for the data set)",
        },
    ),
    "flowers-demo": (
        drawn_flowers,
        {"licence": "Apache-2.0", "data_note": "Trained on pictures that benchmarks/flowers.py of ganvas draws"},
    ),
}


def write(name: str, given: str) -> None:
    """Train a model, or take the given run, write its folder, and add a row."""
    train, stated = MODELS[name]
    with tempfile.TemporaryDirectory() as folder:
        run = Path(given) if given else train(Path(folder))
        model = ganvas.load(run)
        note = stated["data_note"]
        files = ganvas.export(
            model, READY / name, precision="bfloat16", name=name, licence=stated["licence"], data_note=note
        )
    size = sum(file.stat().st_size for file in files)
    if size > LARGEST:
        raise SystemExit(f"{name} has {size:,} bytes, more than {LARGEST:,}")
    before, after = (each.sample(256, seed=1).astype(int) for each in (model, ganvas.load(READY / name)))
    moved = float(np.abs(before - after).mean())
    scored = {score["name"]: score for score in read_facts(READY / name).scores}
    frechet = {"digit_frechet": scored["digit_frechet"]["value"]} if "digit_frechet" in scored else {}
    append_row(benchmark="ready made", model=name, bytes=size, samples=model.samples_seen, moved_grey=moved, **frechet)


if __name__ == "__main__":
    for argument in sys.argv[1:] or list(MODELS):
        write(*argument.partition("=")[::2])
