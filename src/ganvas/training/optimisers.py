"""Optimisers, as recipes describe them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Gt
from torch import nn

from ..base.schedule import Schedule
from ..base.types import NonNegative, Share
from .eager_optimisers import eager


@dataclass(frozen=True)
class Adam:
    """w <- w - lr m^ / (sqrt(v^) + eps). Kingma and Ba 2015, algorithm 1. https://arxiv.org/abs/1412.6980

    m^ and v^ are the bias-corrected running means of the gradient and of its square.

    Args:
        lr: learning rate.
        beta1, beta2: decay rates of the running means of the gradient and of its square, in [0, 1).
        eps: added to the root of the second.
    """

    lr: NonNegative = 2e-4
    beta1: Share | Schedule = 0.5
    beta2: Share | Schedule = 0.999
    eps: Annotated[float, Gt(0)] = 1e-8

    def optimise(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        # floats, as torch refuses an int among betas; fused is one pass over memory, and plain on every device
        return eager(torch.optim.Adam)(parameters, lr=0.0, betas=(0.0, 0.0), eps=self.eps, fused=True)

    def tune(self, optimiser: torch.optim.Optimizer) -> None:
        for group in optimiser.param_groups:
            betas = float(self.beta1), float(self.beta2)  # type: ignore[arg-type]  # schedules are resolved
            group["lr"], group["betas"] = self.lr, betas


@dataclass(frozen=True)
class RMSprop:
    """w <- w - lr g / (sqrt(running mean of g^2) + eps). Tieleman and Hinton 2012, lecture 6.5.

    https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf

    Args:
        lr: learning rate.
        alpha: decay rate of the running mean of squared gradients, in [0, 1).
        eps: added to its root.
    """

    lr: NonNegative = 5e-5
    alpha: Share = 0.99
    eps: Annotated[float, Gt(0)] = 1e-8

    def optimise(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        return eager(torch.optim.RMSprop)(parameters, lr=0.0, alpha=self.alpha, eps=self.eps)

    def tune(self, optimiser: torch.optim.Optimizer) -> None:
        for group in optimiser.param_groups:
            group["lr"] = self.lr


@dataclass(frozen=True)
class Sgd:
    """w <- w - lr v, v <- momentum v + g. Polyak 1964. https://doi.org/10.1016/0041-5553(64)90137-5

    Args:
        lr: learning rate.
        momentum: in [0, 1); 0 is gradient descent.
    """

    lr: NonNegative = 1e-2
    momentum: Share = 0.0

    def optimise(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        return eager(torch.optim.SGD)(parameters, lr=0.0, momentum=self.momentum)

    def tune(self, optimiser: torch.optim.Optimizer) -> None:
        for group in optimiser.param_groups:
            group["lr"] = self.lr
