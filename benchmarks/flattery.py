"""Whether a score in features that a discriminator has trained in flatters: one order of generators in two spaces.

python benchmarks/flattery.py --real FOLDER --other FOLDER [--planted] [NAME=FILE.npy ...] [NAME+=FILE.npy ...]

The files hold generated pictures, uint8 [n, h, w, 3], all of one size; `+=` marks a generator whose discriminator has
trained in the first space (`photo`, EfficientNet-Lite0). The second space is `resnet`, ResNet-50-thin, in which nothing
trains. A distance is divided by that of --other, held-out pictures of the same kind. --planted adds damaged held-out
pictures as generators. One row: multiples in both spaces, Spearman's correlation of their orders, and the flattery, the
mean of log(multiple in photo / multiple in resnet) with the mark minus that without.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageFilter
from scipy.stats import spearmanr  # type: ignore[import-untyped]

from ganvas.metrics import Extractor, PhotoFeatures, ResnetFeatures
from ganvas.metrics.frechet import frechet_of_features
from rows import append_row

Pictures = npt.NDArray[np.uint8]
ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
SPACES: tuple[Extractor, ...] = (PhotoFeatures(), ResnetFeatures())


def pictures_of(folder: Path, n: int, size: tuple[int, int]) -> Pictures:
    """n pictures of a folder, drawn at random, at the size of the fakes; transparent ones on white."""
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in ENDINGS)
    drawn = np.random.default_rng(0).permutation(len(files))[:n]
    return np.stack([np.asarray(opaque(files[at]).resize(size, Image.Resampling.LANCZOS)) for at in drawn])


def opaque(file: Path) -> Image.Image:
    """A picture on white."""
    picture = Image.open(file).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def filtered(x: Pictures, how: Callable[[Image.Image], Image.Image]) -> Pictures:
    """Each picture changed by Pillow."""
    return np.stack([np.asarray(how(Image.fromarray(each))) for each in x])


def planted(x: Pictures) -> dict[str, Pictures]:
    """Damaged pictures, as generators of known faults."""
    draw = np.random.default_rng(1)
    n, height, width, _ = x.shape
    board = (np.indices((height, width)).sum(0) % 2 * 2 - 1)[:, :, None]
    shifted = x.astype(np.int16)
    return {
        "blur 0.5": filtered(x, lambda each: each.filter(ImageFilter.GaussianBlur(0.5))),
        "blur 1": filtered(x, lambda each: each.filter(ImageFilter.GaussianBlur(1))),
        "blur 2": filtered(x, lambda each: each.filter(ImageFilter.GaussianBlur(2))),
        "checkerboard 6": (shifted + 6 * board).clip(0, 255).astype(np.uint8),
        "noise 5": (shifted + draw.normal(0, 5, x.shape)).round().clip(0, 255).astype(np.uint8),
        "noise 20": (shifted + draw.normal(0, 20, x.shape)).round().clip(0, 255).astype(np.uint8),
        "means of two": ((shifted + shifted[::-1]) // 2).astype(np.uint8),
        "half rolled": np.roll(x, width // 2, axis=2),
        "8 colours": filtered(x, lambda each: each.quantize(8).convert("RGB")),
        "20 repeated": x[np.arange(n) % 20],
    }


def distances(real: Pictures, sets: Mapping[str, Pictures], extractor: Extractor) -> dict[str, float]:
    """The Frechet distance of each set from the reals, over as many features as the extractor takes for n samples."""
    count = extractor.frechet_features(len(real))
    features = {name: features_of(extractor, x)[:, :count] for name, x in {"": real, **sets}.items()}
    reals = features.pop("")
    return {name: frechet_of_features(real=reals, fake=fake) for name, fake in features.items()}


def features_of(extractor: Extractor, x: Pictures) -> torch.Tensor:
    """Features [n, d]."""
    return extractor.extract(torch.from_numpy(x).permute(0, 3, 1, 2).contiguous()).features


def read_fakes(given: Sequence[str], n: int) -> tuple[dict[str, Pictures], set[str]]:
    """Pictures by the generator's name, and the names of those marked with `+=`."""
    fakes, marked = dict[str, Pictures](), set[str]()
    for each in given:
        name, _, file = each.partition("=")
        if name.endswith("+"):
            name = name[:-1]
            marked.add(name)
        fakes[name] = np.load(file, allow_pickle=False)[:n, ..., :3]
    return fakes, marked


def flattery(multiples: Mapping[str, Sequence[float]], marked: set[str]) -> float | None:
    """mean log(photo / resnet) of marked generators minus that of the others; None without one of the kinds."""
    logs = {name: float(np.log(values[0] / values[1])) for name, values in multiples.items()}
    kinds = [[value for name, value in logs.items() if (name in marked) is kind] for kind in (True, False)]
    return mean(kinds[0]) - mean(kinds[1]) if all(kinds) else None


def main() -> None:
    """Measure, one row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fakes", nargs="*", metavar="NAME=FILE.npy")
    parser.add_argument("--real", type=Path, required=True)
    parser.add_argument("--other", type=Path, required=True)
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("-n", type=int, default=500)
    parser.add_argument("--side", type=int, default=32, help="pixels, where there are planted fakes alone")
    options = parser.parse_args()
    fakes, marked = read_fakes(options.fakes, options.n)
    size = next((x.shape[2:0:-1] for x in fakes.values()), (options.side, options.side))
    real, other = (pictures_of(folder, options.n, (size[0], size[1])) for folder in (options.real, options.other))
    if options.planted:
        fakes |= planted(other)
    n = min(map(len, (real, other, *fakes.values())))
    sets = {"held out": other[:n], **{name: x[:n] for name, x in fakes.items()}}
    found = [distances(real[:n], sets, extractor) for extractor in SPACES]
    multiples = {name: [space[name] / space["held out"] for space in found] for name in fakes}
    rank: Any = spearmanr([values[0] for values in multiples.values()], [values[1] for values in multiples.values()])
    append_row(
        benchmark="flattery",
        protocol=f"Frechet distance as multiple of held-out pictures', in photo and in resnet; n = {n} a side, "
        f"{size[0]} x {size[1]}, {options.real.name}",
        generators=len(fakes),
        trained_in_photo=sorted(marked),
        multiples={name: [round(value, 3) for value in values] for name, values in multiples.items()},
        held_out=[round(space["held out"], 4) for space in found],
        spearman=float(rank.statistic),
        flattery=flattery(multiples, marked),
    )


if __name__ == "__main__":
    main()
