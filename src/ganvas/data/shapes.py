"""Coloured shapes drawn by the program: small pictures whose contents are known exactly."""

import colorsys
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge

from ..base.draws import uniform_rows
from ..base.types import Count
from .source import SPLITS, Items, Split

KINDS = ("disc", "square", "triangle")
HUES = (0.02, 0.33, 0.6)  # red, green, blue: the middle of each kind's colours
SPREAD = 0.08  # of a hue, to both sides
FACTORS = ("kind", "row", "column", "radius", "angle", "hue", "ground", "slope")
EDGE = 3  # points in a pixel along each axis, whose mean is the pixel


@dataclass(frozen=True)
class Shapes:
    """One shape a picture, uint8 [N, side, side, 3]: a disc in red, a square in green or a triangle in blue, on a grey
    ground that becomes brighter to one side.

    A kind's colours spread around its hue, so that the colour can be told from the outline, and not exactly. y is the
    kind. Place, size, angle, colour and ground are uniform.

    Args:
        samples: of train; val and test have a tenth each, at least 500.
        side: pixels a side.
        seed: other pictures for another number.
    """

    samples: Count = 5_000
    side: Annotated[int, Ge(12)] = 32
    seed: int = 0

    def items(self, split: Split) -> Items:
        n = self.samples if split == "train" else max(500, self.samples // 10)
        factors, pictures, _ = drawn_shapes(self, split, n)
        return Items(x=pictures, y=factors[:, 0].astype(np.int64), classes=KINDS)


@dataclass(frozen=True)
class ShapeMaps:
    """Pairs of a picture and its map of classes: given["input"] is a picture of Shapes, uint8 [N, side, side, 3], and x
    says for each pixel what it shows, uint8 [N, side, side, 1]: 0 the ground, 1 a disc, 2 a square, 3 a triangle.

    Args:
        samples: of train; val and test have a tenth each, at least 500.
        labelled: how many training pictures have a map; the pixels of the others are 255: unknown. 0: all.
        noise: standard deviation of the noise in the pictures, in steps of a byte.
        side: pixels a side.
        seed: other pictures for another number.
    """

    samples: Count = 5_000
    labelled: Annotated[int, Ge(0)] = 0
    noise: Annotated[float, Ge(0)] = 30.0
    side: Annotated[int, Ge(12)] = 32
    seed: int = 0

    def items(self, split: Split) -> Items:
        n = self.samples if split == "train" else max(500, self.samples // 10)
        shapes = Shapes(self.samples, self.side, self.seed)
        factors, pictures, inside = drawn_shapes(shapes, split, n)
        maps = np.where(inside, 1 + factors[:, 0].astype(np.uint8)[:, None, None], 0).astype(np.uint8)[..., None]
        if split == "train" and self.labelled:
            maps[self.labelled :] = 255
        random = np.random.default_rng((self.seed, SPLITS.index(split)))
        grey = pictures.astype(np.float32).mean(3, keepdims=True) + self.noise * random.standard_normal(maps.shape)
        return Items(x=maps, given={"input": np.rint(grey.clip(0, 255)).astype(np.uint8)})


@lru_cache(maxsize=6)
def drawn_shapes(
    source: Shapes, split: Split, n: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The factors [n, 8] in the order of FACTORS, the pictures, and which pixels are inside the shape [n, side, side].

    kind 0 to 2; row, column and radius as shares of a side; angle in radians; hue, ground and slope from 0 to 1.
    """
    u = uniform_rows((source.seed, "shapes", source.side, SPLITS.index(split)), range(n), len(FACTORS))
    kind = np.floor(3 * u[:, 0])
    radius = 0.15 + 0.15 * u[:, 3]
    row, column = (radius + (1 - 2 * radius) * u[:, at] for at in (1, 2))
    hue = np.array(HUES)[kind.astype(int)] + SPREAD * (2 * u[:, 5] - 1)
    factors = np.stack([kind, row, column, radius, 2 * np.pi * u[:, 4], hue % 1, u[:, 6], u[:, 7]], 1)
    pictures, inside = zip(*(drawn(each, source.side) for each in factors), strict=True)
    return factors, np.stack(pictures), np.stack(inside)


def drawn(factors: np.ndarray[Any, Any], side: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """One picture [side, side, 3], and which of its pixels are inside the shape by at least half."""
    kind, row, column, radius, angle, hue, ground, slope = factors
    at = (np.arange(side * EDGE) + 0.5) / (side * EDGE)
    down, right = at[:, None] - row, at[None, :] - column
    turned = np.cos(angle) * down + np.sin(angle) * right, np.cos(angle) * right - np.sin(angle) * down
    cover = inside_of(int(kind), *turned, radius).reshape(side, EDGE, side, EDGE).mean((1, 3))[..., None]
    colour = np.array(colorsys.hsv_to_rgb(hue, 0.85, 0.9))
    light = 0.3 + 0.4 * ground + 0.2 * (slope - 0.5) * 2 * (at[EDGE // 2 :: EDGE][None, :, None] - 0.5)
    picture = cover * colour + (1 - cover) * light
    return np.rint(255 * picture.clip(0, 1)).astype(np.uint8), cover[..., 0] >= 0.5


def inside_of(kind: int, down: np.ndarray[Any, Any], right: np.ndarray[Any, Any], radius: float) -> Any:
    """Which points are inside a disc, a square or an equilateral triangle with corners on this radius."""
    if kind == 0:
        return down**2 + right**2 <= (0.8 * radius) ** 2
    if kind == 1:
        return np.maximum(abs(down), abs(right)) <= radius / 2**0.5
    sides = [np.cos(turn) * down + np.sin(turn) * right for turn in (0, 2 * np.pi / 3, 4 * np.pi / 3)]
    return np.max(sides, axis=0) <= radius / 2
