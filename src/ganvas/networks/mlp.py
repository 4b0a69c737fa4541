"""Fully connected players: the textbook's first GAN, and the players of 2-D games. Goodfellow et al. 2014. https://arxiv.org/abs/1406.2661"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..base.types import Count, Spec, Verdict
from .layers import ClassScale, Projection, class_count


@dataclass(frozen=True)
class Mlp:
    """z -> widths -> x, LeakyReLU 0.2 between; tanh at the end where the data are bounded."""

    widths: tuple[Count, ...] = (256, 512, 1024)
    latent: Count = 100
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        return MlpGenerator(
            latent=self.latent,
            widths=self.widths,
            shape=spec.shape,
            bounded=spec.bounded,
            classes=class_count(self.conditional, spec.classes),
        )


@dataclass(frozen=True)
class MlpCritic:
    """x -> widths -> one logit, LeakyReLU 0.2 between."""

    widths: tuple[Count, ...] = (512, 256)
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        classes = class_count(self.conditional, spec.classes)
        return MlpDiscriminator(numbers=math.prod(spec.shape), widths=self.widths, classes=classes)


def stack(first: int, widths: tuple[int, ...]) -> nn.Sequential:
    """Linear + LeakyReLU 0.2 for each width."""
    layers: list[nn.Module] = []
    for before, after in zip((first, *widths), widths, strict=False):
        layers += [nn.Linear(before, after), nn.LeakyReLU(0.2, inplace=True)]
    return nn.Sequential(*layers)


class MlpGenerator(nn.Module):
    """z [B, latent] -> x [B, *shape]."""

    def __init__(self, *, latent: int, widths: tuple[int, ...], shape: tuple[int, ...], bounded: bool, classes: int) -> None:
        super().__init__()
        self.latent, self.shape = (latent,), shape
        self.conditional = bool(classes)
        self.condition = ClassScale(classes, latent) if classes else None
        self.hidden = stack(latent, widths)
        self.last = nn.Linear(widths[-1] if widths else latent, math.prod(shape))
        self.squash = nn.Tanh() if bounded else nn.Identity()

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        h = z if self.condition is None else self.condition(z, y)
        x: Tensor = self.squash(self.last(self.hidden(h)))
        return x.float().view(-1, *self.shape)


class MlpDiscriminator(nn.Module):
    """x [B, *shape] -> one logit."""

    def __init__(self, *, numbers: int, widths: tuple[int, ...], classes: int) -> None:
        super().__init__()
        self.hidden = stack(numbers, widths)
        self.head = Projection(widths[-1] if widths else numbers, classes)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Verdict:
        features = self.hidden(x.flatten(1))
        with torch.autocast(x.device.type, enabled=False):  # logits in full precision
            return Verdict(self.head(features.float(), y), features=features.float())
