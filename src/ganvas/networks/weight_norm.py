"""Weight normalisation, and a start that depends on the data.

Salimans and Kingma 2016. https://arxiv.org/abs/1602.07868
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class WeightNormLinear(nn.Module):
    """g (v . x) / |v| + b, each output with its own length g and direction v.

    Salimans and Kingma 2016, equation 2. https://arxiv.org/abs/1602.07868
    g starts at 1, v ~ N(0, 0.05), b at 0; `begin_from_data` replaces g and b. A `fixed_length` keeps g as it began:
    the networks of Salimans et al. 2016 learn it in the last layer alone.
    """

    def __init__(self, before: int, after: int, *, fixed_length: bool = False) -> None:
        super().__init__()
        self.direction = nn.Parameter(torch.empty(after, before).normal_(0.0, 0.05))
        self.bias = nn.Parameter(torch.zeros(after))
        if fixed_length:
            self.register_buffer("length", torch.ones(after))
        else:
            self.length = nn.Parameter(torch.ones(after))

    def forward(self, x: Tensor) -> Tensor:
        scale = self.length * torch.rsqrt(self.direction.square().sum(1))
        return F.linear(x, self.direction) * scale + self.bias  # scaling outputs needs no memory for weights

    @torch.no_grad()
    def begin(self, x: Tensor) -> None:
        """g <- 1 / s, b <- -m / s; m, s: mean and deviation of the outputs of x with g = 1, b = 0. Equation 7."""
        t = F.linear(x, F.normalize(self.direction))
        deviation = t.std(0, correction=0).clamp(min=1e-6)
        self.length.copy_(1 / deviation)
        self.bias.copy_(-t.mean(0) / deviation)


def begin_from_data(network: nn.Module, x: Tensor) -> None:
    """Give each weight-normalised layer's outputs mean 0 and variance 1 on x, from the first layer to the last.

    Only networks with `begins_from_data` are changed.

    It is done once, on the run's first batch, before weights are shared between processes: the game then finds ordinary
    weights, and so does a resume.
    """
    if not any(getattr(module, "begins_from_data", False) for module in network.modules()):
        return
    layers = [module for module in network.modules() if isinstance(module, WeightNormLinear)]
    hooks = [layer.register_forward_pre_hook(lambda module, inputs: module.begin(*inputs)) for layer in layers]
    with torch.no_grad():
        network(x)
    for hook in hooks:
        hook.remove()
