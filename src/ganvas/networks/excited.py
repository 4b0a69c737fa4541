"""A generator without checkerboards whose coarse maps excite fine ones: skip-layer excitation.

Liu et al. 2021, "Towards faster and stabilized GAN training for high-fidelity few-shot image synthesis", section 3.1.
https://arxiv.org/abs/2101.04775
"""

import itertools
import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..base.types import Count, Given, Spec
from .dcgan import coarsest, doublings, ladder
from .latent_mixture import LatentMixture
from .layers import ConditionalBatchNorm, DoublingConv, centre_crop, class_count, picture_shape


@dataclass(frozen=True)
class Excited:
    """z / |z| -> a small grid -> doubled (nearest) and convolved (3 x 3, batch norm, ReLU) until x.

    Each grid that is three levels finer than another is multiplied, channel by channel, by numbers in (0, 1) that are
    computed from the coarser one. Odena et al. 2016 show why a grid is resized and convolved, and not deconvolved
    (https://distill.pub/2016/deconv-checkerboard/).

    Args:
        width: channels at the finest resolution; each coarser one has twice as many.
        latent: numbers in one z.
        widest: the most channels of a layer.
        conditional: whether it is given the class, by conditional batch norm.
        mixture: Gaussians that z is drawn from, at most (LatentMixture); 0: z is normal. With them, one more number
            chooses among them.
    """

    width: Count = 32
    latent: Count = 64
    widest: Count = 256
    conditional: bool = False
    mixture: int = 0

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        widths = ladder(self.width, self.widest, shape, doublings(shape) + 1)[::-1]
        classes = class_count(self.conditional, spec.classes)
        mixture = LatentMixture(self.latent, self.mixture) if self.mixture else None
        return ExcitedGenerator(shape=shape, widths=widths, latent=self.latent, classes=classes, mixture=mixture)


class ExcitedGenerator(nn.Module):
    """z [B, latent] -> x [B, C, H, W] in [-1, 1]."""

    def __init__(
        self,
        *,
        shape: tuple[int, ...],
        widths: tuple[int, ...],
        latent: int,
        classes: int,
        mixture: LatentMixture | None = None,
    ) -> None:
        super().__init__()
        self.mixture = mixture
        self.latent, self.size, self.conditional = (latent + (mixture is not None),), shape[1:], bool(classes)
        self.grid = coarsest(shape)
        self.first = nn.Linear(latent, math.prod(self.grid) * widths[0])
        self.convolutions = nn.ModuleList(
            DoublingConv(before, after, bias=False) for before, after in itertools.pairwise(widths)
        )
        self.norms = nn.ModuleList(norm(width, classes) for width in widths)
        self.excite = nn.ModuleList(Excitation(widths[level], widths[level + 3]) for level in range(len(widths) - 3))
        self.last = nn.Conv2d(widths[-1], shape[0], 3, 1, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.orthogonal_(module.weight, 0.5 if module is self.last else 1.0)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        z = z if self.mixture is None else self.mixture(z)
        h = self.first(F.normalize(z, dim=1) * z.shape[1] ** 0.5)
        h = h.view(h.shape[0], *self.grid, -1).permute(0, 3, 1, 2)  # channels last in memory
        given_class = (y,) if self.conditional else ()
        norms = list(self.norms)
        levels = [h := F.relu(norms[0](h, *given_class))]
        for number, (convolution, normed) in enumerate(zip(self.convolutions, norms[1:], strict=True), 1):
            h = F.relu(normed(convolution(h), *given_class))
            if number >= 3:
                h = h * self.excite[number - 3](levels[number - 3])
            levels.append(h)
        return centre_crop(torch.tanh(self.last(h)).float(), *self.size)


class Excitation(nn.Module):
    """A coarse map [B, C, h, w] -> a factor in (0, 1) for each channel of a finer one, [B, D, 1, 1]."""

    def __init__(self, channels: int, finer: int) -> None:
        super().__init__()
        self.pool = nn.Conv2d(channels, finer, 4)
        self.factor = nn.Conv2d(finer, finer, 1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.factor(F.leaky_relu(self.pool(F.adaptive_avg_pool2d(x, 4)), 0.1)))


def norm(width: int, classes: int) -> nn.Module:
    """Batch norm, with a scale and a shift for each class where there are classes."""
    return ConditionalBatchNorm(width, classes) if classes else nn.BatchNorm2d(width)
