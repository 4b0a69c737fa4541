"""WaveGAN: waves from noise by strided convolutions with long kernels, and a critic that hears no phases.

Donahue, McAuley and Puckette 2019, "Adversarial audio synthesis". https://arxiv.org/abs/1802.04208
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

import torch
import torch.nn.functional as F
from annotated_types import Ge
from torch import Tensor, nn

from ..base.types import Count, Given, Spec, Verdict
from .layers import Projection, class_count, full_precision
from .wave_layers import wave_length, wide

KERNEL, STRIDE, STAGES = 25, 4, 5
PADDING = 11  # with it a stride of 4 gives exactly a quarter, or four times, as many numbers
ZOOM = STRIDE**STAGES
SLOPE = 0.2  # of LeakyReLU


@dataclass(frozen=True)
class WaveGan:
    """z -> dense -> 5 transposed convolutions (kernel 25, stride 4), ReLU between them, tanh -> x [1, L].

    Donahue et al. 2019, table 3 (https://arxiv.org/abs/1802.04208), without batch norm as there. The paper has a width
    of 64 and L = 16,384; of any other L the end is cut off.

    Args:
        width: channels before the last convolution; each earlier one has twice as many.
        latent: numbers in one z.
    """

    width: Count = 64
    latent: Count = 100

    def build(self, spec: Spec) -> nn.Module:
        return WaveGanGenerator(wave_length(self, spec), self.width, self.latent)


@dataclass(frozen=True)
class WaveGanCritic:
    """x -> 5 convolutions (kernel 25, stride 4), LeakyReLU 0.2 and phase shuffle between them -> one logit.

    Donahue et al. 2019, table 4 (https://arxiv.org/abs/1802.04208); the paper has a width of 64.

    Args:
        width: channels of the first convolution; each further one has twice as many.
        shuffle: the largest move of phase shuffle, in numbers of each layer; 0 for none.
        conditional: whether the class is given, by projection.
    """

    width: Count = 64
    shuffle: Annotated[int, Ge(0)] = 2
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        classes = class_count(self.conditional, spec.classes)
        return WaveGanDiscriminator(wave_length(self, spec), self.width, self.shuffle, classes)


class WaveGanGenerator(nn.Module):
    """z [B, latent] -> x [B, 1, L] in [-1, 1]."""

    conditional = False

    def __init__(self, length: int, width: int, latent: int) -> None:
        super().__init__()
        self.latent, self.length, self.begin = (latent,), length, -(-length // ZOOM)
        channels = [width << level for level in reversed(range(STAGES))]
        self.dense = nn.Linear(latent, channels[0] * self.begin)
        self.layers = nn.ModuleList(
            nn.ConvTranspose1d(before, after, KERNEL, STRIDE, PADDING, output_padding=1)
            for before, after in pairwise((*channels, 1))
        )
        begin_uniform(self)

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        h = self.dense(z).unflatten(1, (-1, self.begin))  # [B, 16 width, L / 1024]
        for layer in self.layers:
            h = layer(F.relu(h))
        return wide(h[:, :, : self.length]).tanh()


class WaveGanDiscriminator(nn.Module):
    """x [B, 1, L] -> a logit [B, 1], and the features of the last layer [B, 16 width * L / 1024]."""

    def __init__(self, length: int, width: int, shuffle: int, classes: int) -> None:
        super().__init__()
        self.conditional, self.shuffle = bool(classes), shuffle
        channels = (1, *(width << level for level in range(STAGES)))
        self.layers = nn.ModuleList(
            nn.Conv1d(before, after, KERNEL, STRIDE, PADDING) for before, after in pairwise(channels)
        )
        self.head = Projection(channels[-1] * -(-length // ZOOM), classes)
        begin_uniform(self)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        h = F.pad(x, (0, -x.shape[2] % ZOOM))
        for number, layer in enumerate(self.layers, start=1):
            h = F.leaky_relu(layer(h), SLOPE)
            farthest = min(self.shuffle, h.shape[2] - 1)
            if self.training and farthest and number < STAGES:
                h = phase_shuffle(h, torch.randint(-farthest, farthest + 1, (len(h),)))
        with full_precision(x):
            features = wide(h).flatten(1)
            return Verdict(self.head(features, y), features=(features,))


def phase_shuffle(h: Tensor, moves: Tensor) -> Tensor:
    """Each sample's layer moved along time by its own whole number; what is missing at an end is mirrored.

    Donahue et al. 2019, section 3.2 and figure 3. https://arxiv.org/abs/1802.04208

    Args:
        h: [B, C, T].
        moves: [B], between -(T - 1) and T - 1; a positive one moves later numbers to earlier places.

    Returns:
        [B, C, T].
    """
    last = h.shape[2] - 1
    places = (torch.arange(h.shape[2]) + moves[:, None]).abs()  # mirrored at the first number
    places = last - (last - places).abs()  # and at the last
    return h.gather(2, places.to(h.device)[:, None].expand_as(h))


def begin_uniform(network: nn.Module) -> None:
    """Weights uniform with a variance of 2 / (inputs + outputs), biases 0. Glorot and Bengio 2010, equation 16.
    https://proceedings.mlr.press/v9/glorot10a.html
    """
    for module in network.modules():
        if isinstance(module, nn.Conv1d | nn.ConvTranspose1d | nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
