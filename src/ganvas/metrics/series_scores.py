"""Scores of sequences during training: whole sequences, autocorrelation, spectrum, correlation of channels."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge
from torch import Tensor

from ..base.types import Batch, Spec
from .contract import Result, require
from .series_distances import autocorrelation_distance, correlation_distance, spectrum_distance
from .sliced import sliced_distance

DIRECTIONS = 200


@dataclass(frozen=True)
class SeriesScores:
    """Distances of generated sequences to real ones, in the scale of the domain Series.

    series_sliced, the primary score: the sliced Wasserstein distance of x as one vector (metrics/sliced.py).
    series_autocorrelation, series_spectrum (decibels) and series_correlation: metrics/series_distances.py.

    Args:
        n: sequences of each side, at least 50.
        channels: the first rows of x; 0: all of them.
        ends: whether the row behind the channels says where a sequence is over.
    """

    n: Annotated[int, Ge(50)] = 2_000
    channels: Annotated[int, Ge(0)] = 0
    ends: bool = False
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        settings = spec.settings
        fits = output_kind == "samples" and spec.domain == "series"
        require(fits, self, "a game that makes series")
        whole = not (settings["ends"] or settings["blocks"])
        same = self.channels == len(settings["channels"]) and self.ends == settings["ends"]
        require(same or (whole and not self.channels), self, "the channels of these series")

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        """The four scores; the first with its error. Raises DataError for samples that are not finite."""
        sides = [self.parts(each.x) for each in (real, fake)]
        n, protocol = len(fake.x), {"space": "channels in [-1, 1] by the training split"}
        flat = [side.x.flatten(1) for side in (real, fake)]
        sliced = sliced_distance(real=flat[0], fake=flat[1], directions=DIRECTIONS)
        more = {"sliced_directions": DIRECTIONS, "sliced_seed": 0}
        return (
            Result("series_sliced", sliced.value, n, sliced.error, protocol=protocol | more),
            Result("series_autocorrelation", autocorrelation_distance(*sides), n, protocol=protocol),
            Result("series_spectrum", spectrum_distance(*sides), n, protocol=protocol),
            Result("series_correlation", correlation_distance(*sides), n, protocol=protocol),
        )

    def parts(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The channels, and 1 where a sequence goes on."""
        channels = self.channels or x.shape[1]
        if not self.ends:
            return x[:, :channels], torch.ones_like(x[:, 0])
        over = x[:, channels] <= 0
        over[:, 0] = False
        return x[:, :channels], (over.cumsum(1) == 0).to(x.dtype)
