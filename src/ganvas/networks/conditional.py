"""Class-conditional players: the class as a further input of any network, or through batch norm."""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Given, Network, Spec, Verdict
from .dcgan import Dcgan, DcganCritic, coarsest, ladder
from .layers import ConditionalBatchNorm, centre_crop, class_count, dcgan_init, picture_shape


@dataclass(frozen=True)
class ClassConcat:
    """G([z, onehot(y)]): a generator whose input is the latent concatenated with the one-hot class.

    Mirza and Osindero 2014, section 3.2. https://arxiv.org/abs/1411.1784
    `classes` 0: as many as the data have. The wrapped network's `latent` counts z alone; it may not be conditional
    itself.

    Args:
        network: an unconditional generator with a field `latent`.
        classes: numbers beside z; 0: as many as the data have classes.
    """

    conditional: ClassVar[bool] = True
    network: Network = field(default_factory=Dcgan)
    classes: int = 0

    def build(self, spec: Spec) -> nn.Module:
        latent = getattr(self.network, "latent", None)
        if not isinstance(latent, int) or getattr(self.network, "conditional", False):
            raise UsageError(f"ClassConcat wants an unconditional generator with a latent, not {self.network}")
        classes = self.classes or class_count(True, spec.classes)
        # all networks are dataclasses
        widened: Network = replace(self.network, latent=latent + classes)  # type: ignore[type-var]
        return ClassConcatGenerator(widened.build(spec), latent, classes)


@dataclass(frozen=True)
class ClassConcatCritic:
    """D([x, onehot(y)]): a critic of x concatenated with the one-hot class.

    Mirza and Osindero 2014, section 3.2. https://arxiv.org/abs/1411.1784
    Images [C, H, W] get a channel for each class, ones for the own class and zeros for the others; points get one
    number for each class.

    Args:
        network: an unconditional discriminator.
    """

    conditional: ClassVar[bool] = True
    network: Network = field(default_factory=DcganCritic)

    def build(self, spec: Spec) -> nn.Module:
        if getattr(self.network, "conditional", False):
            raise UsageError("ClassConcatCritic wants an unconditional critic", hint="Set conditional=false in it.")
        classes = class_count(True, spec.classes)
        return ClassConcatDiscriminator(
            self.network.build(replace(spec, shape=(spec.shape[0] + classes, *spec.shape[1:]))), classes
        )


@dataclass(frozen=True)
class ClassBatchNormDcgan:
    """Dcgan with conditional batch norm: a scale and a shift for each class.

    Dumoulin et al. 2017 (https://arxiv.org/abs/1610.07629); Miyato and Koyama 2018 (https://arxiv.org/abs/1802.05637)

    Args:
        width: channels at the finest resolution; each coarser one has twice as many.
        latent: numbers in one z.
        widest: the most channels of a layer.
    """

    conditional: ClassVar[bool] = True
    width: Count = 64
    latent: Count = 100
    widest: Count = 1024

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        classes = class_count(True, spec.classes)
        return ClassBatchNormGenerator(
            shape=shape, widths=ladder(self.width, self.widest, shape)[::-1], latent=self.latent, classes=classes
        )


class ClassConcatGenerator(nn.Module):
    """(z [B, latent], y [B]) -> the wrapped generator's x."""

    conditional = True

    def __init__(self, network: nn.Module, latent: int, classes: int) -> None:
        super().__init__()
        self.network, self.latent, self.classes = network, (latent,), classes

    def forward(self, z: Tensor, y: Tensor, given: Given = None) -> Tensor:
        x: Tensor = self.network(torch.cat([z, F.one_hot(y, self.classes).to(z.dtype)], dim=1), None, given)
        return x


class ClassConcatDiscriminator(nn.Module):
    """(x [B, C, ...], y [B]) -> the wrapped critic's Verdict of [B, C + classes, ...]."""

    conditional = True

    def __init__(self, network: nn.Module, classes: int) -> None:
        super().__init__()
        self.network, self.classes = network, classes

    def forward(self, x: Tensor, y: Tensor, given: Given = None) -> Verdict:
        planes = F.one_hot(y, self.classes).to(x.dtype).view(len(x), self.classes, *[1] * (x.ndim - 2))
        verdict: Verdict = self.network(torch.cat([x, planes.expand(-1, -1, *x.shape[2:])], dim=1), None, given)
        return verdict


class ClassBatchNormGenerator(nn.Module):
    """(z [B, latent], y [B]) -> x [B, C, H, W] in [-1, 1]."""

    conditional = True

    def __init__(self, *, shape: tuple[int, ...], widths: tuple[int, ...], latent: int, classes: int) -> None:
        super().__init__()
        self.latent, self.size = (latent,), shape[1:]
        first = nn.ConvTranspose2d(latent, widths[0], coarsest(shape), bias=False)
        self.grow = nn.ModuleList(
            [first, *(nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False) for before, after in pairwise(widths))]
        )
        self.norms = nn.ModuleList(ConditionalBatchNorm(width, classes) for width in widths)
        self.last = nn.ConvTranspose2d(widths[-1], shape[0], 4, 2, 1)
        dcgan_init(self.grow)
        dcgan_init(self.last)

    def forward(self, z: Tensor, y: Tensor, given: Given = None) -> Tensor:
        h = z[:, :, None, None]
        for grow, norm in zip(self.grow, self.norms, strict=True):
            h = F.relu(norm(grow(h), y))
        return centre_crop(torch.tanh(self.last(h)).float(), *self.size)
