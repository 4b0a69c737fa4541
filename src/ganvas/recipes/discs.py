"""Coloured discs whose factors are known: a small model to try and to prove edits of the latent space on.

Chen et al. 2016 (InfoGAN). https://arxiv.org/abs/1606.03657
"""

from collections.abc import Mapping
from typing import Any

from ..base.schedule import Cosine
from ..data.discs import Discs
from ..games.code_term import CodeTerm
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..networks.dcgan import Dcgan, DcganCritic
from ..networks.heads import CodeHead
from ..networks.player import Player
from ..penalties.every import Every
from ..penalties.gradient import R1
from ..training.optimisers import Adam
from .dcgan import averaged
from .schema import Recipe

CODES = 4  # as many as the factors of a disc


TINY: Mapping[str, Any] = {"batch_samples": 8, "samples": 16, "generator.width": 4, "discriminator.width": 4}


def discs() -> Recipe:
    """Coloured discs, four codes.

    A DCGAN of 16 x 16 pixels whose latent is four continuous codes, uniform in [-1, 1] and nothing else, and a D that
    reads the codes back from the samples. In minutes on one core.
    """
    adam = Adam(lr=Cosine(1.5e-3), beta1=0.5, beta2=0.99)
    critic = CodeHead(DcganCritic(width=24, batch_norm=False), categories=1, dials=CODES)
    return Recipe(
        source=Discs(side=16),
        G=averaged(Dcgan(width=24, latent=CODES), adam),
        D=Player(critic, adam),
        game=Synthesis(
            loss=NonSaturating(),
            penalties=(Every(8, R1(gamma=0.1)),),
            auxiliary=(CodeTerm(categories=1, dials=CODES, dial_weight=0.5),),
        ),
        samples=120_000,
        batch_samples=32,
    )
