"""Detection of anomalies by two codes. Akcay et al. 2018 (GANomaly). https://arxiv.org/abs/1805.06725"""

from ..data.class_subset import ClassSubset
from ..data.mnist import Mnist
from ..games.ganomaly import Ganomaly
from ..networks.dcgan import Dcgan, DcganCritic
from ..networks.latent_head import LatentHead
from ..networks.player import Player
from ..training.optimisers import Adam
from .schema import Recipe

TINY = {
    "batch_samples": 8,
    "samples": 16,
    "generator.width": 4,
    "discriminator.width": 4,
    "others.A.network.network.width": 4,
    "others.E.network.network.width": 4,
}


def ganomaly() -> Recipe:
    """Anomalies by two codes.

    Encoder, decoder and second encoder learn at once; weights and Adam of the paper, narrower, code of 100 numbers.
    """
    adam = Adam(lr=2e-4)
    encoder = Player(LatentHead(DcganCritic(width=32), numbers=100), adam)
    return Recipe(
        source=ClassSubset(Mnist(), classes=("0",)),
        G=Player(Dcgan(width=32, latent=100), adam),
        D=Player(DcganCritic(width=32), adam),
        others={"A": encoder, "E": encoder},
        game=Ganomaly(),
        samples=150_000,
        diagnoses=0,
        remedies=0,
    )
