"""Where an edit starts, and how a point moves: on the way to another one, or along a vector."""

import os
from collections.abc import Sequence

import torch
from torch import Tensor

from ..base.errors import UsageError
from .latent_directions import between
from .latent_files import read_points
from .latent_space import Classes, LatentPoints, LatentSpace, joined

Start = str | os.PathLike[str] | LatentPoints | None
"""Latents of a file or of `Inverted.points`; None: those of samples."""


def start_points(space: LatentSpace, start: Start, n: int, *, seed: int, label: Classes) -> LatentPoints:
    """The points that an edit starts from: those of `start`, or else of n samples.

    Args:
        space: z or w.
        start: a file of latents, points, or None.
        n: samples, where start is None; of a start all points are used.
        seed, label: of the samples.

    Raises:
        UsageError: the latents are of another model or space, or a class is named beside them.
    """
    if start is None:
        return space.start(n, seed=seed, label=label)
    if label is not None:
        raise UsageError("latents have their classes already", hint="Leave the class out.")
    return as_points(space, start)


def as_points(space: LatentSpace, start: str | os.PathLike[str] | LatentPoints) -> LatentPoints:
    """The points of a file, or given ones. Raises UsageError: they do not fit the space."""
    if not isinstance(start, LatentPoints):
        return read_points(start, space)
    expected = (space.G.layers, *space.G.mean.shape) if space.styles else space.G.latent
    if space.styles and tuple(start.z.shape[1:]) == space.G.latent:
        return LatentPoints(space.G.styles(start.z, start.y), start.y)
    if tuple(start.z.shape[1:]) != tuple(expected):
        raise UsageError(f"these latents are {list(start.z.shape[1:])}, and the edit needs {list(expected)}")
    return start


def each_point(points: LatentPoints) -> list[LatentPoints]:
    """Every point by itself."""
    return [
        LatentPoints(points.z[i : i + 1], None if points.y is None else points.y[i : i + 1])
        for i in range(len(points.z))
    ]


def way(first: LatentPoints, second: LatentPoints, count: int, *, spherical: bool) -> LatentPoints:
    """`count` points from the first on, evenly spread, without the second; each with the class of the nearer end."""
    if spherical:
        z = between(first.z, second.z, count + 1)
    else:
        t = torch.linspace(0, 1, count + 1).view(-1, *[1] * (first.z.ndim - 1))
        z = (1 - t) * first.z + t * second.z
    if first.y is None or second.y is None:
        return LatentPoints(z[:-1])
    half = (count + 1) // 2
    return LatentPoints(z[:-1], torch.cat([first.y.repeat(half), second.y.repeat(count - half)]))


def moved(points: LatentPoints, vector: Tensor, steps: Tensor) -> LatentPoints:
    """One point moved by each of the steps along a vector [latent] or [style], which all layers get."""
    far = steps.view(-1, *[1] * (points.z.ndim - 1)) * vector
    return LatentPoints(points.z + far, None if points.y is None else points.y.repeat(len(steps)))


def rows_moved(points: LatentPoints, vectors: Sequence[Tensor], steps: Tensor) -> LatentPoints:
    """A row for each point and vector: the point moved by each of the steps."""
    return joined([moved(each, vector, steps) for each in each_point(points) for vector in vectors])
