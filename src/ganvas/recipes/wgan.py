"""The earth mover's distance, with a critic kept from being steep by clipping. Arjovsky, Chintala and Bottou 2017. https://arxiv.org/abs/1701.07875"""

from dataclasses import replace

from ..base.schedule import Cosine
from ..games.synthesis import Synthesis
from ..losses.wasserstein import Wasserstein
from ..networks.clip import Clip
from ..networks.dcgan import Dcgan, DcganCritic
from ..networks.player import Player
from ..training.ema import Ema
from ..training.optimisers import RMSprop
from .dcgan import dcgan
from .schema import Recipe


def wgan() -> Recipe:
    """Wasserstein loss, clipped weights.

    Wasserstein loss, clipped weights.

    Clipped at 0.01, RMSprop, 5 critic turns to one of G, as in the paper; narrower and 20 times its learning rate of 5e-5, for a run of minutes.
    """
    lr = Cosine(1e-3)
    return replace(
        dcgan(),
        G=Player(Dcgan(width=32, latent=64), RMSprop(lr=lr), ema=Ema(halflife_samples=5_000)),
        D=Player(DcganCritic(width=32), RMSprop(lr=lr), constraints=(Clip(limit=0.01),)),
        game=Synthesis(loss=Wasserstein(), n_critic=5),
        samples=600_000,
    )
