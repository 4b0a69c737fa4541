"""Residual players, hinge loss, and a discriminator whose layers have spectral norm one. Miyato et al. 2018.

https://arxiv.org/abs/1802.05957
"""

from dataclasses import replace

from ..base.schedule import Cosine
from ..games.synthesis import Synthesis
from ..losses.hinge import Hinge
from ..networks.player import Player
from ..networks.resnet import Resnet, ResnetCritic
from ..networks.spectral import SpectralNorm
from ..training.optimisers import Adam
from .dcgan import averaged, dcgan
from .schema import Recipe


def sngan() -> Recipe:
    """Residual, hinge, spectral norm.

    Adam (0, 0.9) as in the paper; width 16 for its 128 and more, one turn each for its five, and 10 times its learning
    rate of 2e-4, for one core.
    """
    return sngan_of(conditional=False)


def sngan_projection() -> Recipe:
    """sngan with classes, by projection.

    sngan conditioned on the digit: G by conditional batch norm, D by projection. Miyato and Koyama 2018.
    https://arxiv.org/abs/1802.05637
    """
    return sngan_of(conditional=True)


def sngan_of(*, conditional: bool) -> Recipe:
    """The recipe with or without classes."""
    adam = Adam(lr=Cosine(2e-3), beta1=0.0, beta2=0.9)
    return replace(
        dcgan(),
        G=averaged(Resnet(width=16, latent=64, conditional=conditional), adam),
        D=Player(ResnetCritic(width=16, conditional=conditional), adam, constraints=(SpectralNorm(),)),
        game=Synthesis(loss=Hinge()),
        samples=150_000,
    )
