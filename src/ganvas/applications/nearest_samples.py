"""Samples beside the training pictures that are nearest to them, which shows copies."""

from collections.abc import Sequence
from typing import Any

import torch

from .edit import Edited, as_model, check_count
from .latent_paths import Start, start_points
from .latent_space import LatentSpace, has_styles
from .nearest_pictures import NearestPictures

MOST = 256


def nearest(
    run: Any,
    n: int = 8,
    *,
    seed: int = 0,
    start: Start = None,
    classes: Sequence[str | int] | str | int | None = None,
    at: str = "auto",
) -> Edited:
    """Each sample with the four training pictures that are nearest to it in a feature space.

    Up to 2,000 training pictures, evenly spread, are searched. The note has the smallest distance, in units of the
    usual one: the median distance of a training picture from the nearest other one. Far below 1 the sample is a copy.

    Args:
        run: a run's folder, or the Model that `load` returned, with its data in their place.
        n: samples, a row each.
        seed: of the samples.
        start: latents instead of samples: a file of `invert`, or its points.
        classes: one or several, as in `Model.sample`.
        at: the checkpoint, as `load` takes it.

    Returns:
        n rows of the sample and four training pictures.

    Raises:
        UsageError: the model makes no pictures from latents.
        DataError: the training data are missing, or others.
    """
    check_count("samples", n, MOST)
    plain = LatentSpace(as_model(run, at))
    if start is None:
        x = plain.samples(n, seed=seed, label=classes)
    else:
        space = LatentSpace(plain.model, styles=has_styles(plain.G))
        x = space.generate(start_points(space, start, n, seed=seed, label=classes))
    near, rows, distances = NearestPictures(plain.model), [], []
    for each in x:
        pictures, far = near.nearest(each[None])
        rows.append(torch.cat([each[None], pictures]))
        distances.append(far[0])
    least = min(distances)
    note = (
        f"Each sample, then its nearest training pictures; the nearest of all is at {least:.2f} of the usual distance."
    )
    return Edited(plain.model, torch.cat(rows), len(rows[0]), seed, note)
