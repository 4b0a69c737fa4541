"""Convolutional GANs on MNIST. Radford, Metz and Chintala 2016. https://arxiv.org/abs/1511.06434"""

from ..data.mnist import Mnist
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..metrics.digit_scores import DigitScores
from ..networks.dcgan import Dcgan, DcganCritic
from ..networks.player import Player
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe


def dcgan() -> Recipe:
    """Convolutional networks.

    Convolutional networks.

    The paper's layers and Adam (2e-4, 0.5), width 64, at 28 x 28.
    """
    return Recipe(
        source=Mnist(),
        G=Player(Dcgan(width=64), Adam(lr=2e-4), ema=Ema()),
        D=Player(DcganCritic(width=64), Adam(lr=2e-4)),
        game=Synthesis(loss=NonSaturating()),
        samples=500_000,
        scores=(DigitScores(),),
        tiny={"generator.width": 4, "discriminator.width": 4, "batch_samples": 8, "samples": 16, "scores": []},
    )
