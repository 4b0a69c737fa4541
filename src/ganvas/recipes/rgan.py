"""Relativistic pairs with R1 and R2: a loss with a proof of local convergence. Huang et al. 2024, section 2.

https://arxiv.org/abs/2501.05441
"""

from dataclasses import replace

from ..base.schedule import Cosine
from ..data.mnist import Mnist
from ..games.synthesis import Synthesis
from ..losses.relativistic import Relativistic
from ..metrics.digit_scores import DigitScores
from ..networks.dcgan import Dcgan, DcganCritic
from ..networks.player import Player
from ..penalties.every import Every
from ..penalties.gradient import R1, R2
from ..training.ema import Ema
from ..training.optimisers import Adam
from .points import grid
from .schema import Recipe
from .tiny import POINTS

TINY_RGAN_GRID = POINTS


def rgan() -> Recipe:
    """Relativistic loss with R1 and R2.

    The game on MNIST with convolutional players; penalties in every eighth turn; no batch norm in D, as the penalties
    need gradients of single samples.
    """
    return Recipe(
        source=Mnist(),
        G=Player(Dcgan(width=32, latent=64), Adam(lr=Cosine(1e-3), beta1=0.0, beta2=0.99), ema=Ema()),
        D=Player(DcganCritic(width=32, batch_norm=False), Adam(lr=Cosine(1e-3), beta1=0.0, beta2=0.99)),
        game=Synthesis(loss=Relativistic(), penalties=(Every(8, R1(gamma=0.1)), Every(8, R2(gamma=0.1)))),
        samples=300_000,
        scores=(DigitScores(),),
    )


def rgan_grid() -> Recipe:
    """25 Gaussians, relativistic loss.

    The game on 25 Gaussians, penalties in every fourth turn.
    """
    game = Synthesis(loss=Relativistic(), penalties=(Every(4, R1(gamma=0.1)), Every(4, R2(gamma=0.1))))
    return replace(grid(), game=game)
