"""Games with points in the plane, which take minutes on one core."""

from dataclasses import replace

from ..base.schedule import Cosine
from ..data.points import Grid, Ring
from ..games.synthesis import Synthesis
from ..losses.nonsaturating import NonSaturating
from ..metrics.modes import ModeCoverage
from ..networks.mlp import Mlp, MlpCritic
from ..networks.player import Player
from ..penalties.every import Every
from ..penalties.gradient import R1
from ..training.ema import Ema
from ..training.optimisers import Adam
from .schema import Recipe
from .tiny import POINTS

TINY = POINTS


def ring() -> Recipe:
    """Eight Gaussians on a circle.

    The smallest recipe: fully connected players and R1.
    """
    return Recipe(
        source=Ring(modes=8, sigma=0.01),
        G=Player(Mlp(widths=(128, 128, 128), latent=2), Adam(lr=Cosine(2e-3), beta1=0.0, beta2=0.99), ema=Ema()),
        D=Player(MlpCritic(widths=(128, 128, 128)), Adam(lr=Cosine(2e-3), beta1=0.0, beta2=0.99)),
        game=Synthesis(loss=NonSaturating(), penalties=(R1(gamma=0.1),)),
        samples=500_000,
        batch_samples=128,
        precision="fp32",  # bf16 rounds to 0.4 %, more than the distances of points
        scores=(ModeCoverage(),),
    )


def grid() -> Recipe:
    """25 Gaussians in a square.

    `ring` with other data and the penalty in every fourth turn.
    """
    game = Synthesis(loss=NonSaturating(), penalties=(Every(4, R1(gamma=0.1)),))
    return replace(ring(), source=Grid(side=5, sigma=0.05), game=game, samples=1_000_000)
