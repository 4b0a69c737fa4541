"""Parts of photographed surfaces, and defects that are planted into them: scratches, blobs, missing parts."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from ganvas.base.draws import uniform_rows
from ganvas.data.source import Items, Split

Pixels = np.ndarray[Any, np.dtype[Any]]
NAMES, SIDE = ("brick", "grass", "gravel"), 32
PARTS: dict[Split, tuple[float, float]] = {"train": (0.0, 0.7), "val": (0.7, 0.85), "test": (0.85, 1.0)}
COUNTS: dict[Split, int] = {"train": 6_000, "val": 1_000, "test": 1_000}


@dataclass(frozen=True)
class Surfaces:
    """Parts of 32 x 32 pixels, uint8 [N, 32, 32, 1], of photographs at half their size. No pixel is in two splits: the
    leftmost 70 % of each photograph are for train, the next 15 % for val, the rest for test.

    Args:
        seed: of the places.
    """

    seed: int = 0

    def items(self, split: Split) -> Items:
        data = import_module("skimage.data")
        photos = [np.asarray(getattr(data, name)(), np.float64) for name in NAMES]
        photos = [each[: len(each) // 2 * 2, : each.shape[1] // 2 * 2] for each in photos]
        halves = [
            each.reshape(len(each) // 2, 2, each.shape[1] // 2, 2).mean((1, 3)).astype(np.uint8) for each in photos
        ]
        first, last = PARTS[split]
        x = np.empty((COUNTS[split], SIDE, SIDE, 1), np.uint8)
        for row, (which, down, right) in enumerate(uniform_rows((self.seed, "surface", split), range(len(x)), 3)):
            photo = halves[int(which * len(halves))]
            begin, end = int(first * photo.shape[1]), int(last * photo.shape[1])
            top = int(down * (len(photo) - SIDE + 1))
            left = begin + int(right * (end - begin - SIDE + 1))
            x[row, :, :, 0] = photo[top : top + SIDE, left : left + SIDE]
        return Items(x=x)


def with_defects(x: Pixels) -> tuple[Pixels, Pixels, Pixels]:
    """The pictures, of which every second one has a defect; which have one, bool [n]; and where, bool [n, H, W]."""
    made, masks = x.copy(), np.zeros(x.shape[:3], bool)
    abnormal = np.arange(len(x)) % 2 == 1
    down, across = np.mgrid[0:SIDE, 0:SIDE]
    for row, u in enumerate(uniform_rows((0, "defects"), range(len(x)), 6)):
        if not abnormal[row]:
            continue
        y, z, angle = u[1] * 20 + 6, u[2] * 20 + 6, u[3] * np.pi
        along = (down - y) * np.sin(angle) + (across - z) * np.cos(angle)
        aside = (down - y) * np.cos(angle) - (across - z) * np.sin(angle)
        kind = int(u[0] * 3)
        if kind == 0:  # a scratch, bright or dark
            mask, value = (np.abs(aside) < 1.0) & (np.abs(along) < 6 + 6 * u[4]), 255 if u[5] < 0.5 else 0
        elif kind == 1:  # a blob, darker or brighter
            mask, value = along**2 + 2 * aside**2 < (3 + 3 * u[4]) ** 2, 230 if u[5] < 0.5 else 25
        else:  # a missing part, of the mean grey
            mask, value = (np.abs(along) < 4 + 3 * u[4]) & (np.abs(aside) < 4 + 3 * u[5]), int(x[row].mean())
        made[row, :, :, 0][mask] = value
        masks[row] = mask
    return made, abnormal, masks
