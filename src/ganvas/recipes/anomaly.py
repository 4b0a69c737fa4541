"""Detection of anomalies by a GAN of normal samples and an encoder of it. Schlegl et al. 2019 (f-AnoGAN).

https://doi.org/10.1016/j.media.2019.01.010
"""

from ..base.schedule import Cosine
from ..data.class_subset import ClassSubset
from ..data.mnist import Mnist
from ..games.residual_encoding import ResidualEncoding
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..networks.dcgan import Dcgan, DcganCritic
from ..networks.latent_head import LatentHead
from ..networks.player import Player
from ..penalties.gradient import R1
from ..training.optimisers import Adam
from .schema import Phase, Recipe

TINY = {
    "batch_samples": 8,
    "samples": 32,
    "generator.width": 4,
    "discriminator.width": 4,
    "others.E.network.network.width": 4,
}


def anomaly() -> Recipe:
    """Anomalies by reconstruction.

    A GAN learns what is normal; then an encoder learns the codes of normal samples, G and D frozen ("izi_f"). Where the
    paper has WGAN-GP and five critic turns, this has R1 and one, which is several times faster on a processor.
    """
    adam = Adam(lr=Cosine(2e-3, warmup_samples=2_000))
    played = Synthesis(loss=NonSaturating(), penalties=(R1(gamma=1.0),))
    trunk = DcganCritic(width=32, batch_norm=False)
    return Recipe(
        source=ClassSubset(Mnist(), classes=("0",)),
        G=Player(Dcgan(width=32, latent=64), adam),
        D=Player(DcganCritic(width=32, batch_norm=False), adam),
        others={"E": Player(LatentHead(trunk, numbers=64), Adam(lr=Cosine(2e-3), beta1=0.9))},
        game=ResidualEncoding(game=played),
        samples=120_000,
        phases=(Phase(samples=1, game=played), Phase(samples=1)),
        diagnoses=0,
        remedies=0,
    )
