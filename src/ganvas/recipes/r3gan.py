"""A modern baseline: the relativistic loss with R1 and R2, and residual players without tricks. Huang et al. 2024.

https://arxiv.org/abs/2501.05441
"""

from typing import Any

from ..base.schedule import Cosine
from ..data.mnist import Mnist
from ..games.simultaneous import Simultaneous
from ..losses.relativistic import Relativistic
from ..metrics.digit_scores import DigitScores
from ..networks.player import Player
from ..networks.r3gan import R3gan, R3ganCritic
from ..penalties.gradient import R1, R2
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe


def r3gan() -> Recipe:
    """Relativistic, R1 and R2, no tricks.

    As in the paper, learning rates fall by cosine to a quarter, gamma to a tenth, and the penalties count in every
    turn. For one core: narrow networks with classes, one block at each resolution, and both players at once. D has 10
    times the paper's learning rate of 2e-4, G 2.5 times: with as high a rate as D's it ignores z. beta2 is 0.99
    throughout, where the paper's rises to it from 0.9.
    """
    G, D = (Adam(lr=Cosine(lr, lr / 4), beta1=0.0, beta2=0.99) for lr in (5e-4, 2e-3))
    gamma = Cosine(0.5, 0.05)
    size: Any = {"width": 8, "widest": 64, "group_width": 16, "blocks": 1, "conditional": True}
    return Recipe(
        source=Mnist(),
        G=Player(R3gan(**size), G, ema=Ema(halflife_samples=5_000)),
        D=Player(R3ganCritic(**size), D),
        game=Simultaneous(loss=Relativistic(), penalties=(R1(gamma=gamma), R2(gamma=gamma))),
        samples=150_000,
        batch_samples=32,
        scores=(DigitScores(),),
    )
