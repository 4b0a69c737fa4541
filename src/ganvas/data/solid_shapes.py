"""Solids drawn by the program: chairs of boxes, tori and ellipsoids, each one piece and its own mirror image."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le

from ..base.draws import uniform_rows
from ..base.types import Count
from .source import SPLITS, Items, Split

SOLIDS = ("chair", "torus", "ellipsoid")
EDGE = 2  # points in a voxel along each axis, whose mean is the voxel
SIZES = 7  # numbers that a solid is drawn from
Numbers = np.ndarray[Any, np.dtype[np.floating[Any]]]
Inside = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class SolidShapes:
    """Volumes uint8 [N, side, side, side, 1]: 255 inside a solid, 0 outside, between them the share that is inside.

    A third each are chairs (a seat, a back, four legs), tori and ellipsoids. All are symmetric in W, from left to
    right; tori and ellipsoids are turned about this axis. Of voxels that are at least half inside, chairs and
    ellipsoids have the Betti numbers (1, 0, 0) and tori (1, 1, 0).

    Args:
        samples: of train; val and test have a tenth each, at least 500.
        side: voxels a side.
        seed: other solids for another number.

    Example:
        >>> from ganvas.data import SolidShapes
        >>> SolidShapes(samples=500).items("val").x.shape
        (500, 16, 16, 16, 1)
    """

    samples: Count = 5_000
    side: Annotated[int, Ge(16), Le(64)] = 16
    seed: int = 0

    def items(self, split: Split) -> Items:
        n = self.samples if split == "train" else max(500, self.samples // 10)
        return Items(x=drawn_solids(self, split, n), y=np.arange(n) % len(SOLIDS), classes=SOLIDS)


@lru_cache(maxsize=3)
def drawn_solids(source: SolidShapes, split: Split, n: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The volumes [n, side, side, side, 1] of a split; a solid depends on the seed, the split and its number only."""
    u = uniform_rows((source.seed, "solid shapes", SPLITS.index(split)), range(n), SIZES)
    at = ((np.arange(source.side * EDGE) + 0.5) / (source.side * EDGE) - 0.5).astype(np.float32)
    z, y, x = at[:, None, None], at[None, :, None], at[None, None, :]
    volumes = np.empty((n, *[source.side] * 3, 1), np.uint8)
    for number, sizes in enumerate(u):
        inside = (chair, torus, ellipsoid)[number % len(SOLIDS)](sizes, z, y, x)
        cover = inside.reshape([source.side, EDGE] * 3).mean((1, 3, 5))
        volumes[number, ..., 0] = np.rint(255 * cover)
    return volumes


def between(u: float, low: float, high: float) -> float:
    """A length from low to high, as a share of the side."""
    return low + (high - low) * float(u)


def chair(u: Sequence[float] | Numbers, z: Numbers, y: Numbers, x: Numbers) -> Inside:
    """Six boxes. Places run from -0.5 to 0.5, z upward, y to the back of the chair, x to the right."""
    width, deep = between(u[0], 0.26, 0.4), between(u[1], 0.26, 0.4)  # half of the seat
    seat, thick = between(u[2], -0.12, 0.06), between(u[3], 0.1, 0.16)  # its lower side
    leg, back = between(u[4], 0.13, 0.17), between(u[5], 0.1, 0.16)  # thickness
    top, floor = between(u[6], 0.3, 0.46), -0.45
    over = (abs(x) <= width) & (abs(y) <= deep)
    corners = over & (abs(x) >= width - leg) & (abs(y) >= deep - leg)
    plate = over & (z >= seat) & (z <= seat + thick)
    behind = over & (y >= deep - back) & (z >= seat) & (z <= top)
    return plate | behind | (corners & (z >= floor) & (z <= seat))


def torus(u: Sequence[float] | Numbers, z: Numbers, y: Numbers, x: Numbers) -> Inside:
    """(sqrt(x^2 + b^2) - R)^2 + a^2 <= r^2, where (a, b) is (z, y) turned about x."""
    ring, tube, angle = between(u[0], 0.26, 0.32), between(u[1], 0.1, 0.14), np.pi * float(u[2])
    a, b = turned(angle, z, y)
    return (np.sqrt(x**2 + b**2) - ring) ** 2 + a**2 <= tube**2


def ellipsoid(u: Sequence[float] | Numbers, z: Numbers, y: Numbers, x: Numbers) -> Inside:
    """(x/p)^2 + (a/q)^2 + (b/r)^2 <= 1, where (a, b) is (z, y) turned about x."""
    p, q, r = (between(each, 0.16, 0.44) for each in u[:3])
    a, b = turned(np.pi * float(u[3]), z, y)
    return (x / p) ** 2 + (a / q) ** 2 + (b / r) ** 2 <= 1


def turned(angle: float, z: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
    """The coordinates of points in axes that are turned about x."""
    cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return cosine * z + sine * y, cosine * y - sine * z
