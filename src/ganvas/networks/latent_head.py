"""An encoder: a discriminator's trunk with a head that predicts the latent code of a picture."""

from dataclasses import dataclass, field

from torch import nn

from ..base.types import Count, Network, Spec
from .dcgan import DcganCritic
from .heads import Headed, last_features, unconditional


@dataclass(frozen=True)
class LatentHead:
    """f(x) -> `hidden` -> `numbers` of the latent code, as the verdict's `code`; the trunk's logit is not used.

    For the game Encoding; the encoder of Schlegl et al. 2019 (f-AnoGAN). https://doi.org/10.1016/j.media.2019.01.010

    Args:
        network: an unconditional discriminator with features.
        numbers: of the code.
        hidden: numbers of the head's hidden layer.
    """

    network: Network = field(default_factory=lambda: DcganCritic(batch_norm=False))
    numbers: Count = 64
    hidden: Count = 256

    def build(self, spec: Spec) -> nn.Module:
        trunk = unconditional(self.network, self, spec)
        head = nn.Sequential(
            nn.Linear(last_features(trunk, spec).shape[1], self.hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(self.hidden, self.numbers),
        )
        return Headed(trunk, code=head)
