"""MNIST-M made anew: digits that invert the colours of a part of a photograph.

Ganin et al. 2016, section 5.2.4 (https://arxiv.org/abs/1505.07818) blend with parts of BSDS500, which is not here;
these photographs come inside scikit-image and scikit-learn. No part of a photograph is in two splits: the
leftmost 70 % of each are for train, the next 15 % for val, the rest for test.
"""

from dataclasses import dataclass
from importlib import import_module

import numpy as np

from ganvas.base.draws import uniform_rows
from ganvas.data.colour_digits import SIDE, Bytes, half_of_mnist
from ganvas.data.source import Items, Split

NAMES = ("astronaut", "chelsea", "coffee", "rocket", "hubble_deep_field", "immunohistochemistry", "retina")
PARTS: dict[Split, tuple[float, float]] = {"train": (0.0, 0.7), "val": (0.7, 0.85), "test": (0.85, 1.0)}


@dataclass(frozen=True)
class PhotoDigits:
    """|t - d|, uint8 [N, 32, 32, 3]: digits d as TexturedDigits has them, t a part of a photograph.

    Args:
        seed: of the parts.
    """

    seed: int = 0

    def items(self, split: Split) -> Items:
        plain = half_of_mnist(split, first=1)
        ground = patches((self.seed, "photograph", split), len(plain), split)
        x = np.maximum(ground, plain.x) - np.minimum(ground, plain.x)
        return Items(x=x, y=plain.y, classes=plain.classes, id=plain.id)


def photographs() -> list[Bytes]:
    """Colour photographs, uint8 [H, W, 3]."""
    data, datasets = import_module("skimage.data"), import_module("sklearn.datasets")
    left, right, _ = data.stereo_motorcycle()
    found = [getattr(data, name)() for name in NAMES] + [left, right, *datasets.load_sample_images().images]
    return [np.asarray(each, np.uint8) for each in found]


def patches(key: tuple[object, ...], n: int, split: Split) -> Bytes:
    """n parts of 32 x 32 pixels, uint8 [n, 32, 32, 3]; each photograph is as likely as another."""
    u, photos = uniform_rows(key, range(n), 3), photographs()
    first, last = PARTS[split]
    made = np.empty((n, SIDE, SIDE, 3), np.uint8)
    for row, (which, down, right) in enumerate(u):
        photo = photos[int(which * len(photos))]
        height, width = photo.shape[:2]
        begin, end = int(first * width), int(last * width)
        top, left = int(down * (height - SIDE + 1)), begin + int(right * (end - begin - SIDE + 1))
        made[row] = photo[top : top + SIDE, left : left + SIDE]
    return made
