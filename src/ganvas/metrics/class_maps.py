"""How well maps of classes agree with the true ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from ..base.types import Batch, Count, Spec
from .contract import Result, require
from .jackknife import jackknife_variance


@dataclass(frozen=True)
class MapAgreement:
    """mean_iou = the mean over classes of |made and true| / |made or true|, counted over the pixels of all pictures;
    pixel_accuracy = the share of pixels with the true class.

    Long et al. 2015, section 5. https://arxiv.org/abs/1411.4038. Classes that neither the true maps nor the made ones
    have are left out, and so are pixels without a true class. Errors: of the jackknife over pictures.

    Args:
        n: pictures, at most.

    Raises:
        UsageError: by `check_spec`, for data other than maps of classes.
    """

    n: Count = 2_000
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        require(output_kind == "samples" and spec.domain == "label maps", self, "maps of classes")

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        counts = class_counts(real.x, fake.x)
        found = {"mean_iou": mean_iou, "pixel_accuracy": pixel_accuracy}
        protocol = {"pixels": "with a true class", "mean": "over classes, of the counts of all pictures"}
        return tuple(
            Result(name, float(value(counts.sum(0))), len(counts), jackknifed(value, counts), False, protocol)
            for name, value in found.items()
        )


def class_counts(real: Float[Tensor, "n k h w"], fake: Float[Tensor, "n k h w"]) -> Float[Tensor, "n 3 k"]:
    """For each picture and class: pixels that both maps have, pixels that one of them has, pixels of the true map.

    Args:
        real: true maps, 1 for a pixel's class and -1 for the others; -1 in all where there is none.
        fake: made maps; a pixel's class is that of the largest value.

    Returns:
        float64 [n, 3, classes].
    """
    true = real > 0
    counted = true.any(1, keepdim=True)
    made = torch.zeros_like(true).scatter_(1, fake.argmax(1, keepdim=True), True) & counted
    parts = (true & made, true | made, true)
    return torch.stack([each.flatten(2).sum(2) for each in parts], 1).double()


def mean_iou(counts: Float[Tensor, "3 k"]) -> Float[Tensor, ""]:
    """Of the counts of `class_counts`, added over pictures; a class of no pixel is left out."""
    both, either, _ = counts
    return (both[either > 0] / either[either > 0]).mean()


def pixel_accuracy(counts: Float[Tensor, "3 k"]) -> Float[Tensor, ""]:
    """Of the counts of `class_counts`, added over pictures."""
    return counts[0].sum() / counts[2].sum()


def jackknifed(value: Callable[[Tensor], Tensor], counts: Float[Tensor, "n 3 k"]) -> float | None:
    """The standard error of a value of the added counts, over pictures; None for one picture."""
    if len(counts) < 2:
        return None
    whole = counts.sum(0)
    return jackknife_variance(torch.stack([value(whole - each) for each in counts])) ** 0.5
