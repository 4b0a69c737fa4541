"""A generator whose latent has parts that can be read off its samples, learnt without labels. Chen et al. 2016. https://arxiv.org/abs/1606.03657"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..base.draws import Draws
from ..base.types import Batch, Count, Loss, NonNegative, Term
from ..losses.nonsaturating import NonSaturating
from ..penalties.contract import Pass, Penalty, due, terms
from .contract import Game, Play, Terms, Turn


class Latent(NamedTuple):
    """What a fake is made from: z [B, latent], whose last numbers are the dials in [-1, 1], and the category [B]."""

    z: Tensor
    category: Tensor
    dials: Tensor


@dataclass(frozen=True)
class InfoGan(Game):
    """Both players: adversarial - lambda L_I, L_I = H(c) + E log Q(c | G(z, c)) <= I(c; G(z, c)). Chen et al. 2016, equations 5 and 6. https://arxiv.org/abs/1606.03657

    c is a category, uniform over `categories`, and `dials` numbers uniform in [-1, 1]; Q is D's `code` (CodeHead): logits of the category, then mean
    and log deviation of a normal for each dial. H(c) does not change and is left out: `category` and `dials` are the terms -log Q.
    Labels are never looked at in training; where a class is asked for, its number is the category.
    """

    loss: Loss = field(default_factory=NonSaturating)
    penalties: tuple[Penalty, ...] = ()
    categories: Count = 10
    dials: Count = 2
    category_weight: NonNegative = 1.0
    dial_weight: NonNegative = 0.1

    def turns(self) -> Mapping[str, Turn]:
        return {
            "discriminator": Turn("D", self.discriminator_turn),
            "generator": Turn("G", self.generator_turn, reals=self.loss.needs_real),
        }

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        penalties = due(self.penalties, play.turn)
        latent = self._latent(play, draws, None)
        x_fake = play.G(latent.z, latent.category).detach()
        judged = Pass(play.D, batch.x, x_fake, None, draws=draws, gradients=any(p.gradients for p in penalties))
        adversarial = self.loss.discriminator(real=judged.real.logits, fake=judged.fake.logits)
        return {"adversarial": Term(adversarial), **self._read(judged.fake.code, latent), **terms(penalties, judged)}

    def generator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        latent = self._latent(play, draws, None)
        judged = Pass(
            play.D, batch.x if self.loss.needs_real else None, play.G(latent.z, latent.category), None, draws=draws
        )
        real = judged.real.logits if self.loss.needs_real else None
        return {
            "adversarial": Term(self.loss.generator(real=real, fake=judged.fake.logits)),
            **self._read(judged.fake.code, latent),
        }

    def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
        latent = self._latent(play, draws, batch.y)
        x: Tensor = play.G(latent.z, latent.category)
        return x

    def judge(self, play: Play, batch: Batch, x: Tensor) -> Tensor | None:
        logits: Tensor = play.D(x, None).logits
        return logits

    def _latent(self, play: Play, draws: Draws, y: Tensor | None) -> Latent:
        (size,) = play.latent
        dials = 2 * draws.uniform("dials", self.dials) - 1
        drawn = (draws.uniform("category", 1)[:, 0] * self.categories).long()
        return Latent(
            torch.cat([draws.normal("z", size - self.dials), dials], dim=1),
            drawn if y is None else y % self.categories,
            dials,
        )

    def _read(self, code: Tensor | None, latent: Latent) -> Terms:
        assert code is not None, "InfoGan wants a discriminator that reads codes: CodeHead(...)"
        logits, mean, log_deviation = code.split([self.categories, self.dials, self.dials], dim=1)
        return {
            "category": Term(F.cross_entropy(logits, latent.category, reduction="none"), self.category_weight),
            "dials": Term(normal_surprise(latent.dials, mean, log_deviation).sum(1), self.dial_weight),
        }


def normal_surprise(x: Tensor, mean: Tensor, log_deviation: Tensor) -> Tensor:
    """-log N(x; mean, deviation^2), element by element; deviations below 1/e count as that, so that no dial is worth more than looking real."""
    log_deviation = log_deviation.clamp(min=-1.0)
    return 0.5 * ((x - mean) * torch.exp(-log_deviation)).square() + log_deviation + 0.5 * math.log(2 * math.pi)
