"""The Wasserstein distance, with a critic whose weights are clipped. Arjovsky, Chintala and Bottou 2017.

https://arxiv.org/abs/1701.07875
"""

from dataclasses import replace

from ..base.schedule import Cosine
from ..games.synthesis import Synthesis
from ..losses.wasserstein import Wasserstein
from ..networks.clip import Clip
from ..networks.dcgan import DcganCritic
from ..networks.player import Player
from ..training.optimisers import RMSprop
from .dcgan import narrow_dcgan
from .schema import Recipe


def wgan() -> Recipe:
    """Wasserstein loss, clipped weights.

    Clipped at 0.01, RMSprop, 5 critic turns to one of G, as in the paper; narrower and 20 times its learning rate of
    5e-5, for a run of minutes.
    """
    optimiser = RMSprop(lr=Cosine(1e-3))
    return replace(
        narrow_dcgan(optimiser),
        D=Player(DcganCritic(width=32), optimiser, constraints=(Clip(limit=0.01),)),
        game=Synthesis(loss=Wasserstein(), n_critic=5),
        samples=600_000,
    )
