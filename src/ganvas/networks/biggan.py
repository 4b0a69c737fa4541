"""Wide residual players by class, with self-attention. Brock, Donahue and Simonyan 2019.

https://arxiv.org/abs/1809.11096
"""

import itertools
import math
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Given, Spec
from .attention import with_attention
from .dcgan import coarsest, ladder
from .layers import centre_crop, class_count, picture_shape
from .resnet import ResnetDiscriminator, UpBlock


@dataclass(frozen=True)
class BigGan:
    """The generator: a part of z -> a small grid -> a residual block for each doubling, each given a part of z -> x.

    Brock et al. 2019, section 3 and figure 15. https://arxiv.org/abs/1809.11096. z is split into equal parts, one for
    the grid and one for each block (hierarchical latents). The batch norms of a block get their gains and shifts from
    linear maps of its part and of one shared embedding of the class. One map has self-attention. The weights begin
    orthogonal. For CIFAR-10 (32 x 32) StudioGAN's is width 384, widest 384, latent 80.

    Args:
        width: channels of the last block; each coarser one has twice as many.
        latent: numbers in one z.
        shared: numbers of the embedding of the class.
        widest: the most channels of a layer.
        attention: the largest map of at most so many pixels on the longer side has self-attention; 0 for none.
        conditional: whether it is given the class.

    Raises:
        UsageError: from `build`, if z has fewer numbers than parts.
    """

    width: Count = 96
    latent: Count = 128
    shared: Count = 128
    widest: Count = 1536
    attention: int = 16
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        widths = ladder(self.width, self.widest, shape)[::-1]
        classes = class_count(self.conditional, spec.classes)
        if self.latent <= len(widths):
            raise UsageError(f"a latent of {self.latent} numbers has no {len(widths) + 1} parts", hint="Raise latent.")
        settings = {"latent": self.latent, "shared": self.shared, "attention": self.attention}
        return BigGanGenerator(shape=shape, widths=widths, classes=classes, **settings)


@dataclass(frozen=True)
class BigGanCritic:
    """The discriminator: x -> a residual block for each halving -> `plain` more -> ReLU, sum -> one logit.

    Brock et al. 2019, figure 15. https://arxiv.org/abs/1809.11096. It is `ResnetCritic` with self-attention in one map
    and orthogonal weights; the class enters by projection. For CIFAR-10 StudioGAN's is width 192, widest 192, halvings
    2, plain 2.

    Args:
        width: channels of the first block; each coarser one has twice as many.
        widest: the most channels of a layer.
        plain: blocks after the last halving.
        halvings: blocks that halve the image; None: as many as leave at most 7 pixels on the longer side.
        attention: the largest map of at most so many pixels on the longer side has self-attention; 0 for none.
        conditional: whether the class is given.
    """

    width: Count = 96
    widest: Count = 1536
    plain: Count = 1
    halvings: Count | None = None
    attention: int = 16
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        widths = ladder(self.width, self.widest, shape, self.halvings)
        classes = class_count(self.conditional, spec.classes)
        settings = {"plain": self.plain, "attention": self.attention}
        network = ResnetDiscriminator(shape=shape, widths=widths, classes=classes, **settings)
        orthogonal(network)
        return network


class StyledBatchNorm(nn.Module):
    """(1 + W c) (x - mean) / std + V c, c [B, inputs]: batch norm with gains and shifts from a condition."""

    def __init__(self, channels: int, *, inputs: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain, self.shift = (nn.Linear(inputs, channels, bias=False) for _ in range(2))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        gain, shift = (layer(condition)[:, :, None, None] for layer in (self.gain, self.shift))
        h: Tensor = (1 + gain) * self.norm(x) + shift
        return h


def orthogonal(network: nn.Module) -> None:
    """Orthogonal weights in all convolutions, linear layers and embeddings, biases 0. Saxe et al. 2014."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear | nn.Embedding):
            nn.init.orthogonal_(module.weight)
        if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)


class BigGanGenerator(nn.Module):
    """z [B, latent] -> x [B, C, H, W] in [-1, 1]."""

    def __init__(
        self,
        *,
        shape: tuple[int, ...],
        widths: tuple[int, ...],
        latent: int,
        shared: int,
        attention: int,
        classes: int,
    ) -> None:
        super().__init__()
        self.latent, self.size, self.grid = (latent,), shape[1:], coarsest(shape)
        self.conditional = bool(classes)
        part = latent // (len(widths) + 1)
        self.parts = (latent - part * len(widths), *[part] * len(widths))
        self.embedding = nn.Embedding(classes, shared) if classes else None
        self.first = nn.Linear(self.parts[0], widths[0] * math.prod(self.grid))
        norm = partial(StyledBatchNorm, inputs=part + (shared if classes else 0))
        blocks = [UpBlock(before, after, norm) for before, after in itertools.pairwise((widths[0], *widths))]
        sides = [max(self.grid) << number for number in range(1, len(widths) + 1)]
        self.blocks = nn.ModuleList(with_attention(blocks, widths=widths, sides=sides, most=attention))
        self.norm = nn.BatchNorm2d(widths[-1])
        self.last = nn.Conv2d(widths[-1], shape[0], 3, padding=1)
        orthogonal(self)

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        first, *others = z.split(self.parts, dim=1)
        shared = () if self.embedding is None else (self.embedding(y),)
        h = self.first(first).view(z.shape[0], -1, *self.grid)
        for block in self.blocks:  # self-attention takes no part of z
            h = block(h, torch.cat([*shared, others.pop(0)], dim=1)) if isinstance(block, UpBlock) else block(h)
        return centre_crop(torch.tanh(self.last(F.relu(self.norm(h)))).float(), *self.size)
