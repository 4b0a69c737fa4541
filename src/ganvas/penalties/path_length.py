"""A generator whose steps in style space have a fixed length in the picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import NonNegative
from .contract import Context

DECAY = 0.99  # of the running mean: Karras et al. 2020, appendix B


@dataclass(frozen=True)
class PathLength:
    """weight (|J^T n|_2 - a)^2 for G; J = dx/dw, n ~ N(0, 1 / (H W)) of x's shape, a the running mean of |J^T n|_2.

    Karras et al. 2020, section 3.2, equation 4. https://arxiv.org/abs/1912.04958
    Each layer has its own w: |J^T n|^2 is the mean over the layers. The scale of n, and the weight 2, are those of
    Karras et al. 2020, "Training GANs with limited data" (https://arxiv.org/abs/2006.06676).

    Args:
        weight: factor of the penalty.

    Raises:
        UsageError: in training, where G has no styles or the game no running mean.
    """

    weight: NonNegative = 2.0
    interval: ClassVar[int] = 1
    needs_real: ClassVar[bool] = False
    needs_gradients: ClassVar[bool] = False

    def penalty(self, context: Context) -> Float[Tensor, " b"]:
        G = context.play.networks["G"]
        if not hasattr(G, "synthesis"):
            raise UsageError("the path length needs a generator with styles", hint="Use the network StyleGan2.")
        mean: Tensor = context.state_of(self).path_length
        latents = context.latents
        w = G.styles(latents.z, latents.y)  # type: ignore[operator]
        x = G.synthesis(w)  # type: ignore[operator]
        noise = context.draws.normal("PathLength", *x.shape[1:]).to(x.dtype) / x[0, 0].numel() ** 0.5
        (gradient,) = torch.autograd.grad((x * noise).sum(), w, create_graph=True)  # [B, layers, style]
        lengths = gradient.square().sum(2).mean(1).sqrt()
        context.play.record("path_lengths", lengths)
        return self.weight * (lengths - mean.to(lengths.dtype)).square()

    def state(self) -> nn.Module:
        return MeanPathLength()

    def update(self, state: "MeanPathLength", recorded: Mapping[str, Tensor]) -> None:
        if "path_lengths" in recorded:
            state.path_length.lerp_(recorded["path_lengths"].mean().to(state.path_length.dtype), 1 - DECAY)


class MeanPathLength(nn.Module):
    """The running mean of the path length."""

    path_length: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("path_length", torch.zeros(()))
