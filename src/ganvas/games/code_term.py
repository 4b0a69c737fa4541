"""A latent code that can be predicted from the samples, learnt without labels.

Chen et al. 2016 (InfoGAN). https://arxiv.org/abs/1606.03657
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Count, NonNegative, Term
from ..penalties.contract import Context
from .contract import Draws, Latents, Play, Terms


@dataclass(frozen=True)
class CodeTerm:
    """Both players: - lambda L_I, L_I = H(c) + E log Q(c | G(z, c)) <= I(c; G(z, c)).

    Chen et al. 2016, equations 5 and 6. https://arxiv.org/abs/1606.03657
    c is a category, uniform over `categories`, and `dials` numbers uniform in [-1, 1], the last ones of z; Q is D's
    `code` (CodeHead): logits of the category, then mean and log deviation of a normal for each dial. H(c) is constant
    and left out: the terms `category` and `dials` are -log Q. Training never reads labels; in use, the class that a
    sample is asked for is the number of its category. Deviations are clamped at 1/e, so that the dials' term cannot
    dominate the adversarial one; for sharper codes L_I is then not the paper's bound.

    Args:
        categories: how many values the category has.
        dials: how many continuous codes; z must have more numbers than that.
        category_weight: lambda of the category.
        dial_weight: lambda of the dials.
    """

    uses_labels: ClassVar[bool] = False
    categories: Count = 10
    dials: Count = 2
    category_weight: NonNegative = 1.0
    dial_weight: NonNegative = 0.1

    def latents(self, play: Play, draws: Draws, y: Tensor | None) -> Latents | None:
        (size,) = play.G.latent
        dials = 2 * draws.uniform("dials", self.dials) - 1
        drawn = (draws.uniform("category", 1)[:, 0] * self.categories).long()
        z = torch.cat([draws.normal("z", size - self.dials), dials], dim=1)
        return Latents(z, drawn if y is None else y % self.categories)

    def discriminator_terms(self, context: Context) -> Terms:
        return self._code_terms(context)

    def generator_terms(self, context: Context) -> Terms:
        return self._code_terms(context)

    def _code_terms(self, context: Context) -> Terms:
        code, (z, category) = context.fake.code, context.latents
        if code is None or z is None or category is None:
            raise UsageError("CodeTerm needs a discriminator that predicts codes", hint="Wrap it: CodeHead(...).")
        logits, mean, log_deviation = code.split([self.categories, self.dials, self.dials], dim=1)
        surprise = normal_nll(z[:, -self.dials :], mean, log_deviation).sum(1)
        return {
            "category": Term(F.cross_entropy(logits, category, reduction="none"), self.category_weight),
            "dials": Term(surprise, self.dial_weight),
        }


def normal_nll(x: Tensor, mean: Tensor, log_deviation: Tensor) -> Tensor:
    """-log N(x; mean, deviation^2), element by element; the deviation is clamped at 1/e from below."""
    log_deviation = log_deviation.clamp(min=-1.0)
    return 0.5 * ((x - mean) * torch.exp(-log_deviation)).square() + log_deviation + 0.5 * math.log(2 * math.pi)
