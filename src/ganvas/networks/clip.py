"""Weights in a box, the first way to keep a critic's slope finite."""

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Gt
from torch import Tensor, nn


@dataclass(frozen=True)
class Clip:
    """w <- clip(w, -limit, limit) after each step, for every parameter that is trained.

    Arjovsky, Chintala and Bottou 2017, algorithm 1, line 7. https://arxiv.org/abs/1701.07875

    Args:
        limit: largest absolute value of a weight, above 0.
    """

    limit: Annotated[float, Gt(0)] = 0.01

    def prepare(self, network: nn.Module) -> None:
        return  # the first weights may be larger: they are clipped with the first step, as in the paper

    @torch.no_grad()
    def constrain(self, network: nn.Module) -> None:
        parameters: list[Tensor] = [
            parameter for parameter in network.parameters() if parameter.requires_grad
        ]  # frozen ones stay as they are
        torch._foreach_clamp_min_(parameters, -self.limit)
        torch._foreach_clamp_max_(parameters, self.limit)
