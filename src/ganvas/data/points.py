"""Points in the plane: small distributions whose density is known, so that results can be checked exactly."""

import hashlib
import math
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, runtime_checkable

import numpy as np
from annotated_types import Ge

from ..base.draws import normal_rows, uniform_rows
from ..base.errors import UsageError
from ..base.types import Count
from .source import SPLITS, Items, Split

Size = Annotated[float, Ge(0)]
Points = np.ndarray[Any, np.dtype[np.float64]]


@runtime_checkable
class Mixture(Protocol):
    """A source of equally likely Gaussians whose centres are known."""

    @property
    def sigma(self) -> float: ...

    def centres(self) -> Points: ...


def drawn(name: str, split: Split, seed: int, samples: int) -> tuple[Points, Points]:
    """Uniforms [n, 2] and normals [n, 2]; val and test hold a tenth as many as train, at least 2,500."""
    n = samples if split == "train" else max(2500, samples // 10)
    key = (seed, name, SPLITS.index(split))
    return uniform_rows((*key, "uniform"), range(n), 2), normal_rows((*key, "normal"), range(n), 2)


def mixture(source: Mixture, split: Split, seed: int, samples: int) -> Items:
    """Items of a mixture; the class is the Gaussian that a point was drawn from."""
    u, noise = drawn(repr(source), split, seed, samples)
    centres = source.centres()
    y = np.floor(u[:, 0] * len(centres)).astype(np.int64)
    x = (centres[y] + source.sigma * noise).astype(np.float32)
    return Items(x=x, y=y, classes=tuple(str(mode) for mode in range(len(centres))))


@dataclass(frozen=True)
class Ring:
    """`modes` Gaussians of standard deviation `sigma` on a circle of `radius`; PacGAN's protocol has 8, 1 and 0.01.

    Metz et al. 2017. https://arxiv.org/abs/1712.04086

    Args:
        modes: Gaussians on the circle; each is a class.
        sigma: their standard deviation.
        radius: of the circle.
        samples: of train; val and test have fewer.
        seed: other points for another number.
    """

    modes: Count = 8
    sigma: Size = 0.01
    radius: Size = 1.0
    samples: Count = 100_000
    seed: int = 0

    def centres(self) -> Points:
        angle = 2 * math.pi * np.arange(self.modes) / self.modes
        return self.radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)

    def items(self, split: Split) -> Items:
        return mixture(self, split, self.seed, self.samples)


@dataclass(frozen=True)
class Grid:
    """side x side Gaussians of standard deviation `sigma`, `spacing` apart; PacGAN's protocol has 5, 0.05 and 2.

    https://arxiv.org/abs/1712.04086

    Args:
        side: Gaussians along each side of the square; each is a class.
        sigma: their standard deviation.
        spacing: distance of neighbouring centres.
        samples: of train; val and test have fewer.
        seed: other points for another number.
    """

    side: Count = 5
    sigma: Size = 0.05
    spacing: Size = 2.0
    samples: Count = 100_000
    seed: int = 0

    def centres(self) -> Points:
        line = self.spacing * (np.arange(self.side) - (self.side - 1) / 2)
        return np.stack([axis.ravel() for axis in np.meshgrid(line, line, indexing="ij")], axis=1)

    def items(self, split: Split) -> Items:
        return mixture(self, split, self.seed, self.samples)


@dataclass(frozen=True)
class Clusters:
    """Three Gaussians of standard deviation `sigma` at unequal distances.

    Args:
        sigma: their standard deviation.
        samples: of train; val and test have fewer.
        seed: other points for another number.
    """

    sigma: Size = 0.12
    samples: Count = 100_000
    seed: int = 0

    def centres(self) -> Points:
        return np.array([[-1.0, -0.6], [1.0, -0.3], [0.0, 1.0]])

    def items(self, split: Split) -> Items:
        return mixture(self, split, self.seed, self.samples)


@dataclass(frozen=True)
class Line:
    """Points evenly spread from (-1, -1) to (1, 1), blurred by `sigma`.

    Args:
        sigma: standard deviation of the noise.
        samples: of train; val and test have fewer.
        seed: other points for another number.
    """

    sigma: Size = 0.05
    samples: Count = 100_000
    seed: int = 0

    def items(self, split: Split) -> Items:
        u, noise = drawn(repr(self), split, self.seed, self.samples)
        x = (2 * u[:, :1] - 1) * np.ones(2) + self.sigma * noise
        return Items(x=x.astype(np.float32))


@dataclass(frozen=True)
class Sketch:
    """Given points, equally likely and blurred by `sigma`: a drawing, or the rows of a small table.

    Args:
        points: at least two, finite.
        sigma: standard deviation of the noise.
        samples: of train; val and test have fewer.
        seed: other points for another number.

    Raises:
        UsageError: by `items`, for fewer than two points.
    """

    points: tuple[tuple[float, float], ...]
    sigma: Size = 0.02
    samples: Count = 20_000
    seed: int = 0

    def items(self, split: Split) -> Items:
        if len(self.points) < 2:
            raise UsageError(f"a sketch has {len(self.points)} points", hint="Give it at least two.")
        key = hashlib.sha256(repr(self.points).encode()).hexdigest()
        u, noise = drawn(f"Sketch {key} {self.sigma}", split, self.seed, self.samples)
        places = np.array(self.points)[np.floor(u[:, 0] * len(self.points)).astype(np.int64)]
        return Items(x=(places + self.sigma * noise).astype(np.float32))


@dataclass(frozen=True)
class Moons:
    """Two interleaved half circles of radius 1, blurred by `sigma`.

    Args:
        sigma: standard deviation of the noise.
        samples: of train; val and test have fewer.
        seed: other points for another number.
    """

    sigma: Size = 0.05
    samples: Count = 100_000
    seed: int = 0

    def items(self, split: Split) -> Items:
        u, noise = drawn(repr(self), split, self.seed, self.samples)
        y = (u[:, 0] < 0.5).astype(np.int64)
        angle = math.pi * u[:, 1]
        upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
        x = np.where(y[:, None] == 0, upper, lower) + self.sigma * noise
        return Items(x=x.astype(np.float32), y=y, classes=("upper", "lower"))


@dataclass(frozen=True)
class Spiral:
    """One arm of `turns` turns from the centre to radius 1, points evenly spread along it, blurred by `sigma`.

    Args:
        turns: of the arm.
        sigma: standard deviation of the noise.
        samples: of train; val and test have fewer.
        seed: other points for another number.
    """

    turns: float = 2.0
    sigma: Size = 0.02
    samples: Count = 100_000
    seed: int = 0

    def items(self, split: Split) -> Items:
        u, noise = drawn(repr(self), split, self.seed, self.samples)
        radius = np.sqrt(u[:, 0])  # length grows with the radius, so the root spreads the points evenly
        angle = 2 * math.pi * self.turns * radius
        x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1) + self.sigma * noise
        return Items(x=x.astype(np.float32))
