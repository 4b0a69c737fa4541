"""Scores of samples by networks that did not train them, for pictures.py; its sheets are drawn here too."""

import hashlib
from collections.abc import Collection, Sequence
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageColor
from torch import Tensor

from cifar_classifier import class_numbers, load_classifier
from ganvas.metrics.duplicates import duplicate_share, small_rows
from ganvas.metrics.extractor import Extractor
from ganvas.metrics.frechet import frechet_of_features
from ganvas.metrics.memorization import memorization
from ganvas.metrics.prdc import prdc
from ganvas.metrics.random_features import RandomConvolutions
from ganvas.networks.efficientnet import efficientnet_lite0
from ganvas.ops.unit_range import to_unit_range

ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
MOST = 1000  # pictures a side of the scores; all training pictures are searched for copies
FEWER = 500  # pictures a side of the goals' first measurements
TILE = 64  # least pixels a side of a picture on a sheet
NETWORKS = {"resnet_features": "ResnetFeatures", "photo_features": "PhotoFeatures"}  # the judge first


def spaces() -> tuple[Extractor, ...]:
    """The feature spaces of the scores, the judge's first: ResNet-50-thin, EfficientNet-Lite0, random convolutions.

    An installation without one of the networks is scored in the others.
    """
    modules = {f"ganvas.metrics.{module}": name for module, name in NETWORKS.items()}
    found = [getattr(import_module(module), name)() for module, name in modules.items() if find_spec(module)]
    return (*found, RandomConvolutions(3))


def files_of(folder: Path) -> list[Path]:
    """The pictures of a folder, all classes mixed, in an order that depends on their names alone."""
    files = (file for file in folder.rglob("*") if file.suffix in ENDINGS)
    return sorted(files, key=lambda file: hashlib.sha256(str(file.relative_to(folder)).encode()).digest())


def read(file: Path, size: tuple[int, int] | None, ground: str) -> Image.Image:
    """A picture in colour on this ground, resized where it has another size."""
    image: Image.Image = Image.open(file)
    if image.mode not in ("RGB", "L") or "transparency" in image.info:
        below = Image.new("RGBA", image.size, (*ImageColor.getrgb(ground)[:3], 255))
        image = Image.alpha_composite(below, image.convert("RGBA"))
    image = image.convert("RGB")
    return image if size in (None, image.size) else image.resize(size, Image.Resampling.LANCZOS)


def pictures(files: Sequence[Path], size: tuple[int, int], ground: str) -> Tensor:
    """Pictures [n, 3, h, w] as bytes."""
    pixels = np.stack([np.asarray(read(file, size, ground)) for file in files])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()


def features(x: Tensor, space: Extractor, cache: Path | None) -> Tensor:
    """Features [n, d]; those of real pictures are read from, or saved in, the cache folder."""
    if cache is None:
        return space.extract(x).features
    key = hashlib.sha256(x.numpy().tobytes() + repr(space.describe()).encode()).hexdigest()[:24]
    file = cache / f"{space.name}-{key}.npy"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        np.save(file, space.extract(x).features.numpy())
    return torch.from_numpy(np.load(file))


def space_scores(real: Tensor, other: Tensor, fake: Tensor, space: Extractor, cache: Path) -> dict[str, float]:
    """Scores of fakes and of other reals (_of_reals) against held-out reals, in one space; its name comes first."""
    held, others, fakes = (features(x, space, place) for x, place in ((real, cache), (other, cache), (fake, None)))
    found: dict[str, float] = {}
    for ending, side in (("", fakes), ("_of_reals", others)):
        found[f"{space.name}_frechet{ending}"] = frechet_of_features(real=held, fake=side)
        scores = prdc(real=held, fake=side, k=5)
        found |= {f"{space.name}_{key}{ending}": getattr(scores, key) for key in ("precision", "recall", "coverage")}
    found[f"{space.name}_ratio"] = found[f"{space.name}_frechet"] / found[f"{space.name}_frechet_of_reals"]
    few, of_reals = (frechet_of_features(real=held[:FEWER], fake=side[:FEWER]) for side in (fakes, others))
    found[f"{space.name}_ratio_of_{FEWER}"] = few / of_reals  # both are larger for fewer pictures, their ratio smaller
    return found


