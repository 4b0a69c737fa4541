"""Transformer blocks whose map grows by pixel shuffles. Jiang, Chang and Wang 2021 (TransGAN).

https://arxiv.org/abs/2102.07074
"""

from ..augment.differentiable import Translate
from ..base.schedule import Cosine
from ..data.mnist import Mnist
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..metrics.digit_scores import DigitScores
from ..networks.dcgan import DcganCritic
from ..networks.player import Player
from ..networks.transgan import Transgan
from ..penalties.every import Every
from ..penalties.gradient import R1
from ..training.optimisers import Adam
from .dcgan import averaged
from .schema import Recipe
from .tiny import PICTURES

TINY = {**PICTURES, "generator.width": 16, "generator.narrowest": 4}


def transgan() -> Recipe:
    """A transformer whose map grows.

    The generator of Jiang, Chang and Wang 2021 (https://arxiv.org/abs/2102.07074) and D's augmentation by translation.
    For one core: width 96, few blocks, attention within 7 x 7 pixels on finer maps, classes, the non-saturating loss
    with R1 in every 8th turn, and a convolutional D in place of a transformer, as Durall et al. 2021 found good
    (https://arxiv.org/abs/2105.10189); `discriminator.kind=VitCritic` is the paper's kind.
    """
    adam = Adam(lr=Cosine(1e-3, warmup_samples=1_000), beta1=0.0, beta2=0.99)
    return Recipe(
        source=Mnist(),
        G=averaged(
            Transgan(width=96, depths=(2, 1, 1), heads=2, latent=64, narrowest=24, grid=7, conditional=True), adam
        ),
        D=Player(DcganCritic(width=32, batch_norm=False, conditional=True), adam),
        game=Synthesis(loss=NonSaturating(), penalties=(Every(8, R1(gamma=0.1)),), views=(Translate(),)),
        samples=150_000,
        batch_samples=32,
        scores=(DigitScores(),),
    )
