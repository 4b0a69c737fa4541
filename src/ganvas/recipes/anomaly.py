"""Detection of anomalies by a GAN of normal samples and an encoder of it. Schlegl et al. 2019 (f-AnoGAN).

https://doi.org/10.1016/j.media.2019.01.010
"""

from ..data.class_subset import ClassSubset
from ..data.mnist import Mnist
from ..games.residual_encoding import ResidualEncoding
from ..games.synthesis import Synthesis
from ..losses.wasserstein import Wasserstein
from ..networks.dcgan import Dcgan, DcganCritic
from ..networks.latent_head import LatentHead
from ..networks.player import Player
from ..penalties.wgan_gp import WganGp
from ..training.optimisers import Adam
from .schema import Phase, Recipe

TINY = {
    "batch_samples": 8,
    "samples": 32,
    "generator.width": 4,
    "discriminator.width": 4,
    "others.E.network.network.width": 4,
    "phases": [
        {"samples": 16, "game": {"kind": "Synthesis"}},
        {"samples": 16},
    ],
}


def anomaly() -> Recipe:
    """Anomalies by reconstruction.

    A WGAN-GP learns what is normal; then an encoder learns the codes of normal samples, G and D frozen.
    """
    adam = Adam(lr=1e-3, beta1=0.0, beta2=0.9)
    played = Synthesis(loss=Wasserstein(), penalties=(WganGp(weight=10.0),), n_critic=3)
    trunk = DcganCritic(width=32, batch_norm=False)
    return Recipe(
        source=ClassSubset(Mnist(), keep=("0",)),
        G=Player(Dcgan(width=32, latent=64), adam),
        D=Player(DcganCritic(width=32, batch_norm=False), adam),
        others={"E": Player(LatentHead(trunk, numbers=64), Adam(lr=1e-3, beta1=0.9))},
        game=ResidualEncoding(game=played),
        samples=200_000,
        batch_samples=32,
        phases=(
            Phase(samples=6, game=played),
            Phase(samples=2, game=played, changes={"G.optimiser.lr": 2e-4, "D.optimiser.lr": 2e-4}),
            Phase(samples=6),
            Phase(samples=2, changes={"others.E.optimiser.lr": 1e-4}),
        ),
        diagnoses=0,
        remedies=0,
    )
