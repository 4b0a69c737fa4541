"""What a feature space makes of pictures with known faults: python benchmarks/planted.py FOLDER [SPACE ...]

FOLDER has test/CLASS/*.jpg, such as CIFAR-10 as JPEG files: 100 pictures of each of ten classes are used, 500 as reals.
SPACE is photo@SIDE, random or resnet (default: photo@96, random, photo@64, photo@112, photo@224). The fakes are other
pictures of the folder with a fault. One row each space, kind of pictures (--kinds: colour, grey, 16 or 8 pixels a side)
and fault: precision, recall, coverage, the Frechet distance, and its ratio to that of the other reals. A further row
each space has the share of pictures that are named right by a linear classifier of 400 labelled ones. Rows that are
there are not computed again.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ganvas.metrics.extractor import Extractor
from ganvas.metrics.memorization_scores import copy_scores
from ganvas.metrics.photo_features import PhotoFeatures
from ganvas.metrics.picture_spaces import SPACES, space_extractor
from ganvas.metrics.scores import extractor_scores
from ganvas.metrics.statistics import FeatureStatistics
from rows import append_row, rows

EACH, CLASSES, REPEATED, LABELLED = 50, 10, 20, 400
DEFAULT = ("photo@96", "random", "photo@64", "photo@112", "photo@224")
PROTOCOL = "500 pictures a side of CIFAR-10 as JPEG files, 50 a class, against 500 others"
SHRUNK = {"colour": 0, "grey": 0, "16": 16, "8": 8}


def load(folder: Path, name: str, start: int, n: int) -> Tensor:
    """Pictures of a class, uint8 [n, 3, h, w]."""
    files = sorted((folder / "test" / name).glob("*.jpg"))[start : start + n]
    pictures = [np.asarray(Image.open(file).convert("RGB")) for file in files]
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()


def planted(folder: Path) -> Mapping[str, Tensor]:
    """The reals, and the fakes by their fault."""
    names = sorted(path.name for path in (folder / "test").iterdir())[:CLASSES]
    real, other = (torch.cat([load(folder, name, start, EACH) for name in names]) for start in (0, EACH))
    draw = torch.Generator().manual_seed(0)
    half = [side // 2 for side in other.shape[2:]]
    two = [torch.cat([load(folder, names[at], EACH, 5 * EACH) for at in pair]) for pair in ((3, 8), (0, 1))]
    few = other[torch.randperm(len(other), generator=draw)[:REPEATED]].repeat(len(other) // REPEATED, 1, 1, 1)
    board = (torch.arange(other.shape[2])[:, None] + torch.arange(other.shape[3])) % 2 * 12 - 6
    return {
        "real": real,
        "other pictures": other,
        f"two classes of ten ({names[3]}, {names[8]})": two[0],
        f"two classes of ten ({names[0]}, {names[1]})": two[1],
        "rolled by half": other.roll(half, (2, 3)),
        "blurred, sigma 1": blurred(other),
        "checkerboard of +-6": clipped(other + board),
        "noise of sd 5": clipped(other + 5 * torch.randn(other.shape, generator=draw)),
        "20 pictures repeated, noise of sd 2": clipped(few + 2 * torch.randn(few.shape, generator=draw)),
    }


def clipped(x: Tensor) -> Tensor:
    """Values as bytes."""
    return x.float().round().clamp(0, 255).byte()


def blurred(x: Tensor) -> Tensor:
    """A Gaussian blur of sigma 1."""
    line = torch.exp(-torch.arange(-4.0, 5.0).square() / 2)
    kernel = (line[:, None] * line / line.sum() ** 2).expand(3, 1, 9, 9)
    return clipped(F.conv2d(F.pad(x.float(), (4, 4, 4, 4), mode="reflect"), kernel, groups=3))


def seen_as(kind: str) -> Callable[[Tensor], Tensor]:
    """Pictures made grey or small."""
    if kind == "grey":
        return lambda x: clipped(x.float().mean(1, keepdim=True))
    side = SHRUNK[kind]
    return (lambda x: clipped(F.interpolate(x.float(), size=side, mode="area"))) if side else (lambda x: x)


def extractor_of(space: str, channels: int) -> Extractor:
    """photo@SIDE, or a name of metrics/picture_spaces."""
    name, _, side = space.partition("@")
    if side:
        return PhotoFeatures(side=int(side))
    return space_extractor(next(known for known in SPACES if known == name), (channels, 32, 32))


def score(space: str, kind: str, sets: Mapping[str, Tensor]) -> None:
    """A row for each fault."""
    told: dict[str, Any] = {"benchmark": "planted", "protocol": PROTOCOL, "space": space, "pictures": kind}
    done = {row["fakes"] for row in rows(**told)}
    if {*sets, "a copier"} - {"real"} <= done:
        return
    extractor = extractor_of(space, 1 if kind == "grey" else 3)
    begun = time.process_time()
    features = {name: extractor.extract(seen_as(kind)(x)).features for name, x in sets.items()}
    told["ms_a_picture"] = 1000 * (time.process_time() - begun) / sum(map(len, sets.values()))
    made = {name: FeatureStatistics.of(each) for name, each in features.items()}
    floor = 0.0
    for name in sets:
        if name == "real":
            continue
        sides: dict[str, Any] = {"real": made["real"], "fake": made[name]}
        found = {
            each.name.removeprefix(f"{extractor.name}_"): each
            for each in extractor_scores(extractor, **sides, groups=("frechet", "neighbours"))
        }
        floor = floor or found["frechet"].value
        values = {short: found[short].value for short in ("precision", "recall", "coverage", "frechet")}
        errors = {f"{short}_error": found[short].error for short in ("recall", "coverage")}
        append_row(**told, fakes=name, **values, frechet_ratio=values["frechet"] / floor, **errors)
    copier = {"train": made["real"], "held": made["other pictures"], "fake": made["real"]}
    copies = {each.name: each.value for each in copy_scores(**copier, protocol={}, seed=0)[0]}
    append_row(**told, fakes="a copier", copied=copies["copied"], nearest_ratio=copies["nearest_ratio"])


def probe(space: str, sets: Mapping[str, Tensor]) -> None:
    """A row: a ridge regression of 400 pictures' classes, its weight chosen by leaving one out, tried on 500 others."""
    told = {"benchmark": "planted", "protocol": f"linear classifier of {LABELLED} pictures of CIFAR-10 as JPEG files"}
    if rows(**told, space=space):
        return
    extractor = extractor_of(space, 3)
    x, tried = (extractor.extract(sets[name]).features.double() for name in ("real", "other pictures"))
    y = torch.arange(CLASSES).repeat_interleave(EACH)
    chosen = torch.arange(len(x)) % EACH < LABELLED // CLASSES
    known, labels = x[chosen], F.one_hot(y[chosen]).double() - 1 / CLASSES
    mean, scale = known.mean(0), known.std(0).mean()
    known, tried = (known - mean) / scale, (tried - mean) / scale
    values, vectors = torch.linalg.eigh(known @ known.T)

    def left_out(weight: float) -> tuple[float, Tensor]:
        inverse = vectors / (values + weight) @ vectors.T
        dual = inverse @ labels
        predicted = labels - dual / inverse.diagonal()[:, None]
        return float((predicted.argmax(1) == y[chosen]).double().mean()), dual

    _, dual = max(
        (left_out(10.0**power * float(values.mean())) for power in np.arange(-3, 3.1, 0.5)), key=lambda pair: pair[0]
    )
    right = ((tried @ known.T @ dual).argmax(1) == y).double().mean()
    append_row(**told, space=space, named_right=float(right))


def main() -> None:
    """Rows of the spaces and kinds that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("spaces", nargs="*", default=DEFAULT)
    parser.add_argument("--kinds", nargs="+", default=["colour"], choices=tuple(SHRUNK))
    arguments = parser.parse_args()
    sets = planted(arguments.folder)
    for kind in arguments.kinds:
        for space in arguments.spaces:
            score(space, kind, sets)
    for space in arguments.spaces:
        if "colour" in arguments.kinds:
            probe(space, sets)


if __name__ == "__main__":
    main()
