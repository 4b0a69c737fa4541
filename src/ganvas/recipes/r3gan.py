"""A modern baseline: the relativistic loss with R1 and R2, and residual players without tricks. Huang et al. 2024.

https://arxiv.org/abs/2501.05441
"""

from ..base.schedule import Cosine
from ..data.mnist import Mnist
from ..games.simultaneous import Simultaneous
from ..losses.relativistic import Relativistic
from ..metrics.digit_scores import DigitScores
from ..networks.player import Player
from ..networks.r3gan import R3gan, R3ganCritic
from ..penalties.every import Every
from ..penalties.gradient import R1, R2
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe


def r3gan() -> Recipe:
    """Relativistic, R1 and R2, no tricks.

    The paper's schedules over the whole run: the learning rate and gamma fall by cosine (gamma to a tenth), beta2 rises
    from 0.9 to 0.99. For one core: narrow networks with classes, one block at each resolution, 20 times the paper's
    learning rate, the penalties in every 8th turn, batches of 16, and both players at once.
    """
    adam = Adam(lr=Cosine(4e-3, 1e-3), beta1=0.0, beta2=Cosine(0.9, 0.99))
    gamma = Cosine(0.5, 0.05)
    size = {"width": 8, "widest": 64, "group_width": 16, "blocks": 1}
    return Recipe(
        source=Mnist(),
        G=Player(R3gan(**size, conditional=True), adam, ema=Ema(halflife_samples=5_000)),
        D=Player(R3ganCritic(**size, conditional=True), adam),
        game=Simultaneous(loss=Relativistic(), penalties=(Every(8, R1(gamma=gamma)), Every(8, R2(gamma=gamma)))),
        samples=150_000,
        batch_samples=16,
        scores=(DigitScores(),),
    )
