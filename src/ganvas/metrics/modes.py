"""Modes of a known mixture of Gaussians. Lin et al. 2018 (PacGAN), section 4.1. https://arxiv.org/abs/1712.04086"""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..base.types import Batch, Count, Spec
from .contract import Result, require

REACH = 3.0  # standard deviations within which a sample is of high quality


@dataclass(frozen=True)
class ModeCoverage:
    """modes = number of modes with a fake within 3 standard deviations; quality = share of such fakes; kl = KL of their
    histogram from the reals'.

    Lin et al. 2018 (PacGAN), section 4.1, https://arxiv.org/abs/1712.04086, which draws 2,500 samples. A fake belongs
    to the nearest centre. kl is in nats and, as in the paper's code, counts fakes of high quality only; infinite
    without any. A fake that is not finite has low quality.

    Differs from the paper: there centres and standard deviation are known; here centres are the means of the labelled
    reals of each class and sigma^2 is the mean squared deviation from them, over all reals and axes.

    Args:
        n: samples of each side, at most.

    Raises:
        UsageError: by `check_spec`, for data other than points whose classes are the modes.

    Example:
        >>> import torch
        >>> from ganvas.base.types import Batch
        >>> from ganvas.metrics import ModeCoverage
        >>> real = Batch(x=torch.tensor([[0.0], [0.2], [9.0], [9.2]]), y=torch.tensor([0, 0, 1, 1]))
        >>> modes, quality, kl = ModeCoverage().measure(real=real, fake=Batch(x=torch.tensor([[0.1], [5.0]])))
        >>> modes.value, quality.value
        (1.0, 0.5)
    """

    n: Count = 2500
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        require(
            output_kind == "samples" and bool(spec.classes) and spec.domain == "points",
            self,
            "points whose class is their mode, as Ring and Grid have them",
        )

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        assert real.y is not None, "the classes of reals are the modes"
        modes = int(real.y.max()) + 1
        centres = torch.stack([real.x[real.y == mode].mean(0) for mode in range(modes)])
        sigma = (real.x - centres[real.y]).square().mean().sqrt()
        nearest, mode = (
            torch.cdist(fake.x, centres, compute_mode="donot_use_mm_for_euclid_dist").nan_to_num(nan=math.inf).min(1)
        )  # a mode without reals has no centre
        good = nearest < REACH * sigma
        hits = torch.bincount(mode[good], minlength=modes)
        share = hits / hits.sum().clamp(min=1)
        truth = torch.bincount(real.y, minlength=modes) / len(real.y)
        kl = (
            float(torch.where(share > 0, share * (share / truth).log(), torch.zeros(modes)).sum())
            if hits.sum()
            else math.inf
        )
        n, quality = len(fake.x), float(good.double().mean())
        values = {
            "modes": (float((hits > 0).sum()), None),
            "quality": (quality, (quality * (1 - quality) / n) ** 0.5),
            "kl": (kl, divergence_error(share, truth, int(hits.sum()), len(real.y))),
        }
        protocol = {"metric": "PacGAN section 4.1", "reach": REACH, "of": modes}
        return tuple(Result(name, value, n, error, name == "kl", protocol) for name, (value, error) in values.items())


def divergence_error(p: Tensor, q: Tensor, n: int, m: int) -> float | None:
    """The standard error of sum p log(p/q), p the shares of n samples and q of m; None without samples.

    The delta method, (sum p log^2(p/q) - KL^2)/n + (sum p^2/q - 1)/m, less what counting adds to it, (K - 1)(1/n +
    1/m)^2 for K modes, plus the next order, half of that, which is all there is where p = q.
    """
    if not n:
        return None
    p, q = p[p > 0].double(), q[p > 0].double()
    log, counting = (p / q).log(), (len(p) - 1) * (1 / n + 1 / m) ** 2
    first = float((p * log.square()).sum() - (p * log).sum() ** 2) / n + float((p.square() / q).sum() - 1) / m
    return (max(0.0, first - counting) + counting / 2) ** 0.5
