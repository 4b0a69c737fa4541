"""The metric of clips of moving digits, whose law of motion is known: no network of clips judges them."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

import torch
from annotated_types import Ge
from torch import Tensor

from ..base.types import Batch, Spec
from ..ops.unit_range import to_bytes
from .contract import VERSIONS, Result, require
from .digits import Digits, likeliest_class
from .frechet import frechet_of_features

SIDE = 28  # of the pictures that the classifier of digits takes
FAINT = 8.0  # bytes: what is darker is no part of the digit
ROWS = 100  # clips at a time
BOUNCE = 1.0  # pixels: how far a bounce turns the velocity at least


class ClipSummary(NamedTuple):
    """What is compared of one side.

    Attributes:
        paths: centroids (row, column) in pixels [n, T, 2].
        agreement: [n], the share of a clip's frames that show the digit which most of them show.
        read: [n], that digit.
        features: of the classifier [n T, 128], of frames moved to the middle.
        y: [n], the class that each clip was made for; None without classes.
    """

    paths: Tensor
    agreement: Tensor
    read: Tensor
    features: Tensor
    y: Tensor | None


@dataclass(frozen=True)
class MovingDigitScores:
    """path_frechet = Frechet distance between the centroids (c_1, ..., c_T) of clips, in pixels^2.

    Further scores: same_digit, the mean share of a clip's frames that ganvas's classifier of digits reads as the digit
    that most of them show; jerk, the mean of |c_(t+1) - 2 c_t + c_(t-1)| in pixels over all t at which the velocity
    turns by less than a pixel; bounces, the mean number of the other t in a clip; frame_frechet, the Frechet distance
    in the classifier's features of all frames, moved so that the centroid is in the middle; and read_as_asked, the
    share of clips that show the class they were made for. Bounces and jerk are right where they are near those of
    real clips.

    Args:
        n: clips of each side, at least 50.

    Raises:
        UsageError: by `check_spec`, for data other than grey clips of at least 28 x 28.
    """

    n: Annotated[int, Ge(50)] = 500
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        fits = spec.domain == "clips" and spec.shape[0] == 1 and min(spec.shape[2:]) >= SIDE and spec.shape[1] >= 4
        require(output_kind == "samples" and fits, self, "grey clips of at least four frames of 28 x 28")

    def summarize(self, batch: Batch) -> ClipSummary:
        """Centroids, digits and features of one side."""
        parts = [of_clips(rows) for rows in batch.x.cpu().split(ROWS)]
        paths, classes, features = (torch.cat([part[place] for part in parts]) for place in range(3))
        read = classes.mode(1).values
        return ClipSummary(paths, (classes == read[:, None]).float().mean(1), read, features, batch.y)

    def compare(self, *, real: ClipSummary, fake: ClipSummary, errors: bool = True) -> tuple[Result, ...]:
        """Scores of two summaries; errors=False changes nothing, as none takes long."""
        n, protocol = len(fake.paths), {"features": "centroids and ganvas digit classifier", **VERSIONS}
        jerk, bounces = motion(fake.paths)

        def mean(name: str, values: Tensor, lower_is_better: bool | None) -> Result:
            error = float(values.std() / len(values) ** 0.5)
            return Result(name, float(values.mean()), n, error, lower_is_better, protocol)

        paths = frechet_of_features(real=real.paths.flatten(1), fake=fake.paths.flatten(1))
        frames = frechet_of_features(real=real.features, fake=fake.features)
        results = [
            Result("path_frechet", paths, n, None, True, protocol),
            Result("frame_frechet", frames, n, None, True, protocol),
            mean("same_digit", fake.agreement, False),
            mean("jerk", jerk, None),
            mean("bounces", bounces, None),
        ]
        if fake.y is not None:
            results.append(mean("read_as_asked", (fake.read == fake.y.cpu()).float(), False))
        return tuple(results)

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        return self.compare(real=self.summarize(real), fake=self.summarize(fake))


def of_clips(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Centroids [n, T, 2], digits [n, T] and features [n T, 128] of clips [n, 1, T, H, W] in [-1, 1]."""
    light = to_bytes(x[:, 0]).float()  # [n, T, H, W]
    light = torch.where(light > FAINT, light, 0)
    total = light.sum((2, 3)).clamp(min=1)
    rows, columns = (torch.arange(side, dtype=torch.float32) for side in light.shape[2:])
    path = torch.stack([(light.sum(3) * rows).sum(2), (light.sum(2) * columns).sum(2)], 2) / total[..., None]
    extracted = Digits().extract(in_the_middle(light.flatten(0, 1), path.flatten(0, 1)).to(torch.uint8)[:, None])
    return path, likeliest_class(extracted).view(path.shape[:2]), extracted.features


def in_the_middle(light: Tensor, centres: Tensor) -> Tensor:
    """Frames [N, H, W] cut to 28 x 28 so that the centroids [N, 2] are in the middle; black where a frame ends."""
    padded = torch.nn.functional.pad(light, (SIDE // 2,) * 4)
    starts = centres.round().long() + SIDE // 2 - (SIDE - 1) // 2
    places = (torch.arange(SIDE) + starts[..., None]).unbind(1)  # rows and columns [N, 28]
    return padded[torch.arange(len(light))[:, None, None], places[0][:, :, None], places[1][:, None, :]]


def motion(paths: Tensor) -> tuple[Tensor, Tensor]:
    """The mean jerk [n], in pixels, of each path [n, T, 2] where it goes on, and its bounces [n]."""
    turn = paths.diff(dim=1).diff(dim=1).norm(dim=2)  # [n, T - 2]
    goes_on = turn < BOUNCE
    return (turn * goes_on).sum(1) / goes_on.sum(1).clamp(min=1), (~goes_on).float().sum(1)
