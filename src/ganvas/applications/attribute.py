"""Directions along which a score of the samples grows: a measure, a class, a person's scores, or a scorer in Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..base.errors import UsageError
from .attribute_scores import Attribute, attribute_scores
from .edit import STEPS, Edited, as_model, check_count
from .latent_paths import Start, rows_moved, start_points
from .latent_space import LatentSpace, has_styles
from .score_fit import linear_fit

SAMPLES = 1024
LEAST = 0.02  # of the scores' variance that a direction must explain


@dataclass(frozen=True, kw_only=True)
class Moved(Edited):
    """Samples moved along the direction of a score: a row each.

    Args:
        vector: the direction, of length 1, in z or in w.
        explained: share of the score's variance over samples that a linear function of the latents explains, each
            sample predicted from the others.
        deviation: of points along the direction.
    """

    vector: Tensor
    explained: float
    deviation: float


def attribute(
    run: Any,
    by: Attribute,
    *,
    without: Sequence[Attribute] = (),
    n: int = 3,
    start: Start = None,
    reach: float = 3.0,
    seed: int = 0,
    samples: int = SAMPLES,
    scored_seed: int = 0,
    classes: Sequence[str | int] | str | int | None = None,
    at: str = "auto",
) -> Moved:
    """Samples, or inverted pictures, moved along the direction in which a score grows.

    The direction is the slope of the score's linear fit over samples' latents z, or styles w where the generator has
    them, in the manner of Shen et al. 2020 (InterFaceGAN), who take the normal of a boundary between two classes;
    `without` is their conditional manipulation: directions of other scores are projected out.
    https://arxiv.org/abs/2005.09635

    Args:
        run: a run's folder, or the Model that `load` returned.
        by: what grows. The name of a measure: "brightness", "contrast", "saturation", "warmth", "detail". "class:NAME",
            a class of the data. The path of a .csv of `file,score` for files of `ganvas sample RUN -o FOLDER`. Or a
            function that gets pictures as `Model.sample` gives them, [n, H, W, C], and returns n numbers.
        without: scores, in the same forms, that shall stay as they are.
        n: samples that are shown, a row each.
        start: latents to move instead of samples: a file of `invert`, or its points.
        reach: of the last step to each side, in standard deviations of the points along the direction.
        seed: of the shown samples.
        samples: that are scored for the fit.
        scored_seed: of the samples in a .csv, `ganvas sample --seed`.
        classes: of the shown and of the scored samples.
        at: the checkpoint, as `load` takes it.

    Returns:
        A row of 7 for each sample.

    Raises:
        UsageError: the model has no latent vectors, `by` is not one of these, or no linear function of the latents
            explains the score.
        DataError: the .csv cannot be read, or the classes' data are missing.
    """
    check_count("samples", n, 64)
    check_count("scored samples", samples, 100_000)
    plain = LatentSpace(as_model(run, at))
    space = LatentSpace(plain.model, styles=has_styles(plain.G))
    fit: Any = {"samples": samples, "seed": scored_seed, "label": classes}
    vector, deviation, explained = slope(space, by, **fit)
    if without:
        others, _ = torch.linalg.qr(torch.stack([slope(space, each, **fit)[0] for each in without], 1))
        vector = vector - others @ (others.T @ vector)
        if float(vector.norm()) < 1e-3:
            raise UsageError("nothing of this direction is left without the others", hint="Name fewer of them.")
        vector = vector / vector.norm()
    points = start_points(space, start, n, seed=seed, label=classes)
    x = space.generate(rows_moved(points, [vector * deviation], torch.linspace(-reach, reach, STEPS)))
    if start is None:
        x[STEPS // 2 :: STEPS] = plain.samples(n, seed=seed, label=classes)
    name = getattr(by, "__name__", str(by))
    note = f"{name} grows to the right, {-reach:g} to {reach:g} standard deviations along one direction of "
    note += f"{'styles w' if space.styles else 'latents z'}, which explains {explained:.0%} of its variance."
    return Moved(plain.model, x, STEPS, seed, note, vector=vector, explained=explained, deviation=deviation)


def slope(space: LatentSpace, by: Attribute, *, samples: int, seed: int, label: Any) -> tuple[Tensor, float, float]:
    """The unit direction of a score, the deviation of points along it, and the share that it explains.

    Raises UsageError: it explains nothing.
    """
    points, score = attribute_scores(space, by, samples=samples, seed=seed, label=label)
    fit = linear_fit(points, score)
    if not fit.explained >= LEAST or not float(fit.weight.norm()) > 0:
        raise UsageError(
            f"no direction changes '{getattr(by, '__name__', by)}': a linear function of the latents explains "
            f"{max(0.0, fit.explained):.0%} of its variance",
            hint="Score more samples, or something that differs more between them.",
        )
    vector = fit.weight / fit.weight.norm()
    return vector, float((points @ vector).std()), fit.explained
