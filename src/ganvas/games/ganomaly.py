"""Anomalies by two codes: that of a sample, and that of its reconstruction. Akcay et al. 2018 (GANomaly).

https://arxiv.org/abs/1805.06725
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch, Loss, NonNegative, Term
from ..losses.nonsaturating import NonSaturating
from .contract import Draws, Game, Play, Terms, Turn
from .residual_encoding import features_of


@dataclass(frozen=True)
class Ganomaly(Game):
    """A, G, E: w_f |f(x) - f(G(A(x)))|^2 / m + w_c |x - G(A(x))| / n + w_e |A(x) - E(G(A(x)))|^2 / d; D: x or G(A(x))?

    Akcay et al. 2018 (GANomaly), equations 1 to 4; their weights are 1, 50 and 1. https://arxiv.org/abs/1805.06725
    The score of a sample is |A(x) - E(G(A(x)))|^2 / d, where equation 5 has the L1 norm. The three players step on one
    backward pass. A and E are encoders (LatentHead), G a generator of their codes; f are D's last features.

    Args:
        loss: of D; the three pay the distance of D's features instead, equation 1.
        feature_weight: w_f.
        content_weight: w_c.
        code_weight: w_e.

    Raises:
        UsageError: an encoder predicts no code, or D has no features.
    """

    needs_data: ClassVar[bool] = True
    images_per_sample: ClassVar[int] = 2
    finds_anomalies: ClassVar[bool] = True
    loss: Loss = field(default_factory=NonSaturating)
    feature_weight: NonNegative = 1.0
    content_weight: NonNegative = 50.0
    code_weight: NonNegative = 1.0

    def turns(self) -> Mapping[str, Turn]:
        return {
            "discriminator": Turn(("D",), self.discriminator_turn),
            "generator": Turn(("A", "G", "E"), self.generator_turn),
        }

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        with torch.no_grad():
            again = self.output(play, batch, draws)
        real, fake = (play.D(x, None, {}).scores for x in (batch.x, again))
        return {"adversarial": Term(self.loss.discriminator(real=real, fake=fake))}

    def generator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        code = code_of(play, "A", batch.x)
        again = play.G(code, None, {})
        real, fake = (features_of(self, play, x, batch).flatten(1) for x in (batch.x, again))
        return {
            "features": Term((real - fake).square().mean(1), self.feature_weight),
            "content": Term((batch.x - again).abs().flatten(1).mean(1), self.content_weight),
            "code": Term((code - code_of(play, "E", again)).square().mean(1), self.code_weight),
        }

    def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
        return play.G(code_of(play, "A", batch.x), None, {})

    def assess(self, play: Play, batch: Batch) -> Mapping[str, Tensor]:
        """The score [B] as "anomaly", and as "map" what of |x - G(A(x))| each pixel has."""
        code = code_of(play, "A", batch.x)
        again = play.G(code, None, {})
        score = (code - code_of(play, "E", again)).square().mean(1)
        return {"anomaly": score, "map": (batch.x - again).abs().mean(1)}

    def show(self, batch: Batch, output: Tensor) -> Tensor:
        """Sample and reconstruction side by side."""
        return torch.stack([batch.x, output], dim=1).flatten(0, 1)

    @property
    def uses_labels(self) -> bool:
        return False


def code_of(play: Play, name: str, x: Tensor) -> Tensor:
    """The code [B, d] that an encoder predicts. Raises UsageError: it predicts none."""
    code = play.discriminator(name)(x, None, {}).code
    if code is None:
        raise UsageError(f"the player {name} must predict codes", hint="Wrap its network: LatentHead(...).")
    return code
