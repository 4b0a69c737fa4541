"""How many combinations of digits a generator finds, and how evenly."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from ..base.errors import DataError
from ..base.types import Batch, Count, Spec
from .contract import Result, require
from .digits import digit_features, digit_weights

OFTEN = 5  # hits of a mode that a misread digit does not make
ENOUGH = 10  # samples a mode, for the bias of counting to be known


class Evenness(NamedTuple):
    """KL(p^ || uniform), in nats.

    Attributes:
        counted: from the counts.
        corrected: less the bias of a finite sample.
        error: standard error of both.
    """

    counted: float
    corrected: float
    error: float


@dataclass(frozen=True)
class StackedModes:
    """modes_often = number of the 10^digits modes with five fakes or more; modes = number with one or more; kl =
    KL(fakes' modes || uniform), nats.

    Lin et al. 2018 (PacGAN), section 4.2: 26,000 samples, each channel classified, here by ganvas's digit classifier.
    https://arxiv.org/abs/1712.04086 Misclassified digits inflate `modes`. kl_corrected is kl without the bias of a
    finite sample, given ten samples a mode. kl is measured from equally likely modes, not from the training data's
    frequencies; the real-vs-real value of each score shows how far it can be trusted.

    Args:
        n: fakes, at most.

    Raises:
        UsageError: by `check_spec`, for data other than StackedMnist's.
        DataError: by `measure`: fakes that are not finite.
    """

    n: Count = 26_000
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        digits = spec.shape[0] if spec.domain == "images" else 0
        fits = digits in (2, 3) and spec.shape[1:] == (28, 28) and len(spec.classes) == 10**digits
        require(output_kind == "samples" and fits, self, "a game that makes stacked digits, as StackedMnist has them")

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        hits = torch.bincount(read_numbers(fake.x), minlength=10 ** fake.x.shape[1])
        even, n = evenness(hits), len(fake.x)
        protocol = {
            "metric": "PacGAN section 4.2",
            "of": len(hits),
            "features": "ganvas digit classifier",
            "weights_sha256": digit_weights()[1],
        }
        corrected = Result(
            "kl_corrected", even.corrected, n, even.error, True, {**protocol, "estimate": "Miller-Madow"}
        )
        return (
            Result("modes_often", float((hits >= OFTEN).sum()), n, None, False, {**protocol, "hits": OFTEN}),
            Result("modes", float((hits > 0).sum()), n, None, False, {**protocol, "hits": 1}),
            Result("kl", even.counted, n, even.error, True, {**protocol, "estimate": "plug-in"}),
            *([corrected] if n >= ENOUGH * len(hits) else []),
        )


def read_numbers(x: Float[Tensor, "n c 28 28"]) -> Int64[Tensor, "n"]:
    """The number that each picture is classified as, a digit a channel: 407 for a 4, a 0 and a 7. Raises DataError
    where x is not finite.
    """
    if not torch.isfinite(x).all():
        raise DataError("the fakes hold numbers that are not finite, so no digits can be read")
    number = torch.zeros(len(x), dtype=torch.int64)
    for channel in range(x.shape[1]):
        number = 10 * number + digit_features(x[:, channel : channel + 1])[1]
    return number


def evenness(hits: Int64[Tensor, "k"]) -> Evenness:
    """log K - H, H = -sum p^ log p^; corrected: log K - H - (m - 1) / (2 n), m modes with a hit. Miller 1955; Paninski
    2003, section 4.

    https://doi.org/10.1162/089976603321780272. The error is the delta method's, less its own bias, plus the next order,
    which is all there is where modes are equally likely.

    Args:
        hits: samples of each of the K modes.

    Returns:
        0 where all K modes have equally many hits, log K where one has all; corrected it may be a little below 0.

    Raises:
        DataError: there are no hits.
    """
    n = int(hits.sum())
    if not n:
        raise DataError("no samples, so no modes")
    p = hits[hits > 0].double() / n
    entropy = float(-(p * p.log()).sum())
    spread = float((p * p.log().square()).sum()) - entropy**2
    counted = max(0.0, float(torch.tensor(len(hits), dtype=torch.float64).log()) - entropy)
    bias = (len(p) - 1) / (2 * n)
    return Evenness(counted, counted - bias, (max(0.0, spread - 2 * bias) / n + bias / n) ** 0.5)
