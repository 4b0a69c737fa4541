"""The players of semi-supervised learning from 100 labels.

Salimans et al. 2016, section 5.1 and their published settings. https://arxiv.org/abs/1606.03498
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

import torch
import torch.nn.functional as F
from annotated_types import Ge
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Given, Spec, Verdict
from .layers import full_precision
from .weight_norm import WeightNormLinear


@dataclass(frozen=True)
class SoftplusMlp:
    """z -> widths, each softplus of batch norm -> a weight-normalised layer -> 2 sigmoid - 1. For bounded data.

    Args:
        widths: numbers of each hidden layer.
        latent: numbers in one z.
    """

    widths: tuple[Count, ...] = (500, 500)
    latent: Count = 100

    def build(self, spec: Spec) -> nn.Module:
        if not spec.bounded:
            raise UsageError(
                f"SoftplusMlp makes numbers between -1 and 1, and these data are {spec.domain}", hint="Use Mlp."
            )
        return SoftplusGenerator(widths=self.widths, latent=self.latent, shape=spec.shape)


@dataclass(frozen=True)
class NoisyClassifier:
    """x -> weight-normalised layers with ReLU, and Gaussian noise before each in training -> a logit for each class.

    A sample is real where log-sum-exp of its class logits is large: K classes stand for K + 1 with the fakes' logit
    held at 0 (section 5).

    Args:
        widths: numbers of each hidden layer.
        input_noise: standard deviation of the noise on x, in training.
        hidden_noise: the same on hidden layers.
    """

    widths: tuple[Count, ...] = (1000, 500, 250, 250, 250)
    input_noise: Annotated[float, Ge(0)] = 0.3
    hidden_noise: Annotated[float, Ge(0)] = 0.5

    def build(self, spec: Spec) -> nn.Module:
        if not spec.classes:
            raise UsageError("a classifier needs labels, and the data have none", hint="Bring a source with classes.")
        widths = (math.prod(spec.shape), *self.widths)
        return NoisyMlp(
            widths=widths, classes=len(spec.classes), input_noise=self.input_noise, hidden_noise=self.hidden_noise
        )


class GaussianNoise(nn.Module):
    """x + N(0, sigma^2) in training, x in use."""

    def __init__(self, sigma: float) -> None:
        super().__init__()
        self.sigma = sigma

    def forward(self, x: Tensor) -> Tensor:
        return torch.add(x, torch.randn_like(x), alpha=self.sigma) if self.training and self.sigma else x


class SoftplusGenerator(nn.Module):
    """z [B, latent] -> x [B, *shape] in [-1, 1]."""

    conditional = False

    def __init__(self, *, widths: tuple[int, ...], latent: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.latent, self.shape = (latent,), shape
        layers: list[nn.Module] = []
        for before, after in pairwise((latent, *widths)):
            layers += [nn.Linear(before, after, bias=False), nn.BatchNorm1d(after), nn.Softplus()]
        self.hidden = nn.Sequential(*layers)
        self.last = WeightNormLinear((latent, *widths)[-1], math.prod(shape))

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        x: Tensor = 2 * torch.sigmoid(self.last(self.hidden(z)).float()) - 1
        return x.view(-1, *self.shape)


class NoisyMlp(nn.Module):
    """x [B, *shape] in [-1, 1] -> class logits, their log-sum-exp as the logit, the last hidden layer without noise."""

    begins_from_data = True

    def __init__(self, *, widths: tuple[int, ...], classes: int, input_noise: float, hidden_noise: float) -> None:
        super().__init__()
        self.noise = nn.ModuleList(
            GaussianNoise(hidden_noise if level else input_noise) for level in range(len(widths))
        )
        self.hidden = nn.ModuleList(
            WeightNormLinear(before, after, fixed_length=True) for before, after in pairwise(widths)
        )
        self.head = WeightNormLinear(widths[-1], classes)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        features = (x.flatten(1) + 1) / 2
        for noise, layer in zip(self.noise, self.hidden, strict=False):
            features = F.relu(layer(noise(features)))
        with full_precision(x):  # logits in full precision
            features = features.float()
            classes = self.head(self.noise[-1](features))
            return Verdict(classes.logsumexp(1, keepdim=True), classes, (features,))
