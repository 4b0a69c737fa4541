"""Samples edited in the latent space of a run: on the way between two, truncated, and along directions."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..base.errors import UsageError
from ..sessions.load_model import Model, load
from .edit_directions import METHODS
from .latent_paths import Start, each_point, rows_moved, start_points, way
from .latent_space import LatentSpace, has_styles, joined
from .write_edited import write_edited

Place = str | os.PathLike[str]
RunOrModel = Model | Place
PSI = (0.0, 0.25, 0.5, 0.75, 1.0)
STEPS = 7  # columns of a sheet of directions
PATHS = ("spherical", "linear", "style")
MOST = 4096  # pictures


@dataclass(frozen=True)
class Edited:
    """Edited samples, in rows and columns.

    Args:
        model: whose samples.
        x: in the networks' units, [rows * columns, C, H, W].
        columns: of the sheet.
        seed: of the first sample, for the mark.
        note: a sentence that says what was done.
        film: whether the samples follow each other, so that they can be shown as a film.
    """

    model: Model
    x: Tensor
    columns: int
    seed: int
    note: str
    film: bool = False

    @property
    def samples(self) -> np.ndarray[Any, Any]:
        """The samples as `Model.sample` returns them, [rows, columns, H, W, C]."""
        made = self.model.domain.decode(self.x)
        return made.reshape(-1, self.columns, *made.shape[1:])

    def sheet(self) -> Image.Image:
        """All samples as one picture."""
        return self.model.domain.render(self.x, self.columns)

    def frames(self) -> list[Image.Image]:
        """Each sample as a picture."""
        return [self.model.domain.render(each[None], 1) for each in self.x]

    def save(self, out: Place, *, per_second: float = 20.0, mark: bool = True) -> list[Path]:
        """Write the samples to a file, and return the files that were written.

        Args:
            out: .png: one sheet. Of an interpolation .gif, .webp (lossless) and .mp4 are films; else .webp is a sheet.
            per_second: pictures of a film a second.
            mark: whether the file says that it is generated; for .gif and .mp4 a second file, FILE.ganvas.json, does.

        Returns:
            The files.

        Raises:
            UsageError: the ending is another one, or the sheet is too large for it.
            MissingExtra: an MP4, and imageio-ffmpeg is not installed.
            ResourceError: the file cannot be written.
        """
        return write_edited(self, Path(out), film=self.film, per_second=per_second, mark=mark)


def interpolate(
    run: RunOrModel,
    seeds: Sequence[int] = (),
    *,
    start: Start = None,
    path: Literal["spherical", "linear", "style"] = "spherical",
    frames: int = 30,
    classes: Sequence[str | int] | str | int | None = None,
    at: str = "auto",
) -> Edited:
    """Samples on the way from seed to seed; at each seed the very sample that `Model.sample(1, seed=...)` gives.

    spherical: on the great circle of z, whose length changes evenly (White 2016, section 2.1,
    https://arxiv.org/abs/1609.04468). linear: (1 - t) z_1 + t z_2. style: the same of the styles w.

    Args:
        run: a run's folder, or the Model that `load` returned.
        seeds: two or more; none where `start` is given.
        start: latents to walk through instead, two or more: a file of `invert`, or its points.
        path: "spherical", "linear", or "style" for generators with styles.
        frames: steps from one seed to the next, at least 1.
        classes: one class, by name or number; None: that of the first sample.
        at: the checkpoint, as `load` takes it.

    Returns:
        (seeds - 1) * frames + 1 samples in one row.

    Raises:
        UsageError: the model has no latent vectors or no styles, there are fewer than two seeds, or a seed, a class or
            a number is wrong.
    """
    if start is None and (len(seeds) < 2 or min(seeds) < 0):
        raise UsageError("an interpolation needs two seeds or more, 0 or above", hint="Such as --seeds 1,7,3.")
    if path not in PATHS:
        raise UsageError(f"there is no path '{path}'", hint=f"There are: {', '.join(PATHS)}.")
    plain = LatentSpace(as_model(run, at))
    space = LatentSpace(plain.model, styles=path == "style")
    if start is None:
        ends = [space.start(1, seed=seed, label=classes) for seed in seeds]
    else:
        ends, seeds = each_point(start_points(space, start, 1, seed=0, label=classes)), ()
    if len(ends) < 2:
        raise UsageError("an interpolation needs two latents or more", hint="Invert two pictures in one command.")
    check_count("frames", frames, MOST // (len(ends) - 1))
    parts = [way(*pair, frames, spherical=path == "spherical") for pair in pairwise(ends)]
    x = space.generate(joined([*parts, ends[-1]]), "making pictures of the walk")
    for number, seed in enumerate(seeds):
        x[number * frames] = plain.samples(1, seed=seed, label=classes)[0]
    stops = f"the samples of {len(seeds)} seeds" if seeds else f"{len(ends)} latents"
    note = f"{len(x):,} pictures on a {path} path through {stops}."
    return Edited(plain.model, x, len(x), seeds[0] if seeds else 0, note, film=True)


def truncation(
    run: RunOrModel,
    n: int = 8,
    *,
    seed: int = 0,
    start: Start = None,
    psi: Sequence[float] = PSI,
    classes: Sequence[str | int] | str | int | None = None,
    at: str = "auto",
) -> Edited:
    """The same n samples at several psi: mean w + psi (w - mean w) of generators with styles, psi z of others.

    Karras et al. 2019, appendix B, for w, https://arxiv.org/abs/1812.04948; for z the latents are scaled rather than
    drawn again. The row of psi = 1 holds the very samples that `Model.sample` gives.

    Args:
        run: a run's folder, or the Model that `load` returned.
        n: samples in a row.
        seed: of the latents.
        start: latents to truncate instead of samples: a file of `invert`, or its points.
        psi: of each row, from the top.
        classes: one or several, as in `Model.sample`.
        at: the checkpoint, as `load` takes it.

    Returns:
        len(psi) rows of n samples.

    Raises:
        UsageError: the model has no latent vectors, or a class or a number is wrong.
    """
    check_count("samples", n, MOST // max(1, len(psi)))
    if not psi or not all(isfinite(each) for each in psi):
        raise UsageError("psi are one or more numbers", hint="Such as 0, 0.5 and 1.")
    plain = LatentSpace(as_model(run, at))
    space = LatentSpace(plain.model, styles=has_styles(plain.G))
    points = start_points(space, start, n, seed=seed, label=classes)
    n = len(points.z)
    rows = [points._replace(z=space.centre + each * (points.z - space.centre)) for each in psi]
    x = space.generate(joined(rows))
    for number, each in enumerate(psi):
        if each == 1 and start is None:
            x[number * n : (number + 1) * n] = plain.samples(n, seed=seed, label=classes)
    towards = "the mean style w" if space.styles else "z = 0"
    shown = ", ".join(f"{each:g}" for each in psi)
    return Edited(plain.model, x, n, seed, f"Rows from the top: psi = {shown}, towards {towards}.")


def directions(
    run: RunOrModel,
    number: int = 8,
    *,
    method: Literal["sefa", "principal", "codes"] = "sefa",
    reach: float = 3.0,
    seed: int = 0,
    start: Start = None,
    classes: Sequence[str | int] | str | int | None = None,
    at: str = "auto",
) -> Edited:
    """One sample moved along the directions in which a generator's samples change most; the middle is the sample.

    sefa: closed-form factorisation (Shen and Zhou 2021, https://arxiv.org/abs/2007.06600). principal: principal
    components of w, or of the first layer's output (Harkonen et al. 2020, https://arxiv.org/abs/2004.02546). codes: the
    continuous codes of InfoGAN (Chen et al. 2016, https://arxiv.org/abs/1606.03657). Generators with styles are moved
    in w, others in z.

    Args:
        run: a run's folder, or the Model that `load` returned.
        number: directions, the strongest first.
        method: "sefa", "principal" or "codes".
        reach: of the last step to each side, in standard deviations of the points along the direction.
        seed: of the sample.
        start: latents to move instead of a sample: a file of `invert`, or its points.
        classes: one class; None: that of the first sample.
        at: the checkpoint, as `load` takes it.

    Returns:
        `number` rows of 7 samples; of several latents so many rows for each.

    Raises:
        UsageError: the model has no latent vectors, no layer reads them whole, or a class or a number is wrong.
    """
    if method not in METHODS:
        raise UsageError(f"there is no method '{method}'", hint=f"There are: {', '.join(METHODS)}.")
    check_count("directions", number, MOST // STEPS)
    if not (isfinite(reach) and reach > 0):
        raise UsageError(f"the reach is {reach:g}, and must be above 0", hint="Such as 3.")
    plain = LatentSpace(as_model(run, at))
    space = LatentSpace(plain.model, styles=has_styles(plain.G))
    found = METHODS[method](space, number, classes)
    points = start_points(space, start, 1, seed=seed, label=classes)
    vectors = [vector * deviation for vector, deviation in zip(*found, strict=True)]
    x = space.generate(rows_moved(points, vectors, torch.linspace(-reach, reach, STEPS)))
    if start is None:
        x[STEPS // 2 :: STEPS] = plain.samples(1, seed=seed, label=classes)
    place = "styles w" if space.styles else "latents z"
    note = f"Rows: {number} directions of the {place} ({method}); columns: {-reach:g} to {reach:g} standard deviations."
    return Edited(plain.model, x, STEPS, seed, note)


def as_model(run: RunOrModel, at: str) -> Model:
    """The model of a run."""
    return run if isinstance(run, Model) else load(run, at=at)


def check_count(what: str, count: int, most: int) -> None:
    """Raises UsageError for a count that is not from 1 to `most`."""
    if not 1 <= count <= most:
        raise UsageError(f"cannot make {count:,} {what}", hint=f"From 1 to {most:,} are possible.")
