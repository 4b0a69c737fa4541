"""Wide residual players by class, with shared embeddings and self-attention. Brock, Donahue and Simonyan 2019.

https://arxiv.org/abs/1809.11096
"""

from dataclasses import replace
from typing import Any

from ..base.schedule import Cosine
from ..data.mnist import Mnist
from ..games.synthesis import Synthesis
from ..losses.hinge import Hinge
from ..metrics.digit_scores import DigitScores
from ..networks.biggan import BigGan, BigGanCritic
from ..networks.player import Player
from ..networks.resnet import Resnet, ResnetCritic
from ..networks.spectral import SpectralNorm
from ..penalties.orthogonality import Orthogonality
from ..training.optimisers import Adam
from .dcgan import averaged
from .schema import Recipe


def biggan() -> Recipe:
    """Class in every norm, attention.

    The paper's hinge loss, spectral norm in both players and orthogonal regularisation of G. For one core: width 16,
    one turn of D for its two, and Adam (0, 0.9) at 2e-3 for both players, in place of (0, 0.999) at 5e-5 and 2e-4.
    """
    adam = Adam(lr=Cosine(2e-3), beta1=0.0, beta2=0.9)
    norms = (SpectralNorm(),)
    return Recipe(
        source=Mnist(),
        G=replace(averaged(BigGan(width=16, latent=60, shared=32, conditional=True), adam), constraints=norms),
        D=Player(BigGanCritic(width=16, conditional=True), adam, constraints=norms),
        game=Synthesis(loss=Hinge(), generator_penalties=(Orthogonality(weight=1e-4),)),
        samples=150_000,
        batch_samples=32,
        scores=(DigitScores(),),
    )


def sagan() -> Recipe:
    """Residual by class, attention.

    Zhang et al. 2019: the hinge loss, conditional batch norm, projection, self-attention, spectral norm, Adam (0, 0.9)
    (https://arxiv.org/abs/1805.08318). For one core: width 16, and 2e-3 for both players in place of 1e-4 and 4e-4.
    Spectral norm is in D only: in G, as in the paper, ours would divide the tables of the batch norms' gains too.
    """
    adam = Adam(lr=Cosine(2e-3), beta1=0.0, beta2=0.9)
    size: Any = {"width": 16, "conditional": True, "attention": 16}
    return replace(
        biggan(),
        G=averaged(Resnet(latent=64, **size), adam),
        D=Player(ResnetCritic(**size), adam, constraints=(SpectralNorm(),)),
        game=Synthesis(loss=Hinge()),
    )
