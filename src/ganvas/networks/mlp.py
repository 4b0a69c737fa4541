"""Fully connected players, for points and small images. Goodfellow et al. 2014. https://arxiv.org/abs/1406.2661"""

import itertools
import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..base.types import Count, Given, Share, Spec, Verdict
from .layers import ClassScale, Projection, class_count, full_precision
from .maxout import Maxout


@dataclass(frozen=True)
class Mlp:
    """z -> widths -> x, LeakyReLU between (a slope of 0 is ReLU); tanh at the end where the data are bounded.

    Args:
        widths: numbers of each hidden layer.
        latent: numbers in one z.
        conditional: whether it is given the class.
        batch_norm: whether hidden layers have batch norm.
        slope: of LeakyReLU below 0, in [0, 1).
        uniform: whether the first layer gets noise that is uniform in (-1, 1), erf(z / sqrt 2), instead of z.
    """

    widths: tuple[Count, ...] = (256, 512, 1024)
    latent: Count = 100
    conditional: bool = False
    batch_norm: bool = False
    slope: Share = 0.2
    uniform: bool = False

    def build(self, spec: Spec) -> nn.Module:
        return MlpGenerator(
            latent=self.latent,
            hidden=stack(self.latent, self.widths, batch_norm=self.batch_norm, slope=self.slope),
            last=(self.latent, *self.widths)[-1],
            shape=spec.shape,
            bounded=spec.bounded,
            classes=class_count(self.conditional, spec.classes),
            uniform=self.uniform,
        )


@dataclass(frozen=True)
class MlpCritic:
    """x -> widths -> one logit, LeakyReLU 0.2 between; with `maxout` pieces, maxout units instead.

    Args:
        widths: numbers of each hidden layer.
        conditional: whether the class is given, by projection.
        maxout: pieces of each maxout unit; None: LeakyReLU.
    """

    widths: tuple[Count, ...] = (512, 256)
    conditional: bool = False
    maxout: Count | None = None

    def build(self, spec: Spec) -> nn.Module:
        classes = class_count(self.conditional, spec.classes)
        numbers = math.prod(spec.shape)
        hidden = stack(numbers, self.widths) if self.maxout is None else maxouts(numbers, self.widths, self.maxout)
        return MlpDiscriminator(hidden=hidden, last=(numbers, *self.widths)[-1], classes=classes)


def stack(first: int, widths: tuple[int, ...], *, batch_norm: bool = False, slope: float = 0.2) -> nn.Sequential:
    """Linear, optional batch norm, and LeakyReLU for each width."""
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise((first, *widths)):
        layers += [
            nn.Linear(before, after, bias=not batch_norm),
            *[nn.BatchNorm1d(after)] * batch_norm,
            nn.LeakyReLU(slope, inplace=True),
        ]
    return nn.Sequential(*layers)


def maxouts(first: int, widths: tuple[int, ...], pieces: int) -> nn.Sequential:
    """A layer of maxout units for each width."""
    return nn.Sequential(*(Maxout(before, after, pieces) for before, after in itertools.pairwise((first, *widths))))


class MlpGenerator(nn.Module):
    """z [B, latent] -> x [B, *shape]."""

    def __init__(
        self,
        *,
        latent: int,
        hidden: nn.Module,
        last: int,
        shape: tuple[int, ...],
        bounded: bool,
        classes: int,
        uniform: bool = False,
    ) -> None:
        super().__init__()
        self.latent, self.shape, self.uniform = (latent,), shape, uniform
        self.conditional = bool(classes)
        self.condition = ClassScale(classes, latent) if classes else None
        self.hidden = hidden
        self.last = nn.Linear(last, math.prod(shape))
        self.squash = nn.Tanh() if bounded else nn.Identity()

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        z = torch.erf(z / 2**0.5) if self.uniform else z
        h = z if self.condition is None else self.condition(z, y)
        x: Tensor = self.squash(self.last(self.hidden(h)))
        return x.float().view(-1, *self.shape)


class MlpDiscriminator(nn.Module):
    """x [B, *shape] -> one logit."""

    def __init__(self, *, hidden: nn.Module, last: int, classes: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.head = Projection(last, classes)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        features = self.hidden(x.flatten(1))
        with full_precision(x):  # logits in full precision
            return Verdict(self.head(features.float(), y), features=(features.float(),))
