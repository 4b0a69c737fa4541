"""Coloured discs drawn by the program, whose four factors are measured back from any picture by plain formulas."""

import colorsys
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge

from ..base.draws import uniform_rows
from ..base.types import Count
from .source import SPLITS, Items, Split

FACTORS = ("column", "row", "radius", "hue")
LOW = np.array((0.36, 0.42, 0.14, 0.0))
HIGH = np.array((0.64, 0.58, 0.34, 2 / 3))  # hue: from red over yellow, green and cyan to blue
COLOURS = ("red", "green", "blue")  # the classes: thirds of the hues
GROUND = 0.1  # grey level behind the disc, from 0 to 1
EDGE = 4  # points in a pixel along each axis, whose mean is the pixel


@dataclass(frozen=True)
class Discs:
    """One disc a picture on dark grey, uint8 [N, side, side, 3]; column, row, radius and hue are uniform, independent.

    y is the colour: "red", "green" or "blue", thirds of the hues. `measured_discs` reads the factors from pictures. The
    ranges (LOW, HIGH) are such that no factor changes far more pixels than the others, and that columns differ more
    than rows: of two factors that look alike, any mixture would be as good a direction.

    Args:
        samples: of train; val and test have a tenth each, at least 500.
        side: pixels a side.
        seed: other pictures for another number.

    Example:
        >>> from ganvas.data import Discs
        >>> Discs(samples=500).items("val").x.shape
        (500, 32, 32, 3)
    """

    samples: Count = 5_000
    side: Annotated[int, Ge(12)] = 32
    seed: int = 0

    def items(self, split: Split) -> Items:
        n = self.samples if split == "train" else max(500, self.samples // 10)
        factors = disc_factors(self, split, n)
        y = np.minimum(len(COLOURS) * factors[:, 3] / HIGH[3], len(COLOURS) - 1).astype(np.int64)
        return Items(x=drawn_discs(factors, self.side), y=y, classes=COLOURS)


def disc_factors(source: Discs, split: Split, n: int) -> np.ndarray[Any, Any]:
    """The factors [n, 4] of a split: column, row and radius as shares of a side, and hue from 0 (red) to 2/3 (blue)."""
    u = uniform_rows((source.seed, "discs", SPLITS.index(split)), range(n), len(FACTORS))
    return LOW + (HIGH - LOW) * u


def drawn_discs(factors: np.ndarray[Any, Any], side: int) -> np.ndarray[Any, Any]:
    """Pictures uint8 [n, side, side, 3] of factors [n, 4]: each pixel is the mean of EDGE x EDGE points."""
    at = (np.arange(side * EDGE) + 0.5) / (side * EDGE)
    pictures = np.empty((len(factors), side, side, 3), np.uint8)
    for picture, (column, row, radius, hue) in zip(pictures, factors, strict=True):
        inside = (at[:, None] - row) ** 2 + (at[None, :] - column) ** 2 <= radius**2
        cover = inside.reshape(side, EDGE, side, EDGE).mean((1, 3))[..., None]
        colour = np.array(colorsys.hsv_to_rgb(hue, 1.0, 1.0))
        picture[:] = np.rint(255 * (cover * colour + (1 - cover) * GROUND))
    return pictures


def measured_discs(pictures: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The factors [n, 4] of pictures uint8 [n, H, W, 3], from c = max(R, G, B) - min(R, G, B) of each pixel.

    A pixel that the disc covers by the share s has c = s. Column and row are the means of the places, weighted by c;
    the radius is sqrt(sum of c / pi); the hue is that of the sum of all pixels, as grey does not change a hue. It is
    counted from -1/6 to 5/6, so that there is no jump near red. Of a picture without colour all are NaN.
    """
    x = np.asarray(pictures, np.float64) / 255
    chroma = x.max(3) - x.min(3)
    chroma = np.where(chroma > 0.1, chroma, 0.0)  # noise of a generator on the ground is no disc
    area = chroma.sum((1, 2))
    area = np.where(area > 0, area, np.nan)
    height, width = x.shape[1:3]
    column = (chroma.sum(1) * (np.arange(width) + 0.5)).sum(1) / area / width
    row = (chroma.sum(2) * (np.arange(height) + 0.5)).sum(1) / area / height
    radius = np.sqrt(area / np.pi) / width
    mean = (x * (chroma > 0)[..., None]).sum((1, 2))
    hue = np.array([colorsys.rgb_to_hsv(*each)[0] for each in mean / mean.max(1, keepdims=True).clip(1e-9)])
    hue = (hue + 1 / 6) % 1 - 1 / 6
    return np.stack([column, row, radius, np.where(np.isnan(area), np.nan, hue)], 1)
