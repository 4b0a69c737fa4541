"""Where a search for latent codes begins: at what an encoder predicts, and at the nearest samples."""

import os

import torch
import torch.nn.functional as F
from torch import Tensor

from ..base.errors import UsageError
from ..base.progress import report_progress
from .encoders import predicted_points
from .latent_space import Classes, LatentPoints, LatentSpace

SAMPLES = 1024  # of which the nearest are beginnings
CELLS = 16  # a side, of the pictures that are compared then
BUCKET = 64


def beginnings(
    space: LatentSpace, x: Tensor, encoder: str | os.PathLike[str] | None, starts: int, *, seed: int, label: Classes
) -> list[LatentPoints]:
    """Codes of all pictures for each beginning of the search.

    Args:
        space: z or w.
        x: pictures [n, C, H, W].
        encoder: a run whose encoder's codes come first, or None.
        starts: nearest samples.
        seed, label: of the samples.

    Raises:
        UsageError: there are none, or the encoder does not fit.
    """
    if encoder is None and not starts:
        raise UsageError("without steps and without an encoder there is nothing to find", hint="Name --encoder.")
    near = nearest_samples(space, x, max(1, starts), seed=seed, label=label)
    first = [] if encoder is None else [predicted_points(space, encoder, x, near[0].y)]
    return [*first, *near[:starts]]


def nearest_samples(space: LatentSpace, x: Tensor, count: int, *, seed: int, label: Classes) -> list[LatentPoints]:
    """`count` beginnings for each picture: the codes of the samples that are nearest to it, the nearest first.

    Where no class is named, samples of all classes are compared, so that the class of a beginning is its sample's.

    Args:
        space: z or w.
        x: pictures [n, C, H, W].
        count: beginnings.
        seed: of the samples.
        label: their class.
    """
    points = space.start(SAMPLES, seed=seed, label=label)
    features = []
    for begin in range(0, SAMPLES, BUCKET):
        report_progress("comparing with samples", begin, SAMPLES)
        z, y = points.z[begin : begin + BUCKET], points.y
        features.append(small(space.generate(LatentPoints(z, None if y is None else y[begin : begin + BUCKET]))))
    order = torch.cdist(small(x), torch.cat(features)).argsort(1)[:, :count]
    return [LatentPoints(points.z[rows], None if points.y is None else points.y[rows]) for rows in order.T]


def small(x: Tensor) -> Tensor:
    """Pictures averaged over at most CELLS x CELLS cells, in one row each."""
    return F.adaptive_avg_pool2d(x, (min(CELLS, x.shape[2]), min(CELLS, x.shape[3]))).flatten(1)
