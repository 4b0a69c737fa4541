"""Three ways to condition both players on the class. Mirza and Osindero 2014. https://arxiv.org/abs/1411.1784"""

from dataclasses import replace

from ..base.schedule import Cosine
from ..networks.conditional import ClassBatchNormDcgan, ClassConcat, ClassConcatCritic
from ..networks.dcgan import Dcgan, DcganCritic
from ..networks.player import Player
from ..training.ema import Ema
from ..training.optimisers import Adam
from .dcgan import averaged, dcgan
from .schema import Recipe


def cgan() -> Recipe:
    """Class by embedding and projection.

    dcgan conditioned on the digit: G by an embedding, D by projection. Mirza and Osindero 2014
    (https://arxiv.org/abs/1411.1784); Miyato and Koyama 2018 (https://arxiv.org/abs/1802.05637)
    """
    return replace(
        dcgan(),
        G=Player(Dcgan(width=64, conditional=True), Adam(lr=2e-4), ema=Ema()),
        D=Player(DcganCritic(width=64, conditional=True), Adam(lr=2e-4)),
    )


def cgan_concat() -> Recipe:
    """Class concatenated to z and to x.

    The class is concatenated to z in G and to x in D, as in the paper; as narrow and quick as recipe `mnist`.
    """
    adam = Adam(lr=Cosine(4e-3, warmup_samples=6_400))
    return replace(
        dcgan(),
        G=averaged(ClassConcat(Dcgan(width=32, latent=64)), adam),
        D=Player(ClassConcatCritic(DcganCritic(width=32, batch_norm=False)), adam),
        samples=300_000,
    )


def cgan_norm() -> Recipe:
    """Class in batch norm, by projection.

    The class in the scales and shifts of G's batch norms, and by projection in D; as narrow and quick as
    recipe `mnist`.
    """
    adam = Adam(lr=Cosine(4e-3, warmup_samples=6_400))
    return replace(
        dcgan(),
        G=averaged(ClassBatchNormDcgan(width=32, latent=64), adam),
        D=Player(DcganCritic(width=32, batch_norm=False, conditional=True), adam),
        samples=300_000,
    )
