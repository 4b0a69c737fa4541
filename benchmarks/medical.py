"""Grey matter from a T1 picture of the brain, in units: python benchmarks/medical.py FOLDER [--samples N] [--seed N]

FOLDER has mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz and mni_icbm152_gm_tal_nlin_sym_09a_converted.nii.gz, the
template that comes inside the package nilearn (datasets/data). Both are bytes: T1 without a unit, and 255 times the
probability of grey matter.

This is ONE averaged subject: no patient is held out, which one volume cannot do. Axial slices are cut into blocks along
the body axis, with 6 mm between blocks that are in no split, so neighbours of a test slice are not trained on. The rows
compare two trainings with each other and with the best function of the value alone (the mean of grey matter for each
value of T1 in the training slices); they say nothing about other people's brains.

The same U-Net is trained alone by the absolute difference ("regression"), then as pix2pix ("adversarial"). Each
training is one row: the mean absolute error on test in units of the file, over all pixels and where T1 is not 0.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nibabel
import numpy as np
import torch

import ganvas
from ganvas.data import Pairs
from ganvas.recipes import Phase, Recipe, override, recipe
from ganvas.training import first_items
from rows import append_row, rows

FILES = {name: f"mni_icbm152_{name}_tal_nlin_sym_09a_converted.nii.gz" for name in ("t1", "gm")}
BLOCKS = {  # first and last slice of 1 mm, counted from the feet
    "train": ((20, 53), (77, 92), (126, 158)),
    "val": ((60, 70),),
    "test": ((99, 119),),
}
WIDTH, HEIGHT, BATCH = 48, 56, 4  # 64 x 80 in batches of 16 left too few updates in five minutes
Values = np.ndarray[Any, Any]


def write_blocks(source: Path, root: Path) -> None:
    """t1/SPLIT/N.nii.gz and gm/SPLIT/N.nii.gz, one volume a block."""
    for name, file in FILES.items():
        image: Any = nibabel.load(source / file)
        values = np.asarray(image.dataobj)
        for split, blocks in BLOCKS.items():
            (root / name / split).mkdir(parents=True)
            for number, (first, last) in enumerate(blocks):
                block = nibabel.Nifti1Image(values[:, :, first : last + 1], image.affine)
                nibabel.save(block, root / name / split / f"{number}.nii.gz")


def composed(root: Path, samples: int, seed: int, variant: str) -> Recipe:
    """The recipe of one training."""
    source = Pairs(
        str(root / "t1"), str(root / "gm"), HEIGHT, WIDTH, channels=1, input_channels=1, fit="pad", background="black"
    )
    found = replace(recipe("pix2pix"), source=source, transforms=(), scores=(), samples=samples, seed=seed, threads=1)
    found = override(found, {"snapshots": 0, "saves": 1, "scorings": 0, "diagnoses": 0, "batch_samples": BATCH})
    return found if variant == "adversarial" else replace(found, phases=(Phase(samples, ("reconstruction",)),))


def of_value(source: Pairs) -> Values:
    """The mean of the truth for each value of the input, in the training pairs; where a value is missing, the next."""
    items = source.items("train")
    counts = np.bincount(items.given["input"].reshape(-1), minlength=256)
    sums = np.bincount(items.given["input"].reshape(-1), weights=items.x.reshape(-1), minlength=256)
    known = np.flatnonzero(counts)
    return np.interp(np.arange(256), known, sums[known] / counts[known])


def errors(made: Values, truth: Values, inside: Values, name: str) -> dict[str, float]:
    """Mean absolute errors in units."""
    apart = np.abs(made - truth.astype(np.float64))
    return {f"mae{name}": float(apart.mean()), f"mae_inside{name}": float(apart[inside].mean())}


def train(root: Path, samples: int, seed: int, variant: str) -> None:
    """One training, and its row."""
    begun, made = time.monotonic(), composed(root, samples, seed, variant)
    with TemporaryDirectory() as place:
        run = ganvas.train(made, out=Path(place) / "run", quiet=True)
        seconds = time.monotonic() - begun
        model = ganvas.load(run.path, at="newest")
        items = made.source.items("test")
        batch = first_items(model.experiment.stream("test"), len(items.x))
        answer = model.answer(torch.zeros_like(batch.x), **batch.given)
    assert isinstance(made.source, Pairs)
    inputs = items.given["input"]
    values = (answer.double().clamp(-1, 1).permute(0, 2, 3, 1).numpy() + 1) * 127.5
    truth = np.rint((batch.x.double().permute(0, 2, 3, 1).numpy() + 1) * 127.5)
    assert np.array_equal(truth, items.x)  # the order of the source
    append_row(
        benchmark="medical",
        task="T1 to grey matter, one template",
        variant=variant,
        seed=seed,
        samples=samples,
        protocol=f"{len(truth)} slices of a block of the template, {WIDTH} x {HEIGHT}, batches of {BATCH}, one thread",
        seconds=seconds,
        **errors(values, truth, inputs > 0, ""),
        **errors(of_value(made.source)[inputs], truth, inputs > 0, "_of_value"),
    )


def main() -> None:
    """The rows that are missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--samples", type=int, default=8_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    with TemporaryDirectory() as place:
        write_blocks(asked.folder, Path(place))
        for variant in ("regression", "adversarial"):
            if not rows(benchmark="medical", variant=variant, samples=asked.samples, seed=asked.seed):
                train(Path(place), asked.samples, asked.seed, variant)


if __name__ == "__main__":
    main()