def thumbnails(x: Tensor) -> Tensor:
    """Pictures of bytes, averaged down to at most 32 pixels a side: [n, d]."""
    return small_rows(to_unit_range(x))


def copies(train: Sequence[Path], held: Tensor, fake: Tensor, size: tuple[int, int], ground: str) -> dict[str, float]:
    """Shares of samples that are as near to a training picture as hardly any held-out one is, by pixels.

    All training pictures are searched, in parts.
    """
    rows = torch.cat([thumbnails(pictures(train[at : at + 1000], size, ground)) for at in range(0, len(train), 1000)])
    found = memorization(train=rows, held=thumbnails(held), fake=thumbnails(fake))
    return {
        "copied": found.copied,
        "copied_expected": found.expected,
        "copied_excess": found.copied - found.expected,
        "nearest_ratio": found.ratio,
    }


@lru_cache(maxsize=2)
def classifier(path: Path) -> tuple[torch.nn.Sequential, list[str], float]:
    """The CIFAR-10 classifier of cifar_classifier.py."""
    return load_classifier(path)


def named(x: Tensor, wanted: Collection[str], path: Path) -> float:
    """Share of pictures that the CIFAR-10 classifier names as one of these classes."""
    model, names, _ = classifier(path)
    numbers = class_numbers(model, x)
    return float(sum((numbers == names.index(name)).float().mean() for name in wanted))


@torch.no_grad()
def kind_shares(x: Tensor, classes: Collection[int]) -> tuple[float, float]:
    """Shares of pictures whose first class of ImageNet, and one of whose first five, is one of these; at 224 pixels."""
    network = efficientnet_lite0(torch.device("cpu"), torch.float32)
    first, five = 0.0, 0.0
    for part in x.split(16):
        top = (
            network.logits(
                network.pooled(
                    F.interpolate(to_unit_range(part), size=(224, 224), mode="bicubic", antialias=True).clamp(-1, 1)
                )
            )
            .topk(5)
            .indices
        )
        hit = torch.isin(top, torch.tensor(sorted(classes)))
        first, five = first + float(hit[:, 0].sum()), five + float(hit.any(1).sum())
    return first / len(x), five / len(x)


def judge(train: Path, test: Path, samples: Path, ground: str, cache: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """All scores that need no classes, and the pictures that they are of: fake, real and other."""
    fakes, held, trained = files_of(samples), files_of(test), files_of(train)
    size = Image.open(fakes[0]).size
    n = min(MOST, len(trained), len(fakes))
    fake, other = (pictures(files[:n], size, ground) for files in (fakes, trained))
    real = pictures(held[:MOST], size, ground)
    row: dict[str, Any] = {"n": n, "n_real": len(real), "pictures": len(trained), "size": f"{size[0]} x {size[1]}"}
    for space in spaces():
        row |= space_scores(real, other, fake, space, cache)
    row["judge"] = spaces()[0].name
    judged = ("frechet", "frechet_of_reals", "ratio", "precision", "recall", "coverage", "coverage_of_reals")
    row |= {name: row[f"{row['judge']}_{name}"] for name in judged}
    if "photo_coverage" in row:
        row["photo_coverage_of_real"] = row["photo_coverage"] / row["photo_coverage_of_reals"]
    small = [thumbnails(x) for x in (real, fake, other)]
    row["duplicates"], row["duplicates_of_reals"] = (duplicate_share(small[0], side) for side in small[1:])
    row |= copies(trained, real, fake, size, ground)
    return row, {"fake": fake, "real": real, "other": other}


def sheet(fake: Tensor, real: Tensor, path: Path) -> None:
    """The first 64 samples at the left, the first 64 real pictures at the right, as WebP."""
    height, width = fake.shape[2:]
    times = -(-TILE // max(height, width))
    page = Image.new("RGB", ((16 * width + width // 2) * times, 8 * height * times), "white")
    for side, start in ((fake, 0), (real, 8 * width + width // 2)):
        for number, picture in enumerate(side[:64]):
            image = Image.fromarray(picture.permute(1, 2, 0).numpy())
            image = image.resize((width * times, height * times), Image.Resampling.NEAREST)
            page.paste(image, ((start + number % 8 * width) * times, number // 8 * height * times))
    path.parent.mkdir(parents=True, exist_ok=True)
    page.save(path, quality=88)
