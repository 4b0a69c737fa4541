"""Recurrent networks for sequences of numbers: gated recurrent units.

Cho et al. 2014. https://arxiv.org/abs/1406.1078
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge
from jaxtyping import Float
from torch import Tensor, nn

from ..base.types import Count, Given, Spec, Verdict
from .layers import full_precision

INPUTS = "inputs"  # of the settings of a spec: numbers of a step that the network reads


@dataclass(frozen=True)
class SeriesGru:
    """h_t = GRU(z_t, h_{t-1}); x_t = tanh(W h_t + b). Cho et al. 2014, section 2.3. https://arxiv.org/abs/1406.1078

    Every player of TimeGAN but D is such a network (Yoon et al. 2019, section 4): its output at a step depends on the
    steps before it alone.

    Args:
        width: numbers of h.
        layers: GRUs on each other.
        latent: numbers of z at a step; 0: as many as x has.
    """

    sequences: ClassVar[bool] = True
    width: Count = 24
    layers: Count = 3
    latent: Annotated[int, Ge(0)] = 0

    def build(self, spec: Spec) -> nn.Module:
        channels, length = series_shape(spec)
        inputs = int(spec.settings.get(INPUTS, 0)) or self.latent or channels
        return SeriesGenerator(inputs, channels, length, width=self.width, layers=self.layers)


@dataclass(frozen=True)
class SeriesGruCritic:
    """logit_t = w h_t + b, h_t = GRU(x_t, h_{t-1}): one logit a step. Yoon et al. 2019 (TimeGAN), section 4.2.

    As in the program of its authors in one direction; the paper has both.

    Args:
        width: numbers of h.
        layers: GRUs on each other.
    """

    sequences: ClassVar[bool] = True
    width: Count = 24
    layers: Count = 3

    def build(self, spec: Spec) -> nn.Module:
        return SeriesDiscriminator(series_shape(spec)[0], width=self.width, layers=self.layers)


class SeriesGenerator(nn.Module):
    """z [B, Z, T] -> x [B, C, T] in [-1, 1]."""

    def __init__(self, inputs: int, channels: int, length: int, *, width: int, layers: int) -> None:
        super().__init__()
        self.latent = (inputs, length)
        self.gru = nn.GRU(inputs, width, layers, batch_first=True)
        self.last = nn.Linear(width, channels)

    def forward(
        self, z: Float[Tensor, "b z t"], y: Tensor | None = None, given: Given = None
    ) -> Float[Tensor, "b c t"]:
        hidden, _ = self.gru(z.transpose(1, 2))  # [B, T, width]
        return torch.tanh(self.last(hidden)).transpose(1, 2)


class SeriesDiscriminator(nn.Module):
    """x [B, C, T] -> logits [B, T]."""

    def __init__(self, channels: int, *, width: int, layers: int) -> None:
        super().__init__()
        self.gru = nn.GRU(channels, width, layers, batch_first=True)
        self.last = nn.Linear(width, 1)

    def forward(self, x: Float[Tensor, "b c t"], y: Tensor | None = None, given: Given = None) -> Verdict:
        hidden, _ = self.gru(x.transpose(1, 2))
        with full_precision(x):
            return Verdict(self.last(hidden.to(self.last.weight.dtype))[:, :, 0], features=(hidden[:, -1],))


def series_shape(spec: Spec) -> tuple[int, int]:
    """C and T of x; of other data than sequences all numbers are the channels of one step."""
    if len(spec.shape) == 2:
        return spec.shape[0], spec.shape[1]
    return int(torch.Size(spec.shape).numel()), 1
