"""The first GAN on MNIST: fully connected players. Goodfellow et al. 2014. https://arxiv.org/abs/1406.2661"""

from dataclasses import replace

from ..data.mnist import Mnist
from ..games.synthesis import Synthesis
from ..losses.minimax import Minimax
from ..losses.nonsaturating import NonSaturating
from ..metrics.digit_scores import DigitScores
from ..networks.mlp import Mlp, MlpCritic
from ..networks.player import Player
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe
from .tiny import TWO_ROUNDS

TINY = {**TWO_ROUNDS, "generator.widths": [16, 16], "discriminator.widths": [16], "scores": []}


def gan() -> Recipe:
    """The first GAN: fully connected.

    The textbook's MLPs and the minimax loss of the paper, which saturates, as the paper states.
    """
    return Recipe(
        source=Mnist(),
        G=Player(Mlp(widths=(256, 512, 1024)), Adam(lr=2e-4), ema=Ema()),
        D=Player(MlpCritic(widths=(512, 256)), Adam(lr=2e-4)),
        game=Synthesis(loss=Minimax(), discriminator_weight=0.5),
        samples=1_000_000,
        scores=(DigitScores(),),
    )


def gan_nonsaturating() -> Recipe:
    """gan with the non-saturating loss.

    The loss whose gradient for G does not vanish when D wins; the textbook script's mathematics.
    """
    base = gan()
    return replace(base, game=replace(base.game, loss=NonSaturating()))  # type: ignore[type-var]
