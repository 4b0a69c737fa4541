"""Numbers of a picture that need no network: brightness, contrast and the like, and those of a person's own scorer."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..base.errors import UsageError
from ..base.wording import shortened
from ..sessions.model import Model

Pixels = np.ndarray[Any, Any]
Scorer = Callable[[Pixels], Any]
"""Pictures as `Model.sample` gives them [n, H, W, C] to a number for each [n], or to k numbers [n, k]."""


def brightness(x: Pixels) -> Pixels:
    """The mean of all values, from 0 to 1."""
    return x.mean((1, 2, 3))


def contrast(x: Pixels) -> Pixels:
    """The standard deviation of the grey values over the pixels."""
    return x.mean(3).std((1, 2))


def saturation(x: Pixels) -> Pixels:
    """The mean over pixels of the largest channel minus the smallest."""
    return (x.max(3) - x.min(3)).mean((1, 2))


def warmth(x: Pixels) -> Pixels:
    """The mean of red minus that of blue."""
    return x[..., 0].mean((1, 2)) - x[..., min(2, x.shape[3] - 1)].mean((1, 2))


def detail(x: Pixels) -> Pixels:
    """The mean difference of grey values between neighbours."""
    grey = x.mean(3)
    return np.abs(np.diff(grey, axis=1)).mean((1, 2)) + np.abs(np.diff(grey, axis=2)).mean((1, 2))


MEASURES: dict[str, Scorer] = {
    "brightness": brightness,
    "contrast": contrast,
    "saturation": saturation,
    "warmth": warmth,
    "detail": detail,
}
COLOURED = ("saturation", "warmth")  # they are 0 for grey pictures


def measures_of(model: Model) -> tuple[str, ...]:
    """The names of the measures that a model's pictures can differ in."""
    return tuple(name for name in MEASURES if name not in COLOURED or model.spec.shape[0] >= 3)


def named_measure(model: Model, names: Sequence[str]) -> Scorer:
    """One scorer of several measures, [n, len(names)]. Raises UsageError: there is no such measure for the model."""
    known = measures_of(model)
    for name in names:
        if name not in known:
            raise UsageError(f"there is no measure '{name}'", hint=f"There are: {', '.join(known)}.")

    def measured(samples: Pixels) -> Pixels:
        shown = np.asarray(model.view(samples), np.float64)[..., :3] / 255
        return np.stack([MEASURES[name](shown) for name in names], 1)

    return measured


def scored(model: Model, x: Tensor, scorer: Scorer) -> Tensor:
    """The numbers of pictures x [n, C, H, W] in the networks' units, float64 [n, k].

    Args:
        model: whose pictures.
        x: on the CPU.
        scorer: gets the pictures as `Model.sample` gives them.

    Raises:
        UsageError: it returns something else than one or several numbers for each picture.
    """
    values = np.asarray(scorer(model.domain.decode(x)), np.float64)
    if values.ndim not in (1, 2) or len(values) != len(x):
        raise UsageError(
            f"the scorer returned the shape {list(values.shape)} for {len(x)} pictures",
            hint="Return one number for each picture, or a row of numbers.",
        )
    return torch.from_numpy(values.reshape(len(x), -1).copy())


def finite_rows(values: Tensor) -> Tensor:
    """Which rows are finite, bool [n]. Raises UsageError: fewer than half are."""
    finite = torch.isfinite(values).all(1)
    if finite.double().mean() < 0.5:
        bad = [str(int(at)) for at in (~finite).nonzero().flatten()]
        raise UsageError(f"the scorer has no number for more than half of the pictures: {shortened(bad)}")
    return finite
