"""D's slope is held near the data only. Kodali et al. 2017. https://arxiv.org/abs/1705.07215"""

from dataclasses import replace

from ..base.schedule import Cosine
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..networks.dcgan import Dcgan, DcganCritic
from ..networks.player import Player
from ..penalties.dragan import Dragan
from ..training.ema import Ema
from ..training.optimisers import Adam
from .dcgan import dcgan
from .schema import Recipe


def dragan() -> Recipe:
    """Gradient penalty near the data.

    Gradient penalty near the data.

    Weight 10 and one turn each, as in the paper; no batch norm in D, which would mix what the penalty differentiates.
    """
    lr = Cosine(2e-3, warmup_samples=6_400)
    return replace(
        dcgan(),
        G=Player(Dcgan(width=32, latent=64), Adam(lr=lr), ema=Ema(halflife_samples=5_000)),
        D=Player(DcganCritic(width=32, batch_norm=False), Adam(lr=lr)),
        game=Synthesis(loss=NonSaturating(), penalties=(Dragan(weight=10.0),)),
        samples=300_000,
    )
