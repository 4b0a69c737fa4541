"""Every layer's largest singular value is one."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize

from ..base.errors import UsageError

LAYERS = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d, nn.Embedding)
FIRST = 15  # power iterations on the first weights; later one follows each step of the slowly moving weights


@dataclass(frozen=True)
class SpectralNorm:
    """W / sigma(W) in every linear, convolutional and embedding layer; sigma: the largest singular value.

    Miyato et al. 2018, equation 8, algorithm 1. https://arxiv.org/abs/1802.05957
    One power iteration with each forward pass in training; the vector u that it goes on from is a buffer of the
    network, saved with it. In eval mode u stands still.
    """

    def prepare(self, network: nn.Module) -> None:
        for module in list(network.modules()):
            if isinstance(module, LAYERS):
                parametrize.register_parametrization(
                    module,
                    "weight",
                    DividedBySigma(module.weight, outputs=1 if isinstance(module, nn.ConvTranspose2d) else 0),
                )

    def constrain(self, network: nn.Module) -> None:
        """Nothing is left to do after a step."""
        if not any(isinstance(module, DividedBySigma) for module in network.modules()):
            raise UsageError(
                "spectral norm is built into a network and cannot begin in a later phase",
                hint="Give it to the player itself.",
            )


class DividedBySigma(nn.Module):
    """W -> W / sigma(W). `outputs` is W's axis of outputs; the others are joined, as in section 3 of the paper."""

    u: Tensor

    def __init__(self, weight: Tensor, *, outputs: int) -> None:
        super().__init__()
        self.outputs = outputs
        self.register_buffer("u", F.normalize(torch.randn(weight.shape[outputs]), dim=0))
        with torch.no_grad():
            for _ in range(0 if weight.is_meta else FIRST):  # "meta" has shapes alone, at a high price
                self.u.copy_(self.followed(self.matrix(weight))[0])

    def matrix(self, weight: Tensor) -> Tensor:
        """[outputs, inputs x height x width]"""
        return weight.to(self.u.dtype).movedim(self.outputs, 0).flatten(1)

    def followed(self, matrix: Tensor) -> tuple[Tensor, Tensor]:
        """One power iteration: v = W'u / |W'u|, u = W v / |W v|."""
        v = F.normalize(matrix.T @ self.u, dim=0)
        return F.normalize(matrix @ v, dim=0), v

    def forward(self, weight: Tensor) -> Tensor:
        if weight.is_meta:  # only the shape is asked for
            return weight.clone()
        with torch.autocast(weight.device.type, enabled=False):
            matrix = self.matrix(weight)
            with torch.no_grad():
                u, v = self.followed(matrix)
                if self.training:
                    self.u.copy_(u)
            sigma = u @ (matrix @ v)  # u and v are constants: equation 12 of the paper
            return weight / sigma.clamp(min=1e-12)
