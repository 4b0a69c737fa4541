"""Convolutional GANs on MNIST. Radford, Metz and Chintala 2016. https://arxiv.org/abs/1511.06434"""

from dataclasses import replace

from ..base.types import Network
from ..base.updates import Optimiser
from ..data.mnist import Mnist
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..metrics.digit_scores import DigitScores
from ..networks.dcgan import Dcgan, DcganCritic
from ..networks.player import Player
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe


def dcgan() -> Recipe:
    """Convolutional networks.

    The paper's layers and Adam (2e-4, 0.5), width 64, at 28 x 28.
    """
    return Recipe(
        source=Mnist(),
        G=Player(Dcgan(width=64), Adam(lr=2e-4), ema=Ema()),
        D=Player(DcganCritic(width=64), Adam(lr=2e-4)),
        game=Synthesis(loss=NonSaturating()),
        samples=500_000,
        scores=(DigitScores(),),
    )


def narrow_dcgan(optimiser: Optimiser) -> Recipe:
    """`dcgan` for runs of minutes on two cores: width 32, a latent of 64 numbers, no batch norm in D.

    Args:
        optimiser: for both players.
    """
    return replace(
        dcgan(),
        G=averaged(Dcgan(width=32, latent=64), optimiser),
        D=Player(DcganCritic(width=32, batch_norm=False), optimiser),
    )


def averaged(network: Network, optimiser: Optimiser) -> Player:
    """A player whose weights are averaged with a half-life of 5,000 samples, which suits runs of some 200,000."""
    return Player(network, optimiser, ema=Ema(halflife_samples=5_000))
