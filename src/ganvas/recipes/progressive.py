"""Networks that grow during the run, from coarse to fine. Karras et al. 2018. https://arxiv.org/abs/1710.10196"""

from typing import Any

from ..base.schedule import Linear
from ..data.mnist import Mnist
from ..games.growing import Growing
from ..losses.wasserstein import Wasserstein
from ..metrics.digit_scores import DigitScores
from ..networks.player import Player
from ..networks.progressive import ProgressiveCritic, ProgressiveGan
from ..penalties.logit_drift import LogitDrift
from ..penalties.wgan_gp import WganGp
from ..training.optimisers import Adam
from .dcgan import averaged
from .schema import Recipe
from .tiny import PICTURES

TINY = {**PICTURES, "game.detail": 0.7}  # the finest resolution fades in


def progressive() -> Recipe:
    """Grows from 7 pixels to 28.

    The paper's game: Wasserstein loss with gradient penalty and a small penalty on D's logits, one turn of each player,
    Adam (0, 0.99), equalised learning rates, pixelwise norms, minibatch deviation. Growth ends after half of the run.
    For one core: width 16, with classes, and three times the paper's learning rate.
    """
    adam = Adam(lr=3e-3, beta1=0.0, beta2=0.99)
    size: Any = {"width": 16, "widest": 64, "conditional": True}
    return Recipe(
        source=Mnist(),
        G=averaged(ProgressiveGan(latent=64, **size), adam),
        D=Player(ProgressiveCritic(**size), adam),
        game=Growing(
            loss=Wasserstein(), penalties=(WganGp(weight=10.0), LogitDrift(weight=0.001)), detail=Linear(0.0, 2.0)
        ),
        samples=150_000,
        batch_samples=16,
        scores=(DigitScores(),),
    )
